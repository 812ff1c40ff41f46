"""Deterrence as a game: the rudimentary asymmetric one, and Zagare & Kilgour's unilateral one.

A challenger and a defender, each hard with a known probability, p_C and p_D. With

    c_t = (d_cd - d_dc) / (d_cd - d_dd_soft)
    d1 = (c_dc - c_sq) / (c_dc - c_cd)      d2 = (c_dc - c_sq) / (c_dc - c_dd_hard)

nobody challenges if p_D >= d2; the hard alone if d1 <= p_D < d2; all if p_D < d1, p_C >= c_t. Else
the soft bluff and resist so often that neither is worth more or less, and conflict comes with
probability p_C d1. Quiet everywhere, upheld by the belief that a challenge comes from the soft, is
refined away. Where all challengers are hard, d2 alone is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ...results.intervals import payoff_interval, share_interval
from ...scenario import Scenario
from ...world import CONCILIATE, HOLD, PRESS
from .games import Games, Pair, alike, deviation, games, pairs
from .limit import LEVEL, Check, Limit, Runner, Sweep, desk, exactly

RUNS = 100
KIND = {True: "hard", False: "soft"}


@dataclass(frozen=True)
class Game:
    """The game that a scenario describes: payoffs by Zagare & Kilgour's letters, credences."""

    c: dict[str, float]  # of the challenger: dc, sq, cd, dd_hard, dd_soft
    d: dict[str, float]  # of the defender: cd, dc, dd_hard, dd_soft
    challenger: float  # p_C
    defender: float  # p_D

    @property
    def doubt(self) -> float:
        """Return c_t: up to which credence of the challenger a soft defender resists."""
        return (self.d["cd"] - self.d["dc"]) / (self.d["cd"] - self.d["dd_soft"])

    @property
    def bounds(self) -> tuple[float, float]:
        """Return d1 and d2: up to which credence of the defender the soft and hard challenge."""
        gain = self.c["dc"] - self.c["sq"]
        return gain / (self.c["dc"] - self.c["cd"]), gain / (self.c["dc"] - self.c["dd_hard"])

    @property
    def bluffing(self) -> bool:
        """Return whether the soft mix."""
        return self.defender < self.bounds[0] and self.challenger < self.doubt

    def challenges(self, hard: bool) -> float:
        """Return the probability that a challenger of a type challenges."""
        if hard:
            return float(self.defender < self.bounds[1])
        if self.bluffing:
            return self.challenger * (1.0 - self.doubt) / (1.0 - self.challenger) / self.doubt
        return float(self.defender < self.bounds[0])

    def resists(self, firm: bool) -> float:
        """Return the probability that a challenged defender of a type resists."""
        bluff = (self.bounds[0] - self.defender) / (1.0 - self.defender) if self.bluffing else 0.0
        return 1.0 if firm else bluff

    @property
    def resistance(self) -> float:
        """Return the probability that a challenge is resisted."""
        return self.defender + (1.0 - self.defender) * self.resists(False)

    @property
    def conflict(self) -> float:
        """Return the probability of conflict: a hard challenger that challenges and is resisted."""
        return self.challenger * self.challenges(True) * self.resistance

    @property
    def challenged(self) -> float:
        """Return the probability of a challenge."""
        soft = (1.0 - self.challenger) * self.challenges(False)
        return self.challenger * self.challenges(True) + soft

    def as_challenger(self, hard: bool, opening: int, last: int) -> float:
        """Return what a plan is worth to a challenger, against the equilibrium's defenders.

        Args:
            hard: Whether the challenger is hard.
            opening: Its posture in the first week.
            last: Its posture when its challenge was resisted.
        """
        if opening == HOLD:
            return self.c["sq"]
        end = self.c[f"dd_{KIND[hard]}"] if last == PRESS else self.c["cd"]
        return self.resistance * end + (1.0 - self.resistance) * self.c["dc"]

    def as_defender(self, firm: bool, answer: int) -> float:
        """Return what an answer is worth to a defender, against the equilibrium's challengers.

        Less what a concession is worth; nothing where nobody challenges.

        Args:
            firm: Whether the defender is hard.
            answer: Its posture when challenged.
        """
        if answer == CONCILIATE:
            return 0.0
        meets_hard = self.challenger * self.challenges(True)
        meets_soft = (1.0 - self.challenger) * self.challenges(False)
        fight, win = self.d[f"dd_{KIND[firm]}"] - self.d["dc"], self.d["cd"] - self.d["dc"]
        return meets_hard * fight + meets_soft * win


