"""Simulated values of the patterns: one number per run, and its median and 90 % interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float64

from ..engines import reference
from ..ensemble.run import run
from ..results.intervals import wilson
from ..results.results import Results
from ..scenario import Scenario, load
from ..world import THREAT, YEAR
from .disputes import disputes
from .record import LEVEL, TENTH, difference

SUPPLIER, BUYER = "PRK", "RUS"
NO_DEAL = f"states.{SUPPLIER}.desks.transfer=none"
LONG = 5 * YEAR
SMOOTH = YEAR // 2
"""Weeks over which a flow is averaged."""
WORLDS = tuple((size, number) for size in (20, 60) for number in range(3))
"""Synthetic worlds: how many states, and the number of the world."""
MISSILE = "missile"
FIRST = 2.0
"""Trials below which a type counts as new: a redesign keeps a part of those before."""
TRIED = 24
"""Runs of the readable engine at most, which alone says how often a type was tried."""

Runs = Float64[np.ndarray, " run"]


@dataclass(frozen=True)
class Sample:
    """A simulated value with its 90 % interval over runs.

    - `count`: over how many runs.
    """

    value: float
    low: float
    high: float
    count: int


def over_runs(values: Runs) -> Sample | None:
    """Return the median and the 5 and 95 % quantiles over runs; None without a run that has one.

    Args:
        values: A number per run, not a number where it has none.
    """
    there = values[np.isfinite(values)]
    if not len(there):
        return None
    low, middle, high = np.percentile(there, (5, 50, 95))
    return Sample(float(middle), float(low), float(high), len(there))


@dataclass(frozen=True)
class Samples:
    """The runs that patterns are counted from, each simulated when it is first asked for.

    - `scenario`: of spending, tests and transfers.
    - `runs`: of it, and of the same without the deal; `world_runs` of each synthetic world.
    """

    scenario: Scenario
    runs: int
    world_runs: int
    seed: int = 0
    workers: int = 1
    worlds: Sequence[tuple[int, int]] = WORLDS
    engine: str = "auto"

    def count(self, name: str) -> Sample | None:
        """Return a simulated value; None if the scenario has nothing to count it from.

        Args:
            name: One of COUNTED, or `level_2` to `level_5`.
        """
        if name.startswith("level_"):
            return over_runs(self._levels(int(name.removeprefix("level_"))))
        return COUNTED[name](self)

    def simulate(self, scenario: Scenario, runs: int, record: str = "weekly") -> Results:
        """Return runs of a scenario with this seed.

        Args:
            scenario: It.
            runs: How many.
            record: How much is kept.
        """
        return run(
            scenario, runs, self.seed, record, self.engine, workers=self.workers, progress=False
        )

    @cached_property
    def results(self) -> Results:
        """Return the runs of the scenario."""
        return self.simulate(self.scenario, self.runs, "full")

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """Return the militarised disputes of all synthetic worlds, a run of each taken as one."""
        tables = []
        for size, number in self.worlds:
            world = load("synthetic", [f"generate.states={size}", f"generate.seed={number}"])
            tables.append(disputes(self.simulate(world, self.world_runs)))
        table = pd.concat(tables, ignore_index=True)
        # who joins a war of the scenario does so in week 0
        return table[(table["began"] > 0) & (table["level"] >= THREAT)]

    def _levels(self, level: int) -> Runs:
        """Return the share of disputes whose highest level it is, by run."""
        hit = self.conflicts["level"] == level
        return hit.groupby(self.conflicts["run"]).mean().to_numpy(np.float64)

    def of_state(self, code: str, column: str, results: Results | None = None) -> np.ndarray:
        """Return a weekly series of a state: [run, week].

        Args:
            code: Of the state.
            column: Of the table of weeks.
            results: The runs; those of the scenario if None.
        """
        weeks = (results or self.results).weeks
        own = weeks[weeks["state"] == code].sort_values(["run", "week"])
        return own[column].to_numpy(np.float64).reshape(own["run"].nunique(), -1)

    @cached_property
    def longer(self) -> Results:
        """Return the runs, LONG weeks of each, so that a flow may have its peak late."""
        weeks = max(self.scenario.weeks, LONG)
        return self.simulate(self.scenario.with_(f"weeks={weeks}"), self.runs, "full")

    @cached_property
    def route(self) -> pd.DataFrame:
        """Return the weeks of the route from SUPPLIER to BUYER; empty if there is none."""
        table = self.longer.routes
        own = table[(table["state"] == SUPPLIER) & (table["target"] == BUYER)]
        return own.sort_values(["run", "week"])

    def of_route(self, column: str) -> np.ndarray:
        """Return a weekly series of the route: [run, week]; no runs if there is none.

        Args:
            column: Of the table of routes.
        """
        runs = max(self.route["run"].nunique(), 1)
        if column not in self.route:
            return np.zeros((0, 1))
        return self.route[column].to_numpy(np.float64).reshape(runs, -1)

    def has(self, *codes: str) -> bool:
        """Return whether the scenario has these states.

        Args:
            codes: Of states.
        """
        return set(codes) <= set(self.scenario.states)


def _dispute_weeks(samples: Samples) -> Sample | None:
    by_run = samples.conflicts.groupby("run")["weeks"].median()
    return over_runs(by_run.to_numpy(np.float64))


def _growth(statistic: Callable[..., np.ndarray]) -> Callable[[Samples], Sample | None]:
    def count(samples: Samples) -> Sample | None:
        weeks = samples.results.weeks
        weeks = weeks[weeks["state"] != SUPPLIER]  # whose spending no record holds
        weeks = weeks.assign(year=weeks["date"].dt.year)
        yearly = weeks.pivot_table("spending", ["run", "state"], "year", aggfunc="median")
        logs = np.log(yearly.where(yearly > 0.0).to_numpy(np.float64))
        if logs.shape[1] < 2:
            return None
        grown = np.diff(logs, axis=1).reshape(weeks["run"].nunique(), -1)
        return over_runs(statistic(grown, axis=1))

    return count


def _burden(fighting: bool) -> Callable[[Samples], Sample | None]:
    def count(samples: Samples) -> Sample | None:
        at_war = {code for pair in samples.scenario.spec.relations.wars for code in pair}
        weeks = samples.results.weeks
        shares = weeks["gdp_share"].where(weeks["gdp_share"] > 0.0) * 100.0
        chosen = weeks["state"].isin(at_war) == fighting
        chosen &= (weeks["state"] != SUPPLIER) & shares.notna()
        if not chosen.any():
            return None
        by_state = shares[chosen].groupby([weeks["run"], weeks["state"]]).mean()
        return over_runs(by_state.groupby("run").median().to_numpy(np.float64))

    return count


def _dispersion(samples: Samples) -> Sample | None:
    if not samples.has(SUPPLIER) or samples.scenario.weeks < 2 * YEAR:
        return None
    both = samples.of_state(SUPPLIER, "tests") + samples.of_state(SUPPLIER, "launches")
    years = both.shape[1] // YEAR
    yearly = both[:, : years * YEAR].reshape(len(both), years, YEAR).sum(axis=2)
    return over_runs(yearly.var(axis=1, ddof=1) / np.maximum(yearly.mean(axis=1), 1e-9))


def _learning(samples: Samples) -> Sample | None:
    if not samples.has(SUPPLIER) or MISSILE not in samples.scenario.technologies:
        return None
    state = samples.scenario.states.index(SUPPLIER)
    missile = samples.scenario.technologies.index(MISSILE)
    first: list[float] = []
    later: list[float] = []
    for number in range(min(samples.runs, TRIED)):
        before = None
        for week in reference.weeks(samples.scenario, samples.seed, number):
            trials = np.asarray(week.world.trials)[state, missile]
            tests, failed = (float(week.events[kind][state]) for kind in ("test", "test_failed"))
            if before is not None and tests > 0.0:
                place = first if before < FIRST else later if before >= TENTH else []
                place += [0.0] * int(failed) + [1.0] * int(tests - failed)
            before = trials
    if not first or not later:
        return None
    found = difference(np.asarray(first), np.asarray(later), "")
    return Sample(found.value, found.low, found.high, min(samples.runs, TRIED))


def _satellites(samples: Samples) -> Sample | None:
    if not samples.has(SUPPLIER):
        return None
    rates = []
    for kind, failures in (("tests", "test_failures"), ("launches", "launch_failures")):
        tried = samples.of_state(SUPPLIER, kind).sum(axis=1)
        failed = samples.of_state(SUPPLIER, failures).sum(axis=1)
        rates.append(1.0 - failed / np.where(tried > 0.0, tried, np.nan))
    return over_runs(rates[0] - rates[1])


def _peak(samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return the flow over half a year, the week of its peak and that two years later, by run."""
    path = samples.of_route("containers")
    if not len(path) or path.shape[1] < 2 * YEAR + SMOOTH:
        return None
    smooth = path[:, SMOOTH:] - path[:, :-SMOOTH]
    peak = smooth[:, : max(smooth.shape[1] - 2 * YEAR, 1)].argmax(axis=1)
    return smooth, peak, np.minimum(peak + 2 * YEAR, smooth.shape[1] - 1)


