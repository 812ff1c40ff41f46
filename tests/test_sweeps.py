"""Sweeps: tables of points, checked before anything is played; each point is like a job alone."""

import itertools
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim import ensemble
from sim.results import ID_COLUMNS
from sim.scenario import Scenario, ScenarioError, load
from sim.sweeps.designs import grid
from sim.sweeps.plan import planned, single

OVER = {
    "rules.watch.detection": [0.0, 0.01],
    "states.PRK.doctrine": ["restraint", "opportunist_supplier"],
    "states.KOR.desks.training": ["none", "calendar"],
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", ["weeks=8"])


def same(a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    """The columns, common to both, in which two tables of runs differ."""
    columns = [c for c in a.columns if c in b.columns and c != "point"]
    return [c for c in columns if not a[c].reset_index(drop=True).equals(b[c])]


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_point_of_a_sweep_is_a_job_of_its_own(scenario: Scenario, engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    results = sim.sweep(scenario, OVER, runs=2, engine=engine, workers=1)
    table = results.runs
    assert table[["point", "run"]].to_numpy().tolist() == [[p, r] for p in range(8) for r in (0, 1)]
    for point, values in enumerate(itertools.product(*OVER.values())):
        mine = table[table["point"] == point]
        for path, value in zip(OVER, values, strict=True):
            assert (mine[path] == value).all()
        if point in (0, 3, 6):
            told = [f"{path}={value}" for path, value in zip(OVER, values, strict=True)]
            alone = sim.run(scenario.with_(*told), runs=2, engine=engine, record="summary")
            assert same(mine, alone.runs) == []


def test_what_changes_the_structure_is_played_apart(scenario: Scenario, tmp_path: Path) -> None:
    over = {"weeks": [8, 5], "states.PRK.reserve_weeks": [2, 20]}
    results = sim.sweep(scenario, over, runs=3, record="weekly", out=tmp_path / "out", workers=1)
    assert results.complete
    weeks = results.weeks.groupby("point")["week"].max()
    assert weeks.tolist() == [7, 7, 4, 4]
    assert results.manifest["points"] == 4
    assert results.manifest["sweep"] == {
        "weeks": [8, 8, 5, 5],
        "states.PRK.reserve_weeks": [2, 20, 2, 20],
    }
    again = sim.sweep(scenario, over, runs=3, record="weekly", out=tmp_path / "out", workers=1)
    assert again.runs.equals(results.runs)


def test_all_that_is_wrong_is_told_before_a_run(scenario: Scenario, tmp_path: Path) -> None:
    over = {
        "rules.watch.detektion": [0.1, 0.2],
        "rules.watch.fading": [0.5, 1.5],
        "states.PRK.doctrine": ["restraint", "restrain"],
        "states.KOR.desks.crisis": ["hold", 3],
    }
    with pytest.raises(ScenarioError) as caught:
        sim.sweep(scenario, over, out=tmp_path / "out")
    told = "\n".join(caught.value.problems)
    for part in ("detektion", "fading", "1.5", "restrain", "desks.crisis"):
        assert part in told
    assert not (tmp_path / "out").exists()


def test_columns_must_be_of_one_length(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="columns of"):
        planned(scenario, {"weeks": [3], "rules.watch.fading": [0.1, 0.2]})


def test_numbers_make_no_variants(scenario: Scenario) -> None:
    many = np.linspace(0.0, 0.05, 5000).tolist()
    plan = planned(scenario, {"rules.watch.detection": many})
    assert plan.variants == ((),)
    assert plan.size == 5000
    assert len(plan.groups) == 1


def test_doctrines_of_two_states_share_a_structure(scenario: Scenario) -> None:
    doctrines = ["restraint", "status_quo", "opportunist_supplier", "tit_for_tat"]
    over = {"states.PRK.doctrine": doctrines, "states.KOR.doctrine": doctrines}
    plan = planned(scenario, grid(over))
    assert len(plan.variants) == 16
    assert len(plan.groups) == 1
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    from sim.engines import compiled

    programs = {id(compiled.prepared(plan.variant(v), "summary")) for v in range(16)}
    assert len(programs) == 1


def test_a_plan_travels_to_workers(scenario: Scenario) -> None:
    plan = planned(scenario, grid(OVER))
    there = pickle.loads(pickle.dumps(plan))
    for number in range(len(plan.variants)):
        assert there.variant(number).digest == plan.variant(number).digest
        assert there.variant(number).rules == plan.variant(number).rules
    assert single(scenario).variant(0) is scenario


def test_every_case_lies_in_one_part(scenario: Scenario, tmp_path: Path) -> None:
    plan = planned(scenario, grid({"weeks": [3, 4], "rules.watch.detection": [0.0, 0.1, 0.2]}))
    job = ensemble.Job(plan, 7, 0, "summary", "reference", 4, tmp_path)
    found = [pair for part in job.parts for pair in zip(*job.cases(part), strict=True)]
    assert sorted(found) == [(point, run) for point in range(6) for run in range(7)]
    for part in job.parts:
        assert len({plan.which[point] for point in job.cases(part)[0]}) == 1


def test_the_number_of_workers_does_not_matter(scenario: Scenario, tmp_path: Path) -> None:
    for workers in (1, 2):
        out = tmp_path / str(workers)
        sim.sweep(scenario, OVER, runs=5, engine="reference", workers=workers, out=out)
    one, two = (sorted((tmp_path / n).rglob("*.*")) for n in ("1", "2"))
    assert [p.name for p in one] == [p.name for p in two]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(one, two, strict=True))


def test_points_are_paired(scenario: Scenario) -> None:
    table = sim.sweep(scenario, {"rules.watch.detection": [0.0, 0.02]}, runs=4, workers=1).runs
    drawn = [c for c in table.columns if c.startswith("states.") and c not in ID_COLUMNS]
    a, b = (table[table["point"] == p].reset_index(drop=True) for p in (0, 1))
    assert drawn
    assert a[drawn].equals(b[drawn])
