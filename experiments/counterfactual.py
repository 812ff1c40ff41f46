"""`python -m experiments.counterfactual [question=NAME ...] [a=... b=...] [KEY=VALUE ...]`.

What would be otherwise? Two worlds are simulated under common random numbers and compared run by
run: what the change does to each metric and how surely, in which share of runs it rises and falls,
which uncertain numbers the effect depends on, when and where the worlds part, and what pairing
gains. Prints a sentence per headline metric and writes, for each comparison, a page with figures.

    question=no_transfers,no_panel   ready ones, of: no_transfers no_technology enforcement_doubled
                           no_panel no_trilateral protector_out restraint_<STATE>; `restraint` is
                           each state in turn, `all` is all; all if neither it nor b is given
    b="KEY=VALUE,..."      a change of one's own: overrides of the second world
    a="KEY=VALUE,..."      overrides of the first world; ready changes are made beside them
    runs=1000 seed=0       of each world
    workers=1              processes
    engine=auto            reference, compiled
    out=results/counterfactual   NAME/page.html, NAME/effects.csv and figures, counterfactuals.md;
                           worlds/ keeps what was simulated: the same command again goes on there,
                           and reads what is done (about 300 MB per world of 1,000 runs of three
                           years; it may be deleted)
    write=true             store the table in docs/counterfactuals.md, too
    scenario=NAME          not the default; whatever else has a value is an override of both worlds

Exit code 2 for a key or a value that does not fit.
"""

import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.keys import whole_number
from sim.ensemble.compare import paired_jobs
from sim.ensemble.execution import Execution, execute
from sim.ensemble.job import ENGINES, Job
from sim.plots.counterfactual_page import write_page
from sim.results.comparison import Comparison, comparison
from sim.results.record import summary_columns
from sim.results.store import atomic_write, digest
from sim.scenario import Scenario, ScenarioError
from sim.scenario.load import DEFAULT, load
from sim.studies.counterfactuals import Counterfactual, chosen, headline, summary

WHOLE = {"runs": 1000, "seed": 0, "workers": 1}
LEAST = {"runs": 2, "seed": 0, "workers": 1}
TEXTS = {"scenario": DEFAULT, "engine": "auto", "out": "results/counterfactual", "write": "false"}
LISTS = ("question", "a", "b")
OWN = "own"
SHIPPED = "without"
PAGE = Path(__file__).parents[1] / "docs" / "counterfactuals.md"
OPENING, CLOSING = "[{(", "]})"


@dataclass(frozen=True)
class Request:
    """What a command line chooses: numbers and texts by key, questions, changes, overrides.

    - `problems`: what of it does not fit, a line each.
    """

    numbers: dict[str, int]
    texts: dict[str, str]
    lists: dict[str, list[str]]
    overrides: list[str]
    problems: list[str]


@dataclass(frozen=True)
class World:
    """A scenario to simulate: what it is called, and its overrides beside those of both worlds."""

    name: str
    scenario: Scenario
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """What is simulated: the world without any change, and that of each counterfactual."""

    base: World
    changed: dict[Counterfactual, World]
    jobs: dict[str, Job]
    execution: Execution


def parsed(arguments: list[str]) -> Request:
    """Read the command line."""
    found = Request(dict(WHOLE), dict(TEXTS), {key: [] for key in LISTS}, [], [])
    wrong = found.problems
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in WHOLE:
            try:
                found.numbers[key] = whole_number(key, value, LEAST[key])
            except ValueError as error:
                wrong.append(str(error))
        elif key in TEXTS:
            found.texts[key] = value
        elif key in LISTS:
            found.lists[key] += parts(value)
        else:
            found.overrides.append(argument)
    if found.texts["engine"] not in ENGINES:
        wrong.append(f"engine: {found.texts['engine']!r} is none of {', '.join(ENGINES)}")
    if found.texts["write"] not in ("true", "false"):
        wrong.append(f"write: {found.texts['write']!r} is neither true nor false")
    out = Path(found.texts["out"])
    if any(path.exists() and not path.is_dir() for path in (out, *out.parents)):
        wrong.append(f"out: {out} is not a folder")
    return found


def parts(text: str) -> list[str]:
    """Return the parts of a list with commas; those within brackets or quotes part nothing."""
    found, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        depth += 0 if quote else (sign in OPENING) - (sign in CLOSING)
        if sign == "," and depth == 0 and not quote:
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found if part.strip()]