def _fall(samples: Samples) -> Sample | None:
    """Return the flow two years after its peak over the peak."""
    found = _peak(samples)
    if found is None:
        return None
    smooth, peak, later = found
    rows = np.arange(len(smooth))
    top = smooth[rows, peak]
    return over_runs(smooth[rows, later] / np.where(top > 0.0, top, np.nan))


def _depletion(samples: Samples) -> Sample | None:
    """Return the supplier's stock to spare two years after the peak over that at the peak."""
    found = _peak(samples)
    if found is None:
        return None
    _, peak, later = found
    state = samples.scenario.spec.states[SUPPLIER]
    munition = max(state.war_plan, key=lambda name: state.war_plan[name])
    kept = state.reserve_weeks * state.war_plan[munition]
    stock = samples.of_state(SUPPLIER, f"stock_{munition}", samples.longer)
    spare = np.maximum(stock - kept, 0.0)
    rows = np.arange(len(spare))
    return over_runs(spare[rows, later] / np.maximum(spare[rows, peak], 1.0))


def _disagreement(samples: Samples) -> Sample | None:
    columns = [column for column in samples.route if str(column).startswith("estimate_")]
    ends = {column: end for column in columns if len(end := samples.of_route(str(column))[:, -1:])}
    one, other = (ends.get(f"estimate_{code}", np.zeros((0, 1)))[:, 0] for code in ("USA", "KOR"))
    if not len(one) or not len(other):
        return None
    least = np.minimum(one, other)
    return over_runs(np.maximum(one, other) / np.where(least > 0.0, least, np.nan))


