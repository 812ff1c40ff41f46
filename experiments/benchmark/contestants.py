"""Who is compared. Each plays some runs of a scenario and tells how many seconds that took.

What is inside the clock: the weeks, what is recorded of them, the rows at the end. Outside it: the
scenario, imports, compilation. The peer's luck and its agents are made outside too; the engines
draw their luck inside.
"""

import gc
from collections.abc import Callable
from time import perf_counter

from sim import noise
from sim.scenario import Scenario

SEED = 0
RECORD = "summary"

Play = Callable[[range], float]


def peer(scenario: Scenario) -> tuple[int, Play]:
    """The Mesa peer, which is the oracle of the tests, a run after the other."""
    from tests.oracle.model import OracleModel

    def play(runs: range) -> float:
        seconds = 0.0
        for run in runs:
            model = OracleModel(scenario, noise.run_key(SEED, run))
            gc.collect()
            gc.freeze()  # the collector need not go through the luck that lies ready
            start = perf_counter()
            model.play()
            seconds += perf_counter() - start
            gc.unfreeze()
        return seconds

    return 1, play


def reference(scenario: Scenario) -> tuple[int, Play]:
    """The engine on NumPy, a run after the other."""
    from sim.engines import reference as engine

    def play(runs: range) -> float:
        start = perf_counter()
        engine.simulate(scenario, SEED, runs, RECORD)
        return perf_counter() - start

    return 1, play


def compiled(scenario: Scenario) -> tuple[int, Play]:
    """The engine under JAX, whole blocks of runs."""
    from sim.engines import compiled as engine

    block = engine.compiled_program(scenario, RECORD).size

    def play(runs: range) -> float:
        start = perf_counter()
        engine.simulate(scenario, SEED, runs, RECORD)
        return perf_counter() - start

    return block, play


CONTESTANTS: dict[str, Callable[[Scenario], tuple[int, Play]]] = {
    "peer": peer,
    "reference": reference,
    "compiled": compiled,
}
"""Each is given a scenario, and gives the number of runs that it plays at a time and the player."""
