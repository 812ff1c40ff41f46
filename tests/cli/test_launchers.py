"""Launchers and sweepers of other packages run armsflow's jobs; ours run no others."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sim.results.results import open_results

pytestmark = pytest.mark.usefixtures("unchecked")

ROOT = Path(__file__).parent.parent.parent
TINY = (
    "scenario=arms_race_dyad",
    "weeks=2",
    "runs=3",
    "workers=1",
    "pages=false",
    "engine=reference",
)
FADING, METRIC = "rules.watch.fading", "tension_mean_mean"
JOBLIB = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
OPTUNA = ("hydra/sweeper=optuna", "hydra.sweeper.n_trials=3", "hydra.sweeper.sampler.seed=1")
CALLBACK = "hydra.experimental.callbacks.LogJobReturnCallback"
TOO_RICH, TOO_MUCH = ("states.RED.spending=40,1e9", "weeks=40"), 1.05e9

Multirun = Callable[..., tuple[int, str, str]]


def command(*words: str, here: Path) -> subprocess.CompletedProcess[str]:
    """`armsflow -m` in a process of its own, as other processes may have to import it."""
    return subprocess.run(
        [sys.executable, "-c", "from sim.cli import main; raise SystemExit(main())", "-m", *words],
        cwd=here,
        env={"PYTHONPATH": str(ROOT)} | os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_joblib_runs_the_jobs_of_a_sweep(tmp_path: Path) -> None:
    ran = command(*TINY, *JOBLIB, f"{FADING}=0,1", "out=mine", here=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    command(*TINY, f"{FADING}=0,1", "out=table", here=tmp_path)
    table = open_results(tmp_path / "table").runs
    for point in (0, 1):
        alone = open_results(tmp_path / "mine" / str(point)).runs
        own = table[table["point"] == point].reset_index(drop=True)
        same = [name for name in alone.columns if name != "point"]
        assert own[same].equals(alone[same])


def test_the_exit_code_of_a_job_elsewhere_is_that_of_the_command(
    tmp_path: Path, runs_that_fail: Callable[[float], None]
) -> None:
    runs_that_fail(TOO_MUCH)
    ran = command(*TINY, *JOBLIB, *TOO_RICH, "out=mine", here=tmp_path)
    assert ran.returncode == 1
    assert "left its range" in ran.stderr
    assert "Traceback" not in ran.stderr
    ran = command(*TINY, *JOBLIB, f"{FADING}=0,2", "out=other", here=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.endswith(f"{FADING}: 2: must be from 0 to 1\n")
    assert "Traceback" not in ran.stderr


def test_the_exit_code_is_the_worst_of_all_jobs(
    multirun: Multirun, runs_that_fail: Callable[[float], None]
) -> None:
    runs_that_fail(TOO_MUCH)
    basic = ("hydra/sweeper=basic", "hydra/launcher=basic")
    for words in (basic, basic[:1], ()):
        code, _, err = multirun(*TINY, *words, *TOO_RICH, f"out=mine{len(words)}")
        assert code == 1
        assert "left its range" in err


@pytest.mark.parametrize("launcher", ["basic", "armsflow"])
def test_optuna_searches_for_the_least_mean(tmp_path: Path, launcher: str) -> None:
    words = (f"{FADING}=interval(0,1)", f"objective={METRIC}", f"hydra/launcher={launcher}")
    own = (*OPTUNA, "hydra.sweeper.n_jobs=2", "hydra.sweep.dir=notes", "out=mine")
    ran = command(*TINY, *words, *own, here=tmp_path)
    assert ran.returncode == 0
    assert "Traceback" not in ran.stderr
    found = yaml.safe_load((tmp_path / "notes" / "optimization_results.yaml").read_text())
    means = []
    for folder in sorted((tmp_path / "mine").iterdir()):
        means += open_results(folder).runs.groupby("point")[METRIC].mean().tolist()
    assert len(means) == 3
    assert found["best_value"] == pytest.approx(min(means), rel=1e-12)


def test_optuna_searches_for_several(tmp_path: Path) -> None:
    words = (f"{FADING}=interval(0,1)", f"objective={METRIC},stock_arms_RED_last")
    both = ("hydra.sweeper.direction=[minimize,maximize]", "out=mine", "hydra.sweep.dir=notes")
    ran = command(*TINY, *words, *OPTUNA, *both, here=tmp_path)
    assert ran.returncode == 0
    found = yaml.safe_load((tmp_path / "notes" / "optimization_results.yaml").read_text())
    assert all(len(each["values"]) == 2 for each in found["solutions"])


def test_a_wrong_objective_is_told_before_anything_is_run(tmp_path: Path) -> None:
    words = (f"{FADING}=interval(0,1)", "objective=tension_meen_mean,no_such", *OPTUNA)
    ran = command(*TINY, *words, "out=mine", here=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    told = f"objective: there is no 'tension_meen_mean' (nearest right key: {METRIC})\n"
    assert told in ran.stderr
    assert "objective: there is no 'no_such'" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["objective=tension_mean_mean"], "objective: this sweeper does not search; hydra/sweeper"),
        (["hydra.sweep.dir=elsewhere"], "hydra.sweep.dir: all jobs are one table in out=DIR"),
        (["hydra.job.chdir=true"], "hydra.job.chdir: all jobs are one table"),
        (
            [f"+hydra.callbacks.a._target_={CALLBACK}"],
            "hydra.callbacks: all jobs are one table",
        ),
        (["hydra.mode=RUN"], "hydra.mode: -m sweeps; without it one job is run"),
        (["hydra/launcher=basic", "hydra.launcher._target_="], "hydra.launcher: Invalid plugin ''"),
        (["hydra.sweeper._target_=os.system"], "hydra.sweeper: Invalid plugin 'os.system'"),
        (["scenario=1,2"], "scenario: there is no '1'"),
    ],
)
def test_what_is_not_honoured_is_refused(
    multirun: Multirun, tmp_path: Path, words: list[str], told: str
) -> None:
    code, out, err = multirun(*TINY, f"{FADING}=0,1", *words, "out=mine")
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert not (tmp_path / "mine").exists()


def test_hydras_own_launcher_honours_where_a_job_runs(multirun: Multirun, tmp_path: Path) -> None:
    basic = ("hydra/sweeper=basic", "hydra/launcher=basic")
    own = ("hydra.job.chdir=true", "hydra.sweep.dir=mine", "out=here", f"{FADING}=0,1")
    assert multirun(*TINY, *basic, *own)[0] == 0
    for job in ("0", "1"):
        assert (tmp_path / "mine" / job / "here" / job / "manifest.json").is_file()


OTHERS = """
import hydra
from hydra.core.plugins import Plugins
from hydra_plugins.armsflow import ArmsflowLauncher, ArmsflowSweeper

