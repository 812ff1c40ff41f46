"""The columns of a scenario's headline metrics: what its table and its page show first."""

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import METRICS
from .record import summary_names

if TYPE_CHECKING:
    from ..scenario import Scenario
    from .results import Results

MOST_COLUMNS = 3
"""Of a metric of states or routes: those with the largest medians."""


def columns_of_metric(scenario: "Scenario", name: str) -> list[str]:
    """Return the columns of `runs` that summarise a metric.

    Args:
        scenario: Whose codes make up the names.
        name: Of the metric, one that runs are summarised by.
    """
    metric = next(metric for metric in METRICS if metric.name == name)
    names = summary_names(metric, scenario)
    return [f"{each}_{how}" for how in metric.reduce for each in names]


def headline_columns(results: "Results", name: str) -> list[str]:
    """Return the columns of a headline metric that a reader is shown.

    Of several those stay that differ between runs, at most `MOST_COLUMNS`, the largest median
    first; if none differs, those that are not 0.

    Args:
        results: The results of a job.
        name: Of the metric.
    """
    columns = columns_of_metric(results.scenario, name)
    if len(columns) == 1:
        return columns
    size, moving, there = dict[str, float](), list[str](), list[str]()
    for column, values in results.good(columns):
        size[column] = float(values.median())
        moving += [column] if float(np.ptp(values)) > 0.0 else []
        there += [column] if float(np.abs(values).max()) > 0.0 else []
    return sorted(moving or there, key=lambda column: -size[column])[:MOST_COLUMNS]
