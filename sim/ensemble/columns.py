"""The columns of a table of points, from a mapping or a frame of any library."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..scenario import ScenarioError
from ..scenario.compose import plain


def plain_columns(over: Any) -> dict[str, list[Any]]:
    """Return the columns of a mapping or a frame as lists of plain values, by path.

    Args:
        over: A mapping, or a frame of pandas, polars or Arrow.

    Raises:
        ScenarioError: One is not a list, holds what is not plain, or stands twice.
    """
    wrong: list[str] = []
    found: dict[str, list[Any]] = {}
    for path, values in _named_columns(over):
        if path in found:
            wrong.append(f"{path}: a column that stands twice")
        one = isinstance(values, str | Mapping) or getattr(values, "ndim", 1) == 0
        if one or not isinstance(values, Iterable):
            wrong.append(f"{path}: {values!r} is not a list of values")
            continue
        found[path] = []
        for place, value in enumerate(values):
            try:
                found[path].append(plain(value))
            except ScenarioError as error:
                why = error.problems[0].removeprefix("scenario: ")
                wrong.append(f"{path}: value {place}: {why}")
                break
    if wrong:
        raise ScenarioError(wrong)
    return found


def _named_columns(over: Any) -> list[tuple[str, Any]]:
    """Return the columns of a mapping or a frame with their names, in their order."""
    if hasattr(over, "iloc"):  # of pandas, whose columns may bear one name
        return [(str(name), over.iloc[:, place]) for place, name in enumerate(over.columns)]
    for method, how in (("to_pydict", {}), ("to_dict", {"as_series": False})):
        if hasattr(over, method):  # of Arrow, of polars
            over = getattr(over, method)(**how)
    if not isinstance(over, Mapping):
        kind = type(over).__name__
        raise ScenarioError(
            [f"sweep: a {kind} is neither a mapping of paths to values nor a frame"]
        )
    return [(str(path), values) for path, values in over.items()]
