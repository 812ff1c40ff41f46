"""What a command line asks for: Hydra reads and composes, the schema judges.

Two kinds of keys. Those of the job are Hydra's to set. Those of the scenario mean what they mean in
`sim.load(name, overrides)`: they may name what the composed files lack, and what they decide has no
prior any more.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from . import ensemble
from .events import SCALES, Scale
from .scenario import Scenario, ScenarioError, Spec, from_mapping, load, names
from .scenario.compose import LONGEST_WORD, changes, overridden
from .scenario.files import _configs, unsafe
from .scenario.load import DEFAULT
from .scenario.problems import brief, nearest
from .store import MANIFEST, OutputError, read_manifest
from .sweeps.designs import MOST_POINTS

JOB = (
    "scenario_file",
    "runs",
    "first",
    "seed",
    "engine",
    "record",
    "out",
    "workers",
    "pages",
    "scale",
    "progress",
    "dry_run",
    "design",
    "cluster",
)
GROUPS = ("scenario", "design", "cluster")
"""Keys that name a shipped file; what stands in it is set by a dot, `cluster.address`."""
SWEEPING = ("experiment", "design")
"""Keys of a sweep alone; the file of an experiment may be one's own (`hydra.searchpath`)."""
KEYS = ("scenario", "experiment", *JOB)
QUESTION = ("explain", "week", "run")
"""Keys of a question; beside them it takes those of the scenario and `seed`."""
REPORTING = ("report", "metrics", "scale")
"""Keys of a report: `metrics` of a sweep, `scale` of a single job."""
GOING_ON = ("workers", "cluster", "pages", "scale", "progress")
"""Keys that stand beside `resume`; the manifest says the rest."""
CONTENT = (*Spec.model_fields, "generate")
"""What may stand at the root of a scenario."""


class InputError(ValueError):
    """Input that cannot be used: a line a problem."""


def asked(words: Sequence[str]) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and the keys of the job that some overrides ask for.

    Raises:
        InputError: With everything that is wrong with either.
    """
    for_job, for_scenario, problems = _sorted(words)
    name, composed = _composed(for_job)
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
            ensemble.chosen(job["engine"], scenario)
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
    wrong = ensemble.check(*(job[key] for key in checked))
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
    for_job, for_scenario, problems = _sorted(rest)
    beside = []
    for word in [*for_job, *for_scenario]:
        key = word.lstrip("+~").partition("=")[0]
        if root(word) in GOING_ON:
            beside.append(word)
        else:
            problems.append(f"{key}: the job has its own; resume takes {', '.join(GOING_ON)}")
    _, composed = _composed(beside)
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


def _sorted(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The overrides of the job as Hydra takes them, those of the scenario, and what is wrong."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    for_job: list[str] = []
    for_scenario: list[str] = []
    problems: list[str] = []
    for word in dict.fromkeys(words):
        if len(word) > LONGEST_WORD:
            problems.append(f"{word[:40]}...: longer than {LONGEST_WORD:,} characters")
            continue
        try:
            override = OverridesParser.create().parse_override(word)
        except (HydraException, RecursionError):
            problems.append(f"{word}: not of the form key=value")
            continue
        refusal = _refusal(word, override)
        if refusal is not None:
            problems.append(refusal)
        elif override.key_or_group in GROUPS:
            for_job.append(word)
        elif root(word) in JOB:
            for_job.append("++" + word.lstrip("+"))
        else:
            for_scenario.append(word)
    return for_job, for_scenario, problems


def _refusal(word: str, override: Any, sweeps: bool = False) -> str | None:
    """What is wrong with an override before anything is composed."""
    key = override.key_or_group
    above = root(key)
    if override.is_sweep_override() and not sweeps:
        return f"{key}: takes one value; armsflow -m sweeps"
    if "${" in word:
        return f"{key}: interpolations are not read"
    if override.is_range_sweep() and _is_endless(override.value()):
        return f"{key}: its range makes more than {MOST_POINTS:,} points"
    if key in SWEEPING and override.is_sweep_override():
        return f"{key}: takes one value"
    if above in SWEEPING and not sweeps:
        return f"{key}: a sweep; armsflow -m plays it"
    if override.package is not None or (key in KEYS and override.is_delete()):
        return f"{word}: not of the form key=value"
    if key not in KEYS and above not in (*CONTENT, "design", "cluster"):
        return f"{key}: no such key{nearest(above, (*KEYS, *CONTENT))}"
    if override.is_sweep_override():
        return None
    if key == "experiment":  # a folder of one's own may hold it: Hydra knows
        return None
    if key in GROUPS and (override.is_add() or override.value() not in names(key)):
        return f"{word}: there is no such {key}{nearest(override.value(), names(key))}"
    return None


def _is_endless(told: Any) -> bool:
    """Whether a range has more values than a table may have points; Hydra would list them all."""
    return not told.step or (told.stop - told.start) / told.step > MOST_POINTS


def _composed(overrides: list[str]) -> tuple[str, dict[str, Any]]:
    """What Hydra makes of `configs/` and the job's overrides: the scenario's name, plain data.

    The scenario's own content is left out: it is `load` that reads it, and Hydra takes long.

    Raises:
        InputError: Hydra cannot compose them.
    """
    from hydra import compose
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    named = [word for word in overrides if word.startswith("scenario=")] or [f"scenario={DEFAULT}"]
    rest = [word for word in overrides if word not in named]
    try:
        with hydra_in_configs():
            config = compose("config", [*rest, "scenario=[]"])  # of its group none
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(of_hydra(error)) from None
    return named[-1].partition("=")[2].strip("'\""), plainly(config)


def of_hydra(error: Exception) -> str:
    """What Hydra cannot do, in our words."""
    missing, options = getattr(error, "missing_cfg_file", None), getattr(error, "options", None)
    if missing and options is not None:
        group, _, name = str(missing).rpartition("/")
        return f"{group}: there is no '{name}'{nearest(name, options)}"
    return str(error).partition("\n")[0]


def plainly(config: Any) -> dict[str, Any]:
    """A configuration as plain data, without what is Hydra's."""
    from omegaconf import OmegaConf

    composed = cast(dict[str, Any], OmegaConf.to_container(config))  # a mapping stays one
    composed.pop("hydra", None)
    return composed


