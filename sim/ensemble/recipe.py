"""How to run some results again: what differs from the shipped scenario, and the command."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from ..results.store import digest
from ..scenario import Scenario, ScenarioError, from_mapping, load, names
from ..scenario.grammar import override_text
from .designs import grid

if TYPE_CHECKING:
    from ..results.results import Results

LONGEST_COMMAND = 1_500
MOST_OVERRIDES = 20
"""Beyond these a command is no longer one: the scenario is its own."""


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
    if job["points"] > 1 or not _whole(job, scenario):
        return Recipe(overrides, None)
    if overrides is None:
        what = ["scenario_file=scenario.yaml"]
    else:
        what = [f"scenario={scenario.name}", *overrides]
    keys = [f"{key}={job[key]}" for key in ("runs", "seed", "record", "engine")]
    keys += [f"first={job['first']}"] if job["first"] else []
    return Recipe(overrides, shlex.join(["armsflow", *what, *keys]))


def of_runs(results: "Results", points: Iterable[int]) -> dict[int, str]:
    """By point, the command that plays a run of it on the reference engine, all but `first=RUN`.

    There is none where policies in Python were played, where the job is such a run itself, and for
    points of a scenario that lies in no file.
    """
    job = results.manifest
    alone = (job["points"], job["runs"], job["engine"]) == (1, 1, "reference")
    if alone or not _whole(job, results.scenario):
        return {}
    bases: dict[str | None, Scenario] = {None: results.scenario}
    bases |= {name: from_mapping(mapping) for name, mapping in job["scenarios"].items()}
    told = {name: _told(results, base) for name, base in bases.items()}
    commands = {}
    for point in points:
        own = {path: values[point] for path, values in job["sweep"].items()}
        base = told[own.pop("scenario", None)]
        if base is not None:
            keys = [f"seed={job['seed']}", "engine=reference", "runs=1"]
            words = [f"{path}={override_text(value)}" for path, value in own.items()]
            commands[point] = shlex.join(["armsflow", *base, *words, *keys])
    return commands


def _told(results: "Results", scenario: Scenario) -> tuple[str, ...] | None:
    """The words for a scenario of some results; None for one that is neither shipped nor theirs."""
    overrides = differences(scenario)
    if overrides is not None:
        return (f"scenario={scenario.name}", *overrides)
    own = scenario.digest == results.scenario.digest
    return (f"scenario_file={override_text(str(results.path))}",) if own else None


def of_sweep(results: "Results") -> str | None:
    """The command that sweeps again; None where no short one does.

    It does over all combinations of some values, of a scenario that a few words tell.
    """
    job, scenario = results.manifest, results.scenario
    if len(job["scenarios"]) > 1:
        return None
    table = {
        path: [override_text(value) for value in column]
        for path, column in job["sweep"].items()
        if path != "scenario"
    }
    values = {path: list(dict.fromkeys(column)) for path, column in table.items()}
    if prod(map(len, values.values())) != job["points"] or grid(values) != table:
        return None
    overrides = differences(scenario)
    if overrides is None or not _whole(job, scenario):
        return None
    told = [f"scenario={scenario.name}", *overrides]
    told += [f"{path}={','.join(some)}" for path, some in values.items()]
    told += [f"{key}={job[key]}" for key in ("runs", "seed", "record", "engine")]
    told += [f"first={job['first']}"] if job["first"] else []
    command = shlex.join(["armsflow", "-m", *told])
    return command if len(command) <= LONGEST_COMMAND else None


def _whole(job: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether the scenario of the manifest is all that was played: no policy in Python beside it.

    The job's digest tells: it is of the scenario as it was then.
    """
    keys = ("scenarios", "sweep", "runs", "first", "seed", "record", "engine", "runs_a_part")
    asked = {key: job[key] for key in keys}
    asked["scenarios"] = {name: from_mapping(x).digest for name, x in job["scenarios"].items()}
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
        return [f"priors={override_text(after) if after else 'none'}"]
    gone = [f"~priors.{path}" for path in before if path not in after]
    new = [
        f"priors.{path}={override_text(x)}" for path, x in after.items() if before.get(path) != x
    ]
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
        yield f"{key}={override_text(new)}"


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
