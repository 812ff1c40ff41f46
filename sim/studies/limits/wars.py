"""Wars: how they end as beliefs converge, and who joins them.

Each of two sides underestimates the other by b log points, and a week of fighting removes the share
kappa of the error. A settlement that both prefer to war exists from the first week t on with

    sigma(D + b_t) + sigma(b_t - D) - 1 < c_A + c_B,   b_t = b (1 - kappa)^t,   D = S_A - S_B

and is made with hazard h, so that the war lasts t + 1 / (1 - e^-h) weeks on average. Slantchev's
(2003) principle of convergence. Costs: what a week of war takes of the force, times the burden.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ...arrays import sigma
from ...results.intervals import share_interval, skewed_mean_interval
from ...rules.deterrence import promises, stake_at_risk
from ...rules.perceive import strength
from ...scenario import Scenario
from ...world import WAR
from .limit import EXACT, LEVEL, Check, Limit, Runner, Sweep, exactly

RUNS = 60
JOINS = 150


@dataclass(frozen=True)
class Convergence:
    """The war that the numbers of the first pair make."""

    lead: float  # D
    error: float  # b
    learning: float  # kappa
    cost: tuple[float, float]  # c_A, c_B
    hazard: float  # h

    def chances(self, week: float | Int[np.ndarray, " war"]) -> tuple[np.ndarray, np.ndarray]:
        """Return each side's chance to win, as it believes after so many weeks of fighting."""
        left = self.error * (1.0 - self.learning) ** np.asarray(week, float)
        return sigma(self.lead + left), sigma(left - self.lead)

    @property
    def first(self) -> int:
        """Return the first week, from 1 on, in which both would settle; -1 if they never do."""
        weeks = np.arange(1, 100_000)
        mine, theirs = self.chances(weeks)
        ready = mine + theirs - 1.0 < sum(self.cost)
        return int(weeks[ready][0]) if ready.any() else -1

    @property
    def duration(self) -> float:
        """Return how many weeks the war lasts on average."""
        return self.first - 1.0 + 1.0 / (1.0 - np.exp(-self.hazard))

    def share(self, week: Int[np.ndarray, " war"]) -> Float[np.ndarray, " war"]:
        """Return what A has of what is at stake if the war ends in a week."""
        mine, theirs = self.chances(week)
        return np.asarray(0.5 + 0.5 * (mine - theirs + self.cost[1] - self.cost[0]))


def convergence(scenario: Scenario) -> Convergence:
    """Return the war that the numbers of the first given war make."""
    params, world = scenario.params(), scenario.world()
    i, j = (scenario.states.index(code) for code in scenario.spec.relations.wars[0])
    own, states, force = strength(params, world), params.states, world.force
    fire = states.alpha * states.baseline_fire * force
    risk = params.wiring.pair.to_table(stake_at_risk(params, world))
    omega, burden = params.rules.fight.omega, float(params.rules.fight.burden)
    cost = tuple(
        float(burden * fire[b] * force[a] ** omega / force[a] / risk[a, b])
        for a, b in ((i, j), (j, i))
    )
    bias = params.rules.perceive.bias * states.perception_bias
    return Convergence(
        lead=float(own[i] - own[j]),
        error=-float(bias[i]),
        learning=float(params.rules.perceive.battle),
        cost=(cost[0], cost[1]),
        hazard=float(params.rules.fight.settlement),
    )


def ends(scenario: Scenario, runner: Runner) -> tuple[np.ndarray, np.ndarray]:
    """Return how many weeks each war lasted, and what its first side had won of the stake.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.

    Raises:
        ArithmeticError: A war had not ended.
    """
    found = runner.run_many(scenario, RUNS, "full")
    level, won = found.by_pair("level"), found.by_pair("won")
    weeks, shares = [], []
    for one, other in scenario.spec.relations.wars:
        i, j = scenario.states.index(one), scenario.states.index(other)
        fought = (level[:, :, i, j] == WAR).sum(axis=1)
        if (level[:, -1, i, j] == WAR).any():
            raise ArithmeticError(f"{scenario.name}: a war had not ended, weeks= must be more")
        weeks.append(fought + 1)  # the week of the end stands at its new level
        shares.append(0.5 + won[:, -1, i, j])
    return np.concatenate(weeks), np.concatenate(shares)


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the mean duration, that no war ends too early, and the share that is settled on.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    theory, (weeks, shares) = convergence(scenario), ends(scenario, runner)
    mean, (low, high) = weeks.mean(), skewed_mean_interval(weeks.astype(float), LEVEL)
    error = float(np.max(np.abs(shares - theory.share(weeks))))
    early = int((weeks < theory.first).sum())
    return [
        Check("weeks that a war lasts, mean", theory.duration, float(mean), low, high, chance=True),
        exactly("wars that end before both would settle", 0.0, early, EXACT),
        exactly("share that the first side has: largest error", 0.0, error, EXACT),
    ]


def describe(scenario: Scenario) -> str:
    """Return the parameters of the war as text."""
    war = convergence(scenario)
    return (
        f"D={war.lead:.3g} b={war.error:.3g} kappa={war.learning:.3g} c_A={war.cost[0]:.3g} "
        f"c_B={war.cost[1]:.3g} h={war.hazard:.3g}: both would settle from week {war.first} on"
    )


CONVERGENCE = Limit(
    name="convergence",
    model="Slantchev's convergence",
    result="both settle from the first week with p_A + p_B - 1 < c_A + c_B, at p + (c_B - c_A) / 2",
    theory=lambda scenario: convergence(scenario).duration,
    checks=checks,
    describe=describe,
    sweep=Sweep("rules.perceive.battle", 0.04, 0.2, "error that a week removes", "weeks of war"),
    drawn={
        "states.*.perception_bias": (-2.0, -1.0),
        "rules.perceive.battle": (0.05, 0.2),
        "rules.fight.settlement": (0.2, 2.0),
        "rules.fight.burden": (8.0, 20.0),
    },
    free=("states.*.force", "states.*.baseline_fire", "states.*.alpha", "relations.rivalries*"),
    few=8,
)


def promised(scenario: Scenario) -> float:
    """Return the probability that the first protector joins."""
    return float(promises(scenario.params(), scenario.world())[0])


def joining(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check in what share of attacks the protector joins.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_many(scenario, JOINS)
    kept = int((found.results.events["kind"] == "joined").sum())
    attacks = len(found.results.runs) * len(scenario.spec.relations.alliances)
    low, high = share_interval(kept, attacks, LEVEL)
    expected = promised(scenario)
    return [
        Check("attacks that the protector joins", expected, kept / attacks, low, high, chance=True)
    ]


PROMISE = Limit(
    name="promise",
    model="Promises",
    result="a protector joins with probability commitment readiness (1 - w + w interop)",
    theory=promised,
    checks=joining,
    describe=lambda scenario: f"promise={promised(scenario):.3g}",
    sweep=Sweep("rules.escalate.interop_weight", 0.0, 1.0, "interop_weight", "share that joins"),
    drawn={"states.*.readiness": (0.0, 1.0), "rules.escalate.interop_weight": (0.0, 1.0)},
    free=("relations.alliances*", "relations.interop*"),
    few=60,
)
