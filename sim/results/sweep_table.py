"""The short table of a sweep: what each point gave, and how far it lies from the reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .responses import (
    Values,
    column_label,
    headline_metrics,
    paired_differences,
    reference_point,
    responses,
    swept_values,
)
from .results import Results
from .text import QUANTILES, short

if TYPE_CHECKING:
    from ..scenario import Scenario

MOST_POINTS = 30
"""Of a sweep of more points, only the lowest and the highest are shown."""
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


def point_rows(values: Values, other: int) -> list[Row]:
    """Return one row per point of which a run was completed.

    Args:
        values: A metric, [point, run]; NaN where a run failed.
        other: The reference point.
    """
    away = paired_differences(values, values[other])
    found = []
    for point, own in enumerate(values):
        good = own[np.isfinite(own)]
        if len(good):
            low, middle, high = (float(x) for x in np.quantile(good, QUANTILES))
            a, b, c = (float(x) for x in away[point])
            found.append(Row(point, (low, middle, high), float(good.mean()), (a, b, c)))
    return found


def extreme_rows(every: Sequence[Row]) -> list[Row]:
    """Return all rows, or those with the lowest and the highest means, in their order."""
    if len(every) <= MOST_POINTS:
        return list(every)
    ranked = sorted(every, key=lambda row: row.mean)
    return [*ranked[:ENDS], *ranked[-ENDS:]]


def varying_values(results: Results) -> dict[str, np.ndarray]:
    """Return the swept columns that are not the same at all points."""
    return {path: values for path, values in swept_values(results).items() if len(set(values)) > 1}


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Return the shortest endings that identify each path: `detection`, `PRK.doctrine`."""
    names = {}
    for path in paths:
        parts = path.split(".")
        ends = (".".join(parts[-n:]) for n in range(1, len(parts) + 1))
        others = [other for other in paths if other != path]
        names[path] = next(
            (end for end in ends if not any(f".{o}".endswith(f".{end}") for o in others)), path
        )
    return names


def point_label(columns: dict[str, np.ndarray], point: int) -> str:
    """Return a point by what it sets: `PRK.doctrine=restraint detection=0.01`.

    Args:
        columns: What the points set, by path, [point].
        point: The number of the point.
    """
    names = short_names(list(columns))
    return " ".join(
        f"{names[path]}={value_text(values[point], values)}" for path, values in columns.items()
    )


def value_text(value: object, among: Sequence[object] | np.ndarray = ()) -> str:
    """Return a swept value as a table shows it.

    Args:
        value: A number or text.
        among: All values of its column, from which it is to differ as shown.
    """
    if not isinstance(value, float):
        return str(value)
    near = {float(other) for other in among if isinstance(other, float)}
    close = [other for other in near if other != value and f"{other:.4g}" == f"{value:.4g}"]
    digits = range(4, 18) if close else (4,)
    return next(
        (text for n in digits if (text := f"{value:.{n}g}") not in {f"{x:.{n}g}" for x in close}),
        repr(value),
    )


def _ends(values: Sequence[Any]) -> str:
    """Return the lowest and the highest value, or the only one."""
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


def heading(results: Results) -> str:
    """Return the heading: how many points and runs, and of what."""
    job, scenario = results.manifest, results.scenario
    bad = int((results.ids["status"] == "failed").sum())
    swept = job["sweep"]
    names = list(dict.fromkeys(map(str, swept.get("scenario", [scenario.name]))))
    name = names[0] if len(names) == 1 else f"{len(names)} scenarios"
    weeks = _ends([int(value) for value in swept.get("weeks", [scenario.weeks])])
    start = _ends([str(value) for value in swept.get("start", [scenario.date(0)])])
    text = f"{name}: {job['points']} points, {job['runs']} runs each, of {weeks}"
    text += f" weeks from {start}, seed {job['seed']}"
    return text + (f", {bad} runs failed" if bad else "")


def sweep_table(results: Results, metrics: Sequence[str] | None = None) -> list[str]:
    """Return the lines of the table, of some metrics or of the headlines.

    Args:
        results: The results of a job.
        metrics: Columns of the table of runs; the headline metrics if None.

    Raises:
        ValueError: The table of runs lacks a metric.
    """
    lines = [heading(results)]
    if (results.ids["status"] == "failed").all():
        return [*lines, "every run failed"]
    other, columns = reference_point(results), varying_values(results)
    lines.append(f"differences are from point {other} ({point_label(columns, other)}), run by run")
    if not metrics:
        lines.append(
            "metrics that the points move; for others: armsflow report=DIR metrics=NAME,NAME"
        )
    for metric, values in responses(results, metrics or headline_metrics(results)):
        lines += ["", *_block(results.scenario, metric, point_rows(values, other), columns)]
    return lines


def _block(
    scenario: "Scenario", metric: str, every: Sequence[Row], columns: dict[str, np.ndarray]
) -> list[str]:
    some = extreme_rows(every)
    differences = [difference_text(row) for row in some]
    width = max(len("difference [95 %]"), *map(len, differences)) + 2
    head = "".join(f"{q:>12.0%}" for q in QUANTILES) + f"{'mean':>12}"
    lines = [column_label(scenario, metric), f"{'point':>5}{head}{'difference [95 %]':>{width}}"]
    for row, difference in zip(some, differences, strict=True):
        numbers = "".join(f"{short(x):>12}" for x in (*row.spread, row.mean))
        lines.append(
            f"{row.point:>5}{numbers}{difference:>{width}}  {point_label(columns, row.point)}"
        )
    if len(some) < len(every):
        lines.insert(1, f"the lowest and the highest of {len(every)} points, by mean")
    return lines


def difference_text(row: Row) -> str:
    """Return the difference with its interval."""
    difference, low, high = row.difference
    if not np.isfinite(difference):
        return "fewer than two runs in common"
    if low == high == 0.0:
        return "0"
    return f"{_signed(difference)} [{_signed(low)}, {_signed(high)}]"


def _signed(value: float) -> str:
    return ("+" if value >= 0.0 else "") + short(value)
