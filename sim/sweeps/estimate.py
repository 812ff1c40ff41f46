"""What a job will take, before it is begun: measured on some of its runs, which are not kept."""

import importlib
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from .. import record as records
from ..engines.blocks import block
from ..ensemble import Job, processes
from ..results import write_part

FEW = 4
"""Runs that the reference engine plays to be measured; the compiled one plays a block."""
STARTING = 3.0
"""Seconds that a further process needs to begin."""


@dataclass(frozen=True)
class Measured:
    """Some runs of the largest structure.

    - `runs`: how many.
    - `first`: seconds that they took, with the program to compile.
    - `again`: seconds that they take from then on.
    - `writing`: seconds to write them as a part.
    - `a_file`, `a_run`: bytes of a part, and for each of its runs.
    """

    runs: int
    first: float
    again: float
    writing: float
    a_file: float
    a_run: float


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
    share = (found.again / found.runs * total + found.writing * parts) / used
    compiling = max(0.0, found.first - found.again)
    seconds = programs * compiling + share + (STARTING + compiling if used > 1 else 0.0)
    size = parts * found.a_file + total * found.a_run
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
    engine = importlib.import_module(f"..engines.{job.engine}", __package__)
    states = len(job.plan.variant(int(job.plan.which[group[0]])).states)
    runs = block(states) if job.engine == "compiled" else FEW
    points = job.plan.points(group[np.linspace(0, len(group) - 1, runs).astype(int)])
    like, numbers = points.scenarios[0], list(range(job.first, job.first + runs))
    took = []
    for _ in range(2):
        begin = time.perf_counter()
        traces = engine.play(like, job.seed, numbers, job.record, points)
        took.append(time.perf_counter() - begin)
    tables = records.tables(like, job.record, traces)
    begin = time.perf_counter()
    whole = _size(tables)
    writing = time.perf_counter() - begin
    half = _size({name: table.slice(0, table.num_rows // 2) for name, table in tables.items()})
    a_run = (whole - half) / (runs - runs // 2)
    return Measured(runs, *took, writing, max(0.0, whole - runs * a_run), a_run)


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
