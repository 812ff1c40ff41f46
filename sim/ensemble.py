"""Ensembles: a scenario and a number of seeds, cut into parts, played on all cores.

The parts follow from the job alone, never from the workers, and each run's noise from its own
number: so any number of workers writes the same bytes.
"""

import importlib
import multiprocessing
import os
import pickle
import platform
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from . import record as records
from .desks.registry import REGISTRY
from .engines import reference
from .results import Results, clean, digest, finished, paired, prepare, write_part
from .scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

ENGINES = {"reference": reference.run}
FASTEST = "reference"
LARGEST_PART = {"summary": 32, "weekly": 16, "full": 8}
"""Runs a part at up to eight states; less in proportion for more, so that parts stay small."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """What a worker needs to know to play a part."""

    scenario: Scenario
    runs: int
    seed: int
    record: str
    engine: str
    runs_a_part: int
    path: Path

    @property
    def parts(self) -> range:
        """The numbers of the parts."""
        return range(-(-self.runs // self.runs_a_part))

    def runs_of(self, part: int) -> range:
        """The numbers of the runs of a part."""
        first = part * self.runs_a_part
        return range(first, min(first + self.runs_a_part, self.runs))

    def manifest(self) -> dict[str, Any]:
        """The job in plain data. Nothing in it differs between two calls of the same job."""
        content = {
            "scenario": self.scenario.digest,
            "runs": self.runs,
            "seed": self.seed,
            "record": self.record,
            "engine": self.engine,
            "runs_a_part": self.runs_a_part,
        }
        versions = {name: version(name) for name in ("armsflow", "numpy", "pyarrow")}
        versions["python"] = platform.python_version()
        return {
            "digest": digest({**content, "armsflow": versions["armsflow"]}),
            "versions": versions,
            **content,
            "scenario": self.scenario.mapping,
        }


def runs_a_part(states: int, record: str) -> int:
    """How many runs a part holds: it follows from the number of states and the record alone."""
    return max(1, LARGEST_PART[record] * 8 // max(8, states))


def check(runs: Any, seed: Any, record: Any, engine: Any, workers: Any = None) -> list[str]:
    """What is wrong with the arguments of a job, a sentence each."""
    problems = []

    def whole(name: str, value: Any, low: int, high: int) -> None:
        kind = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not kind or not low <= value < high:
            problems.append(f"{name}: {value!r} is no whole number from {low} up")

    whole("runs", runs, 1, 2**31)
    whole("seed", seed, 0, 2**64)
    if workers is not None:
        whole("workers", workers, 1, 2**15)
    if record not in records.RECORDS:
        problems.append(f"record: {record!r} is none of {', '.join(records.RECORDS)}")
    if engine not in ("auto", *ENGINES):
        problems.append(f"engine: {engine!r} is none of auto, {', '.join(ENGINES)}")
    return problems


def run(
    scenario: Scenario,
    runs: int = 64,
    seed: int = 0,
    record: str = "full",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Plays runs 0 to `runs` - 1 of a seed, on all cores, and opens what they left.

    Args:
        scenario: What is played.
        runs: How many runs.
        seed: The master seed; run r has the same noise in every scenario.
        record: `summary` keeps a row a run, `weekly` also weeks and events, `full` also dyads.
        engine: `reference`, or `auto` for the fastest there is.
        out: The folder of the results; without one they live as long as the returned object.
            A folder that holds part of the same job is completed.
        workers: Processes; all cores if None. One plays in this process.
        progress: Whether to show a bar on stderr; if None, on a terminal.

    Raises:
        ValueError: An argument is out of its range.
        OutputError: The folder holds another job, or things that are not results.
    """
    problems = check(runs, seed, record, engine, workers)
    if problems:
        raise ValueError("\n".join(problems))
    engine = FASTEST if engine == "auto" else engine
    path = Path(tempfile.mkdtemp(prefix="armsflow-")) if out is None else Path(out)
    size = runs_a_part(len(scenario.states), record)
    job = Job(scenario, int(runs), int(seed), record, engine, size, path)
    prepare(path, job.manifest())
    results = Results(path, temporary=out is None)
    shown = sys.stderr.isatty() if progress is None else progress
    _play(job, workers or os.cpu_count() or 1, shown)
    clean(path)
    return results


def compare(
    a: Scenario, b: Scenario, runs: int = 64, seed: int = 0, workers: int | None = None
) -> "pd.DataFrame":
    """Plays two scenarios under the same luck and compares them run by run.

    Returns:
        What `results.paired` gives: a row a summary metric that both have.
    """
    first, second = (run(s, runs, seed, record="summary", workers=workers) for s in (a, b))
    return paired(first, second)


def _play(job: Job, workers: int, progress: bool) -> None:
    """Plays the parts that are not there yet."""
    done = finished(job.path)
    todo = [part for part in job.parts if part not in done]
    there = sum(len(job.runs_of(part)) for part in done)
    with tqdm(total=job.runs, initial=there, unit="run", disable=not progress) as bar:
        for part in _played(job, todo, min(workers, len(todo))):
            bar.update(len(job.runs_of(part)))


def _played(job: Job, todo: list[int], workers: int) -> Iterator[int]:
    """Plays parts, in this process or in several; yields the number of each when it is done."""
    modules = {desk.function.__module__ for rules in REGISTRY.values() for desk in rules.values()}
    if workers <= 1 or "__main__" in modules:  # a desk of a notebook: no other process has it
        for part in todo:
            yield _play_part(job, part)
        return
    with _for_workers():
        pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(sorted(modules), pickle.dumps(job)),
        )
        others = set(multiprocessing.active_children())
        futures = [pool.submit(_play_own, part) for part in todo]
    try:
        for future in as_completed(futures):
            yield future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown()


def _play_part(job: Job, part: int) -> int:
    """Plays a part and writes its tables."""
    play = ENGINES[job.engine]
    traces = [play(job.scenario, job.seed, r, job.record) for r in job.runs_of(part)]
    write_part(job.path, part, records.tables(job.scenario, job.record, traces))
    return part


_own_job: Job
"""In a worker: the job that it was started for. To read a scenario again costs more than a run."""


def _begin(modules: list[str], job: bytes) -> None:
    """What a worker does first: leave interrupts to the parent, know the desks, then the job."""
    global _own_job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in modules:
        importlib.import_module(name)
    _own_job = pickle.loads(job)


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _play_own(part: int) -> int:
    return _play_part(_own_job, part)


@contextmanager
def _for_workers() -> Iterator[None]:
    """The surroundings in which workers start.

    One thread each, since there is one of them a core; and no `__main__` to import again, so that
    a script that calls `run` needs no guard.
    """
    before = {name: os.environ.get(name) for name in THREADS}
    main = sys.modules["__main__"]
    os.environ.update(dict.fromkeys(THREADS, "1"))
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
