"""What the points of a sweep gave: a metric after the other, as an array [point, run].

Run r has the same noise at every point (common random numbers), so points are compared run by run.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
from jaxtyping import Float

from ..metrics import METRICS
from ..scenario.grammar import override_text
from ..scenario.problems import nearest
from .intervals import student
from .record import summary_names
from .results import ID_COLUMNS, Results

if TYPE_CHECKING:
    from ..scenario import Scenario

Values = Float[np.ndarray, "point run"]
HOW = {
    "last": "at the end",
    "mean": "mean week",
    "max": "highest",
    "min": "lowest",
    "sum": "in all",
}
MOST_HEADLINES = 5
LEVEL = 0.005
"""What differs by less, relative to the largest, counts as the same."""


def swept_values(results: Results) -> dict[str, np.ndarray]:
    """Return what the points set, by path: numbers, or texts as on a command line, [point]."""
    return {path: _column(values) for path, values in results.manifest["sweep"].items()}


def _column(values: Sequence[Any]) -> np.ndarray:
    real = all(isinstance(x, int | float) and not isinstance(x, bool) for x in values)
    cells = values if real else [x if isinstance(x, str) else override_text(x) for x in values]
    return np.asarray(cells, np.float64 if real else np.str_)


def responses(results: Results, metrics: Sequence[str]) -> Iterator[tuple[str, Values]]:
    """Yield columns of the table of runs with their names, one after the other.

    A run that failed, or is not there yet, is NaN.

    Args:
        results: Of a sweep, or of a job of one point.
        metrics: The columns.

    Yields:
        A column's name and its values [point, run].

    Raises:
        ValueError: The table lacks a column; all that are lacking are named.
    """
    require_columns(results, metrics)
    runs = results.manifest["runs"]
    ids = results.ids[results.ids["status"] == "ok"]
    place = ids["point"].to_numpy() * runs + ids["run"].to_numpy() - results.manifest["first"]
    for name, values in results.good(metrics):
        table = np.full(results.manifest["points"] * runs, np.nan)
        table[place] = values
        yield name, table.reshape(-1, runs)


def require_columns(results: Results, metrics: Sequence[str]) -> None:
    """Check that these are columns of numbers.

    Args:
        results: Whose table of runs it is.
        metrics: The names.

    Raises:
        ValueError: A line for each name that is not one.
    """
    known = number_columns(results)
    wrong = [
        f"metrics: there is no '{name}'{nearest(name, known) or ' (armsflow list=metrics)'}"
        for name in metrics
        if name not in known
    ]
    if wrong:
        raise ValueError("\n".join(wrong))


def number_columns(results: Results) -> list[str]:
    """Return the columns of numbers that every part of the table of runs has.

    Points whose scenarios differ in their states or priors differ in their columns too.
    """
    texts = {path for path, values in swept_values(results).items() if values.dtype.kind == "U"}
    common = None
    for part in results.parts:
        names = pq.read_schema(results.file("runs", part)).names
        common = names if common is None else [name for name in common if name in set(names)]
    return [name for name in common or [] if name not in ID_COLUMNS and name not in texts]


def headline_metrics(results: Results) -> list[str]:
    """Return the metrics that describe a sweep by default: at most five that its points move.

    To move is to differ by LEVEL between the means of points; if none does, to differ at all.

    Of the scenario's first route that carried anything what was shipped, what arrived usable and
    its exposure, the casualties of the state that lost most, disputes; where these lack, supply,
    tension and stock.
    """
    known = number_columns(results)
    some = candidates(results, known)
    far = {name: moved(values) for name, values in responses(results, some)}
    some_moved = [name for name in some if far[name] > LEVEL]
    some_moved = some_moved or [name for name in some if far[name]]
    rest = [name for name in some if name not in some_moved]
    return [*some_moved, *rest][: min(MOST_HEADLINES, max(len(some_moved), 1))]


def candidates(results: Results, known: Sequence[str]) -> list[str]:
    """Return the metrics that may describe a job, the most telling first.

    Args:
        results: Of the job, or of a sweep.
        known: The columns to choose from.
    """
    scenario = results.scenario
    pair = next(iter(_carrying(results, known)), None)
    route = pair and "_".join(pair)
    lost = [f"losses_{state}_last" for state in scenario.states]
    means = {name: float(values.mean()) for name, values in results.good(_of(lost, known))}
    supplies = [f"supply_{k}_{pair[1]}_last" for k in scenario.munitions] if pair else []
    stocks = [f"stock_{k}_{s}_last" for s in scenario.states for k in scenario.munitions]
    wanted = [
        f"containers_{route}_last",
        f"containers_delivered_{route}_last",
        max(means, key=lambda name: means[name], default=""),
        f"exposure_{route}_mean",
        "disputes_mean",
        *supplies,
        "tension_mean_mean",
        *stocks,
    ]
    return list(dict.fromkeys(_of(wanted, known)))


def moved(values: Values) -> float:
    """Return how far the mean moves over points, over its largest; above 0 if any run moves."""
    there = values[:, np.isfinite(values).all(axis=0)]
    if not (there != there[:1]).any():
        return 0.0
    means = there.mean(axis=1)
    tiny = float(np.finfo(float).tiny)
    return max(float(np.ptp(means)) / max(float(np.abs(means).max()), tiny), tiny)


def _of(names: Sequence[str], known: Sequence[str]) -> list[str]:
    there = set(known)
    return [name for name in names if name in there]


def _carrying(results: Results, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the routes on which anything went, in the scenario's order."""
    of = {f"containers_{i}_{j}_last": (i, j) for i, j in results.scenario.routes}
    for name, values in results.good(_of(list(of), known)):
        if values.max() > 0.0:
            yield of[name]


