"""The transfer network: who ships how much to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill
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
from ..style import INK, LEVELS, WIDTH, colour, footer, grid, say, short, source, spread

MOST_STATES, MOST_ROUTES = 20, 8
FEW_ROUTES = 4
"""Routes from which on what arrived has no bar of its own."""
ON_MAP = 0.4
"""The size of nodes and lines on a map, relative to those of a circle."""
Span = tuple[tuple[float, float], tuple[float, float]]
LAWFUL, UNLAWFUL, UNUSED = "#0072B2", LEVELS[4], "#BBBBBB"
PALE = {LAWFUL: "#80B9D9", UNLAWFUL: "#E39B8F"}
FEW = 10
"""States up to which a node has room for two lines of words."""

WIDEST, LARGEST, SMALLEST = 11.0, 2600.0, 120.0
"""Points of the widest line; square points of the largest and the smallest node."""


@figure(
    "Who ships to whom: the wider the arrow the more containers, the larger the disc the "
    "more valuable the state's stock.",
    tables=("weeks", "routes"),
    order=10,
    takes=("routes",),
)
def network(runs: Runs) -> Figure | None:
    """Draw the routes as a graph, and what was shipped on each by the end and arrived usable."""
    if not runs.routes:
        return None
    found = at_week(runs, -1)
    shipped, shut = found.shipped, found.unlawful
    if shipped.max() <= 0.0:
        return None
    graph = transfers(runs, np.median(shipped, axis=0), shut, found.value)
    title = f"The transfer network after {len(runs.dates)} weeks"
    figure, axes = grid(1, 2, 7.6, title, widths=[1.75, 1.0])
    draw(axes[0, 0], graph, runs, nx.circular_layout(graph))
    busiest = np.argsort(-np.median(shipped, axis=0), kind="stable")[:MOST_ROUTES]
    used = [int(route) for route in busiest if shipped[:, route].max() > 0.0]
    _amounts(axes[0, 1], runs, found, used)
    first = used[0]
    more = f", the busiest of {len(used)} routes that carry munitions" if len(used) > 1 else ""
    amount, weeks = spread(shipped[:, first], "containers"), len(runs.dates)
    say(figure, f"{runs.between(runs.routes[first])} carries {amount} in {weeks} weeks{more}.")
    whiskers = "" if runs.count == 1 else " Bars: median; whiskers: 5-95 % of runs."
    footer(figure, f"{source(runs, bands=False)} Graph: the median run.{whiskers}")
    return figure


@dataclass(frozen=True)
class Traffic:
    """What was carried up to a week, and what is held.

    - `shipped`, `arrived`: containers, [run, route].
    - `unlawful`: whether an embargo forbids the route in most runs, [route].
    - `value`: the median value of each state's stock, USD bn, [state].
    """

    shipped: np.ndarray
    arrived: np.ndarray
    unlawful: np.ndarray
    value: np.ndarray


def at_week(runs: Runs, week: int) -> Traffic:
    """Return what was carried up to a week; routes that were not chosen carry nothing.

    Args:
        runs: The runs of a job.
        week: The number of the week; -1 for the last.
    """
    chosen = runs.only.routes or runs.routes
    kept = np.array([route in chosen for route in runs.routes])
    shipped, arrived, shut = (
        np.nan_to_num(runs.of_routes(name, runs.routes)[:, week])
        for name in ("containers", "containers_delivered", "unlawful")
    )
    value = np.nanmedian(runs.of_states("stock_value")[:, week], axis=0)
    return Traffic(shipped * kept, arrived * kept, shut.mean(axis=0) > 0.5, value)


def _amounts(axes: Axes, runs: Runs, found: Traffic, used: list[int]) -> None:
    """Draw what was shipped on each route; of a few routes also what arrived usable."""
    names, values, colours = list[str](), list[np.ndarray](), list[str]()
    for route in used:
        shade = UNLAWFUL if found.unlawful[route] else LAWFUL
        names.append(fill(runs.between(runs.routes[route]), 18))
        values.append(found.shipped[:, route])
        colours.append(shade)
        if len(used) < FEW_ROUTES:
            names.append("arrived usable")
            values.append(found.arrived[:, route])
            colours.append(PALE[shade])
    bars(axes, names, np.stack(values, axis=1), colours, "containers since the start")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_title("Containers shipped by route")
    axes.set_ylabel("route")


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


def draw(
    axes: Axes,
    graph: "nx.DiGraph[str]",
    runs: Runs,
    places: Mapping[str, Any],
    span: Span | None = None,
    most: float = 0.0,
) -> None:
    """Draw a graph of transfers, its nodes at some places.

    Args:
        axes: The panel.
        graph: As of `transfers`.
        runs: The runs of a job.
        places: Where each node is, (x, y).
        span: The limits of both axes; those of the circle if None.
        most: The containers of the widest line; those of the busiest route if 0.
    """
    most = most or max((x for *_, x in graph.edges(data="containers")), default=0.0)
    richest = max((x for _, x in graph.nodes(data="value")), default=0.0)
    room = min(1.0, FEW / len(places)) * (1.0 if span is None else ON_MAP)
    whole: Any = axes.get_figure()
    part = min(1.0, 1.4 * whole.get_figwidth() / WIDTH)
    largest = room * part**2 * LARGEST  # in a full circle neighbours are near
    scale = most / (room**2 * part)
    smallest = min(SMALLEST, largest)
    sizes = {
        code: smallest + (largest - smallest) * value / max(richest, 1e-12)
        for code, value in graph.nodes(data="value")
    }
    for supplier, recipient, edge in graph.edges(data=True):
        route = (supplier, recipient)
        _arrow(axes, route, edge, places, sizes, scale)
    for code, (x, y) in places.items():
        shade = colour(runs.states.index(code))
        axes.scatter(x, y, sizes[code], color=shade, edgecolors="white", linewidths=1.5, zorder=3)
        name, worth = runs.name(code), short(graph.nodes[code]["value"], 2)
        text = f"{name}\nUSD {worth} bn" if len(places) <= FEW else f"{code}: {worth}"
        size = "medium" if len(places) <= FEW else "small"
        side = (x, y) if span is None else _away(code, places)
        _label(axes, text, (x, y), sizes[code], size, side)
    across, up = span or ((-1.9, 1.9), (-1.35, 1.35))
    axes.set(xlim=across, ylim=up, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title("Routes, and the value of each state's stock")
    if span is None:
        axes.set_ylabel("disc area: value of the stock (USD bn)")
    _legend(axes, graph, most, scale)


def _away(code: str, places: Mapping[str, Any]) -> tuple[float, float]:
    """Return the direction from the nearest other node, for a label on a map."""
    here = np.asarray(places[code])
    others = [here - np.asarray(place) for name, place in places.items() if name != code]
    nearest = min(others, key=lambda gap: float(gap @ gap), default=np.array([1.0, 0.0]))
    x, y = nearest / max(float(np.linalg.norm(nearest)), 1e-12)
    return (0.0, float(np.sign(y))) if abs(y) > 0.6 else (float(np.sign(x)), 0.0)


def _label(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    size: float,
    font: str,
    side: tuple[float, float],
) -> None:
    """Write a text beside a node, on the side away from the middle of the circle."""
    x, y = side
    away = np.sqrt(size / np.pi) + 5.0
    axes.annotate(
        text,
        place,
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
    places: Mapping[str, Any],
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
        (False, False): (UNUSED, 1.0, "--", "open, no munitions"),
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
