"""Parts on workers of Dask: the same bytes, whoever dies; and what is refused before anything."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import pytest

from experiments.kill import files
from sim import Policy, ensemble
from sim.engines.traces import TABLES
from sim.ensemble import cluster as clusters
from sim.ensemble import job as parts
from sim.ensemble.cluster import ClusterError, cluster_problems, cluster_settings
from sim.ensemble.errors import RunError
from sim.ensemble.workers import worker_surroundings
from sim.policy.state import State
from sim.results.results import Results
from sim.scenario import Scenario, load

distributed = pytest.importorskip("distributed", reason="the extra `sweep` brings Dask")
pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("cluster")]

Armsflow = Callable[..., tuple[int, str, str]]
NO_DATES = "timetable=none"  # of which fewer weeks would leave some out, with a warning
JOB = ("weeks=2", "runs=40", "record=weekly", "pages=false")
LOOPBACK = {
    "host": "127.0.0.1",
    "dashboard_address": "127.0.0.1:0",
    "threads_per_worker": 1,
    "processes": True,
    "memory_limit": None,
    "silence_logs": logging.ERROR,
}


@pytest.fixture(scope="module")
def dask() -> "Iterator[distributed.LocalCluster]":
    """A scheduler with two workers, which others could join as well."""
    with worker_surroundings(), distributed.LocalCluster(n_workers=2, **LOOPBACK) as cluster:
        yield cluster


@pytest.fixture
def idle() -> "Iterator[distributed.LocalCluster]":
    """A scheduler without a worker."""
    with distributed.LocalCluster(n_workers=0, **LOOPBACK) as cluster:
        yield cluster


def at(cluster: "distributed.LocalCluster") -> dict[str, str]:
    return {"kind": "tcp", "address": cluster.scheduler_address}


def words(cluster: "distributed.LocalCluster") -> tuple[str, str]:
    return "cluster=tcp", f"cluster.address={cluster.scheduler_address}"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", ["weeks=3"])


# The same bytes


def test_a_cluster_writes_what_one_process_writes(
    scenario: Scenario, dask: "distributed.LocalCluster", tmp_path: Path
) -> None:
    job = {"runs": 20, "seed": 3, "record": "full", "first": 5}
    ensemble.run(scenario, **job, out=tmp_path / "one", workers=1)
    ensemble.run(scenario, **job, out=tmp_path / "two", cluster=at(dask))
    one = files(tmp_path / "one")
    assert files(tmp_path / "two") == one
    assert len(one) == 1 + 3 * len(TABLES["full"])


def test_a_sweep_too(scenario: Scenario, dask: "distributed.LocalCluster", tmp_path: Path) -> None:
    over = {
        "rules.watch.detection": [0, 0.017],
        "states.PRK.doctrine": ["restraint", "brinkman"],
        "weeks": [1, 2],
    }
    ensemble.sweep(scenario, over, runs=9, out=tmp_path / "one", workers=1)
    ensemble.sweep(scenario, over, runs=9, out=tmp_path / "two", cluster=at(dask))
    assert files(tmp_path / "two") == files(tmp_path / "one")
    assert len(Results(tmp_path / "two").parts) > 2


class Offers(Policy):
    """A policy of a module; the workers get it from its bytes."""

    def decide(self, me: State) -> None:
        if me.uniform("generous") < 0.5:
            me.offer("RUS", "shell_152", 1000.0)


def test_a_policy_in_python_goes_to_the_workers(
    scenario: Scenario, dask: "distributed.LocalCluster", tmp_path: Path
) -> None:
    class Here(Offers):
        """A class of a function: no other process can import it."""

    for number, policy in enumerate((Offers, Here)):
        one, two = tmp_path / f"{number}one", tmp_path / f"{number}two"
        job = {"runs": 4, "record": "summary"}
        ensemble.run(scenario.with_policy("PRK", policy), **job, out=one, workers=1)
        ensemble.run(scenario.with_policy("PRK", policy), **job, out=two, cluster=at(dask))
        assert files(two) == files(one)


def test_a_job_goes_on_with_any_cluster(
    armsflow: Armsflow, dask: "distributed.LocalCluster", tmp_path: Path
) -> None:
    _, told, _ = armsflow(*JOB, "workers=1", "out=mine")
    whole = files(tmp_path / "mine")
    for part in ("00000", "00002"):
        (tmp_path / "mine" / "runs" / f"part-{part}.parquet").unlink()
    code, out, err = armsflow("resume=mine", "pages=false", *words(dask))
    assert (code, out) == (0, told)
    assert err == f"dashboard: {dask.dashboard_link}\n"
    assert files(tmp_path / "mine") == whole


# Those who die


def dies_while_it_writes() -> None:
    """Has a worker be killed outright when half a part is on the disk."""
    from sim.results import store

    def seal(file: BinaryIO) -> None:
        file.truncate(100)
        os.kill(os.getpid(), signal.SIGKILL)

    store.seal = seal


def test_a_worker_that_is_killed_loses_nothing(
    scenario: Scenario, dask: "distributed.LocalCluster", tmp_path: Path
) -> None:
    job = {"runs": 80, "record": "weekly"}
    ensemble.run(scenario, **job, out=tmp_path / "one", workers=1)
    with distributed.Client(dask, set_as_default=False) as client:
        before = set(client.run(os.getpid).values())
        first = next(iter(client.nthreads()))
        client.run(dies_while_it_writes, workers=[first])
        ensemble.run(scenario, **job, out=tmp_path / "two", cluster=at(dask))
        client.wait_for_workers(2)
        after = set(client.run(os.getpid).values())
    assert len(before & after) == 1
    assert files(tmp_path / "two") == files(tmp_path / "one")


class Kills(Policy):
    """Kills whoever plays it."""

    def decide(self, me: State) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_job_that_kills_its_workers_ends(
    scenario: Scenario,
    dask: "distributed.LocalCluster",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask.scheduler, "allowed_failures", 0)
    with pytest.raises(BrokenExecutor, match="died"):
        ensemble.run(
            scenario.with_policy("PRK", Kills), runs=1, out=tmp_path / "out", cluster=at(dask)
        )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]
    with distributed.Client(dask, set_as_default=False) as client:
        client.wait_for_workers(2)


class Stumbles(Policy):
    def decide(self, me: State) -> None:
        if me.week == 2:
            me.offer("RUS", "shell_152", -1.0)


def test_a_policy_that_raises_is_named_as_elsewhere(
    scenario: Scenario, dask: "distributed.LocalCluster", tmp_path: Path
) -> None:
    with pytest.raises(RunError) as caught:
        ensemble.run(scenario.with_policy("PRK", Stumbles), runs=2, out=tmp_path, cluster=at(dask))
    told = str(caught.value)
    assert told.startswith("seed 0, run 0, week 2: ValueError: offer")
    assert told.count("shell_152") == 2  # by the rule, and in the line that gave it
    assert caught.value.__suppress_context__


def once_asked(cluster: "distributed.LocalCluster", act: Callable[[], object]) -> threading.Thread:
    """Acts when the scheduler has been asked for parts."""

    def wait() -> None:
        while not cluster.scheduler.tasks:
            time.sleep(0.05)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_a_scheduler_that_is_lost_is_told(
    armsflow: Armsflow, idle: "distributed.LocalCluster", tmp_path: Path
) -> None:
    closing = once_asked(idle, idle.close)
    code, out, err = armsflow(*JOB, *words(idle), "out=mine")
    closing.join()
    again = f"armsflow resume=mine pages=false {' '.join(words(idle))}"
    assert (code, out) == (1, "")
    assert err.splitlines()[1:] == [
        "no worker has joined yet: waiting",
        f"the scheduler is gone; continue with: {again}",
    ]


def test_an_interrupt_tells_how_to_go_on(
    armsflow: Armsflow, idle: "distributed.LocalCluster", tmp_path: Path
) -> None:
    interrupt = once_asked(idle, lambda: os.kill(os.getpid(), signal.SIGINT))
    code, out, err = armsflow(*JOB, *words(idle), "out=mine")
    interrupt.join()
    again = f"armsflow resume=mine pages=false {' '.join(words(idle))}"
    assert (code, out) == (130, "")
    assert err.endswith(f"interrupted; continue with: {again}\n")
    assert armsflow("resume=mine", "pages=false", "workers=1")[0] == 0


def gone(group: int) -> bool:
    """Whether all processes of a group end within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_an_interrupt_from_the_keyboard_reaches_all(armsflow: Armsflow, tmp_path: Path) -> None:
    """A terminal sends it to every process of the job: the workers leave it to their parent."""
    long = ("weeks=8", "runs=640", "record=weekly", "pages=false", "engine=reference", NO_DATES)
    process = subprocess.Popen(
        [Path(sys.executable).parent / "armsflow", *long, "cluster=local", "workers=2", "out=mine"],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob("mine/runs/part-*")) and process.poll() is None:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    first, last = err.splitlines()
    assert first.startswith("dashboard: http://127.0.0.1:")
    again = "armsflow resume=mine pages=false cluster=local workers=2"
    assert last == f"interrupted; continue with: {again}"
    assert not list((tmp_path / "mine").rglob(".*"))
    assert 0 < Results("mine").count < 640
    assert gone(process.pid)


