"""Crises over many weeks: what the desks and the rules make of whole worlds of rivals."""

from typing import Any

import numpy as np
import pytest

from sim.desks.registry import REGISTRY
from sim.engines import reference
from sim.scenario import Scenario, ScenarioError, from_mapping, load
from sim.scenario.files import names
from sim.world import PRESS, WAR

pytestmark = pytest.mark.usefixtures("unchecked")
PLAYERS = ("brinkmanship", "perfect_deterrence")


def rivals(
    rule: str, nuclear: bool, pairs: int = 6, weeks: int = 104, **escalate: float
) -> Scenario:
    """Two camps of rivals, each state against each of the other camp: pairs x pairs disputes."""
    camps = [[f"{camp}{n:02d}" for n in range(pairs)] for camp in ("AA", "BB")]
    state = {
        "doctrine": "status_quo",
        "spending": 10.0,
        "force": 100.0,
        "manpower": 100.0,
        "baseline_fire": 0.003,
        "nuclear": nuclear,
        "desks": {"crisis": rule},
    }
    dyads = [(a, b) for a in camps[0] for b in camps[1]]
    return from_mapping(
        {
            "start": "2024-01-01",
            "weeks": weeks,
            "munitions": {
                "shell": {
                    "value": 1e-5,
                    "containers": 0.002,
                    "price": 1e-6,
                    "lethality": 0.0,
                    "technology": "arms",
                }
            },
            "technologies": {"arms": {"lesson_cost": 1.0}},
            "routes": [{"from": "AA00", "to": "BB00", "legs": [{"weeks": 1.0}]}],
            "states": {
                code: state | {"observer": code == "AA00"} for camp in camps for code in camp
            },
            "relations": {
                "rivalries": [{"states": [a, b], "stake": 0.9} for a, b in dyads],
                "affinity": [[a, b, -0.8] for a, b in dyads],
                "tension": [[a, b, 0.6] for a, b in dyads],
                "relevant": "all",
            },
            "rules": {"escalate": escalate},
        },
        "rivals",
    )


def weeks_at(scenario: Scenario, seed: int = 0) -> np.ndarray:
    """The share of pair-weeks at each level, and last the share of pairs that came to war."""
    once = scenario.params().wiring.pair.once > 0.0
    seen = [left.world.level[once] for left in reference.weeks(scenario, seed, 0)]
    rows = np.stack(seen)
    rivalries = (len(scenario.states) // 2) ** 2
    at = [np.sum(rows == level) / rivalries / len(seen) for level in range(1, WAR)]
    return np.asarray([*at, np.sum(np.max(rows, axis=0) == WAR) / rivalries])


@pytest.mark.parametrize("rule", PLAYERS)
def test_nuclear_arms_stop_the_last_rung_and_not_the_lower_ones(rule: str) -> None:
    """Stability-instability: between two who have the weapon wars are rare, crises are not."""
    told = {"deterrence": 0.3, "test_provocation": 0.0}
    without, with_ = (weeks_at(rivals(rule, nuclear, **told)) for nuclear in (False, True))
    assert without[-1] > 0.1
    assert with_[-1] < 0.3 * without[-1]
    assert np.sum(with_[2:4]) >= np.sum(without[2:4])
    assert np.sum(with_[2:4]) > 0.0


@pytest.mark.parametrize("rule", sorted(set(REGISTRY["crisis"]) - {"hold"}))
def test_beliefs_stay_probabilities_in_a_world_of_crises(rule: str) -> None:
    signs = {
        "test_hard": 0.3,
        "test_soft": 0.1,
        "exercise_hard": 0.6,
        "exercise_soft": 0.3,
        "drill_trusted": 0.1,
        "drill_exploiting": 0.4,
    }
    for left in reference.weeks(rivals(rule, nuclear=True, weeks=156, pairs=3, **signs), 1, 0):
        for belief in (left.world.credence, left.world.trust, left.world.demand):
            assert np.all((belief >= 0.0) & (belief <= 1.0))


def test_assured_rivals_come_to_peace_and_distrustful_ones_do_not() -> None:
    calm, wary = (
        weeks_at(rivals("assurance", nuclear=False, trust_prior=trust, incident=0.1))
        for trust in (0.7, 0.2)
    )
    assert np.sum(calm) < 0.5 * np.sum(wary)


def test_a_brinkman_presses_no_state_that_it_has_no_stake_against() -> None:
    scenario = rivals("brinkmanship", nuclear=False, pairs=3, weeks=52)
    stake = scenario.params().relations.stake
    pressed = sum(w.action.crisis.posture == PRESS for w in reference.weeks(scenario, 0, 0))
    assert np.any(pressed[stake > 0.0])
    assert not np.any(pressed[stake == 0.0])


@pytest.mark.parametrize("doctrine", sorted(names("doctrine")))
def test_every_shipped_doctrine_can_be_followed(doctrine: str) -> None:
    followed = load(overrides=["weeks=2", f"states.PRK.doctrine={doctrine}"])
    assert followed.spec.states["PRK"].doctrine == doctrine


@pytest.mark.parametrize(
    ("rule", "wrong", "told"),
    [
        ("perfect_deterrence", {"c_sq": 1.1}, "c_sq: must not be above c_dc"),
        ("perfect_deterrence", {"c_cd": 0.4}, "c_cd: must not be above c_dd_hard"),
        ("perfect_deterrence", {"d_dc": -0.6}, "d_dd_soft: must not be above d_dc"),
        ("assurance", {"sucker": 0.5}, "sucker: must not be above punishment"),
    ],
)
def test_payoffs_out_of_order_are_refused(rule: str, wrong: dict[str, Any], told: str) -> None:
    crisis = {"rule": rule} | wrong
    with pytest.raises(ScenarioError) as refused:
        from_mapping(
            {
                "generate": {"states": 2, "seed": 0},
                "title": "two",
                "weeks": 2,
                "states": {"S001": {"desks": {"crisis": crisis}}},
            }
        )
    assert refused.value.problems == [f"states.S001.desks.crisis.{told}"]
