"""`python -m experiments.deterrence [runs=1000] [seed=0] [workers=1]`: does deterrence hold?

Plays the default scenario as shipped, without what holds states back, without provocation by
exercises, and with every state at each crisis desk in turn: the same luck in all. Prints

- the probability that a run sees a war between two states with nuclear arms, and any new war;
- new disputes by the highest level they reached, beside the record of 1816-1989 (COW);
- deterrence success: of the presses that would come if nobody were believed to resist, the share
  that did not come;
- every pair of desks, run by run.

Exit code 2 for a key or a value that does not fit.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

import sim
from sim.results import Results, paired, student, wilson
from sim.scenario import Scenario

DEFAULTS = {"runs": 1000, "seed": 0, "workers": 1}
LEAST = {"runs": 2, "seed": 0, "workers": 1}
DESKS = ("hold", "tit_for_tat", "perfect_deterrence", "assurance", "brinkmanship")
UNRESTRAINED = ("rules.escalate.nuclear_restraint=0", "rules.escalate.deterrence=0")
UNPROVOKED = ("rules.escalate.exercise_provocation=0",)
COW = {2: 0.035, 3: 0.23, 4: 0.68, 5: 0.06}
"""Militarised disputes of 1816-1989 by their highest level (Correlates of War, MID)."""
WAR = 5
AFTER_WAR = 2


def variants(scenario: Scenario) -> dict[str, Scenario]:
    """Every variant by name."""
    at_desk = {
        desk: [f"states.{code}.desks.crisis={desk}" for code in scenario.states] for desk in DESKS
    }
    overrides = {"default": (), "unrestrained": UNRESTRAINED, "no provocation": UNPROVOKED}
    return {name: scenario.with_(*words) for name, words in (overrides | at_desk).items()}


def play(
    scenarios: Mapping[str, Scenario], runs: int, seed: int = 0, workers: int = 1
) -> dict[str, Results]:
    """Plays each scenario under the same luck; events are kept of the one called default."""
    return {
        name: sim.run(
            scenario,
            runs,
            seed,
            record="weekly" if name == "default" else "summary",
            engine="compiled",
            workers=workers,
        )
        for name, scenario in scenarios.items()
    }


def chance(results: Results, metric: str) -> tuple[float, float, float]:
    """The share of runs in which a metric is above 0, with its Wilson interval."""
    values = results.runs[metric]
    return float((values > 0).mean()), *wilson(int((values > 0).sum()), len(values))


def success(results: Results) -> tuple[float, float, float]:
    """Deterrence success over all runs, with the interval of a ratio of sums over runs."""
    stopped = results.runs["deterred_sum"].to_numpy(float)
    wished = stopped + results.runs["presses_sum"].to_numpy(float)
    if wished.sum() == 0:
        return np.nan, np.nan, np.nan
    share = stopped.sum() / wished.sum()
    spread = (stopped - share * wished).std(ddof=1) / wished.mean()
    half = student(len(wished) - 1) * spread / len(wished) ** 0.5
    return float(share), float(share - half), float(share + half)


def highest_levels(results: Results) -> np.ndarray:
    """The highest level of each new dispute, over all runs: [dispute].

    A dispute lasts while a pair is at level 1 or more; a pair at war from the start has none.
    """
    scenario = results.scenario
    relations = scenario.mapping.get("relations", {})
    start = {frozenset(pair): level for *pair, level in relations.get("levels", [])}
    given = [frozenset(pair) for pair in relations.get("wars", [])]
    change = {"level_up": 1, "level_down": -1, "ceasefire": AFTER_WAR - WAR}
    events = results.events
    moves = events[events["kind"].isin(list(change))]
    found = []
    for (_, actor, target), rows in moves.groupby(["run", "actor", "target"], observed=True):
        pair = frozenset((str(actor), str(target)))
        if pair in given:
            continue
        steps = rows["kind"].astype(str).map(change).groupby(rows["date"]).sum()
        first = start.get(pair, 0)
        levels = np.concatenate([[0, first], first + steps.cumsum().to_numpy(), [0]])
        quiet = np.flatnonzero(levels == 0)
        spells = [levels[low:high].max() for low, high in pairwise(quiet)]
        found += [level for level in spells if level > 0]
    return np.asarray(found, int)


def by_level(levels: np.ndarray) -> list[str]:
    """A line a level: the share of disputes whose highest it was; of militarised ones, COW's."""
    total, militarised = len(levels), int((levels >= min(COW)).sum())
    lines = []
    for level in range(1, WAR + 1):
        count = int((levels == level).sum())
        low, high = wilson(count, total)
        line = f"  level {level}   {count / max(total, 1):6.3f} [{low:.3f}, {high:.3f}]"
        if level in COW:
            low, high = wilson(count, militarised)
            share = count / max(militarised, 1)
            line += f"   of the militarised {share:6.3f} [{low:.3f}, {high:.3f}]"
            line += f"   COW {COW[level]:.3f}"
        lines.append(line)
    return lines


def between(played: Mapping[str, Results], metric: str) -> pd.DataFrame:
    """Every pair of desks: the mean paired difference of a metric, second less first."""
    rows = {
        (first, second): paired(played[first], played[second]).loc[metric]
        for first, second in combinations(DESKS, 2)
    }
    return pd.DataFrame(rows).T[["a", "b", "difference", "low", "high"]]


def told(played: Mapping[str, Results]) -> list[str]:
    """What is printed."""
    lines = ["probability a run, Wilson 95 %     nuclear war               any new war"]
    lines += [f"  {name:20s} {_share(played[name])}" for name in played]
    levels = highest_levels(played["default"])
    lines += ["", f"highest level of {len(levels)} new disputes of the default, Wilson 95 %"]
    lines += by_level(levels)
    lines += ["", "deterrence success: presses that did not come"]
    lines += [f"  {name:20s} {_span(success(results))}" for name, results in played.items()]
    lines += ["", "mean number of pairs in a dispute, and at a display of force or more"]
    for name, results in played.items():
        means = (results.runs[m].mean() for m in ("disputes_mean", "militarised_mean"))
        lines.append(f"  {name:20s} " + "".join(f"{mean:8.3f}" for mean in means))
    rows = paired(played["default"], played["no provocation"]).loc["disputes_mean"]
    lines += ["", f"without provocation by exercises, paired 95 %: {_difference(rows)}"]
    lines += ["", "pairs in a dispute, each desk less another, paired 95 %"]
    for pair, row in between(played, "disputes_mean").iterrows():
        first, second = pair
        lines.append(f"  {second} less {first}: {_difference(row)}")
    return lines


def _share(results: Results) -> str:
    found = (chance(results, metric) for metric in ("nuclear_war_onsets_sum", "war_onsets_sum"))
    return "   ".join(_span(one) for one in found)


def _span(found: Sequence[float]) -> str:
    share, low, high = found
    return "nobody would press" if np.isnan(share) else f"{share:6.4f} [{low:.4f}, {high:.4f}]"


def _difference(row: pd.Series) -> str:
    return f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"


def main(arguments: list[str]) -> int:
    """Play the variants and print what they show."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    chosen = dict(DEFAULTS)
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in DEFAULTS or not value.isdecimal() or int(value) < LEAST[key]:
            print(f"{argument}: takes {', '.join(DEFAULTS)}, each =NUMBER", file=sys.stderr)
            return 2
        chosen[key] = int(value)
    start = time.perf_counter()
    played = play(variants(sim.load("northeast_asia_2023")), **chosen)
    print("\n".join(told(played)))
    print(f"\n{chosen['runs']} runs of each, {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
