"""What a command line requests: Hydra reads and composes, the schema judges.

Two kinds of keys. Those of the job are Hydra's to set. Those of the scenario mean what they mean in
`sim.load(name, overrides)`: they may name what the composed files lack, and what they decide has no
prior any more.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ..ensemble.execution import Execution, execution_problems
from ..ensemble.job import Job, job_problems, resolve_engine
from ..ensemble.plan import Plan
from ..events import SCALES, Scale
from ..results.record import summary_columns
from ..results.store import MANIFEST, read_manifest
from ..scenario import Scenario, ScenarioError, from_mapping, loaded
from ..scenario.compose import changes, overridden
from ..scenario.files import local_path, unsafe
from ..scenario.problems import brief, nearest
from .overrides import (
    JOB_KEYS,
    PATH_KEYS,
    InputError,
    compose_job,
    plain_config,
    root,
    split_overrides,
)

EXPLAIN_KEYS = ("explain", "week", "run")
"""Beside them an explanation takes the keys of the scenario, and `seed`."""
REPORT_KEYS = ("report", "metrics", "scale")
"""`metrics` of a sweep, `scale` of a single job."""
RESUME_KEYS = ("workers", "cluster", "pages", "scale", "progress")
"""Keys that stand beside `resume`; the manifest holds the rest."""
LONGEST_NUMBER = 9
"""Digits of a week or a run."""


@dataclass(frozen=True)
class Report:
    """How results are shown.

    - `pages`: whether figures are drawn and `report.html` is written.
    - `scale`: of the escalation index in the table of a single job.
    - `metrics`: of a sweep; its headlines if none are chosen.
    """

    pages: bool = True
    scale: Scale = "mid"
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """A scenario and what to do with it, checked.

    - `scenario`: what is simulated, or what a sweep changes.
    - `runs`, `first`, `seed`, `record`, `engine`: as of `Job`.
    - `execution`: who runs it.
    - `report`: how the results are shown.
    - `out`: the folder of the results, if one was given.
    - `dry_run`: whether only to estimate what the job takes.
    - `objective`: what a sweeper that searches is given, columns of the table of runs.
    - `design`: the keys of a design, if there is one.
    - `scenario_file`: the file or folder from which the scenario was read, if any.
    """

    scenario: Scenario
    runs: int
    first: int
    seed: int
    record: str
    engine: str
    execution: Execution
    report: Report
    out: Path | None
    dry_run: bool
    objective: tuple[str, ...]
    design: Mapping[str, Any] | None
    scenario_file: str | None

    def job(self, plan: Plan) -> Job:
        """Return the job that runs a plan."""
        return Job(plan, self.runs, self.first, self.seed, self.record, self.engine)

    def folder(self, began: datetime) -> Path:
        """Return the folder of the results, which is named by the time if none was given."""
        if self.out is not None:
            return self.out
        return Path("results", self.scenario.name, began.strftime("%Y-%m-%dT%H-%M-%S"))

    def configuration(self) -> dict[str, Any]:
        """Return all keys with their values, those of the job first, as `--cfg job` prints them."""
        values = {
            "scenario_file": self.scenario_file,
            "runs": self.runs,
            "first": self.first,
            "seed": self.seed,
            "engine": self.engine,
            "record": self.record,
            "out": None if self.out is None else str(self.out),
            "workers": self.execution.workers,
            "pages": self.report.pages,
            "scale": self.report.scale,
            "progress": self.execution.progress,
            "dry_run": self.dry_run,
            "objective": ",".join(self.objective) or None,
            "design": self.design,
            "cluster": self.execution.cluster,
        }
        return {key: values[key] for key in JOB_KEYS} | self.scenario.mapping


def parse_request(overrides: Sequence[str]) -> Request:
    """Return what some overrides request.

    Args:
        overrides: `key=value` each, of the job and of the scenario.

    Raises:
        InputError: With everything that is wrong with any.
    """
    for_job, for_scenario, problems = split_overrides(overrides)
    name, composed = compose_job(for_job)
    return _checked_request(name, composed, for_scenario, problems, "full")


def request_of_config(
    name: str, config: Any, overrides: Sequence[str], problems: Sequence[str]
) -> Request:
    """Return what a configuration of a sweep and some overrides request.

    Args:
        name: Which scenario.
        config: The composed configuration.
        overrides: Of the scenario.
        problems: What is wrong already.

    Raises:
        InputError: With everything that is wrong.
    """
    return _checked_request(name, plain_config(config), overrides, list(problems), "summary")


def _checked_request(
    name: str,
    composed: dict[str, Any],
    overrides: Sequence[str],
    problems: list[str],
    record: str,
) -> Request:
    """Return what composed data and overrides request; `record` is the default of that key."""
    given: dict[str, Any] = {key: composed.get(key) for key in JOB_KEYS}
    given["record"] = given["record"] or record
    wrong = unsafe(given) or _key_problems(given)
    try:
        if given["scenario_file"] is None:
            scenario = loaded(name, overrides)
        elif not _path_problems("scenario_file", given["scenario_file"]):
            scenario = _scenario_of_file(local_path(given["scenario_file"]), overrides)
        if not wrong:
            resolve_engine(given["engine"], scenario)
            wrong += _objective_problems(_columns(given["objective"]), scenario)
    except ScenarioError as error:
        wrong += error.problems
    except ValueError as error:
        wrong.append(str(error))
    problems += wrong
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return Request(
        scenario=scenario,
        **{key: given[key] for key in ("runs", "first", "seed", "record", "engine")},
        execution=Execution(given["workers"], given["cluster"], given["progress"]),
        report=Report(given["pages"], given["scale"]),
        out=None if given["out"] is None or given["out"] == "" else local_path(given["out"]),
        dry_run=given["dry_run"],
        objective=_columns(given["objective"]),
        design=given["design"],
        scenario_file=given["scenario_file"],
    )


def _key_problems(given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the keys of a job, a sentence each."""
    job = (given[key] for key in ("runs", "first", "seed", "record", "engine"))
    execution = (given[key] for key in ("workers", "cluster", "progress"))
    return [
        *job_problems(*job),
        *execution_problems(*execution),
        *_scale_problems(given["scale"]),
        *(line for key in PATH_KEYS for line in _path_problems(key, given[key])),
        *(
            f"{key}: {given[key]!r} is neither true nor false"
            for key in ("pages", "dry_run")
            if not isinstance(given[key], bool)
        ),
    ]


