"""The disputes of runs, one by one, beside the record: their highest level, how long they last.

The record is the Correlates of War's of militarised disputes, 1816-1989, and Thompson, Sakuwa &
Suhas's strategic rivalries.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Int64

from ..results.intervals import wilson
from ..results.results import Results
from ..rules.fight import AFTER_WAR
from ..world import DISPLAY, FORCE, THREAT, WAR

COW = {THREAT: 0.035, DISPLAY: 0.23, FORCE: 0.68, WAR: 0.06}
"""Militarised disputes by their highest level."""
MEDIAN_WEEKS = (4.0, 9.0)
"""Between which the median duration of militarised disputes lies: as much as a month is coded."""
A_RIVALRY_YEAR = (0.25, 0.43)
"""Militarised disputes per rivalry and year: 1816-1989, and since 1946."""
MONTHS_OF_WAR = 8.7
"""Median of the disputes that became wars."""
CHANGE = {
    "level_up": 1,
    "level_down": -1,
    "ceasefire": AFTER_WAR - WAR,
    "defeated": AFTER_WAR - WAR,
}
"""Levels that one event of a kind is."""

Interval = tuple[float, float, float]
"""A number, and from where to where it may lie."""


def disputes(results: Results) -> pd.DataFrame:
    """Return every new dispute of a job that holds its events.

    A dispute lasts while a pair is at level 1 or more. One that a scenario begins with is not new,
    and a pair at war from the start has none.

    Returns:
        A row per dispute: `run`; `one`, `other`; `nuclear`, whether both have nuclear arms; its
        highest `level`; the week in which it `began`; how many `weeks` it lasted, and how many of
        them `at_war` (not a number if it had not ended).
    """
    scenario = results.scenario
    relations = scenario.spec.relations
    start = {frozenset((one, other)): level for one, other, level in relations.levels}
    given = {frozenset(pair) for pair in relations.wars}
    armed = {code for code, state in scenario.spec.states.items() if state.nuclear}
    found = []
    for (number, pair), steps in _steps(results.events).items():
        if pair in given:
            continue
        level, began, highest = start.get(pair, 0), -1, 0  # what a run begins with is not new
        war_began = war_weeks = math.nan
        for week, change in sorted(steps.items()):
            before, level = level, level + change
            if before == 0 and level > 0:
                began, highest, war_weeks = week, 0, 0.0
            highest = max(highest, level)
            if level == WAR and before < WAR:
                war_began = week
            if before == WAR and level < WAR:
                war_weeks += week - war_began
            if level == 0 and began >= 0:
                found.append(
                    (number, *sorted(pair), pair <= armed, highest, began, week - began, war_weeks)
                )
            if level == 0:
                began = -1
        if level > 0 and began >= 0:
            found.append((number, *sorted(pair), pair <= armed, highest, began, math.nan, math.nan))
    names = ("run", "one", "other", "nuclear", "level", "began", "weeks", "at_war")
    return pd.DataFrame(found, columns=list(names))


def _steps(events: pd.DataFrame) -> dict[tuple[int, frozenset[str]], dict[int, int]]:
    """Return by run and pair how many levels it moved in each week in which it moved."""
    moves = events[events["kind"].isin(list(CHANGE))]
    steps: dict[tuple[int, frozenset[str]], dict[int, int]] = {}
    over: set[tuple[int, frozenset[str], int]] = set()
    columns = (moves[name].tolist() for name in ("run", "week", "kind", "actor", "target", "value"))
    for number, week, kind, actor, target, count in zip(*columns, strict=True):
        pair = frozenset((actor, target))
        if kind == "defeated" and (number, pair, week) in over:
            continue  # both sides may be defeated at once
        if kind == "defeated":
            over.add((number, pair, week))
            count = 1.0
        by_week = steps.setdefault((number, pair), {})
        by_week[week] = by_week.get(week, 0) + CHANGE[kind] * int(count)
    return steps


def by_level(levels: Int64[np.ndarray, " dispute"]) -> list[str]:
    """Return a line per level: the share of disputes whose highest it was, beside COW's.

    COW's shares are of militarised disputes, and so are those beside them.
    """
    total, militarised = len(levels), int((levels >= min(COW)).sum())
    lines = []
    for level in range(1, WAR + 1):
        count = int((levels == level).sum())
        line = f"  level {level}   {span((count / max(total, 1), *wilson(count, total)))}"
        if level in COW:
            share = (count / max(militarised, 1), *wilson(count, militarised))
            line += f"   of the militarised {span(share)}   COW {COW[level]:.3f}"
        lines.append(line)
    return lines


def record_lines(results: Sequence[Results]) -> list[str]:
    """Return how the disputes of some jobs stand beside the record, all jobs together.

    Args:
        results: Jobs of worlds of one size, with their events.
    """
    table = pd.concat([disputes(each) for each in results], ignore_index=True)
    table = table[table["began"] > 0]  # who joins a war of the scenario does so in week 0
    militarised = table[table["level"] >= THREAT]
    years = sum(rivalry_years(each) for each in results)
    wars = militarised[militarised["level"] == WAR]
    ended = wars["at_war"].dropna()
    return [
        *by_level(table["level"].to_numpy(np.int64)),
        f"  median weeks of a militarised dispute {militarised['weeks'].median():.1f}   record "
        f"{MEDIAN_WEEKS[0]:.0f} to {MEDIAN_WEEKS[1]:.0f}",
        f"  militarised disputes per rivalry-year {len(militarised) / years:.3f}   record "
        f"{A_RIVALRY_YEAR[0]:.2f} (1816-1989), {A_RIVALRY_YEAR[1]:.2f} (since 1946)",
        f"  wars {len(wars)}, of them over {len(ended)}; median months at war "
        f"{ended.median() * 12 / 52:.1f}   record {MONTHS_OF_WAR:.1f}, with the dispute before",
    ]


def rivalry_years(results: Results) -> float:
    """Return how many years all runs together had rivalries, each rivalry counted."""
    scenario = results.scenario
    return len(results.runs) * len(scenario.spec.relations.rivalries) * scenario.weeks / 52.0


def span(found: Interval) -> str:
    """Return a share with its interval."""
    share, low, high = found
    return "nobody would press" if np.isnan(share) else f"{share:6.4f} [{low:.4f}, {high:.4f}]"
