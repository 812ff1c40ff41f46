"""When and where two worlds part: the first week, and the first numbers, in which runs differ.

Run r has the same noise in both, so until a change is felt its two worlds are the same number by
number. Rules and engines add up in orders of their own: what agrees to nine digits is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from jaxtyping import Bool, Int

from ..engines.traces import TABLES
from ..metrics import METRICS
from .series import EVERYWHERE, Series, codes, pair_name, read_runs

if TYPE_CHECKING:
    from .results import Results

SAME = 1e-9
"""What differs by no more, relative to the larger, is the same: so far the engines agree."""
NEVER = np.iinfo(np.int64).max
"""The week in which runs part that never do."""
IDS = ("point", "run", "seed", "week", "date", "state", "target")
ORDER = ("routes", "dyads", "weeks", "events")
"""The order of tables among places that part equally often."""
FirstWeeks = Int[np.ndarray, " run"]


@dataclass(frozen=True)
class Parting:
    """When and where the runs of two jobs part.

    - `runs`: the numbers of the runs that failed in neither.
    - `tables`: those compared.
    - `places`: for each number of these tables that parts in any run, the first week in which it
      does, by run; NEVER where it does not.
    """

    runs: tuple[int, ...]
    tables: tuple[str, ...]
    places: dict[Series, FirstWeeks] = field(repr=False)

    @property
    def weeks(self) -> FirstWeeks:
        """Return the first week in which anything differs, by run; NEVER where nothing does."""
        never = np.full(len(self.runs), NEVER)
        return np.minimum.reduce([never, *self.places.values()])

    @property
    def share(self) -> float:
        """Return the share of runs in which anything differs."""
        return float(np.mean(self.weeks != NEVER))

    @property
    def week(self) -> float:
        """Return the median of the first weeks over the runs that part; NaN if none does."""
        return median_week(self.weeks)

    def table(self) -> pd.DataFrame:
        """Return the numbers that part, those first that are most often among the first to do so.

        Returns:
            One row per number: `table`, `who` and `column`; `first`, the share of the parting runs
            in which it differs in the very week in which they part; `share` of all runs in which it
            ever differs, and `week`, the median of its first week over these.
        """
        weeks = self.weeks
        ever = weeks != NEVER
        rows = [
            (
                place.table,
                place.who,
                place.column,
                float(np.mean(first[ever] == weeks[ever])),
                float(np.mean(first != NEVER)),
                median_week(first),
            )
            for place, first in sorted(self.places.items(), key=lambda x: ORDER.index(x[0].table))
        ]
        found = pd.DataFrame(rows, columns=["table", "who", "column", "first", "share", "week"])
        return found.sort_values("first", ascending=False, kind="stable", ignore_index=True)


def median_week(first: FirstWeeks) -> float:
    """Return the median of first weeks over the runs that part; NaN if none does.

    Args:
        first: By run; NEVER where it does not part.
    """
    some = first[first != NEVER]
    return float(np.median(some)) if some.size else np.nan


def parting(a: "Results", b: "Results", runs: Sequence[int]) -> Parting:
    """Return when and where runs of two jobs part, in the tables of weeks that both kept.

    States, pairs, routes and columns that one job lacks are left out, as are weeks.

    Args:
        a: A job, not a sweep.
        b: Another with the same seed.
        runs: The numbers of runs that failed in neither, ascending.

    Raises:
        OutputError: A part cannot be read.
    """
    kept = [table for table in TABLES[a.manifest["record"]] if table in _kept(b)]
    tables = tuple(table for table in kept if table != "runs")
    places: dict[Series, FirstWeeks] = {}
    weeks = min(a.scenario.weeks, b.scenario.weeks)
    size, start = a.manifest["runs_a_part"], 0
    while start < len(runs):
        part = (runs[start] - a.manifest["first"]) // size
        stop = int(np.searchsorted(runs, a.manifest["first"] + (part + 1) * size))
        for table in tables:
            x, y = (read_runs(job, table, runs[start:stop]) for job in (a, b))
            find = _of_events if table == "events" else _of_weeks
            for place, first in find(table, x, y, runs[start:stop], weeks):
                places.setdefault(place, np.full(len(runs), NEVER))[start:stop] = first
        start = stop
    return Parting(tuple(runs), tables, places)


def _kept(results: "Results") -> tuple[str, ...]:
    return tuple(TABLES[results.manifest["record"]])


def same(x: np.ndarray, y: np.ndarray) -> Bool[np.ndarray, "..."]:
    """Return where numbers agree to nine digits, or are both NaN.

    Args:
        x: Numbers.
        y: As many.
    """
    larger = np.maximum(np.abs(x), np.abs(y))
    equal: Bool[np.ndarray, ...] = (np.abs(x - y) <= SAME * larger) | (x == y)
    return equal | (np.isnan(x) & np.isnan(y))


def _of_weeks(
    table: str, x: pa.Table, y: pa.Table, runs: Sequence[int], weeks: int
) -> Iterator[tuple[Series, FirstWeeks]]:
    """Yield the numbers of a dense table that part, and the first week by run."""
    of_x, of_y = _things(table, x, len(runs)), _things(table, y, len(runs))
    common = [thing for thing in of_x if thing in set(of_y)]
    if not common:
        return
    world = {metric.name for metric in METRICS if metric.axes == "world"}
    columns = [name for name in x.column_names if name in y.column_names and name not in IDS]
    for column in columns:
        some = common[:1] if column in world else common
        left, right = (
            _dense(rows[column], len(runs), of, some)[:, :weeks]
            for rows, of in ((x, of_x), (y, of_y))
        )
        differs = ~same(left, right)
        if not differs.any():
            continue
        first = np.where(differs.any(axis=1), differs.argmax(axis=1), NEVER)
        for place, thing in enumerate(some):
            if (first[:, place] != NEVER).any():
                who = EVERYWHERE if column in world else thing
                yield Series(table, who, column), first[:, place]


def _things(table: str, rows: pa.Table, runs: int) -> list[str]:
    """Return what the rows of one week are about: states, pairs or routes."""
    if len(rows) == 0:
        return []
    week = rows["week"].to_numpy()
    change = np.flatnonzero(np.diff(week))
    many = int(change[0]) + 1 if change.size else len(rows) // runs
    head = rows.slice(0, many)
    if table == "weeks":
        return list(codes(head["state"]))
    ends = zip(codes(head["state"]), codes(head["target"]), strict=True)
    return [pair_name(actor, target) for actor, target in ends]


def _dense(
    column: pa.ChunkedArray, runs: int, things: Sequence[str], some: Sequence[str]
) -> np.ndarray:
    """Return a column as numbers [run, week, thing]: runs that did not fail have every week."""
    values = column.to_numpy().astype(np.float64).reshape(runs, -1, len(things))
    if list(some) == list(things):
        return np.asarray(values)
    return np.asarray(values[:, :, [things.index(thing) for thing in some]])


def _of_events(
    table: str, x: pa.Table, y: pa.Table, runs: Sequence[int], weeks: int
) -> Iterator[tuple[Series, FirstWeeks]]:
    """Yield the kinds of events between an actor and a target that part, and the week by run."""
    keys = ["run", "week", "kind", "actor", "target"]
    left, right = (_counts(rows, keys, weeks) for rows in (x, y))
    both = left.merge(right, on=keys, how="outer").fillna({"value_x": 0.0, "value_y": 0.0})
    apart = both[~same(both["value_x"].to_numpy(), both["value_y"].to_numpy())]
    for names, rows in apart.groupby(keys[2:], sort=True):
        kind, actor, target = map(str, names)
        first = np.full(len(runs), NEVER)
        weeks_of = rows.groupby("run")["week"].min()
        first[np.searchsorted(runs, weeks_of.index.to_numpy())] = weeks_of.to_numpy()
        yield Series(table, pair_name(actor, target), kind), first


def _counts(rows: pa.Table, keys: Sequence[str], weeks: int) -> pd.DataFrame:
    """Return how many events there were in the first weeks, by run, week, kind and states."""
    names = {name: codes(rows[name]) for name in keys[2:]}
    numbers = {name: rows[name].to_numpy() for name in ("run", "week", "value")}
    frame = pd.DataFrame(numbers | names)
    return frame[frame["week"] < weeks]