def _columns(names: Any) -> tuple[str, ...]:
    """Return the names of columns that are written `a,b` or `[a,b]`."""
    if names is None:
        return ()
    split = names.strip("[]").split(",") if isinstance(names, str) else names
    return tuple(str(name).strip() for name in split)


def _objective_problems(names: Sequence[str], scenario: Scenario) -> list[str]:
    """Return what is wrong with the columns of an objective, a sentence each."""
    if not names:
        return []
    known = [*summary_columns(scenario), *scenario.priors]
    return [
        f"objective: there is no '{name}'{nearest(name, known) or ' (armsflow list=metrics)'}"
        for name in names
        if name not in known
    ]


def _path_problems(key: str, path: Any) -> list[str]:
    if path is None:
        return []
    if not isinstance(path, str):
        return [f"{key}: {path!r} is no path; write it in quotes"]
    try:
        local_path(path)
    except ValueError as error:
        return [f"{key}: {error}"]
    return []


def _scale_problems(scale: Any) -> list[str]:
    return [] if scale in SCALES else [f"scale: {scale!r} is none of {', '.join(SCALES)}"]


def _scenario_of_file(path: Path, overrides: Sequence[str]) -> Scenario:
    """Return the scenario of a file, or the one that was simulated into a folder of results."""
    if os.path.isfile(path / MANIFEST):  # a name that is not valid is not a folder either
        return from_mapping(overridden(read_manifest(path)["scenario"], changes(overrides)))
    return loaded(path, overrides)