def game(scenario: Scenario, pair: Pair | None = None) -> Game:
    """Return the game that the numbers of a pair make.

    Args:
        scenario: What is simulated.
        pair: Challenger and defender, as places; the first pair if None.
    """
    own, (i, j) = desk(scenario, "crisis", "perfect_deterrence"), pair or pairs(scenario)[0]
    params = scenario.params()
    share = float(params.rules.escalate.hard_share)
    stake = params.wiring.pair.to_table(params.relations.stake)
    return Game(
        c={n: float(getattr(own, f"c_{n}")[i]) for n in ("dc", "sq", "cd", "dd_hard", "dd_soft")},
        d={n: float(getattr(own, f"d_{n}")[j]) for n in ("cd", "dc", "dd_hard", "dd_soft")},
        challenger=share * float(stake[i, j]),
        defender=share * float(stake[j, i]),
    )


def worth(
    model: Game, found: Games
) -> tuple[Float[np.ndarray, " game"], Float[np.ndarray, " game"]]:
    """Return what each game brought its challenger and its defender.

    Args:
        model: The game.
        found: The games that were simulated.

    Returns:
        Two vectors [game]; the defender's is less what a concession is worth.
    """
    fights = np.where(found.hard, model.c["dd_hard"], model.c["dd_soft"])
    c = np.where(found.stood, fights, model.c["cd"])
    c = np.where(found.resisted, c, np.where(found.challenged, model.c["dc"], model.c["sq"]))
    fights = np.where(found.firm, model.d["dd_hard"], model.d["dd_soft"])
    d = np.where(found.stood, fights, model.d["cd"]) - model.d["dc"]
    return c, np.where(found.resisted, d, 0.0)


def share(name: str, expected: float, of: Bool[np.ndarray, " game"]) -> Check:
    """Check a frequency, by its exact interval.

    Args:
        name: What it is the frequency of.
        expected: The probability by theory.
        of: In which games it happened, [game].
    """
    hits, count = int(of.sum()), len(of)
    return Check(
        name, expected, hits / count, *share_interval(hits, count, level=LEVEL), chance=True
    )


def behaviour(model: Game, found: Games) -> list[Check]:
    """Check how often each type challenges, resists and stands, where it had to choose.

    Args:
        model: The game.
        found: The games that were simulated.
    """
    rows = []
    for hard in (True, False):
        mine, theirs = found.hard == hard, found.challenged & (found.firm == hard)
        kind, last = KIND[hard], found.stood[mine & found.resisted]
        rows += [
            (f"{kind} challengers that challenge", model.challenges(hard), found.challenged[mine]),
            (f"{kind} defenders that resist", model.resists(hard), found.resisted[theirs]),
            (f"{kind} challengers, resisted, that stand", float(hard), last),
        ]
    return [share(name, expected, of) for name, expected, of in rows if len(of)]


CHALLENGERS = (
    (HOLD, HOLD, "stays quiet"),
    (PRESS, PRESS, "challenges and stands"),
    (PRESS, CONCILIATE, "challenges and backs down"),
)
"""The plans of a challenger: its opening, and what it does when resisted."""
DEFENDERS = ((HOLD, "resists"), (CONCILIATE, "concedes"))
"""The plans of a defender: its answer."""


def gains(scenario: Scenario, runner: Runner, model: Game, found: Games) -> Iterator[Check]:
    """Check what each type gains per game by every plan, measured and by theory.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
        model: The game.
        found: The games that were simulated.
    """
    codes, of = scenario.states, alike(scenario, game)
    first, second = (sorted({codes[i] for i in ends}) for ends in zip(*of, strict=True))
    mine, theirs = worth(model, found)

    def other(deviators: list[str], **plan: int) -> Games:
        return games(scenario, of, runner, RUNS, dict.fromkeys(deviators, deviation(**plan)))

    for opening, last, name in CHALLENGERS:
        gain = worth(model, other(first, opening=opening, last=last))[0] - mine
        for kind in (True, False):
            own, stands = model.challenges(kind), PRESS if kind else CONCILIATE
            held = own * model.as_challenger(kind, PRESS, stands) + (1.0 - own) * model.c["sq"]
            expected = model.as_challenger(kind, opening, last) - held
            name_of = f"gain of a {KIND[kind]} challenger that {name}"
            yield from _gain(name_of, expected, gain[found.hard == kind], model.c)
    for answer, name in DEFENDERS:
        gain = worth(model, other(second, answer=answer))[1] - theirs
        for kind in (True, False):
            held = model.resists(kind) * model.as_defender(kind, HOLD)
            expected = model.as_defender(kind, answer) - held
            name_of = f"gain of a {KIND[kind]} defender that {name}"
            yield from _gain(name_of, expected, gain[found.firm == kind], model.d)


