"""Forecasts of the targets of a hindcast, from runs and from two baselines, and their scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from ..analysis import scores
from ..analysis.reports import forecast
from ..results.results import Results
from ..scenario import Scenario
from .hindcast import BUYER, COUNTS, ERRORS, LOOK_BACK, SUPPLIER, Target

ROUNDS = ("rounds", "rockets")
"""Units of the munitions that claims of rounds count together."""
VOTE_WEEKS = 26
"""Before and after a vote, in which a run's drafts stand for it."""
APART = 14.0
"""Days that two claims must lie apart to give a flow."""
TRIALS_BEFORE = 1.0
"""Failures and successes each that a run's failure share begins with."""


@dataclass(frozen=True)
class Forecast:
    """What was forecast of a target's scored reports, and its scores.

    - `ensemble`: [run, report]. `changes`: of each report since its issuer's last one, if there is
      one; `changed`: which reports have one, `change`: what was reported.
    - `baselines`: by name, the point first: [member, report].
    - `crps`, `points`, `spreads`: of the model, of the baselines' points, of those with spread.
    - `pit`: the place of each report. `logs`: log scores of counts, of the model and baselines.
    """

    target: Target
    ensemble: Float64[np.ndarray, "run report"]
    changes: Float64[np.ndarray, "run change"]
    change: Float64[np.ndarray, " change"]
    changed: Bool[np.ndarray, " report"]
    baselines: dict[str, np.ndarray]
    crps: Float64[np.ndarray, " report"]
    points: dict[str, np.ndarray]
    spreads: dict[str, np.ndarray]
    pit: Float64[np.ndarray, " report"]
    logs: dict[str, np.ndarray]

    def inside(self, level: float) -> np.ndarray:
        """Return whether each scored report touches the band.

        Args:
            level: Of the band.
        """
        target, kept = self.target, self.target.scored
        return scores.in_band(self.ensemble, target.low[kept], target.high[kept], level)

    def changes_inside(self, level: float) -> np.ndarray:
        """Return whether each change lies in its band.

        Args:
            level: Of the band.
        """
        if not len(self.change):
            return np.zeros(0, np.bool_)
        return scores.in_band(self.changes, self.change, self.change, level)


@dataclass(frozen=True)
class Simulated:
    """The series of runs that targets are about, and what runs drew.

    - `series`: cumulative containers, rounds, losses, tests, launches and failures: [run, week].
    - `drafts`: a row per draft on SUPPLIER: `run`, `week`, `vetoed`.
    - `biases`: the log bias of an observer, by its code: [run].
    """

    scenario: Scenario
    series: dict[str, np.ndarray]
    drafts: pd.DataFrame
    biases: dict[str, np.ndarray]

    def during(self, target: Target) -> Float64[np.ndarray, "run report"]:
        """Return what runs did in the days of each simulated report.

        Args:
            target: The reports.
        """
        path = self.series[target.quantity]
        ends = at_days(path, self._days(target.last[target.simulated]) + 1.0)
        if target.cumulative:
            return ends
        return ends - at_days(path, self._days(target.first[target.simulated]))

    def _days(self, when: pd.DatetimeIndex) -> np.ndarray:
        """Return days since the start."""
        return np.asarray((when - pd.Timestamp(self.scenario.start)).days, dtype=np.float64)


def at_days(cumulative: np.ndarray, days: Float64[np.ndarray, " time"]) -> np.ndarray:
    """Return a cumulative series at times between its weeks: [run, time].

    Args:
        cumulative: At the end of each week, [run, week].
        days: Since the start of the first week.
    """
    whole = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    weeks = np.clip(days / 7.0, 0.0, whole.shape[1] - 1.0)
    low = np.minimum(weeks.astype(np.int64), whole.shape[1] - 2)
    return whole[:, low] * (1.0 - (weeks - low)) + whole[:, low + 1] * (weeks - low)


