"""The grid of an atlas: every combination of answers, simulated once, as numbers for a page."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd

import sim
from sim.app.news import NEWS, in_sentence
from sim.ensemble.execution import Execution, execute
from sim.ensemble.job import Job
from sim.ensemble.plan import Plan, table_plan
from sim.results.results import Results
from sim.scenario import Scenario
from sim.scenario.grammar import override_text
from sim.scenario.shipped import shipped_value

from .worlds import Measure, World

MOST_WEEKS = 53
"""Weeks that are drawn: of more, every second, third, ..."""
STEPS = 65_535
"""Of a measure's range, in which its numbers are stored."""
TOLD = (
    *("joined", "ceasefire", "defeated", "vetoed", "renewed", "monitor_ended", "treaty"),
    *("launch_succeeded", "launch_failed", "agreement", "challenge", "conceded", "resisted"),
)
"""Kinds of events that a run's timeline tells."""
MOST_TOLD = 40
"""Of a run: the first ones."""


def combinations(world: World) -> list[tuple[int, ...]]:
    """Return every combination of answers, the last question's varying fastest."""
    return list(product(*(range(len(choice.options)) for choice in world.choices)))


def points(world: World, scenario: Scenario) -> pd.DataFrame:
    """Return the table of points: what each combination sets; what it leaves out is as shipped.

    Args:
        world: The atlas.
        scenario: The shipped world.

    Raises:
        KeyError: An answer sets what the scenario does not have.
    """
    paths = dict.fromkeys(
        path for choice in world.choices for sets in choice.options.values() for path in sets
    )
    shipped = {path: shipped_value(scenario, path) for path in paths}
    rows = []
    for combination in combinations(world):
        row = dict(shipped)
        for choice, place in zip(world.choices, combination, strict=True):
            row |= list(choice.options.values())[place]
        rows.append(row)
    return pd.DataFrame(rows)


def plan(world: World, scenario: Scenario) -> Plan:
    """Return the plan of a grid: at each point the world that the point's command line makes.

    To set a path drops what a run would draw there, even where the value is the shipped one. So
    answers on such paths are scenarios of their own, and the shipped answer leaves the path alone.

    Args:
        world: The atlas.
        scenario: The shipped world.
    """
    table = points(world, scenario)
    shipped = {path: shipped_value(scenario, path) for path in table}
    drawn = [
        path
        for path, value in shipped.items()
        if scenario.with_(f"{path}={override_text(value)}").priors != scenario.priors
    ]
    columns = {path: table[path].tolist() for path in table if path not in drawn}
    sets = [
        tuple(f"{p}={override_text(row[p])}" for p in drawn if row[p] != shipped[p])
        for row in table.to_dict("records")
    ]
    names = {own: f"world_{place}" for place, own in enumerate(dict.fromkeys(sets))}
    bases = {name: scenario.with_(*own) if own else scenario for own, name in names.items()}
    if drawn:
        columns["scenario"] = [names[own] for own in sets]
    return table_plan(scenario, columns, bases)


def simulate(
    world: World,
    runs: int,
    seed: int,
    workers: int | None = None,
    overrides: Sequence[str] = (),
) -> dict[str, Any]:
    """Simulate the grid and return the data of the page.

    Args:
        world: The atlas.
        runs: How many runs per combination, with the same noise in each.
        seed: The master seed.
        workers: Processes; all cores if None.
        overrides: Of the shipped world.
    """
    scenario = sim.load(world.scenario, overrides)
    table = points(world, scenario)
    record = "full" if any(m.table in ("dyads", "routes") for m in world.measures) else "weekly"
    job = Job(plan(world, scenario), runs, 0, seed, record)
    results = execute(job, Execution(workers))
    step = -(-scenario.weeks // MOST_WEEKS)
    weeks = [*range(0, scenario.weeks - 1, step), scenario.weeks - 1]
    size = len(table)
    return {
        "title": world.title,
        "scenario": world.scenario,
        "states": {
            code: in_sentence(state.name or code) for code, state in scenario.spec.states.items()
        },
        "said": {kind: NEWS[kind] for kind in TOLD},
        "choices": [
            {"question": c.question, "options": list(c.options), "shipped": c.shipped}
            for c in world.choices
        ],
        "sets": [
            {path: value for path, value in row.items() if value != shipped_value(scenario, path)}
            for row in table.to_dict("records")
        ],
        "sizes": [len(choice.options) for choice in world.choices],
        "dates": [scenario.date(week).isoformat() for week in weeks],
        "runs": runs,
        "seed": seed,
        "measures": [
            asdict(measure) | packed(series(results, measure, weeks, size, runs))
            for measure in world.measures
        ],
        "events": told(results, size, runs),
        "questions": list(world.questions),
        "points": prod(len(choice.options) for choice in world.choices),
    }


def series(
    results: Results, measure: Measure, weeks: list[int], size: int, runs: int
) -> np.ndarray:
    """Return a measure, [point, run, week]; NaN from the week in which a run failed.

    Args:
        results: Of the sweep.
        measure: What is drawn.
        weeks: Which weeks.
        size: How many points.
        runs: How many runs per point.
    """
    ids = ["point", "run", "week", "state"] + (["target"] if measure.table != "weeks" else [])
    frame = results.read(measure.table, [*ids, measure.column])
    state = measure.state or results.scenario.states[0]
    frame = frame[(frame["state"] == state) & frame["week"].isin(weeks)]
    if measure.target:
        frame = frame[frame["target"] == measure.target]
    values = np.full((size, runs, len(weeks)), np.nan)
    at = np.searchsorted(weeks, frame["week"])
    values[frame["point"], frame["run"], at] = frame[measure.column]
    return values


def packed(values: np.ndarray) -> dict[str, Any]:
    """Return numbers as text: 16 bits each of the range between the least and the greatest.

    Args:
        values: [point, run, week].
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scale = (high - low) / STEPS or 1.0
    steps = np.nan_to_num((values - low) / scale).round().astype("<u2")
    return {"low": low, "scale": scale, "data": b64encode(steps.tobytes()).decode()}


def told(results: Results, size: int, runs: int) -> list[list[list[list[Any]]]]:
    """Return what happened, [point][run]: each event as date, kind, actor and target.

    Args:
        results: Of the sweep.
        size: How many points.
        runs: How many runs per point.
    """
    events = results.read("events", ["point", "run", "date", "kind", "actor", "target"])
    events = events[events["kind"].isin(TOLD)]
    found: list[list[list[list[Any]]]] = [[[] for _ in range(runs)] for _ in range(size)]
    columns = {name: events[name].tolist() for name in events}
    for point, run, date, kind, actor, target in zip(*columns.values(), strict=True):
        of_run = found[point][run]
        if len(of_run) < MOST_TOLD:
            of_run.append([f"{date:%Y-%m-%d}", kind, actor, target])
    return found
