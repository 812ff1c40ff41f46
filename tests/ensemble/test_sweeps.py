"""Sweeps: tables of points, checked before anything is played; each point is like a job alone."""

import itertools
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stored_sweeps import with_parts_of

import sim
from sim.ensemble.designs import design, grid
from sim.ensemble.job import Job, runs_per_part
from sim.ensemble.plan import _excess_programs, single_plan, table_plan
from sim.results.record import TABLES
from sim.results.results import ID_COLUMNS, paired
from sim.scenario import Scenario, ScenarioError, from_mapping, load, names

pytestmark = pytest.mark.usefixtures("unchecked")

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
    looked_at = (0, 3, 6) if engine == "reference" else (6,)  # each alone is a program to compile
    assert table[["point", "run"]].to_numpy().tolist() == [[p, r] for p in range(8) for r in (0, 1)]
    for point, values in enumerate(itertools.product(*OVER.values())):
        mine = table[table["point"] == point]
        for path, value in zip(OVER, values, strict=True):
            assert (mine[path] == value).all()
        if point in looked_at:
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


def test_programs_are_counted_by_what_changes_the_structure(scenario: Scenario) -> None:
    many = list(range(1, 1201))
    release = "doctrines.opportunist_supplier.desks.transfer.release"
    over = {"weeks": [2] * 1200, release: [n / 5000 for n in many]}
    assert _excess_programs(scenario, over) == (0, [])
    over["weeks"] = [1, *many[:-2], 1]
    assert _excess_programs(scenario, over) == (1198, ["weeks"])


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
        table_plan(scenario, {"weeks": [3], "rules.watch.fading": [0.1, 0.2]})


def test_numbers_make_no_variants(scenario: Scenario) -> None:
    many = np.linspace(0.0, 0.05, 5000).tolist()
    plan = table_plan(scenario, {"rules.watch.detection": many})
    assert plan.variants == ((),)
    assert plan.size == 5000
    assert len(plan.groups) == 1


