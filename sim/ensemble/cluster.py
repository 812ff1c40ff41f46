"""Parts on more machines: Dask schedules them, its workers write them into the shared folder.

A worker reads the job from the manifest that lies in the folder, so that a task is a few words.
Whoever plays a part, and however often, writes the same bytes.
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
from .workers import THREADS, Team, for_workers, play_part, registering_modules

if TYPE_CHECKING:
    from dask_jobqueue import SLURMCluster
    from distributed import Client

    from .job import Job

Cluster = str | Mapping[str, Any]
"""The name of a file of `configs/cluster`, or its keys: `{"kind": "tcp", "address": ...}`."""
Grow = Callable[[int], Any]
"""Asks for workers to play so many parts."""
NEEDED = {"local": "distributed", "tcp": "distributed", "slurm": "dask_jobqueue"}
WHOLE = r"[1-9][0-9]{0,4}", "no whole number from 1 up"
NAME = r"[A-Za-z0-9_.@+-]+", "no name"
FORMS = {
    "address": (r"(tcp|tls)://[^\s/:]+:[0-9]{1,5}", "no address such as tcp://host:8786"),
    "jobs": WHOLE,
    "cores": WHOLE,
    "memory": (r"[0-9]+(\.[0-9]+)?[KMGT]i?B", "no size such as 16GB"),
    "walltime": (r"([0-9]+-)?[0-9]+:[0-9]{2}:[0-9]{2}", "no time such as 01:30:00"),
    "queue": NAME,
    "account": NAME,
}
"""How the value of each key is written; it may go into a script that a shell runs."""
OPEN = ("queue", "account")
"""Keys that may be null."""
PATIENCE = 10
"""Seconds in which a scheduler must answer."""


class ClusterError(ValueError):
    """There is no such cluster, or a worker cannot play the job; the sentence says why."""


def settings(cluster: Cluster) -> dict[str, Any]:
    """All keys of a cluster: those that are not given are the shipped ones."""
    given = {"kind": cluster} if isinstance(cluster, str) else dict(cluster)
    return {**(shipped("cluster", given["kind"]) if _known(given) else {}), **given}


def _known(given: Mapping[str, Any]) -> bool:
    return given.get("kind") in names("cluster")


def unfit(cluster: Any, workers: Any = None) -> list[str]:
    """What is wrong with a cluster, a sentence each; `workers` is how many were asked for."""
    if not isinstance(cluster, str | Mapping):
        return [f"cluster: {cluster!r} is neither a name nor keys with their values"]
    told = settings(cluster)
    if not _known(told):
        return [f"cluster: {told.get('kind')!r} is none of {', '.join(names('cluster'))}"]
    kind = told.pop("kind")
    keys = [key for key in shipped("cluster", kind) if key != "kind"]
    wrong = [
        f"cluster.{key}: cluster={kind} has no such key{nearest(key, keys)}"
        for key in told
        if key not in keys
    ]
    for key in keys:
        form, otherwise = FORMS[key]
        empty = told[key] is None and key in OPEN
        if not empty and not re.fullmatch(form, str(told[key])):
            wrong.append(f"cluster.{key}: {told[key]!r} is {otherwise}")
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
def team(cluster: Cluster, workers: int | None = None) -> Iterator[Team]:
    """Joins a cluster; what it gives plays parts there, until the end of the block.

    Args:
        cluster: One with which nothing is unfit.
        workers: Processes of `local`; all cores if None.

    Raises:
        ClusterError: The scheduler cannot be reached.
    """
    from distributed import Client

    told = settings(cluster)
    with for_workers(), _quiet(), _OPENED[told["kind"]](told, workers) as (scheduler, grow):
        try:
            client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, OverflowError):
            raise ClusterError(f"cluster: no scheduler answers at {scheduler}") from None
        with client:
            if client.dashboard_link:
                print(f"dashboard: {client.dashboard_link}", file=sys.stderr)
            if told["kind"] != "local" and not client.nthreads():
                print("no worker is there yet: waiting", file=sys.stderr)
            yield partial(_played, client, grow)


@contextmanager
def _quiet() -> Iterator[None]:
    """A scheduler that is lost is told in a sentence, not in Dask's log as well."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _local(told: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
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
        cluster.sync(_deaf)
        yield cluster, lambda parts: cluster.scale(min(most, parts))


async def _deaf() -> None:
    """Has the workers that this thread will start leave interrupts to their parent."""
    if os.name == "posix":
        resource_tracker.ensure_running()  # begun with the first worker, it would unblock them
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


@contextmanager
def _tcp(told: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
    yield told["address"], lambda parts: None


@contextmanager
def _slurm(told: Mapping[str, Any], workers: int | None) -> Iterator[tuple[Any, Grow]]:
    most, cores = int(told["jobs"]), int(told["cores"])
    with slurm(told) as cluster:
        yield cluster, lambda parts: cluster.scale(jobs=min(most, -(-parts // cores)))


def slurm_clusters() -> "type[SLURMCluster]":
    """What makes one; importing dask-jobqueue takes Ctrl-C for itself, which is undone."""
    own = signal.getsignal(signal.SIGINT)
    from dask_jobqueue import SLURMCluster

    signal.signal(signal.SIGINT, own)
    return SLURMCluster


def slurm(told: Mapping[str, Any]) -> "SLURMCluster":
    """A scheduler whose workers are jobs of Slurm, none yet; what is null is the site's own."""
    cores = int(told["cores"])
    return slurm_clusters()(
        queue=told["queue"],
        account=told["account"],
        walltime=told["walltime"],
        cores=cores,
        processes=cores,
        memory=told["memory"],
        scheduler_options={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )


_OPENED = {"local": _local, "tcp": _tcp, "slurm": _slurm}


def _played(client: "Client", grow: Grow, job: "Job", todo: Sequence[int]) -> Iterator[int]:
    """Plays parts on the workers of a cluster; yields the number of each when it is done."""
    from distributed import KilledWorker, as_completed

    if not todo:
        return
    grow(len(todo))
    futures = client.map(
        _play_there,
        todo,
        pure=False,
        path=str(job.path.absolute()),
        digest=job.manifest()["digest"],
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
    except RunError as error:  # it says all; the traceback is that of another process
        raise error from None


def _play_there(
    part: int, path: str, digest: str, modules: tuple[str, ...], code: bytes | None
) -> int:
    """Plays a part, in a worker."""
    return play_part(_job(path, digest, modules, code), part)


@lru_cache(maxsize=1)
def _job(path: str, digest: str, modules: tuple[str, ...], code: bytes | None) -> "Job":
    """The job that lies in a folder, in a worker; to read it again costs more than a run.

    Raises:
        ClusterError: This worker cannot play it.
    """
    from .job import PLAYED_BY, job_of, unlike

    for name in THREADS:
        os.environ.setdefault(name, "1")
    try:
        for name in modules:
            importlib.import_module(name)
        there = Results(Path(path))
        if there.manifest["digest"] != digest:
            raise OutputError(f"{path} holds another job")
        if there.manifest.get("metrics") != metric_sources().get("metrics"):
            raise OutputError("its own metrics are not those of the job")
        others = unlike(there, PLAYED_BY)
        if others:
            raise OutputError(f"the job was begun with {'; '.join(others)}")
        return job_of(there, unpack(code))
    except (OutputError, ImportError) as error:
        raise ClusterError(f"the worker on {socket.gethostname()}: {error}") from None
