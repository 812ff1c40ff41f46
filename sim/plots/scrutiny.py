"""What the world sees and says: exposure, doubt, statements, the Council."""

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
    words,
)

MOST_ROUTES = 3
STYLES = ("-", "--", ":")
VOICES = ("disclosure", "joint_statement", "denial")
COUNCIL = ("draft", "adopted", "vetoed", "monitor_ended", "coalition_monitor")
MEANINGS = {
    "draft": "a draft was tabled",
    "adopted": "a draft was adopted",
    "vetoed": "a draft was vetoed",
    "monitor_ended": "a monitoring body ended",
    "coalition_monitor": "a coalition monitors",
}


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
    _voices(axes[1, 0], runs)
    _council(axes[1, 1], runs)
    for panel in axes.flat:
        date_axis(panel, runs.dates)
    axes[0, 0].legend(loc="best")
    footer(figure, source(runs))
    return figure


def _voices(axes: Axes, runs: Runs) -> None:
    """How often all states together have spoken."""
    for number, kind in enumerate(VOICES):
        spoken = np.cumsum(runs.of_events(kind).sum(axis=2), axis=1)
        band(axes, runs.dates, spoken, PALETTE[number], f"{words(kind)}s", STYLES[number])
    axes.set_title("Disclosures, joint statements, denials")
    amount_axis(axes, "number since the start", whole=True)
    axes.legend(loc="upper left")


def _council(axes: Axes, runs: Runs) -> None:
    """In what share of runs each thing has happened in the Council, with Wilson's 95 % interval."""
    shown = 0
    for number, kind in enumerate(COUNCIL):
        happened = np.cumsum(runs.of_events(kind).sum(axis=2), axis=1) > 0.0
        if not happened.any():
            continue
        number_of = happened.sum(axis=0)
        low, high = np.transpose([wilson(int(n), runs.count) for n in number_of])
        shade = (INK, *PALETTE)[number]
        axes.step(
            runs.dates, number_of / runs.count, where="post", color=shade, label=MEANINGS[kind]
        )
        if runs.count > 1:
            axes.fill_between(
                runs.dates, low, high, step="post", color=shade, alpha=0.15, linewidth=0
            )
        shown += 1
    axes.set_title("In the Council, at least once")
    share_axis(axes, "share of runs (95 % interval)")
    if shown:
        axes.legend(loc="best")
    else:
        axes.text(0.5, 0.5, "nothing was tabled", ha="center", transform=axes.transAxes)
