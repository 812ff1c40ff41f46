"""What is there and what moves: stocks, weeks of supply, containers."""

from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.claims import Claim, claims
from .runs import Pair, Runs
from .style import (
    FAINT,
    INK,
    amount_axis,
    band,
    colour,
    dash,
    date_axis,
    footer,
    grid,
    source,
    words,
)

MOST_STATES, MOST_MUNITIONS, MOST_ROUTES = 3, 3, 3
LONGEST = 156.0
"""Weeks of supply beyond which the axis stops: more is plenty."""

MARKERS = "osD^v"


def stocks(runs: Runs) -> Figure | None:
    """Stock of the munitions that travel, and weeks of supply, of the states they travel between."""
    states, munitions = trading_states(runs), travelling(runs)
    if not states or not munitions:
        return None
    rows = len(munitions) + 1
    figure, axes = grid(rows, len(states), 1.2 + 2.3 * rows, "Stocks and weeks of supply")
    for row, munition in enumerate(munitions):
        values = runs.of_states(f"stock_{munition}")
        for column, state in enumerate(states):
            panel, place = axes[row, column], runs.states.index(state)
            band(panel, runs.dates, values[:, :, place], colour(place), style=dash(place))
            amount_axis(panel, f"{words(munition)}, units" if column == 0 else "")
            if row == 0:
                panel.set_title(state)
    _supply(runs, states, munitions, axes[-1])
    for panel in axes.flat:
        date_axis(panel, runs.dates, ticks=5)
    footer(figure, source(runs))
    return figure


def _supply(runs: Runs, states: list[str], munitions: list[str], axes: np.ndarray) -> None:
    """Weeks of supply of each munition, a panel a state."""
    for number, munition in enumerate(munitions):
        values = np.minimum(runs.of_states(f"supply_{munition}"), LONGEST)
        for column, state in enumerate(states):
            band(
                axes[column],
                runs.dates,
                values[:, :, runs.states.index(state)],
                SUPPLY[number],
                label=words(munition),
                style=("-", "--", ":")[number],
            )
    for column, panel in enumerate(axes):
        amount_axis(panel, "supply, weeks of need" if column == 0 else "")
    axes[0].legend(loc="best")


SUPPLY = (INK, "#1B7F79", "#8C6D31")


def trading_states(runs: Runs) -> list[str]:
    """The states whose routes carried most, at most three, in the scenario's order.

    All states come into question where no route carried anything.
    """
    load = dict.fromkeys(runs.states, 0.0)
    for (supplier, recipient), amount in runs.traffic:
        load[supplier] += amount
        load[recipient] += amount
    ranked = sorted(runs.states, key=lambda state: -load[state])[:MOST_STATES]
    some = [state for state in ranked if load[state] > 0.0]
    return [state for state in runs.states if state in (some or ranked)]


def travelling(runs: Runs) -> list[str]:
    """The munitions that most routes carried first, at most three of them."""
    munitions = list(runs.scenario.munitions)
    if not runs.traffic:
        return munitions[:MOST_MUNITIONS]
    routes = [route for route, _ in runs.traffic]
    carried = {k: np.nanmax(runs.of_pairs(f"shipped_{k}", routes)) for k in munitions}
    some = [k for k in munitions if carried[k] > 0.0] or munitions
    return some[:MOST_MUNITIONS]


def containers(runs: Runs) -> Figure | None:
    """Containers shipped and delivered on the largest routes, what was published, what was claimed."""
    routes = [route for route, _ in runs.traffic[:MOST_ROUTES]]
    if not routes:
        return None
    figure, axes = grid(1, len(routes), 6.2, "Containers moved, and what is said about them")
    shipped = runs.of_pairs("containers", routes)
    delivered = runs.of_pairs("containers_delivered", routes)
    published = {
        observer: runs.of_pairs(f"published_{observer}", routes)
        for observer in runs.scenario.observers
    }
    for column, route in enumerate(routes):
        panel = axes[0, column]
        band(panel, runs.dates, shipped[:, :, column], INK, label="shipped")
        band(panel, runs.dates, delivered[:, :, column], FAINT, label="delivered usable", style="--")
        for observer, values in published.items():
            if np.nanmax(values[:, :, column]) > 0.0:
                place = runs.states.index(observer)
                label = f"published by {observer}"
                band(panel, runs.dates, values[:, :, column], colour(place), label, ":")
        _claims(panel, runs, route)
        panel.set_title(" to ".join(route))
        amount_axis(panel, "containers since the start" if column == 0 else "")
        date_axis(panel, runs.dates)
        panel.legend(loc="upper left")
    footer(figure, source(runs))
    return figure


def _claims(panel: Axes, runs: Runs, route: Pair) -> None:
    """The public claims about a route, a marker an issuer."""
    first, last = (day.astype(date) for day in runs.dates[[0, -1]])
    said = claims(*route, first, last)
    for number, issuer in enumerate(dict.fromkeys(claim.issuer for claim in said)):
        own: list[Claim] = [claim for claim in said if claim.issuer == issuer]
        known = issuer in runs.states
        panel.plot(
            [np.datetime64(claim.date) for claim in own],
            [claim.containers for claim in own],
            linestyle="none",
            marker=MARKERS[number % len(MARKERS)],
            markersize=9,
            markeredgecolor="white",
            color=colour(runs.states.index(issuer)) if known else INK,
            label=f"public claim, {issuer}",
            zorder=5,
        )
