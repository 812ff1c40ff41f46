"""A week of one run in which some states follow a policy in plain Python."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..params import Params
from ..rules.perceive import perceive
from ..rules.week import resolve
from ..scenario.problems import brief
from ..world import Action, Events, Noise, Observation, World
from .base import Policy
from .deliberation import Deliberation
from .state import State

if TYPE_CHECKING:
    from ..scenario import Scenario

Step = Callable[[Params, World, Noise], tuple[World, Observation, Action, Events]]


def policy_step(scenario: "Scenario", key: np.ndarray) -> Step:
    """Return the step of a week in which states with a policy follow it: as `rules.week.step`.

    Args:
        scenario: What is simulated, with its policies.
        key: The run's key, [2].
    """
    table = Deliberation(scenario, key)
    minds = [(State(table, code), scenario.code.policy(code)) for code in scenario.policies]

    def step(
        params: Params, world: World, draws: Noise
    ) -> tuple[World, Observation, Action, Events]:
        world, seen = perceive(params, world, draws)
        table.open(params, seen, draws)
        for me, policy in minds:
            apply_policy(policy, me)
        action = table.close()
        world, events = resolve(params, world, seen, action, draws, scenario.phases)
        return world, seen, action, events

    return step


def apply_policy(policy: Policy, me: State) -> None:
    """Let a policy decide; note on any error of it whose it was, and when.

    Args:
        policy: The policy.
        me: The state that it decides for.
    """
    try:
        decide: Callable[[State], Any] = policy.decide  # a user's may return something
        found = decide(me)
        if found is not None:
            raise TypeError(
                f"decide returned {brief(repr(found))}: a policy returns nothing, it acts by the"
                ' verbs of `me`, such as me.press("RUS") or me.offer("RUS", "shell_152", 100.0)'
            )
    except Exception as error:
        error.add_note(f"in the policy of {me.code}, week {me.week}")
        raise
