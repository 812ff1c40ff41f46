"""Overrides of a command line: of what each is, what is wrong with it, how Hydra composes it.

Keys of the job are Hydra's to set; those of the scenario go to the loader as they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from ..ensemble.designs import MOST_POINTS
from ..scenario import Spec, names
from ..scenario.compose import LONGEST_OVERRIDE
from ..scenario.files import _configs
from ..scenario.grammar import quoted, read_override
from ..scenario.load import DEFAULT
from ..scenario.problems import nearest

JOB_KEYS = (
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
    "objective",
    "design",
    "cluster",
)
GROUPS = ("scenario", "design", "cluster")
"""Keys that name a shipped file; what stands in it is set by a dot, `cluster.address`."""
SWEEP_KEYS = ("experiment", "design", "objective")
"""Keys of a sweep alone; the file of an experiment may be one's own (`hydra.searchpath`)."""
KEYS = ("scenario", "experiment", *JOB_KEYS)
PATH_KEYS = ("out", "scenario_file")
"""Keys whose value is a path."""
LITERAL = re.compile(rf"(\+{{0,2}}(?:{'|'.join(PATH_KEYS)}|objective)=)(.+)", re.DOTALL)
"""Overrides whose value is what stands behind the `=`, letter by letter."""
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|null", re.DOTALL)
SCENARIO_KEYS = (*Spec.model_fields, "generate")
"""What may stand at the root of a scenario."""


class InputError(ValueError):
    """Input that cannot be used: a line for each problem."""


def literal(override: str) -> str:
    """Return an override so that Hydra reads a path as it was written, unless it is in quotes."""
    found = LITERAL.fullmatch(override)
    if not found or _QUOTED.fullmatch(found[2]) or "${" in found[2]:
        return override
    return found[1] + quoted(found[2])


def split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Split overrides into those of the job, as Hydra takes them, and those of the scenario.

    Args:
        overrides: `key=value` each.

    Returns:
        Those of the job, those of the scenario, and what is wrong with others.
    """
    for_job: list[str] = []
    for_scenario: list[str] = []
    problems: list[str] = []
    for text in _distinct(map(literal, overrides)):
        if len(text) > LONGEST_OVERRIDE:
            problems.append(f"{text[:40]}...: longer than {LONGEST_OVERRIDE:,} characters")
            continue
        try:
            override = read_override(text)
        except ValueError as error:
            problems.append(str(error))
            continue
        refusal = _refusal(text, override)
        if refusal is not None:
            problems.append(refusal)
        elif override.key_or_group in GROUPS:
            for_job.append(text)
        elif root(text) in JOB_KEYS:
            for_job.append("++" + text.lstrip("+"))
        else:
            for_scenario.append(text)
    return for_job, for_scenario, problems


def _distinct(overrides: Iterable[str]) -> Iterator[str]:
    """Yield each override once, but what takes something away as often as it stands."""
    seen = set()
    for text in overrides:
        if text not in seen or text.startswith("~"):
            yield text
        seen.add(text)


def _refusal(text: str, override: Any, sweeps: bool = False) -> str | None:
    """Return what is wrong with an override before anything is composed."""
    key = override.key_or_group
    above = root(key)
    if override.is_sweep_override() and not sweeps:
        return f"{key}: takes one value; armsflow -m sweeps"
    if "${" in text:
        return f"{key}: interpolations are not read"
    if override.is_range_sweep() and _is_endless(override.value()):
        return f"{key}: its range makes more than {MOST_POINTS:,} points"
    if key in SWEEP_KEYS and override.is_sweep_override():
        return f"{key}: takes one value"
    if above in SWEEP_KEYS and not sweeps:
        return f"{key}: a sweep; armsflow -m runs it"
    if override.package is not None or (key in KEYS and override.is_delete()):
        return f"{text}: not of the form key=value"
    if key not in KEYS and above not in (*SCENARIO_KEYS, "design", "cluster"):
        return f"{key}: no such key{nearest(above, (*KEYS, *SCENARIO_KEYS))}"
    if override.is_sweep_override():
        return None
    if key == "experiment":  # a folder of the user's may hold it: Hydra finds out
        return None
    if key in GROUPS and (override.is_add() or override.value() not in names(key)):
        return f"{text}: there is no such {key}{nearest(override.value(), names(key))}"
    return None


def _is_endless(values: Any) -> bool:
    """Return whether a range has more values than a table may have points: Hydra lists them."""
    return not values.step or (values.stop - values.start) / values.step > MOST_POINTS


def compose_job(overrides: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the scenario's name and the configuration of a job, which Hydra composes.

    The scenario's own content is left out: `load` reads it, and Hydra would take long.

    Raises:
        InputError: Hydra cannot compose them.
    """
    from hydra import compose
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    named = [text for text in overrides if text.startswith("scenario=")] or [f"scenario={DEFAULT}"]
    rest = [text for text in overrides if text not in named]
    try:
        with hydra_in_configs():
            config = compose("config", [*rest, "scenario=[]"])  # of its group none
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(hydra_message(error)) from None
    return named[-1].partition("=")[2].strip("'\""), plain_config(config)


