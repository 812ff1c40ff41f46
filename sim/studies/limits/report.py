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
from .limit import Check, Limit, Play
from .page import page

POINTS = 5
"""Of each figure, at which runs are played."""


@dataclass(frozen=True)
class Choice:
    """What is asked for: see `experiments/limits.py`."""

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


Job = tuple[str, tuple[str, ...], Play, bool]
"""A limit, overrides, how it is played, and whether its headline is enough."""


def found(job: Job) -> Finding:
    """The checks of a limit with some overrides."""
    name, overrides, play, brief = job
    limit = LIMITS[name]
    scenario = limit.scenario(*overrides)
    told, beyond = limit.told(scenario), limit.beyond(scenario)
    try:
        checks = list(islice(limit.checks(scenario, play), 1 if brief else None))
    except ArithmeticError as error:  # a run whose numbers leave their range meets no theory
        checks = [Check(str(error), nan, nan, nan, nan)]
    return Finding(told, beyond, checks)


def report(chosen: Choice, say: Callable[[str], None]) -> tuple[int, int]:
    """Plays, says a line a check, and draws the page.

    Returns:
        How many checks hold, and of how many.

    Raises:
        ValueError: There is no such limit, or overrides without one.
    """
    names = _names(chosen)
    play = Play(chosen.runs, chosen.seed, chosen.engine)
    jobs: list[Job] = [(name, chosen.overrides, play, False) for name in names]
    jobs += [job for name in names for job in drawn(name, chosen.drawn, play)]
    whole = len(jobs)
    drawing = chosen.page is not None and chosen.limit is None
    spots = [(name, x) for name in names for x in places(LIMITS[name])] if drawing else []
    jobs += [(name, at(LIMITS[name], x), play, True) for name, x in spots]
    held = total = 0
    points: dict[str, list[tuple[float, Check]]] = {name: [] for name in names}
    with _mapped(chosen.workers) as played:
        for place, (job, one) in enumerate(zip(jobs, played(found, jobs), strict=True)):
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
                say(check.told())
                held, total = held + check.holds, total + 1
    if drawing and chosen.page is not None:
        chosen.page.parent.mkdir(parents=True, exist_ok=True)
        say(f"\n{page(points, LIMITS, chosen.page)}")
    return held, total


def drawn(name: str, count: int, play: Play) -> Iterator[Job]:
    """So many parameter sets of a limit, from its ranges."""
    rng = np.random.default_rng([play.seed, *name.encode()])
    for _ in range(count):
        ranges = LIMITS[name].drawn
        values = {path: float(rng.uniform(*span)) for path, span in ranges.items()}
        yield name, tuple(LIMITS[name].overrides(values)), lightly(LIMITS[name], play), False


def places(limit: Limit) -> list[float]:
    """Where the figure of a limit has points: inside its range, evenly."""
    inside = np.linspace(limit.sweep.low, limit.sweep.high, 2 * POINTS + 1)[1::2]
    return [float(x) for x in inside]


def at(limit: Limit, value: float) -> tuple[str, ...]:
    """The overrides of a point of the figure."""
    return tuple(limit.set(limit.sweep.path, value))


def lightly(limit: Limit, play: Play) -> Play:
    """The play of one of many parameter sets: fewer runs, unless the player was told how many."""
    return replace(play, runs=play.runs or limit.few)


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
    """`map`, in this process or over several, results in order."""
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map
