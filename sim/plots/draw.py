"""Figures of results as files, and the pages that hold them.

Each figure is a function registered by `sim.plots.registry.figure`, which draws it or returns None
where there is nothing to draw: no route that carried anything, no test.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.results import Results
from ..results.store import atomic_write
from ..scenario.files import local_path
from .registry import FIGURES, figures_of
from .runs import Runs
from .style import look, write_both
from .sweep import Sweep

if TYPE_CHECKING:
    from ..events import Scale

import_module(f"{__package__}.figures")  # registers those that are shipped


def figures(results: Results, out_dir: str | Path, beside: Executor | None = None) -> list[Path]:
    """Draw all figures whose tables a job kept into a folder: the files `<name>.png`.

    Beside each lies `<name>.svg`, unless that is larger than 300 kB. The same results give the
    same bytes.

    Args:
        results: What was recorded.
        out_dir: The folder.
        beside: A further process, which takes shipped figures from the last on until the two meet.

    Returns:
        The files that were written, in the order of a report.
    """
    folder = local_path(out_dir)
    runs = Runs(results)
    some = [found for found in figures_of("job") if found.can_draw(runs)]
    if runs.count == 0 or not some:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    own_first = sorted(some, key=lambda found: found.shipped)  # only this process knows a user's
    left, drawn = deque(found.name for found in own_first), dict[str, Path | None]()

    def here() -> None:
        for name in _taken(left.popleft):
            drawn[name] = _drawn(runs, name, folder)

    def there(other: Executor) -> None:
        seen = results.path, *results.parts
        for name in _taken(left.pop):
            if not FIGURES[name].shipped:
                left.append(name)
                return
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
    return [path for found in some if (path := drawn[found.name]) is not None]


def _taken(take: Callable[[], str]) -> Iterator[str]:
    """Yield what is taken of names, as long as some are left."""
    with suppress(IndexError):
        while True:
            yield take()


def _drawn(runs: Runs, name: str, folder: Path) -> Path | None:
    with look():
        figure = FIGURES[name].draw(runs)
        return None if figure is None else write_both(figure, folder / f"{name}.png")


def _drawn_there(seen: tuple[Any, ...], name: str, folder: Path) -> Path | None:
    """Draw a figure of a folder and its parts, in the process beside."""
    return _drawn(_runs_of(*seen), name, folder)


@lru_cache(maxsize=1)
def _runs_of(path: Path, *parts: int) -> Runs:
    return Runs(Results(path, parts=parts))


def pages(
    results: Results,
    out_dir: str | Path,
    scale: "Scale" = "mid",
    metrics: Sequence[str] | None = None,
    beside: Executor | None = None,
) -> list[Path]:
    """Draw all figures into `figures/` of a folder, and write the page `report.html` beside it.

    A job that kept no weeks has a page without the shipped figures. A sweep has figures and a page
    of its own. The same results give the same bytes.

    Args:
        results: What was recorded.
        out_dir: The folder.
        scale: The scale of the escalation index in the table; its figure shows all.
        metrics: Of a sweep: columns of the table of runs; the headlines if None.
        beside: A further process, which may draw some of a job's figures.

    Returns:
        The files that were written, the page last.

    Raises:
        ValueError: The table of runs lacks a metric of a sweep.
    """
    from .report import page
    from .sweep_page import sweep_page

    folder = local_path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.html"
    if results.manifest["points"] > 1:
        swept = Sweep(results, metrics)
        drawn = _drawn_of_sweep(swept, folder / "figures")
        text = sweep_page(swept, {picture.stem: picture for picture in drawn})
    else:
        drawn = figures(results, folder / "figures", beside)
        text = page(results, {picture.stem: picture for picture in drawn}, scale)
    with atomic_write(path) as file:
        file.write(text.encode())
    return [*drawn, path]


def _drawn_of_sweep(swept: Sweep, folder: Path) -> list[Path]:
    if (swept.results.ids["status"] == "failed").all():
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        drawn = {found.name: found.draw(swept) for found in figures_of("sweep")}
        return [
            write_both(figure, folder / f"{name}.png")
            for name, figure in drawn.items()
            if figure is not None
        ]
