"""Does deterrence hold in a scenario, by what the model says it holds by, and do desks matter?

Every variant has the same noise, run by run. Probabilities have Wilson's interval; differences are
paired.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from jaxtyping import Int64

from ..ensemble.run import run
from ..results.intervals import mean_interval, student, wilson
from ..results.results import Results, paired
from ..scenario import Scenario
from ..world import DISPLAY, FORCE, WAR
from .disputes import by_level, disputes, span

DESKS = ("hold", "tit_for_tat", "perfect_deterrence", "assurance", "brinkmanship")
DEFAULT, UNRESTRAINED, NO_RESTRAINT, UNPROVOKED = (
    "default",
    "unrestrained",
    "no restraint",
    "no provocation",
)
OVERRIDES = {
    DEFAULT: (),
    UNRESTRAINED: ("rules.escalate.nuclear_restraint=0", "rules.escalate.deterrence=0"),
    NO_RESTRAINT: ("rules.escalate.nuclear_restraint=0",),
    UNPROVOKED: ("rules.escalate.exercise_provocation=0",),
}
"""What each variant sets; beside these every state follows each desk in turn."""
WITH_EVENTS = (DEFAULT, NO_RESTRAINT)
"""The variants whose disputes are read one by one."""
OUTCOMES = {"display or use of force": (DISPLAY, FORCE), "war": (WAR,)}
"""Of a dispute between two nuclear states: its highest level."""

Interval = tuple[float, float, float]
"""A number, and from where to where it may lie."""


def variants(scenario: Scenario) -> dict[str, Scenario]:
    """Return every variant by name; all hold the same rules, so that one program runs them."""
    at_desk = {
        desk: [f"states.{code}.desks.crisis={desk}" for code in scenario.states] for desk in DESKS
    }
    rules = {**scenario.rules, "crisis": sorted({*scenario.rules["crisis"], *DESKS})}
    return {
        name: scenario.with_(*overrides).holding(rules)
        for name, overrides in (OVERRIDES | at_desk).items()
    }


def simulate(
    scenarios: Mapping[str, Scenario], runs: int, seed: int = 0, workers: int = 1
) -> dict[str, Results]:
    """Simulate each scenario with the same noise.

    Args:
        scenarios: The variants by name.
        runs: How many runs of each.
        seed: The master seed.
        workers: How many processes.
    """
    return {
        name: run(
            scenario,
            runs,
            seed,
            record="weekly" if name in WITH_EVENTS else "summary",
            engine="compiled",
            workers=workers,
        )
        for name, scenario in scenarios.items()
    }


def chance(results: Results, metric: str) -> Interval:
    """Return the share of runs in which a metric is above 0, with its Wilson interval.

    Args:
        results: The runs of a variant.
        metric: A column of the table of runs.
    """
    values = results.runs[metric]
    return float((values > 0).mean()), *wilson(int((values > 0).sum()), len(values))


def success(results: Results) -> Interval:
    """Return deterrence success over all runs, with the interval of a ratio of sums over runs.

    Of the presses that would come if nobody were believed to resist, the share that did not.
    """
    stopped = results.runs["deterred_sum"].to_numpy(float)
    wished = stopped + results.runs["presses_sum"].to_numpy(float)
    if wished.sum() == 0:
        return np.nan, np.nan, np.nan
    share = stopped.sum() / wished.sum()
    spread = (stopped - share * wished).std(ddof=1) / wished.mean()
    half = student(len(wished) - 1) * spread / len(wished) ** 0.5
    return float(share), float(share - half), float(share + half)


def stability(
    restrained: Results, free: Results
) -> dict[str, tuple[Int64[np.ndarray, " run"], Int64[np.ndarray, " run"]]]:
    """Return disputes per run between two nuclear states, with and without restraint.

    Snyder's (1965) paradox: what keeps them from war does not keep them from what lies below it.

    Args:
        restrained: Runs with nuclear restraint.
        free: The same runs without it.

    Returns:
        By outcome: how many disputes each run had, [run], with restraint and without it.
    """
    with_it, without = disputes(restrained), disputes(free)
    return {
        name: (
            between_nuclear(with_it, levels, len(restrained.runs)),
            between_nuclear(without, levels, len(free.runs)),
        )
        for name, levels in OUTCOMES.items()
    }


def between_nuclear(
    found: pd.DataFrame, levels: Sequence[int], runs: int
) -> Int64[np.ndarray, " run"]:
    """Return how many disputes between two nuclear states had such a highest level.

    Args:
        found: The disputes, as `disputes` returns them.
        levels: The highest levels that count.
        runs: How many runs there were.
    """
    chosen = found[found["nuclear"] & found["level"].isin(levels)]
    return np.bincount(chosen["run"].to_numpy(np.int64), minlength=runs)


def difference(a: Results, b: Results, metric: str) -> Interval:
    """Return the mean paired difference of a metric, b less a.

    Args:
        a: The first runs.
        b: The runs to compare with them.
        metric: A column of the table of runs.
    """
    found = paired(a, b)
    change, low, high = (float(found[name][metric]) for name in ("difference", "low", "high"))
    return change, low, high


def between_desks(
    by_variant: Mapping[str, Results], metric: str
) -> dict[tuple[str, str], Interval]:
    """Return the mean paired difference of a metric for every pair of desks.

    Args:
        by_variant: The results by the name of their variant.
        metric: A column of the table of runs.
    """
    return {
        (first, second): difference(by_variant[first], by_variant[second], metric)
        for first, second in combinations(DESKS, 2)
    }


def report_lines(by_variant: Mapping[str, Results]) -> list[str]:
    """Return the lines of the report."""
    lines = ["probability per run, Wilson 95 %   nuclear war               any new war"]
    for name, results in by_variant.items():
        found = (chance(results, m) for m in ("nuclear_war_onsets_sum", "war_onsets_sum"))
        lines.append(f"  {name:20s} {'   '.join(map(span, found))}")
    levels = disputes(by_variant[DEFAULT])["level"].to_numpy()
    lines += ["", f"highest level of {len(levels)} new disputes of the default, Wilson 95 %"]
    lines += by_level(levels)
    lines += ["", "disputes per run between two nuclear states: default, no restraint, paired 95 %"]
    for name, (with_it, without) in stability(
        by_variant[DEFAULT], by_variant[NO_RESTRAINT]
    ).items():
        means = f"{with_it.mean():6.3f} {without.mean():6.3f}"
        lines.append(f"  {name:26s} {means}   {_signed(mean_interval(without - with_it))}")
    lines += ["", "deterrence success: presses that did not come"]
    lines += [f"  {name:20s} {span(success(results))}" for name, results in by_variant.items()]
    lines += ["", "mean number of pairs in a dispute, and at a display of force or more"]
    for name, results in by_variant.items():
        means = "".join(
            f"{results.runs[m].mean():8.3f}" for m in ("disputes_mean", "militarised_mean")
        )
        lines.append(f"  {name:20s} {means}")
    calmer = difference(by_variant[DEFAULT], by_variant[UNPROVOKED], "disputes_mean")
    lines += ["", f"without provocation by exercises, paired 95 %: {_signed(calmer)}"]
    lines += ["", "pairs in a dispute, each desk less another, paired 95 %"]
    lines += [
        f"  {second} less {first}: {_signed(found)}"
        for (first, second), found in between_desks(by_variant, "disputes_mean").items()
    ]
    return lines


def _signed(found: Interval) -> str:
    change, low, high = found
    return f"{change:+.3f} [{low:+.3f}, {high:+.3f}]"
