"""`python -m experiments.channels [runs=400] [seed=0] [workers=1] [write=false]`: what moves what?

Simulates the default scenario with each of a dozen levers (transfers, lessons, exercises,
enforcement, secrecy, posture, a protector's force, nuclear technology, visits, denial, arms) and
prints their paired effects on stocks, losses, tension, presses, disputes, wars and payoffs, with
95 % intervals; then, with nothing ever detected, what arms do to conduct.

    write=true     store both tables in docs/channels.md

Exit code 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

import sim
from experiments.keys import exit_code
from sim.studies.channels import DEFAULT, page

DEFAULTS = {"runs": 400, "seed": 0, "workers": 1}
LEAST = {"runs": 2}
PAGE = Path(__file__).parents[1] / "docs" / "channels.md"


def report(runs: int, seed: int, workers: int, write: bool) -> int:
    """Simulate all levers and print or store the tables; return the exit code.

    Args:
        runs: With and without each lever.
        seed: The master seed.
        workers: Processes.
        write: Whether to store the tables.
    """
    text = page(sim.load(DEFAULT), runs, seed, workers)
    if write:
        PAGE.write_text(text, encoding="utf-8")
        print(PAGE.name)
    else:
        print(text)
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    writes = "write=true" in arguments
    rest = [argument for argument in arguments if argument not in ("write=true", "write=false")]
    return exit_code(
        rest,
        __doc__,
        lambda runs, seed, workers: report(runs, seed, workers, writes),
        DEFAULTS,
        LEAST,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
