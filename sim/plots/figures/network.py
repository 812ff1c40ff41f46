"""The transfer network: who ships how much to whom."""

from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from ..axes import bars
from ..registry import figure
from ..runs import Pair, Runs
from ..style import INK, LEVELS, colour, footer, grid, short, source

MOST_STATES, MOST_ROUTES = 20, 8
LAWFUL, UNLAWFUL, UNUSED = "#0072B2", LEVELS[4], "#BBBBBB"
FEW = 10
"""States up to which a node has room for two lines of words."""

WIDEST, LARGEST, SMALLEST = 11.0, 2600.0, 120.0
"""Points of the widest line; square points of the largest and the smallest node."""


@figure(
    "Who ships to whom: the wider the arrow the more containers, the larger the disc the "
    "more valuable the state's stock.",
    tables=("weeks", "routes"),
    order=10,
)
def network(runs: Runs) -> Figure | None:
    """Draw the routes as a graph, and the containers shipped on each by the end."""
    if not runs.routes:
        return None
    shipped = np.nan_to_num(runs.of_routes("containers", runs.routes)[:, -1])
    if shipped.max() <= 0.0:
        return None
    unlawful = np.nanmean(runs.of_routes("unlawful", runs.routes)[:, -1], axis=0) > 0.5
    value = np.nanmedian(runs.of_states("stock_value")[:, -1], axis=0)
    graph = transfers(runs, np.median(shipped, axis=0), unlawful, value)
    figure, axes = grid(1, 2, 7.6, f"The transfer network after {len(runs.dates)} weeks")
    axes[0, 0].get_gridspec().set_width_ratios([1.75, 1.0])
    _draw(axes[0, 0], graph, runs)
    busiest = np.argsort(-np.median(shipped, axis=0), kind="stable")[:MOST_ROUTES]
    used = [route for route in busiest if shipped[:, route].max() > 0.0]
    names = [" to ".join(runs.routes[route]) for route in used]
    colours = [UNLAWFUL if unlawful[route] else LAWFUL for route in used]
    bars(axes[0, 1], names, shipped[:, used], colours, "containers shipped, cumulative")
    axes[0, 1].set_title("Containers by route")
    axes[0, 1].set_ylabel("route")
    spread = "" if runs.count == 1 else " Bars: median; whiskers: 5-95 % of runs."
    footer(figure, f"{source(runs, bands=False)} Graph: the median run.{spread}")
    return figure


