"""What is kept of a run, and the tables that it becomes.

A metric of a run is a series [week, *axes]. Four tables hold what a job asked for:

- `runs`: a row a run, with the metrics' summaries over weeks;
- `weeks`: a row a run, week and state; what the world has once stands in each state's row;
- `dyads`: a row a run, week and ordered pair; route metrics are NaN where no route runs;
- `events`: a row a kind, actor and target that occurred in a week.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from .events import EVENTS
from .metrics import METRICS, Metric
from .scenario import Scenario

RECORDS = ("summary", "weekly", "full")
# In the order of writing: the row of a run comes last, as the record that the others are there.
TABLES = {
    "summary": ("runs",),
    "weekly": ("events", "weeks", "runs"),
    "full": ("dyads", "events", "weeks", "runs"),
}
TABLE = {
    "world": "weeks",
    "state": "weeks",
    "state munition": "weeks",
    "state technology": "weeks",
    "dyad": "dyads",
    "route": "dyads",
    "route munition": "dyads",
    "observer route": "dyads",
}
REDUCE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "last": lambda series: series[-1],
    "mean": lambda series: series.mean(axis=0),
    "max": lambda series: series.max(axis=0),
    "min": lambda series: series.min(axis=0),
    "sum": lambda series: series.sum(axis=0),
}


@dataclass(frozen=True)
class Trace:
    """What one run leaves.

    - `failed_at`: the week whose numbers left their range, if one did.
    - `weeks`: how many weeks were played, T.
    - `series`: by metric, float64 [T, *axes].
    - `events`: float64 rows [week, kind, actor, target, value].
    """

    point: int
    run: int
    seed: int
    priors: Mapping[str, float]
    failed_at: int | None
    weeks: int
    series: Mapping[str, np.ndarray]
    events: np.ndarray


def measured(record: str) -> tuple[Metric, ...]:
    """The metrics that a record needs: those of its tables, and those that summarise a run."""
    return tuple(m for m in METRICS if m.reduce or TABLE[m.axes] in TABLES[record])


def shape(metric: Metric, scenario: Scenario) -> tuple[int, ...]:
    """The shape of a metric's value in one week."""
    size = {
        "state": (len(scenario.states),),
        "dyad": (len(scenario.states),) * 2,
        "munition": (len(scenario.munitions),),
        "technology": (len(scenario.technologies),),
        "route": (len(scenario.routes),),
        "observer": (len(scenario.observers),),
        "world": (),
    }
    return sum((size[axis] for axis in metric.axes.split()), ())


def tables(scenario: Scenario, record: str, traces: Sequence[Trace]) -> dict[str, pa.Table]:
    """The tables of some runs, in the order in which they are to be written."""
    build = {"runs": _runs, "weeks": _weeks, "dyads": _dyads, "events": _events}
    return {name: build[name](scenario, traces) for name in TABLES[record]}


