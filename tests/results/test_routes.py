"""The table of routes beside that of dyads."""

import numpy as np
import pytest

import sim
from sim.metrics import METRICS
from sim.results.results import Results

SCENARIO = sim.load("northeast_asia_2023", ["weeks=3"])
RUNS = 2
IDS = ["point", "run", "seed", "week", "date", "state", "target"]


@pytest.fixture(scope="module")
def results() -> Results:
    return sim.run(SCENARIO, runs=RUNS, seed=0, engine="reference", workers=1)


def test_each_table_has_the_metrics_of_its_axes_and_no_others(results: Results) -> None:
    codes = {
        "route": [""],
        "route munition": [f"_{code}" for code in SCENARIO.munitions],
        "observer route": [f"_{code}" for code in SCENARIO.observers],
    }
    named = [m.name + end for m in METRICS for end in codes.get(m.axes, [])]
    assert [*results.routes.columns] == [*IDS, *named]
    assert [*results.dyads.columns] == [*IDS, *(m.name for m in METRICS if m.axes == "dyad")]
    assert {*codes} == {m.axes for m in METRICS if "route" in m.axes.split()}


def test_a_row_is_a_route_in_the_order_of_the_scenario(results: Results) -> None:
    weeks = results.routes.groupby(["run", "week"])[["state", "target"]]
    assert len(weeks) == RUNS * SCENARIO.weeks
    for _, rows in weeks:
        assert [*map(tuple, rows.to_numpy())] == [*SCENARIO.routes]
    assert results.routes.notna().all(axis=None)


def test_it_joins_to_the_dyads(results: Results) -> None:
    both = results.dyads.merge(results.routes, how="left", on=IDS, validate="one_to_one")
    assert both["tension"].equals(results.dyads["tension"])
    there = both["containers"].notna()
    assert there.sum() == len(results.routes)
    assert {*zip(both["state"][there], both["target"][there], strict=True)} == {*SCENARIO.routes}


def test_at_the_end_it_holds_what_the_summary_of_the_run_says(results: Results) -> None:
    last = results.routes[results.routes["week"] == SCENARIO.weeks - 1]
    assert (last["containers"] > 0.0).any()
    for column in ("containers", "containers_delivered", "debt", "published_KOR"):
        found = last[column].to_numpy().reshape(RUNS, len(SCENARIO.routes))
        names = [f"{column}_{source}_{target}_last" for source, target in SCENARIO.routes]
        np.testing.assert_array_equal(found, results.runs[names])
