"""Weekly metrics that a user registers, beside those of `sim.metrics`.

    @sim.metric("state", unit="USD bn", definition="worth of the weapons", reduce=("last",))
    def arsenal(week):
        return week.world.stock @ week.params.munitions.price

It is then a column of the tables, in summaries and in sweeps as any other.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ..metrics import METRICS, Metric
from ..quantities import Week
from ..world import Array
from .traces import REDUCE, TABLE

NOT_FREE = (
    *("point", "run", "seed", "status", "failed_at", "week", "date"),
    *("state", "target", "kind", "actor", "value"),
)
"""Columns of the tables that are no metrics."""


def metric(
    axes: str, *, unit: str, definition: str, reduce: Sequence[str] = ()
) -> Callable[[Callable[[Week], Array]], Callable[[Week], Array]]:
    """Register a function of a `Week` as a weekly metric that bears its name.

    Written against the array API standard it runs on both engines.

    Args:
        axes: What it is measured for, one of `sim.engines.traces.TABLE`: the shape of its value.
        unit: Its unit.
        definition: What it measures, in a phrase.
        reduce: How a run is summarised, some of `sim.engines.traces.REDUCE`.

    Raises:
        ValueError: All that is wrong with the arguments or with the name.

    Examples:
        >>> @sim.metric("state", unit="USD bn", definition="treasury, doubled", reduce=("last",))
        ... def doubled(week):
        ...     return 2.0 * week.world.treasury
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> "doubled_RED_last" in sim.run(world, runs=1, workers=1, engine="reference").runs
        True
    """
    how = (reduce,) if isinstance(reduce, str) else tuple(reduce)

    def register(function: Callable[[Week], Array]) -> Callable[[Week], Array]:
        name = function.__name__
        known = {found.name: place for place, found in enumerate(METRICS)}
        wrong = [f"there is no reduction '{way}' ({', '.join(REDUCE)})" for way in how
                 if way not in REDUCE]  # fmt: skip
        if axes not in TABLE:
            wrong.append(f"there are no axes '{axes}' ({', '.join(TABLE)})")
        if not name.isidentifier():
            wrong.append("its name cannot be that of a column")
        elif name in NOT_FREE or (name in known and not _again(METRICS[known[name]], function)):
            wrong.append("the name is taken")
        if wrong:
            raise ValueError(f"metric {name}: {'; '.join(wrong)}")
        made = Metric(name, axes, unit, definition, 0, how, _checked(axes, function), function)
        place = known.get(name, len(METRICS))
        METRICS[place : place + 1] = [made]
        return function

    return register


def _again(found: Metric, function: Callable[..., Any]) -> bool:
    """Return whether a function is a user's metric that is defined again, as a notebook does."""
    was = found.source
    names = (function.__module__, function.__qualname__)
    return was is not None and (was.__module__, was.__qualname__) == names


def _checked(axes: str, function: Callable[[Week], Array]) -> Callable[[Week], Array]:
    """Return a user's function that refuses a value of another shape than its axes have."""

    @wraps(function)
    def value(week: Week) -> Array:
        found, world = function(week), week.world
        states, munitions = world.stock.shape
        observers, routes = world.published.shape
        size = {"state": (states,), "munition": (munitions,), "technology": world.tech.shape[1:],
                "dyad": world.level.shape, "route": (routes,), "observer": (observers,),
                "world": ()}  # fmt: skip
        wanted = sum((size[axis] for axis in axes.split()), ())
        shape = getattr(found, "shape", ())
        if shape != wanted:
            what = f"has the shape {shape}, not {wanted} ({axes})"
            if axes == "dyad" and shape == (states, states):
                what += ": week.params.wiring.pair.from_table(table) takes the listed pairs of it"
            raise ValueError(f"metric {function.__name__}: its value {what}")
        return found

    return value
