"""The short table of a sweep: what each point gave, and how far it lies from the reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .responses import Values, compared, described, headlines, reference, responses, swept
from .results import QUANTILES, Results
from .table import short

if TYPE_CHECKING:
    from ..scenario import Scenario

MOST_POINTS = 30
"""A sweep of more points is told by its lowest and its highest."""
ENDS = 6


@dataclass(frozen=True)
class Row:
    """A point and a metric.

    - `spread`: 5, 50 and 95 % quantiles over runs.
    - `mean`: over runs.
    - `difference`: of the mean from that of the reference, run by run, with its 95 % interval.
    """

    point: int
    spread: tuple[float, float, float]
    mean: float
    difference: tuple[float, float, float]


def rows(values: Values, other: int) -> list[Row]:
    """A row a point of which a run came to its end; `other` is the reference."""
    away = compared(values, values[other])
    told = []
    for point, own in enumerate(values):
        good = own[np.isfinite(own)]
        if len(good):
            low, middle, high = (float(x) for x in np.quantile(good, QUANTILES))
            a, b, c = (float(x) for x in away[point])
            told.append(Row(point, (low, middle, high), float(good.mean()), (a, b, c)))
    return told


def shown(told: Sequence[Row]) -> list[Row]:
    """All rows, or those with the lowest and the highest means, in their order."""
    if len(told) <= MOST_POINTS:
        return list(told)
    ranked = sorted(told, key=lambda row: row.mean)
    return [*ranked[:ENDS], *ranked[-ENDS:]]


def varied(results: Results) -> dict[str, np.ndarray]:
    """The swept columns that are not the same at all points."""
    return {path: values for path, values in swept(results).items() if len(set(values)) > 1}


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest ends of paths that tell them apart: `detection`, `PRK.doctrine`."""
    told = {}
    for path in paths:
        parts = path.split(".")
        ends = (".".join(parts[-n:]) for n in range(1, len(parts) + 1))
        others = [other for other in paths if other != path]
        told[path] = next(
            (end for end in ends if not any(f".{o}".endswith(f".{end}") for o in others)), path
        )
    return told


def named(columns: dict[str, np.ndarray], point: int) -> str:
    """A point by what it sets: `PRK.doctrine=restraint detection=0.01`."""
    names = short_names(list(columns))
    return " ".join(f"{names[path]}={cell(values[point])}" for path, values in columns.items())


def cell(value: object) -> str:
    """A swept value as a table has it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def heading(results: Results) -> str:
    """How many points and runs of what."""
    job, scenario = results.manifest, results.scenario
    bad = int((results.ids["status"] == "failed").sum())
    told = f"{scenario.name}: {job['points']} points, {job['runs']} runs each, of {scenario.weeks}"
    told += f" weeks from {scenario.date(0)}, seed {job['seed']}"
    return told + (f", {bad} runs failed" if bad else "")


def sweep_table(results: Results, metrics: Sequence[str] | None = None) -> list[str]:
    """The lines of the table, of some metrics or of the headlines.

    Raises:
        ValueError: The table of runs lacks a metric.
    """
    lines = [heading(results)]
    if (results.ids["status"] == "failed").all():
        return [*lines, "every run failed"]
    other, columns = reference(results), varied(results)
    lines.append(f"differences are from point {other} ({named(columns, other)}), run by run")
    if not metrics:
        lines.append(
            "told by what the points move; by others: armsflow report=DIR metrics=NAME,NAME"
        )
    for metric, values in responses(results, metrics or headlines(results)):
        lines += ["", *_block(results.scenario, metric, rows(values, other), columns)]
    return lines


def _block(
    scenario: "Scenario", metric: str, told: Sequence[Row], columns: dict[str, np.ndarray]
) -> list[str]:
    some = shown(told)
    away = [apart(row) for row in some]
    width = max(len("difference [95 %]"), *map(len, away)) + 2
    head = "".join(f"{q:>12.0%}" for q in QUANTILES) + f"{'mean':>12}"
    lines = [described(scenario, metric), f"{'point':>5}{head}{'difference [95 %]':>{width}}"]
    for row, told_away in zip(some, away, strict=True):
        numbers = "".join(f"{short(x):>12}" for x in (*row.spread, row.mean))
        lines.append(f"{row.point:>5}{numbers}{told_away:>{width}}  {named(columns, row.point)}")
    if len(some) < len(told):
        lines.insert(1, f"the lowest and the highest of {len(told)} points, by mean")
    return lines


def apart(row: Row) -> str:
    """The difference with its interval."""
    difference, low, high = row.difference
    if not np.isfinite(difference):
        return "fewer than two runs of both"
    if low == high == 0.0:
        return "0"
    return f"{_signed(difference)} [{_signed(low)}, {_signed(high)}]"


def _signed(value: float) -> str:
    return ("+" if value >= 0.0 else "") + short(value)
