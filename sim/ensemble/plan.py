"""The plan of a sweep: a table of points, checked, and what each point is to an engine.

Columns are of two kinds. A number that a run may set for itself (`Scenario.bounds`) goes straight
into the run's row: it costs nothing. Any other choice, a doctrine or a number of weeks, makes a
variant of the scenario, built once for all points that share it. Variants with the same structure
are played by one program, side by side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from ..desks.registry import REGISTRY
from ..engines.blocks import Row
from ..engines.points import Points
from ..scenario import Scenario, ScenarioError
from ..scenario.build import rules_used
from ..scenario.compose import plain
from ..scenario.problems import MOST_TOLD
from ..scenario.words import word
from ..world import DESKS
from . import designs

Columns = Mapping[str, Sequence[Any]]
MOST_PROGRAMS = 1_000
"""Of a sweep: each is compiled for some seconds, and has a part of its own."""


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
    - `told`: the columns as the table of runs tells them.
    - `design`: the design that made the table, for the manifest: kind, points, over, seed.
    """

    scenario: Scenario
    columns: Columns
    numbers: Mapping[str, Float64[np.ndarray, " point"]]
    variants: tuple[tuple[str, ...], ...]
    which: Int64[np.ndarray, " point"]
    rules: Mapping[str, tuple[str, ...]]
    groups: tuple[Int64[np.ndarray, " point"], ...]
    bases: Mapping[str, Scenario] = field(default_factory=dict)
    told: Mapping[str, np.ndarray] = field(default_factory=dict)
    design: Mapping[str, Any] | None = None
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
            {path: values[number] for path, values in self.told.items()},
        )


def _column(values: Sequence[Any]) -> np.ndarray:
    """A column of the table of runs: numbers as they are, anything else as it would be written."""
    if all(_real(value) for value in values):
        return np.asarray(values, np.float64)
    return np.asarray([v if isinstance(v, str) else word(v) for v in values], object)


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


def listed(over: Any) -> dict[str, list[Any]]:
    """The columns of a mapping or a frame as lists of plain values, by path.

    Raises:
        ScenarioError: One is no list.
    """
    columns = {str(path): values for path, values in over.items()}
    wrong = [
        f"{path}: {values!r} is no list of values"
        for path, values in columns.items()
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable)
    ]
    if wrong:
        raise ScenarioError(wrong)
    return {path: plain(list(values)) for path, values in columns.items()}


