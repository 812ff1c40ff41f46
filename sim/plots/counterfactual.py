"""Figures of a comparison: how far each metric moves, and how the effect grows over the weeks."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..results.comparison import FALLS, NO_CHANNEL, RISES, Comparison
from ..results.effect_text import effect_sentence, interval_text, percentage
from ..results.responses import HOW, label_and_unit
from ..results.series import series_of, weekly
from .axes import amount_axis, amounts_across, date_axis, names_down, signed_axis
from .canvas import finish, say
from .style import (
    FAINT,
    INK,
    QUARTER,
    band,
    colour,
    drawable,
    footer,
    grid,
    lately,
    look,
    write_both,
)

MOST_PANELS = 3
LONGEST_LINE = 34
CAPTIONS = {
    "effects": "What the change does to each headline metric, in standard deviations over runs",
    "beside": "Both worlds on the same axes, week by week",
    "weeks": "How the effect grows over the weeks",
}
"""What each figure shows, by its name."""
WORLDS = ("without", "with")
"""What the worlds of a comparison are called: without the change, and with it."""
CLEAR, UNCLEAR = 1, 7
"""Colours of effects whose interval leaves zero out, and of the others."""


def figures(
    found: Comparison, title: str, folder: Path, names: tuple[str, str] = WORLDS
) -> dict[str, Path]:
    """Draw all figures into a folder; the same results give the same bytes.

    Args:
        found: The comparison.
        title: What was changed, in words.
        folder: The folder; made if it does not exist.
        names: What the two worlds are called.

    Returns:
        The files that were written, by the name of the figure.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        drawn = {
            "effects": effects(found, title),
            "beside": beside(found, title, names),
            "weeks": weeks(found, title),
        }
        for figure in drawn.values():
            if figure is not None:
                finish(figure)
        return {
            name: write_both(figure, folder / f"{name}.png")
            for name, figure in drawn.items()
            if figure is not None
        }


def effects(found: Comparison, title: str) -> Figure:
    """Draw a row per headline metric: the mean effect with its interval, and its range over runs.

    Args:
        found: The comparison.
        title: What was changed, in words.
    """
    names = list(found.headline)
    height = 2.4 + 0.62 * max(len(names), 5)
    figure, axes = grid(1, 1, height, drawable(f"{title}: what it does", 80))
    panel = axes[0, 0]
    panel.axvline(0.0, color=INK, linewidth=0.8)
    for place, name in enumerate(names):
        _row(panel, found, name, place)
    labels = [fill(drawable(label_and_unit(found.a.scenario, name)[0], 80), LONGEST_LINE)
              for name in names]  # fmt: skip
    names_down(panel, labels)
    amounts_across(panel, "effect, in standard deviations of the metric over runs")
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, -0.1), max(high, 0.1))
    _legend(panel)
    footer(figure, f"{_source(found)} Beside each row: mean effect, its 95 % interval, and the "
           "share of runs that rise and fall.")  # fmt: skip
    return figure


def _legend(panel: Axes) -> None:
    """Write above the panel what its marks are."""
    means = ((CLEAR, "mean, interval without 0"), (UNCLEAR, "mean, interval holds 0"))
    bars = ((5, 0.9, "95 % interval of the mean"), (2, 0.4, "5-95 % of runs"))
    some = [
        *(
            panel.plot([], [], "o", color=colour(shade), markersize=7, label=label)[0]
            for shade, label in means
        ),
        *(
            panel.plot([], [], color=INK, linewidth=width, alpha=alpha, label=label)[0]
            for width, alpha, label in bars
        ),
    ]
    panel.legend(handles=some, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)


def _row(panel: Axes, found: Comparison, name: str, place: int) -> None:
    row = found.row(name)
    text = row_text(found, name)
    side = panel.get_yaxis_transform()
    panel.text(1.02, place, text, transform=side, va="center", fontsize="small")
    if row["effect"] == NO_CHANNEL or not np.isfinite(row["standard"]):
        panel.plot(0.0, place, "o", mfc="white", mec=FAINT, markersize=7)
        return
    unit = row["difference"] / row["standard"] if row["standard"] else _spread(row)
    shade = colour(CLEAR if row["effect"] in (RISES, FALLS) else UNCLEAR)
    panel.hlines(place, row["5%"] / unit, row["95%"] / unit, color=shade, linewidth=2, alpha=0.4)
    panel.hlines(place, row["low"] / unit, row["high"] / unit, color=shade, linewidth=5, alpha=0.9)
    panel.plot(row["standard"], place, "o", color=shade, markersize=7)


def _spread(row: Mapping[str, Any]) -> float:
    return float(np.sqrt((row["sd_a"] ** 2 + row["sd_b"] ** 2) / 2.0))


def row_text(found: Comparison, name: str) -> str:
    """Return what stands beside a row: the effect in its own unit, and the shares of runs.

    Args:
        found: The comparison.
        name: The metric.
    """
    row = found.row(name)
    if row["effect"] == NO_CHANNEL:
        return "no channel"
    unit = label_and_unit(found.a.scenario, name)[1]
    size = interval_text(row["difference"], row["low"], row["high"], unit)
    return f"{size}\nup {percentage(row['rises'])}, down {percentage(row['falls'])}"


