"""The sentence over each figure of a sweep, made from paired differences and their intervals.

What is named is the clearest of all comparisons that a figure shows: the one whose difference is
largest beside its interval. Of many comparisons one in twenty looks clear by chance, so the
sentence says how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ..results.effect_text import NO_UNIT, interval_text
from ..results.responses import Values, label_and_unit, paired_differences
from ..results.sweep_table import point_label, value_text
from .style import drawable
from .sweep import Place, Sweep, run_means

SOUGHT = 500
"""Cells of a heat map of which the highest and the lowest are looked for."""


@dataclass(frozen=True)
class Found:
    """A difference of means between two sets of points, and its 95 % interval: mean, low, high."""

    metric: str
    start: str
    end: str
    size: Float[np.ndarray, " 3"]

    @property
    def clarity(self) -> float:
        """Return how large the difference is beside half of its interval; 0 if it is none."""
        mean, low, high = self.size
        if not np.isfinite(self.size).all() or mean == 0.0:
            return 0.0
        return float(abs(mean) / max(0.5 * (high - low), 1e-12 * abs(mean)))

    @property
    def clear(self) -> bool:
        """Return whether the interval leaves zero out."""
        return bool(self.size[1] > 0.0 or self.size[2] < 0.0)


def said_of_numbers(sweep: Sweep, paths: Sequence[str]) -> str:
    """Return what the swept numbers do, whatever else was swept: for `response`.

    Args:
        sweep: The sweep and its metrics.
        paths: The numbers that are drawn; those cut into bins have no means to compare.
    """
    everything = np.ones(sweep.results.manifest["points"], bool)
    along = [path for path in paths if not sweep.is_binned(path)]
    found = [
        one
        for path in along
        for metric in sweep.metrics
        for one in from_ring(sweep, metric, path, everything)
    ]
    return _clearest(sweep, found)


def said_of_choices(sweep: Sweep, path: str, kinds: Sequence[str], along: str) -> str:
    """Return what a number does under each choice: for `multiples`.

    Args:
        sweep: The sweep and its metrics.
        path: The choices.
        kinds: Those that are drawn.
        along: The number.
    """
    if sweep.is_binned(along):
        return ""
    some = {kind: sweep.columns[path] == kind for kind in kinds}
    each = {
        (metric, kind): max(
            from_ring(sweep, metric, along, points), key=lambda one: one.clarity, default=None
        )
        for metric in sweep.metrics
        for kind, points in some.items()
    }
    there = {key: one for key, one in each.items() if one is not None}
    if not any(one.clear for one in there.values()):
        return _none_clear(len(there))
    metric = max(there, key=lambda key: there[key].clarity)[0]
    own = {kind: one for (name, kind), one in there.items() if name == metric}
    strong, weak = (pick(own, key=lambda kind: abs(own[kind].size[0])) for pick in (max, min))
    label, _ = _named(sweep, metric)
    texts = [
        f"{_size(sweep, own[kind])} under {kind} ({own[kind].start} to {own[kind].end})"
        for kind in dict.fromkeys([strong, weak])
    ]
    return drawable(f"{label}: {', '.join(texts)}; differences of means, 95 % interval.", 400)


def said_of_points(sweep: Sweep) -> str:
    """Return which point lies farthest from the reference, and how many do: for `points`.

    Args:
        sweep: The sweep and its metrics.
    """
    home = sweep.reference
    found = [
        Found(metric, f"point {home}", f"point {point} ({_set_by(sweep, point)})", size)
        for metric in sweep.metrics
        for point, size in enumerate(
            paired_differences(sweep.values[metric], sweep.values[metric][home])
        )
        if point != home
    ]
    return _clearest(sweep, found)


def said_of_cells(sweep: Sweep, across: Sequence[Place], up: Sequence[Place]) -> str:
    """Return where a metric is highest and lowest of all cells: for `heatmap`.

    Args:
        sweep: The sweep and its metrics.
        across: The values of the first number.
        up: The values of the second.
    """
    x, y = (sweep.names[path] for path in sweep.numbers[:2])
    cells = {
        f"{x} {value_text(a.at)}, {y} {value_text(b.at)}": a.points & b.points
        for a in across
        for b in up
        if (a.points & b.points).any()
    }
    if not 1 < len(cells) <= SOUGHT or any(map(sweep.is_binned, sweep.numbers[:2])):
        return ""
    found = []
    for metric in sweep.metrics:
        means = {cell: run_means(sweep.values[metric][own]) for cell, own in cells.items()}
        level = {cell: float(np.nanmean(own)) for cell, own in means.items() if _any(own)}
        if len(level) > 1:
            low, high = (pick(level, key=lambda cell: level[cell]) for pick in (min, max))
            (size,) = paired_differences(means[high][None], means[low])
            found.append(Found(metric, low, high, size))
    return _clearest(sweep, found)


def from_ring(
    sweep: Sweep, metric: str, path: str, some: Bool[np.ndarray, " point"]
) -> list[Found]:
    """Return by how much each value of a number differs from the ringed one, as `curve` draws it.

    Args:
        sweep: The sweep and its metrics.
        metric: A column of the table of runs.
        path: The number.
        some: The points that take part.
    """
    places, means, ring = sweep.along(metric, path, some)
    name = sweep.names[path]
    start = f"{name} {value_text(places[ring].at)}"
    return [
        Found(metric, start, f"{name} {value_text(place.at)}", size)
        for n, (place, size) in enumerate(
            zip(places, paired_differences(means, means[ring]), strict=True)
        )
        if n != ring
    ]


def _clearest(sweep: Sweep, found: Sequence[Found]) -> str:
    """Return the clearest difference of some, in a sentence that says of how many."""
    if not found:
        return ""
    best = max(found, key=lambda one: one.clarity)
    if not best.clear:
        return _none_clear(len(found))
    label, _ = _named(sweep, best.metric)
    way = "rises" if best.size[0] > 0.0 else "falls"
    clear = sum(one.clear for one in found)
    of = f"the clearest of {len(found)} comparisons, {clear} of them clear"
    of = of if len(found) > 1 else "the only comparison"
    text = f"{label} {way} by {_size(sweep, best)} from {best.start} to {best.end}: {of}."
    return drawable(f"{text[:1].upper()}{text[1:]}", 400)


def _none_clear(count: int) -> str:
    if count == 0:
        return ""
    if count == 1:
        return "The only comparison cannot be distinguished from zero."
    return f"None of {count} comparisons can be distinguished from zero."


def _size(sweep: Sweep, one: Found) -> str:
    """Return a difference with its interval and unit; without a sign where it is clear."""
    mean, low, high = one.size
    if one.clear:
        low, high = sorted((abs(low), abs(high)))
        mean = abs(mean)
    return interval_text(float(mean), float(low), float(high), _named(sweep, one.metric)[1])


def _named(sweep: Sweep, metric: str) -> tuple[str, str]:
    label, unit = label_and_unit(sweep.scenario, metric)
    return label, "" if unit in NO_UNIT else unit


def _set_by(sweep: Sweep, point: int) -> str:
    return point_label(sweep.columns, point).replace("=", " ").replace("_", " ")


def _any(values: Values | Float[np.ndarray, " run"]) -> bool:
    return bool(np.isfinite(values).any())
