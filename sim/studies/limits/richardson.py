"""Richardson's arms race: x' = a y - m x + g, of two states or of many.

With K_ij = reaction_i stake_ij and M = diag(fatigue), the stocks obey x' = (K - M) x + g, rest at
(M - K)^-1 g, and are stable if and only if every eigenvalue of K - M lies left of 0. Of two states
that is m n > a b, of N equal ones (N - 1) k < m. A week is a step of Euler's of 1/52 year.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...params import Params
from ...scenario import Scenario
from ...world import YEAR
from .limit import EXACT, Check, Limit, Runner, Sweep, along, desk, exactly, of_first_order

AT_REST = 0.01
"""The share that a race may lack in its last week and still show where it comes to rest."""
PACE = ("reaction", "fatigue", "grievance")


@dataclass(frozen=True)
class Race:
    """The race that a scenario describes: x' = flow x + grievance, from `start`."""

    flow: Float[np.ndarray, "state state"]
    grievance: Float[np.ndarray, " state"]
    start: Float[np.ndarray, " state"]

    @property
    def rest(self) -> Float[np.ndarray, " state"]:
        """Return where x' = 0; NaN where that is no single point."""
        if abs(np.linalg.det(self.flow)) < 1e-12:
            return np.full_like(self.grievance, np.nan)
        return np.asarray(np.linalg.solve(-self.flow, self.grievance))

    @property
    def growth(self) -> float:
        """Return the growth per year of what grows most: below 0 if the race is stable."""
        return self._foremost[0]

    @property
    def direction(self) -> Float[np.ndarray, " state"]:
        """Return the weights of the states in what grows most: its change grows evenly."""
        return self._foremost[1]

    @property
    def _foremost(self) -> tuple[float, Float[np.ndarray, " state"]]:
        """Return the eigenvalue furthest right, real as rivals add, and its left eigenvector."""
        values, vectors = np.linalg.eig(self.flow.T)
        first = int(np.argmax(values.real))
        return float(values[first].real), vectors[:, first].real

    def path(self, weeks: int, continuous: bool = False) -> Float[np.ndarray, "week state"]:
        """Return stocks after each week: of the map, or of the differential equation.

        The equation in one more dimension, (x, 1)' = [[flow, grievance], [0, 0]] (x, 1), has no
        constant, so both are powers of one matrix.

        Args:
            weeks: How many weeks.
            continuous: Whether by the differential equation.
        """
        size = len(self.start)
        generator = np.zeros((size + 1, size + 1))
        generator[:size, :size], generator[:size, size] = self.flow, self.grievance
        step = exponential(generator / YEAR) if continuous else np.eye(size + 1) + generator / YEAR
        now, found = np.append(self.start, 1.0), []
        for _ in range(weeks):
            now = step @ now
            found.append(now[:size])
        return np.stack(found)


