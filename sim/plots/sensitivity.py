"""Figures of a sensitivity analysis: what moves a metric, what moves what, whether it is enough."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from ..analysis.sensitivity import Sensitivity
from ..results.responses import column_label
from .axes import amounts_across, names_down
from .style import INK, colour, drawable, footer, grid, look, write

if TYPE_CHECKING:
    import pandas as pd

MAIN = {"sobol": "total", "morris": "mu_star"}
"""The index by which paths are ranked."""
OTHER = {"sobol": "first", "morris": "sigma"}
ACROSS, SHORTEST = 85, 12
"""Letters that stand beside each other below the map, and the fewest of a line of a name."""
WHAT = {
    "first": "first index: alone",
    "total": "total index: with all that it takes part in",
    "mu_star": "mean size of an elementary effect",
    "sigma": "their standard deviation",
}


def figures(found: Sensitivity, folder: Path) -> list[Path]:
    """Draw all figures into a folder; the same results give the same bytes.

    Args:
        found: What the study found.
        folder: The folder; made if it does not exist.

    Returns:
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        drawn = {"tornado": tornado, "heatmap": heatmap, "convergence": convergence}
        return [write(draw(found), folder / f"{name}.png") for name, draw in drawn.items()]


def tornado(found: Sensitivity) -> Figure:
    """Draw one panel per metric: indices of each path with intervals, the largest on top."""
    metrics, paths = list(found.chance), list(found.over)
    height = 1.4 + len(metrics) * (1.1 + 0.26 * len(paths))
    figure, axes = grid(len(metrics), 1, height, f"{_method(found)}: what moves each metric")
    for panel, metric in zip(axes[:, 0], metrics, strict=True):
        _tornado(panel, found, metric)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2)
    footer(figure, _source(found) + " Whiskers: 95 % bootstrap interval. " + _means(found))
    return figure


def _tornado(panel: Axes, found: Sensitivity, metric: str) -> None:
    table = _table(found.final, metric)
    main, other = MAIN[found.method], OTHER[found.method]
    order = table[main]["value"].fillna(0.0).sort_values(ascending=False, kind="stable").index
    at = np.arange(len(order))
    for shift, name, shade in ((-0.19, main, 0), (0.19, other, 1)):
        rows = table[name].loc[order]
        value = rows["value"].to_numpy(float)
        panel.barh(at + shift, value, 0.36, color=colour(shade), alpha=0.75, label=WHAT[name])
        panel.hlines(at + shift, rows["low"], rows["high"], color=INK, linewidth=1.4)
    panel.set_title(drawable(column_label(found.results.scenario, metric), 60))
    names_down(panel, list(order))
    panel.axvline(0.0, color=INK, linewidth=0.8)
    chance = found.chance[metric]
    text = f"chance is {chance.share:.0%} of all variance [{chance.low:.0%}, {chance.high:.0%}]"
    unit = {"sobol": "share of the variance of the means", "morris": "change of the metric"}
    amounts_across(panel, f"{unit[found.method]}; {text}")
    if found.method == "sobol":
        panel.set_xlim(min(0.0, panel.get_xlim()[0]), max(1.0, panel.get_xlim()[1]))


