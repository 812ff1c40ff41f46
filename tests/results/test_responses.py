"""What a sweep's points gave, read back: against the table of runs, and against what is known."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.results.responses import (
    LEVEL,
    column_label,
    headline_metrics,
    paired_differences,
    reference_point,
    require_columns,
    responses,
    swept_values,
)
from sim.results.results import Results, paired
from sim.results.sweep_table import (
    MOST_POINTS,
    extreme_rows,
    point_label,
    point_rows,
    short_names,
    sweep_table,
    varying_values,
)
from sim.scenario import load

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("responses")]
OVER = {
    "states.SUP.doctrine": ["restraint", "opportunist_supplier"],
    "rules.watch.detection": [0.0, 0.0015, 0.3],
}


@pytest.fixture(scope="module")
def results(unchecked: None, tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenario = load("supplier_and_embargo", ["weeks=12"])
    out = tmp_path_factory.mktemp("sweep") / "out"
    return sim.sweep(scenario, OVER, runs=4, out=out, workers=1)


def test_a_response_is_the_column_of_the_table(results: Results) -> None:
    name = "containers_SUP_BUY_last"
    ((told, values),) = responses(results, [name])
    assert told == name
    assert values.shape == (6, 4)
    for row in results.runs.itertuples():
        assert values[row.point, row.run] == getattr(row, name)


def test_what_is_not_played_yet_is_no_number(tmp_path: Path) -> None:
    scenario = load("supplier_and_embargo", ["weeks=1"])
    over = {"rules.watch.detection": [0.0, 0.1, 0.2, 0.3]}
    sim.sweep(scenario, over, runs=12, out=tmp_path / "out", workers=1)
    ((_, whole),) = responses(sim.open_results(tmp_path / "out"), ["tension_mean_mean"])
    (tmp_path / "out" / "runs" / "part-00000.parquet").unlink()
    ((_, some),) = responses(sim.open_results(tmp_path / "out"), ["tension_mean_mean"])
    there = np.isfinite(some)
    assert 0 < there.sum() < some.size
    assert (some[there] == whole[there]).all()


def test_every_wrong_column_is_named(results: Results) -> None:
    with pytest.raises(ValueError, match="no 'status'") as caught:
        require_columns(results, ["status", "disputes_men", "states.SUP.doctrine", "disputes_mean"])
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert "nearest right key: disputes_mean" in told[1]


def test_the_reference_is_the_point_that_changes_nothing(results: Results) -> None:
    assert reference_point(results) == 4
    values = swept_values(results)
    assert values["states.SUP.doctrine"][4] == "opportunist_supplier"
    assert values["rules.watch.detection"][4] == 0.0015


def test_a_desk_is_told_by_its_rule() -> None:
    scenario = load("supplier_and_embargo", ["weeks=1"])
    over = {"states.OBS.desks.training": ["none", "calendar"], "weeks": [2, 1]}
    assert reference_point(sim.sweep(scenario, over, runs=2, workers=1)) == 3
    over = {"rules.watch.detection": [0.2, 0.1]}
    assert reference_point(sim.sweep(scenario, over, runs=2, workers=1)) == 0


def test_headlines_are_what_the_points_move(results: Results) -> None:
    told = headline_metrics(results)
    assert told[:2] == ["containers_SUP_BUY_last", "containers_delivered_SUP_BUY_last"]
    assert 2 <= len(told) <= 5
    for _, values in responses(results, told):
        assert (values != values[0]).any()
    same = sim.sweep(results.scenario, {"weeks": [2, 2]}, runs=2, workers=1)
    assert len(headline_metrics(same)) == 1


def test_what_hardly_moves_is_no_headline() -> None:
    """Unless nothing moves more: interdiction takes much, and moves the tension by a millionth."""
    blind = ("rules.escalate.threat=0.001", "rules.escalate.balance=0.001")
    scenario = load("supplier_and_embargo", ["weeks=26", *blind])
    over = {"rules.move.interdiction": [0.0, 0.4]}
    told = sim.sweep(scenario, over, runs=4, workers=1)
    chosen = headline_metrics(told)
    assert "containers_delivered_SUP_BUY_last" in chosen
    assert "tension_mean_mean" not in chosen
    for _, values in responses(told, chosen):
        assert np.ptp(values.mean(axis=1)) > LEVEL * values.mean(axis=1).max()
    (line,) = (line for line in sweep_table(told) if "metrics=" in line)
    assert line.startswith("metrics that the points move")
    assert not any("metrics=" in line for line in sweep_table(told, chosen[:1]))


def test_differences_are_those_of_paired_jobs(results: Results) -> None:
    """The same runs as two jobs, compared by `results.paired`."""
    words = "states.SUP.doctrine=restraint", "rules.watch.detection=0.3"
    a = sim.run(results.scenario.with_("rules.watch.detection=0.0015"), 4, record="summary")
    b = sim.run(results.scenario.with_(*words), 4, record="summary")
    told = paired(a, b)
    for name, values in responses(results, ["exposure_SUP_BUY_mean", "losses_NEI_last"]):
        expected = told.loc[name, ["difference", "low", "high"]].to_numpy(float)
        np.testing.assert_allclose(
            paired_differences(values, values[4])[2], expected, rtol=1e-9, atol=1e-12
        )


@given(st.integers(2, 9), st.floats(-5, 5), st.integers(0, 99))
def test_luck_that_all_points_share_cancels(runs: int, shift: float, seed: int) -> None:
    luck = np.random.default_rng(seed).normal(size=runs)
    told = paired_differences(np.stack([luck, luck + shift]), luck)
    np.testing.assert_allclose(told, [[0.0] * 3, [shift] * 3], atol=1e-12)


def test_a_run_that_one_point_lacks_is_left_out_of_its_difference() -> None:
    values = np.asarray([[1.0, 2.0, 9.0], [2.0, 3.0, np.nan], [np.nan, np.nan, 1.0]])
    told = paired_differences(values, values[0])
    np.testing.assert_allclose(told[1], [1.0, 1.0, 1.0])
    assert np.isnan(told[2]).all()


def test_a_metric_in_words(results: Results) -> None:
    scenario = results.scenario
    told = {name: column_label(scenario, name) for name in results.runs.columns}
    assert told["containers_SUP_BUY_last"] == "containers SUP to BUY, at the end (containers)"
    assert told["tests_SUP_sum"] == "tests SUP, in all"
    assert told["tension_mean_mean"] == "tension mean, mean week (index)"
    assert told["rules.watch.detection"] == "rules.watch.detection"


def test_short_names_tell_paths_apart() -> None:
    told = short_names(["a.b.c", "d.b.c", "x.y", "e.y.z"])
    assert told == {"a.b.c": "a.b.c", "d.b.c": "d.b.c", "x.y": "y", "e.y.z": "z"}
    assert short_names(["b.c", "a.b.c"])["b.c"] == "b.c"


def test_the_table_tells_the_points(results: Results) -> None:
    lines = sweep_table(results, ["exposure_SUP_BUY_mean"])
    assert lines[0].startswith("supplier_and_embargo: 6 points, 4 runs each, of 12 weeks")
    assert "point 4 (doctrine=opportunist_supplier detection=0.0015)" in lines[1]
    points = [line for line in lines if line.endswith(point_label(varying_values(results), 2))]
    assert len(points) == 1
    mine = results.runs[results.runs["point"] == 2]["exposure_SUP_BUY_mean"]
    assert f"{mine.median():.3g}" in points[0]
    assert f"{mine.mean():.3g}" in points[0]


def test_many_points_are_told_by_their_ends() -> None:
    values = np.random.default_rng(0).random((400, 3))
    told = extreme_rows(point_rows(values, 0))
    assert len(told) < MOST_POINTS
    means = np.sort(values.mean(axis=1))
    assert told[0].mean == pytest.approx(means[0])
    assert told[-1].mean == pytest.approx(means[-1])
