"""Containers of munitions and of goods in payment, beside what states say of them."""

from datetime import date

import numpy as np
from matplotlib.figure import Figure

from ...scenario.observed import observations_of
from ...scenario.schema import Observed
from ..axes import amount_axis, date_axis
from ..observed import mark
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, PALETTE, band, colour, dash, footer, grid, say, source, spread

MOST_ROUTES = 3


@figure(
    "What left and what arrived on the busiest routes, munitions and goods in payment for them, "
    "beside what observers published of both.",
    tables=("weeks", "routes"),
    order=20,
    takes=("routes",),
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
                label = f"published by {runs.name(observer)}"
                band(said, runs.dates, values[:, :, column], colour(place), label, dash(place))
        moved.set_title(runs.between(route))
        seen = _seen(runs, route)
        claimed |= any(one.kind == "claim" for one in seen)
        highest = 1.0
        for panel in (moved, said):
            mark(panel, seen, runs.states)
            date_axis(panel, runs.dates)
            highest = max(highest, panel.get_ylim()[1])
        amount_axis(moved, "containers since the start" if column == 0 else "", highest)
        amount_axis(said, "containers, as published" if column == 0 else "", highest)
        moved.legend(loc="upper left")
        if said.get_legend_handles_labels()[0]:
            said.legend(loc="upper left")
        else:
            said.text(0.5, 0.5, "nothing was published", ha="center", transform=said.transAxes)
    first = shipped[:, -1, 0] if np.nanmax(shipped[:, :, 0]) > 0.0 else cargo[:, -1, 0]
    lost = 1.0 - delivered[:, -1, 0] / np.maximum(shipped[:, -1, 0], 1e-12)
    where = f"{runs.name(routes[0][0])} sent {runs.name(routes[0][1])}"
    arrives = f"; {100 * np.nanmedian(lost):.0f} % of them are lost, useless or still under way"
    say(figure, f"{where} {spread(first)} containers{arrives if (lost > 0.0).all() else ''}.")
    note = " Points: press reports; not all claims count from the same day." if claimed else ""
    footer(figure, source(runs) + note)
    return figure


def _busiest(runs: Runs) -> list[Pair]:
    """Return the routes with most munitions, each with the goods that come back on its return."""
    if not runs.routes or not runs.keeps("routes"):
        return []
    goods = np.nan_to_num(runs.of_routes("cargo", runs.routes)).max(axis=(0, 1))
    paid = [route for route, sent in zip(runs.routes, goods, strict=True) if sent > 0.0]
    if runs.only.routes:
        return list(runs.only.routes)
    found: list[Pair] = []
    for route, _ in runs.traffic:
        found += [pair for pair in (route, route[::-1]) if pair == route or pair in paid]
    return list(dict.fromkeys(found + paid))[:MOST_ROUTES]


def _seen(runs: Runs, route: Pair) -> tuple[Observed, ...]:
    """Return what was seen or said of a route within the weeks of the runs."""
    first, last = (day.astype(date) for day in runs.dates[[0, -1]])
    return observations_of(runs.scenario.observations, "containers", route, first, last)
