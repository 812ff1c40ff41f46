"""Games of three weeks between pairs of states: what came of them, by type, and deviations.

A deviation is a plain-Python policy that overrules its state's desk. It has the same noise as the
desk had, so gains are paired.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from ... import noise
from ...engines import reference
from ...ensemble.job import resolve_engine
from ...policy.state import Policy, State
from ...rules.bounds import in_range
from ...scenario import Scenario
from ...world import CHALLENGED, CONCILIATE, HOLD, PRESS, RESISTED
from .limit import Runner

GAME = ("challenge", "resisted", "backed_down")
"""What may happen in each week of a game."""
Happened = dict[str, Bool[np.ndarray, "run state state"]]
"""By kind of event: whether it did, from whom to whom."""
VERBS = {PRESS: State.press, HOLD: State.hold, CONCILIATE: State.conciliate}


@dataclass(frozen=True)
class Games:
    """The game that each pair began in the first week, over all runs: [game].

    - `hard`, `firm`: the challenger's and the defender's type.
    - `challenged`, `resisted`, `stood`: what was done; each implies the one before.
    """

    hard: Bool[np.ndarray, " game"]
    firm: Bool[np.ndarray, " game"]
    challenged: Bool[np.ndarray, " game"]
    resisted: Bool[np.ndarray, " game"]
    stood: Bool[np.ndarray, " game"]


Pair = tuple[int, int]


def pairs(scenario: Scenario) -> list[Pair]:
    """Return challenger and defender of each rivalry: the first and the second it names."""
    place = {code: at for at, code in enumerate(scenario.states)}
    return [(place[a], place[b]) for a, b in (r.states for r in scenario.spec.relations.rivalries)]


def alike(scenario: Scenario, game: Callable[[Scenario, Pair], Any]) -> list[Pair]:
    """Return the pairs whose game has the same numbers as the first pair's.

    Args:
        scenario: What is simulated.
        game: Returns the game of a pair.
    """
    found = pairs(scenario)
    return [pair for pair in found if game(scenario, pair) == game(scenario, found[0])]


def types(scenario: Scenario, runner: Runner, runs: int) -> Bool[np.ndarray, "run state state"]:
    """Return who is hard against whom in each run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        runs: How many runs.
    """
    keys = (noise.run_key(runner.seed, run) for run in range(runs))
    pair = scenario.params().wiring.pair
    return np.stack([pair.to_table(scenario.draw(key)[1].hard) > 0.0 for key in keys])


def games(
    scenario: Scenario,
    of: Sequence[Pair],
    runner: Runner,
    runs: int,
    deviators: Mapping[str, type[Policy]] | None = None,
) -> Games:
    """Simulate the first game of some pairs.

    Args:
        scenario: What is simulated.
        of: Whose games are looked at.
        runner: How runs are simulated.
        runs: How many runs, where the runner does not set it.
        deviators: Policies by the code of their state.
    """
    for code, policy in (deviators or {}).items():
        scenario = scenario.with_policy(code, policy)
    if resolve_engine(runner.engine, scenario) == "reference":
        count = runner.runs or runs
        happened = _watched(scenario, runner.seed, count)
    else:
        found = runner.run_many(scenario, runs).results
        count = int(found.manifest["runs"])
        happened = _recorded(scenario, found.events, count)
    first, second = np.asarray(of).T
    hard = types(scenario, runner, count)
    resisted = happened["resisted"][:, second, first]
    return Games(
        hard=hard[:, first, second].ravel(),
        firm=hard[:, second, first].ravel(),
        challenged=happened["challenge"][:, first, second].ravel(),
        resisted=resisted.ravel(),
        stood=(resisted & ~happened["backed_down"][:, first, second]).ravel(),
    )


def _watched(scenario: Scenario, seed: int, runs: int) -> Happened:
    """Simulate the weeks of a game and return what happened in them.

    Nothing else is measured or kept, and no week is simulated after the last of the game: a policy
    in Python is slow, and is all that differs from runs whose every number is checked.

    Args:
        scenario: What is simulated.
        seed: The master seed.
        runs: How many runs.

    Raises:
        ArithmeticError: The numbers of a run left their range.
    """
    size = len(scenario.states)
    happened = {kind: np.zeros((runs, size, size), bool) for kind in GAME}
    for run in range(runs):
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # told by the range
            for kind, week in zip(GAME, reference.weeks(scenario, seed, run), strict=False):
                if not in_range(week.world):
                    raise ArithmeticError(
                        f"{scenario.name}: numbers of run {run} leave their range"
                    )
                happened[kind][run] = week.params.wiring.pair.to_table(week.events[kind]) > 0.0
    return happened


def _recorded(scenario: Scenario, events: pd.DataFrame, runs: int) -> Happened:
    """Return what happened in the weeks of a game, of the events of runs.

    Args:
        scenario: What was simulated.
        events: The table of events.
        runs: How many runs.
    """
    size, places = len(scenario.states), {code: i for i, code in enumerate(scenario.states)}
    happened = {}
    for week, kind in enumerate(GAME):
        rows = events[(events["kind"] == kind) & (events["week"] == week)]
        table = np.zeros((runs, size, size), bool)
        actor, target = (rows[end].map(places).to_numpy(int) for end in ("actor", "target"))
        table[rows["run"].to_numpy(int), actor, target] = True
        happened[kind] = table
    return happened


def deviation(
    opening: int | None = None, answer: int | None = None, last: int | None = None
) -> type[Policy]:
    """Return a policy that departs from its desk.

    A game has one challenger, of one type, so both types may deviate in the same runs.

    Args:
        opening: Its posture in the first week.
        answer: Its posture when it was challenged.
        last: Its posture when its own challenge was resisted.
    """

    class Deviation(Policy):
        def decide(self, me: State) -> None:
            for code in me.others:
                pair = me.of(code)
                if pair.stake == 0.0:
                    continue
                for meant, due in (
                    (opening, me.week == 0),
                    (answer, pair.against == CHALLENGED),
                    (last, pair.stage == RESISTED),
                ):
                    if due and meant is not None:
                        VERBS[meant](me, code)

    return Deviation
