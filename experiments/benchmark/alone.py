"""What is measured once in a fresh process: `python -m experiments.benchmark.alone JOB`.

JOB, in JSON: `what`, the scenario and its overrides, the cores. Prints one line of JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any


def compiling(job: dict[str, Any]) -> dict[str, float]:
    """Seconds until the scenario's program is ready, and how much of them XLA takes."""
    from jax import monitoring

    from sim.engines import compiled
    from sim.scenario import load

    parts: dict[str, float] = {}

    def hear(name: str, seconds: float, **_: object) -> None:
        parts[name] = parts.get(name, 0.0) + seconds

    monitoring.register_event_duration_secs_listener(hear)
    scenario = load(job["scenario"], job["overrides"])
    start = perf_counter()
    compiled.compiled_program(scenario, "summary")
    return {
        "seconds": perf_counter() - start,
        "xla": parts["/jax/core/compile/backend_compile_duration"],
    }


def first(job: dict[str, Any]) -> dict[str, float]:
    """The first result in Python; who started the process has the clock."""
    import sim

    scenario = sim.load(job["scenario"], job["overrides"])
    results = sim.run(scenario, runs=1, record="summary", engine=job["engine"])
    return {"rows": len(results.runs)}


def memory(job: dict[str, Any]) -> dict[str, float]:
    """Seconds that some runs took on all cores; who started the process watches its memory."""
    import sim

    scenario = sim.load(job["scenario"], job["overrides"])
    start = perf_counter()
    results = sim.run(scenario, runs=job["runs"], record="summary")
    seconds = perf_counter() - start
    size = sum(file.stat().st_size for file in results.path.rglob("*") if file.is_file())
    return {"seconds": seconds, "bytes": size}


def hotspots(job: dict[str, Any]) -> dict[str, Any]:
    """Where a compiled week's time goes."""
    from experiments.benchmark.hotspots import hotspots as found
    from sim.scenario import load

    return found(load(job["scenario"], job["overrides"]))


def parts(job: dict[str, Any]) -> dict[str, float]:
    """Processor seconds of a job by part."""
    from experiments.benchmark.parts import job_by_part

    return job_by_part(job["scenario"], job["overrides"], job["runs"])


def small(job: dict[str, Any]) -> dict[str, float]:
    """Processor milliseconds of one run, and of a point of a sweep."""
    from experiments.benchmark.parts import small_jobs

    return small_jobs(job["scenario"], job["overrides"])


KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "compiling": compiling,
    "first": first,
    "memory": memory,
    "hotspots": hotspots,
    "parts": parts,
    "small": small,
}


def main() -> int:
    """Measure one thing."""
    job = json.loads(sys.argv[1])
    os.sched_setaffinity(0, job["cores"])  # before a library counts the cores that it may use
    print(json.dumps(KINDS[job["what"]](job)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
