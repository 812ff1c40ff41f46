"""How a job is played: by which processes or machines, from where it stands to its end."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
from tqdm import tqdm

from ..engines.traces import RECORDS
from ..results.results import Results
from ..results.store import OutputError, clean, finished, prepare
from .cluster import Cluster, settings, team, unfit
from .job import ENGINES, Job, chosen, job_for, unlike
from .plan import Plan
from .workers import Team, played, processes


def check(
    runs: Any,
    seed: Any,
    record: Any,
    engine: Any,
    workers: Any = None,
    first: Any = 0,
    cluster: Any = "none",
) -> list[str]:
    """What is wrong with the arguments of a job, a sentence each."""
    problems = []

    def whole(name: str, value: Any, low: int, high: int) -> None:
        kind = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not kind or not low <= value < high:
            problems.append(f"{name}: {value!r} is no whole number from {low} up")

    whole("runs", runs, 1, 2**31)
    whole("first", first, 0, 2**31)
    whole("seed", seed, 0, 2**64)
    if workers is not None:
        whole("workers", workers, 1, 2**15)
    if record not in RECORDS:
        problems.append(f"record: {record!r} is none of {', '.join(RECORDS)}")
    if engine not in ENGINES:
        problems.append(f"engine: {engine!r} is none of {', '.join(ENGINES)}")
    return problems + unfit(cluster, workers)


def play(
    plan: Plan,
    runs: int,
    seed: int,
    record: str,
    engine: str,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    first: int = 0,
    cluster: Cluster = "none",
) -> Results:
    """Plays a plan; arguments and errors as of `run`, `runs` a point."""
    problems = check(runs, seed, record, engine, workers, first, cluster)
    if problems:
        raise ValueError("\n".join(problems))
    engine = chosen(engine, plan.scenario)
    path = Path(tempfile.mkdtemp(prefix="armsflow-")) if out is None else Path(out)
    try:
        job = job_for(plan, int(runs), int(seed), record, engine, path, int(first))
        go_on(job, workers, progress, cluster)
    except BaseException:
        if out is None:
            rmtree(path, ignore_errors=True)
        raise
    return Results(path, temporary=out is None)


def same_installation(there: Results) -> None:
    """Refuses to go on with numbers that this installation may not give.

    Raises:
        OutputError: The job was begun with other versions.
    """
    others = unlike(there)
    if others and not there.complete:
        raise OutputError(f"{there.path} was begun with {'; '.join(others)}: choose another out")


def go_on(job: Job, workers: int | None, progress: bool | None, cluster: Cluster) -> None:
    """Plays what a folder lacks of its job; nothing is written before those who play are there."""
    shown = sys.stderr.isatty() if progress is None else progress
    manifest = job.manifest()
    if _needs_processes(job, workers, cluster):
        job.plan.scenario.code.packed()  # what cannot be sent is refused while nothing is written
    try:
        with _team(cluster, workers) as play_parts:
            prepare(job.path, manifest)
            same_installation(Results(job.path))
            _play(job, play_parts, shown)
    finally:
        clean(job.path)


def _needs_processes(job: Job, workers: int | None, cluster: Cluster) -> bool:
    """Whether other processes than this one run parts of a job."""
    if settings(cluster)["kind"] != "none":
        return True
    return processes(job, len(job.parts), workers or os.cpu_count() or 1) > 1


@contextmanager
def _team(cluster: Cluster, workers: int | None) -> Iterator[Team]:
    """Those who play, until the end of the block."""
    if settings(cluster)["kind"] == "none":
        yield partial(played, workers=workers or os.cpu_count() or 1)
    else:
        with team(cluster, workers) as play_parts:
            yield play_parts


def _play(job: Job, play_parts: Team, progress: bool) -> None:
    """Plays the parts that are not there yet."""
    done = finished(job.path)
    todo = [part for part in job.parts if part not in done]
    there = sum(len(job.cases(part)[0]) for part in done)
    with tqdm(total=job.size, initial=there, unit="run", disable=not progress) as bar:
        for part in play_parts(job, todo):
            bar.update(len(job.cases(part)[0]))
