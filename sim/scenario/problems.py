"""Messages about bad input: every problem at once, each with its path and the nearest key."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

ONE, MANY = "[one]", "[many]"
CODE = r"^[A-Z][A-Z0-9]{1,5}$"
NAME = r"^[a-z][a-z0-9_]{0,31}$"
TITLE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
"""The form of codes of states, of other names, and of the name of a scenario."""
_TAGS = ("[key]", ONE, MANY)
MAX_PROBLEMS = 100
"""How many problems are reported; who made more has made one many times."""
LONGEST_LINE = 300
_MESSAGES = {
    "model_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}

_PATTERNS = {
    CODE: "must be a code of two to six capitals and digits, as PRK",
    NAME: "must be a name of small letters, digits and _, as shell_152",
    TITLE: "must be a name of letters, digits, '.', '-' and _",
}


class ScenarioError(ValueError):
    """A scenario that cannot be simulated.

    - `problems`: one line each, `path: message (nearest right key: ...)`.

    Examples:
        >>> try:
        ...     sim.load("arms_race_dyad", ["weks=52"])
        ... except sim.ScenarioError as error:
        ...     error.problems
        ['weks: no such key (nearest right key: weeks)']
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = [brief(problem) for problem in problems]
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


def brief(line: str) -> str:
    """Cut a line to a length that can be read, whatever was put into it."""
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}..."


def nearest(name: object, names: Iterable[object]) -> str:
    """Return ` (nearest right key: ...)`, or nothing where none is near.

    Args:
        name: What was written.
        names: What could have been meant.
    """
    close = get_close_matches(str(name), [str(known) for known in names], n=1)
    return f" (nearest right key: {close[0]})" if close else ""


def lines(
    error: ValidationError,
    model: type[BaseModel],
    at: str = "",
    existing: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Return the problems of a validation error, a line each.

    Args:
        error: Of pydantic, about `model`.
        model: What was to be made of the data.
        at: The path of the data, "" for a whole scenario.
        existing: The names that a scenario defines, by group, for the nearest right one.
    """
    problems: list[str] = []
    missing: dict[tuple[int | str, ...], list[str]] = {}
    for found in error.errors(include_url=False):
        if len(problems) + len(missing) > MAX_PROBLEMS:
            break
        place = tuple(part for part in found["loc"] if part not in _TAGS)
        if found["type"] == "missing":
            missing.setdefault(place[:-1], []).append(str(place[-1]))
            continue
        line = _line(found, place, model, at)
        if found["type"] == "unknown":
            line += nearest(found["ctx"]["name"], (existing or {}).get(found["ctx"]["group"], ()))
        problems.append(line)
    for place, names in missing.items():
        problems.append(f"{_path(place, at)}: lacks {', '.join(names)}")
    return problems


def _line(found: Any, place: tuple[int | str, ...], model: type[BaseModel], at: str) -> str:
    path, value = _path(place, at), found["input"]
    if found["type"] == "extra_forbidden":
        return f"{path}: no such key{nearest(place[-1], _keys(model, place[:-1]))}"
    if found["type"] == "string_pattern_mismatch":
        return f"{path}: {brief(str(value))}: {_PATTERNS[found['ctx']['pattern']]}"
    message = _MESSAGES.get(found["type"], found["msg"][:1].lower() + found["msg"][1:])
    if found["type"] in ("refused", "unknown") or not isinstance(value, str | int | float | None):
        return f"{path}: {message}"
    shown = repr(value)
    return f"{path}: {shown if len(shown) <= 40 else shown[:37] + '...'}: {message}"


def _path(place: tuple[int | str, ...], at: str) -> str:
    return ".".join(part for part in (at, *map(str, place)) if part) or "scenario"


def _keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that a model has at a place inside it."""
    here: Any = model
    for part in place:
        here = _inside(here, part)
    fields = getattr(here, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inside(annotation: Any, part: int | str) -> Any:
    """Return the annotation at a key or an index of one of a model, a mapping or a list."""
    fields = getattr(annotation, "model_fields", None)
    if fields is not None:
        found = [f.annotation for name, f in fields.items() if part in (name, f.alias)]
        return found[0] if found else None
    inner = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) is dict:
        return inner[1]
    return inner[0] if inner else None
