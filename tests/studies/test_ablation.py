"""Ablation: every term of the rules has a switch or a reason, and what moves is told honestly."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from experiments.ablation import main
from sim.params import Rules
from sim.results.intervals import student
from sim.results.results import paired
from sim.scenario.files import shipped
from sim.studies.ablation import SWITCHES, effects, known
from sim.studies.ablation.effects import NAMES, NEGLIGIBLE
from sim.studies.ablation.switches import KEPT

ROOT = Path(__file__).parent.parent.parent
PHASES: dict[str, Any] = {phase.name: phase.type for phase in fields(Rules)}  # a dataclass each
COEFFICIENTS = {
    (phase, coefficient.name): coefficient
    for phase, kind in PHASES.items()
    for coefficient in fields(kind)
}


def test_every_coefficient_of_the_rules_has_a_switch_or_a_reason() -> None:
    switched = [(switch.phase, name) for switch in SWITCHES for name in switch.off]
    assert len(switched) == len(set(switched))
    assert {*switched, *KEPT} == set(COEFFICIENTS), "a row of _OFF or of KEPT in switches.py"
    assert not set(switched) & set(KEPT)
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)


def test_the_document_has_the_numbers_of_switches_and_comparisons() -> None:
    text = " ".join((ROOT / "docs" / "ablation.md").read_text(encoding="utf-8").split())
    switches = len(SWITCHES)
    for told in (
        f"lists {switches} switches",
        f"Twelve metrics and {switches} switches are {len(NAMES) * switches} comparisons",
    ):
        assert told in text, "docs/ablation.md"


def test_off_is_a_lawful_value_that_is_not_the_shipped_one() -> None:
    for switch in SWITCHES:
        values = shipped("rules", switch.phase)
        assert any(values[name] != off for name, off in switch.off.items()), switch.name
        for name, off in switch.off.items():
            bounds = COEFFICIENTS[switch.phase, name].metadata
            assert bounds["low"] <= off <= bounds["high"], switch.name


def test_scenarios_take_the_overrides() -> None:
    for name in ("readiness", "deterrence"):
        (switch,) = (switch for switch in SWITCHES if name in switch.off)
        params = sim.load("deterrence_game", list(switch.overrides)).params()
        assert not np.any(getattr(getattr(params.rules, switch.phase), name))


def test_the_metrics_compared_are_there() -> None:
    there = known(sim.load("northeast_asia_2023"))
    assert set(NAMES) <= there
    assert "tests_PRK_sum" in there


# What moves


def runs(columns: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=float)


def test_changes_are_paired_and_their_intervals_are_bonferroni_s() -> None:
    rng = np.random.default_rng(3)
    luck = rng.normal(0.0, 5.0, (60, 2))
    before = runs({"a": luck[:, 0], "b": luck[:, 1]})
    other = before + rng.normal([1.0, 0.0], 0.2, (60, 2))
    found = effects(before, {"one": other, "two": before})
    change = (other - before).to_numpy()
    assert found.change[0] == pytest.approx(change.mean(axis=0))
    half = student(59, 1.0 - 0.05 / 4.0) * change.std(axis=0, ddof=1) / 60**0.5
    assert found.half[0] == pytest.approx(half)
    assert found.size[0, 0] == pytest.approx(0.2, abs=0.05)  # a change of 1 at a spread of 5
    assert found.moved.tolist() == [[True, False], [False, False]]
    assert found.order == [0, 1]
    assert (found.change[1] == 0.0).all()


def test_what_moves_nothing_is_seldom_said_to_move() -> None:
    """In one family of comparisons of twenty at the most, however many there are."""
    rng = np.random.default_rng(0)
    names = [f"m{n}" for n in range(30)]
    wrong = 0
    for _ in range(300):
        before = pd.DataFrame(rng.normal(0.0, 1.0, (40, 30)), columns=names)
        after = before + rng.normal(0.0, 1.0, (40, 30))
        wrong += bool(effects(before, {"nothing": after}).moved.any())
    assert 0.01 < wrong / 300 < 0.09


def test_a_sure_change_that_is_negligible_is_none() -> None:
    before = runs({"a": np.arange(30.0)})
    tiny = 0.5 * NEGLIGIBLE * before["a"].std()
    found = effects(before, {"tiny": before + tiny, "ten times that": before + 10.0 * tiny})
    assert found.moved.ravel().tolist() == [False, True]
    assert found.order == [1, 0]


def test_a_metric_that_is_the_same_in_all_runs() -> None:
    before = runs({"a": 0.1 * np.ones(30), "b": np.ones(30)})
    found = effects(before, {"off": runs({"a": np.zeros(30), "b": np.ones(30)})})
    assert found.size.tolist() == [[-np.inf, 0.0]]
    assert found.moved.tolist() == [[True, False]]


def test_a_run_that_failed_on_one_side_is_left_out_on_both() -> None:
    before = runs({"a": np.arange(10.0)})
    after = before + 1.0
    after.iloc[3] = np.nan
    found = effects(before, {"off": after})
    assert found.before[0, 0] == pytest.approx((45.0 - 3.0) / 9.0)
    assert found.change[0, 0] == pytest.approx(1.0)
    after.iloc[1:] = np.nan
    with pytest.raises(ValueError, match="off: fewer than two runs"):
        effects(before, {"off": after})


# The command


def test_the_command_compares_as_paired_jobs_do(
    unchecked: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = ["scenario=learning_to_launch", "weeks=12", "engine=reference", "runs=20"]
    metrics = ["tech_satellite_LCH_last", "lessons_satellite_LCH_last"]
    words = [*world, "phases=learn", f"metrics={','.join(metrics)}", f"out={tmp_path / 'out'}"]
    assert main(words) == 0
    found = pd.read_csv(tmp_path / "out" / "effects.csv", index_col=["switch", "metric"])
    assert len(found) == 2 * sum(switch.phase == "learn" for switch in SWITCHES)
    (switch,) = (switch for switch in SWITCHES if "absorption" in switch.off)
    scenario = sim.load("learning_to_launch", ["weeks=12"])
    without = scenario.with_(*switch.overrides)
    played = (sim.run(one, 20, record="summary", engine="reference") for one in (scenario, without))
    by_hand = paired(*played).loc[metrics]
    told = found.loc[switch.name].loc[metrics]
    assert told["difference"].to_numpy() == pytest.approx(by_hand["difference"].to_numpy())
    assert told["before"].to_numpy() == pytest.approx(by_hand["a"].to_numpy())
    assert told["after"].to_numpy() == pytest.approx(by_hand["b"].to_numpy())
    assert (np.sign(told["difference"]) == [-1.0, 1.0]).all()
    out = capsys.readouterr().out
    assert out.splitlines()[0].split("  ")[0] in {s.name for s in SWITCHES}
    assert f"of {len(found)} comparisons moved" in out
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "effects.csv", "ablation.md", "ablation.png"
    }  # fmt: skip
    assert switch.name in (tmp_path / "out" / "ablation.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("runs=19", "not a whole number of at least 20"),
        ("phases=wach", "there is no wach"),
        ("metrics=disputes", "there is no 'disputes'"),
        ("rules.watch.detecton=0", "detecton"),
        ("engine=fast", "engine"),
        ("scenario=nowhere", "nowhere"),
    ],
)
def test_what_does_not_fit_is_told(
    word: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word, f"out={tmp_path / 'out'}"]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
