"""Is the default scenario plausible? Each line a number, its interval and a verdict.

What is asked are directions and ranges, never points: the public figures contradict each other.
Comparisons are paired: run r meets the same luck under both policies.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from ..engines import reference
from ..scenario import Scenario, load
from .claims import claims
from .intervals import mean_interval, median_interval, wilson

SCENARIO = "northeast_asia_2023"
SUPPLIER, BUYER, DEFENDER = "PRK", "RUS", "UKR"
NO_DEAL = (f"states.{SUPPLIER}.desks.transfer=none",)
NO_LESSONS = (f"states.{SUPPLIER}.desks.transfer.technology=0",)
UNRESTRAINED = ("rules.escalate.nuclear_restraint=0", "rules.escalate.deterrence=0")
PERFECT = ("rules.perceive.noise=0", "rules.perceive.bias=0", "rules.perceive.learning=1")
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "default": (),
    "no deal": NO_DEAL,
    "no lessons": NO_LESSONS,
    "unrestrained": UNRESTRAINED,
    "perfect information": PERFECT,
    "no timetable": ("timetable=none",),
}


@dataclass(frozen=True)
class Line:
    """One finding."""

    name: str
    number: float
    low: float
    high: float
    wanted: str
    holds: bool

    def __str__(self) -> str:
        verdict = "ok  " if self.holds else "FAIL"
        span = f"[{self.low:9.3g}, {self.high:9.3g}]"
        return f"{verdict} {self.name:<58} {self.number:9.3g} {span:<24} {self.wanted}"


def path(scenario: Scenario, seed: int, run: int) -> dict[str, np.ndarray]:
    """The weekly series of one run that the findings need; each [week] or [week, ...]."""
    state = {code: index for index, code in enumerate(scenario.states)}
    i, j, u = state[SUPPLIER], state[BUYER], state[DEFENDER]
    route = scenario.routes.index((SUPPLIER, BUYER))
    seen: dict[str, list[Any]] = {}

    def keep(**values: Any) -> None:
        for name, value in values.items():
            seen.setdefault(name, []).append(np.array(value, dtype=float))

    for week in reference.weeks(scenario, seed, run):
        world, events, params = week.world, week.events, week.params
        munitions, wiring = params.munitions, params.wiring
        weight = munitions.lethality * (munitions.lethality > 0.0)
        new = wiring.upper * (1.0 - params.relations.war)
        arms = params.states.nuclear
        onset = events["level_up"] * (world.level == 5)
        free = np.maximum(world.stock[i] - week.seen.reserve[i], 0.0) * munitions.containers
        need = np.maximum(world.expenditure[j], params.states.war_plan[j])
        keep(
            shipped=world.shipped[route] @ munitions.containers,
            flow=world.shipment[route] @ munitions.containers,
            free=free.sum(),
            supply=(world.stock[j] @ weight) / (need @ weight),
            fired=world.expenditure[j] @ weight,
            losses=world.losses[u],
            tech=world.tech[i],
            lessons=world.lessons[i],
            taught=world.settled[route, 2],
            tests=events["test"][i].sum(),
            failed=events["test_failed"][i].sum(),
            launches=events["launch_succeeded"][i].sum() + events["launch_failed"][i].sum(),
            launch_failures=events["launch_failed"][i].sum(),
            exposure=1.0 / (1.0 + np.exp(-world.exposure[route])),
            doubt=world.doubt[route],
            disclosures=events["disclosure"].sum(),
            statements=events["joint_statement"].sum(),
            denials=events["denial"].sum(),
            exercises=events["exercise"].sum(),
            detected=world.estimate[:, route].sum(),
            monitor=world.monitor[i],
            level=(new * world.level).max(),
            disputes=(new * (world.level >= 1)).sum(),
            tension=world.tension.sum() / wiring.off.sum(),
            onsets=onset.sum(),
            nuclear_onsets=(onset * arms[:, None] * arms[None, :]).sum(),
        )
    return {name: np.stack(values) for name, values in seen.items()}


def _paths(job: tuple[Scenario, int, int]) -> dict[str, np.ndarray]:
    return path(*job)


Runs = Mapping[str, np.ndarray]
"""Series by name, [run, week, ...]."""


def simulate(
    variants: Mapping[str, Sequence[str]], runs: int, seed: int, weeks: int, workers: int
) -> dict[str, Runs]:
    """The same runs of every variant."""
    scenarios = {
        name: load(SCENARIO, [*overrides, f"weeks={weeks}"]) for name, overrides in variants.items()
    }
    jobs = [(scenario, seed, run) for scenario in scenarios.values() for run in range(runs)]
    if workers == 1:
        paths = [_paths(job) for job in jobs]
    else:
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            paths = list(pool.map(_paths, jobs, chunksize=8))
    found = {}
    for index, name in enumerate(scenarios):
        own = paths[index * runs : (index + 1) * runs]
        found[name] = {key: np.stack([p[key] for p in own]) for key in own[0]}
    return found


def _yearly(values: np.ndarray) -> np.ndarray:
    """Sums over whole years: [run * year]."""
    years = values.shape[1] // 52
    return values[:, : 52 * years].reshape(len(values), years, 52).sum(axis=2).ravel()


def _claims(scenario: Scenario, runs: Runs) -> list[Line]:
    last = scenario.date(runs["shipped"].shape[1] - 1)
    lines = []
    for claim in claims(SUPPLIER, BUYER, scenario.start, last):
        week = (claim.date - scenario.start).days // 7
        low, high = np.quantile(runs["shipped"][:, week], [0.05, 0.95])
        lines.append(
            Line(
                f"containers claimed by {claim.issuer} {claim.date}",
                claim.containers,
                float(low),
                float(high),
                "inside the 90 % band",
                bool(low <= claim.containers <= high),
            )
        )
    return lines


def _difference(
    name: str, a: np.ndarray, b: np.ndarray, wanted: str, test: Callable[[float, float], bool]
) -> Line:
    """The paired mean difference a - b with its 99 % interval."""
    mean, low, high = mean_interval(a - b, 0.99)
    return Line(name, mean, low, high, wanted, test(low, high))


def _share(name: str, hit: np.ndarray, wanted: str, test: Callable[[float, float], bool]) -> Line:
    low, high = wilson(int(hit.sum()), len(hit))
    return Line(name, float(hit.mean()), low, high, wanted, test(low, high))


def _positive(low: float, high: float) -> bool:
    return low > 0.0


def _supply(found: Mapping[str, Runs]) -> list[Line]:
    base, none = found["default"], found["no deal"]
    fall = base["supply"][:, -1] / base["supply"][:, 0]
    middle, low, high = median_interval(fall)
    return [
        Line(f"{BUYER} weeks of supply, end over start", middle, low, high, "< 1", high < 1.0),
        _difference(
            f"{BUYER} weeks of supply, with less without imports",
            base["supply"].mean(axis=1), none["supply"].mean(axis=1), "> 0", _positive,
        ),
        _difference(
            f"{DEFENDER} losses (thousand), with less without imports",
            base["losses"][:, -1], none["losses"][:, -1], "> 0", _positive,
        ),
    ]  # fmt: skip


def _flow(base: Runs) -> list[Line]:
    """The flow's fall over two years after its peak, and how much of it the stock explains."""
    half_year = 26
    weeks = base["flow"].shape[1]
    window = np.ones(half_year) / half_year
    smooth = np.stack([np.convolve(f, window, "valid") for f in base["flow"]])
    peak = smooth[:, : max(weeks - 78, 1)].argmax(axis=1)
    later = np.minimum(peak + 104, smooth.shape[1] - 1)
    rows = np.arange(len(smooth))
    kept = smooth[rows, later] / smooth[rows, peak]
    free = np.stack([np.convolve(f, window, "valid") for f in base["free"]])
    fall = np.log(np.maximum(kept, 1e-9))
    stock = np.log(np.maximum(free[rows, later] / free[rows, peak], 1e-9))
    part = stock.sum() / fall.sum()
    middle, low, high = median_interval(kept)
    return [
        Line("flow two years after its peak, over the peak", middle, low, high, "<= 0.5",
             high <= 0.5),
        Line("share of that fall explained by the supplier's stock", float(part),
             float(part), float(part), "> 0.5", bool(0.5 < part < 2.0)),
    ]  # fmt: skip


