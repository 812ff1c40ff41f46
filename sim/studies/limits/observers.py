"""Two observers of one flow: the ratio of their estimates is distributed as exp(b + s sqrt(2) eps).

b is the difference of their biases, s the noise of an estimate, eps a standard normal. Each
detection gives both observers an estimate of the same containers, so each gives one ratio.
"""

from statistics import NormalDist

import numpy as np
from jaxtyping import Float

from ...results.intervals import quantile_interval
from ...scenario import Scenario
from .limit import LEVEL, Check, Limit, Runner, Sweep

RUNS = 8
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def law(scenario: Scenario) -> NormalDist:
    """Return the law of the log of the ratio, first observer over second."""
    params = scenario.params()
    first, second = params.states.estimate_bias[params.wiring.observer[:2]]
    noise = float(params.rules.watch.estimate_noise)
    return NormalDist(float(first - second), max(noise * np.sqrt(2.0), 1e-12))


def theory(scenario: Scenario) -> float:
    """Return the median ratio."""
    return float(np.exp(law(scenario).mean))


def estimates(scenario: Scenario, runner: Runner) -> Float[np.ndarray, "observer detection"]:
    """Return what each detection added to the first two observers' estimates, containers.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_many(scenario, RUNS, "full")
    held = np.stack(
        [found.by_route(f"estimate_{code}")[:, :, 0] for code in scenario.observers[:2]]
    )
    added = np.diff(held, axis=2, prepend=0.0).reshape(2, -1)
    return np.asarray(added[:, added[0] > 0.0])


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the ratio's quantiles, by the share of detections below each; the median first.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    seen, expected = estimates(scenario, runner), law(scenario)
    ratio = np.sort(np.log(seen[0] / seen[1]))
    found = []
    for p in sorted(QUANTILES, key=lambda p: abs(p - 0.5)):
        low, high = quantile_interval(ratio, p, level=LEVEL)
        found.append(
            Check(
                f"{p:.0%} quantile of the ratio",
                float(np.exp(expected.inv_cdf(p))),
                float(np.exp(np.quantile(ratio, p))),
                float(np.exp(low)),
                float(np.exp(high)),
                chance=True,
            )
        )
    return found


def describe(scenario: Scenario) -> str:
    """Return bias difference and noise as text."""
    noise = float(scenario.params().rules.watch.estimate_noise)
    return f"bias difference={law(scenario).mean:g} noise={noise:g}"


OBSERVERS = Limit(
    name="observers",
    model="Two observers of one flow",
    result="the ratio of their estimates is distributed as exp(b1 - b2 + s sqrt(2) eps)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep("states.ONE.estimate_bias", -1.0, 1.0, "bias of the first, log", "median ratio"),
    drawn={
        "states.ONE.estimate_bias": (-1.0, 1.0),
        "states.TWO.estimate_bias": (-1.0, 1.0),
        "rules.watch.estimate_noise": (0.01, 1.0),
    },
    free=(
        "rules.watch.detection",
        "states.*.secrecy",
        "states.SUP.desks.*",
        "states.SUP.capacity*",
    ),
    usual=("weeks=104",),
    few=2,
)
