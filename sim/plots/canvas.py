"""What a figure is drawn on: its panels, title, take-away and foot; or a panel of the user's.

A figure asks `grid` for its panels. By default they make up a figure of its own. Where the user
gave an axes, one of the panels is that axes, and the others, which nobody sees, are thrown away;
so nothing outside of it is touched. In a narrow figure the panels stand below each other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Annotation, Text

from .looks import FAINT, WIDTH, inked

NARROW = 6.0
"""Inches: in a narrower figure panels stand below each other."""
OUTER, INNER, SURE = "band of 5-95 %", "band of 25-75 %", "the same in every run"
"""What the parts of a band are called (`gid`), so that they are found again."""
NO_BAND = "A line without a band is the same in every run: nothing uncertain was put in."
LETTER = 0.52
"""The mean width of a letter, as a part of the size of the text."""

Window = tuple[np.datetime64, np.datetime64]


@dataclass(frozen=True)
class Canvas:
    """Where a figure is drawn.

    - `axes`: the user's, which is one of the panels; None for a figure of its own.
    - `panel`: which, counted along rows from 0.
    - `size`: inches, of a figure with a fixed size such as a slide.
    - `window`: the first and last date that are shown; all if None.
    - `bare`: whether title, take-away and foot are left to a caption: the label of the figure.
    """

    axes: Axes | None = None
    panel: int = 0
    size: tuple[float, float] | None = None
    window: Window | None = None
    bare: bool = False


class SavedAsDrawn(Figure):
    """A figure whose files have the settings that held when it was drawn.

    matplotlib asks for those of a file, such as the kind of its fonts, when it is saved; by then
    the look of the figure has ended.
    """

    OF_FILES = ("pdf.fonttype", "ps.fonttype", "savefig.dpi")

    def __init__(self, *given: Any, **named: Any) -> None:
        """Make a figure, as matplotlib does, and keep what is set of files.

        Args:
            given: As of matplotlib's.
            named: As of matplotlib's.
        """
        super().__init__(*given, **named)
        now: dict[Any, Any] = mpl.rcParams
        defaults: dict[Any, Any] = mpl.rcParamsDefault
        self._of_files: dict[Any, Any] = {
            key: now[key] for key in self.OF_FILES if now[key] != defaults[key]
        }

    def savefig(self, fname: Any, **named: Any) -> None:
        """Write the figure into a file, as matplotlib does.

        Args:
            fname: The file.
            named: As of matplotlib's; what is given here goes before the kept settings.
        """
        with mpl.rc_context(self._of_files):
            super().savefig(fname, **named)


_OWN = Canvas()
_NOW: ContextVar[Canvas] = ContextVar("canvas", default=_OWN)


@contextmanager
def on(canvas: Canvas) -> Iterator[None]:
    """Let figures be drawn there until the block ends."""
    before = _NOW.set(canvas)
    try:
        yield
    finally:
        _NOW.reset(before)


def shown(dates: np.ndarray) -> np.ndarray:
    """Return which weeks are within the window: bool [week].

    Args:
        dates: The first day of each week, [week].
    """
    window = _NOW.get().window
    if window is None:
        return np.ones(len(dates), bool)
    return np.asarray((dates >= window[0]) & (dates <= window[1]))


def grid(
    rows: int,
    columns: int,
    height: float,
    title: str,
    widths: Sequence[float] | None = None,
    heights: Sequence[float] | None = None,
) -> tuple[Figure, np.ndarray]:
    """Return a figure of empty panels, `height` inches high, and its axes [row, column].

    Args:
        rows: How many rows of panels.
        columns: How many columns.
        height: The height of the figure, inches, of one that is WIDTH wide.
        title: The title of the figure.
        widths: How wide the columns are, relative to each other.
        heights: How high the rows are, relative to each other.

    Raises:
        ValueError: There is no such panel as the user wants to have in an axes.
    """
    now = _NOW.get()
    width, _ = mpl.rcParams["figure.figsize"]
    if width == mpl.rcParamsDefault["figure.figsize"][0]:  # outside `look` nobody chose it
        width = WIDTH
    narrow = width < NARROW and now.axes is None
    if narrow:
        parts = [a * b for a in heights or [1.0] * rows for b in widths or [1.0] * columns]
        each = [0.62 * width * part for part in parts]
        size = (width, sum(each) + 0.4)
        spec: dict[str, Any] = {"height_ratios": each}
    else:
        size = now.size or (width, height * width / WIDTH)
        spec = {"width_ratios": widths, "height_ratios": heights}
    figure = SavedAsDrawn(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(wrapped(figure, title, "figure.titlesize"), x=0.01, ha="left")
    shape = (rows * columns, 1) if narrow else (rows, columns)
    axes = figure.subplots(*shape, squeeze=False, gridspec_kw=spec).reshape(rows, columns)
    if now.axes is not None:
        if not 0 <= now.panel < axes.size:
            raise ValueError(f"panel: there are {axes.size}, from 0 to {axes.size - 1}")
        axes.flat[now.panel] = now.axes
    return figure, axes


def wrapped(figure: Figure, text: str, size: str, part: float = 1.0) -> str:
    """Return a text in lines that fit into a figure.

    Args:
        figure: Into which.
        text: The text.
        size: The setting of its size.
        part: The size of the text, relative to that.
    """
    settings: dict[Any, Any] = mpl.rcParams
    points = settings[size]
    if isinstance(points, str):
        points = settings["font.size"]
    letters = int(figure.get_figwidth() * 72.0 / (part * points * LETTER))
    return fill(text, max(letters, 20), break_long_words=False)


def footer(figure: Figure, text: str) -> None:
    """Write the text at the foot: whose numbers these are, and how their spread is drawn.

    Args:
        figure: The figure.
        text: The text; long ones are wrapped.
    """
    lines = wrapped(figure, text, "font.size", 0.92)
    figure.supxlabel(lines, x=0.01, ha="left", fontsize="small", color=FAINT)


def say(figure: Figure, text: str) -> None:
    """Write a sentence below the title: what the numbers of the figure say.

    It is also the label of the figure, which a page shows as text.

    Args:
        figure: The figure, with its title.
        text: The sentence; nothing is written where it is empty.
    """
    figure.set_label(text)
    shown = figure.get_suptitle()
    title = next((line for line in figure.texts if shown and line.get_text() == shown), None)
    if not text or title is None:
        return
    lines = wrapped(figure, text, "font.size")
    room = "\n" * -(-(lines.count("\n") + 1) * 4 // 5)
    title.set_text(f"{title.get_text().rstrip()}{room} ")
    size = mpl.rcParams["font.size"]
    figure.add_artist(Annotation(lines, (0.0, 0.0), xycoords=title, va="bottom", fontsize=size))


def finish(figure: Figure) -> None:
    """Finish a drawn figure: bands that overlap are thinned, legends find room, ink is seen.

    Args:
        figure: What a figure's function returned.
    """
    now = _NOW.get()
    if now.axes is not None:
        _legend_of(now.axes, figure.legends)
        thin(now.axes)
        inked(now.axes)
        return
    for panel in figure.axes:
        thin(panel)
        fit(panel)
    foot = figure.get_supxlabel()
    if foot and NO_BAND not in foot and any(map(_is_sure, figure.axes)):
        footer(figure, f"{' '.join(foot.split())} {NO_BAND}")
    if now.bare:
        bare(figure)
    if figure.get_figwidth() < NARROW:
        _narrowed(figure)
    inked(figure)


def bare(figure: Figure) -> None:
    """Take title, take-away and foot from a figure; they become its label, for a caption.

    Args:
        figure: A finished figure.
    """
    said = [figure.get_suptitle(), str(figure.get_label()), figure.get_supxlabel()]
    parts = [" ".join(text.split()) for text in dict.fromkeys(said)]
    if figure.get_label():
        title = " ".join(figure.get_suptitle().split())
        parts[0] = title
    figure.set_label(". ".join(part.rstrip(".") for part in parts if part) + ".")
    for found in figure.findobj(Annotation):
        if found in figure.artists:
            found.remove()
    figure.suptitle("")
    figure.supxlabel("")


def fit(panel: Axes) -> None:
    """Break the title and the label of a panel into lines that fit beside and above it.

    Args:
        panel: With what is written on it.
    """
    place, figure = panel.get_subplotspec(), panel.get_figure()
    if place is None or not isinstance(figure, Figure):  # placed by hand, or within a figure
        return
    _, columns = place.get_gridspec().get_geometry()
    width, height = figure.get_size_inches()
    heights = np.asarray(place.get_gridspec().get_height_ratios(), float)
    high = 0.8 * height * heights[place.rowspan.start] / heights.sum()
    label = panel.yaxis.label
    for text in panel.get_children():  # the titles, of which matplotlib names but one
        if isinstance(text, Text) and text not in panel.texts and text.get_text():
            text.set_text(
                _broken(text.get_text(), 0.85 * width / columns, float(text.get_fontsize()))
            )
    if label.get_text():
        label.set_text(_broken(label.get_text(), max(high, 0.9), float(label.get_fontsize())))


def _broken(text: str, inches: float, points: float) -> str:
    """Return a text in lines of at most some inches; lines that are there stay."""
    letters = max(12, int(inches * 72.0 / (points * 1.1 * LETTER)))
    return "\n".join(fill(line, letters, break_long_words=False) for line in text.split("\n"))


def _ends(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper line of a band that `fill_between` drew: [point, x or y]."""
    count = (len(outline) - 3) // 2
    return outline[1 : count + 1], outline[count + 2 : 2 * count + 2]


