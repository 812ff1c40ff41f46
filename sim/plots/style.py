"""The one look of all figures: sizes, colours, bands over runs, date axes, footer, files.

Everything goes through matplotlib's object interface (`Figure` on an Agg canvas) inside `look()`:
no pyplot, no setting left behind. A figure never shows a lone mean: `band` draws the median with
the 25-75 % and the 5-95 % range over runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import Formatter

from ..results.store import atomic_write

if TYPE_CHECKING:
    from .runs import Runs

ROUNDED = 0.01
"""Of the step between two ticks: by so little their numbers may be off."""
DPI = 150
WIDTH = 12.0
"""Inches: 1,800 pixels, a projector's width."""

PALETTE = (
    "#D55E00",  # vermilion
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # green
    "#56B4E9",  # sky
    "#CC79A7",  # pink
    "#000000",  # black
    "#8C6D31",  # brown
)
"""Okabe & Ito (2008), distinct to colour-blind readers; brown stands for their yellow, which a
projector loses on white."""

DASHES = ("-", "--", ":", "-.")
LEVELS = ("#FFFFFF", "#FDE7B0", "#FDBF6F", "#F4813F", "#C7361F", "#5B0A1A")
"""Dispute levels 0 to 5, light to dark: in order also in grey."""

INK, FAINT = "#222222", "#777777"
FONT = "DejaVu Sans"
"""It comes with matplotlib: a figure looks the same everywhere."""

_LOOK: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 11.0,
    "lines.solid_capstyle": "butt",
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.7,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "legend.fontsize": 10.5,
    "figure.titlesize": 15.0,
    "figure.titleweight": "bold",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
}


