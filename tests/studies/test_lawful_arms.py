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
            me.offer("RUS", "shell_152", 40_000.0)


def last_year(results: Results, actor: str, name: str) -> np.ndarray:
    table: pd.DataFrame = results.dyads
    rows = table[
        (table["state"] == actor) & (table["target"] == "CHN") & (table["week"] >= 156 - 52)
    ]
    return rows.groupby("run")[name].mean().sort_index().to_numpy()


def rises(scenario: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean and half of the 95 % interval of what the shipments change, by state and metric."""
    told = {"runs": RUNS, "engine": "reference", "workers": 1}
    before = sim.run(scenario, **told)
    after = sim.run(scenario.with_policy("CHN", Supplier), **told)
    found = {}
    for actor in ("JPN", "USA"):
        for name in ("tension", "sanctions"):
            change = last_year(after, actor, name) - last_year(before, actor, name)
            half = student(RUNS - 1) * float(change.std(ddof=1)) / RUNS**0.5
            found[actor, name] = (float(change.mean()), half)
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_lawful_shells_for_russia_cost_china_relations_and_no_coefficient_no_cost() -> None:
    scenario = load("northeast_asia_2023")
    shipped = rises(scenario)
    for what, (change, half) in shipped.items():
        assert change > half, what
    for what, (change, _) in rises(scenario.with_(*OFF)).items():
        assert change < 0.05 * shipped[what][0], what
