"""`armsflow -m`: sweeps in Hydra's words, played as one table.

Hydra composes every job of a sweep twice, which costs more than to play it. Here it composes once;
every swept key of the scenario, and which scenario, is a column of the table. What is the same in
all jobs (`states.PRK.doctrine=restraint`) is read as in a job that is no sweep, and so is what an
experiment sets.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import HydraException
from hydra.types import HydraContext
from omegaconf import DictConfig

from ..ensemble.designs import MOST_POINTS
from ..ensemble.plan import Columns, Plan, filled, planned, refuse
from ..scenario import Scenario, ScenarioError, load
from ..scenario.compose import plain
from ..scenario.grammar import override_text
from ..scenario.problems import MAX_PROBLEMS, brief, nearest
from .overrides import JOB, InputError, content, hydra_in_configs, of_hydra, parted, plainly
from .request import folder, of_config

Play = Callable[[Plan, dict[str, Any]], Any]
PARAMS = "hydra.sweeper.params"
DESIGN = ("kind", "over", "points")
"""Keys of a design."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NO_NAMES = {"null", "true", "false", "nan", "inf"}


@dataclass(frozen=True)
class Task:
    """What Hydra is given to do.

    - `words`: overrides of the scenario that are the same in all jobs.
    - `problems`: what is wrong with the form of others.
    - `play`: plays a plan with the keys of the job.
    - `began`: when, for the name of a folder that has no other.
    """

    words: tuple[str, ...]
    problems: tuple[str, ...]
    play: Play
    began: datetime

    def __call__(self, config: DictConfig) -> Any:
        """Plays one job, as Hydra's own launcher asks for it; its results go by its number."""
        told = HydraConfig.get()
        own = [text for text in told.overrides.task if content(text)]
        own = [text for text in own if not text.startswith("scenario=")]
        name = told.runtime.choices["scenario"]
        scenario, job = of_config(name, config, [*own, *self.words], self.problems)
        out = job["out"] or folder(scenario.name, self.began)
        job["out"] = f"{out}/{told.job.num}"
        return self.play(_planned(scenario, {}, {}, job), job)

    def expand(
        self, params: Mapping[str, str], arguments: Sequence[str], context: HydraContext
    ) -> list[list[str]]:
        """The overrides of every job: all combinations of what is swept.

        Args:
            params: What the configuration sweeps (`hydra.sweeper.params`); the command line
                goes first.
            arguments: What the command line tells Hydra.
            context: Of Hydra.

        Raises:
            InputError: With everything that is wrong with the form of `params`.
        """
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

        told = {_pair(text)[0] for text in (*arguments, *self.words)}
        own = (text for text in _overrides(params) if _pair(text)[0] not in told)
        swept, same, problems = parted(own)
        if problems:
            raise InputError("\n".join([*self.problems, *problems]))
        parser = OverridesParser.create(config_loader=context.config_loader)
        overrides = parser.parse_overrides([*swept, *same, *arguments])
        many = prod(
            sum(1 for _ in each.sweep_iterator())
            for each in overrides
            if each.is_discrete_sweep() and not each.is_hydra_override()
        )
        if many > MOST_POINTS:  # Hydra would list them all
            raise InputError(
                "\n".join([*self.problems, f"sweep: {many:,} points; at most {MOST_POINTS:,}"])
            )
        (jobs,) = BasicSweeper.split_arguments(overrides, None)
        return jobs

    def launch(
        self, jobs: Sequence[Sequence[str]], config: DictConfig, context: HydraContext
    ) -> list[JobReturn]:
        """Plays all jobs as the points of one table.

        Raises:
            InputError: With everything that is wrong with any of them.
        """
        if not jobs:
            raise InputError("\n".join([*self.problems, "sweep: there is no point to play"]))
        columns = _columns(jobs)
        shared = [text for text in jobs[0] if not content(text)]
        composed = config
        if set(shared) - set(config.hydra.overrides.task):  # what `params` say of the job
            composed = context.config_loader.load_sweep_config(config, shared)
        names = list(
            dict.fromkeys(columns.get("scenario", [config.hydra.runtime.choices["scenario"]]))
        )
        if len(names) == 1:
            columns.pop("scenario", None)
        problems, bases = list(self.problems), {}
        for name in names:
            try:
                bases[name], job = of_config(name, composed, self.words, ())
            except InputError as error:
                problems += str(error).splitlines()
        try:
            if bases:
                base = next(iter(bases.values()))
                plan = _planned(base, columns, bases if len(names) > 1 else {}, job)
            elif composed.scenario_file is None:  # what is swept may be wrong as well
                refuse(load(names[0]), columns)
        except (ScenarioError, InputError) as error:
            problems += str(error).splitlines()
        if problems:
            raise InputError("\n".join(map(brief, list(dict.fromkeys(problems))[:MAX_PROBLEMS])))
        results = self.play(plan, job)
        return [
            JobReturn(overrides=list(words), status=JobStatus.COMPLETED, _return_value=results)
            for words in jobs
        ]


