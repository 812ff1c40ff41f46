"""The reference engine: the rulebook on NumPy, one world at a time, nothing to compile."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from .. import noise
from ..events import Places, counted, event_places
from ..params import Params
from ..policy.step import policy_step
from ..quantities import Week
from ..rules.bounds import in_range
from ..rules.week import step
from ..scenario import Scenario, ScenarioError
from ..scenario.stages import params_by_week
from ..world import Events, World
from .points import Points, single_point
from .ticks import tick
from .traces import REDUCE, Traces, measured, shape

CHUNK = 26
"""Weeks whose noise is drawn in one call: a vector of weeks costs little more than one."""


def weeks(
    scenario: Scenario, seed: int, run: int, values: Mapping[str, float] | None = None
) -> Iterator[Week]:
    """Simulate run `run` of `seed`, week by week.

    Args:
        scenario: What is simulated.
        seed: The master seed.
        run: The number of the run.
        values: As in `Scenario.draw`.

    Yields:
        A week: the world after it, what was seen, done and what happened in it.
    """
    key = noise.run_key(seed, run)
    params, world, _ = scenario.draw(key, values)
    yield from _weeks(scenario, params, world, key, values)


def _weeks(
    scenario: Scenario,
    params: Params,
    world: World,
    key: np.ndarray,
    values: Mapping[str, float] | None,
) -> Iterator[Week]:
    """Yield the weeks of a run whose draws before the start are made."""
    if refusal := scenario.code.refusal:
        raise ScenarioError([refusal])
    later = params_by_week(scenario, key, values)
    plain = partial(step, phases=scenario.phases)
    advance = policy_step(scenario, key) if scenario.policies else plain
    for start in range(0, scenario.weeks, CHUNK):
        stop = min(start + CHUNK, scenario.weeks)
        chunk = noise.draw(scenario.layout, key, np.arange(start, stop))
        for offset in range(stop - start):
            params = later.get(start + offset, params)
            drawn = {name: numbers[offset] for name, numbers in chunk.items()}
            world, seen, action, events = advance(params, world, drawn)
            yield Week(params, world, seen, action, events, drawn)


def _happened(events: Events) -> tuple[np.ndarray, np.ndarray]:
    """Return where the counts of a week, kind after kind, are not 0, and they.

    One vector, and nothing taken apart yet: this is done every week.
    """
    counts = counted(events)
    where = np.flatnonzero(counts)
    return where, counts[where]


def _rows(happened: list[tuple[np.ndarray, np.ndarray]], run: int, places: Places) -> np.ndarray:
    """Return the events of a run as rows [run, week, kind, actor, target, value]."""
    if not happened:
        return np.empty((0, 6))
    week = np.repeat(np.arange(len(happened)), [len(where) for where, _ in happened])
    where, value = (np.concatenate(column) for column in zip(*happened, strict=True))
    rank = np.argsort(places.order)[where]
    order = np.lexsort((rank, week))
    at = rank[order]
    ends = places.kind[at], places.actor[at], places.target[at]
    return np.stack([np.full_like(week, run), week, *ends, value[order]], axis=-1)


def simulate(
    scenario: Scenario,
    seed: int,
    runs: Sequence[int],
    record: str = "full",
    points: Points | None = None,
) -> Traces:
    """Simulate some runs and keep of them what a record holds.

    A run whose numbers leave their range stops there: its traces say in which week.

    Args:
        scenario: What is simulated; in a sweep any scenario of the same structure.
        seed: The master seed.
        runs: The numbers of the runs.
        record: One of `traces.RECORDS`.
        points: In a sweep, what each run has from its point.
    """
    metrics, count = measured(record), len(runs)
    points = single_point(scenario, count) if points is None else points
    kept = metrics if record != "summary" else ()
    series = {m.name: np.zeros((count, scenario.weeks, *shape(m, scenario))) for m in kept}
    priors = {path: np.full(count, np.nan) for path in points.priors()}
    failed_at = np.full(count, -1)
    summaries: list[dict[tuple[str, str], np.ndarray]] = []
    events, places = [], event_places(scenario.built.params.wiring)
    for place, run in enumerate(runs):
        own = {m.name: np.zeros((scenario.weeks, *shape(m, scenario))) for m in metrics}
        own |= {name: rows[place] for name, rows in series.items()}
        key = noise.run_key(seed, run)
        variant, values = points.of(place)
        params, world, drawn = variant.draw(key, values)
        for path, value in drawn.items():
            priors[path][place] = value
        happened = []
        # A number on its way out of range shows in the row of the run, not in a warning of NumPy.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            for week, left in enumerate(_weeks(variant, params, world, key, values)):
                if not in_range(left.world):
                    failed_at[place] = week
                    break
                for metric in metrics:  # an inert entry's axis, of length 1, fits one of length 0
                    own[metric.name][week] = metric.value(left)
                if record != "summary":
                    happened.append(_happened(left.events))
        summaries.append({(m.name, h): REDUCE[h](own[m.name]) for m in metrics for h in m.reduce})
        events.append(_rows(happened, place, places))
        tick(1)
    return Traces(
        point=points.number,
        run=np.asarray(runs, np.int64),
        seed=seed,
        priors=priors,
        swept=points.swept,
        failed_at=failed_at,
        series=series,
        summary={key: np.stack([summary[key] for summary in summaries]) for key in summaries[0]},
        events=np.concatenate(events),
    )
