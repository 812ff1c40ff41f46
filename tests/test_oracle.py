"""The oracle, the documented model a second time in plain Python, against the reference engine.

    pytest tests/test_oracle.py --oracle-worlds=1000

compares so many drawn worlds with drawn coefficients, in place of the few that every run of the
tests compares.
"""

import ast
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from between import events_between
from oracle_worlds import SYNTHETIC, YEAR, crowded, default, drawn, synthetic
from worlds import put

from sim import noise
from sim.desks.registry import REGISTRY
from sim.engines import reference
from sim.events import EVENTS
from sim.metrics import Week
from sim.params import Munitions, Params, Relations, Routes, Rules, States, Technologies
from sim.policy.state import Policy
from sim.rules.bounds import COUNTERS
from sim.rules.week import step
from sim.scenario import Scenario, from_mapping
from sim.scenario import pairs as scenario_pairs
from sim.world import World
from tests.oracle import model as oracle_model
from tests.oracle import setup
from tests.oracle.desks import RULES
from tests.oracle.model import PHASES, OracleModel

pytestmark = pytest.mark.usefixtures("unchecked")


def assert_same_world(ours: Mapping[str, Any], theirs: World) -> None:
    """Every field of the World, to nine digits; counters and levels exactly.

    Of amounts, what rounding leaves of the largest number in their field is nothing. Without routes
    or observers or listed pairs the engine has an inert entry, of which the oracle knows nothing.
    """
    for field in fields(World):
        mine, other = np.asarray(ours[field.name]), getattr(theirs, field.name)
        if mine.size == 0 and other.size:
            assert not np.any(other) or field.name in ("exposure", "doubt", "belief", "trust")
            continue
        assert mine.shape == other.shape, field.name
        if field.name in COUNTERS:
            np.testing.assert_array_equal(mine, other, field.name)
        else:
            size = float(np.max(np.abs(other), initial=1.0))
            np.testing.assert_allclose(mine, other, 1e-9, 1e-12 * size, err_msg=field.name)


STILL = sorted({*setup.OF_PAIRS, "stake"} - {"belief", "trust"})
"""What is 0 between strangers, who do nothing to each other. Their beliefs and trust move, in the
oracle, and nobody reads them: else the engine, which holds neither, would not agree."""


def strangers(oracle: OracleModel) -> list[tuple[int, int]]:
    """The pairs that the scenario does not list."""
    return sorted({*permutations(range(len(oracle.states)), 2)} - {*oracle.pairs})


def assert_strangers_are_still(oracle: OracleModel) -> None:
    """The oracle knows no list: who is not on it has to do nothing by itself."""
    for i, j in strangers(oracle):
        moved = [name for name in STILL if getattr(oracle.states[i], name)[j]]
        assert not moved, f"{oracle.states[i].code} and {oracle.states[j].code}: {moved}"


def assert_same_week(oracle: OracleModel, week: Week) -> None:
    """Every field of the World and every count of events, as the engine has them."""
    assert_strangers_are_still(oracle)
    assert_same_world(oracle.world(), week.world)
    for kind in EVENTS:
        theirs = events_between(kind, week.events[kind], week.params.wiring)
        counts = np.zeros_like(theirs)
        for pair, count in oracle.events[kind].items():
            counts[pair] = count
        np.testing.assert_array_equal(counts, theirs, kind)


def run_both(scenario: Scenario, run: int = 0, anew: bool = False) -> set[str]:
    """Run both week by week, hold them equal, and return the kinds of events that there were.

    With `anew` the oracle begins each week where the engine does. Else what rounding leaves of a
    treasury may raise a soldier where the engine has none, and a front moves.
    """
    oracle = OracleModel(scenario, noise.run_key(0, run), collect=False)
    happened = set()
    for week in reference.weeks(scenario, 0, run):
        oracle.step()
        assert_same_week(oracle, week)
        happened |= {kind for kind in EVENTS if oracle.events[kind]}
        if anew:
            setup.restore(oracle, week.world)
    assert oracle.week == scenario.weeks
    return happened


@pytest.mark.parametrize(("states", "seed"), SYNTHETIC)
def test_a_year_of_a_synthetic_world_agrees(states: int, seed: int) -> None:
    assert len(run_both(synthetic(states, seed))) > 7


@pytest.mark.quick
def test_a_year_of_the_default_agrees() -> None:
    assert len(run_both(default())) > 15


@pytest.mark.quick
def test_every_kind_of_event_agrees() -> None:
    happened = set().union(*(run_both(crowded(), run) for run in (1, 2, 3)))
    assert happened == set(EVENTS)


