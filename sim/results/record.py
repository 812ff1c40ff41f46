"""What is kept of a run, and the tables that it becomes.

A metric of a run is a series [week, *axes]. Five tables hold what a job records:

- `runs`: one row per run, with the metrics' summaries over weeks;
- `weeks`: one row per run, week and state; metrics of the world stand in each state's row;
- `dyads`: one row per run, week and listed pair;
- `routes`: one row per run, week and route, from the supplier `state` to the recipient `target`;
- `events`: one row per kind, actor and target of what occurred in a week.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from ..engines.traces import TABLE, TABLES, Traces, completed_weeks
from ..events import EVENTS
from ..metrics import METRICS, Metric
from ..scenario import Scenario
from .codebook import with_units


def tables(scenario: Scenario, record: str, traces: Traces) -> dict[str, pa.Table]:
    """Return the tables of some runs, in the order in which they are to be written.

    Args:
        scenario: The scenario.
        record: How much is kept: a key of TABLES.
        traces: What an engine recorded of the runs.
    """
    build = {"runs": _runs, "weeks": _weeks, "dyads": _dyads, "routes": _routes, "events": _events}
    made = {name: build[name](scenario, traces) for name in TABLES[record]}
    return with_units(scenario, record, made)


def _codes(index: np.ndarray, codes: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(index.astype(np.int32), pa.array(codes, pa.string()))


def _of_runs(traces: Traces, rows: Any = 1) -> dict[str, np.ndarray]:
    """Return the columns that identify a row's run; `rows` of each."""
    columns = {"point": traces.point, "run": traces.run, "seed": np.full(traces.size, traces.seed)}
    return {name: np.repeat(values, rows) for name, values in columns.items()}


def _dated(scenario: Scenario, week: np.ndarray) -> dict[str, Any]:
    """Return the columns `week` and `date`."""
    start = np.datetime64(scenario.date(0), "ms")
    return {"week": week, "date": pa.array(start + 7 * week.astype("timedelta64[D]"))}


class _Weekly:
    """The completed weeks of some runs, one after the other, as rows of a table."""

    def __init__(self, scenario: Scenario, traces: Traces) -> None:
        weeks = np.arange(scenario.weeks)
        self.traces, self.lasted = traces, completed_weeks(traces, scenario.weeks)
        self._stands = weeks[None, :] < self.lasted[:, None]
        self._week = np.broadcast_to(weeks, self._stands.shape)[self._stands]
        self.size = len(self._week)
        self._scenario = scenario

    def of(self, metric: Metric) -> np.ndarray:
        """Return a metric, [run and week, *axes]."""
        series = self.traces.series[metric.name]
        if self._stands.all():
            return series.reshape(self.size, *series.shape[2:])
        return series[self._stands]

    def ids(self, rows: int) -> dict[str, Any]:
        """Return the id columns of a table with `rows` rows per week."""
        dated = _dated(self._scenario, np.repeat(self._week, rows))
        return {**_of_runs(self.traces, self.lasted * rows), **dated}

    def between(self, actor: np.ndarray, target: np.ndarray) -> dict[str, Any]:
        """Return the id columns of a table with a row per week and pair of states.

        Args:
            actor: The first of each pair, by its place among the states.
            target: The second.
        """
        columns, codes = self.ids(len(actor)), self._scenario.states
        columns["state"] = _codes(np.tile(actor, self.size), codes)
        columns["target"] = _codes(np.tile(target, self.size), codes)
        return columns


def _weeks(scenario: Scenario, traces: Traces) -> pa.Table:
    states = len(scenario.states)
    weekly = _Weekly(scenario, traces)
    columns = weekly.ids(states)
    columns["state"] = _codes(np.tile(np.arange(states), weekly.size), scenario.states)
    suffixes = {"state munition": scenario.munitions, "state technology": scenario.technologies}
    for metric in METRICS:
        if TABLE[metric.axes] != "weeks":
            continue
        values = weekly.of(metric)
        if metric.axes == "world":
            columns[metric.name] = np.repeat(values, states)
        elif metric.axes == "state":
            columns[metric.name] = values.ravel()
        else:
            for k, code in enumerate(suffixes[metric.axes]):
                columns[f"{metric.name}_{code}"] = values[:, :, k].ravel()
    return pa.table(columns)


