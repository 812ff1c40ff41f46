"""A phase of the week: a function with a name, and the kinds of events that it may emit."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from ..events import AXES, EVENTS, shape
from ..params import Wiring
from ..world import Array, Events, World

ARGUMENTS = ("params", "world", "seen", "action", "noise")
"""What a phase may be given. The first two it must take."""
FIELDS = tuple(field.name for field in fields(World))


class PhaseError(ValueError):
    """A phase of one's own returns what its place in the week does not allow."""


@dataclass(frozen=True)
class Phase:
    """One step of what the decisions of a week bring about.

    - `name`: its place in the table.
    - `function`: from those of ARGUMENTS that its parameters name to the world after it and counts
      of events by kind, each with its axes in `events.AXES`.
    - `events`: the kinds that it may emit.
    - `shipped`: whether it is armsflow's own; of any other all that it returns is checked.
    """

    name: str
    function: Callable[..., tuple[World, Events]]
    events: tuple[str, ...] = ()
    shipped: bool = True

    @cached_property
    def takes(self) -> tuple[str, ...]:
        """The arguments that the function names."""
        return tuple(inspect.signature(self.function).parameters)

    def run(self, given: Mapping[str, Any]) -> tuple[World, dict[str, Array]]:
        """The world after the phase, and counts of all the kinds of events that it may emit."""
        found = self.function(**{name: given[name] for name in self.takes})
        if self.shipped:
            return found[0], dict(found[1])
        return self._checked(given["params"].wiring, given["world"], found)

    def _checked(self, wiring: Wiring, before: World, found: Any) -> tuple[World, dict[str, Array]]:
        """What a phase of one's own returns; kinds that it leaves out did not happen."""
        if not (isinstance(found, tuple) and len(found) == 2 and isinstance(found[0], World)):
            raise PhaseError(f"phase {self.name}: it must return the World and its events")
        world, events = found
        shapes = {kind: shape(kind, wiring) for kind in self.events}
        wrong = _emitted(events, shapes) + _reshaped(before, world)
        if wrong:
            raise PhaseError(f"phase {self.name}: {'; '.join(wrong)}")
        xp = before.force.__array_namespace__()
        none = {kind: xp.zeros(shape) for kind, shape in shapes.items() if kind not in events}
        return world, none | dict(events)


Phases = tuple[Phase, ...]
Functions = Mapping[str, Callable[..., tuple[World, Events]]]
"""Functions of one's own, by the name of the phase that they stand for."""


def _emitted(events: Any, allowed: Mapping[str, tuple[int, ...]]) -> list[str]:
    """What is wrong with the events of a phase, given the shape of each that it may emit."""
    if not isinstance(events, Mapping):
        return ["its events are not a mapping of counts by kind"]
    kinds = ", ".join(allowed) or "no event"
    return [
        f"it emits '{kind}', but may emit {kinds}" for kind in events if kind not in allowed
    ] + [
        f"its '{kind}' has the shape {found}, not {allowed[kind]} ({AXES[kind]})"
        for kind, counts in events.items()
        if kind in allowed and (found := getattr(counts, "shape", ())) != allowed[kind]
    ]


def _reshaped(before: World, world: World) -> list[str]:
    """Which fields of a world have another kind or shape than before."""
    pairs = ((name, getattr(before, name), getattr(world, name)) for name in FIELDS)
    return [
        f"it makes '{name}' {_form(now)}, which was {_form(then)}"
        for name, then, now in pairs
        if now is not then and _form(now) != _form(then)
    ]


def _form(array: Any) -> str:
    """The kind and the shape of an array."""
    return f"{getattr(array, 'dtype', type(array).__name__)} {getattr(array, 'shape', ())}"


def table(*phases: Phase) -> Phases:
    """The phases of a week, in their order, which together may emit each kind of event once.

    Raises:
        ValueError: A kind that no phase may emit, that two may, or that there is not.
    """
    emitters = {kind: [p.name for p in phases if kind in p.events] for kind in EVENTS}
    known = {kind for phase in phases for kind in phase.events} - set(EVENTS)
    wrong = [f"there is no event '{kind}'" for kind in sorted(known)]
    wrong += [f"no phase emits '{kind}'" for kind, names in emitters.items() if not names]
    wrong += [
        f"'{kind}' is emitted by {' and '.join(names)}"
        for kind, names in emitters.items()
        if len(names) > 1
    ]
    if wrong:
        raise ValueError(f"phases: {'; '.join(wrong)}")
    return phases


def replaced(phases: Phases, own: Functions) -> Phases:
    """The phases with some functions of one's own, by name, in place of theirs."""
    return tuple(
        Phase(p.name, own[p.name], p.events, shipped=False) if p.name in own else p for p in phases
    )
