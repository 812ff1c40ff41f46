"""Intriligator & Brito's cone of mutual deterrence, by what a first strike leaves to answer with.

A deters B if and only if (M_A - f_B M_B) v_A >= C_B, and B deters A likewise. Both lines meet at

    M_A* = (C_B / v_A + f_B C_A / v_B) / (1 - f_A f_B)      if f_A f_B < 1

and both deter in the cone above it. Who is not deterred presses, and war follows.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ...scenario import Scenario
from ...world import WAR
from .limit import Check, Limit, Runner, Sweep, desk, exactly

NEAR = 1e-9
"""How near to a line stocks are set, over their size, to see on which side it runs."""
FURTHER = (1.5, 4.0)
"""Stocks of the other, over the vertex's, at which each line is sought."""


@dataclass(frozen=True)
class Strike:
    """Two states with what they hold: a letter each of the textbook, [A, B]."""

    held: Float[np.ndarray, "2"]  # M
    counterforce: Float[np.ndarray, "2"]  # f
    damage: Float[np.ndarray, "2"]  # v
    unacceptable: Float[np.ndarray, "2"]  # C

    def needed(self, i: int, other: float) -> float:
        """Return what a state must hold to deter the other.

        Args:
            i: The place of the state that deters.
            other: How many arms the other holds.
        """
        j = 1 - i
        return float(self.unacceptable[j] / self.damage[i] + self.counterforce[j] * other)

    @property
    def vertex(self) -> Float[np.ndarray, "2"]:
        """Return the least with which both deter; NaN if a first strike always pays one of them."""
        f, bare = self.counterforce, (self.unacceptable[::-1] / self.damage)
        if f[0] * f[1] >= 1.0:
            return np.full(2, np.nan)
        return np.asarray((bare + f[::-1] * bare[::-1]) / (1.0 - f[0] * f[1]))

    @property
    def deters(self) -> Bool[np.ndarray, "2"]:
        """Return whether each deters the other."""
        return np.array([self.held[i] >= self.needed(i, float(self.held[1 - i])) for i in (0, 1)])


def strike(scenario: Scenario) -> Strike:
    """Return the two states that the scenario's numbers make."""
    own = desk(scenario, "crisis", "perfect_deterrence")
    held = scenario.world().stock @ scenario.params().munitions.value
    return Strike(held[:2], own.counterforce[:2], own.damage[:2], own.unacceptable[:2])


def outcome(scenario: Scenario, runner: Runner) -> tuple[Bool[np.ndarray, "2"], bool]:
    """Return who was deterred in the first week of a run, and whether war came.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.

    Returns:
        [whether A deterred B, whether B deterred A], and whether the pair came to war.
    """
    found = runner.run_once(scenario, "full")
    events = found.results.events
    rows = events[(events["kind"] == "challenge") & (events["week"] == 0)]
    pressed = [bool((rows["actor"] == code).any()) for code in scenario.states[:2]]
    return ~np.array(pressed[::-1]), bool(found.by_pair("level")[0, 0, 0, 1] == WAR)


def holding(scenario: Scenario, held: Float[np.ndarray, "2"]) -> Scenario:
    """Return the scenario with so many strength points in stock.

    Args:
        scenario: What is simulated.
        held: The strength points of each, [A, B].
    """
    value, name = float(scenario.params().munitions.value[0]), scenario.munitions[0]
    return scenario.with_(
        *(
            f"states.{code}.stock.{name}={float(points) / value!r}"
            for code, points in zip(scenario.states, held, strict=False)
        )
    )


def line(scenario: Scenario, runner: Runner, i: int, other: float) -> Check:
    """Check where a state begins to deter the other: between two runs' stocks.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        i: The place of the state that deters.
        other: How many arms the other holds.
    """
    expected, code = strike(scenario).needed(i, other), scenario.states[i]
    ends = expected * (1.0 - NEAR), expected * (1.0 + NEAR)
    deterred = []
    for points in ends:
        held = np.array([points, other]) if i == 0 else np.array([other, points])
        deterred.append(bool(outcome(holding(scenario, held), runner)[0][i]))
    name = f"{code} deters one that holds {other:.4g} from"
    return _between(name, expected, ends, deterred == [False, True])


def _between(name: str, expected: float, ends: tuple[float, float], found: bool) -> Check:
    """Check that a line runs between two stocks; without a number where it does not."""
    if not found:
        return Check(name, expected, np.nan, np.nan, np.nan)
    return Check(name, expected, sum(ends) / 2.0, *ends)


def at_vertex(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the vertex: with so much both deter, with a little less the other attacks.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    vertex, found = strike(scenario).vertex, []
    above = outcome(holding(scenario, vertex * (1.0 + NEAR)), runner)
    for i, code in enumerate(scenario.states[:2]):
        less = vertex * (1.0 + NEAR * np.eye(2)[1 - i] - NEAR * np.eye(2)[i])
        below = outcome(holding(scenario, less), runner)
        ends = float(vertex[i] * (1.0 - NEAR)), float(vertex[i] * (1.0 + NEAR))
        turned = bool(above[0].all() and not above[1] and not below[0][i] and below[1])
        found.append(_between(f"vertex of the cone, {code} holds", float(vertex[i]), ends, turned))
    return found


def theory(scenario: Scenario) -> float:
    """Return the vertex's stock of the first state."""
    return float(strike(scenario).vertex[0])


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the vertex, the two lines, and what comes of the scenario's own stocks.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model = strike(scenario)
    deterred, war = outcome(scenario, runner)
    result = []
    if np.isfinite(model.vertex).all():
        result = at_vertex(scenario, runner)
    scale = model.vertex if result else model.held
    for i in (0, 1):
        result += [line(scenario, runner, i, times * float(scale[1 - i])) for times in FURTHER]
    for i, code in enumerate(scenario.states[:2]):
        result.append(
            exactly(f"{code} deters the other", float(model.deters[i]), float(deterred[i]), 0.0)
        )
    result.append(exactly("war", float(not model.deters.all()), float(war), 0.0))
    return result


def describe(scenario: Scenario) -> str:
    """Return stocks and coefficients as text."""
    model = strike(scenario)
    (a, b), (f, g) = model.held, model.counterforce
    both = "both deter" if model.deters.all() else "not both deter"
    return f"M_A={a:g} M_B={b:g} f_A={f:g} f_B={g:g}: {both}"


_DESK = "states.{}.desks.crisis.{}"

FIRST_STRIKE = Limit(
    name="first_strike",
    model="Intriligator & Brito",
    result="the cone of mutual deterrence begins at (C_B/v_A + f_B C_A/v_B) / (1 - f_A f_B)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(
        _DESK.format("RED", "counterforce"), 0.0, 1.5, "f_B, arms an arm", "M_A at the vertex"
    ),
    drawn={
        _DESK.format(code, name): span
        for code in ("BLU", "RED")
        for name, span in (
            ("counterforce", (0.0, 0.95)),
            ("damage", (0.1, 2.0)),
            ("unacceptable", (1.0, 50.0)),
        )
    }
    | {"states.BLU.stock.arms": (0.0, 500.0), "states.RED.stock.arms": (0.0, 500.0)},
    free=("munitions.arms.value",),
)