def weeks(found: Comparison, title: str) -> Figure | None:
    """Draw the effect over the weeks on the first headline metrics that it moves.

    Args:
        found: The comparison.
        title: What was changed, in words.

    Returns:
        The figure; None where no week of a headline metric differs, or none is kept.
    """
    names = drawn_weekly(found)
    if not names:
        return None
    height = 1.6 + 2.5 * len(names)
    figure, axes = grid(len(names), 1, height, drawable(f"{title}: week by week", 80))
    scenario = found.a.scenario
    for place, name in enumerate(names):
        panel = axes[place, 0]
        values, label, unit = weekly_effect(found, name)
        dates = np.array([scenario.date(week) for week in range(values.shape[1])], "datetime64[D]")
        shade = colour(place + 1)
        band(panel, dates, values, shade, "median run; bands: 25-75 and 5-95 %")
        mean = values.mean(axis=0)
        panel.plot(dates, mean, color=INK, linewidth=1.4, linestyle="--", label="mean")
        signed_axis(panel, unit)
        date_axis(panel, dates, 8)
        panel.set_title(drawable(label, 90))
    axes[0, 0].legend(loc="best")
    footer(figure, f"{_source(found)} With the change less without it, run by run.")
    return figure


def beside(found: Comparison, title: str, worlds: tuple[str, str] = WORLDS) -> Figure | None:
    """Draw both worlds over the weeks, on the same axes, of the metrics that `weeks` draws.

    Args:
        found: The comparison.
        title: What was changed, in words.
        worlds: What the two worlds are called.

    Returns:
        The figure; None where no week of a headline metric differs, or none is kept.
    """
    names = drawn_weekly(found)
    if not names:
        return None
    heading = drawable(f"{title}: both worlds", 80)
    figure, axes = grid(len(names), 1, 1.6 + 2.5 * len(names), heading)
    scenario = found.a.scenario
    for panel, name in zip(axes[:, 0], names, strict=True):
        _, label, unit = weekly_effect(found, name)
        for number, (which, job) in enumerate(zip(worlds, (found.a, found.b), strict=True)):
            values = _so_far(weekly(job, series_of(job.scenario)[name], found.runs), name)
            dates = np.array([scenario.date(w) for w in range(values.shape[1])], "datetime64[D]")
            band(panel, dates, values, colour(number + 1), drawable(which), "--" if number else "-")
        amount_axis(panel, unit)
        date_axis(panel, dates, 8)
        panel.set_title(drawable(label, 90))
    axes[0, 0].legend(loc="best")
    first = effect_sentence(scenario, names[0], found.row(names[0]))
    say(figure, drawable(first, 200))
    footer(figure, f"{_source(found)} Line: median; dark band: 25-75 %, thin lines: 5-95 %.")
    return figure


def drawn_weekly(found: Comparison) -> list[str]:
    """Return the headline metrics whose effect is drawn over the weeks: those that differ.

    Args:
        found: The comparison.
    """
    places = series_of(found.a.scenario)
    kept = found.parting.tables if found.parting else ()
    some = [
        name
        for name in found.headline
        if name in places and places[name].table in kept and found.row(name)["parts"] > 0.0
    ]
    return some[:MOST_PANELS]


def weekly_effect(found: Comparison, name: str) -> tuple[np.ndarray, str, str]:
    """Return the effect on a metric by week as its summary over weeks would have it so far.

    Args:
        found: The comparison.
        name: The metric.

    Returns:
        The effect [run, week], its label and its unit: what is summed over a run is so far, what is
        a mean over a run is that of a quarter, anything else is that of the week.
    """
    label, unit = label_and_unit(found.a.scenario, name)
    values, how = _so_far(found.weekly(name), name), _how(name)
    label = label.removesuffix(f", {HOW[how]}")
    if how == "sum":
        return values, f"{label}, so far", unit or "number"
    if how == "mean":
        return values, f"{label}, mean of a quarter", unit or "index"
    return values, label, unit or "number"


def _how(name: str) -> str:
    return next(how for how in sorted(HOW, key=len) if name.endswith(f"_{how}"))


def _so_far(values: np.ndarray, name: str) -> np.ndarray:
    """Return the weeks of a metric as its summary would have them so far: [run, week]."""
    how = _how(name)
    if how == "sum":
        return np.cumsum(values, axis=1)
    return lately(values, QUARTER) if how == "mean" else values


def _source(found: Comparison) -> str:
    scenario, runs = found.a.scenario, len(found.runs)
    failed = found.a.manifest["runs"] - runs
    left_out = f" ({failed} failed and are left out)" if failed else ""
    return (
        f"Simulated: {scenario.name}, {scenario.weeks} weeks, {runs} pairs of runs{left_out} with"
        " common random numbers."
    )
