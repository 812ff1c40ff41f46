"""Evidence: conclusions are tried under every form, and the page follows from verdicts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
import sim.results.intervals
from experiments import evidence, robustness
from sim.studies.robustness import (
    FORMS,
    MOVED,
    ONLY_HERE,
    STANDS,
    TURNS,
    UNCLEAR,
    Conclusion,
    Effect,
    _changed,
    crossed_effect,
    effect,
    free_numbers,
    markdown,
    moved,
    overrides,
    tried_questions,
)

pytestmark = pytest.mark.usefixtures("unchecked")
UP, DOWN, NONE = Effect(2.0, 1.0, 3.0), Effect(-2.0, -3.0, -1.0), Effect(0.1, -1.0, 1.2)


@pytest.mark.parametrize(
    ("shipped", "here", "word"),
    [(UP, UP, STANDS), (UP, DOWN, TURNS), (DOWN, NONE, UNCLEAR), (NONE, UP, ONLY_HERE)],
)
def test_a_conclusion_stands_where_the_interval_is_clear_and_alike(
    shipped: Effect, here: Effect, word: str
) -> None:
    one = Conclusion("No shells", "losses", "thousand", {"as shipped": shipped, "other": here})
    assert one.verdict("other") == word
    assert word in markdown([one])[2]


def test_an_effect_has_students_interval() -> None:
    differences = np.random.default_rng(1).normal(0.5, 1.0, 64)
    found = effect(differences)
    half = sim.results.intervals.student(63) * differences.std(ddof=1) / 8
    assert found.mean == pytest.approx(differences.mean())
    assert found.high - found.low == pytest.approx(2 * half)


def test_the_wider_of_two_intervals_is_taken() -> None:
    rows = pd.MultiIndex.from_product([range(20), range(5)], names=["point", "run"])
    by_run = pd.Series(np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 20), rows)
    found = crossed_effect(by_run)
    assert (found.mean, found.high) == (3.0, effect(np.arange(1.0, 6.0)).high)
    assert crossed_effect(by_run * 0 + 2.0) == Effect(2.0, 2.0, 2.0)


def test_a_change_of_a_number_that_moves_is_a_factor() -> None:
    scenario = sim.load()
    (change,) = tried_questions(scenario)["enforcement_doubled"].change(scenario)
    design = moved(scenario, 4, 0)
    path, _, _ = change.partition("=")
    changed = _changed(design, free_numbers(scenario), [change])
    np.testing.assert_allclose(changed[path], 2.0 * design[path])


def test_every_form_is_a_world_and_every_number_moves_by_a_quarter_at_most() -> None:
    scenario = sim.load()
    wanted = [text for form in FORMS for text in overrides(scenario, form)]
    assert len(wanted) == len(FORMS) - 3 + 2 * len(scenario.technologies)
    scenario.with_(*(text for text in wanted if not text.endswith("threshold=1")))
    numbers, design = free_numbers(scenario), moved(scenario, 8, 0)
    assert len(numbers) > 30
    assert not set(numbers) & set(scenario.priors)
    ratio = design / np.asarray(list(numbers.values()))
    assert ratio.to_numpy().min() >= 0.75 - 1e-12
    assert ratio.to_numpy().max() <= 1.25 + 1e-12
    assert (design.max() > design.min()).all()
    assert len(tried_questions(scenario)) == 7


@pytest.mark.slow
@pytest.mark.xdist_group("default")
def test_the_command_in_its_small_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.studies.robustness.QUESTIONS", {"no_transfers": "losses_UKR_last"})
    short = sim.load("northeast_asia_2023", ["weeks=6"])
    monkeypatch.setattr(robustness, "loaded", lambda: short)
    some = {name: FORMS[name] for name in ("as shipped", "balance of power off")}
    monkeypatch.setattr("sim.studies.robustness.FORMS", some)
    assert robustness.main(["runs=8", "points=4", f"out={tmp_path}"]) == 0
    found = json.loads((tmp_path / "robustness.json").read_text())
    (one,) = found["conclusions"]
    assert list(one["effects"]) == [*some, MOVED]
    assert one["verdicts"]["as shipped"] in (STANDS, UNCLEAR)
    assert one["label"] in capsys.readouterr().out


def results(folder: Path) -> None:
    """Write small results of every command."""
    content: dict[str, Any] = {
        "patterns": {
            "patterns": [
                {"group": "G", "name": "held", "label": "tested", "verdict": "holds"},
                {
                    "group": "G",
                    "name": "broken",
                    "label": "fitted",
                    "verdict": "fails",
                    "why": "W.",
                },
                {"group": "G", "name": "absent", "label": "tested", "verdict": "not in the model"},
            ]
        },
        "hindcast": {
            "aims": [
                {"aim": "skill", "met": True, "found": "+0.4"},
                {"aim": "cover", "met": False, "found": "17 of 17"},
            ],
            "missing": ["rounds: no observation"],
        },
        "calibration": {
            "calibrated": False,
            "truths": 20,
            "identifiable": {"a.b": {}},
            "not_identifiable": ["c", "d"],
        },
        "robustness": {
            "conclusions": [
                {
                    "title": "No shells",
                    "label": "losses",
                    "effects": {"as shipped": {"mean": -2.0, "low": -3.0, "high": -1.0}},
                    "verdicts": {"as shipped": STANDS, "posterior": TURNS},
                }
            ]
        },
    }
    for name, data in content.items():
        (folder / name).mkdir()
        (folder / name / f"{name}.json").write_text(json.dumps(data))


def test_the_page_says_what_is_for_and_what_against(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results(tmp_path)
    assert evidence.main([f"results={tmp_path}"]) == 0
    page = capsys.readouterr().out
    supports, rest = page.split("## What contradicts it")
    against, lacking = rest.split("## What it says nothing of")
    assert "pattern holds: G: held" in supports
    assert "1 of 3 uncertain numbers are identified" in supports
    assert "pattern fails: G: broken (fitted). W." in against
    assert "cover: not met, 17 of 17" in against
    assert "is not calibrated on 20 data sets" in against
    assert "No shells: losses falls; turns with posterior" in against
    assert "pattern not in the model: G: absent" in lacking
    assert "What it must not be used for" in lacking


def test_what_was_not_run_is_named_and_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evidence.main([f"results={tmp_path}", "write=perhaps"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    results(tmp_path)
    (tmp_path / "hindcast" / "hindcast.json").unlink()
    assert evidence.main([f"results={tmp_path}"]) == 0
    assert "`hindcast` was not run" in capsys.readouterr().out