# What a worker refuses


def asked(path: Path, digest: str | None = None, modules: tuple[str, ...] = ()) -> parts.Job:
    return clusters._own_job(str(path), digest or Results(path).manifest["digest"], modules, None)


def test_a_worker_refuses_what_it_cannot_play(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine"
    ensemble.run(scenario, runs=1, record="summary", out=path, workers=1)
    assert asked(path).manifest() == Results(path).manifest
    with pytest.raises(ClusterError, match=rf"^the worker on {socket.gethostname()}: .*mine/other"):
        asked(path / "other", digest="another")
    with pytest.raises(ClusterError, match=r"mine holds another job$"):
        asked(path, digest="another")
    with pytest.raises(ClusterError, match=r"No module named 'desks_of_mine'$"):
        asked(path, modules=("desks_of_mine",))
    now = parts.installed_versions("reference")
    monkeypatch.setattr(parts, "installed_versions", lambda engine: now | {"pyarrow": "0.1"})
    with pytest.raises(ClusterError, match=r"begun with pyarrow [0-9.]+, here is 0.1$"):
        clusters._own_job.__wrapped__(str(path), Results(path).manifest["digest"], (), None)


def test_a_refusal_ends_the_job_in_a_sentence(
    armsflow: Armsflow, dask: "distributed.LocalCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "registering_modules", lambda: ["desks_of_mine"])
    code, out, err = armsflow(*JOB, *words(dask), "out=mine")
    assert (code, out) == (2, "")
    assert err.splitlines()[1:] == [
        f"the worker on {socket.gethostname()}: No module named 'desks_of_mine'"
    ]


# What is refused before anything is written


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (("cluster=tpc",), ["cluster=tpc: there is no such cluster (nearest right key: tcp)"]),
        (("cluster=tcp",), ["cluster.address: None is not an address such as tcp://host:8786"]),
        (
            ("cluster=tcp", "cluster.adress=tcp://a:1", "workers=2"),
            [
                "cluster.adress: cluster=tcp has no such key (nearest right key: address)",
                "cluster.address: None is not an address such as tcp://host:8786",
                "workers: cluster=tcp has its own",
            ],
        ),
        (("cluster.address=tcp://a:1",), ["cluster.address: cluster=none has no such key"]),
        (("cluster=local", "workers=0"), ["workers: 0 is not a whole number of at least 1"]),
        (("cluster=local,tcp",), ["cluster: takes one value; armsflow -m sweeps"]),
        (
            ("-m", "cluster=local,tcp", "cluster.jobs=1,2", "seed=0"),
            [
                "cluster: takes one value, which all points share",
                "cluster.jobs: takes one value, which all points share",
            ],
        ),
        (("resume=mine", "cluster=tcp", "cluster.address=a"), ["cluster.address: 'a' is no"]),
        (("explain=RUS", "week=1", "cluster.jobs=2"), ["cluster.jobs: explain does not take it"]),
    ],
)
def test_bad_keys_are_told_at_once(
    armsflow: Armsflow, tmp_path: Path, told: tuple[str, ...], wrong: list[str]
) -> None:
    code, out, err = armsflow(*told)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert all(any(line.startswith(start) for line in lines) for start in wrong), err
    assert len(lines) == len(wrong) + sum(word.startswith("resume") for word in told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [None, 3, {}, {"kind": None}, {"kind": ["tcp"]}, "fast"])