def test_all_pairs_of_doctrines_share_a_program(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {f"states.{code}.doctrine": names("doctrine") for code in ("PRK", "KOR")}
    plan = table_plan(scenario, grid(over))
    assert len(plan.variants) == len(names("doctrine")) ** 2 > 50
    assert len(plan.groups) == 1
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    from sim.engines import compiled

    asked: list[object] = []
    monkeypatch.setattr(compiled, "_PROGRAMS", {})
    monkeypatch.setattr(compiled, "_compile", lambda *its: asked.append(its) or its)
    for number in range(len(plan.variants)):
        compiled.compiled_program(plan.variant(number), "summary")
    assert len(asked) == 1


def test_where_numbers_stand_does_not_depend_on_desks(scenario: Scenario) -> None:
    """What a variant has from the scenario that it changes is what it would find itself."""
    paths = [*scenario.priors, "rules.watch.detection", "states.PRK.reserve_weeks"]
    assert all(scenario.bounds(path) for path in paths)
    for words in (["states.RUS.doctrine=restraint"], ["states.PRK.desks.crisis=assurance"]):
        changed = scenario.with_(*words)
        wide = changed.holding({"transfer": ["ally_aid", "none"]})
        for found in (changed, wide):
            alone = from_mapping(found.mapping).holding(found.rules)
            assert found.priors == alone.priors
            for path in {*found.priors, *paths[len(scenario.priors) :]}:
                mine, its = found._cells(path), alone._cells(path)
                assert (mine.low, mine.high) == (its.low, its.high)
                assert [address for address, _ in mine.places] == [a for a, _ in its.places]
                for (_, at), (_, there) in zip(mine.places, its.places, strict=True):
                    np.testing.assert_array_equal(at, there)
    again = scenario.with_("states.PRK.force_target=null", "states.RUS.doctrine=restraint")
    assert again._found.keys() == set(again.priors)


def test_a_plan_travels_to_workers(scenario: Scenario) -> None:
    plan = table_plan(scenario, grid(OVER))
    there = pickle.loads(pickle.dumps(plan))
    for number in range(len(plan.variants)):
        assert there.variant(number).digest == plan.variant(number).digest
        assert there.variant(number).rules == plan.variant(number).rules
    assert single_plan(scenario).variant(0) is scenario


def test_every_case_lies_in_one_part(scenario: Scenario) -> None:
    plan = table_plan(scenario, grid({"weeks": [3, 4], "rules.watch.detection": [0.0, 0.1, 0.2]}))
    job = with_parts_of(4, Job(plan, 7, record="summary", engine="reference"))
    found = [pair for part in job.parts for pair in zip(*job.cases(part), strict=True)]
    assert sorted(found) == [(point, run) for point in range(6) for run in range(7)]
    for part in job.parts:
        assert len({plan.which[point] for point in job.cases(part)[0]}) == 1


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("states", [2, 7, 20, 64, 200])
def test_a_million_runs_leave_some_thousand_files(engine: str, states: int) -> None:
    def files(record: str, runs: int) -> int:
        return len(TABLES[record]) * -(-runs // runs_per_part(states, record, engine, runs))

    assert 0 < files("summary", 10**6) <= 2000
    assert files("summary", 10**8) <= 2000
    assert files("summary", 1000) <= 1000
    assert runs_per_part(states, "full", engine, 10**6) <= 512  # weeks have to fit in memory


def test_the_parts_of_a_large_sweep(scenario: Scenario) -> None:
    table = {
        "rules.watch.detection": np.linspace(0.0, 0.05, 50_000).tolist(),
        "weeks": [1] * 50_000,
    }
    job = Job(table_plan(scenario, table), 20, record="summary", engine="reference")
    assert job.size == 10**6
    assert len(job.parts) <= 2000
    first, last = job.cases(0), job.cases(job.parts[-1])
    assert (first[0][0], first[1][0]) == (0, 0)
    assert (last[0][-1], last[1][-1]) == (49_999, 19)


@pytest.mark.quick
def test_a_frame_is_a_table(scenario: Scenario) -> None:
    table = pd.DataFrame(
        {"rules.watch.detection": [0.0, 0.02], "states.KOR.doctrine": ["restraint", "tit_for_tat"]}
    )
    results = sim.sweep(scenario, table, runs=1, workers=1)
    assert results.runs[list(table.columns)].equals(table)
    same = sim.sweep(scenario, {"rules.watch.detection": np.asarray([0.0])}, runs=1, workers=1)
    assert same.manifest["sweep"] == {"rules.watch.detection": [0.0]}


def test_a_design_fills_ranges(scenario: Scenario) -> None:
    over = {"rules.watch.detection": (0.0, 0.02)}
    results = sim.sweep(scenario, over, 1, 3, workers=1, design="sobol", points=2)
    assert results.manifest["design"] == {
        "kind": "sobol",
        "points": 2,
        "over": {"rules.watch.detection": [0.0, 0.02]},
        "seed": 3,
    }
    table = design("sobol", over, 2, 3)
    assert results.manifest["sweep"] == table
    alone = sim.sweep(scenario, pd.DataFrame(table), 1, 3, workers=1)
    assert alone.manifest["design"] is None
    assert alone.manifest["digest"] == results.manifest["digest"]


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"rules.watch.detection": "abc"}, "is not a list of values"),
        ({"rules.watch.detection": 0.1}, "is not a list of values"),
        ({"rules.watch.detection": []}, "no point"),
        ({"rules.watch.detection": [object()]}, "not plain data"),
    ],
)
def test_what_is_no_table(scenario: Scenario, over: Any, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        sim.sweep(scenario, over)


def test_a_range_beyond_the_bounds_is_refused_whatever_falls_into_it(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.sweep(scenario, {"rules.watch.fading": [0, 1.0001]}, design="sobol", points=1)
    assert caught.value.problems == ["rules.watch.fading: 1.0001: must be from 0 to 1"]


def test_the_number_of_workers_does_not_matter(scenario: Scenario, tmp_path: Path) -> None:
    over = {path: values for path, values in OVER.items() if path != "states.KOR.desks.training"}
    for workers in (1, 2):
        out = tmp_path / str(workers)
        sim.sweep(scenario, over, runs=5, engine="reference", workers=workers, out=out)
    one, two = (sorted((tmp_path / n).rglob("*.*")) for n in ("1", "2"))
    assert [p.name for p in one] == [p.name for p in two]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(one, two, strict=True))


@pytest.mark.quick
def test_points_are_paired(scenario: Scenario) -> None:
    table = sim.sweep(scenario, {"rules.watch.detection": [0.0, 0.02]}, runs=4, workers=1).runs
    drawn = [c for c in table.columns if c.startswith("states.") and c not in ID_COLUMNS]
    a, b = (table[table["point"] == p].reset_index(drop=True) for p in (0, 1))
    assert drawn
    assert a[drawn].equals(b[drawn])


def test_words_among_what_is_swept_have_no_quantiles(scenario: Scenario) -> None:
    over = {"states.PRK.doctrine": ["restraint", "status_quo"]}
    results = sim.sweep(scenario, over, runs=2, workers=1)
    table = results.summary()
    assert set(table.index.get_level_values("point")) == {0, 1}
    assert "states.PRK.doctrine" not in table.index.get_level_values("metric")
    assert (paired(results, results)["difference"] == 0.0).all()
