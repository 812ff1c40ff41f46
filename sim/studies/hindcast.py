"""Hindcast: what was reported after an origin beside what the model would have had reported.

Each quantity becomes a `Target`: reports with their days, those before the origin known, those
after it to be forecast. A forecast is scored beside two baselines that know the reports before the
origin and nothing else. `targets` makes them of a folder of data; nothing here knows a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from ..analysis.observed import Observed
from ..analysis.reports import Errors
from ..scenario import Scenario, from_mapping
from .coverage import BIAS

SUPPLIER, BUYER = "PRK", "RUS"
"""Whose tests, launches and shipments, and whose losses and shipments."""
LOOK_BACK = timedelta(days=3 * 365)
"""Before the origin, from which baselines are fitted."""
GAP = 3
"""Days that a daily series may miss."""
ERRORS = {
    "containers": Errors("log", 50.0, 0.0, 0.3, 0.2, 0.12, 26.0, 0.07),
    "rounds": Errors("log", 1e4, 0.0, 0.4, 0.2, 0.2, 26.0, 0.1),
    "losses": Errors("log", 0.1, float(np.log(BIAS[0])), BIAS[1], 0.2, 0.0, 13.0, 0.1),
    "tests": Errors("root", 0.0, 0.0, 0.2, 0.4, 0.0, 26.0, 0.5),
    "launches": Errors("root", 0.0, 0.0, 0.0, 0.0, 0.0, 26.0, 0.05),
}
"""Chosen; docs/decisions.md says how."""
UNITS = {
    "containers": "containers, cumulative",
    "rounds": "rounds and rockets, cumulative",
    "losses": "thousand a month",
    "tests": "a quarter",
    "launches": "a quarter",
    "test failures": "of known outcomes, a quarter",
    "launch failures": "of known outcomes, a quarter",
    "votes": "1 if vetoed",
}
"""Of every quantity that is scored."""
COUNTS = ("tests", "launches", "test failures", "launch failures", "votes")


@dataclass(frozen=True)
class Target:
    """Reports of a quantity, in the order of their days.

    - `first`, `last`: the days that a report is about; of a cumulative one the same.
    - `low`, `value`, `high`: what was reported. `of`: among how many, of failures.
    - `issuers`: who reported it.
    - `origin`: the first day that is forecast.
    - `known`: of each report, whether it ends before the origin. `scored`: whether it is forecast
      and scored. `simulated`: whether the scenario's weeks hold it.
    """

    quantity: str
    first: pd.DatetimeIndex
    last: pd.DatetimeIndex
    low: Float64[np.ndarray, " report"]
    value: Float64[np.ndarray, " report"]
    high: Float64[np.ndarray, " report"]
    issuers: tuple[str, ...]
    origin: date
    known: Bool[np.ndarray, " report"]
    scored: Bool[np.ndarray, " report"]
    simulated: Bool[np.ndarray, " report"]
    of: Float64[np.ndarray, " report"] = field(default_factory=lambda: np.zeros(0))

    @property
    def cumulative(self) -> bool:
        """Return whether reports are of all that was since a start."""
        return self.quantity in ("containers", "rounds")


def targets(
    data: Observed, scenario: Scenario, since: date | None = None, until: date | None = None
) -> tuple[list[Target], list[str]]:
    """Return what can be forecast and scored, and a line per quantity that cannot.

    Args:
        data: The folder of data.
        scenario: What is simulated; its weeks are no limit, its first day is.
        since: The first day that is forecast; if None, of each quantity the middle of its reports
            within the scenario.
        until: The last day; if None, that of the data.
    """
    parts = {
        "containers": _claims(data, "containers"),
        "rounds": _claims(data, "rounds"),
        "losses": _months(data),
        **_quarters(data),
        "votes": _votes(data),
    }
    found: list[Target] = []
    missing: list[str] = []
    for quantity in UNITS:
        table = parts.get(quantity)
        if table is None or table.empty:
            missing.append(f"{quantity}: the folder holds no observation")
            continue
        target = _target(quantity, table, scenario.start, since, until)
        if target.scored.any():
            found.append(target)
        else:
            last = f"{table['last'].max():%Y-%m-%d}"
            missing.append(
                f"{quantity}: no observation after {target.origin}; the last is of {last}"
            )
    return found, missing


def _target(
    quantity: str, table: pd.DataFrame, start: date, since: date | None, until: date | None
) -> Target:
    """Return the target of a table of reports."""
    begun, over = pd.Timestamp(start), pd.Timestamp(until or date(2200, 1, 1))
    table = table[table["last"] <= over]
    simulated = (table["first"] >= begun).to_numpy(np.bool_)
    inside = table["first"][simulated]
    origin = pd.Timestamp(since) if since else begun
    if since is None and len(inside):
        origin = inside.iloc[len(inside) // 2]
    known = (table["last"] < origin).to_numpy(np.bool_)
    scored = simulated & (table["first"] >= origin).to_numpy(np.bool_)
    low, value, high = (table[name].to_numpy(np.float64) for name in ("low", "value", "high"))
    return Target(
        quantity,
        pd.DatetimeIndex(table["first"]),
        pd.DatetimeIndex(table["last"]),
        low,
        value,
        high,
        tuple(table["issuer"]),
        origin.date(),
        known,
        scored,
        simulated,
        table["of"].to_numpy(np.float64) if "of" in table else np.zeros(0),
    )


def _claims(data: Observed, quantity: str) -> pd.DataFrame:
    """Return claims that name a value; bounds alone are not scored."""
    table = data.of(quantity)
    table = table[(table["kind"] == "claim") & (table["precision"] != "year")]
    return table.assign(first=table["date"], last=table["date"])


def _months(data: Observed) -> pd.DataFrame | None:
    """Return losses per whole month of the daily series."""
    table = data.of("losses")
    table = table[table["precision"] == "day"]
    if table.empty:
        return None
    daily = table.drop_duplicates("date", keep="last").set_index("date")["value"]
    daily = daily.reindex(pd.date_range(daily.index.min(), daily.index.max())).ffill(limit=GAP)
    ends = daily[pd.DatetimeIndex(daily.index).is_month_end]
    values = ends.diff()
    first = (pd.DatetimeIndex(values.index) - pd.offsets.MonthBegin(1)).rename(None)
    found = pd.DataFrame({"first": first, "last": values.index, "value": values.to_numpy()})
    found = found[found["value"].notna()]
    return found.assign(low=found["value"], high=found["value"], issuer=table["issuer"].iloc[0])


def _quarters(data: Observed) -> dict[str, pd.DataFrame]:
    """Return tests, launches and failures per whole quarter.

    The record is taken to be complete to the end of the month of its last event.
    """
    kinds = {"tests": data.of("tests"), "launches": data.of("launches")}
    every = pd.concat(list(kinds.values()))
    every = every[every["precision"] != "year"]
    if every.empty:
        return {}
    last = every["date"].max() + pd.offsets.MonthEnd(0)
    first = every["date"].min() + pd.offsets.QuarterBegin(startingMonth=1)
    starts = pd.date_range(first.normalize(), last, freq="QS")
    ends = starts + pd.offsets.QuarterEnd(0)
    starts, ends = starts[ends <= last], ends[ends <= last]
    found: dict[str, pd.DataFrame] = {}
    for quantity, failures in (("tests", "test failures"), ("launches", "launch failures")):
        table = kinds[quantity]
        table = table[table["precision"] != "year"]
        counted = _counts(table, starts)
        base = pd.DataFrame({"first": starts, "last": ends, "issuer": "record"})
        found[quantity] = base.assign(low=counted, value=counted, high=counted)
        known = _counts(table[table["outcome"] != "unknown"], starts)
        failed = _counts(table[table["outcome"] == "failure"], starts)
        whole = base.assign(low=failed, value=failed, high=failed, of=known)
        found[failures] = whole[known > 0]
    return found


def _counts(table: pd.DataFrame, starts: pd.DatetimeIndex) -> np.ndarray:
    """Return how many events each quarter has."""
    place = np.searchsorted(starts.to_numpy(), table["date"].to_numpy(), side="right") - 1
    inside = (place >= 0) & (table["date"] <= starts.max() + pd.offsets.QuarterEnd(0)).to_numpy()
    return np.bincount(place[inside], minlength=len(starts)).astype(np.float64)


def _votes(data: Observed) -> pd.DataFrame:
    """Return votes as 1 where vetoed."""
    table = data.of("votes")
    vetoed = (table["outcome"] == "vetoed").astype(np.float64)
    return table.assign(
        first=table["date"], last=table["date"], low=vetoed, value=vetoed, high=vetoed
    )


def weeks_needed(found: Sequence[Target], scenario: Scenario) -> int:
    """Return how many weeks the scenario must have to hold all that is scored.

    Args:
        found: The targets.
        scenario: The scenario.
    """
    last = max((target.last[target.scored].max() for target in found), default=None)
    if last is None:
        return scenario.weeks
    return max(scenario.weeks, (last.date() - scenario.start).days // 7 + 2)


def as_known(found: Sequence[Target], scenario: Scenario) -> Scenario:
    """Return the scenario as it was known at the earliest origin, as long as it must be.

    The timetable ends there: what it holds of later days is the record's own.

    Args:
        found: The targets.
        scenario: The scenario.
    """
    origin = min(target.origin for target in found)
    mapping = dict(scenario.mapping)
    kept = [entry for entry in mapping.get("timetable") or [] if _day(entry["date"]) < origin]
    mapping |= {"timetable": kept, "weeks": weeks_needed(found, scenario)}
    return from_mapping(mapping).with_code(scenario.code)


def _day(given: object) -> date:
    """Return the day of an entry of the timetable."""
    return given if isinstance(given, date) else date.fromisoformat(str(given))
