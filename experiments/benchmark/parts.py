"""What a job costs by part, and what small jobs cost: processor time of one process."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

RECORD = "full"
REPEATS = 5
POINTS = 1_000
"""Points of the sweep, of one run each."""
SWEPT = "rules.watch.detection"


def job_by_part(name: str, overrides: list[str], runs: int) -> dict[str, float]:
    """Return the processor seconds of a job by part, from the start of this process on.

    Args:
        name: The scenario.
        overrides: What is changed of it.
        runs: How many runs of it.
    """
    from sim.engines import compiled
    from sim.ensemble.job import Job
    from sim.ensemble.plan import single_plan
    from sim.plots import draw
    from sim.results.record import tables
    from sim.results.results import Results
    from sim.results.store import prepare, write_part
    from sim.scenario import load

    scenario = load(name, overrides)
    job = Job(single_plan(scenario), runs, 0, 0, RECORD, "compiled")
    compiled.compiled_program(scenario, RECORD)
    seconds = {"start": process_time()}

    def timed(part: str, work: Callable[[], Any]) -> Any:
        before = process_time()
        made = work()
        seconds[part] = seconds.get(part, 0.0) + process_time() - before
        return made

    with TemporaryDirectory() as folder:
        path = Path(folder, "job")
        timed("write", lambda: prepare(path, job.manifest()))
        for part in job.parts:
            point, run = job.cases(part)
            given = scenario, job.seed, run.tolist(), RECORD, job.plan.points(point)
            traces = timed("simulate", lambda given=given: compiled.simulate(*given))
            made = timed("tables", lambda traces=traces: tables(scenario, RECORD, traces))
            timed("write", lambda part=part, made=made: write_part(path, part, made, job.digest))
        timed("pages", lambda: draw.pages(Results(path), path))
    return seconds


def small_jobs(name: str, overrides: list[str]) -> dict[str, float]:
    """Return the processor milliseconds of one run, and of a point of a sweep of one run each.

    The program is loaded before. Of both, what the engine alone takes stands beside.

    Args:
        name: The scenario.
        overrides: What is changed of it.
    """
    import sim
    from sim.engines import compiled

    scenario, record = sim.load(name, overrides), "summary"
    size = compiled.compiled_program(scenario, record).size
    values = [n / (20.0 * POINTS) for n in range(POINTS)]

    def milliseconds(work: Callable[[int], Any]) -> float:
        took = []
        for seed in range(-1, REPEATS):
            before = process_time()
            work(max(seed, 0))
            took.append(1e3 * (process_time() - before))
        return median(took[1:])

    def run(seed: int) -> Any:
        return sim.run(scenario, runs=1, seed=seed, record=record, workers=1, progress=False)

    def sweep(seed: int) -> Any:
        given = {"runs": 1, "seed": seed, "record": record, "workers": 1, "progress": False}
        return sim.sweep(scenario, {SWEPT: values}, **given)

    block = milliseconds(lambda seed: compiled.simulate(scenario, seed, range(size), record))
    return {
        "run": milliseconds(run),
        "run_engine": milliseconds(lambda seed: compiled.simulate(scenario, seed, [0], record)),
        "point": milliseconds(sweep) / POINTS,
        "point_engine": block / size,
    }
