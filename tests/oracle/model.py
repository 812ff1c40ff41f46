"""The oracle: the model of `docs/odd.md` a second time, in plain Python.

    model = OracleModel(scenario, noise.run_key(7, 0))
    model.step()
    model.world()["stock"], model.events["test"]
    model.play()["deterred", "sum"]

An oracle first: it is written from the equations, imports no rule, desk or helper of the engines,
and knows every rule of every desk. `tests/test_oracle.py` holds the reference engine to it, every
field of the World, every week, with drawn coefficients. It knows no list of pairs: each state deals
with every other, and a stranger has to do nothing by itself. A benchmark second: written as one
would with Mesa, it is what `experiments/benchmark` calls the Mesa peer. So where the two aims
differ, the plainest formula wins, unless a loop over pairs without a stake costs a large part of a
run.

Activation is simultaneous: all states see and decide the same week, then it resolves.
"""

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np

from sim.events import EVENTS
from sim.scenario import Scenario

from . import conduct, disputes, material, relations, setup, trading
from .agents import StateAgent
from .record import Record, Summary

PHASES: dict[str, Callable[["OracleModel"], None]] = {
    "trade": trading.trade,
    "haul": trading.haul,
    "move": material.move,
    "fight": material.fight,
    "build": material.build,
    "learn": conduct.learn,
    "train": conduct.train,
    "watch": conduct.watch,
    "sanction": relations.sanction,
    "relate": relations.relate,
    "challenge": disputes.challenge,
    "escalate": disputes.escalate,
}
"""How a week resolves, once all states have decided."""


