"""Figures of results, with their spread over runs.

    figures(results, "out/figures")        all that the results can show, as PNG files
    pages(results, "out")                  the same, and one HTML page that tells what happened
    results.plot.containers()              one of them, as a matplotlib Figure
    results.plot.response(["disputes_mean"])    of a sweep, whose figures are OF_SWEEPS

Each function draws one figure of a `Results`, or returns None where there is nothing to draw: no
route that carried anything, no test, a job that kept no dyads.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from ..results.results import Results
from ..results.store import atomic_write
from .figures import barter as payments
from .figures import disputes as crises
from .figures import escalation as scales
from .figures import exercises as training
from .figures import exposure as scrutiny
from .figures import knowledge, material, sweep
from .figures import network as graph
from .figures import observers as witnesses
from .figures import sanctions as council
from .figures import timeline as chronicle
from .figures import war as warfare
from .figures.sweep import Sweep
from .runs import Runs
from .style import look, write

if TYPE_CHECKING:
    from ..events import Scale

__all__ = [
    "FIGURES",
    "barter",
    "containers",
    "disputes",
    "escalation",
    "exercises",
    "exposure",
    "figures",
    "heatmap",
    "multiples",
    "network",
    "observers",
    "pages",
    "points",
    "response",
    "sanctions",
    "stocks",
    "technology",
    "tests",
    "timeline",
    "war",
]

FIGURES: dict[str, Callable[[Runs], Figure | None]] = {
    "network": graph.network,
    "containers": material.containers,
    "stocks": material.stocks,
    "barter": payments.barter,
    "technology": knowledge.technology,
    "tests": knowledge.tests,
    "war": warfare.war,
    "exercises": training.exercises,
    "observers": witnesses.observers,
    "exposure": scrutiny.exposure,
    "sanctions": council.sanctions,
    "disputes": crises.disputes,
    "escalation": scales.escalation,
    "timeline": chronicle.timeline,
}
"""Every figure of a job by name, in the order of a report."""

OF_SWEEPS: dict[str, Callable[[Sweep], Figure | None]] = {
    "response": sweep.response,
    "heatmap": sweep.heatmap,
    "multiples": sweep.multiples,
    "points": sweep.points,
}
"""Every figure of a sweep by name, in the order of a report."""


def figures(results: "Results", out_dir: str | Path, beside: Executor | None = None) -> list[Path]:
    """Draws all figures into a folder: the files `<name>.png` that were written.

    The same results give the same bytes.

    Args:
        results: What was recorded.
        out_dir: The folder.
        beside: Another process, which takes figures from the last on until the two meet.

    Raises:
        LookupError: The job kept no weeks.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    runs = Runs(results)
    if runs.count == 0:
        return []
    left, drawn = deque(FIGURES), dict[str, Path | None]()

    def here() -> None:
        for name in _taken(left.popleft):
            drawn[name] = _drawn(runs, name, folder)

    def there(other: Executor) -> None:
        seen = results.path, *results.parts
        for name in _taken(left.pop):
            try:
                drawn[name] = other.submit(_drawn_there, seen, name, folder).result()
            except BrokenExecutor:  # the process died: what it had is drawn here
                left.append(name)
                return

    with ThreadPoolExecutor(1) as waits:
        others = [waits.submit(there, other) for other in [beside] if other]
        try:
            here()
        except BaseException:
            left.clear()
            raise
        for other in others:
            other.result()
    here()
    return [path for name in FIGURES if (path := drawn[name]) is not None]


def _taken(take: Callable[[], str]) -> Iterator[str]:
    """What is taken of names, as long as some are left."""
    with suppress(IndexError):
        while True:
            yield take()


def _drawn(runs: Runs, name: str, folder: Path) -> Path | None:
    with look():
        figure = FIGURES[name](runs)
        return None if figure is None else write(figure, folder / f"{name}.png")


def _drawn_there(seen: tuple[Any, ...], name: str, folder: Path) -> Path | None:
    """Draws a figure of a folder and its parts, in another process."""
    return _drawn(_runs_of(*seen), name, folder)


@lru_cache(maxsize=1)
def _runs_of(path: Path, *parts: int) -> Runs:
    return Runs(Results(path, parts=parts))


def pages(
    results: "Results",
    out_dir: str | Path,
    scale: "Scale" = "mid",
    metrics: Sequence[str] | None = None,
    beside: Executor | None = None,
) -> list[Path]:
    """Draws all figures into `figures/` of a folder, and writes the page `report.html` beside it.

    A job that kept no weeks has a page without figures; its table has the escalation index on that
    scale, its figure has all. A sweep has figures and a page of its own, of some metrics or of the
    headlines. The same results give the same bytes. Another process, `beside` this one, may draw
    some of a job's figures.

    Returns:
        The files that were written, the page last.

    Raises:
        ValueError: The table of runs lacks a metric of a sweep.
    """
    from .report import page
    from .sweep_page import sweep_page

    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.html"
    if results.manifest["points"] > 1:
        swept = Sweep(results, metrics)
        drawn = _drawn_of_sweep(swept, folder / "figures")
        text = sweep_page(swept, {picture.stem: picture for picture in drawn})
    else:
        kept = results.manifest["record"] != "summary"
        drawn = figures(results, folder / "figures", beside) if kept else []
        text = page(results, {picture.stem: picture for picture in drawn}, scale)
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return [*drawn, path]


def _drawn_of_sweep(swept: Sweep, folder: Path) -> list[Path]:
    if (swept.results.ids["status"] == "failed").all():
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        figures_by_name = {name: draw(swept) for name, draw in OF_SWEEPS.items()}
        return [
            write(figure, folder / f"{name}.png")
            for name, figure in figures_by_name.items()
            if figure is not None
        ]


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


network = _of_results(FIGURES["network"])
containers = _of_results(FIGURES["containers"])
stocks = _of_results(FIGURES["stocks"])
barter = _of_results(FIGURES["barter"])
technology = _of_results(FIGURES["technology"])
tests = _of_results(FIGURES["tests"])
war = _of_results(FIGURES["war"])
exercises = _of_results(FIGURES["exercises"])
observers = _of_results(FIGURES["observers"])
exposure = _of_results(FIGURES["exposure"])
sanctions = _of_results(FIGURES["sanctions"])
disputes = _of_results(FIGURES["disputes"])
escalation = _of_results(FIGURES["escalation"])
timeline = _of_results(FIGURES["timeline"])


def _of_sweep(
    draw: Callable[[Sweep], Figure | None],
) -> Callable[..., Figure | None]:
    @wraps(draw)
    def drawn(results: "Results", metrics: Sequence[str] | None = None) -> Figure | None:
        with look():
            figure = draw(Sweep(results, metrics))
            if figure is not None:
                figure.draw_without_rendering()
        return figure

    return drawn


response = _of_sweep(OF_SWEEPS["response"])
heatmap = _of_sweep(OF_SWEEPS["heatmap"])
multiples = _of_sweep(OF_SWEEPS["multiples"])
points = _of_sweep(OF_SWEEPS["points"])
