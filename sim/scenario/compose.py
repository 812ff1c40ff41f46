"""Composition of a scenario as plain data: defaults, generated worlds, overrides, doctrines.

Two forms. The *mapping* is what was written, with the rules and the doctrines it uses filled in: it
stands alone, and overrides apply to it. The *normal form* is what the schema checks: every state
has all six desks, each a mapping with its rule and all that the rule sets.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any, cast

import numpy as np
from pydantic import ValidationError

from ..desks.registry import REGISTRY
from ..params import Rules
from ..world import DESKS
from .files import DEEPEST, names, shipped, unsafe
from .generate import generated
from .grammar import read_override
from .parameters import resolved
from .priors import quantile
from .problems import ScenarioError
from .schema import MOST, Prior, axes

NOTHING = (None, "none")
"""How `timetable` and `priors` are emptied."""
_GONE = object()
"""Stands in a list for what was taken out, until all changes are made."""
LONGEST_OVERRIDE = 4_000
"""Characters of an override. Hydra's parser reads some thousand a second."""


def plain(value: Any) -> Any:
    """Return a deep copy made of dicts, lists, text and numbers; of a day its text.

    Raises:
        ScenarioError: It holds anything else, a missing value or a time of day among it.
    """
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if type(value).__name__ in ("NAType", "NaTType") or isinstance(value, np.datetime64):
        raise ScenarioError(["scenario: a value is missing"])
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime):
        if value.time() != time():
            raise ScenarioError([f"scenario: {value} has a time of day, where a day is needed"])
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    raise ScenarioError([f"scenario: a {type(value).__name__} is not plain data"])


def merged(base: Any, top: Any) -> Any:
    """Return `top` over `base`: mappings key by key, anything else replaced.

    Args:
        base: Plain data.
        top: Plain data, which goes before.
    """
    if not (isinstance(base, dict) and isinstance(top, dict)):
        return top
    return base | {key: merged(base.get(key), value) for key, value in top.items()}


def composed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping that stands alone: data with the rules and doctrines that it uses.

    Raises:
        ScenarioError: The data is not plain, or holds what no scenario may.
    """
    try:
        written = plain(data)
    except RecursionError:
        raise ScenarioError(["scenario: nested too deep, or a part of itself"]) from None
    found = unsafe(written)
    for group, most in MOST.items():
        entered = written.get(group)
        if isinstance(entered, dict | list) and len(entered) > most:
            found.append(f"{group}: {len(entered)}, where {most} are the most")
    if found:
        raise ScenarioError(found)
    phases = [field.name for field in fields(Rules) if field.name in names("rules")]
    rules = merged({phase: shipped("rules", phase) for phase in phases}, written.get("rules", {}))
    whole = resolved(written)
    return whole | {"rules": plain(rules), "doctrines": plain(_doctrines(written))}


def normal(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return the normal form of a mapping; what cannot be resolved stays, for the checks."""
    data = merged(generated(mapping), {k: v for k, v in mapping.items() if k != "generate"})
    for key, empty in (("timetable", []), ("priors", {})):
        if data.get(key) in NOTHING:
            data[key] = empty
    technologies = list(entries(data, "technologies"))
    munitions = list(entries(data, "munitions"))
    inner = {"technology": technologies, "munition": munitions}
    states = {
        code: state | {"desks": _desks(state, entries(data, "doctrines"), inner)}
        for code, state in entries(data, "states").items()
        if isinstance(state, dict)
    }
    return data | ({"states": data["states"] | states} if states else {})


def entries(data: Any, *path: str) -> dict[str, Any]:
    """Return the mapping at a path of unchecked data, {} where there is none.

    Args:
        data: Plain data.
        path: The keys that lead to the mapping.
    """
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _doctrines(written: dict[str, Any]) -> Any:
    """Return the doctrines that states follow: the scenario's own, else the shipped ones."""
    own = written.get("doctrines", {})
    states = merged(entries(generated(written), "states"), entries(written, "states"))
    followed = [state.get("doctrine") for state in states.values() if isinstance(state, dict)]
    dated = written.get("timetable")
    for entry in dated if isinstance(dated, list) else []:
        followed.append(entries(entry, "set").get("doctrine"))
    found = sorted(name for name in names("doctrine") if name in followed)
    return merged({name: shipped("doctrine", name) for name in found}, own)


