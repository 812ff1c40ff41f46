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
    """`results.plot.<figure>(...)` is `sim.plots.<figure>(results, ...)`."""

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
