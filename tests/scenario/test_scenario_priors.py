"""Scenarios: what each run draws for itself."""

import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import beta as scipy_beta

from sim import noise
from sim.rules.perceive import strength
from sim.scenario import ScenarioError, from_mapping, read_yaml
from sim.scenario.priors import beta_quantile, quantile
from sim.scenario.schema import Prior
from sim.scenario.tree import leaves

KEY = noise.run_key(7, 0)
SMALL = read_yaml(Path(__file__).parent.parent / "three_states.yaml")


def small(**changed: Any) -> dict[str, Any]:
    return deepcopy(SMALL) | changed


def test_medians_stand_in_params() -> None:
    priors = {
        "states.NO.stock.shell": {"lognormal": [500, 0.3]},
        "rules.watch.detection": {"uniform": [0.1, 0.3]},
        "states.EA.readiness": {"beta": [2, 2]},
        "relations.rivalries.0.stake.1": {"normal": [0.3, 0.1]},
    }
    scenario = from_mapping(small(priors=priors))
    assert scenario.world().stock[0, 0] == 500
    assert scenario.params().rules.watch.detection == pytest.approx(0.2)
    assert scenario.world().readiness[2] == pytest.approx(0.5)
    assert scenario.params().relations.stake.tolist() == [0.8, 0, 0.3, 0, 0, 0]
    plain = scenario.with_("priors=none")
    assert not plain.priors
    for ours, theirs in zip(leaves(plain.built), leaves(scenario.built), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_draws_its_own() -> None:
    priors = {
        "states.NO.stock.shell": {"lognormal": [500, 0.3]},
        "states.NO.force": {"normal": [100, 20]},
        "states.EA.desks.procurement.upkeep": {"uniform": [0.0, 1.0]},
        "rules.move.taken": {"normal": [1.0, 1.0]},
    }
    scenario = from_mapping(small(priors=priors))
    params, world, values = scenario.draw(KEY)
    assert tuple(values) == scenario.priors == tuple(priors)
    u = noise.initial_uniform(KEY, "prior:states.NO.stock.shell")
    drawn = quantile(Prior(lognormal=(500, 0.3)), u)
    assert world.stock[0, 0] == values["states.NO.stock.shell"] == drawn
    assert world.force[0] == params.states.force_target[0] == values["states.NO.force"]
    assert params.states.force_target[1] == 80
    assert (
        params.desks["procurement"]["hold"].upkeep[2]
        == values["states.EA.desks.procurement.upkeep"]
    )
    own, bias = strength(params, world), params.states.perception_bias * params.rules.perceive.bias
    pair = params.wiring.pair
    np.testing.assert_array_equal(world.belief, own[pair.target] + bias[pair.actor])
    takes = [scenario.draw(noise.run_key(1, run))[0].rules.move.taken for run in range(20)]
    assert max(takes) == 1.0
    assert min(takes) < 1.0
    again = scenario.draw(KEY)
    assert again[2] == values
    assert scenario.params().rules.move.taken == 1.0


def test_a_sweep_sets_numbers_without_another_scenario() -> None:
    scenario = from_mapping(small(priors={"states.NO.treasury": {"uniform": [1, 3]}}))
    point = {"states.NO.treasury": 9.0, "rules.watch.detection": 0.25}
    params, world, values = scenario.draw(KEY, point)
    other_params, other_world, _ = scenario.with_(*(f"{k}={v}" for k, v in point.items())).draw(KEY)
    assert (world.treasury[0], values) == (9.0, {"states.NO.treasury": 9.0})
    assert params.rules.watch.detection == other_params.rules.watch.detection == 0.25
    np.testing.assert_array_equal(world.treasury, other_world.treasury)
    assert scenario.bounds("states.NO.readiness") == (0.0, 1.0)
    with pytest.raises(ScenarioError, match="no number that a run may set"):
        scenario.bounds("states.NO.doctrine")


def test_hard_types_are_drawn_by_stake() -> None:
    scenario = from_mapping(SMALL)
    share = float(scenario.params().rules.escalate.hard_share)
    drawn = np.mean([scenario.draw(noise.run_key(3, r))[1].hard for r in range(1000)], axis=0)
    expected = share * np.asarray([0.8, 0, 0.4, 0, 0, 0])
    np.testing.assert_allclose(drawn, expected, atol=5 * 0.5 / math.sqrt(1000))
    assert np.all(drawn[expected == 0.0] == 0.0)


@given(st.floats(0.05, 500), st.floats(0.05, 500), st.floats(1e-9, 1 - 1e-9))
@example(1.0, 1.0, 0.5)
@example(0.5, 0.5, 0.001)
@settings(max_examples=200, deadline=None)
def test_beta_quantile(a: float, b: float, u: float) -> None:
    x = beta_quantile(a, b, u)
    expected = scipy_beta.ppf(u, a, b)
    assert x == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_quantiles() -> None:
    assert quantile(Prior(uniform=(2, 4)), 0.25) == 2.5
    assert quantile(Prior(lognormal=(3, 0.7)), 0.5) == 3
    upper = 0.8413447460685429
    assert quantile(Prior(normal=(1, 2)), upper) == pytest.approx(3)
    assert quantile(Prior(lognormal=(3, 0.7)), upper) == pytest.approx(3 * math.exp(0.7))