@contextmanager
def hydra_in_configs() -> Iterator[None]:
    """Hydra with our configurations and plugins, until the end of the block."""
    from hydra import initialize_config_dir
    from hydra.core.plugins import Plugins

    from hydra_plugins.armsflow import ArmsflowLauncher, ArmsflowSweeper

    for plugin in (ArmsflowLauncher, ArmsflowSweeper):
        Plugins.instance().register(plugin)  # Hydra's scan does not see editable installations
    with initialize_config_dir(str(_configs()), version_base="1.3"):
        yield


def content(word: str) -> bool:
    """Whether an override is of what is played."""
    return root(word) == "scenario" or root(word) in CONTENT


def root(word: str) -> str:
    """The first part of the key of an override."""
    return re.split(r"[.=@]", word.lstrip("+~"), maxsplit=1)[0]


def parted(words: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """The overrides of a sweep that Hydra gets, those that all jobs share, and what is wrong.

    Of two that set the same key the later holds.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    to_hydra: dict[str, str] = {}
    same: dict[str, str] = {}
    problems: list[str] = []
    for word in words:
        if re.match(r"\+*hydra[./]", word):
            to_hydra[word] = word
            continue
        try:
            override = OverridesParser.create().parse_override(word)
        except (HydraException, RecursionError):
            problems.append(f"{word[:80]}: not of the form key=value")
            continue
        key, sweeps = override.key_or_group, override.is_sweep_override()
        refusal = _refusal(word, override, sweeps=True)
        if refusal is not None:
            problems.append(refusal)
        elif sweeps and root(word) in JOB:
            problems.append(f"{key}: takes one value, which all points share")
        elif key in (*GROUPS, "experiment"):
            to_hydra[key] = word.lstrip("+")
        elif sweeps or root(word) in JOB:
            to_hydra[key] = "++" + word.lstrip("+")
            same.pop(key, None)
        else:
            same[word.lstrip("+").partition("=")[0]] = word
            to_hydra.pop(key, None)
    return list(to_hydra.values()), list(same.values()), problems
