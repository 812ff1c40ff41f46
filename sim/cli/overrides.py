"""The words of a command line: whose each is, what is wrong with its form, what Hydra makes of it.

Keys of the job are Hydra's to set; those of the scenario go to the loader as they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from ..ensemble.designs import MOST_POINTS
from ..scenario import Spec, names
from ..scenario.compose import LONGEST_OVERRIDE
from ..scenario.files import _configs
from ..scenario.load import DEFAULT
from ..scenario.problems import nearest

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
CONTENT = (*Spec.model_fields, "generate")
"""What may stand at the root of a scenario."""


class InputError(ValueError):
    """Input that cannot be used: a line a problem."""


def sorted_out(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The overrides of the job as Hydra takes them, those of the scenario, and what is wrong."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    for_job: list[str] = []
    for_scenario: list[str] = []
    problems: list[str] = []
    for word in dict.fromkeys(words):
        if len(word) > LONGEST_OVERRIDE:
            problems.append(f"{word[:40]}...: longer than {LONGEST_OVERRIDE:,} characters")
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


def job_composed(overrides: list[str]) -> tuple[str, dict[str, Any]]:
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
