"""The one look of all figures: sizes, colours, bands over runs, date axes, footer, files.

Everything goes through matplotlib's object interface (`Figure` on an Agg canvas) inside `look()`:
no pyplot, no setting left behind. A figure never shows a lone mean: `band` draws the median with
the 25-75 % and the 5-95 % range over runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, MaxNLocator

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

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
    """The settings under which figures are made and written; they end with the block."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        yield


def colour(index: int) -> str:
    """The colour of the index-th state of a scenario; the palette begins again after eight."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> str:
    """The line style that goes with `colour`: a second round of colours is dashed."""
    return DASHES[index // len(PALETTE) % len(DASHES)]


def grid(rows: int, columns: int, height: float, title: str) -> tuple[Figure, np.ndarray]:
    """A figure of empty panels, `height` inches high, and its axes [row, column]."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left")
    return figure, figure.subplots(rows, columns, squeeze=False)


def footer(figure: Figure, text: str) -> None:
    """The line at the foot: whose numbers these are, and how their spread is drawn."""
    lines = fill(text, 150, break_long_words=False)
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=9.5, color=FAINT)


def quantiles(values: np.ndarray, q: Sequence[float]) -> np.ndarray:
    """Quantiles over runs of values [run, week]: [q, week], NaN in a week that no run has."""
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
    """The median over runs of values [run, week], with the 25-75 % and 5-95 % range behind it.

    One run has no range: its own line is drawn, and the footer says so.
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
    """A single week as the two ends of a line, so that it can be seen."""
    half = np.timedelta64(2, "D")
    return np.array([dates[0] - half, dates[0] + half])


def source(runs: "Runs", bands: bool = True) -> str:
    """What the foot of every figure says: whose numbers these are, how its bands are drawn."""
    points = f" of {runs.points} points" if runs.points > 1 else ""
    left_out = f" ({runs.failed} failed and are left out)" if runs.failed else ""
    if runs.count == 1:
        return f"Simulated: {runs.scenario.name}, a single run{left_out}, so no spread."
    whose = f"Simulated: {runs.scenario.name}, {runs.count} runs{points}{left_out}."
    how = " Line: median; dark band: 25-75 %, light band: 5-95 % of runs."
    return whose + (how if bands else "")


def date_axis(axes: Axes, dates: np.ndarray, ticks: int = 6) -> None:
    """A date axis over the weeks of a run, with about `ticks` dates.

    The year stands under its January, or under the first date where there is none.
    """
    at = date_ticks(dates, ticks)
    months = at.astype("datetime64[M]").astype(int)
    days = (at - at.astype("datetime64[M]")).astype(int) + 1
    yearly = (months % 12 == 0) & (days == 1)
    yearly[0] |= not yearly.any()
    labels = [
        (MONTHS[month % 12] if day == 1 else f"{day} {MONTHS[month % 12]}")
        + (f"\n{1970 + month // 12}" if dated else "")
        for month, day, dated in zip(months.tolist(), days.tolist(), yearly.tolist(), strict=True)
    ]
    axes.set_xticks(at, labels)
    edge = np.timedelta64(3, "D")
    axes.set_xlim(dates[0] - edge, dates[-1] + edge)
    axes.grid(visible=False, axis="x")


def date_ticks(dates: np.ndarray, ticks: int) -> np.ndarray:
    """Round dates within a span: first days of months, or weeks of a run that is short."""
    after = dates[-1].astype("datetime64[M]") + np.timedelta64(1, "M")
    months = np.arange(dates[0].astype("datetime64[M]"), after).astype("datetime64[D]")
    months = months[months >= dates[0]]
    if len(months) < 3:
        return dates[:: -(-len(dates) // ticks)]
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= n * ticks), 240)
    return months[months.astype("datetime64[M]").astype(int) % step == 0]


def short(value: float, digits: int = 3) -> str:
    """A number as a tick says it: 12 k, 3.4 M."""
    for size, suffix in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{suffix}"
    return f"{value:.{digits}g}"


class Short(Formatter):
    """Ticks as short numbers, with as many digits as show their even steps."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        """The number of one tick."""
        return short(value)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The numbers of all ticks."""
        steps = np.diff(np.unique(values))
        step = steps.min() if len(steps) else np.inf
        for digits in range(3, 9):
            if all(abs(float(f"{x:.{digits}g}") - x) <= ROUNDED * step for x in values):
                break
        return [short(x, digits) for x in values]


