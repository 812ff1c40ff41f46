"""The figure and the tables of an ablation."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ...plots.style import FAINT, INK, PALETTE, footer, grid, look, write
from .effects import CONFIDENCE, NAMES, NEGLIGIBLE, Effects

MOST = 7
"""Switches per panel."""
COLUMNS = 3
PANEL = 2.5
"""Inches of height."""
METRICS_PER_ROW = 3
"""Metrics that a row of the table names."""


def rows(found: Effects) -> Iterator[tuple[str, str, str]]:
    """Yield one row per switch, the largest effect first.

    Yields:
        Its name, how many metrics moved, and which moved most.
    """
    for s in found.order:
        moved = np.flatnonzero(found.moved[s])
        ranked = moved[np.argsort(-np.abs(found.size[s, moved]), kind="stable")][:METRICS_PER_ROW]
        texts = "; ".join(_effect_text(found, s, m) for m in ranked)
        yield (
            found.switches[s],
            f"{len(moved)} of {len(found.metrics)}",
            texts or "nothing that moved",
        )


def _effect_text(found: Effects, s: int, m: int) -> str:
    size, margin = found.size[s, m], found.margin[s, m]
    name = NAMES.get(found.metrics[m], found.metrics[m])
    means = f"{name} {found.before[s, m]:.3g} to {found.after[s, m]:.3g}"
    if not np.isfinite(size):
        return f"{means} (in all runs alike)"
    return f"{means} ({size:+.2f} sd, {size - margin:+.2f} to {size + margin:+.2f})"


def page(found: Effects, runs: int, scenario: str, path: Path) -> Path:
    """Draw one panel per metric: what moved it most, with intervals.

    Args:
        found: The effects.
        runs: How many runs there were of each side.
        scenario: The scenario's name.
        path: Of the PNG.

    Returns:
        The PNG that was written.
    """
    count = len(found.metrics)
    height = -(-count // COLUMNS)
    with look():
        figure, axes = grid(
            height,
            COLUMNS,
            1.2 + PANEL * height,
            "One term of the rules off: what moves each metric",
        )
        panels = list(axes.ravel())
        for metric, panel in enumerate(panels[:count]):
            _panel(panel, found, metric)
        for panel in panels[count:]:
            panel.set_axis_off()
        footer(
            figure,
            f"Simulated: {scenario}, {runs} runs, with and without the term, with the same noise. "
            f"Point: mean change, in standard deviations of the metric over runs. Bar: its "
            f"interval; all {found.change.size} hold together with {CONFIDENCE:.0%}. Grey: counts "
            f"as no change (the interval holds 0, or the change is below {NEGLIGIBLE:g}).",
        )
        return write(figure, path)


def _panel(axes: Axes, found: Effects, metric: int) -> None:
    size, margin = found.size[:, metric], found.margin[:, metric]
    ranked = np.argsort(-np.abs(size), kind="stable")
    top = ranked[np.isfinite(size[ranked])][:MOST].tolist()  # the table has the rest
    for place, s in enumerate(top):
        colour = PALETTE[1] if found.moved[s, metric] else FAINT
        axes.plot([size[s] - margin[s], size[s] + margin[s]], [place, place], color=colour)
        axes.plot(size[s], place, "o", color=colour, markersize=5)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(top)), [found.switches[s] for s in top], fontsize=9.0)
    axes.set_ylim(max(len(top), 1) - 0.4, -0.6)
    axes.set_title(
        NAMES.get(found.metrics[metric], found.metrics[metric]), fontsize=10.5, loc="right"
    )
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel("change if off, sd over runs", fontsize=9.0)
    axes.tick_params(axis="x", labelsize=9.0)
