"""The compiled engine: it plays what the reference engine plays, and what must not matter does not.

Blocks, fellows, workers, interruptions and records leave every bit as it is.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from between import events_between
from unchecked import unchecked

from sim import ensemble, noise
from sim.engines import reference
from sim.engines.blocks import Row, block
from sim.ensemble.job import resolve_engine
from sim.events import EVENTS
from sim.metrics import Metric, Week
from sim.params import Params
from sim.results.record import TABLES
from sim.rules.bounds import COUNTERS
from sim.rules.escalate import escalate
from sim.scenario import Scenario, load, names
from sim.scenario.tree import leaves
from sim.world import Action, Observation, World

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
from sim.engines import compiled

WEEKS, WEEKS_OF_FEW, RUNS, RUNS_OF_A_LIMIT = 260, 104, 4, 1
"""In a classic model as a limit most rules stand still, and chance enters few or none."""
OPTIMISED = "northeast_asia_2023"
"""Compiled as it is shipped by `make thorough`; the others are many. Each time
`tests/test_fingerprint.py` holds its shipped program against what the reference engine gave."""
FIELDS = tuple(field.name for field in fields(World))
WHOLE = tuple(Metric(name, name, "", "") for name in FIELDS)
KEEPING_ALL: dict[Any, Any] = {}
"""Programs that do."""
SHORT = ["weeks=12"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", SHORT)


@pytest.fixture
def whole_worlds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine keeps every field of every world, in place of the metrics."""
    thorough = request.config.getoption("--thorough")
    if thorough and request.node.callspec.params["name"] == OPTIMISED:
        monkeypatch.delitem(compiled.CPU_OPTIONS, "xla_backend_optimization_level")
    monkeypatch.setattr(compiled, "measured", lambda record: WHOLE)
    monkeypatch.setattr(
        compiled, "shape", lambda metric, scenario: getattr(scenario.world(), metric.name).shape
    )
    monkeypatch.setattr(compiled, "_PROGRAMS", KEEPING_ALL)


def event_rows(week: Week) -> Iterator[tuple[float, ...]]:
    """What happened in a week, as rows of kind, actor, target, value, in that order."""
    for code, kind in enumerate(EVENTS):
        counts = events_between(kind, week.events[kind], week.params.wiring)
        yield from (
            (code, *where, counts[where]) for where in zip(*np.nonzero(counts), strict=True)
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", names("scenario"))
@unchecked()
def test_engines_agree_on_every_field_of_every_week(
    name: str, whole_worlds: None, request: pytest.FixtureRequest
) -> None:
    weeks = WEEKS if request.config.getoption("--thorough") else WEEKS_OF_FEW
    scenario = load(name, [f"weeks={weeks}"])
    runs = range(RUNS_OF_A_LIMIT if name.startswith("limit_") else RUNS)
    traces = compiled.simulate(scenario, 3, runs, "full")
    assert (traces.failed_at == -1).all()
    happened = []
    for run in runs:
        worlds = []
        for week, left in enumerate(reference.weeks(scenario, 3, run)):
            happened += [(run, week, *row) for row in event_rows(left)]
            worlds.append(left.world)
        for field in FIELDS:
            ours, theirs = [getattr(world, field) for world in worlds], traces.series[field][run]
            told = f"{field} [week, ...], seed 3, run {run}"
            if field in COUNTERS:
                np.testing.assert_array_equal(theirs, ours, told)
            else:
                np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-12, err_msg=told)
    assert list(map(tuple, traces.events.tolist())) == happened


def assert_same(a: Any, b: Any, of_a: Any = slice(None), of_b: Any = slice(None)) -> None:
    """Summaries alike to the last bit."""
    for key in a.summary:
        np.testing.assert_array_equal(a.summary[key][of_a], b.summary[key][of_b], str(key))


@pytest.mark.xdist_group("optimised")  # they share a program
@pytest.mark.usefixtures("optimised")
@pytest.mark.parametrize("record", ["full", "summary"])
def test_neither_fellows_nor_place_in_the_block_matter(scenario: Scenario, record: str) -> None:
    size = block(len(scenario.states))
    whole = compiled.simulate(scenario, 0, range(size), record)
    alone = compiled.simulate(scenario, 0, [5], record)
    assert_same(whole, alone, slice(5, 6))
    mixed = [31, 900, 5, 0, 7]
    assert_same(compiled.simulate(scenario, 0, mixed, record), alone, slice(2, 3))


@pytest.mark.xdist_group("default")
def test_the_record_does_not_matter(scenario: Scenario) -> None:
    traces = [compiled.simulate(scenario, 0, range(3), record) for record in TABLES]
    assert_same(traces[0], traces[1])
    assert_same(traces[0], traces[2])


@pytest.mark.xdist_group("default")
@unchecked()
def test_kept_weeks_are_those_of_the_reference_engine(scenario: Scenario) -> None:
    ours, theirs = (e.simulate(scenario, 0, range(3), "full") for e in (reference, compiled))
    np.testing.assert_array_equal(theirs.events, ours.events)
    for name, series in ours.series.items():
        np.testing.assert_allclose(theirs.series[name], series, rtol=1e-9, atol=1e-12)
    for path, values in ours.priors.items():
        np.testing.assert_array_equal(theirs.priors[path], values)


