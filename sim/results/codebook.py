"""What the columns of results mean: the metric, its place, its unit and its definition."""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..engines.traces import TABLE, TABLES
from ..metrics import METRICS, Metric

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..scenario import Scenario

ID_MEANINGS = {
    "point": "the number of the point of a sweep",
    "run": "the number of the run",
    "seed": "the master seed",
    "status": "ok, or failed: its numbers left their range",
    "failed_at": "the week in which it failed",
    "week": "from 0",
    "date": "the first day of the week",
    "state": "the state; the supplier of a route; the actor of a pair",
    "target": "the recipient of a route; the other state of a pair",
    "kind": "the kind of event (docs/events.md)",
    "actor": "who acted",
    "value": "how many",
}
IDS = {
    "runs": ("point", "run", "seed", "status", "failed_at"),
    "weeks": ("point", "run", "seed", "week", "date", "state"),
    "dyads": ("point", "run", "seed", "week", "date", "state", "target"),
    "routes": ("point", "run", "seed", "week", "date", "state", "target"),
    "events": ("point", "run", "seed", "week", "date", "kind", "actor", "target", "value"),
}
"""The columns that say what a row is of."""
OVER_WEEKS = {
    "last": "in the last week",
    "mean": "mean over weeks",
    "max": "highest of all weeks",
    "min": "lowest of all weeks",
    "sum": "sum over weeks",
}
CARRIES_TIME = " per week"


@dataclass(frozen=True)
class Column:
    """A column of a table of results.

    - `table`, `column`: where it stands.
    - `metric`: what is measured, with `unit` and `definition`; of a prior `prior`.
    - `of`: the place that the name holds, such as `shell_152 of PRK`, `PRK to RUS`.
    - `over_weeks`: how a run is summarised, in words; empty in tables by week.
    """

    table: str
    column: str
    metric: str
    of: str
    over_weeks: str
    unit: str
    definition: str

    @property
    def label(self) -> str:
        """Return what a reader calls it: `stock, shell_152 of PRK`."""
        name = self.metric.replace("_", " ") if self.metric != "prior" else self.column
        return ", ".join(part for part in (name, self.of.replace("_", " ")) if part)


def columns_of(scenario: "Scenario", record: str) -> Iterator[Column]:
    """Yield the columns of a job's tables in their order, without those that a sweep sets.

    Args:
        scenario: What was simulated.
        record: How much was kept: a key of TABLES.
    """
    for table in TABLES[record]:
        for name in IDS[table]:
            yield Column(table, name, "", "", "", "", ID_MEANINGS[name])
        if table == "runs":
            for path in scenario.priors:
                law, a, b = scenario.uncertain[path][0].law
                drawn = f"drawn for each run: {law}({a:g}, {b:g})"
                yield Column(table, path, "prior", "", "", "", drawn)
            yield from _summaries(scenario)
        elif table != "events":
            for metric in METRICS:
                if TABLE[metric.axes] == table:
                    yield from _weekly(metric, table, scenario)


def _summaries(scenario: "Scenario") -> Iterator[Column]:
    """Yield the columns that summarise a run, in the order of the table of runs."""
    for metric in METRICS:
        for how in metric.reduce:
            for suffix, of in _places(metric, scenario):
                unit = metric.unit
                if how == "sum" and unit.endswith(CARRIES_TIME):
                    unit = unit.removesuffix(CARRIES_TIME)
                elif how == "sum" and unit == "per week":
                    unit = "count"
                name = f"{metric.name}{suffix}_{how}"
                yield Column(
                    "runs", name, metric.name, of, OVER_WEEKS[how], unit, metric.definition
                )


def _places(metric: Metric, scenario: "Scenario") -> list[tuple[str, str]]:
    """Return the ends of a metric's names in the table of runs, and what each is of."""
    states, munitions = scenario.states, scenario.munitions
    ways = [(f"{source}_{target}", f"{source} to {target}") for source, target in scenario.routes]
    match metric.axes:
        case "world":
            return [("", "")]
        case "state":
            return [(f"_{state}", state) for state in states]
        case "state munition":
            return [(f"_{k}_{state}", f"{k} of {state}") for state, k in product(states, munitions)]
        case "state technology":
            pairs = product(states, scenario.technologies)
            return [(f"_{d}_{state}", f"{d} of {state}") for state, d in pairs]
        case "dyad":
            named = [(states[i], states[j]) for i, j in scenario.pairs]
            return [(f"_{i}_{j}", f"{i} toward {j}") for i, j in named]
        case "route":
            return [(f"_{way}", of) for way, of in ways]
        case "route munition":
            return [(f"_{k}_{way}", f"{k}, {of}") for (way, of), k in product(ways, munitions)]
        case _:
            return [
                (f"_{m}_{way}", f"{of}, says {m}")
                for m, (way, of) in product(scenario.observers, ways)
            ]


def _weekly(metric: Metric, table: str, scenario: "Scenario") -> Iterator[Column]:
    """Yield the columns of a metric in a table by week."""
    inner = {
        "state munition": scenario.munitions,
        "state technology": scenario.technologies,
        "route munition": scenario.munitions,
        "observer route": scenario.observers,
    }.get(metric.axes)
    for code in inner or ("",):
        name = f"{metric.name}_{code}" if code else metric.name
        of = f"says {code}" if metric.axes == "observer route" else code
        yield Column(table, name, metric.name, of, "", metric.unit, metric.definition)


def codebook(scenario: "Scenario", record: str) -> "pd.DataFrame":
    """Return a row for each column of a job's tables: what it means and in which unit.

    Args:
        scenario: What was simulated.
        record: How much was kept.
    """
    import pandas as pd

    names = [field.name for field in fields(Column)]
    rows = [(*astuple(column), column.label) for column in columns_of(scenario, record)]
    return pd.DataFrame(rows, columns=[*names, "label"]).set_index(["table", "column"])


def with_units(scenario: "Scenario", record: str, made: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Return tables of which those by week carry what their columns mean, as metadata `columns`.

    It is JSON, column to [unit, definition]. The table of runs carries none: with hundreds of
    columns and a row per run it would be longer than the numbers.

    Args:
        scenario: What was simulated.
        record: How much is kept.
        made: The tables, by name.
    """
    said: dict[str, dict[str, list[str]]] = {}
    for column in columns_of(scenario, record):
        if column.metric and column.table != "runs":
            said.setdefault(column.table, {})[column.column] = [column.unit, column.definition]
    return {
        name: table.replace_schema_metadata({"columns": json.dumps(said[name])})
        if name in said
        else table
        for name, table in made.items()
    }


def described(dataset: "xr.Dataset", scenario: "Scenario", record: str) -> "xr.Dataset":
    """Return a dataset whose variables carry `units` and `long_name`, with the date of each week.

    Args:
        dataset: The tables of a job, by run, week, state and target.
        scenario: What was simulated.
        record: How much was kept.
    """
    for column in columns_of(scenario, record):
        if column.metric and column.column in dataset:
            said = ", ".join(part for part in (column.label, column.over_weeks) if part)
            dataset[column.column].attrs |= {"units": column.unit, "long_name": said}
    if "week" in dataset.sizes:
        days = [np.datetime64(scenario.date(week), "ns") for week in dataset["week"].to_numpy()]
        dataset = dataset.assign_coords(date=("week", np.asarray(days, "datetime64[ns]")))
    return dataset