def planned(
    scenario: Scenario,
    columns: Columns,
    bases: Mapping[str, Scenario] | None = None,
    design: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of a table.

    Args:
        scenario: What the points change.
        columns: By path, a value a point; as many in each. The path `scenario` chooses of `bases`.
        bases: Scenarios by name; needed for that choice alone.
        design: What made the table, as the manifest is to tell it.

    Raises:
        ScenarioError: All that is wrong with any value.
    """
    if not columns:
        return single(scenario)
    sizes = sorted({len(values) for values in columns.values()})
    if sizes[0] != sizes[-1]:
        raise ScenarioError([f"sweep: columns of {sizes} values"])
    if sizes == [0]:
        raise ScenarioError(["sweep: there is no point to play"])
    refuse(scenario, columns)
    told = {path: _column(values) for path, values in columns.items()}
    numbers = {
        path: values
        for path, values in told.items()
        if values.dtype != object and _settable(scenario, path)
    }
    words = {
        path: [word(value) for value in values]
        for path, values in columns.items()
        if path not in numbers
    }
    place: dict[tuple[str, ...], int] = {}
    which = np.zeros(sizes[0], np.int64)
    if words:
        for point, own in enumerate(zip(*words.values(), strict=True)):
            which[point] = place.setdefault(own, len(place))
    variants = [
        tuple(f"{path}={told}" for path, told in zip(words, own, strict=True))
        for own in place or [()]
    ]
    plan = Plan(
        scenario, columns, numbers, tuple(variants), which, {}, (), bases or {}, told, design
    )
    return _grouped(plan)


def filled(
    scenario: Scenario,
    kind: str,
    over: designs.Ranges,
    points: int,
    seed: int,
    columns: Columns | None = None,
    bases: Mapping[str, Scenario] | None = None,
) -> Plan:
    """The plan of a design, of each of its points at every row of a table.

    Args:
        scenario: What the points change.
        kind: As of `designs.design`.
        over: As of `designs.design`; a scenario must take both ends of every range.
        points: As of `designs.design`.
        seed: As of `designs.design`.
        columns: The table; if none, the design stands alone.
        bases: As of `planned`.

    Raises:
        ScenarioError: All that is wrong with the design or with any value.
    """
    columns = columns or {}
    paths = over if isinstance(over, Mapping) else ()
    wrong = [f"{path}: swept, and in design.over" for path in paths if path in columns]
    rows = len(next(iter(columns.values()), (None,)))
    try:
        table = designs.design(kind, over, points, seed)
        size = rows * len(next(iter(table.values())))
        if size > designs.MOST_POINTS:
            wrong.append(f"sweep: {size:,} points; at most {designs.MOST_POINTS:,}")
    except ValueError as error:
        wrong += str(error).splitlines()
        over = {}
    try:
        refuse(scenario, {**columns, **over})
    except ScenarioError as error:
        wrong += error.problems
    if wrong:
        raise ScenarioError(wrong)
    told = {"kind": kind, "points": points, "over": plain(over), "seed": seed}
    return planned(scenario, designs.crossed(columns, table), bases, told)


def refuse(scenario: Scenario, columns: Columns) -> None:
    """Refuses values that a scenario cannot have, whichever point they stand at.

    Where they would need too many programs they are not tried one by one.

    Raises:
        ScenarioError: All that is wrong with any of them.
    """
    programs, shaping = _programs(scenario, columns)
    many = (
        f"{path}: its values change the shape of the world, and the sweep would need"
        f" {programs:,} programs; at most {MOST_PROGRAMS:,}"
        for path in shaping
    )
    wrong = (
        problem
        for path, values in columns.items()
        if path not in ("scenario", *shaping)
        for told in _deciding(values, _settable(scenario, path))
        for problem in _problems(scenario, f"{path}={told}")
    )
    found = list(dict.fromkeys(islice(chain(many, wrong), MOST_TOLD)))
    if found:
        raise ScenarioError(found)


def _programs(scenario: Scenario, columns: Columns) -> tuple[int, list[str]]:
    """How many programs a table would need if those are too many, and the paths that make them."""
    words = {
        path: [word(value) for value in values]
        for path, values in columns.items()
        if path != "scenario" and not _settable(scenario, path)
    }
    if prod(len(set(own)) for own in words.values()) <= MOST_PROGRAMS:
        return 0, []
    shaping = [path for path in words if _shapes(scenario, path, columns[path])]
    programs = len(set(zip(*(words[path] for path in shaping), strict=False)))
    return (programs, shaping) if programs > MOST_PROGRAMS else (0, [])


def _shapes(scenario: Scenario, path: str, values: Sequence[Any]) -> bool:
    """Whether another value of a path is another program: the first two of a column tell."""
    two = [values[0], *islice((value for value in values if value != values[0]), 1)]
    try:
        return len(planned(scenario, {path: two}).groups) > 1
    except ScenarioError:
        return False


def _deciding(values: Sequence[Any], settable: bool) -> Iterator[str]:
    """The values, as written, that are lawful only if all are.

    Bounds of a number that a run may set are an interval: the extremes tell for all between them.
    """
    ordered = [value for value in values if settable and _real(value) and value == value]
    if ordered:
        yield from dict.fromkeys((word(min(ordered)), word(max(ordered))))
    if len(ordered) < len(values):
        yield from dict.fromkeys(
            word(value) for value in values if not (settable and _real(value) and value == value)
        )


def _settable(scenario: Scenario, path: str) -> bool:
    """Whether a path is of a number that a run may set for itself."""
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
        tuple(scenario.code.phases.items()),
        tuple(
            (desk, rule, REGISTRY[desk][rule].function)
            for desk in DESKS
            for rule in scenario.rules[desk]
        ),
        tuple(row.places.items()),
        tuple(array.tobytes() for array in row.shared(scenario.built)),
    )
