"""`python -m experiments.coverage data=DIR [runs=200] [seed=0] [workers=1]`: losses and claims.

Simulates the default scenario and asks whether the claimed losses of each month to August 2024 lie
in the 90 % band of what was simulated times the claim's bias; the same of changes from month to
month, and how much weeks and months differ. Reads rus_losses_claimed_daily_cumulative.csv in the
folder; where it is not there, says so and ends with code 0, since the data is not part of armsflow.

Exit code 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

import sim
from experiments.keys import exit_code
from sim.studies.coverage import FILE, claimed, coverage, lines, lost

DEFAULTS = {"runs": 200, "seed": 0, "workers": 1}
HERE = "data="


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    folders = [word.removeprefix(HERE) for word in arguments if word.startswith(HERE)]
    path = Path(folders[-1] if folders else ".").expanduser() / FILE

    def report(runs: int, seed: int, workers: int) -> int:
        if not path.is_file():
            print(f"skipped: {path} is not there; data=DIR names the folder that holds it")
            return 0
        scenario = sim.load("northeast_asia_2023")
        found = coverage(claimed(path), lost(scenario, runs, seed, workers), scenario.spec.start)
        print("\n".join(lines(found)))
        return 0

    others = [word for word in arguments if not word.startswith(HERE)]
    return exit_code(others, __doc__, report, DEFAULTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
