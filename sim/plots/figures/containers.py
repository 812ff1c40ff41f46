"""Containers of munitions and of goods in payment, beside what states say of them."""

from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...scenario.claims import claims_about
from ...scenario.schema import Claim
from ..axes import amount_axis, date_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, PALETTE, band, colour, dash, footer, grid, source

MOST_ROUTES = 3
MARKERS = "osD^v"


@figure(
    "What left and what arrived on the busiest routes, munitions and goods in payment for them, "
    "beside what observers published of both.",
    tables=("weeks", "routes"),
    order=20,
)
def containers(runs: Runs) -> Figure | None:
    """Draw containers shipped, delivered, published and claimed, on the busiest routes."""
    routes = _busiest(runs)
    if not routes:
        return None
    figure, axes = grid(2, len(routes), 9.0, "Containers moved, and what is said about them")
    shipped = runs.of_routes("containers", routes)
    delivered = runs.of_routes("containers_delivered", routes)
    cargo, arrived = (runs.of_routes(name, routes) for name in ("cargo", "cargo_delivered"))
    published = {
        observer: runs.of_routes(f"published_{observer}", routes)
        for observer in runs.scenario.observers
    }
    claimed = False
    for column, route in enumerate(routes):
        moved, said = axes[:, column]
        if np.nanmax(shipped[:, :, column]) > 0.0:
            band(moved, runs.dates, shipped[:, :, column], INK, "munitions shipped")
            label = "munitions delivered, usable"
            band(moved, runs.dates, delivered[:, :, column], PALETTE[1], label, "--")
        if np.nanmax(cargo[:, :, column]) > 0.0:
            band(moved, runs.dates, cargo[:, :, column], PALETTE[2], "goods in payment, sent", "-.")
            label = "goods in payment, arrived"
            band(moved, runs.dates, arrived[:, :, column], PALETTE[0], label, ":")
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


def _busiest(runs: Runs) -> list[Pair]:
    """Return the routes with most munitions, each with the goods that come back on its return."""
    if not runs.routes or not runs.keeps("routes"):
        return []
    goods = np.nan_to_num(runs.of_routes("cargo", runs.routes)).max(axis=(0, 1))
    paid = [route for route, sent in zip(runs.routes, goods, strict=True) if sent > 0.0]
    found: list[Pair] = []
    for route, _ in runs.traffic:
        found += [pair for pair in (route, route[::-1]) if pair == route or pair in paid]
    return list(dict.fromkeys(found + paid))[:MOST_ROUTES]


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
