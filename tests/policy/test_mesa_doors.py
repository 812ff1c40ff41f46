"""What Mesa does to a model: batch runs, resets of its viewer, seeds of all kinds; pickles."""

import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
import pytest
from unchecked import unchecked

import sim
from sim.scenario import Scenario, load

WEEKS = 4


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with unchecked():
        yield


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("arms_race_dyad", [f"weeks={WEEKS}"])


class Own(sim.StateAgent):
    """As any other."""


@pytest.mark.parametrize("period", [1, 2, -1])
def test_a_batch_has_the_last_week(scenario: Scenario, period: int) -> None:
    rows = mesa.batch_run(
        sim.ArmsTransferModel,
        parameters={"scenario": scenario},
        data_collection_period=period,
        display_progress=False,
    )
    model = sim.ArmsTransferModel(scenario, rng=rows[0]["seed"])
    model.run_model()
    assert max(row["Step"] for row in rows) == WEEKS
    last = {row["state"]: row for row in rows if row["Step"] == WEEKS}
    for agent in model.agents:
        assert last[agent.code]["stock_arms"] == agent.measured("stock", "arms")
    assert last["RED"]["tension_mean"] == model.measured["tension_mean"]
    if period == 1:
        assert sorted({row["Step"] for row in rows}) == list(range(WEEKS + 1))


def test_a_batch_that_stops_early_has_the_weeks_that_it_played(scenario: Scenario) -> None:
    rows = mesa.batch_run(
        sim.ArmsTransferModel,
        parameters={"scenario": scenario},
        max_steps=2,
        data_collection_period=1,
        display_progress=False,
    )
    assert {row["Step"] for row in rows} >= {0, 1, 2}


def reset(model: sim.ArmsTransferModel, parameters: dict[str, Any]) -> sim.ArmsTransferModel:
    """What a click on Reset makes of a model, by Mesa's own function where there is one."""
    try:
        from mesa.visualization.solara_viz import _build_model_init_kwargs
    except ImportError:  # Solara is not installed, or Mesa is older
        if "scenario" not in inspect.signature(mesa.Model.__init__).parameters:
            return type(model)(**parameters)
        kwargs = {**parameters, "scenario": type(model.scenario)()}  # its lines, in short
    else:
        kwargs = _build_model_init_kwargs(
            model, parameters, add_scenario_when_empty=True, require_model_accepts_scenario=True
        )
    return type(model)(**kwargs)


@pytest.mark.parametrize("parameters", [{}, {"rng": 5}, {"seed": 5, "overrides": "weeks=3"}])
def test_a_reset_keeps_the_scenario(scenario: Scenario, parameters: dict[str, Any]) -> None:
    given = {"scenario": scenario, **parameters}
    model = sim.ArmsTransferModel(**given)
    model.step()
    for _ in range(2):
        again = reset(model, given)
        assert (again.week, again.setting.digest) == (0, model.setting.digest)
        assert (again.seed == model.seed) == bool(parameters)
        model = again


def test_mesas_own_scenario_is_taken() -> None:
    scenarios = pytest.importorskip(
        "mesa.experimental.scenarios", reason="Mesa has none before 3.4"
    )
    model = sim.ArmsTransferModel(scenarios.Scenario(rng=3))
    assert (model.seed, model.setting.digest) == (3, load().digest)


SEEDS = (
    7,
    np.int64(7),
    np.random.SeedSequence(7),
    np.random.PCG64(7),
    [1, 2, 3],
)


@pytest.mark.parametrize("rng", SEEDS, ids=lambda rng: type(rng).__name__)
def test_a_seed_of_any_kind(scenario: Scenario, rng: Any) -> None:
    model = sim.ArmsTransferModel(scenario, rng=rng)
    same = sim.ArmsTransferModel(scenario, rng=model.seed)
    assert 0 <= model.seed < 2**64
    np.testing.assert_array_equal(model.key, same.key)


def test_a_generator_and_the_other_name(scenario: Scenario) -> None:
    one, two = (sim.ArmsTransferModel(scenario, rng=np.random.default_rng(7)) for _ in range(2))
    assert one.seed == two.seed
    assert sim.ArmsTransferModel(scenario, seed=7).seed == 7
    with pytest.raises(ValueError, match="two names of one number"):
        sim.ArmsTransferModel(scenario, rng=1, seed=1)
    with pytest.raises(TypeError):
        sim.ArmsTransferModel(scenario, rng="seven")


def test_what_would_do_nothing_says_so(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=7)
    before = len(model.agents)
    model.reset_rng()
    for refused, told in (
        (lambda: model.reset_rng(8), "is another run"),
        (lambda: model.reset_randomizer(8), "is another run"),
        (model.state("RED").remove, "RED cannot be removed"),
        (model.remove_all_agents, "states cannot be removed"),
    ):
        with pytest.raises(RuntimeError, match=told):
            refused()
    for kind, code in ((sim.StateAgent, "RED"), (Own, "BLU"), (Own, "ZZZ")):
        with pytest.raises(ValueError, match="a model makes its agents itself"):
            kind(model, code)
    assert len(model.agents) == before


def test_a_model_is_pickled_with_what_it_has_seen(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=7, agents={"RED": Own})
    model.step()
    other = pickle.loads(pickle.dumps(model))
    for each in (model, other):
        each.run_model()
    assert type(other.state("RED")) is Own
    assert other.state("RED").model is other
    for name, values in vars(model.world).items():
        np.testing.assert_array_equal(getattr(other.world, name), values, name)
    one, two = (x.datacollector.get_agent_vars_dataframe() for x in (model, other))
    assert one.equals(two)
    assert reset(other, {"rng": 7}).setting.digest == (
        model.setting.digest if hasattr(model, "scenario") else load().digest
    )
