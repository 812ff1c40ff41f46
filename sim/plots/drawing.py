"""Figures as a user draws them: `results.plot.stocks(states=["PRK"], ax=ax, style="paper")`."""

from collections.abc import Sequence
from inspect import Parameter, Signature
from typing import Any, Protocol, cast, overload

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..results.responses import swept_values
from ..results.results import Results
from ..scenario.grammar import override_text
from ..scenario.problems import nearest
from .canvas import NARROW, Canvas, SavedAsDrawn, Window, bare, fit, footer, on, say, wrapped
from .looks import STYLES, look
from .registry import Registered, registered
from .runs import Runs
from .selection import Selection, selection
from .style import drawable
from .sweep import Sweep

EVERY = {
    "weeks": "weeks: The first and the last week, as numbers or dates; all if None.",
    "states": "states: The codes of the states that are drawn.",
    "pairs": "pairs: The pairs of states that are drawn, such as [('PRK', 'KOR')].",
    "routes": "routes: The routes that are drawn, such as [('PRK', 'RUS')].",
    "metrics": "metrics: Columns of the table of runs; the headlines if None.",
    "by": "by: Draws a panel per group: a swept column, or 'states', 'pairs', 'routes'.",
    "panel": "panel: Draws this panel alone, counted along rows from 0.",
    "ax": "ax: Draws into this axes one panel, the first if `panel` is None; nothing else changes.",
    "style": "style: 'paper' for a column of a journal, 'slide' for a projector.",
}
"""The arguments of figures, in their order, as a docstring has them."""
MOST_GROUPS = 12
PANEL = 0.62
"""The height of a single panel, relative to its width."""

Drawn = Figure | Axes | None


class Drawer(Protocol):
    """A function that draws: a figure of its own, or into the axes that it is given."""

    @overload
    def __call__(self, *given: Any, ax: None = None, **named: Any) -> Figure | None: ...
    @overload
    def __call__(self, *given: Any, ax: Axes, **named: Any) -> Axes | None: ...


def drawer(name: str) -> Drawer:
    """Return the function that draws a figure of some results.

    Raises:
        AttributeError: There is no such figure.
    """
    found = registered(name)

    def drawn(results: Results, *metrics: Any, **given: Any) -> Drawn:
        if metrics:
            given["metrics"] = metrics[0]
        return draw(found, results, given)

    takes = arguments(found)
    drawn.__name__ = drawn.__qualname__ = name
    drawn.__module__ = found.function.__module__
    about = "\n".join(f"    {EVERY[key]}" for key in takes)
    doc = (found.function.__doc__ or found.caption).strip()
    drawn.__doc__ = (
        f"{doc}\n\nArgs:\n    results: What was recorded.\n{about}\n\n"
        "Returns:\n    A figure, or `ax`; None where there is nothing to draw."
    )
    own = [Parameter("results", Parameter.POSITIONAL_OR_KEYWORD, annotation=Results)]
    more = [Parameter(key, Parameter.KEYWORD_ONLY, default=None) for key in takes]
    if found.of == "sweep":  # as before there were others
        more[0] = more[0].replace(kind=Parameter.POSITIONAL_OR_KEYWORD)  # metrics
    vars(drawn)["__signature__"] = Signature([*own, *more])  # what help() shows
    return cast("Drawer", drawn)


def arguments(found: Registered) -> list[str]:
    """Return the arguments that make sense for a figure.

    Args:
        found: The figure.
    """
    if found.of == "sweep":
        return ["metrics", "panel", "ax", "style"]
    return [key for key in EVERY if key in ("weeks", "by", "panel", "ax", "style", *found.takes)]


def draw(found: Registered, results: Results, given: dict[str, Any]) -> Drawn:
    """Draw a figure of some results, or a panel of it.

    Args:
        found: The figure.
        results: What was recorded.
        given: The arguments of EVERY that were given.

    Raises:
        TypeError: The figure does not take an argument.
        ValueError: With a line for each argument that is wrong.
    """
    takes = arguments(found)
    if odd := [key for key in given if key not in takes]:
        near = f"; {found.name} takes {', '.join(takes)}"
        raise TypeError("\n".join(f"{key}: {found.name} does not take it{near}" for key in odd))
    given = {key: value for key, value in given.items() if value is not None}
    by, ax, panel, style = (given.pop(key, None) for key in ("by", "ax", "panel", "style"))
    if by is not None and (ax is not None or (isinstance(by, str) and by in given)):
        raise ValueError("by: draws a figure of its own, of all groups; without ax")
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax: {ax!r} is no matplotlib Axes")
    alone = style == "slide" and (panel is not None or by is not None)
    with look("slide, one panel" if alone else style, heed=True):
        if by is not None:
            made = by_groups(found, results, given, by, panel or 0)
            return settled(made, style)
        subject: Runs | Sweep
        if found.of == "sweep":
            subject, window = Sweep(results, given.get("metrics")), None
        else:
            chosen = selection(results, given)
            subject, window = Runs(results, chosen), window_of(results, chosen)
        size = STYLES[style]["figure.figsize"] if style == "slide" else None
        if ax is None and panel is None:
            with on(Canvas(size=size, window=window, bare=style == "paper")):
                made = found.draw(subject)
            return settled(made)
        if ax is not None:
            with on(Canvas(ax, panel or 0, window=window)):
                return None if found.draw(subject) is None else ax
        figure, (own,) = _panels(1, 1)
        with on(Canvas(own, int(panel or 0), window=window)):
            made = found.draw(subject)
        if made is None:
            return None
        _headed(figure, made)
        return settled(figure, style)