def _technology(found: Mapping[str, Runs]) -> list[Line]:
    base, none = found["default"], found["no lessons"]
    gain = base["tech"].sum(axis=2) - none["tech"].sum(axis=2)
    pending = base["lessons"].sum(axis=2) - none["lessons"].sum(axis=2)
    received = gain + pending
    half = [int(np.argmax(series >= 0.5 * series[-1])) for series in received]
    late = [int(np.argmax(series >= 0.5 * series[-1])) for series in gain]
    lag = np.array(late, dtype=float) - np.array(half, dtype=float)
    middle, low, high = mean_interval(lag, 0.99)
    return [
        _difference(
            f"{SUPPLIER} technology (sum of levels), with less without the lessons",
            base["tech"].sum(axis=2)[:, -1], none["tech"].sum(axis=2)[:, -1], "> 0", _positive,
        ),
        Line("weeks from half the lessons to half their effect", middle, low, high, "> 1",
             low > 1.0),
    ]  # fmt: skip


def _trials(base: Runs) -> list[Line]:
    yearly = _yearly(base["tests"])
    dispersion = float(yearly.var(ddof=1) / yearly.mean())
    draws = np.random.default_rng(1).integers(0, len(yearly), (400, len(yearly)))
    boot = yearly[draws].var(axis=1, ddof=1) / yearly[draws].mean(axis=1)
    low, high = np.quantile(boot, [0.025, 0.975])
    tests, good = base["tests"].sum(), base["tests"].sum() - base["failed"].sum()
    missile = wilson(int(good), int(tests))
    launches = base["launches"].sum()
    orbit = launches - base["launch_failures"].sum()
    satellite = wilson(int(orbit), int(launches))
    return [
        Line("tests a year: variance over mean", dispersion, float(low), float(high), "> 5",
             bool(low > 5.0)),
        Line("missile tests: success", good / tests, *missile, "0.8 to 0.95",
             bool(missile[0] >= 0.8 and missile[1] <= 0.95)),
        Line("satellite launches: success", orbit / max(launches, 1.0), *satellite, "< 0.5",
             satellite[1] < 0.5),
    ]  # fmt: skip


