"""What moves when a term is off: paired differences, in standard deviations over runs.

Each comparison is a switch and a metric, and there are hundreds of them: an interval is so wide
that all hold together with 95 % (Bonferroni). A metric moves where its interval leaves out 0 and
the change is worth a name: with the same noise even a tiny one is sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from ...metrics import METRICS as WEEKLY
from ...results.intervals import student
from ...results.record import summary_names
from ...results.results import Results
from ...scenario import Scenario

CONFIDENCE = 0.95
"""That all intervals hold."""
ROUNDING = 1e-9
"""Share of a metric below which its spread is none."""
NEGLIGIBLE = 0.05
"""Standard deviations over runs."""
NAMES: Mapping[str, str] = {
    "containers_PRK_RUS_last": "containers shipped, PRK to RUS",
    "containers_delivered_PRK_RUS_last": "containers delivered",
    "supply_shell_152_RUS_last": "RUS shells, weeks of supply",
    "losses_UKR_last": "UKR casualties",
    "tech_satellite_PRK_last": "PRK satellite technology",
    "exposure_PRK_RUS_mean": "exposure of the shipments",
    "doubt_PRK_RUS_mean": "public doubt of the evidence",
    "monitor_PRK_last": "monitoring of PRK alive",
    "tension_mean_mean": "mean tension",
    "disputes_mean": "pairs in a dispute",
    "militarised_mean": "pairs in a militarised dispute",
    "escalation_rivera_mean": "escalation, Rivera et al.",
}
"""The summary metrics that are compared by default, as a figure calls them."""


@dataclass(frozen=True)
class Effects:
    """S switches against M metrics.

    - `switches`, `metrics`: their names.
    - `before`, `after`: means over runs, with the term and without it.
    - `change`: mean paired difference, without less with; `half`: half its interval.
    - `spread`: standard deviation of the metric over runs, of both sides pooled.
    """

    switches: tuple[str, ...]
    metrics: tuple[str, ...]
    before: Float64[np.ndarray, "switch metric"]
    after: Float64[np.ndarray, "switch metric"]
    change: Float64[np.ndarray, "switch metric"]
    half: Float64[np.ndarray, "switch metric"]
    spread: Float64[np.ndarray, "switch metric"]

    @property
    def size(self) -> Float64[np.ndarray, "switch metric"]:
        """Return the change in standard deviations; 0 where nothing changed."""
        return self._scaled(self.change)

    @property
    def margin(self) -> Float64[np.ndarray, "switch metric"]:
        """Return half the interval in standard deviations."""
        return self._scaled(self.half)

    @property
    def moved(self) -> Bool[np.ndarray, "switch metric"]:
        """Return where the interval leaves out 0, and the change is not negligible."""
        return (np.abs(self.change) > self.half) & (np.abs(self.size) >= NEGLIGIBLE)

    @property
    def order(self) -> list[int]:
        """Return the switches, that with the largest change of a metric that moved first."""
        largest = np.where(self.moved, np.abs(self.size), 0.0).max(axis=1)
        return np.argsort(-largest, kind="stable").tolist()

    def _scaled(self, values: np.ndarray) -> Float64[np.ndarray, "switch metric"]:
        """Return values in standard deviations; infinite where the metric never varies."""
        varies = self.spread > ROUNDING * np.maximum(np.abs(self.before), np.abs(self.after))
        constant = np.where(values == 0.0, 0.0, np.inf) * np.sign(values)
        return np.where(varies, values / np.where(varies, self.spread, 1.0), constant)

    def frame(self) -> pd.DataFrame:
        """Return one row per comparison."""
        rows = pd.MultiIndex.from_product([self.switches, self.metrics], names=["switch", "metric"])
        columns = {
            "before": self.before,
            "after": self.after,
            "difference": self.change,
            "low": self.change - self.half,
            "high": self.change + self.half,
            "sds": self.size,
            "moved": self.moved,
        }
        return pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, rows)


def known(scenario: Scenario) -> set[str]:
    """Return the summary metrics of a scenario, as the columns of its table of runs are called."""
    return {
        f"{name}_{how}"
        for metric in WEEKLY
        for how in metric.reduce
        for name in summary_names(metric, scenario)
    }


def measured(results: Results, metrics: Sequence[str]) -> pd.DataFrame:
    """Return some metrics of each run; NaN where it failed.

    Args:
        results: The results of a job.
        metrics: Columns of the table of runs.
    """
    return results.runs.set_index("run")[list(metrics)].astype(float)


def effects(before: pd.DataFrame, after: Mapping[str, pd.DataFrame]) -> Effects:
    """Compare runs without a term with the same runs as shipped.

    A run counts where it failed on neither side.

    Args:
        before: The metrics of the runs as shipped, one row per run.
        after: The same without a term, by the name of its switch.

    Raises:
        ValueError: A switch leaves fewer than two such runs.
    """
    level = 1.0 - (1.0 - CONFIDENCE) / (len(after) * before.shape[1])
    compared = (_compared(name, before, other, level) for name, other in after.items())
    return Effects(tuple(after), tuple(before.columns), *map(np.stack, zip(*compared, strict=True)))


def _compared(
    name: str, before: pd.DataFrame, after: pd.DataFrame, level: float
) -> tuple[np.ndarray, ...]:
    """Return what `Effects` holds of one switch: [metric] each."""
    good = before.notna().all(axis=1) & after.notna().all(axis=1)
    x, y = before[good].to_numpy(), after[good].to_numpy()
    if len(x) < 2:
        raise ValueError(f"{name}: fewer than two runs that failed on neither side")
    change = y - x
    half = student(len(x) - 1, level) * change.std(axis=0, ddof=1) / len(x) ** 0.5
    spread = np.sqrt(0.5 * (x.var(axis=0, ddof=1) + y.var(axis=0, ddof=1)))
    return x.mean(axis=0), y.mean(axis=0), change.mean(axis=0), half, spread
