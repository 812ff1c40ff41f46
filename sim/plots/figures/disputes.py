"""How disputes rise: dispute levels and tension of the most active dyads."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ...results.intervals import wilson
from ...world import WAR
from ..axes import date_axis, share_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, LEVELS, band, footer, grid, say, source, wide

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
    takes=("pairs",),
)
def disputes(runs: Runs) -> Figure | None:
    """Draw the share of runs at each dispute level, and tension, of the most active dyads."""
    if not runs.dyads_kept or len(runs.states) < 2:
        return None
    pairs = _active(runs)
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    title = "Disputes and tension of the most active pairs of states"
    figure, axes = grid(2 * rows, columns, 2.4 + 3.4 * rows, title, heights=[2.0, 1.0] * rows)
    level = runs.of_pairs("level", pairs)
    there = runs.of_pairs("tension", pairs)
    back = runs.of_pairs("tension", [(target, actor) for actor, target in pairs])
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        panel, below = axes[2 * row, column], axes[2 * row + 1, column]
        if number >= len(pairs):
            panel.set_visible(False)
            below.set_visible(False)
            continue
        _levels(panel, runs.dates, level[:, :, number])
        band(below, runs.dates, (there + back)[:, :, number] / 2.0, TENSION)
        given = ", war given" if (level[:, 0, number] == WAR).all() else ""
        panel.set_title(runs.between(pairs[number], "and") + given)
        share_axis(panel, "share of runs\nat level" if column == 0 else "")
        share_axis(below, "tension\nindex" if column == 0 else "")
        for each in (panel, below):
            date_axis(each, runs.dates, ticks=6 if columns < 3 else 4)
        panel.tick_params(labelbottom=panel.figure is not figure)
    say(figure, _saying(runs, pairs, level))
    levels = [Patch(facecolor=LEVELS[k], edgecolor=INK, linewidth=0.5) for k in range(len(LEVELS))]
    figure.legend(
        levels,
        NAMES,
        loc="outside right center",
        title="Share of runs at level",
        alignment="left",
    )
    footer(figure, source(runs))
    return figure


def _saying(runs: Runs, pairs: list[Pair], level: np.ndarray) -> str:
    """Return how often the pair that most often goes to war anew does; else uses force."""
    new = [number for number in range(len(pairs)) if not (level[:, 0, number] == WAR).all()]
    if not new or runs.count < 2 or np.isnan(level[:, :, new]).any():
        return ""
    highest = np.nanmax(level[:, :, new], axis=1)
    for least, what in ((WAR, "are at war"), (4, "use force"), (3, "show force")):
        often = (highest >= least).sum(axis=0)
        if often.max() > 0:
            first = int(often.argmax())
            low, high = wilson(int(often[first]), runs.count)
            share, pair = 100.0 * often[first] / runs.count, runs.between(pairs[new[first]], "and")
            interval = f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"
            return f"{pair} {what} in {share:.0f} % of runs at some time ({interval})."
    return ""


def _active(runs: Runs) -> list[Pair]:
    """Return the pairs of states with the highest mean level plus tension, highest first."""
    if runs.only.pairs:
        return list(runs.only.pairs)
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
