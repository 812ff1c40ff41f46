"""`python -m experiments.deterrence [runs=1000] [seed=0] [workers=1]`: does deterrence hold?

Simulates the default scenario as shipped, without what holds states back, without nuclear restraint
alone, without provocation by exercises, and with every state at each crisis desk in turn, all with
common random numbers. Prints

- the probability that a run sees a war between two states with nuclear arms, and any new war;
- new disputes by the highest level they reached, beside the record of 1816-1989 (COW);
- those between two nuclear states, with and without nuclear restraint: war, and what lies below;
- deterrence success: of the presses that would come if nobody were believed to resist, the share
  that did not come;
- every pair of desks, run by run.

Exit code 2 for a key or a value that does not fit.
"""

import sys
import time

import sim
from experiments.keys import exit_code
from sim.studies.deterrence import report_lines, simulate, variants

DEFAULTS = {"runs": 1000, "seed": 0, "workers": 1}
LEAST = {"runs": 2}


def report(runs: int, seed: int, workers: int) -> int:
    """Simulate the variants and print what they show; return the exit code.

    Args:
        runs: Of each variant.
        seed: The master seed.
        workers: Processes.
    """
    start = time.perf_counter()
    by_variant = simulate(variants(sim.load("northeast_asia_2023")), runs, seed, workers)
    print("\n".join(report_lines(by_variant)))
    print(f"\n{runs} runs of each, {time.perf_counter() - start:.0f} s")
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, LEAST)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
