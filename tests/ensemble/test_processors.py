"""A job says with which instructions it was begun, and what continues it says if its own differ."""

import json
from pathlib import Path

import pytest

import sim
from sim.ensemble import execution, job
from sim.ensemble.resume import resume

pytestmark = pytest.mark.usefixtures("unchecked")


def test_what_continues_on_another_processor_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(job, "RUNS_PER_PART", dict.fromkeys(job.RUNS_PER_PART, 1))
    dyad = sim.load("arms_race_dyad", ["weeks=2"])
    sim.run(dyad, 2, record="summary", engine="reference", workers=1, out=tmp_path / "a")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["processor"] == job.instruction_set() != ""
    resume(tmp_path / "a", workers=1)
    (tmp_path / "a" / "runs" / "part-00001.parquet").unlink()
    monkeypatch.setattr(execution, "instruction_set", lambda: "abacus")
    resume(tmp_path / "a", workers=1)
    begun = f"was begun with the instructions {manifest['processor']}, here are abacus"
    (line,) = capsys.readouterr().err.splitlines()
    assert begun in line
    assert len(sim.open_results(tmp_path / "a").runs) == 2
    resume(tmp_path / "a", workers=1)  # nothing is left to mix
    assert capsys.readouterr().err == ""
