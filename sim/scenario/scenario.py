"""A scenario: frozen data that gives the arrays of its runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt64

from .. import noise
from ..desks.registry import REGISTRY
from ..params import Params
from ..world import DESKS, World
from .build import Built, build, rules_used
from .check import at_medians, checked
from .code import Code, unpack
from .compose import changes, composed, normal, overridden
from .digest import digest_of
from .draws import drawn_numbers
from .facts import Facts
from .priors import MOST_BEYOND, Cells, beyond, located, placed
from .problems import ScenarioError
from .schema import Day, Prior, Spec
from .show import scenario_html
from .stages import Stage, drafts, with_policy_entry
from .start import opening
from .tree import leaves
from .warn import entries_as_shipped, without_effect
from .wiring import noise_layout


@dataclass(frozen=True, eq=False)
class Scenario(Facts):
    """What is simulated. Made by `load` or `from_mapping`, never changed.

    - `mapping`: what was written, with the rules and doctrines that it uses: plain data that stands
      alone; `from_mapping(scenario.mapping)` is this scenario again.
    - `spec`: the same, checked, every default and doctrine resolved, priors at their medians.
    - `rules`: the rules that the program holds, by desk; at least those that a state follows.
    - `built`: the arrays at the medians, read-only.
    - `uncertain`: what each run draws for itself, by path.
    - `layout`: the counters of the noise.
    - `code`: its policies and phases in Python, which no file can hold.
    - `stages`: what dated changes of policy make of it, in the order of their weeks.

    Examples:
        >>> scenario = sim.load("northeast_asia_2023", ["weeks=4", "timetable=none"])
        >>> scenario.weeks, len(scenario.states)
        (4, 7)
    """

    mapping: dict[str, Any]
    spec: Spec
    rules: Mapping[str, tuple[str, ...]]
    built: Built
    uncertain: Mapping[str, tuple[Prior, Cells]]
    layout: noise.Layout
    code: Code = field(default_factory=Code)
    stages: tuple[Stage, ...] = ()
    _found: dict[str, Cells] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"Scenario({self.name}: {len(self.states)} states, {self.weeks} weeks)"

    def _repr_html_(self) -> str:
        return scenario_html(self)

    def __reduce__(self) -> Any:
        return _again, (self.mapping, dict(self.rules), self.code.packed())

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Return what of it is cut or has no effect, a sentence each."""
        ours = entries_as_shipped(self.name, self.mapping)
        return without_effect(self.spec, self.uncertain, ours)

    @cached_property
    def digest(self) -> str:
        """Return a hash of all that is simulated, code included; observations are not."""
        return digest_of(self.spec, self.code)

    def with_(self, *overrides: str) -> "Scenario":
        """Return this scenario with overrides such as `states.PRK.doctrine=restraint`.

        Raises:
            ScenarioError: All that is wrong with them.

        Examples:
            >>> scenario.with_("weeks=8", "states.PRK.doctrine=restraint").weeks
            8
        """
        given, code = changes(overrides), self.code
        wanted = [change for change in given if change.path[0] != "policies"]
        for change in given:
            if change.path[0] == "policies":
                code = code.with_parameter(change.path, None if change.delete else change.value)
        if not wanted:
            return self.with_code(code)
        return _made(composed(overridden(self.mapping, wanted)), self.rules, code)

    def with_change(self, day: "str | Day", code: str, **settings: Any) -> "Scenario":
        """Return this scenario with a dated change of policy, an entry of its timetable.

        Args:
            day: From the week of this day on.
            code: The code of the state.
            settings: What it sets: `doctrine="restraint"`, `desks={...}`, traits; `**{"a.b": 1}`.

        Raises:
            ScenarioError: All that is wrong with them.

        Examples:
            >>> later = scenario.with_change("2023-05-15", "PRK", doctrine="restraint")
            >>> [stage.week for stage in later.stages]
            [2]
        """
        changed = with_policy_entry(self.mapping, day, code, settings)
        return _made(composed(changed), self.rules, self.code)

    def at(self, week: int) -> "Scenario":
        """Return the scenario that holds in a week: after its dated changes up to then.

        Examples:
            >>> later.at(0) is later, later.at(3) is later
            (True, False)
        """
        return next((s.scenario for s in self.stages[::-1] if s.week <= week), self)

    def with_policy(self, code: str, policy: type, **parameters: Any) -> "Scenario":
        """Return this scenario with a state that decides by a class of `sim.Policy`.

        The class goes to worker processes by itself, also from a notebook.

        Args:
            code: The code of the state.
            policy: A class of `sim.Policy`.
            parameters: Those of the class that are not to be its defaults; an override or a sweep
                sets them as `policies.KOR.limit`.

        Raises:
            ScenarioError: There is no such state or parameter, or the class cannot decide.

        Examples:
            >>> class Hedger(sim.Policy):
            ...     limit: float = 0.5
            ...
            ...     def decide(self, me):
            ...         if me.of("PRK").tension > self.limit:
            ...             me.conciliate("PRK")
            >>> list(scenario.with_policy("KOR", Hedger, limit=0.2).policies)
            ['KOR']
        """
        return self.with_code(self.code.with_policy(code, policy, parameters))

    def with_phase(self, name: str, function: Callable[..., Any]) -> "Scenario":
        """Return this scenario with a function of one's own as a phase of the week.

        The function goes to worker processes by itself, also from a notebook. Written against the
        array API standard it runs on both engines.

        Args:
            name: The phase that it replaces, one of `sim.rules.week.PHASES`.
            function: Takes those of `params`, `world`, `seen`, `action` and `noise` that its
                parameters name, the first two at least; returns the World after the phase, and
                counts of events by kind, with the axes of `sim.events.AXES`. It may emit what the
                phase that it replaces may emit; what it leaves out did not happen.

        Raises:
            ScenarioError: There is no such phase, or the function cannot be one.

        Examples:
            >>> def train(params, world):
            ...     return world, {}
            >>> scenario.with_phase("train", train).digest != scenario.digest
            True
        """
        return self.with_code(self.code.with_phase(name, function))

    def with_code(self, code: Code) -> "Scenario":
        """Return this scenario with other policies and phases.

        Raises:
            ScenarioError: All that is wrong with them.

        Examples:
            >>> scenario.with_code(later.code).digest == scenario.digest
            True
        """
        return _arrayed(self.mapping, self.spec, self.rules, code)

    def holding(self, rules: Mapping[str, Iterable[str]]) -> "Scenario":
        """Return this scenario for a program with more desk rules, as sweeps over doctrines need.

        Raises:
            ScenarioError: There is no such desk or rule.

        Examples:
            >>> "hold" in scenario.holding({"crisis": ["hold"]}).rules["crisis"]
            True
        """
        wrong = [
            f"{desk}: there is no rule '{rule}'"
            for desk, names in rules.items()
            for rule in names
            if rule not in REGISTRY.get(desk, {})
        ]
        if wrong:
            raise ScenarioError(wrong)
        return _arrayed(self.mapping, self.spec, rules, self.code)

    def bounds(self, path: str) -> tuple[float, float]:
        """Return the closed bounds of the number at a path.

        Raises:
            ScenarioError: There is no number that a run may set.

        Examples:
            >>> scenario.bounds("rules.watch.detection")
            (0, 10)
        """
        cells = self._cells(path)
        return cells.low, cells.high

    def params(self) -> Params:
        """Return the numbers of a world, priors at their medians.

        Examples:
            >>> scenario.params().states.procurement_share.shape
            (7,)
        """
        return self.built.params

    def world(self) -> World:
        """Return the World of week 0: priors at their medians, each type the likelier one.

        Examples:
            >>> scenario.world().force.shape
            (7,)
        """
        return opening(self.built.params, self.built.start, lambda chance: np.round(chance))

    def draw(
        self, key: UInt64[np.ndarray, "2"], values: Mapping[str, float] | None = None
    ) -> tuple[Params, World, dict[str, float]]:
        """Return a run of its own: priors and hard types drawn.

        Args:
            key: The run's key.
            values: Numbers by path that hold in place of the scenario's own and of its priors, as
                a sweep sets them; within `bounds`, else they are clipped.

        Returns:
            Params, the World of week 0, and the value of each prior by its path.

        Examples:
            >>> params, world, priors = scenario.draw(noise.run_key(0, 7))
            >>> sorted(priors) == sorted(scenario.priors)
            True
        """
        numbers, drawn = self.numbers(key[None, :], values)
        cells = [(place, float(value[0])) for place, value in numbers]
        built = placed(self.built, cells)
        u = noise.draw(self.layout, key, 0)["hard"]
        world = opening(built.params, built.start, lambda chance: (u < chance).astype(np.float64))
        return built.params, world, {path: float(value[0]) for path, value in drawn.items()}

    def numbers(
        self,
        keys: UInt64[np.ndarray, "run 2"],
        values: Mapping[str, float | Float64[np.ndarray, " run"]] | None = None,
    ) -> tuple[
        list[tuple[Cells, Float64[np.ndarray, " run"]]], dict[str, Float64[np.ndarray, " run"]]
    ]:
        """Return what some runs have in place of the scenario's own numbers.

        Args:
            keys: Their keys.
            values: As in `draw`: one for all runs, or one per run.

        Returns:
            Where each such number stands with its values, and the value of each prior by its path.

        Examples:
            >>> places, values = scenario.numbers(noise.run_key(0, 7)[None, :])
            >>> len(values) == len(scenario.priors)
            True
        """
        own = {path: np.broadcast_to(value, len(keys)) for path, value in (values or {}).items()}
        left = {path: law for path, law in self.uncertain.items() if path not in own}
        own |= drawn_numbers(left, self.spec.parameters, keys)
        place = {path: self._cells(path) for path in own}
        held = {path: np.clip(own[path], place[path].low, place[path].high) for path in own}
        ordered = [*self.uncertain, *(path for path in own if path not in self.uncertain)]
        return [(place[path], held[path]) for path in ordered], {
            path: held[path] for path in self.uncertain
        }

    def _cells(self, path: str) -> Cells:
        if path not in self._found:
            cells = located(self.spec, [path], lambda spec: build(spec, self.rules))[path]
            if cells is None:
                raise ScenarioError([f"{path}: there is no number that a run may set"])
            self._found[path] = cells
        return self._found[path]


