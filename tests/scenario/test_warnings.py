"""What is accepted though it is cut or has no effect is said, at every door."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import sim
from sim.cli import main
from sim.scenario import from_mapping, names

CUT = "priors.rules.watch.detection: 50.0% of it lies beyond the bounds 0 and 10"
PRIOR = "+priors.rules.watch.detection={normal: [0.0, 0.1]}"
SMALL = ("weeks=3", PRIOR)


@pytest.fixture(scope="module")
def small() -> sim.Scenario:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sim.ScenarioWarning)
        return sim.load("arms_race_dyad", SMALL)


def test_shipped_scenarios_say_nothing() -> None:
    assert not [sim.load(name).warnings for name in names("scenario") if sim.load(name).warnings]


def test_what_has_no_effect_is_a_sentence() -> None:
    (cut,) = sim.load().with_("weeks=4", PRIOR).warnings
    assert cut.startswith(CUT)


def test_of_dated_entries_a_users_own_are_named_and_not_those_that_are_shipped() -> None:
    """Fewer weeks leave out what the record says of later ones: no mistake of the user's."""
    shipped = sim.load("northeast_asia_2023", ["weeks=52"])
    assert shipped.spec.timetable[-1].day > shipped.date(52)
    assert shipped.warnings == ()
    place = len(shipped.spec.timetable)
    late = shipped.with_change("2025-02-01", "CHN", doctrine="restraint")
    assert late.warnings == (
        "timetable: 1 entry lies outside the weeks, 2023-05-01 to 2024-04-28, without effect:"
        f" {place} (2025-02-01)",
    )
    moved = shipped.with_("timetable.0.date=2025-03-01", "timetable.1.date=2023-04-01")
    assert moved.warnings[0].endswith("without effect: 0 (2025-03-01), 1 (2023-04-01)")
    begun_later = shipped.with_("start=2023-06-05", "weeks=4")
    assert "2 entries lie outside the weeks, 2023-06-05 to" in begun_later.warnings[0]
    own = {"title": "as shipped, under another name", **shipped.mapping, "name": "mine"}
    assert "entries lie outside the weeks" in from_mapping(own, "mine").warnings[0]


@pytest.mark.parametrize(
    "door",
    [
        lambda small: sim.load("arms_race_dyad", SMALL),
        lambda small: sim.run(small, runs=1, engine="reference", workers=1),
        lambda small: sim.sweep(small, {"weeks": [2, 3]}, runs=1, engine="reference", workers=1),
        lambda small: sim.ArmsTransferModel(small),
    ],
    ids=["load", "run", "sweep", "mesa"],
)
def test_python_warns_at_the_line_of_the_caller(
    door: Callable[[sim.Scenario], object], small: sim.Scenario
) -> None:
    with pytest.warns(sim.ScenarioWarning, match="of it lies beyond") as caught:
        door(small)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_command_line_says_it_and_the_manifest_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["scenario=arms_race_dyad", *SMALL, "runs=1", "engine=reference", "record=summary"]
    assert main([*words, "pages=false", f"out={tmp_path / 'a'}"]) == 0
    assert capsys.readouterr().err.startswith(f"warning: {CUT}")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert [line[: len(CUT)] for line in manifest["warnings"]] == [CUT]
    assert main([f"resume={tmp_path / 'a'}", "pages=false"]) == 0
    assert capsys.readouterr().err.startswith(f"warning: {CUT}")


def test_numbers_of_a_list_are_those_of_before_anything_is_taken_out() -> None:
    whole = sim.load()
    notes = [entry.note for entry in whole.spec.timetable]
    both = whole.with_("~timetable.0", "~timetable.1", "timetable.3.value=0.25")
    assert [entry.note for entry in both.spec.timetable] == notes[2:]
    assert both.spec.timetable[1].value == 0.25


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["~timetable.0", "~timetable.0"], "~timetable.0: stands twice"),
        (["~timetable.0=nonsense"], "~timetable.0=nonsense: takes no value"),
        (["~timetable.0", "timetable.0.value=1"], "timetable.0.value: no such key"),
        (["~timetable.0", "timetable.0=1"], "timetable.0: no such key"),
        (["relations.levels.0.0.deep=1"], "relations.levels.0.0.deep: no such key"),
    ],
)
def test_the_command_line_and_with_agree(
    overrides: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(sim.scenario.ScenarioError, match=message):
        sim.load().with_(*overrides)
    assert main(overrides) == 2
    assert capsys.readouterr().err.startswith(message)
    assert main(["-m", "weeks=2,3", *overrides]) == 2
    assert message in capsys.readouterr().err


# What a world cannot do that it seems meant for


def importers(**own: object) -> sim.Scenario:
    """Two states and a route, of whom the second imports."""
    two = {"doctrine": "status_quo", "spending": 1, "force": 1, "baseline_fire": 0.1}
    buyer = {**two, "desks": {"transfer": "importer"}, **own}
    return from_mapping(
        {
            "start": "2024-01-01",
            "weeks": 4,
            "technologies": {"any": {"lesson_cost": 1}},
            "munitions": {
                "shell": {
                    **{"value": 1, "containers": 1, "price": 1, "lethality": 1},
                    "technology": "any",
                }
            },
            "states": {"SUP": two, "BUY": buyer},
            "routes": [{"from": "SUP", "to": "BUY", "legs": [{"weeks": 1}]}],
        }
    )


def test_an_importer_that_needs_nothing_is_named() -> None:
    idle = importers()
    assert idle.warnings == (
        "states.BUY: the importer BUY needs nothing: it has no war_plan and is not at war, so that"
        " it wants nothing until it is",
    )
    assert importers(war_plan={"shell": 3}).warnings == ()
    at_war = idle.with_("+relations.wars=[[SUP,BUY]]")
    assert "is at war without a fire_rate" in at_war.warnings[0]
    assert at_war.with_("states.BUY.fire_rate.shell=1").warnings == ()
    prior = "+priors.states.BUY.war_plan.shell={uniform: [1, 2]}"
    assert importers(war_plan={"shell": 0}).with_(prior).warnings == ()
