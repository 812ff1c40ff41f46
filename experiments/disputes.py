"""`python -m experiments.disputes [runs=20] [seed=0] [workers=1]`: disputes beside the record.

Simulates synthetic worlds of 20 and of 60 states, three of each size, and the default scenario,
and prints how many militarised disputes have which highest level, how long they last, how many a
rivalry has per year, and how long wars last, beside the record of 1816-1989 (COW).

    runs=    of each synthetic world; the default scenario has ten times as many

Exit code 2 for a key or a value that does not fit.
"""

import sys

import sim
from experiments.keys import exit_code
from sim.results.results import Results
from sim.studies.disputes import record_lines

DEFAULTS = {"runs": 20, "seed": 0, "workers": 1}
SIZES = (20, 60)
WORLDS = 3
"""Synthetic worlds of each size."""


def report(runs: int, seed: int, workers: int) -> int:
    """Simulate the worlds and print how their disputes stand beside the record.

    Args:
        runs: Of each synthetic world.
        seed: The master seed.
        workers: Processes.
    """

    def simulate(scenario: sim.Scenario, count: int) -> Results:
        return sim.run(scenario, count, seed, record="weekly", engine="compiled", workers=workers)

    for size in SIZES:
        worlds = [
            sim.load("synthetic", [f"generate.states={size}", f"generate.seed={number}"])
            for number in range(WORLDS)
        ]
        print(f"{WORLDS} synthetic worlds of {size} states, {runs} runs each")
        print("\n".join(record_lines([simulate(world, runs) for world in worlds])))
    scenario = sim.load("northeast_asia_2023")
    print(f"{scenario.name}, {10 * runs} runs")
    print("\n".join(record_lines([simulate(scenario, 10 * runs)])))
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
