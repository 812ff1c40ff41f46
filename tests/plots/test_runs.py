"""What figures read: the frames of some results as arrays."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_results import SyntheticResults, synthetic

from sim.events import EVENTS
from sim.plots.runs import Runs


@pytest.fixture(scope="module")
def results() -> SyntheticResults:
    return synthetic(runs=6, weeks=60)


def test_arrays_hold_what_the_frames_say(results: SyntheticResults) -> None:
    runs = Runs(results)
    weeks, dyads, routes, events = (
        results.tables[name] for name in ("weeks", "dyads", "routes", "events")
    )
    row = weeks.query("run == 4 and week == 17 and state == 'UKR'").iloc[0]
    assert runs.of_states("tech_missile")[4, 17, 2] == row["tech_missile"]
    row = dyads.query("run == 2 and week == 9 and state == 'USA' and target == 'UKR'").iloc[0]
    assert runs.of_pairs("front", [("PRK", "RUS"), ("USA", "UKR")])[2, 9, 1] == row["front"]
    row = routes.query("run == 2 and week == 9 and state == 'USA' and target == 'UKR'").iloc[0]
    shipped = runs.of_routes("containers", [("PRK", "RUS"), ("USA", "UKR"), ("UKR", "USA")])
    assert shipped[2, 9, 1] == row["containers"]
    assert np.isnan(shipped[:, :, 2]).all()
    pair = dyads.query("state == 'JPN' and target == 'CHN'")
    assert runs.mean_of_pairs("tension")[5, 6] == pytest.approx(pair["tension"].mean())
    assert runs.of_events("denial").sum() == (events["kind"] == "denial").sum()


def test_arrays_hold_the_events(results: SyntheticResults) -> None:
    runs, frame = Runs(results), results.tables["events"]
    totals = runs.totals(runs.events.value)
    per_run = frame.groupby(["run", "kind"])["value"].sum()
    for run, kind in ((0, "denial"), (3, "exercise"), (5, "challenge")):
        assert totals[run, EVENTS.index(kind)] == per_run[run, kind]
    assert totals.sum() == frame["value"].sum()
    assert runs.names[3] == "run 3 of seed 0"


def test_the_highest_of_a_pair_passes_over_what_is_not_there(results: SyntheticResults) -> None:
    dyads = results.tables["dyads"]
    holed = dyads.assign(front=dyads["front"].where(dyads["week"] > 0))
    runs = Runs(replace(results, tables=results.tables | {"dyads": holed}))
    highest = runs.highest_of_pairs("front")
    row = holed.query("state == 'RUS' and target == 'PRK'")
    assert highest[1, 0] == row["front"].max()
    assert np.isneginf(highest[0, 0])


def test_a_visit_is_one_event_whatever_it_weighs() -> None:
    results = synthetic(runs=2, weeks=10)
    results.tables["events"]["value"] = 0.7
    runs = Runs(results)
    assert runs.events.number.sum() == len(results.tables["events"])
    assert runs.events.value.sum() == pytest.approx(0.7 * len(results.tables["events"]))
