"""The Mesa face: one world as a `mesa.Model`, every state an agent, watched week by week.

Activation is simultaneous: all agents decide on the same week, then it resolves. The path is that
of the reference engine, bit for bit: rng=7 is run 0 of seed=7.

Seeds for `mesa.batch_run`: `rng=[0, 1, 2]` in Mesa 3.5, `parameters={"rng": [0, 1, 2], ...}` before
it. Without any each run takes a seed of its own, which stands in its rows.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from operator import index
from typing import Any

import numpy as np
from tqdm import TqdmWarning

from .. import noise
from ..desks.decide import PARTS
from ..events import EVENTS, counted, event_places, none_happened
from ..metrics import METRICS, measure
from ..quantities import Week
from ..rules.bounds import in_range
from ..rules.perceive import perceive
from ..rules.week import resolve
from ..scenario import Scenario, ScenarioError, load, warn
from ..scenario.load import DEFAULT
from ..scenario.problems import nearest
from ..scenario.stages import params_by_week
from ..world import Action, World
from .deliberation import Deliberation
from .seeds import master_seed
from .state import State
from .step import apply_policy

with warnings.catch_warnings():
    # Mesa's progress bar, of which nothing is used here, misses ipywidgets in a notebook.
    warnings.simplefilter("ignore", TqdmWarning)
    import mesa


try:
    from mesa.experimental import scenarios as _of_mesa_itself
except ImportError:  # before Mesa 3.4
    OF_MESA = None
else:
    OF_MESA = _of_mesa_itself.Scenario
"""Mesa's own scenarios, where it has them."""


def _axes() -> dict[str, str]:
    """Return the axes of every metric, by its name."""
    return {metric.name: metric.axes for metric in METRICS}


class StateAgent(State, mesa.Agent):
    """A state of the model, with all that its policy may see and do (`sim.policy.state.State`).

    A subclass with a `decide` of its own takes part by
    `ArmsTransferModel(scenario, agents={"KOR": MyAgent})`.

    Examples:
        >>> class Quiet(sim.StateAgent):
        ...     def decide(self):
        ...         for other in self.partners:
        ...             self.hold(other)
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> agent = sim.ArmsTransferModel(world, rng=1, agents={"RED": Quiet}).state("RED")
    """

    def __init__(self, model: "ArmsTransferModel", code: str) -> None:
        """Make the agent of a state.

        Args:
            model: The model that it is part of.
            code: The code of the state.

        Raises:
            ValueError: The model is made: each of its states has its agent.
        """
        if hasattr(model, "_states"):
            raise ValueError(
                f"a model makes its agents itself: model.state({code!r}) finds one, and"
                f" ArmsTransferModel(scenario, agents={{{code!r}: {type(self).__name__}}})"
                " takes one of your own"
            )
        mesa.Agent.__init__(self, model)
        State.__init__(self, model.table, code)
        own = model.setting.code
        self._policy = own.policy(code) if code in own.policies else None

    def measured(self, metric: str, *where: str) -> float:
        """Return a metric of mine as the last week left it: `agent.measured("tests")`.

        Args:
            metric: A metric of states, by munition or technology too.
            where: The munition or technology, if the metric has one.

        Examples:
            >>> agent.measured("stock", "arms")
            5.0
        """
        _, *axes = _axes()[metric].split()
        cell = (self._table.names.place(a, c) for a, c in zip(axes, where, strict=True))
        number: float = self.model.measured[metric][(self._place, *cell)].item()
        return number

    def remove(self) -> None:
        """Refuse to leave: a world keeps its states.

        Raises:
            RuntimeError: Always.

        Examples:
            >>> agent.remove()
            Traceback (most recent call last):
            RuntimeError: RED cannot be removed from a world: ...
        """
        raise RuntimeError(
            f"{self.code} cannot be removed from a world: make a scenario without it, or give it"
            " a doctrine that does nothing"
        )

    def decide(self) -> None:
        """Decide this week: as the state's desks do, then as its policy does if it has one.

        Examples:
            >>> agent.decide()
        """
        if self._policy is not None:
            apply_policy(self._policy, self)


