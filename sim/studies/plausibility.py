"""Is the default scenario plausible? Each line is a number, its interval and a verdict.

What is tested are directions and ranges, never points: the public figures contradict each other.
Comparisons are paired: run r has the same noise under both policies.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from ..engines import reference
from ..results.intervals import mean_interval, median_interval, wilson
from ..scenario import Scenario, load
from ..scenario.observed import observations_of
from ..world import DISPLAY, DISPUTE, MEANS, WAR, YEAR

SCENARIO = "northeast_asia_2023"
HALF_YEAR = YEAR // 2
ABOVE_ZERO = 1e-9
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
    """One finding: a number, its interval, and the range where it is wanted."""

    name: str
    number: float
    low: float
    high: float
    least: float
    most: float

    def holds(self, strict: bool = True) -> bool:
        """Return whether the interval lies in the range; if not strict, whether it overlaps it."""
        if strict:
            return bool(self.least <= self.low and self.high <= self.most)
        return bool(self.least <= self.high and self.low <= self.most)

    def text(self, strict: bool = True) -> str:
        """Return the finding on a line: ok, FAIL, or open where a part of the interval fits."""
        verdict = "ok  " if self.holds() else "FAIL" if not self.holds(strict) else "open"
        span = f"[{self.low:.3g}, {self.high:.3g}]"
        wanted = f"in [{self.least:g}, {self.most:g}]"
        if self.most == np.inf:
            wanted = "above 0" if self.least == ABOVE_ZERO else f"at least {self.least:g}"
        return f"{verdict} {self.name:<60} {self.number:>8.3g}  {span:<18} {wanted}"


def path(scenario: Scenario, seed: int, run: int) -> dict[str, np.ndarray]:
    """Return the weekly series of one run that the findings need.

    Args:
        scenario: What is simulated.
        seed: The master seed.
        run: The number of the run.
    """
    state = {code: index for index, code in enumerate(scenario.states)}
    i, j, u = state[SUPPLIER], state[BUYER], state[DEFENDER]
    route = scenario.routes.index((SUPPLIER, BUYER))
    seen: dict[str, list[Any]] = {}

    def keep(**values: Any) -> None:
        for name, value in values.items():
            seen.setdefault(name, []).append(np.array(value, dtype=float))

    for week in reference.weeks(scenario, seed, run):
        world, events, params = week.world, week.events, week.params
        munitions, wiring, pair = params.munitions, params.wiring, params.wiring.pair
        weight = munitions.lethality * (munitions.lethality > 0.0)
        new = pair.once * (1.0 - params.relations.war)
        arms = params.states.nuclear
        onset = events["level_up"] * (world.level == WAR)
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
            taught=world.settled[route, MEANS.index("technology")],
            tests=events["test"][i],
            failed=events["test_failed"][i],
            launches=events["launch_succeeded"][i] + events["launch_failed"][i],
            launch_failures=events["launch_failed"][i],
            exposure=1.0 / (1.0 + np.exp(-world.exposure[route])),
            doubt=world.doubt[route],
            disclosures=events["disclosure"].sum(),
            statements=events["joint_statement"].sum(),
            denials=events["denial"].sum(),
            exercises=events["exercise"].sum(),
            detected=world.estimate[:, route].sum(),
            monitor=world.monitor[i],
            level=(new * world.level).max(),
            disputes=(new * (world.level >= DISPUTE)).sum(),
            tension=world.tension.sum() / wiring.off.sum(),
            onsets=onset.sum(),
            nuclear_onsets=(onset * pair.of(arms) * pair.toward(arms)).sum(),
        )
    return {name: np.stack(values) for name, values in seen.items()}


def _paths(job: tuple[Scenario, int, int]) -> dict[str, np.ndarray]:
    return path(*job)


Runs = Mapping[str, np.ndarray]
"""Series by name, [run, week, ...]."""


def simulate(
    variants: Mapping[str, Sequence[str]], runs: int, seed: int, weeks: int, workers: int
) -> Mapping[str, Runs]:
    """Return the same runs of every variant.

    Args:
        variants: The overrides of each variant, by name.
        runs: How many runs of each variant.
        seed: The master seed.
        weeks: How many weeks per run.
        workers: How many processes.
    """
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
    found: dict[str, Runs] = {}
    for index, name in enumerate(scenarios):
        own = paths[index * runs : (index + 1) * runs]
        found[name] = {key: np.stack([p[key] for p in own]) for key in own[0]}
    return found


def _yearly(values: np.ndarray) -> np.ndarray:
    """Return sums over whole years: [run, year]."""
    years = values.shape[1] // YEAR
    return values[:, : YEAR * years].reshape(len(values), years, YEAR).sum(axis=2)


def _claims(scenario: Scenario, runs: Runs) -> list[Line]:
    """Return where each public claim lies among the runs: 0 below all, 1 above all."""
    last = scenario.date(runs["shipped"].shape[1] - 1)
    lines = list[Line]()
    route = (SUPPLIER, BUYER)
    said = observations_of(scenario.observations, "containers", route, scenario.start, last)
    for claim in said:
        if claim.value is None:
            continue
        week = (claim.day - scenario.start).days // 7
        shipped = runs["shipped"][:, week]
        low, high = np.quantile(shipped, [0.05, 0.95])
        label = f"{claim.issuer} {claim.day}: {claim.value:,.0f}"
        name = f"{label} in {low:,.0f} to {high:,.0f}, rank"
        lines.append(_share(name, shipped < claim.value, 0.05, 0.95))
    return lines


def _difference(name: str, a: np.ndarray, b: np.ndarray) -> Line:
    """Return the paired mean difference a - b with its 99 % interval, wanted above 0."""
    return Line(name, *mean_interval(a - b, 0.99), ABOVE_ZERO, np.inf)


def _share(name: str, hit: np.ndarray, least: float, most: float) -> Line:
    """Return the share of runs with its Wilson interval."""
    return Line(name, float(hit.mean()), *wilson(int(hit.sum()), len(hit)), least, most)


def _bootstrap(statistic: Callable[[np.ndarray], np.ndarray], count: int) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of runs; it takes drawn run numbers [draw, run]."""
    draws = np.random.default_rng(1).integers(0, count, (400, count))
    low, high = np.quantile(statistic(draws), [0.025, 0.975])
    return float(low), float(high)


