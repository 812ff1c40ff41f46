"""In any world, every week: nothing is lost, nothing is negative, what is symmetric stays so."""

from dataclasses import fields
from random import Random
from typing import Any

import jaxtyping
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import deal, mappings
from unchecked import unchecked

from sim import noise
from sim.engines import reference
from sim.events import AXES, EVENTS, shape
from sim.metrics import Week
from sim.params import Rules
from sim.rules.bounds import AMOUNTS, SHARES, SIGNED
from sim.scenario import from_mapping
from sim.scenario.schema import axes
from sim.world import EXERCISES, WAR, World

NEVER_NEGATIVE = (*AMOUNTS, "debt")
SYMMETRIC = ("interop", "level")
NO_SELF = tuple(f.name for f in fields(World) if axes(f) == ("state", "state"))
COUNTED = ("week", "stage", "level", "posture")
LEDGERS = (
    "produced",
    "retired",
    "expended",
    "shipped",
    "delivered",
    "unusable",
    "interdicted",
    "losses",
    "settled",
)
BY_PAIR = ("incident", "level_up", "level_down", "ceasefire")
"""Events of two states, counted once."""

TOLERANCE = 1e-9


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """A drawn world for 20 to 40 weeks, under the shipped coefficients or drawn ones."""
    data = draw(mappings()) | {"weeks": draw(st.integers(20, 40))}
    deal(Random(draw(st.integers(0, 2**32 - 1))), data)
    if draw(st.booleans()):
        data["rules"] = draw(st.fixed_dictionaries({p.name: phase(p.type) for p in fields(Rules)}))
    return data


def phase(kind: type) -> st.SearchStrategy[dict[str, Any]]:
    """Coefficients of a phase: its bounds, or what lies between them and within [-5, 5]."""
    drawn = {}
    for field in fields(kind):
        low, high = (min(max(field.metadata[end], -5.0), 5.0) for end in ("low", "high"))
        number = st.floats(low, max(low, high)) | st.sampled_from([low, max(low, high)])
        several = st.fixed_dictionaries(dict.fromkeys(EXERCISES, number))
        drawn[field.name] = several if axes(field) else number
    if "needed" in drawn:
        drawn["seats"] = st.just(15.0)
    return st.fixed_dictionaries(drawn)


def lost(total: np.ndarray, *parts: np.ndarray) -> float:
    """What is missing of a total, or too much, relative to it."""
    gap = np.abs(total - sum(parts))
    return float(np.max(np.where(gap == 0.0, 0.0, gap / np.maximum(total, 1e-300)), initial=0.0))


def assert_nothing_is_lost(start: World, week: Week) -> None:
    world, wiring = week.world, week.params.wiring
    had, gone = start.stock + world.produced, world.expended + world.retired
    np.add.at(had, wiring.target, world.delivered)
    np.add.at(gone, wiring.source, world.shipped)
    assert lost(had, gone, world.stock) <= TOLERANCE
    travelling = world.transit.sum(axis=0)
    ended = world.delivered + world.unusable + world.interdicted
    assert lost(world.shipped, travelling, ended) <= TOLERANCE


def assert_in_range(week: Week) -> None:
    world = week.world
    for name in NEVER_NEGATIVE:
        assert np.all(getattr(world, name) >= 0.0), name
    for name in SHARES:
        share = getattr(world, name)
        assert np.all((share >= 0.0) & (share <= 1.0)), name
    for name in AMOUNTS + SIGNED:
        assert np.all(np.isfinite(getattr(world, name))), name
    assert np.all((world.level >= 0) & (world.level <= WAR))
    assert np.all(np.abs(world.affinity) <= 1.0)


def assert_dyads_are_sound(week: Week) -> None:
    world, pair = week.world, week.params.wiring.pair
    for name in SYMMETRIC:
        value = getattr(world, name)
        assert np.array_equal(value, pair.back(value)), name
    assert np.array_equal(world.affinity, world.affinity.T)
    assert np.array_equal(world.front, -pair.back(world.front))
    for name in NO_SELF:
        assert not np.diagonal(getattr(world, name)).any(), name
    for field in fields(world):
        kind = np.int64 if field.name in COUNTED else np.float64
        assert getattr(world, field.name).dtype == kind, field.name


def assert_events_are_counts(week: Week) -> None:
    assert set(week.events) == set(EVENTS)
    wiring, pair = week.params.wiring, week.params.wiring.pair
    inert = pair.actor == pair.target  # the only one, where no pair is listed
    for kind in EVENTS:
        count = week.events[kind]
        assert count.shape == shape(kind, wiring), kind
        assert np.all(count >= 0.0), kind
        assert kind == "visit" or np.array_equal(count, np.round(count)), kind
        assert kind not in BY_PAIR or not (count * (1.0 - pair.once)).any(), kind
        assert AXES[kind] != "pair" or not count[inert].any(), kind
    joint = week.events["exercise"][len(wiring.off) :]
    assert not (joint * (1.0 - pair.once)).any()


def assert_ledgers_grow(before: World, after: World) -> None:
    for name in LEDGERS:
        assert np.all(getattr(after, name) >= getattr(before, name)), name


@pytest.mark.slow
@unchecked()
def test_every_week_of_any_world_is_sound() -> None:
    happened: set[str] = set()

    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(data=worlds(), run=st.integers(0, 9))
    def is_sound(data: dict[str, Any], run: int) -> None:
        scenario = from_mapping(data, "drawn")
        _, start, _ = scenario.draw(noise.run_key(0, run))
        before = start
        for week in reference.weeks(scenario, seed=0, run=run):
            assert_nothing_is_lost(start, week)
            assert_in_range(week)
            assert_dyads_are_sound(week)
            assert_events_are_counts(week)
            assert_ledgers_grow(before, week.world)
            before = week.world
            happened.update(kind for kind, count in week.events.items() if count.any())
        assert before.week == scenario.weeks

    is_sound()
    assert happened == set(EVENTS), "what never happens in these worlds is not tested by them"


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=worlds())
def test_shapes_hold_in_any_world(data: dict[str, Any]) -> None:
    assert jaxtyping.config.jaxtyping_disable is False
    traces = reference.simulate(from_mapping(data | {"weeks": 3}, "drawn"), 1, [0])
    assert traces.failed_at.tolist() == [-1]


NAMES_NO_PAIR = ("affinity", "tension", "embargoes", "monitors", "sanctions")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=worlds(), run=st.integers(0, 9))
@unchecked()
def test_where_no_pair_is_listed_nothing_passes_between_two(data: dict[str, Any], run: int) -> None:
    relations = {name: data["relations"][name] for name in NAMES_NO_PAIR}
    alone = [exercise | {"states": exercise["states"][:1]} for exercise in data["exercises"]]
    data = data | {"routes": [], "relations": relations, "exercises": alone}
    scenario = from_mapping(data, "strangers")
    assert not scenario.pairs
    for week in reference.weeks(scenario, seed=0, run=run):
        assert_in_range(week)
        assert_dyads_are_sound(week)
        assert_events_are_counts(week)
        assert not week.world.level.any()
