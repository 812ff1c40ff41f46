"""What a job will take, before it is begun: measured on its first run, without keeping it."""

import os
import tempfile
import time
from pathlib import Path

from .. import record as records
from ..engines import reference
from ..results import write_part
from .plan import Plan

COMPILE = 8.0
"""Seconds to trace and compile a program, less where it lies in the cache."""
SPEED_UP = 25.0
"""By how much the compiled engine is quicker than the reference, on one core, at eight states."""


def estimated(plan: Plan, runs: int, seed: int, record: str, engine: str, workers: int) -> str:
    """Points, runs, programs, time and disk of a job, a line each.

    The time of the compiled engine is the reference engine's, divided: within a factor of two.
    """
    seconds = size = 0.0
    for group in plan.groups:
        points = plan.points(group[:1])
        begin = time.perf_counter()
        traces = reference.play(points.scenarios[0], seed, [0], record, points)
        one = time.perf_counter() - begin
        seconds += len(group) * runs * (one / SPEED_UP if engine == "compiled" else one)
        with tempfile.TemporaryDirectory() as folder:
            write_part(Path(folder), 0, records.tables(points.scenarios[0], record, traces))
            size += (
                len(group) * runs * sum(f.stat().st_size for f in Path(folder).rglob("*.parquet"))
            )
    programs = len(plan.groups) if engine == "compiled" else 0
    took = programs * COMPILE + seconds / min(workers, os.cpu_count() or 1)
    lines = [
        f"points: {plan.size:,}",
        f"runs: {plan.size * runs:,}",
        f"programs to compile: {programs}",
        f"time: about {_span(took)}, engine {engine}, {workers} processes",
        f"disk: at most {size / 1e6:,.1f} MB",
        "nothing was played",
    ]
    return "\n".join(lines)


def _span(seconds: float) -> str:
    for size, unit in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
