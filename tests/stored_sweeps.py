"""Sweeps that nobody played: stored as a job stores them, with metrics that a test made up."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.ensemble.job import Job
from sim.ensemble.plan import Plan
from sim.results.results import Results
from sim.results.store import digest, prepare, read_manifest, write_part
from sim.scenario import Scenario, load


@cache
def scenario() -> Scenario:
    """One that nobody plays here."""
    return load("supplier_and_embargo", ["weeks=4"])


def stored(
    path: Path,
    columns: Mapping[str, Sequence[Any]],
    metrics: Mapping[str, np.ndarray],
    failed: Collection[tuple[int, int]] = (),
    lacking: Collection[int] = (),
    part: int = 64,
    of: Scenario | None = None,
) -> Results:
    """The results of a sweep.

    Args:
        path: Their folder.
        columns: What the points set, by path; need not be a path of the scenario.
        metrics: Values [point, run], by the name of the column.
        failed: Point and run of those that failed.
        lacking: Parts that are not there.
        part: How many runs a part holds.
        of: The scenario; `scenario()` if none.
    """
    points, runs = next(iter(metrics.values())).shape
    base = of or scenario()
    every, one = np.arange(points), np.zeros(points, np.int64)
    plan = Plan(base, columns, {}, ((),), one, base.rules, (every,))
    job = with_parts_of(part, Job(plan, runs, record="summary", engine="reference"))
    prepare(path, job.manifest())
    for number in set(job.parts) - set(lacking):
        tables = {"runs": _runs(*job.cases(number), columns, metrics, failed)}
        write_part(path, number, tables, job.digest)
    return Results(path)


def with_parts_of(runs: int, job: Job) -> Job:
    """The job, in parts of so many runs."""
    object.__setattr__(job, "runs_per_part", runs)
    return job


def _runs(
    point: np.ndarray,
    run: np.ndarray,
    columns: Mapping[str, Sequence[Any]],
    metrics: Mapping[str, np.ndarray],
    failed: Collection[tuple[int, int]],
) -> pa.Table:
    bad = np.zeros(len(point), bool)
    for case in failed:
        bad |= (point == case[0]) & (run == case[1])
    told: dict[str, Any] = {"point": point, "run": run, "seed": np.zeros_like(run)}
    told["status"] = np.where(bad, "failed", "ok")
    told["failed_at"] = pa.array(np.where(bad, 1, -1), mask=~bad)
    told |= {path: np.asarray(values)[point] for path, values in columns.items()}
    told |= {name: np.where(bad, np.nan, v[point, run]) for name, v in metrics.items()}
    return pa.table(told)


def retold(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes a manifest as another installation would have written it: with its own checksum."""
    manifest = read_manifest(path)
    change(manifest)
    text = json.dumps({"checksum": digest(manifest), **manifest})
    (path / "manifest.json").write_text(text)