RARE = {
    "desks.crisis.brinkmanship.audience": 48,
    "desks.crisis.brinkmanship.caution": 92,
    "desks.crisis.perfect_deterrence.damage": 29,
    "desks.diplomacy.enforcer.penalty": 1024,
    "desks.training.calendar.by_alarm": 54,
    "rules.escalate.ladder": 56,
    "rules.escalate.nuclear_restraint": 33,
    "rules.fight.exhaustion": 87,
    "rules.sanction.by_exposure": 50,
    "rules.sanction.outside_shift": 35,
    "rules.trade.by_affinity": 38,
    "rules.train.accepts": 82,
    "technologies.deterrent": 33,
}
"""Where a coefficient that few worlds feel is looked for first; all others are tried after it."""


def seeds(config: pytest.Config) -> list[int]:
    """Which worlds are drawn: as many as the command line says, and those that `RARE` needs."""
    return sorted({*range(config.getoption("--oracle-worlds")), *RARE.values()})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Draw as many worlds as the command line says."""
    if "world_seed" in metafunc.fixturenames:
        metafunc.parametrize("world_seed", seeds(metafunc.config))


def test_a_drawn_world_with_drawn_coefficients_agrees(world_seed: int) -> None:
    run_both(drawn(world_seed), run=world_seed, anew=True)


def coefficients() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every coefficient of rules and desks and every trait: its path in `Params`, and its bounds.

    But the wars that the scenario gives, and thrift: only metrics read them.
    """
    for group in (Munitions, Technologies, States, Relations, Routes):
        for field in fields(group):
            if field.name not in ("war", "thrift"):
                yield f"{group.__name__.lower()}.{field.name}", dict(field.metadata)
    for phase in fields(Rules):
        for field in fields(phase.type):
            yield f"rules.{phase.name}.{field.name}", dict(field.metadata)
    for desk, rules in REGISTRY.items():
        for name, rule in rules.items():
            if rule.function.__module__.startswith("sim.desks."):
                for field in fields(rule.coefficients):
                    yield f"desks.{desk}.{name}.{field.name}", dict(field.metadata)


COEFFICIENTS = dict(coefficients())


def moved(old: np.ndarray, low: float, high: float) -> np.ndarray:
    """Each number halfway to the farther of its bounds, which lie within 5 of 0."""
    low, high = max(low, min(-5.0, float(np.min(old)))), min(high, max(5.0, float(np.max(old))))
    return old + 0.5 * (np.where(high - old > old - low, high, low) - old)


@cache
def simulated(seed: int) -> tuple[Scenario, Params, World, np.ndarray, list[Week]]:
    """A drawn world, its parameters, start and key, and its weeks."""
    scenario, key = drawn(seed), noise.run_key(0, seed)
    params, start, _ = scenario.draw(key)
    return scenario, params, start, key, list(reference.weeks(scenario, 0, seed))


def is_felt(path: str, seed: int) -> bool:
    """Whether a coefficient, moved, makes another run of a drawn world."""
    scenario, params, start, key, weeks = simulated(seed)
    tree: Any = params
    for name in path.split("."):
        if isinstance(tree, Mapping) and name not in tree:
            return False  # nobody follows that rule
        tree = tree[name] if isinstance(tree, Mapping) else getattr(tree, name)
    meta = COEFFICIENTS[path]
    variant = put(params, {path: moved(tree, meta["low"], meta["high"])})
    world = start
    for before in weeks:
        draws = noise.draw(scenario.layout, key, int(world.week))
        world, _, _, events = step(variant, world, draws)
        if differ(world, before.world) or any(
            not np.array_equal(events[kind], before.events[kind]) for kind in EVENTS
        ):
            return True
    return False


def differ(one: World, other: World) -> bool:
    """Whether two worlds differ by what a comparison with the oracle would see."""
    mine, theirs = vars(one), vars(other)
    if all(np.array_equal(mine[name], theirs[name]) for name in mine):
        return False
    try:
        assert_same_world(mine, other)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("path", COEFFICIENTS)
def test_a_wrong_coefficient_would_be_seen_in_some_drawn_world(
    path: str, pytestconfig: pytest.Config
) -> None:
    first = sorted(seeds(pytestconfig), key=lambda seed: seed != RARE.get(path, 0))
    felt = any(is_felt(path, seed) for seed in first)
    assert felt, "no drawn world depends on it: name in RARE a seed for which is_felt(path, seed)"