class OracleModel(mesa.Model):
    """A run of a scenario.

    - `states`, `routes`: in the scenario's order.
    - `pairs`: the places of actor and target of each pair that the scenario lists.
    - `week`: how many weeks were played.
    - `events`: of the last week, by kind: counts by (actor, target).
    - `disputes`: last week's, if the run is recorded; `record`: what was collected.
    """

    def __init__(
        self, scenario: Scenario, key: np.ndarray, collect: bool = True, weeks: int | None = None
    ) -> None:
        """Makes the world of week 0.

        Args:
            scenario: What is played.
            key: The run's key, as `sim.noise.run_key` makes it.
            collect: Whether the run is recorded.
            weeks: How many weeks it lasts, the scenario's if None: luck is drawn beforehand.

        Raises:
            ValueError: A state follows a rule that the oracle does not know.
        """
        super().__init__(rng=0)
        whole, self.pairs = setup.with_all_pairs(scenario), scenario.pairs
        params, world, _ = whole.draw(key)
        setup.furnish(self, whole, params, world)
        self._lucks = setup.luck_of(whole, key, weeks or scenario.weeks)
        self.events: dict[str, dict[tuple[int, int], float]] = {kind: {} for kind in EVENTS}
        self.record = Record() if collect else None

    def step(self) -> None:
        """Plays a week."""
        self._open()
        self.agents.do("assess")
        self.agents.do("perceive")
        self.agents.do("decide")
        for phase in PHASES.values():
            phase(self)
        self.week += 1
        if self.record is not None:
            self.record.week(self)

    def play(self) -> Summary:
        """Plays the weeks that are left.

        Returns:
            One row: each metric's summary over the weeks.

        Raises:
            ValueError: The run is not recorded.
        """
        if self.record is None:
            raise ValueError("this run is not recorded")
        while self.week < len(self._lucks):
            self.step()
        return self.record.summary(self)

    def _open(self) -> None:
        """Begins a week: its luck, its dated entries, what is unlawful."""
        self.luck = self._lucks[self.week]
        self.events = {kind: {} for kind in EVENTS}
        for state in self.states:
            state.acts = {}
        self.dated = self.timetable.get(self.week, ())
        self.all_spending = sum(state.spending for state in self.states)
        for route in self.routes:
            route.unlawful = bool(route.supplier.embargo or route.recipient.embargo)
        self._call_exercises()
        self.visits = relations.visits(self)

    def _call_exercises(self) -> None:
        """Tells each state what the calendar, less its holidays, has for it this week."""
        now = (self.first_week_of_year + self.week) % 52
        self._convene(now)
        listed: dict[tuple[int, int, int], float] = {}
        for n, (first, length, *which, size) in self.drills.items():
            if (now - first) % 52 < length and self.convened[n]:
                listed[tuple(which)] = listed.get(tuple(which), 0.0) + size
        off = dict.fromkeys(self.states, 0.0)
        for (i, _), share in self.summons("holiday").items():
            off[self.states[i]] = max(off[self.states[i]], min(1.0, share))
        for state in self.states:
            state.calendar = {}
        for (i, j, kind), size in listed.items():
            size = max(size, listed.get((j, i, kind), 0.0))
            for state, partner in ((self.states[i], j), (self.states[j], i)):
                state.calendar[partner, kind] = size * (1.0 - off[state])

    def _convene(self, now: int) -> None:
        """Decides on the exercises that are due: held as a whole, or called off."""
        for parts, opener, terms in self.exercises:
            drills = [self.drills[n] for n in parts if n in self.drills]
            for n, (first, length, *_) in zip(parts, drills, strict=False):
                due = (now - first) % 52
                if due == 0 or (self.week == 0 and due < length):
                    friendly = all(
                        self.states[i].affinity[j] >= terms for _, _, i, j, _, _ in drills if i != j
                    )
                    held = self.luck["convene"][opener] < self.rules.train.held
                    self.convened[n] = 1.0 if held and friendly else 0.0

    def summons(self, kind: str) -> dict[tuple[int, int], float]:
        """The timetable's entries of a kind this week: their size, by (actor, target)."""
        sizes: dict[tuple[int, int], float] = {}
        for entry, i, j, size in self.dated:
            if entry == kind:
                sizes[i, j] = sizes.get((i, j), 0.0) + size
        return sizes

    def pool(self, amounts: list[float]) -> list[float]:
        """Amounts with those of what makes up for each, in its own units."""
        return [
            amounts[k] if family is None else sum(worth * amounts[m] for m, worth in family)
            for k, family in enumerate(self.families)
        ]

    def count(self, kind: str, actor: StateAgent, target: StateAgent, count: float = 1) -> None:
        """Counts an event of this week."""
        if count:
            counts, pair = self.events[kind], (actor.index, target.index)
            counts[pair] = counts.get(pair, 0) + count
            actor.acts[kind] = actor.acts.get(kind, 0) + count

    def world(self) -> dict[str, Any]:
        """The state by the names and in the shapes of `sim.world.World`, as nested lists."""
        states, routes = self.states, self.routes
        told = {name: [getattr(s, name) for s in states] for name in setup.OF_STATES}
        told |= {
            name: [getattr(states[i], name)[j] for i, j in self.pairs] for name in setup.OF_PAIRS
        }
        told |= {name: [getattr(r, name) for r in routes] for name in setup.OF_ROUTES}
        longest = max((len(route.legs) for route in routes), default=1)
        nothing = [0.0] * len(self.price)
        told["cargo_transit"] = [
            [r.legs[n].goods if n < len(r.legs) else 0.0 for r in routes] for n in range(longest)
        ]
        for name, held in (("transit", "contents"), ("transit_grade", "grade")):
            told[name] = [
                [getattr(r.legs[n], held) if n < len(r.legs) else nothing for r in routes]
                for n in range(longest)
            ]
        told["convened"] = self.convened
        told["pact"] = [alliance.in_force for alliance in self.alliances]
        told |= {"week": self.week, "price": self.price, "frontier": self.frontier}
        told["estimate"] = [observer.estimate for observer in self.observers]
        told["published"] = [observer.published for observer in self.observers]
        return told
