"""A small world to test rules in: five states, put into any situation that a test needs.

    AAA  supplies BBB; embargoed, monitored, nuclear; hostile to CCC, DDD, EEE
    BBB  buys and teaches; at war with CCC; permanent member, nuclear
    CCC  defended by DDD
    DDD  observer, permanent member; allied with EEE
    EEE  observer, elected member

A `Situation` is a week about to happen: what the world is told, how it stands, what the states do,
and the luck they have. `run` plays one rule on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from inspect import signature
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import MAPPING
from unchecked import unchecked

from sim import noise
from sim.arrays import Pairs
from sim.desks.decide import said
from sim.desks.registry import REGISTRY
from sim.params import Params, Relations, States, Wiring
from sim.rules.perceive import perceive, strength
from sim.scenario import from_mapping
from sim.world import DESKS, TIMETABLE, WAR, Action, Crisis, Observation, World

A, B, C, D, E = range(5)
SHELL, ROCKET, MISSILE = range(3)
AMMUNITION, MISSILES, SATELLITE, RECONNAISSANCE = range(4)
A_TO_B, B_TO_A, D_TO_C, A_TO_D, E_TO_C = range(5)
DDD, EEE = 0, 1
"""Places on each axis; the last line is the axis of observers."""

NEUTRAL = {
    "procurement": "hold",
    "transfer": "none",
    "technology": "steady",
    "training": "none",
    "crisis": "hold",
    "diplomacy": "passive",
}
Changes = Mapping[str, Any]


def put(tree: Any, changes: Changes) -> Any:
    """A tree of dataclasses and mappings with the arrays at dotted paths replaced.

    A value is broadcast to the shape of what it replaces and takes its kind.
    """
    for path, value in changes.items():
        name, _, rest = path.partition(".")
        old = tree[name] if isinstance(tree, Mapping) else getattr(tree, name)
        if rest:
            new = put(old, {rest: value})
        else:
            new = np.broadcast_to(np.asarray(value, old.dtype), old.shape).copy()
        tree = {**tree, name: new} if isinstance(tree, Mapping) else replace(tree, **{name: new})
    return tree


def cells(shape: tuple[int, ...] | np.ndarray, values: Mapping[Any, float]) -> np.ndarray:
    """Zeros of a shape, or a copy of an array, with some cells set."""
    array = np.zeros(shape) if isinstance(shape, tuple) else shape.copy()
    for where, value in values.items():
        array[where] = value
    return array


def by_state(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the sums of route values over those with the same source, or the same target."""
    out = np.zeros((5, *x.shape[1:]))
    np.add.at(out, places, x)
    return out


def one_pair(i: int, j: int) -> np.ndarray:
    """The first entry of a list is of that pair; no other pair has one."""
    return cells(np.ones((5, 5)), {(i, j): 0}).astype(np.int64)


def at(i: int, j: int) -> int:
    """The place of a pair: all twenty are listed, by actor and target."""
    return 4 * i + j - (j > i)


def on_pairs(values: Mapping[tuple[int, int], float]) -> np.ndarray:
    """Zeros for all pairs, with some set: `on_pairs({(A, B): 0.5})`."""
    return cells((20,), {at(*pair): value for pair, value in values.items()})


def both_ways(i: int, j: int, value: float = 1.0) -> np.ndarray:
    """A value for two states both ways, 0 for all other pairs: [pair]."""
    return on_pairs({(i, j): value, (j, i): value})


def symmetric(i: int, j: int, value: float = 1.0) -> np.ndarray:
    """A symmetric [state, state] table with one pair set."""
    return cells((5, 5), {(i, j): value, (j, i): value})


@dataclass(frozen=True, repr=False)
class Situation:
    """A week about to happen."""

    params: Params
    world: World
    action: Action
    noise: Mapping[str, np.ndarray]

    @property
    def seen(self) -> Observation:
        """What the states see of it."""
        return perceive(self.params, self.world, self.noise)[1]

    @property
    def own(self) -> np.ndarray:
        """True strengths."""
        return strength(self.params, self.world)

    def where(
        self,
        world: Changes | None = None,
        params: Changes | None = None,
        action: Changes | None = None,
        noise: Changes | None = None,
    ) -> "Situation":
        """The same situation but for the values at these paths."""
        return Situation(
            put(self.params, params or {}),
            put(self.world, world or {}),
            put(self.action, action or {}),
            put(self.noise, noise or {}),
        )

    def run(self, rule: Callable[..., Any]) -> Any:
        """What a rule makes of it: the rule is given what its parameters name."""
        given = signature(rule).parameters.keys() - {"phases"}  # those of the week are the shipped
        return rule(**{name: getattr(self, name) for name in given})

    def weeks(self, rule: Callable[..., Any], count: int) -> World:
        """The world after playing one rule alone for some weeks, shapes checked in the first."""
        s = replace(self, world=self.run(rule)[0])
        with unchecked():
            for _ in range(count - 1):
                s = replace(s, world=s.run(rule)[0])
        return s.world