def exponential(matrix: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n n"]:
    """Return the exponential of a matrix of norm below 1: its series to the last bit."""
    term, total = np.eye(len(matrix)), np.eye(len(matrix))
    for power in range(1, 24):
        term = term @ matrix / power
        total = total + term
    return total


def race(scenario: Scenario) -> Race:
    """Return the race that the scenario's numbers make."""
    params, world = scenario.params(), scenario.world()
    own = desk(scenario, "procurement", "richardson")
    stake = params.wiring.pair.to_table(params.relations.stake)
    flow = own.reaction[:, None] * stake - np.diag(own.fatigue)
    return Race(flow, own.grievance, points(params, world.stock))


def points(params: Params, stock: Float[np.ndarray, "*any munition"]) -> np.ndarray:
    """Return strength points of stocks at full quality.

    Args:
        params: The parameters of the world.
        stock: Units on hand, [..., munition].
    """
    return np.asarray(stock @ params.munitions.value)


def strength_path(scenario: Scenario, runner: Runner) -> Float[np.ndarray, "week state"]:
    """Return the strength points of the states after each week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_once(scenario)
    stocks = [found.by_state(f"stock_{name}")[0] for name in scenario.munitions]
    return points(scenario.params(), np.stack(stocks, axis=-1))


def slower(scenario: Scenario) -> Scenario:
    """Return the same race at half the pace in twice the weeks: a step of half a week."""
    own = desk(scenario, "procurement", "richardson")
    return scenario.with_(
        f"weeks={2 * scenario.weeks}",
        *(
            f"states.{code}.desks.procurement.{name}={float(getattr(own, name)[i]) / 2.0!r}"
            for i, code in enumerate(scenario.states)
            for name in PACE
        ),
    )


def theory(scenario: Scenario) -> float:
    """Return where the first state comes to rest; NaN if the race runs away."""
    model = race(scenario)
    return float(model.rest[0]) if model.growth < 0.0 else np.nan


def checks(scenario: Scenario, runner: Runner) -> Iterator[Check]:
    """Check where the path ends, how it grows, and its path by map and differential equation.

    The path agrees with the map's to 1e-9, and with the equation's to first order in the step.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model = race(scenario)
    own = model.path(scenario.weeks)
    weeks = unbound(scenario, model, own)
    path, own = strength_path(scenario, runner)[:weeks], own[:weeks]
    if model.growth < 0.0:
        lacks = np.abs(own[-1] - model.rest)  # what the map itself lacks yet
        for i, code in enumerate(scenario.states):
            spare = EXACT * model.rest[i]
            if lacks[i] <= AT_REST * model.rest[i]:
                yield exactly(
                    f"{code} at rest, points", model.rest[i], path[-1, i], spare + lacks[i]
                )
            else:
                name = f"{code} not at rest yet: the map's, points"
                yield exactly(name, own[-1, i], path[-1, i], spare)
    growth = measured_growth(model, path)
    yield exactly("growth of what grows most, per year", model.growth, growth, 1e-6)
    within = "" if weeks == scenario.weeks else f" ({weeks} weeks, then industry binds)"
    yield along(f"path, to the map's own{within}", own, path)
    short = min(weeks, 104)
    exact, finer = model.path(short, continuous=True), slower(scenario.with_(f"weeks={short}"))
    coarse = float(np.max(np.abs(path[:short] - exact)))
    fine = float(np.max(np.abs(strength_path(finer, runner)[1::2] - exact)))
    name, scale = "path, to the differential equation", float(np.max(exact))
    yield of_first_order(name, coarse, fine, scale)


def measured_growth(model: Race, path: Float[np.ndarray, "week state"]) -> float:
    """Return the growth per year that a path shows in the direction that grows most.

    As far as its weekly change is no less than a ten thousandth of the first: rounding comes after.

    Args:
        model: The race.
        path: Strength points after each week, [week, state].
    """
    change = np.diff(path @ model.direction)
    last = int(np.argmin(np.append(np.abs(change) > 1e-4 * abs(change[0]), False))) - 1
    return float(YEAR * np.expm1(np.log(change[last] / change[0]) / max(last, 1)))


def unbound(scenario: Scenario, model: Race, path: Float[np.ndarray, "week state"]) -> int:
    """Return the weeks before somebody orders more than its industry can make.

    Args:
        scenario: What is simulated.
        model: The race.
        path: Strength points after each week, [week, state].
    """
    made = points(scenario.params(), scenario.params().states.base_capacity)
    orders = (np.vstack([model.start, path[:-1]]) @ model.flow.T + model.grievance) / YEAR
    bound = np.any(orders > made, axis=1)
    return int(np.argmax(bound)) if bound.any() else scenario.weeks


def describe_two(scenario: Scenario) -> str:
    """Return the six coefficients, and whether they are stable, as text."""
    own = desk(scenario, "procurement", "richardson")
    (a, b), (m, n), (g, h) = own.reaction, own.fatigue, own.grievance
    params = scenario.params()
    stake = params.wiring.pair.to_table(params.relations.stake)
    a, b = a * stake[0, 1], b * stake[1, 0]
    sign = ">" if m * n > a * b else "<="
    verdict = "stable" if m * n > a * b else "runs away"
    return f"a={a:g} b={b:g} m={m:g} n={n:g} g={g:g} h={h:g}: m n {sign} a b, {verdict}"


def describe_many(scenario: Scenario) -> str:
    """Return the states, their coefficients and whether they are stable, as text."""
    own, many = desk(scenario, "procurement", "richardson"), len(scenario.states)
    verdict = "stable" if race(scenario).growth < 0.0 else "runs away"
    return (
        f"N={many} k={own.reaction[0]:g} m={own.fatigue[0]:g} g={own.grievance[0]:g}: "
        f"(N - 1) k = {(many - 1) * own.reaction[0]:g}, {verdict}"
    )


_DESK = "states.{}.desks.procurement.{}"

TWO = Limit(
    name="richardson",
    model="Richardson's arms race",
    result="x* = (a h + n g) / (m n - a b), stable if and only if m n > a b",
    theory=theory,
    checks=checks,
    describe=describe_two,
    sweep=Sweep(_DESK.format("BLU", "reaction"), 0.0, 3.0, "a, per year", "BLU at rest, points"),
    drawn={
        _DESK.format("BLU", "reaction"): (0.0, 3.0),
        _DESK.format("BLU", "fatigue"): (0.2, 3.0),
        _DESK.format("BLU", "grievance"): (0.1, 20.0),
        _DESK.format("RED", "reaction"): (0.0, 3.0),
        _DESK.format("RED", "fatigue"): (0.2, 3.0),
        _DESK.format("RED", "grievance"): (0.1, 20.0),
        "states.BLU.stock.arms": (0.0, 50.0),
        "states.RED.stock.arms": (0.0, 50.0),
    },
    free=("relations.rivalries.*.stake*",),
    usual=("weeks=52",),
)

MANY = Limit(
    name="richardson_many",
    model="Richardson, N equal states",
    result="g / (m - (N - 1) k), stable if and only if (N - 1) k < m",
    theory=theory,
    checks=checks,
    describe=describe_many,
    sweep=Sweep(_DESK.format("*", "reaction"), 0.0, 0.8, "k, per year", "each at rest, points"),
    drawn={
        _DESK.format("*", "reaction"): (0.0, 1.2),
        _DESK.format("*", "fatigue"): (0.5, 3.0),
        _DESK.format("*", "grievance"): (0.1, 20.0),
        "states.YEL.stock.arms": (0.0, 50.0),
    },
    free=("relations.rivalries.*.stake*", "doctrines.racer.*", "states.*.stock.arms"),
    usual=("weeks=52",),
)