def _rule(entry: Any) -> dict[str, Any]:
    """Return a desk's entry as a mapping: text names the rule alone."""
    return {"rule": entry} if isinstance(entry, str) else entry if isinstance(entry, dict) else {}


def _desks(state: dict[str, Any], doctrines: dict[str, Any], inner: dict[str, list[str]]) -> Any:
    """Return all desks of a state: its own settings over its doctrine's over the defaults."""
    own = state.get("desks", {})
    if own is None:
        own = {}
    if not isinstance(own, dict):
        return own
    bundle = entries(doctrines, str(state.get("doctrine")), "desks")
    return own | {
        desk: _desk(desk, _rule(bundle.get(desk)), own.get(desk, {}), inner) for desk in DESKS
    }


def _desk(desk: str, bundled: dict[str, Any], own: Any, inner: dict[str, list[str]]) -> Any:
    if not isinstance(own, str | dict):
        return own
    chosen = {"rule": bundled.get("rule")} | _rule(own)
    known = REGISTRY[desk].get(str(chosen["rule"]))
    if known is None:
        return chosen
    layers = [bundled, chosen] if bundled.get("rule") == chosen["rule"] else [chosen]
    resolved: dict[str, Any] = {key: value for layer in layers for key, value in layer.items()}
    for field in fields(known.coefficients):
        values = [_real(layer[field.name]) for layer in layers if field.name in layer]
        if field.metadata["default"] is not None:
            values.insert(0, float(field.metadata["default"]))
        if len(axes(field)) > 1:
            values = _by_name(values, inner[axes(field)[1]], field.name in chosen)
        for n, value in enumerate(values):
            resolved[field.name] = merged(resolved[field.name], value) if n else value
    return resolved


def _by_name(layers: list[Any], known: list[str], own: bool) -> list[Any]:
    """Return layers of a coefficient by technology: one number is that of all names.

    A doctrine may name technologies that a scenario lacks; a state itself (the last layer, where it
    is its `own`) may not.
    """
    wide = [dict.fromkeys(known, x) if isinstance(x, float) else x for x in layers]
    doctrines = wide[:-1] if own else wide
    return [
        {name: x for name, x in layer.items() if name in known}
        if isinstance(layer, dict)
        else layer
        for layer in doctrines
    ] + wide[len(doctrines) :]


def _real(value: Any) -> Any:
    """Return whole numbers as real ones, also inside a mapping; anything else as it is."""
    if isinstance(value, dict):
        return {key: _real(item) for key, item in value.items()}
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1000
    return float(value) if whole else value


@dataclass(frozen=True)
class Change:
    """One override: a value at a path, or the end of what stands there."""

    path: tuple[str, ...]
    value: Any
    delete: bool = False

    @property
    def key(self) -> str:
        """Return the path as it was written."""
        return ".".join(self.path)


def changes(overrides: Iterable[str]) -> list[Change]:
    """Parse overrides of Hydra's grammar, `a.b=value` (or `+`, `++`, `~a.b`).

    Raises:
        ScenarioError: One is not of that grammar, or is a sweep.
    """
    overrides = list(overrides)
    if not overrides:
        return []
    found, wrong = [], []
    for text in overrides:
        if len(text) > LONGEST_OVERRIDE:
            wrong.append(f"{text[:40]}...: longer than {LONGEST_OVERRIDE:,} characters")
            continue
        try:
            parsed = read_override(text)
        except ValueError as error:
            wrong.append(str(error))
            continue
        key = parsed.key_or_group
        if parsed.is_delete() and parsed.value() not in ("", None):
            wrong.append(f"{text}: takes no value; ~{key} alone takes it away")
        elif parsed.is_sweep_override():
            wrong.append(f"{key}: a sweep, where one value is needed")
        elif parsed.package is not None or "/" in key or key.count(".") > DEEPEST:
            wrong.append(f"{key}: is not a key of a scenario")
        else:
            value = None if parsed.is_delete() else plain(parsed.value())
            path = key.split(".")
            path = ["priors", ".".join(path[1:])] if path[0] == "priors" and path[1:] else path
            found.append(Change(tuple(path), value, parsed.is_delete()))
    if wrong:
        raise ScenarioError(wrong)
    return found


