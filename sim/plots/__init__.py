"""Figures of results, with their spread over runs.

    figures(results, "out/figures")        all that the results can show, as PNG files
    results.plot.containers()              one of them, as a matplotlib Figure

Each function draws one figure of a `Results`, or returns None where there is nothing to draw: no
route that carried anything, no test, a job that kept no dyads.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from . import crises, knowledge, material, scrutiny
from .runs import Runs
from .style import look, write

if TYPE_CHECKING:
    from ..results import Results

__all__ = [
    "FIGURES",
    "containers",
    "disputes",
    "exposure",
    "figures",
    "stocks",
    "technology",
    "tests",
]

FIGURES: dict[str, Callable[[Runs], Figure | None]] = {
    "stocks": material.stocks,
    "containers": material.containers,
    "technology": knowledge.technology,
    "tests": knowledge.tests,
    "exposure": scrutiny.exposure,
    "disputes": crises.disputes,
}
"""Every figure by name, in the order of a report."""


def figures(results: "Results", out_dir: str | Path) -> list[Path]:
    """Draws all figures into a folder: the files `<name>.png` that were written.

    The same results give the same bytes.

    Raises:
        LookupError: The job kept no weeks.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    runs, paths = Runs(results), []
    if runs.count == 0:
        return []
    with look():
        for name, draw in FIGURES.items():
            figure = draw(runs)
            if figure is not None:
                paths.append(write(figure, folder / f"{name}.png"))
    return paths


def _of_results(
    draw: Callable[[Runs], Figure | None],
) -> Callable[["Results"], Figure | None]:
    @wraps(draw)
    def drawn(results: "Results") -> Figure | None:
        with look():
            figure = draw(Runs(results))
            if figure is not None:
                figure.draw_without_rendering()  # ticks take their style when they are first drawn
        return figure

    return drawn


stocks = _of_results(material.stocks)
containers = _of_results(material.containers)
technology = _of_results(knowledge.technology)
tests = _of_results(knowledge.tests)
exposure = _of_results(scrutiny.exposure)
disputes = _of_results(crises.disputes)
