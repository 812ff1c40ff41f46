"""Stocks of munitions, and the weeks of supply that they are."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..axes import amount_axis, date_axis, empty
from ..registry import figure
from ..runs import Runs
from ..style import INK, PALETTE, band, footer, grid, say, source, spaced, spread

MOST_STATES = 3
LONGEST = 156.0
"""Weeks of supply beyond which the axis stops: more is plenty."""

MUNITIONS = ((INK, "-"), (PALETTE[0], "--"), (PALETTE[1], "-"), (PALETTE[3], "--"))
"""Colour and line of a munition."""


@figure(
    "How much ammunition the trading states hold, and how many weeks it would last.",
    tables=("weeks",),
    order=30,
    takes=("states",),
)
def stocks(runs: Runs) -> Figure | None:
    """Draw stocks by munition family, and weeks of supply, of the states that trade."""
    states, families = trading_states(runs), travelling(runs)
    stock = {k: runs.of_states(f"stock_{k}") for some in families.values() for k in some}
    if not any(held.any() for held in stock.values()):
        return None
    rows = len(families) + 1
    figure, axes = grid(rows, len(states), 1.2 + 2.4 * rows, "Stocks and weeks of supply")
    looks = dict(zip((k for family in families.values() for k in family), MUNITIONS, strict=False))
    for row, (family, munitions) in enumerate(families.items()):
        held = {k: stock[k] for k in munitions if k in looks}
        units = " and ".join(dict.fromkeys(runs.unit(k) for k in held))
        for column, state in enumerate(states):
            panel, place = axes[row, column], runs.states.index(state)
            for munition, values in held.items():
                _held(panel, runs, values[:, :, place], *looks[munition])
            _finish(panel, runs, f"{spaced(family)}\n({units})" if column == 0 else "")
    for munition, (shade, style) in looks.items():
        supply = np.minimum(runs.of_states(f"supply_{munition}"), LONGEST)
        supply *= stock[munition] > 0.0
        for panel, state in zip(axes[-1], states, strict=True):
            _held(panel, runs, supply[:, :, runs.states.index(state)], shade, style)
    for column, state in enumerate(states):
        _finish(axes[-1, column], runs, "supply\n(weeks of need)" if column == 0 else "")
        axes[0, column].set_title(runs.name(state))
    shown = [Line2D([], [], color=shade, ls=style, lw=2.0) for shade, style in looks.values()]
    figure.legend(shown, [spaced(k) for k in looks], loc="outside upper right", ncols=len(looks))
    say(figure, _saying(runs, states, stock))
    footer(figure, f"{source(runs)} Supply is drawn up to {LONGEST:.0f} weeks.")
    return figure


def _saying(runs: Runs, states: list[str], stocks: dict[str, np.ndarray]) -> str:
    """Return which stock changes most between the first and the last week, in nine runs of ten."""
    best = None
    for munition, stock in stocks.items():
        for state in states:
            own = stock[:, :, runs.states.index(state)]
            if np.nanmedian(own[:, 0]) <= 0.0:
                continue
            change = own[:, -1] / np.maximum(own[:, 0], 1e-12) - 1.0
            low, high = np.nanquantile(change, (0.05, 0.95))
            size = min(abs(low), abs(high)) if low * high > 0.0 else 0.0
            if size > 0.0 and (best is None or size > best[0]):
                best = size, state, munition, change
    if best is None:
        return ""
    _, state, munition, change = best
    way = "grows" if float(np.nanmedian(change)) > 0.0 else "falls"
    percent = spread(100.0 * np.abs(change), "%")
    return f"{runs.name(state)}'s stock of {spaced(munition)} {way} by {percent}."


def _held(axes: Axes, runs: Runs, values: np.ndarray, shade: str, style: str) -> None:
    """Draw a band of what a state has of a munition, unless it never has any."""
    if np.nanmax(values, initial=0.0) > 0.0:
        band(axes, runs.dates, values, shade, style=style)


def _finish(axes: Axes, runs: Runs, label: str) -> None:
    """Set the axes of a panel of amounts; where it is empty, say so."""
    if axes.lines:
        amount_axis(axes, label)
        date_axis(axes, runs.dates)
        return
    empty(axes, label, "none held")


def trading_states(runs: Runs) -> list[str]:
    """Return the states whose routes carried most, at most three, in the scenario's order.

    Where no route carried anything, it chooses among all states.
    """
    load = dict.fromkeys(runs.states, 0.0)
    for (supplier, recipient), amount in runs.traffic:
        load[supplier] += amount
        load[recipient] += amount
    if runs.only.states:
        return list(runs.only.states)
    ranked = sorted(runs.states, key=lambda state: -load[state])[:MOST_STATES]
    some = [state for state in ranked if load[state] > 0.0]
    return [state for state in runs.states if state in (some or ranked)]


def travelling(runs: Runs) -> dict[str, list[str]]:
    """Return the munitions that routes carried (or else all), at most four, by family.

    A munition without a family is its own.
    """
    munitions = list(runs.scenario.munitions)
    routes = [route for route, _ in runs.traffic]
    if routes:
        carried = {k: np.nanmax(runs.of_routes(f"shipped_{k}", routes)) for k in munitions}
        munitions = [k for k in munitions if carried[k] > 0.0] or munitions
    families: dict[str, list[str]] = {}
    for munition in munitions[: len(MUNITIONS)]:
        families.setdefault(runs.family(munition), []).append(munition)
    return families
