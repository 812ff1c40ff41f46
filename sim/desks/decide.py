"""Decide: every rule that the job uses fills its part for all states; each state's own is taken."""

from dataclasses import fields, replace
from typing import Any

from jaxtyping import Int64

from ..params import Params, Wiring
from ..world import (
    DESKS,
    Action,
    Array,
    Crisis,
    Diplomacy,
    Noise,
    Observation,
    Procurement,
    Technology,
    Training,
    Transfer,
)
from .registry import REGISTRY

PARTS = {
    "procurement": Procurement,
    "transfer": Transfer,
    "technology": Technology,
    "training": Training,
    "crisis": Crisis,
    "diplomacy": Diplomacy,
}
OF_PAIRS = ("exercise", *(field.name for field in fields(Crisis)))
"""Fields of the Action with the axis `pair`."""
UNSAID = {"weighed": 0.0} | dict.fromkeys(
    ("press_if_hard", "press_if_soft", "yield_if_hard", "yield_if_soft"), 1.0 / 3.0
)
"""What a crisis desk says that leaves it out: it weighs no deterrence and shows no type."""


def _owner(name: str, choice: Int64[Array, " state"], wiring: Wiring) -> Int64[Array, " owner"]:
    """The choice of whoever decides a field: a supplier, an observer, an actor, else the state."""
    xp = choice.__array_namespace__()
    if name == "offer":
        return xp.take(choice, wiring.source)
    if name == "publish":
        return xp.take(choice, wiring.observer)
    if name in OF_PAIRS:
        return wiring.pair.of(choice)
    return choice


def _select(parts: list[Any], choice: Int64[Array, " state"], wiring: Wiring) -> Any:
    """One part of the Action, row by row from the rule that the row's owner follows."""
    xp = choice.__array_namespace__()
    chosen = {}
    for field in fields(parts[0]):
        value = getattr(parts[0], field.name)
        owner = _owner(field.name, choice, wiring)
        owner = xp.reshape(owner, (-1,) + (1,) * (value.ndim - 1))
        for index, part in enumerate(parts[1:], start=1):
            value = xp.where(owner == index, getattr(part, field.name), value)
        chosen[field.name] = _real(field.name, value, wiring)
    return type(parts[0])(**chosen)


def said(crisis: Crisis) -> Crisis:
    """A crisis desk's part, what it leaves out filled in by `UNSAID`."""
    like = 0.0 * crisis.demand
    left = {name: value + like for name, value in UNSAID.items() if getattr(crisis, name) is None}
    return replace(crisis, **left) if left else crisis


def _real(name: str, value: Array, wiring: Wiring) -> Array:
    """A field of the Action, 0 at the inert entry of a world without routes, observers or pairs."""
    xp = value.__array_namespace__()
    if name == "offer":
        return xp.where(wiring.real_route[:, None] > 0.0, value, 0.0)
    if name == "publish":
        return xp.where(wiring.real_observer[:, None] * wiring.real_route > 0.0, value, 0.0)
    if name in OF_PAIRS and value.shape[0] == 1:  # pairs are listed both ways: one is the inert
        return xp.zeros_like(value)
    return value


def decide(params: Params, seen: Observation, noise: Noise) -> Action:
    """What all states do this week."""
    chosen = {}
    for index, desk in enumerate(DESKS):
        parts = [
            REGISTRY[desk][rule].function(own, seen, noise, params)
            for rule, own in params.desks[desk].items()
        ]
        parts = [said(part) if isinstance(part, Crisis) else part for part in parts]
        chosen[desk] = _select(parts, params.choice[index, :], params.wiring)
    return Action(**chosen)
