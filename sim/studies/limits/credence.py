"""Credence as a martingale: nobody expects to change its mind, and who is believed hard at p is so.

With f the hazard at which types are drawn anew, and prior = hard_share stake,

    E[c_t] = prior,   E[c_{t+n} - prior | c_t] = (1 - f)^n (c_t - prior),   P(hard | c_t) = c_t

The unit of the martingale's interval is the run, in which beliefs may hang together; types are
independent given all that was seen, so that a bin's share has a binomial band at the widest.
"""

import numpy as np
from jaxtyping import Float

from ...results.intervals import share_interval, skewed_mean_interval
from ...scenario import Scenario
from .limit import LEVEL, Check, Limit, Runner, Sweep

RUNS = 200
BINS = 5
FEWEST = 30
"""Cases of a bin that is shown."""


def prior(scenario: Scenario) -> float:
    """Return the probability that a state of the first rivalry is hard."""
    share = float(scenario.params().rules.escalate.hard_share)
    one, other = (scenario.states.index(x) for x in scenario.spec.relations.rivalries[0].states)
    stake = scenario.params().wiring.pair.to_table(scenario.params().relations.stake)
    return share * float(stake[one, other])


def rivals(
    scenario: Scenario, runner: Runner
) -> tuple[Float[np.ndarray, "run week pair"], Float[np.ndarray, "run week pair"]]:
    """Return what each rival believes of the other, and whether that other is hard.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_many(scenario, RUNS, "full")
    credence, hard = found.by_pair("credence"), found.by_pair("hard")
    named = [
        tuple(scenario.states.index(x) for x in r.states) for r in scenario.spec.relations.rivalries
    ]
    ordered = np.array([*named, *((j, i) for i, j in named)])
    i, j = ordered.T
    return credence[:, :, i, j], hard[:, :, j, i]


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the mean belief, its expected change by what was believed, and the reliability curve.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    expected, fading = prior(scenario), float(scenario.params().rules.escalate.forgetting)
    credence, hard = rivals(scenario, runner)
    middle, last = scenario.weeks // 2 - 1, scenario.weeks - 1
    before, after = credence[:, middle], credence[:, last]
    means = after.mean(axis=1)
    rows = [_mean("credence in the last week, mean", expected, means)]
    kept = (1.0 - fading) ** (last - middle)
    surprise = after - expected - kept * (before - expected)
    places = np.minimum((before * BINS).astype(int), BINS - 1)
    for place in range(BINS):
        chosen = places == place
        if chosen.sum() >= FEWEST:
            name = f"later change, believed at {place / BINS:g} to {(place + 1) / BINS:g}"
            rows.append(_mean(name, 0.0, (surprise * chosen).mean(axis=1)))
    places = np.minimum((after * BINS).astype(int), BINS - 1)
    for place in range(BINS):
        chosen = places == place
        count, hits = int(chosen.sum()), int(hard[:, last][chosen].sum())
        if count >= FEWEST:
            name = f"share hard, believed at {place / BINS:g} to {(place + 1) / BINS:g}"
            band = share_interval(hits, count, LEVEL)
            rows.append(Check(name, float(after[chosen].mean()), hits / count, *band, chance=True))
    return rows


def _mean(name: str, expected: float, by_run: Float[np.ndarray, " run"]) -> Check:
    """Return a check of a mean over runs."""
    band = skewed_mean_interval(by_run, LEVEL)
    return Check(name, expected, float(by_run.mean()), *band, chance=True)


CREDENCE = Limit(
    name="credence",
    model="Beliefs that learn",
    result="E[c' | c] = c but for types drawn anew; of those believed hard at p a share p is hard",
    theory=prior,
    checks=checks,
    describe=lambda scenario: f"prior={prior(scenario):.3g}",
    sweep=Sweep("rules.escalate.hard_share", 0.0, 1.0, "hard_share", "mean credence"),
    drawn={
        "rules.escalate.hard_share": (0.2, 0.9),
        "rules.escalate.forgetting": (0.0, 0.05),
        "doctrines.answering.desks.crisis.provoked": (0.1, 0.9),
        "doctrines.answering.desks.crisis.retaliate": (0.2, 0.9),
        "doctrines.answering.desks.crisis.forgive": (0.1, 0.6),
    },
    free=("relations.rivalries*", "doctrines.answering.desks.crisis.caution"),
    few=40,
)
