"""Results: a folder of the store, read as frames."""

import shutil
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..scenario.files import local_path
from .accessors import accessor_of
from .checks import part_error, require_parts
from .codebook import codebook, described
from .pairing import ID_COLUMNS as ID_COLUMNS
from .pairing import paired as paired
from .seal import Place, fault
from .show import results_html
from .store import OutputError, part_name, read_manifest
from .summary import summary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

    from ..ensemble.branch import Branch
    from ..ensemble.replay import Replay
    from ..plots.accessor import Plots
    from ..scenario import Scenario

AT_ONCE = 1 << 20
"""Numbers that are read at once where reading column by column would do: 8 MB."""


class Results:
    """A folder of results, read when needed; also of a job that still runs or was stopped.

    Of such a job it shows the parts that were there when it first looked, so that its tables agree
    with each other; opened again, it shows more. Each file is checked when it is first read.

    - `path`: the folder.
    - `manifest`: the job.
    - `plot`: its figures.
    - `branch`: a run again up to a week, and another policy from then on.
    - `replay`: the same job once more, byte for byte.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> results = sim.run(world, runs=2, seed=1, workers=1, engine="reference")
        >>> results
        Results(arms_race_dyad: 2 runs, seed 1)
    """

    if TYPE_CHECKING:
        branch: Branch
        plot: Plots
        replay: Replay

    def __init__(
        self,
        path: str | Path,
        temporary: bool = False,
        parts: Sequence[int] = (),
        trust_code: bool = False,
    ) -> None:
        """Open a folder; a temporary one is removed with this object.

        Args:
            path: The folder.
            temporary: Whether the folder is removed with this object.
            parts: The numbers of the parts to show; those found at the first look if empty.
            trust_code: As of `open_results`.
        """
        try:
            self.path = local_path(path)
        except ValueError as error:
            raise OutputError(str(error)) from None
        self.manifest = read_manifest(self.path)
        self._parts, self._trusted = list(parts), trust_code
        self._count = 0
        self._sound = set[Path]()
        if temporary:
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def __repr__(self) -> str:
        job = self.manifest
        total = job["runs"] * job["points"]
        many = f"{job['runs']} runs" + (f" at {job['points']} points" if job["points"] > 1 else "")
        try:
            many = many if self.complete else f"{self.count} of {total} runs"
        except OutputError as error:
            return f"Results({error})"
        return f"Results({job['scenario']['name']}: {many}, seed {job['seed']})"

    @property
    def parts(self) -> list[int]:
        """Return the numbers of the parts found at the first look that found any.

        Raises:
            OutputError: The folder holds a part that is none of the job, or lacks a table of one.
        """
        if not self._parts:
            self._parts = require_parts(self.path, self.manifest)
        return self._parts

    @property
    def count(self) -> int:
        """Return how many runs there are, of all points."""
        if not self._count:
            files = (self.file("runs", part) for part in self.parts)
            self._count = sum(pq.read_metadata(file).num_rows for file in files)
        return self._count

    @property
    def complete(self) -> bool:
        """Return whether all runs are there."""
        return len(self.parts) == self.manifest["parts"]

    @cached_property
    def scenario(self) -> "Scenario":
        """Return the scenario that was simulated, with its code in Python where that is trusted."""
        from ..scenario import from_mapping
        from ..scenario.stored_code import absent, trusted

        code = (trusted if self._trusted else absent)(self.manifest.get("code", {}))
        return from_mapping(self.manifest["scenario"]).with_code(code)

    def read(
        self, table: str, columns: Sequence[str] | None = None, categories: bool = False
    ) -> "pd.DataFrame":
        """Return a table of all finished parts, or some of its columns.

        Args:
            table: `runs`, `weeks`, `dyads`, `routes` or `events`.
            columns: The columns to read; all if None.
            categories: Whether texts of the columns that are named come as categories, which is
                quicker where there are many rows.

        Raises:
            LookupError: The job did not keep that table, or nothing is finished yet.
            OutputError: A part cannot be read, or is not what the job wrote.

        Examples:
            >>> results.read("weeks", ["run", "week", "stock_arms"]).shape
            (16, 3)
        """
        from .record import TABLES

        record = self.manifest["record"]
        if table not in TABLES[record]:
            raise LookupError(f"a job with record={record} keeps no {table}")
        texts = list(columns or ()) if categories else None
        parts = [self._part(table, part, columns, texts) for part in self.parts]
        if not parts:
            raise LookupError(f"{self.path} holds no finished part yet")
        tables = pa.concat_tables(parts, promote_options="default")
        frame: pd.DataFrame = tables.to_pandas()
        return frame

    def file(self, table: str, part: int) -> Path:
        """Return the file of a part, which is checked at the first time.

        Args:
            table: Its table.
            part: Its number.

        Raises:
            OutputError: It is damaged, gone or of something else; the message says what mends it.

        Examples:
            >>> results.file("runs", 0).name
            'part-00000.parquet'
        """
        file = self.path / table / part_name(part)
        if file not in self._sound:
            place = Place(self.manifest["digest"], table, part)
            found = fault(file, place)
            if found:
                raise part_error(self.path, place, found)
            self._sound.add(file)
        return file

    def check(self) -> None:
        """Check the files of all parts and tables, before anything is made of them.

        Raises:
            OutputError: One is damaged, gone or of something else.

        Examples:
            >>> results.check()
        """
        from .record import TABLES

        for table in TABLES[self.manifest["record"]]:
            for part in self.parts:
                self.file(table, part)

    def _part(
        self,
        table: str,
        part: int,
        columns: Sequence[str] | None = None,
        texts: list[str] | None = None,
    ) -> pa.Table:
        file = self.file(table, part)
        try:
            opened = pq.ParquetFile(file, read_dictionary=texts)
            return opened.read(columns=columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise OutputError(f"{file} cannot be read: {error}") from error

    def good(self, columns: Sequence[str]) -> "Iterator[tuple[str, pd.Series]]":
        """Yield columns of numbers of `runs` with their names, of the runs that did not fail.

        One after the other: however many runs there are, few numbers are held at once.

        Examples:
            >>> [name for name, values in results.good(["war_onsets_sum"])]
            ['war_onsets_sum']
        """
        import pandas as pd

        good = (self.ids["status"] == "ok").to_numpy()
        if self._small:
            yield from ((name, self.runs.loc[good, name]) for name in columns)
            return
        step = max(1, AT_ONCE // self.count)
        for first in range(0, len(columns), step):
            some = columns[first : first + step]
            for name, values in zip(some, self._columns(some), strict=True):
                yield name, pd.Series(values[good], name=name)

    @cached_property
    def _small(self) -> bool:
        """Return whether `runs` may as well be read whole."""
        return self.count * self._part("runs", self.parts[0]).num_columns <= AT_ONCE

    def _columns(self, names: Sequence[str]) -> "Iterator[np.ndarray]":
        """Return columns of numbers of `runs`; holds no more in memory than they and a part."""
        import numpy as np

        values = np.empty((len(names), self.count))
        start = 0
        for part in self.parts:
            table = self._part("runs", part, names)
            for row, name in zip(values, names, strict=True):
                row[start : start + table.num_rows] = table[name].to_numpy()
            start += table.num_rows
        return iter(values)

    @cached_property
    def ids(self) -> "pd.DataFrame":
        """Return one row per run: point, run, seed, status, failed_at."""
        return self.read("runs", ID_COLUMNS)

    @cached_property
    def runs(self) -> "pd.DataFrame":
        """Return one row per run: point, run, seed, status, failed_at, priors drawn, metrics."""
        return self.read("runs")

    @cached_property
    def weeks(self) -> "pd.DataFrame":
        """Return one row per run, week and state."""
        return self.read("weeks")

    @cached_property
    def dyads(self) -> "pd.DataFrame":
        """Return one row per run, week and ordered pair of states."""
        return self.read("dyads")

    @cached_property
    def routes(self) -> "pd.DataFrame":
        """Return one row per run, week and route: `state` supplies, `target` receives."""
        return self.read("routes")

    @cached_property
    def events(self) -> "pd.DataFrame":
        """Return one row per kind of event between an actor and a target in a week."""
        return self.read("events")

    @property
    def failed(self) -> "pd.DataFrame":
        """Return the rows of the runs whose numbers left their range."""
        return self.runs[self.runs["status"] == "failed"]

    def summary(
        self,
        metrics: "str | Sequence[str] | None" = None,
        by: str | Sequence[str] | None = None,
        priors: bool = False,
    ) -> "pd.DataFrame":
        """Return quantiles over the runs that did not fail: one row per summary metric.

        Headline metrics stand first. With several points, one row per point and metric.

        Args:
            metrics: Metrics or columns to show, also patterns such as `stock_*_PRK_*`; None: all.
            by: Columns of `runs` by whose values runs are grouped, such as a path that is swept.
            priors: Whether drawn priors are shown too, below the metrics.

        Raises:
            LookupError: There is no such run, metric or column.

        Examples:
            >>> results.summary("stock_*_RED_*")["unit"].tolist()
            ['units', 'USD bn']
        """
        return summary(self, metrics, by, priors)

    def codebook(self) -> "pd.DataFrame":
        """Return what each column of the tables means, in which unit: by table and column.

        Examples:
            >>> results.codebook().loc[("weeks", "treasury"), "unit"]
            'USD bn'
        """
        return codebook(self.scenario, self.manifest["record"])

    def _repr_html_(self) -> str:
        return results_html(self)

    def to_xarray(self) -> "xr.Dataset":
        """Return all tables but events as one dataset: (point) run week state target.

        Variables have `units` and `long_name`; `date` is a coordinate of the weeks. Runs that
        failed are NaN from the week in which they did.

        Examples:
            >>> dict(results.to_xarray()["force"].sizes)
            {'run': 2, 'week': 4, 'state': 2}
        """
        import xarray as xr

        from .record import TABLES

        many = len(set(self.runs["point"])) > 1
        keys = {
            "runs": ["point", "run"],
            "weeks": ["point", "run", "week", "state"],
            "dyads": ["point", "run", "week", "state", "target"],
            "routes": ["point", "run", "week", "state", "target"],
        }
        parts = []
        for table in TABLES[self.manifest["record"]]:
            if table in keys:
                index = keys[table] if many else keys[table][1:]
                rest = [name for name in ("point", "seed", "date") if name not in index]
                frame = getattr(self, table).drop(columns=rest, errors="ignore")
                parts.append(frame.set_index(index).to_xarray())
        dataset = xr.merge(parts, join="outer", compat="no_conflicts")
        codes = {
            axis: list(self.scenario.states)
            for axis in dataset.sizes
            if axis in ("state", "target")
        }
        dataset = dataset.reindex(codes).assign_attrs(seed=self.manifest["seed"])
        return described(dataset, self.scenario, self.manifest["record"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return accessor_of(self, name)


def open_results(path: str | Path, trust_code: bool = False) -> Results:
    """Open a folder of results.

    Nothing in a folder is run, unless you say that you trust it.

    Args:
        path: The folder.
        trust_code: Whether the policies, phases, desks and metrics that stand in the folder as text
            may be run in this process when `results.scenario` or `results.replay` needs them.
            They may do whatever Python can: say so of folders alone whose text you know.

    Raises:
        OutputError: It holds none, or was changed: its manifest, or which parts there are.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> _ = sim.run(world, runs=2, workers=1, engine="reference", out="my-results")
        >>> sim.open_results("my-results").count
        2
    """
    results = Results(path, trust_code=trust_code)
    require_parts(results.path, results.manifest)
    return results
