"""What is there and what moves: stocks, weeks of supply, containers."""

from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...scenario.claims import claims_about
from ...scenario.schema import Claim
from ..runs import Pair, Runs
from ..style import (
    INK,
    PALETTE,
    amount_axis,
    band,
    colour,
    dash,
    date_axis,
    empty,
    footer,
    grid,
    source,
    words,
)

MOST_STATES, MOST_ROUTES = 3, 3
LONGEST = 156.0
"""Weeks of supply beyond which the axis stops: more is plenty."""

MARKERS = "osD^v"
MUNITIONS = ((INK, "-"), (PALETTE[0], "--"), (PALETTE[1], "-"), (PALETTE[3], "--"))
"""Colour and line of a munition."""


def stocks(runs: Runs) -> Figure | None:
    """Stock by munition family, and weeks of supply, of the states that trade."""
    states, families = trading_states(runs), travelling(runs)
    if not any(runs.of_states(f"stock_{k}").any() for some in families.values() for k in some):
        return None
    rows = len(families) + 1
    figure, axes = grid(rows, len(states), 1.2 + 2.4 * rows, "Stocks and weeks of supply")
    looks = dict(zip((k for family in families.values() for k in family), MUNITIONS, strict=False))
    for row, (family, munitions) in enumerate(families.items()):
        held = {k: runs.of_states(f"stock_{k}") for k in munitions if k in looks}
        units = " and ".join(dict.fromkeys(runs.unit(k) for k in held))
        for column, state in enumerate(states):
            panel, place = axes[row, column], runs.states.index(state)
            for munition, values in held.items():
                _held(panel, runs, values[:, :, place], *looks[munition])
            _finish(panel, runs, f"{words(family)}\n({units})" if column == 0 else "")
    for munition, (shade, style) in looks.items():
        stock = runs.of_states(f"stock_{munition}")
        supply = np.minimum(runs.of_states(f"supply_{munition}"), LONGEST) * (stock > 0.0)
        for panel, state in zip(axes[-1], states, strict=True):
            _held(panel, runs, supply[:, :, runs.states.index(state)], shade, style)
    for column, state in enumerate(states):
        _finish(axes[-1, column], runs, "supply\n(weeks of need)" if column == 0 else "")
        axes[0, column].set_title(runs.title(state))
    shown = [Line2D([], [], color=shade, ls=style, lw=2.0) for shade, style in looks.values()]
    figure.legend(shown, [words(k) for k in looks], loc="outside upper right", ncols=len(looks))
    footer(figure, f"{source(runs)} Supply is drawn up to {LONGEST:.0f} weeks.")
    return figure


def _held(axes: Axes, runs: Runs, values: np.ndarray, shade: str, style: str) -> None:
    """A band of what a state has of a munition, unless it never has any."""
    if np.nanmax(values, initial=0.0) > 0.0:
        band(axes, runs.dates, values, shade, style=style)


def _finish(axes: Axes, runs: Runs, label: str) -> None:
    """The axes of a panel of amounts, or a word where it holds none."""
    if axes.lines:
        amount_axis(axes, label)
        date_axis(axes, runs.dates)
        return
    empty(axes, label, "none held")


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


def travelling(runs: Runs) -> dict[str, list[str]]:
    """The munitions that routes carried (or else all), at most four, by family.

    A munition without a family is its own.
    """
    munitions = list(runs.scenario.munitions)
    routes = [route for route, _ in runs.traffic]
    if routes:
        carried = {k: np.nanmax(runs.of_pairs(f"shipped_{k}", routes)) for k in munitions}
        munitions = [k for k in munitions if carried[k] > 0.0] or munitions
    families: dict[str, list[str]] = {}
    for munition in munitions[: len(MUNITIONS)]:
        families.setdefault(runs.family(munition), []).append(munition)
    return families


def containers(runs: Runs) -> Figure | None:
    """Containers shipped, delivered, published and claimed, on the largest routes."""
    routes = [route for route, _ in runs.traffic[:MOST_ROUTES]]
    if not routes:
        return None
    figure, axes = grid(2, len(routes), 9.0, "Containers moved, and what is said about them")
    shipped = runs.of_pairs("containers", routes)
    delivered = runs.of_pairs("containers_delivered", routes)
    published = {
        observer: runs.of_pairs(f"published_{observer}", routes)
        for observer in runs.scenario.observers
    }
    claimed = False
    for column, route in enumerate(routes):
        moved, said = axes[:, column]
        band(moved, runs.dates, shipped[:, :, column], INK, "shipped")
        band(moved, runs.dates, delivered[:, :, column], PALETTE[1], "delivered, usable", "--")
        for observer, values in published.items():
            if np.nanmax(values[:, :, column]) > 0.0:
                place = runs.states.index(observer)
                label = f"published by {observer}"
                band(said, runs.dates, values[:, :, column], colour(place), label, dash(place))
        moved.set_title(" to ".join(route))
        claimed |= bool(_claimed(runs, route))
        highest = 1.0
        for panel in (moved, said):
            _claims(panel, runs, route)
            date_axis(panel, runs.dates)
            highest = max(highest, panel.get_ylim()[1])
        amount_axis(moved, "containers since the start" if column == 0 else "", highest)
        amount_axis(said, "containers, as published" if column == 0 else "", highest)
        moved.legend(loc="upper left")
        if said.get_legend_handles_labels()[0]:
            said.legend(loc="upper left")
        else:
            said.text(0.5, 0.5, "nothing was published", ha="center", transform=said.transAxes)
    note = " Points: press reports; not all claims count from the same day." if claimed else ""
    footer(figure, source(runs) + note)
    return figure


def _claimed(runs: Runs, route: Pair) -> tuple[Claim, ...]:
    """Return the public claims about a route within the weeks of the runs."""
    first, last = (day.astype(date) for day in runs.dates[[0, -1]])
    return claims_about(runs.scenario.claims, "containers", route, first, last)


def _claims(panel: Axes, runs: Runs, route: Pair) -> None:
    """Draw the public claims about a route, one kind of marker for each issuer."""
    said = _claimed(runs, route)
    for number, issuer in enumerate(dict.fromkeys(str(claim.issuer) for claim in said)):
        own = [claim for claim in said if str(claim.issuer) == issuer]
        panel.plot(
            [np.datetime64(claim.day) for claim in own],
            [claim.value for claim in own],
            linestyle="none",
            marker=MARKERS[number % len(MARKERS)],
            markersize=9,
            markeredgecolor="black",
            color=colour(runs.states.index(issuer)),
            label=f"public claim, {issuer}",
            zorder=5,
        )
