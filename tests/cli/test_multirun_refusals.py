"""`armsflow -m`: all that is wrong is told before the first run, and nothing is written."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario import Scenario

pytestmark = pytest.mark.usefixtures("unchecked")

Multirun = Callable[..., tuple[int, str, str]]
FADING, DETECTION = "rules.watch.fading", "rules.watch.detection"


def refused(multirun: Multirun, tmp_path: Path, *words: str) -> list[str]:
    """The lines that some words are refused with, before anything is written."""
    before = sorted(tmp_path.rglob("*"))
    code, out, err = multirun("out=results/mine", *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
    return err.splitlines()


def test_all_that_is_wrong_is_told_at_once(multirun: Multirun, tmp_path: Path) -> None:
    told = refused(
        multirun,
        tmp_path,
        "runz=3",
        "seed=-1",
        "runs=4,8",
        "rules.watch.detektion=0,1",
        f"{FADING}=0.5,1.5",
        "states.PRK.doctrine=restraint,restrain",
        "states.KOR.desks.crisis=hold,3",
        "weeks=0,2",
        "states.QQQ.readiness=0.5",
        "what",
    )
    for key, part in (
        ("runz", "nearest right key: runs"),
        ("seed", "-1"),
        ("runs", "takes one value, which all points share"),
        ("rules.watch.detektion", "nearest right key: detection"),
        (FADING, "1.5: must be from 0 to 1"),
        ("states.PRK.doctrine", "'restrain'"),
        ("states.KOR.desks.crisis", "must name a rule"),
        ("weeks", "0: must be from 1"),
        ("states.QQQ", ""),
        ("what", "not of the form key=value"),
    ):
        assert any(line.startswith(key) and part in line for line in told), key


def test_combinations_are_counted_before_they_are_made(multirun: Multirun, tmp_path: Path) -> None:
    thousand = (f"{path}=range(0,1,0.001)" for path in (FADING, DETECTION, "rules.watch.reports"))
    (told,) = refused(multirun, tmp_path, *thousand)
    assert told == "sweep: 1,000,000,000 points; at most 2,000,000"


@pytest.mark.parametrize("wrong", ["x", "1.5", "nan"])
def test_one_wrong_value_among_thousands(multirun: Multirun, tmp_path: Path, wrong: str) -> None:
    values = [f"0.{n:04d}" for n in range(2000)]
    values[1100] = wrong
    small = "scenario=arms_race_dyad"
    (line,) = refused(multirun, tmp_path, f"{FADING}={','.join(values)}", small)
    assert line.startswith(f"{FADING}: ")


def test_thousands_of_programs_are_not_tried_one_by_one(
    multirun: Multirun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    change = Scenario.with_

    def counted(scenario: Scenario, *overrides: str) -> Scenario:
        tried.extend(overrides)
        return change(scenario, *overrides)

    monkeypatch.setattr(Scenario, "with_", counted)
    told = "its values change the shape of the world, and the sweep would need"
    (line,) = refused(multirun, tmp_path, "weeks=range(1,5001)")
    assert line == f"weeks: {told} 5,000 programs; at most 1,000"
    doctrines = "states.PRK.doctrine=restraint,status_quo"
    lines = refused(multirun, tmp_path, "weeks=range(1,1102)", doctrines, f"{FADING}=0,1.5")
    assert lines[0] == f"weeks: {told} 1,101 programs; at most 1,000"
    assert [line.partition(":")[0] for line in lines] == ["weeks", FADING]
    design = ("design=grid", "design.points=2", f"design.over={{{DETECTION}: [0, 1]}}")
    (line,) = refused(multirun, tmp_path, "weeks=range(1,1102)", *design)
    assert line.startswith(f"weeks: {told} 1,101")
    assert len(tried) < 50


def test_a_wrong_value_in_an_experiment(
    multirun: Multirun, tmp_path: Path, experiment: Callable[..., str]
) -> None:
    content = {"rules": {"watch": {"detektion": 0.1}}, "runs": 0}
    own = experiment(**content, params={FADING: "0,2", "foo": "1,2", "seed": "1,2"})
    told = refused(multirun, tmp_path, "experiment=mine", own)
    assert {line.partition(":")[0] for line in told} >= {"foo", "seed"}
    own = experiment(**content, params={FADING: "0,2"})
    told = refused(multirun, tmp_path, "experiment=mine", own)
    assert {line.partition(":")[0] for line in told} >= {"runs", FADING, "rules.watch.detektion"}
    told = refused(multirun, tmp_path, "experiment=min", own)
    assert told == ["experiment: there is no 'min' (nearest right key: mine)"]
    own = experiment(params=3)
    told = refused(multirun, tmp_path, "experiment=mine", own)
    assert told[0].startswith("hydra.sweeper.params: 3 is not of the form {KEY: VALUES} (")
    own = experiment(title="${oc.env:HOME}")
    told = refused(multirun, tmp_path, "experiment=mine", own)
    assert told[0].startswith("title: interpolations are not read (")
    own = experiment(out="${oc.env:HOME}", runs="${seed}")
    told = refused(multirun, tmp_path, "experiment=mine", own, "out=results/mine")
    assert told[0].startswith("runs: interpolations are not read (")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("seed=1,2", "seed: takes one value, which all points share"),
        ("engine=reference,compiled", "engine: takes one value"),
        ("runs=range(1,3)", "runs: takes one value"),
        ("out=a,b", "out: takes one value"),
        ("design.points=4,8", "design.points: takes one value"),
        ("design=sobol,morris", "design: takes one value"),
        ("experiment=glob(*)", "experiment: takes one value"),
        ("design=soboll", "there is no such design (nearest right key: sobol)"),
        ("scenario=arms_race_dyad,arms_race", "there is no 'arms_race'"),
        ("scenario=glob(nothing*)", "sweep: there is no point to simulate"),
        ("weeks=range(3,3)", "sweep: there is no point to simulate"),
        ("hydra.sweeper.params={weeks: [1,2]}", "weeks: input should be a valid integer"),
        ("hydra.sweeper.params=3", "hydra.sweeper.params: 3 is not of the form {KEY: VALUES}"),
        ("hydra.sweeper.params=[1,2]", "hydra.sweeper.params: [1, 2] is not of the form"),
        ("hydra.sweeper.params.weeks=2,3", "Sweeping over Hydra's configuration is not supported"),
        ("hydra.sweeper.params={weeks: 2", "not of the form key=value"),
        ("hydra.verbose=true,false", "Sweeping over Hydra's configuration is not supported"),
        ("states.PRK.name=${oc.env:HOME},b", "interpolations are not read"),
        ("scenario_file=none.yaml", "none.yaml"),
        ("design.points=4", "design: choose one of grid, sobol"),
    ],
)
def test_bad_input_ends_with_2(multirun: Multirun, tmp_path: Path, word: str, told: str) -> None:
    small = () if word.startswith(("s", "design=")) else ("scenario=arms_race_dyad",)
    assert told in "\n".join(refused(multirun, tmp_path, word, *small))


def test_a_design_is_checked_with_all_else(multirun: Multirun, tmp_path: Path) -> None:
    over = f"{{{FADING}: [0, 1.5], rules.watch.detektion: [0, 1], {DETECTION}: [0, 1]}}"
    told = refused(
        multirun,
        tmp_path,
        "design=sobol",
        "design.points=4",
        "design.pints=3",
        f"design.over={over}",
        f"{DETECTION}=0,1",
        "weeks=0,1",
    )
    for part in ("design.pints", f"{FADING}: 1.5", "detektion", f"{DETECTION}: swept", "weeks: 0"):
        assert any(line.startswith(part) or part in line for line in told), part
    (line,) = refused(
        multirun,
        tmp_path,
        "design=grid",
        "design.points=2000000000",
        f"design.over={{{FADING}: [0, 1]}}",
    )
    assert "more than 2,000,000 points" in line


def test_groups_of_sweeps_want_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("design=sobol", "experiment=mine", "+experiment=mine", "design.points=4"):
        assert main([word]) == 2
        assert "a sweep; armsflow -m runs it" in capsys.readouterr().err


def test_an_interval_is_for_a_search(multirun: Multirun, tmp_path: Path) -> None:
    words = [f"{FADING}=interval(0,1)", f"++{DETECTION}=interval(0,0.5)", "runs=2"]
    lines = refused(multirun, tmp_path, *words)
    assert [line.partition(":")[0] for line in lines] == [FADING, DETECTION]
    told = f"{FADING}: interval() is for a sweeper that searches; here design=sobol"
    assert lines[0] == f"{told} 'design.over={{{FADING}: [0.0, 1.0]}}' fills a range"
    (line,) = refused(multirun, tmp_path, *words, "hydra/sweeper=basic")
    assert line == "BasicSweeper does not support sweep type : INTERVAL_SWEEP"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("design.kind=[a]", "design: ['a'] is none of"),
        ("design.over=5", "design.over: 5 is not of the form"),
        (f"{FADING}=range(0,1,step=0)", f"{FADING}: its range makes more than"),
        (f"{FADING}=range(0,1,step=1e-12)", f"{FADING}: its range makes more than"),
        (f"hydra.sweeper.params={'[' * 2000}{']' * 2000}", "hydra.sweeper.params=[[["),
    ],
)
def test_what_has_no_lawful_form_is_refused(
    multirun: Multirun, tmp_path: Path, word: str, told: str
) -> None:
    words = ["design=sobol", f"design.over={{{DETECTION}: [0, 0.05]}}", "engine=reference", word]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(
        1000
    )  # Python's own: other tests of the process may have left a higher one
    try:
        lines = refused(multirun, tmp_path, *words)
    finally:
        sys.setrecursionlimit(limit)
    assert any(line.startswith(told) for line in lines)


def test_numbers_of_many_digits_are_refused(multirun: Multirun, tmp_path: Path) -> None:
    many = "9" * 5000
    told = "a number has more digits than are read"
    for word in (f"weeks=2,{many}", f"hydra.sweeper.params={{weeks: {many}}}", f"weeks={many}"):
        (line,) = refused(multirun, tmp_path, word, "scenario=arms_race_dyad")
        assert line.endswith(told)
