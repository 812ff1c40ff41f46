"""Whether a world is still a world: no NaN, nothing negative that cannot be, shares in [0, 1].

Written against the array API, so that both engines stop a run at the same week.
"""

from dataclasses import fields
from operator import attrgetter
from typing import Any

from jaxtyping import Bool

from ..world import World

Array = Any

COUNTERS = ("week", "stage", "level", "hostility", "posture")
SIGNED = ("debt", "drive", "front", "won", "affinity", "belief", "benefit", "exposure")
SHARES = (
    "agreed",
    "talks",
    "campaign",
    "preparation",
    "readiness",
    "interop",
    "convened",
    "pact",
    "hard",
    "credence",
    "suspected",
    "trust",
    "demand",
    "tension",
    "doubt",
    "noted",
    "sanctions",
    "embargo",
    "censured",
    "monitor",
    "coalition",
)
AMOUNTS = tuple(
    field.name for field in fields(World) if field.name not in COUNTERS + SIGNED + SHARES
)
SLACK = 1e-6
"""What rounding may leave below zero or above one, in the field's own unit."""


LARGEST = 1.7976931348623157e308
"""What an amount may be: any number that is finite. Tests lower it, to have runs that fail."""
_shares, _amounts, _signed = attrgetter(*SHARES), attrgetter(*AMOUNTS), attrgetter(*SIGNED)
_SPAN = (
    dict.fromkeys(SHARES, (-SLACK, 1.0 + SLACK))
    | dict.fromkeys(AMOUNTS, (-SLACK, LARGEST))
    | dict.fromkeys(SIGNED, (-LARGEST, LARGEST))
)


def in_range(world: World) -> Bool[Array, ""]:
    """True if every amount is finite and at least 0, every share in [0, 1], the rest finite."""
    xp = world.stock.__array_namespace__()
    shares, amounts, signed = (
        xp.concat(fields_of(world), axis=None) for fields_of in (_shares, _amounts, _signed)
    )
    least = xp.minimum(xp.min(shares), xp.min(amounts))
    finite = xp.all(xp.isfinite(signed)) & (xp.max(amounts) <= LARGEST)
    return finite & (least >= -SLACK) & (xp.max(shares) <= 1.0 + SLACK)


def each_in_range(world: World) -> Bool[Array, ""]:
    """The same for a compiler: fields of one shape are looked at together, in one pass."""
    xp = world.stock.__array_namespace__()
    fine: dict[tuple[int, ...], Any] = {}
    for name, (low, high) in _SPAN.items():
        values = getattr(world, name)
        within = (values >= low) & (values <= high)
        fine[values.shape] = fine.get(values.shape, True) & within
    return xp.all(xp.stack([xp.all(found) for found in fine.values()]))
