"""What a command line asks for: Hydra reads and composes, the schema judges.

Two kinds of keys. Those of the job are Hydra's to set. Those of the scenario mean what they mean in
`sim.load(name, overrides)`: they may name what the composed files lack, and what they decide has no
prior any more.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ..ensemble.execution import check
from ..ensemble.job import chosen
from ..events import SCALES, Scale
from ..results.store import MANIFEST, OutputError, read_manifest
from ..scenario import Scenario, ScenarioError, from_mapping, load
from ..scenario.compose import changes, overridden
from ..scenario.files import unsafe
from ..scenario.problems import brief, nearest
from .overrides import JOB, InputError, job_composed, plainly, root, sorted_out

QUESTION = ("explain", "week", "run")
"""Keys of a question; beside them it takes those of the scenario and `seed`."""
REPORTING = ("report", "metrics", "scale")
"""Keys of a report: `metrics` of a sweep, `scale` of a single job."""
GOING_ON = ("workers", "cluster", "pages", "scale", "progress")
"""Keys that stand beside `resume`; the manifest says the rest."""


def asked(words: Sequence[str]) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the keys of the job that some overrides ask for.

    Raises:
        InputError: With everything that is wrong with either.
    """
    for_job, for_scenario, problems = sorted_out(words)
    name, composed = job_composed(for_job)
    return _read(name, composed, for_scenario, problems, "full")


def of_config(
    name: str, config: Any, words: Sequence[str], problems: Sequence[str]
) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the keys of the job that a configuration of a sweep and overrides ask for.

    Args:
        name: Which scenario.
        config: The composed configuration.
        words: Overrides of the scenario.
        problems: What is wrong already.

    Raises:
        InputError: With everything that is wrong.
    """
    return _read(name, plainly(config), words, list(problems), "summary")


def _read(
    name: str,
    composed: dict[str, Any],
    for_scenario: Sequence[str],
    problems: list[str],
    record: str,
) -> tuple[Scenario, dict[str, Any]]:
    """What composed data and overrides ask for; `record` is what is kept if they do not say."""
    job: dict[str, Any] = {key: composed.get(key) for key in JOB}
    job["record"] = job["record"] or record
    wrong = unsafe(job) or _wrong(job)
    try:
        if job["scenario_file"] is None:
            scenario = load(name, for_scenario)
        else:
            scenario = _of_file(Path(str(job["scenario_file"])), for_scenario)
        if not wrong:
            chosen(job["engine"], scenario)
    except ScenarioError as error:
        wrong += error.problems
    except ValueError as error:
        wrong.append(str(error))
    problems += wrong
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return scenario, job


def _wrong(job: Mapping[str, Any]) -> list[str]:
    """What is wrong with the keys of a job, a sentence each."""
    checked = ("runs", "seed", "record", "engine", "workers", "first", "cluster")
    wrong = check(*(job[key] for key in checked))
    return [*wrong, *_unfit(job["scale"])] + [
        f"{key}: {job[key]!r} is neither true nor false"
        for key, allowed in (
            ("pages", (True, False)),
            ("dry_run", (True, False)),
            ("progress", (True, False, None)),
        )
        if not any(job[key] is value for value in allowed)
    ]


def _unfit(scale: Any) -> list[str]:
    return [] if scale in SCALES else [f"scale: {scale!r} is none of {', '.join(SCALES)}"]


def _of_file(path: Path, overrides: Sequence[str]) -> Scenario:
    """The scenario of a file, or the one that was played into a folder of results."""
    if os.path.isfile(path / MANIFEST):  # a name that is none is no folder either
        return from_mapping(overridden(read_manifest(path)["scenario"], changes(overrides)))
    return load(path, overrides)


def folder(name: str, began: datetime) -> Path:
    """Where the results of a scenario go that was played without saying where."""
    return Path("results", name, began.strftime("%Y-%m-%dT%H-%M-%S"))


def reporting(words: Sequence[str]) -> tuple[Path, list[str], Scale]:
    """The folder to report on, by which metrics if any are chosen, and on which scale.

    Raises:
        InputError: With everything that is wrong with them.
    """
    told = dict(word.partition("=")[::2] for word in words)
    problems = [
        f"{key}: report takes {', '.join(REPORTING[1:])}" for key in told if key not in REPORTING
    ]
    path, scale = Path(told["report"]), told.get("scale", SCALES[0])
    problems += _unfit(scale)
    try:
        several = read_manifest(path)["points"] > 1
    except OutputError as error:
        problems.append(str(error))
    else:
        what = ("a single job", "a sweep")
        key = "scale" if several else "metrics"
        if key in told:
            problems.append(f"{key}: goes with {what[not several]}; {path} is {what[several]}")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    names = told["metrics"].strip("[]").split(",") if "metrics" in told else []
    return path, [name.strip() for name in names], cast("Scale", scale)


def going_on(words: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    """The folder with whose job to go on, and the keys of the job that stand beside it.

    Raises:
        InputError: With everything that is wrong with either.
    """
    told = [word.partition("=")[2] for word in words if word.startswith("resume=")]
    rest = [word for word in words if not word.startswith("resume=")]
    for_job, for_scenario, problems = sorted_out(rest)
    beside = []
    for word in [*for_job, *for_scenario]:
        key = word.lstrip("+~").partition("=")[0]
        if root(word) in GOING_ON:
            beside.append(word)
        else:
            problems.append(f"{key}: the job has its own; resume takes {', '.join(GOING_ON)}")
    _, composed = job_composed(beside)
    problems += _wrong(composed | {"record": "full"})
    path = Path(told[0])
    try:
        read_manifest(path)
    except OutputError as error:
        problems.append(f"resume: {error}")
    if len(told) > 1:
        problems.append("resume: takes one folder")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return path, {key: composed[key] for key in GOING_ON}


def question(words: Sequence[str]) -> tuple[Scenario, str, int, int, int]:
    """The scenario, the state, the week, the seed and the run that is to be explained.

    Raises:
        InputError: With everything that is wrong with any of them.
    """
    told, rest, problems = {"run": "0", "week": ""}, [], []
    for word in words:
        key, _, value = word.partition("=")
        if key in QUESTION:
            told[key] = value
        elif root(word) in JOB and key not in ("seed", "scenario_file"):
            problems.append(f"{key}: explain does not take it")
        else:
            rest.append(word)
    for key in ("week", "run"):
        if key == "week" and not told[key]:
            problems.append("week: explain needs it, as in week=40")
            told[key] = "0"
        elif not told[key].isdecimal() or len(told[key]) > 9:
            problems.append(f"{key}: {told[key]!r} is no whole number from 0 up")
            told[key] = "0"
    try:
        scenario, job = asked(rest)
    except InputError as error:
        raise InputError("\n".join([*problems, str(error)])) from None
    state, week = told["explain"], int(told["week"])
    if state not in scenario.states:
        known = nearest(state, scenario.states) or f" ({', '.join(scenario.states)})"
        problems.append(f"explain: there is no state '{state}'{known}")
    if week >= scenario.weeks:
        problems.append(f"week: {week}: the last week is {scenario.weeks - 1}")
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return scenario, state, week, job["seed"], int(told["run"])
