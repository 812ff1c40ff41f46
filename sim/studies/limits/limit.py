"""What a limit is: a shipped scenario, what theory says of it, and how runs are held against that.

Theory is computed from the scenario as it stands, so an override changes what is expected. Runs are
those of `sim.run`: the shipped rules with limiting coefficients, no second implementation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from jaxtyping import Float

from ...ensemble.run import run
from ...results.results import Results
from ...scenario import Scenario, load

LEVEL = 1.0 - 1e-6 / 10_000
"""Of each interval: so wide that a true theory is refused once in a million whole sets of limits.

A set holds fewer than ten thousand comparisons, drawn parameter sets included (Bonferroni): about
six and a half standard errors to either side.
"""
EXACT = 1e-9
"""Relative error of what is deterministic."""


@dataclass(frozen=True)
class Check:
    """One quantity: what theory says, what the runs gave, and between what that leaves theory.

    Without chance [low, high] is the number got, give or take the tolerance; with chance it is the
    interval that the runs give.
    """

    quantity: str
    expected: float
    got: float
    low: float
    high: float
    chance: bool = False

    @property
    def holds(self) -> bool:
        """Return whether theory lies in the interval; never where a number is missing."""
        return bool(self.low <= self.expected <= self.high)

    def line(self) -> str:
        """Return the check as a line of text."""
        if self.chance:
            how = f"in [{self.low:.5g}, {self.high:.5g}]"
        else:
            how = f"error {abs(self.got - self.expected):.1e} of {(self.high - self.low) / 2:.1e}"
        verdict = "ok  " if self.holds else "FAIL"
        return f"{verdict} {self.quantity:<58} {self.expected:>11.6g} {self.got:>11.6g}  {how}"


def exactly(quantity: str, expected: float, got: float, tolerance: float) -> Check:
    """Return a check without chance.

    Args:
        quantity: What is compared.
        expected: Its value by theory.
        got: Its value in runs.
        tolerance: The largest error, in the quantity's unit.
    """
    return Check(quantity, expected, got, got - tolerance, got + tolerance)


def along(
    quantity: str,
    expected: Float[np.ndarray, "*axes"],
    got: Float[np.ndarray, "*axes"],
    scale: float | None = None,
) -> Check:
    """Return a check of whole paths: the largest error over the scale, wanted 0 to 1e-9.

    Args:
        quantity: What is compared.
        expected: The path by theory, [*axes].
        got: The path of runs, [*axes].
        scale: Of the quantity; the largest number expected if None.
    """
    if scale is None:
        scale = float(np.max(np.abs(expected))) or 1.0
    error = float(np.max(np.abs(got - expected), initial=0.0)) / scale
    return exactly(f"{quantity}: largest relative error", 0.0, error, EXACT)


def of_first_order(quantity: str, coarse: float, fine: float, scale: float) -> Check:
    """Return a check that an error halves with the step: that its order is about 1.

    The order is log2 of the ratio of both errors.

    Args:
        quantity: What was compared with the continuous model.
        coarse: The largest error at the step of a week.
        fine: The largest error at half that step.
        scale: Of the quantity: errors of 1e-9 of it are none, and have no order.
    """
    if max(coarse, fine) <= EXACT * scale:
        return exactly(f"{quantity}: steps are exact", 0.0, max(coarse, fine) / scale, EXACT)
    order = float(np.log2(coarse / fine)) if fine > 0.0 else np.inf
    return exactly(f"{quantity}: order of the error in the step", 1.0, order, 0.25)


@dataclass(frozen=True)
class SimulatedRuns:
    """The runs of a scenario, as arrays."""

    scenario: Scenario
    results: Results

    def by_state(self, metric: str) -> Float[np.ndarray, "run week state"]:
        """Return a weekly metric of states."""
        shape = (-1, self.scenario.weeks, len(self.scenario.states))
        return self.results.weeks[metric].to_numpy(float).reshape(shape)

    def by_pair(self, metric: str) -> Float[np.ndarray, "run week state state"]:
        """Return a weekly metric of ordered pairs; NaN from a state to itself."""
        size = len(self.scenario.states)
        actor, target = np.asarray(self.scenario.pairs).T
        column = self.results.dyads[metric].to_numpy(float)
        weekly = column.reshape(-1, self.scenario.weeks, len(actor))
        found = np.full((*weekly.shape[:2], size, size), np.nan)
        found[:, :, actor, target] = weekly
        return found

    def by_route(self, metric: str) -> Float[np.ndarray, "run week route"]:
        """Return a weekly metric of routes, in the scenario's order."""
        shape = (-1, self.scenario.weeks, len(self.scenario.routes))
        return self.results.routes[metric].to_numpy(float).reshape(shape)


