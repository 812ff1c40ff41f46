"""Jobs of Slurm, by a stand-in that runs each script at once: no Slurm is at hand."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from experiments.kill import files
from sim.ensemble import cluster as clusters
from sim.ensemble.cluster import cluster_problems, cluster_settings

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
JOB = ("weeks=2", "runs=16", "record=weekly", "pages=false")

SBATCH = f"""#!{sys.executable}
# Runs the script at once, as a Slurm with room would.
import os, subprocess, sys
log = os.environ["SBATCH_LOG"]
with open(log, "a") as file:
    file.write(open(sys.argv[-1]).read())
job = subprocess.Popen(
    ["bash", "-c", open(sys.argv[-1]).read()],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
)
print("Submitted batch job", job.pid)
"""
SCANCEL = f"""#!{sys.executable}
import os, signal, sys
try:
    os.killpg(int(sys.argv[-1]), signal.SIGTERM)
except ProcessLookupError:
    pass
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for Slurm on this machine; the scripts that it was given."""
    if find_spec("dask_jobqueue") is None:
        pytest.skip("dask-jobqueue is not installed: the extra `sweep` brings it")
    clusters.slurm_cluster_class()  # its defaults exist before a test sets one of them
    (tmp_path / "bin").mkdir()
    for name, script in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        command = tmp_path / "bin" / name
        command.write_text(script)
        command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("SBATCH_LOG", str(tmp_path / "scripts"))
    return tmp_path / "scripts"


def test_the_script_of_a_job(slurm: Path) -> None:
    import dask

    told = {"kind": "slurm", "cores": 4, "memory": "8GB", "walltime": "02:00:00", "queue": "short"}
    assert cluster_problems(told) == []
    with (
        dask.config.set({"jobqueue.slurm.interface": "lo"}),
        clusters.slurm_cluster(cluster_settings(told)) as c,
    ):
        script = c.job_script()
    for line in ("-p short", "-n 1", "--cpus-per-task=4", "--mem=8G", "-t 02:00:00"):
        assert f"#SBATCH {line}\n" in script
    assert "#SBATCH -A" not in script
    assert f"{sys.executable} -m distributed.cli.dask_worker tcp://127.0.0.1:" in script
    assert "--nthreads 1 " in script
    assert "--nworkers 4 " in script


@pytest.mark.slow
def test_a_job_on_slurm(slurm: Path, armsflow: Armsflow, tmp_path: Path) -> None:
    import dask

    armsflow(*JOB, "workers=1", "out=one")
    with dask.config.set({"jobqueue.slurm.interface": "lo"}):
        code, _, err = armsflow(
            *JOB, "cluster=slurm", "cluster.cores=1", "cluster.jobs=9", "out=two"
        )
    assert code == 0
    assert "no worker has joined yet: waiting" in err
    assert slurm.read_text().count("#SBATCH -J") == 1  # there is no part for another
    assert files(tmp_path / "two") == files(tmp_path / "one")


def test_all_that_is_wrong_with_a_slurm_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(clusters, "find_spec", lambda name: None)
    monkeypatch.setattr(clusters, "registering_modules", lambda: ["__main__"])
    given = {"kind": "slurm", "jobs": 0, "cores": True, "memory": "much", "walltime": 60}
    told = cluster_problems(given | {"queue": "a\nrm -r", "account": "-A", "host": "a"}, workers=3)
    assert [line.partition(":")[0] for line in told] == [
        *(f"cluster.{key}" for key in ("host", "jobs", "cores", "memory", "walltime", "queue")),
        *("workers", "cluster", "cluster", "cluster"),
    ]
    assert told[-1] == "cluster: slurm needs dask_jobqueue: pip install 'armsflow[sweep]'"
    assert "cluster: slurm needs the command sbatch, which is not on this machine" in told
    assert "cluster: a worker lacks what __main__ registers; put it into a module" in told


def test_ctrl_c_stays_ours_beside_dask_jobqueue(slurm: Path) -> None:
    """It sets a handler of its own when it is imported; a fresh process imports it first."""
    script = (
        "import signal; from sim.ensemble import cluster; before = signal.getsignal(signal.SIGINT);"
        " keys = cluster.cluster_settings('slurm'); cluster.slurm_cluster(keys).close();"
        " assert signal.getsignal(signal.SIGINT) is before"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
