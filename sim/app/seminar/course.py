"""The course of a seminar's world: what each state sees now, and what four weeks make of orders.

The noise is the model's own, of a run of a seed; what a teacher injects enters as the timetable
does, or changes the one number that it is about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from ... import noise
from ...params import Params
from ...policy.deliberation import Deliberation
from ...policy.state import State
from ...quantities import Week
from ...rules.bounds import in_range
from ...rules.perceive import perceive
from ...rules.week import resolve
from ...scenario import Scenario, ScenarioError, from_mapping
from ...scenario.stages import params_by_week
from ...world import WAR, Noise, World, after
from .orders import RefusedError

WEEKS = 4
"""Weeks of a turn."""
LEAK, FAILURE, CEASEFIRE = "leak", "launch_failure", "ceasefire"
KNOWN = 3.0
"""Log-odds, 0.95, at which a leak leaves the evidence against a route."""
LAUNCHED = 1.0 - 1e-9
"""A draw that neither calls a launch off nor puts it off."""


@dataclass(frozen=True)
class Course:
    """The world of a room at the beginning of a turn, or of its end.

    - `scenario`: what is simulated, with what was injected.
    - `key`: of the run's noise, [2].
    - `world`: as it is now.
    - `weeks`: those simulated so far.
    - `failing`: the states whose launch fails in the coming week.
    """

    scenario: Scenario
    key: np.ndarray
    world: World
    weeks: tuple[Week, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def week(self) -> int:
        """Return the week that is decided now."""
        return int(self.world.week)

    @cached_property
    def stages(self) -> dict[int, Params]:
        """Return the parameters by the week from which they hold."""
        return {0: self.scenario.draw(self.key)[0], **params_by_week(self.scenario, self.key)}

    def params(self, week: int) -> Params:
        """Return the parameters of a week."""
        return self.stages[max(start for start in self.stages if start <= week)]

    def draws(self, week: int) -> Noise:
        """Return the noise of a week; a launch that is to fail goes up and fails."""
        drawn = dict(noise.draw(self.scenario.layout, self.key, week))
        if self.failing and week == self.week:
            places = [self.scenario.states.index(code) for code in self.failing]
            launched = self.params(week).wiring.launched > 0.0
            drawn["launch"], drawn["success"] = drawn["launch"].copy(), drawn["success"].copy()
            drawn["launch"][places] = LAUNCHED
            drawn["success"][np.ix_(places, launched)] = 0.0
        return drawn

    @cached_property
    def table(self) -> Deliberation:
        """Return the open deliberations of the coming week, to read and to try orders on."""
        return self._opened(self.world)[1]

    def _opened(self, world: World) -> tuple[World, Deliberation, Noise, Params]:
        week = int(world.week)
        params, drawn, table = self.params(week), self.draws(week), None
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            begun, seen = perceive(params, world, drawn)
            table = Deliberation(self.scenario, self.key)
            table.open(params, seen, drawn)
        return begun, table, drawn, params

    def state(self, code: str) -> State:
        """Return what a state sees now."""
        return State(self.table, code)

    def advanced(
        self, decide: Callable[[Mapping[str, State]], None], codes: Sequence[str]
    ) -> "Course":
        """Return the course after a turn.

        Args:
            decide: Gives the orders of a week.
            codes: Of the states that it may order for.

        Raises:
            RefusedError: Numbers leave their range.
        """
        world, made = self.world, list[Week]()
        for _ in range(min(WEEKS, self.scenario.weeks - self.week)):
            begun, table, drawn, params = self._opened(world)
            decide({code: State(table, code) for code in codes})
            action = table.close()
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                world, events = resolve(
                    params, begun, table.seen, action, drawn, self.scenario.phases
                )
            if not in_range(world):
                raise RefusedError(
                    f"week {int(world.week) - 1}: numbers left their range; rewind a turn"
                )
            made.append(Week(params, world, table.seen, action, events, drawn))
        return Course(self.scenario, self.key, world, (*self.weeks, *made))

    def injected(self, what: str, states: Sequence[str]) -> "Course":
        """Return the course with something from outside, this week.

        Args:
            what: `leak`: the world learns what went from the first state to the second;
                `launch_failure`: the first state launches, and fails; `ceasefire`: the war between
                the two stops.
            states: The states, by code.

        Raises:
            RefusedError: It cannot happen now.
        """
        if what == LEAK:
            return replace(self, world=self._leaked(states))
        if what == CEASEFIRE and self._at_war(states):
            actor, target = states
            return self._dated({"kind": "ceasefire", "actor": actor, "target": target})
        if what == FAILURE and len(states) == 1:
            if not np.any(self.params(self.week).wiring.launched > 0.0):
                raise RefusedError("this scenario knows no launches")
            course = self._dated({"kind": "launch", "actor": states[0]})
            return replace(course, failing=(*course.failing, states[0]))
        raise RefusedError(f"{what}: {' and '.join(states)} have none that could happen now")

    def _at_war(self, states: Sequence[str]) -> bool:
        places = tuple(self.scenario.states.index(code) for code in states)
        found = self.scenario.pairs.index(places) if places in self.scenario.pairs else None
        return found is not None and int(self.world.level[found]) == WAR

    def _leaked(self, states: Sequence[str]) -> World:
        if tuple(states) not in self.scenario.routes:
            raise RefusedError(f"leak: there is no route {' to '.join(states)}")
        e, world = self.scenario.routes.index((states[0], states[1])), self.world
        containers = self.params(self.week).munitions.containers
        sent = float(world.shipped[e] @ containers + world.cargo_shipped[e])
        changed = {
            name: np.array(getattr(world, name))
            for name in ("exposure", "doubt", "estimate", "published", "unseen")
        }
        changed["exposure"][e] = max(changed["exposure"][e], KNOWN)
        changed["doubt"][e] = changed["unseen"][e] = 0.0
        changed["estimate"][:, e] = changed["published"][:, e] = sent
        return after(world, **changed)

    def _dated(self, entry: Mapping[str, Any]) -> "Course":
        """Return the course with one more entry of the timetable, this week."""
        mapping, day = self.scenario.mapping, str(self.scenario.date(self.week))
        dated = [*(mapping.get("timetable") or ()), {"date": day, **entry}]
        try:
            scenario = from_mapping(mapping | {"timetable": dated})
        except ScenarioError as error:
            raise RefusedError(str(error)) from None
        return replace(self, scenario=scenario)


def opened(scenario: Scenario, seed: int, run: int) -> Course:
    """Return the course of a run at its first week.

    Args:
        scenario: What is simulated.
        seed: The master seed.
        run: The number of the run.
    """
    key = noise.run_key(seed, run)
    return Course(scenario, key, scenario.draw(key)[1])


def digest(world: World) -> str:
    """Return a hash of a world, of every bit of it."""
    found = sha256()
    for field in fields(World):
        array = np.ascontiguousarray(getattr(world, field.name))
        found.update(f"{field.name} {array.dtype.str} {array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()
