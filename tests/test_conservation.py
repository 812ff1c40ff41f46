"""In any world, every week: nothing is lost, nothing is negative, what is symmetric stays so."""

from collections.abc import Iterable, Sequence
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
from sim.arrays import Pairs
from sim.desks.decide import decide
from sim.engines import reference
from sim.events import AXES, EVENTS, shape
from sim.metrics import Week
from sim.params import Params, Rules, Wiring
from sim.rules.bounds import AMOUNTS, SHARES, SIGNED
from sim.rules.move import enforcement
from sim.rules.perceive import made_quality, perceive
from sim.rules.week import PHASES
from sim.scenario import Scenario, from_mapping
from sim.scenario.schema import axes
from sim.world import EXERCISES, WAR, Observation, World, after

NEVER_NEGATIVE = (*AMOUNTS, "debt")
SYMMETRIC = ("interop", "level")
NO_SELF = tuple(f.name for f in fields(World) if axes(f) == ("state", "state"))
FIELDS = tuple(f.name for f in fields(World))
COUNTED = ("week", "stage", "level", "hostility", "posture")
LEDGERS = (
    "produced",
    "retired",
    "expended",
    "shipped",
    "delivered",
    "unusable",
    "interdicted",
    "cargo_shipped",
    "cargo_delivered",
    "cargo_interdicted",
    "losses",
    "settled",
)
BY_PAIR = ("incident", "level_up", "level_down", "ceasefire")
"""Events of two states, counted once."""

TOLERANCE = 1e-9


WEEKS = st.sampled_from((6, 12, 12, 18, 40))
"""Most is under way in the first weeks; what takes longer, such as the longest routes and the ends
of mandates, has a world in five."""


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """A drawn world for 6 to 40 weeks, under the shipped coefficients or drawn ones."""
    data = draw(mappings()) | {"weeks": draw(WEEKS)}
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


def stacked(names: Iterable[str], weeks: Sequence[Any]) -> dict[str, np.ndarray]:
    """Fields of some weeks, the axis of weeks first: looked at in one go, and all of them."""
    return {name: np.stack([getattr(week, name) for week in weeks]) for name in names}


def assert_nothing_is_lost(start: World, worlds: dict[str, np.ndarray], wiring: Wiring) -> None:
    had, gone = start.stock + worlds["produced"], worlds["expended"] + worlds["retired"]
    np.add.at(had, (slice(None), wiring.target), worlds["delivered"])
    np.add.at(gone, (slice(None), wiring.source), worlds["shipped"])
    assert lost(had, gone, worlds["stock"]) <= TOLERANCE
    travelling = worlds["transit"].sum(axis=1)
    ended = worlds["delivered"] + worlds["unusable"] + worlds["interdicted"]
    assert lost(worlds["shipped"], travelling, ended) <= TOLERANCE
    travelling = worlds["cargo_transit"].sum(axis=1)
    ended = worlds["cargo_delivered"] + worlds["cargo_interdicted"]
    assert lost(worlds["cargo_shipped"], travelling, ended) <= TOLERANCE


def assert_quality_is_kept(scenario: Scenario, run: int) -> None:
    """Phase by phase, quality times amount changes by what is made, used or lost alone."""
    key = noise.run_key(0, run)
    params, world, _ = scenario.draw(key)
    for _ in range(min(scenario.weeks, 12)):
        draws = noise.draw(scenario.layout, key, int(world.week))
        world, seen = perceive(params, world, draws)
        given = {"params": params, "seen": seen, "noise": draws}
        given["action"] = decide(params, seen, draws)
        for phase in PHASES:
            before, world = world, phase.run(given | {"world": world})[0]
            gone, made = went_and_came(phase.name, params, before, world, seen, draws)
            had, has = (held_quality(w) for w in (before, world))
            size = np.maximum(np.maximum(np.abs(had), np.abs(has)), 1e-300)
            assert np.all(np.abs(has - had - made + gone) <= TOLERANCE * size), phase.name
        world = after(world, week=world.week + 1)


def held_quality(world: World) -> np.ndarray:
    """Quality times amount of all that lies in depots or is on its way: [munition]."""
    on_the_way = np.sum(world.transit_grade * world.transit, axis=(0, 1))
    return np.sum(world.grade * world.stock, axis=0) + on_the_way


