"""The command line: what was asked is played, told in a short table, and drawn."""

import json
import os
import shlex
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from pathlib import Path
from typing import Any

from . import ensemble
from .catalogue import LISTS, aligned
from .job import InputError, asked, question
from .results import OutputError, Results, open_results
from .scenario import Scenario, ScenarioError
from .scenario.file_schema import file_schema
from .table import short_table

HELP = """\
armsflow: arms transfers and deterrence between states, simulated.

  armsflow                                   the default scenario
  armsflow weeks=104 runs=200 seed=7 out=results/mine
  armsflow states.PRK.doctrine=restraint rules.watch.detection=0.02 timetable=none
  armsflow list=scenarios                    or doctrines, desks, metrics, rules, events, schema
  armsflow explain=RUS week=40 seed=7        why that state decided so
  armsflow report=results/mine               the table, the figures and the page again
  armsflow --cfg job                         the whole configuration; nothing is run
  eval "$(armsflow --completion)"            tab completion, in bash

keys of the job
  scenario=NAME     what is played (list=scenarios); scenario_file=mine.yaml: your own
  runs=64           how many runs of it
  seed=0            the master seed; a run has the same luck whatever else is changed
  record=full       summary: a row a run; weekly: weeks and events too; full: pairs of states too
  engine=auto       or reference
  out=DIR           where results go; the same job again completes what is there
  workers=N         processes, one a core if not given
  pages=true        whether to draw figures and write report.html
  progress=true     a bar on stderr; if not given, on a terminal

Every other key is the scenario's own: weeks, states.<CODE>.<trait>, states.<CODE>.desks.<desk>,
rules.<phase>.<coefficient> (list=rules), timetable=none, priors=none.

Exit codes: 0 done, 1 some runs failed, 2 bad input, 130 interrupted.
"""
MOST_NAMED = 20
"""How many failed runs are named one by one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _command(words)
    except (InputError, ScenarioError, OutputError) as error:
        return _told(str(error), 2)
    except BrokenProcessPool:
        return _told("a worker died; the same command goes on where it stopped", 1)
    except BrokenPipeError:  # as `armsflow list=rules | head` leaves it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _told(f"{error}; the same command goes on where it stopped", 1)


def _told(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _command(words: list[str]) -> int:
    if {"-h", "--help"} & set(words):
        print(HELP, end="")
        return 0
    if words[:1] in (["--completion"], ["--complete"]):
        from .completion import BASH, candidates

        told = [BASH] if words[0] == "--completion" else candidates(" ".join(words[1:]))
        print("\n".join(told))
        return 0
    only = dict(word.split("=", 1) for word in words if word.startswith(("list=", "report=")))
    if only and len(words) > 1:
        raise InputError(f"{next(iter(only))}: stands alone, without other keys")
    if "list" in only:
        return _list(only["list"])
    if "report" in only:
        return _report(open_results(only["report"]), pages=True)
    if any(word.startswith("explain=") for word in words):
        return _explain(*question(words))
    shown = "--cfg" in words
    scenario, job = asked([word for word in words if word not in ("--cfg", "job")])
    if shown:
        import yaml

        print(yaml.safe_dump(job | scenario.mapping, sort_keys=False, allow_unicode=True), end="")
        return 0
    return _run(scenario, job, words)


def _list(what: str) -> int:
    if what == "schema":
        print(json.dumps(file_schema(), indent=2))
        return 0
    if what not in LISTS:
        raise InputError(f"list: '{what}' is none of {', '.join(LISTS)}, schema")
    print("\n".join(aligned(LISTS[what]())))
    return 0


def _explain(scenario: Scenario, state: str, week: int, seed: int, run: int) -> int:
    from .analysis.explain import LeftItsRangeError, explain

    try:
        told = explain(scenario, state, week, seed, run)
    except LeftItsRangeError as error:
        return _told(str(error), 1)
    print("\n".join(told.lines()))
    return 0


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
    """Prints the table, draws the figures and writes the page; 1 if runs failed."""
    print("\n".join(short_table(results)))
    print(f"\nresults: {results.path}")
    if pages:
        from .plots import pages as written

        *drawn, page = written(results, results.path)
        if drawn:
            print("figures:", *drawn, sep="\n  ")
        print(f"report: {page}")
    failed = results.failed
    for row in failed.head(MOST_NAMED).itertuples():
        _told(f"seed {row.seed}, run {row.run}: left its range in week {row.failed_at:.0f}", 1)
    if len(failed) > MOST_NAMED:
        _told(f"and {len(failed) - MOST_NAMED} more: results.failed lists them", 1)
    return 1 if len(failed) else 0
