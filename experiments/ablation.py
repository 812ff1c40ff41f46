"""`python -m experiments.ablation [KEY=VALUE ...]`: each term of the rules off in turn; what moves?

The same runs are simulated as shipped and without each term (a coefficient at the value where it
has no effect), with common random numbers, and compared run by run. Prints a line per term, the
largest effect first: how many metrics moved, and by how many standard deviations over runs. Writes
the figure, all comparisons and the table.

    runs=400 seed=0       of each
    workers=1             processes
    engine=auto           reference, compiled
    phases=escalate,watch     only the terms of these rules
    metrics=disputes_mean,... other columns of the table of runs
    out=results/ablation  ablation.png, effects.csv, ablation.md
    scenario=NAME         not the default; whatever else has a value is an override of it

Hundreds of comparisons are made: intervals are so wide that all hold together with 95 %. Changes
below a twentieth of a standard deviation are left out, however sure they are.
Exit code 2 for a key or a value that does not fit.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.documents.ablation import document
from experiments.keys import whole_number
from sim.ensemble.run import run
from sim.results.results import Results
from sim.results.store import atomic_write
from sim.scenario import Scenario, ScenarioError, load
from sim.scenario.problems import nearest
from sim.studies.ablation import NAMES, chosen, effects, known, measured, page, rows

WHOLE = {"runs": 400, "seed": 0, "workers": 1}
LEAST = {"runs": 20, "seed": 0, "workers": 1}
TEXTS = {"scenario": "northeast_asia_2023", "engine": "auto", "out": "results/ablation"}
LISTS = ("phases", "metrics")


@dataclass(frozen=True)
class Request:
    """What a command line chooses: numbers, texts and lists by key, and overrides."""

    numbers: dict[str, int]
    texts: dict[str, str]
    lists: dict[str, list[str]]
    overrides: list[str]

    def scenario(self) -> Scenario:
        """Return the scenario as shipped, with the overrides."""
        return load(self.texts["scenario"], self.overrides)

    def metrics(self, scenario: Scenario) -> list[str]:
        """Return the metrics to compare.

        Raises:
            ValueError: The scenario has no such metric.
        """
        there = known(scenario)
        for name in self.lists["metrics"]:
            if name not in there:
                raise ValueError(f"metrics: there is no '{name}'{nearest(name, there)}")
        return self.lists["metrics"] or [name for name in NAMES if name in there]

    def simulate(self, scenario: Scenario) -> Results:
        """Run a scenario."""
        engine = self.texts["engine"]
        return run(scenario, record="summary", engine=engine, progress=False, **self.numbers)


def parsed(arguments: list[str]) -> Request:
    """Read the command line.

    Raises:
        ValueError: A value does not fit.
    """
    found = Request(dict(WHOLE), dict(TEXTS), {key: [] for key in LISTS}, [])
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in WHOLE:
            found.numbers[key] = whole_number(key, value, LEAST[key])
        elif key in TEXTS:
            found.texts[key] = value
        elif key in LISTS:
            found.lists[key].extend(value.split(","))
        else:
            found.overrides.append(argument)
    out = Path(found.texts["out"])
    if out.exists() and not out.is_dir():
        raise ValueError(f"out: {out} is not a folder")
    return found


def main(arguments: list[str]) -> int:
    """Simulate, compare, print, draw."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    start = time.perf_counter()
    try:
        job = parsed(arguments)
        scenario = job.scenario()
        metrics, switches = job.metrics(scenario), list(chosen(job.lists["phases"]))
        before = measured(job.simulate(scenario), metrics)
        after = {
            switch.name: measured(job.simulate(scenario.with_(*switch.overrides)), metrics)
            for switch in switches
        }
        found = effects(before, after)
    except (ScenarioError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for name, count, text in rows(found):
        print(f"{name:34} {count:>9}   {text}")
    moved, of = int(found.moved.sum()), found.moved.size
    print(f"\n{moved} of {of} comparisons moved; all intervals hold together with 95 %")
    out = Path(job.texts["out"])
    out.mkdir(parents=True, exist_ok=True)
    with atomic_write(out / "effects.csv") as file:
        found.frame().to_csv(file)
    with atomic_write(out / "ablation.md") as file:
        file.write("\n".join([*document(found), ""]).encode())
    print(page(found, job.numbers["runs"], scenario.name, out / "ablation.png"))
    print(f"{job.numbers['runs']} runs of each, {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
