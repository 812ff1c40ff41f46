"""`sim.compare`: two worlds by overrides, what is off has no channel, when worlds part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.results.comparison import FALLS, NO_CHANNEL, RISES
from sim.results.parting import NEVER
from sim.scenario import Scenario, ScenarioError

pytestmark = pytest.mark.usefixtures("unchecked")
WEEKS = 10
REFERENCE: dict[str, Any] = {"workers": 1, "engine": "reference"}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return sim.load("supplier_and_embargo", [f"weeks={WEEKS}"])


@pytest.mark.parametrize("week", [0, 3, 8])
def test_worlds_part_in_the_week_of_what_is_changed(scenario: Scenario, week: int) -> None:
    """A visit makes friends in its week, in every run alike."""
    day = scenario.date(week).isoformat()
    visit = f"timetable=[{{date: {day}, kind: visit, actor: SUP, target: BUY}}]"
    found = sim.compare(scenario, b=visit, runs=3, **REFERENCE)
    assert found.parting is not None
    assert found.parting.weeks.tolist() == [week] * 3
    first = found.parting.table().query("first == 1")
    assert {"affinity", "visit"} <= set(first["column"])
    assert {"SUP to BUY", "BUY to SUP"} == set(first.query("column == 'affinity'")["who"])
    np.testing.assert_array_equal(found.weekly("tension_mean_mean")[:, :week], 0.0)


def test_what_is_off_has_no_channel(scenario: Scenario) -> None:
    """Where nothing is interdicted it does not matter by whom."""
    off = {"rules.move.interdiction": 0}
    changed = off | {"rules.move.by_monitor": 0.9}
    found = sim.compare(scenario, a=off, b=changed, runs=3, **REFERENCE)
    assert set(found.table["effect"]) == {NO_CHANNEL}
    assert found.parting is not None
    assert set(found.parting.weeks) == {NEVER}
    assert found.lines()[-1] == "No channel: nothing differs in any of 3 runs."


def test_overrides_are_texts_lists_or_mappings(scenario: Scenario) -> None:
    path, value = "states.OBS.readiness", 0.9
    ways: list[Any] = [f"{path}={value}", [f"{path}={value}"], {path: value}]
    ways.append(scenario.with_(f"{path}={value}"))
    tables = [sim.compare(scenario, b=way, runs=2, **REFERENCE).table for way in ways]
    tables.append(sim.compare(scenario, ways[-1], 2, 0, 1, engine="reference").table)
    for table in tables:
        assert table.loc["readiness_OBS_mean", "effect"] == RISES
        assert table.equals(tables[0])


def test_a_world_may_be_a_name_and_both_may_change() -> None:
    found = sim.compare(
        "supplier_and_embargo",
        a=["weeks=4", "states.OBS.readiness=0.9"],
        b={"weeks": 6, "states.OBS.readiness": 0.1},
        metrics=["readiness_OBS_mean"],
        runs=2,
        **REFERENCE,
    )
    assert found.headline == ("readiness_OBS_mean",)
    assert found.row("readiness_OBS_mean")["effect"] == FALLS
    assert found.weekly("readiness_OBS_mean").shape == (2, 4)


def test_all_that_is_wrong_is_in_one_message(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.compare(scenario, a="states.ZZZ.force=1", b={"rules.move.interdicton": 1})
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("a: states.ZZZ")
    assert any(line.startswith("b: ") and "interdiction" in line for line in lines)
    with pytest.raises(ValueError, match="runs") as wrong:
        sim.compare(scenario, runs=0, engine="slow", workers=0)
    assert len(str(wrong.value).splitlines()) == 3
    with pytest.raises(ValueError, match="nearest right key: disputes_mean"):
        sim.compare(scenario, metrics=["disputes_men"])


def test_a_folder_keeps_both_worlds(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.ensemble import execution

    job: dict[str, Any] = {"b": "states.OBS.readiness=0.9", "runs": 2, "out": tmp_path / "out"}
    before = sim.compare(scenario, **job, **REFERENCE)
    assert sim.open_results(tmp_path / "out" / "b").complete

    def nothing(job: object, path: Path, missing: list[int], workers: int) -> list[int]:
        assert not missing
        return []

    monkeypatch.setattr(execution, "run_parts", nothing)
    assert sim.compare(scenario, **job, **REFERENCE).table.equals(before.table)


@pytest.mark.slow
@pytest.mark.xdist_group("supplier_and_embargo")
def test_both_engines_part_alike(scenario: Scenario) -> None:
    pytest.importorskip("jax", reason="the compiled engine needs JAX")
    change: dict[str, Any] = {"b": "states.SUP.desks.transfer=none", "runs": 4, "workers": 1}
    one, two = (sim.compare(scenario, engine=e, **change) for e in ("reference", "compiled"))
    assert one.parting is not None
    assert two.parting is not None
    assert one.parting.weeks.tolist() == two.parting.weeks.tolist()
    assert one.table["effect"].equals(two.table["effect"])


def test_a_comparison_needs_no_weeks(scenario: Scenario, recorded: Callable[..., Any]) -> None:
    found = recorded(scenario, "summary")
    assert found.parting is None
    assert recorded(scenario, "weekly").parting.tables == ("events", "weeks")


@pytest.fixture
def recorded() -> Callable[..., Any]:
    """Compares restraint with what is recorded."""
    change = "states.SUP.doctrine=restraint"
    return lambda scenario, record: sim.compare(
        scenario, b=change, runs=2, record=record, **REFERENCE
    )
