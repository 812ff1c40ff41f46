"""The command line: what is requested is run, shown in a short table, and drawn."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

from ..ensemble.cluster import ClusterError
from ..ensemble.errors import RunError
from ..ensemble.execution import Execution, execute
from ..ensemble.interrupts import endings_found, terminations_raised
from ..ensemble.plan import Plan, single_plan
from ..ensemble.resume import resume
from ..ensemble.workers import collect_garbage_rarely, helper_process
from ..results.checks import is_intact
from ..results.responses import require_columns
from ..results.results import Results, open_results
from ..results.store import MANIFEST, OutputError, clean, read_manifest
from ..results.sweep_table import sweep_table
from ..results.table import short_table
from ..results.text import aligned
from ..scenario import ScenarioError
from ..scenario.file_schema import file_schema
from .catalogue import LISTS, pairs, print_channels
from .compared import compare_folders
from .messages import fault, print_ending, print_error, print_warnings
from .overrides import InputError, root
from .process import open_closed_streams, own_folder
from .replayed import replay_seminar
from .request import (
    RESUME_KEYS,
    ExplainRequest,
    Report,
    Request,
    parse_explain,
    parse_pairs,
    parse_report,
    parse_request,
    parse_resume,
)

HELP = """\
armsflow: arms transfers and deterrence between states, simulated.

  armsflow                                   the default scenario
  armsflow weeks=104 runs=200 seed=7 out=results/mine
  armsflow states.PRK.doctrine=restraint rules.watch.detection=0.02 timetable=none
  armsflow -m states.PRK.doctrine=restraint,status_quo rules.watch.detection=0,0.01   a sweep
  armsflow list=scenarios                    or doctrines, desks, metrics, rules, events, schema
  armsflow list=pairs scenario=NAME          the pairs of states that a scenario names, and why
  armsflow explain=RUS week=40 seed=7        why that state decided so
  armsflow resume=results/mine               continues a job that was interrupted or killed
  armsflow report=results/mine scale=rivera  the table, the figures and the page again
  armsflow report=results/sweep metrics=disputes_mean,tension_mean_mean     a sweep, by these
  armsflow replay=seminar.json               replays a seminar of a class, bit for bit
  armsflow compare=results/a,results/b       one page of what differs, and how surely
  armsflow --cfg job                         the whole configuration; nothing is run
  eval "$(armsflow --completion)"            tab completion, in bash; --completion zsh, fish

keys of the job
  scenario=NAME     what is simulated (list=scenarios); scenario_file=mine.yaml: your own;
                    scenario_file=results/mine: what was simulated into that folder
  runs=64           how many runs of it
  first=0           the number of the first: first=900 runs=1 is run 900 alone
  seed=0            the master seed; a run has the same noise whatever else is changed
  record=full       summary: a row per run; weekly: weeks and events too; full: pairs and routes too
  engine=auto       compiled (pip install 'armsflow[fast]') where it is installed, else reference
  out=DIR           where results go; the same job again completes what is there
  workers=N         processes, one per core if not given
  cluster=tcp       who runs it: workers of Dask (pip install 'armsflow[sweep]'), scheduler at
                    cluster.address=tcp://host:8786; local: on this machine; slurm: as its jobs
  pages=true        whether to draw figures and write report.html
  scale=mid         of the escalation index in the table: mid, goldstein or rivera
  progress=true     a bar on stderr; if not given, on a terminal
  dry_run=true      only how many points, programs, seconds and bytes
  design=sobol      with -m: fills ranges; also latin_hypercube, morris, saltelli, grid
                    design.points=256 'design.over={rules.watch.detection: [0, 0.05]}'
  objective=METRIC  with -m hydra/sweeper=optuna: what is searched for, the mean over runs of a
                    column of the table of runs; several, comma-separated
  experiment=NAME   with -m: a sweep that lies in a file of configs/experiment (docs/sweeps.md)

Beside resume=DIR stand workers, cluster, pages, scale and progress; its manifest holds the rest.
With trust_code=true it runs the Python code that lies in the folder: of folders that you know.
Beside report=DIR stands scale, and of a sweep metrics instead; beside compare=DIR,DIR stand
metrics and out, the folder of the page (results/compared/...). A run that left its range is named
with the command that repeats it alone, on the reference engine.

Every other key is the scenario's own: weeks, states.<CODE>.<trait>, states.<CODE>.desks.<desk>,
rules.<phase>.<coefficient> (list=rules), timetable=none, priors=none. parameters=posterior
draws uncertain numbers from what public data say of them, parameters=FILE from your own posterior.

