"""Policies of a user, as tests of policies give them to states."""

import sim
from sim.policy.state import State


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
