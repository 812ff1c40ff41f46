"""`python -m experiments.credence [runs=1000] [seed=0] [workers=1]`: do beliefs learn?

Simulates the default scenario with every state at each crisis desk in turn, and asks of the last
week whether states that are believed hard at p are hard in a share p of cases. Prints per desk the
Brier score beside the prior's, the correlation of what was learnt with the type, and the
reliability curve with its 99.9 % intervals; draws the curves as results/credence.png.

Exit code 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

import sim
from experiments.keys import exit_code
from sim.studies.credence import DESKS, beliefs, following, lines, page

DEFAULTS = {"runs": 1000, "seed": 0, "workers": 1}


def report(runs: int, seed: int, workers: int) -> int:
    """Simulate each desk, print what was believed and draw it; return the exit code.

    Args:
        runs: Of each desk.
        seed: The master seed.
        workers: Processes.
    """
    scenario = sim.load("northeast_asia_2023")
    found = {desk: beliefs(following(scenario, desk), runs, seed, workers) for desk in DESKS}
    for desk, held in found.items():
        print("\n".join(lines(desk, held)))
    path = Path("results") / "credence.png"
    path.parent.mkdir(exist_ok=True)
    print(page(found, f"{scenario.name}, {runs} runs of each desk, seed {seed}, last week", path))
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
