"""`python -m experiments.efficiency [runs=256] [weeks=26] [rounds=2] [engine=reference]`.

How well do two workers of Dask share a job? A scheduler with one worker and one with two are
started on this machine, a thread each, and joined as any running scheduler is. Both run the
default scenario, first some runs that are not counted, then in turn, `rounds` times. With t1 and t2
the medians of the seconds that one and two workers took, the efficiency is t1 / (2 t2): 1 if two
take half the time.

It needs two cores that do nothing else. Exit code 2 for a key or a value that does not fit.
"""

import sys
import time
from contextlib import ExitStack
from statistics import median

import sim
from experiments.keys import exit_code
from sim.ensemble.workers import worker_surroundings
from sim.scenario import Scenario

DEFAULTS = {"runs": 256, "weeks": 26, "rounds": 2, "engine": "reference"}
LEAST = {"runs": 2}
WORKERS = (1, 2)


def seconds(scenario: Scenario, runs: int, seed: int, engine: str, address: str) -> float:
    """Time a job on the workers of a scheduler.

    Args:
        scenario: What is simulated.
        runs: How many.
        seed: The master seed.
        engine: As of `sim.run`.
        address: Of the scheduler.
    """
    begin = time.perf_counter()
    cluster = {"kind": "tcp", "address": address}
    sim.run(scenario, runs, seed, "summary", engine, progress=False, cluster=cluster)
    return time.perf_counter() - begin


def measured(runs: int, weeks: int, rounds: int, engine: str) -> dict[int, float]:
    """Return the median of the seconds that a job takes, by number of workers.

    Args:
        runs: Of the job.
        weeks: Of each run.
        rounds: How often each number of workers is timed.
        engine: As of `sim.run`.
    """
    from distributed import LocalCluster

    scenario = sim.load("northeast_asia_2023", [f"weeks={weeks}"])
    with worker_surroundings(), ExitStack() as clusters:
        at = {
            workers: clusters.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                )
            ).scheduler_address
            for workers in WORKERS
        }
        for workers in WORKERS:  # a worker imports and compiles with its first part
            seconds(scenario, min(runs, 32 * workers), 1, engine, at[workers])
        took: dict[int, list[float]] = {workers: [] for workers in WORKERS}
        for _ in range(rounds):
            for workers in WORKERS:
                took[workers].append(seconds(scenario, runs, 0, engine, at[workers]))
    return {workers: median(several) for workers, several in took.items()}


def report(runs: int, weeks: int, rounds: int, engine: str) -> int:
    """Measure and print; return the exit code.

    Args:
        runs: Of the job.
        weeks: Of each run.
        rounds: How often each number of workers is timed.
        engine: As of `sim.run`.
    """
    took = measured(runs, weeks, rounds, engine)
    print(f"{runs} runs of {weeks} weeks, engine {engine}, median of {rounds}")
    for workers, each in took.items():
        print(f"{workers} worker{'s' if workers > 1 else ''}: {each:.2f} s")
    print(f"efficiency of two workers: {took[1] / (2 * took[2]):.2f}")
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, LEAST, needs="distributed")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
