"""Figures of a sweep: what its points do to some metrics, with the spread over runs.

Bands are quantiles over all runs at a value, whatever else was swept beside it. Means are compared
run by run: run r met the same luck at every point.
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
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from ...results.responses import (
    LEVEL,
    Values,
    column_label,
    headline_metrics,
    paired_differences,
    reference_point,
    responses,
)
from ...results.sweep_table import point_label, short_names, value_text, varying_values
from ..style import FAINT, INK, Short, amounts_across, colour, drawable, footer, grid, names_down

if TYPE_CHECKING:
    from ...results.results import Results

MOST_PANELS = 4
"""Of numbers, and of words, beside each other."""
MOST_VALUES = 24
"""A number with more different values is cut into BINS of as many points each."""
BINS = 10
MOST_NAMED = 30
"""Points that a figure can name; of more it shows only the order."""
SHADES = "cividis"
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
    - `columns`: what varies between points, by path; `numbers` and `words` of them.
    - `names`: short names of these paths.
    - `reference`: the point that others are compared with.
    """

    def __init__(self, results: "Results", metrics: Sequence[str] | None = None) -> None:
        """Reads the metrics, or the headlines, one after the other.

        Raises:
            ValueError: The table of runs lacks a metric.
        """
        self.results, self.scenario = results, results.scenario
        self.metrics = list(metrics or headline_metrics(results))
        self.columns = varying_values(results)
        self.numbers = [p for p, values in self.columns.items() if values.dtype.kind == "f"]
        self.words = [path for path in self.columns if path not in self.numbers]
        self.names = short_names(list(self.columns))
        self.reference = reference_point(results)
        self.values: dict[str, Values] = dict(responses(results, self.metrics))

    def label(self, metric: str) -> str:
        """A metric as an axis says it, on short lines."""
        return fill(drawable(column_label(self.scenario, metric), 80), 26)

    def at(self, path: str) -> list[Place]:
        """The values of a number, or the middles of as many bins of as many points each."""
        values = self.columns[path]
        kinds = np.unique(values)
        if len(kinds) <= MOST_VALUES:
            return [Place(float(kind), values == kind) for kind in kinds]
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable") * BINS // len(values)
        return [Place(float(values[rank == n].mean()), rank == n) for n in range(BINS)]

    def kinds(self, path: str) -> list[str]:
        """The values of a column of words, in the order in which they were swept."""
        return [str(kind) for kind in dict.fromkeys(self.columns[path].tolist())]

    def is_binned(self, path: str) -> bool:
        """Whether a number has too many values to draw each."""
        return len(np.unique(self.columns[path])) > MOST_VALUES

    @cached_property
    def source(self) -> str:
        """Whose numbers these are."""
        job = self.results.manifest
        bad = sum(int(np.isnan(values).sum()) for values in self.values.values())
        left = f", {bad // len(self.values)} of them failed or not played" if bad else ""
        return (
            f"Simulated: {self.scenario.name}, {self.scenario.weeks} weeks, {job['points']} points,"
            f" {job['runs']} runs each{left}."
        )


def response(sweep: Sweep) -> Figure | None:
    """A row a metric, a column a swept number: quantiles over runs, and the paired mean."""
    paths = sweep.numbers[:MOST_PANELS]
    if not paths:
        return None
    title = "What each number does"
    figure, axes = grid(len(sweep.metrics), len(paths), 1.7 + 2.5 * len(sweep.metrics), title)
    everything = np.ones(sweep.results.manifest["points"], bool)
    for row, metric in enumerate(sweep.metrics):
        for panel, path in zip(axes[row], paths, strict=True):
            _curve(panel, sweep, metric, path, everything, colour(1))
            _across(panel, sweep, path, len(paths))
        axes[row, 0].set_ylabel(sweep.label(metric))
        _level(axes[row])
    binned = ""
    if any(map(sweep.is_binned, paths)):
        binned = f" Numbers of many values: {BINS} bins of as many points, no means."
    left = f" The first {MOST_PANELS} of {len(sweep.numbers)} numbers." * (
        len(sweep.numbers) > MOST_PANELS
    )
    footer(figure, f"{sweep.source} Line: median; dark band: 25-75 %, light: 5-95 % of all runs at "
           "that value. Dots: means; bars: 95 % interval of the mean's difference from the ringed "
           f"one, run by run.{binned}{left}")  # fmt: skip
    return figure


