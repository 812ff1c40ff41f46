"""The store under stress: jobs that are killed, disks that are full, more runs than memory."""

import json
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from stored_sweeps import with_parts_of

from experiments.kill import DiffersError, files, killed, killed_report
from experiments.kill import main as kill
from sim import ensemble
from sim.ensemble.job import Job
from sim.ensemble.plan import single_plan
from sim.results.results import Results
from sim.results.store import prepare, write_part
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]


# Killed


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 5])
def test_kills_lose_nothing(tmp_path: Path, kills: int) -> None:
    told = list(killed(tmp_path, kills, 0, "runs=48", "weeks=13", "engine=reference"))
    assert sum(moment > 0.0 for moment, _, _ in told) == kills
    assert told[-1] == (0.0, 3, 3)


@pytest.mark.slow
def test_kills_lose_nothing_of_a_sweep(tmp_path: Path) -> None:
    swept = ("-m", "states.PRK.doctrine=restraint,status_quo", "rules.watch.detection=0,0.02")
    told = list(killed(tmp_path, 1, 0, *swept, "runs=12", "weeks=8", "engine=reference"))
    assert sum(moment > 0.0 for moment, _, _ in told) == 1
    assert told[-1] == (0.0, 3, 3)


@pytest.mark.slow
def test_kills_lose_nothing_of_the_compiled_engine(tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    told = list(killed(tmp_path, 2, 0, "runs=96", "weeks=52", "engine=compiled"))
    assert sum(moment > 0.0 for moment, _, _ in told) == 2
    assert told[-1] == (0.0, 3, 3)


@pytest.mark.slow
def test_what_ends_a_job_in_a_word_loses_nothing(tmp_path: Path) -> None:
    job = ("runs=48", "weeks=13", "engine=reference")
    told = list(killed(tmp_path, 2, 0, *job, signals=("term", "int")))
    assert sum(moment > 0.0 for moment, _, _ in told) == 2
    assert told[-1] == (0.0, 3, 3)


@pytest.mark.slow
def test_a_killed_report_loses_nothing(tmp_path: Path) -> None:
    job = ("scenario=arms_race_dyad", "runs=4", "weeks=4", "engine=reference")
    told = list(killed_report(tmp_path, 2, 0, *job, signals=("kill", "term")))
    assert sum(moment > 0.0 for moment, _, _ in told) == 2
    assert told[-1][1] == told[-1][2] > 5


def test_the_command_refuses_what_it_does_not_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert kill(["kils=3"]) == 2
    assert kill(["engine=cobol"]) == 2
    assert "kils=3: takes kills" in capsys.readouterr().err
    assert kill(["signal=term,hup", "of=jobs"]) == 2
    err = capsys.readouterr().err
    assert (
        err == "signal=term,hup: takes kill, term, int\nof=jobs: takes job, sweep, report, dask\n"
    )


def test_a_byte_that_differs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ("runs=2", "weeks=2", "engine=reference")
    monkeypatch.setattr(
        "experiments.kill._command", lambda command, out: [*command[:-1], f"out={out}"]
    )
    monkeypatch.setattr("experiments.kill._begun", _spoiling)
    with pytest.raises(DiffersError, match=r"not what the undisturbed job left: .*manifest"):
        list(killed(tmp_path, 0, 0, *honest))


def _spoiling(words: list[str]) -> subprocess.Popen[str]:
    """Writes a folder that says when it was written."""
    out = words[-1].partition("=")[2]
    script = "import pathlib, sys, time; path = pathlib.Path(sys.argv[1]); path.mkdir()"
    script += "; (path / 'manifest.json').write_text(str(time.time_ns()))"
    return subprocess.Popen([sys.executable, "-c", script, out], stderr=subprocess.PIPE, text=True)


# A full disk

JOB = ("weeks=4", "runs=24", "engine=reference", "pages=false")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A small disk of its own, `small`, of so many bytes; called again it is made larger."""
    small = tmp_path / "small"

    def sized(size: int) -> Path:
        again = "remount," if small.exists() else ""
        small.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"{again}size={size}", "tmpfs", str(small)]
        try:
            subprocess.run(mount, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", None) or error
            pytest.skip(f"a small disk cannot be mounted here: {str(told).strip()}")
        return small

    yield sized
    if small.is_mount():
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_stops_a_job_that_then_goes_on(
    armsflow: Armsflow, tmp_path: Path, disk: Callable[[int], Path], workers: int
) -> None:
    small = disk(1 << 30) / "mine"
    armsflow(*JOB, "workers=1", "out=whole")
    whole = files(tmp_path / "whole")
    disk(2 * sum(map(len, whole.values())) // 3)
    words = (*JOB, f"workers={workers}", f"out={small}")
    for _ in range(2):
        code, out, err = armsflow(*words)
        assert (code, out) == (1, "")
        why, _, again = err.rstrip("\n").partition("; continue with: ")
        assert why.startswith(str(small))
        assert why.endswith("cannot be written: No space left on device; make space")
        left = files(small)
        assert left.items() < whole.items()
    assert any(name.startswith("runs") for name in left)
    assert Results(small).runs.shape[0] in (8, 16)
    disk(1 << 30)
    assert again == f"armsflow resume={small} pages=false workers={workers}"
    assert armsflow(*shlex.split(again)[1:])[0] == 0
    assert files(small) == whole


def test_a_disk_without_room_for_the_manifest(
    armsflow: Armsflow, tmp_path: Path, disk: Callable[[int], Path]
) -> None:
    words = ("weeks=2", "runs=1", "workers=1", "pages=false", "out=small/mine")
    disk(8192)
    code, out, err = armsflow(*words)
    told = "No space left on device; make space; nothing was run yet\n"
    assert (code, out) == (1, "")
    assert err == f"small/mine/manifest.json cannot be written: {told}"
    assert files(tmp_path / "small") == {}
    disk(1 << 30)
    assert armsflow(*words)[0] == 0


def test_a_full_disk_leaves_no_half_a_report(
    armsflow: Armsflow, tmp_path: Path, disk: Callable[[int], Path]
) -> None:
    small = disk(1 << 30)
    armsflow("weeks=13", "runs=2", "workers=1", "pages=false", "out=small/mine")
    data = files(small)
    used = os.statvfs(small)
    disk((used.f_blocks - used.f_bfree) * used.f_frsize + (200 << 10))
    code, out, err = armsflow("report=small/mine")
    assert code == 1
    assert "runs with a new war" in out
    assert "cannot be written: No space left on device; make space; the runs are kept" in err
    assert err.endswith("again: armsflow report=small/mine\n")
    drawn = files(small).keys() - data.keys()
    assert all(name.endswith((".png", ".svg")) for name in drawn)
    before = {name: files(small)[name] for name in drawn}
    disk(1 << 30)
    assert armsflow("report=small/mine")[0] == 0
    after = files(small)
    assert {name: after[name] for name in before} == before
    assert data.items() < after.items()


def test_a_file_that_may_not_grow(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*JOB, "workers=1", "out=whole")
    whole = files(tmp_path / "whole")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole["manifest.json"]) + 1000, hard))
    try:
        code, _, err = armsflow(*JOB, "workers=1", "out=mine")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 1
    assert "part-00000.parquet cannot be written: File too large; continue with: armsflow" in err
    assert files(tmp_path / "mine").items() < whole.items()
    assert armsflow("resume=mine", "workers=1", "pages=false")[0] == 0
    assert files(tmp_path / "mine") == whole


# Many runs

A_PART = 2048
PEAK = """
import resource, sys
from sim.cli import main
code = main([f"report={sys.argv[1]}"])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(scope="module")
def part() -> tuple[Scenario, pa.Table]:
    """The rows of a part, those of few runs many times."""
    scenario = load("northeast_asia_2023", ["weeks=4"])
    few = ensemble.run(scenario, runs=16, record="summary", workers=1)
    return scenario, pa.concat_tables([few._part("runs", 0)] * (A_PART // 16))


def of_runs(path: Path, runs: int, scenario: Scenario, rows: pa.Table) -> Path:
    """Results of so many runs: the same rows in many parts."""
    job = Job(single_plan(scenario), runs, record="summary", engine="reference")
    prepare(path, with_parts_of(A_PART, job).manifest())
    for number in job.parts:
        write_part(path, number, {"runs": rows}, job.digest)
    return path


@pytest.mark.slow
def test_a_report_needs_no_more_memory_for_more_runs(
    tmp_path: Path, part: tuple[Scenario, pa.Table]
) -> None:
    peak = {}
    for parts in (5, 50):
        path = of_runs(tmp_path / str(parts), parts * A_PART, *part)
        ran = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
        )
        code, kilobytes = map(int, ran.stdout.splitlines()[-1].split())
        assert code == 0
        assert f"{parts * A_PART} runs of 4 weeks" in ran.stdout
        assert (path / "report.html").exists()
        peak[parts] = kilobytes
    assert peak[50] < 1.1 * peak[5]


def test_a_long_report_says_what_a_short_one_says(
    tmp_path: Path, part: tuple[Scenario, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Column by column or whole, the numbers are the same."""
    from sim.plots.draw import pages
    from sim.results.table import short_table

    path = of_runs(tmp_path / "many", 2 * A_PART, *part)
    whole = short_table(Results(path)), pages(Results(path), path)[-1].read_bytes()
    monkeypatch.setattr("sim.results.results.AT_ONCE", 3 * A_PART)
    results = Results(path)
    assert short_table(results) == whole[0]
    assert pages(results, path)[-1].read_bytes() == whole[1]
    assert "runs" not in vars(results)
    assert json.loads((path / "manifest.json").read_text())["runs"] == 2 * A_PART
