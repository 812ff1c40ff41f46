"""What is forbidden and who looks: sanctions, embargoes, monitoring bodies, unlawful trade."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...results.intervals import wilson
from ..axes import amount_axis, date_axis, empty, share_axis
from ..registry import figure
from ..runs import Runs
from ..style import (
    INK,
    NOT_KEPT,
    QUARTER,
    band,
    colour,
    dash,
    footer,
    grid,
    lately,
    say,
    source,
    spread,
)

MOST_STATES = 3


@figure(
    "Who is under sanctions or an embargo, who still monitors it, and how much trade is unlawful.",
    tables=("weeks",),
    order=110,
    takes=("states",),
)
def sanctions(runs: Runs) -> Figure | None:
    """Draw sanctions by state, embargoes, monitoring bodies, and the share of unlawful trade."""
    imposed = _imposed(runs)
    embargoed = _ever(runs.of_states("embargo"))
    if not imposed and not embargoed:
        return None
    figure, axes = grid(2, 2, 8.4, "Sanctions, embargo and monitoring")
    _sanctions(axes[0, 0], runs, imposed)
    _standing(axes[0, 1], runs, embargoed, {"embargo": ("", "-")}, "no embargo in any run")
    axes[0, 1].set_title("Embargo of the Council on a state")
    bodies = {"monitor": (" the Council's", "-"), "coalition": (" a coalition's", "--")}
    _standing(axes[1, 0], runs, embargoed, bodies, "no monitoring body in any run")
    axes[1, 0].set_title("Monitoring body at work on a state")
    unlawful = runs.of_states("unlawful_share")[:, :, 0]
    band(axes[1, 1], runs.dates, lately(unlawful, QUARTER), INK)
    axes[1, 1].set_title("Trade that an embargo forbids, 13-week mean")
    share_axis(axes[1, 1], "share of the week's containers")
    date_axis(axes[1, 1], runs.dates)
    say(figure, _saying(runs, unlawful))
    bars = " Bars beside a share of runs: 95 % interval at the end." if runs.count > 1 else ""
    footer(figure, source(runs) + bars)
    return figure


def _saying(runs: Runs, unlawful: np.ndarray) -> str:
    """Return how much of the trade an embargo forbids, in the mean week of a run."""
    share = 100.0 * np.nanmean(unlawful, axis=1)
    if np.nanmax(share) <= 0.0:
        return "No trade is unlawful in any run."
    return f"In the mean week of a run, an embargo forbids {spread(share, '%')} of all containers."


def _imposed(runs: Runs) -> list[int]:
    """Return the states under the most sanctions, at most three."""
    if not runs.dyads_kept:
        return []
    on = runs.mean_of_pairs("sanctions").sum(axis=0)
    ranked = np.argsort(-on, kind="stable")
    return runs.places([int(place) for place in ranked if on[place] > 0.0], MOST_STATES)


def _ever(standing: np.ndarray) -> list[int]:
    """Return the states on which it was in force longest, at most three: 0/1 [run, week, state]."""
    share = np.nanmean(standing, axis=(0, 1))
    ranked = np.argsort(-share, kind="stable")[:MOST_STATES]
    return sorted(int(place) for place in ranked if share[place] > 0.0)


def _sanctions(axes: Axes, runs: Runs, targets: list[int]) -> None:
    axes.set_title("Sanctions of single states")
    if not runs.dyads_kept or not targets:
        empty(axes, "", NOT_KEPT if not runs.dyads_kept else "no sanctions in any run")
        return
    for place in targets:
        pairs = [(other, runs.states[place]) for other in runs.states]
        pairs.pop(place)
        # two strangers have no row, and no sanctions
        level = np.nansum(runs.of_pairs("sanctions", pairs), axis=2)
        name = f"on {runs.name(runs.states[place])}"
        band(axes, runs.dates, level, colour(place), name, dash(place))
    amount_axis(axes, "sum of levels (1: one state in full)", axes.get_ylim()[1] * 1.2)
    date_axis(axes, runs.dates)
    axes.legend(loc="upper left", ncols=MOST_STATES)


def _standing(
    axes: Axes, runs: Runs, places: list[int], what: dict[str, tuple[str, str]], nothing: str
) -> None:
    """Draw the share of runs in which a measure is in force on each state.

    Args:
        axes: The panel.
        runs: The runs of a job.
        places: The states, by position.
        what: By metric, its part of the label and the style of its line.
        nothing: What the panel says where none was ever in force.
    """
    day = np.timedelta64(1, "D")
    gap = max(1, int((runs.dates[-1] - runs.dates[0]) / day) // 50) * day
    end, always = runs.dates[-1], list[str]()
    for metric, (label, style) in what.items():
        values = runs.of_states(metric)
        for place in places:
            stands = values[:, :, place] > 0.0
            if not stands.any():
                continue
            if stands.all():
                always.append(runs.name(runs.states[place]) + label)
                continue
            name = f"{runs.name(runs.states[place])}{':' if label else ''}{label}"
            look: dict[str, Any] = {
                "color": colour(place),
                "linestyle": style,
                "linewidth": 2.0,
                "label": name,
            }
            axes.step(runs.dates, stands.mean(axis=0), where="post", **look)
            end = end + gap
            if runs.count > 1:
                interval = wilson(int(stands[:, -1].sum()), runs.count)
                axes.plot([end, end], interval, color=look["color"], linestyle=style, linewidth=3)
    if not axes.lines:
        text = f"in force all the time,\nin every run: {', '.join(always)}"
        empty(axes, "", text if always else nothing)
        return
    share_axis(axes, "share of runs")
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.19), ncols=3, fontsize="small")
    date_axis(axes, runs.dates)
    axes.set_xlim(right=end + gap)