def _curve(
    panel: Axes, sweep: Sweep, metric: str, path: str, some: Bool[np.ndarray, " point"], ink: str
) -> None:
    """A metric along a number, over some points."""
    places = [place for place in sweep.at(path) if (place.points & some).any()]
    values = [sweep.values[metric][place.points & some] for place in places]
    at = np.asarray([place.at for place in places])
    told = np.stack([_quantiles(own, (*WIDE, *NARROW, 0.5)) for own in values])
    panel.fill_between(at, told[:, 0], told[:, 1], color=ink, alpha=0.15, lw=0)
    panel.fill_between(at, told[:, 2], told[:, 3], color=ink, alpha=0.25, lw=0)
    panel.plot(at, told[:, 4], color=ink, linewidth=1.8)
    if sweep.is_binned(path):  # what else differs between bins is no luck, and has no interval
        return
    means = np.stack([_mean(own) for own in values])
    home = sweep.columns[path][sweep.reference]
    ring = int(np.argmin(np.abs(at - home)))
    difference = paired_differences(means, means[ring])
    level = np.nanmean(means[ring]) if np.isfinite(means[ring]).any() else np.nan
    centre, low, high = level + difference.T
    panel.vlines(at, low, high, color=INK, linewidth=1.2)
    panel.plot(at, centre, ".", color=INK, ms=6)
    panel.plot(at[ring], centre[ring], "o", ms=11, mfc="none", mec=INK)


def _mean(values: Values) -> Float[np.ndarray, " run"]:
    """The mean of each run over points, NaN where it came to its end at none."""
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)


def _quantiles(values: Values, q: Sequence[float]) -> Float[np.ndarray, " q"]:
    good = values[np.isfinite(values)]
    return np.quantile(good, q) if len(good) else np.full(len(q), np.nan)


def _across(panel: Axes, sweep: Sweep, path: str, panels: int) -> None:
    """The horizontal axis of a swept number, of one of so many panels beside each other."""
    amounts_across(panel, sweep.names[path])
    _tick(panel.xaxis, sweep, path, ROOM * panels)
    panel.grid(visible=False, axis="x")


def _tick(axis: Axis, sweep: Sweep, path: str, room: float) -> None:
    """Ticks at the values that were played, where there is room for the number of each."""
    values = np.unique(sweep.columns[path])
    if np.diff(values).min() >= room * np.ptp(values):
        axis.set_major_locator(FixedLocator(values.tolist()))


def _level(panels: np.ndarray) -> None:
    """One vertical axis for a row of panels, its numbers at the first."""
    low = min(panel.get_ylim()[0] for panel in panels)
    high = max(panel.get_ylim()[1] for panel in panels)
    for place, panel in enumerate(panels):
        panel.set_ylim(low, high)
        panel.yaxis.set_major_locator(MaxNLocator(5))
        panel.yaxis.set_major_formatter(Short())
        panel.tick_params(labelleft=place == 0)


def heatmap(sweep: Sweep) -> Figure | None:
    """Two swept numbers, a column a metric: the median over runs, below it the 5-95 % range."""
    if len(sweep.numbers) < 2:
        return None
    x, y = sweep.numbers[:2]
    title = f"{sweep.names[x]} and {sweep.names[y]} together"
    figure, axes = grid(2, len(sweep.metrics), 7.6, title)
    across, up = sweep.at(x), sweep.at(y)
    for column, metric in enumerate(sweep.metrics):
        cells = [[sweep.values[metric][a.points & b.points] for a in across] for b in up]
        told = np.asarray([[_quantiles(own, (0.5, *WIDE)) for own in row] for row in cells])
        for panel, shown, name in (
            (axes[0, column], told[..., 0], f"{sweep.label(metric)}\nmedian"),
            (axes[1, column], told[..., 2] - told[..., 1], "width of the 5-95 % range"),
        ):
            flat = np.nanmax(shown) - np.nanmin(shown) <= LEVEL * np.nanmax(np.abs(shown))
            shown = np.where(np.isfinite(shown), np.nanmean(shown), np.nan) if flat else shown
            mesh = panel.pcolormesh(
                _edges([place.at for place in across]), _edges([place.at for place in up]), shown,
                cmap=SHADES,
            )  # fmt: skip
            bar = figure.colorbar(mesh, ax=panel, location="top", label=name)
            bar.locator = MaxNLocator(3)
            bar.formatter = Short()
            if flat:
                bar.locator = FixedLocator([float(np.nanmean(shown))])
                panel.text(0.5, 0.5, "the same\neverywhere", ha="center", va="center",
                           color="white", transform=panel.transAxes)  # fmt: skip
            amounts_across(panel, sweep.names[x])
            panel.xaxis.set_major_locator(MaxNLocator(4))
            _tick(panel.xaxis, sweep, x, ROOM * len(sweep.metrics))
            panel.yaxis.set_major_locator(MaxNLocator(5))
            _tick(panel.yaxis, sweep, y, ROOM_UP)
            panel.yaxis.set_major_formatter(Short())
            panel.tick_params(labelleft=column == 0)
            panel.grid(visible=False)
            if column == 0:
                panel.set_ylabel(sweep.names[y])
    more = f" Of {len(sweep.numbers)} numbers the first two." if len(sweep.numbers) > 2 else ""
    footer(figure, f"{sweep.source} Over all runs of a cell; white: no point lies there.{more}")
    return figure


