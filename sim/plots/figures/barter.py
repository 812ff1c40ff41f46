"""What is paid for munitions: cash, goods, technology, against the value delivered; debt."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ..axes import amount_axis, date_axis, signed_axis
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, PALETTE, band, footer, grid, say, source, spread

MOST_ROUTES = 3
MEANS = {
    "paid_cash": ("paid in cash", PALETTE[3], "--"),
    "paid_goods": ("paid in goods", PALETTE[2], "-."),
    "paid_technology": ("paid in technology", PALETTE[1], ":"),
}
"""What each means of payment is called here, its colour and line."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of some routes, USD bn, each [run, week, route]; all but debt cumulative."""

    delivered: np.ndarray
    paid: dict[str, np.ndarray]
    debt: np.ndarray

    @property
    def balance(self) -> np.ndarray:
        """Return what was paid beyond the value delivered."""
        return np.asarray(sum(self.paid.values()) - self.delivered)


@figure(
    "What is paid in cash, goods and technology, against the value of what arrived.",
    tables=("weeks", "routes"),
    order=40,
    takes=("routes",),
)
def barter(runs: Runs) -> Figure | None:
    """Draw payment against value delivered, and debt, on the routes of the highest value."""
    routes = _largest(runs)
    if not routes:
        return None
    account = accounts(runs, routes)
    figure, axes = grid(2, len(routes), 8.6, "What is paid for what is delivered")
    for column, route in enumerate(routes):
        above, below = axes[:, column]
        label = "delivered, usable, at base prices"
        band(above, runs.dates, account.delivered[:, :, column], INK, label)
        for metric, look in MEANS.items():
            name, shade, style = look
            band(above, runs.dates, account.paid[metric][:, :, column], shade, name, style)
        aid = max(float(np.nanmax(x[:, :, column])) for x in account.paid.values()) <= 0.0
        above.set_title(f"{runs.between(route)}{': aid, unpaid' if aid else ''}")
        amount_axis(above, "USD bn since the start" if column == 0 else "")
        balance = account.balance[:, :, column]
        band(below, runs.dates, balance, PALETTE[0], "paid minus delivered")
        band(below, runs.dates, account.debt[:, :, column], PALETTE[4], "debt still owed", "--")
        signed_axis(below, "USD bn" if column == 0 else "")
        for panel in (above, below):
            date_axis(panel, runs.dates)
    axes[0, 0].legend(loc="upper left")
    axes[1, 0].margins(y=0.25)
    axes[1, 0].legend(loc="best")
    say(figure, _saying(runs, routes[0], account))
    note = "Technology is paid at the cost of its lessons. Below 0, more was delivered than paid."
    footer(figure, f"{source(runs)} {note}")
    return figure


def accounts(runs: Runs, routes: list[Pair]) -> Accounts:
    """Return the accounts of some routes; what was delivered counts at base prices.

    Args:
        runs: The runs of a job.
        routes: The supplier and recipient of each.
    """
    prices = {k: munition.price for k, munition in runs.scenario.spec.munitions.items()}
    delivered = sum(runs.of_routes(f"delivered_{k}", routes) * prices[k] for k in prices)
    paid = {metric: runs.of_routes(metric, routes) for metric in MEANS}
    return Accounts(np.asarray(delivered), paid, runs.of_routes("debt", routes))


def _saying(runs: Runs, route: Pair, account: Accounts) -> str:
    """Return what the accounts of the first route say at the end of the runs."""
    balance = account.balance[:, -1, 0]
    value, paid = account.delivered[:, -1, 0], sum(x[:, -1, 0] for x in account.paid.values())
    text = (
        f"{runs.name(route[1])} paid {runs.name(route[0])} USD {spread(np.asarray(paid))} bn for "
        f"USD {spread(value)} bn delivered"
    )
    low, high = np.nanquantile(balance, (0.05, 0.95))
    if low > 0.0:
        return f"{text}: more than it is worth, in 95 % of runs or more."
    return f"{text}: less than it is worth, in 95 % of runs or more." if high < 0.0 else f"{text}."


def _largest(runs: Runs) -> list[Pair]:
    """Return at most three routes: most paid first, ties by the value delivered."""
    routes = [route for route, _ in runs.traffic]
    if not routes:
        return []
    account = accounts(runs, routes)
    paid, value = (
        np.asarray(flow).max(axis=1).mean(axis=0)
        for flow in (sum(account.paid.values()), account.delivered)
    )
    if runs.only.routes:
        return routes
    ranked = np.lexsort((-value, -paid))[:MOST_ROUTES]
    return [routes[place] for place in ranked if max(value[place], paid[place]) > 0.0]
