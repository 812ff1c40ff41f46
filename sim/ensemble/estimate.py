"""What a job will take, before it begins: measured on some of its runs, which are not kept."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ..engines.blocks import block
from ..results.record import tables
from ..results.store import write_part
from .job import Job
from .workers import engine_module, worthwhile_processes

SECONDS = 1.0
"""About how long runs are measured, of at most a part."""
STARTING = 3.0
"""Seconds that a further process takes to start."""


@dataclass(frozen=True)
class Measured:
    """Some runs of the largest structure.

    - `runs`: how many.
    - `compiling`: seconds to compile its program.
    - `per_run`, `per_part`: seconds to simulate a run, and to write a part.
    - `file`, `row`: bytes of a part, and in it of each run.
    """

    runs: int
    compiling: float
    per_run: float
    per_part: float
    file: float
    row: float


def estimate(job: Job, workers: int) -> list[str]:
    """Return points, runs, programs, time and disk of a job, a line each.

    A compiled program stays in the cache: what the measurement compiles the job need not. Other
    structures are assumed to cost what the largest costs, by weeks and by pairs of states.

    Args:
        job: The job.
        workers: The most processes.
    """
    groups = job.plan.groups
    largest = max(groups, key=len)
    found = _measure(job, largest)
    one = _work(job, largest)
    total = sum(len(group) * job.runs * _work(job, group) / one for group in groups)
    programs = len(groups) if job.engine == "compiled" else 0
    parts = len(job.parts)
    used = worthwhile_processes(job, parts, workers)
    seconds = (found.per_run * total + found.per_part * parts) / used + programs * found.compiling
    if used > 1:
        seconds += STARTING + found.compiling
    size = parts * found.file + total * found.row
    return [
        f"points: {job.plan.size:,}",
        f"runs: {job.size:,}, in {parts:,} parts",
        f"programs to compile: {programs}",
        f"time: about {_span(seconds)}; engine {job.engine}, processes {used}",
        f"disk: about {size / 1e6:,.1f} MB",
        f"measured on {found.runs} runs; nothing was kept",
    ]


def _work(job: Job, group: np.ndarray) -> float:
    """Return what a run of a structure costs relative to one of others."""
    scenario = job.plan.variant(int(job.plan.which[group[0]]))
    return float(scenario.weeks * max(8, len(scenario.states)) ** 2)


def _measure(job: Job, group: np.ndarray) -> Measured:
    states = len(job.plan.variant(int(job.plan.which[group[0]])).states)
    least = block(states) if job.engine == "compiled" else 2
    first, _ = _simulate(job, group, least)
    once, _ = _simulate(job, group, least)
    most = min(job.runs_per_part, len(group) * job.runs)
    runs = max(least, min(most, int(SECONDS / once) * least))
    took, written = _simulate(job, group, runs)
    begin = time.perf_counter()
    whole = _size(written)
    writing = time.perf_counter() - begin
    half = _size({name: table.slice(0, table.num_rows // 2) for name, table in written.items()})
    row = (whole - half) / (runs - runs // 2)
    file = max(0.0, whole - runs * row)
    return Measured(runs, max(0.0, first - once), took / runs, writing, file, row)


def _simulate(job: Job, group: np.ndarray, runs: int) -> tuple[float, dict[str, pa.Table]]:
    """Return the seconds that some runs, spread over a structure, take, and their tables."""
    engine = engine_module(job.engine)
    cases = np.linspace(0, len(group) * job.runs - 1, runs).astype(int)
    place, number = np.divmod(cases, job.runs)
    points = job.plan.points(group[place])
    scenario = points.scenarios[0]
    begin = time.perf_counter()
    traces = engine.simulate(scenario, job.seed, (job.first + number).tolist(), job.record, points)
    written = tables(scenario, job.record, traces)
    return time.perf_counter() - begin, written


def _size(tables: Mapping[str, pa.Table]) -> int:
    """Return the bytes of a part."""
    with tempfile.TemporaryDirectory() as folder:
        write_part(Path(folder), 0, tables, "0" * 64)
        return sum(file.stat().st_size for file in Path(folder).rglob("*.parquet"))


def _span(seconds: float) -> str:
    for size, unit in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
