"""`armsflow -m`: sweeps in Hydra's syntax, run as one table.

Hydra composes every job of a sweep twice, which costs more than to run it. Here it composes once;
every swept key of the scenario, and which scenario, is a column of the table. What is the same in
all jobs (`states.PRK.doctrine=restraint`) is read as without a sweep, and so is what an
experiment sets.
"""

import re
import secrets
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import prod
from pathlib import Path
from traceback import walk_tb
from typing import Any, cast

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import HydraException
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf

from ..ensemble.designs import MOST_POINTS
from ..ensemble.plan import Columns, Plan, check_columns, design_plan, table_plan
from ..scenario import Scenario, ScenarioError, loaded
from ..scenario.compose import plain
from ..scenario.files import local_path
from ..scenario.grammar import override_text, read_override
from ..scenario.problems import MAX_PROBLEMS, brief, nearest
from .outcome import INTERRUPTED, exit_code, launched_jobs, outcomes
from .overrides import (
    JOB_KEYS,
    InputError,
    hydra_in_configs,
    hydra_message,
    is_of_scenario,
    plain_config,
    split_sweep_overrides,
)
from .request import Request, request_of_config
from .settings import PARAMS, with_lines

Run = Callable[[Plan, Request], int]
DESIGN_KEYS = ("kind", "over", "points")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NOT_NAMES = {"null", "true", "false", "nan", "inf"}


