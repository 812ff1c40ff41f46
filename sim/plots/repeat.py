"""How to run some results again: what differs from the shipped scenario, and the command."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..results import digest
from ..scenario import Scenario, ScenarioError, load, names

if TYPE_CHECKING:
    from ..results import Results

MOST_OVERRIDES = 20
"""Beyond these a command is no longer one: the scenario is its own."""

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|\d{4}-\d\d-\d\d")
_NEVER_BARE = {"true", "false", "null", "nan", "inf"}


@dataclass(frozen=True)
class Recipe:
    """What leads to the results again.

    - `overrides`: what differs from the scenario that armsflow ships, `key=value` each; None for a
      scenario of its own, which the command reads from the file scenario.yaml.
    - `command`: for a shell; None where no file holds all that was run.
    """

    overrides: tuple[str, ...] | None
    command: str | None


def recipe(results: "Results") -> Recipe:
    """How to get these results again, if there is a way."""
    job, scenario = results.manifest, results.scenario
    overrides = differences(scenario)
    if not _whole(job, scenario):
        return Recipe(overrides, None)
    if overrides is None:
        what = ["scenario_file=scenario.yaml"]
    else:
        what = [f"scenario={scenario.name}", *overrides]
    keys = [f"{key}={job[key]}" for key in ("runs", "seed", "record", "engine")]
    return Recipe(overrides, shlex.join(["armsflow", *what, *keys]))


def _whole(job: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether the scenario of the manifest is all that was played: no policy in Python beside it.

    The job's digest tells: it is of the scenario as it was then.
    """
    asked = {key: job[key] for key in ("runs", "seed", "record", "engine", "runs_a_part")}
    version = job["versions"]["armsflow"]
    found: str = digest({"scenario": scenario.digest, **asked, "armsflow": version})
    return found == job["digest"]


def differences(scenario: Scenario) -> tuple[str, ...] | None:
    """The overrides that make a shipped scenario this one; None if a few do not."""
    if scenario.name not in names("scenario"):
        return None
    shipped = load(scenario.name)
    told = [
        override
        for key in dict.fromkeys([*shipped.mapping, *scenario.mapping])
        if key not in ("doctrines", "priors")
        for override in _changes(shipped.mapping, scenario.mapping, key)
    ]
    try:
        changed = load(scenario.name, told)
        told += _of_priors(changed, scenario)
        same = load(scenario.name, told).digest == scenario.digest
    except ScenarioError:
        return None
    return tuple(told) if same and len(told) <= MOST_OVERRIDES else None


def _of_priors(changed: Scenario, scenario: Scenario) -> list[str]:
    """What is left to say of priors once the other overrides have settled theirs."""
    before, after = (x.mapping.get("priors") for x in (changed, scenario))
    if before == after:
        return []
    if not isinstance(before, dict) or not isinstance(after, dict) or not after:
        return [f"priors={_value(after) if after else 'none'}"]
    gone = [f"~priors.{path}" for path in before if path not in after]
    new = [f"priors.{path}={_value(x)}" for path, x in after.items() if before.get(path) != x]
    return gone + new


def _changes(before: Any, after: Any, *path: str) -> Iterator[str]:
    """The overrides that turn what stands at a path before into what stands there after."""
    old, new = _at(before, path), _at(after, path)
    if old == new:
        return
    key = ".".join(path)
    if new is _NOTHING:
        yield f"~{key}"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            yield from _changes(before, after, *path, name)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and old:
        for place in range(len(old)):
            yield from _changes(before, after, *path, str(place))
    else:
        yield f"{key}={_value(new)}"


_NOTHING = object()


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if isinstance(data, list):
            data = data[int(part)]
        elif isinstance(data, Mapping) and part in data:
            data = data[part]
        else:
            return _NOTHING
    return data


def _value(value: Any) -> str:
    """A value in Hydra's grammar."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_value, value)) + "]"
    if isinstance(value, int | float):
        return repr(value)
    if _BARE.fullmatch(value) and value.lower() not in _NEVER_BARE:
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