def test_what_names_no_cluster_is_refused(scenario: Scenario, given: object) -> None:
    with pytest.raises(ValueError, match=r"^cluster: .* is n"):
        ensemble.run(scenario, runs=1, cluster=given)


def test_keys_that_are_not_given_are_the_shipped_ones() -> None:
    assert cluster_settings("none") == {"kind": "none"}
    assert cluster_settings({"kind": "slurm", "cores": 4})["memory"] == "16GB"
    assert cluster_problems({"kind": "tcp", "address": "tls://node-7.site.org:8786"}) == []
    assert cluster_problems("local", workers=2) == cluster_problems("none") == []


def test_a_scheduler_that_cannot_be_reached(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "SCHEDULER_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    code, out, err = armsflow(*JOB, "cluster=tcp", f"cluster.address={address}", "out=mine")
    assert (code, out) == (2, "")
    assert err == f"cluster: no scheduler answers at {address}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_extra_that_is_missing_is_named(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        clusters, "find_spec", lambda name: None if name == "distributed" else find_spec(name)
    )
    code, out, err = armsflow(*JOB, "cluster=local")
    told = "cluster: local needs distributed: pip install 'armsflow[sweep]'\n"
    assert (code, out, err) == (2, "", told)
    assert list(tmp_path.iterdir()) == []