@pytest.mark.xdist_group("default")
@pytest.mark.parametrize("weeks", [1, compiled.CHUNK - 1, compiled.CHUNK, compiled.CHUNK + 1])
def test_any_number_of_weeks(weeks: int) -> None:
    scenario = load("northeast_asia_2023", [f"weeks={weeks}"])
    ours, theirs = (engine.simulate(scenario, 0, [1], "full") for engine in (reference, compiled))
    np.testing.assert_array_equal(theirs.events, ours.events)
    np.testing.assert_allclose(theirs.series["stock"], ours.series["stock"], rtol=1e-9)


def test_a_structure_is_compiled_once(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = {"crisis": ["hold", "tit_for_tat"], "training": ["none", "calendar", "reciprocal"]}
    other = scenario.with_("states.PRK.reserve_weeks=3", "rules.watch.detection=0.01", "weeks=30")
    first = compiled.compiled_program(scenario.holding(rules), "summary")
    assert compiled.compiled_program(other.holding(rules), "summary") is first
    softer = scenario.with_("states.PRK.desks.crisis=hold", "states.JPN.desks.training=none")
    assert compiled.compiled_program(softer.holding(rules), "summary") is first


def test_every_number_is_an_argument_of_the_program(scenario: Scenario) -> None:
    """What a run may have for itself lies in its row, and comes out of it as it was."""
    keys = noise.run_keys(4, range(3))
    row = Row(scenario.built)
    rows = row.rows(scenario.built, scenario.numbers(keys)[0], 3)
    for key, one in zip(keys, rows, strict=True):
        params, *_ = scenario.draw(key)
        again = row.read(one, row.shared(scenario.built)).params
        for ours, theirs in zip(leaves(params), leaves(again), strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(theirs, ours)


def spoils(params: Params, world: World, seen: Observation, action: Action, noise: Any) -> Any:
    """A phase that spoils the treasury of unlucky runs in week 3, on either engine."""
    spoilt = (world.week == 3) & (noise["campaign"][0] < 0.5)
    world, events = escalate(params, world, seen, action, noise)
    xp = world.treasury.__array_namespace__()
    return replace(world, treasury=xp.where(spoilt, xp.nan, world.treasury)), events


@pytest.mark.xdist_group("default")
@unchecked()
def test_a_run_that_fails_does_so_in_the_same_week_on_both_engines(
    scenario: Scenario,
) -> None:
    sound = ensemble.run(scenario, runs=9, engine="compiled", record="full", workers=1)
    bad = scenario.with_phase("escalate", spoils)
    tables = {
        name: ensemble.run(bad, runs=9, engine=name, record="full", workers=1)
        for name in ("compiled", "reference")
    }
    ours, theirs = tables["reference"].runs, tables["compiled"].runs
    bad = theirs["status"] == "failed"
    assert 0 < bad.sum() < 9
    assert set(theirs.loc[bad, "failed_at"]) == {3}
    assert theirs["failed_at"].equals(ours["failed_at"])
    assert theirs.loc[bad, "tests_PRK_sum"].isna().all()
    assert len(tables["compiled"].events) == len(tables["reference"].events)
    before = sound.weeks
    kept = (before["week"] < 3) | ~before["run"].isin(theirs.loc[bad, "run"])
    assert tables["compiled"].weeks.equals(before[kept].reset_index(drop=True))


def files(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*.parquet")}


@pytest.mark.slow
@pytest.mark.xdist_group("optimised")
@pytest.mark.usefixtures("optimised")
@pytest.mark.parametrize(("record", "most"), [("full", 200), ("summary", 1000)])
def test_jobs_of_any_size_hold_the_same_rows(scenario: Scenario, record: str, most: int) -> None:
    tables = {
        runs: ensemble.run(scenario, runs, engine="compiled", record=record, workers=1).runs
        for runs in (1, 7, 64, most)
    }
    for runs, table in tables.items():
        assert table.equals(tables[most].head(runs)), runs


@pytest.mark.slow
@pytest.mark.xdist_group("optimised")
@pytest.mark.usefixtures("optimised")
def test_neither_workers_nor_interruptions_change_a_byte(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.ensemble.workers.WEEKS_PER_PROCESS", 100)
    job = {"runs": 100, "engine": "compiled", "record": "full"}
    for workers in (1, 2):
        ensemble.run(scenario, **job, workers=workers, out=tmp_path / str(workers))
    whole = files(tmp_path / "1")
    assert files(tmp_path / "2") == whole
    for part in ("00001", "00003"):
        for table in TABLES["full"]:
            (tmp_path / "2" / table / f"part-{part}.parquet").unlink()
    ensemble.run(scenario, **job, workers=1, out=tmp_path / "2")
    assert files(tmp_path / "2") == whole


def test_the_engine_follows_from_what_is_there(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim import Policy

    class Waits(Policy):
        def decide(self, me: Any) -> None:
            pass

    own = scenario.with_policy("KOR", Waits)
    monkeypatch.setattr("sim.ensemble.job.FASTEST", "compiled")
    assert resolve_engine("auto", scenario) == "compiled"
    assert resolve_engine("auto", own) == "reference"
    with pytest.raises(ValueError, match="the Python policy of KOR needs engine=reference"):
        ensemble.run(own, runs=1, engine="compiled")
    monkeypatch.setattr("sim.ensemble.job.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"needs JAX: pip install 'armsflow\[fast\]'"):
        ensemble.run(scenario, runs=1, engine="compiled")
