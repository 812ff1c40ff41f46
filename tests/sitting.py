"""A state about to decide: the first week of a run, before it resolves."""

from unchecked import unchecked

from sim import noise
from sim.policy.state import Deliberation, State
from sim.rules.week import step
from sim.scenario import Scenario


class Sitting:
    """The first week of a run, in which `me` is asked."""

    def __init__(self, scenario: Scenario, code: str) -> None:
        key = noise.run_key(0, 0)
        self.params, world, _ = scenario.draw(key)
        luck = noise.draw(scenario.layout, key, 0)
        with unchecked():
            _, self.seen, self.desks, _ = step(self.params, world, luck)
        self.table = Deliberation(scenario, key)
        self.table.open(self.params, self.seen, luck)
        self.me = State(self.table, code)
        self.scenario = scenario

    def place(self, code: str) -> int:
        return self.scenario.states.index(code)

    def pair(self, actor: str, target: str) -> int:
        return self.scenario.pairs.index((self.place(actor), self.place(target)))
