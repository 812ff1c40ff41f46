"""A week: all decide on the same week, it changes nothing that it was given, and tells all."""

from dataclasses import fields, replace

import numpy as np
import pytest
from worlds import Situation, by_state, in_any_world, scenario, scrambled

from sim import noise
from sim.desks.decide import decide
from sim.events import AXES, EVENTS
from sim.rules.bounds import in_range
from sim.rules.perceive import perceive
from sim.rules.week import resolve, step
from sim.world import World


def copied(world: World) -> World:
    return World(**{f.name: np.array(getattr(world, f.name)) for f in fields(world)})


def same(one: World, two: World) -> None:
    for f in fields(World):
        np.testing.assert_array_equal(getattr(one, f.name), getattr(two, f.name), f.name)


@in_any_world
def test_a_week_is_to_perceive_decide_and_resolve(seed: int) -> None:
    s = scrambled(seed)
    world, seen, action, events = step(s.params, s.world, s.noise)
    perceived, saw = perceive(s.params, s.world, s.noise)
    did = decide(s.params, saw, s.noise)
    after, happened = resolve(s.params, perceived, saw, did, s.noise)
    same(world, after)
    for kind in EVENTS:
        np.testing.assert_array_equal(events[kind], happened[kind], kind)
    np.testing.assert_array_equal(seen.believed, saw.believed)
    np.testing.assert_array_equal(action.crisis.posture, did.crisis.posture)


@in_any_world
def test_a_week_is_pure(seed: int) -> None:
    s = scrambled(seed)
    before = copied(s.world)
    one = s.run(resolve)[0]
    same(before, s.world)
    same(one, s.run(resolve)[0])


SIZES = {
    "state": (5,),
    "pair": (20,),
    "meeting": (25,),
    "member state": (3, 5),
    "state state": (5, 5),
}
"""The counts of a week of the small world."""


@in_any_world
def test_a_week_passes_and_every_kind_of_event_is_counted(seed: int) -> None:
    s = scrambled(seed)
    world, events = s.run(resolve)
    assert world.week == s.world.week + 1
    assert set(events) == set(EVENTS)
    for kind in EVENTS:
        assert events[kind].shape == SIZES[AXES[kind]], kind
        assert events[kind].dtype == np.float64, kind
        assert np.all(events[kind] >= 0.0), kind
        np.testing.assert_array_equal(events[kind], np.round(events[kind]), kind)


@in_any_world
def test_a_week_leaves_a_world_of_the_same_shapes_and_within_range(seed: int) -> None:
    s = scrambled(seed)
    world = s.run(resolve)[0]
    copied(world)  # the types say the shapes
    assert in_range(world)
    for f in fields(World):
        assert getattr(world, f.name).shape == getattr(s.world, f.name).shape, f.name
        assert getattr(world, f.name).dtype == getattr(s.world, f.name).dtype, f.name


MARKS = {
    "trade": ("contract", "shipped"),
    "haul": ("cargo_delivered",),
    "move": ("delivered",),
    "fight": ("losses", "expended"),
    "build": ("produced", "capacity", "spending"),
    "learn": ("frontier", "lessons"),
    "train": ("readiness", "interop"),
    "watch": ("doubt", "unseen"),
    "sanction": ("sanctions",),
    "relate": ("affinity", "tension"),
    "challenge": ("credence", "trust"),
    "escalate": ("level",),
}
"""Fields that a phase alone moves, whenever anything is on."""


@pytest.mark.parametrize("phase", MARKS)
def test_every_phase_leaves_its_mark(calm: Situation, phase: str) -> None:
    s = scrambled(1)  # all is astir; with the default coefficients, and a war
    s = replace(s, params=calm.params).where(world={"level": calm.world.level})
    s = s.where(params={"technologies.growth": 0.1}, noise={"level": 1e-9})
    after = s.run(resolve)[0]
    for name in MARKS[phase]:
        assert np.any(getattr(after, name) != getattr(s.world, name)), name


@in_any_world
def test_every_ledger_balances(seed: int) -> None:
    """What there was, was made and arrived, is there, was shipped, fired or retired."""
    s = scrambled(seed)
    after = s.run(resolve)[0]

    def grown(ledger: str) -> np.ndarray:
        return getattr(after, ledger) - getattr(s.world, ledger)

    wiring = s.params.wiring
    held = s.world.stock + grown("produced") + by_state(grown("delivered"), wiring.target)
    gone = by_state(grown("shipped"), wiring.source) + grown("expended") + grown("retired")
    np.testing.assert_allclose(held - gone, after.stock, rtol=1e-9, atol=1e-6)
    moving = np.sum(after.transit - s.world.transit, axis=0)
    ended = grown("delivered") + grown("unusable") + grown("interdicted")
    np.testing.assert_allclose(grown("shipped"), moving + ended, rtol=1e-9, atol=1e-6)
    moving = np.sum(after.cargo_transit - s.world.cargo_transit, axis=0)
    ended = grown("cargo_delivered") + grown("cargo_interdicted")
    np.testing.assert_allclose(grown("cargo_shipped"), moving + ended, rtol=1e-9, atol=1e-6)


def test_where_nobody_acts_and_no_luck_strikes_little_changes(calm: Situation) -> None:
    """At peace, with nothing decided: no flows, no disputes, no votes, and no event at all."""
    s = calm.where(
        world={"level": 0, "hostility": 0, "embargo": 0.0, "monitor": 0.0, "mandate": 0.0}
    )
    s = s.where(params={"rules.escalate.incident": 0.0})
    for _ in range(10):
        world, events = s.run(resolve)
        assert not any(np.any(value) for value in events.values())
        for name in ("level", "embargo", "losses", "shipped", "produced", "expended", "trials"):
            np.testing.assert_array_equal(getattr(world, name), getattr(s.world, name), name)
        s = replace(s, world=world)


def test_the_small_world_runs_with_its_own_policies() -> None:
    s, key = scenario(), noise.run_key(0, 0)
    params, world, _ = s.draw(key)
    for week in range(s.weeks):
        world = step(params, world, noise.draw(s.layout, key, week))[0]
        assert in_range(world)
