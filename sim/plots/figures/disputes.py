"""How disputes rise: dispute levels and tension of the most active dyads."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ...world import WAR
from ..axes import date_axis, share_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, LEVELS, band, footer, grid, source, wide

MOST_DYADS = 6
TENSION = "#0072B2"
"""Blue stands out from the warm colours of the levels."""

NAMES = (
    "0 no dispute",
    "1 no militarised act",
    "2 threat",
    "3 display of force",
    "4 use of force",
    "5 war",
)


@figure(
    "How far disputes rise, from quiet (white) to war (darkest), and the tension behind them.",
    tables=("weeks", "dyads"),
    order=120,
)
def disputes(runs: Runs) -> Figure | None:
    """Draw the share of runs at each dispute level, and tension, of the most active dyads."""
    if not runs.dyads_kept or len(runs.states) < 2:
        return None
    pairs = _active(runs)
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    figure, axes = grid(
        rows, columns, 2.4 + 2.9 * rows, "Disputes and tension of the most active dyads"
    )
    level = runs.of_pairs("level", pairs)
    there = runs.of_pairs("tension", pairs)
    back = runs.of_pairs("tension", [(target, actor) for actor, target in pairs])
    for number, panel in enumerate(axes.flat):
        if number >= len(pairs):
            panel.set_visible(False)
            continue
        _levels(panel, runs.dates, level[:, :, number])
        band(panel, runs.dates, (there + back)[:, :, number] / 2.0, TENSION, "tension")
        given = ", war given" if (level[:, 0, number] == WAR).all() else ""
        panel.set_title(" - ".join(pairs[number]) + given)
        share_axis(panel, "share of runs at level;\ntension index" if number % columns == 0 else "")
        date_axis(panel, runs.dates)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    levels = [Patch(facecolor=LEVELS[k], edgecolor=INK, linewidth=0.5) for k in range(len(LEVELS))]
    figure.legend(
        [*levels, *handles],
        [*NAMES, *labels],
        loc="outside right center",
        title="Share of runs at level",
        alignment="left",
    )
    footer(figure, source(runs))
    return figure


def _active(runs: Runs) -> list[Pair]:
    """Return the pairs of states with the highest mean level plus tension, highest first."""
    level, tension = runs.mean_of_pairs("level"), runs.mean_of_pairs("tension")
    activity = level + level.T + tension + tension.T
    pairs = sorted(combinations(range(len(runs.states)), 2), key=lambda pair: -activity[pair])
    return [(runs.states[i], runs.states[j]) for i, j in pairs[:MOST_DYADS]]


def _levels(axes: Axes, dates: np.ndarray, level: np.ndarray) -> None:
    """Draw the share of runs at each level [run, week], stacked, the highest at the bottom."""
    if len(dates) == 1:
        dates, level = wide(dates), np.repeat(level, 2, axis=1)
    known = np.maximum(np.isfinite(level).sum(axis=0), 1)
    bottom = np.zeros(len(dates))
    for value in range(len(LEVELS) - 1, 0, -1):
        top = bottom + (level == value).sum(axis=0) / known
        axes.fill_between(dates, bottom, top, color=LEVELS[value], step="mid", linewidth=0)
        bottom = top