@contextmanager
def look() -> Iterator[None]:
    """Set how figures look; the settings end with the block."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        yield


def colour(index: int) -> str:
    """Return the colour of the index-th state of a scenario; after eight they begin again."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> str:
    """Return the line style that goes with `colour`: a second round of colours is dashed."""
    return DASHES[index // len(PALETTE) % len(DASHES)]


def grid(rows: int, columns: int, height: float, title: str) -> tuple[Figure, np.ndarray]:
    """Return a figure of empty panels, `height` inches high, and its axes [row, column].

    Args:
        rows: How many rows of panels.
        columns: How many columns.
        height: The height of the figure, inches.
        title: The title of the figure.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left")
    return figure, figure.subplots(rows, columns, squeeze=False)


def footer(figure: Figure, text: str) -> None:
    """Write the text at the foot: whose numbers these are, and how their spread is drawn.

    Args:
        figure: The figure.
        text: The text; long ones are wrapped.
    """
    lines = fill(text, 150, break_long_words=False)
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=9.5, color=FAINT)


def quantiles(values: np.ndarray, q: Sequence[float]) -> np.ndarray:
    """Return quantiles over runs: [q, week], NaN in a week that no run has.

    Args:
        values: The values, [run, week].
        q: The probabilities.
    """
    some = np.isfinite(values).any(axis=0)
    out = np.full((len(q), values.shape[1]), np.nan)
    if np.isfinite(values).all():
        out[:] = np.quantile(values, q, axis=0)
    elif some.any():
        out[:, some] = np.nanquantile(values[:, some], q, axis=0)
    return out


def band(
    axes: Axes,
    dates: np.ndarray,
    values: np.ndarray,
    colour: str,
    label: str | None = None,
    style: str = "-",
) -> None:
    """Draw the median over runs, with the 25-75 % and 5-95 % range behind it.

    A single run has no range: its own line is drawn, and the footer says so.

    Args:
        axes: The panel.
        dates: The first day of each week, [week].
        values: The values, [run, week].
        colour: The colour of the line and the bands.
        label: The label in the legend; no entry if None.
        style: The style of the line.
    """
    low, lower, middle, upper, high = quantiles(values, (0.05, 0.25, 0.5, 0.75, 0.95))
    if len(dates) == 1:
        dates = wide(dates)
        low, lower, middle, upper, high = (
            np.repeat(x, 2) for x in (low, lower, middle, upper, high)
        )
    if len(values) > 1:
        axes.fill_between(dates, low, high, color=colour, alpha=0.16, linewidth=0)
        axes.fill_between(dates, lower, upper, color=colour, alpha=0.32, linewidth=0)
    axes.plot(dates, middle, color=colour, linestyle=style, linewidth=2.0, label=label)


def wide(dates: np.ndarray) -> np.ndarray:
    """Return a single week as the two ends of a line, so that it can be seen."""
    half = np.timedelta64(2, "D")
    return np.array([dates[0] - half, dates[0] + half])


def source(runs: "Runs", bands: bool = True) -> str:
    """Return the text at the foot: whose numbers these are, and how their bands are drawn.

    Args:
        runs: The runs of a job.
        bands: Whether the figure has bands.
    """
    points = f" of {runs.points} points" if runs.points > 1 else ""
    left_out = f" ({runs.failed} failed and are left out)" if runs.failed else ""
    if runs.count == 1:
        return f"Simulated: {runs.scenario.name}, a single run{left_out}, so no spread."
    whose = f"Simulated: {runs.scenario.name}, {runs.count} runs{points}{left_out}."
    how = " Line: median; dark band: 25-75 %, light band: 5-95 % of runs."
    return whose + (how if bands else "")


def short(value: float, digits: int = 3) -> str:
    """Return a number as a tick shows it: 12 k, 3.4 M.

    Args:
        value: The number.
        digits: How many significant digits.
    """
    for size, suffix in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{suffix}"
    return f"{value:.{digits}g}"


class Short(Formatter):
    """Ticks as short numbers, with as many digits as show their even steps."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Return the number of one tick."""
        return short(value)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the numbers of all ticks."""
        steps = np.diff(np.unique(values))
        step = steps.min() if len(steps) else np.inf
        for digits in range(3, 9):
            if all(abs(float(f"{x:.{digits}g}") - x) <= ROUNDED * step for x in values):
                break
        return [short(x, digits) for x in values]


NOT_KEPT = "this job kept no pairs of states\n(record=full keeps them)"


QUARTER = 13
"""Weeks."""


def recent(values: np.ndarray, weeks: int) -> np.ndarray:
    """Return the sum of values over the last `weeks` weeks, fewer at the start.

    Args:
        values: The values, [run, week].
        weeks: How many of the last weeks count.
    """
    total = np.cumsum(values, axis=1)
    before = np.zeros_like(total)
    before[:, weeks:] = total[:, :-weeks]
    return np.asarray(total - before)


def lately(values: np.ndarray, weeks: int) -> np.ndarray:
    """Return the mean of values over the last `weeks` weeks, fewer at the start.

    Args:
        values: The values, [run, week].
        weeks: How many of the last weeks count.
    """
    there = np.minimum(np.arange(values.shape[1]) + 1.0, weeks)
    return np.asarray(recent(values, weeks) / there)


LONGEST_NAME = 40


def drawable(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text from a scenario as matplotlib can draw it, "" if the font lacks a sign.

    A dollar would begin a formula; a sign that the font lacks would be an empty box.

    Args:
        text: Any text.
        longest: How many characters are kept.
    """
    if not all(ord(sign) in _known_signs() for sign in text):
        return ""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return shown.replace("$", r"\$")


@cache
def _known_signs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=FONT))).get_charmap())


def spaced(code: str) -> str:
    """Return a code as a label shows it: `shell_152` is "shell 152"."""
    return code.replace("_", " ")


def write(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG whose bytes depend on nothing but what it shows.

    Args:
        figure: The figure.
        path: The file to write.

    Returns:
        The file that was written.
    """
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(DPI)
    with atomic_write(path) as file:  # savefig would draw twice
        canvas.print_png(file, metadata={"Software": None})
    return path


def svg(figure: Figure) -> str:
    """Return a figure as SVG text that may stand in a page, without its XML heading.

    Args:
        figure: The figure.
    """
    text = StringIO()
    with mpl.rc_context({"svg.hashsalt": "armsflow"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue().partition("<!DOCTYPE")[2].partition(">")[2].strip()
