"""The axes of panels: dates, amounts, shares, ratios, names; bars, and panels without data."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from .canvas import shown
from .style import FAINT, INK, Short

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FEWEST_BARS = 5
"""Bars for which a panel has room: two alone would be slabs."""


def date_axis(axes: Axes, dates: np.ndarray, ticks: int = 6) -> None:
    """Set a date axis over the weeks of a run, with about `ticks` dates.

    The year stands under January, or under the first date if no January is shown.

    Args:
        axes: The panel.
        dates: The first day of each week, [week].
        ticks: About how many ticks to set.
    """
    dates = dates[shown(dates)]
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
    """Return round dates within a span: first days of months, or weeks if the run is short.

    Args:
        dates: The first day of each week, [week].
        ticks: About how many dates to return.
    """
    after = dates[-1].astype("datetime64[M]") + np.timedelta64(1, "M")
    months = np.arange(dates[0].astype("datetime64[M]"), after).astype("datetime64[D]")
    months = months[months >= dates[0]]
    if len(months) < 3:
        return dates[:: -(-len(dates) // ticks)]
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= n * ticks), 240)
    return months[months.astype("datetime64[M]").astype(int) % step == 0]


def amount_axis(axes: Axes, label: str, top: float | None = None, whole: bool = False) -> None:
    """Set a vertical axis of amounts that begins at 0, with short tick labels.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
        top: The upper end of the axis; taken from the data if None.
        whole: Whether ticks are whole numbers, as for things that are counted.
    """
    axes.set_ylabel(label)
    if top is None:
        top = max(axes.get_ylim()[1], 1.05 * axes.dataLim.y1)
    axes.set_ylim(0.0, top if top > 0.0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=whole))
    axes.yaxis.set_major_formatter(Short())


def share_axis(axes: Axes, label: str) -> None:
    """Set a vertical axis from 0 to 1, for probabilities, shares or indices.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
    """
    axes.set_ylabel(label)
    axes.set_ylim(0.0, 1.02)
    axes.spines["left"].set_bounds(0.0, 1.0)


def signed_axis(axes: Axes, label: str) -> None:
    """Set a vertical axis of amounts above and below a line at 0.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
    """
    axes.set_ylabel(label)
    if axes.dataLim.y0 == axes.dataLim.y1 == 0.0:  # or a zoom into nothing
        axes.set_ylim(-1.0, 1.0)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(Short())


def ratio_axis(axes: Axes, label: str, low: float, high: float) -> None:
    """Set a logarithmic axis of ratios: half and double lie equally far from the line at 1.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
        low: The lower end of the axis, above 0.
        high: The upper end of the axis.
    """
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_ylabel(label)
    axes.axhline(1.0, color=INK, linewidth=0.8)
    ticks = [x for x in (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0) if low <= x <= high]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def bars(
    axes: Axes, names: Sequence[str], values: np.ndarray, colours: Sequence[str], label: str
) -> None:
    """Draw the median over runs of each thing as a horizontal bar, the first on top.

    The whiskers are the 5-95 % range over runs.

    Args:
        axes: The panel.
        names: The name of each bar, the first on top.
        values: The values, [run, thing].
        colours: The colour of each bar.
        label: The label of the axis; none if empty.
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
    """Write the names of bars or marks down the vertical axis, the first on top.

    Args:
        axes: The panel.
        names: The name of each bar or mark, the first on top.
    """
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(max(len(names), FEWEST_BARS) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def amounts_across(axes: Axes, label: str) -> None:
    """Set a horizontal axis of amounts, with short tick labels.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
    """
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(Short())


def empty(axes: Axes, label: str, text: str) -> None:
    """Write in a panel why it has nothing to show.

    Args:
        axes: The panel.
        label: The label of the axis; none if empty.
        text: Why there is nothing to show.
    """
    axes.set(ylabel=label, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.5, text, ha="center", color=FAINT, transform=axes.transAxes)
