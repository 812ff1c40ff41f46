"""`python -m experiments.hindcast data=DIR`: what was reported, beside what was forecast.

Forecasts containers, rounds, losses per month, tests, launches and failures per quarter and votes,
from the scenario and what was reported before an origin, and scores them: coverage of 50 and 90 %
bands, CRPS and skill over persistence and a linear trend, PIT, log scores. Files are known by their
columns, whatever their names and days. Writes hindcast.md, hindcast.png and hindcast.json.

    data=          the folder of CSV files
    from=          the first day that is forecast, 2024-01-01; if not given, of each quantity the
                   middle of its reports since the scenario's first day
    to=            the last day that is scored; that of the data if not given
    parameters=    a file of a posterior in the place of the priors
    update=1       0: runs do not count by what was reported before; with parameters= they never do
    scenario=northeast_asia_2023  runs=400  seed=0  workers=1
    out=results/hindcast

Exit code 2 for a key, a value or data that does not fit.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import sim
from experiments.keys import exit_code
from sim.analysis.observed import Observed, read_folder
from sim.analysis.readers import day
from sim.plots.hindcast import draw_hindcast
from sim.results.store import DiskError, atomic_write
from sim.scenario import Scenario
from sim.scenario.load import loaded
from sim.scenario.problems import ScenarioError
from sim.studies.forecasts import made, simulated
from sim.studies.hindcast import BUYER, SUPPLIER, as_known, targets
from sim.studies.hindcast_page import as_data, band_text, markdown

TEXTS = {
    **{"data": "", "from": "", "to": "", "parameters": ""},
    **{"scenario": "northeast_asia_2023", "out": "results/hindcast"},
}
DEFAULTS: dict[str, int | str] = TEXTS | {"runs": 400, "update": 1, "seed": 0, "workers": 1}
LEAST = {"runs": 20, "update": 0}


def chosen(scenario: str, parameters: str) -> Scenario:
    """Return the scenario, with a posterior if one is given.

    Args:
        scenario: Its name or file.
        parameters: The file of the posterior, or nothing.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    found = loaded(scenario, [f"parameters={parameters}"] if parameters else [])
    if (SUPPLIER, BUYER) not in found.routes:
        raise ScenarioError([f"scenario: {found.name} has no route from {SUPPLIER} to {BUYER}"])
    return found


def span(keys: Mapping[str, int | str]) -> tuple[date | None, date | None]:
    """Return the first day that is forecast and the last that is scored.

    Args:
        keys: `from` and `to`, empty where not given.

    Raises:
        ScenarioError: They are no days, or in the wrong order.
    """
    found: dict[str, date | None] = {}
    wrong: list[str] = []
    for key in ("from", "to"):
        try:
            found[key], precision = day(str(keys[key])) if keys[key] else (None, "day")
            if precision != "day":
                wrong.append(f"{key}: {keys[key]!r} is no day, such as 2024-01-01")
        except ValueError as error:
            wrong.append(f"{key}: {error}")
    since, until = found.get("from"), found.get("to")
    if not wrong and since and until and until < since:
        wrong.append(f"to: {until} lies before from={since}")
    if wrong:
        raise ScenarioError(wrong)
    return since, until


def _refused_data(
    observed: Observed, scenario: Scenario, days: tuple[date | None, date | None]
) -> list[str]:
    """Return why the data cannot be scored: nothing lies in the days, or too far for the weeks."""
    found, missing = targets(observed, scenario, *days)
    if not found:
        return ["data: there is nothing to score", *missing]
    try:
        as_known(found, scenario)
    except ScenarioError as error:
        return error.problems
    return []


def problems(keys: Mapping[str, int | str]) -> list[str]:
    """Return what is wrong with the folder, the scenario, the days and the name of the results.

    Args:
        keys: As they were given.
    """
    wrong: list[str] = []
    observed = scenario = days = None
    try:
        days = span(keys)
    except ScenarioError as error:
        wrong += error.problems
    try:
        scenario = chosen(str(keys["scenario"]), str(keys["parameters"]))
    except ScenarioError as error:
        wrong += error.problems
    try:
        if keys["data"]:
            observed = read_folder(str(keys["data"]))
        else:
            wrong.append("data: DIR names the folder of data, which is not part of armsflow")
    except ScenarioError as error:
        wrong += error.problems
    if observed and scenario and days:
        if days[0] and days[0] < scenario.start:
            wrong.append(f"from: {days[0]} lies before the scenario's first day, {scenario.start}")
        else:
            wrong += _refused_data(observed, scenario, days)
    out = Path(str(keys["out"])).expanduser()
    if out.exists() and not out.is_dir():
        wrong.append(f"out: {out} is not a folder")
    return wrong


def report(**keys: int | str) -> int:
    """Simulate, forecast, score and write; return the exit code.

    Args:
        keys: As `DEFAULTS` has them.
    """
    texts = {key: str(keys[key]) for key in TEXTS}
    runs, seed, workers = (int(keys[key]) for key in ("runs", "seed", "workers"))
    observed = read_folder(texts["data"])
    scenario = chosen(texts["scenario"], texts["parameters"])
    found, missing = targets(observed, scenario, *span(keys))
    world = as_known(found, scenario)
    results = sim.run(world, runs, seed, workers=workers)
    weighed = bool(keys["update"]) and not texts["parameters"]
    ensemble = simulated(results)
    forecasts = [made(target, ensemble, weighed, seed) for target in found]
    data = as_data(forecasts, missing, list(observed.unused))
    numbers = "a posterior" if texts["parameters"] else "priors"
    counted = " and by what was reported before" if weighed else ""
    source = (
        f"{runs} runs of {world.name}, {world.weeks} weeks, seed {seed}; uncertain numbers by "
        f"{numbers}{counted}; no dated event after {min(t.origin for t in found)} is given."
    )
    out = Path(texts["out"]).expanduser()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_write(out / "hindcast.png") as file:
            draw_hindcast(data, file, source)
        with atomic_write(out / "hindcast.md") as file:
            file.write(markdown(data, source).encode())
        with atomic_write(out / "hindcast.json") as file:
            file.write(json.dumps({"source": source, **data}, indent=1).encode())
    except (OSError, DiskError) as error:
        print(f"{out} cannot be written: {error}", file=sys.stderr)
        return 1
    for row in data["quantities"]:
        skill = ", ".join(f"{name} {value:+.2f}" for name, value in row["skill"].items()
                          if value is not None)  # fmt: skip
        print(f"{row['quantity']:<16} in 90 %: {band_text(row['reports_90%']):<24} skill: {skill}")
    for row in data["aims"]:
        print(f"{'met' if row['met'] else 'not met':<8} {row['aim']}: {row['found']}")
    for line in missing:
        print(f"not scored: {line}")
    for name in observed.unused:
        print(f"not used, its columns are not known: {name}")
    print(", ".join(str(out / f"hindcast.{end}") for end in ("md", "png", "json")))
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(
        arguments, __doc__, report, DEFAULTS, LEAST, "scoringrules", None, tuple(TEXTS), problems
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
