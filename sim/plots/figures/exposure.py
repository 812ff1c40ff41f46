"""What the world sees and says: exposure, doubt, statements, the Council."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...results.intervals import wilson
from ..axes import amount_axis, date_axis, share_axis
from ..registry import figure
from ..runs import Runs
from ..style import INK, PALETTE, band, colour, footer, grid, say, source, spread

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
    "monitor_ended": ("monitoring ended", PALETTE[2], "--"),
    "coalition_monitor": ("coalition monitors", PALETTE[3], "--"),
}
"""What each kind of event is called here, its colour and line."""


@figure(
    "What becomes known of the trade, what is said about it, and what the Council does.",
    tables=("weeks", "routes", "events"),
    order=100,
    takes=("routes",),
)
def exposure(runs: Runs) -> Figure | None:
    """Draw exposure and doubt of the busiest routes, what was said, and what the Council did."""
    most = len(runs.only.routes) or MOST_ROUTES
    routes = [route for route, _ in runs.traffic[:most]]
    if not routes:
        return None
    figure, axes = grid(2, 2, 8.0, "What is exposed, doubted, said and voted")
    seen, doubt = runs.of_routes("exposure", routes), runs.of_routes("doubt", routes)
    for number, route in enumerate(routes):
        look = (
            colour(runs.states.index(route[0])),
            runs.between(route),
            STYLES[number % len(STYLES)],
        )
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
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    held, first = spread(100.0 * seen[:, -1, 0], "%"), runs.between(routes[0])
    say(figure, f"In the last week {first} is held to be unlawful with probability {held}.")
    footer(figure, source(runs))
    return figure


def _voices(axes: Axes, runs: Runs) -> None:
    """Draw how often all states together have spoken."""
    for number, (kind, name) in enumerate(VOICES.items()):
        spoken = np.cumsum(runs.of_events(kind).sum(axis=2), axis=1)
        band(axes, runs.dates, spoken, PALETTE[number], name, STYLES[number])
    axes.set_title("Disclosures, joint statements, denials")
    amount_axis(axes, "number since the start", whole=True)
    axes.legend(loc="upper left")


def _council(axes: Axes, runs: Runs) -> None:
    """Draw the share of runs in which each event of COUNCIL has happened so far.

    Bars at the end are Wilson's 95 % intervals.
    """
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
            interval = wilson(int(number[-1]), runs.count)
            axes.plot([last, last], interval, color=shade, linewidth=3, solid_capstyle="butt")
    axes.set_title("In the Council, at least once")
    bars = "\n(bars: 95 % interval at the end)" if runs.count > 1 else ""
    share_axis(axes, f"share of runs{bars}")
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.19), ncols=2, fontsize="small")
    else:
        axes.text(0.5, 0.5, "nothing was tabled", ha="center", transform=axes.transAxes)
    axes.set_xlim(right=last + gap)
