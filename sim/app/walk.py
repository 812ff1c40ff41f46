"""One world, week by week: as far as somebody has gone, and what a page shows of a week."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import noise
from ..engines import reference
from ..explain.explain import Explanation, explained
from ..explain.reasons import Case, digits
from ..plots.figures.disputes import NAMES
from ..plots.style import spaced
from ..quantities import Week, cargo_in_transit, in_transit
from ..rules.bounds import in_range
from ..scenario import Scenario
from .news import happened, in_sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..world import World

MOST_SHOWN = 12
"""Pairs of states that a table shows, the hottest first."""
LEAST = 0.05
"""Units on the way that are worth a word."""
Rows = list[tuple[str, ...]]


class Shown(NamedTuple):
    """What a page shows of a week: tables of text, and sentences.

    - `states`, `pairs`, `routes`: rows, the head of the columns first.
    - `events`: what happened, a sentence each.
    """

    states: Rows
    pairs: Rows
    routes: Rows
    events: list[str]


class Walk:
    """A run of a world, simulated as far as it was looked at.

    - `scenario`, `seed`, `run`: which run.
    - `ended`: the week in which its numbers left their range, if they did.
    """

    def __init__(self, scenario: Scenario, seed: int, run: int) -> None:
        """Stand before the first week.

        Args:
            scenario: The world.
            seed: The master seed.
            run: The number of the run.
        """
        self.scenario, self.seed, self.run = scenario, seed, run
        self.ended: int | None = None
        self._start: World = scenario.draw(noise.run_key(seed, run))[1]
        self._coming: Iterator[Week] = reference.weeks(scenario, seed, run)
        self._weeks = list[Week]()

    @property
    def last(self) -> int:
        """Return the number of the last week that there is."""
        return self.scenario.weeks - 1 if self.ended is None else self.ended - 1

    def go(self, week: int) -> int:
        """Simulate as far as a week; return the week that was reached.

        Args:
            week: From 0; what is beyond the last is the last.
        """
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            while len(self._weeks) <= min(week, self.last):
                left = next(self._coming)
                if not in_range(left.world):
                    self.ended = len(self._weeks)
                    break
                self._weeks.append(left)
        return max(0, min(week, self.last))

    def week(self, number: int) -> Week:
        """Return a week that was reached."""
        return self._weeks[number]

    def why(self, state: str, number: int) -> Explanation:
        """Return why a state decided so in a week that was reached.

        Args:
            state: Its code.
            number: The week.
        """
        before = self._weeks[number - 1].world if number else self._start
        place = self.scenario.states.index(state)
        case = Case(self.scenario, self._weeks[number], place, before)
        return explained(case, f"of seed {self.seed}, run {self.run}")

    def shown(self, number: int) -> Shown:
        """Return what a page shows of a week that was reached."""
        week = self._weeks[number]
        return Shown(
            _states(self.scenario, week),
            _pairs(self.scenario, week),
            _routes(self.scenario, week),
            _events(self.scenario, week),
        )


def name_of(scenario: Scenario, place: int) -> str:
    """Return the name of a state, its code if it has none.

    Args:
        scenario: Whose state.
        place: The state's place.
    """
    code = scenario.states[place]
    return scenario.spec.states[code].name or code


def _states(scenario: Scenario, week: Week) -> Rows:
    """Return what each state has: forces, money, and stocks with the weeks that they would last."""
    world, seen = week.world, week.seen
    held = [k for k in range(len(scenario.munitions)) if world.stock[:, k].any()]
    named = [
        (k, scenario.spec.munitions[k].unit) for k in map(scenario.munitions.__getitem__, held)
    ]
    labels = [f"{spaced(k)}, {unit or 'units'} (weeks)" for k, unit in named]
    rows: Rows = [
        ("state", "soldiers, thousand", "casualties, thousand", "treasury, USD bn", *labels)
    ]
    for i in range(len(scenario.states)):
        stocks = (
            f"{digits(world.stock[i, k])} ({digits(seen.supply[i, k])})"
            if world.stock[i, k] or week.params.states.war_plan[i, k]
            else "-"
            for k in held
        )
        numbers = (world.force[i], world.losses[i], world.treasury[i])
        rows.append((name_of(scenario, i), *map(digits, numbers), *stocks))
    return rows


def _pairs(scenario: Scenario, week: Week) -> Rows:
    """Return the disputes and tensions of pairs of states, the hottest first."""
    world, pair = week.world, week.params.wiring.pair
    actor, target = np.asarray(pair.actor), np.asarray(pair.target)
    real = [p for p in range(len(actor)) if actor[p] < target[p]]
    heat = {p: world.level[p] + world.tension[actor[p], target[p]] for p in real}
    rows: Rows = [("between", "level", "tension there", "tension back")]
    for p in sorted(real, key=lambda p: -heat[p])[:MOST_SHOWN]:
        i, j, level = int(actor[p]), int(target[p]), int(world.level[p])
        there, back = world.tension[i, j], world.tension[j, i]
        names = f"{name_of(scenario, i)} and {name_of(scenario, j)}"
        rows.append((names, f"level:{level} {NAMES[level]}", f"{there:.2f}", f"{back:.2f}"))
    return rows


def _routes(scenario: Scenario, week: Week) -> Rows:
    """Return what is on its way between states: munitions, and goods in payment for them."""
    world = week.world
    rows: Rows = [("route", "on the way, munitions", "containers", "goods, containers")]
    if not scenario.routes:
        return rows
    units = np.sum(np.asarray(world.transit), axis=0)
    boxes, goods = np.asarray(in_transit(week)), np.asarray(cargo_in_transit(week))
    for e, (supplier, recipient) in enumerate(scenario.routes):
        if units[e].any() or goods[e]:
            named = zip(scenario.munitions, units[e], strict=True)
            text = ", ".join(f"{digits(x)} {spaced(k)}" for k, x in named if x >= LEAST)
            ends = (name_of(scenario, scenario.states.index(c)) for c in (supplier, recipient))
            rows.append((" to ".join(ends), text or "-", digits(boxes[e]), digits(goods[e])))
    return rows


def _events(scenario: Scenario, week: Week) -> list[str]:
    """Return what happened in a week, a sentence each."""
    names = [in_sentence(name_of(scenario, i)) for i in range(len(scenario.states))]
    found = (sentence(k, names[i], names[j], count) for k, i, j, count in happened(week))
    return [f"{said[0].upper()}{said[1:]}." for said in found]
