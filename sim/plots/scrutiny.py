"""What the world sees and says: exposure, doubt, statements, the Council."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..results import wilson
from .runs import Runs
from .style import (
    INK,
    PALETTE,
    amount_axis,
    band,
    date_axis,
    footer,
    grid,
    share_axis,
    source,
)

MOST_ROUTES = 3
STYLES = ("-", "--", ":")
VOICES = {
    "disclosure": "disclosures",
    "joint_statement": "voices in joint statements",
    "denial": "denials",
}
COUNCIL = {
    "draft": ("draft tabled", INK, "-"),
    "adopted": ("adopted", PALETTE[1], "-"),
    "vetoed": ("vetoed", PALETTE[0], "-"),
    "monitor_ended": ("monitoring ended", PALETTE[0], "--"),
    "coalition_monitor": ("coalition monitors", PALETTE[1], "--"),
}
"""What each kind of event is called here, its colour and line."""


def exposure(runs: Runs) -> Figure | None:
    """Exposure and doubt of the largest routes, what was said, and what the Council did."""
    routes = [route for route, _ in runs.traffic[:MOST_ROUTES]]
    if not routes:
        return None
    figure, axes = grid(2, 2, 8.0, "What is exposed, doubted, said and voted")
    seen, doubt = runs.of_pairs("exposure", routes), runs.of_pairs("doubt", routes)
    for number, route in enumerate(routes):
        look = (PALETTE[number], " to ".join(route), STYLES[number])
        band(axes[0, 0], runs.dates, seen[:, :, number], *look)
        band(axes[0, 1], runs.dates, doubt[:, :, number], *look)
    axes[0, 0].set_title("Exposure: is the route unlawful?")
    share_axis(axes[0, 0], "probability that observers hold")
    axes[0, 1].set_title("Doubt about what was published")
    share_axis(axes[0, 1], "share of the public unpersuaded")
    for panel in axes.flat:
        date_axis(panel, runs.dates)
    _voices(axes[1, 0], runs)
    _council(axes[1, 1], runs)
    axes[0, 0].legend(loc="best")
    footer(figure, source(runs))
    return figure


def _voices(axes: Axes, runs: Runs) -> None:
    """How often all states together have spoken."""
    for number, (kind, name) in enumerate(VOICES.items()):
        spoken = np.cumsum(runs.of_events(kind).sum(axis=2), axis=1)
        band(axes, runs.dates, spoken, PALETTE[number], name, STYLES[number])
    axes.set_title("Disclosures, joint statements, denials")
    amount_axis(axes, "number since the start", whole=True)
    axes.legend(loc="upper left")


def _council(axes: Axes, runs: Runs) -> None:
    """In what share of runs each thing has happened; at the end with Wilson's 95 % interval."""
    day = np.timedelta64(1, "D")
    gap = max(1, int((runs.dates[-1] - runs.dates[0]) / day) // 50) * day
    last = runs.dates[-1]
    for kind, (meaning, shade, style) in COUNCIL.items():
        happened = np.cumsum(runs.of_events(kind).sum(axis=2), axis=1) > 0.0
        if not happened.any():
            continue
        number = happened.sum(axis=0)
        look: dict[str, Any] = {
            "color": shade,
            "linestyle": style,
            "linewidth": 2.0,
            "label": meaning,
        }
        axes.step(runs.dates, number / runs.count, where="post", **look)
        last = last + gap
        if runs.count > 1:
            axes.vlines(last, *wilson(int(number[-1]), runs.count), color=shade, linewidth=3)
    axes.set_title("In the Council, at least once")
    share_axis(axes, "share of runs\n(bars: 95 % interval at the end)")
    if axes.lines:
        axes.legend(loc="upper left")
    else:
        axes.text(0.5, 0.5, "nothing was tabled", ha="center", transform=axes.transAxes)
    axes.set_xlim(right=last + gap)
