"""What a job will take, before it is begun: measured on some of its runs, which are not kept."""

import importlib
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ..engines.blocks import block
from ..results import record as records
from ..results.store import write_part
from .job import Job
from .workers import processes

SECONDS = 1.0
"""For about so long it is played to be measured, at most a part."""
STARTING = 3.0
"""Seconds that a further process needs to begin."""


@dataclass(frozen=True)
class Measured:
    """Some runs of the largest structure.

    - `runs`: how many.
    - `compiling`: seconds until its program stood.
    - `a_run`, `a_part`: seconds to play a run, and to write a part.
    - `file`, `row`: bytes of a part, and in it of each run.
    """

    runs: int
    compiling: float
    a_run: float
    a_part: float
    file: float
    row: float


def estimated(job: Job, workers: int) -> list[str]:
    """Points, runs, programs, time and disk of a job, a line each.

    A compiled program stays in the cache: what the measurement compiles the job need not. Other
    structures are taken to cost what the largest costs, by weeks and by pairs of states.
    """
    groups = job.plan.groups
    largest = max(groups, key=len)
    found = _measured(job, largest)
    one = _work(job, largest)
    total = sum(len(group) * job.runs * _work(job, group) / one for group in groups)
    programs = len(groups) if job.engine == "compiled" else 0
    parts, used = len(job.parts), processes(job, len(job.parts), workers)
    seconds = (found.a_run * total + found.a_part * parts) / used + programs * found.compiling
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
    """What a run of a structure costs beside one of others."""
    scenario = job.plan.variant(int(job.plan.which[group[0]]))
    return float(scenario.weeks * max(8, len(scenario.states)) ** 2)


def _measured(job: Job, group: np.ndarray) -> Measured:
    states = len(job.plan.variant(int(job.plan.which[group[0]])).states)
    least = block(states) if job.engine == "compiled" else 2
    first, _ = _played(job, group, least)
    once, _ = _played(job, group, least)
    most = min(job.runs_a_part, len(group) * job.runs)
    runs = max(least, min(most, int(SECONDS / once) * least))
    took, tables = _played(job, group, runs)
    begin = time.perf_counter()
    whole = _size(tables)
    writing = time.perf_counter() - begin
    half = _size({name: table.slice(0, table.num_rows // 2) for name, table in tables.items()})
    row = (whole - half) / (runs - runs // 2)
    file = max(0.0, whole - runs * row)
    return Measured(runs, max(0.0, first - once), took / runs, writing, file, row)


def _played(job: Job, group: np.ndarray, runs: int) -> tuple[float, dict[str, pa.Table]]:
    """The seconds that some runs, spread over a structure, take, and their tables."""
    engine = importlib.import_module(f"sim.engines.{job.engine}")
    cases = np.linspace(0, len(group) * job.runs - 1, runs).astype(int)
    place, number = np.divmod(cases, job.runs)
    points = job.plan.points(group[place])
    like = points.scenarios[0]
    begin = time.perf_counter()
    traces = engine.play(like, job.seed, (job.first + number).tolist(), job.record, points)
    tables = records.tables(like, job.record, traces)
    return time.perf_counter() - begin, tables


def _size(tables: Mapping[str, pa.Table]) -> int:
    """The bytes of a part."""
    with tempfile.TemporaryDirectory() as folder:
        write_part(Path(folder), 0, tables)
        return sum(file.stat().st_size for file in Path(folder).rglob("*.parquet"))


def _span(seconds: float) -> str:
    for size, unit in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