def thin(panel: Axes) -> None:
    """Draw the wide bands of a panel as thin lines where several of them would mix to mud.

    Args:
        panel: With bands, or without.
    """
    wide = [found for found in panel.collections if found.get_gid() == OUTER]
    if len(wide) < 2:
        return
    for found in panel.collections:
        if found.get_gid() not in (OUTER, INNER):
            continue
        faces: Any = found.get_facecolor()
        red, green, blue, _ = to_rgba(faces[0])
        found.set_alpha(None)
        if found.get_gid() == INNER:
            found.set_facecolor((red, green, blue, 0.3 if len(wide) < 4 else 0.2))
            continue
        found.set_facecolor((red, green, blue, 0.05))
        ends = [end for path in found.get_paths() for end in _ends(np.asarray(path.vertices))]
        thin = 0.35 * mpl.rcParams["lines.linewidth"]
        panel.add_collection(
            LineCollection(ends, colors=[(red, green, blue, 0.55)], linewidths=thin),
            autolim=False,
        )


def _is_sure(panel: Axes) -> bool:
    """Return whether a panel has lines that are the same in every run."""
    return panel.get_visible() and any(line.get_gid() == SURE for line in panel.lines)


def _legend_of(panel: Axes, legends: Sequence[Legend]) -> None:
    """Give a panel the legend that stood beside all panels, or that of its own lines."""
    for legend in legends:
        texts = [text.get_text() for text in legend.get_texts()]
        panel.legend(_handles(legend), texts, loc="best")
        return
    if panel.get_legend() is None and len(panel.get_legend_handles_labels()[0]) > 1:
        panel.legend(loc="best")


def _handles(legend: Legend) -> list[Artist]:
    return [handle for handle in legend.legend_handles if handle is not None]


def _narrowed(figure: Figure) -> None:
    """Name the axes of all panels, and put legends below: panels stand below each other here."""
    label = ""
    for panel in figure.axes:
        label = panel.get_ylabel() or label
        if panel.get_visible() and panel.axison and panel.lines and not panel.get_ylabel():
            panel.set_ylabel(label)
    for legend in list(figure.legends):
        texts = [text.get_text() for text in legend.get_texts()]
        handles = _handles(legend)
        legend.remove()
        ncols = 3 if max(map(len, texts), default=0) < 14 else 2
        figure.legend(handles, texts, loc="outside lower center", ncols=ncols, fontsize="small")
    for panel in figure.axes:
        if (own := panel.get_legend()) is not None:
            for text in own.get_texts():
                text.set_fontsize("small")
