"""The structure of a compiled program: the weeks of a block of runs, as JAX traces them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod
from typing import Any

import jax.numpy as jnp
from jax import lax

from .. import noise
from ..events import EVENTS, shape
from ..metrics import Metric
from ..quantities import Week
from ..rules.bounds import each_in_range
from ..rules.phase import Phase
from ..rules.week import step
from ..scenario.start import opening
from ..scenario.tree import leaves, rebuilt
from ..world import World, after
from .blocks import Row
from .lanes import in_lanes
from .traces import shown

CHUNK = 26
"""Weeks that come back from the device at once, where weeks are kept."""
START = {"last": 0.0, "mean": 0.0, "sum": 0.0, "max": -inf, "min": inf}
ADD: dict[str, Callable[[Any, Any], Any]] = {
    "last": lambda before, now: now,
    "mean": jnp.add,
    "sum": jnp.add,
    "max": jnp.maximum,
    "min": jnp.minimum,
}

State = Any
"""Where the runs of a block stand: arrays of their worlds, running summaries, weeks of failure."""
Own = Any
"""What a run has for itself: its numbers and its key, and its State."""


@dataclass(frozen=True, eq=False)
class Structure:
    """What fixes a program: shapes, desks and metrics; every number is an argument.

    - `row`: how the numbers of a run are laid out.
    - `world`: a world of these shapes.
    - `pieces`: the layout of the noise.
    - `phases`: of a week, in their order.
    - `metrics`: what is measured, and the `shapes` of their values by name.
    - `keeps_weeks`: whether they are kept week by week, and events too.
    - `size`: how many runs are simulated at once.
    """

    row: Row
    world: World
    pieces: tuple[noise.Piece, ...]
    phases: tuple[Phase, ...]
    metrics: Sequence[Metric]
    shapes: Mapping[str, tuple[int, ...]]
    keeps_weeks: bool
    size: int

    @property
    def kept(self) -> Mapping[str, tuple[int, ...]]:
        """Return the shapes of the metrics that are kept by week."""
        return self.shapes if self.keeps_weeks else {}

    def advance(
        self,
        shared: Any,
        counters: Any,
        rows: Any,
        keys: Any,
        state: State,
        start: Any,
        stop: Any,
    ) -> Any:
        """Simulate weeks `start` to `stop` - 1 of a block of runs; the run axis is last.

        Args:
            shared: The arrays that all runs share.
            counters: The counters of the noise.
            rows: The numbers of each run, [number, run].
            keys: The keys of the noise, [2, run].
            state: Where the runs stand; made anew if `start` is 0.
            start: The first week.
            stop: The week after the last.

        Returns:
            Where the runs stand, their failures and summaries in one array, the weeks kept, their
            events.
        """
        c0, c1, c3 = counters
        layout = noise.Layout(c0, c1, c3, self.pieces)
        own = (rows, keys)
        unit = jnp.where(jnp.asarray(start) >= 0, 1.0, 2.0)  # 1, since no week is negative

        def begin(_: Any, own: Own) -> State:
            return self._begin(shared, layout, own)

        def week(at: Any, own: Own) -> Any:
            return self._week(shared, layout, at, own)

        def summary(_: Any, own: Own) -> Any:
            return self._summary(shared, own)

        def following(at: Any, carried: Any) -> Any:
            state, weekly, happened = carried
            state, values, counts = in_lanes(week, self.size, unit)(at, (own, state))
            place = at - start
            weekly = {
                name: lax.dynamic_update_index_in_dim(series, values[name], place, 0)
                for name, series in weekly.items()
            }
            if self.kept:
                happened = lax.dynamic_update_index_in_dim(
                    happened, jnp.concatenate(counts), place, 0
                )
            return state, weekly, happened

        weekly, happened = self._blank_weeks()
        state = lax.cond(
            start == 0, lambda: in_lanes(begin, self.size)((), (own, state)), lambda: state
        )
        state, weekly, happened = lax.fori_loop(start, stop, following, (state, weekly, happened))
        return state, in_lanes(summary, self.size)((), (own, state)), weekly, happened

    def _blank_weeks(self) -> tuple[dict[str, Any], Any]:
        """Return room for the metrics and the events of the weeks kept."""
        weekly = {name: jnp.zeros((CHUNK, *axes, self.size)) for name, axes in self.kept.items()}
        wiring = self.row.like.params.wiring
        counts = sum(prod(shape(kind, wiring)) for kind in EVENTS)
        return weekly, jnp.zeros((CHUNK, counts, self.size)) if self.kept else 0

    def _begin(self, shared: Any, layout: noise.Layout, own: Own) -> State:
        """Return a run before its first week."""
        (numbers, key), (_, running, _) = own
        built = self.row.read(numbers, shared)
        u = noise.draw(layout, key, 0)["hard"]
        world = opening(built.params, built.start, lambda chance: (u < chance).astype(chance.dtype))
        running = {name: jnp.full_like(value, START[name[1]]) for name, value in running.items()}
        return leaves(world), running, jnp.asarray(-1)

    def _week(self, shared: Any, layout: noise.Layout, at: Any, own: Own) -> Any:
        """Return a run after a week, the metrics kept of it, its events."""
        (numbers, key), (arrays, running, failed_at) = own
        params = self.row.read(numbers, shared).params
        drawn = noise.draw(layout, key, at)
        # the clock is the same in all runs, and so then is all that follows from it alone
        before = after(rebuilt(self.world, arrays), week=jnp.asarray(at, jnp.int64))
        world, seen, action, events = step(params, before, drawn, self.phases)
        left = Week(params, world, seen, action, events, drawn)
        values = {
            m.name: jnp.asarray(shown(m.value(left), self.shapes[m.name]), jnp.float64)
            for m in self.metrics
            if m.name in self.kept or any(is_carried(m, how) for how in m.reduce)
        }
        running = {
            (name, how): ADD[how](total, values[name]) for (name, how), total in running.items()
        }
        failed_at = jnp.where((failed_at >= 0) | each_in_range(world), failed_at, at)
        weekly = {name: values[name] for name in self.kept}
        counts = [jnp.ravel(events[kind]).astype(jnp.float64) for kind in EVENTS if self.kept]
        return (leaves(world), running, failed_at), weekly, counts

    def _summary(self, shared: Any, own: Own) -> Any:
        """Return the failure and the summaries of a run in one array."""
        (numbers, _), (arrays, running, failed_at) = own
        params = self.row.read(numbers, shared).params
        unseen: Any = None  # what is summarised at the end reads the world alone
        end = Week(params, rebuilt(self.world, arrays), unseen, unseen, unseen, unseen)
        last = {
            (m.name, "last"): shown(m.value(end), self.shapes[m.name])
            for m in self.metrics
            if "last" in m.reduce and not is_carried(m, "last")
        }
        summary = running | last
        parts = [summary[m.name, how] for m in self.metrics for how in m.reduce]
        return jnp.concatenate([jnp.ravel(x).astype(jnp.float64) for x in (failed_at, *parts)])


def is_carried(metric: Metric, how: str) -> bool:
    """Return whether a summary is carried from week to week.

    The last value of a shipped metric is read off the world at the end; a user's metric may look at
    more of the week than that.

    Args:
        metric: The metric.
        how: The way to summarise it.
    """
    return how != "last" or metric.source is not None