def _edges(middles: Sequence[float]) -> Float[np.ndarray, " edge"]:
    """Half-way between the middles, and as far outside."""
    at = np.asarray(middles)
    if len(at) == 1:
        return np.asarray([at[0] - 0.5, at[0] + 0.5])
    inner = 0.5 * (at[:-1] + at[1:])
    return np.asarray([2 * at[0] - inner[0], *inner, 2 * at[-1] - inner[-1]])


def multiples(sweep: Sweep) -> Figure | None:
    """A panel a doctrine, or another choice of words: a metric along the first number."""
    if not sweep.words or not sweep.numbers:
        return None
    path, along = sweep.words[0], sweep.numbers[0]
    kinds = sweep.kinds(path)[: 2 * MOST_PANELS]
    title = f"{sweep.names[along]} under each {sweep.names[path]}"
    metrics = sweep.metrics
    figure, axes = grid(len(metrics), len(kinds), 1.7 + 2.5 * len(metrics), title)
    for column, kind in enumerate(kinds):
        some = sweep.columns[path] == kind
        for row, metric in enumerate(metrics):
            _curve(axes[row, column], sweep, metric, along, some, colour(column))
            _across(axes[row, column], sweep, along, len(kinds))
        axes[0, column].set_title(drawable(kind.replace("_", "_\n" if len(kinds) > 4 else "_")))
    for row, metric in enumerate(metrics):
        axes[row, 0].set_ylabel(sweep.label(metric))
        _level(axes[row])
    more = f" The first {len(kinds)} of {len(sweep.kinds(path))}." * (
        len(kinds) < len(sweep.kinds(path))
    )
    footer(figure, f"{sweep.source} Line: median; bands: 25-75 and 5-95 % of runs. Dots: means; "
           "bars: 95 % interval of the mean's difference from the ringed one in the same panel, "
           f"run by run.{more}")  # fmt: skip
    return figure


def points(sweep: Sweep) -> Figure:
    """A panel a metric: how far each point's mean lies from the reference's, run by run."""
    count, metrics = sweep.results.manifest["points"], sweep.metrics
    few = count <= MOST_NAMED
    columns = min(2, len(metrics))
    rows = -(-len(metrics) // columns)
    height = 1.6 + rows * (1.2 + (0.25 * max(count, 5) if few else 3.2))
    home = point_label(sweep.columns, sweep.reference)
    figure, axes = grid(rows, columns, height, f"Each point, less point {sweep.reference}")
    for place, panel in enumerate(axes.flat):
        if place >= len(metrics):
            panel.set_axis_off()
            continue
        values = sweep.values[metrics[place]]
        told = paired_differences(values, values[sweep.reference])
        order = np.arange(count) if few else np.argsort(told[:, 0], kind="stable")
        at = np.arange(count)
        mean, low, high = told[order].T
        sure = (low > 0.0) | (high < 0.0)
        for some, ink in ((sure, colour(1)), (~sure, FAINT)):
            panel.hlines(at[some], low[some], high[some], color=ink, linewidth=1.6)
            panel.plot(mean[some], at[some], "o", color=ink, ms=4)
        panel.axvline(0.0, color=INK, linewidth=0.8)
        if few:
            names_down(panel, [_line(sweep, point) for point in order.tolist()])
            panel.tick_params(labelleft=place % columns == 0)
        else:
            panel.set_ylim(count, -1)
            panel.set_yticks([])
            panel.set_ylabel(f"{count} points, in order")
        amounts_across(panel, "difference of the mean, 95 % interval")
        panel.set_title(sweep.label(metrics[place]))
    footer(figure, f"{sweep.source} Run by run against point {sweep.reference}: {home}. Blue: the "
           "interval leaves zero out, grey: it does not; of many points one in twenty does by "
           "luck.")  # fmt: skip
    return figure


def _line(sweep: Sweep, point: int) -> str:
    """A point as the figure names it: words with their state if told apart by it."""
    told = []
    for path, values in sweep.columns.items():
        name = sweep.names[path]
        name = name if path in sweep.numbers else name.rpartition(".")[0].rpartition(".")[2]
        told.append(f"{name} {value_text(values[point])}".strip())
    return drawable(", ".join(told), 80)
