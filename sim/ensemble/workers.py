"""The processes of this machine that run the parts of a job: this one, or several."""

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
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..desks.registry import REGISTRY
from ..engines import ticks
from ..metrics import METRICS
from ..results.record import tables
from ..results.store import write_part
from ..scenario.stored_code import TRUSTED
from .errors import RunError, run_error
from .interrupts import ENDING, endings_deferred

if TYPE_CHECKING:
    from .job import Job

Runner = Callable[["Job", Path, Sequence[int]], Iterator[int]]
"""Runs parts of a job into a folder; yields the number of each when it is written."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
"""Variables that say how many threads a library may use; NPROC is what JAX reads."""
GARBAGE_THRESHOLD = 100_000
"""New objects after which garbage is collected: JAX and matplotlib make many, of which few are
garbage, and collecting takes more than a second in ten."""
_ONE_AT_A_TIME = threading.RLock()
"""What workers see as they start belongs to the whole process: other threads wait."""
LOOK_SECONDS = 0.2
"""How often a bar looks for what other processes have simulated."""
WEEKS_PER_PROCESS = 100_000
"""Weeks of runs, at eight states, that the compiled engine simulates before a further process,
which has to load the program too, would have simulated its first."""


def registering_modules() -> list[str]:
    """Return the modules that register desks or metrics; each process has to import them."""
    desks = {desk.function.__module__ for rules in REGISTRY.values() for desk in rules.values()}
    return sorted(desks | {own.source.__module__ for own in METRICS if own.source is not None})


def run_parts(job: "Job", path: Path, parts: Sequence[int], workers: int) -> Iterator[int]:
    """Run parts in this process or in several.

    Args:
        job: The job.
        path: The folder into which the parts are written.
        parts: The numbers of the parts.
        workers: The most processes.

    Yields:
        The number of each part when it is written.

    Raises:
        RunError: A rule, a desk or a policy raised.
        BrokenExecutor: A process died.
    """
    workers = worthwhile_processes(job, len(parts), workers)
    if workers <= 1:
        for part in parts:
            # inside JAX an interrupt would be lost, or bring the process down
            with endings_deferred(*ENDING) if job.engine == "compiled" else nullcontext():
                run_part(job, path, part)
            yield part
        return
    spawn = multiprocessing.get_context("spawn")
    simulated = spawn.Value("d") if ticks.is_heard() else None
    pool = ProcessPoolExecutor(
        workers,
        mp_context=spawn,
        initializer=_start_worker,
        initargs=(registering_modules(), pickle.dumps(job), path, simulated),
    )
    # `wait` takes the locks of all that are pending: an interrupt in it left some of them locked,
    # and the pool never ended. This queue has none that an interrupt could leave locked.
    ready = SimpleQueue[Future[int]]()
    with _ended_with(pool):
        try:
            with _starting():
                for part in parts:
                    pool.submit(_run_own_part, part).add_done_callback(ready.put)
            left, reported = len(parts), 0.0
            while left:
                done = None
                with suppress(Empty):
                    done = ready.get(timeout=LOOK_SECONDS if simulated else None)
                if simulated:
                    now = simulated.get_obj().value  # no lock: who died may hold it
                    if now > reported:
                        ticks.tick(now - reported)
                    reported = now
                if done is not None:
                    left -= 1
                    yield done.result()
        except RunError as error:  # its message says all; the traceback is of a worker
            raise error from None


@contextmanager
def _ended_with(pool: ProcessPoolExecutor, at_once: bool = False) -> Iterator[None]:
    """End the processes of a pool with a block.

    Args:
        pool: One that has none yet.
        at_once: Whether not to wait for what they do; so it is also where the block fails.
    """
    others = set(multiprocessing.active_children())
    try:
        yield
        failed = False
    except BaseException:
        failed = True
        raise
    finally:
        if at_once or failed:
            for process in set(multiprocessing.active_children()) - others:
                process.kill()  # what it was writing has no name yet
        pool.shutdown(cancel_futures=True)  # waits until all have ended: none may still write


def worthwhile_processes(job: "Job", parts: int, workers: int) -> int:
    """Return how many processes some parts of a job are worth.

    Args:
        job: The job.
        parts: How many parts there are to run.
        workers: The most processes.
    """
    no_module = ("__main__", TRUSTED)  # of a notebook or of results: no other process has it
    if any(name.partition(".")[0] in no_module for name in registering_modules()):
        return 1
    workers = min(workers, parts)
    if job.engine != "compiled":
        return workers
    variants = map(job.plan.variant, range(len(job.plan.variants)))
    weeks_per_run = max(each.weeks * max(8, len(each.states)) ** 2 / 64 for each in variants)
    weeks = min(parts * job.runs_per_part, job.size) * weeks_per_run
    return min(workers, 1 + int(weeks / WEEKS_PER_PROCESS))


def run_part(job: "Job", path: Path, part: int, digest: str | None = None) -> int:
    """Simulate the cases of a part and write its tables.

    Args:
        job: The job.
        path: Its folder.
        part: The number of the part.
        digest: Of the job, if this process cannot tell: code that was sent here has no source.

    Returns:
        The number of the part.

    Raises:
        RunError: A rule, a desk or a policy raised.
    """
    point, run = job.cases(part)
    points, runs = job.plan.points(point), run.tolist()
    scenario, engine = points.scenarios[0], engine_module(job.engine)
    try:
        traces = engine.simulate(scenario, job.seed, runs, job.record, points)
    except MemoryError:
        raise
    except Exception as error:
        # what the compiled engine cannot trace it cannot trace in any run
        tried = len(runs) if job.engine == "reference" else 1
        raise run_error(job.seed, runs[:tried], points, error) from error
    write_part(path, part, tables(scenario, job.record, traces), digest or job.digest)
    return part


def engine_module(name: str) -> ModuleType:
    """Return the module of an engine; JAX is imported by the compiled one alone."""
    return importlib.import_module(f"sim.engines.{name}")


@contextmanager
def helper_process(module: str) -> Iterator[ProcessPoolExecutor]:
    """Give one more process, for work that is not a job's; it imports a module at once."""
    pool = ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_follow_parent
    )
    with _ended_with(pool, at_once=True):
        with _starting():
            pool.submit(_import_module, module)
        yield pool