def transfers(
    runs: Runs, containers: np.ndarray, unlawful: np.ndarray, value: np.ndarray
) -> "nx.DiGraph[str]":
    """Return the graph of routes: edges with `containers`, `unlawful`; nodes with `value`, USD bn.

    In a large world, only the twenty states that send and receive most containers are kept.

    Args:
        runs: The runs of a job.
        containers: The containers shipped on each route, [route].
        unlawful: Whether an embargo forbids each route, [route].
        value: The value of each state's stock, USD bn, [state].
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    load = dict.fromkeys(runs.states, 0.0)
    for (supplier, recipient), amount in zip(runs.routes, containers.tolist(), strict=True):
        load[supplier] += amount
        load[recipient] += amount
    kept = set(sorted(runs.states, key=lambda code: -load[code])[:MOST_STATES])
    for place, code in enumerate(runs.states):
        if code in kept:
            graph.add_node(code, value=float(value[place]))
    for route, amount, shut in zip(runs.routes, containers, unlawful, strict=True):
        if kept.issuperset(route):
            graph.add_edge(*route, containers=float(amount), unlawful=bool(shut))
    return graph


def _draw(axes: Axes, graph: "nx.DiGraph[str]", runs: Runs) -> None:
    places = nx.circular_layout(graph)
    most = max((x for *_, x in graph.edges(data="containers")), default=0.0)
    richest = max((x for _, x in graph.nodes(data="value")), default=0.0)
    room = min(1.0, FEW / len(places))  # in a full circle neighbours are near
    largest, scale = room * LARGEST, most / room**2
    sizes = {
        code: SMALLEST + (largest - SMALLEST) * value / max(richest, 1e-12)
        for code, value in graph.nodes(data="value")
    }
    for supplier, recipient, edge in graph.edges(data=True):
        route = (supplier, recipient)
        _arrow(axes, route, edge, places, sizes, scale)
    for code, (x, y) in places.items():
        shade = colour(runs.states.index(code))
        axes.scatter(x, y, sizes[code], color=shade, edgecolors="white", linewidths=1.5, zorder=3)
        worth = short(graph.nodes[code]["value"])
        text = f"{code}\nUSD {worth} bn" if len(places) <= FEW else f"{code}: {worth}"
        _label(axes, text, (x, y), sizes[code], 11.0 if len(places) <= FEW else 9.0)
    axes.set(xlim=(-1.8, 1.8), ylim=(-1.35, 1.35), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title("Routes, and the value of each state's stock")
    axes.set_ylabel("disc area: value of the stock (USD bn)")
    _legend(axes, graph, most, scale)


def _label(axes: Axes, text: str, place: tuple[float, float], size: float, font: float) -> None:
    """Write a text beside a node, on the side away from the middle of the circle."""
    x, y = place
    away = np.sqrt(size / np.pi) + 5.0
    axes.annotate(
        text,
        (x, y),
        (x * away, y * away),
        textcoords="offset points",
        ha="left" if x > 0.2 else "right" if x < -0.2 else "center",
        va="bottom" if y > 0.2 else "top" if y < -0.2 else "center",
        fontweight="bold",
        fontsize=font,
    )


def _arrow(
    axes: Axes,
    route: Pair,
    edge: dict[str, Any],
    places: dict[str, np.ndarray],
    sizes: dict[str, float],
    scale: float,
) -> None:
    """Draw a route as a bent arrow, so that the way back can be seen beside it.

    Args:
        axes: The panel.
        route: Supplier and recipient.
        edge: `containers` and `unlawful` of the route.
        places: Where each node is.
        sizes: The area of each node, square points.
        scale: The number of containers for which a line has its full width.
    """
    carried = edge["containers"] > 0.0
    shade = UNUSED if not carried else UNLAWFUL if edge["unlawful"] else LAWFUL
    width = _width(edge["containers"], scale) if carried else 1.0
    radius = [np.sqrt(sizes[code] / np.pi) + 3.0 for code in route]
    axes.add_patch(
        FancyArrowPatch(
            tuple(places[route[0]]),
            tuple(places[route[1]]),
            connectionstyle="arc3,rad=0.16",
            arrowstyle="-|>",
            mutation_scale=9.0 + 1.3 * width,
            shrinkA=radius[0],
            shrinkB=radius[1],
            linewidth=width,
            linestyle="-" if carried else (0, (3, 3)),
            color=shade,
            alpha=0.85,
            joinstyle="miter",
            capstyle="butt",
            zorder=2 if carried else 1,
        )
    )


def _width(containers: float, scale: float) -> float:
    return max(1.2, WIDEST * containers / max(scale, 1e-12))


def _legend(axes: Axes, graph: "nx.DiGraph[str]", most: float, scale: float) -> None:
    """Explain widths and colours; the value of a node is written beside it."""
    kinds = {
        (edge["containers"] > 0.0, edge["unlawful"] and edge["containers"] > 0.0)
        for *_, edge in graph.edges(data=True)
    }
    lines = {
        (True, True): (UNLAWFUL, 4.0, "-", "an embargo forbids it"),
        (True, False): (LAWFUL, 4.0, "-", "lawful"),
        (False, False): (UNUSED, 1.0, "--", "open, not used"),
    }
    shown = [
        Line2D([], [], color=shade, lw=width, ls=style, label=label)
        for kind, (shade, width, style, label) in lines.items()
        if kind in kinds
    ]
    for part in (1.0, 0.25) if most > 0.0 else ():
        amount = float(f"{part * most:.1g}")
        label = f"{short(amount)} containers"
        shown.append(Line2D([], [], color=INK, lw=_width(amount, scale), label=label))
    axes.legend(
        handles=shown, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, handlelength=3
    )
