"""What figures share: bands over runs, quantiles, short numbers, footers, files.

A figure never shows a lone mean: `band` draws the median with the 25-75 % and the 5-95 % range over
runs. How figures look stands in `looks`, what they are drawn on in `canvas`.
"""

import re
from collections.abc import Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import Formatter
from PIL import Image, UnidentifiedImageError

from ..results.store import atomic_write
from .canvas import INNER, OUTER, SURE, shown
from .canvas import footer as footer
from .canvas import grid as grid
from .canvas import say as say
from .looks import DPI, FONT
from .looks import FAINT as FAINT
from .looks import INK as INK
from .looks import LEVELS as LEVELS
from .looks import PALETTE as PALETTE
from .looks import WIDTH as WIDTH
from .looks import colour as colour
from .looks import dash as dash
from .looks import look as look

if TYPE_CHECKING:
    from .runs import Runs

ROUNDED = 0.01
"""Of the step between two ticks: by so little their numbers may be off."""
LARGEST_SVG = 300_000
"""Bytes: a larger one would be slow to show, and its PNG is smaller."""
FINE = re.compile(r"(?<![\d.])(\d*[1-9]\d*\.\d\d)\d+")
"""Digits of a place in an SVG beyond a hundredth of a point; not those of a scale below 1."""
HAIR = 1e-9
"""A band that is narrower, relative to its line, is none."""


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
    within = shown(dates)
    dates, values = dates[within], values[:, within]
    low, lower, middle, upper, high = quantiles(values, (0.05, 0.25, 0.5, 0.75, 0.95))
    if len(dates) == 1:
        dates = wide(dates)
        low, lower, middle, upper, high = (
            np.repeat(x, 2) for x in (low, lower, middle, upper, high)
        )
    many = len(values) > 1
    sure = many and bool(np.all(~(high - low > HAIR * (1.0 + np.abs(middle)))))
    if many:
        axes.fill_between(dates, low, high, color=colour, alpha=0.16, linewidth=0, gid=OUTER)
        axes.fill_between(dates, lower, upper, color=colour, alpha=0.32, linewidth=0, gid=INNER)
    axes.plot(dates, middle, color=colour, linestyle=style, label=label, gid=SURE if sure else None)


def moves(values: np.ndarray, least: float = 0.02) -> bool:
    """Return whether anything is to be seen of values: over the weeks, or between runs.

    Args:
        values: The values, [run, week].
        least: What differs by less, relative to the largest, is a flat line.
    """
    low, middle, high = quantiles(values, (0.05, 0.5, 0.95))
    largest = np.nanmax(np.abs(values), initial=0.0)
    span = np.nanmax(high, initial=-np.inf) - np.nanmin(low, initial=np.inf)
    return bool(np.isfinite(middle).any() and largest > 0.0 and span > least * largest)


def rounded(value: float) -> str:
    """Return a number with two digits: 170, 2.4 k."""
    return short(float(f"{value:.2g}"))


def spread(values: np.ndarray, unit: str = "") -> str:
    """Return the median over runs, and nine runs of ten: "24 k containers (18 k to 30 k)".

    Two digits of each are given.

    Args:
        values: One number per run, [run].
        unit: What they count; none if empty.
    """
    low, middle, high = map(rounded, np.nanquantile(values, (0.05, 0.5, 0.95)))
    text = f"{middle} {unit}".strip()
    return text if low == high else f"{text} ({low} to {high})"


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
    how = " Line: median; dark band: 25-75 %, light band or thin lines: 5-95 % of runs."
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

    Its take-away is its description, which `said_in` reads.

    Args:
        figure: The figure.
        path: The file to write.

    Returns:
        The file that was written.
    """
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(DPI)
    said = str(figure.get_label())
    metadata = {"Software": None, **({"Description": said} if said else {})}
    with atomic_write(path) as file:  # savefig would draw twice
        canvas.print_png(file, metadata=metadata, pil_kwargs={"compress_level": 4})
    return path


def write_both(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG and, unless that is large, as an SVG of the same name beside it.

    A page shows the SVG, which is sharp at any size, where there is one.

    Args:
        figure: The figure.
        path: The file to write, which ends in .png.

    Returns:
        The PNG that was written.
    """
    written = write(figure, path)
    figure.set_layout_engine("none")  # it is laid out: the SVG is the same picture
    text, beside = svg(figure).encode(), path.with_suffix(".svg")
    if len(text) > LARGEST_SVG:
        beside.unlink(missing_ok=True)
        return written
    with atomic_write(beside) as file:
        file.write(text)
    return written


def said_in(path: Path) -> str:
    """Return the take-away of a figure that `write` wrote; "" if it has none.

    Args:
        path: The file.
    """
    try:
        with Image.open(path) as image:
            return str(image.info.get("Description", ""))
    except UnidentifiedImageError:
        return ""


def svg(figure: Figure) -> str:
    """Return a figure as SVG text that may stand in a page, without its XML heading.

    Args:
        figure: The figure.
    """
    text = StringIO()
    with mpl.rc_context({"svg.hashsalt": "armsflow"}):  # savefig would draw twice
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    drawn = text.getvalue().partition("<!DOCTYPE")[2].partition(">")[2].strip()
    return re.sub(FINE, r"\1", drawn)