def _supply(found: Mapping[str, Runs]) -> list[Line]:
    base, none = found["default"], found["no deal"]
    fall = base["supply"][:, -1] / base["supply"][:, 0]
    return [
        Line(f"{BUYER} weeks of supply, end over start", *median_interval(fall), 0.0, 0.9),
        _difference(
            f"{BUYER} weeks of supply, with less without imports",
            base["supply"].mean(axis=1),
            none["supply"].mean(axis=1),
        ),
        _difference(
            f"{DEFENDER} losses (thousand), with less without imports",
            base["losses"][:, -1],
            none["losses"][:, -1],
        ),
    ]


def _flow(base: Runs) -> list[Line]:
    """Return the flow's fall over two years after its peak, and the stock's share in it."""
    weeks = base["flow"].shape[1]
    window = np.ones(HALF_YEAR) / HALF_YEAR
    smooth = np.stack([np.convolve(flow, window, "valid") for flow in base["flow"]])
    free = np.stack([np.convolve(stock, window, "valid") for stock in base["free"]])
    peak = smooth[:, : max(weeks - 3 * HALF_YEAR, 1)].argmax(axis=1)
    later = np.minimum(peak + 2 * YEAR, smooth.shape[1] - 1)
    rows = np.arange(len(smooth))
    kept = smooth[rows, later] / smooth[rows, peak]
    fall = np.log(np.maximum(kept, 1e-9))
    stock = np.log(np.maximum(free[rows, later] / free[rows, peak], 1e-9))
    low, high = _bootstrap(lambda draw: stock[draw].sum(axis=1) / fall[draw].sum(axis=1), len(fall))
    return [
        Line("flow two years after its peak, over the peak", *median_interval(kept), 0.0, 0.5),
        Line(
            "share of that fall explained by the supplier's free stock",
            float(stock.sum() / fall.sum()), low, high, 0.5, 1.5,
        ),
    ]  # fmt: skip