def went_and_came(
    phase: str, params: Params, before: World, now: World, seen: Observation, draws: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Quality times amount that a phase took out of the depots and roads, and brought in."""
    wiring, nothing = params.wiring, np.zeros(before.stock.shape[1])
    if phase not in ("trade", "move", "fight", "build"):
        return nothing, nothing
    sent = before.grade[wiring.source] * now.shipment
    if phase == "trade":
        return np.sum(sent, axis=0), nothing
    if phase == "move":
        return lost_on_the_way(params, before, seen, draws), np.sum(sent, axis=0)
    used = now.expended - before.expended + now.retired - before.retired
    made = now.produced - before.produced
    new = np.sum(made_quality(params, before) * made, axis=0)
    return np.sum(before.grade * used, axis=0), new


def lost_on_the_way(params: Params, world: World, seen: Observation, draws: Any) -> np.ndarray:
    """Quality times amount of what a week's journey loses to patrols and to damp."""
    wiring, routes, rules = params.wiring, params.routes, params.rules.move
    ready = world.transit / routes.time[:, :, None]
    boxes = ready @ params.munitions.containers
    fits = np.ones(wiring.leg.shape)
    for way, capacity in enumerate(routes.capacity):
        over = wiring.way == way
        load = np.sum(boxes[over])
        fits[over] = capacity / load if load > capacity else 1.0
    hazard = rules.interdiction * routes.vulnerability * enforcement(params, world, seen)
    caught = (draws["interdiction"] < 1.0 - np.exp(-hazard)) * wiring.leg
    out = world.transit_grade * ready * fits[:, :, None]
    taken = rules.taken * out * caught[:, :, None]
    spoils = params.states.unusable_share[wiring.source][:, None]
    spoiled = np.sum((out - taken) * wiring.last[:, :, None], axis=0) * spoils
    return np.sum(taken, axis=(0, 1)) + np.sum(spoiled, axis=0)


def assert_in_range(worlds: dict[str, np.ndarray]) -> None:
    for name in NEVER_NEGATIVE:
        assert np.all(worlds[name] >= 0.0), name
    for name in SHARES:
        share = worlds[name]
        assert np.all((share >= 0.0) & (share <= 1.0)), name
    for name in AMOUNTS + SIGNED:
        assert np.all(np.isfinite(worlds[name])), name
    assert np.all((worlds["level"] >= 0) & (worlds["level"] <= WAR))
    assert np.all(np.abs(worlds["affinity"]) <= 1.0)


def assert_dyads_are_sound(worlds: dict[str, np.ndarray], pair: Pairs) -> None:
    for name in SYMMETRIC:
        value = worlds[name]
        assert np.array_equal(value, value[:, pair.reverse]), name
    assert np.array_equal(worlds["affinity"], np.swapaxes(worlds["affinity"], 1, 2))
    for name in ("front", "won"):
        assert np.array_equal(worlds[name], -worlds[name][:, pair.reverse]), name
    assert np.all(np.abs(worlds["won"]) <= 0.5)
    acts = np.maximum(worlds["hostility"], worlds["hostility"][:, pair.reverse])
    assert np.array_equal(worlds["level"], acts), "the level is the higher of both sides' acts"
    for name in NO_SELF:
        assert not np.diagonal(worlds[name], axis1=1, axis2=2).any(), name


def assert_kinds_are_kept(world: World) -> None:
    """Of each week by itself: stacked, a float among whole numbers makes floats of all."""
    for field in fields(world):
        kind = np.int64 if field.name in COUNTED else np.float64
        assert getattr(world, field.name).dtype == kind, field.name


def assert_events_are_counts(weeks: Sequence[Week]) -> None:
    wiring, pair = weeks[0].params.wiring, weeks[0].params.wiring.pair
    inert = pair.actor == pair.target  # the only one, where no pair is listed
    assert all(set(week.events) == set(EVENTS) for week in weeks)
    for kind in EVENTS:
        counts = [week.events[kind] for week in weeks]
        assert {count.shape for count in counts} == {shape(kind, wiring)}, kind
        count = np.stack(counts)
        assert np.all(count >= 0.0), kind
        assert kind == "visit" or np.array_equal(count, np.round(count)), kind
        assert kind not in BY_PAIR or not (count * (1.0 - pair.once)).any(), kind
        assert AXES[kind] != "pair" or not count[:, inert].any(), kind
    joint = np.stack([week.events["exercise"][len(wiring.off) :] for week in weeks])
    assert not (joint * (1.0 - pair.once)).any()


def assert_ledgers_grow(start: World, worlds: dict[str, np.ndarray]) -> None:
    for name in LEDGERS:
        first = getattr(start, name)[None]
        assert np.all(np.diff(worlds[name], axis=0, prepend=first) >= 0.0), name


def assert_sound(weeks: Sequence[Week]) -> dict[str, np.ndarray]:
    """What holds in every week of any world; returns the worlds, stacked."""
    for week in weeks:
        assert_kinds_are_kept(week.world)
    worlds = stacked(FIELDS, [week.world for week in weeks])
    assert_in_range(worlds)
    assert_dyads_are_sound(worlds, weeks[0].params.wiring.pair)
    assert_events_are_counts(weeks)
    return worlds


@pytest.mark.slow
@unchecked()
@pytest.mark.parametrize("drawn", [25, 300])
def test_every_week_of_any_world_is_sound(drawn: int) -> None:
    happened: set[str] = set()

    @settings(max_examples=drawn, suppress_health_check=list(HealthCheck))
    @given(data=worlds(), run=st.integers(0, 9))
    def is_sound(data: dict[str, Any], run: int) -> None:
        scenario = from_mapping(data, "drawn")
        params, start, _ = scenario.draw(noise.run_key(0, run))
        weeks = list(reference.weeks(scenario, seed=0, run=run))
        worlds = assert_sound(weeks)
        assert_nothing_is_lost(start, worlds, params.wiring)
        assert_ledgers_grow(start, worlds)
        assert_quality_is_kept(scenario, run)
        for week in weeks:
            happened.update(kind for kind, count in week.events.items() if count.any())
        assert weeks[-1].world.week == scenario.weeks

    is_sound()
    never = set(EVENTS) - happened
    assert len(never) < 10, f"what never happens in these worlds is not tested by them: {never}"
    assert drawn < 300 or not never, never


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
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
    data["timetable"] = [entry for entry in data["timetable"] if entry["kind"] != "treaty"]
    scenario = from_mapping(data, "strangers")
    assert not scenario.pairs
    worlds = assert_sound(list(reference.weeks(scenario, seed=0, run=run)))
    assert not worlds["level"].any()
