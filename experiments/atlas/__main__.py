"""`python -m experiments.atlas [scenario=all] [runs=24] [seed=0] [workers=0]`.

Simulates a grid of worlds and writes them as one HTML file, `results/atlas/<scenario>.html`:
sliders, two worlds beside each other, and what of their difference is luck. The file opens by a
double-click and asks for nothing from anywhere. `scenario=` takes names of
`experiments/atlas/worlds.py` with commas, or `all`; a world takes half a minute of one core.

Exit code 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

from experiments.atlas.grid import simulate
from experiments.atlas.page import atlas_page
from experiments.atlas.worlds import WORLDS
from experiments.keys import exit_code
from sim.results.store import atomic_write

DEFAULTS = {"scenario": "all", "runs": 24, "seed": 0, "workers": 0}
LEAST = {"runs": 8, "workers": 0}


def report(scenario: str, runs: int, seed: int, workers: int) -> int:
    """Write the atlas of a world, or of all; return the exit code.

    Args:
        scenario: Names of worlds with commas, or `all`.
        runs: How many runs per combination of answers.
        seed: The master seed.
        workers: Processes; 0 for all cores.
    """
    out = Path("results", "atlas")
    out.mkdir(parents=True, exist_ok=True)
    names = scenario.split(",")
    for name in WORLDS if "all" in names else names:
        page = atlas_page(simulate(WORLDS[name], runs, seed, workers or None))
        with atomic_write(out / f"{name}.html") as file:
            file.write(page.encode())
        print(f"{out / f'{name}.html'}: {len(page.encode()) / 1e6:.1f} MB")
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(
        arguments, __doc__, report, DEFAULTS, LEAST, lists={"scenario": [*WORLDS, "all"]}
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
