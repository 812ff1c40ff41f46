"""The crisis desk: press, hold or conciliate, toward every state that it is listed with."""

import math
from dataclasses import dataclass

from jaxtyping import Bool, Float64

from ..arrays import power
from ..params import Params, PerState, coefficient
from ..world import CONCILIATE, HOLD, PRESS, WAR, Array, Crisis, Noise, Observation
from .registry import desk


def taken(seen: Observation, press: Bool[Array, " pair"], yields: Bool[Array, " pair"]) -> Crisis:
    """The postures: press, else conciliate, else hold; at war hold. No demand is made."""
    xp = seen.stock.__array_namespace__()
    posture = xp.where(press, PRESS, xp.where(yields, CONCILIATE, HOLD * seen.posture))
    return Crisis(posture=xp.where(seen.level == WAR, HOLD, posture), demand=0.0 * seen.stake)


@desk("crisis")
def hold(own: object, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Hold, whatever happens."""
    return Crisis(posture=0 * seen.posture, demand=0.0 * seen.stake)


@dataclass(frozen=True)
class TitForTat:
    """Answers in kind, is provoked now and then, forgives at times."""

    provoked: PerState = coefficient("probability at full tension, stake and act", 0, 1, 0.1)
    retaliate: PerState = coefficient("probability that a press is answered", 0, 1, 0.7)
    forgive: PerState = coefficient("probability per week of conciliating in a dispute", 0, 1, 0.2)
    caution: PerState = coefficient(
        "share of presses that full deterrence stops, per rung", 0, 1, 0.5
    )
    steadfast: PerState = coefficient("share of conciliation that a hard state forgoes", 0, 1, 0.5)
    confidence: PerState = coefficient(
        "log points of believed advantage that halve caution", 0, 5, 1.0
    )


@dataclass(frozen=True)
class Temper:
    """What tit_for_tat weighs toward each other state."""

    answer: Bool[Array, " pair"]  # the other pressed, and there is a stake
    urge: Float64[Array, " pair"]  # probability of a press without fear
    fear: Float64[Array, " pair"]  # share of presses stopped, a rung
    bold: Float64[Array, " pair"]  # share of presses left
    willing: Float64[Array, " pair"]  # probability of conciliating unasked


def temper(own: TitForTat, seen: Observation, params: Params) -> Temper:
    """The probabilities of tit_for_tat.

    P(provoked) = provoked stake_ij T_ij min(1, test_j + drill_j + suspicion_j), T_ij the own
    tension; P(answer) = retaliate stake_ij^1/2. Both shrink by the factor (1 - fear)^(1 + level),
    weighed anew on every rung, with fear = caution deterrence_ij 2^-(advantage/confidence) and the
    advantage in believed log strength. P(conciliates unasked) = forgive (1 - steadfast hard_ij): a
    state's own type shows in how seldom it gives way.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    act = pair.toward(xp.minimum(seen.test + seen.drill + seen.suspicion, 1.0))
    lead = pair.of(seen.strength) - seen.believed
    scale = pair.of(xp.maximum(own.confidence, 1e-6))
    calm = xp.exp(-math.log(2.0) * xp.maximum(lead, 0.0) / scale)
    fear = pair.of(own.caution) * seen.deterrence * calm
    answer = (seen.posture == PRESS) & (seen.stake > 0.0)
    provoked = pair.of(own.provoked) * seen.stake * pair.from_table(seen.tension) * act
    return Temper(
        answer=answer,
        urge=xp.where(answer, pair.of(own.retaliate) * xp.sqrt(seen.stake), provoked),
        fear=fear,
        bold=power(1.0 - fear, 1 + seen.level),
        willing=pair.of(own.forgive) * (1.0 - pair.of(own.steadfast) * seen.hard),
    )


@desk("crisis", TitForTat)
def tit_for_tat(own: TitForTat, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Press a rival that pressed, or that provoked; conciliate one that did, or at times."""
    mood = temper(own, seen, params)
    press = noise["posture"] < mood.urge * mood.bold
    soft = (seen.posture == CONCILIATE) | (noise["forgive"] < mood.willing)
    yields = ~press & soft & (seen.level > 0)
    return taken(seen, press, yields)
