"""What each observer claims of a flow, against what the simulation knows to be true."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..axes import date_axis, empty, ratio_axis
from ..registry import figure
from ..runs import Runs
from ..style import INK, band, colour, dash, footer, grid, quantiles, say, source, spread

MOST_ROUTES = 2
LOWEST, HIGHEST = 0.125, 8.0
"""Ratios beyond which the axis stops."""


@figure(
    "Each observer's figure divided by the true one: above 1 it claims too much, below 1 "
    "too little.",
    tables=("weeks", "routes"),
    order=90,
    takes=("routes",),
)
def observers(runs: Runs) -> Figure | None:
    """Draw claims and estimates of the published routes, as ratios to the truth."""
    if not runs.scenario.observers or not runs.traffic:
        return None
    claimed = _claims(runs, "published")
    routes = [r for r in range(claimed.shape[2]) if np.nanmax(claimed[:, :, r], initial=0.0) > 0.0]
    routes = routes if runs.only.routes else routes[:MOST_ROUTES]
    if not routes:
        return None
    rows = len(routes)
    figure, axes = grid(rows, 3, 1.6 + 3.8 * rows, "What observers claim, against the truth")
    shipped = runs.of_routes("containers", _candidates(runs))[:, :, :, None]
    public = _ratio(claimed, shipped)
    held = _ratio(_claims(runs, "estimate"), shipped)
    apart = _apart(claimed)[:, :, :, None]
    span = _span(public[:, :, routes], held[:, :, routes])
    beyond = 1.0, _span(apart[:, :, routes])[1]
    for row, route in enumerate(routes):
        name = runs.between(_candidates(runs)[route])
        _ratios(axes[row, 0], runs, public[:, :, route], name, span)
        axes[row, 0].set_xlabel("as last published")
        _ratios(axes[row, 1], runs, held[:, :, route], "", span)
        axes[row, 1].set_xlabel("as the observer holds it")
        _spread(axes[row, 2], runs, apart[:, :, route, 0], beyond)
        axes[row, 0].set_ylabel("claim over containers shipped")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=4)
    last = public[:, -1, routes[0]]
    far = [number for number in range(last.shape[1]) if np.isfinite(last[:, number]).any()]
    if far:
        shares = {number: spread(last[:, number]) for number in far}
        named = [f"{runs.name(runs.scenario.observers[k])} {shares[k]}" for k in far[:3]]
        first = runs.between(_candidates(runs)[routes[0]])
        say(figure, f"Claims of {first} over the truth at the end: {', '.join(named)}.")
    note = "Each run counts from the observer's first word; 1 is the truth. A claim grows old."
    footer(figure, f"{source(runs)} {note}")
    return figure


def _candidates(runs: Runs) -> list[tuple[str, str]]:
    return [route for route, _ in runs.traffic]


def _claims(runs: Runs, metric: str) -> np.ndarray:
    """Return the containers that observers report on used routes: [run, week, route, observer]."""
    routes = _candidates(runs)
    said = [runs.of_routes(f"{metric}_{code}", routes) for code in runs.scenario.observers]
    return np.stack(said, axis=3)


def _ratio(said: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return what is said over what is true, NaN where nothing is said."""
    spoken = (said > 0.0) & (true > 0.0)
    return np.divide(said, true, out=np.full(said.shape, np.nan), where=spoken)


def _apart(claimed: np.ndarray) -> np.ndarray:
    """Return the highest claim over the lowest, NaN until two have spoken: [run, week, route]."""
    spoken = claimed > 0.0
    highest = np.where(spoken, claimed, -np.inf).max(axis=3)
    lowest = np.where(spoken, claimed, np.inf).min(axis=3)
    several = spoken.sum(axis=3) > 1
    return np.divide(highest, lowest, out=np.full(highest.shape, np.nan), where=several)


def _span(*ratios: np.ndarray) -> tuple[float, float]:
    """Return the range of an axis that shows 1 and most of the ratios [run, week, ...]."""
    flat = np.concatenate([ratio[np.isfinite(ratio)] for ratio in ratios])
    low, high = np.quantile(flat, (0.02, 0.98)) if flat.size else (1.0, 1.0)
    return max(LOWEST, min(0.5, low / 1.1)), min(HIGHEST, max(2.0, high * 1.1))


def _ratios(
    axes: Axes, runs: Runs, ratios: np.ndarray, title: str, span: tuple[float, float]
) -> None:
    """Draw a band for each observer; `ratios`: [run, week, observer]."""
    for number, observer in enumerate(runs.scenario.observers):
        if np.isfinite(ratios[:, :, number]).any():
            place = runs.states.index(observer)
            band(
                axes,
                runs.dates,
                ratios[:, :, number],
                colour(place),
                runs.name(observer),
                dash(place),
            )
    axes.set_title(title)
    ratio_axis(axes, "", *span)
    date_axis(axes, runs.dates, ticks=4)


def _spread(axes: Axes, runs: Runs, apart: np.ndarray, span: tuple[float, float]) -> None:
    axes.set_title("How far claims differ")
    if not np.isfinite(apart).any():
        empty(axes, "", "never two claims at once")
        return
    band(axes, runs.dates, apart, INK)
    last = quantiles(apart, (0.05, 0.5, 0.95))[:, -1]
    if np.isfinite(last).all():
        axes.set_xlabel("at the end {1:.2f} ({0:.2f} to {2:.2f})".format(*last))
    ratio_axis(axes, "highest over lowest claim", *span)
    date_axis(axes, runs.dates, ticks=4)
