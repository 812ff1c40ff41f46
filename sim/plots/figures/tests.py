"""Weapon tests and satellite launches: how many, how well, how bunched."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...world import YEAR
from ..axes import amount_axis, date_axis
from ..registry import figure
from ..runs import Runs
from ..style import (
    FAINT,
    INK,
    PALETTE,
    QUARTER,
    band,
    footer,
    grid,
    quantiles,
    recent,
    say,
    source,
    spread,
)

MOST_DOMAINS = 5


@figure(
    "Weapon tests and satellite launches of the state that makes most of them.",
    tables=("weeks",),
    order=60,
    takes=("states",),
)
def tests(runs: Runs) -> Figure | None:
    """Draw tests and launches of the most active state: number, successes and clustering."""
    made, launched = runs.of_states("tests"), runs.of_states("launches")
    total = np.nansum(made + launched, axis=(0, 1))
    if total.max() <= 0.0:
        return None
    place = runs.places([int(total.argmax())], 1)[0]
    made, launched = made[:, :, place], launched[:, :, place]
    failed, days = (runs.of_states(n)[:, :, place] for n in ("test_failures", "test_days"))
    lost = runs.of_states("launch_failures")[:, :, place]
    figure, axes = grid(2, 2, 8.0, f"{runs.name(runs.states[place])}: tests and launches")
    _attempts(axes[0, 0], runs, made, failed, "Weapon tests, cumulative", days)
    _recent(axes[0, 1], runs, made)
    _attempts(axes[1, 0], runs, launched, lost, "Satellite launches, cumulative")
    _yearly(axes[1, 1], runs, made)
    count = made.sum(axis=1)
    good = launched.sum(axis=1) - lost.sum(axis=1)
    number = f"{spread(count, 'weapon tests')} in {len(runs.dates)} weeks"
    say(figure, f"{number}; launches that succeed: {spread(good)}.")
    footer(figure, source(runs))
    return figure


def _attempts(
    axes: Axes,
    runs: Runs,
    tried: np.ndarray,
    failed: np.ndarray,
    title: str,
    days: np.ndarray | None = None,
) -> None:
    """Draw cumulative attempts and failures, and write the share of successes.

    Args:
        axes: Where.
        runs: The runs of a job.
        tried: Attempts per week, [run, week].
        failed: Those of them that failed.
        title: Of the panel.
        days: Days per week with an attempt or more.
    """
    attempts, failures = np.cumsum(tried, axis=1), np.cumsum(failed, axis=1)
    good = _share(attempts[:, -1] - failures[:, -1], attempts[:, -1])
    band(axes, runs.dates, attempts, INK, f"attempts{good}")
    if days is not None:
        band(axes, runs.dates, np.cumsum(days, axis=1), PALETTE[1], "days with a test", ":")
    band(axes, runs.dates, failures, PALETTE[0], "failures", "--")
    axes.set_title(title)
    amount_axis(axes, "number since the start", axes.get_ylim()[1] * 1.25, whole=True)
    date_axis(axes, runs.dates)
    axes.legend(loc="upper left")


def _share(good: np.ndarray, tried: np.ndarray) -> str:
    """Return the end of a label: the share of successes of the runs that tried, with its range."""
    shares = good[tried > 0.0] / tried[tried > 0.0]
    if len(shares) == 0:
        return ": none"
    low, middle, high = np.quantile(shares, (0.05, 0.5, 0.95))
    if len(shares) == 1:
        return f"; of them succeed {100 * middle:.0f} %"
    return f"; of them succeed {100 * middle:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)"


def _recent(axes: Axes, runs: Runs, made: np.ndarray) -> None:
    """Draw tests in the last quarter, and the path of one run, which shows its campaigns."""
    lately = recent(made, QUARTER)
    band(axes, runs.dates, lately, PALETTE[2])
    if runs.count > 1:
        axes.plot(runs.dates, lately[0], color=INK, linewidth=1.0, label="one run's path")
        axes.legend(loc="upper left")
    axes.set_title("Weapon tests in the last 13 weeks")
    amount_axis(axes, "tests in 13 weeks", axes.get_ylim()[1] * 1.15, whole=True)
    date_axis(axes, runs.dates)


def _yearly(axes: Axes, runs: Runs, made: np.ndarray) -> None:
    """Draw tests in each whole year: quantiles over runs, and every run as a dot."""
    years = max(1, made.shape[1] // YEAR)
    weeks = min(YEAR, made.shape[1])
    counts = made[:, : years * weeks].reshape(len(made), years, weeks).sum(axis=2)
    nudge = np.linspace(-0.16, 0.16, len(counts)) if len(counts) > 1 else np.zeros(1)
    low, lower, middle, upper, high = quantiles(counts, (0.05, 0.25, 0.5, 0.75, 0.95))
    at = np.arange(1, years + 1)
    if len(counts) > 1:
        axes.vlines(at, low, high, color=FAINT, linewidth=2)
        axes.bar(at, upper - lower, 0.5, lower, color=PALETTE[2], alpha=0.45)
        axes.hlines(middle, at - 0.25, at + 0.25, color=INK, linewidth=2.5)
    for year in range(years):
        axes.plot(
            at[year] + nudge,
            counts[:, year],
            ".",
            color=INK,
            alpha=0.45,
            markersize=6 if len(counts) > 9 else 11,
        )
    axes.set_title("Weapon tests per year: dots are runs")
    amount_axis(axes, "tests per year" if weeks == YEAR else f"tests in {weeks} weeks", whole=True)
    axes.set_xlim(0.4, years + 0.6)
    axes.set_xticks(at, [f"year {year}" for year in at])
    axes.set_xlabel(_bunching(counts))
    axes.grid(visible=False, axis="x")


def _bunching(counts: np.ndarray) -> str:
    """Return a label: variance over mean of yearly counts of all runs (1 if Poisson)."""
    mean = counts.mean()
    if counts.size < 2 or mean <= 0.0:
        return ""
    bunched = counts.var(ddof=1) / mean
    return f"variance over mean of all counts: {bunched:.1f} (Poisson: 1)"
