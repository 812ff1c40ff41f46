"""What columns mean: every column is described, and units travel with the tables."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import sim
from sim.metrics import METRICS
from sim.results.results import Results

pytestmark = pytest.mark.usefixtures("unchecked")
TABLES = ("runs", "weeks", "dyads", "routes", "events")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenario = sim.load("northeast_asia_2023", ["weeks=6"])
    out = tmp_path_factory.mktemp("described") / "out"
    return sim.run(scenario, runs=4, seed=1, workers=1, engine="reference", out=out)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_and_no_other(results: Results, table: str) -> None:
    described = results.codebook().loc[table]
    assert list(described.index) == list(getattr(results, table).columns)
    assert (described["definition"] != "").all()


def test_units_are_those_of_the_metrics(results: Results) -> None:
    units = {metric.name: metric.unit for metric in METRICS}
    weekly = results.codebook().loc[["weeks", "dyads", "routes"]]
    measured = weekly[weekly["metric"] != ""]
    assert len(measured) > 50
    assert (measured["unit"] == measured["metric"].map(units)).all()


def test_a_sum_over_weeks_is_a_count_and_a_mean_is_none(results: Results) -> None:
    book = results.codebook().loc["runs"]
    assert book.loc["tests_PRK_sum", "unit"] == "count"
    assert book.loc["level_ups_sum", "unit"] == "levels"
    assert book.loc["escalation_mid_mean", "unit"] == "weight per week"
    assert book.loc["containers_PRK_RUS_last", "label"] == "containers, PRK to RUS"
    assert book.loc["published_KOR_PRK_RUS_last", "of"] == "PRK to RUS, says KOR"


def test_files_carry_units(results: Results) -> None:
    columns = json.loads(pq.read_schema(results.file("weeks", 0)).metadata[b"columns"])
    assert columns["stock_shell_152"] == ["units", "on hand"]
    assert set(columns) <= set(results.weeks.columns)


def test_a_dataset_carries_units_and_dates(results: Results) -> None:
    dataset = results.to_xarray()
    assert dataset["treasury"].attrs["units"] == "USD bn"
    assert dataset["date"].dims == ("week",)
    assert dataset["date"].to_numpy()[1] == np.datetime64(results.scenario.date(1))


def test_a_summary_has_headlines_first_units_and_labels(results: Results) -> None:
    table = results.summary()
    assert list(table.columns) == ["5%", "50%", "95%", "unit", "label"]
    assert table.index[0].startswith("containers_")
    assert table.loc["treasury_PRK_last", "unit"] == "USD bn"
    shown = list(table.index)
    moved = (table[["5%", "50%", "95%"]] != 0.0).any(axis=1)
    assert moved.iloc[: int(moved.sum())].all()
    assert not set(results.scenario.priors) & set(shown)
    quantile = results.runs["treasury_PRK_last"].quantile(0.95)
    assert table.loc["treasury_PRK_last", "95%"] == pytest.approx(quantile)


def test_priors_stand_apart(results: Results) -> None:
    table = results.summary(priors=True)
    assert list(table.index[-len(results.scenario.priors) :]) != []
    assert set(results.scenario.priors) <= set(table.index)


def test_metrics_are_chosen_by_name_column_or_pattern(results: Results) -> None:
    names = results.summary(metrics=["losses", "stock_*_PRK_last"]).index
    states = [f"losses_{code}_last" for code in results.scenario.states]
    assert list(names[: len(states)]) == states
    assert all(
        name.startswith("stock_") and name.endswith("_PRK_last") for name in names[len(states) :]
    )
    with pytest.raises(LookupError, match=r"no metric or column 'loses'.*losses"):
        results.summary(metrics="loses")


def test_runs_are_grouped_by_what_is_swept() -> None:
    path = "states.RED.procurement_share"
    swept = sim.sweep("arms_race_dyad", {path: [0.1, 0.4], "weeks": [4, 8]}, runs=2, workers=1)
    table = swept.summary(metrics="spending", by=[path, "weeks"])
    assert table.index.names == [path, "weeks", "metric"]
    assert len(table) == 2 * 2 * len(swept.scenario.states)
    assert swept.summary(metrics="spending").index.names == ["point", "metric"]
    with pytest.raises(LookupError, match="no column 'state"):
        swept.summary(by="states.RED.procurement")


def test_a_notebook_shows_results_and_scenario(results: Results, tmp_path: Path) -> None:
    page = results._repr_html_()
    assert "Results(northeast_asia_2023: 4 runs, seed 1)" in page
    assert "containers, USA to UKR" in page
    assert "<svg" in page
    shown = results.scenario._repr_html_()
    assert all(f">{code}</text>" in shown for code in results.scenario.states)
    assert "lognormal" in shown
    assert "<script" not in page + shown


def test_what_a_file_says_is_text_and_no_markup() -> None:
    scenario = sim.load("arms_race_dyad", ["title='<img src=x onerror=alert(1)>'"])
    assert "<img" not in scenario._repr_html_()


def test_there_are_lists_to_choose_from() -> None:
    scenarios, doctrines, metrics = (sim.list_scenarios(), sim.list_doctrines(), sim.list_metrics())
    assert scenarios.loc["arms_race_dyad", "states"] == 2
    assert doctrines.loc["restraint", "transfer"] == "none"
    assert metrics.loc["stock", "unit"] == "units"
    assert len(metrics) == len(METRICS)


def test_a_name_is_enough(tmp_path: Path) -> None:
    assert sim.run("arms_race_dyad", runs=1, workers=1).scenario.name == "arms_race_dyad"