def _gain(
    name: str, expected: float, gain: Float[np.ndarray, " game"], payoffs: dict[str, float]
) -> Iterator[Check]:
    """Check a mean gain, if there was a game of that type."""
    if len(gain):
        widest = max(payoffs.values()) - min(payoffs.values())
        low, high = payoff_interval(gain, -widest, widest, level=LEVEL)
        yield Check(name, expected, float(gain.mean()), low, high, chance=True)


def no_gain(found: list[Check]) -> list[Check]:
    """Return the checks of gains, and that none is above 0: by theory, and as measured."""
    most = max(check.expected for check in found)
    sure = max(found, key=lambda check: check.low)
    return [
        exactly("largest gain of any type by theory, above 0", 0.0, max(most, 0.0), 1e-12),
        Check("surest gain of any type", 0.0, sure.got, sure.low, np.inf, chance=True),
        *found,
    ]


def theory(scenario: Scenario) -> float:
    """Return the probability of conflict."""
    return game(scenario).conflict


def theory_of_challenge(scenario: Scenario) -> float:
    """Return the probability of a challenge."""
    return game(scenario).challenged


def checks(scenario: Scenario, runner: Runner) -> Iterator[Check]:
    """Check conflict, behaviour by type, and that no type gains by another plan.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    yield from _checks(scenario, runner, challenge_first=False)


def checks_of_challenge(scenario: Scenario, runner: Runner) -> Iterator[Check]:
    """Check the same, challenges first.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    yield from _checks(scenario, runner, challenge_first=True)


def _checks(scenario: Scenario, runner: Runner, challenge_first: bool) -> Iterator[Check]:
    model, found = game(scenario), games(scenario, alike(scenario, game), runner, RUNS)
    if challenge_first:
        yield share("P(challenge)", model.challenged, found.challenged)
    yield share("P(conflict)", model.conflict, found.stood)
    yield from behaviour(model, found)
    yield from no_gain(list(gains(scenario, runner, model, found)))


def describe(scenario: Scenario) -> str:
    """Return credences, thresholds, and which equilibrium it is, as text."""
    model = game(scenario)
    (d1, d2), p, q = model.bounds, model.challenger, model.defender
    if q >= d2:
        name = "certain deterrence"
    elif q >= d1:
        name = "separating"
    else:
        name = "bluff" if model.bluffing else "attack"
    return f"p_C={p:g} p_D={q:g}: c_t={model.doubt:.4g} d1={d1:.4g} d2={d2:.4g}: {name}"


def describe_rudimentary(scenario: Scenario) -> str:
    """Return credence and threshold as text."""
    model = game(scenario)
    verdict = "deterred" if model.defender >= model.bounds[1] else "not deterred"
    return f"p={model.defender:g}, threshold {model.bounds[1]:.4g}: {verdict}"


_CHALLENGER = "doctrines.challenger.desks.crisis.c_{}"
_DEFENDER = "doctrines.defender.desks.crisis.d_{}"
_PC, _PD = "relations.rivalries.*.stake.0", "relations.rivalries.*.stake.1"
_FREE = (_CHALLENGER.format("*"), _DEFENDER.format("*"), "rules.escalate.hard_share")

RUDIMENTARY = Limit(
    name="rudimentary",
    model="Rudimentary deterrence",
    result="deterred if and only if p >= (a_DC - a_SQ) / (a_DC - a_DD)",
    theory=theory_of_challenge,
    checks=checks_of_challenge,
    describe=describe_rudimentary,
    sweep=Sweep(_PD, 0.0, 1.0, "p, that the defender is hard", "P(challenge)"),
    drawn={
        _PD: (0.02, 0.98),
        _CHALLENGER.format("sq"): (0.5, 0.95),
        _CHALLENGER.format("dd_hard"): (0.15, 0.45),
        _CHALLENGER.format("dc"): (1.0, 1.5),
    },
    free=_FREE,
    few=12,
)

UNILATERAL = Limit(
    name="unilateral",
    model="Unilateral deterrence",
    result="p_D >= d2 deters; d1 < p_D < d2 separates; p_D < d1: attack if p_C >= c_t, else bluff",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(_PD, 0.0, 1.0, "p_D, that the defender is hard", "P(conflict)"),
    drawn={
        _PC: (0.02, 0.98),
        _PD: (0.02, 0.9),
        _CHALLENGER.format("sq"): (0.5, 0.95),
        _CHALLENGER.format("dd_hard"): (0.2, 0.45),
        _CHALLENGER.format("cd"): (0.0, 0.15),
        _DEFENDER.format("dd_hard"): (0.4, 0.8),
        _DEFENDER.format("dc"): (0.0, 0.35),
        _DEFENDER.format("dd_soft"): (-1.5, -0.1),
    },
    free=_FREE,
    few=12,
)
