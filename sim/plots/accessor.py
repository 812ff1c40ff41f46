"""`results.plot`: the figures of some results."""

from functools import partial
from typing import Any

from ..results.accessors import accessor
from ..results.results import Results


@accessor("plot")
class Plots:
    """`results.plot.<figure>(...)` is `sim.plots.<figure>(results, ...)`."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getattr__(self, figure: str) -> Any:
        from . import draw

        return partial(getattr(draw, figure), self._results)
