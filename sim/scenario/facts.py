"""What can be read off a scenario's specification: its name, its weeks, who and what is in it."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property

from ..rules.phase import Phase
from .code import Code
from .pairs import listed_pairs
from .priors import Cells
from .schema import Observed, Prior, Spec


class Facts:
    """What a scenario's `spec` says of it, by names.

    - `spec`: the scenario, checked.
    - `uncertain`: what each run draws for itself, by path.
    - `code`: its policies and phases in Python.
    """

    spec: Spec
    uncertain: Mapping[str, tuple[Prior, Cells]]
    code: Code

    @property
    def name(self) -> str:
        """Return the name, of the file if it has no other."""
        return self.spec.name

    @property
    def start(self) -> date:
        """Return the first day of week 0."""
        return self.spec.start

    @property
    def weeks(self) -> int:
        """Return how many weeks a run has."""
        return self.spec.weeks

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Return the codes of the states, in the order of every axis."""
        return tuple(self.spec.states)

    @cached_property
    def munitions(self) -> tuple[str, ...]:
        """Return the names of the munitions."""
        return tuple(self.spec.munitions)

    @cached_property
    def technologies(self) -> tuple[str, ...]:
        """Return the names of the technologies."""
        return tuple(self.spec.technologies)

    @cached_property
    def routes(self) -> tuple[tuple[str, str], ...]:
        """Return the supplier and the recipient of each route."""
        return tuple((route.source, route.target) for route in self.spec.routes)

    @cached_property
    def observers(self) -> tuple[str, ...]:
        """Return the states that publish estimates."""
        return tuple(code for code, state in self.spec.states.items() if state.observer)

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Return the places of actor and target of each pair that the scenario names together."""
        return tuple(listed_pairs(self.spec))

    @property
    def observations(self) -> tuple[Observed, ...]:
        """Return what was seen or said of its quantities, in the order of the file."""
        return tuple(self.spec.observations)

    @property
    def priors(self) -> tuple[str, ...]:
        """Return the paths of what each run draws for itself."""
        return tuple(self.uncertain)

    @property
    def policies(self) -> Mapping[str, type]:
        """Return the plain-Python policies, by the code of their state."""
        return self.code.policies

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Return the phases of a week, in their order."""
        return self.code.table

    def date(self, week: int) -> date:
        """Return the first day of a week.

        Examples:
            >>> scenario.date(1)
            datetime.date(2023, 5, 8)
        """
        return self.start + timedelta(weeks=int(week))
