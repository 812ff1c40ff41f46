"""A message about a wrong name says what was meant, or what there is."""

import pytest

from sim.scenario import Scenario, ScenarioError, from_mapping, load

LEGS = "++routes=[{from: RED, to: BLU, legs: [{weeks: 1, over: port}]}]"


@pytest.fixture(scope="module")
def default() -> Scenario:
    return load()


def problems(scenario: Scenario, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as found:
        scenario.with_(*overrides)
    return found.value.problems


def test_a_state_that_is_none(default: Scenario) -> None:
    first, *_ = problems(default, "states.FRA.doctrine=")
    assert first.endswith(
        "it is none of the states of the scenario, PRK, RUS, UKR, USA, KOR, JPN, CHN"
    )
    (line,) = problems(default, "states.prk.doctrine=restraint")
    assert line == (
        "states.prk: prk: must be a code of two to six capitals and digits, as PRK"
        " (nearest right key: PRK)"
    )


def test_a_coefficient_of_another_rule(default: Scenario) -> None:
    (line,) = problems(default, "states.CHN.desks.transfer.release=0.1")
    assert line == (
        "states.CHN.desks.transfer.release: no such key; the rule none has no coefficients;"
        " release is of opportunist, ally_aid"
    )
    (line,) = problems(default, "states.PRK.desks.transfer.surge=0.1")
    assert "; the rule opportunist has " in line


def test_a_leg_over_what_no_scenario_without_infrastructure_has() -> None:
    dyad = load("arms_race_dyad")
    assert "infrastructure" not in dyad.mapping
    (line,) = problems(dyad, LEGS)
    assert line == "routes.0.legs.0.over: there is no infrastructure 'port'"


@pytest.mark.parametrize(
    ("override", "near"),
    [
        ("states.PRK.forse=1", "force"),
        ("rules.wach.detection=1", "watch"),
        ("states.PRK.stock.shel_152=1", "shell_152"),
        ("relations.alliancess=[]", "alliances"),
        ("states.PRK.desks.transfr=none", "transfer"),
        ("exercises.0.siz=1", "size"),
        ("timetable.0.actr=PRK", "actor"),
        ("technologies.misile.growth=1", "missile"),
        ("+priors.states.PRK.forse={uniform: [0,1]}", "force"),
        ("weekz=1", "weeks"),
    ],
)
def test_any_wrong_key_has_its_nearest(override: str, near: str, default: Scenario) -> None:
    assert any(f"(nearest right key: {near})" in line for line in problems(default, override))


@pytest.mark.parametrize(
    ("override", "bounds"),
    [
        ("states.PRK.stock.shell_152=1e300", "from 0 to 1e+12"),
        ("states.PRK.force=1e10", "from 0 to 1e+09"),
        ("states.PRK.trials.missile=1e9", "from 0 to 1e+06"),
        ("munitions.shell_152.lethality=1e9", "from 0 to 1e+06"),
        ("munitions.shell_152.price=1e9", "from 0 to 1e+06"),
        ("rules.fight.soldier_cost=1e9", "from 0 to 1e+06"),
        ("rules.perceive.point=1e9", "from 1e-12 to 1e+06"),
        ("relations.debts=[[RUS, PRK, 1e10]]", "from 0 to 1e+09"),
        ("states.PRK.desks.technology.tests.missile=5.1", "from 0 to 5"),
        ("states.PRK.desks.technology.quiet_tests.missile=15", "from 0 to 5"),
    ],
)
def test_amounts_that_no_world_has_are_refused(
    override: str, bounds: str, default: Scenario
) -> None:
    assert any(line.endswith(f"must be {bounds}") for line in problems(default, override))


def test_what_is_at_the_bounds_is_a_scenario(default: Scenario) -> None:
    again = from_mapping(
        default.with_(
            "states.PRK.stock.shell_152=1e12",
            "states.PRK.desks.technology.tests.missile=5",
            "priors=none",
        ).mapping
    )
    assert again.spec.states["PRK"].stock["shell_152"] == 1e12
