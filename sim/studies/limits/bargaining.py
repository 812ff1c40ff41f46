"""Fearon's bargaining: a take-it-or-leave-it offer to a side whose cost of war is not known.

A wins a war with probability p at a cost of c_A; B's cost lies anywhere from 0 to cbar. A demand of
x is accepted if 1 - x >= 1 - p - c_B, so it is worth

    U(x) = (1 - r) x + r (p - c_A),   r = (x - p) / cbar held in [0, 1]

which is largest at x* = p + (cbar - c_A) / 2, refused with probability (cbar - c_A) / (2 cbar). If
c_A >= cbar the best is x* = p and nobody fights; if x* would pass 1 it is 1. Costs: what a week of
war takes of the force, times the burden.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ... import noise
from ...arrays import sigma
from ...engines import reference
from ...policy.state import Policy, State
from ...results.intervals import payoff_interval
from ...rules.perceive import strength
from ...scenario import Scenario
from ...world import CONCILIATE, HOLD
from .deterrence import share
from .games import Games, Pair, alike, deviation, games, pairs
from .limit import EXACT, LEVEL, Check, Limit, Runner, Sweep, desk, exactly

RUNS = 150
OTHERS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Other demands that are tried, as places between p - cbar / 2 and the larger of 1 and p + cbar."""


@dataclass(frozen=True)
class Bargain:
    """The bargain that a scenario describes: what a war would bring."""

    chance: float  # p
    cost: float  # c_A
    bound: float  # cbar

    @property
    def demand(self) -> float:
        """Return x*, the demand that is worth most."""
        return float(min(self.chance + max(self.bound - self.cost, 0.0) / 2.0, 1.0))

    def refused(self, demand: float) -> float:
        """Return the probability that a demand is refused."""
        return float(np.clip((demand - self.chance) / self.bound, 0.0, 1.0))

    def worth(self, demand: float) -> float:
        """Return what a demand is worth to A."""
        refused = self.refused(demand)
        return (1.0 - refused) * demand + refused * (self.chance - self.cost)


def bargain(scenario: Scenario, pair: Pair | None = None) -> Bargain:
    """Return the bargain that the numbers of a pair and the fight rule make.

    Args:
        scenario: What is simulated.
        pair: A and B, as places; the first pair if None.
    """
    params, world = scenario.params(), scenario.world()
    own, (i, j) = desk(scenario, "crisis", "brinkmanship"), pair or pairs(scenario)[0]
    states, power, force = params.states, strength(params, world), world.force
    fire = states.alpha * states.baseline_fire * force
    taken = fire[[j, i]] * force[[i, j]] ** (params.rules.fight.omega - 1.0)  # share per week
    return Bargain(
        chance=float(sigma(power[i] - power[j])),
        cost=float(own.burden[i] * taken[0]),
        bound=float(2.0 * own.burden[j] * taken[1]),
    )


def demands(scenario: Scenario, runner: Runner) -> float:
    """Return what the first state demands in the first week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    i, j = pairs(scenario)[0]
    week = next(iter(reference.weeks(scenario, runner.seed, 0)))
    return float(week.action.crisis.demand[scenario.pairs.index((i, j))])


def costs(scenario: Scenario, runner: Runner, runs: int) -> Float[np.ndarray, " game"]:
    """Return c_B of each game, from the noise of the week in which it is answered.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        runs: How many runs.
    """
    answering = [scenario.pairs.index((j, i)) for i, j in alike(scenario, bargain)]
    drawn = [
        noise.draw(scenario.layout, noise.run_key(runner.seed, run), 1)["cost"][answering]
        for run in range(runs)
    ]
    return np.ravel(drawn) * bargain(scenario).bound


def demanding(demand: float) -> type[Policy]:
    """Return a policy that demands so much in the first week."""

    class Demand(Policy):
        def decide(self, me: State) -> None:
            for code in me.others:
                if me.week == 0 and me.of(code).stake > 0.0:
                    me.order("demand", demand, code)

    return Demand


def brought(model: Bargain, demand: float, found: Games) -> Float[np.ndarray, " game"]:
    """Return what each game brought A.

    Args:
        model: The bargain.
        demand: What A demanded, a share of the stakes.
        found: The games that were simulated.
    """
    return np.where(found.stood, model.chance - model.cost, demand)


def theory(scenario: Scenario) -> float:
    """Return P(war)."""
    model = bargain(scenario)
    return model.refused(model.demand)


def checks(scenario: Scenario, runner: Runner) -> Iterator[Check]:
    """Check war, the demand and the costs, and that nothing else would have been better.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model, found = bargain(scenario), games(scenario, alike(scenario, bargain), runner, RUNS)
    yield share("P(war)", theory(scenario), found.stood)
    demanded = demands(scenario, runner)
    yield exactly("x*, demanded", model.demand, demanded, EXACT)
    yield from cost_of_war(scenario, runner, model, found)
    yield from answers(scenario, runner, model, demanded, found)
    yield from other_demands(scenario, runner, model, demanded, found)