@dataclass(frozen=True)
class Task:
    """What Hydra is given to do.

    - `shared`: overrides of the scenario that are the same in all jobs.
    - `problems`: what is wrong with the form of others.
    - `run`: runs a plan as a request says, and returns the exit code.
    - `began`: when, for the name of a folder that has no other.
    - `token`: makes that name unique; jobs of one sweep share it, in whatever process they run.
    """

    shared: tuple[str, ...]
    problems: tuple[str, ...]
    run: Run
    began: datetime
    token: str = field(default_factory=lambda: secrets.token_hex(3))

    def __call__(self, config: DictConfig) -> Any:
        """Run one job, as a launcher of Hydra's calls it; its results are named by its number.

        Returns:
            Its exit code, or what a sweeper that searches needs.
        """
        hydra = HydraConfig.get()
        if hydra.job.chdir and config.scenario_file:
            config.scenario_file = str(Path(hydra.runtime.cwd, local_path(config.scenario_file)))
        own = [text for text in hydra.overrides.task if is_of_scenario(text)]
        own = [text for text in own if not text.startswith("scenario=")]
        name = hydra.runtime.choices["scenario"]
        request = request_of_config(name, config, [*own, *self.shared], self.problems)
        folder = self._folder(request) / str(hydra.job.num)
        code = self.run(_plan(request, {}, {}), replace(request, out=folder))
        if code == INTERRUPTED:  # the jobs after it are not to run
            raise KeyboardInterrupt
        return outcomes(code, folder, request.objective, 1)[0]

    def _folder(self, request: Request) -> Path:
        """Return the folder that all jobs of a sweep share."""
        folder = request.folder(self.began)
        return request.out or folder.with_name(f"{folder.name}-{self.token}")

    def expand(
        self, params: Mapping[str, str], arguments: Sequence[str], context: HydraContext
    ) -> list[list[str]]:
        """Return the overrides of every job: all combinations of what is swept.

        Args:
            params: What the configuration sweeps (`hydra.sweeper.params`); the command line
                goes first.
            arguments: The overrides that the command line gives to Hydra.
            context: Of Hydra.

        Raises:
            InputError: With everything that is wrong with the form of `params`.
        """
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

        given = {_key_and_value(text)[0] for text in (*arguments, *self.shared)}
        own = (text for text in _overrides(params) if _key_and_value(text)[0] not in given)
        swept, same, problems = split_sweep_overrides(own)
        if problems:
            raise InputError("\n".join([*self.problems, *problems]))
        parser = OverridesParser.create(config_loader=context.config_loader)
        overrides = parser.parse_overrides([*swept, *same, *arguments])
        ranges = {
            override.get_key_element().lstrip("+"): cast("IntervalSweep", override.value())
            for override in overrides
            if override.is_interval_sweep()
        }
        wrong = [
            f"{key}: interval() is for a sweeper that searches; here design=sobol"
            f" 'design.over={{{key}: [{values.start}, {values.end}]}}' fills a range"
            for key, values in ranges.items()
        ]
        if wrong:
            raise InputError("\n".join([*self.problems, *wrong]))
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
        self,
        jobs: Sequence[Sequence[str]],
        config: DictConfig,
        context: HydraContext,
        first: int = 0,
    ) -> list[JobReturn]:
        """Run all jobs as the points of one table.

        Args:
            jobs: The overrides of each.
            config: The configuration that they share.
            context: Of Hydra.
            first: The number of the first of them; a search launches several times.

        Raises:
            InputError: With everything that is wrong with any of them.
        """
        if not jobs:
            raise InputError("\n".join([*self.problems, "sweep: there is no point to simulate"]))
        columns = _columns(jobs)
        shared = [text for text in jobs[0] if not is_of_scenario(text)]
        composed = config
        if set(shared) - set(config.hydra.overrides.task):  # what `params` say of the job
            composed = context.config_loader.load_sweep_config(config, shared)
        names = list(
            dict.fromkeys(columns.get("scenario", [config.hydra.runtime.choices["scenario"]]))
        )
        if len(names) == 1:
            columns.pop("scenario", None)
        problems, requests = [*self.problems, *_left_aside(config)], dict[str, Request]()
        for name in names:
            try:
                requests[name] = request_of_config(name, composed, self.shared, ())
            except InputError as error:
                problems += str(error).splitlines()
        try:
            if requests:
                request = next(iter(requests.values()))
                bases = {name: each.scenario for name, each in requests.items()}
                plan = _plan(request, columns, bases if len(names) > 1 else {})
            elif composed.scenario_file is None:  # what is swept may be wrong as well
                check_columns(loaded(names[0]), columns)
        except (ScenarioError, InputError) as error:
            problems += str(error).splitlines()
        if problems:
            raise InputError("\n".join(map(brief, list(dict.fromkeys(problems))[:MAX_PROBLEMS])))
        if request.objective or first:
            request = replace(request, out=self._folder(request) / str(first))
            # a sweeper that searches keeps its notes there
            Path(str(config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
        found = outcomes(self.run(plan, request), request.out, request.objective, len(jobs))
        return [
            JobReturn(overrides=list(overrides), status=JobStatus.COMPLETED, _return_value=returned)
            for overrides, returned in zip(jobs, found, strict=True)
        ]


def _left_aside(config: DictConfig) -> list[str]:
    """Return what is set of Hydra that our launcher, or our sweeper, leaves aside; a line each."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    ours = str(hydra["sweeper"]["_target_"]).endswith("ArmsflowSweeper")
    launcher = "all jobs are one table in out=DIR; hydra/launcher=basic runs each as Hydra does"
    found = [
        f"hydra.{key}: {launcher}"
        for key, value in (
            ("run.dir", hydra["run"]["dir"] != "."),
            ("sweep.dir", ours and hydra["sweep"]["dir"] != "results/multirun"),
            ("sweep.subdir", hydra["sweep"]["subdir"] != "${hydra.job.num}"),
            ("job.chdir", hydra["job"]["chdir"]),
            ("job.env_set", hydra["job"]["env_set"]),
            ("output_subdir", hydra["output_subdir"]),
            ("callbacks", hydra["callbacks"]),
        )
        if value
    ]
    if ours and config.objective is not None:
        found.append("objective: this sweeper does not search; hydra/sweeper=optuna does")
    return found


def multirun(overrides: Sequence[str], run: Run) -> int:
    """Have Hydra sweep as some overrides say; return the exit code, the worst of all jobs.

    Args:
        overrides: `key=value` each, where a value may be a sweep.
        run: Runs a plan as a request says, and returns its exit code.

    Raises:
        InputError: With everything that is wrong.
    """
    from omegaconf.errors import OmegaConfBaseException

    to_hydra, same, problems = split_sweep_overrides(_with_params(overrides))
    try:
        with hydra_in_configs():
            hydra = GlobalHydra.instance().hydra
            assert hydra is not None
            shared = (*_experiment_overrides(to_hydra), *same)
            task = Task(shared, tuple(problems), run, datetime.now())
            with launched_jobs() as jobs:
                hydra.multirun("config", task, to_hydra, with_log_configuration=False)
            for job in jobs:
                if job.status == JobStatus.FAILED:  # which the sweeper took
                    which = " ".join(job.overrides or ())
                    print(f"{which}: {job._return_value}", file=sys.stderr)
            return max(map(exit_code, jobs), default=0)
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError("\n".join([*problems, hydra_message(error)])) from None
    except (AttributeError, LookupError, TypeError, ValueError, AssertionError) as error:
        if isinstance(error, InputError | ScenarioError):
            raise InputError(with_lines(str(error))) from None
        if not _is_raised_by_hydra(error):
            raise
        raise InputError(f"hydra: cannot compose this: {hydra_message(error)}") from None


def _is_raised_by_hydra(error: Exception) -> bool:
    """Return whether Hydra or OmegaConf raised an error, over what they do not check."""
    last = deque(walk_tb(error.__traceback__), 1)
    names = [str(frame.f_globals.get("__name__")) for frame, _ in last]
    return any(name.partition(".")[0] in ("hydra", "omegaconf") for name in names)


def _with_params(overrides: Sequence[str]) -> list[str]:
    """Return overrides with `hydra.sweeper.params` spelled out, before all others.

    Hydra's own sweeper declares it in a way in which OmegaConf cannot set it from a command line.

    Raises:
        InputError: It is not a mapping.
    """
    params: dict[str, Any] = {}
    others = []
    for text in overrides:
        found = re.match(rf"\+*{re.escape(PARAMS)}(\.(?P<key>[^=]+))?=", text)
        parsed = _parsed(text) if found else None
        if not parsed or not found or parsed.is_sweep_override() or parsed.value() is None:
            others.append(text)  # Hydra says what is wrong with it
        else:
            value = parsed.value()
            params |= {found["key"]: value} if found["key"] else _mapping(value)
    return [*_overrides(params), *others]


def _parsed(text: str) -> Override:
    try:
        return cast("Override", read_override(text))
    except ValueError as error:
        raise InputError(str(error)) from None


def _mapping(params: Any) -> Mapping[str, Any]:
    if not isinstance(params, Mapping):
        raise InputError(f"{PARAMS}: {params!r} is not of the form {{KEY: VALUES}}")
    return params


def _overrides(params: Mapping[str, Any]) -> list[str]:
    return [f"{key}={value}" for key, value in _mapping(params).items()]


def _experiment_overrides(to_hydra: Sequence[str]) -> list[str]:
    """Return what an experiment sets of the scenario, as overrides."""
    from hydra import compose

    needed = [text for text in to_hydra if re.match(r"\+*(experiment=|hydra\.searchpath=)", text)]
    if not any(text.startswith("experiment=") for text in needed):
        return []
    bare = plain_config(compose("config", [*needed, "~scenario"]))
    return list(_nested_overrides({k: v for k, v in bare.items() if k not in JOB_KEYS}))


def _nested_overrides(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield nested settings as overrides; a law, and a rule with its coefficients, stay whole."""
    for key, value in data.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and "rule" not in value and above != "priors.":
            yield from _nested_overrides(value, f"{path}.")
        else:
            yield f"{path}={override_text(value)}"


def _columns(jobs: Sequence[Sequence[str]]) -> dict[str, list[Any]]:
    """Return what the jobs set, by path: a value per job."""
    set_by = [
        dict(_key_and_value(text) for text in overrides if is_of_scenario(text))
        for overrides in jobs
    ]
    read = _Reader()
    columns = {path: [read(path, own[path]) for own in set_by] for path in set_by[0]}
    return columns | {path: list(map(str, columns[path])) for path in columns if path == "scenario"}


def _key_and_value(override: str) -> tuple[str, str]:
    key, _, value = override.lstrip("+").partition("=")
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
        if _PLAIN.fullmatch(text) and text.lower() not in _NOT_NAMES:
            return text
        return plain(self._parser.parse_override(f"{path}={text}").value())


def _plan(request: Request, columns: Columns, bases: Mapping[str, Scenario]) -> Plan:
    """Return the plan: every point of the design at every combination of what is swept.

    Raises:
        InputError: All that is wrong with the design and with any value.
        ScenarioError: The same, without a design.
    """
    base, design = request.scenario, request.design
    if design is None:
        return table_plan(base, columns, bases)
    wrong = [
        f"design.{key}: no such key{nearest(key, DESIGN_KEYS)}"
        for key in design
        if key not in DESIGN_KEYS
    ]
    kind, over, points = (cast("Any", design.get(key)) for key in DESIGN_KEYS)
    try:
        plan = design_plan(base, kind, over or {}, points, request.seed, columns, bases)
    except ScenarioError as error:
        wrong += error.problems
    if wrong:
        raise InputError("\n".join(wrong))
    return plan
