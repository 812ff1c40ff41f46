"""`python -m experiments.calibration data=DIR [KEY=VALUE ...]`: what public data say of the priors.

Reads dated claims of containers, losses and tests from the CSV files of a folder, by their columns,
and infers the joint posterior of all that the scenario leaves open, the errors of the reports
included. Prints which numbers the data identify, and whether the posterior is calibrated: on data
that the model made, the truth's rank must be uniform and intervals must cover as they say.

    data=DIR              the folder; its CSV files are known by their columns, not by their names
    scenario=northeast_asia_2023     any other key is an override of it
    to=YYYY-MM-DD         the last day that is used; the end of data and scenario if not given
    runs=20480            simulations of the priors, at least 1000; some are the reference
    truths=2000           of how many the posterior is checked
    seed=0 workers=N engine=auto progress=true|false
    out=results/calibration          tables, figures, posterior.json; simulations that are there
                          already are not run again
    posterior=FILE        another place for the posterior, which parameters=FILE then reads
    strict=1              0: a posterior that is not calibrated is no failure

Exit code 2 for a key, a value or data that do not fit, 1 for a posterior that is not calibrated.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from experiments.keys import whole_number
from sim.analysis.observed import read_folder
from sim.analysis.sample import sample_of
from sim.ensemble.job import ENGINES
from sim.results.store import OutputError, atomic_write
from sim.scenario import ScenarioError, load
from sim.scenario.files import local_path
from sim.scenario.load import DEFAULT

WHOLE = {"runs": (20_480, 1000), "truths": (2_000, 100), "seed": (0, 0), "strict": (1, 0)}
"""Keys of whole numbers: the default and the least."""
TEXTS = ("data", "scenario", "to", "engine", "out", "posterior", "progress")


def read(arguments: Sequence[str]) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return keys with their values, overrides of the scenario, and what is wrong with keys."""
    keys: dict[str, Any] = {key: default for key, (default, _) in WHOLE.items()}
    keys |= {"scenario": DEFAULT, "engine": "auto", "out": "results/calibration"}
    keys |= {"workers": os.cpu_count() or 1, "to": None, "posterior": None, "progress": None}
    overrides, wrong = [], []
    for argument in arguments:
        key, _, value = argument.partition("=")
        try:
            if key in WHOLE or key == "workers":
                keys[key] = whole_number(key, value, WHOLE.get(key, (0, 1))[1])
            elif key == "to":
                keys[key] = date.fromisoformat(value)
            elif key == "progress" and value not in ("true", "false"):
                wrong.append(f"progress: {value!r} is neither true nor false")
            elif key in TEXTS:
                keys[key] = value == "true" if key == "progress" else value
            else:
                overrides.append(argument)
        except ValueError as error:
            wrong.append(f"to: {value!r} is no day, as 2024-02-29" if key == "to" else str(error))
    if "data" not in keys:
        wrong.append("data: is missing: data=DIR names the folder with the CSV files")
    if keys["engine"] not in ENGINES:
        wrong.append(f"engine: {keys['engine']!r} is none of {', '.join(ENGINES)}")
    for key in ("out", "posterior"):
        try:
            keys[key] = keys[key] and local_path(keys[key])
        except ValueError as error:
            wrong.append(f"{key}: {error}")
    if isinstance(keys["out"], Path) and keys["out"].exists() and not keys["out"].is_dir():
        wrong.append(f"out: {keys['out']} is a file; choose another out")
    if find_spec("sklearn") is None:
        wrong.append("needs scikit-learn: pip install 'armsflow[evidence]'")
    return keys, overrides, wrong


def main(arguments: list[str]) -> int:
    """Calibrate, print, write and draw; return the exit code."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    keys, overrides, wrong = read(arguments)
    observed, scenario = inputs(keys, overrides, wrong)
    try:
        if wrong:
            raise ValueError("\n".join(wrong))
        sample = sample_of(observed, scenario, keys["to"])
        from sim.analysis import calibration
        from sim.plots.calibration import figures

        found = calibration.calibrate(
            sample,
            observed,
            keys["out"] / "simulations",
            *(keys[key] for key in ("runs", "truths", "seed", "engine", "workers")),
            sys.stderr.isatty() if keys["progress"] is None else keys["progress"],
        )
    except (ScenarioError, OutputError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(lines(found)))
    paths = [*calibration.write(found, keys["out"]), *figures(found, keys["out"])]
    if keys["posterior"] is not None:
        keys["posterior"].parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(keys["posterior"]) as file:
            file.write((keys["out"] / "posterior.json").read_bytes())
        paths.append(keys["posterior"])
    print("\n".join(map(str, paths)))
    return 0 if found.calibrated or not keys["strict"] else 1


def inputs(keys: Mapping[str, Any], overrides: Sequence[str], wrong: list[str]) -> list[Any]:
    """Return the data and the scenario, None for what cannot be read.

    Args:
        keys: As of `read`.
        overrides: Of the scenario.
        wrong: Takes what is wrong with either.
    """
    made: list[Any] = []
    for make in (
        lambda: read_folder(keys["data"]) if "data" in keys else None,
        lambda: load(keys["scenario"], overrides),
    ):
        try:
            made.append(make())
        except ScenarioError as error:
            made.append(None)
            wrong += error.problems
    return made


def lines(found: Any) -> list[str]:
    """Return what is printed."""
    from sim.analysis.calibration import verdict

    judged, sample, table = verdict(found), found.sample, found.identified
    known, rest = table[table["identifiable"]], table[~table["identifiable"]]
    width = max(map(len, table["number"])) + 2
    report = [
        f"{sample.scenario.name}, {sample.first} to {sample.last}: {len(sample.claimed)} claims of"
        f" containers, {len(sample.losses)} months of losses, {len(sample.tests)} quarters of"
        f" tests; {len(found.table.run)} simulations",
        f"the data: {judged['surprise']:.0%} of the simulations lie further out; of the posterior's"
        f" reports {judged['data_inside']['50']:.0%} of the data are inside 50 %,"
        f" {judged['data_inside']['90']:.0%} inside 90 %",
        "",
        f"{'identified':<{width}}contraction   90 % before            90 % after"
        "             ranks p  inside 50 %, 90 %",
    ]
    for _, row in known.sort_values("contraction", ascending=False).iterrows():
        before, after = (
            f"{row[f'{name}_q05']:.3g} to {row[f'{name}_q95']:.3g}"
            for name in ("prior", "posterior")
        )
        report.append(
            f"{row['number']:<{width}}{row['contraction']:>11.2f}   {before:<22} {after:<22}"
            f" {row['ranks_p']:>7.3f}  {row['coverage_50']:.3f}, {row['coverage_90']:.3f}"
        )
    report += [
        "",
        f"not identified, contraction under .1: {', '.join(rest['number'])}",
        f"of these {(rest['ranks_p'] <= 0.01).sum()} of {len(rest)} have ranks that are not uniform"
        " (p <= .01)",
        "",
        f"calibrated on {judged['truths']} data sets of the model's own: "
        + ("yes" if judged["calibrated"] else "NO"),
    ]
    return report


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
