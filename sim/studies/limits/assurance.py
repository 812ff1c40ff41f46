"""Kydd's assurance game: the trustworthy cooperate with whom they trust enough.

With the payoffs R, T, P, S and t the probability that the other is trustworthy, to cooperate is
worth t R + (1 - t) S and to defect t T + (1 - t) P, if the trustworthy cooperate. So who prefers R
to T cooperates if and only if t >= (P - S) / (R - T + P - S); exploiters never do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ...policy.state import Policy
from ...scenario import Scenario
from ...world import HOLD, PRESS
from .games import deviation
from .limit import EXACT, Check, Limit, Runner, Sweep, desk, exactly


@dataclass(frozen=True)
class Assurance:
    """The game that a scenario describes; payoffs a state each."""

    reward: Float[np.ndarray, " state"]
    temptation: Float[np.ndarray, " state"]
    punishment: Float[np.ndarray, " state"]
    sucker: Float[np.ndarray, " state"]
    trust: float

    @property
    def trustworthy(self) -> Bool[np.ndarray, " state"]:
        """Return whether a state prefers the reward to the temptation."""
        return self.reward >= self.temptation

    @property
    def threshold(self) -> Float[np.ndarray, " state"]:
        """Return the trust from which a state cooperates; never where it is above 1."""
        fear = self.punishment - self.sucker
        margin = self.reward - self.temptation + fear
        return np.where(margin > 0.0, fear / np.where(margin > 0.0, margin, 1.0), np.inf)

    @property
    def cooperates(self) -> Bool[np.ndarray, " state"]:
        """Return whether a state cooperates."""
        return self.trustworthy & (self.trust >= self.threshold)

    def worth(self, defects: Bool[np.ndarray, "state state"], i: int) -> float:
        """Return what a state got from trustworthy others and exploiters, weighed by its trust.

        Args:
            defects: Who pressed whom, [state, state].
            i: The place of the state.
        """
        mine, theirs = defects[i], defects[:, i]
        got = np.where(
            mine,
            np.where(theirs, self.punishment[i], self.temptation[i]),
            np.where(theirs, self.sucker[i], self.reward[i]),
        )
        others = np.arange(len(got)) != i
        kinds = (
            (self.trustworthy & others, self.trust),
            (~self.trustworthy & others, 1 - self.trust),
        )
        return float(sum(weight * got[kind].mean() for kind, weight in kinds if kind.any()))


def assurance(scenario: Scenario) -> Assurance:
    """Return what the scenario's numbers make of the game."""
    own = desk(scenario, "crisis", "assurance")
    trust = float(scenario.params().rules.escalate.trust_prior)
    return Assurance(own.reward, own.temptation, own.punishment, own.sucker, trust)


def defections(
    scenario: Scenario, runner: Runner, deviators: Mapping[str, type[Policy]] | None = None
) -> Bool[np.ndarray, "state state"]:
    """Return who pressed whom in the first week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        deviators: Policies by the code of their state, in place of its desk.
    """
    for code, policy in (deviators or {}).items():
        scenario = scenario.with_policy(code, policy)
    events = runner.run_once(scenario).results.events
    rows = events[(events["kind"] == "challenge") & (events["week"] == 0)]
    places = {code: i for i, code in enumerate(scenario.states)}
    table = np.zeros((len(places), len(places)), bool)
    actor, target = (rows[end].map(places).to_numpy(int) for end in ("actor", "target"))
    table[actor, target] = True
    return table


def theory(scenario: Scenario) -> float:
    """Return the share of the first state's games in which it cooperates."""
    return float(assurance(scenario).cooperates[0])


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check who cooperates, and that nobody gains by doing otherwise.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model, found = assurance(scenario), defections(scenario, runner)
    expected = np.where(model.cooperates[:, None], False, ~np.eye(len(found), dtype=bool))
    others = len(found) - 1
    result = [
        exactly(
            f"share of its games in which {code} cooperates",
            float(model.cooperates[i]),
            1.0 - float(found[i].sum()) / others,
            0.0,
        )
        for i, code in enumerate(scenario.states)
    ]
    for i, code in enumerate(scenario.states):
        turned = PRESS if model.cooperates[i] else HOLD
        other = defections(scenario, runner, {code: deviation(opening=turned)})
        theirs = expected.copy()
        theirs[i] = (turned == PRESS) & (np.arange(len(theirs)) != i)
        gain = model.worth(other, i) - model.worth(found, i)
        by_theory = model.worth(theirs, i) - model.worth(expected, i)
        verb = "defects" if turned == PRESS else "cooperates"
        result += [
            exactly(f"gain of {code} if it {verb}", by_theory, gain, EXACT),
            exactly(f"gain of {code} if it {verb}, above 0", 0.0, max(gain, 0.0), EXACT),
        ]
    return result


def describe(scenario: Scenario) -> str:
    """Return trust and threshold as text."""
    model = assurance(scenario)
    verdict = "cooperate" if model.cooperates[0] else "defect"
    return f"trust={model.trust:g}, threshold {model.threshold[0]:.4g}: the trustworthy {verdict}"


_PAYOFF = "doctrines.*.desks.crisis.{}"

ASSURANCE = Limit(
    name="assurance",
    model="Kydd's assurance",
    result="the trustworthy cooperate if and only if trust >= (P - S) / (R - T + P - S)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep("rules.escalate.trust_prior", 0.0, 1.0, "trust", "share that cooperate"),
    drawn={
        "rules.escalate.trust_prior": (0.02, 0.98),
        "doctrines.trustworthy.desks.crisis.temptation": (0.3, 0.99),
        "doctrines.exploiter.desks.crisis.temptation": (1.01, 2.0),
        "doctrines.trustworthy.desks.crisis.punishment": (0.0, 0.9),
        "doctrines.trustworthy.desks.crisis.sucker": (-1.0, 0.0),
    },
    free=(_PAYOFF.format("reward"), _PAYOFF.format("punishment"), _PAYOFF.format("sucker")),
)
