"""Branches: the same history, two futures."""

from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.results.results import Results
from sim.scenario import ScenarioError

pytestmark = pytest.mark.usefixtures("unchecked")
WEEK = 12


@pytest.fixture(scope="module")
def results() -> Results:
    scenario = sim.load("supplier_and_embargo", ["weeks=24"])
    return sim.run(scenario, runs=4, seed=3, engine="reference", workers=1)


def of_run(frame: pd.DataFrame, run: int) -> pd.DataFrame:
    return frame[frame["run"] == run].reset_index(drop=True)


def test_before_the_week_all_is_as_it_was_and_then_it_parts(results: Results) -> None:
    branch = results.branch(
        f"states.{results.scenario.routes[0][0]}.doctrine=restraint", run=2, week=WEEK
    )
    ours, theirs = branch.weeks, of_run(results.weeks, 2)
    early = ours["week"] < WEEK
    pd.testing.assert_frame_equal(ours[early], theirs[early])
    assert not ours[~early].equals(theirs[~early])


def test_without_a_change_it_is_the_run_again(results: Results) -> None:
    again = results.branch(run=1, week=5)
    for table in ("runs", "weeks", "dyads", "routes"):
        pd.testing.assert_frame_equal(getattr(again, table), of_run(getattr(results, table), 1))


def test_a_branch_is_branched_again(results: Results) -> None:
    supplier = results.scenario.routes[0][0]
    first = results.branch(f"states.{supplier}.doctrine=restraint", run=2, week=6)
    second = first.branch(f"states.{supplier}.doctrine=status_quo", run=2, week=WEEK)
    assert [stage.week for stage in second.scenario.stages] == [6, WEEK]


def test_what_is_wrong_is_said(results: Results, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no run 9"):
        results.branch(run=9, week=1)
    with pytest.raises(ValueError, match="week: 24"):
        results.branch(run=1, week=24)
    with pytest.raises(
        ScenarioError,
        match="weeks: not a policy",
    ):
        results.branch("weeks=3", run=1, week=2)
