"""`python -m experiments.benchmark [out=results/benchmark] [docs=false] [quick=false] ...`.

What a week of a run costs: the engines beside the Mesa peer. Prints a table and leaves
performance.json in the folder `out`; performance.md and performance.png too, unless it is quick.

  memory=30000    the largest number of runs whose memory is watched
  docs=true       write the three files to docs/ as well
  quick=true      four states, three short rounds: seconds

Under ten minutes on two cores that do nothing else. Exit code 2 for a key or a value that does not
fit.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments.benchmark import costs
from experiments.benchmark.machine import PACKAGES, ROOT, lines, load, machine, processor_time
from experiments.benchmark.numbers import table
from experiments.benchmark.page import page
from experiments.benchmark.speed import A_SAMPLE, ROUNDS, speed

DEFAULTS = {"out": "results/benchmark", "memory": "30000", "docs": "false", "quick": "false"}
DEFAULT = {"scenario": "northeast_asia_2023", "overrides": ["weeks=52"]}
STATES = (4, 8, 20, 32, 64, 128, 200, 300)
FEWER_WEEKS = 64
"""From so many states on a run has half a year: the peer's luck, ready as numbers, fills memory."""


def main(arguments: list[str]) -> int:
    """Measure, print, write."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    chosen, problem = _chosen(arguments)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    found = surrounded(quick if chosen["quick"] == "true" else lambda: whole(int(chosen["memory"])))
    print("\n".join(table(found)))
    folders = [Path(chosen["out"])] + ([ROOT / "docs"] if chosen["docs"] == "true" else [])
    for folder in folders:
        written(found, folder, pages=chosen["quick"] == "false")
    print(f"\n{folders[0] / 'performance.json'}, {found['took']:.0f} s")
    return 0


def _chosen(arguments: list[str]) -> tuple[dict[str, str], str]:
    """The value of each key, and what is wrong with them."""
    chosen = dict(DEFAULTS)
    for argument in arguments:
        key, _, value = argument.partition("=")
        fits = {
            "out": bool(value),
            "memory": value.isdecimal() and 0 < int(value) < 2**31,
            "docs": value in ("true", "false"),
            "quick": value in ("true", "false"),
        }
        if not fits.get(key, False):
            return chosen, f"{argument}: takes out=DIR, memory=RUNS, docs=true, quick=true"
        chosen[key] = value
    if chosen["docs"] == chosen["quick"] == "true":
        return chosen, "docs: a quick look is not for the documents"
    return chosen, ""


def world(states: int) -> dict[str, Any]:
    """The synthetic world of so many states."""
    weeks = 52 if states < FEWER_WEEKS else 26
    return {"scenario": "synthetic", "overrides": [f"generate.states={states}", f"weeks={weeks}"]}


def quick() -> dict[str, Any]:
    """The smallest world alone."""
    with tempfile.TemporaryDirectory() as programs:
        return {"sizes": [size(world(4), programs, rounds=3, seconds=0.02)]}


def whole(most_runs: int) -> dict[str, Any]:
    """Everything."""
    with tempfile.TemporaryDirectory() as programs:
        return {
            "sizes": [size(scenario, programs) for scenario in (DEFAULT, *map(world, STATES))],
            "compiling": costs.compiling(DEFAULT),
            "starting": costs.starting(DEFAULT),
            "memory": costs.memory(DEFAULT, sorted({*costs.MEMORY, most_runs}), programs),
            "job": costs.parts(DEFAULT, costs.A_JOB, programs),
            "hotspots": costs.hotspots(DEFAULT),
        }


def surrounded(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was measured, on what, and what else the machine did meanwhile."""
    told = {"machine": machine(), "packages": PACKAGES, "lines": lines()}
    told |= {"load": load(), "nice": os.nice(0), "a_sample": A_SAMPLE}
    began, (all_before, ours_before) = time.perf_counter(), processor_time()
    found = measure()
    took, (all_after, ours_after) = time.perf_counter() - began, processor_time()
    others = all_after - all_before - (ours_after - ours_before)
    share = max(0.0, others / took / told["machine"]["cores"])
    return {**told, "took": took, "others": share, **found}


def size(
    scenario: Mapping[str, Any], programs: str, rounds: int = ROUNDS, **more: float
) -> dict[str, Any]:
    """The speed of all contestants on a scenario, and how large it is."""
    import sim
    from sim.engines.blocks import block

    made = sim.load(scenario["scenario"], scenario["overrides"])
    states, relations = len(made.states), made.built.params.relations
    return {
        "scenario": made.name,
        "states": states,
        "routes": len(made.routes),
        "pairs": len(made.pairs),
        "stakes": float((relations.stake > 0.0).sum() / (states * (states - 1))),
        "weeks": made.weeks,
        "block": block(states),
        **speed(scenario, made.weeks, programs, rounds, **more),
    }


def written(found: Mapping[str, Any], folder: Path, pages: bool) -> None:
    """Writes what was found, and what is made of it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "performance.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if pages:
        from experiments.benchmark.figure import figure

        (folder / "performance.md").write_text(page(found), "utf-8")
        figure(found, folder / "performance.png")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
