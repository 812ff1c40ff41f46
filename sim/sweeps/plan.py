"""The plan of a sweep: a table of points, checked, and what each point is to an engine.

Columns are of two kinds. A number that a run may set for itself (`Scenario.bounds`) goes straight
into the run's row: it costs nothing. Any other choice, a doctrine or a number of weeks, makes a
variant of the scenario, built once for all points that share it. Variants with the same structure
are played by one program, side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from ..desks.registry import REGISTRY
from ..engines.blocks import Row
from ..points import Points
from ..scenario import Scenario, ScenarioError
from ..scenario.build import rules_used
from ..scenario.words import word
from ..world import DESKS

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Plan:
    """A table of points that can be played, P of them.

    - `scenario`: what the points change.
    - `bases`: by name, where points choose between several scenarios.
    - `columns`: what each sets, by path: P values each.
    - `numbers`: those of them that go into rows, by path.
    - `variants`: the other choices, as overrides; `which` of them each point has.
    - `rules`: what every variant's program holds, by desk.
    - `groups`: the points of each structure.
    """

    scenario: Scenario
    columns: Columns
    numbers: Mapping[str, Float64[np.ndarray, " point"]]
    variants: tuple[tuple[str, ...], ...]
    which: Int64[np.ndarray, " point"]
    rules: Mapping[str, tuple[str, ...]]
    groups: tuple[Int64[np.ndarray, " point"], ...]
    bases: Mapping[str, Scenario] = field(default_factory=dict)
    _made: dict[int, Scenario] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": {}}  # a worker makes those that its parts need

    @property
    def size(self) -> int:
        """How many points."""
        return len(self.which)

    def variant(self, number: int) -> Scenario:
        """One of the variants."""
        if number not in self._made:
            changed = changed_by(self.scenario, self.bases, self.variants[number])
            alike = changed.rules == self.rules
            self._made[number] = changed if alike else changed.holding(self.rules)
        return self._made[number]

    def points(self, number: Int64[np.ndarray, " run"]) -> Points:
        """What runs of these points have from them."""
        variants, which = np.unique(self.which[number], return_inverse=True)
        return Points(
            number,
            tuple(self.variant(variant) for variant in variants.tolist()),
            which,
            {path: values[number] for path, values in self.numbers.items()},
            {path: _column(values, number) for path, values in self.columns.items()},
        )


def _column(values: Sequence[Any], number: np.ndarray) -> list[Any]:
    """A column of the table of runs: numbers as they are, anything else as it would be written."""
    chosen = [values[point] for point in number.tolist()]
    if all(_real(value) for value in values):
        return [float(value) for value in chosen]
    return [value if isinstance(value, str) else word(value) for value in chosen]


def _real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def single(scenario: Scenario) -> Plan:
    """The plan of a job that is no sweep: one point, which changes nothing."""
    one = np.zeros(1, np.int64)
    return Plan(scenario, {}, {}, ((),), one, scenario.rules, (one,))


def changed_by(
    scenario: Scenario, bases: Mapping[str, Scenario], overrides: Sequence[str]
) -> Scenario:
    """A scenario with overrides, one of which may say which scenario."""
    named = [base for name, base in bases.items() if f"scenario={name}" in overrides]
    base = named[0] if named else scenario
    rest = [told for told in overrides if not told.startswith("scenario=")]
    return base.with_(*rest) if rest else base


def planned(
    scenario: Scenario, columns: Columns, bases: Mapping[str, Scenario] | None = None
) -> Plan:
    """The plan of a table.

    Args:
        scenario: What the points change.
        columns: By path, a value a point; as many in each. The path `scenario` chooses of `bases`.
        bases: Scenarios by name; needed for that choice alone.

    Raises:
        ScenarioError: All that is wrong with any value.
    """
    if not columns:
        return single(scenario)
    bases = bases or {}
    sizes = {len(values) for values in columns.values()}
    if len(sizes) != 1:
        raise ScenarioError([f"sweep: columns of {sorted(sizes)} values"])
    (size,) = sizes
    numbers = {
        path: np.asarray(values, np.float64)
        for path, values in columns.items()
        if _settable(scenario, path, values)
    }
    others = {path: values for path, values in columns.items() if path not in numbers}
    words = {path: [word(value) for value in values] for path, values in others.items()}
    wrong = [
        problem
        for path, values in columns.items()
        if path != "scenario"
        for told in (_ends(numbers[path]) if path in numbers else dict.fromkeys(words[path]))
        for problem in _problems(scenario, f"{path}={told}")
    ]
    if wrong:
        raise ScenarioError(list(dict.fromkeys(wrong)))

    place: dict[tuple[str, ...], int] = {}
    which = np.zeros(size, np.int64)
    for point in range(size):
        own = tuple(f"{path}={values[point]}" for path, values in words.items())
        which[point] = place.setdefault(own, len(place))
    plan = Plan(scenario, columns, numbers, tuple(place), which, {}, (), bases)
    return _grouped(plan)


def _ends(values: Float64[np.ndarray, " point"]) -> list[str]:
    """Bounds are intervals: the extremes tell for all between them."""
    return [word(value) for value in dict.fromkeys((values.min().item(), values.max().item()))]


def _settable(scenario: Scenario, path: str, values: Sequence[Any]) -> bool:
    """Whether a column is of numbers that a run may set for itself."""
    if not all(_real(value) for value in values):
        return False
    try:
        scenario.bounds(path)
    except ScenarioError:
        return False
    return True


def _problems(scenario: Scenario, override: str) -> list[str]:
    try:
        scenario.with_(override)
    except ScenarioError as error:
        return list(error.problems)
    return []


def _grouped(plan: Plan) -> Plan:
    """The plan with the rules that all its programs hold, and its points by structure."""
    made, wrong = [], []
    for overrides in plan.variants:
        try:
            made.append(changed_by(plan.scenario, plan.bases, overrides))
            for path in plan.numbers:
                made[-1].bounds(path)
        except ScenarioError as error:
            wrong += [f"{' '.join(overrides)}: {problem}" for problem in error.problems]
    if wrong:
        raise ScenarioError(list(dict.fromkeys(wrong)))
    used = [rules_used(scenario.spec) for scenario in made]
    rules = {desk: tuple(sorted({rule for own in used for rule in own[desk]})) for desk in DESKS}
    held = dict(enumerate(scenario.holding(rules) for scenario in made))
    structures: dict[Any, int] = {}
    of_variant = np.asarray(
        [structures.setdefault(structure(held[v]), len(structures)) for v in held], np.int64
    )
    of_point = of_variant[plan.which]
    groups = tuple(np.flatnonzero(of_point == number) for number in range(len(structures)))
    return replace(plan, rules=rules, groups=groups, _made=held)


def structure(scenario: Scenario) -> Any:
    """What two scenarios must share to be played side by side and told in one table."""
    row = Row(scenario.built)
    return (
        scenario.weeks,
        scenario.start,
        *(scenario.states, scenario.munitions, scenario.technologies),
        *(scenario.routes, scenario.observers),
        tuple(scenario.policies.items()),
        tuple(
            (desk, rule, REGISTRY[desk][rule].function)
            for desk in DESKS
            for rule in scenario.rules[desk]
        ),
        tuple(row.places.items()),
        tuple(array.tobytes() for array in row.shared(scenario.built)),
    )
