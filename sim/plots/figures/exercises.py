"""Who trains with whom, and what it leaves: exercises, readiness, interoperability."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...events import EVENTS
from ...world import YEAR
from ..axes import bars, date_axis, empty, share_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import (
    FAINT,
    NOT_KEPT,
    PALETTE,
    band,
    colour,
    dash,
    footer,
    grid,
    lately,
    moves,
    say,
    source,
    spread,
)

MOST_PARTNERSHIPS, MOST_LINES = 8, 4
STYLES = ("-", "--", ":", "-.")


@figure(
    "Who trains with whom, and how ready and how used to each other it leaves them.",
    tables=("weeks", "events"),
    order=80,
    takes=("states",),
)
def exercises(runs: Runs) -> Figure | None:
    """Draw exercises by partnership, and the yearly means of readiness and interoperability."""
    held = _held(runs)
    if held.max(initial=0.0) <= 0.0:
        return None
    title = "Exercises, readiness and interoperability"
    figure, axes = grid(1, 3, 5.4, title, widths=[1.0, 1.0, 1.0])
    busiest = _busiest(runs, held)
    _partnerships(axes[0, 0], runs, held, busiest)
    left_out = _readiness(axes[0, 1], runs, held)
    left_out += _interoperability(axes[0, 2], runs, busiest)
    for panel in axes.flat[1:]:
        if panel.axison and panel.lines:
            date_axis(panel, runs.dates, ticks=4)
    first = held[:, busiest[0][0], busiest[0][1]] / (len(runs.dates) / YEAR)
    say(figure, f"{_partners(runs, *busiest[0])} trains most: {spread(first)} weeks a year.")
    flat = f" Left out, since they do not move: {', '.join(left_out)}." if left_out else ""
    footer(figure, f"{source(runs)} Exercises follow the calendar of the scenario; means of "
           f"{YEAR} weeks take its beat out.{flat}")  # fmt: skip
    return figure


def _held(runs: Runs) -> np.ndarray:
    """Return the exercise-weeks of each pair, or of a state alone (i, i): [run, i, j]."""
    size = len(runs.states)
    some = runs.events.only(runs.events.kind == EVENTS.index("exercise"))
    out = np.zeros((runs.count, size, size))
    first, second = np.minimum(some.actor, some.target), np.maximum(some.actor, some.target)
    np.add.at(out, (some.run, first, second), some.value)
    return out


def _busiest(runs: Runs, held: np.ndarray) -> list[tuple[int, int]]:
    """Return the partnerships that exercised most, most first."""
    mean = held.mean(axis=0)
    if runs.only.states:
        apart = [place for place, code in enumerate(runs.states) if code not in runs.only.states]
        alone = mean.copy()
        alone[np.ix_(apart, apart)] = 0.0
        mean = alone if alone.any() else mean
    ranked = sorted(zip(*np.nonzero(mean), strict=True), key=lambda pair: -mean[pair])
    return [(int(i), int(j)) for i, j in ranked[:MOST_PARTNERSHIPS]]


def _partners(runs: Runs, i: int, j: int) -> str:
    first = runs.name(runs.states[i])
    return f"{first} with {runs.name(runs.states[j])}" if i != j else f"{first} alone"


def _partnerships(axes: Axes, runs: Runs, held: np.ndarray, busiest: list[tuple[int, int]]) -> None:
    years = len(runs.dates) / YEAR
    names = [fill(_partners(runs, i, j), 18) for i, j in busiest]
    values = np.stack([held[:, i, j] / years for i, j in busiest], axis=1)
    colours = [PALETTE[1] if i != j else FAINT for i, j in busiest]
    bars(axes, names, values, colours, "exercise-weeks per year")
    axes.set_title("Who trains with whom")
    axes.set_ylabel("partners")


def _readiness(axes: Axes, runs: Runs, held: np.ndarray) -> list[str]:
    """Draw the readiness of the states that train most; return those that are left out."""
    mean = held.mean(axis=0)
    own = mean.sum(axis=0) + mean.sum(axis=1) - np.diag(mean)
    readiness, left_out = runs.of_states("readiness"), list[str]()
    for place in runs.places(np.argsort(-own, kind="stable").tolist(), MOST_LINES):
        name, yearly = runs.name(runs.states[place]), lately(readiness[:, :, place], YEAR)
        if not moves(yearly):
            left_out.append(f"{name}'s readiness, {spread(yearly[:, -1])}")
            continue
        band(axes, runs.dates, yearly, colour(place), name, dash(place))
    axes.set_title("Readiness")
    if axes.lines:
        share_axis(axes, f"readiness index, mean of {YEAR} weeks")
        axes.legend(loc="lower left", ncols=2)
    else:
        empty(axes, "readiness index", "nobody's moves")
    return left_out


def _interoperability(axes: Axes, runs: Runs, busiest: list[tuple[int, int]]) -> list[str]:
    """Draw the interoperability of the partners that train most; return those left out."""
    axes.set_title("Interoperability of partners")
    joint: list[Pair] = [(runs.states[i], runs.states[j]) for i, j in busiest if i != j]
    if not runs.dyads_kept or not joint:
        empty(axes, "", "nobody trained with others" if not joint else NOT_KEPT)
        return []
    joint = joint[:MOST_LINES]
    interop, left_out = runs.of_pairs("interop", joint), list[str]()
    for number, pair in enumerate(joint):
        name, yearly = runs.between(pair, "and"), lately(interop[:, :, number], YEAR)
        if not moves(yearly):
            left_out.append(f"interoperability of {name}, {spread(yearly[:, -1])}")
            continue
        band(axes, runs.dates, yearly, PALETTE[number % len(PALETTE)], name, STYLES[number])
    if axes.lines:
        share_axis(axes, f"interoperability index, mean of {YEAR} weeks")
        axes.legend(loc="upper left", fontsize="small")
    else:
        empty(axes, "interoperability index", "none moves")
    return left_out