def visiting(calm: Situation, guest: int, host: int) -> Situation:
    """A week in which the timetable has a visit of the guest to the host."""
    return calm.where(
        params={
            "agenda.week": 0,
            "agenda.entry": cells((len(TIMETABLE), 1), {(TIMETABLE.index("visit"), 0): 1.0}),
            "agenda.call": one_pair(guest, host),
        }
    )


def idle(params: Params, seen: Observation, luck: Mapping[str, np.ndarray]) -> Action:
    """What states do that do nothing: keep, neither trade nor train, hold, say nothing."""
    parts = {}
    for desk in DESKS:
        rule = REGISTRY[desk][NEUTRAL[desk]]
        size = seen.treasury.shape
        own = rule.coefficients(**{f.name: np.zeros(size) for f in fields(rule.coefficients)})
        part = rule.function(own, seen, luck, params)
        parts[desk] = said(part) if isinstance(part, Crisis) else part
    return put(Action(**parts), {"procurement.build": 0.0})


@cache
def scenario() -> Any:
    """The small scenario, in a program that holds every rule of every desk."""
    return from_mapping(MAPPING, "small").holding({desk: tuple(REGISTRY[desk]) for desk in DESKS})


@cache
def small() -> Situation:
    """The small world at its start; nobody acts, normals are 0, uniforms strike nobody."""
    params, world = scenario().params(), scenario().world()
    drawn = noise.draw(scenario().layout, noise.run_key(0, 0), 0)
    laws = {stream.name: stream.law for stream in noise.STREAMS}
    luck = {
        name: np.full_like(values, 0.0 if laws[name] == "normal" else 0.999999)
        for name, values in drawn.items()
    } | {"level": np.full(20, 0.5)}
    seen = perceive(params, world, luck)[1]
    return Situation(params, world, idle(params, seen, luck), luck)


# Drawn situations: any state of any thing, to find where a promise breaks.

seeds = st.integers(0, 2**32 - 1)
_SYMMETRIC = ("interop", "affinity", "level")
_ANTISYMMETRIC = {"front": 50.0, "won": 0.5}
_FLAGS = ("agreed", "pact", "campaign", "hard", "embargo", "censured", "monitor", "coalition")
_SIGNED = {"drive": 2.0, "affinity": 1.0, "belief": 5.0, "benefit": 2.0}
_AMOUNTS = ("stock", "capacity", "treasury", "spending", "gdp", "force", "manpower", "price")
_SIZES = {
    "want": 2e4,
    "contract": 2e4,
    "advance": 2e4,
    "loading": 2e4,
    "shipment": 2e4,
    "delivery": 2e4,
    "transit": 1e5,
    "cargo": 300.0,
    "cargo_delivery": 300.0,
    "cargo_transit": 1000.0,
    "expenditure": 2e4,
    "trials": 20.0,
    "failures": 20.0,
    "losses": 500.0,
    "estimate": 5000.0,
    "unseen": 1000.0,
    "published": 5000.0,
    "mandate": 60.0,
    "lapsed": 60.0,
    "pause": 3.0,
}


def in_any_world(test: Callable[..., None]) -> Callable[..., None]:
    """A property test over drawn situations: the test takes a `seed`."""
    return settings(max_examples=20)(given(seed=seeds)(test))


@cache
def scrambled(seed: int) -> Situation:
    """The small world in any situation: amounts, opinions, acts, luck and coefficients drawn."""
    rng = np.random.default_rng(seed)
    calm = small()
    params = _scrambled_params(calm.params, rng)
    world = _scrambled_world(params, calm.world, rng)
    luck = noise.draw(scenario().layout, noise.run_key(seed, 0), 0)
    return Situation(params, world, _scrambled_action(calm.action, rng), luck)


