"""Parts on several machines: Dask schedules them, its workers write them into the shared folder.

A worker reads the job from the manifest in that folder, so that a task is small. Whichever worker
runs a part, and however often, writes the same bytes.
"""

import importlib
import logging
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.results import Results
from ..results.store import OutputError
from ..scenario.code import metric_sources, unpack
from ..scenario.files import names, shipped
from ..scenario.problems import nearest
from .errors import RunError
from .job import BYTES_DEPEND_ON, Job, job_of_results, version_mismatches
from .workers import THREADS, Runner, registering_modules, run_part, worker_surroundings

if TYPE_CHECKING:
    from dask_jobqueue import SLURMCluster
    from distributed import Client

Cluster = str | Mapping[str, Any]
"""The name of a file of `configs/cluster`, or its keys: `{"kind": "tcp", "address": ...}`."""
Grow = Callable[[int], Any]
"""Requests workers for so many parts."""
NEEDED = {"local": "distributed", "tcp": "distributed", "slurm": "dask_jobqueue"}
WHOLE = r"[1-9][0-9]{0,4}", "not a whole number of at least 1"
NAME = r"[A-Za-z0-9_.@+-]+", "not a name"
FORMS = {
    "address": (r"(tcp|tls)://[^\s/:]+:[0-9]{1,5}", "not an address such as tcp://host:8786"),
    "jobs": WHOLE,
    "cores": WHOLE,
    "memory": (r"[0-9]+(\.[0-9]+)?[KMGT]i?B", "not a size such as 16GB"),
    "walltime": (r"([0-9]+-)?[0-9]+:[0-9]{2}:[0-9]{2}", "not a time such as 01:30:00"),
    "queue": NAME,
    "account": NAME,
}
"""How the value of each key is written; it may go into a script that a shell runs."""
NULLABLE = ("queue", "account")
"""Keys that may be null."""
SCHEDULER_TIMEOUT = 10
"""Seconds in which a scheduler must answer."""


class ClusterError(ValueError):
    """There is no such cluster, or a worker cannot run the job; the sentence says why."""


def cluster_settings(cluster: Cluster) -> dict[str, Any]:
    """Return all keys of a cluster; those that are not given have their shipped values."""
    given = {"kind": cluster} if isinstance(cluster, str) else dict(cluster)
    return {**(shipped("cluster", given["kind"]) if _is_known(given) else {}), **given}


def _is_known(given: Mapping[str, Any]) -> bool:
    return given.get("kind") in names("cluster")


def cluster_problems(cluster: Any, workers: Any = None) -> list[str]:
    """Return what is wrong with a cluster, a sentence each.

    Args:
        cluster: Its name or its keys; of any type, as it was given.
        workers: How many workers were requested beside it, if any.
    """
    if not isinstance(cluster, str | Mapping):
        return [f"cluster: {cluster!r} is neither a name nor keys with their values"]
    found = cluster_settings(cluster)
    if not _is_known(found):
        return [f"cluster: {found.get('kind')!r} is none of {', '.join(names('cluster'))}"]
    kind = found.pop("kind")
    keys = [key for key in shipped("cluster", kind) if key != "kind"]
    wrong = [
        f"cluster.{key}: cluster={kind} has no such key{nearest(key, keys)}"
        for key in found
        if key not in keys
    ]
    for key in keys:
        form, otherwise = FORMS[key]
        empty = found[key] is None and key in NULLABLE
        if not empty and not re.fullmatch(form, str(found[key])):
            wrong.append(f"cluster.{key}: {found[key]!r} is {otherwise}")
    if kind in ("tcp", "slurm") and workers is not None:
        wrong.append(f"workers: cluster={kind} has its own")
    if kind == "slurm" and shutil.which("sbatch") is None:
        wrong.append("cluster: slurm needs the command sbatch, which is not on this machine")
    if kind in NEEDED and "__main__" in registering_modules():
        wrong.append("cluster: a worker lacks what __main__ registers; put it into a module")
    if kind in NEEDED and find_spec(NEEDED[kind]) is None:
        wrong.append(f"cluster: {kind} needs {NEEDED[kind]}: pip install 'armsflow[sweep]'")
    return wrong


