"""The Mesa face: the same path as the engine, and Mesa's own tools on it."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest
from unchecked import unchecked

import sim
from sim.engines import reference
from sim.metrics import METRICS, Week
from sim.scenario import Scenario, load
from sim.world import PRESS, World

THREE = Path(__file__).parent.parent / "three_states.yaml"
WEEKS = 6


class Presser(sim.StateAgent):
    """Presses whom it may, and remembers when."""

    def __init__(self, model: sim.ArmsTransferModel, code: str) -> None:
        super().__init__(model, code)
        self.pressed: list[int] = []

    def decide(self) -> None:
        for other in self.partners:
            if self.uniform(other) < 0.5:
                self.press(other)
                self.pressed.append(self.week)


class PressingPolicy(sim.Policy):
    """The same as a policy."""

    def decide(self, me: Any) -> None:
        for other in me.partners:
            if me.uniform(other) < 0.5:
                me.press(other)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with unchecked():
        yield


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", [f"weeks={WEEKS}"])


def steps(model: sim.ArmsTransferModel) -> Iterator[Week]:
    """The weeks that a model plays to its end."""
    while model.running:
        model.step()
        yield model.last


def assert_same(ours: Week, theirs: Week) -> None:
    for name in vars(theirs.world):
        np.testing.assert_array_equal(
            getattr(ours.world, name), getattr(theirs.world, name), name, strict=True
        )
    assert ours.events.keys() == theirs.events.keys()
    for kind in theirs.events:
        np.testing.assert_array_equal(ours.events[kind], theirs.events[kind], kind)


def same(a: World, b: World) -> bool:
    return all(np.array_equal(value, getattr(b, name)) for name, value in vars(a).items())


@pytest.mark.parametrize("name", ["northeast_asia_2023", "synthetic", THREE], ids=str)
def test_the_path_is_the_engine_s(name: str | Path) -> None:
    scenario = load(name, ["weeks=156"])
    ours = steps(sim.ArmsTransferModel(scenario, rng=7))
    theirs = reference.weeks(scenario, seed=7, run=0)
    assert sum(assert_same(a, b) is None for a, b in zip(ours, theirs, strict=True)) == 156


def test_any_run_of_a_seed_can_be_watched(scenario: Scenario) -> None:
    ours = list(steps(sim.ArmsTransferModel(scenario, rng=3, run=5)))
    for a, b in zip(ours, reference.weeks(scenario, 3, 5), strict=True):
        assert_same(a, b)


def test_a_scenario_by_name_with_overrides(scenario: Scenario) -> None:
    by_name = sim.ArmsTransferModel("northeast_asia_2023", rng=0, overrides=f"weeks={WEEKS}")
    assert by_name.setting.digest == scenario.digest
    model = sim.ArmsTransferModel(scenario, rng=0, overrides=["weeks=2", "timetable=none"])
    assert model.setting.digest == scenario.with_("weeks=2", "timetable=none").digest


def test_without_a_seed_runs_differ_and_can_be_repeated() -> None:
    one, two = (sim.ArmsTransferModel(THREE) for _ in range(2))
    assert one.seed != two.seed
    assert not same(one.table.seen, two.table.seen)
    assert same(one.table.seen, sim.ArmsTransferModel(THREE, rng=one.seed).table.seen)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rng": -1}, ValueError, "seed is -1"),
        ({"rng": 2**64}, ValueError, "seed is 18446744073709551616"),
        ({"rng": 0.5}, TypeError, "float"),
        ({"run": -1, "rng": 0}, ValueError, "run is -1"),
        ({"overrides": "weks=3"}, ValueError, "nearest right key: weeks"),
        ({"agents": {"SOU": Presser}}, ValueError, "no state 'SOU'.*nearest right key: SO"),
        (
            {"agents": {"SO": PressingPolicy}},
            ValueError,
            "of SO is not a subclass of sim.StateAgent",
        ),
    ],
)
def test_what_a_model_refuses(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sim.ArmsTransferModel(THREE, **arguments)


def test_agents_are_mesa_s(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=1)
    assert isinstance(model, mesa.Model)
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)
    assert tuple(model.agents.get("code")) == scenario.states
    armed = model.agents.select(lambda agent: agent.stock["shell_152"] > 0.0)
    assert {agent.code for agent in armed} == {"PRK", "RUS", "UKR", "CHN"}
    assert model.agents.agg("force", sum) == model.world.force.sum()
    assert model.agents.map("measured", "force") == model.world.force.tolist()
    assert list(model.agents_by_type) == [sim.StateAgent]
    assert model.state("KOR").model is model
    with pytest.raises(KeyError, match=r"no state 'KORR' \(nearest right key: KOR\)"):
        model.state("KORR")


def test_agents_see_the_world_as_it_stands(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=1)
    kor, i, j = model.state("KOR"), *(scenario.states.index(c) for c in ("KOR", "USA"))
    before = kor.stock
    for week in range(3):
        assert (model.week, kor.week, model.date) == (week, week, scenario.date(week))
        assert kor.stock["shell_155"] == model.world.stock[i, scenario.munitions.index("shell_155")]
        assert kor.of("USA").tension == model.world.tension[i, j]
        model.step()
    assert before != kor.stock, "what was read stays as it was"
    held = dict(zip(scenario.munitions, model.world.stock[i].tolist(), strict=True))
    assert kor.stock == held, "what is read anew is what there is"


def test_deciding_twice_is_deciding_once(scenario: Scenario) -> None:
    once, twice = (sim.ArmsTransferModel(scenario, rng=1) for _ in range(2))
    for model in (once, twice):
        for _ in range(3):
            if model is twice:
                model.agents.do("decide")
            model.step()
    assert same(once.world, twice.world)


def test_an_agent_of_one_s_own_takes_part(scenario: Scenario) -> None:
    """As a subclass, as a policy in Mesa and as a policy in the engine: one path."""
    carried = scenario.with_policy("PRK", PressingPolicy)
    model = sim.ArmsTransferModel(scenario, rng=7, agents={"PRK": Presser})
    agent = list(steps(model))
    policy = list(steps(sim.ArmsTransferModel(carried, rng=7)))
    engine = list(reference.weeks(carried, 7, 0))
    for a, b, c in zip(agent, policy, engine, strict=True):
        assert_same(a, c)
        assert_same(b, c)
    own = model.state("PRK")
    assert isinstance(own, Presser)
    assert own.pressed
    assert set(own.pressed) <= set(range(WEEKS))
    mine = [scenario.states[actor] == "PRK" for actor, _ in scenario.pairs]
    assert sum(np.sum(w.action.crisis.posture[mine] == PRESS) for w in agent) >= len(own.pressed)
    assert {kind.__name__ for kind in model.agents_by_type} == {"StateAgent", "Presser"}


def test_all_agents_decide_on_the_same_week(scenario: Scenario) -> None:
    """In whatever order they are asked."""
    agents = dict.fromkeys(("PRK", "USA", "RUS"), Presser)
    forward, backward = (sim.ArmsTransferModel(scenario, rng=7, agents=agents) for _ in range(2))
    for _ in range(4):
        forward.step()
        for agent in reversed(list(backward.agents)):
            agent.decide()
        backward.step()
    assert same(forward.world, backward.world)


def test_what_happened_is_told(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=7)
    assert model.happened == []
    counted = 0.0
    for week in steps(model):
        counted += sum(values.sum() for values in week.events.values())
        told = sum(count for *_, count in model.happened)
        assert told == sum(values.sum() for values in week.events.values())
        assert {code for _, i, j, _ in model.happened for code in (i, j)} <= {*scenario.states}
    assert counted > 0.0


def test_the_data_collector_holds_what_results_hold(scenario: Scenario) -> None:
    weeks = sim.run(scenario, runs=1, seed=7, workers=1).weeks
    model = sim.ArmsTransferModel(scenario, rng=7)
    start = model.world
    list(steps(model))
    agents = model.datacollector.get_agent_vars_dataframe()
    world = model.datacollector.get_model_vars_dataframe()
    assert len(world) == WEEKS + 1
    of_states = agents.loc[1:].drop(columns="state")
    assert agents["state"].tolist() == list(scenario.states) * (WEEKS + 1)
    for name in of_states:
        assert of_states[name].tolist() == weeks[name].tolist(), name
    for name in world.drop(columns="seed"):
        assert world[name][1:].tolist() == weeks[name][:: len(scenario.states)].tolist(), name
    ids = {"point", "run", "seed", "week", "date", "state"}
    assert {*of_states, *world} == {*weeks} - ids | {"seed"}

    assert agents.loc[0, "stock_shell_152"].tolist() == start.stock[:, 0].tolist()
    by_name = {metric.name: metric for metric in METRICS}
    counts = [name for name in world if name != "seed" and by_name[name].unit.endswith("per week")]
    assert (world.loc[0, counts] == 0.0).all()
    assert world.loc[1:, counts].to_numpy().any()


def test_the_data_collector_holds_plain_values(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=7)
    model.step()
    rows = [row for rows in model.datacollector._agent_records.values() for row in rows]
    columns = model.datacollector.model_vars.values()
    values = {type(v) for row in rows for v in row} | {type(v) for c in columns for v in c}
    assert values <= {int, float, str}


def test_a_model_stops_at_its_end(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=7)
    model.run_model()
    assert (model.week, model.running, model.failed_at) == (WEEKS, False, None)


def test_a_model_stops_where_its_numbers_leave_their_range(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.policy.mesa_model.in_range", lambda world: int(world.week) < 4)
    model = sim.ArmsTransferModel(scenario, rng=7)
    model.run_model()
    assert (model.week, model.running, model.failed_at) == (3, False, 3)
    assert len(model.datacollector.get_model_vars_dataframe()) == 1 + 3


def seeded(parameters: dict[str, Any], seeds: list[int]) -> dict[str, Any]:
    """Arguments of `batch_run` for some seeds: Mesa 3.5 takes them apart from the parameters."""
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        return {"parameters": parameters, "rng": seeds}
    return {"parameters": parameters | {"rng": seeds}}


DOCTRINES = ["states.PRK.doctrine=restraint", "states.PRK.doctrine=opportunist_supplier"]


def test_batch_run_over_doctrines_and_seeds(scenario: Scenario) -> None:
    arguments = seeded({"scenario": scenario, "overrides": DOCTRINES}, [0, 1, 2])
    rows = mesa.batch_run(
        sim.ArmsTransferModel, **arguments, data_collection_period=1, display_progress=False
    )
    assert {(row["overrides"], row["seed"]) for row in rows} == {
        (doctrine, seed) for doctrine in DOCTRINES for seed in range(3)
    }
    for row in rows:
        if row["state"] == "RUS" and row["Step"] == 4:
            played = scenario.with_(row["overrides"])
            *_, week = (w for w in reference.weeks(played.with_("weeks=4"), row["seed"], 0))
            place = played.states.index("RUS")
            assert row["stock_shell_152"] == week.world.stock[place, 0]
            assert row["tension_mean"] == pytest.approx(
                week.world.tension.sum() / (len(played.states) * (len(played.states) - 1))
            )


@pytest.mark.slow
def test_batch_run_in_processes(scenario: Scenario) -> None:
    arguments = seeded({"scenario": scenario.with_policy("PRK", PressingPolicy)}, [0, 1])
    one, two = (
        mesa.batch_run(
            sim.ArmsTransferModel, **arguments, number_processes=n, display_progress=False
        )
        for n in (1, 2)
    )
    for rows in (one, two):
        rows.sort(key=lambda row: (row["RunId"], row["AgentID"]))
        for row in rows:
            del row["scenario"]
    assert one == two
