"""Who plays the parts of a job: this process, or several on this machine."""

import atexit
import gc
import importlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from multiprocessing import resource_tracker
from types import ModuleType
from typing import TYPE_CHECKING

from ..desks.registry import REGISTRY
from ..metrics import METRICS
from ..results import record as records
from ..results.store import write_part
from .errors import RunError, blamed

if TYPE_CHECKING:
    from .job import Job

Team = Callable[["Job", Sequence[int]], Iterator[int]]
"""Plays parts of a job; yields the number of each when it is done."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
"""How libraries are told how many threads to take; NPROC is what JAX's processor client reads."""
SELDOM = 100_000
"""New objects after which garbage is looked for: JAX and matplotlib make many, and few are any. Of
ten seconds it takes more than one."""
_ONE_AT_A_TIME = threading.RLock()
"""What workers are to see as they start is the whole process's: another thread waits."""
WORTH_A_PROCESS = 100_000
"""Weeks of runs, at eight states, that the compiled engine plays before a further process, which
has to load the program too, would have played its first."""


def registering_modules() -> list[str]:
    """Return the modules that register desks or metrics; each process has to import them."""
    desks = {desk.function.__module__ for rules in REGISTRY.values() for desk in rules.values()}
    return sorted(desks | {own.source.__module__ for own in METRICS if own.source is not None})


def played(job: "Job", todo: Sequence[int], workers: int) -> Iterator[int]:
    """Plays parts in this process or in several; yields the number of each when it is done."""
    workers = processes(job, len(todo), workers)
    if workers <= 1:
        for part in todo:
            with _uninterrupted() if job.engine == "compiled" else nullcontext():
                done = play_part(job, part)
            yield done
        return
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(registering_modules(), pickle.dumps(job)),
    )
    others = set(multiprocessing.active_children())
    try:
        with _starting():
            futures = [pool.submit(_play_own, part) for part in todo]
        for future in as_completed(futures):
            yield future.result()
    except BaseException as error:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        pool.shutdown(cancel_futures=True)  # when all are seen to their end: none may still write
        if isinstance(error, RunError):  # it says all; the traceback is that of another process
            raise error from None
        raise
    finally:
        pool.shutdown()


def processes(job: "Job", parts: int, workers: int) -> int:
    """How many of so many workers some parts of a job are worth."""
    if "__main__" in registering_modules():  # of a notebook or a script: no other process has it
        return 1
    workers = min(workers, parts)
    if job.engine != "compiled":
        return workers
    variants = map(job.plan.variant, range(len(job.plan.variants)))
    a_run = max(each.weeks * max(8, len(each.states)) ** 2 / 64 for each in variants)
    work = min(parts * job.runs_a_part, job.size) * a_run
    return min(workers, 1 + int(work / WORTH_A_PROCESS))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt waits for the end: inside JAX it would be lost, or bring the process down."""
    if threading.current_thread() is not threading.main_thread():  # it gets none
        yield
        return
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if asked:
            signal.raise_signal(signal.SIGINT)


def play_part(job: "Job", part: int) -> int:
    """Plays a part and writes its tables."""
    point, run = job.cases(part)
    points, runs = job.plan.points(point), run.tolist()
    like, engine = points.scenarios[0], _engine(job.engine)
    try:
        traces = engine.play(like, job.seed, runs, job.record, points)
    except MemoryError:
        raise
    except Exception as error:
        # what the compiled engine cannot trace it cannot trace in any run
        tried = len(runs) if job.engine == "reference" else 1
        raise blamed(job.seed, runs[:tried], points, error) from error
    write_part(job.path, part, records.tables(like, job.record, traces))
    return part


def _engine(name: str) -> ModuleType:
    """The module of an engine; JAX is imported by the compiled one alone."""
    return importlib.import_module(f"sim.engines.{name}")


@contextmanager
def another(module: str) -> Iterator[ProcessPoolExecutor]:
    """One more process, to share work that is not a job's; it begins at once, with a module."""
    pool = ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_obey
    )
    try:
        with _starting():
            pool.submit(_imported, module)
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _imported(module: str) -> None:
    seldom_cleared()
    importlib.import_module(module)


def seldom_cleared() -> None:
    """Garbage is looked for seldom, and not at the end: in a process that is not a user's own."""
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)


_own_job: "Job"
"""In a worker: the job that it was started for. To read a scenario again costs more than a run."""


def _begin(modules: list[str], job: bytes) -> None:
    """What a worker does first: obey, know the desks, then the job."""
    global _own_job
    _obey()
    for name in modules:
        importlib.import_module(name)
    _own_job = pickle.loads(job)


def _obey() -> None:
    """Leaves interrupts to the parent, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends a worker whose parent was killed: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _play_own(part: int) -> int:
    return play_part(_own_job, part)


@contextmanager
def _starting() -> Iterator[None]:
    """While processes start, interrupts wait; those that start are deaf to them from the first."""
    before = set[int | signal.Signals]()
    if os.name == "posix":
        resource_tracker.ensure_running()  # begun with the first process, it would unblock them
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        with for_workers():
            yield
    finally:
        if os.name == "posix":
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def for_workers() -> Iterator[None]:
    """The surroundings in which workers start.

    One thread each, since there is one of them a core; and no `__main__` to import again, so that
    a script that calls `run` needs no guard.
    """
    with _ONE_AT_A_TIME:
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
