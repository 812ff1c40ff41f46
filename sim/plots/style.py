"""The one look of all figures: sizes, colours, bands over runs, date axes, footer, files.

Everything goes through matplotlib's object interface (`Figure` on an Agg canvas) inside `look()`:
no pyplot, no setting left behind. A figure never shows a lone mean: `band` draws the median with
the 25-75 % and the 5-95 % range over runs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    from .runs import Runs

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
"""Okabe & Ito (2008), told apart by colour-blind readers; brown stands for their yellow, which a
projector loses on white."""

DASHES = ("-", "--", ":", "-.")
LEVELS = ("#FFFFFF", "#FDE7B0", "#FDBF6F", "#F4813F", "#C7361F", "#5B0A1A")
"""Dispute levels 0 to 5, light to dark: in order also in grey."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
INK, FAINT = "#222222", "#777777"
_LOOK: dict[Any, Any] = {
    "font.size": 11.0,
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
    figure.supxlabel(text, x=0.01, ha="left", fontsize=9.5, color=FAINT)


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


def source(runs: "Runs") -> str:
    """What the foot of every figure says: whose numbers these are, how their spread is drawn."""
    points = f" of {runs.points} points" if runs.points > 1 else ""
    left_out = f" ({runs.failed} failed and are left out)" if runs.failed else ""
    if runs.count == 1:
        return f"Simulated: {runs.scenario.name}, a single run{left_out}, so no spread."
    return (
        f"Simulated: {runs.scenario.name}, {runs.count} runs{points}{left_out}. "
        "Line: median; dark band: 25-75 %, light band: 5-95 % of runs."
    )


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
    months = np.arange(
        dates[0].astype("datetime64[M]"), dates[-1].astype("datetime64[M]") + 1
    ).astype("datetime64[D]")
    months = months[months >= dates[0]]
    if len(months) < 3:
        return dates[:: -(-len(dates) // ticks)]
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= n * ticks), 240)
    return months[months.astype("datetime64[M]").astype(int) % step == 0]


def short(value: float) -> str:
    """A number as a tick says it: 12 k, 3.4 M."""
    for size, suffix in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{suffix}"
    return f"{value:.3g}"


def amount_axis(axes: Axes, label: str, top: float | None = None, whole: bool = False) -> None:
    """An axis of amounts that begins at 0, with short tick labels; `whole`: of things counted."""
    axes.set_ylabel(label)
    if top is None:
        top = max(axes.get_ylim()[1], 1.05 * axes.dataLim.y1)
    axes.set_ylim(0.0, top if top > 0.0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=whole))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def share_axis(axes: Axes, label: str) -> None:
    """An axis of probabilities, shares or indices: 0 to 1."""
    axes.set_ylabel(label)
    axes.set_ylim(0.0, 1.02)


def words(code: str) -> str:
    """A code as a label says it: `shell_152` is "shell 152"."""
    return code.replace("_", " ")


def write(figure: Figure, path: Path) -> Path:
    """The figure as a PNG whose bytes depend on nothing but what it shows."""
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    return path