@contextmanager
def cluster_runner(cluster: Cluster, workers: int | None = None) -> Iterator[Runner]:
    """Join a cluster and give what runs parts there, until the end of the block.

    Args:
        cluster: One without problems.
        workers: Processes of `local`; all cores if None.

    Raises:
        ClusterError: The scheduler cannot be reached.
    """
    from distributed import Client

    keys = cluster_settings(cluster)
    opened = _OPENERS[keys["kind"]](keys, workers)
    with worker_surroundings(), _quiet_log(), opened as (scheduler, grow):
        try:
            client = Client(scheduler, timeout=SCHEDULER_TIMEOUT, set_as_default=False)
        except (OSError, OverflowError):
            raise ClusterError(f"cluster: no scheduler answers at {scheduler}") from None
        with client:
            if client.dashboard_link:
                print(f"dashboard: {client.dashboard_link}", file=sys.stderr)
            if keys["kind"] != "local" and not client.nthreads():
                print("no worker has joined yet: waiting", file=sys.stderr)
            yield partial(_run_parts, client, grow)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Silence Dask's log: that a scheduler is lost is reported in a sentence of our own."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _local(keys: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
    from distributed import LocalCluster

    most = workers or os.cpu_count() or 1
    with LocalCluster(
        n_workers=0,
        threads_per_worker=1,
        processes=True,
        memory_limit=None,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        cluster.sync(_ignore_interrupts)
        yield cluster, lambda parts: cluster.scale(min(most, parts))


async def _ignore_interrupts() -> None:
    """Have the workers that this thread will start leave interrupts to their parent."""
    if os.name == "posix":
        resource_tracker.ensure_running()  # started with the first worker, it would unblock them
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


@contextmanager
def _tcp(keys: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
    yield keys["address"], lambda parts: None


@contextmanager
def _slurm(keys: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
    most, cores = int(keys["jobs"]), int(keys["cores"])
    with slurm_cluster(keys) as cluster:
        yield cluster, lambda parts: cluster.scale(jobs=min(most, -(-parts // cores)))


def slurm_cluster_class() -> "type[SLURMCluster]":
    """Return dask-jobqueue's class; importing it takes Ctrl-C for itself, which is undone."""
    own = signal.getsignal(signal.SIGINT)
    from dask_jobqueue import SLURMCluster

    signal.signal(signal.SIGINT, own)
    return SLURMCluster


def slurm_cluster(keys: Mapping[str, Any]) -> "SLURMCluster":
    """Return a scheduler whose workers, none yet, are jobs of Slurm; null is left to the site."""
    cores = int(keys["cores"])
    return slurm_cluster_class()(
        queue=keys["queue"],
        account=keys["account"],
        walltime=keys["walltime"],
        cores=cores,
        processes=cores,
        memory=keys["memory"],
        scheduler_options={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )


_OPENERS = {"local": _local, "tcp": _tcp, "slurm": _slurm}


def _run_parts(
    client: "Client", grow: Grow, job: Job, path: Path, parts: Sequence[int]
) -> Iterator[int]:
    """Run parts on the workers of a cluster; yield the number of each when it is written."""
    from distributed import KilledWorker, as_completed

    if not parts:
        return
    grow(len(parts))
    futures = client.map(
        _run_part_there,
        parts,
        pure=False,
        path=str(path.absolute()),
        digest=job.digest,
        modules=tuple(registering_modules()),
        code=job.plan.scenario.code.packed(),
    )
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    except KilledWorker as error:
        raise BrokenExecutor(str(error)) from None
    except CancelledError:
        raise ConnectionError("the scheduler is gone") from None
    except RunError as error:  # its message says all; the traceback is that of another process
        raise error from None


def _run_part_there(
    part: int, path: str, digest: str, modules: tuple[str, ...], code: bytes | None
) -> int:
    """Run a part, in a worker."""
    return run_part(_own_job(path, digest, modules, code), Path(path), part, digest)


@lru_cache(maxsize=1)
def _own_job(path: str, digest: str, modules: tuple[str, ...], code: bytes | None) -> Job:
    """Return the job of a folder, in a worker; to read it again costs more than a run.

    Raises:
        ClusterError: This worker cannot run it.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    try:
        for name in modules:
            importlib.import_module(name)
        results = Results(Path(path))
        if results.manifest["digest"] != digest:
            raise OutputError(f"{path} holds another job")
        if results.manifest.get("metrics") != metric_sources().get("metrics"):
            raise OutputError("its own metrics are not those of the job")
        mismatches = version_mismatches(results, BYTES_DEPEND_ON)
        if mismatches:
            raise OutputError(f"the job was begun with {'; '.join(mismatches)}")
        return job_of_results(results, unpack(code))
    except (OutputError, ImportError) as error:
        raise ClusterError(f"the worker on {socket.gethostname()}: {error}") from None
