"""Recipes: what leads to some results again, as overrides and as a command."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose, prod
from typing import TYPE_CHECKING, Any

from ..results.store import digest
from ..scenario import Scenario, ScenarioError, from_mapping, load, names
from ..scenario.grammar import override_text
from ..scenario.load import shipped_digest
from ..scenario.parameters import SHIPPED
from .designs import grid

if TYPE_CHECKING:
    from ..results.results import Results

MAX_COMMAND = 1_500
MAX_OVERRIDES = 20
"""Beyond these a command is no longer short: the scenario is its own."""


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
    """Return how to get these results again, if there is a way."""
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


def run_commands(results: "Results", points: Iterable[int]) -> dict[int, str]:
    """Return by point the command that repeats a run on the reference engine, but for `first=RUN`.

    There is none where policies in Python took part, where the job is such a run itself, and for
    points of a scenario that lies in no file.

    Args:
        results: The folder.
        points: The numbers of the points.
    """
    job = results.manifest
    alone = (job["points"], job["runs"], job["engine"]) == (1, 1, "reference")
    if alone or not _whole(job, results.scenario):
        return {}
    bases: dict[str | None, Scenario] = {None: results.scenario}
    bases |= {name: from_mapping(mapping) for name, mapping in job["scenarios"].items()}
    of_base = {name: _scenario_overrides(results, base) for name, base in bases.items()}
    commands = {}
    for point in points:
        own = {path: values[point] for path, values in job["sweep"].items()}
        base = of_base[own.pop("scenario", None)]
        if base is not None:
            keys = [f"seed={job['seed']}", "engine=reference", "runs=1"]
            overrides = [f"{path}={override_text(value)}" for path, value in own.items()]
            commands[point] = shlex.join(["armsflow", *base, *overrides, *keys])
    return commands


def _scenario_overrides(results: "Results", scenario: Scenario) -> tuple[str, ...] | None:
    """Return the overrides that choose a scenario; None if neither shipped nor the results'."""
    overrides = differences(scenario)
    if overrides is not None:
        return (f"scenario={scenario.name}", *overrides)
    own = scenario.digest == results.scenario.digest
    return (f"scenario_file={override_text(str(results.path))}",) if own else None


def sweep_command(results: "Results") -> str | None:
    """Return the command that sweeps again; None where no short one does.

    There is one for all combinations of some values, of a scenario that a few overrides make.
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
    keys = [f"scenario={scenario.name}", *overrides]
    keys += [f"{path}={','.join(some)}" for path, some in values.items()]
    keys += [f"{key}={job[key]}" for key in ("runs", "seed", "record", "engine")]
    keys += [f"first={job['first']}"] if job["first"] else []
    command = shlex.join(["armsflow", "-m", *keys])
    return command if len(command) <= MAX_COMMAND else None


def _whole(job: Mapping[str, Any], scenario: Scenario) -> bool:
    """Return whether the manifest's scenario is all that was simulated, without Python policies.

    The job's digest shows it: it is of the scenario as it was then.
    """
    keys = ("scenarios", "sweep", "runs", "first", "seed", "record", "engine", "runs_a_part")
    content = {key: job[key] for key in keys}
    content["scenarios"] = {
        name: scenario.digest if x == scenario.mapping else from_mapping(x).digest
        for name, x in job["scenarios"].items()
    }
    version = job["versions"]["armsflow"]
    found: str = digest({"scenario": scenario.digest, **content, "armsflow": version})
    return found == job["digest"]


def differences(scenario: Scenario) -> tuple[str, ...] | None:
    """Return the overrides that make a shipped scenario this one; None if a few do not."""
    if scenario.name not in names("scenario"):
        return None
    if shipped_digest(scenario.name) == scenario.digest:
        return ()
    shipped = load(scenario.name)
    overrides = [
        override
        for key in dict.fromkeys([*shipped.mapping, *scenario.mapping])
        if key not in ("doctrines", "priors", "parameters")
        for override in _changes(shipped.mapping, scenario.mapping, key)
    ]
    if scenario.spec.parameters is not None:  # another than the shipped one has another digest
        overrides.append(f"parameters={SHIPPED}")
    try:
        changed = load(scenario.name, overrides)
        overrides += _prior_overrides(changed, scenario)
        same = load(scenario.name, overrides).digest == scenario.digest
    except ScenarioError:
        return None
    return tuple(overrides) if same and len(overrides) <= MAX_OVERRIDES else None


def _prior_overrides(changed: Scenario, scenario: Scenario) -> list[str]:
    """Return the overrides of priors that remain once the others have settled theirs."""
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


def _same_number(old: Any, new: Any) -> bool:
    """Return whether two numbers differ at most by rounding, as the median of a prior may."""
    floats = isinstance(old, float) and isinstance(new, float)
    return floats and isclose(old, new, rel_tol=1e-12)


def _changes(before: Any, after: Any, *path: str) -> Iterator[str]:
    """Yield the overrides that turn what stands at a path before into what stands there after."""
    old, new = _at(before, path), _at(after, path)
    if old == new or _same_number(old, new):
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