def hydra_message(error: Exception) -> str:
    """Return what Hydra cannot do, in a line."""
    missing, options = getattr(error, "missing_cfg_file", None), getattr(error, "options", None)
    if missing and options is not None:
        group, _, name = str(missing).rpartition("/")
        return f"{group}: there is no '{name}'{nearest(name, options)}"
    return str(error).strip().partition("\n")[0] or type(error).__name__


def plain_config(config: Any) -> dict[str, Any]:
    """Return a configuration as plain data, without what is Hydra's."""
    from omegaconf import OmegaConf

    composed = cast(dict[str, Any], OmegaConf.to_container(config))  # a mapping stays one
    composed.pop("hydra", None)
    return composed


@contextmanager
def hydra_in_configs() -> Iterator[None]:
    """Give Hydra our configurations and plugins, until the end of the block."""
    from hydra import initialize_config_dir
    from hydra._internal.sources_registry import SourcesRegistry
    from hydra.core.plugins import Plugins

    from hydra_plugins.armsflow import ArmsflowLauncher, ArmsflowSweeper

    from .settings import FileConfigSource

    for plugin in (ArmsflowLauncher, ArmsflowSweeper):
        Plugins.instance().register(plugin)  # Hydra's scan does not see editable installations
    sources = SourcesRegistry.instance().types
    hydras = sources["file"]
    sources["file"] = FileConfigSource
    FileConfigSource.experiments.clear()
    try:
        with initialize_config_dir(str(_configs()), version_base="1.3"):
            yield
    finally:
        sources["file"] = hydras


def is_of_scenario(override: str) -> bool:
    """Return whether an override is of what is simulated."""
    return root(override) == "scenario" or root(override) in SCENARIO_KEYS


def root(override: str) -> str:
    """Return the first part of the key of an override."""
    return re.split(r"[.=@]", override.lstrip("+~"), maxsplit=1)[0]


def split_sweep_overrides(
    overrides: Iterable[str],
) -> tuple[list[str], list[str], list[str]]:
    """Split the overrides of a sweep; of two that set the same key the later holds.

    Args:
        overrides: `key=value` each, where a value may be a sweep.

    Returns:
        Those for Hydra, those that all jobs share, and what is wrong with others.
    """
    to_hydra: dict[str, str] = {}
    same: dict[str, str] = {}
    problems: list[str] = []
    for text in overrides:
        if re.match(r"\+*hydra[./]", text):
            if re.match(r"\+*hydra\.mode=", text):
                problems.append("hydra.mode: -m sweeps; without it one job is run")
            to_hydra[text] = text
            continue
        try:
            override = read_override(literal(text))
            if root(text) in PATH_KEYS:
                with suppress(ValueError):  # two paths are no path with a comma in it
                    override = read_override(text)
        except ValueError as error:
            problems.append(str(error))
            continue
        key, sweeps = override.key_or_group, override.is_sweep_override()
        refusal = _refusal(text, override, sweeps=True)
        if refusal is not None:
            problems.append(refusal)
        elif sweeps and root(text) in JOB_KEYS:
            problems.append(f"{key}: takes one value, which all points share")
        elif key in (*GROUPS, "experiment"):
            to_hydra[key] = text.lstrip("+")
        elif sweeps or root(text) in JOB_KEYS:
            to_hydra[key] = "++" + literal(text).lstrip("+")
            same.pop(key, None)
        elif text.startswith("~") and text in same:
            problems.append(f"{text}: stands twice")
        else:
            same[text.lstrip("+").partition("=")[0]] = text
            to_hydra.pop(key, None)
    return list(to_hydra.values()), list(same.values()), problems
