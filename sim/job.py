"""What a command line asks for: Hydra reads and composes, the schema judges.

Two kinds of keys. Those of the job are Hydra's to set. Those of the scenario mean what they mean in
`sim.load(name, overrides)`: they may name what the composed files lack, and what they decide has no
prior any more.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import ensemble
from .scenario import Scenario, ScenarioError, Spec, from_mapping, load, names
from .scenario.compose import LONGEST_WORD, changes, overridden
from .scenario.files import _configs
from .scenario.problems import brief, nearest

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
KEYS = ("scenario", *JOB)
QUESTION = ("explain", "week", "run")
"""Keys of a question; beside them it takes those of the scenario and `seed`."""
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
    job = {key: composed.pop(key) for key in JOB}
    problems += ensemble.check(*(job[k] for k in ("runs", "seed", "record", "engine", "workers")))
    problems += [
        f"{key}: {job[key]!r} is neither true nor false"
        for key, allowed in (("pages", (True, False)), ("progress", (True, False, None)))
        if not any(job[key] is value for value in allowed)
    ]
    try:
        if job["scenario_file"] is None:
            scenario = from_mapping(overridden(composed, changes(for_scenario)), name)
        else:
            scenario = load(Path(str(job["scenario_file"])), for_scenario)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    return scenario, job


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
        elif key in JOB and key not in ("seed", "scenario_file"):
            problems.append(f"{key}: explain does not take it")
        else:
            rest.append(word)
    for key in ("week", "run"):
        if not told[key].isdecimal() or len(told[key]) > 9:
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
        elif override.key_or_group == "scenario":
            for_job.append(word)
        elif override.key_or_group in JOB:
            for_job.append("++" + word.lstrip("+"))
        else:
            for_scenario.append(word)
    return for_job, for_scenario, problems


def _refusal(word: str, override: Any) -> str | None:
    """What is wrong with an override before anything is composed."""
    key = override.key_or_group
    root = key.partition(".")[0]
    if override.is_sweep_override():
        return f"{key}: takes one value"
    if "${" in word:
        return f"{key}: interpolations are not read"
    if override.package is not None or (key in KEYS and override.is_delete()):
        return f"{word}: not of the form key=value"
    if key not in KEYS and root not in CONTENT:
        return f"{key}: no such key{nearest(root, (*KEYS, *CONTENT))}"
    if key == "scenario" and (override.is_add() or override.value() not in names("scenario")):
        return f"{word}: there is no such scenario{nearest(override.value(), names('scenario'))}"
    return None


def _composed(overrides: list[str]) -> tuple[str, dict[str, Any]]:
    """What Hydra makes of `configs/` and the job's overrides: the scenario's name, plain data.

    Raises:
        InputError: Hydra cannot compose them.
    """
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        with initialize_config_dir(str(_configs()), version_base="1.3"):
            config = compose("config", overrides, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(str(error).partition("\n")[0]) from None
    name = config.hydra.runtime.choices["scenario"]
    # a mapping stays a mapping, which the signature does not say
    composed: dict[str, Any] = OmegaConf.to_container(config)  # type: ignore[assignment]
    del composed["hydra"]
    return name, composed
