"""Observations drawn over the runs: claims, truths, ranges and bounds."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.observation_scores import place
from ..metrics import METRICS
from ..results.series import Series, weekly
from .axes import date_axis, signed_axis
from .style import FAINT, INK, band, colour, drawable, footer, grid

if TYPE_CHECKING:
    from ..results.results import Results
    from ..scenario.schema import Observed

MARKERS = "osD^v"
MOST_PANELS = 6
ENDS = {"at least": ("^", 0), "at most": ("v", 1)}


def mark(panel: Axes, seen: "Sequence[Observed]", states: Sequence[str]) -> None:
    """Draw observations: claims by issuer, what is known, ranges as bars, bounds as arrows.

    Args:
        panel: The panel, whose horizontal axis has dates.
        seen: Observations of what it shows.
        states: The codes of the scenario's states, whose colours claims have.
    """
    claims = [one for one in seen if one.kind == "claim"]
    for number, issuer in enumerate(dict.fromkeys(str(claim.issuer) for claim in claims)):
        own = [claim for claim in claims if str(claim.issuer) == issuer]
        marker = MARKERS[number % len(MARKERS)]
        _marks(panel, own, marker, colour(states.index(issuer)), f"public claim, {issuer}")
    _marks(panel, [one for one in seen if one.kind == "truth"], "*", INK, "known")
    for label, (marker, end) in ENDS.items():
        bounds = [(one, one.range[end]) for one in seen if one.kind == "bound" and one.range]
        some = [(np.datetime64(one.day), value) for one, value in bounds if value is not None]
        if some:
            days, values = zip(*some, strict=True)
            panel.plot(days, values, marker, color=FAINT, markersize=9, label=label, zorder=5)


def _marks(panel: Axes, seen: "Sequence[Observed]", marker: str, shade: str, label: str) -> None:
    """Draw values as marks, and ranges as bars with a mark in the middle."""
    if not seen:
        return
    days = [np.datetime64(one.day) for one in seen]
    ends = [(one.value, one.value) if one.range is None else one.range for one in seen]
    low, high = (np.asarray(side, float) for side in zip(*ends, strict=True))
    if (low < high).any():
        panel.vlines(days, low, high, color=shade, linewidth=2.0, zorder=4)
    panel.plot(
        days,
        (low + high) / 2.0,
        linestyle="none",
        marker=marker,
        markersize=9,
        markeredgecolor="black",
        color=shade,
        label=label,
        zorder=5,
    )


def observed(results: "Results", seen: "Iterable[Observed]") -> Figure | None:
    """Draw each observed quantity: its spread over runs, and what was seen or said of it.

    Args:
        results: A job that kept weeks, and routes if these are observed; not a sweep.
        seen: The observations; those outside its weeks are left out.

    Returns:
        The figure, with at most MOST_PANELS panels; None where nothing was observed in its weeks.

    Raises:
        LookupError: It did not keep a table that is needed.
    """
    scenario = results.scenario
    runs = sorted(int(run) for run in results.ids.loc[results.ids["status"] == "ok", "run"])
    last = scenario.date(scenario.weeks)
    by_place: dict[Series, list[Observed]] = {}
    for one in seen:
        if scenario.start <= one.day < last:
            by_place.setdefault(place(one), []).append(one)
    if not by_place or not runs:
        return None
    some = list(by_place.items())[:MOST_PANELS]
    dates = np.array([scenario.date(week) for week in range(scenario.weeks)], "datetime64[D]")
    figure, axes = grid(len(some), 1, 1.4 + 3.0 * len(some), "What was seen, over what was run")
    for panel, (series, own) in zip(axes[:, 0], some, strict=True):
        band(panel, dates, weekly(results, series, runs), INK, "median run; 25-75 and 5-95 %")
        mark(panel, own, scenario.states)
        name = f"{series.column.replace('_', ' ')} {series.who}".strip()
        panel.set_title(drawable(name, 90))
        signed_axis(panel, unit_of(series.column))
        date_axis(panel, dates)
        panel.legend(loc="best")
    left = len(by_place) - len(some)
    more = f" {left} further quantities are not drawn." if left else ""
    footer(figure, f"Simulated: {scenario.name}, {len(runs)} runs.{more}")
    return figure


def unit_of(quantity: str) -> str:
    """Return the unit of a quantity, as observations name it."""
    best = max(
        (metric for metric in METRICS if f"{quantity}_".startswith(f"{metric.name}_")),
        key=lambda metric: len(metric.name),
    )
    return best.unit
