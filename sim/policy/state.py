"""Policies in plain Python: a state that decides by what a person wrote, with an `if`.

    sim.run(scenario.with_policy("KOR", Hedger), runs=10)

The state's desks decide first, as its doctrine says; the policy changes what it names. All states
decide on the same week. Such runs are simulated by the reference engine, week by week.
"""

import math
from datetime import date
from typing import Any

import numpy as np

from .. import noise
from ..scenario.problems import nearest
from ..world import CONCILIATE, HOLD, PRESS
from .base import Policy as Policy
from .deliberation import (
    DECIDED,
    VERBS,
    Deliberation,
    Likelihood,
    check_number,
    said_by_type,
)
from .views import SEEN, Other, Route, View


class State(View):
    """A state as its policy meets it: `me`. What it sees are attributes, what it does are verbs.

    - `code`: which state it is.

    Own figures are read as `me.treasury` or `me.stock["shell_152"]`; what lies between it and
    another as `me.of("RUS").tension`; of a route as `me.route("PRK", "RUS").exposure`. `dir(me)`
    lists them; `sim.world.Observation` documents each.

    Examples:
        >>> world = sim.load("northeast_asia_2023", ["weeks=4", "timetable=none"])
        >>> me = sim.ArmsTransferModel(world, rng=1).state("PRK")
        >>> me.partners
        ('RUS', 'UKR', 'USA', 'KOR', 'JPN', 'CHN')
    """

    FIELDS = tuple(
        name
        for name, axes in SEEN.items()
        if axes in ((), ("munition",)) or (axes[0] == "state" and axes.count("state") == 1)
    )

    def __init__(self, table: Deliberation, code: str) -> None:
        """Prepare the state `code` in the deliberations of a run.

        Args:
            table: The deliberations of the run.
            code: The code of the state.
        """
        self._table, self.code = table, code
        self._place = table.names.place("state", code)

    def __repr__(self) -> str:
        return str(vars(self).get("code", "a state"))

    def _hint(self, name: str) -> str:
        for view, way in ((Other, "of(other)"), (Route, "route(source, target)")):
            if name in view.FIELDS:
                return f": use {self!r}.{way}.{name}"
        return super()._hint(name)

    def _read(self, name: str, values: np.ndarray) -> Any:
        match SEEN[name]:
            case ("state", *rest):
                return self._figures(values[self._place], *rest)
            case axes:
                return self._figures(values, *axes)

    @property
    def date(self) -> date:
        """Return the first day of the week."""
        return self._table.scenario.date(self.week)

    @property
    def others(self) -> tuple[str, ...]:
        """Return the codes of all other states."""
        return tuple(code for code in self._table.scenario.states if code != self.code)

    @property
    def partners(self) -> tuple[str, ...]:
        """Return the codes of those whom the scenario lists as a pair with me: whom I may press."""
        names = self._table.names
        return tuple(
            c for c in self.others if (self._place, names.place("state", c)) in names.pairs
        )

    @property
    def customers(self) -> tuple[str, ...]:
        """Return the codes of those to whom a route leads."""
        return tuple(t for s, t in self._table.scenario.routes if s == self.code)

    def codes(self, axis: str) -> tuple[str, ...]:
        """Return the codes along an axis of the scenario, such as `munition` or `technology`.

        Examples:
            >>> me.codes("kind")
            ('command_post', 'air', 'naval', 'field')
        """
        return self._table.names.codes[axis]

    def of(self, other: str) -> Other:
        """Return what I see of another state.

        Of a stranger, whom the scenario does not list as a pair with me, what conduct brings about
        (`level`, `stake`, `believed`, ..) is 0, and `trust` its prior.

        Examples:
            >>> 0.0 <= me.of("KOR").tension <= 1.0
            True
        """
        return Other(self._table, self.code, other)

    def route(self, source: str, target: str) -> Route:
        """Return what I see of a route.

        Args:
            source: The supplier.
            target: The recipient.

        Examples:
            >>> me.route("PRK", "RUS").debt >= 0.0
            True
        """
        return Route(self._table, self.code, source, target)

    def uniform(self, name: str) -> float:
        """Draw a uniform of my own by name: in a week of a run it is always the same number.

        It does not depend on what else is drawn, here or elsewhere, so that two policies that draw
        under the same name share their noise (common random numbers).

        Examples:
            >>> me.uniform("my dice") == me.uniform("my dice")
            True
        """
        return noise.policy_uniform(self._table.key, self.week, self.code, name)

    def offer(self, to: str, munition: str, amount: float) -> None:
        """Offer units per week to another state; its want and my reserve limit what leaves.

        Args:
            to: The recipient; a route must lead to it.
            munition: The munition.
            amount: Units per week.

        Examples:
            >>> me.offer("RUS", "shell_152", 5000)
        """
        self.order("offer", amount, to, munition)

    def want(self, munition: str, amount: float) -> None:
        """Post a request of units per week.

        Args:
            munition: The munition.
            amount: Units per week.

        Examples:
            >>> me.want("rocket_122", 100)
        """
        self.order("want", amount, munition)

    def build(self, munition: str, amount: float) -> None:
        """Order units from industry this week; below 0, to be scrapped.

        Args:
            munition: The munition.
            amount: Units this week; below 0, to be scrapped.

        Examples:
            >>> me.build("shell_152", 2000)
        """
        self.order("build", amount, munition)

    def press(self, other: str, likelihood: Likelihood | None = None) -> None:
        """Press another state: challenge it, or stand in a dispute.

        Others learn of my type from what my crisis desk gives each type to do, which no longer
        stands once I decide: so they learn nothing, unless I give them my own probabilities.

        Args:
            other: The other state.
            likelihood: With which probabilities I would press or conciliate it now, were I hard and
                were I soft: `{"hard": {"press": 0.9}, "soft": {"press": 0.2, "conciliate": 0.5}}`.

        Raises:
            ValueError: The likelihood is none; the message names everything wrong with it.

        Examples:
            >>> me.press("KOR", likelihood={"hard": {"press": 0.9}, "soft": {"press": 0.2}})
        """
        self._pose(PRESS, other, likelihood)

    def hold(self, other: str, likelihood: Likelihood | None = None) -> None:
        """Hold: neither press nor give way.

        Args:
            other: The other state.
            likelihood: As in `press`.

        Examples:
            >>> me.hold("KOR")
        """
        self._pose(HOLD, other, likelihood)

    def conciliate(self, other: str, likelihood: Likelihood | None = None) -> None:
        """Give way to another state.

        Args:
            other: The other state.
            likelihood: As in `press`.

        Examples:
            >>> me.conciliate("USA")
        """
        self._pose(CONCILIATE, other, likelihood)

    def exercise(self, kind: str, partner: str | None = None, size: float = 1.0) -> None:
        """Exercise alone, or with a partner that wants the same exercise.

        Args:
            kind: One of `sim.world.EXERCISES`.
            partner: The other state; None for an exercise alone.
            size: How large, 1 being the usual; 0 calls it off.

        Examples:
            >>> me.exercise("naval", size=2.0)
        """
        if partner is None or partner == self.code:
            self.order("alone", size, kind)
        else:
            self.order("exercise", size, partner, kind)

    def sanction(self, other: str, level: float = 1.0) -> None:
        """Move my sanctions on another state toward a level.

        Args:
            other: The other state.
            level: From 0, none, to 1, full.

        Examples:
            >>> me.sanction("KOR", 0.5)
        """
        self.order("sanction", level, other)

    def condemn(self, other: str) -> None:
        """Condemn another state.

        Examples:
            >>> me.condemn("USA")
        """
        self.order("condemn", 1.0, other)

    def payment(self, cash: float = 0.0, goods: float = 0.0, technology: float = 0.0) -> None:
        """Set the proportions in which I want to be paid for what I sell.

        Args:
            cash: The weight of cash.
            goods: The weight of goods, such as food and oil.
            technology: The weight of technology.

        Raises:
            ValueError: A weight is below 0 or infinite, or all are 0.

        Examples:
            >>> me.payment(cash=1.0, goods=1.0)
        """
        weights = np.asarray([cash, goods, technology], np.float64)
        if not (np.all(weights >= 0.0) and 0.0 < weights.sum() < math.inf):
            raise ValueError(
                f"payment: {weights.tolist()} are not weights of at least 0, one of them above 0"
            )
        self._table.change("mix", (self._place,), weights / weights.sum())

    def order(self, name: str, value: float, *where: str) -> None:
        """Decide any field of an Action: `me.order("secrecy", 0.5)`.

        Args:
            name: A field of `Procurement` .. `Diplomacy` in `sim.world`.
            value: What is decided.
            where: What else identifies it: `me.order("research", 2, "satellite")`,
                `me.order("publish", 1, "PRK>RUS")`.

        Raises:
            KeyError: There is no such field, state, munition, route ...
            ValueError: The value is out of its range.

        Examples:
            >>> me.order("secrecy", 0.5)
        """
        if name in VERBS:
            raise ValueError(f"{name}: decided by {VERBS[name]}")
        self._change(name, value, *where)

    def decided(self, name: str, *where: str) -> float:
        """Return what stands decided, by my desks or by me: `me.decided("build", "shell_152")`.

        Args:
            name: A field of the Action.
            where: What else identifies it, as in `order`.

        Examples:
            >>> me.decided("secrecy"), me.decided("build", "shell_152")
            (0.5, 2000.0)
        """
        cell = self._cell(name, where)
        number: float = self._table.decided(name)[cell].item()
        return number

    def _pose(self, posture: int, other: str, likelihood: Likelihood | None) -> None:
        given = {} if likelihood is None else said_by_type(likelihood)
        self._change("posture", posture, other)
        for name, chance in given.items():
            self._table.change(name, self._cell(name, (other,)), chance)

    def _change(self, name: str, value: float, *where: str) -> None:
        cell = self._cell(name, where)
        if name not in VERBS:
            check_number(name, value, where)
        if where[:1] == (self.code,):
            raise ValueError(f"{name}: {self.code} cannot do that to itself")
        self._table.change(name, cell, value)

    def _cell(self, name: str, where: tuple[str, ...]) -> tuple[int, ...]:
        """Return where a field of the Action holds a decision of mine."""
        if name not in DECIDED:
            raise KeyError(f"there is nothing named {name!r} to decide{nearest(name, DECIDED)}")
        owner, *axes = DECIDED[name]
        expected = ["state", *axes] if owner in ("route", "pair") else axes
        if len(where) != len(expected):
            raise TypeError(
                f"{name} is decided by {', '.join(expected) or 'nothing else'}: {where!r}"
            )
        names = self._table.names
        if owner == "route":
            codes = (f"{self.code}>{where[0]}", *where[1:])
            return tuple(names.place(a, c) for a, c in zip(("route", *axes), codes, strict=True))
        if owner == "pair":
            rest = (names.place(a, c) for a, c in zip(axes, where[1:], strict=True))
            return (self._pair(name, where[0]), *rest)
        first = self._place if owner == "state" else names.place(owner, self.code)
        return (first, *(names.place(a, c) for a, c in zip(axes, where, strict=True)))

    def _pair(self, name: str, other: str) -> int:
        """Return the place of the pair that I am with another state."""
        names = self._table.names
        place = names.pairs.get((self._place, names.place("state", other)))
        if other == self.code:
            raise ValueError(f"{name}: {self.code} cannot do that to itself")
        if place is None:
            raise ValueError(
                f"{name}: {self.code} and {other} are strangers in this scenario: "
                f"add [{self.code}, {other}] to relations.relevant"
            )
        return place
