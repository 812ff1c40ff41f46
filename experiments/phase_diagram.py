"""`python -m experiments.phase_diagram [diagram=NAME] [cells=15] [out=results/phases]`.

Two parameters, the long-run regime that runs show as colour, theory's boundary over it: richardson
(stability), benhabib_spiegel (threshold), lanchester (parity), first_strike (the cone of mutual
deterrence). Without a name, all four. Exit code 1 if a cell off the boundary shows another regime.

Any two numbers of any scenario, coloured by a summary metric (a column of a job's table of runs):

    python -m experiments.phase_diagram scenario=northeast_asia_2023 metric=militarised_mean
        x=rules.escalate.one:0:1 y=rules.escalate.deterrence:0:1 runs=4 cells=8 weeks=52

Other keys: seed=0 workers=2. Whatever else has a value is an override of that scenario.
"""

import sys
import time
from pathlib import Path

from experiments.keys import whole_number
from sim.scenario import ScenarioError, load
from sim.scenario.problems import nearest
from sim.studies.limits.limit import Runner
from sim.studies.limits.phases import DIAGRAMS, Axis, Summary, draw, draw_summary

WHOLE = {"cells": 15, "seed": 0, "workers": 2, "runs": 4}
LEAST = {"cells": 2, "seed": 0, "workers": 1, "runs": 1}
TEXTS = ("diagram", "out", "scenario", "metric", "x", "y")


def axis(text: str) -> Axis:
    """Parse an axis, `path:low:high`.

    Raises:
        ValueError: It is not of that form.
    """
    parts = text.split(":")
    try:
        path, low, high = parts[0], float(parts[1]), float(parts[2])
    except (IndexError, ValueError):
        raise ValueError(f"{text}: not of the form path:low:high") from None
    if not low < high or len(parts) > 3:
        raise ValueError(f"{text}: not of the form path:low:high, low below high")
    return Axis(path, low, high, path)


def read(arguments: list[str]) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Read whole numbers and texts by key, and overrides.

    Raises:
        ValueError: A value does not fit.
    """
    numbers, texts, overrides = dict(WHOLE), {"out": "results/phases"}, []
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in WHOLE:
            numbers[key] = whole_number(key, value, LEAST[key])
        elif key in TEXTS:
            texts[key] = value
        else:
            overrides.append(argument)
    return numbers, texts, overrides


def main(arguments: list[str]) -> int:
    """Simulate and draw; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    try:
        return run(*read(arguments))
    except (ScenarioError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


def run(numbers: dict[str, int], texts: dict[str, str], overrides: list[str]) -> int:
    """Draw the diagrams that are chosen; return the exit code.

    Args:
        numbers: By key: cells per axis, seed, workers, runs per cell.
        texts: By key: those of TEXTS that are given.
        overrides: Of the scenario.

    Raises:
        ValueError: There is no such diagram, or a key is missing.
    """
    out, runner = Path(texts["out"]), Runner(seed=numbers["seed"])
    out.mkdir(parents=True, exist_ok=True)
    cells, workers = numbers["cells"], numbers["workers"]
    if "scenario" in texts:
        lacking = [key for key in ("metric", "x", "y") if key not in texts]
        if lacking:
            raise ValueError(f"scenario: also needs {', '.join(lacking)}")
        scenario, metric = load(texts["scenario"], overrides), texts["metric"]
        path = out / f"{scenario.name}_{metric}.png"
        summary = Summary(metric, numbers["runs"])
        draw_summary(
            scenario, axis(texts["x"]), axis(texts["y"]), summary, cells, runner, workers, path
        )
        print(path)
        return 0
    if overrides:
        raise ValueError(f"{overrides[0]}: an override needs its scenario=NAME")
    names = [texts["diagram"]] if "diagram" in texts else list(DIAGRAMS)
    wrong = 0.0
    for name in names:
        if name not in DIAGRAMS:
            raise ValueError(f"diagram: there is no '{name}'{nearest(name, DIAGRAMS)}")
        start = time.perf_counter()
        share = draw(DIAGRAMS[name], cells, runner, workers, out / f"{name}.png")
        wrong = max(wrong, share)
        verdict = "ok  " if share == 0.0 else "FAIL"
        print(f"{verdict} {name}: {share:.1%} of the cells off the boundary are not as theory says")
        print(f"     {out / name}.png, {time.perf_counter() - start:.0f} s")
    return 1 if wrong > 0.0 else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
