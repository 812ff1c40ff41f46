"""`results.plot`: the figures of some results."""

from functools import partial
from typing import TYPE_CHECKING

from ..results.accessors import accessor
from ..results.results import Results

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


@accessor("plot")
class Plots:
    """`results.plot.<figure>(...)` is `sim.plots.<figure>(results, ...)`."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getattr__(self, figure: str) -> "Callable[..., Figure | None]":
        from . import draw

        return partial(getattr(draw, figure), self._results)