def cost_of_war(scenario: Scenario, runner: Runner, model: Bargain, found: Games) -> list[Check]:
    """Check that a war's first week, times the burden, costs the forces c_A and cbar / 2.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        model: The bargain.
        found: The games that were simulated.
    """
    wars = found.stood.reshape(-1, len(alike(scenario, bargain)))[:, 0]
    if not wars.any():
        return []
    ends, burden = pairs(scenario)[0], desk(scenario, "crisis", "brinkmanship").burden
    lost = runner.run_many(scenario, RUNS).by_state("losses")[int(np.argmax(wars)), -1]
    cost = [float(burden[i] * lost[i] / scenario.world().force[i]) for i in ends]
    return [
        exactly("c_A, from a week of war", model.cost, cost[0], EXACT),
        exactly("mean of c_B, from a week of war", model.bound / 2.0, cost[1], EXACT),
    ]


def answers(
    scenario: Scenario, runner: Runner, model: Bargain, demanded: float, found: Games
) -> list[Check]:
    """Check that no B, whatever its cost, gains by the other answer.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        model: The bargain.
        demanded: What A demanded, a share of the stakes.
        found: The games that were simulated.
    """
    codes, of = scenario.states, alike(scenario, bargain)
    cost = costs(scenario, runner, len(found.stood) // len(of))
    at_war = 1.0 - model.chance - cost
    got = np.where(found.stood, at_war, 1.0 - demanded)
    result = []
    for answer, verb in ((HOLD, "refuses"), (CONCILIATE, "accepts")):
        turned = {codes[j]: deviation(answer=answer) for _, j in of}
        other = games(scenario, of, runner, RUNS, turned)
        gain = np.where(other.stood, at_war, 1.0 - demanded) - got
        most = float(gain.max())
        result.append(exactly(f"largest gain of any B that {verb}", 0.0, max(most, 0.0), EXACT))
    return result


def other_demands(
    scenario: Scenario, runner: Runner, model: Bargain, demanded: float, found: Games
) -> list[Check]:
    """Check that no other demand is worth more to A.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        model: The bargain.
        demanded: What A demanded, a share of the stakes.
        found: The games that were simulated.
    """
    codes, of = scenario.states, alike(scenario, bargain)
    base = brought(model, demanded, found)
    low = max(model.chance - 0.5 * model.bound, 0.01)
    high = min(model.chance + model.bound, 1.0)
    result = []
    for place in OTHERS:
        demand = low + place * (high - low)
        turned = {codes[i]: demanding(demand) for i, _ in of}
        gain = brought(model, demand, games(scenario, of, runner, RUNS, turned)) - base
        expected = model.worth(demand) - model.worth(model.demand)
        widest = 1.0 - min(model.chance - model.cost, 0.0)
        span = payoff_interval(gain, -widest, widest, level=LEVEL)
        result.append(
            Check(
                f"gain of A if it demands {demand:.3f}", expected, float(gain.mean()), *span, True
            )
        )
    most = max(result, key=lambda check: check.low)
    return [
        Check("surest gain of any demand", 0.0, most.got, most.low, np.inf, chance=True),
        *result,
    ]


def describe(scenario: Scenario) -> str:
    """Return p, the costs and what follows, as text."""
    model = bargain(scenario)
    end = "no war" if model.cost >= model.bound else f"x*={model.demand:.4g}"
    return f"p={model.chance:.4g} c_A={model.cost:.4g} cbar={model.bound:.4g}: {end}"


BARGAINING = Limit(
    name="bargaining",
    model="Fearon's bargaining",
    result="x* = p + (cbar - c_A) / 2, P(war) = (cbar - c_A) / (2 cbar), corners apart",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(
        "doctrines.demands.desks.crisis.burden", 0.0, 120.0, "A's burden, stakes", "P(war)"
    ),
    drawn={
        "doctrines.demands.desks.crisis.burden": (0.0, 60.0),
        "doctrines.answers.desks.crisis.burden": (5.0, 60.0),
        "states.A*.force": (30.0, 300.0),
    },
    free=("states.*.baseline_fire", "states.*.force", "rules.fight.omega"),
    few=20,
)
