"""The reference engine: the rulebook on NumPy, one world at a time, nothing to compile."""

from collections.abc import Iterator

import numpy as np

from .. import noise
from ..events import EVENTS
from ..measures import Week
from ..params import Params
from ..policy import deciding
from ..record import Trace, measured, shape
from ..rules.week import step
from ..scenario import Scenario
from ..world import Events, World
from .bounds import in_range

CHUNK = 26
"""Weeks whose noise is drawn in one call: a vector of weeks costs little more than one."""


def weeks(scenario: Scenario, seed: int, run: int) -> Iterator[Week]:
    """Plays run `run` of `seed`, week by week.

    Yields:
        What the week leaves: the world after it, what was seen, done and what happened in it.
    """
    key = noise.run_key(seed, run)
    params, world, _ = scenario.draw(key)
    yield from _play(scenario, params, world, key)


def _play(scenario: Scenario, params: Params, world: World, key: np.ndarray) -> Iterator[Week]:
    """The weeks of a run whose draws before the start are made."""
    play = deciding(scenario, key) if scenario.policies else step
    for start in range(0, scenario.weeks, CHUNK):
        stop = min(start + CHUNK, scenario.weeks)
        chunk = noise.draw(scenario.layout, key, np.arange(start, stop))
        for offset in range(stop - start):
            drawn = {name: values[offset] for name, values in chunk.items()}
            world, seen, action, events = play(params, world, drawn)
            yield Week(params, world, seen, action, events, drawn)


def _happened(events: Events) -> tuple[np.ndarray, np.ndarray]:
    """Where the counts [kind, actor, target] of a week are not 0, as flat indices, and the counts.

    One vector, and nothing taken apart yet: this is done every week.
    """
    counts = np.concatenate([events[kind] for kind in EVENTS], axis=None)
    where = np.flatnonzero(counts)
    return where, counts[where]


def _rows(happened: list[tuple[np.ndarray, np.ndarray]], states: int) -> np.ndarray:
    """The events of a run as rows [week, kind, actor, target, value]."""
    if not happened:
        return np.empty((0, 5))
    week = np.repeat(np.arange(len(happened)), [len(where) for where, _ in happened])
    where, value = (np.concatenate(column) for column in zip(*happened, strict=True))
    kind, actor, target = np.unravel_index(where, (len(EVENTS), states, states))
    return np.stack([week, kind, actor, target, value], axis=-1)


def run(scenario: Scenario, seed: int, run: int, record: str = "full", point: int = 0) -> Trace:
    """Plays one run and keeps of it what `record` asks for.

    A run whose numbers leave their range stops there: its trace ends before that week and says so.

    Args:
        scenario: What is played.
        seed: The master seed.
        run: The number of the run.
        record: One of `record.RECORDS`.
        point: The point of a sweep, for the id column.
    """
    key = noise.run_key(seed, run)
    params, world, priors = scenario.draw(key)
    metrics = measured(record)
    series = {m.name: np.empty((scenario.weeks, *shape(m, scenario))) for m in metrics}
    happened = []
    failed_at = None
    # A number on its way out of range is told by the row of the run, not by a warning of NumPy.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for week, left in enumerate(_play(scenario, params, world, key)):
            if not in_range(left.world):
                failed_at = week
                break
            for metric in metrics:
                series[metric.name][week] = metric.value(left)
            if record != "summary":
                happened.append(_happened(left.events))
    played = scenario.weeks if failed_at is None else failed_at
    return Trace(
        point=point,
        run=run,
        seed=seed,
        priors=dict(priors),
        failed_at=failed_at,
        weeks=played,
        series={name: values[:played] for name, values in series.items()},
        events=_rows(happened, len(scenario.states)),
    )