def parse_report(overrides: Sequence[str]) -> tuple[Path, Report]:
    """Return the folder to report on, and how.

    Args:
        overrides: `key=value` each, of REPORT_KEYS.

    Raises:
        InputError: With everything that is wrong with any.
    """
    given = dict(override.partition("=")[::2] for override in overrides)
    problems = [
        f"{key}: report takes {', '.join(REPORT_KEYS[1:])}"
        for key in given
        if key not in REPORT_KEYS
    ]
    scale = given.get("scale", SCALES[0])
    problems += _scale_problems(scale)
    try:
        path = local_path(given["report"])
        sweep = read_manifest(path)["points"] > 1
    except ValueError as error:  # an OutputError is one
        problems.append(str(error))
    else:
        kinds = ("a single job", "a sweep")
        key = "scale" if sweep else "metrics"
        if key in given:
            problems.append(f"{key}: goes with {kinds[not sweep]}; {path} is {kinds[sweep]}")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return path, Report(scale=cast("Scale", scale), metrics=_columns(given.get("metrics")))


def parse_resume(overrides: Sequence[str]) -> tuple[Path, Execution, Report]:
    """Return the folder whose job is continued, by whom, and how its results are shown.

    Args:
        overrides: `resume=DIR` and those of RESUME_KEYS.

    Raises:
        InputError: With everything that is wrong with any.
    """
    folders = [text.partition("=")[2] for text in overrides if text.startswith("resume=")]
    rest = [text for text in overrides if not text.startswith("resume=")]
    for_job, for_scenario, problems = split_overrides(rest)
    beside = []
    for override in [*for_job, *for_scenario]:
        key = override.lstrip("+~").partition("=")[0]
        if root(override) in RESUME_KEYS:
            beside.append(override)
        else:
            problems.append(f"{key}: the job has its own; resume takes {', '.join(RESUME_KEYS)}")
    _, given = compose_job(beside)
    problems += _key_problems(given | {"record": "full"})
    try:
        path = local_path(folders[0])
        read_manifest(path)
    except ValueError as error:  # an OutputError is one
        problems.append(f"resume: {error}")
    if len(folders) > 1:
        problems.append("resume: takes one folder")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    execution = Execution(given["workers"], given["cluster"], given["progress"])
    return path, execution, Report(given["pages"], given["scale"])


def parse_pairs(overrides: Sequence[str]) -> Scenario:
    """Return the scenario whose pairs are to be listed.

    Args:
        overrides: `list=pairs`, and `key=value` each of the scenario.

    Raises:
        InputError: With everything that is wrong with any.
    """
    rest = [text for text in overrides if text != "list=pairs"]
    refused = [text for text in rest if root(text) in JOB_KEYS and root(text) != "scenario_file"]
    problems = [f"{root(text)}: list=pairs does not take it" for text in refused]
    try:
        request = parse_request([text for text in rest if text not in refused])
    except InputError as error:
        raise InputError("\n".join([*problems, str(error)])) from None
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return request.scenario


@dataclass(frozen=True)
class ExplainRequest:
    """Whose decisions to explain, in which week of which run."""

    scenario: Scenario
    state: str
    week: int
    seed: int
    run: int


def parse_explain(overrides: Sequence[str]) -> ExplainRequest:
    """Return what is to be explained.

    Args:
        overrides: `key=value` each, of EXPLAIN_KEYS, of the scenario, and `seed`.

    Raises:
        InputError: With everything that is wrong with any.
    """
    given, rest, problems = {"run": "0", "week": ""}, [], []
    for override in overrides:
        key, _, value = override.partition("=")
        if key in EXPLAIN_KEYS:
            given[key] = value
        elif root(override) in JOB_KEYS and key not in ("seed", "scenario_file"):
            problems.append(f"{key}: explain does not take it")
        else:
            rest.append(override)
    for key in ("week", "run"):
        if key == "week" and not given[key]:
            problems.append("week: explain needs it, as in week=40")
            given[key] = "0"
        elif not given[key].isdecimal() or len(given[key]) > LONGEST_NUMBER:
            problems.append(f"{key}: {given[key]!r} is not a whole number of at least 0")
            given[key] = "0"
    try:
        request = parse_request(rest)
    except InputError as error:
        raise InputError("\n".join([*problems, str(error)])) from None
    scenario, state, week = request.scenario, given["explain"], int(given["week"])
    if state not in scenario.states:
        known = nearest(state, scenario.states) or f" ({', '.join(scenario.states)})"
        problems.append(f"explain: there is no state '{state}'{known}")
    if week >= scenario.weeks:
        problems.append(f"week: {week}: the last week is {scenario.weeks - 1}")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return ExplainRequest(scenario, state, week, request.seed, int(given["run"]))