def amount_axis(axes: Axes, label: str, top: float | None = None, whole: bool = False) -> None:
    """An axis of amounts that begins at 0, with short tick labels; `whole`: of things counted."""
    axes.set_ylabel(label)
    if top is None:
        top = max(axes.get_ylim()[1], 1.05 * axes.dataLim.y1)
    axes.set_ylim(0.0, top if top > 0.0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=whole))
    axes.yaxis.set_major_formatter(Short())


def share_axis(axes: Axes, label: str) -> None:
    """An axis of probabilities, shares or indices: 0 to 1."""
    axes.set_ylabel(label)
    axes.set_ylim(0.0, 1.02)


def signed_axis(axes: Axes, label: str) -> None:
    """An axis of amounts to either side of a line at 0."""
    axes.set_ylabel(label)
    if axes.dataLim.y0 == axes.dataLim.y1 == 0.0:  # or a zoom into nothing
        axes.set_ylim(-1.0, 1.0)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(Short())


def ratio_axis(axes: Axes, label: str, low: float, high: float) -> None:
    """An axis of ratios: logarithmic, so that half and double lie as far from the line at 1."""
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_ylabel(label)
    axes.axhline(1.0, color=INK, linewidth=0.8)
    ticks = [x for x in (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0) if low <= x <= high]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


FEWEST_BARS = 5
"""Bars for which a panel has room: two alone would be slabs."""


def bars(
    axes: Axes, names: Sequence[str], values: np.ndarray, colours: Sequence[str], label: str
) -> None:
    """Horizontal bars of the medians of values [run, thing], the first on top.

    The whiskers are the 5-95 % range over runs.
    """
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    at = np.arange(len(names))
    axes.barh(at, middle, 0.62, color=colours, alpha=0.75)
    if len(values) > 1:
        axes.hlines(at, low, high, color=INK, linewidth=1.6)
        axes.plot(np.stack([low, high]), np.stack([at, at]), "|", color=INK, markersize=7)
    names_down(axes, names)
    amounts_across(axes, label)


def names_down(axes: Axes, names: Sequence[str]) -> None:
    """Names of bars or marks, the first on top."""
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(max(len(names), FEWEST_BARS) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def amounts_across(axes: Axes, label: str) -> None:
    """A horizontal axis of amounts, with short tick labels."""
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(Short())


def empty(axes: Axes, label: str, text: str) -> None:
    """A panel that has nothing to show, and says why."""
    axes.set(ylabel=label, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.5, text, ha="center", color=FAINT, transform=axes.transAxes)


NOT_KEPT = "this job kept no pairs of states\n(record=full keeps them)"


QUARTER = 13
"""Weeks."""


def recent(values: np.ndarray, weeks: int) -> np.ndarray:
    """The sum of values [run, week] over the last `weeks` weeks, fewer at the start."""
    total = np.cumsum(values, axis=1)
    before = np.zeros_like(total)
    before[:, weeks:] = total[:, :-weeks]
    return np.asarray(total - before)


def lately(values: np.ndarray, weeks: int) -> np.ndarray:
    """The mean of values [run, week] over the last `weeks` weeks, or over all there were yet."""
    there = np.minimum(np.arange(values.shape[1]) + 1.0, weeks)
    return np.asarray(recent(values, weeks) / there)


LONGEST_NAME = 40


def drawable(text: str, longest: int = LONGEST_NAME) -> str:
    """A text of a scenario's writer as matplotlib may draw it, "" if our font cannot.

    A dollar would begin a formula; a sign that the font lacks would be an empty box.
    """
    if not all(ord(sign) in _known_signs() for sign in text):
        return ""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return shown.replace("$", r"\$")


@cache
def _known_signs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=FONT))).get_charmap())


def spaced(code: str) -> str:
    """A code as a label says it: `shell_152` is "shell 152"."""
    return code.replace("_", " ")


def write(figure: Figure, path: Path) -> Path:
    """The figure as a PNG whose bytes depend on nothing but what it shows."""
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(DPI)
    with atomic_write(path) as temporary:  # savefig would draw twice
        canvas.print_png(temporary, metadata={"Software": None})
    return path
