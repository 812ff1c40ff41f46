"""Tables of points: what libraries put into them becomes plain values, or is refused."""

import datetime
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import sim
from sim.ensemble.columns import plain_columns
from sim.results.sweep_table import heading, point_label, value_text
from sim.scenario import Scenario, ScenarioError, load

pytestmark = pytest.mark.usefixtures("unchecked")

FADING = "rules.watch.fading"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("arms_race_dyad", ["weeks=3"])


@pytest.mark.parametrize(
    "day",
    [
        np.datetime64("2001-01-01"),
        np.datetime64("2001-01-01T00:00:00.000000000"),
        pd.Timestamp("2001-01-01"),
        datetime.date(2001, 1, 1),
        datetime.datetime(2001, 1, 1),
        np.array("2001-01-01", "datetime64[D]"),
        np.str_("2001-01-01"),
    ],
    ids=lambda day: type(day).__name__,
)
def test_a_day_of_any_library_is_a_day(scenario: Scenario, day: Any) -> None:
    results = sim.sweep(scenario, {"start": [day, "2002-01-07"]}, runs=1, workers=1)
    assert results.manifest["sweep"]["start"] == ["2001-01-01", "2002-01-07"]


def test_numbers_of_any_kind(scenario: Scenario) -> None:
    values = [np.array(0.5), np.float32(0.25), np.int8(1), 0]
    assert plain_columns({FADING: values}) == {FADING: [0.5, 0.25, 1, 0]}
    assert plain_columns({FADING: np.linspace(0, 1, 3)}) == {FADING: [0.0, 0.5, 1.0]}


def test_frames_of_any_library(scenario: Scenario) -> None:
    plain = {FADING: [0.0, 1.0], "start": ["2001-01-01", "2002-01-07"]}
    days = [datetime.date.fromisoformat(day) for day in plain["start"]]
    table = {FADING: [0.0, 1.0], "start": days}
    assert plain_columns(pd.DataFrame(plain)) == plain
    assert plain_columns(pd.DataFrame(table).astype({"start": "datetime64[ns]"})) == plain
    assert plain_columns(pa.table(table)) == plain


def test_frames_of_polars() -> None:
    polars = pytest.importorskip("polars", reason="polars is not among what is installed")
    table = polars.DataFrame({FADING: [0.0, 1.0], "start": [datetime.date(2001, 1, 1)] * 2})
    assert plain_columns(table) == {FADING: [0.0, 1.0], "start": ["2001-01-01"] * 2}


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({FADING: [0.5, pd.NA]}, f"{FADING}: value 1: a value is missing"),
        ({FADING: [pd.NaT]}, f"{FADING}: value 0: a value is missing"),
        ({FADING: [np.datetime64("NaT")]}, f"{FADING}: value 0: a value is missing"),
        ({"start": [pd.Timestamp("2001-01-01 12:00")]}, "start: value 0: 2001-01-01 12:00:00 has"),
        ({FADING: [object()]}, f"{FADING}: value 0: a object is not plain data"),
        ({FADING: np.array(0.5)}, f"{FADING}: array(0.5) is not a list of values"),
        ({FADING: 0.5}, f"{FADING}: 0.5 is not a list of values"),
        ([0.5], "sweep: a list is neither a mapping of paths to values nor a frame"),
        (
            pd.DataFrame([[0.0, 1.0]], columns=[FADING, FADING]),
            f"{FADING}: a column that stands twice",
        ),
        (
            {"states.RED.stock": [{"arms": 1.0}], "states.RED.stock.arms": [2.0]},
            "states.RED.stock.arms: inside states.RED.stock, which is swept too",
        ),
    ],
)
def test_what_is_no_table_is_refused(scenario: Scenario, over: Any, told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        sim.sweep(scenario, over, runs=1, workers=1)
    assert error.value.problems[0].startswith(told)


def test_the_heading_tells_the_range_of_what_is_swept(scenario: Scenario) -> None:
    results = sim.sweep(scenario, {"weeks": [2, 5]}, runs=1, workers=1)
    assert ", 1 runs each, of 2 to 5 weeks from 2000-01-03, seed 0" in heading(results)
    results = sim.sweep(scenario, {"start": ["2001-01-01", "2002-01-07"]}, runs=1, workers=1)
    assert "of 3 weeks from 2001-01-01 to 2002-01-07" in heading(results)


def test_labels_of_points_differ() -> None:
    values = np.asarray([0.123451, 0.123452, 0.5])
    labels = [point_label({FADING: values}, point) for point in range(3)]
    assert labels == ["fading=0.123451", "fading=0.123452", "fading=0.5"]
    assert value_text(0.123456) == "0.1235"


POOL = """
import multiprocessing
import sim

def job(out):
    scenario = sim.load("arms_race_dyad", ["weeks=2"])
    return len(sim.run(scenario, 20, workers=2, out=out, engine="reference").runs)

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.apply(job, ("mine",)))
"""


def test_a_worker_of_a_pool_runs_a_job_itself(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(POOL)
    ran = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(sim.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "20\n", "")
