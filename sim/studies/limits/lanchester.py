"""Lanchester's laws: x' = -beta y x^omega, y' = -alpha x y^omega, a coefficient a side.

alpha x^p - beta y^p with p = 2 - omega never changes: p = 2 is the square law (aimed fire), p = 1
the linear law (area fire). So the stronger keeps (x^p - (beta / alpha) y^p)^(1/p). In steps of a
week the linear law holds exactly, and the square law's sum shrinks by 1 - alpha beta per week.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from ...rules.perceive import quality
from ...scenario import Scenario
from .limit import EXACT, Check, Limit, Runner, Sweep, along, exactly, of_first_order


@dataclass(frozen=True)
class Battle:
    """The battle that a scenario describes: coefficients and forces of both sides."""

    fire: Float[np.ndarray, "2"]  # alpha, beta: per week and thousand soldiers
    force: Float[np.ndarray, "2"]  # x0, y0: thousand
    omega: float

    @property
    def power(self) -> float:
        """Return the power of the law: 2 square, 1 linear."""
        return 2.0 - self.omega

    def lead(self, forces: Float[np.ndarray, "*week 2"]) -> Float[np.ndarray, "*week"]:
        """Return the lead alpha x^p - beta y^p: above 0 where the first side is the stronger."""
        return np.asarray(forces**self.power @ (self.fire * np.array([1.0, -1.0])))

    def kept(self, forces: Float[np.ndarray, "2"]) -> float:
        """Return what the stronger of such forces is left with, thousand."""
        lead = float(self.lead(forces))
        fire = self.fire[0] if lead > 0.0 else self.fire[1]
        return float((abs(lead) / fire) ** (1.0 / self.power))

    @property
    def shrinking(self) -> float | None:
        """Return the weekly factor by which steps shrink the lead; None if no power law holds."""
        if self.omega == 0.0:
            return float(1.0 - self.fire[0] * self.fire[1])
        return 1.0 if self.omega == 1.0 else None


def battle(scenario: Scenario) -> Battle:
    """Return the battle that the scenario's numbers make."""
    params, world = scenario.params(), scenario.world()
    states = params.states
    rounds = states.fire_rate * states.tempo[:, None] * quality(params, world)
    fire = states.alpha * (states.baseline_fire + rounds @ params.munitions.lethality)
    return Battle(fire[:2], world.force[:2], float(params.rules.fight.omega))


def force_path(scenario: Scenario, runner: Runner) -> Float[np.ndarray, "week 2"]:
    """Return the forces of both sides after each week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    return np.asarray(runner.run_once(scenario).by_state("force")[0, :, :2])


def slower(scenario: Scenario) -> Scenario:
    """Return the same battle at half the pace in twice the weeks: a step of half a week."""
    alpha = scenario.params().states.alpha
    return scenario.with_(
        f"weeks={2 * scenario.weeks}",
        *(
            f"states.{code}.alpha={float(alpha[i]) / 2.0!r}"
            for i, code in enumerate(scenario.states[:2])
        ),
    )


def theory(scenario: Scenario) -> float:
    """Return what the stronger is left with, thousand."""
    model = battle(scenario)
    return model.kept(model.force)


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check survivors to first order in the step, who wins, and the lead that steps keep.

    The lead agrees to 1e-9 where the law is one of a power.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model = battle(scenario)
    path = force_path(scenario, runner)
    finer = force_path(slower(scenario), runner)
    kept, halved = model.kept(path[-1]), model.kept(finer[-1])
    expected, scale = theory(scenario), float(model.force.max())
    errors = abs(kept - expected), abs(halved - expected)
    # twice the finer step less the coarser: without the error of first order
    found = [
        exactly(
            "survivors, thousand",
            expected,
            2.0 * halved - kept,
            0.1 * errors[0] + EXACT * scale,
        ),
        exactly(
            "the stronger: 1 the first, -1 the second",
            float(np.sign(model.lead(model.force))),
            float(np.sign(model.lead(path[-1]))),
            0.0,
        ),
        of_first_order("survivors", *errors, scale),
    ]
    factor = model.shrinking
    if factor is not None:
        alive = np.all(path > 0.0, axis=1)
        own = model.lead(model.force) * factor ** np.arange(1.0, len(path) + 1.0)
        unit = float(model.fire @ model.force**model.power)
        found.append(along("lead, to the map's own", own[alive], model.lead(path)[alive], unit))
    return found


def describe(scenario: Scenario) -> str:
    """Return coefficients, forces and law as text."""
    model = battle(scenario)
    (alpha, beta), (x, y) = model.fire, model.force
    return f"alpha={alpha:g} beta={beta:g} x0={x:g} y0={y:g} power={model.power:g}"


SQUARE = Limit(
    name="lanchester_square",
    model="Lanchester's square law",
    result="the stronger keeps sqrt(x0^2 - (beta / alpha) y0^2)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(
        "states.RED.force", 10.0, 120.0, "RED at the start, thousand", "survivors, thousand"
    ),
    drawn={
        "states.BLU.force": (20.0, 200.0),
        "states.RED.force": (20.0, 200.0),
        "states.BLU.alpha": (0.2, 3.0),
        "states.RED.baseline_fire": (0.005, 0.08),
        "states.BLU.fire_rate.shell": (0.0, 2000.0),
        "munitions.shell.lethality": (1e-6, 2e-5),
    },
    free=("states.*.alpha", "states.*.baseline_fire", "states.*.tempo", "rules.fight.omega"),
    usual=("weeks=52",),
)

LINEAR = replace(
    SQUARE,
    name="lanchester_linear",
    model="Lanchester's linear law",
    result="the stronger keeps x0 - (beta / alpha) y0",
    drawn={
        **SQUARE.drawn,
        "states.BLU.alpha": (0.2, 2.0),
        "states.RED.baseline_fire": (0.0003, 0.004),
        "states.BLU.fire_rate.shell": (0.0, 1000.0),
        "munitions.shell.lethality": (1e-7, 1e-6),
    },
)
