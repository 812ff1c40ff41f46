"""The plan of a sweep: a table of points, checked, and what each point is to an engine.

Columns are of two kinds. A number that a run may set for itself (`Scenario.bounds`) goes straight
into the run's row: it costs nothing. Any other choice, a doctrine or a number of weeks, makes a
variant of the scenario, built once for all points that share it. Variants with the same structure
are simulated by one program, side by side.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from ..scenario.grammar import override_text
from ..scenario.problems import MAX_PROBLEMS
from ..world import DESKS
from . import designs

Columns = Mapping[str, Sequence[Any]]
MAX_PROGRAMS = 1_000
"""Of a sweep: each takes some seconds to compile, and has a part of its own."""


@dataclass(frozen=True)
class Plan:
    """A table of points that can be simulated, P of them.

    - `scenario`: what the points change.
    - `bases`: by name, where points choose between several scenarios.
    - `columns`: what each sets, by path: P values each.
    - `numbers`: those of them that go into rows, by path.
    - `variants`: the other choices, as overrides; `which` of them each point has.
    - `rules`: what every variant's program holds, by desk.
    - `groups`: the points of each structure.
    - `swept`: the columns as the table of runs shows them.
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
    swept: Mapping[str, np.ndarray] = field(default_factory=dict)
    design: Mapping[str, Any] | None = None
    _made: dict[int, Scenario] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": {}}  # a worker makes those that its parts need

    @property
    def size(self) -> int:
        """Return how many points."""
        return len(self.which)

    @property
    def warnings(self) -> list[str]:
        """Return what of the scenarios is cut or has no effect, a sentence each."""
        variants = map(self.variant, range(len(self.variants)))
        every = (sentence for variant in variants for sentence in variant.warnings)
        return list(islice(dict.fromkeys(every), MAX_PROBLEMS))

    def variant(self, number: int) -> Scenario:
        """Return one of the variants."""
        if number not in self._made:
            changed = changed_scenario(self.scenario, self.bases, self.variants[number])
            alike = changed.rules == self.rules
            self._made[number] = changed if alike else changed.holding(self.rules)
        return self._made[number]

    def points(self, number: Int64[np.ndarray, " run"]) -> Points:
        """Return what runs of these points have from them, a point per run."""
        variants, which = np.unique(self.which[number], return_inverse=True)
        return Points(
            number,
            tuple(self.variant(variant) for variant in variants.tolist()),
            which,
            {path: values[number] for path, values in self.numbers.items()},
            {path: values[number] for path, values in self.swept.items()},
        )


def _column(values: Sequence[Any]) -> np.ndarray:
    """Return a column of the table of runs: numbers as they are, else as an override writes it."""
    if all(_real(value) for value in values):
        return np.asarray(values, np.float64)
    return np.asarray([v if isinstance(v, str) else override_text(v) for v in values], object)


def _real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def single_plan(scenario: Scenario) -> Plan:
    """Return the plan of a job that is not a sweep: one point, which changes nothing."""
    one = np.zeros(1, np.int64)
    return Plan(scenario, {}, {}, ((),), one, scenario.rules, (one,))


def changed_scenario(
    scenario: Scenario, bases: Mapping[str, Scenario], overrides: Sequence[str]
) -> Scenario:
    """Return a scenario with overrides, one of which may choose the scenario.

    Args:
        scenario: What is changed, if no override chooses.
        bases: The scenarios to choose from, by name.
        overrides: `key=value` each; `scenario=NAME` chooses.

    Raises:
        ScenarioError: All that is wrong with the overrides.
    """
    named = [base for name, base in bases.items() if f"scenario={name}" in overrides]
    base = named[0] if named else scenario
    rest = [override for override in overrides if not override.startswith("scenario=")]
    return base.with_(*rest) if rest else base


def _overlaps(columns: Columns) -> list[str]:
    """Return a line for each path inside another one: which of them would hold is not defined."""
    paths = set(columns)
    above = {path: [p for p in paths if path.startswith(f"{p}.")] for path in paths}
    return [
        f"{path}: inside {p}, which is swept too" for path in sorted(paths) for p in above[path]
    ]