Exit codes: 0 done, 1 some runs failed or the job could not end, 2 bad input, 130 interrupted,
143 terminated.
"""
TYPED_ELSEWHERE = {
    "--version": "python -m pip show armsflow says it, and manifest.json of every job",
    "-V": "python -m pip show armsflow says it, and manifest.json of every job",
    "--info": "armsflow --cfg job shows the whole configuration",
    "run": "armsflow alone runs the default scenario; armsflow scenario=NAME another one",
    "help": "armsflow --help",
    "list": "armsflow list=scenarios; or doctrines, desks, metrics, rules, events, pairs, schema",
}
"""What others' commands take, with what is typed here."""
TRUST = "trust_code=true"
MAX_NAMED = 20
"""How many failed runs are named one by one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: Those of the command line; the process's own if None.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:  # a process of its own
        collect_garbage_rarely()
    open_closed_streams()
    try:
        with terminations_raised(), endings_found():
            return _command(given)
    except (InputError, ScenarioError, OutputError, ClusterError) as error:
        return print_error(str(error), 2)
    except KeyboardInterrupt as error:
        return print_ending(error)
    except BrokenPipeError:  # as `armsflow list=rules | head` causes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return print_error(str(error), 1)
    except Exception as error:  # the last resort: what nobody foresaw
        return print_error(fault(error), 1)


def _command(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(HELP, end="")
        return 0
    for text in arguments:
        if text in TYPED_ELSEWHERE or text == "--runs" or text.startswith("--config-"):
            what = TYPED_ELSEWHERE.get(text, "keys are typed as key=value: armsflow --help")
            raise InputError(f"{text}: {what}")
    if arguments[:1] in (["--completion"], ["--complete"]):
        from .completion import SHELLS, candidates

        if arguments[0] == "--complete":
            print("\n".join(candidates(" ".join(arguments[1:]))))
            return 0
        shell = " ".join(arguments[1:]) or "bash"
        if shell not in SHELLS:
            raise InputError(f"--completion: '{shell}' is none of {', '.join(SHELLS)}")
        print(SHELLS[shell])
        return 0
    if any(text.startswith("list=") for text in arguments):
        return _list(arguments)
    if any(text.startswith("replay=") for text in arguments):
        return replay_seminar(arguments)
    if any(text.startswith("report=") for text in arguments):
        return _report_again(*parse_report(arguments))
    if any(text.startswith("compare=") for text in arguments):
        return compare_folders(arguments)
    if any(text.startswith("resume=") for text in arguments):
        return _resume(*parse_resume([a for a in arguments if a != TRUST]), arguments)
    if "explain=channels" in arguments:
        return print_channels(
            parse_request([text for text in arguments if text != "explain=channels"])
        )
    if any(text.startswith("explain=") for text in arguments):
        return _explain(parse_explain(arguments))
    if {"-m", "--multirun"} & set(arguments):
        return _sweep([text for text in arguments if text not in ("-m", "--multirun")])
    request = parse_request([text for text in arguments if text not in ("--cfg", "job")])
    if "--cfg" in arguments:
        import yaml

        print(yaml.safe_dump(request.configuration(), sort_keys=False, allow_unicode=True), end="")
        return 0
    return _run_plan(single_plan(request.scenario), request, arguments)


def _list(arguments: list[str]) -> int:
    """Print a list of choices, or the pairs of a scenario."""
    if [text for text in arguments if text.startswith("list=")] == ["list=pairs"]:
        rows = aligned(pairs(parse_pairs(arguments)))
        print("\n".join(rows or ["nothing names two states together"]))
        return 0
    if len(arguments) > 1:
        raise InputError("list: stands alone, without other keys")
    what = arguments[0].partition("=")[2]
    if what == "schema":
        print(json.dumps(file_schema(), indent=2))
        return 0
    if what not in LISTS:
        raise InputError(f"list: '{what}' is none of {', '.join(LISTS)}, pairs, schema")
    print("\n".join(aligned(LISTS[what]())))
    return 0


def _report_again(path: Path, report: Report) -> int:
    """Report on a folder; of a sweep, on chosen metrics."""
    results = open_results(path)
    results.check()
    if report.metrics and results.parts:
        try:
            require_columns(results, report.metrics)
        except ValueError as error:
            raise InputError(str(error)) from None
    job = results.manifest
    with _drawing_process(job["record"], job["points"]) as beside:
        code = _report(results, report, beside)
    clean(path)
    return code


def _explain(request: ExplainRequest) -> int:
    from ..explain.explain import LeftItsRangeError, explain

    print_warnings(request.scenario.warnings)
    try:
        explanation = explain(
            request.scenario, request.state, request.week, request.seed, request.run
        )
    except LeftItsRangeError as error:
        return print_error(str(error), 1)
    print("\n".join(explanation.lines()))
    return 0


def _sweep(overrides: list[str]) -> int:
    """Run a sweep; Hydra's own launcher makes a job of each point, ours one of all."""
    from .multirun import multirun

    return multirun(overrides, lambda plan, request: _run_plan(plan, request, overrides))


def _run_plan(plan: Plan, request: Request, arguments: list[str]) -> int:
    execution, job = request.execution, request.job(plan)
    print_warnings(plan.warnings)
    if request.dry_run:
        from ..ensemble.estimate import estimate

        print("\n".join(estimate(job, execution.processes)))
        return 0
    draws = _draws_with_two(job.record, plan.size, request.report, execution)
    given = nullcontext(request.out) if request.out else own_folder(request.folder(datetime.now()))
    with given as out:
        return _run_and_report(
            lambda: execute(job, execution, out), out, request.report, arguments, draws
        )


