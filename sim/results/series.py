"""Where the weeks of a summary stand: of which table, state or pair, and column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float

from ..engines.traces import TABLE
from ..metrics import METRICS, Metric
from .record import summary_names
from .store import OutputError

if TYPE_CHECKING:
    from ..scenario import Scenario
    from .results import Results

EVERYWHERE = ""
"""Who a metric of the world is about; it stands in each state's row."""


@dataclass(frozen=True)
class Series:
    """A number of every week, as a table holds it.

    - `table`: `weeks`, `dyads` or `routes`.
    - `who`: a state, `PRK`; a pair or route, `PRK to RUS`; or EVERYWHERE.
    - `column`: of the table.
    """

    table: str
    who: str
    column: str


def series_of(scenario: "Scenario") -> dict[str, Series]:
    """Return where the weeks of each summary stand, by the column of the table of runs.

    Args:
        scenario: Whose codes make up the names.
    """
    return {
        f"{name}_{how}": Series(TABLE[metric.axes], who, column)
        for metric in METRICS
        if metric.reduce
        for name, (who, column) in zip(
            summary_names(metric, scenario), _places(metric, scenario), strict=True
        )
        for how in metric.reduce
    }


def _places(metric: Metric, scenario: "Scenario") -> Iterator[tuple[str, str]]:
    """Yield who and which column each value of a metric is, in the order of its names."""
    states = scenario.states
    routes = [pair_name(i, j) for i, j in scenario.routes]
    inner: Sequence[str]
    match metric.axes:
        case "world":
            yield EVERYWHERE, metric.name
            return
        case "state":
            yield from ((state, metric.name) for state in states)
            return
        case "dyad":
            yield from ((pair_name(states[i], states[j]), metric.name) for i, j in scenario.pairs)
            return
        case "route":
            yield from ((route, metric.name) for route in routes)
            return
        case "observer route":
            for observer, route in product(scenario.observers, routes):
                yield route, f"{metric.name}_{observer}"
            return
        case "state munition":
            outer, inner = states, scenario.munitions
        case "state technology":
            outer, inner = states, scenario.technologies
        case _:
            outer, inner = tuple(routes), scenario.munitions
    yield from ((who, f"{metric.name}_{name}") for who, name in product(outer, inner))


def pair_name(actor: str, target: str) -> str:
    """Return what an ordered pair of states is called.

    Args:
        actor: The code of the first.
        target: The code of the second.
    """
    return f"{actor} to {target}"


def read_runs(
    results: "Results", table: str, runs: Sequence[int], columns: Sequence[str] | None = None
) -> pa.Table:
    """Return the rows of some runs of a job that is not a sweep.

    Args:
        results: The job.
        table: `weeks`, `dyads`, `routes` or `events`.
        runs: Their numbers, ascending.
        columns: The columns to read, `run` among them; all if None.

    Raises:
        OutputError: A part cannot be read.
    """
    first, size = results.manifest["first"], results.manifest["runs_a_part"]
    some = sorted({(run - first) // size for run in runs} & set(results.parts))
    found = []
    for part in some:
        file = results.file(table, part)
        try:
            rows = pq.ParquetFile(file).read(columns=columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise OutputError(f"{file} cannot be read: {error}") from error
        found.append(rows.filter(pa.array(np.isin(rows["run"].to_numpy(), runs))))
    return pa.concat_tables(found, promote_options="default")


def weekly(
    results: "Results", series: Series, runs: Sequence[int]
) -> Float[np.ndarray, "run week"]:
    """Return a number of every week of some runs that did not fail.

    Args:
        results: The job, not a sweep.
        series: Where the number stands.
        runs: The numbers of the runs, ascending.

    Raises:
        LookupError: The job did not keep the table.
        OutputError: A part cannot be read.
    """
    from .record import TABLES

    record = results.manifest["record"]
    if series.table not in TABLES[record]:
        raise LookupError(f"a job with record={record} keeps no {series.table}")
    ends = ["state"] if series.table == "weeks" else ["state", "target"]
    rows = read_runs(results, series.table, runs, ["run", *ends, series.column])
    who = series.who or results.scenario.states[0]
    keep = np.ones(len(rows), bool)
    for end, code in zip(ends, who.split(" to "), strict=True):
        keep &= codes(rows[end]) == code
    return rows[series.column].to_numpy()[keep].astype(float).reshape(len(runs), -1)


def codes(column: pa.ChunkedArray) -> np.ndarray:
    """Return the codes of states, or kinds of events, of a column, [row]."""
    return np.asarray(column.cast(pa.string()).to_numpy())
