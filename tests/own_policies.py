"""Policies of a user, as tests of policies give them to states."""

from typing import ClassVar

import numpy as np

import sim
from sim.policy.state import State

SHARE = 0.25
WEIGHTS = np.asarray([0.25, 0.75])


class Idle(sim.Policy):
    """Lets the desks decide."""

    def decide(self, me: State) -> None:
        pass


class Hedger(sim.Policy):
    """Offers to Russia while it is quiet between them, hides it and heeds no embargo."""

    def decide(self, me: State) -> None:
        me.order("secrecy", 1.0)
        me.order("comply", 0.0)
        for munition in me.stock:
            me.offer("RUS", munition, 5000.0 if me.of("RUS").tension < 0.9 else 0.0)


class Gambler(sim.Policy):
    """Presses whom a draw of its own names."""

    def decide(self, me: State) -> None:
        for other in me.partners:
            if me.uniform(f"press {other}") < 0.5:
                me.press(other)


class Greedy(sim.Policy):
    """Wants a little more each week."""

    def __init__(self) -> None:
        self.weeks = 0

    def decide(self, me: State) -> None:
        self.weeks += 1
        for munition in me.stock:
            me.want(munition, 10.0 * self.weeks)


class Broken(sim.Policy):
    """Fails in week 2."""

    def decide(self, me: State) -> None:
        if me.week == 2:
            raise ZeroDivisionError("by no rival")


def lowered(figures: list[float]) -> float:
    """A share of the mean of some figures."""
    return SHARE * float(np.mean(figures)) * float(WEIGHTS.sum())


class Fearful(sim.Policy):
    """Gives way above a tension, and buys by a rule that stands outside the class."""

    limit: float = 0.05
    eager: bool = True
    kinds: ClassVar[tuple[str, ...]] = ("shell",)

    def decide(self, me: State) -> None:
        calm = [other for other in me.partners if me.of(other).tension <= self.limit]
        for other in me.partners:
            if other not in calm:
                me.conciliate(other)
        if self.eager:
            for munition in me.stock:
                me.want(munition, lowered([me.stock[name] + SHARE for name in me.stock]))
        # a last word


class Bolder(Fearful):
    """Bears more."""

    limit: float = 0.5


class Threshold(sim.Policy):
    """Has parameters by an `__init__` of its own."""

    def __init__(self, limit: float, patience: int = 2) -> None:
        if limit < 0.0:
            raise ValueError(f"limit: {limit} is below 0")
        self.limit, self.left = limit, patience

    def decide(self, me: State) -> None:
        self.left -= 1
        for other in me.partners:
            if self.left < 0 and me.of(other).tension > self.limit:
                me.press(other)