def study(job: Request) -> Study:
    """Return what is simulated.

    Raises:
        ValueError: All that is wrong, a line each.
    """
    wrong = list(job.problems)
    try:
        base = shared = load(job.texts["scenario"], job.overrides)
    except ScenarioError as error:  # what changes it cannot be judged
        raise ValueError("\n".join([*wrong, str(error)])) from None
    try:
        base = shared.with_(*job.lists["a"])
    except ScenarioError as error:
        wrong += [f"a: {line}" for line in str(error).splitlines()]
    names = job.lists["question"] or ([] if job.lists["b"] else ["all"])
    changed = dict[Counterfactual, World]()
    try:
        for ready in chosen(base, names):
            change = ready.change(base)
            changed[ready] = World(ready.name, base.with_(*change), (*job.lists["a"], *change))
    except ValueError as error:
        wrong += [f"question: {line}" for line in str(error).splitlines()]
    if job.lists["b"]:
        mine = tuple(job.lists["b"])
        own = Counterfactual(OWN, "With " + ", ".join(mine), lambda _: mine)
        try:
            changed[own] = World(OWN, shared.with_(*mine), mine)
        except ScenarioError as error:
            wrong += [f"b: {line}" for line in str(error).splitlines()]
    if wrong:
        raise ValueError("\n".join(wrong))
    without = World(SHIPPED, base, tuple(job.lists["a"]))
    worlds = [without, *changed.values()]
    every = chosen(base, ["all"])  # one program for all of them, whichever are chosen
    held = [base.with_(*ready.change(base)) for ready in every]
    numbers = job.numbers
    jobs, execution = paired_jobs(
        [*(world.scenario for world in worlds), *held],
        *(numbers["runs"], numbers["seed"], "full", job.texts["engine"], numbers["workers"], None),
    )
    names_of = [world.name for world in worlds]
    return Study(without, changed, dict(zip(names_of, jobs, strict=False)), execution)


def compared(job: Study, out: Path) -> Iterator[tuple[Counterfactual, Comparison]]:
    """Yield each comparison when it is there."""

    def simulated(world: World) -> Path:
        one = job.jobs[world.name]
        key = digest({"job": one.digest, "rules": dict(one.plan.scenario.rules)})
        return out / "worlds" / f"{world.name}-{key[:12]}"

    def run(world: World):
        return execute(job.jobs[world.name], job.execution, simulated(world))

    base = run(job.base)
    known = summary_columns(job.base.scenario)
    for ready, world in job.changed.items():
        yield ready, comparison(base, run(world), headline(ready, known))


def write(
    request: Request, job: Study, ready: Counterfactual, found: Comparison, out: Path
) -> Path:
    """Write the page, the figures and the table of a comparison; return the page."""
    folder = out / ready.name
    changes = {"Without": job.base.overrides, "With": job.changed[ready].overrides}
    page = write_page(found, folder, ready.title, changes, command(request, ready))
    with atomic_write(folder / "effects.csv") as file:
        found.table.to_csv(file)
    return page


def command(request: Request, ready: Counterfactual) -> str:
    """Return the command that gives a comparison again."""
    changes = {"a": request.lists["a"], "b": request.lists["b"] if ready.name == OWN else []}
    some = [f"{key}={','.join(texts)}" for key, texts in changes.items() if texts]
    some += [] if ready.name == OWN else [f"question={ready.name}"]
    scenario = request.texts["scenario"]
    some += [f"scenario={scenario}"] if scenario != DEFAULT else []
    keys = [f"{key}={request.numbers[key]}" for key in ("runs", "seed")]
    some += [*request.overrides, *keys, f"engine={request.texts['engine']}"]
    return shlex.join(["python", "-m", "experiments.counterfactual", *some])


def main(arguments: list[str]) -> int:
    """Simulate, compare, print, draw."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    start = time.perf_counter()
    try:
        request = parsed(arguments)
        job = study(request)
        out = Path(request.texts["out"])
        found = {}
        for ready, each in compared(job, out):
            print(f"{ready.title}\n  " + "\n  ".join(each.lines()))
            found[ready] = each
            print(f"  {write(request, job, ready, each, out)}\n", flush=True)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    text = summary(found, request.numbers["runs"], request.numbers["seed"])
    with atomic_write(out / "counterfactuals.md") as file:
        file.write(text.encode())
    if request.texts["write"] == "true":
        with atomic_write(PAGE) as file:
            file.write(text.encode())
    seconds = time.perf_counter() - start
    print(f"{request.numbers['runs']} runs of each of {len(found) + 1} worlds, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
