"""Who trains with whom, and what it leaves: exercises, readiness, interoperability."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...events import EVENTS
from ...world import YEAR
from ..axes import amount_axis, bars, date_axis, empty, share_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import (
    FAINT,
    INK,
    NOT_KEPT,
    PALETTE,
    QUARTER,
    band,
    colour,
    dash,
    footer,
    grid,
    recent,
    source,
)

MOST_PARTNERSHIPS, MOST_LINES = 8, 4
STYLES = ("-", "--", ":", "-.")


@figure(
    "Who trains with whom, and how ready and how used to each other it leaves them.",
    tables=("weeks", "events"),
    order=80,
)
def exercises(runs: Runs) -> Figure | None:
    """Draw exercises by partnership and over time, readiness, and interoperability."""
    held = _held(runs)
    if held.max(initial=0.0) <= 0.0:
        return None
    figure, axes = grid(2, 2, 8.6, "Exercises, readiness and interoperability")
    busiest = _busiest(held)
    _partnerships(axes[0, 0], runs, held, busiest)
    weekly = runs.of_events("exercise").sum(axis=2)
    band(axes[0, 1], runs.dates, recent(weekly, QUARTER), INK)
    axes[0, 1].set_title("All exercises in the last 13 weeks")
    amount_axis(axes[0, 1], "exercise-weeks in 13 weeks")
    _readiness(axes[1, 0], runs, held)
    _interoperability(axes[1, 1], runs, busiest)
    for panel in axes.flat[1:]:
        if panel.axison and panel.lines:
            date_axis(panel, runs.dates)
    footer(figure, source(runs))
    return figure


def _held(runs: Runs) -> np.ndarray:
    """Return the exercise-weeks of each pair, or of a state alone (i, i): [run, i, j]."""
    size = len(runs.states)
    some = runs.events.only(runs.events.kind == EVENTS.index("exercise"))
    out = np.zeros((runs.count, size, size))
    first, second = np.minimum(some.actor, some.target), np.maximum(some.actor, some.target)
    np.add.at(out, (some.run, first, second), some.value)
    return out


def _busiest(held: np.ndarray) -> list[tuple[int, int]]:
    """Return the partnerships that exercised most, most first."""
    mean = held.mean(axis=0)
    ranked = sorted(zip(*np.nonzero(mean), strict=True), key=lambda pair: -mean[pair])
    return [(int(i), int(j)) for i, j in ranked[:MOST_PARTNERSHIPS]]


def _partnerships(axes: Axes, runs: Runs, held: np.ndarray, busiest: list[tuple[int, int]]) -> None:
    years = len(runs.dates) / YEAR
    names = [
        f"{runs.states[i]} with {runs.states[j]}" if i != j else f"{runs.states[i]} alone"
        for i, j in busiest
    ]
    values = np.stack([held[:, i, j] / years for i, j in busiest], axis=1)
    colours = [PALETTE[1] if i != j else FAINT for i, j in busiest]
    bars(axes, names, values, colours, "exercise-weeks per year")
    axes.set_title("Who trains with whom")
    axes.set_ylabel("partners")


def _readiness(axes: Axes, runs: Runs, held: np.ndarray) -> None:
    """Draw the readiness of the states that train most."""
    mean = held.mean(axis=0)
    own = mean.sum(axis=0) + mean.sum(axis=1) - np.diag(mean)
    places = sorted(np.argsort(-own, kind="stable")[:MOST_LINES].tolist())
    readiness = runs.of_states("readiness")
    for place in places:
        name = runs.states[place]
        band(axes, runs.dates, readiness[:, :, place], colour(place), name, dash(place))
    axes.set_title("Readiness of those who train most")
    share_axis(axes, "readiness index")
    axes.legend(loc="lower left", ncols=MOST_LINES)


def _interoperability(axes: Axes, runs: Runs, busiest: list[tuple[int, int]]) -> None:
    """Draw the interoperability of the partners that train most together."""
    axes.set_title("Interoperability of partners")
    joint: list[Pair] = [(runs.states[i], runs.states[j]) for i, j in busiest if i != j]
    if not runs.dyads_kept or not joint:
        empty(axes, "", "nobody trained with others" if not joint else NOT_KEPT)
        return
    joint = joint[:MOST_LINES]
    interop = runs.of_pairs("interop", joint)
    for number, pair in enumerate(joint):
        style = STYLES[number % len(STYLES)]
        shade = PALETTE[number % len(PALETTE)]
        band(axes, runs.dates, interop[:, :, number], shade, " and ".join(pair), style)
    share_axis(axes, "interoperability index")
    axes.legend(loc="upper left", ncols=2)