def column_label(scenario: "Scenario", column: str) -> str:
    """Return a column's label and unit: `containers PRK to RUS, at the end (containers)`.

    A column that is no metric, such as a prior, is its own label.

    Args:
        scenario: Whose munitions, routes and states the columns are named after.
        column: A column of the table of runs.
    """
    label, unit = label_and_unit(scenario, column)
    return f"{label} ({unit})" if unit else label


def label_and_unit(scenario: "Scenario", column: str) -> tuple[str, str]:
    """Return a column's label, and its unit apart, "" if it has none.

    Args:
        scenario: Whose munitions, routes and states the columns are named after.
        column: A column of the table of runs.
    """
    for metric in METRICS:
        for how in metric.reduce:
            if column in {f"{name}_{how}" for name in summary_names(metric, scenario)}:
                name = column.removesuffix(f"_{how}")
                for i, j in scenario.routes:
                    name = name.replace(f"_{i}_{j}", f" {i} to {j}")
                unit = metric.unit.removesuffix(", cumulative")
                unit = unit.removesuffix("per week").strip() if how == "sum" else unit
                return f"{name.replace('_', ' ')}, {HOW[how]}", unit
    return column, ""


def reference_point(results: Results) -> int:
    """Return the point to compare others with: the first that changes nothing, else the first."""
    own = results.scenario.spec.model_dump(mode="json") | {"scenario": results.scenario.name}
    same = np.ones(results.manifest["points"], bool)
    for path, values in swept_values(results).items():
        same &= values == _column([_at(own, path.split("."))])
    return int(np.argmax(same))


def _at(data: Any, way: Sequence[str]) -> Any:
    """Return what stands at a path; a desk is given by its rule."""
    for key in way:
        data = data.get(key) if isinstance(data, dict) else None
    return data.get("rule") if isinstance(data, dict) else data


def paired_differences(
    values: Values, other: Float[np.ndarray, " run"]
) -> Float[np.ndarray, "point 3"]:
    """Return each point's mean difference from other runs of the same noise, and its interval.

    Args:
        values: A metric, [point, run].
        other: The same metric of the runs to compare with, [run].

    Returns:
        [point, 3]: the mean and the ends of its 95 % interval; NaN where fewer than two runs are
        common to both.
    """
    difference = values - other
    there = np.isfinite(difference)
    count = there.sum(axis=1)
    enough = np.maximum(count, 2)
    mean = np.where(there, difference, 0.0).sum(axis=1) / np.maximum(count, 1)
    square = (np.where(there, difference - mean[:, None], 0.0) ** 2).sum(axis=1) / (enough - 1)
    reach = np.asarray([student(int(n) - 1) for n in enough])
    half = reach * np.sqrt(square / enough)
    intervals = np.stack([mean, mean - half, mean + half], axis=1)
    return np.where((count >= 2)[:, None], intervals, np.nan)