@dataclass(frozen=True)
class Runner:
    """How runs are simulated.

    - `runs`: in place of the number that a limit sets.
    - `seed`, `engine`, `workers`: as `sim.run` takes them.
    """

    runs: int | None = None
    seed: int = 0
    engine: str = "auto"
    workers: int = 1

    def run_once(self, scenario: Scenario, record: str = "weekly") -> SimulatedRuns:
        """Simulate one run, for what has no chance in it.

        Args:
            scenario: What is simulated.
            record: What is kept of the run.
        """
        return self._simulate(scenario, record, 1)

    def run_many(self, scenario: Scenario, runs: int, record: str = "weekly") -> SimulatedRuns:
        """Simulate so many runs, or as many as the runner sets.

        Args:
            scenario: What is simulated.
            runs: How many, where the runner does not set it.
            record: What is kept of the run.
        """
        return self._simulate(scenario, record, self.runs or runs)

    def _simulate(self, scenario: Scenario, record: str, runs: int) -> SimulatedRuns:
        """Simulate runs of a scenario.

        Raises:
            ArithmeticError: The numbers of a run left their range.
        """
        found = run(
            scenario, runs, self.seed, record, self.engine, workers=self.workers, progress=False
        )
        if len(found.failed):
            week = int(found.failed["failed_at"].iloc[0])
            raise ArithmeticError(f"{scenario.name}: numbers leave their range in week {week}")
        return SimulatedRuns(scenario, found)


def desk(scenario: Scenario, part: str, rule: str) -> Any:
    """Return the coefficients, [state] each, of a rule that a limit cannot do without.

    Args:
        scenario: What is simulated.
        part: The desk.
        rule: The rule.

    Raises:
        ValueError: No state follows it.
    """
    found = scenario.params().desks[part].get(rule)
    if found is None:
        raise ValueError(
            f"states: no state follows {rule} at its {part} desk, which the limit needs"
        )
    return found


@dataclass(frozen=True)
class Sweep:
    """The parameter that a limit's figure varies, and what the figure shows against it."""

    path: str
    low: float
    high: float
    label: str
    quantity: str


@dataclass(frozen=True)
class Limit:
    """A classic model that the simulation contains.

    - `name`: its scenario is `limit_<name>`.
    - `model`: whose model it is; `result`: what it says.
    - `theory`: the headline, from any scenario of the kind.
    - `checks`: what runs give against what theory says; the headline comes first, before what
      takes longer.
    - `describe`: returns the parameters that matter, as text.
    - `drawn`: what parameter sets are drawn from, path -> [low, high]; a * in a path is every name.
    - `free`: further paths that theory takes account of.
    - `usual`: overrides of a drawn parameter set, such as fewer weeks.
    - `few`: runs of a drawn parameter set, where chance plays a part.
    """

    name: str
    model: str
    result: str
    theory: Callable[[Scenario], float]
    checks: Callable[[Scenario, Runner], Iterable[Check]]
    describe: Callable[[Scenario], str]
    sweep: Sweep
    drawn: Mapping[str, tuple[float, float]]
    free: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    few: int | None = None

    def scenario(self, *overrides: str) -> Scenario:
        """Return the shipped scenario, with overrides."""
        return load(f"limit_{self.name}", list(overrides))

    def overrides(self, values: Mapping[str, float]) -> list[str]:
        """Return the overrides of a drawn parameter set: a value for each path of `drawn`."""
        return [
            *self.usual,
            *(override for path, x in values.items() for override in self.set(path, x)),
        ]

    def set(self, path: str, value: float) -> list[str]:
        """Return the overrides that put a value at a path, or at all that a path with a * means.

        Args:
            path: A path of `drawn` or of the sweep; a * is every name.
            value: The value.
        """
        return [f"{one}={value!r}" for one in self._all(path)]

    def beyond(self, scenario: Scenario) -> list[str]:
        """Return the keys that differ from the shipped scenario and that theory does not use."""
        given, shipped = _leaves(scenario.mapping), _leaves(self.scenario().mapping)
        known = (*self.drawn, *self.free, "name", "title", "start", "weeks", "states.*.name")
        return sorted(
            key
            for key in given.keys() | shipped.keys()
            if given.get(key) != shipped.get(key)
            and not any(fnmatchcase(key, pattern) for pattern in known)
        )

    def _all(self, path: str) -> list[str]:
        """Return the paths that a path with stars means, in the shipped scenario."""
        found: list[tuple[str, Any]] = [("", self.scenario().mapping)]
        for part in path.split("."):
            if "*" in part:
                found = [
                    (f"{before}.{name}", inside)
                    for before, node in found
                    for name, inside in _entries(node)
                    if fnmatchcase(name, part)
                ]
            else:
                found = [(f"{x}.{part}", dict(_entries(node)).get(part)) for x, node in found]
        return [one.removeprefix(".") for one, _ in found]


def _entries(node: object) -> list[tuple[str, Any]]:
    """Return what a mapping or a list of plain data holds, by name or place; nothing else."""
    if isinstance(node, dict):
        return list(node.items())
    return [(str(n), item) for n, item in enumerate(node)] if isinstance(node, list) else []


def _leaves(node: object, path: str = "") -> dict[str, object]:
    """Return the values of plain data by their dotted paths."""
    inside = _entries(node)
    if not inside:
        return {path: float(node) if type(node) is int else node}
    found: dict[str, object] = {}
    for name, item in inside:
        found |= _leaves(item, f"{path}.{name}" if path else name)
    return found
