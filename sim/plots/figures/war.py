"""War: forces, losses, and the line between them."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...world import WAR
from ..axes import amount_axis, date_axis, empty, signed_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import (
    NOT_KEPT,
    PALETTE,
    QUARTER,
    band,
    colour,
    dash,
    footer,
    grid,
    lately,
    say,
    short,
    source,
    spread,
)

MOST_STATES, MOST_FRONTS = 4, 3
STYLES = ("-", "--", ":")
USUAL, RARE = 0.5, 0.05
"""The shares of runs below which a state's war is left out of the figure."""
LINES = (PALETTE[3], PALETTE[5], PALETTE[7])
THOUSAND = 1e3
"""Metrics count people in thousands: an axis that did would say "1.2 k" for a million."""


@figure(
    "Soldiers, casualties and the movement of the line in the wars that are fought.",
    tables=("weeks",),
    order=70,
    takes=("states",),
)
def war(runs: Runs) -> Figure | None:
    """Draw force, casualties and the front line of the states that lost most."""
    losses = runs.of_states("losses")
    fighting = runs.places(belligerents(losses), MOST_STATES)
    if not fighting:
        return None
    fought = np.nansum(losses[:, -1, fighting], axis=1) > 0.0
    where = "" if fought.all() else f", in the {fought.sum()} of {runs.count} runs that saw one"
    figure, axes = grid(2, 2, 8.4, f"War: force, losses and the line{where}")
    force = runs.of_states("force")
    weekly = np.diff(losses, axis=1, prepend=0.0)
    panels = (
        (force, "Soldiers under arms", "soldiers"),
        (losses, "Casualties since the start", "casualties, cumulative"),
        (np.stack([lately(weekly[:, :, i], QUARTER) for i in range(len(runs.states))], axis=2),
         "Casualties per week, 13-week mean", "casualties per week"),
    )  # fmt: skip
    for panel, (values, title, unit) in zip(axes.flat, panels, strict=False):
        for place in fighting:
            name = runs.name(runs.states[place])
            people = THOUSAND * values[fought, :, place]
            band(panel, runs.dates, people, colour(place), name, dash(place))
        panel.set_title(title)
        amount_axis(panel, unit)
        date_axis(panel, runs.dates)
    _line(axes[1, 1], runs, fought)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=MOST_STATES
    )
    say(figure, _saying(runs, losses[fought, -1], fighting))
    footer(figure, source(runs) + _left_out(runs, losses, fighting))
    return figure


def _saying(runs: Runs, losses: np.ndarray, fighting: list[int]) -> str:
    """Return the casualties of the state that lost most, beside those of the next: [run, state]."""
    ranked = sorted(fighting, key=lambda place: -np.nanmedian(losses[:, place]))
    named = [f"{runs.name(runs.states[k])} {spread(THOUSAND * losses[:, k])}" for k in ranked[:2]]
    text = f"Casualties: {', '.join(named)}"
    if len(ranked) > 1:
        ratio = losses[:, ranked[0]] / np.maximum(losses[:, ranked[1]], 1e-12)
        if np.nanquantile(ratio, 0.05) > 1.0:
            text += f", {short(float(np.nanmedian(ratio)), 2)} to one in the median run"
    return f"{text}."


def _left_out(runs: Runs, losses: np.ndarray, fighting: list[int]) -> str:
    """Return which states are left out that have casualties in some runs, and in how many."""
    lost = (np.nanmax(losses, axis=1) > 0.0).mean(axis=0)
    others = [k for k in np.argsort(-lost, kind="stable") if lost[k] > 0.0 and k not in fighting]
    named = [f"{runs.name(runs.states[k])} in {100 * lost[k]:.2g} %" for k in others[:MOST_STATES]]
    return f" Left out, with casualties in few runs: {', '.join(named)}." if named else ""


def belligerents(losses: np.ndarray) -> list[int]:
    """Return the states that lost most, at most four: losses [run, week, state].

    Those that fight in fewer than half of the runs are left out where others fight more often:
    the median of their casualties is a flat line. So are wars of fewer than one run of twenty.
    """
    lost = np.nanmax(losses, axis=1)
    total, often = lost.mean(axis=0), (lost > 0.0).mean(axis=0)
    least = next((share for share in (USUAL, RARE) if often.max() >= share), 0.0)
    ranked = np.argsort(-total, kind="stable")[:MOST_STATES]
    return sorted(int(place) for place in ranked if total[place] > 0.0 and often[place] >= least)


def _line(axes: Axes, runs: Runs, fought: np.ndarray) -> None:
    """Draw how far the front line of each war has moved, in the runs that saw one: bool [run]."""
    axes.set_title("The line")
    if not runs.dyads_kept:
        empty(axes, "", NOT_KEPT)
        return
    fronts = _fronts(runs)
    if not fronts:
        empty(axes, "", "no line between two states")
        return
    front = runs.of_pairs("front", fronts)[fought]
    for number, (actor, target) in enumerate(fronts):
        shade = LINES[number]
        label = f"gained by {runs.name(actor)} from {runs.name(target)}"
        band(axes, runs.dates, front[:, :, number], shade, label, STYLES[number])
    signed_axis(axes, "km; below 0: lost")
    date_axis(axes, runs.dates)
    axes.margins(y=0.15)
    axes.legend(loc="best")


def _fronts(runs: Runs) -> list[Pair]:
    """Return at most three pairs that were at war in any run, the longest moves first.

    In each pair the state that gained comes first.
    """
    level, moved = runs.highest_of_pairs("level"), runs.mean_of_pairs("front")
    pairs = [
        (i, j) if moved[i, j] >= 0.0 else (j, i)
        for i, j in combinations(range(len(runs.states)), 2)
        if level[i, j] >= WAR
    ]
    pairs.sort(key=lambda pair: -moved[pair])
    shown = {runs.states[place] for place in belligerents(runs.of_states("losses"))}
    named = [(runs.states[i], runs.states[j]) for i, j in pairs]
    return [pair for pair in named if shown.issuperset(pair)][:MOST_FRONTS]
