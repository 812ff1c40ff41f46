"""`results.plot`: the figures of some results."""

from functools import partial
from typing import Any

from ..results.accessors import accessor
from ..results.results import Results
from . import draw, registry


@accessor("plot")
class Plots:
    """`results.plot.<figure>(...)` is `sim.plots.<figure>(results, ...)`."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getattr__(self, name: str) -> Any:
        if name in ("figures", "pages"):
            return partial(getattr(draw, name), self._results)
        return partial(registry.drawer(name), self._results)

    def __dir__(self) -> list[str]:
        return ["figures", "pages", *registry.names()]
