"""How bad input is told: every problem at once, each with its path and the nearest right key."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

ONE, MANY = "[one]", "[many]"
_UNTOLD = ("[key]", ONE, MANY)
MOST_TOLD = 100
"""How many problems are told; who made more has made one many times."""
LONGEST_LINE = 300
_MESSAGES = {
    "model_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}


class ScenarioError(ValueError):
    """A scenario that cannot be played.

    - `problems`: one line each, `path: message (nearest right key: ...)`.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = [brief(problem) for problem in problems]
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


def brief(line: str) -> str:
    """A line short enough to be read, whatever was put into it."""
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}..."


def nearest(name: object, names: Iterable[object]) -> str:
    """` (nearest right key: ...)`, or nothing where none is near."""
    close = get_close_matches(str(name), [str(known) for known in names], n=1)
    return f" (nearest right key: {close[0]})" if close else ""


def lines(
    error: ValidationError,
    model: type[BaseModel],
    at: str = "",
    existing: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """The lines of pydantic's error about `model`, which stands at the path `at`.

    The names that exist, by group, are for the nearest right one.
    """
    told: list[str] = []
    lacking: dict[tuple[int | str, ...], list[str]] = {}
    for found in error.errors(include_url=False):
        if len(told) + len(lacking) > MOST_TOLD:
            break
        place = tuple(part for part in found["loc"] if part not in _UNTOLD)
        if found["type"] == "missing":
            lacking.setdefault(place[:-1], []).append(str(place[-1]))
            continue
        line = _line(found, place, model, at)
        if found["type"] == "unknown":
            line += nearest(found["ctx"]["name"], (existing or {}).get(found["ctx"]["group"], ()))
        told.append(line)
    for place, names in lacking.items():
        told.append(f"{_path(place, at)}: lacks {', '.join(names)}")
    return told


def _line(found: Any, place: tuple[int | str, ...], model: type[BaseModel], at: str) -> str:
    path, value = _path(place, at), found["input"]
    if found["type"] == "extra_forbidden":
        return f"{path}: no such key{nearest(place[-1], _keys(model, place[:-1]))}"
    message = _MESSAGES.get(found["type"], found["msg"][:1].lower() + found["msg"][1:])
    if found["type"] in ("refused", "unknown") or not isinstance(value, str | int | float | None):
        return f"{path}: {message}"
    shown = repr(value)
    return f"{path}: {shown if len(shown) <= 40 else shown[:37] + '...'}: {message}"


def _path(place: tuple[int | str, ...], at: str) -> str:
    return ".".join(part for part in (at, *map(str, place)) if part) or "scenario"


def _keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that a model knows at a place inside it."""
    here: Any = model
    for part in place:
        here = _inside(here, part)
    fields = getattr(here, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inside(annotation: Any, part: int | str) -> Any:
    """What stands at a key or an index of an annotation: a model, a mapping or a list."""
    fields = getattr(annotation, "model_fields", None)
    if fields is not None:
        found = [f.annotation for name, f in fields.items() if part in (name, f.alias)]
        return found[0] if found else None
    inner = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) is dict:
        return inner[1]
    return inner[0] if inner else None