def _codes(index: np.ndarray, codes: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(index.astype(np.int32), pa.array(codes, pa.string()))


def _of_runs(traces: Sequence[Trace], rows: Sequence[int]) -> dict[str, np.ndarray]:
    """The columns that say which run a row is of; `rows` of each."""
    return {
        name: np.repeat(np.asarray([getattr(t, name) for t in traces], np.int64), rows)
        for name in ("point", "run", "seed")
    }


def _dated(scenario: Scenario, week: np.ndarray) -> dict[str, Any]:
    """The columns `week` and `date`."""
    start = np.datetime64(scenario.date(0), "ms")
    return {"week": week, "date": pa.array(start + 7 * week.astype("timedelta64[D]"))}


def _stacked(metric: Metric, traces: Sequence[Trace]) -> np.ndarray:
    return np.concatenate([trace.series[metric.name] for trace in traces])


def _weekly_ids(scenario: Scenario, traces: Sequence[Trace], rows: int) -> dict[str, Any]:
    """The id columns of a table with `rows` rows a week."""
    week = np.repeat(np.concatenate([np.arange(t.weeks) for t in traces]), rows)
    return {**_of_runs(traces, [t.weeks * rows for t in traces]), **_dated(scenario, week)}


def _weeks(scenario: Scenario, traces: Sequence[Trace]) -> pa.Table:
    states = len(scenario.states)
    weeks = sum(trace.weeks for trace in traces)
    columns = _weekly_ids(scenario, traces, states)
    columns["state"] = _codes(np.tile(np.arange(states), weeks), scenario.states)
    suffixes = {"state munition": scenario.munitions, "state technology": scenario.technologies}
    for metric in METRICS:
        if TABLE[metric.axes] != "weeks":
            continue
        values = _stacked(metric, traces)
        if metric.axes == "world":
            columns[metric.name] = np.repeat(values, states)
        elif metric.axes == "state":
            columns[metric.name] = values.ravel()
        else:
            for k, code in enumerate(suffixes[metric.axes]):
                columns[f"{metric.name}_{code}"] = values[:, :, k].ravel()
    return pa.table(columns)


def _dyads(scenario: Scenario, traces: Sequence[Trace]) -> pa.Table:
    size = len(scenario.states)
    actor, target = np.nonzero(~np.eye(size, dtype=bool))
    dyad_of = {
        (scenario.states[i], scenario.states[j]): d
        for d, (i, j) in enumerate(zip(actor, target, strict=True))
    }
    on = np.asarray([dyad_of[route] for route in scenario.routes], np.int64)
    weeks = sum(trace.weeks for trace in traces)
    columns = _weekly_ids(scenario, traces, len(actor))
    columns["state"] = _codes(np.tile(actor, weeks), scenario.states)
    columns["target"] = _codes(np.tile(target, weeks), scenario.states)

    def spread(values: np.ndarray) -> np.ndarray:
        """Route values [week, route] as a column over dyads."""
        out = np.full((weeks, len(actor)), np.nan)
        out[:, on] = values
        return out.ravel()

    for metric in METRICS:
        if TABLE[metric.axes] != "dyads":
            continue
        values = _stacked(metric, traces)
        if metric.axes == "dyad":
            columns[metric.name] = values[:, actor, target].ravel()
        elif metric.axes == "route":
            columns[metric.name] = spread(values)
        elif metric.axes == "route munition":
            for k, code in enumerate(scenario.munitions):
                columns[f"{metric.name}_{code}"] = spread(values[:, :, k])
        else:
            for m, code in enumerate(scenario.observers):
                columns[f"{metric.name}_{code}"] = spread(values[:, m])
    return pa.table(columns)


def _events(scenario: Scenario, traces: Sequence[Trace]) -> pa.Table:
    rows = np.concatenate([trace.events for trace in traces])
    week, kind, actor, target = rows[:, :4].T.astype(np.int64)
    return pa.table(
        {
            **_of_runs(traces, [len(trace.events) for trace in traces]),
            **_dated(scenario, week),
            "kind": _codes(kind, EVENTS),
            "actor": _codes(actor, scenario.states),
            "target": _codes(target, scenario.states),
            "value": rows[:, 4],
        }
    )


def summary_names(metric: Metric, scenario: Scenario) -> list[str]:
    """The names of a metric's values, in the order of the flattened array: `stock_shell_152_PRK`.

    A dyad's own diagonal has the name "".
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
            return [f"{name}_{i}_{j}" if i != j else "" for i, j in product(states, states)]
        case "route":
            return [f"{name}_{pair}" for pair in pairs]
        case "route munition":
            return [f"{name}_{k}_{pair}" for pair, k in product(pairs, munitions)]
        case _:
            return [f"{name}_{m}_{pair}" for m, pair in product(scenario.observers, pairs)]


def _runs(scenario: Scenario, traces: Sequence[Trace]) -> pa.Table:
    """A row a run; the summaries of a run that failed are NaN."""
    columns: dict[str, Any] = _of_runs(traces, [1] * len(traces))
    failed = np.asarray([trace.failed_at is not None for trace in traces])
    columns["status"] = _codes(failed, ("ok", "failed"))
    columns["failed_at"] = pa.array([trace.failed_at for trace in traces], pa.int64())
    for path in traces[0].priors:
        columns[path] = np.asarray([trace.priors[path] for trace in traces], np.float64)
    for metric in METRICS:
        names = summary_names(metric, scenario)
        for how in metric.reduce:
            values = np.full((len(traces), len(names)), np.nan)
            for row, trace in enumerate(traces):
                if trace.failed_at is None:
                    values[row] = REDUCE[how](trace.series[metric.name]).ravel()
            columns |= {
                f"{name}_{how}": values[:, column] for column, name in enumerate(names) if name
            }
    return pa.table(columns)
