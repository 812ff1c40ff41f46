"""What an engine keeps of some runs: series of metrics [week, *axes], summaries, events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from ..metrics import METRICS, Metric
from ..scenario import Scenario

RECORDS = ("summary", "weekly", "full")

# In the order of writing: the row of a run comes last, as the record that the others are there.
TABLES = {
    "summary": ("runs",),
    "weekly": ("events", "weeks", "runs"),
    "full": ("dyads", "routes", "events", "weeks", "runs"),
}
TABLE = {
    "world": "weeks",
    "state": "weeks",
    "state munition": "weeks",
    "state technology": "weeks",
    "dyad": "dyads",
    "route": "routes",
    "route munition": "routes",
    "observer route": "routes",
}
REDUCE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "last": lambda series: series[-1],
    "mean": lambda series: series.mean(axis=0),
    "max": lambda series: series.max(axis=0),
    "min": lambda series: series.min(axis=0),
    "sum": lambda series: series.sum(axis=0),
}


@dataclass(frozen=True)
class Traces:
    """What is kept of some runs: R of them, of T weeks each.

    - `point`, `run`, `seed`: of each run, [R].
    - `priors`: by path, [R]; NaN where a run's scenario has no such prior.
    - `swept`: what the point of each run sets, by path, [R].
    - `failed_at`: the week whose numbers left their range, [R]; -1 if none did. From then
      on what is kept of the run means nothing.
    - `series`: by metric, [R, T, *axes].
    - `summary`: by metric and way to summarise it, [R, *axes].
    - `events`: rows [place in R, week, kind, actor, target, value], in that order.
    """

    point: Int64[np.ndarray, " run"]
    run: Int64[np.ndarray, " run"]
    seed: int
    priors: Mapping[str, Float64[np.ndarray, " run"]]
    swept: Mapping[str, Any]
    failed_at: Int64[np.ndarray, " run"]
    series: Mapping[str, np.ndarray]
    summary: Mapping[tuple[str, str], np.ndarray]
    events: Float64[np.ndarray, "event 6"]

    @property
    def size(self) -> int:
        """Return how many runs."""
        return len(self.run)


def completed_weeks(traces: Traces, weeks: int) -> Int64[np.ndarray, " run"]:
    """Return how many weeks of each run count: all, or those before it left its range.

    Args:
        traces: Of the runs.
        weeks: How many weeks the scenario has.
    """
    return np.where(traces.failed_at < 0, weeks, traces.failed_at)


def measured(record: str) -> tuple[Metric, ...]:
    """Return the metrics that a record needs: of its tables, and those that summarise a run."""
    return tuple(m for m in METRICS if m.reduce or TABLE[m.axes] in TABLES[record])


def shape(metric: Metric, scenario: Scenario) -> tuple[int, ...]:
    """Return the shape of a metric's value in one week.

    Args:
        metric: The metric.
        scenario: Whose states, routes and so on it is measured for.
    """
    size = {
        "state": (len(scenario.states),),
        "dyad": (len(scenario.pairs),),
        "munition": (len(scenario.munitions),),
        "technology": (len(scenario.technologies),),
        "route": (len(scenario.routes),),
        "observer": (len(scenario.observers),),
        "world": (),
    }
    return sum((size[axis] for axis in metric.axes.split()), ())


def shown(value: Any, shape: tuple[int, ...]) -> Any:
    """Return a metric's value without the inert entry of a world without routes or observers.

    Args:
        value: As the metric gives it; the axis of an inert entry has length 1.
        shape: The metric's `shape`; the axis of an inert entry has length 0.
    """
    return value[tuple(slice(size) for size in shape)] if 0 in shape else value
