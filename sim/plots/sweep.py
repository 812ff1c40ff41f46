"""What is drawn of a sweep: its points and metrics, and a metric along a swept number.

Bands are quantiles over all runs at a value, whatever else was swept beside it. Means are compared
run by run: run r has the same noise at every point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, MaxNLocator

from ..results.responses import (
    Values,
    column_label,
    headline_metrics,
    paired_differences,
    reference_point,
    responses,
)
from ..results.sweep_table import short_names, varying_values
from .axes import amounts_across
from .runs import keeps
from .style import INK, Short, drawable

if TYPE_CHECKING:
    from ..results.results import Results

MOST_PANELS = 4
"""Of numbers, and of choices, beside each other."""
MOST_VALUES = 24
"""A number with more different values is cut into BINS of as many points each."""
BINS = 10
ROOM, ROOM_UP = 0.08, 0.15
"""For the number of a tick: of a figure's width, of a panel's height."""
NARROW, WIDE = (0.25, 0.75), (0.05, 0.95)


@dataclass(frozen=True)
class Place:
    """Some points that share a value, or nearly: where on the axis they stand, and which."""

    at: float
    points: Bool[np.ndarray, " point"]


class Sweep:
    """What is drawn of a sweep.

    - `metrics`: columns of the table of runs.
    - `columns`: what varies between points, by path; `numbers` and `choices` of them.
    - `names`: short names of these paths.
    - `reference`: the point that others are compared with.
    """

    def __init__(self, results: "Results", metrics: Sequence[str] | None = None) -> None:
        """Read some metrics, one after the other.

        Args:
            results: Of a sweep.
            metrics: Columns of the table of runs; the headlines if None.

        Raises:
            ValueError: The table of runs lacks a metric.
        """
        self.results, self.scenario = results, results.scenario
        self.metrics = list(metrics or headline_metrics(results))
        self.columns = varying_values(results)
        self.numbers = [p for p, values in self.columns.items() if values.dtype.kind == "f"]
        self.choices = [path for path in self.columns if path not in self.numbers]
        self.names = short_names(list(self.columns))
        self.reference = reference_point(results)
        self.values: dict[str, Values] = dict(responses(results, self.metrics))

    def keeps(self, table: str) -> bool:
        """Return whether the job kept a table: `weeks`, `dyads`, `routes` or `events`."""
        return keeps(self.results, table)

    def label(self, metric: str) -> str:
        """Return a metric as an axis says it, on short lines."""
        return fill(drawable(column_label(self.scenario, metric), 80), 26)

    def at(self, path: str) -> list[Place]:
        """Return the values of a number, or the middles of as many bins of as many points each."""
        values = self.columns[path]
        kinds = np.unique(values)
        if len(kinds) <= MOST_VALUES:
            return [Place(float(kind), values == kind) for kind in kinds]
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable") * BINS // len(values)
        return [Place(float(values[rank == n].mean()), rank == n) for n in range(BINS)]

    def kinds(self, path: str) -> list[str]:
        """Return the values of a column of choices, in the order in which they were swept."""
        return [str(kind) for kind in dict.fromkeys(self.columns[path].tolist())]

    def is_binned(self, path: str) -> bool:
        """Return whether a number has too many values to draw each."""
        return len(np.unique(self.columns[path])) > MOST_VALUES

    def along(
        self, metric: str, path: str, some: Bool[np.ndarray, " point"]
    ) -> tuple[list[Place], Float[np.ndarray, "value run"], int]:
        """Return the values of a number, the mean of each run there, and the ringed value.

        Args:
            metric: A column of the table of runs.
            path: The swept number.
            some: The points that take part.

        Returns:
            The values that some of the points have, the metric's means over points by run, and
            which value is nearest to that of the reference.
        """
        places = [place for place in self.at(path) if (place.points & some).any()]
        means = np.stack([run_means(self.values[metric][place.points & some]) for place in places])
        home = self.columns[path][self.reference]
        ring = int(np.argmin(np.abs(np.asarray([place.at for place in places]) - home)))
        return places, means, ring

    @cached_property
    def source(self) -> str:
        """Return whose numbers these are."""
        job = self.results.manifest
        bad = sum(int(np.isnan(values).sum()) for values in self.values.values())
        left = f", {bad // len(self.values)} of them failed or not run" if bad else ""
        return (
            f"Simulated: {self.scenario.name}, {self.scenario.weeks} weeks, {job['points']} points,"
            f" {job['runs']} runs each{left}."
        )


def curve(
    panel: Axes, sweep: Sweep, metric: str, path: str, some: Bool[np.ndarray, " point"], ink: str
) -> None:
    """Draw a metric along a swept number: bands, the median, and means with their intervals.

    Args:
        panel: Where it is drawn.
        sweep: What was swept.
        metric: A column of the table of runs.
        path: The swept number, which runs along the axis.
        some: The points that take part.
        ink: The colour.
    """
    places = [place for place in sweep.at(path) if (place.points & some).any()]
    values = [sweep.values[metric][place.points & some] for place in places]
    at = np.asarray([place.at for place in places])
    levels = np.stack([point_quantiles(own, (*WIDE, *NARROW, 0.5)) for own in values])
    panel.fill_between(at, levels[:, 0], levels[:, 1], color=ink, alpha=0.15, lw=0)
    panel.fill_between(at, levels[:, 2], levels[:, 3], color=ink, alpha=0.25, lw=0)
    panel.plot(at, levels[:, 4], color=ink, linewidth=1.8)
    if sweep.is_binned(path):  # what else differs between bins is not noise, and has no interval
        return
    _, means, ring = sweep.along(metric, path, some)
    difference = paired_differences(means, means[ring])
    level = np.nanmean(means[ring]) if np.isfinite(means[ring]).any() else np.nan
    centre, low, high = level + difference.T
    panel.vlines(at, low, high, color=INK, linewidth=1.2)
    panel.plot(at, centre, ".", color=INK, ms=6)
    panel.plot(at[ring], centre[ring], "o", ms=11, mfc="none", mec=INK)


def run_means(values: Values) -> Float[np.ndarray, " run"]:
    """Return the mean of each run over points, NaN where it came to its end at none.

    Args:
        values: A metric, [point, run]; NaN where a run failed.
    """
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)


def point_quantiles(values: Values, q: Sequence[float]) -> Float[np.ndarray, " q"]:
    """Return quantiles over all runs of some points that did not fail.

    Args:
        values: A metric, [point, run]; NaN where a run failed.
        q: The probabilities, each from 0 to 1.
    """
    good = values[np.isfinite(values)]
    return np.quantile(good, q) if len(good) else np.full(len(q), np.nan)


def across(panel: Axes, sweep: Sweep, path: str, panels: int) -> None:
    """Finish the horizontal axis of a swept number.

    Args:
        panel: Whose axis it is.
        sweep: What was swept.
        path: The swept number.
        panels: How many panels stand beside each other.
    """
    amounts_across(panel, sweep.names[path])
    tick(panel.xaxis, sweep, path, ROOM * panels)
    panel.grid(visible=False, axis="x")


def tick(axis: Axis, sweep: Sweep, path: str, room: float) -> None:
    """Put ticks at the values that were simulated, where there is room for the number of each.

    Args:
        axis: Of a swept number.
        sweep: What was swept.
        path: The swept number.
        room: What a number needs, as a share of the axis.
    """
    values = np.unique(sweep.columns[path])
    if np.diff(values).min() >= room * np.ptp(values):
        axis.set_major_locator(FixedLocator(values.tolist()))


def level_axes(panels: np.ndarray) -> None:
    """Give a row of panels one vertical axis, its numbers at the first."""
    low = min(panel.get_ylim()[0] for panel in panels)
    high = max(panel.get_ylim()[1] for panel in panels)
    for place, panel in enumerate(panels):
        panel.set_ylim(low, high)
        panel.yaxis.set_major_locator(MaxNLocator(5))
        panel.yaxis.set_major_formatter(Short())
        panel.tick_params(labelleft=place == 0)
