"""Does credence learn? Whether states that are believed hard at p are hard in a share p of cases.

One case per run and pair, in the last week, of the pairs where the other may be hard. The Brier
score is the mean squared error of a belief; the prior's is what it would be had nobody learnt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ..ensemble.run import run
from ..plots.style import FAINT, PALETTE, footer, grid, look, write
from ..results.intervals import share_interval
from ..rules.deterrence import stake_at_risk
from ..scenario import Scenario

DESKS = ("hold", "tit_for_tat", "perfect_deterrence", "assurance", "brinkmanship")
BINS = 10
LEVEL = 0.999
"""Of a bin's interval: of fifty, one lies outside in twenty studies."""

Cases = Float[np.ndarray, " case"]


@dataclass(frozen=True)
class Beliefs:
    """What was believed, and what was so: a case per run and pair.

    - `held`: the probability held that the other is hard.
    - `hard`: 1 if it is.
    - `prior`: the probability before anything was seen.
    """

    held: Cases
    hard: Cases
    prior: Cases

    @property
    def brier(self) -> float:
        """Return the Brier score of what was held."""
        return float(np.mean((self.held - self.hard) ** 2))

    @property
    def brier_of_prior(self) -> float:
        """Return the Brier score of the prior."""
        return float(np.mean((self.prior - self.hard) ** 2))

    @property
    def correlation(self) -> float:
        """Return the correlation of what was learnt with the type, 0 where nothing was learnt."""
        learnt, error = self.held - self.prior, self.hard - self.prior
        spread = float(np.std(learnt) * np.std(error))
        return (
            float(np.mean((learnt - learnt.mean()) * (error - error.mean()))) / spread
            if spread > 1e-12
            else 0.0
        )


@dataclass(frozen=True)
class Bin:
    """Cases that were believed alike.

    - `held`, `share`: the mean belief, and the share that is hard.
    - `low`, `high`: the share's interval.
    - `cases`: how many there are.
    """

    held: float
    share: float
    low: float
    high: float
    cases: int

    @property
    def calibrated(self) -> bool:
        """Return whether the mean belief lies in the share's interval."""
        return self.low <= self.held <= self.high


def beliefs(scenario: Scenario, runs: int, seed: int = 0, workers: int = 1) -> Beliefs:
    """Return what states believe of each other in the last week of many runs.

    Args:
        scenario: What is simulated.
        runs: How many runs.
        seed: The master seed.
        workers: How many processes.
    """
    found = run(scenario, runs, seed, record="full", engine="compiled", workers=workers)
    last = found.dyads[found.dyads["week"] == found.dyads["week"].max()]
    place = {code: at for at, code in enumerate(scenario.states)}
    actor, target = (last[end].map(place).to_numpy(np.int64) for end in ("state", "target"))
    number = last["run"].to_numpy(np.int64)
    params, world, size = scenario.params(), scenario.world(), len(place)
    risk = params.rules.escalate.hard_share * np.asarray(stake_at_risk(params, world))
    prior = np.asarray(params.wiring.pair.to_table(risk))
    hard = np.zeros((number.max() + 1, size, size))
    hard[number, actor, target] = last["hard"]
    live = prior[target, actor] > 0.0  # of the other toward the one that believes
    return Beliefs(
        held=last["credence"].to_numpy(np.float64)[live],
        hard=hard[number, target, actor][live],
        prior=prior[target, actor][live],
    )


def reliability(found: Beliefs, bins: int = BINS) -> list[Bin]:
    """Return the cases in bins of equal width that have any, lowest belief first.

    A bin's interval holds its true share at LEVEL, whichever way the cases fall.

    Args:
        found: The cases.
        bins: How many there may be.
    """
    places = np.minimum((found.held * bins).astype(int), bins - 1)
    curve = []
    for place in range(bins):
        chosen = places == place
        if chosen.any():
            held, hard = found.held[chosen], found.hard[chosen]
            low, high = share_interval(int(hard.sum()), int(chosen.sum()), LEVEL)
            curve.append(Bin(float(held.mean()), float(hard.mean()), low, high, int(chosen.sum())))
    return curve


def following(scenario: Scenario, desk: str) -> Scenario:
    """Return the scenario with every state at one crisis desk.

    Args:
        scenario: Which.
        desk: The rule of the desk.
    """
    return scenario.with_(*(f"states.{code}.desks.crisis={desk}" for code in scenario.states))


def page(by_desk: Mapping[str, Beliefs], text: str, path: Path) -> Path:
    """Draw the reliability curve of each desk, a panel each, and return the PNG.

    Args:
        by_desk: What was believed under each desk.
        text: What stands at the foot.
        path: Of the PNG.
    """
    with look():
        figure, panels = grid(
            1, len(by_desk), 3.4, "Of those believed hard at p, a share p is hard"
        )
        for axes, (name, found) in zip(panels.flat, by_desk.items(), strict=True):
            curve = reliability(found)
            held, share = [each.held for each in curve], np.asarray([each.share for each in curve])
            ends = [[each.low for each in curve], [each.high for each in curve]]
            axes.plot([0, 1], [0, 1], color=FAINT)
            axes.errorbar(
                held, share, yerr=np.abs(ends - share), fmt="o", color=PALETTE[0], markersize=4
            )
            axes.set(title=name.replace("_", " "), xlim=(0, 1), ylim=(0, 1))
            axes.set_xlabel("probability held")
        panels.flat[0].set_ylabel("share that is hard (99.9 %)")
        footer(figure, text)
        return write(figure, path)


def lines(name: str, found: Beliefs) -> list[str]:
    """Return what a study of one desk shows, as text.

    Args:
        name: Of the desk.
        found: What was believed under it.
    """
    curve = reliability(found)
    outside = sum(not each.calibrated for each in curve)
    head = (
        f"{name:20s} Brier {found.brier:.4f}, prior's {found.brier_of_prior:.4f}, correlation "
        f"{found.correlation:+.3f}, bins outside their interval {outside} of {len(curve)}"
    )
    return [
        head,
        *(
            f"    held {each.held:.3f}  hard {each.share:.3f} [{each.low:.3f}, {each.high:.3f}]"
            f"  {each.cases} cases"
            for each in curve
        ),
    ]
