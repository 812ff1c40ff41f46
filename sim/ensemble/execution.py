"""How a job is executed: by which processes or machines, from where it stands to its end."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
from tqdm import tqdm

from .. import noise
from ..engines.ticks import heard_by
from ..results.checks import clear, faults
from ..results.results import Results
from ..results.store import OutputError, clean, finished, prepare, read_manifest
from ..scenario.files import local_path
from .cluster import Cluster, cluster_problems, cluster_runner, cluster_settings
from .job import Job, instruction_set, version_mismatches, whole_number_problems
from .workers import Runner, run_parts, worthwhile_processes

MAX_WORKERS = 2**15


ALMOST = 1e-6  # of a run: shares of runs add up to a whole one but for rounding


@dataclass(frozen=True)
class Execution:
    """Who executes a job; it changes no byte of the results.

    - `workers`: processes of this machine, or of a local cluster; all cores if None.
    - `cluster`: `none` for processes of this machine, or a cluster of Dask: its name, or its keys.
    - `progress`: whether to show a bar on stderr; if None, on a terminal.

    Raises:
        ValueError: With a line for each value that is out of its range.
    """

    workers: int | None = None
    cluster: Cluster = "none"
    progress: bool | None = None

    def __post_init__(self) -> None:
        problems = execution_problems(self.workers, self.cluster, self.progress)
        if problems:
            raise ValueError("\n".join(problems))

    @property
    def processes(self) -> int:
        """Return how many processes of this machine there may be; a daemon may have no children."""
        if multiprocessing.current_process().daemon:
            return 1
        return self.workers or os.cpu_count() or 1

    @property
    def shows_progress(self) -> bool:
        """Return whether a bar is shown."""
        if self.progress is None:
            return sys.stderr is not None and sys.stderr.isatty()
        return self.progress

    def needs_other_processes(self, job: Job) -> bool:
        """Return whether other processes than this one run parts of a job."""
        if cluster_settings(self.cluster)["kind"] != "none":
            return True
        return worthwhile_processes(job, len(job.parts), self.processes) > 1

    @contextmanager
    def runner(self) -> Iterator[Runner]:
        """Give what runs parts, until the end of the block."""
        if cluster_settings(self.cluster)["kind"] == "none":
            yield partial(run_parts, workers=self.processes)
        else:
            with cluster_runner(self.cluster, self.workers) as run:
                yield run


def execution_problems(workers: Any, cluster: Any, progress: Any) -> list[str]:
    """Return what is wrong with the values of an execution, a sentence each.

    Args:
        workers: As in `Execution`; of any type, as it was given.
        cluster: As in `Execution`.
        progress: As in `Execution`.
    """
    problems = []
    if workers is not None:
        problems += whole_number_problems("workers", workers, 1, MAX_WORKERS)
    problems += cluster_problems(cluster, workers)
    if not any(progress is value for value in (None, True, False)):
        problems.append(f"progress: {progress!r} is neither true nor false")
    return problems


def checked(job: Callable[[], Job], execution: Callable[[], Execution]) -> tuple[Job, Execution]:
    """Return a job and its execution, made so that the problems of both are reported together.

    Args:
        job: Makes the job.
        execution: Makes the execution.

    Raises:
        ValueError: With a line for each value of either that is out of its range.
    """
    made: list[Any] = []
    problems: list[str] = []
    for make in (job, execution):
        try:
            made.append(make())
        except ValueError as error:
            problems += str(error).splitlines()
    if problems:
        raise ValueError("\n".join(problems))
    return made[0], made[1]


def execute(job: Job, execution: Execution, out: str | Path | None = None) -> Results:
    """Run what a folder lacks of a job, and open its results.

    Args:
        job: The job.
        execution: Who runs it.
        out: The folder; one that holds part of the same job is completed. Without one the results
            live as long as the returned object.

    Raises:
        OutputError: The folder holds another job, or files that are not results.
        ClusterError: The scheduler cannot be reached, or a worker cannot run the job.
        DiskError: A file cannot be written.
        RunError: A rule, a desk or a policy raised.
    """
    path = Path(tempfile.mkdtemp(prefix="armsflow-")) if out is None else local_path(out)
    try:
        complete(job, execution, path)
    except BaseException:
        if out is None:
            rmtree(path, ignore_errors=True)
        raise
    return Results(path, temporary=out is None)


def complete(job: Job, execution: Execution, path: Path) -> None:
    """Run the parts of a job that its folder lacks; nothing is written before the workers exist.

    All that is there is read and checked. What is damaged is run again, what is a part of something
    else gets another name; stderr says so.

    Args:
        job: The job.
        execution: Who runs it.
        path: Its folder, which may be new.

    Raises:
        OutputError, ClusterError, DiskError, RunError: As of `execute`; the first also where two
            runs share their noise.
    """
    if alike := runs_alike(job.seed, job.first, job.runs):
        raise OutputError(
            f"seed: by {job.seed} runs {alike[0]} and {alike[1]} share their noise; take another"
        )
    manifest = job.manifest()
    if execution.needs_other_processes(job):
        job.plan.scenario.code.packed()  # what cannot be sent is refused while nothing is written
    try:
        with execution.runner() as run:
            prepare(path, manifest)
            found = faults(path, manifest)
            lacking = bool(found) or len(finished(path, manifest)) < len(job.parts)
            check_versions(Results(path), lacking)
            if lacking:
                _say_other_processor(path)
            for sentence in clear(found):
                print(sentence, file=sys.stderr)
            _run_missing_parts(job, path, run, execution.shows_progress)
    finally:
        clean(path)


def runs_alike(seed: int, first: int, runs: int) -> tuple[int, int] | None:
    """Return two runs that share a key, and so all their noise, or None.

    Args:
        seed: The master seed, of 64 bits.
        first: The number of the first run.
        runs: How many there are.
    """
    stop = first + runs
    for begin in range(first // noise.BATCH * noise.BATCH, stop, noise.BATCH):
        low = max(begin, first)
        k0, k1 = noise.run_keys(seed, range(low, min(begin + noise.BATCH, stop))).T
        _, place, back = np.unique((k0 << 32) + k1, return_index=True, return_inverse=True)
        alike = np.flatnonzero(place[back] != np.arange(len(k0)))
        if alike.size:
            return low + int(place[back][alike[0]]), low + int(alike[0])
    return None


def check_versions(results: Results, lacking: bool) -> None:
    """Check that this installation gives the numbers that a job was begun with.

    Args:
        results: The folder of the job.
        lacking: Whether any part must be run.

    Raises:
        OutputError: Parts must be run, and the job was begun with other versions.
    """
    mismatches = version_mismatches(results)
    if mismatches and lacking:
        raise OutputError(
            f"{results.path} was begun with {'; '.join(mismatches)}: choose another out"
        )


def _say_other_processor(path: Path) -> None:
    """Say that parts of a folder were simulated with other instructions than those to come."""
    begun, here = read_manifest(path).get("processor"), instruction_set()
    if begun not in (None, here) and finished(path):
        print(
            f"warning: {path} was begun with the instructions {begun}, here are {here}: numbers of"
            " the parts to come may differ from it in their last digits",
            file=sys.stderr,
        )


def _run_missing_parts(job: Job, path: Path, run: Runner, progress: bool) -> None:
    """Run the parts that are missing; a bar moves with runs, or by part where none are heard."""
    missing = sorted(set(job.parts) - finished(path))
    left = sum(len(job.cases(part)[0]) for part in missing)
    if not progress:
        for _ in run(job, path, missing):
            pass
        return
    with tqdm(total=job.size, initial=job.size - left, unit="run") as bar:
        done = simulated = 0.0

        def move(runs: float, written: bool = False) -> None:
            nonlocal done, simulated
            done, simulated = (done + runs, simulated) if written else (done, simulated + runs)
            bar.set_description_str("")
            bar.update(job.size - left + int(max(done, simulated) + ALMOST) - bar.n)

        if missing and job.engine == "compiled":
            bar.set_description_str("compiling, once")
        with heard_by(move):
            for part in run(job, path, missing):
                move(len(job.cases(part)[0]), written=True)
