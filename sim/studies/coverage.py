"""Do the default scenario's bands hold the claims of losses? Months, their changes, their spread.

What a belligerent claims of its enemy is taken for the truth times a bias of its own, which belongs
to the claim and not to the model: lognormal, drawn once a run. No month is named and nothing is
fitted here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..ensemble.run import run
from ..scenario import Scenario

FILE = "rus_losses_claimed_daily_cumulative.csv"
COLUMN = "personnel"
LAST = date(2024, 8, 31)
BIAS = (1.25, 0.2)
"""Median and log standard deviation; chosen: an upper bound, a quarter above, give or take."""
BAND = (5.0, 95.0)
RATIO = (1.3, 2.5)
"""Of Russian to Ukrainian casualties, by outside counts."""

Days = Float[np.ndarray, "... day"]


@dataclass(frozen=True)
class Coverage:
    """What the bands hold.

    - `months`, `changes`: how many claimed months, and changes between them, lie in the 90 % band.
    - `of`: how many months there are.
    - `weekly`, `monthly`: the standard deviation of changes from week to week and month to month,
      of the median run over that of the claims.
    - `ratio`: Russian to Ukrainian losses: 5 %, median, 95 %.
    - `within`: the share of runs whose ratio lies in RATIO.
    - `width`: of a month's band, over its median.
    """

    months: int
    changes: int
    of: int
    weekly: float
    monthly: float
    ratio: tuple[float, float, float]
    within: float
    width: float


def claimed(path: Path) -> pd.Series:
    """Return the claims of each day, cumulative, in thousands.

    Args:
        path: The CSV file, with the columns `date` and `personnel`.
    """
    table = pd.read_csv(path, usecols=["date", COLUMN], parse_dates=["date"])
    return table.set_index("date")[COLUMN].astype(np.float64) / 1000.0


def lost(scenario: Scenario, runs: int, seed: int, workers: int) -> dict[str, np.ndarray]:
    """Return the losses of both sides since the start: [run, week], a first week of 0.

    Args:
        scenario: What is simulated.
        runs: How many runs.
        seed: The master seed.
        workers: Processes.
    """
    weeks = run(scenario, runs, seed, workers=workers).weeks.sort_values(["run", "week"])
    found = {}
    for code in ("RUS", "UKR"):
        path = weeks.loc[weeks["state"] == code, "losses"].to_numpy(np.float64).reshape(runs, -1)
        found[code] = np.concatenate([np.zeros((runs, 1)), path], axis=1)
    return found


def coverage(
    claims: pd.Series, losses: dict[str, np.ndarray], start: date, seed: int = 0
) -> Coverage:
    """Return how the simulated losses hold the claims.

    Args:
        claims: Cumulative by day, thousand.
        losses: Of both sides, [run, week], thousand since the start.
        start: The scenario's first day.
        seed: Of the biases.
    """
    days = pd.date_range(start - timedelta(days=1), LAST)
    said = claims.reindex(days, method="ffill").to_numpy()
    own, runs = np.random.default_rng(seed), len(losses["RUS"])
    bias = BIAS[0] * np.exp(BIAS[1] * own.standard_normal(runs))
    weeks = 7.0 * np.arange(losses["RUS"].shape[1])
    simulated = np.stack([np.interp(np.arange(len(days)), weeks, x) for x in losses["RUS"]])
    simulated = simulated * bias[:, None]
    ends = np.flatnonzero(days.is_month_end)
    rates = np.diff(ends) / 7.0  # weeks of each month
    month, said_rate = np.diff(simulated[:, ends], axis=1) / rates, np.diff(said[ends]) / rates
    low, high = np.percentile(month, BAND, axis=0)
    ratio = losses["RUS"][:, len(days) // 7] / losses["UKR"][:, len(days) // 7]
    five, middle, most = np.percentile(ratio, (5, 50, 95))
    return Coverage(
        months=_held(said_rate, month),
        changes=_held(np.diff(said_rate), np.diff(month, axis=1)),
        of=len(said_rate),
        weekly=_spread(simulated[:, ::7], 2) / _spread(said[None, ::7], 2),
        monthly=_spread(month, 1) / _spread(said_rate[None], 1),
        ratio=(float(five), float(middle), float(most)),
        within=float(np.mean((ratio >= RATIO[0]) & (ratio <= RATIO[1]))),
        width=float(np.mean((high - low) / np.median(month, axis=0))),
    )


def _held(said: np.ndarray, simulated: np.ndarray) -> int:
    """Return how many claims lie in their band."""
    low, high = np.percentile(simulated, BAND, axis=0)
    return int(np.sum((said >= low) & (said <= high)))


def _spread(values: np.ndarray, order: int) -> float:
    """Return the standard deviation of differences along the last axis, of the median run."""
    return float(np.median(np.std(np.diff(values, n=order, axis=-1), axis=-1)))


def lines(found: Coverage) -> list[str]:
    """Return what was found, as text.

    Args:
        found: It.
    """
    five, middle, most = found.ratio
    return [
        f"claimed months in the 90 % band            {found.months} of {found.of} (wanted: 13)",
        f"changes from month to month in it          {found.changes} of {found.of - 1}",
        f"width of a month's band over its median    {found.width:.2f}",
        f"change from week to week, over the claims'   {found.weekly:.2f} (wanted: 0.67 to 1.5)",
        f"change from month to month, over the claims' {found.monthly:.2f} (wanted: 0.67 to 1.5)",
        f"Russian over Ukrainian losses              {middle:.2f} [{five:.2f}, {most:.2f}], "
        f"{found.within:.0%} of runs in {RATIO[0]} to {RATIO[1]}",
    ]
