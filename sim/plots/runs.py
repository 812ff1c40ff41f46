"""The frames of some results as arrays [run, week, ...], read a column at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..events import EVENTS
from ..results.record import TABLES
from ..results.results import Results
from .selection import Pair as Pair
from .selection import Selection
from .style import drawable


@dataclass(frozen=True)
class Rows:
    """Where the rows of a frame belong; those of failed runs belong nowhere.

    - `keep`: bool [row]; None where all are kept.
    - `run`, `week`, `thing`: positions [kept row]; a thing is a state or an ordered pair i N + j.
    - `things`: the things of every week of every run, where these are the same in their order, so
      that a column is an array [run, week, thing] as it lies; else None.
    """

    keep: np.ndarray | None
    run: np.ndarray
    week: np.ndarray
    thing: np.ndarray
    things: np.ndarray | None


@dataclass(frozen=True)
class Happened:
    """Events of runs that did not fail, one entry per row of the frame.

    - `run`, `week`, `actor`, `target`: positions; `kind`: the code of `sim.events`.
    - `value`: how many.
    """

    run: np.ndarray
    week: np.ndarray
    kind: np.ndarray
    actor: np.ndarray
    target: np.ndarray
    value: np.ndarray

    @property
    def number(self) -> np.ndarray:
        """Return how many events each entry is: a visit that weighs 0.7 is one."""
        return np.asarray(np.ceil(self.value))

    def only(self, chosen: np.ndarray) -> "Happened":
        """Return those entries alone: bool [entry]."""
        return Happened(*(getattr(self, field.name)[chosen] for field in fields(self)))


def keeps(results: Results, table: str) -> bool:
    """Return whether a job kept a table.

    Args:
        results: What was recorded.
        table: `weeks`, `dyads`, `routes` or `events`.
    """
    if isinstance(results, Results):
        return bool(results.parts) and table in TABLES[results.manifest["record"]]
    try:
        results.read(table, ["week"])
    except LookupError:
        return False
    return True


class Runs:
    """The runs of some results that did not fail, for drawing.

    A run is a (point, run) of the frames: the points of a sweep are drawn together. Values are
    float64, NaN where the frames have no row (of a pair that is no route).

    - `scenario`: the scenario that was simulated.
    - `states`, `routes`: its codes.
    - `count`, `failed`: how many runs are drawn, and how many are left out.
    - `points`: how many points of a sweep they are of.
    - `names`: what each run is called, "run 3 of seed 0"; `numbers`: their numbers.
    """

    def __init__(self, results: Results, only: Selection | None = None) -> None:
        """Read who ran.

        Args:
            results: What was recorded.
            only: What is drawn of it; what the figures choose themselves if None.

        Raises:
            LookupError: No run is finished yet.
        """
        self._results = results
        self.only = only or Selection()
        self.scenario = results.scenario
        self.states: tuple[str, ...] = tuple(results.scenario.states)
        self.routes: tuple[Pair, ...] = tuple((i, j) for i, j in results.scenario.routes)
        runs = results.read("runs", ["point", "run", "seed", "status"])
        if self.only.points is not None:
            runs = runs[runs["point"].isin(self.only.points)]
        good = runs["status"] == "ok"
        self.names = [f"run {r.run} of seed {r.seed}" for r in runs[good].itertuples()]
        self.numbers = tuple(int(run) for run in runs.loc[good, "run"])
        self._index = pd.MultiIndex.from_frame(runs.loc[good, ["point", "run"]])
        self.count, self.failed = int(good.sum()), int((~good).sum())
        self.points = runs["point"].nunique()
        self._kept: dict[str, bool] = {}

    def keeps(self, table: str) -> bool:
        """Return whether the job kept a table: `weeks`, `dyads`, `routes` or `events`."""
        if table not in self._kept:
            self._kept[table] = keeps(self._results, table)
        return self._kept[table]

    @property
    def dyads_kept(self) -> bool:
        """Return whether the job kept dyads (`record=full`)."""
        return self.keeps("dyads")

    @cached_property
    def _calendar(self) -> pd.DataFrame:
        weeks = self._results.read("weeks", ["week", "date"])
        first = weeks[~weeks["week"].duplicated()].sort_values("week")
        return first if self.only.weeks is None else first[first["week"] <= self.only.weeks[1]]

    @cached_property
    def _weeks(self) -> pd.Index:
        return pd.Index(self._calendar["week"])

    @cached_property
    def dates(self) -> np.ndarray:
        """Return the first day of each week, datetime64 [week].

        Raises:
            LookupError: The job kept no weeks.
        """
        return np.asarray(self._calendar["date"].to_numpy().astype("datetime64[D]"))

    @cached_property
    def _of_weeks(self) -> Rows:
        return self._rows_of("weeks")

    @cached_property
    def _of_dyads(self) -> Rows:
        return self._rows_of("dyads")

    @cached_property
    def _of_routes(self) -> Rows:
        return self._rows_of("routes")

    def _ids(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Return columns of whom rows are; codes are categories where the store has them so."""
        if isinstance(self._results, Results):
            return self._results.read(table, columns, categories=True)
        return self._results.read(table, columns)

    def _rows_of(self, table: str) -> Rows:
        """Return where the rows of a table by week belong, from a part of it if that says it."""
        ends = ["state"] if table == "weeks" else ["state", "target"]
        columns = ["point", "run", "week", *ends]
        if self._all_alike and isinstance(self._results, Results):
            files = [self._results.file(table, part) for part in self._results.parts]
            first = self._rows_in(pq.read_table(files[0], columns=columns).to_pandas(), ends)
            rows = sum(pq.read_metadata(file).num_rows for file in files)
            if first.things is not None and rows == self._cells * len(first.things):
                none = np.zeros(0, np.int64)
                return Rows(None, none, none, none, first.things)
        rows = self._rows_in(self._ids(table, columns), ends)
        if rows.things is not None and len(rows.thing) != self._cells * len(rows.things):
            return replace(rows, things=None)  # the last runs have none
        return rows

    def _rows_in(self, frame: pd.DataFrame, ends: list[str]) -> Rows:
        thing = self._positions(frame["state"])
        if "target" in ends:
            thing = thing * len(self.states) + self._positions(frame["target"])
        return self._rows(frame, thing)

    @property
    def _cells(self) -> int:
        """Return of how many runs and weeks a table has rows."""
        return self.count * len(self._weeks)

    @property
    def _all_alike(self) -> bool:
        """Return whether all rows of a table by week are drawn, so that runs have the same ones."""
        chosen = self.only.weeks is not None or self.only.points is not None
        return self.points == 1 and not self.failed and not chosen

    def _positions(self, codes: pd.Series) -> np.ndarray:
        """Return the position of each code among the states, -1 for what is none."""
        if isinstance(codes.dtype, pd.CategoricalDtype):
            place = {code: number for number, code in enumerate(self.states)}
            known = [place.get(code, -1) for code in codes.cat.categories]
            return np.array([*known, -1], np.int64)[codes.cat.codes.to_numpy()]
        found = pc.index_in(pa.array(codes.array), value_set=pa.array(self.states))
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)

    def _rows(self, frame: pd.DataFrame, thing: np.ndarray) -> Rows:
        ids = frame["point"].to_numpy() << 32 | frame["run"].to_numpy()
        starts = np.flatnonzero(np.diff(ids, prepend=-1))  # rows of a run stand together
        known = np.asarray([point << 32 | run for point, run in self._index], np.int64)
        blocks = pd.Index(known).get_indexer(pd.Index(ids[starts]))
        run = np.repeat(blocks, np.diff(starts, append=len(ids)))
        weeks = frame["week"].to_numpy()
        last = max(weeks.max(initial=-1), self._weeks.max())
        places = np.full(last + 1, -1)  # by the number of the week
        places[self._weeks.to_numpy()] = np.arange(len(self._weeks))
        week = places[weeks]
        keep = (run >= 0) & (week >= 0)
        if not keep.all():
            run, week, thing = run[keep], week[keep], thing[keep]
        return Rows(keep, run, week, thing, self._pattern(run, week, thing))

    def _pattern(self, run: np.ndarray, week: np.ndarray, thing: np.ndarray) -> np.ndarray | None:
        """Return the things of every week of every run; None where they are not the same."""
        weeks = (int(run.max(initial=-1)) + 1) * len(self._weeks)
        size, left = divmod(len(thing), max(weeks, 1))
        if left or not size:
            return None
        same = np.array_equal(run * len(self._weeks) + week, np.arange(weeks).repeat(size))
        first = thing[:size]
        regular = same and bool((thing.reshape(-1, size) == first).all())
        return first if regular and len(np.unique(first)) == size else None

    def _block(self, rows: Rows, column: np.ndarray) -> np.ndarray | None:
        """Return a column as it lies, [run, week, place in rows.things]; None where it cannot."""
        if rows.things is None:
            return None
        kept = column if rows.keep is None else column[rows.keep]
        return kept.reshape(self.count, len(self._weeks), len(rows.things))

    def _column(self, table: str, name: str) -> np.ndarray:
        """Return a column of a table. Raises KeyError if it has none of that name."""
        return self._results.read(table, [name])[name].to_numpy(np.float64)

    def title(self, state: str) -> str:
        """Return a state's code, and its name if it has one that can be drawn."""
        name = drawable(self.scenario.spec.states[state].name)
        return f"{state}, {name}" if name else state

    def name(self, state: str) -> str:
        """Return a state's name if it has one that can be drawn, else its code."""
        return drawable(self.scenario.spec.states[state].name, 24) or state

    def between(self, pair: Pair, how: str = "to") -> str:
        """Return what two states are called together: "North Korea to Russia".

        Args:
            pair: Their codes.
            how: What stands between their names.
        """
        return f"{self.name(pair[0])} {how} {self.name(pair[1])}"

    def places(self, ranked: Sequence[int], most: int) -> list[int]:
        """Return the positions of the chosen states, or of the first of some, in their order.

        Args:
            ranked: Positions of states, those that matter most first.
            most: How many of them are drawn if none was chosen.
        """
        if self.only.states:
            return [self.states.index(code) for code in self.only.states]
        return sorted(int(place) for place in ranked[:most])

    def unit(self, munition: str) -> str:
        """Return what a munition is counted in."""
        return drawable(self.scenario.spec.munitions[munition].unit) or "units"

    def family(self, munition: str) -> str:
        """Return the family of a munition: its own name if it has none."""
        return self.scenario.spec.munitions[munition].family or munition

    def of_states(self, metric: str) -> np.ndarray:
        """Return a metric of states: [run, week, state]."""
        rows, column = self._of_weeks, self._column("weeks", metric)
        block = self._block(rows, column)
        every = np.arange(len(self.states))
        if block is not None and rows.things is not None and np.array_equal(rows.things, every):
            return block
        out = np.full((self.count, len(self.dates), len(self.states)), np.nan)
        out[rows.run, rows.week, rows.thing] = column[rows.keep]
        return out

    def of_pairs(self, metric: str, pairs: Sequence[Pair]) -> np.ndarray:
        """Return a metric of some dyads: [run, week, pair].

        Args:
            metric: By name.
            pairs: Actor and target of each.
        """
        return self._between(self._of_dyads, self._column("dyads", metric), pairs)

    def of_routes(self, metric: str, routes: Sequence[Pair]) -> np.ndarray:
        """Return a metric of some routes: [run, week, route].

        Args:
            metric: By name; `published_KOR` where it is an observer's.
            routes: Supplier and recipient of each.
        """
        return self._between(self._of_routes, self._column("routes", metric), routes)

    def _between(self, rows: Rows, column: np.ndarray, pairs: Sequence[Pair]) -> np.ndarray:
        """Return a column with those rows as an array: [run, week, pair]."""
        size = len(self.states)
        place = np.full(size * size, -1)
        for number, (actor, target) in enumerate(pairs):
            place[self.states.index(actor) * size + self.states.index(target)] = number
        block = self._block(rows, column)
        if block is not None:
            there = place[rows.things]
            out = np.full((*block.shape[:2], len(pairs)), np.nan)
            out[:, :, there[there >= 0]] = block[:, :, there >= 0]
            return out
        at = place[rows.thing]
        wanted = at >= 0
        out = np.full((self.count, len(self.dates), len(pairs)), np.nan)
        values = column[rows.keep]
        out[rows.run[wanted], rows.week[wanted], at[wanted]] = values[wanted]
        return out

    def mean_of_pairs(self, metric: str) -> np.ndarray:
        """Return the mean of a dyadic metric over runs and weeks, to rank by: [actor, target]."""
        rows, size = self._of_dyads, len(self.states)
        column = self._column("dyads", metric)
        block = self._block(rows, column)
        if block is not None:
            mean = np.zeros(size * size)
            mean[rows.things] = block.mean(axis=(0, 1))
            return mean.reshape(size, size)
        values = column[rows.keep]
        total = np.bincount(rows.thing, values, size * size)
        number = np.bincount(rows.thing, minlength=size * size)
        return (total / np.maximum(number, 1)).reshape(size, size)

    def highest_of_pairs(self, metric: str) -> np.ndarray:
        """Return the highest value of a dyadic metric in any run and week: [actor, target].

        NaN is ignored; the diagonal is -inf.
        """
        rows, size = self._of_dyads, len(self.states)
        column = self._column("dyads", metric)
        block = self._block(rows, column)
        out = np.full(size * size, -np.inf)
        if block is not None:
            out[rows.things] = np.fmax.reduce(block.reshape(-1, block.shape[2]), initial=-np.inf)
            return out.reshape(size, size)
        np.fmax.at(out, rows.thing, column[rows.keep])
        return out.reshape(size, size)

    def of_events(self, kind: str) -> np.ndarray:
        """Return how many events of a kind happened: counts [run, week, actor]."""
        out = np.zeros((self.count, len(self.dates), len(self.states)))
        some = self.events.only(self.events.kind == EVENTS.index(kind))
        np.add.at(out, (some.run, some.week, some.actor), some.value)
        return out

    @cached_property
    def events(self) -> Happened:
        """Return all events."""
        columns = ["point", "run", "week", "kind", "actor", "target", "value"]
        frame = self._ids("events", columns)
        rows = self._rows(frame, self._positions(frame["actor"]))
        kind = np.asarray(pd.Categorical(frame["kind"], categories=list(EVENTS)).codes, np.int64)
        return Happened(
            rows.run,
            rows.week,
            kind[rows.keep],
            rows.thing,
            self._positions(frame["target"])[rows.keep],
            frame["value"].to_numpy(np.float64)[rows.keep],
        )

    def totals(self, amounts: np.ndarray) -> np.ndarray:
        """Return the amounts of the entries of `events`, summed by kind: [run, kind]."""
        out = np.zeros((self.count, len(EVENTS)))
        np.add.at(out, (self.events.run, self.events.kind), amounts)
        return out

    @cached_property
    def traffic(self) -> list[tuple[Pair, float]]:
        """Return the routes that were used, with their mean containers over runs, largest first."""
        if not self.routes or not self.keeps("routes"):
            return []
        shipped = np.nan_to_num(self.of_routes("containers", self.routes))
        carried = shipped.max(axis=1).mean(axis=0)
        ranked = sorted(zip(self.routes, carried.tolist(), strict=True), key=lambda row: -row[1])
        if self.only.routes:
            amounts = dict(ranked)
            return [(route, amounts[route]) for route in self.only.routes]
        return [(route, amount) for route, amount in ranked if amount > 0.0]
