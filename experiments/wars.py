"""`python -m experiments.wars [worlds=1000] [seed=0] [workers=1]`: do all wars end?

Simulates synthetic worlds of six states, each with its first rivals at war from the start, until
every war that began within three years is over, and prints how long they lasted and how they ended,
beside the record of 1816-1989 (COW). Draws the durations as results/wars.png and stores every war
in results/wars.csv. A thousand worlds take twenty minutes of one core.

Exit code 1 if a war goes on for a hundred years, 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

from experiments.keys import exit_code
from sim.studies.wars import draw, lines, wars

DEFAULTS = {"worlds": 1000, "seed": 0, "workers": 1}


def report(worlds: int, seed: int, workers: int) -> int:
    """Simulate the worlds and print how long their wars last.

    Args:
        worlds: How many.
        seed: The master seed.
        workers: Processes.
    """
    table = wars(worlds, seed, workers)
    out = Path("results")
    out.mkdir(exist_ok=True)
    table.to_csv(out / "wars.csv", index=False)
    draw(table, out / "wars.png")
    print(f"{worlds} worlds, of them {table['world'].nunique()} with a war")
    print("\n".join(lines(table)))
    print(f"{out / 'wars.png'}, {out / 'wars.csv'}")
    return 1 if (table["end"] == "goes on").any() else 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
