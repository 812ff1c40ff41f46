"""`results.plot`: the figures of some results."""

from collections.abc import Callable
from functools import partial, update_wrapper
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from ..results.accessors import accessor
from ..results.results import Results
from . import draw, drawing, registry, style
from .fan import compare, fan
from .runs import Runs
from .world_map import animate, network_map

if TYPE_CHECKING:
    from pathlib import Path


@accessor("plot")
class Plots:
    """`results.plot.<figure>()` draws one figure: `sim.plots.<figure>(results)`.

    `dir(results.plot)` names the figures, `help(sim.plots.containers)` tells what one shows. Each
    is a matplotlib `Figure`, which `.savefig("containers.svg")` writes, or None where these results
    have nothing of the kind. `results.plot.figures()` draws all of them into the folder.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> results = sim.run(world, runs=2, workers=1, engine="reference")
        >>> "stocks" in dir(results.plot)
        True
        >>> _ = results.plot.stocks()
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getattr__(self, name: str) -> drawing.Drawer:
        if name.startswith("_"):
            raise AttributeError(name)
        return cast("drawing.Drawer", _bound(drawing.drawer(name), self._results))

    @property
    def fan(self) -> Callable[..., Any]:
        """Draw a metric over the weeks as a fan: `results.plot.fan("tension", pairs=[...])`."""
        return _bound(fan, self._results)

    @property
    def compare(self) -> Callable[..., Any]:
        """Draw a metric of several worlds on shared axes, and how far they differ."""
        return _bound(compare, self._results)

    @property
    def map(self) -> Callable[..., Any]:
        """Draw the transfer network on a plain map: `results.plot.map(week=52)`."""
        return _bound(network_map, self._results)

    @property
    def animate(self) -> Callable[..., Any]:
        """Draw the network over the weeks as a film: `results.plot.animate("film.gif")`."""
        return _bound(animate, self._results)

    def figures(self, out_dir: "str | Path") -> "list[Path]":
        """Draw all figures into a folder, as `sim.plots.figures`; return the files."""
        return draw.figures(self._results, out_dir)

    def pages(self, out_dir: "str | Path", **given: Any) -> "list[Path]":
        """Draw all figures and write the page, as `sim.plots.pages`; return the files.

        Args:
            out_dir: The folder.
            given: As of `sim.plots.pages`.
        """
        return draw.pages(self._results, out_dir, **given)

    def first_svg(self) -> str | None:
        """Return the first figure of a report that these results can show, as SVG; None if none."""
        runs = Runs(self._results)
        with style.look():
            for found in registry.figures_of("job"):
                figure = found.draw(runs)
                if figure is not None:
                    return style.svg(figure)
        return None

    def __dir__(self) -> list[str]:
        own = [name for name in vars(type(self)) if name[0] != "_" and name != "first_svg"]
        kind = "sweep" if self._results.manifest["points"] > 1 else "job"
        return sorted([*own, *(found.name for found in registry.figures_of(kind))])


def _bound(function: Callable[..., Any], results: Results) -> Callable[..., Any]:
    """Return a function without its first argument, the results, and with its help."""

    def drawn(*given: Any, **named: Any) -> Any:
        return function(results, *given, **named)

    update_wrapper(drawn, function)
    vars(drawn)["__signature__"] = signature(partial(function, results))  # what help() shows
    drawn.__doc__ = (function.__doc__ or "").replace("    results: What was recorded.\n", "")
    return drawn