def _vetoes(trade: bool) -> Callable[[Samples], Sample | None]:
    def count(samples: Samples) -> Sample | None:
        """Return the share of drafts that a permanent member vetoed."""
        if not samples.has(SUPPLIER, BUYER) or not len(samples.route):
            return None
        results = samples.results
        if not trade:
            results = samples.simulate(samples.scenario.with_(NO_DEAL), samples.runs)
        events = results.events
        about = events[(events["target"] == SUPPLIER) | (events["actor"] == SUPPLIER)]
        vetoed = about[about["kind"] == "vetoed"].groupby(["run", "week"]).size()
        drafts = about[about["kind"] == "draft"].groupby(["run", "week"]).size()
        if trade:  # drafts of the weeks after the first containers
            sent = results.routes[results.routes["containers"] > 0.0]
            sent = sent[(sent["state"] == SUPPLIER) & (sent["target"] == BUYER)]
            first = sent.groupby("run")["week"].min()
            begun = first.reindex(drafts.index.get_level_values("run")).to_numpy(np.float64)
            drafts = drafts[drafts.index.get_level_values("week") > begun]
        hits, total = len(drafts.index.intersection(vetoed.index)), len(drafts)
        if not total:
            return None
        return Sample(hits / total, *wilson(hits, total, LEVEL), samples.runs)

    return count


COUNTED: dict[str, Callable[[Samples], Sample | None]] = {
    "dispute_weeks": _dispute_weeks,
    "growth_median": _growth(np.median),
    "growth_std": _growth(np.std),
    "burden_peace": _burden(fighting=False),
    "burden_war": _burden(fighting=True),
    "dispersion": _dispersion,
    "learning": _learning,
    "satellites": _satellites,
    "fall": _fall,
    "depletion": _depletion,
    "disagreement": _disagreement,
    "vetoes_with": _vetoes(trade=True),
    "vetoes_without": _vetoes(trade=False),
}
"""What can be counted, by name."""
