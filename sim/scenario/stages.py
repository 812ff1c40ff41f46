"""Dated changes of policy: what the timetable makes of a scenario from a week on.

    timetable:
      - {date: 2024-01-01, kind: policy, actor: CHN, set: {desks.transfer.release: 0.02}}

From that week on the state decides by its new doctrine, desks or traits. Only numbers and the
choice of rules change; so a run keeps its noise, and a program is compiled once for all stages.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt64

from .. import params
from .compose import NOTHING, Change, overridden, plain
from .problems import ScenarioError
from .schema import POLICY, Dated, Spec, State

if TYPE_CHECKING:
    from .scenario import Scenario

TRAITS = tuple(
    name
    for name in State.model_fields
    if name in {field.name for field in fields(params.States)} | {"capacity"}
)
"""What of a state may change beside its doctrine and desks; what it merely begins with may not."""


@dataclass(frozen=True)
class Stage:
    """A scenario from a week on.

    - `week`: the first week in which it holds.
    - `scenario`: as its dated changes up to then have made it.
    - `settled`: the paths that they set, which no prior and no point of a sweep sets any more.
    """

    week: int
    scenario: "Scenario"
    settled: tuple[str, ...]

    def open_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return numbers by path without those that its changes set.

        Args:
            values: As in `Scenario.draw`.
        """
        return {path: value for path, value in values.items() if not self._sets(path)}

    def _sets(self, path: str) -> bool:
        inside = f"{path}."
        return any(inside.startswith(f"{own}.") for own in self.settled)


@dataclass(frozen=True)
class Draft:
    """A stage before its arrays are made."""

    week: int
    mapping: dict[str, Any]
    spec: Spec
    settled: tuple[str, ...]


def drafts(
    mapping: Mapping[str, Any], spec: Spec, resolve: Callable[[Mapping[str, Any]], Spec]
) -> list[Draft]:
    """Return the later stages of a scenario, in the order of their weeks.

    Args:
        mapping: The scenario as written.
        spec: The same, checked.
        resolve: Checks a mapping and puts priors at their medians.

    Raises:
        ScenarioError: All that is wrong with what its changes set.
    """
    found: dict[int, Draft] = {}
    wrong: list[str] = []
    held = _without_changes(mapping)
    settled: tuple[str, ...] = ()
    for number, entry in sorted(_changes(spec), key=lambda pair: pair[1].day):
        week = (entry.day - spec.start).days // 7
        wanted = [
            Change(("states", entry.actor, *key.split(".")), value)
            for key, value in (entry.set_ or {}).items()
        ]
        try:
            changed = overridden(held, wanted)
            made = resolve(changed)
        except ScenarioError as error:
            wrong += [f"timetable.{number}.set: {problem}" for problem in error.problems]
            continue
        held = changed
        settled = (*settled, *(path for change in wanted for path in _paths(change)))
        if week < spec.weeks:
            found[week] = Draft(week, held, made, settled)
    if wrong:
        raise ScenarioError(wrong)
    return list(found.values())


def _changes(spec: Spec) -> Iterator[tuple[int, Dated]]:
    """Yield the changes of policy from the first week on, with their places in the timetable."""
    for number, entry in enumerate(spec.timetable):
        if entry.kind == POLICY and entry.day >= spec.start:
            yield number, entry


def _paths(change: Change) -> Iterator[str]:
    """Yield the paths that a change decides: those of a mapping one by one."""
    if change.path[2:] == ("doctrine",):
        yield ".".join((*change.path[:2], "desks"))
    elif isinstance(change.value, dict) and "rule" not in change.value:
        for key, value in change.value.items():
            yield from _paths(Change((*change.path, str(key)), value))
    else:
        yield change.key


def _without_changes(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping whose timetable has no changes of policy, and which makes no stages."""
    listed = mapping.get("timetable")
    if listed in NOTHING or not isinstance(listed, list):
        return dict(mapping)
    return dict(mapping) | {"timetable": [entry for entry in listed if entry.get("kind") != POLICY]}


def with_policy_entry(
    mapping: Mapping[str, Any], day: Any, code: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a mapping with one more change of policy in its timetable.

    Args:
        mapping: The scenario as written.
        day: The day from which it holds.
        code: The code of the state.
        settings: What the state sets.
    """
    listed = mapping.get("timetable")
    entry = plain({"date": day, "kind": POLICY, "actor": code, "set": settings})
    return dict(mapping) | {"timetable": [*([] if listed in NOTHING else listed), entry]}


def problems(number: int, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the form of an entry of the timetable: what it sets, and of whom.

    Args:
        number: Its place in the timetable.
        entry: The entry, unchecked.
    """
    at, sets = f"timetable.{number}", entry.get("set")
    if entry.get("kind") != POLICY:
        if sets is not None:
            yield f"{at}.set: belongs to kind policy alone"
        return
    if entry.get("target") is not None:
        yield f"{at}.target: a policy takes none"
    if not isinstance(sets, dict) or not sets:
        yield f"{at}: a policy needs set, a mapping such as {{doctrine: restraint}}"
        return
    for key in sets:
        first = str(key).partition(".")[0]
        if first not in ("doctrine", "desks", *TRAITS):
            yield (
                f"{at}.set.{key}: cannot change in the middle of a run; doctrine, desks and"
                f" traits such as {', '.join(TRAITS[:3])} can"
            )


def params_by_week(
    scenario: "Scenario", key: UInt64[np.ndarray, "2"], values: Mapping[str, float] | None = None
) -> dict[int, params.Params]:
    """Return the numbers of a run's later stages, by the first week of each.

    Args:
        scenario: What is simulated.
        key: The run's key.
        values: As in `Scenario.draw`.
    """
    return {
        stage.week: stage.scenario.draw(key, stage.open_values(values or {}))[0]
        for stage in scenario.stages
    }
