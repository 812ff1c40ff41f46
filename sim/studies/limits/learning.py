"""Learning by trial: success follows a logistic in the log of the trials, so failures a power law.

After m trials one fails with probability 1 / (1 + exp(first + by_tech A) (1 + m)^by_trials). Where
that is small it is a power of the trial's number, and the failures up to trial T grow as T^beta,
beta = 1 - by_trials (Duane 1964). On such a process (n - 1) / sum ln(T / t_i), over the n trials
t_i that failed, recovers beta without bias (Crow 1974).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from ...arrays import sigma
from ...results.intervals import rate_interval, share_interval
from ...scenario import Scenario
from .limit import LEVEL, Check, Limit, Runner, Sweep

RUNS = 6
DECADES = (0.0, 3.0, 10.0, 30.0, 100.0, 300.0, np.inf)
"""Groups of trials already made, in which the share of failures is looked at."""


@dataclass(frozen=True)
class Trials:
    """The weeks of all states in which there were trials."""

    before: Float[np.ndarray, " week"]  # trials made before that week
    made: Float[np.ndarray, " week"]
    failed: Float[np.ndarray, " week"]
    last: Float[np.ndarray, " week"]  # trials of that state in the end, T
    chance: Float[np.ndarray, " week"]  # that one fails

    @property
    def middle(self) -> Float[np.ndarray, " week"]:
        """Return the number of the trial in the week's middle, for whichever of several failed."""
        return self.before + 0.5 * (self.made + 1.0)


def trials(scenario: Scenario, runner: Runner) -> Trials:
    """Return the trials of all states in some runs.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_many(scenario, RUNS)
    made, failed = found.by_state("tests"), found.by_state("test_failures")
    after = made.cumsum(axis=1)
    last = np.broadcast_to(after[:, -1:], made.shape)
    chance = chance_of_failure(scenario, after - made)
    some = made > 0.0
    return Trials(*(x[some] for x in (after - made, made, failed, last, chance)))


def chance_of_failure(
    scenario: Scenario, before: Float[np.ndarray, "*any state"]
) -> Float[np.ndarray, "*any state"]:
    """Return the probability that each state's trial fails after so many.

    Args:
        scenario: What is simulated.
        before: How many trials were made before, [..., state].
    """
    t, level = scenario.params().technologies, scenario.world().tech[:, 0]
    odds = t.first[0] + t.by_tech[0] * level + t.by_trials[0] * np.log1p(before)
    return np.asarray(sigma(-odds))


def theory(scenario: Scenario) -> float:
    """Return the exponent 1 - by_trials."""
    return 1.0 - float(scenario.params().technologies.by_trials[0])


def exponent(found: Trials) -> tuple[float, float, float]:
    """Return the exponent (n - 1) / sum ln(T / t_i) over all states and runs, and its interval.

    Given n, the logarithms are exponential with the rate beta.
    """
    total = float(np.sum(found.failed * np.log(found.last / found.middle)))
    count = int(found.failed.sum())
    return (count - 1) / total, *rate_interval(count, total, level=LEVEL)


def whole_numbers(found: Trials) -> float:
    """Return what the estimator makes of the probabilities themselves.

    Trials are whole numbers and several fall in a week, and failures are not quite rare: that is
    how far these trials are from the power law.
    """
    weight = found.made * found.chance
    return float(weight.sum() / np.sum(weight * np.log(found.last / found.middle)))


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the power law's exponent, and the share of failures by trials made.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found, beta = trials(scenario, runner), theory(scenario)
    off = whole_numbers(found) / beta
    got, low, high = (x / off for x in exponent(found))
    result = [Check(f"beta ({off - 1.0:+.1%} by whole trials)", beta, got, low, high, chance=True)]
    for least, most in pairwise(DECADES):
        rows = (found.before >= least) & (found.before < most)
        made, failed = int(found.made[rows].sum()), int(found.failed[rows].sum())
        if made == 0:
            continue
        expected = float(found.made[rows] @ found.chance[rows]) / made
        span = f"{least:g} to {most:g}" if most < np.inf else f"{least:g} and more"
        # unequal chances spread less than one chance for all (Hoeffding 1956)
        interval = share_interval(failed, made, level=LEVEL)
        result.append(
            Check(f"failures after {span} trials", expected, failed / made, *interval, chance=True)
        )
    return result


def describe(scenario: Scenario) -> str:
    """Return the coefficients of the logistic as text."""
    params, level = scenario.params(), float(scenario.world().tech[0, 0])
    t = params.technologies
    odds = float(t.first[0] + t.by_tech[0] * level)
    return f"log-odds at the first trial={odds:g} by_trials={t.by_trials[0]:g}"


_TRAIT = "technologies.missile.{}"

LEARNING = Limit(
    name="learning",
    model="Learning by trial",
    result="failures a power law of beta = 1 - by_trials, success a logistic of trials",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(_TRAIT.format("by_trials"), -0.4, 0.5, "log-odds a log trial", "beta"),
    drawn={
        _TRAIT.format("by_trials"): (-0.3, 0.5),
        _TRAIT.format("first"): (1.0, 3.0),
        _TRAIT.format("by_tech"): (0.0, 2.0),
    },
    usual=("weeks=260",),
    free=("doctrines.tester.desks.technology.tests", "states.*.tech.*"),
    few=1,
)