for plugin in (ArmsflowLauncher, ArmsflowSweeper):
    Plugins.instance().register(plugin)

@hydra.main(version_base=None, config_path=None)
def main(config):
    print("ran")

main()
"""


@pytest.mark.parametrize("kind", ["sweeper", "launcher"])
def test_in_another_program_our_plugins_say_what_they_run(tmp_path: Path, kind: str) -> None:
    (tmp_path / "other.py").write_text(OTHERS)
    ran = subprocess.run(
        [sys.executable, "other.py", "-m", f"hydra/{kind}=armsflow", "+a=1,2"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)} | os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert f"hydra/{kind}=armsflow runs the jobs of armsflow alone" in ran.stderr
    assert "ran" not in ran.stdout.splitlines()


SUITE = """
import pytest
from hydra.core.plugins import Plugins
from hydra.test_utils.launcher_common_tests import LauncherTestSuite
from hydra_plugins.armsflow import ArmsflowLauncher, ArmsflowSweeper

for plugin in (ArmsflowLauncher, ArmsflowSweeper):
    Plugins.instance().register(plugin)

@pytest.mark.parametrize("launcher_name, overrides", [("basic", [])])
class TestBasic(LauncherTestSuite):
    pass
"""


def test_hydra_cores_own_tests_of_its_launcher_pass_beside_us(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_suite.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)} | os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"^[1-9]\d* passed", ran.stdout, re.MULTILINE)
