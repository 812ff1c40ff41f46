"""Condemned though lawful: a supplier of the other side is feared and sanctioned for it."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.results import Results
from sim.results.intervals import student
from sim.scenario import Scenario, load

RUNS, FROM = 6, 35
"""Runs; the week of 1 January 2024, from which China ships to Russia."""
MANY, DAY = 200, "2024-01-01"
ROUNDS = 40_000.0
"""A week."""
OFF = (
    "rules.escalate.partisan=0",
    *(
        f"states.{code}.desks.diplomacy.{coefficient}=0"
        for code in ("USA", "KOR", "JPN")
        for coefficient in ("penalty", "reproach")
    ),
)


class Supplier(sim.Policy):
    """China offers Russia 40,000 rounds of 152 mm a week."""

    def decide(self, me: sim.State) -> None:
        if me.week >= FROM:
            me.offer("RUS", "shell_152", ROUNDS)


def last_year(results: Results, actor: str, name: str) -> np.ndarray:
    table: pd.DataFrame = results.dyads
    rows = table[
        (table["state"] == actor) & (table["target"] == "CHN") & (table["week"] >= 156 - 52)
    ]
    return rows.groupby("run")[name].mean().sort_index().to_numpy()


def rises(before: Results, after: Results) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean and half of the 95 % interval of what the shipments change, by state and metric."""
    found, runs = {}, len(before.runs)
    for actor in ("JPN", "USA"):
        for name in ("tension", "sanctions"):
            change = last_year(after, actor, name) - last_year(before, actor, name)
            half = student(runs - 1) * float(change.std(ddof=1)) / runs**0.5
            found[actor, name] = (float(change.mean()), half)
    return found


def assert_only_by_the_coefficients(
    shipped: dict[tuple[str, str], tuple[float, float]],
    off: dict[tuple[str, str], tuple[float, float]],
) -> None:
    """Relations suffer, and do not where no coefficient says so."""
    for what, (change, half) in shipped.items():
        assert change > half, what
    for what, (change, _) in off.items():
        assert change < 0.05 * shipped[what][0], what


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_lawful_shells_for_russia_cost_china_relations_and_no_coefficient_no_cost() -> None:
    def found(scenario: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
        told = {"runs": RUNS, "engine": "reference", "workers": 1}
        supplied = scenario.with_policy("CHN", Supplier)
        return rises(sim.run(scenario, **told), sim.run(supplied, **told))

    scenario = load("northeast_asia_2023")
    assert_only_by_the_coefficients(found(scenario), found(scenario.with_(*OFF)))


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked", "optimised")
def test_a_dated_policy_of_two_hundred_runs_says_the_same() -> None:
    """By a policy of the timetable: a share of what China can spare, some 40,000 rounds a week.

    Less is shipped where Russia wants no more.
    """
    pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")
    told = {"runs": MANY, "record": "full", "engine": "compiled", "workers": 1}
    aid = {"rule": "ally_aid", "release": 0.0066, "friend": 0.5}

    def both(scenario: Scenario) -> tuple[Results, Results]:
        supplied = scenario.with_change(DAY, "CHN", **{"desks.transfer": aid})
        return sim.run(scenario, **told), sim.run(supplied, **told)

    scenario = load("northeast_asia_2023")
    before, after = both(scenario)
    routes = after.routes
    sent = routes[(routes["state"] == "CHN") & (routes["target"] == "RUS")]
    sent = sent[sent["week"] == FROM + 52]["shipped_shell_152"] / 52.0
    assert 0.25 * ROUNDS < sent.mean() < ROUNDS
    assert_only_by_the_coefficients(rises(before, after), rises(*both(scenario.with_(*OFF))))