def table_plan(
    scenario: Scenario,
    columns: Columns,
    bases: Mapping[str, Scenario] | None = None,
    design: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan of a table.

    Args:
        scenario: What the points change.
        columns: By path, a value a point; as many in each. The path `scenario` chooses of `bases`.
        bases: Scenarios by name; needed for that choice alone.
        design: What made the table, for the manifest.

    Raises:
        ScenarioError: All that is wrong with any value.
    """
    if not columns:
        return single_plan(scenario)
    wrong = _overlaps(columns)
    if wrong:
        raise ScenarioError(wrong)
    sizes = sorted({len(values) for values in columns.values()})
    if sizes[0] != sizes[-1]:
        raise ScenarioError([f"sweep: columns of {sizes} values"])
    if sizes == [0]:
        raise ScenarioError(["sweep: there is no point to simulate"])
    check_columns(scenario, columns)
    swept = {path: _column(values) for path, values in columns.items()}
    numbers = {
        path: values
        for path, values in swept.items()
        if values.dtype != object and _settable(scenario, path)
    }
    texts = {
        path: [override_text(value) for value in values]
        for path, values in columns.items()
        if path not in numbers
    }
    place: dict[tuple[str, ...], int] = {}
    which = np.zeros(sizes[0], np.int64)
    if texts:
        for point, own in enumerate(zip(*texts.values(), strict=True)):
            which[point] = place.setdefault(own, len(place))
    variants = [
        tuple(f"{path}={value}" for path, value in zip(texts, own, strict=True))
        for own in place or [()]
    ]
    plan = Plan(
        scenario, columns, numbers, tuple(variants), which, {}, (), bases or {}, swept, design
    )
    return _grouped(plan)


def design_plan(
    scenario: Scenario,
    kind: str,
    over: designs.Ranges,
    points: int,
    seed: int,
    columns: Columns | None = None,
    bases: Mapping[str, Scenario] | None = None,
) -> Plan:
    """Return the plan of a design: each of its points at every row of a table.

    Args:
        scenario: What the points change.
        kind: As of `designs.design`.
        over: As of `designs.design`; a scenario must take both ends of every range.
        points: As of `designs.design`.
        seed: As of `designs.design`.
        columns: The table; if none, the design stands alone.
        bases: As of `table_plan`.

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
        check_columns(scenario, {**columns, **over})
    except ScenarioError as error:
        wrong += error.problems
    wrong = wrong or [
        f"design.over: {path}: has no values between; sweep them instead, as {path}=0,1"
        for path in over
        if not _settable(scenario, path)
    ]
    if wrong:
        raise ScenarioError(wrong)
    made_by = {"kind": kind, "points": points, "over": plain(over), "seed": seed}
    return table_plan(scenario, designs.crossed(columns, table), bases, made_by)


def check_columns(scenario: Scenario, columns: Columns) -> None:
    """Check that a scenario can have all values of a table, whichever point they stand at.

    Where they would need too many programs they are not tried one by one.

    Args:
        scenario: What the points change.
        columns: By path, a value per point.

    Raises:
        ScenarioError: All that is wrong with any of them.
    """
    programs, shaping = _excess_programs(scenario, columns)
    many = (
        f"{path}: its values change the shape of the world, and the sweep would need"
        f" {programs:,} programs; at most {MAX_PROGRAMS:,}"
        for path in shaping
    )
    wrong = (
        problem
        for path, values in columns.items()
        if path not in ("scenario", *shaping)
        for text in _decisive(values, _settable(scenario, path))
        for problem in _problems(scenario, f"{path}={text}")
    )
    found = list(dict.fromkeys(islice(chain(many, wrong), MAX_PROBLEMS)))
    if found:
        raise ScenarioError(found)


def _excess_programs(scenario: Scenario, columns: Columns) -> tuple[int, list[str]]:
    """Return how many programs a table needs if too many, and the paths that need them."""
    texts = {
        path: [override_text(value) for value in values]
        for path, values in columns.items()
        if path != "scenario" and not _settable(scenario, path)
    }
    if prod(len(set(own)) for own in texts.values()) <= MAX_PROGRAMS:
        return 0, []
    shaping = [path for path in texts if _shapes(scenario, path, columns[path])]
    programs = len(set(zip(*(texts[path] for path in shaping), strict=False)))
    return (programs, shaping) if programs > MAX_PROGRAMS else (0, [])


def _shapes(scenario: Scenario, path: str, values: Sequence[Any]) -> bool:
    """Return whether other values of a path need another program, by the first two of a column."""
    two = [values[0], *islice((value for value in values if value != values[0]), 1)]
    try:
        return len(table_plan(scenario, {path: two}).groups) > 1
    except ScenarioError:
        return False


def _decisive(values: Sequence[Any], settable: bool) -> Iterator[str]:
    """Yield those values, as written, that are valid only if all are.

    Bounds of a number that a run may set are an interval: its extremes stand for all between them.
    """
    ordered = [value for value in values if settable and _real(value) and value == value]
    if ordered:
        yield from dict.fromkeys((override_text(min(ordered)), override_text(max(ordered))))
    if len(ordered) < len(values):
        yield from dict.fromkeys(
            override_text(value)
            for value in values
            if not (settable and _real(value) and value == value)
        )


def _settable(scenario: Scenario, path: str) -> bool:
    """Return whether a path is of a number that a run may set for itself."""
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
    """Return the plan with the rules that all its programs hold, and its points by structure."""
    made, wrong = [], []
    for overrides in plan.variants:
        try:
            made.append(changed_scenario(plan.scenario, plan.bases, overrides))
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
        [structures.setdefault(structure_key(held[v]), len(structures)) for v in held], np.int64
    )
    of_point = of_variant[plan.which]
    groups = tuple(np.flatnonzero(of_point == number) for number in range(len(structures)))
    return replace(plan, rules=rules, groups=groups, _made=held)


def structure_key(scenario: Scenario) -> Any:
    """Return what two scenarios must share to be simulated side by side, in one table."""
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
