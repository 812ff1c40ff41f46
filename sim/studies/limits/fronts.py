"""Fire on fronts: what a belligerent inflicts and suffers does not change when it is split in two.

fire_ij = fire_i force_j / E_i E_i^omega with E_i the enemies that i faces: summed over what i faces
it is fire_i E_i^omega, and both halves lose the same share. So the split war is the whole one.
"""

import numpy as np
from jaxtyping import Float

from ...scenario import Scenario
from .limit import EXACT, Check, Limit, Runner, Sweep, along, exactly

WHOLE, PARTS = ("BLU", "RED"), (("LEFT", "RIGHT"), ("FOE",))


def twin(scenario: Scenario) -> Scenario:
    """Return the scenario with BLU as strong as LEFT and RIGHT, and FOE as strong as RED."""
    force = dict(zip(scenario.states, scenario.world().force.tolist(), strict=True))
    return scenario.with_(
        f"states.BLU.force={force['LEFT'] + force['RIGHT']!r}",
        f"states.FOE.force={force['RED']!r}",
    )


def paths(
    scenario: Scenario, runner: Runner
) -> tuple[Float[np.ndarray, "week 2"], Float[np.ndarray, "week 2"]]:
    """Return the forces of both sides after each week: of the whole war and of the split one.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    force = runner.run_once(scenario).by_state("force")[0]
    place = {code: index for index, code in enumerate(scenario.states)}
    whole = force[:, [place[code] for code in WHOLE]]
    split = [force[:, [place[code] for code in side]].sum(axis=1) for side in PARTS]
    return whole, np.stack(split, axis=1)


def theory(scenario: Scenario) -> float:
    """Return what the enemy is left with by the map of the whole war, thousand.

    x' = x - b y x^omega and y' = y - a x y^omega in steps of a week, x both parts together.
    """
    force = dict(zip(scenario.states, scenario.world().force.tolist(), strict=True))
    fire = dict(zip(scenario.states, scenario.params().states.baseline_fire.tolist(), strict=True))
    omega = float(scenario.params().rules.fight.omega)
    x, y = force["LEFT"] + force["RIGHT"], force["RED"]
    for _ in range(scenario.weeks):
        worn = fire["RED"] * y * x**omega, fire["LEFT"] * x * y**omega
        x, y = max(x - worn[0], 0.0), max(y - worn[1], 0.0)
    return y


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check that the war of the split side is that of the whole one, week by week.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    whole, split = paths(twin(scenario), runner)
    return [
        exactly("enemy left, thousand", theory(scenario), float(split[-1, 1]), EXACT * split[0, 1]),
        along("force of the split side", whole[:, 0], split[:, 0]),
        along("force of its enemy", whole[:, 1], split[:, 1]),
    ]


def describe(scenario: Scenario) -> str:
    """Return the parts and the law as text."""
    force = dict(zip(scenario.states, scenario.world().force.tolist(), strict=True))
    omega = float(scenario.params().rules.fight.omega)
    return f"{force['LEFT']:g} + {force['RIGHT']:g} against {force['RED']:g}, omega={omega:g}"


FRONTS = Limit(
    name="fronts",
    model="Fire on fronts",
    result="a war is the same where one side is split in two, aimed fire, area fire and between",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(
        "states.RED.force", 40.0, 160.0, "RED at the start, thousand", "enemy left, thousand"
    ),
    drawn={
        "states.LEFT.force": (5.0, 60.0),
        "states.RIGHT.force": (5.0, 60.0),
        "states.RED.force": (40.0, 150.0),
        "states.*.baseline_fire": (0.0001, 0.003),
        "rules.fight.omega": (0.0, 1.0),
    },
    free=("states.*.force", "states.*.baseline_fire"),
)
