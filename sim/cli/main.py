"""The command line: what was asked is played, told in a short table, and drawn."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from ..ensemble.cluster import ClusterError
from ..ensemble.errors import RunError
from ..ensemble.execution import play as play_plan
from ..ensemble.job import chosen, job_for
from ..ensemble.plan import Plan, single
from ..ensemble.resume import resume
from ..ensemble.workers import another, seldom_cleared
from ..events import Scale
from ..results.responses import check
from ..results.results import Results, open_results
from ..results.store import MANIFEST, OutputError, clean
from ..results.sweep_table import sweep_table
from ..results.table import aligned, short_table
from ..scenario import Scenario, ScenarioError
from ..scenario.file_schema import file_schema
from .catalogue import LISTS
from .overrides import InputError, root
from .request import GOING_ON, asked, folder, going_on, question, reporting

HELP = """\
armsflow: arms transfers and deterrence between states, simulated.

  armsflow                                   the default scenario
  armsflow weeks=104 runs=200 seed=7 out=results/mine
  armsflow states.PRK.doctrine=restraint rules.watch.detection=0.02 timetable=none
  armsflow -m states.PRK.doctrine=restraint,status_quo rules.watch.detection=0,0.01   a sweep
  armsflow list=scenarios                    or doctrines, desks, metrics, rules, events, schema
  armsflow explain=RUS week=40 seed=7        why that state decided so
  armsflow resume=results/mine               goes on with a job that was interrupted or killed
  armsflow report=results/mine scale=rivera  the table, the figures and the page again
  armsflow report=results/sweep metrics=disputes_mean,tension_mean_mean     a sweep, by these
  armsflow --cfg job                         the whole configuration; nothing is run
  eval "$(armsflow --completion)"            tab completion, in bash

keys of the job
  scenario=NAME     what is played (list=scenarios); scenario_file=mine.yaml: your own;
                    scenario_file=results/mine: what was played into that folder
  runs=64           how many runs of it
  first=0           the number of the first: first=900 runs=1 plays run 900 alone
  seed=0            the master seed; a run has the same luck whatever else is changed
  record=full       summary: a row a run; weekly: weeks and events too; full: pairs of states too
  engine=auto       compiled (pip install 'armsflow[fast]') where it is there, else reference
  out=DIR           where results go; the same job again completes what is there
  workers=N         processes, one a core if not given
  cluster=tcp       who plays: workers of Dask (pip install 'armsflow[sweep]') whose scheduler is at
                    cluster.address=tcp://host:8786; local: on this machine; slurm: as its jobs
  pages=true        whether to draw figures and write report.html
  scale=mid         of the escalation index in the table: mid, goldstein or rivera
  progress=true     a bar on stderr; if not given, on a terminal
  dry_run=true      only how many points, programs, seconds and bytes
  design=sobol      with -m: fills ranges; also latin_hypercube, morris, saltelli, grid
                    design.points=256 'design.over={rules.watch.detection: [0, 0.05]}'
  experiment=NAME   with -m: a sweep that lies in a file of configs/experiment (docs/sweeps.md)

Beside resume=DIR stand workers, cluster, pages, scale and progress; its manifest says the rest.
Beside report=DIR stands scale, and of a sweep metrics instead. A run that left its range is named
with the command that plays it alone, on the reference engine.

Every other key is the scenario's own: weeks, states.<CODE>.<trait>, states.<CODE>.desks.<desk>,
rules.<phase>.<coefficient> (list=rules), timetable=none, priors=none.

Exit codes: 0 done, 1 some runs failed or the job could not end, 2 bad input, 130 interrupted.
"""
MOST_NAMED = 20
"""How many failed runs are named one by one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:  # a process of its own
        seldom_cleared()
    try:
        return _command(words)
    except (InputError, ScenarioError, OutputError, ClusterError) as error:
        return _told(str(error), 2)
    except KeyboardInterrupt:
        return _told("interrupted", 130)
    except BrokenPipeError:  # as `armsflow list=rules | head` leaves it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _told(str(error), 1)


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
    lists = [word.partition("=")[2] for word in words if word.startswith("list=")]
    if lists and len(words) > 1:
        raise InputError("list: stands alone, without other keys")
    if lists:
        return _list(lists[0])
    if any(word.startswith("report=") for word in words):
        return _report_again(*reporting(words))
    if any(word.startswith("resume=") for word in words):
        path, job = going_on(words)
        play = partial(resume, path, job["workers"], job["progress"], job["cluster"])
        return _play(play, path, job, words, _has_figures(**open_results(path).manifest))
    if any(word.startswith("explain=") for word in words):
        return _explain(*question(words))
    if {"-m", "--multirun"} & set(words):
        return _sweep([word for word in words if word not in ("-m", "--multirun")])
    shown = "--cfg" in words
    scenario, job = asked([word for word in words if word not in ("--cfg", "job")])
    if shown:
        import yaml

        print(yaml.safe_dump(job | scenario.mapping, sort_keys=False, allow_unicode=True), end="")
        return 0
    return _play_plan(single(scenario), job, words)


def _list(what: str) -> int:
    if what == "schema":
        print(json.dumps(file_schema(), indent=2))
        return 0
    if what not in LISTS:
        raise InputError(f"list: '{what}' is none of {', '.join(LISTS)}, schema")
    print("\n".join(aligned(LISTS[what]())))
    return 0


def _report_again(path: Path, metrics: list[str], scale: Scale) -> int:
    """Reports on a folder; of a sweep, on chosen metrics."""
    results = open_results(path)
    if metrics and results.parts:
        try:
            check(results, metrics)
        except ValueError as error:
            raise InputError(str(error)) from None
    with _beside(_has_figures(**results.manifest)) as beside:
        return _report(results, True, scale, metrics or None, beside)


