"""`armsflow -m`: sweeps in Hydra's words, played as one table.

Hydra composes every job of a sweep twice, which costs more than to play it. Here it composes once
for each scenario; every other swept key is a column of the table. What is the same in all jobs
(`states.PRK.doctrine=restraint`) is read as in a job that is no sweep.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import HydraContext
from omegaconf import DictConfig

from .job import InputError, content, hydra_in_configs, of_config, parted
from .scenario import Scenario, ScenarioError, load
from .scenario.compose import plain
from .scenario.problems import brief
from .sweeps.designs import design
from .sweeps.plan import Columns, Plan, planned

Play = Callable[[Plan, dict[str, Any]], Any]
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NO_NAMES = {"null", "true", "false", "nan", "inf"}


@dataclass(frozen=True)
class Task:
    """What Hydra is given to do.

    - `words`: overrides of the scenario that are the same in all jobs.
    - `problems`: what is wrong with the form of others.
    - `play`: plays a plan with the keys of the job.
    """

    words: tuple[str, ...]
    problems: tuple[str, ...]
    play: Play

    def __call__(self, config: DictConfig) -> Any:
        """Plays one job, as Hydra's own launcher asks for it; its results go by its number."""
        told = HydraConfig.get()
        own = [word for word in told.overrides.task if content(word)]
        own = [word for word in own if not word.startswith("scenario=")]
        name = told.runtime.choices["scenario"]
        scenario, job = of_config(name, config, [*self.words, *own], self.problems)
        if job["out"] is not None:
            job["out"] = f"{job['out']}/{told.job.num}"
        return self.play(planned(scenario, _designed({}, job)), job)


def multirun(words: Sequence[str], play: Play) -> Any:
    """Has Hydra sweep as `words` say.

    Raises:
        InputError: With everything that is wrong.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    to_hydra, same, problems = parted(words)
    try:
        with hydra_in_configs():
            hydra = GlobalHydra.instance().hydra
            assert hydra is not None
            return hydra.multirun(
                "config", Task(tuple(same), tuple(problems), play), to_hydra, False
            )
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(str(error).partition("\n")[0]) from None


def expanded(arguments: list[str], context: HydraContext) -> list[list[str]]:
    """The overrides of every job: all combinations of what is swept."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    parser = OverridesParser.create(config_loader=context.config_loader)
    (jobs,) = BasicSweeper.split_arguments(parser.parse_overrides(arguments), None)
    return jobs


def launched(
    jobs: Sequence[Sequence[str]], task: Task, config: DictConfig, context: HydraContext
) -> list[JobReturn]:
    """Plays all jobs as the points of one table.

    Raises:
        InputError: With everything that is wrong with any of them.
    """
    columns = _columns(jobs)
    bases: dict[str, Scenario] = {}
    problems = list(task.problems)
    job: dict[str, Any] = {}
    shared = [word for word in jobs[0] if not content(word)]
    for name in dict.fromkeys(columns.get("scenario", [None])):
        words = [*shared, f"scenario={name}"]
        composed = context.config_loader.load_sweep_config(config, words) if name else config
        own = name or config.hydra.runtime.choices["scenario"]
        try:
            bases[own], job = of_config(own, composed, task.words, ())
        except InputError as error:
            problems += str(error).splitlines()
    base = next(iter(bases.values()), None) or load(own)
    try:
        table = _designed(columns, job)
        plan = planned(base, table, bases if "scenario" in columns else {})
    except (ScenarioError, InputError) as error:
        problems += str(error).splitlines()
    if problems:
        raise InputError("\n".join(map(brief, dict.fromkeys(problems))))
    results = task.play(plan, job)
    return [
        JobReturn(overrides=list(words), status=JobStatus.COMPLETED, _return_value=results)
        for words in jobs
    ]


def _columns(jobs: Sequence[Sequence[str]]) -> dict[str, list[Any]]:
    """What the jobs set, by path: a value a job."""
    told = [dict(_pair(word) for word in words if content(word)) for words in jobs]
    read = _Reader()
    return {path: [read(path, own[path]) for own in told] for path in told[0]}


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.lstrip("+").partition("=")
    return key, value


class _Reader:
    """Reads values as Hydra does; plain numbers and names, of which there may be many, at once."""

    def __init__(self) -> None:
        self._parser = OverridesParser.create()
        self._known: dict[str, Any] = {}

    def __call__(self, path: str, text: str) -> Any:
        if text not in self._known:
            self._known[text] = self._read(path, text)
        return self._known[text]

    def _read(self, path: str, text: str) -> Any:
        if _NUMBER.fullmatch(text):
            return float(text) if set(text) & set(".eE") else int(text)
        if _PLAIN.fullmatch(text) and text.lower() not in _NO_NAMES:
            return text
        return plain(self._parser.parse_override(f"{path}={text}").value())


def _designed(columns: Columns, job: dict[str, Any]) -> Columns:
    """The table: every point of the design at every combination of what is swept.

    Raises:
        InputError: The design cannot be made.
    """
    asked = job.get("design")
    if asked is None:
        return columns
    try:
        table = design(asked["kind"], asked["over"] or {}, asked["points"], job["seed"])
    except ValueError as error:
        raise InputError(str(error)) from None
    return crossed(columns, table)


def crossed(a: Columns, b: Columns) -> dict[str, list[Any]]:
    """Every row of one table with every row of another."""
    rows = len(next(iter(b.values()), ()))
    many = {path: [value for value in values for _ in range(rows)] for path, values in a.items()}
    times = len(next(iter(a.values()), (None,)))
    return many | {path: list(values) * times for path, values in b.items()}