class ArmsTransferModel(mesa.Model):
    """A run of a scenario that one can watch.

    - `setting`: the scenario that is simulated (`model.scenario` is Mesa's own).
    - `seed`, `run`: which run it is.
    - `agents`: one `StateAgent` per state; `state(code)` finds one.
    - `last`: the week that was completed last; `measured`: its metrics, by name.
    - `failed_at`: the week whose numbers left their range, if one did; the model stops before it.
    - `datacollector`: one row per week of every metric that is one number, of the world and of each
      agent, named as in `Results.weeks`; row 0 is the world before its first week.

    Examples:
        >>> model = sim.ArmsTransferModel(sim.load("arms_race_dyad", ["weeks=4"]), rng=7)
        >>> model.week, model.state("RED")
        (0, RED)
    """

    def __init__(
        self,
        scenario: Any = DEFAULT,
        rng: Any = None,
        run: int = 0,
        overrides: str | Sequence[str] = (),
        agents: Mapping[str, type[StateAgent]] | None = None,
        seed: int | None = None,
    ) -> None:
        """Make the world of week 0.

        Args:
            scenario: What is simulated, or the name or file from which to load it; also what
                Mesa's viewer gives back on a reset (`model.scenario`).
            rng: The master seed; a new one each time if None. Of a `numpy.random.Generator` a
                seed is drawn, of a `SeedSequence` it is the first number.
            run: The number of the run.
            overrides: Changes to the scenario; a single one may stand alone.
            agents: Subclasses of `StateAgent` by the code of their state.
            seed: Another name of `rng`.

        Raises:
            ScenarioError: All that is wrong with the scenario.
            ValueError: The seed or the run is out of range, or there is no such state.
        """
        setting, rng = _setting_and_rng(scenario, rng)
        seed, run = master_seed(rng, seed), index(run)
        key = noise.run_key(seed, run)
        super().__init__(**_of_mesa(setting, seed))
        self.seed, self.run, self.key = seed, run, key
        changes = [overrides] if isinstance(overrides, str) else overrides
        self.setting = setting.with_(*changes) if changes else setting
        if refusal := self.setting.code.refusal:
            raise ScenarioError([refusal])
        self.params, world, self.priors = self.setting.draw(key)
        self._later = params_by_week(self.setting, key)
        self.table = Deliberation(self.setting, key)
        self.failed_at: int | None = None
        self._open(world)
        self._keep(self._before(world))
        self._states = {
            code: kind(self, code) for code, kind in _kinds(self.setting, agents or {}).items()
        }
        self.datacollector = mesa.DataCollector(
            model_reporters={"seed": partial(_seed_of), **_of_world()},
            agent_reporters={"state": partial(_code_of), **_of_agents(self.setting)},
        )
        self.datacollector.collect(self)

    @property
    def world(self) -> World:
        """Return the world as the last week left it."""
        return self.last.world

    @property
    def week(self) -> int:
        """Return the number of the week that is decided now: how many are completed."""
        return int(self.last.world.week)

    @property
    def date(self) -> date:
        """Return the first day of that week."""
        return self.setting.date(self.week)

    @property
    def happened(self) -> list[tuple[str, str, str, float]]:
        """Return the events of the last week: kind, actor, target, count."""
        codes, places = self.setting.states, event_places(self.params.wiring)
        counts = counted(self.last.events)[places.order]
        return [
            (EVENTS[places.kind[at]], codes[places.actor[at]], codes[places.target[at]], count)
            for at, count in zip(
                np.flatnonzero(counts), counts[counts != 0.0].tolist(), strict=True
            )
        ]

    def state(self, code: str) -> StateAgent:
        """Return the agent of a state.

        Raises:
            KeyError: There is no such state.

        Examples:
            >>> model.state("RED").treasury
            1.0
        """
        if code not in self._states:
            raise KeyError(f"there is no state {code!r}{nearest(code, self._states)}")
        return self._states[code]

    def step(self) -> None:
        """Simulate a week: all agents decide on what they see in it, then it resolves.

        Examples:
            >>> model.step()
            >>> model.week
            1
        """
        self.agents.do("decide")
        action = self.table.close()
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            seen, draws = self.table.seen, self._draws
            world, events = resolve(
                self.params, self._begun, seen, action, draws, self.setting.phases
            )
            if not in_range(world):
                self.failed_at, self.running = self.week, False
                return
            self._keep(Week(self.params, world, seen, action, events, draws))
            self._open(world)
        self.running = self.week < self.setting.weeks
        self.datacollector.collect(self)
        if not (self.running or hasattr(self.datacollector, "_collection_steps")):
            # Mesa 3.3's batch_run takes as many rows as there were steps; ours begin with a row 0
            self.steps += 1

    def reset_rng(self, rng: Any = None) -> None:
        """Do nothing without a seed: a run's noise has no state that could be reset.

        Args:
            rng: None.

        Raises:
            RuntimeError: A seed is given.

        Examples:
            >>> model.reset_rng()
        """
        if rng is not None:
            raise RuntimeError(
                "a run has the noise of its seed from its first week on:"
                " ArmsTransferModel(scenario, rng=SEED) is another run"
            )

    reset_randomizer = reset_rng

    def remove_all_agents(self) -> None:
        """Refuse: a world keeps its states.

        Raises:
            RuntimeError: Always.

        Examples:
            >>> model.remove_all_agents()
            Traceback (most recent call last):
            RuntimeError: states cannot be removed from a world
        """
        raise RuntimeError("states cannot be removed from a world")

    def _open(self, world: World) -> None:
        """Begin a week: what its states see, and what their desks decide."""
        self.params = self._later.get(int(world.week), self.params)
        self._draws = noise.draw(self.setting.layout, self.key, world.week)
        self._begun, seen = perceive(self.params, world, self._draws)
        self.table.open(self.params, seen, self._draws)

    def _before(self, world: World) -> Week:
        """Return the start, as a week in which nobody acted and nothing happened would leave it."""
        idle = {
            desk: part(**{field.name: 0 * self.table.decided(field.name) for field in fields(part)})
            for desk, part in PARTS.items()
        }
        quiet = none_happened(self.params.wiring)
        still = {name: 0.0 * values + 1.0 for name, values in self._draws.items()}
        return Week(self.params, world, self.table.seen, Action(**idle), quiet, still)

    def _keep(self, week: Week) -> None:
        self.last, self.measured = week, measure(week)