@pytest.mark.parametrize("parts", [("routes",), ("observers",), ("routes", "observers")])
def test_a_world_without_routes_or_observers_agrees(parts: tuple[str, ...]) -> None:
    data: dict[str, Any] = deepcopy(dict(crowded().mapping)) | {"weeks": YEAR}
    if "routes" in parts:
        data["routes"] = []
        data["observations"] = []
        data["relations"]["debts"] = []
    if "observers" in parts:
        for state in data["states"].values():
            state["observer"] = False
    assert len(run_both(from_mapping(data))) > 8


def test_a_world_that_names_no_pair_agrees() -> None:
    """Nobody deals with anybody, whatever its desks would like; tests, votes and visits go on."""
    bare: dict[str, Any] = {"affinity": crowded().mapping["relations"]["affinity"]}
    bare |= {"embargoes": ["PRK"], "monitors": {"PRK": 30}}
    data = {**crowded().mapping, "weeks": YEAR, "routes": [], "exercises": [], "observations": []}
    data["timetable"] = [entry for entry in data["timetable"] if entry["kind"] != "treaty"]
    scenario = from_mapping({**data, "relations": bare, "priors": {}})
    assert scenario.pairs == ()
    assert run_both(scenario) >= {"test", "visit", "draft", "vetoed", "sanction"}


def test_there_are_strangers_in_the_worlds_that_are_compared() -> None:
    worlds = [default(), *(synthetic(*which) for which in SYNTHETIC if which[0] > 4)]
    for scenario in worlds:
        assert len(strangers(OracleModel(scenario, noise.run_key(0, 0), weeks=1))) > 1


@pytest.mark.parametrize("name", STILL)
def test_a_stranger_that_acts_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = PHASES["escalate"]

    def escalate(model: OracleModel) -> None:
        right(model)
        i, j = strangers(model)[0]
        getattr(model.states[i], name)[j] = 1

    monkeypatch.setitem(PHASES, "escalate", escalate)
    with pytest.raises(AssertionError, match=f"[A-Z]+ and [A-Z]+: .*'{name}'"):
        run_both(default())


def test_a_pair_that_is_not_listed_though_it_should_be_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = scenario_pairs._named
    monkeypatch.setattr(
        scenario_pairs, "_named", lambda spec: (n for n in right(spec) if n[2] != "level")
    )
    relations = default().mapping["relations"] | {"levels": [["JPN", "UKR", 2]]}
    scenario = from_mapping({**default().mapping, "relations": relations})
    with pytest.raises(AssertionError, match=r"UKR and JPN: .*'level'"):
        run_both(scenario)


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_left_out_is_seen(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHASES, phase, lambda model: None)
    with pytest.raises(AssertionError):
        run_both(default())


def test_a_rule_that_is_a_little_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PHASES["build"]

    def build(model: OracleModel) -> None:
        right(model)
        model.states[0].treasury *= 1.0 + 1e-8

    monkeypatch.setitem(PHASES, "build", build)
    with pytest.raises(AssertionError, match="treasury"):
        run_both(default())


def test_it_shares_no_rule_with_the_engines() -> None:
    folder = Path(oracle_model.__file__).parent
    files = [file for file in folder.glob("*.py") if not file.name.startswith("test_")]
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert not name.startswith(("sim.rules", "sim.desks", "sim.arrays")), (file, name)


def arrays_in(value: Any) -> bool:
    """Whether there is something of NumPy in plain containers."""
    if isinstance(value, dict):
        return any(map(arrays_in, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(arrays_in, value))
    return isinstance(value, np.ndarray | np.generic)


def test_it_is_plain_python() -> None:
    oracle = OracleModel(default(), noise.run_key(0, 0), weeks=2)
    oracle.step()
    for thing in (*oracle.states, *oracle.routes):
        assert not [name for name, value in vars(thing).items() if arrays_in(value)]
    assert not [name for name, value in vars(oracle).items() if arrays_in(value)]
    assert arrays_in({"a": [np.zeros(2)]})


def test_it_knows_every_shipped_rule() -> None:
    for desk, rules in REGISTRY.items():
        shipped = {n for n, r in rules.items() if r.function.__module__.startswith("sim.desks.")}
        assert set(RULES[desk]) == shipped, desk


def test_it_refuses_a_rule_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES["training"], "none")
    scenario = default().with_("states.JPN.desks.training=none")
    with pytest.raises(ValueError, match="JPN: the oracle knows no training rule 'none'"):
        OracleModel(scenario, noise.run_key(0, 0))


class Idle(Policy):
    """Leaves all to the desks."""

    def decide(self, me: Any) -> None:
        """Nothing."""


def test_it_refuses_a_policy() -> None:
    scenario = default().with_policy("JPN", Idle)
    with pytest.raises(ValueError, match="no policies in Python \\(JPN\\)"):
        OracleModel(scenario, noise.run_key(0, 0))