def _coefficient(found: Any, value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Any value within the bounds, a bound now and then; without a bound about what it was."""
    low, high = found.metadata["low"], found.metadata["high"]
    high = min(high, 2.0 * float(np.max(np.abs(value))) + (1.0 if np.isfinite(high) else 0.0))
    low = max(low, -high)
    drawn = rng.uniform(low, high, value.shape)
    edge = rng.random()
    return np.full_like(value, low) if edge < 0.1 else drawn


def _scrambled_params(tree: Any, rng: np.random.Generator) -> Any:
    """Every coefficient drawn; the wiring, the dates and what is symmetric stay."""
    changed = {}
    for found in fields(tree):
        value = getattr(tree, found.name)
        if isinstance(value, Wiring | Relations) or found.name in ("member", "permanent"):
            continue
        if is_dataclass(value):
            changed[found.name] = _scrambled_params(value, rng)
        elif "unit" in found.metadata:
            drawn = _coefficient(found, value, rng)
            whole = isinstance(tree, States) and found.metadata["unit"] == "0/1"
            changed[found.name] = np.round(drawn) if whole else drawn
    return replace(tree, **changed)


def _scrambled_world(params: Params, world: World, rng: np.random.Generator) -> World:
    """Every field drawn within what it may be."""
    off, pair, changed = params.wiring.off, params.wiring.pair, {}
    for found in fields(world):
        name, old = found.name, getattr(world, found.name)
        if name in ("week", "frontier"):
            continue
        if name == "level":
            new = rng.integers(0, WAR + 1, old.shape)
        elif name == "hostility":  # drawn below, to fit the level
            continue
        elif name in _ANTISYMMETRIC:
            new = _ANTISYMMETRIC[name] * rng.uniform(-1.0, 1.0, old.shape)
            new = 0.5 * (new - pair.back(new))
        elif name == "stage":
            new = rng.integers(0, 3, old.shape)
        elif name == "posture":
            new = rng.integers(-1, 2, old.shape)
        elif name in _FLAGS:
            new = np.round(rng.random(old.shape))
        elif name == "exposure":
            watch = params.rules.watch
            new = rng.uniform(watch.base, watch.bound, old.shape)
        elif name in _SIGNED:
            new = rng.uniform(-_SIGNED[name], _SIGNED[name], old.shape)
        elif name in _AMOUNTS:
            new = old * rng.uniform(0.0, 2.0, old.shape)
        else:
            new = rng.uniform(0.0, _SIZES.get(name, 1.0), old.shape)
        if name in _SYMMETRIC and old.shape == off.shape:
            new = np.triu(new, 1) + np.triu(new, 1).T
        elif name in _SYMMETRIC:
            new = np.where(pair.once > 0.0, new, pair.back(new))
        elif old.shape == off.shape:
            new = new * off.astype(old.dtype)
        changed[name] = np.asarray(new, old.dtype)
    changed["hostility"] = _hostility(changed["level"], pair, rng)
    changed["monitor"] = changed["monitor"] * changed["embargo"]
    changed["cargo_transit"] = changed["cargo_transit"] * params.wiring.leg
    for name in ("transit", "transit_grade"):
        changed[name] = changed[name] * params.wiring.leg[:, :, None]
    return replace(world, **changed)


def _hostility(level: np.ndarray, pair: Pairs, rng: np.random.Generator) -> np.ndarray:
    """Acts of each side of which the larger makes the level: of one side, or in war of both."""
    milder = rng.integers(0, level + 1)
    leads = rng.integers(0, 2, level.shape) == pair.once
    leads = np.where(pair.once > 0.0, leads, ~pair.back(leads))
    return np.where(leads | (level == WAR), level, milder)


def _scrambled_action(action: Action, rng: np.random.Generator) -> Action:
    """Anything that a desk may do."""
    whole = ("condemn", "propose", "publish", "grant")
    large = {"offer": 4e4, "want": 4e4, "build": 4e4, "tests": 4.0, "research": 2.0}
    changes: dict[str, np.ndarray] = {}
    for desk in DESKS:
        for found in fields(getattr(action, desk)):
            old = getattr(getattr(action, desk), found.name)
            new = rng.uniform(0.0, large.get(found.name, 1.0), old.shape)
            new = np.round(new) if found.name in whole else new
            changes[f"{desk}.{found.name}"] = new
    mix = changes["transfer.mix"]
    changes["transfer.mix"] = mix / np.sum(mix, axis=1, keepdims=True)
    for kind in ("hard", "soft"):
        press = changes[f"crisis.press_if_{kind}"]
        changes[f"crisis.yield_if_{kind}"] *= 1.0 - press
    changes["crisis.posture"] = rng.integers(-1, 2, action.crisis.posture.shape)
    return put(action, changes)


def filled(s: Situation, desk: str, rule: str, **own: Any) -> Any:
    """The part of the Action that a rule of a desk fills, all states with these coefficients."""
    s = s.where(params={f"desks.{desk}.{rule}.{name}": value for name, value in own.items()})
    return REGISTRY[desk][rule].function(s.params.desks[desk][rule], s.seen, s.noise, s.params)
