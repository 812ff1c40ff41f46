"""`python -m experiments.plausibility [runs=400] [seed=0] [workers=2] [strict=1]`.

Is the default scenario plausible? Prints a line per finding: verdict, number, interval and the
range wanted. The whole interval must lie in it; with strict=0, for few runs, a part of it. Exit
code 1 if a finding fails, 2 for a key or a value that does not fit.
"""

import sys
import time

from experiments.keys import exit_code
from sim.studies.plausibility import findings

DEFAULTS = {"runs": 400, "seed": 0, "workers": 2, "strict": 1}
LEAST = {"strict": 0}


def report(runs: int, seed: int, workers: int, strict: int) -> int:
    """Simulate, and print the findings; return the exit code.

    Args:
        runs: Of each variant.
        seed: The master seed.
        workers: Processes.
        strict: 1: the whole interval must lie in the range wanted; 0: a part of it.
    """
    start = time.perf_counter()
    lines = findings(runs, seed, workers=workers)
    for line in lines:
        print(line.text(strict > 0))
    failed = sum(not line.holds(strict > 0) for line in lines)
    took = time.perf_counter() - start
    verdict = "hold" if strict else "are not contradicted (strict=0)"
    print(f"{len(lines) - failed} of {len(lines)} {verdict}, {runs} runs, {took:.0f} s")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, LEAST)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
