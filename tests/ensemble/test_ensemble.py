"""The reference engine and the ensemble: what must not matter, does not."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.kill import files
from sim import ensemble
from sim.engines import reference
from sim.engines.blocks import block
from sim.ensemble import execution
from sim.ensemble import job as parts
from sim.ensemble.job import job_problems
from sim.ensemble.plan import single_plan
from sim.ensemble.workers import worker_surroundings
from sim.results.record import TABLES
from sim.results.store import MACHINE, OutputError, finished
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")

SHORT = ["weeks=6"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", SHORT)


def test_the_number_of_workers_does_not_matter(scenario: Scenario, tmp_path: Path) -> None:
    for workers in (1, 2):
        ensemble.run(scenario, runs=20, out=tmp_path / str(workers), workers=workers)
    one, two = files(tmp_path / "1"), files(tmp_path / "2")
    assert one == two
    assert len(one) == 1 + 3 * len(TABLES["full"])


@pytest.mark.quick
def test_how_many_runs_does_not_matter(scenario: Scenario) -> None:
    few, many = (ensemble.run(scenario, runs=n, seed=5, workers=1) for n in (3, 9))
    for table in TABLES["full"]:
        a, b = few.read(table), many.read(table)
        assert a.equals(b[b["run"] < 3].reset_index(drop=True)), table


@pytest.mark.quick
def test_the_record_does_not_matter(scenario: Scenario) -> None:
    runs = [ensemble.run(scenario, runs=2, record=r, workers=1).runs for r in TABLES]
    assert runs[0].equals(runs[1])
    assert runs[0].equals(runs[2])


def test_more_weeks_change_none_before(scenario: Scenario) -> None:
    long = ensemble.run(scenario.with_("weeks=9"), runs=2, workers=1).weeks
    short = ensemble.run(scenario, runs=2, workers=1).weeks
    assert short.equals(long[long["week"] < 6].reset_index(drop=True))


def test_the_chunk_of_noise_does_not_matter(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [left.world for left in reference.weeks(scenario, 1, 2)]
    monkeypatch.setattr(reference, "CHUNK", 4)
    for a, b in zip(whole, (left.world for left in reference.weeks(scenario, 1, 2)), strict=True):
        assert all(np.array_equal(getattr(a, n), getattr(b, n)) for n in vars(a))


def test_seeds_and_runs_differ(scenario: Scenario) -> None:
    last = [
        list(reference.weeks(scenario, s, r))[-1].world.belief for s, r in ((0, 0), (0, 1), (1, 0))
    ]
    assert not np.array_equal(last[0], last[1])
    assert not np.array_equal(last[0], last[2])


@pytest.mark.quick
def test_a_job_goes_on_where_it_stopped(scenario: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ensemble.run(scenario, runs=20, out=out, workers=1)
    before, times = files(out), {p: p.stat().st_mtime_ns for p in out.rglob("part-*")}
    lost = out / "runs" / "part-00001.parquet"
    lost.unlink()
    half = f".part-00001.parquet.{MACHINE}.0123abcd.999999999"
    (out / "weeks" / half).write_bytes(b"half a par")
    assert finished(out) == {0, 2}
    ensemble.run(scenario, runs=20, out=out, workers=1)
    assert files(out) == before
    untouched = [p for p in times if "00001" not in p.name]
    assert all(p.stat().st_mtime_ns == times[p] for p in untouched)


def test_a_folder_with_another_job_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ensemble.run(scenario, runs=1, out=out, workers=1)
    before = files(out)
    others = ({"seed": 1}, {"runs": 2}, {"record": "weekly"})
    for other in others:
        with pytest.raises(OutputError, match="another job"):
            ensemble.run(scenario, **{"runs": 1, "out": out, "workers": 1} | other)
    with pytest.raises(OutputError, match="another job"):
        ensemble.run(scenario.with_("weeks=7"), runs=1, out=out, workers=1)
    assert files(out) == before


def test_results_know_their_scenario(scenario: Scenario, tmp_path: Path) -> None:
    results = ensemble.run(scenario, runs=1, out=tmp_path / "out", workers=1)
    assert results.scenario.digest == scenario.digest
    assert results.scenario.states == scenario.states


def test_an_interrupt_waits_for_the_end_of_a_compiled_part(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within JAX an interrupt is lost or ends the process; here a part is an interrupt."""

    def simulate(*told: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return reference.simulate(*told)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(
        "sim.ensemble.workers.engine_module", lambda name: SimpleNamespace(simulate=simulate)
    )
    monkeypatch.setattr("sim.ensemble.job.resolve_engine", lambda engine, scenario: engine)
    monkeypatch.setattr(parts, "installed_versions", lambda engine: {"armsflow": "0.1.0"})
    monkeypatch.setattr(parts, "find_spec", lambda name: True)
    job = {"scenario": scenario, "runs": 33, "engine": "compiled", "record": "weekly", "workers": 1}
    for finished_parts in ({0}, {0, 1}):
        with pytest.raises(KeyboardInterrupt):
            ensemble.run(**job, out=tmp_path)
        assert finished(tmp_path) == finished_parts
        assert signal.getsignal(signal.SIGINT) is before


def test_the_first_run_may_be_any(scenario: Scenario) -> None:
    job = {"scenario": scenario, "seed": 5, "workers": 1}
    many, last = ensemble.run(**job, runs=9), ensemble.run(**job, runs=2, first=7)
    for table in TABLES["full"]:
        a, b = last.read(table), many.read(table)
        assert a.equals(b[b["run"] >= 7].reset_index(drop=True)), table


def test_a_job_resumes_in_python(scenario: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ensemble.run(scenario, runs=20, first=3, record="weekly", out=out, workers=1)
    before = files(out)
    (out / "runs" / "part-00000.parquet").unlink()
    results = ensemble.resume(out, workers=1)
    assert (results.complete, len(results.runs)) == (True, 20)
    assert files(out) == before
    (out / "runs" / "part-00000.parquet").unlink()
    with pytest.raises(ValueError, match="workers: 0 is not a whole number"):
        ensemble.resume(out, workers=0)


def test_arguments_are_all_checked_at_once(scenario: Scenario, tmp_path: Path) -> None:
    bad = {"runs": 0, "first": -1, "seed": -1, "record": "all", "engine": "fortran", "workers": 0}
    with pytest.raises(ValueError, match="runs") as caught:
        ensemble.run(scenario, **bad, out=tmp_path / "out")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == list(bad)
    assert not (tmp_path / "out").exists()
    assert len(job_problems(True, 0, 0.5, "full", "auto")) == 2


def test_parts_follow_from_states_record_and_engine_alone() -> None:
    assert [parts.runs_per_part(7, r, "reference") for r in TABLES] == [32, 16, 8]
    assert [parts.runs_per_part(200, r, "reference") for r in TABLES] == [1, 1, 1]
    for states in (2, 7, 20, 200):
        size = block(states)
        assert all(parts.runs_per_part(states, r, "compiled") % size == 0 for r in TABLES)


def test_a_kill_loses_some_ten_seconds_of_work() -> None:
    """Of the work that a week was measured to take, docs/performance.md; or one block."""
    for engine, states, pairs, week in (
        ("compiled", 4, 8, 10e-6),
        ("compiled", 7, 32, 22e-6),
        ("compiled", 20, 192, 118e-6),
        ("compiled", 64, 732, 807e-6),
        ("compiled", 200, 2876, 6507e-6),
        ("compiled", 300, 4370, 13001e-6),
        ("reference", 7, 32, 2.6e-3),
        ("reference", 64, 732, 4.1e-3),
        ("reference", 300, 4370, 48.9e-3),
    ):
        reckoned = parts.week_seconds(states, pairs, engine)
        assert week / 1.3 < reckoned < 3 * week
        step = block(states) if engine == "compiled" else 1
        for record in TABLES:
            for weeks in (1, 52, 1040, 20_000):
                found = parts.runs_per_part(states, record, engine, 1000, weeks * reckoned)
                assert found % step == 0
                assert found * weeks * week < 10.0 or found == step


def test_a_job_of_a_few_hundred_compiled_runs_has_several_parts() -> None:
    assert parts.runs_per_part(7, "summary", "compiled", 360) == 64
    assert parts.runs_per_part(7, "summary", "compiled", 1) == 32
    assert parts.runs_per_part(7, "summary", "compiled", 10_000) == 512


def test_parts_grow_before_files_are_many(scenario: Scenario) -> None:
    long = parts.Job(single_plan(scenario.with_("weeks=1040")), 100_000, record="summary")
    assert len(long.parts) <= parts.MAX_PARTS
    few = parts.Job(single_plan(scenario.with_("weeks=1040")), 100, record="summary")
    assert few.runs_per_part * 1040 * 2.6e-3 < 10.0


def test_results_without_a_folder_go_with_their_object(scenario: Scenario) -> None:
    results = ensemble.run(scenario, runs=1, workers=1)
    path = results.path
    assert path.exists()
    del results
    gc.collect()
    assert not path.exists()


def test_a_job_of_two_runs_alike_is_refused_and_writes_nothing(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "runs_alike", lambda seed, first, runs: (first, first + 1))
    with pytest.raises(OutputError, match="by 4 runs 2 and 3 share their noise; take another"):
        ensemble.run(scenario, runs=2, first=2, seed=4, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_paired_runs_meet_the_same_luck(scenario: Scenario) -> None:
    other = scenario.with_("states.JPN.readiness=0.9")
    table = ensemble.compare(scenario, other, runs=4, workers=1)
    assert table.loc["readiness_JPN_mean", "low"] > 0.0
    assert (table.loc["tests_PRK_sum", ["difference", "low", "high"]] == 0.0).all()


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(
        "import sim\n"
        f"scenario = sim.load('northeast_asia_2023', {[*SHORT, 'timetable=none']})\n"
        "job = {'runs': 20, 'workers': 2, 'record': 'summary', 'engine': 'reference'}\n"
        "print(len(sim.run(scenario, **job).runs))\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert ran.stdout == "20\n"
    assert ran.stderr == ""


@pytest.mark.quick
def test_workers_leave_the_surroundings_as_they_were(scenario: Scenario) -> None:
    before, main = dict(os.environ), sys.modules["__main__"]
    ensemble.run(scenario, runs=33, record="summary", workers=2)
    assert dict(os.environ) == before
    assert sys.modules["__main__"] is main


def test_threads_that_start_workers_take_turns() -> None:
    before, main = dict(os.environ), sys.modules["__main__"]
    inside, seen = threading.Barrier(2, timeout=0.2), list[bool]()

    def start() -> None:
        with worker_surroundings():
            try:
                inside.wait()
            except threading.BrokenBarrierError:
                seen.append(sys.modules["__main__"] is not main)

    both = [threading.Thread(target=start) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert seen == [True, True]
    assert dict(os.environ) == before
    assert sys.modules["__main__"] is main


def test_what_cannot_be_a_job_leaves_no_folder(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such job")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sim.ensemble.execution.complete", broken)
    with pytest.raises(ValueError, match="no such job"):
        ensemble.run(scenario, runs=1)
    assert not list(tmp_path.iterdir())