def from_mapping(data: Mapping[str, Any], name: str | None = None) -> Scenario:
    """Return the scenario that plain data describes: the one way in, whatever the data came from.

    Args:
        data: In the format of a scenario file; rules and doctrines that it lacks are the shipped.
        name: Its name, if the data holds none.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    named = data if name is None else {"name": name, **data}
    return _made(composed(named), {}, Code())


def _again(
    mapping: dict[str, Any], rules: Mapping[str, Iterable[str]], code: bytes | None
) -> Scenario:
    """Return a pickled scenario, checked as any other."""
    return _made(composed(mapping), rules, unpack(code))


def _made(
    mapping: dict[str, Any],
    rules: Mapping[str, Iterable[str]],
    code: Code,
) -> Scenario:
    spec = at_medians(checked(normal(mapping)))
    return _arrayed(mapping, spec, rules, code)


def _arrayed(
    mapping: dict[str, Any],
    spec: Spec,
    rules: Mapping[str, Iterable[str]],
    code: Code,
) -> Scenario:
    """Return the scenario with its arrays, in a program that holds those rules and its own."""
    later = drafts(mapping, spec, lambda changed: at_medians(checked(normal(changed))))
    used = [rules_used(each) for each in (spec, *(draft.spec for draft in later))]
    held = {
        desk: tuple(sorted({*rules.get(desk, ()), *(rule for own in used for rule in own[desk])}))
        for desk in DESKS
    }
    built = build(spec, held)
    for array in leaves(built):
        array.setflags(write=False)
    uncertain, wrong = {}, code.problems(spec.states)
    places = located(spec, spec.priors, lambda marked: build(marked, held))
    for path, prior in spec.priors.items():
        cells = places[path]
        if cells is None:
            wrong.append(f"priors.{path}: there is no number that a run may set")
        elif (out := beyond(prior, cells)) > MOST_BEYOND:
            wrong.append(
                f"priors.{path}: {out:.0%} of it lies beyond the bounds {cells.low:g} and"
                f" {cells.high:g}, where it would be cut"
            )
        else:
            uncertain[path] = (prior, cells)
    try:
        layout = noise_layout(spec)
    except ValueError as error:
        wrong.append(f"scenario: {error}")
    if wrong:
        raise ScenarioError(wrong)
    known = {path: cells for path, (_, cells) in uncertain.items()}
    stages = tuple(Stage(d.week, _arrayed(d.mapping, d.spec, held, code), d.settled) for d in later)
    return Scenario(mapping, spec, held, built, uncertain, layout, code, stages, known)
