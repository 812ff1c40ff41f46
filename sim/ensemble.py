"""Ensembles: a scenario and a number of seeds, or a table of points, played on all cores."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from . import record as records
from .parts import Job, arguments, job_for, job_of, unlike
from .results import Results, paired
from .scenario import Scenario
from .store import OutputError, clean, finished, prepare
from .sweeps.cluster import Cluster, settings, team, unfit
from .sweeps.designs import grid
from .sweeps.plan import Plan, filled, listed, planned, single
from .workers import Team, played

if TYPE_CHECKING:
    import pandas as pd

FASTEST = "compiled" if find_spec("jax") else "reference"
ENGINES = ("auto", "reference", "compiled")


def chosen(engine: str, scenario: Scenario) -> str:
    """The engine that `auto` takes: the compiled one where JAX is there and no policy forbids it.

    Raises:
        ValueError: The compiled engine was asked for and cannot play this.
    """
    if engine == "auto":
        return "reference" if scenario.policies else FASTEST
    if engine == "compiled" and find_spec("jax") is None:
        raise ValueError("engine: compiled needs JAX: pip install 'armsflow[fast]'")
    if engine == "compiled" and scenario.policies:
        states = ", ".join(scenario.policies)
        raise ValueError(
            f"engine: compiled plays rules of arrays; the Python policy of {states} needs"
            " engine=reference or auto"
        )
    return engine


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
    if record not in records.RECORDS:
        problems.append(f"record: {record!r} is none of {', '.join(records.RECORDS)}")
    if engine not in ENGINES:
        problems.append(f"engine: {engine!r} is none of {', '.join(ENGINES)}")
    return problems + unfit(cluster, workers)


def run(
    scenario: Scenario,
    runs: int = 64,
    seed: int = 0,
    record: str = "full",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    first: int = 0,
    cluster: Cluster = "none",
) -> Results:
    """Plays some runs of a seed, on all cores, and opens what they left.

    Args:
        scenario: What is played.
        runs: How many runs.
        seed: The master seed; run r has the same noise in every scenario.
        record: `summary` keeps a row a run, `weekly` also weeks and events, `full` also dyads.
        engine: `reference`, `compiled`, or `auto` for the faster one that can play this.
        out: The folder of the results; without one they live as long as the returned object.
            A folder that holds part of the same job is completed.
        workers: Processes; all cores if None. One plays in this process.
        progress: Whether to show a bar on stderr; if None, on a terminal.
        first: The number of the first run: `runs=1, first=900` plays run 900 alone.
        cluster: Who plays: `none` for processes here, or a cluster of Dask, `local`, `slurm`, or
            with its keys `{"kind": "tcp", "address": "tcp://host:8786"}`.

    Raises:
        ValueError: An argument is out of its range, or the engine cannot play this.
        OutputError: The folder holds another job, or things that are not results.
        ClusterError: The scheduler cannot be reached, or a worker cannot play this.
        DiskError: A file cannot be written.
        RunError: A rule, a desk or a policy raised.
    """
    keys = (runs, seed, record, engine, out, workers, progress, first, cluster)
    return play(single(scenario), *keys)


def sweep(
    scenario: Scenario,
    over: "Mapping[str, Sequence[Any]] | pd.DataFrame",
    runs: int = 16,
    seed: int = 0,
    record: str = "summary",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    design: str | None = None,
    points: int = 256,
    cluster: Cluster = "none",
) -> Results:
    """Plays a table of points; run r meets the same luck at every point.

    Args:
        scenario: What the points change.
        over: The values of each path, `{"rules.watch.detection": [0, 0.01]}`, of which every
            combination is a point; or a frame, whose rows are the points and whose columns are
            paths; or, with a design, the lowest and the highest value of each path.
        runs: How many runs a point.
        seed: The master seed, and that of the design.
        record: As in `run`.
        engine: As in `run`.
        out: As in `run`.
        workers: As in `run`.
        progress: As in `run`.
        design: What fills the ranges: `sobol`, `latin_hypercube`, `morris`, `saltelli`, `grid`.
        points: Of the design; what they count stands at `sim.sweeps.designs.DESIGNS`.
        cluster: As in `run`.

    Raises:
        ScenarioError: All that is wrong with the table or with any value.
        ValueError: An argument is out of its range, or the engine cannot play this.
        OutputError: The folder holds another job, or things that are not results.
    """
    columns = listed(over)
    if design is not None:
        plan = filled(scenario, design, columns, points, seed)
    else:
        plan = planned(scenario, grid(columns) if isinstance(over, Mapping) else columns)
    return play(plan, runs, seed, record, engine, out, workers, progress, 0, cluster)


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
        _go_on(job, workers, progress, cluster)
    except BaseException:
        if out is None:
            rmtree(path, ignore_errors=True)
        raise
    return Results(path, temporary=out is None)


def resume(
    path: str | Path,
    workers: int | None = None,
    progress: bool | None = None,
    cluster: Cluster = "none",
) -> Results:
    """Goes on with the job whose folder this is; one that is finished is only opened.

    Args:
        path: The folder.
        workers: As in `run`.
        progress: As in `run`.
        cluster: As in `run`; it need not be the one with which the job was begun.

    Raises:
        ValueError: The number of workers is none, or there is no such cluster.
        OutputError: There is no job, or it needs what its manifest does not hold.
        ScenarioError: Its scenario names a desk that is not there.
        ClusterError, DiskError, RunError: As in `run`.
    """
    results = Results(path)
    if results.complete:
        return results
    problems = check(**arguments(results), workers=workers, cluster=cluster)
    if problems:
        raise ValueError("\n".join(problems))
    _same_installation(results)
    job = job_of(results)
    if job.manifest()["digest"] != results.manifest["digest"]:
        raise OutputError(
            f"{path} holds a job that its manifest does not tell whole: it has policies written in"
            f" Python, with which sim.run(scenario, ..., out={str(path)!r}) goes on, or the"
            " manifest was changed"
        )
    _go_on(job, workers, progress, cluster)
    return Results(path)


def compare(
    a: Scenario, b: Scenario, runs: int = 64, seed: int = 0, workers: int | None = None
) -> "pd.DataFrame":
    """Plays two scenarios under the same luck and compares them run by run.

    Returns:
        What `results.paired` gives: a row a summary metric that both have.
    """
    first, second = (run(s, runs, seed, record="summary", workers=workers) for s in (a, b))
    return paired(first, second)


def _same_installation(there: Results) -> None:
    """Refuses to go on with numbers that this installation may not give.

    Raises:
        OutputError: The job was begun with other versions.
    """
    others = unlike(there)
    if others and not there.complete:
        raise OutputError(f"{there.path} was begun with {'; '.join(others)}: choose another out")


def _go_on(job: Job, workers: int | None, progress: bool | None, cluster: Cluster) -> None:
    """Plays what a folder lacks of its job; nothing is written before those who play are there."""
    shown = sys.stderr.isatty() if progress is None else progress
    manifest = job.manifest()
    try:
        with _team(cluster, workers) as play_parts:
            prepare(job.path, manifest)
            _same_installation(Results(job.path))
            _play(job, play_parts, shown)
    finally:
        clean(job.path)


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