def _import_module(module: str) -> None:
    collect_garbage_rarely()
    importlib.import_module(module)


def collect_garbage_rarely() -> None:
    """Collect garbage rarely, and not at the end; for a process that is not a user's own."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    atexit.register(gc.freeze)


_own_job: "Job"
_own_path: Path
"""In a worker: the job for which it was started, and its folder. To read a scenario again costs
more than a run."""


def _start_worker(modules: list[str], job: bytes, path: Path, simulated: Any) -> None:
    """Prepare a worker: it follows its parent, knows the desks, then the job, and counts runs."""
    global _own_job, _own_path
    _follow_parent()
    for name in modules:
        importlib.import_module(name)
    _own_job, _own_path = pickle.loads(job), path
    if simulated is not None:
        ticks.listen(partial(_add, simulated))


def _add(simulated: Any, runs: float) -> None:
    """Add to a number that processes share."""
    with simulated.get_lock():
        simulated.value += runs


def _follow_parent() -> None:
    """Leave interrupts to the parent, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End a worker whose parent was killed: nothing else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_own_part(part: int) -> int:
    return run_part(_own_job, _own_path, part)


@contextmanager
def _starting() -> Iterator[None]:
    """Defer what ends this process while others start; those ignore interrupts from the first.

    A termination must reach them, so it is not blocked as an interrupt is. And to block is not
    enough here: a thread of a library, which blocks nothing, would take it for this one.
    """
    before = set[int | signal.Signals]()
    if os.name == "posix":
        resource_tracker.ensure_running()  # started with the first process, it would unblock them
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        with endings_deferred(*ENDING), worker_surroundings():
            yield
    finally:
        if os.name == "posix":
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def worker_surroundings() -> Iterator[None]:
    """Give the surroundings in which workers start, until the end of the block.

    One thread each, since there is one worker per core; and no `__main__` to import again, so that
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