def _resume(path: Path, execution: Execution, report: Report, arguments: list[str]) -> int:
    job = read_manifest(path)
    print_warnings(job.get("warnings", ()))

    def run() -> Results:
        trusted = TRUST in arguments
        return resume(path, execution.workers, execution.progress, execution.cluster, trusted)

    draws = _draws_with_two(job["record"], job["points"], report, execution)
    return _run_and_report(run, path, report, arguments, draws)


def _draws_with_two(record: str, points: int, report: Report, execution: Execution) -> bool:
    """Return whether two processes draw the figures of a job."""
    return report.pages and execution.processes > 1 and _has_many_figures(record, points)


def _has_many_figures(record: str, points: int) -> bool:
    """Return whether a job has those many figures that two processes may share."""
    return points == 1 and record != "summary"


def _drawing_process(record: str, points: int) -> AbstractContextManager[Executor | None]:
    """Return a second process to draw with, where it is worth it."""
    return _second_process((os.cpu_count() or 1) > 1 and _has_many_figures(record, points))


def _second_process(wanted: bool) -> AbstractContextManager[Executor | None]:
    return helper_process("sim.plots.draw") if wanted else nullcontext()


def _run_and_report(
    run: Callable[[], Results], out: Path, report: Report, arguments: list[str], two: bool
) -> int:
    """Run and report; whatever ends it before, what to type then is printed."""
    with _second_process(two) as beside:
        code = _run_then_report(run, out, report, arguments, beside)
    clean(out)  # the second process has ended
    return code


def _run_then_report(
    run: Callable[[], Results],
    out: Path,
    report: Report,
    arguments: list[str],
    beside: Executor | None,
) -> int:
    try:
        with endings_found():
            was_complete = _is_complete(out)
            results = run()
    except KeyboardInterrupt as error:
        return print_ending(error, _advice(out, arguments))
    except BrokenExecutor:
        return print_error(f"a worker died; {_advice(out, arguments)}", 1)
    except RunError as error:
        return print_error(f"{error}\nwhat was finished is kept in {out}", 1)
    except OSError as error:
        return print_error(f"{error}; {_advice(out, arguments)}", 1)
    if was_complete:
        print(f"{out} was complete already; nothing was run again\n")
    return _report(results, report, beside)


def _advice(out: Path, arguments: list[str]) -> str:
    """Return what to type when a job did not come to its end."""
    if not (out / MANIFEST).exists():
        return "nothing was run yet"
    beside = [text for text in arguments if root(text) in RESUME_KEYS or text == TRUST]
    return f"continue with: {shlex.join(['armsflow', f'resume={out}', *beside])}"


def _is_complete(out: Path) -> bool:
    try:
        return is_intact(out, read_manifest(out))
    except OutputError:
        return False


def _report(results: Results, report: Report, beside: Executor | None = None) -> int:
    """Print the table, draw the figures and write the page; return 1 if runs failed."""
    if not results.parts:
        return print_error(
            f"{results.path} holds no finished part yet; {_advice(results.path, [])}", 1
        )
    again = f"the runs are kept; again: {shlex.join(['armsflow', f'report={results.path}'])}"
    try:
        with endings_found():
            return _show(results, report, beside)
    except KeyboardInterrupt as error:
        return print_ending(error, again)
    except BrokenPipeError:
        raise
    except OSError as error:
        return print_error(f"{error}; {again}", 1)


def _show(results: Results, report: Report, beside: Executor | None) -> int:
    metrics = report.metrics or None
    if results.manifest["points"] > 1:
        print("\n".join(sweep_table(results, metrics)))
    else:
        print("\n".join(short_table(results, report.scale)))
    print(f"\nresults: {results.path}")
    if not results.complete:
        total = results.manifest["runs"] * results.manifest["points"]
        print(f"{results.count} of {total} runs;", _advice(results.path, []))
    if report.pages:
        from ..plots.draw import pages

        *drawn, page = pages(results, results.path, report.scale, metrics, beside)
        if drawn:
            print("figures:", *drawn, sep="\n  ")
        print(f"report: {page}")
    return _report_failures(results)


def _report_failures(results: Results) -> int:
    """Name the runs that left their range, each with the command that repeats it; 1 if any did."""
    failed = results.ids[results.ids["status"] == "failed"]
    if failed.empty:
        return 0
    from ..ensemble.recipe import run_commands

    named = failed.head(MAX_NAMED)
    points = named["point"].tolist()
    commands, sweeps = run_commands(results, set(points)), results.manifest["points"] > 1
    for point, row in zip(points, named.itertuples(), strict=True):
        which = f"point {point}, " if sweeps else ""
        line = f"{which}seed {row.seed}, run {row.run}: left its range in week {row.failed_at:.0f}"
        again = f"; again: {commands[point]} first={row.run}" if point in commands else ""
        print_error(line + again, 1)
    if len(failed) > MAX_NAMED:
        print_error(f"and {len(failed) - MAX_NAMED} more: results.failed lists them", 1)
    return 1
