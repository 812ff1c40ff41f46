"""A game of doctrines: what each state gets for each choice, and which choices stand.

A scenario is simulated at every profile of doctrines with the same noise, so that payoffs are
paired run by run: an empirical game (Wellman 2006). A profile is an equilibrium if no state gains
by another doctrine alone. Payoffs are estimates: how often an equilibrium comes back in resamples
of the runs says whether it is one of the world or of the sample.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64

from ..ensemble.sweep import sweep
from ..results.intervals import student
from ..scenario import Scenario
from ..scenario.load import as_scenario
from ..scenario.problems import nearest

if TYPE_CHECKING:
    import pandas as pd

MOST_PROFILES = 4_096
RESAMPLES = 200
STEPS = 400
"""Of a replicator path."""
PURE = 1.0 - 1e-9

Profile = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class MetaGame:
    """The payoffs of every profile of doctrines, run by run.

    - `strategies`: the doctrines that each state chooses from, by state.
    - `payoffs`: what each state gets, [run, state, *a doctrine of each state].
    - `unit`: of the payoffs.

    Examples:
        >>> game = sim.meta_game(
        ...     sim.load("arms_race_dyad", ["weeks=4"]),
        ...     {"RED": ["racer", "restraint"], "BLU": ["racer", "restraint"]},
        ...     runs=3, workers=1, engine="reference",
        ... )
        >>> game
        MetaGame(RED, BLU: 2 x 2 doctrines, 3 runs)
    """

    strategies: Mapping[str, tuple[str, ...]]
    payoffs: Float64[np.ndarray, "run state ..."]
    unit: str = ""

    def __repr__(self) -> str:
        sizes = " x ".join(str(len(names)) for names in self.strategies.values())
        return f"MetaGame({', '.join(self.players)}: {sizes} doctrines, {len(self.payoffs)} runs)"

    def _repr_html_(self) -> str:
        return f"<h4>{escape(repr(self))}</h4>{self.table().to_html()}{self.equilibria().to_html()}"

    @property
    def players(self) -> tuple[str, ...]:
        """Return the states that choose."""
        return tuple(self.strategies)

    @cached_property
    def mean(self) -> Float64[np.ndarray, "state ..."]:
        """Return the payoffs, mean over runs."""
        return np.asarray(self.payoffs.mean(axis=0))

    def profiles(self) -> Iterator[Profile]:
        """Yield every profile: the place of each state's doctrine among its strategies.

        Examples:
            >>> list(game.profiles())
            [(0, 0), (0, 1), (1, 0), (1, 1)]
        """
        yield from product(*(range(len(names)) for names in self.strategies.values()))

    def table(self) -> "pd.DataFrame":
        """Return a row per profile: each state's payoff with its 95 % interval, and what stands.

        `equilibrium`: no state gains by another doctrine; `holds`: in which share of resamples.

        Examples:
            >>> len(game.table())
            4
        """
        import pandas as pd

        half = self.payoffs.std(axis=0, ddof=1) * student(len(self.payoffs) - 1)
        half = half / len(self.payoffs) ** 0.5
        stands, holds = set(self.pure()), self.holds()
        rows = []
        for profile in self.profiles():
            row: dict[tuple[str, str], Any] = {}
            for place, state in enumerate(self.players):
                cell = (place, *profile)
                row[state, "payoff"] = self.mean[cell]
                row[state, "low"] = self.mean[cell] - half[cell]
                row[state, "high"] = self.mean[cell] + half[cell]
            row["", "equilibrium"] = profile in stands
            row["", "holds"] = holds[profile]
            rows.append(row)
        index = pd.MultiIndex.from_tuples(map(self._named, self.profiles()), names=self.players)
        frame = pd.DataFrame(rows, index=index)
        frame.columns = pd.MultiIndex.from_tuples(list(rows[0]))
        return frame

    def pure(self) -> list[Profile]:
        """Return the profiles from which no state gains by changing its doctrine alone.

        Examples:
            >>> len(game.pure()) > 0
            True
        """
        return [profile for profile in self.profiles() if _stands(self.mean, profile)]

    def holds(self, resamples: int = RESAMPLES, seed: int = 0) -> dict[Profile, float]:
        """Return for each profile in which share of resamples of the runs it is an equilibrium.

        Args:
            resamples: How many; each draws as many runs as there are, with replacement.
            seed: Of the drawing.

        Examples:
            >>> all(0 <= share <= 1 for share in game.holds(10).values())
            True
        """
        count = dict.fromkeys(self.profiles(), 0)
        draws = np.random.default_rng(seed).multinomial(
            len(self.payoffs), np.full(len(self.payoffs), 1.0 / len(self.payoffs)), resamples
        )
        for weights in draws:
            mean = np.tensordot(weights, self.payoffs, 1)
            for profile in count:
                count[profile] += _stands(mean, profile)
        return {profile: number / resamples for profile, number in count.items()}

    def mixed(self) -> list[tuple[Float64[np.ndarray, " first"], Float64[np.ndarray, " second"]]]:
        """Return all equilibria of two states as shares of their doctrines, by nashpy.

        Raises:
            ValueError: There are not two states.

        Examples:
            >>> len(game.mixed()[0])  # needs: nashpy
            2
        """
        import nashpy

        if len(self.players) != 2:
            raise ValueError(f"mixed equilibria are found for two states, not {len(self.players)}")
        with warnings.catch_warnings():  # of degenerate games, whose further equilibria are a line
            warnings.simplefilter("ignore", RuntimeWarning)
            found = list(nashpy.Game(*self.mean).support_enumeration())
        return [(np.asarray(a), np.asarray(b)) for a, b in found]

    def equilibria(self) -> "pd.DataFrame":
        """Return a row per equilibrium: the share of each doctrine, and how sure it is.

        `holds` is as in `table`; `loss` is what the state loses at least that changes alone, with
        its paired 95 % interval (`low`, `high`). Both are of pure equilibria alone.

        Examples:
            >>> "kind" in game.equilibria()  # needs: nashpy
            True
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        holds = self.holds()
        for profile in self.pure():
            row: dict[str, Any] = {"kind": "pure"}
            for state, name in zip(self.players, self._named(profile), strict=True):
                row[state] = name
            rows.append(row | {"holds": holds[profile]} | self._loss(profile))
        if len(self.players) == 2:
            for shares in self.mixed():
                if max(map(max, shares)) >= PURE and min(map(max, shares)) >= PURE:
                    continue
                row = {"kind": "mixed"}
                for (state, names), part in zip(self.strategies.items(), shares, strict=True):
                    used = [f"{p:.2f} {name}" for name, p in zip(names, part, strict=True) if p > 0]
                    row[state] = ", ".join(used)
                rows.append(row)
        columns = ["kind", *self.players, "holds", "loss", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def replicator(
        self, start: Sequence[Sequence[float]] | None = None, steps: int = STEPS
    ) -> list[Float64[np.ndarray, "step doctrine"]]:
        """Return how shares of doctrines grow that do better than the mean of their state.

        x_a <- x_a + x_a (u_a - u) r, with r such that no share moves by more than a tenth.

        Args:
            start: The shares of each state's doctrines; equal ones if None.
            steps: How many.

        Returns:
            The shares of each state's doctrines, the start first.

        Examples:
            >>> [shares.shape[1] for shares in game.replicator(steps=5)]
            [2, 2]
        """
        sizes = [len(names) for names in self.strategies.values()]
        shares = [
            np.asarray(start[n], float) if start is not None else np.full(size, 1.0 / size)
            for n, size in enumerate(sizes)
        ]
        spread = max(float(np.ptp(self.mean[n])) for n in range(len(sizes))) or 1.0
        paths = [np.empty((steps + 1, size)) for size in sizes]
        for step in range(steps + 1):
            for path, share in zip(paths, shares, strict=True):
                path[step] = share
            values = [self._values(n, shares) for n in range(len(sizes))]
            shares = [
                share * (1.0 + 0.1 * (value - share @ value) / spread)
                for share, value in zip(shares, values, strict=True)
            ]
            shares = [share / share.sum() for share in shares]
        return paths

    def _values(self, place: int, shares: Sequence[np.ndarray]) -> np.ndarray:
        """Return what a state gets for each of its doctrines against the shares of the others."""
        values = np.moveaxis(self.mean[place], place, 0)
        for other in reversed([share for n, share in enumerate(shares) if n != place]):
            values = values @ other
        return values

    def _named(self, profile: Profile) -> tuple[str, ...]:
        return tuple(names[at] for names, at in zip(self.strategies.values(), profile, strict=True))

    def _of(self, place: int, profile: Profile) -> Float64[np.ndarray, " run"]:
        """Return what a state gets in each run of a profile."""
        own: Float64[np.ndarray, " run"] = self.payoffs[:, place].reshape(len(self.payoffs), -1)
        return own[:, np.ravel_multi_index(profile, self.mean.shape[1:])]

    def _loss(self, profile: Profile) -> dict[str, float]:
        """Return the least loss of a state that leaves a profile alone, with its interval."""
        losses = [
            self._of(place, profile) - self._of(place, other)
            for place, other in _deviations(profile, self.mean.shape[1:])
        ]
        if not losses:
            return {}
        least = min(losses, key=lambda loss: float(loss.mean()))
        half = student(len(least) - 1) * float(least.std(ddof=1)) / len(least) ** 0.5
        mean = float(least.mean())
        return {"loss": mean, "low": mean - half, "high": mean + half}


def _deviations(profile: Profile, sizes: Sequence[int]) -> Iterator[tuple[int, Profile]]:
    """Yield every state by its place, with the profiles in which it alone chose differently."""
    for place, size in enumerate(sizes):
        for choice in range(size):
            if choice != profile[place]:
                yield place, (*profile[:place], choice, *profile[place + 1 :])


def _stands(mean: np.ndarray, profile: Profile) -> bool:
    """Return whether nobody gains by leaving a profile alone."""
    return all(
        mean[(place, *other)] <= mean[(place, *profile)]
        for place, other in _deviations(profile, mean.shape[1:])
    )


def meta_game(
    scenario: Scenario | str | Path,
    strategies: Mapping[str, Sequence[str]],
    runs: int = 64,
    seed: int = 0,
    payoff: str = "payoff",
    engine: str = "auto",
    workers: int | None = None,
    progress: bool | None = None,
) -> MetaGame:
    """Simulate every profile of doctrines under the same noise, and return the game that results.

    Args:
        scenario: What is simulated, or the name or file from which to load it.
        strategies: The doctrines that each state chooses from, by its code.
        runs: How many runs per profile.
        seed: The master seed.
        payoff: The metric by state that is the payoff, summarised over weeks as it says first.
        engine: As in `run`.
        workers: As in `run`.
        progress: As in `run`.

    Raises:
        ValueError: There is no such state or metric, a choice is empty, or profiles are too many.
        ScenarioError: There is no such doctrine.

    Examples:
        >>> game = sim.meta_game(
        ...     sim.load("arms_race_dyad", ["weeks=4"]), {"RED": ["racer", "restraint"]},
        ...     runs=2, workers=1, engine="reference",
        ... )
        >>> game.players
        ('RED',)
    """
    from ..metrics import METRICS

    base = as_scenario(scenario)
    known = {metric.name: metric for metric in METRICS if metric.axes == "state" and metric.reduce}
    wrong = [
        f"there is no state '{code}'{nearest(code, base.states)}"
        for code in strategies
        if code not in base.states
    ]
    wrong += [f"{code}: nothing to choose from" for code, names in strategies.items() if not names]
    count = prod(len(names) for names in strategies.values())
    if not strategies:
        wrong.append("strategies: nobody chooses")
    if count > MOST_PROFILES:
        wrong.append(f"{count:,} profiles, where {MOST_PROFILES:,} are the most")
    if payoff not in known:
        wrong.append(f"there is no metric of states '{payoff}'{nearest(payoff, known)}")
    if runs < 2:
        wrong.append(f"runs: {runs}: at least 2, for intervals")
    if wrong:
        raise ValueError("; ".join(wrong))
    over = {f"states.{code}.doctrine": list(names) for code, names in strategies.items()}
    swept = sweep(base, over, runs, seed, engine=engine, workers=workers, progress=progress)
    frame = swept.runs
    failed = set(frame.loc[frame["status"] != "ok", "run"])
    frame = frame[~frame["run"].isin(failed)].sort_values(["run", "point"])
    left = len(frame) // count
    if left < 2:
        raise ValueError(f"{len(failed)} of {runs} runs failed at some profile: too few are left")
    sizes = [len(names) for names in strategies.values()]
    columns = [f"{payoff}_{code}_{known[payoff].reduce[0]}" for code in strategies]
    values = np.stack(
        [frame[column].to_numpy(float).reshape(left, *sizes) for column in columns], axis=1
    )
    chosen = {code: tuple(names) for code, names in strategies.items()}
    return MetaGame(chosen, values, known[payoff].unit)
