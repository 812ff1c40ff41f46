"""Environments for learners: a scenario whose seats somebody else fills.

    env = sim.environment("northeast_asia_2023", seats=["PRK", "KOR"])  # PettingZoo, parallel
    env = sim.environment("arms_race_dyad", seats=["RED"])              # Gymnasium

A step is a week. Each seat's observation is what that state's policy would see, its reward the
`payoff` of its state, its action the levers that it takes from its desks. Episode e of seed s has
the noise of run e of seed s, as everywhere: two learners can be compared episode by episode.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

from .. import noise
from ..rules.bounds import in_range
from ..rules.fight import payoff
from ..rules.perceive import perceive
from ..rules.week import resolve
from ..scenario import Scenario
from ..scenario.load import as_scenario
from ..scenario.problems import nearest
from ..scenario.stages import params_by_week
from .deliberation import Deliberation
from .levers import POSTURES, USUAL, cells, check_levers, order, scale, seen_numbers
from .state import State

Observations = dict[str, np.ndarray]


class SeatsEnv(ParallelEnv):
    """A scenario as a PettingZoo ParallelEnv: all seats decide on the same week.

    - `scenario`, `levers`: what is simulated, and what seats decide.
    - `world`: as the last week left it; `week`: the week that is decided now.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "armsflow_v0", "render_modes": []}
    render_mode = None

    def __init__(
        self, scenario: Scenario, seats: Sequence[str], levers: Sequence[str] = USUAL
    ) -> None:
        """Prepare the seats; `reset` begins an episode.

        Args:
            scenario: What is simulated.
            seats: The codes of the states that are decided from outside.
            levers: What they decide; the rest their desks decide.

        Raises:
            ValueError: There is no such state or lever.
        """
        check_levers(tuple(levers))
        wrong = [f"{c!r}{nearest(c, scenario.states)}" for c in seats if c not in scenario.states]
        if wrong or not seats or len(set(seats)) < len(seats):
            message = f"there is no state {', '.join(wrong)}" if wrong else "none, or one twice"
            raise ValueError(f"seats: {message}")
        self.scenario, self.levers = scenario, tuple(levers)
        self.possible_agents = list(seats)
        self.agents: list[str] = []
        self._seed, self._episode = 0, -1
        self._begin()
        self._spaces = {code: self._space(code) for code in seats}
        self._labels = {
            code: tuple(label for label, _ in seen_numbers(self._states[code], self._table))
            for code in seats
        }
        self._seen = {
            code: spaces.Box(-np.inf, np.inf, (len(labels),), np.float64)
            for code, labels in self._labels.items()
        }

    def labels(self, seat: str) -> tuple[str, ...]:
        """Return what each number of a seat's observation is: `me.stock.shell_152`."""
        return self._labels[seat]

    def cells(self, seat: str, lever: str) -> list[tuple[str, ...]]:
        """Return what each number of a seat's lever is of.

        Args:
            seat: The code of the state.
            lever: One of `levers`.
        """
        return cells(self._states[seat], lever)

    def observation_space(self, agent: str) -> spaces.Box:
        """Return the space of a seat's observations: a number for each label."""
        return self._seen[agent]

    def action_space(self, agent: str) -> spaces.Dict:
        """Return the space of a seat's actions: its levers, without those that it does not have."""
        return self._spaces[agent]

    @property
    def week(self) -> int:
        """Return the number of the week that is decided now."""
        return int(self.world.week)

    def reset(
        self, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observations, dict[str, dict[str, Any]]]:
        """Begin an episode: episode 0 of a seed that is given, else the next one.

        Args:
            seed: The master seed.
            options: `{"run": 7}` begins with the noise of run 7.

        Returns:
            What each seat sees, and nothing more of each.
        """
        if seed is not None:
            self._seed, self._episode = seed, -1
        self._episode = int((options or {}).get("run", self._episode + 1))
        self._begin()
        self.agents = list(self.possible_agents)
        return self._observed(), {code: {} for code in self.agents}

    def step(
        self, actions: Mapping[str, Mapping[str, np.ndarray]]
    ) -> tuple[
        Observations, dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Simulate a week in which seats decide; a seat without an action leaves it to its desks.

        Args:
            actions: By seat and lever; a lever that is left out is its desk's.

        Returns:
            By seat: what it sees, its reward, whether numbers left their range, whether the weeks
            are over, and nothing more.
        """
        for code, action in actions.items():
            for lever, values in action.items():
                order(self._states[code], lever, np.atleast_1d(np.asarray(values)))
        decided = self._table.close()
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            world, _ = resolve(
                self._params,
                self._begun,
                self._table.seen,
                decided,
                self._draws,
                self.scenario.phases,
            )
            failed = not in_range(world)
            if not failed:
                got = payoff(self._params, world, self._table.seen)
                self._open(world)
        rewards = {
            code: 0.0 if failed else float(got[self.scenario.states.index(code)])
            for code in self.agents
        }
        over = failed or self.week >= self.scenario.weeks
        seats, seen = self.agents, self._observed()
        if over:
            self.agents = []
        return (
            seen,
            rewards,
            dict.fromkeys(seats, failed),
            dict.fromkeys(seats, over and not failed),
            {code: {} for code in seats},
        )

    def render(self) -> None:
        """Draw nothing: the figures are of results."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _begin(self) -> None:
        key = noise.run_key(self._seed, max(self._episode, 0))
        self._params, world, _ = self.scenario.draw(key)
        self._later = params_by_week(self.scenario, key)
        self._key, self._table = key, Deliberation(self.scenario, key)
        self._states = {code: State(self._table, code) for code in self.possible_agents}
        self._open(world)

    def _open(self, world: Any) -> None:
        """Begin a week: what its states see, and what their desks decide."""
        self.world = world
        self._params = self._later.get(int(world.week), self._params)
        self._draws = noise.draw(self.scenario.layout, self._key, world.week)
        self._begun, seen = perceive(self._params, world, self._draws)
        self._table.open(self._params, seen, self._draws)

    def _observed(self) -> Observations:
        return {
            code: np.fromiter(
                (number for _, number in seen_numbers(self._states[code], self._table)), np.float64
            )
            for code in self.agents
        }

    def _space(self, code: str) -> spaces.Dict:
        me, found = self._states[code], dict[str, spaces.Space[Any]]()
        for lever in self.levers:
            count, bounds = len(cells(me, lever)), scale(lever)
            if count and lever == "posture":
                found[lever] = spaces.MultiDiscrete([POSTURES] * count)
            elif count:
                found[lever] = spaces.Box(bounds.low, bounds.high, (count,), np.float64)
        return spaces.Dict(found)


class SeatEnv(gymnasium.Env):
    """A scenario with one seat, as a Gymnasium environment; `seats` is the same with more."""

    def __init__(self, scenario: Scenario, seat: str, levers: Sequence[str] = USUAL) -> None:
        """Prepare the seat; `reset` begins an episode.

        Args:
            scenario: What is simulated.
            seat: The code of the state that is decided from outside.
            levers: What it decides; the rest its desks decide.
        """
        self.seats, self.seat = SeatsEnv(scenario, [seat], levers), seat
        self.observation_space = self.seats.observation_space(seat)
        self.action_space = self.seats.action_space(seat)

    def labels(self) -> tuple[str, ...]:
        """Return what each number of an observation is."""
        return self.seats.labels(self.seat)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode: episode 0 of a seed that is given, else the next one.

        Args:
            seed: The master seed.
            options: `{"run": 7}` begins with the noise of run 7.
        """
        super().reset(seed=seed)
        seen, more = self.seats.reset(seed, options)
        return seen[self.seat], more[self.seat]

    def step(
        self, action: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Simulate a week, as `SeatsEnv.step`."""
        seen, reward, failed, over, more = self.seats.step({self.seat: action})
        code = self.seat
        return seen[code], reward[code], failed[code], over[code], more[code]


def environment(
    scenario: Scenario | str | Path, seats: str | Sequence[str], levers: Sequence[str] = USUAL
) -> SeatsEnv | SeatEnv:
    """Return a scenario as an environment: PettingZoo for several seats, Gymnasium for one.

    Args:
        scenario: What is simulated, or the name or file from which to load it.
        seats: The codes of the states that are decided from outside; text for one.
        levers: What they decide; the rest their desks decide. `sim.policy.levers.LEVERS` has all.

    Raises:
        ValueError: There is no such state or lever.
        ImportError: The extra `games` is not installed.

    Examples:
        >>> seat = sim.environment("arms_race_dyad", "RED")  # needs: gymnasium, pettingzoo
        >>> seen, _ = seat.reset(seed=1)
    """
    base = as_scenario(scenario)
    codes = [seats] if isinstance(seats, str) else list(seats)
    return SeatEnv(base, codes[0], levers) if len(codes) == 1 else SeatsEnv(base, codes, levers)