def by_groups(
    found: Registered, results: Results, given: dict[str, Any], by: str, panel: int
) -> Figure | None:
    """Draw the same panel of a figure for each group, on the same scale.

    Args:
        found: The figure.
        results: What was recorded.
        given: What is chosen in every group.
        by: What makes a group: `states`, `pairs`, `routes`, or a swept column.
        panel: Which panel, counted along rows from 0.

    Raises:
        ValueError: There is no such column.
    """
    some = groups(results, by, found.takes)
    columns = 1 if mpl.rcParams["figure.figsize"][0] < NARROW else min(3, len(some))
    figure, panels = _panels(-(-len(some) // columns), columns, len(some))
    made = None
    for own, (title, choice) in zip(panels, some.items(), strict=True):
        chosen = selection(results, {**given, **choice})
        with on(Canvas(own, panel, window=window_of(results, chosen))):
            drawn = found.draw(Runs(results, chosen))
        if drawn is None:
            own.set_axis_off()
            own.text(0.5, 0.5, "nothing to draw", ha="center", transform=own.transAxes)
        made = drawn or made
        own.set_title(title)
    if made is None:
        return None
    for own in panels:
        fit(own)
    low = min(own.get_ylim()[0] for own in panels if own.axison)
    high = max(own.get_ylim()[1] for own in panels if own.axison)
    for place, own in enumerate(panels):
        if own.axison and own.lines:
            own.set_ylim(low, high)
            if place % columns:
                own.set_ylabel("")
        if place and (legend := own.get_legend()) is not None:
            legend.remove()
    made.suptitle(f"{found.name.capitalize()}, by {by.rpartition('.')[2]}")
    made.set_label("")
    _headed(figure, made)
    return figure


def groups(results: Results, by: str, takes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the groups by what they are called: what is chosen in each.

    Args:
        results: What was recorded.
        by: `states`, `pairs`, `routes`, or a swept column.
        takes: Which of these the figure lets choose.

    Raises:
        ValueError: There is no such column, or the figure has no such choice.
    """
    scenario, swept = results.scenario, swept_values(results)
    if by in takes:
        runs = Runs(results)
        if by == "states":
            return {runs.name(code): {by: [code]} for code in scenario.states}
        if by == "routes":
            pairs = runs.routes
        else:
            codes = [str(code) for code in scenario.states]
            pairs = tuple((codes[i], codes[j]) for i, j in scenario.pairs if i < j)
        return {runs.between(pair): {by: [pair]} for pair in pairs[:MOST_GROUPS]}
    if by not in swept:
        known = [*takes, *swept]
        raise ValueError(
            f"by: there is no '{by}'{nearest(by, known)}; there are {', '.join(known) or 'none'}"
        )
    values = swept[by].tolist()
    name = by.rpartition(".")[2]
    return {
        drawable(f"{name} {value if isinstance(value, str) else override_text(value)}"): {
            "points": tuple(point for point, own in enumerate(values) if own == value)
        }
        for value in list(dict.fromkeys(values))[:MOST_GROUPS]
    }


def _panels(rows: int, columns: int, count: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure of the size that the settings give, and its panels."""
    width, _ = mpl.rcParams["figure.figsize"]
    each = width / columns * (PANEL if columns > 1 or width < NARROW else 0.44)
    above = 0.12 * width if width >= NARROW else 0.0
    figure = SavedAsDrawn(figsize=(width, rows * each + above), layout="constrained")
    FigureCanvasAgg(figure)
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for panel in panels[count:]:
        panel.set_visible(False)
    return figure, panels[:count]


def _headed(figure: Figure, made: Figure) -> None:
    """Give a figure of some panels the title, the take-away and the foot of another."""
    title = " ".join(made.get_suptitle().split())
    figure.suptitle(wrapped(figure, title, "figure.titlesize"), x=0.01, ha="left")
    say(figure, str(made.get_label()))
    footer(figure, " ".join(made.get_supxlabel().split()))


def settled(figure: Figure | None, style: str | None = None) -> Figure | None:
    """Return a figure whose ticks have the style that now holds; without texts for a paper.

    Args:
        figure: A finished figure; None stays None.
        style: The look that was chosen.
    """
    if figure is not None:
        if style == "paper":
            bare(figure)
        figure.draw_without_rendering()  # ticks take their style when they are first drawn
    return figure


def window_of(results: Results, chosen: Selection) -> Window | None:
    """Return the first and the last date of the chosen weeks; None for all.

    Args:
        results: What was recorded.
        chosen: What was chosen of it.
    """
    if chosen.weeks is None:
        return None
    first, last = (np.datetime64(results.scenario.date(week)) for week in chosen.weeks)
    return first, last
