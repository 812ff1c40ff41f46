"""A world as a YAML file that somebody gives back: what of it may be chosen on the page.

The file is not built: the levers and doctrines are read from it, and it must be the world that they
make, in every number. So a page simulates nothing that could not be chosen on it.
"""

from collections.abc import Iterator
from typing import Any

from ..scenario import Scenario, ScenarioError
from ..scenario.files import yaml_text
from ..scenario.problems import brief
from .setting import (
    Setting,
    SettingError,
    Value,
    checked_value,
    doctrine_path,
    levers,
    offered,
    shipped_world,
)

LARGEST = 50_000
"""Bytes of a file; the largest world that is offered has two thirds of that."""
FEW = 3
"""Places that a message names."""


def world_in(text: str) -> tuple[str, dict[str, Value]]:
    """Return which scenario a file changes, and what it sets, by path.

    Args:
        text: Of a file that a page wrote, or one like it.

    Raises:
        SettingError: It is no scenario file, or holds what cannot be chosen on the page.
    """
    if len(text) > LARGEST:
        raise SettingError(f"it is larger than {LARGEST // 1000} kB")
    try:
        data = yaml_text(text, "the file")
    except ScenarioError as error:
        raise SettingError(error.problems[0].removeprefix("the file: ")) from None
    name = data.get("name")
    if not isinstance(name, str) or name not in offered():
        raise SettingError("it has no `name:` of a world that is offered here")
    chosen = _doctrines(name, data)
    try:
        chosen |= _levers(name, data, Setting(name, chosen).world("a"))
        made = Setting(name, chosen).world("a").mapping
    except ScenarioError as error:
        raise SettingError(f"its values do not go together: {error.problems[0]}") from None
    other = list(_differences(data, made))
    if other:
        more = f" and {len(other) - FEW} more" if len(other) > FEW else ""
        raise SettingError(
            f"it changes what cannot be chosen here, {', '.join(map(brief, other[:FEW]))}{more};"
            " simulate it by armsflow scenario_file=FILE"
        )
    return name, chosen


def _doctrines(name: str, data: dict[str, Any]) -> dict[str, Value]:
    """Return the doctrines that a file gives to states in place of their own."""
    found = dict[str, Value]()
    for code, state in shipped_world(name).spec.states.items():
        path = doctrine_path(code)
        given = _at(data, path)
        if isinstance(given, str) and given != state.doctrine:
            found[path] = checked_value(name, path, given)
    return found


def _levers(name: str, data: dict[str, Any], begun: Scenario) -> dict[str, Value]:
    """Return the numbers that a file sets in place of those of a world with its doctrines."""
    world, found = begun.mapping, dict[str, Value]()
    drawn = data.get("priors") or {}
    for path in levers(name):
        given = _at(data, path)
        settled = path in (world.get("priors") or {}) and path not in drawn
        if given is None or (given == _at(world, path) and not settled):
            continue
        found[path] = checked_value(name, path, str(given))
    return found


def _at(data: Any, path: str) -> Any:
    """Return what stands at a dotted path of plain data, None if nothing does."""
    for part in path.split("."):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield the paths at which two trees of plain data differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys([*ours, *theirs]):
            inner = f"{path}.{key}".lstrip(".")
            yield from _differences(ours.get(key), theirs.get(key), inner)
    elif ours != theirs:
        yield path
