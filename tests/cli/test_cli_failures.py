"""What the command says of a job that fails or stops, and how the job goes on."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from stored_sweeps import retold
from test_cli import QUICK, Armsflow

from experiments.kill import files
from sim import Policy, ensemble
from sim.desks.registry import REGISTRY
from sim.engines import reference
from sim.ensemble import job as parts
from sim.results.results import open_results
from sim.results.store import MACHINE
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("unchecked")


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.quick
def test_failed_runs_are_named(armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "in_range", lambda world: world.week < 4)
    code, out, err = armsflow("weeks=6", "runs=2", "seed=9", "workers=1", "pages=false")
    assert code == 1
    assert "2 failed" in out
    again = "armsflow scenario=northeast_asia_2023 weeks=6 seed=9 engine=reference runs=1"
    assert err.splitlines() == [
        f"seed 9, run 0: left its range in week 3; again: {again} first=0",
        f"seed 9, run 1: left its range in week 3; again: {again} first=1",
    ]


RUN = ("runs=6", "workers=1", "pages=false", "timetable=none")
TOO_RICH = ("weeks=12", "states.RUS.spending=1e9", "rules.build.budget=1", *RUN)
TOO_MUCH = 1.03e9
"""A limit that the money of some runs passes, and that of others does not."""


def failures(err: str) -> dict[int, tuple[str, str]]:
    """By run: the week in which it failed, and the command that plays it again."""
    lines = (re.fullmatch(r"seed 0, run (\d+): (.*); again: (.*)", x) for x in err.splitlines())
    return {int(line[1]): (line[2], line[3]) for line in lines if line}


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_failed_run_fails_again_when_its_command_is_pasted(
    armsflow: Armsflow, tmp_path: Path, engine: str, runs_that_fail: Callable[[float], None]
) -> None:
    runs_that_fail(TOO_MUCH)
    if engine == "compiled":
        pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    name = """states.PRK.name='the "North" & $HOME'"""
    _, _, err = armsflow(*TOO_RICH, name, f"engine={engine}", "out=mine")
    told = failures(err)
    assert 0 < len(told) < 6
    run, (how, command) = max(told.items())
    ran = subprocess.run(
        ["sh", "-c", f"{command} out=again pages=false"],
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, f"seed 0, run {run}: {how}\n")
    again, before = open_results("again"), open_results("mine")
    assert again.manifest["engine"] == "reference"
    assert again.scenario.digest == before.scenario.digest
    row = before.runs.set_index("run").loc[run, list(before.scenario.priors)]
    assert again.runs.loc[0, list(before.scenario.priors)].tolist() == row.tolist()


def test_a_failed_run_of_a_scenario_of_ones_own(
    armsflow: Armsflow, tmp_path: Path, runs_that_fail: Callable[[float], None]
) -> None:
    runs_that_fail(TOO_MUCH)
    mapping = load("northeast_asia_2023", TOO_RICH[:2]).mapping
    mine = {key: value for key, value in mapping.items() if key != "name"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine, sort_keys=False))
    _, _, err = armsflow("scenario_file=mine.yaml", *TOO_RICH[2:], "out='my results'")
    (tmp_path / "mine.yaml").unlink()
    run, (how, command) = min(failures(err).items())
    assert "my results" in command
    code, _, err = armsflow(*shlex.split(command)[1:], "pages=false")
    assert (code, err) == (1, f"seed 0, run {run}: {how}\n")


@pytest.mark.usefixtures("few_figures")
def test_a_failed_run_is_told_after_a_resume_too(
    armsflow: Armsflow, tmp_path: Path, runs_that_fail: Callable[[float], None]
) -> None:
    runs_that_fail(TOO_MUCH)
    _, out, err = armsflow(*TOO_RICH, "runs=12", "out=mine")
    assert min(failures(err)) < 8
    (tmp_path / "mine" / "runs" / "part-00000.parquet").unlink()
    code, again, told = armsflow("resume=mine", "workers=1", "pages=false")
    assert (code, again, told) == (1, out, err)
    assert armsflow("report=mine")[0] == 1


def test_an_interrupted_drawing_tells_how_to_draw(
    armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.plots.draw.pages", interrupted)
    code, out, err = armsflow("weeks=4", "runs=2", "workers=1", "out=mine")
    assert code == 130
    assert "runs with a new war" in out
    assert err == "interrupted; the runs are kept; again: armsflow report=mine\n"


def test_a_desk_that_raises_ends_the_job_in_a_sentence(
    armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(own: object, seen: object, noise: object, params: object) -> None:
        raise ArithmeticError("no such week")

    for name, rule in REGISTRY["crisis"].items():
        monkeypatch.setitem(REGISTRY["crisis"], name, replace(rule, function=raises))
    code, out, err = armsflow(*QUICK, "out=mine")
    assert (code, out) == (1, "")
    assert err.startswith("seed 0, run 0, week 0: ArithmeticError: no such week (")
    assert err.endswith("what was finished is kept in mine\n")


def test_a_dead_worker_is_told(armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr("sim.ensemble.execution._run_missing_parts", dies)
    code, _, err = armsflow(*QUICK, "out=mine")
    told = "a worker died; continue with: armsflow resume=mine workers=1 pages=false\n"
    assert (code, err) == (1, told)


# Going on


@pytest.mark.usefixtures("few_figures")
def test_resume_goes_on(armsflow: Armsflow, tmp_path: Path) -> None:
    words = ("weeks=2", "seed=3", "record=weekly", "pages=false")
    _, first, _ = armsflow(*words, "runs=40", "first=7", "workers=1", "out=mine")
    whole = files(tmp_path / "mine")
    assert "40 runs from run 7 of 2 weeks" in first
    assert open_results("mine").runs["run"].tolist() == list(range(7, 47))
    for part in ("00000", "00002"):
        (tmp_path / "mine" / "runs" / f"part-{part}.parquet").unlink()
    (tmp_path / "mine" / "runs" / f".part-00002.parquet.{MACHINE}.0123abcd.999999999").write_bytes(
        b"half"
    )
    _, partly, _ = armsflow("report=mine")
    assert "16 of 40 runs; continue with: armsflow resume=mine" in partly
    (tmp_path / "mine" / "report.html").unlink()
    for picture in (tmp_path / "mine" / "figures").iterdir():
        picture.unlink()
    assert armsflow("resume=mine", "workers=1", "pages=false") == (0, first, "")
    assert files(tmp_path / "mine") == whole
    code, again, _ = armsflow("resume=mine", "pages=false")
    assert (code, again) == (0, f"mine was complete already; nothing was run again\n\n{first}")
    assert files(tmp_path / "mine") == whole


def test_resume_tells_all_that_is_wrong(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, err = armsflow("runs=3", "resume=yours", "weeks=2", "workers=0", "~priors", "what")
    assert (code, out) == (2, "")
    assert [line.partition(":")[0] for line in err.splitlines()] == [
        *("what", "runs", "weeks", "priors", "workers", "resume")
    ]
    told = "runs: the job has its own; resume takes workers, cluster, pages, scale, progress\n"
    assert told in err
    assert "resume: yours holds no results" in err
    assert armsflow("resume=a", "resume=b")[0] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("library", "told"),
    [("numpy", "numpy 0.1, here is"), ("armsflow", "armsflow 0.1, here is")],
)
def test_another_installation_does_not_go_on(
    armsflow: Armsflow, tmp_path: Path, library: str, told: str
) -> None:
    words = (*QUICK, "runs=9", "out=mine")
    armsflow(*words)
    retold(tmp_path / "mine", lambda manifest: manifest["versions"].update({library: "0.1"}))
    assert armsflow("resume=mine", "pages=false")[0] == 0  # finished: there is nothing to play
    (tmp_path / "mine" / "runs" / "part-00000.parquet").unlink()
    before = files(tmp_path / "mine")
    for again in (("resume=mine", "pages=false"), words):
        code, out, err = armsflow(*again)
        assert (code, out) == (2, "")
        assert told in err
        assert files(tmp_path / "mine") == before


def test_a_job_of_the_compiled_engine_needs_it(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armsflow(*QUICK, "out=mine")
    retold(tmp_path / "mine", lambda manifest: manifest.update(engine="compiled"))
    (tmp_path / "mine" / "runs" / "part-00000.parquet").unlink()
    for module in (parts,):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    code, _, err = armsflow("resume=mine")
    assert (code, err) == (2, "mine needs JAX: pip install 'armsflow[fast]'\n")
    code, _, err = armsflow("engine=compiled", "nonsense=1")
    assert code == 2
    assert [line.partition(":")[0] for line in err.splitlines()] == ["nonsense", "engine"]


class Waits(Policy):
    def decide(self, me: object) -> None:
        pass


def test_a_job_with_a_policy_goes_on_from_python_alone(armsflow: Armsflow, tmp_path: Path) -> None:
    scenario = load("northeast_asia_2023", ["weeks=2"]).with_policy("KOR", Waits)
    job = {"scenario": scenario, "runs": 9, "out": tmp_path / "mine", "workers": 1}
    ensemble.run(**job)
    whole = files(tmp_path / "mine")
    (tmp_path / "mine" / "runs" / "part-00001.parquet").unlink()
    code, _, err = armsflow("resume=mine")
    assert code == 2
    assert "it has policies, phases, desks or metrics written in Python" in err
    ensemble.run(**job)
    assert files(tmp_path / "mine") == whole


def test_a_job_that_has_nothing_yet_says_so(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sim.ensemble.execution._run_missing_parts", interrupted)
        code, _, err = armsflow(*QUICK, "out='my job'")
        assert (code, err) == (
            130,
            "interrupted; continue with: armsflow 'resume=my job' workers=1 pages=false\n",
        )
        patch.setattr(import_module("sim.cli.main"), "execute", interrupted)
        assert armsflow(*QUICK, "out=other") == (130, "", "interrupted; nothing was run yet\n")
    code, out, err = armsflow("report=my job")
    assert (code, out) == (1, "")
    assert err == "my job holds no finished part yet; continue with: armsflow 'resume=my job'\n"
    with pytest.raises(LookupError, match="my job holds no finished part yet"):
        open_results("my job").summary()
    assert armsflow("resume=my job", "workers=1", "pages=false")[0] == 0