def multirun(words: Sequence[str], play: Play) -> Any:
    """Has Hydra sweep as `words` say.

    Raises:
        InputError: With everything that is wrong.
    """
    from omegaconf.errors import OmegaConfBaseException

    to_hydra, same, problems = parted(_with_params(words))
    try:
        with hydra_in_configs():
            hydra = GlobalHydra.instance().hydra
            assert hydra is not None
            shared = (*_of_experiment(to_hydra), *same)
            task = Task(shared, tuple(problems), play, datetime.now())
            return hydra.multirun("config", task, to_hydra, with_log_configuration=False)
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError("\n".join([*problems, of_hydra(error)])) from None


def _with_params(words: Sequence[str]) -> list[str]:
    """The words with `hydra.sweeper.params` spelled out, before all others.

    Hydra's own sweeper declares it in a way in which OmegaConf cannot set it from a command line.

    Raises:
        InputError: It is no mapping.
    """
    params: dict[str, Any] = {}
    others = []
    for text in words:
        found = re.match(rf"\+*{re.escape(PARAMS)}(\.(?P<key>[^=]+))?=", text)
        told = _parsed(text) if found else None
        if found is None or told is None or told.is_sweep_override() or told.value() is None:
            others.append(text)  # Hydra says what is wrong with it
        else:
            params |= {found["key"]: told.value()} if found["key"] else _mapping(told.value())
    return [*_overrides(params), *others]


def _parsed(text: str) -> Override | None:
    try:
        return OverridesParser.create().parse_override(text)
    except HydraException:
        return None
    except RecursionError:
        raise InputError(f"{text[:80]}: not of the form key=value") from None


def _mapping(params: Any) -> Mapping[str, Any]:
    if not isinstance(params, Mapping):
        raise InputError(f"{PARAMS}: {params!r} is not of the form {{KEY: VALUES}}")
    return params


def _overrides(params: Mapping[str, Any]) -> list[str]:
    return [f"{key}={value}" for key, value in _mapping(params).items()]


def _of_experiment(to_hydra: Sequence[str]) -> list[str]:
    """What an experiment sets of the scenario, as overrides."""
    from hydra import compose

    needed = [text for text in to_hydra if re.match(r"\+*(experiment=|hydra\.searchpath=)", text)]
    if not any(text.startswith("experiment=") for text in needed):
        return []
    bare = plainly(compose("config", [*needed, "~scenario"]))
    return list(_words({key: value for key, value in bare.items() if key not in JOB}))


def _words(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Nested settings as overrides; a law and a rule with its coefficients are told whole."""
    for key, value in data.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and "rule" not in value and above != "priors.":
            yield from _words(value, f"{path}.")
        else:
            yield f"{path}={override_text(value)}"


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


def _planned(
    base: Scenario, columns: Columns, bases: Mapping[str, Scenario], job: Mapping[str, Any]
) -> Plan:
    """The plan: every point of the design at every combination of what is swept.

    Raises:
        InputError: All that is wrong with the design and with any value.
        ScenarioError: The same, without a design.
    """
    asked = job["design"]
    if asked is None:
        return planned(base, columns, bases)
    wrong = [
        f"design.{key}: no such key{nearest(key, DESIGN)}" for key in asked if key not in DESIGN
    ]
    kind, over, points = (asked.get(key) for key in DESIGN)
    try:
        plan = filled(base, kind, over or {}, points, job["seed"], columns, bases)
    except ScenarioError as error:
        wrong += error.problems
    if wrong:
        raise InputError("\n".join(wrong))
    return plan
