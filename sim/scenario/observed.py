"""What was seen or said of a scenario's quantities: claims, truths and bounds, by date.

Claims contradict each other, and need not count from the same day. So they are points to lay a
simulated range against, never a series to fit, and no run depends on an observation.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..metrics import METRICS
from .problems import ScenarioError, nearest
from .schema import Observed

SUBJECTS = ("state", "route", "world")
"""What a quantity may be of: the key of that name says which, the world needs none."""
COLUMNS = (
    *("date", "kind", "issuer", "office", "quantity", "state", "from", "to", "value"),
    *("low", "high", "source"),
)
"""Of a file of observations: `from` and `to` are the ends of a route, `low` and `high` a range."""
NEEDED = ("date", "quantity")


def subjects(inner: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return every quantity that may be observed, with its subject, one of SUBJECTS.

    Args:
        inner: The names on the other axes: by `munition`, `technology` and `observer`.
    """
    found: dict[str, str] = {}
    for metric in METRICS:
        axes = metric.axes.split()
        for subject in set(axes) & set(SUBJECTS):
            others = [axis for axis in axes if axis != subject]
            names = [f"_{name}" for axis in others for name in inner[axis]] if others else [""]
            found |= {f"{metric.name}{name}": subject for name in names}
    return found


def number_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the number of an observation, each as it stands behind its path.

    Args:
        entry: The observation, as it was written.
    """
    kind, value, ends = (entry.get(key) for key in ("kind", "value", "range"))
    kind = "claim" if kind is None else kind
    if kind == "claim" and entry.get("issuer") is None:
        yield ": lacks issuer: a claim is somebody's"
    if (value is None) == (ends is None):
        yield ": needs either a value or a range"
    elif kind == "bound" and ends is None:
        yield ".value: a bound has a range, [low, high], of which one end may be null"
    if isinstance(ends, list | tuple) and len(ends) == 2:
        missing = [end is None for end in ends]
        if all(missing) or (any(missing) and kind != "bound"):
            yield ".range: lacks an end"
        elif all(isinstance(end, int | float) for end in ends) and ends[0] > ends[1]:
            yield ".range: its low end is above its high end"


def observations_of(
    observations: Iterable[Observed], quantity: str, route: tuple[str, str], first: date, last: date
) -> tuple[Observed, ...]:
    """Return the observations of a quantity of a route that are dated within a span.

    Args:
        observations: Those of a scenario.
        quantity: As the observations name it: `containers`.
        route: Supplier and recipient.
        first: The first day of the span.
        last: The last day of the span, included.
    """
    return tuple(
        seen
        for seen in observations
        if seen.quantity == quantity and seen.route == route and first <= seen.day <= last
    )


def read_observations(path: str | Path) -> list[dict[str, Any]]:
    """Read a file of observations, a CSV whose first line names its columns.

    Args:
        path: The file; its columns are some of COLUMNS, `date` and `quantity` among them.

    Returns:
        The rows as a scenario file holds them under `observations`; a scenario checks them.

    Raises:
        ScenarioError: It cannot be read, or all that is wrong with its columns and numbers.
    """
    name = Path(path).name
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError([f"{name}: cannot be read: {error}"]) from None
    wrong = [
        f"{name}: there is no column '{column}'{nearest(column, COLUMNS)}"
        for column in columns
        if column not in COLUMNS
    ]
    wrong += [f"{name}: lacks the column {column}" for column in NEEDED if column not in columns]
    if wrong:
        raise ScenarioError(wrong)
    found = []
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            wrong.append(f"{name}, row {line}: has not {len(columns)} cells")
            continue
        cells = {key: text.strip() for key, text in row.items() if text.strip()}
        numbers: dict[str, float] = {}
        for key in ("value", "low", "high"):
            try:
                numbers |= {key: float(cells.pop(key))} if key in cells else {}
            except ValueError:
                wrong.append(f"{name}, row {line}: {key} is not a number")
        found.append(_entry(cells, numbers) | {"source": cells.get("source", name)})
    if wrong:
        raise ScenarioError(wrong)
    return found


def _entry(cells: dict[str, str], numbers: dict[str, float]) -> dict[str, Any]:
    """Return a row as a scenario file holds it."""
    entry: dict[str, Any] = {k: v for k, v in cells.items() if k not in ("from", "to", "source")}
    if "from" in cells or "to" in cells:
        entry["route"] = [cells.get("from", ""), cells.get("to", "")]
    if "value" in numbers:
        entry["value"] = numbers["value"]
    if "low" in numbers or "high" in numbers:
        entry["range"] = [numbers.get("low"), numbers.get("high")]
    return entry