def _explain(scenario: Scenario, state: str, week: int, seed: int, run: int) -> int:
    from ..explain.explain import LeftItsRangeError, explain

    try:
        told = explain(scenario, state, week, seed, run)
    except LeftItsRangeError as error:
        return _told(str(error), 1)
    print("\n".join(told.lines()))
    return 0


def _sweep(words: list[str]) -> int:
    """Sweeps; Hydra's own launcher makes a job of each point, ours one of all."""
    from .multirun import multirun

    codes: list[int] = []
    multirun(words, lambda plan, job: codes.append(_play_plan(plan, job, words)))
    return max(codes)


def _play_plan(plan: Plan, job: dict[str, Any], words: list[str]) -> int:
    out = Path(str(job["out"] or folder(plan.scenario.name, datetime.now())))
    if job["dry_run"]:
        from ..ensemble.estimate import estimated

        engine = chosen(job["engine"], plan.scenario)
        counted = (job["runs"], job["seed"], job["record"], engine, out, job["first"])
        asked_for = job_for(plan, *counted)
        print("\n".join(estimated(asked_for, job["workers"] or os.cpu_count() or 1)))
        return 0
    keys = ("runs", "first", "seed", "record", "engine", "workers", "progress", "cluster")
    arguments = {key: job[key] for key in keys}
    play = partial(play_plan, plan, **arguments, out=out)
    return _play(play, out, job, words, _has_figures(job["record"], plan.size))


def _has_figures(record: str, points: int, **_: Any) -> bool:
    """Whether a job has those many figures that two processes may share."""
    return points == 1 and record != "summary"


def _beside(draws: bool, workers: int | None = None) -> AbstractContextManager[Executor | None]:
    """A second process to draw with, which is ready when there is something to draw."""
    many = (workers or os.cpu_count() or 1) > 1
    return another("sim.plots.draw") if draws and many else nullcontext()


def _play(
    play: Callable[[], Results], out: Path, job: dict[str, Any], words: list[str], figures: bool
) -> int:
    """Plays and reports."""
    with _beside(figures and job["pages"], job["workers"]) as beside:
        return _played(play, out, job, words, beside)


def _played(
    play: Callable[[], Results],
    out: Path,
    job: dict[str, Any],
    words: list[str],
    beside: Executor | None,
) -> int:
    """Plays and reports; whatever ends it before, what to type then is told."""
    before = _is_complete(out)
    try:
        results = play()
    except KeyboardInterrupt:
        return _told(f"interrupted; {_going_on(out, words)}", 130)
    except BrokenExecutor:
        return _told(f"a worker died; {_going_on(out, words)}", 1)
    except RunError as error:
        return _told(f"{error}\nwhat was finished is kept in {out}", 1)
    except OSError as error:
        return _told(f"{error}; {_going_on(out, words)}", 1)
    if before:
        print(f"{out} was finished already; nothing was run again\n")
    return _report(results, job["pages"], job["scale"], beside=beside)


def _going_on(out: Path, words: list[str]) -> str:
    """What to type when a job did not come to its end."""
    if not (out / MANIFEST).exists():
        return "nothing was played yet"
    beside = [word for word in words if root(word) in GOING_ON]
    return f"go on with: {shlex.join(['armsflow', f'resume={out}', *beside])}"


def _is_complete(out: Path) -> bool:
    try:
        return open_results(out).complete
    except OutputError:
        return False


def _report(
    results: Results,
    pages: bool,
    scale: Scale = "mid",
    metrics: Sequence[str] | None = None,
    beside: Executor | None = None,
) -> int:
    """Prints the table, draws the figures and writes the page; 1 if runs failed."""
    if not results.parts:
        return _told(f"{results.path} holds no finished part yet; {_going_on(results.path, [])}", 1)
    again = f"the runs are kept; again: {shlex.join(['armsflow', f'report={results.path}'])}"
    try:
        return _shown(results, pages, scale, metrics, beside)
    except KeyboardInterrupt:
        return _told(f"interrupted; {again}", 130)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _told(f"{error}; {again}", 1)


def _shown(
    results: Results,
    pages: bool,
    scale: Scale,
    metrics: Sequence[str] | None,
    beside: Executor | None,
) -> int:
    sweeps = results.manifest["points"] > 1
    print("\n".join(sweep_table(results, metrics) if sweeps else short_table(results, scale)))
    print(f"\nresults: {results.path}")
    if not results.complete:
        total = results.manifest["runs"] * results.manifest["points"]
        print(f"{results.count} of {total} runs;", _going_on(results.path, []))
    if pages:
        from ..plots.draw import pages as written

        *drawn, page = written(results, results.path, scale, metrics, beside)
        clean(results.path)
        if drawn:
            print("figures:", *drawn, sep="\n  ")
        print(f"report: {page}")
    return _told_of_failures(results)


def _told_of_failures(results: Results) -> int:
    """Names the runs that left their range, each with the command that plays it; 1 if there are."""
    failed = results.ids[results.ids["status"] == "failed"]
    if failed.empty:
        return 0
    from ..ensemble.recipe import of_runs

    named = failed.head(MOST_NAMED)
    points = named["point"].tolist()
    again, several = of_runs(results, set(points)), results.manifest["points"] > 1
    for point, row in zip(points, named.itertuples(), strict=True):
        which = f"point {point}, " if several else ""
        told = f"{which}seed {row.seed}, run {row.run}: left its range in week {row.failed_at:.0f}"
        _told(f"{told}; again: {again[point]} first={row.run}" if point in again else told, 1)
    if len(failed) > MOST_NAMED:
        _told(f"and {len(failed) - MOST_NAMED} more: results.failed lists them", 1)
    return 1
