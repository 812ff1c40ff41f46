"""`python -m experiments.limits [limit=NAME] [KEY=VALUE ...]`: the classic models, as limits.

Each limit is a shipped scenario, `limit_<name>`. Prints a line per quantity: verdict, what theory
predicts, what runs of the shipped rules gave, and the error or the interval that must hold theory.

    limit=NAME            one of them; any other key is an override of its scenario, from which
                          theory states its own expectation: limit=richardson weeks=3000
    runs=N                runs of each, where chance plays a part; as many as each needs
    seed=0 workers=2      the master seed; processes
    engine=auto           reference, compiled; plain-Python deviations need auto or reference
    drawn=0               so many more parameter sets of each, drawn from its ranges
    page=results/limits.png   a figure of them all, of all limits alone; page=none for none

Exit code 1 if one fails, 2 for a key or a value that does not fit.
"""

import sys
import time
from pathlib import Path
from typing import Any

from experiments.keys import whole_number
from sim.scenario import ScenarioError
from sim.studies.limits.report import Choice, report

WHOLE = {"runs": 1, "seed": 0, "workers": 1, "drawn": 0}
"""Keys with whole numbers, and the least of each."""


def choice(arguments: list[str]) -> Choice:
    """Read the command line.

    Raises:
        ValueError: A value does not fit.
    """
    chosen: dict[str, Any] = {}  # each of the type of its field
    overrides = []
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in WHOLE:
            chosen[key] = whole_number(key, value, WHOLE[key])
        elif key == "page":
            chosen[key] = None if value == "none" else Path(value)
        elif key in ("limit", "engine"):
            chosen[key] = value
        else:
            overrides.append(argument)
    return Choice(**chosen, overrides=tuple(overrides))


def main(arguments: list[str]) -> int:
    """Hold the limits against runs, print and draw them."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    start = time.perf_counter()
    try:
        chosen = choice(arguments)
        held, total = report(chosen, print)
    except (ScenarioError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{held} of {total} hold, {time.perf_counter() - start:.0f} s")
    return 0 if held == total else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
