"""`python -m experiments.patterns data=DIR`: patterns of the real world beside simulated ones.

Counts each pattern from the files of a folder, known by their columns, and from runs, and writes a
table (patterns.md), a figure (patterns.png) and both as data (patterns.json).

    data=        the folder of CSV files
    scenario=    northeast_asia_2023, of spending, tests and transfers; a name or a file
    runs=128     of it
    worlds=16    runs of each synthetic world, of disputes
    seed=0  workers=1
    out=results/patterns

Exit code 1 if a pattern fails and nothing is said why, 2 for a key or a value that does not fit.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from experiments.keys import exit_code
from sim.analysis.observed import read_folder
from sim.plots.patterns import draw_patterns
from sim.results.store import DiskError, atomic_write
from sim.scenario import Scenario
from sim.scenario.load import loaded
from sim.scenario.problems import ScenarioError
from sim.studies.patterns import FAILS, as_data, counts, judge, markdown, patterns
from sim.studies.samples import Samples

TEXTS = {"data": "", "scenario": "northeast_asia_2023", "out": "results/patterns"}
DEFAULTS: dict[str, int | str] = TEXTS | {"runs": 128, "worlds": 16, "seed": 0, "workers": 1}
LEAST = {"runs": 2, "worlds": 2}


def problems(keys: Mapping[str, int | str]) -> list[str]:
    """Return what is wrong with the folder, the scenario and the name of the results.

    Args:
        keys: As they were given.
    """
    wrong: list[str] = []
    if not keys["data"]:
        wrong.append("data: DIR names the folder of data, which is not part of armsflow")
    for read, value in ((read_folder, keys["data"]), (loaded, keys["scenario"])):
        try:
            if value:
                read(str(value))
        except (ScenarioError, OSError) as error:
            wrong += str(error).splitlines()
    out = Path(str(keys["out"])).expanduser()
    if out.exists() and not out.is_dir():
        wrong.append(f"out: {out} is not a folder")
    return wrong


def belligerents(scenario: Scenario) -> list[str]:
    """Return the names of the states at war from the start.

    Args:
        scenario: The scenario.
    """
    states = scenario.spec.states
    return [str(states[code].name) for pair in scenario.spec.relations.wars for code in pair]


def write(rows: list[dict[str, object]], page: str, out: Path, source: str) -> None:
    """Write the figure, the table and the data, each whole or not at all.

    Args:
        rows: The patterns as data.
        page: The table.
        out: The folder.
        source: What was simulated.

    Raises:
        DiskError: A file cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"{out} cannot be made: {error.strerror}") from error
    with atomic_write(out / "patterns.png") as file:
        draw_patterns(rows, file, source)
    with atomic_write(out / "patterns.md") as file:
        file.write(page.encode())
    with atomic_write(out / "patterns.json") as file:
        file.write(json.dumps({"source": source, "patterns": rows}, indent=1).encode())


def report(
    data: str, scenario: str, out: str, runs: int, worlds: int, seed: int, workers: int
) -> int:
    """Count, simulate and write; return the exit code.

    Args:
        data: The folder of data.
        scenario: Of spending, tests and transfers.
        out: The folder of the results.
        runs: Of the scenario.
        worlds: Runs of each synthetic world.
        seed: The master seed.
        workers: Processes.
    """
    observed, chosen = read_folder(data), loaded(scenario)
    samples = Samples(chosen, runs, worlds, seed, workers)
    rows = [judge(pattern, observed, samples) for pattern in patterns(belligerents(chosen))]
    source = f"{runs} runs of {chosen.name}, {worlds} of each of six synthetic worlds, seed {seed}."
    place = Path(out).expanduser()
    try:
        write(as_data(rows), markdown(rows, source), place, source)
    except DiskError as error:
        print(error, file=sys.stderr)
        return 1
    for row in rows:
        print(f"{row.verdict + (', argued' if row.argued else ''):<16} "
              f"{row.pattern.group}: {row.pattern.name}")  # fmt: skip
    print("; ".join(f"{count} {verdict}" for verdict, count in counts(rows).items()))
    print(", ".join(str(place / f"patterns.{end}") for end in ("md", "png", "json")))
    return int(any(row.verdict == FAILS and not row.argued for row in rows))


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(
        arguments, __doc__, report, DEFAULTS, LEAST, texts=tuple(TEXTS), check=problems
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