def _technology(found: Mapping[str, Runs]) -> list[Line]:
    base, none = found["default"], found["no lessons"]
    gain = base["tech"].sum(axis=2) - none["tech"].sum(axis=2)
    pending = base["lessons"].sum(axis=2) - none["lessons"].sum(axis=2)

    def half(series: np.ndarray) -> np.ndarray:
        return np.argmax(series >= 0.5 * series[:, -1:], axis=1).astype(float)

    lag = half(gain) - half(gain + pending)
    return [
        _difference(
            f"{SUPPLIER} technology (sum of levels), with less without lessons",
            base["tech"].sum(axis=2)[:, -1],
            none["tech"].sum(axis=2)[:, -1],
        ),
        Line("weeks from half the lessons to half their effect", *mean_interval(lag), 1.0, 104.0),
    ]


def _trials(base: Runs) -> list[Line]:
    yearly = _yearly(base["tests"])

    def dispersion(counts: np.ndarray) -> np.ndarray:
        flat = counts.reshape(*counts.shape[:-2], -1)
        return flat.var(axis=-1, ddof=1) / flat.mean(axis=-1)

    spread = _bootstrap(lambda draw: dispersion(yearly[draw]), len(yearly))
    tests, launches = base["tests"].sum(), base["launches"].sum()
    good, orbit = tests - base["failed"].sum(), launches - base["launch_failures"].sum()
    return [
        Line("tests per year: variance over mean", float(dispersion(yearly)), *spread, 5.0, np.inf),
        Line("missile tests: success", good / tests, *wilson(int(good), int(tests)), 0.8, 0.95),
        Line(
            "satellite launches: success",
            orbit / max(launches, 1.0), *wilson(int(orbit), int(launches)), 0.0, 0.5,
        ),
    ]  # fmt: skip


def _watch(base: Runs) -> list[Line]:
    exposure = base["exposure"][:, -YEAR:].mean(axis=1)
    disclosures = base["disclosures"][:, -YEAR:].sum(axis=1)
    lapsed = base["monitor"][:, -1] == 0.0
    return [
        Line("exposure in the last year (probability)", *median_interval(exposure), 0.3, 0.97),
        Line("disclosures in the last year", *mean_interval(disclosures), 0.2, 20.0),
        _share("the Council's body has lapsed by the end, by vote", lapsed, 0.3, 0.995),
    ]


def _disputes(found: Mapping[str, Runs]) -> list[Line]:
    base, free, perfect = (
        found["default"],
        found["unrestrained"],
        found["perfect information"],
    )
    onset = base["nuclear_onsets"].sum(axis=1) > 0
    wild = free["nuclear_onsets"].sum(axis=1) > 0
    rare, often = wilson(int(onset.sum()), len(onset)), wilson(int(wild.sum()), len(wild))
    ratio = wild.mean() / max(onset.mean(), 1.0 / len(onset))
    change = perfect["tension"].mean(axis=1) - base["tension"].mean(axis=1)
    mean, low, high = mean_interval(change, 0.99)
    sign = 1.0 if mean > 0.0 else -1.0
    low, high = sorted((sign * low, sign * high))
    return [
        _share("runs with a new dispute at a show of force", base["level"].max(axis=1) >= DISPLAY,
               0.5, 1.0),
        _share("runs with a war between nuclear states", onset, 0.0, 0.05),
        Line("  times as frequent without restraint and deterrence", float(ratio),
             often[0] / rare[1], often[1] / rare[0] if rare[0] > 0.0 else np.inf, 3.0, np.inf),
        Line(f"mean tension, {'raised' if sign > 0 else 'lowered'} by perfect information",
             abs(mean), low, high, ABOVE_ZERO, np.inf),
    ]  # fmt: skip


def _unscripted(runs: Runs) -> list[Line]:
    """Return what arises by itself: the share of runs in which it does."""
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
    return [_share(f"without a timetable: {name}", hit, 0.8, 1.0) for name, hit in arises.items()]


def findings(runs: int, seed: int = 0, weeks: int = 156, workers: int = 2) -> list[Line]:
    """Return all lines, from `runs` runs of each variant.

    Args:
        runs: How many runs of each variant.
        seed: The master seed.
        weeks: How many weeks per run.
        workers: How many processes.
    """
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