def _setting_and_rng(scenario: Any, rng: Any) -> tuple[Scenario, Any]:
    """Return the scenario that is meant, and the seed that comes with Mesa's own, if one does."""
    if isinstance(scenario, Scenario):
        warn(scenario.warnings)
        return scenario, rng
    if OF_MESA is not None and isinstance(scenario, OF_MESA):
        own = getattr(scenario, "setting", None)
        return own or load(), scenario.rng if rng is None else rng
    return load(scenario), rng


def _of_mesa(setting: Scenario, seed: int) -> dict[str, Any]:
    """Return what Mesa's model is made with."""
    return {"rng": seed} | ({} if OF_MESA is None else {"scenario": _viewed(setting, seed)})


def _viewed(setting: Scenario, seed: int) -> Any:
    """Return a scenario of Mesa's that knows ours.

    Mesa's viewer makes one of the same class on a reset and gives it to the model, whatever the
    model was made with: so the class knows it too.
    """
    assert OF_MESA is not None
    own = {"setting": setting, "__reduce__": lambda self: (_viewed, (setting, seed))}
    return type("Setting", (OF_MESA,), own)(rng=seed, _scenario_id=0)


def _kinds(
    setting: Scenario, own: Mapping[str, type[StateAgent]]
) -> Mapping[str, type[StateAgent]]:
    """Return the class of each state's agent."""
    for code, kind in own.items():
        if code not in setting.states:
            raise ValueError(f"agents: there is no state {code!r}{nearest(code, setting.states)}")
        if not (isinstance(kind, type) and issubclass(kind, StateAgent)):
            raise ValueError(f"agents: {kind!r} of {code} is not a subclass of sim.StateAgent")
    return {code: own.get(code, StateAgent) for code in setting.states}


def _seed_of(model: ArmsTransferModel) -> int:
    return model.seed


def _code_of(agent: StateAgent) -> str:
    return agent.code


def _of_world() -> dict[str, Callable[[ArmsTransferModel], float]]:
    """Return what a row of the model holds: every metric of the world."""
    return {
        name: partial(_world_number, metric=name)
        for name, axes in _axes().items()
        if axes == "world"
    }


def _world_number(model: ArmsTransferModel, metric: str) -> float:
    return float(model.measured[metric])


def _of_agents(setting: Scenario) -> dict[str, Callable[[StateAgent], float]]:
    """Return what a row of an agent holds: every metric of a state, by munition and technology."""
    codes = {"munition": setting.munitions, "technology": setting.technologies}
    reporters: dict[str, Callable[[StateAgent], float]] = {}
    for name, axes in _axes().items():
        match axes.split():
            case ["state"]:
                reporters[name] = partial(_own_number, metric=name)
            case ["state", axis]:
                for code in codes[axis]:
                    reporters[f"{name}_{code}"] = partial(_own_number, metric=name, where=(code,))
    return reporters


def _own_number(agent: StateAgent, metric: str, where: tuple[str, ...] = ()) -> float:
    return agent.measured(metric, *where)
