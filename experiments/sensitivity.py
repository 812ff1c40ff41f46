"""`python -m experiments.sensitivity [KEY=VALUE ...]`: which numbers move what, and what is chance.

Runs a design over ranges, takes Morris's or Sobol's indices of each metric, prints them with
95 % intervals and the share of variance that is chance, and draws a tornado, a heat map and the
convergence. Without keys: the ranges of configs/experiment/sensitivity.yaml, eight numbers of the
default scenario, 41,000 runs, some minutes. `armsflow -m +experiment=sensitivity out=DIR` runs the
same points, for `results=DIR`.

    method=sobol          or morris, which screens many numbers with few points
    over={PATH: [LOW, HIGH], ...}    quoted in a shell: 'over={rules.watch.detection: [0, 0.01]}'
    metrics=[NAME, ...]   columns of a job's table of runs; the scenario's headlines if not given
    points=512            base points, a power of 2 (512), or trajectories of morris (32)
    runs=8                per point, at least 8
    scenario=northeast_asia_2023     any other key is an override of it: weeks=104
    seed=0 workers=N engine=auto progress=true|false
    out=results/sensitivity          the runs, and in sensitivity/ tables and figures; what is there
                          already is not run again
    results=DIR           no runs: indices of a finished sweep (armsflow -m design=saltelli)

Exit code 2 for a key or a value that does not fit.
"""

import sys
from collections.abc import Sequence
from typing import Any

from sim.analysis import sensitivity
from sim.analysis.sensitivity import Sensitivity
from sim.plots.sensitivity import figures
from sim.results.responses import column_label
from sim.results.results import open_results
from sim.results.store import OutputError
from sim.scenario import ScenarioError, load
from sim.scenario.compose import changes
from sim.scenario.files import shipped
from sim.scenario.load import DEFAULT

EXPERIMENT = "sensitivity"
"""The experiment whose ranges are taken where no `over` is given; it is of the default scenario."""
OWN = (
    "method",
    "over",
    "metrics",
    "points",
    "runs",
    "seed",
    "workers",
    "engine",
    "out",
    "progress",
)
KEYS = ("scenario", "results", *OWN)
CELL = 26
"""Width of a column of indices."""


def read(arguments: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """Read keys with their values, and overrides of the scenario.

    Raises:
        ScenarioError: One is not of the form key=value.
    """
    own = [text for text in arguments if text.partition("=")[0] in KEYS]
    overrides = [text for text in arguments if text not in own]
    return {change.key: change.value for change in changes(own)}, overrides


def main(arguments: list[str]) -> int:
    """Simulate, analyse, print and draw; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    try:
        keys, overrides = read(arguments)
        metrics = keys.pop("metrics", None)
        wrong = _wrong(keys, metrics, overrides)
        if wrong:
            raise ValueError("\n".join(wrong))
        results = _results(keys, overrides)
        found = sensitivity.analyse(results, metrics)
    except (ScenarioError, OutputError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    folder = results.path / "sensitivity"
    print("\n".join(lines(found)))
    for path in [*sensitivity.write(found, folder), *figures(found, folder)]:
        print(path)
    return 0


def _wrong(keys: dict[str, Any], metrics: Any, overrides: Sequence[str]) -> list[str]:
    """Return what is wrong with the form of keys, a line each."""
    wrong = []
    if metrics is not None and not (
        isinstance(metrics, list) and metrics and all(isinstance(name, str) for name in metrics)
    ):
        wrong.append(f"metrics: {metrics!r} is not a list of names, [NAME, ...]")
    if "results" in keys:
        beside = [*(key for key in keys if key != "results"), *overrides]
        wrong += [f"{key}: cannot be given beside results=, a finished sweep" for key in beside]
    elif "over" not in keys and keys.get("scenario", DEFAULT) != DEFAULT:
        wrong.append("over: which numbers, between what? 'over={PATH: [LOW, HIGH]}'")
    elif not isinstance(keys.get("over", {}), dict):
        wrong.append(f"over: {keys['over']!r} is not of the form {{PATH: [LOW, HIGH]}}")
    wrong += [
        f"{key}: {keys[key]!r} is not a whole number of at least 1"
        for key in ("points", "runs", "workers")
        if key in keys and (type(keys[key]) is not int or keys[key] < 1)
    ]
    return wrong


def _results(keys: dict[str, Any], overrides: Sequence[str]) -> Any:
    if "results" in keys:
        return open_results(str(keys["results"]))
    scenario = load(str(keys.pop("scenario", DEFAULT)), overrides)
    ranges = shipped("experiment", EXPERIMENT)["design"]["over"]
    defaults = {"over": ranges, "out": "results/sensitivity"}
    return sensitivity.sweep(scenario, **(defaults | keys))


def lines(found: Sensitivity) -> list[str]:
    """Return what is printed: a table for each metric."""
    final, scenario = found.final, found.results.scenario
    names = list(dict.fromkeys(final["index"]))
    main = "total" if found.method == "sobol" else "mu_star"
    width = max(map(len, found.over)) + 2
    bases = {"sobol": "base points", "morris": "trajectories"}[found.method]
    report = [
        f"{scenario.name}, {scenario.weeks} weeks: {found.method}, {found.bases} {bases}, "
        f"{found.runs} runs per point",
        "indices of the means of a point's runs, with 95 % intervals",
    ]
    if found.left_out:
        report.append(f"{found.left_out} {bases} left out: a run of theirs failed or is not there")
    for metric, chance in found.chance.items():
        own = final[final["metric"] == metric].set_index(["path", "index"])
        rank = own.xs(main, level="index")["value"].fillna(0.0)
        report += ["", column_label(scenario, metric)]
        report.append(" " * width + "".join(f"{name:>{CELL}}" for name in names))
        for path in rank.sort_values(ascending=False, kind="stable").index:
            cells = (own.loc[(path, name)] for name in names)
            digits = ".2f" if found.method == "sobol" else ".3g"
            report.append(f"{path:<{width}}" + "".join(cell(row, digits) for row in cells))
        report.append(
            f"chance within points: {chance.share:.0%} of all variance [{chance.low:.0%}, "
            f"{chance.high:.0%}]; noise left in the means: {chance.noise:.0%} of theirs"
        )
    return report


def cell(row: Any, digits: str) -> str:
    """Format an index with its interval, if it has one.

    Args:
        row: With `value`, `low` and `high`.
        digits: The format of each number.
    """
    value, *ends = (f"{row[key] + 0.0:{digits}}" for key in ("value", "low", "high"))
    if value == "nan":
        return f"{'does not vary':>{CELL}}"
    return f"{value} [{', '.join(ends)}]".rjust(CELL) if "nan" not in ends else value.rjust(CELL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