def overridden(mapping: Mapping[str, Any], wanted: Iterable[Change]) -> dict[str, Any]:
    """Return the mapping with changes; what a change settles has no prior any more.

    Args:
        mapping: Plain data, left as it is.
        wanted: The changes, in their order. What they take out of a list leaves its place empty
            until all are done: numbers are those of the mapping.

    Raises:
        ScenarioError: A path leads through a value that has no keys.
    """
    data, wrong = deepcopy(dict(mapping)), []
    gone: set[tuple[str, ...]] = set()
    for change in wanted:
        if change.delete and change.path in gone:
            wrong.append(f"~{change.key}: stands twice; numbers are those of before any is gone")
            continue
        if change.delete:
            gone.add(change.path)
        if change.path == ("priors",) and (change.delete or change.value in NOTHING):
            _take_medians(data)
        try:
            _put(data, change)
        except (KeyError, IndexError, TypeError, ValueError):
            wrong.append(f"{change.key}: no such key")
        settle(data, change.path)
    if wrong:
        raise ScenarioError(wrong)
    return cast("dict[str, Any]", _closed_up(data)) if gone else data


def _closed_up(data: Any) -> Any:
    """Return data without the empty places that removals left in its lists."""
    if isinstance(data, dict):
        return {key: _closed_up(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_closed_up(item) for item in data if item is not _GONE]
    return data


def settle(data: dict[str, Any], path: tuple[str, ...]) -> None:
    """Drop the priors of what an override decides, in place.

    Args:
        data: A mapping, which changes.
        path: Of the override; a state's new doctrine decides its desks.
    """
    if path[0] == "states" and path[2:] == ("doctrine",):
        path = (*path[:2], "desks")
    settled = ".".join(path)
    priors = entries(data, "priors")
    for prior in list(priors):
        inside, around = f"{prior}.", f"{settled}."
        if inside.startswith(around) or around.startswith(inside):
            del priors[prior]


def _take_medians(data: dict[str, Any]) -> None:
    """Write the median of every prior, in place, unless it stands there already."""
    resolved = normal(composed(data))  # with the doctrines that states follow
    for path, law in entries(data, "priors").items():
        keys = tuple(path.split("."))
        with suppress(ValidationError, KeyError, IndexError, TypeError, ValueError):
            median = quantile(Prior.model_validate(law), 0.5)
            if _standing(resolved, keys) != median:
                _put(data, Change(keys, median))


def _standing(data: Any, keys: Iterable[str]) -> Any:
    """Return what stands at a path, None if nothing does."""
    for key in keys:
        if isinstance(data, list):
            data = data[int(key)]
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data


def _put(data: Any, change: Change) -> None:
    """Write a change into the data, making mappings on the way; a law or a rule replaces."""
    *way, last = change.path
    here = data
    for depth, part in enumerate(way):
        if isinstance(here, list):
            here = here[int(part)]
        else:
            if here.get(part) in NOTHING and not isinstance(here.get(part), list | dict):
                here[part] = [] if part == "timetable" else {}
            if isinstance(here[part], str) and way[0] == "states" and way[2:3] == ["desks"]:
                here[part] = _rule(here[part])
            here = here[part]
        if not isinstance(here, dict | list):
            raise KeyError(depth)
    place: Any = int(last) if isinstance(here, list) else last
    one_more = isinstance(here, list) and place == len(here) and isinstance(change.value, dict)
    if isinstance(here, list) and not one_more and here[place] is _GONE:
        raise KeyError(place)
    if change.delete and isinstance(here, list):
        here[place] = _GONE
    elif change.delete:
        del here[place]
    elif one_more:
        here.append(change.value)
    elif isinstance(here, list):
        here[place] = change.value
    else:
        whole = way == ["priors"] or (isinstance(change.value, dict) and "rule" in change.value)
        here[place] = change.value if whole else merged(here.get(place), change.value)
