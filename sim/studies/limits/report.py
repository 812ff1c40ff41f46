"""Holds the limits against runs: the shipped scenarios, drawn parameter sets, the page's points."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from math import nan
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ...scenario.problems import nearest
from . import LIMITS
from .limit import Check, Limit, Runner
from .page import page

POINTS = 5
"""Of each figure, at which runs are simulated."""


@dataclass(frozen=True)
class Choice:
    """What to run: see `experiments/limits.py`."""

    limit: str | None = None
    overrides: tuple[str, ...] = ()
    runs: int | None = None
    seed: int = 0
    workers: int = 2
    engine: str = "auto"
    drawn: int = 0
    page: Path | None = Path("results/limits.png")


@dataclass(frozen=True)
class Finding:
    """One parameter set of a limit."""

    parameters: str
    beyond: list[str]
    checks: list[Check]


Job = tuple[str, tuple[str, ...], Runner, bool]
"""A limit, overrides, its runner, and whether its headline is enough."""


def run_checks(job: Job) -> Finding:
    """Run the checks of a limit with some overrides."""
    name, overrides, runner, brief = job
    limit = LIMITS[name]
    scenario = limit.scenario(*overrides)
    description, beyond = limit.describe(scenario), limit.beyond(scenario)
    try:
        checks = list(islice(limit.checks(scenario, runner), 1 if brief else None))
    except ArithmeticError as error:  # a run whose numbers leave their range meets no theory
        checks = [Check(str(error), nan, nan, nan, nan)]
    return Finding(description, beyond, checks)


def report(chosen: Choice, say: Callable[[str], None]) -> tuple[int, int]:
    """Hold limits against runs, print a line per check, and draw the page.

    Args:
        chosen: What to run.
        say: Called with each line of text.

    Returns:
        How many checks hold, and of how many.

    Raises:
        ValueError: There is no such limit, or overrides without one.
    """
    names = _names(chosen)
    runner = Runner(chosen.runs, chosen.seed, chosen.engine)
    jobs: list[Job] = [(name, chosen.overrides, runner, False) for name in names]
    jobs += [job for name in names for job in drawn_jobs(name, chosen.drawn, runner)]
    whole = len(jobs)
    drawing = chosen.page is not None and chosen.limit is None
    spots = [(name, x) for name in names for x in places(LIMITS[name])] if drawing else []
    jobs += [(name, at(LIMITS[name], x), runner, True) for name, x in spots]
    held = total = 0
    points: dict[str, list[tuple[float, Check]]] = {name: [] for name in names}
    with _mapped(chosen.workers) as mapped:
        for place, (job, one) in enumerate(zip(jobs, mapped(run_checks, jobs), strict=True)):
            if place >= whole:
                name, x = spots[place - whole]
                points[name].append((x, one.checks[0]))
                continue
            say(f"\n{LIMITS[job[0]].model}: {LIMITS[job[0]].result}")
            say(f"  limit_{job[0]}: {one.parameters}")
            if one.beyond:
                say(f"  theory takes no account of {', '.join(one.beyond)}")
            say(f"{'':4} {'':<58} {'theory':>11} {'runs':>11}")
            for check in one.checks:
                say(check.line())
                held, total = held + check.holds, total + 1
    if drawing and chosen.page is not None:
        chosen.page.parent.mkdir(parents=True, exist_ok=True)
        say(f"\n{page(points, LIMITS, chosen.page)}")
    return held, total


def drawn_jobs(name: str, count: int, runner: Runner) -> Iterator[Job]:
    """Yield jobs of a limit with parameter sets drawn from its ranges.

    Args:
        name: The name of the limit.
        count: How many parameter sets.
        runner: How runs are simulated.
    """
    rng = np.random.default_rng([runner.seed, *name.encode()])
    for _ in range(count):
        ranges = LIMITS[name].drawn
        values = {path: float(rng.uniform(*span)) for path, span in ranges.items()}
        yield (
            name,
            tuple(LIMITS[name].overrides(values)),
            with_few_runs(LIMITS[name], runner),
            False,
        )


def places(limit: Limit) -> list[float]:
    """Return where the figure of a limit has points: inside its range, evenly."""
    inside = np.linspace(limit.sweep.low, limit.sweep.high, 2 * POINTS + 1)[1::2]
    return [float(x) for x in inside]


def at(limit: Limit, value: float) -> tuple[str, ...]:
    """Return the overrides of a point of the figure.

    Args:
        limit: The limit.
        value: The value of the swept parameter.
    """
    return tuple(limit.set(limit.sweep.path, value))


def with_few_runs(limit: Limit, runner: Runner) -> Runner:
    """Return the runner for one of many parameter sets: fewer runs, unless it sets how many.

    Args:
        limit: The limit.
        runner: How runs are simulated.
    """
    return replace(runner, runs=runner.runs or limit.few)


def _names(chosen: Choice) -> list[str]:
    if chosen.limit is None:
        if chosen.overrides:
            raise ValueError(f"{chosen.overrides[0]}: an override needs its limit=NAME")
        return list(LIMITS)
    if chosen.limit not in LIMITS:
        raise ValueError(f"limit: there is no '{chosen.limit}'{nearest(chosen.limit, LIMITS)}")
    return [chosen.limit]


@contextmanager
def _mapped(workers: int) -> Iterator[Callable[..., Iterator[Finding]]]:
    """Yield `map`, in this process or over several, results in order."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map
