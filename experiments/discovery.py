"""`python -m experiments.discovery results=DIR metric=NAME above=X|below=X [KEY=VALUE ...]`.

Scenario discovery: in which part of the inputs of some stored runs a metric is above, or below, a
number. Inputs are what was swept and the priors that each run drew. Prints boxes with coverage,
density and quasi-p-values, on the runs searched and on a quarter held out, and draws the way to
each and its limits.

    metric=NAME     a column of the table of runs: disputes_mean
    above=X below=X one of them: which runs are of interest
    boxes=1         at most so many
    density=X       the box with the most coverage that is so dense; if not given, the one with the
                    largest harmonic mean of coverage and density
    seed=0          of which runs are held out
    out=DIR         results/.../discovery if not given

Exit code 2 for a key or a value that does not fit, 1 if no box was found.
"""

import sys
from pathlib import Path

from sim.analysis.discovery import (
    FEWEST_RUNS_FOR_PRIORS,
    Box,
    Discovery,
    discover,
    has_priors,
    write,
)
from sim.plots.discovery import figures
from sim.results.results import open_results
from sim.results.store import OutputError

TEXTS = ("results", "metric", "out")
REAL = ("above", "below", "density")
WHOLE = ("boxes", "seed")


def read(arguments: list[str]) -> tuple[dict[str, str], dict[str, float], dict[str, int]]:
    """Read texts, real numbers and whole numbers, by key.

    Raises:
        ValueError: With everything that is wrong.
    """
    texts: dict[str, str] = {}
    real: dict[str, float] = {}
    whole: dict[str, int] = {}
    wrong = []
    for argument in arguments:
        key, _, value = argument.partition("=")
        try:
            if key in TEXTS:
                texts[key] = value
            elif key in REAL:
                real[key] = float(value)
            elif key in WHOLE:
                whole[key] = int(value)
            else:
                wrong.append(f"{argument}: takes {', '.join((*TEXTS, *REAL, *WHOLE))}")
        except ValueError:
            wrong.append(f"{key}: {value!r} is not a {'whole ' if key in WHOLE else ''}number")
    wrong += [f"{key}: is missing" for key in ("results", "metric") if key not in texts]
    if wrong:
        raise ValueError("\n".join(wrong))
    return texts, real, whole


def main(arguments: list[str]) -> int:
    """Seek, print and draw."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    try:
        texts, real, whole = read(arguments)
        results = open_results(texts["results"])
        found = discover(results, texts["metric"], **real, **whole)
    except (OutputError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(lines(found)))
    if not found.boxes:
        return 1
    folder = Path(texts["out"]) if "out" in texts else results.path / "discovery"
    for path in [*write(found, folder), *figures(found, folder)]:
        print(path)
    return 0


def lines(found: Discovery) -> list[str]:
    """Return what is printed."""
    report = [f"{found.criterion}: {found.share:.1%} of {found.runs} runs"]
    if not has_priors(found.results):
        report.append(f"priors are not inputs: that takes {FEWEST_RUNS_FOR_PRIORS} runs per point")
    for number, box in enumerate(found.boxes):
        report += ["", f"box {number}", *_judged(box)]
        if box.held_out.density[1] <= found.share:
            report.append("  on runs held out it may be no denser than all runs: it follows noise")
        width = max(len(limit.path) for limit in box.limits) + 2
        for limit in box.limits:
            p = " ".join(f"{p:.1g}" for p in limit.quasi_p if p == p)
            report.append(f"  {limit.path:<{width}}{limit!s:<30} quasi-p {p}")
    if not found.boxes:
        report.append("no box: no part of the inputs holds more of them than its share")
    return report


def _judged(box: Box) -> list[str]:
    return [
        f"  {name:<14} coverage {_share(runs.coverage)}, density {_share(runs.density)}, "
        f"{runs.inside} runs"
        for name, runs in (("searched", box.searched), ("held out", box.held_out))
    ]


def _share(ends: tuple[float, float, float]) -> str:
    return "{:.0%} [{:.0%}, {:.0%}]".format(*ends)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