def _watch(base: Runs) -> list[Line]:
    last = base["exposure"][:, -52:].mean(axis=1)
    middle, low, high = median_interval(last)
    told = base["disclosures"][:, -52:].sum(axis=1)
    mean, few, many = mean_interval(told)
    voted = base["monitor"][:, -1] == 0.0
    return [
        Line("exposure in the last year (probability)", middle, low, high, "0.3 to 0.97",
             bool(low > 0.3 and high < 0.97)),
        Line("disclosures in the last year", mean, few, many, "0.2 to 20",
             bool(few > 0.2 and many < 20.0)),
        _share("the monitoring body has lapsed by the end", voted, "0.3 to 0.99: by vote",
               lambda low, high: low > 0.3 and high < 0.999),
    ]  # fmt: skip


def _disputes(found: Mapping[str, Runs]) -> list[Line]:
    base, free, perfect = (
        found["default"],
        found["unrestrained"],
        found["perfect information"],
    )
    onset = base["nuclear_onsets"].sum(axis=1) > 0
    wild = free["nuclear_onsets"].sum(axis=1) > 0
    ratio = wild.mean() / max(onset.mean(), 1.0 / len(onset))
    low = wilson(int(wild.sum()), len(wild))[0] / max(wilson(int(onset.sum()), len(onset))[1], 1e-9)
    return [
        _share("runs with a new dispute at a show of force", base["level"].max(axis=1) >= 3,
               "> 0.5", lambda low, high: low > 0.5),
        _share("runs with a war between nuclear states", onset, "upper bound < 0.05",
               lambda low, high: high < 0.05),
        Line("  times as frequent without restraint and deterrence", float(ratio), float(low),
             float("nan"), ">= 3", bool(ratio >= 3.0)),
        _difference("mean tension, perfect information less default", perfect["tension"].mean(axis=1),
                    base["tension"].mean(axis=1), "clear of 0",
                    lambda low, high: low > 0.0 or high < 0.0),
    ]  # fmt: skip


def _unscripted(runs: Runs) -> list[Line]:
    """What arises by itself: the share of runs in which it does."""
    arises = {
        "shipments": runs["shipped"][:, -1] > 100.0,
        "depletion": runs["supply"][:, -1] < runs["supply"][:, 0],
        "technology in return": runs["taught"][:, -1] > 0.0,
        "detection": runs["detected"][:, -1] > 0.0,
        "disclosure and statements": (runs["disclosures"].sum(axis=1) > 0)
        & (runs["statements"].sum(axis=1) > 0),
        "tests": runs["tests"].sum(axis=1) > 0,
        "launches": runs["launches"].sum(axis=1) > 0,
        "exercises": runs["exercises"].sum(axis=1) > 0,
    }
    return [
        _share(f"without a timetable: {name}", hit, "> 0.8", lambda low, high: low > 0.8)
        for name, hit in arises.items()
    ]


def findings(runs: int, seed: int = 0, weeks: int = 156, workers: int = 2) -> list[Line]:
    """All lines, from `runs` runs of each variant."""
    found = simulate(VARIANTS, runs, seed, weeks, workers)
    base = found["default"]
    return [
        *_claims(load(SCENARIO), base),
        *_supply(found),
        *_flow(base),
        *_technology(found),
        *_trials(base),
        *_watch(base),
        *_disputes(found),
        *_unscripted(found["no timetable"]),
    ]
