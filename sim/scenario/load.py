"""Loading of a scenario by name or from a file, without Hydra's global state."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from .check import at_medians, checked
from .code import Code
from .compose import Change, changes, composed, normal, overridden
from .digest import digest_of
from .files import read_yaml, shipped
from .grammar import override_text
from .problems import ScenarioError
from .scenario import Scenario, from_mapping
from .warn import warn

DEFAULT = "northeast_asia_2023"


def load(
    name_or_path: str | Path = DEFAULT,
    overrides: Iterable[str] = (),
    parameters: str | Path | None = None,
) -> Scenario:
    """Load a shipped scenario by its name, or one's own by the path of its file.

    Args:
        name_or_path: A name of `configs/scenario`, or a path that ends in .yaml or .yml.
        overrides: As on the command line: `weeks=104`, `states.PRK.doctrine=restraint`,
            `timetable=none`; `scenario=NAME` chooses another scenario.
        parameters: What runs draw their uncertain numbers from in place of the priors: `posterior`,
            the one that is shipped with the scenario, or a posterior's file.

    Warns:
        ScenarioWarning: For what is cut or has no effect.

    Raises:
        ScenarioError: All that is wrong with it.

    Examples:
        >>> sim.load("arms_race_dyad", ["weeks=52"])
        Scenario(arms_race_dyad: 2 states, 52 weeks)
    """
    scenario = loaded(name_or_path, [*overrides, *_chosen(parameters)])
    warn(scenario.warnings)
    return scenario


def loaded(name_or_path: str | Path = DEFAULT, overrides: Iterable[str] = ()) -> Scenario:
    """Return the scenario that `load` loads, without warnings: for callers that say them.

    Args:
        name_or_path: As of `load`.
        overrides: As of `load`.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    wanted: list[Change] = []
    for change in changes(overrides):
        if change.path != ("scenario",):
            wanted.append(change)
        elif isinstance(change.value, str):
            name_or_path = change.value
        else:
            raise ScenarioError(["scenario: must be a name"])
    if not isinstance(name_or_path, str | os.PathLike):
        raise ScenarioError([f"scenario: {name_or_path!r} is neither a name nor a path"])
    path = Path(name_or_path)
    own = isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml")
    data = read_yaml(path) if own else shipped("scenario", str(name_or_path))
    name = _title(path.stem) if own else str(name_or_path)
    return from_mapping(overridden(data, wanted), name)


def shipped_digest(name: str) -> str:
    """Return the digest of a shipped scenario, in less time than it takes to load it.

    Args:
        name: A name of `configs/scenario`.
    """
    data = {"name": name, **shipped("scenario", name)}
    return digest_of(at_medians(checked(normal(composed(data)))), Code())


def as_scenario(scenario: Scenario | str | Path, parameters: str | Path | None = None) -> Scenario:
    """Return a scenario as it is, or load the one of that name or file, without warnings.

    Args:
        scenario: A scenario, a name of `configs/scenario`, or the path of a file.
        parameters: As of `load`.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    if not isinstance(scenario, Scenario):
        return loaded(scenario, _chosen(parameters))
    return scenario if parameters is None else scenario.with_(*_chosen(parameters))


def _chosen(parameters: str | Path | None) -> list[str]:
    """Return the override that chooses what uncertain numbers are drawn from, if anything."""
    return [] if parameters is None else [f"parameters={override_text(str(parameters))}"]


def _title(stem: str) -> str:
    """Return a file's name as that of a scenario, which may stand in a path."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", stem).strip("_.-")[:64] or "custom"
