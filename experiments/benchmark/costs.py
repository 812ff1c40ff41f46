"""What comes on top of a week: compiling, starting, memory. Each is measured in fresh processes."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from experiments.benchmark.speed import cores, surroundings

REPEATS = 3
EVERY = 0.2
"""Seconds between two looks at the memory."""
A_JOB = 1_000
"""Runs of the job that is measured by part."""
MEMORY = (1_000, 10_000)
"""Runs whose memory is watched, beside the number that the command line gives."""


def _job(what: str, scenario: Mapping[str, Any], use: Sequence[int], **more: Any) -> list[str]:
    """The command of a fresh process that measures one thing."""
    job = {"what": what, "cores": list(use), **scenario, **more}
    return [sys.executable, "-m", "experiments.benchmark.alone", json.dumps(job)]


def _told(command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """What a process prints."""
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _wall(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds from a process's start to its end."""
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compiling(scenario: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Seconds to compile a scenario's program with nothing kept, on one core and on all."""
    rows = []
    for use in (cores()[:1], cores()):
        environment = surroundings("", use) | {"JAX_ENABLE_COMPILATION_CACHE": "false"}
        told = [_told(_job("compiling", scenario, use), environment) for _ in range(REPEATS)]
        rows.append({"cores": len(use), **{k: [each[k] for each in told] for k in told[0]}})
    return rows


def starting(scenario: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Seconds from the start of a process to its end, with programs kept from before and without.

    The first result in Python, by either engine; and the whole command of 64 runs of all weeks,
    with figures and page.
    """
    use = cores()
    with tempfile.TemporaryDirectory() as folder:

        def once(what: str, programs: str, engine: str) -> float:
            if what == "first":
                command = _job("first", scenario, use, engine=engine)
            else:
                out = tempfile.mkdtemp(dir=folder)
                keys = [f"scenario={scenario['scenario']}", "runs=64", f"engine={engine}"]
                keys += [f"out={out}", "progress=false"]
                command = [sys.executable, "-m", "experiments.run", *keys]
            return _wall(command, surroundings(f"{folder}/{programs}", use))

        def row(what: str, engine: str, kept: bool, repeats: int) -> dict[str, Any]:
            took = [
                once(what, "kept" if kept else f"{what}-{engine}-{n}", engine)
                for n in range(repeats)
            ]
            return {"what": what, "engine": engine, "kept": kept, "seconds": took}

        rows = [row("first", "reference", False, REPEATS)]
        for what in ("first", "command"):
            repeats = REPEATS if what == "first" else 2
            rows.append(row(what, "compiled", False, repeats))
            once(what, "kept", "compiled")
            rows.append(row(what, "compiled", True, repeats))
        return rows


def memory(scenario: Mapping[str, Any], runs: Sequence[int], programs: str) -> list[dict[str, Any]]:
    """The largest memory of `sim.run` with all its processes against the number of runs."""
    rows = []
    for number in runs:
        command = _job("memory", scenario, cores(), runs=number)
        process = subprocess.Popen(
            command, env=surroundings(programs, cores()), stdout=subprocess.PIPE
        )
        watched, peak = psutil.Process(process.pid), 0
        while process.poll() is None:
            peak = max(peak, _resident(watched))
            time.sleep(EVERY)
        told, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"a process of the benchmark ended with {process.returncode}")
        rows.append({"runs": number, "peak": peak, **json.loads(told)})
    return rows


def parts(scenario: Mapping[str, Any], runs: int, programs: str) -> dict[str, Any]:
    """Processor seconds of a job of all weeks by part, and of small ones, on one core."""
    use, whole = cores()[:1], {"scenario": scenario["scenario"], "overrides": []}
    environment = surroundings(programs, use)
    rows = []
    for _ in range(1 + REPEATS):  # the first of each compiles
        rows.append(_told(_job("parts", whole, use, runs=runs), environment))
    _told(_job("small", whole, use), environment)
    small = _told(_job("small", whole, use), environment)
    by_part = {part: [row[part] for row in rows[1:]] for part in rows[0]}
    return {"runs": runs, "by_part": by_part, "small": small}


def _resident(process: psutil.Process) -> int:
    """Bytes in memory of a process and of all below it; what two share counts twice."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:  # it ended between two looks
        pass
    return total


def hotspots(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Where a compiled week's time goes, on one core."""
    use = cores()[:1]
    # a program that was kept no longer knows from which lines it came
    environment = surroundings("", use) | {"JAX_ENABLE_COMPILATION_CACHE": "false"}
    return _told(_job("hotspots", scenario, use), environment)
