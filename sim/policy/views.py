"""What one state sees, read by names instead of by places in arrays.

    me.stock["shell_152"]   me.of("USA").tension   me.route("PRK", "RUS").exposure

A view reads this week's Observation whenever it is used, and only what its state may know.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import listed
from ..scenario.problems import nearest
from ..scenario.schema import axes as axes_of_field
from ..world import EXERCISES, MEANS, TIMETABLE, Observation

if TYPE_CHECKING:
    from ..scenario import Scenario
    from .state import Deliberation

PUBLIC = (
    *("want", "announced", "at_war", "embargoed", "monitored", "backing"),
    *("drill", "test", "suspicion"),
)
"""What every state sees of every other, of what belongs to one state."""
PRIVATE = ("contract", "delivery", "debt")
"""What only its two ends see of a route."""


def axes_of(noun: type) -> dict[str, tuple[str, ...]]:
    """Return the axes of each array of a dataclass, as its annotation gives them."""
    return {field.name: axes_of_field(field) for field in fields(noun)}


SEEN = axes_of(Observation)


class Names:
    """The codes along every axis of a scenario, and where each stands.

    - `codes`: by axis.
    - `pairs`: the place of each listed pair, by the places of its actor and its target.
    """

    def __init__(self, scenario: "Scenario") -> None:
        """Take the names of a scenario."""
        self.codes: dict[str, tuple[str, ...]] = {
            "state": scenario.states,
            "munition": scenario.munitions,
            "technology": scenario.technologies,
            "route": tuple(f"{source}>{target}" for source, target in scenario.routes),
            "observer": scenario.observers,
            "means": MEANS,
            "kind": EXERCISES,
            "event": TIMETABLE,
        }
        self.pairs = {pair: place for place, pair in enumerate(scenario.pairs)}
        self._places = {
            axis: {code: place for place, code in enumerate(codes)}
            for axis, codes in self.codes.items()
        }

    def place(self, axis: str, code: str) -> int:
        """Return where a code stands on an axis.

        Args:
            axis: The name of the axis, such as `munition`.
            code: The code.

        Raises:
            KeyError: It does not stand there; the message names the nearest that does.
        """
        found = self._places[axis].get(code)
        if found is None:
            raise KeyError(f"there is no {axis} {code!r}{nearest(code, self.codes[axis])}")
        return found


class Figures(Mapping[str, float]):
    """Numbers by name, as they stood when they were read; they cannot be set."""

    def __init__(self, axis: str, names: Sequence[str], values: np.ndarray) -> None:
        """Take a number for each name.

        Args:
            axis: The name of the axis, such as `munition`.
            names: The name of each number.
            values: The numbers, [name].
        """
        self._axis = axis
        self._values = dict(zip(names, values.tolist(), strict=True))

    def __getitem__(self, name: str) -> float:
        if name not in self._values:
            raise KeyError(f"there is no {self._axis} {name!r}{nearest(name, self._values)}")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class View(ABC):
    """Fields of the Observation as attributes: those that FIELDS names."""

    FIELDS: tuple[str, ...] = ()
    _table: "Deliberation"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.FIELDS:
            raise AttributeError(f"{self!r} has no {name!r}{self._hint(name)}")
        return self._read(name, getattr(self._table.seen, name))

    def read(self, name: str) -> Any:
        """Return what is seen of a field, also of one whose name is a verb's, such as `want`."""
        return self._read(name, getattr(self._table.seen, name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.FIELDS:
            raise AttributeError(f"{name!r} is what {self!r} sees: it cannot be set")
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.FIELDS})

    def _hint(self, name: str) -> str:
        return nearest(name, self.FIELDS)

    @abstractmethod
    def _read(self, name: str, values: np.ndarray) -> Any:
        """Return what is seen of a field, by the axes of this kind of view."""

    def _figures(self, values: np.ndarray, *axes: str) -> Any:
        """Return a lone number as it is, several by their names."""
        if not axes:
            return values.item()
        codes = self._table.names.codes[axes[0]]
        return Figures(axes[0], codes, values[: len(codes)])  # without an inert entry


class Other(View):
    """What a state sees of another, or of what lies between the two."""

    FIELDS = tuple(
        name
        for name, axes in SEEN.items()
        if axes.count("state") == 2 or axes[:1] in (("pair",), ("call",)) or name in PUBLIC
    )

    def __init__(self, table: "Deliberation", me: str, code: str) -> None:
        """View `code` as `me` sees it; a state also views itself, for exercises held alone.

        Args:
            table: The deliberations of the run.
            me: The code of the state that sees.
            code: The code of the state that is seen.
        """
        self._table, self._me, self.code = table, me, code
        self._i, self._j = (table.names.place("state", c) for c in (me, code))

    def __repr__(self) -> str:
        return f"{self._me}.of({self.code!r})"

    def _read(self, name: str, values: np.ndarray) -> Any:
        i, j = self._i, self._j
        match SEEN[name]:
            case ("pair", *rest):
                return self._of_pair(name, values, *rest)
            case ("state", "state"):
                return self._figures(values[i, j])
            case ("call", event):
                return self._figures(listed(values, self._table.params.agenda.call[i, j]), event)
            case ("state", *rest):
                return self._figures(values[j], *rest)

    def _prior_trust(self) -> float:
        """Return the trust between strangers: what `rules.challenge` fades it to."""
        c, affinity = self._table.params.rules.escalate, self._table.seen.affinity
        warm = c.trust_by_affinity * affinity[self._i, self._j]
        return float(np.clip(c.trust_prior + warm, 0.0, 1.0))

    def _of_pair(self, name: str, values: np.ndarray, *axes: str) -> Any:
        """Return what stands between the two, or between two who are strangers."""
        pairs, seen = self._table.names.pairs, self._table.seen
        place, back = pairs.get((self._i, self._j)), pairs.get((self._j, self._i))
        if self._i == self._j and name == "calendar":
            return self._figures(seen.alone[self._i], *axes)
        if place is None or back is None:
            prior = self._prior_trust() if name == "trust" else 0.0
            return self._figures(np.full_like(values[0], prior), *axes)
        if name == "calendar":  # it has each pair once
            return self._figures(np.maximum(values[place], values[back]), *axes)
        return self._figures(values[place], *axes)


class Route(View):
    """What a state sees of a route; of others' routes, what is public."""

    FIELDS = tuple(name for name, axes in SEEN.items() if "route" in axes)

    def __init__(self, table: "Deliberation", me: str, source: str, target: str) -> None:
        """View the route from `source` to `target` as `me` sees it.

        Args:
            table: The deliberations of the run.
            me: The code of the state that sees.
            source: The supplier.
            target: The recipient.
        """
        self._table, self._me, self.source, self.target = table, me, source, target
        self._place = table.names.place("route", f"{source}>{target}")

    def __repr__(self) -> str:
        return f"{self._me}.route({self.source!r}, {self.target!r})"

    def _read(self, name: str, values: np.ndarray) -> Any:
        if name in PRIVATE and self._me not in (self.source, self.target):
            raise AttributeError(f"{self!r}: only its two ends see its {name}")
        if name == "estimate":
            return self._figures(values[self._table.names.place("observer", self._me), self._place])
        match SEEN[name]:
            case ("route", *rest):
                return self._figures(values[self._place], *rest)
            case (observer, "route"):
                return self._figures(values[:, self._place], observer)
