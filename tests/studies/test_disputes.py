"""Disputes that are read from events are those that stand in the table of pairs."""

import itertools

import numpy as np
import pandas as pd
import pytest

import sim
from sim.results.results import Results
from sim.studies.disputes import disputes, record_lines
from sim.world import THREAT, WAR

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def quarrels(unchecked: None) -> Results:
    """A synthetic world that has disputes at the start, wars, and settlements."""
    hot = ("rules.escalate.incident=0.4", "rules.escalate.war=0.2", "rules.fight.settlement=0.2")
    world = sim.load("synthetic", ["generate.states=8", "generate.seed=59", "weeks=60", *hot])
    return sim.run(world, 4, record="full", engine="reference")


def spells(results: Results) -> set[tuple[int, str, str, int, int, float]]:
    """Run, pair, first week, highest level and weeks of each dispute, by the table of pairs."""
    found = set()
    table = results.dyads[results.dyads["state"] < results.dyads["target"]]
    given = {frozenset(pair) for pair in results.scenario.spec.relations.wars}
    start = {frozenset((a, b)): n for a, b, n in results.scenario.spec.relations.levels}
    for (run, one, other), rows in table.groupby(["run", "state", "target"], observed=True):
        pair = frozenset((one, other))
        if pair in given:
            continue
        levels = [start.get(pair, 0), *rows.sort_values("week")["level"].tolist()]
        began = highest = None
        for week, (before, now) in enumerate(itertools.pairwise(levels)):
            if before == 0 and now > 0:
                began, highest = week, now
            elif began is not None and now > 0:
                highest = max(highest, now)
            elif began is not None and now == 0:
                found.add((run, one, other, began, highest, float(week - began)))
                began = None
        if began is not None:
            found.add((run, one, other, began, highest, -1.0))
    return found


def test_each_dispute_is_found_with_its_height_and_its_weeks(quarrels: Results) -> None:
    table = disputes(quarrels)
    assert (table["level"] == WAR).any()
    assert (table["level"] < WAR).any()
    assert table["weeks"].isna().any()
    assert table["weeks"].notna().any()
    rows = zip(*(table[name] for name in ("run", "one", "other", "began", "level")), strict=True)
    weeks = table["weeks"].fillna(-1.0)
    mine = {(*row, week) for row, week in zip(rows, weeks, strict=True)}
    assert mine == spells(quarrels)


def test_weeks_at_war_are_counted(quarrels: Results) -> None:
    table = disputes(quarrels)
    over = table[table["weeks"].notna()]
    assert ((over["at_war"] > 0) == (over["level"] == WAR)).all()
    assert (over["at_war"] <= over["weeks"]).all()


def test_the_record_is_of_what_began_after_the_start(quarrels: Results) -> None:
    table = disputes(quarrels)
    lines = record_lines([quarrels])
    new = table[(table["began"] > 0) & (table["level"] >= THREAT)]
    years = 4 * len(quarrels.scenario.spec.relations.rivalries) * 60 / 52
    assert f"{len(new) / years:.3f}" in next(line for line in lines if "rivalry-year" in line)
    share = np.mean(new["level"] == WAR)
    assert f"{share:6.4f}" in next(line for line in lines if "level 5" in line)


def test_a_job_without_disputes_has_an_empty_table(quarrels: Results) -> None:
    calm = sim.run(sim.load("limit_pipeline", ["weeks=4"]), 1, record="weekly", engine="reference")
    assert isinstance(disputes(calm), pd.DataFrame)
    assert disputes(calm).empty
