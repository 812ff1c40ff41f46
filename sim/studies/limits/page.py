"""A page of small figures, one a limit: what theory says as a line, what runs gave as points."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ...plots.style import INK, PALETTE, footer, grid, look, write
from .limit import Check, Limit

LINE, POINT = PALETTE[1], PALETTE[0]
COLUMNS = 4
PANEL = 2.55
"""Inches of height."""
FINE = 61
"""Places at which the line is computed."""

Points = Sequence[tuple[float, Check]]
"""The value of the parameter, and what the runs gave there."""


def page(points: Mapping[str, Points], limits: Mapping[str, Limit], path: Path) -> Path:
    """Draw the page.

    Args:
        points: By the name of the limit.
        limits: By name.
        path: The PNG to write.
    """
    rows = -(-len(points) // COLUMNS)
    with look():
        figure, axes = grid(
            rows, COLUMNS, 1.0 + PANEL * rows, "Classic models, as limits of this one"
        )
        panels = list(axes.ravel())
        for name, panel in zip(points, panels, strict=False):
            _panel(panel, limits[name], points[name])
        for panel in panels[len(points) :]:
            panel.set_axis_off()
        footer(
            figure,
            "Line: theory. Points: runs of the shipped rules; bars, where chance plays a part: "
            "intervals so wide that a true theory is refused once in a million pages.",
        )
        return write(figure, path)


def _panel(axes: Axes, limit: Limit, points: Points) -> None:
    sweep = limit.sweep
    at = np.linspace(sweep.low, sweep.high, FINE)
    line = [limit.theory(limit.scenario(*limit.set(sweep.path, float(x)))) for x in at]
    axes.plot(at, line, color=LINE, linewidth=1.8)
    for x, check in points:
        if check.chance:
            axes.plot([x, x], [check.low, check.high], color=POINT, linewidth=1.6)
        axes.plot(
            x, check.got, "o", color=POINT, markersize=5, markeredgecolor=INK, markeredgewidth=0.5
        )
    axes.set_title(limit.model, fontsize=10.0, pad=4.0)
    axes.set_xlabel(sweep.label, fontsize=9.5)
    axes.set_ylabel(sweep.quantity, fontsize=9.5)
    axes.tick_params(labelsize=9.0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