def _dyads(scenario: Scenario, traces: Traces) -> pa.Table:
    actor, target = np.asarray(scenario.pairs, np.int64).reshape(-1, 2).T
    weekly = _Weekly(scenario, traces)
    columns = weekly.between(actor, target)
    for metric in METRICS:
        if TABLE[metric.axes] == "dyads":
            columns[metric.name] = weekly.of(metric).ravel()
    return pa.table(columns)


def _routes(scenario: Scenario, traces: Traces) -> pa.Table:
    """Return one row per run, week and route, in the order of the scenario's routes."""
    ends = [[scenario.states.index(code) for code in route] for route in scenario.routes]
    weekly = _Weekly(scenario, traces)
    columns = weekly.between(*np.asarray(ends, np.int64).reshape(-1, 2).T)
    for metric in METRICS:
        if TABLE[metric.axes] != "routes":
            continue
        values = weekly.of(metric)
        if metric.axes == "route":
            columns[metric.name] = values.ravel()
        elif metric.axes == "route munition":
            for k, code in enumerate(scenario.munitions):
                columns[f"{metric.name}_{code}"] = values[:, :, k].ravel()
        else:
            for m, code in enumerate(scenario.observers):
                columns[f"{metric.name}_{code}"] = values[:, m].ravel()
    return pa.table(columns)


def _events(scenario: Scenario, traces: Traces) -> pa.Table:
    place, week, kind, actor, target = traces.events[:, :5].T.astype(np.int64)
    stands = week < completed_weeks(traces, scenario.weeks)[place]
    rows = np.bincount(place[stands], minlength=traces.size)
    return pa.table(
        {
            **_of_runs(traces, rows),
            **_dated(scenario, week[stands]),
            "kind": _codes(kind[stands], EVENTS),
            "actor": _codes(actor[stands], scenario.states),
            "target": _codes(target[stands], scenario.states),
            "value": traces.events[stands, 5],
        }
    )


def summary_names(metric: Metric, scenario: Scenario) -> list[str]:
    """Return the names of a metric's flattened values: `stock_shell_152_PRK`, ...

    Args:
        metric: The metric.
        scenario: Whose codes make up the names.

    Returns:
        One name per value, in the order of the flattened array [*axes].
    """
    name, pairs = metric.name, [f"{source}_{target}" for source, target in scenario.routes]
    states, munitions = scenario.states, scenario.munitions
    match metric.axes:
        case "world":
            return [name]
        case "state":
            return [f"{name}_{state}" for state in states]
        case "state munition":
            return [f"{name}_{k}_{state}" for state, k in product(states, munitions)]
        case "state technology":
            return [f"{name}_{d}_{state}" for state, d in product(states, scenario.technologies)]
        case "dyad":
            return [f"{name}_{states[i]}_{states[j]}" for i, j in scenario.pairs]
        case "route":
            return [f"{name}_{pair}" for pair in pairs]
        case "route munition":
            return [f"{name}_{k}_{pair}" for pair, k in product(pairs, munitions)]
        case _:
            return [f"{name}_{m}_{pair}" for m, pair in product(scenario.observers, pairs)]


def summary_columns(scenario: Scenario) -> list[str]:
    """Return the names of all columns of summaries, in the order of the table of runs."""
    return [
        f"{name}_{how}"
        for metric in METRICS
        for how in metric.reduce
        for name in summary_names(metric, scenario)
    ]


def _runs(scenario: Scenario, traces: Traces) -> pa.Table:
    """Return one row per run; the summaries of a run that failed are NaN."""
    failed = traces.failed_at >= 0
    columns: dict[str, Any] = _of_runs(traces)
    columns["status"] = _codes(failed, ("ok", "failed"))
    columns["failed_at"] = pa.array(traces.failed_at, pa.int64(), mask=~failed)
    columns |= {path: pa.array(values) for path, values in traces.swept.items()}
    columns |= {path: v for path, v in traces.priors.items() if path not in traces.swept}
    for metric in METRICS:
        names = summary_names(metric, scenario)
        for how in metric.reduce:
            values = traces.summary[metric.name, how].reshape(traces.size, len(names)).T
            values = np.where(failed, np.nan, values)
            columns |= {f"{name}_{how}": row for name, row in zip(names, values, strict=True)}
    return pa.table(columns)