def simulated(results: Results) -> Simulated:
    """Return the series of some runs.

    Args:
        results: With a full record.
    """
    scenario = results.scenario
    weeks, routes = results.weeks, results.routes
    runs = weeks["run"].nunique()

    def of_state(code: str, column: str) -> np.ndarray:
        own = weeks[weeks["state"] == code].sort_values(["run", "week"])
        return own[column].to_numpy(np.float64).reshape(runs, -1)

    own = routes[(routes["state"] == SUPPLIER) & (routes["target"] == BUYER)]
    own = own.sort_values(["run", "week"])
    shells = [n for n, one in scenario.spec.munitions.items() if one.unit in ROUNDS]
    shipped = sum(own[f"shipped_{name}"].to_numpy(np.float64) for name in shells)
    series = {
        "containers": own["containers"].to_numpy(np.float64).reshape(runs, -1),
        "rounds": np.asarray(shipped).reshape(runs, -1),
        "losses": of_state(BUYER, "losses"),
        "tests": np.cumsum(of_state(SUPPLIER, "tests"), axis=1),
        "launches": np.cumsum(of_state(SUPPLIER, "launches"), axis=1),
        "test failures": np.cumsum(of_state(SUPPLIER, "test_failures"), axis=1),
        "launch failures": np.cumsum(of_state(SUPPLIER, "launch_failures"), axis=1),
    }
    numbers = results.runs.sort_values("run")
    numbers = numbers[numbers["status"] == "ok"]
    biases = {
        code: numbers[path].to_numpy(np.float64)
        for code in scenario.states
        if (path := f"states.{code}.estimate_bias") in numbers
    }
    return Simulated(scenario, series, _drafts(results.events), biases)


def _drafts(events: pd.DataFrame) -> pd.DataFrame:
    """Return the drafts on SUPPLIER, and whether one was vetoed in that week."""
    about = events[events["target"] == SUPPLIER]
    drafts = about[about["kind"] == "draft"][["run", "week"]].drop_duplicates()
    vetoed = about[about["kind"] == "vetoed"][["run", "week"]].drop_duplicates()
    return drafts.merge(vetoed.assign(vetoed=1.0), "left", ["run", "week"]).fillna({"vetoed": 0.0})


def made(target: Target, runs: Simulated, weighed: bool, seed: int) -> Forecast:
    """Return the forecast of a target with its scores.

    Args:
        target: It.
        runs: The runs.
        weighed: Whether runs count by what was reported before the origin.
        seed: Of the draws.
    """
    kept = target.scored
    ensemble = _ensemble(target, runs, weighed, seed)
    changes, change, changed = _changes(target, ensemble)
    baselines = _baselines(target, runs, seed)
    observed = target.value[kept]
    spread = {name: found for name, found in baselines.items() if len(found) > 1}
    return Forecast(
        target,
        ensemble,
        changes,
        change,
        changed,
        baselines,
        scores.crps(ensemble, observed),
        {name: scores.crps(found[:1], observed) for name, found in baselines.items()},
        {name: scores.crps(found[1:], observed) for name, found in spread.items()},
        scores.pit(ensemble, observed, seed),
        _logs(target, ensemble, baselines),
    )


def _ensemble(target: Target, runs: Simulated, weighed: bool, seed: int) -> np.ndarray:
    """Return what would be reported, [run, scored report]."""
    rng = np.random.default_rng([seed, 1])
    if target.quantity == "votes":
        return _vote_members(target, runs, rng)
    if target.quantity in ("test failures", "launch failures"):
        failed = runs.series[target.quantity][:, -1]
        tried = runs.series["tests" if target.quantity == "test failures" else "launches"][:, -1]
        share = (failed + TRIALS_BEFORE) / (tried + 2.0 * TRIALS_BEFORE)
        many = target.of[target.scored].astype(np.int64)
        return rng.binomial(many, share[:, None]).astype(np.float64)
    done = runs.during(target)
    inside = target.simulated
    issuers = [who for who, there in zip(target.issuers, inside, strict=True) if there]
    weeks = np.asarray((target.last[inside] - target.last[0]).days, dtype=np.float64) / 7.0
    none = np.full(len(done), np.nan)
    biases = np.stack([runs.biases.get(who, none) for who in issuers], axis=1)
    known = target.known[inside]
    forecast_of = known | target.scored[inside]  # what lies across the origin is neither
    return forecast(
        done[:, forecast_of],
        target.value[inside][forecast_of],
        known[forecast_of],
        weeks[forecast_of],
        [who for who, there in zip(issuers, forecast_of, strict=True) if there],
        biases[:, forecast_of],
        ERRORS[target.quantity],
        weighed,
        seed,
    )


