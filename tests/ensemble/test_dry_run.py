"""`dry_run=true`: what a sweep would take, before it is begun."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.ensemble import estimate
from sim.ensemble.execution import Execution, execute
from sim.ensemble.job import Job
from sim.ensemble.plan import Plan

pytestmark = pytest.mark.usefixtures("unchecked")

Multirun = Callable[..., tuple[int, str, str]]
Planned = Callable[..., tuple[Plan, Any]]
FADING = "rules.watch.fading"


def test_a_dry_run_counts_and_keeps_nothing(
    multirun: Multirun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "SECONDS", 0.0)
    words = ("weeks=2,3", f"{FADING}=0,0.1,0.2", "runs=7", "workers=1", "pages=false")
    code, out, err = multirun(*words, "dry_run=true")
    assert (code, err) == (0, "")
    assert list(tmp_path.iterdir()) == []
    told = dict(line.partition(": ")[::2] for line in out.splitlines())
    assert told["points"] == "6"
    assert told["runs"] == "42, in 2 parts"
    assert told["programs to compile"] == "0"
    assert told["time"].endswith("; engine reference, processes 1")


def test_the_size_told_is_the_size_written(
    planned: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = planned("weeks=10,15", f"{FADING}=0,0.1")
    monkeypatch.setattr(estimate, "SECONDS", 0.3)
    job = Job(plan, 8, record="weekly", engine="reference")
    told = next(line for line in estimate.estimate(job, 1) if line.startswith("disk"))
    execute(job, Execution(workers=1), tmp_path / "out")
    written = sum(file.stat().st_size for file in (tmp_path / "out").rglob("*.parquet")) / 1e6
    assert written / 2 < float(told.split()[2]) < written * 2


def test_the_time_told_adds_up(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, _ = planned("weeks=10,30", f"{FADING}=range(0,1,step=0.1)")
    job = Job(plan, 100, record="summary", engine="compiled")
    found = estimate.Measured(32, compiling=5.0, per_run=0.01, per_part=0.1, file=1e3, row=1e4)
    monkeypatch.setattr(estimate, "_measure", lambda job, group: found)
    told = estimate.estimate(job, 1)
    # 1,000 runs of 10 weeks and as many of 30, which count thrice; two programs, eight parts
    assert told[2:5] == [
        "programs to compile: 2",
        "time: about 51 seconds; engine compiled, processes 1",
        "disk: about 40.0 MB",
    ]
