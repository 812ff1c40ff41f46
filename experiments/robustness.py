"""`python -m experiments.robustness [runs=128] [points=32] [seed=0] [workers=1] [out=DIR]`.

Which conclusions stand? Ready counterfactuals of the default scenario, paired run by run: as
shipped, under the posterior, without dated events, under rival forms of single rules, and with
every free number of the rules moved by up to a quarter at once. Prints a table and writes it to
`out` (results/robustness): robustness.md and robustness.json. Five minutes of one core.

Exit code 2 for a key or a value that does not fit.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from experiments.keys import exit_code
from sim.results.store import atomic_write
from sim.scenario.load import loaded
from sim.studies.robustness import QUESTIONS, conclusions, markdown

TEXTS = {"out": "results/robustness"}
DEFAULTS: dict[str, int | str] = TEXTS | {"runs": 128, "points": 32, "seed": 0, "workers": 1}
LEAST = {"runs": 8, "points": 4}


def report(runs: int, points: int, seed: int, workers: int, out: str) -> int:
    """Try the conclusions, print and write the table; return the exit code.

    Args:
        runs: How many runs of each world and form.
        points: Of the design in which all numbers move.
        seed: The master seed.
        workers: Processes.
        out: The folder that is written.
    """
    every = conclusions(loaded(), runs, points, seed, workers)
    found = list(tqdm(every, "conclusions", len(QUESTIONS), disable=None))
    lines = markdown(found)
    print("\n".join(lines))
    content = {
        "runs": runs,
        "points": points,
        "seed": seed,
        "conclusions": [
            asdict(one) | {"verdicts": {form: one.verdict(form) for form in one.effects}}
            for one in found
        ],
    }
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "robustness.md": "\n".join(lines) + "\n",
        "robustness.json": json.dumps(content, indent=1),
    }
    for name, text in texts.items():
        with atomic_write(folder / name) as file:
            file.write(text.encode())
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, LEAST, texts=TEXTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