def heatmap(found: Sensitivity) -> Figure:
    """Draw a map of paths by metrics, the main index written in each cell."""
    metrics, paths = list(found.chance), list(found.over)
    main = MAIN[found.method]
    values = np.stack([_table(found.final, m)[main]["value"].loc[paths] for m in metrics], axis=1)
    shown = values
    if found.method == "morris":  # metrics have units of their own
        shown = values / np.maximum(np.nanmax(values, axis=0), 1e-300)
    figure, axes = grid(1, 1, 1.9 + 0.5 * len(paths), f"{_method(found)}: what moves what")
    panel = axes[0, 0]
    mesh = panel.imshow(np.clip(shown, 0.0, 1.0), cmap="cividis_r", vmin=0.0, vmax=1.0)
    panel.set_aspect("auto")
    for (row, column), value in np.ndenumerate(values):
        dark = np.clip(np.nan_to_num(shown[row, column]), 0.0, 1.0) > 0.55
        text = f"{value:.2f}" if found.method == "sobol" else f"{value:.3g}"
        text = text if np.isfinite(value) else "does not vary"
        panel.text(column, row, text, ha="center", va="center", color="white" if dark else INK)
    names = [drawable(column_label(found.results.scenario, m), 60) for m in metrics]
    room = max(ACROSS // len(metrics), SHORTEST)
    panel.set_xticks(range(len(metrics)), [fill(name, room) for name in names])
    panel.set_yticks(range(len(paths)), paths)
    panel.grid(visible=False)
    label = WHAT[main] if found.method == "sobol" else f"{WHAT[main]}, over the metric's largest"
    figure.colorbar(mesh, ax=panel, label=label.partition(":")[0])
    footer(figure, f"{_source(found)} In cells: the index; its interval is in the tornado. "
           f"{_means(found)}")  # fmt: skip
    return figure


def convergence(found: Sensitivity) -> Figure:
    """Draw one panel per metric: the main index of each path against the number of base points."""
    metrics, paths = list(found.chance), list(found.over)
    columns = min(2, len(metrics))
    rows = -(-len(metrics) // columns)
    figure, axes = grid(rows, columns, 1.8 + 2.9 * rows, f"{_method(found)}: is it enough?")
    main = MAIN[found.method]
    for place, panel in enumerate(axes.flat):
        if place >= len(metrics):
            panel.set_axis_off()
            continue
        own = found.indices
        own = own[(own["metric"] == metrics[place]) & (own["index"] == main)]
        for index, path in enumerate(paths):
            line = own[own["path"] == path].sort_values("bases")
            panel.fill_between(
                line["bases"], line["low"], line["high"], color=colour(index), alpha=0.13, lw=0
            )
            panel.plot(line["bases"], line["value"], "o-", ms=3, color=colour(index), label=path)
        named = drawable(column_label(found.results.scenario, metrics[place]), 60)
        panel.set_title(named.replace(", ", ",\n", 1))
        panel.set_xscale("log", base=2)
        counts = sorted(set(own["bases"]))
        panel.xaxis.set_major_locator(FixedLocator(counts))
        panel.xaxis.set_minor_locator(FixedLocator([]))
        panel.set_xticklabels([str(count) for count in counts])
        panel.set(xlabel=_bases(found), ylabel=WHAT[main].partition(":")[0])
        panel.yaxis.set_major_locator(MaxNLocator(5))
        if found.method == "sobol":
            panel.set_ylim(-0.1, 1.15)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center")
    footer(figure, _source(found) + " Lines: the index from the first so many of them; bands: 95 % "
           "bootstrap interval.")  # fmt: skip
    return figure


def _table(final: "pd.DataFrame", metric: str) -> "dict[str, pd.DataFrame]":
    """Return the table of each index of a metric, one row per path."""
    own = final[final["metric"] == metric]
    return {str(index): rows.set_index("path") for index, rows in own.groupby("index")}


def _method(found: Sensitivity) -> str:
    return {"sobol": "Sobol's indices", "morris": "Morris's screening"}[found.method]


def _bases(found: Sensitivity) -> str:
    return {"sobol": "base points", "morris": "trajectories"}[found.method]


def _source(found: Sensitivity) -> str:
    name, weeks = found.results.scenario.name, found.results.scenario.weeks
    text = f"Simulated: {name}, {weeks} weeks, {found.bases} {_bases(found)}, {found.runs} runs per"
    left = f" ({found.left_out} left out: runs failed or lack)" if found.left_out else ""
    return f"{text} point{left}."


def _means(found: Sensitivity) -> str:
    text = "Of the means of a point's runs"
    if found.method == "morris":
        return f"{text}, along the whole range of a number."
    return f"{text}; noise that pairing does not cancel lowers first and raises total."
