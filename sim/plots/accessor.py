"""`results.plot`: the figures of some results."""

from functools import partial
from typing import TYPE_CHECKING

from ..results.accessors import accessor
from ..results.results import Results
from . import draw, registry, style
from .runs import Runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


@accessor("plot")
class Plots:
    """`results.plot.<figure>()` draws one figure: `sim.plots.<figure>(results)`.

    `dir(results.plot)` names the figures, `help(sim.plots.containers)` tells what one shows. Each
    is a matplotlib `Figure`, which `.savefig("containers.svg")` writes, or None where these results
    have nothing of the kind. `results.plot.figures()` draws all of them into the folder.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> results = sim.run(world, runs=2, workers=1, engine="reference")
        >>> "heatmap" in dir(results.plot)
        True
        >>> _ = results.plot.stocks()
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getattr__(self, name: str) -> "Callable[..., Figure | None]":
        if name in ("figures", "pages"):
            drawn: Callable[..., Figure | None] = partial(getattr(draw, name), self._results)
            return drawn
        return partial(registry.drawer(name), self._results)

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
        return ["figures", "pages", *registry.names()]
