"""Nonsense that was accepted: half a nuclear power, a prior that is cut, an act twice."""

from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError, ScenarioWarning, from_mapping, load, names

pytestmark = pytest.mark.usefixtures("unchecked")

PATH = "rules.watch.detection"
VISIT = "{date: 2023-06-05, kind: visit, actor: RUS, target: PRK}"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["states.PRK.nuclear=0.5"], "states.PRK.nuclear: 0.5: must be 0 or 1"),
        (
            [f"priors.{PATH}={{uniform: [-70, 80]}}"],
            f"priors.{PATH}: 93% of it lies beyond the bounds 0 and 10, where it would be cut",
        ),
        (
            [f"timetable=[{VISIT}, {VISIT}]"],
            "timetable.1: 2023-06-05 visit RUS stands twice",
        ),
        (["states.UKR.force=0"], "relations.wars.0: UKR has no force to wage it with"),
    ],
)
def test_nonsense_is_refused(overrides: list[str], told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load("northeast_asia_2023", overrides)
    assert told in error.value.problems


def test_what_is_near_to_nonsense_is_not() -> None:
    scenario: Scenario = load("northeast_asia_2023", ["states.PRK.nuclear=true"])
    assert scenario.mapping["states"]["PRK"]["nuclear"] is True
    inside = [f"priors.{PATH}={{normal: [0.5, 0.2]}}"]  # a per cent of it is cut
    with pytest.warns(ScenarioWarning, match="0.5% of it lies beyond"):
        assert PATH in load("northeast_asia_2023", inside).priors
    assert load("northeast_asia_2023", ["timetable=[" + VISIT + "]", "weeks=2"]).weeks == 2


def test_no_shipped_world_is_nonsense() -> None:
    assert all(load(name) for name in names("scenario"))


def test_data_that_holds_itself_is_refused() -> None:
    data: dict[str, Any] = dict(load("arms_race_dyad").mapping)
    data["exercises"] = [data]
    with pytest.raises(ScenarioError, match="a part of itself"):
        from_mapping(data)
