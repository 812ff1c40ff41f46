"""Two worlds, run by run: what a change does to every metric, how surely, and from when on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..scenario.problems import nearest
from .drivers import drivers
from .effect_text import comparison_lines
from .pairing import paired_table
from .parting import NEVER, Parting, median_week, parting, same
from .responses import LEVEL, MOST_HEADLINES, candidates, moved, number_columns
from .results import Results
from .series import Series, series_of, weekly
from .text import QUANTILES

NO_CHANNEL, NOT_CLEAR, RISES, FALLS = "no channel", "not clear", "rises", "falls"
"""What can be said of an effect: nothing differs in any run; its interval holds 0; or not."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a change does: the second of two jobs less the first, in the same runs.

    It can be read as its table: `comparison.loc["disputes_mean"]`.

    - `a`, `b`: the jobs.
    - `headline`: the metrics that describe the comparison; the first rows of the table.
    - `table`: a row per metric, over the runs that failed in neither. What `paired` gives: `a`,
      `b`, `difference`, `low`, `high`, `variance_reduction`; `correlation` of the two worlds over
      runs, and their standard deviations `sd_a` and `sd_b`; `standard`, the difference in standard
      deviations over runs; `5%`, `50%`, `95%`, quantiles of the effect over runs; `rises`, `same`,
      `falls`, the shares of runs of each sign; `parts`, the share of runs in which it differs in
      any week, and `week`, the median of the first such week over these (NaN where a job kept no
      weeks of it); `effect`, one of NO_CHANNEL, NOT_CLEAR, RISES, FALLS.
    - `parting`: when and where the runs part; None where a job kept no weeks.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> richer = {"states.RED.spending": 80}
        >>> found = sim.compare(world, b=richer, runs=3, workers=1, engine="reference")
        >>> len(found.runs)
        3
    """

    a: Results
    b: Results
    headline: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    parting: Parting | None = field(repr=False)

    def __repr__(self) -> str:
        return "\n".join(
            [f"Comparison({self.a.scenario.name}: {len(self.runs)} runs)", *self.lines()]
        )

    def _repr_html_(self) -> str:
        return str(self.table.loc[list(self.headline)].to_html())

    def __getitem__(self, key: Any) -> Any:
        return self.table[key]

    def __len__(self) -> int:
        return len(self.table)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "table":
            raise AttributeError(name)
        return getattr(self.table, name)

    @cached_property
    def runs(self) -> tuple[int, ...]:
        """Return the numbers of the runs that failed in neither job, ascending."""
        return tuple(int(run) for run in _common(self.a, self.b))

    def lines(self) -> list[str]:
        """Return what can be said of the change, a sentence each, the headline metrics first.

        Examples:
            >>> all(isinstance(line, str) for line in found.lines())
            True
        """
        return comparison_lines(self)

    def row(self, metric: str) -> dict[str, Any]:
        """Return a metric's row of the table, by column.

        Raises:
            ValueError: There is no such metric.

        Examples:
            >>> float(found.row("war_onsets_sum")["difference"])
            0.0
        """
        self._require(metric)
        return {str(name): value for name, value in self.table.loc[metric].items()}

    def effects(self, metric: str) -> pd.Series:
        """Return the effect on a metric, by run.

        Raises:
            ValueError: There is no such metric.

        Examples:
            >>> found.effects("war_onsets_sum").tolist()
            [0.0, 0.0, 0.0]
        """
        return self._of_runs("b", metric) - self._of_runs("a", metric)

    def drivers(self, metric: str) -> pd.DataFrame:
        """Return the priors that explain the effect on a metric over runs, the strongest first.

        Args:
            metric: A row of the table.

        Returns:
            As `sim.results.drivers.drivers`: `rho` with `low` and `high`, and the noise `floor`.

        Raises:
            ValueError: There is no such metric.

        Examples:
            >>> len(found.drivers("war_onsets_sum"))  # of a world without priors
            0
        """
        return drivers(self.effects(metric).to_numpy(), self.priors)

    def weekly(self, metric: str) -> Float[np.ndarray, "run week"]:
        """Return the effect on a metric in every week, by run.

        Args:
            metric: A row of the table; its weeks, not their summary, are compared.

        Raises:
            ValueError: There is no such metric, or no such weeks.
            LookupError: A job kept no weeks of it.

        Examples:
            >>> found.weekly("war_onsets_sum").shape
            (3, 4)
        """
        self._require(metric)
        weeks = min(self.a.scenario.weeks, self.b.scenario.weeks)
        of_a, of_b = (
            weekly(job, series_of(job.scenario)[metric], self.runs)[:, :weeks]
            for job in (self.a, self.b)
        )
        return of_b - of_a

    @cached_property
    def priors(self) -> pd.DataFrame:
        """Return what each run drew: those of the second job that the first has, and its own."""
        of_a, of_b = (
            _numbers(job, list(job.scenario.priors), self.runs) for job in (self.a, self.b)
        )
        more = [name for name in of_b.columns if name not in of_a.columns]
        return of_a.join(of_b[more])

    def _of_runs(self, job: str, metric: str) -> pd.Series:
        self._require(metric)
        return _numbers(getattr(self, job), [metric], self.runs)[metric]

    def _require(self, metric: str) -> None:
        if metric not in self.table.index:
            raise ValueError(f"metric: there is no '{metric}'{nearest(metric, self.table.index)}")


def comparison(a: Results, b: Results, headline: Sequence[str] = ()) -> Comparison:
    """Compare two jobs run by run; runs with the same seed and number share their noise.

    Args:
        a: The first job, not a sweep.
        b: The second; effects are of it less the first.
        headline: Metrics to put first; those that the change moves most if empty.

    Raises:
        ValueError: Fewer than two runs are common to both, or they share no noise; a job is a
            sweep, or lacks a metric.
        OutputError: A part cannot be read.
    """
    problems = [
        f"{name}: a comparison is of two jobs, and this is a sweep"
        for name, job in (("a", a), ("b", b))
        if job.manifest["points"] > 1
    ]
    if a.manifest["seed"] != b.manifest["seed"]:
        problems.append("seed: runs share their noise under the same master seed alone")
    known = _shared_metrics(a, b)
    problems += [
        f"metrics: there is no '{name}'{nearest(name, known)}"
        for name in headline
        if name not in known
    ]
    if problems:
        raise ValueError("\n".join(problems))
    runs = _common(a, b)
    if len(runs) < 2:
        raise ValueError("a comparison needs at least two runs that both jobs finished")
    x, y = (_numbers(job, known, runs) for job in (a, b))
    y = y.where(~same(x.to_numpy(), y.to_numpy()), x)
    first = tuple(dict.fromkeys(headline)) or _moved_most(a, known, x, y)
    ordered = [*first, *(name for name in known if name not in first)]
    part = parting(a, b, runs) if "weeks" in _tables(a) and "weeks" in _tables(b) else None
    return Comparison(a, b, first, _table(a, x[ordered], y[ordered], part), part)


def _tables(results: Results) -> tuple[str, ...]:
    from .record import TABLES

    return tuple(TABLES[results.manifest["record"]])


def _common(a: Results, b: Results) -> list[int]:
    """Return the runs that failed in neither job, ascending."""
    of_a, of_b = (set(job.ids.loc[job.ids["status"] == "ok", "run"]) for job in (a, b))
    return sorted(int(run) for run in of_a & of_b)


def _shared_metrics(a: Results, b: Results) -> list[str]:
    priors = {*a.scenario.priors, *b.scenario.priors}
    of_b = set(number_columns(b))
    return [name for name in number_columns(a) if name in of_b and name not in priors]


def _numbers(results: Results, columns: Sequence[str], runs: Sequence[int]) -> pd.DataFrame:
    frame = results.read("runs", ["run", *columns]).set_index("run")
    return frame.loc[list(runs)].astype(float)


def _moved_most(
    a: Results, known: Sequence[str], x: pd.DataFrame, y: pd.DataFrame
) -> tuple[str, ...]:
    """Return the headline metrics that move; of those that do not, the first alone."""
    some = candidates(a, known) or list(known)
    far = {name: moved(np.stack([x[name].to_numpy(), y[name].to_numpy()])) for name in some}
    chosen = [name for name in some if far[name] > LEVEL]
    return tuple((chosen or [name for name in some if far[name]] or some[:1])[:MOST_HEADLINES])


def _table(a: Results, x: pd.DataFrame, y: pd.DataFrame, part: Parting | None) -> pd.DataFrame:
    table = paired_table(x, y)
    difference = y - x
    spread = np.sqrt((x.var() + y.var()) / 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (x.var() + y.var() - difference.var()) / 2.0
        table["correlation"] = (covariance / (x.std() * y.std())).where(x.std() * y.std() > 0)
    table["sd_a"], table["sd_b"] = x.std(), y.std()
    table["standard"] = table["difference"] / spread.where(spread > 0.0)
    for share in QUANTILES:
        table[f"{share:.0%}"] = difference.quantile(share)
    table["rises"] = (difference > 0.0).mean()
    table["same"] = (difference == 0.0).mean()
    table["falls"] = (difference < 0.0).mean()
    places = series_of(a.scenario)
    of = {name: _first(part, places.get(name)) for name in table.index}
    table["parts"] = [
        1.0 - table.loc[name, "same"] if first is None else float(np.mean(first != NEVER))
        for name, first in of.items()
    ]
    table["week"] = [np.nan if first is None else median_week(first) for first in of.values()]
    table["effect"] = np.select(
        [
            (table["parts"] == 0.0) & (table["same"] == 1.0),
            table["low"] > 0.0,
            table["high"] < 0.0,
        ],
        [NO_CHANNEL, RISES, FALLS],
        NOT_CLEAR,
    )
    return table


def _first(part: Parting | None, series: Series | None) -> np.ndarray | None:
    """Return the first weeks in which a metric parts by run; None where no weeks are kept."""
    if part is None or series is None or series.table not in part.tables:
        return None
    return part.places.get(series, np.full(len(part.runs), NEVER))
