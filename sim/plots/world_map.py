"""The transfer network on a plain map, and over time."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import networkx as nx
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..results.store import atomic_write
from ..scenario.files import local_path
from .canvas import Canvas, finish, footer, grid, on, say
from .drawing import Drawn, settled
from .figures.network import Span, Traffic, at_week, draw, transfers
from .looks import WIDTH, look
from .places import PLACES, outlines
from .runs import Runs
from .selection import selection
from .style import short, source, spread

if TYPE_CHECKING:
    from ..results.results import Results

MARGIN = 12.0
"""Degrees around the outermost states."""
MOST_LATITUDE = 80.0
LAND = "#9AA5AD"
NO_COASTS = "Coasts and borders: pip install 'armsflow[maps]'."
QUARTER, SPEED = 13, 3
"""Weeks between two pictures, and pictures a second, unless something else is wanted."""
SUFFIXES = (".html", ".gif")


def network_map(
    results: "Results",
    *,
    week: int | None = None,
    routes: Any = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    ax: Axes | None = None,
    style: str | None = None,
) -> Drawn:
    """Draw the transfer network on a plain map: longitude across, latitude up.

    Args:
        results: What was recorded.
        week: Up to which week; the last if None.
        routes: The routes that are drawn; all if None.
        places: Longitude and latitude, degrees, of states that have no ISO code.
        ax: Draws into this axes.
        style: 'paper' or 'slide'.

    Raises:
        ValueError: A state has no place, or there is no such week or route.
        LookupError: The job kept no routes.
    """
    runs = _runs(results, routes)
    where, span = projected(runs, places or {})
    at = _week(runs, week)
    with look(style, heed=True), on(Canvas(ax)):
        figure, axes = grid(
            1, 1, _height(span), f"The transfer network in week {at}, {runs.dates[at]}"
        )
        found = at_week(runs, at)
        _on_map(axes[0, 0], runs, found, where, span)
        say(figure, _saying(runs, found))
        footer(
            figure, f"{source(runs, bands=False)} The median run. {'' if outlines() else NO_COASTS}"
        )
        finish(figure)
        return ax if ax is not None else settled(figure, style)


class Movie(str):
    """HTML that a notebook shows."""

    def _repr_html_(self) -> str:
        return str(self)


def animate(
    results: "Results",
    out: str | Path | None = None,
    *,
    map: bool = False,  # the word of who calls it
    every: int = QUARTER,
    routes: Any = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    style: str | None = None,
) -> "Movie | Path":
    """Draw the transfer network over the weeks as a film.

    Args:
        results: What was recorded.
        out: A file to write, .html (with buttons) or .gif; HTML for a notebook if None.
        map: Whether states stand on a map; in a circle otherwise.
        every: Weeks between two pictures.
        routes: The routes that are drawn; all if None.
        places: Longitude and latitude, degrees, of states that have no ISO code.
        style: 'paper' or 'slide'.

    Returns:
        The file, or the HTML.

    Raises:
        ValueError: A state has no place, a week or the file's ending is wrong.
        LookupError: The job kept no routes.
    """
    path = None if out is None else local_path(out)
    if path is not None and path.suffix not in SUFFIXES:
        raise ValueError(f"out: '{path.name}' ends in none of {', '.join(SUFFIXES)}")
    if every < 1:
        raise ValueError(f"every: {every} is not a whole number of weeks of at least 1")
    runs = _runs(results, routes)
    span: Span | None = None
    if map:
        where, span = projected(runs, places or {})
    with look(style, heed=True):
        made = _film(runs, every, where if map else None, span)
        if path is None:
            return Movie(made.to_jshtml(fps=SPEED))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".html":
            with atomic_write(path) as file:
                file.write(made.to_jshtml(fps=SPEED).encode())
        else:
            made.save(path, PillowWriter(fps=SPEED))
    return path


def projected(
    runs: Runs, places: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, tuple[float, float]], Span]:
    """Return where the states of routes stand on the map, and its limits, degrees.

    The map is cut where the widest gap between states is: the Pacific may lie in its middle.

    Args:
        runs: The runs of a job.
        places: Longitude and latitude of states that are not known, or lie elsewhere.

    Raises:
        ValueError: A state has no place.
    """
    known = {**PLACES, **places}
    some = [code for code in runs.states if any(code in route for route in runs.routes)]
    if lost := [code for code in some if code not in known]:
        raise ValueError(
            f"places: {', '.join(lost)} have no place on the map; give places={{'{lost[0]}': "
            "(longitude, latitude)}, or draw network() in a circle"
        )
    east = np.sort([known[code][0] % 360.0 for code in some])
    gaps = np.diff(east, append=east[0] + 360.0)
    last = int(gaps.argmax())
    cut = float(east[last] + gaps[last] / 2.0) % 360.0
    where = {code: ((known[code][0] - cut) % 360.0 + cut, known[code][1]) for code in some}
    across, up = np.array(list(where.values())).T
    low, high = max(up.min() - MARGIN, -MOST_LATITUDE), min(up.max() + MARGIN, MOST_LATITUDE)
    return where, ((across.min() - 2.0 * MARGIN, across.max() + 2.0 * MARGIN), (low, high))


def _runs(results: "Results", routes: Any) -> Runs:
    runs = Runs(results, selection(results, {"routes": routes}))
    if not runs.routes or not runs.keeps("routes"):
        raise LookupError("this job kept no routes (record=full keeps them), or has none")
    return runs


def _week(runs: Runs, week: int | None) -> int:
    last = len(runs.dates) - 1
    if week is None:
        return last
    if not 0 <= week <= last:
        raise ValueError(f"week: {week} is none of the runs, which have 0 to {last}")
    return week


def _on_map(
    panel: Axes,
    runs: Runs,
    found: Traffic,
    where: Mapping[str, tuple[float, float]],
    span: Span,
    most: float = 0.0,
) -> None:
    """Draw coasts, borders and the network of a week."""
    (west, east), (south, north) = span
    lines = [part for line in outlines() for part in _shifted(line, west)]
    shade = mpl.rcParams["grid.color"] if not lines else LAND
    panel.add_collection(LineCollection(lines, colors=shade, linewidths=0.5, zorder=0))
    graph = transfers(runs, np.median(found.shipped, axis=0), found.unlawful, found.value)
    graph.remove_nodes_from([code for code in list(graph) if code not in where])
    draw(panel, graph, runs, {code: where[code] for code in graph}, span, most)
    panel.set(xticks=np.arange(-180, 541, 30), yticks=np.arange(-90, 91, 30))
    panel.set(xlim=(west, east), ylim=(south, north))
    panel.tick_params(length=0, labelbottom=False, labelleft=False)
    panel.grid(visible=not lines)
    panel.set_aspect(_stretch(span), adjustable="box")


def _stretch(span: Span) -> float:
    """Return how much longer a degree of latitude is than one of longitude, in the middle."""
    return float(1.0 / np.cos(np.radians(sum(span[1]) / 2.0)))


def _height(span: Span) -> float:
    """Return the height of a figure whose map is as wide as it is, inches."""
    (west, east), (south, north) = span
    return 1.9 + (WIDTH - 0.5) * _stretch(span) * (north - south) / (east - west)


def _shifted(line: np.ndarray, west: float) -> list[np.ndarray]:
    """Return a line with its longitudes east of an edge, cut where it crosses that edge."""
    moved = np.stack([(line[:, 0] - west) % 360.0 + west, line[:, 1]], axis=1)
    cuts = np.flatnonzero(np.abs(np.diff(moved[:, 0])) > 180.0) + 1
    return [part for part in np.split(moved, cuts) if len(part) > 1]


def _saying(runs: Runs, found: Traffic) -> str:
    first = int(np.median(found.shipped, axis=0).argmax())
    if found.shipped[:, first].max() <= 0.0:
        return "Nothing has been shipped yet."
    amount = spread(found.shipped[:, first], "containers")
    return f"{runs.between(runs.routes[first])} has carried {amount} so far."


def _film(
    runs: Runs, every: int, where: Mapping[str, tuple[float, float]] | None, span: Span | None
) -> FuncAnimation:
    """Return the film: a picture per so many weeks, the last week among them."""
    last = len(runs.dates) - 1
    weeks = sorted({*range(0, last, every), last})
    height = 6.4 if span is None else _height(span)
    figure, axes = grid(1, 1, height, "The transfer network, week by week")
    figure.set_dpi(72)
    panel = axes[0, 0]
    whole = at_week(runs, last)
    most = float(np.median(whole.shipped, axis=0).max())
    footer(figure, f"{source(runs, bands=False)} The median run; numbers count from the start.")

    def picture(week: int) -> list[Any]:
        panel.clear()
        found = at_week(runs, week)
        graph = transfers(runs, np.median(found.shipped, axis=0), found.unlawful, found.value)
        if where is None or span is None:
            draw(panel, graph, runs, nx.circular_layout(graph), most=most)
        else:
            _on_map(panel, runs, found, where, span, most)
        total = short(float(np.median(found.shipped.sum(axis=1))))
        panel.set_title(f"week {week}, {runs.dates[week]}: {total} containers in all")
        return []

    return FuncAnimation(figure, partial(picture), frames=weeks, init_func=list, blit=False)
