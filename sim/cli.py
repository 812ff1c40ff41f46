"""The command line: Hydra composes, the schema judges, and one message tells all that is wrong."""

import shlex
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from pathlib import Path
from typing import Any

from . import ensemble
from .catalogue import LISTS, aligned
from .results import OutputError, Results, open_results
from .scenario import Scenario, ScenarioError, Spec, from_mapping, load, names
from .scenario.compose import changes, overridden
from .scenario.files import _configs
from .scenario.problems import nearest
from .table import short_table

HELP = """\
armsflow: arms transfers and deterrence between states, simulated.

  armsflow                                   the default scenario
  armsflow scenario=arms_race_dyad weeks=520 runs=200 seed=7 out=results/mine
  armsflow states.PRK.doctrine=restraint rules.watch.detection=0.02 timetable=none
  armsflow list=scenarios                    or doctrines, desks, metrics, rules, events
  armsflow report=results/mine               the table and the figures again
  armsflow --cfg job                         the whole configuration; nothing is run

keys of the job
  scenario=NAME     what is played (list=scenarios); scenario_file=mine.yaml: your own
  runs=64           how many runs of it
  seed=0            the master seed; a run has the same luck whatever else is changed
  record=full       summary: a row a run; weekly: weeks and events too; full: pairs of states too
  engine=auto       or reference
  out=DIR           where results go; the same job again completes what is there
  workers=N         processes, one a core if not given
  pages=true        whether to draw figures
  progress=true     a bar on stderr; if not given, on a terminal

Every other key is the scenario's own: weeks, states.<CODE>.<trait>, states.<CODE>.desks.<desk>,
rules.<phase>.<coefficient> (list=rules), timetable=none, priors=none.

Exit codes: 0 done, 1 some runs failed, 2 bad input, 130 interrupted.
"""
JOB = (
    "scenario_file",
    "runs",
    "seed",
    "engine",
    "record",
    "out",
    "workers",
    "pages",
    "progress",
)
CONTENT = (*Spec.model_fields, "generate")
"""What may stand at the root of a scenario."""
MOST_NAMED = 20
"""How many failed runs are named one by one."""


class InputError(ValueError):
    """Input that cannot be used; `problems` has a line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _command(words)
    except (InputError, ScenarioError, OutputError) as error:
        return _told(str(error), 2)
    except BrokenProcessPool:
        return _told("a worker died; the same command goes on where it stopped", 1)
    except OSError as error:
        return _told(f"{error}; the same command goes on where it stopped", 1)


def _told(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _command(words: list[str]) -> int:
    if {"-h", "--help"} & set(words):
        print(HELP, end="")
        return 0
    only = dict(word.split("=", 1) for word in words if word.startswith(("list=", "report=")))
    if only and len(words) > 1:
        raise InputError([f"{next(iter(only))}: stands alone, without other keys"])
    if "list" in only:
        return _list(only["list"])
    if "report" in only:
        return _report(open_results(only["report"]), pages=True)
    shown = "--cfg" in words
    scenario, job = job_of([word for word in words if word not in ("--cfg", "job")])
    if shown:
        import yaml

        print(yaml.safe_dump(job | scenario.mapping, sort_keys=False, allow_unicode=True), end="")
        return 0
    return _run(scenario, job, words)


def _list(what: str) -> int:
    if what not in LISTS:
        raise InputError([f"list: '{what}' is none of {', '.join(LISTS)}"])
    print("\n".join(aligned(LISTS[what]())))
    return 0


def job_of(words: Sequence[str]) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the keys of the job that overrides ask for.

    Raises:
        InputError: With everything that is wrong with either.
    """
    for_job, for_scenario, problems = _sorted(words)
    name, composed = _composed(for_job)
    job = {key: composed.pop(key) for key in JOB}
    problems += ensemble.check(*(job[k] for k in ("runs", "seed", "record", "engine", "workers")))
    problems += [
        f"{key}: {job[key]!r} is neither true nor false"
        for key, allowed in (("pages", (True, False)), ("progress", (True, False, None)))
        if not any(job[key] is value for value in allowed)
    ]
    file = job["scenario_file"]
    try:
        if file is None:
            content = overridden(composed, changes(for_scenario))
            scenario = from_mapping(content, name)
        else:
            scenario = load(str(file), for_scenario)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return scenario, job


def _sorted(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The overrides of the job, those of the scenario, and what is wrong with either."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    for_job: list[str] = []
    for_scenario: list[str] = []
    problems: list[str] = []
    for word in words:
        try:
            override = OverridesParser.create().parse_override(word)
        except HydraException:
            problems.append(f"{word}: not of the form key=value")
            continue
        key = override.key_or_group
        root = key.partition(".")[0]
        if override.is_sweep_override():
            problems.append(f"{key}: takes one value")
        elif key == "scenario" and override.value() not in names("scenario"):
            name = override.value()
            problems.append(f"scenario: there is no '{name}'{nearest(name, names('scenario'))}")
        elif key in ("scenario", *JOB) and not override.is_delete():
            for_job.append(word.lstrip("+"))
        elif root in CONTENT:
            for_scenario.append(word)
        else:
            problems.append(f"{key}: no such key{nearest(root, (*JOB, *CONTENT))}")
    return for_job, for_scenario, problems


def _composed(overrides: list[str]) -> tuple[str, dict[str, Any]]:
    """What Hydra makes of `configs/` and the job's overrides: the scenario's name, plain data."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    with initialize_config_dir(str(_configs()), version_base="1.3"):
        config = compose("config", overrides, return_hydra_config=True)
    name = config.hydra.runtime.choices["scenario"]
    composed: dict[str, Any] = OmegaConf.to_container(config)  # type: ignore[assignment]
    del composed["hydra"]
    return name, composed


def _run(scenario: Scenario, job: dict[str, Any], words: list[str]) -> int:
    now = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    out = Path("results", scenario.name, now) if job["out"] is None else Path(str(job["out"]))
    arguments = {k: job[k] for k in ("runs", "seed", "record", "engine", "workers", "progress")}
    before = _is_complete(out)
    try:
        results = ensemble.run(scenario, **arguments, out=out)
    except KeyboardInterrupt:
        again = [word for word in words if not word.startswith("out=")] + [f"out={out}"]
        return _told(f"interrupted; go on with: {shlex.join(['armsflow', *again])}", 130)
    if before:
        print(f"{out} was finished already; nothing was run again\n")
    return _report(results, job["pages"])


def _is_complete(out: Path) -> bool:
    try:
        return open_results(out).complete
    except OutputError:
        return False


def _report(results: Results, pages: bool) -> int:
    """Prints the table and draws the figures; 1 if runs failed."""
    print("\n".join(short_table(results)))
    print(f"\nresults: {results.path}")
    if pages and results.manifest["record"] != "summary":
        from .plots import figures

        print("figures:", *figures(results, results.path / "figures"), sep="\n  ")
    failed = results.failed
    for row in failed.head(MOST_NAMED).itertuples():
        _told(f"seed {row.seed}, run {row.run}: left its range in week {row.failed_at:.0f}", 1)
    if len(failed) > MOST_NAMED:
        _told(f"and {len(failed) - MOST_NAMED} more: results.failed lists them", 1)
    return 1 if len(failed) else 0
