"""Bursts: the yearly number of tests of a two-state regime with Poisson tests in each state.

With b and e the weekly probabilities that a campaign begins and ends, p = b / (b + e) and
rho = 1 - b - e, a week is in a campaign with probability p and weeks k apart correlate as rho^k:

    mean      52 (p m1 + (1 - p) m0)
    variance  52 (p v1 + (1 - p) v0) + (m1 - m0)^2 p (1 - p) (52 + 2 sum_k (52 - k) rho^k)

m and v are the mean and the variance of a week's count in a campaign (1) and outside (0), both its
rate but for the cut at 15 tests per week.
"""

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np

from ...arrays import MOST
from ...results.intervals import skewed_mean_interval
from ...scenario import Scenario
from ...world import YEAR
from .limit import LEVEL, Check, Limit, Runner, Sweep, desk

RUNS = 12


@dataclass(frozen=True)
class Regime:
    """The regime of one state: probabilities and rates per week."""

    begin: float
    end: float
    tests: float
    quiet: float

    @property
    def share(self) -> float:
        """Return the share of weeks in a campaign, in the long run."""
        return self.begin / (self.begin + self.end)

    @property
    def memory(self) -> float:
        """Return the correlation of a week with the next."""
        return 1.0 - self.begin - self.end

    @property
    def mean(self) -> float:
        """Return the mean of the tests per year."""
        (on, _), (off, _) = cut_poisson(self.tests), cut_poisson(self.quiet)
        return YEAR * (self.share * on + (1.0 - self.share) * off)

    @property
    def variance(self) -> float:
        """Return the variance of the tests per year."""
        (on, spread_on), (off, spread_off) = cut_poisson(self.tests), cut_poisson(self.quiet)
        within = YEAR * (self.share * spread_on + (1.0 - self.share) * spread_off)
        apart = np.arange(1, YEAR)
        together = YEAR + 2.0 * float(np.sum((YEAR - apart) * self.memory**apart))
        return within + (on - off) ** 2 * self.share * (1.0 - self.share) * together

    @property
    def settling(self) -> int:
        """Return after how many years the start without a campaign is forgotten to 1e-4."""
        weeks = log(1e-4) / log(abs(self.memory)) if self.memory else 0.0
        return int(-(-weeks // YEAR))


def cut_poisson(rate: float) -> tuple[float, float]:
    """Return mean and variance of a Poisson count that is cut at `MOST`."""
    if rate == 0.0:
        return 0.0, 0.0
    count = np.arange(MOST + 1)
    mass = np.array([exp(k * log(rate) - rate - lgamma(k + 1.0)) for k in count])
    mass[-1] = 1.0 - mass[:-1].sum()
    mean = float(mass @ count)
    return mean, float(mass @ (count - mean) ** 2)


def regimes(scenario: Scenario) -> list[Regime]:
    """Return what the scenario's numbers make of the regime, a state at a time."""
    own = desk(scenario, "technology", "test_campaign")
    columns = own.begin, own.end, own.tests[:, 0], own.quiet_tests[:, 0]
    return [Regime(*map(float, row)) for row in zip(*columns, strict=True)]


def theory(scenario: Scenario) -> float:
    """Return the variance over mean of the tests per year, the mean over states."""
    return float(np.mean([model.variance / model.mean for model in regimes(scenario)]))


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check dispersion and mean of the yearly counts, after the years that forget the start.

    A state's years depend on each other; the states of all runs do not: each gives one value, the
    mean over its years of the squared distance from the count expected.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.

    Raises:
        ValueError: The scenario has too few weeks for that.
    """
    models = regimes(scenario)
    first, years = max(model.settling for model in models), scenario.weeks // YEAR
    if years <= first:
        raise ValueError(f"weeks: fewer than {YEAR * (first + 1)}; the start is not forgotten")
    weekly = runner.run_many(scenario, RUNS).by_state("tests")[:, : YEAR * years]
    yearly = weekly.reshape(len(weekly), years, YEAR, -1).sum(axis=2)[:, first:]
    mean = np.array([model.mean for model in models])
    dispersion = (((yearly - mean) ** 2).mean(axis=1) / mean).ravel()
    counts = yearly.mean(axis=1).ravel()
    return [
        Check(
            name,
            expected,
            float(values.mean()),
            *skewed_mean_interval(values, level=LEVEL),
            chance=True,
        )
        for name, expected, values in (
            ("variance / mean of the tests per year", theory(scenario), dispersion),
            ("tests per year", float(mean.mean()), counts),
        )
    ]


def describe(scenario: Scenario) -> str:
    """Return the first state's probabilities and rates per week, as text."""
    model = regimes(scenario)[0]
    return f"b={model.begin:g} e={model.end:g} r1={model.tests:g} r0={model.quiet:g}"


_DESK = "doctrines.tester.desks.technology.{}"

CAMPAIGNS = Limit(
    name="campaigns",
    model="Bursts of a two-state regime",
    result="variance of a year's tests: mean + (r1 - r0)^2 p (1 - p) (52 + 2 sum (52 - k) rho^k)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(_DESK.format("begin"), 0.02, 0.5, "b, per week", "variance / mean of a year"),
    drawn={
        _DESK.format("begin"): (0.03, 0.5),
        _DESK.format("end"): (0.03, 0.5),
        _DESK.format("tests"): (0.2, 4.0),
        _DESK.format("quiet_tests"): (0.0, 1.0),
    },
    free=("states.*.desks.technology.*",),
    usual=("weeks=312",),
    few=4,
)