def _vote_members(target: Target, runs: Simulated, rng: np.random.Generator) -> np.ndarray:
    """Return 1 or 0 per run and vote: whether a draft of that time was vetoed in the run."""
    count = len(next(iter(runs.series.values())))
    start = pd.Timestamp(runs.scenario.start)
    members = np.zeros((count, int(target.scored.sum())))
    for place, day in enumerate(target.first[target.scored]):
        week = (day - start).days // 7
        near = runs.drafts[(runs.drafts["week"] - week).abs() <= VOTE_WEEKS]
        drawn = near if len(near) else runs.drafts
        outcomes = drawn["vetoed"].to_numpy(np.float64) if len(drawn) else np.asarray([0.0, 1.0])
        members[:, place] = rng.choice(outcomes, count)
    return members


def _changes(target: Target, ensemble: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the changes since the last report of the same issuer: forecast, seen, which have one.

    A report before the origin is known; one after it is as the same member forecast it.
    """
    places = np.flatnonzero(target.scored)
    found, seen, changed = [], [], np.zeros(len(places), np.bool_)
    own_votes = target.quantity in COUNTS and target.quantity != "tests"
    for order, place in enumerate(places):
        before = [p for p in range(place) if target.issuers[p] == target.issuers[place]]
        before = [p for p in before if target.known[p] or target.scored[p]]
        if not before or own_votes:
            continue
        last = before[-1]
        known = target.value[last] if target.known[last] else ensemble[:, places.searchsorted(last)]
        found.append(ensemble[:, order] - known)
        seen.append(target.value[place] - target.value[last])
        changed[order] = True
    if not found:
        return np.zeros((len(ensemble), 0)), np.zeros(0), changed
    return np.stack(found, axis=1), np.asarray(seen), changed


def _baselines(target: Target, runs: Simulated, seed: int) -> dict[str, np.ndarray]:
    """Return the forecasts of both baselines, the point first: [member, scored report]."""
    start = pd.Timestamp(target.origin) - LOOK_BACK
    history = target.known & np.asarray(target.first >= start)
    zero = pd.Timestamp(runs.scenario.start)
    days = np.asarray((target.last - zero).days, dtype=np.float64)
    ahead, at, values = days[target.scored], days[history], target.value[history]
    if target.cumulative:
        issuers = [who for who, old in zip(target.issuers, history, strict=True) if old]
        return _cumulative(at, values, issuers, ahead)
    if not len(values):
        at, values = np.asarray([0.0]), np.asarray([0.0])
    found = {
        "persistence": scores.persistence(at, values, ahead, seed),
        "trend": scores.trend(at, values, ahead, seed),
    }
    return {name: np.maximum(members, 0.0) for name, members in found.items()}


def _cumulative(
    at: np.ndarray, values: np.ndarray, issuers: Sequence[str], ahead: np.ndarray
) -> dict[str, np.ndarray]:
    """Return points of both baselines for a cumulative series.

    That flow persists which the last issuer's last two claims give, or else the last two claims
    that lie apart, or else the only claim since the start; the trend is a line through all claims.
    """
    if not len(values):
        none = np.zeros((1, len(ahead)))
        return {"persistence": none, "trend": none}
    own = [n for n in range(len(at) - 1) if issuers[n] == issuers[-1]]
    before = [n for n in own or range(len(at) - 1) if at[-1] - at[n] >= APART]
    origin, base = (at[before[-1]], values[before[-1]]) if before else (0.0, 0.0)
    flow = max((values[-1] - base) / max(at[-1] - origin, 1.0), 0.0)
    kept = values[-1] + flow * (ahead - at[-1])
    line = scores.trend(at, values, ahead)[0] if len(np.unique(at)) > 1 else kept
    return {"persistence": kept[None], "trend": line[None]}


def _logs(
    target: Target, ensemble: np.ndarray, baselines: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return log scores of a count, of the model and of both baselines; none of an amount."""
    if target.quantity not in COUNTS:
        return {}
    observed = target.value[target.scored]
    found = {"model": scores.log_score(ensemble, observed)}
    for name, members in baselines.items():
        if target.quantity == "votes":
            chance = np.clip(members[0], 0.05, 0.95)
            found[name] = -np.log(np.where(observed > 0.5, chance, 1.0 - chance))
        else:
            found[name] = scores.poisson_log_score(members[0], observed)
    return found
