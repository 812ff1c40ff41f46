"""The crisis desk: press, hold or conciliate, toward every state that it is listed with.

Beside the act each desk gives its probabilities for a hard and for a soft type in the same
situation: from these, and from what was done, others learn which of the two a state is
(`rules/challenge.py`).
"""

from dataclasses import dataclass, replace

from jaxtyping import Bool, Float64

from ..arrays import number, power
from ..params import Params, PerState, coefficient
from ..world import (
    CHALLENGED,
    CONCILIATE,
    HOLD,
    PRESS,
    RESISTED,
    WAR,
    Array,
    Crisis,
    Noise,
    Observation,
)
from .registry import desk


@dataclass(frozen=True)
class Chances:
    """The probabilities of a press and of conciliation that a desk gives one type."""

    press: Float64[Array, " pair"]
    gives: Float64[Array, " pair"]


def taken(seen: Observation, press: Bool[Array, " pair"], yields: Bool[Array, " pair"]) -> Crisis:
    """The postures: press, else conciliate, else hold; at war hold. No demand is made."""
    xp = seen.stock.__array_namespace__()
    posture = xp.where(press, PRESS, xp.where(yields, CONCILIATE, HOLD * seen.posture))
    return Crisis(posture=xp.where(seen.level == WAR, HOLD, posture), demand=0.0 * seen.stake)


def shown(seen: Observation, crisis: Crisis, hard: Chances, soft: Chances) -> Crisis:
    """The part of a desk that weighs deterrence, with what it would do by type; at war it holds.

    Args:
        seen: What each state sees.
        crisis: What the desk does.
        hard: Its probabilities, were each state hard toward each other.
        soft: And were it soft.
    """
    peace = number(seen.level < WAR, seen.stake)
    return replace(
        crisis,
        weighed=0.0 * seen.stake + 1.0,
        press_if_hard=peace * hard.press,
        press_if_soft=peace * soft.press,
        yield_if_hard=peace * hard.gives,
        yield_if_soft=peace * soft.gives,
    )


@desk("crisis")
def hold(own: object, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Hold, whatever happens."""
    return Crisis(posture=0 * seen.posture, demand=0.0 * seen.stake)


@dataclass(frozen=True)
class TitForTat:
    """Answers in kind, is provoked now and then, forgives at times; its type shows in games."""

    provoked: PerState = coefficient("probability at full tension, stake and act", 0, 1, 0.1)
    retaliate: PerState = coefficient("probability that a press is answered", 0, 1, 0.7)
    forgive: PerState = coefficient("probability per week of conciliating in a dispute", 0, 1, 0.2)
    caution: PerState = coefficient(
        "share of presses that full deterrence stops, per rung", 0, 1, 0.8
    )
    steadfast: PerState = coefficient("share of conciliation that a hard state forgoes", 0, 1, 0.5)
    resist_hard: PerState = coefficient("probability that it resists, if hard", 0, 1, 0.95)
    resist_soft: PerState = coefficient("probability that it resists, if soft", 0, 1, 0.4)
    stand_hard: PerState = coefficient("probability that it stands, resisted and hard", 0, 1, 0.95)
    stand_soft: PerState = coefficient("probability that it stands, resisted and soft", 0, 1, 0.4)


@dataclass(frozen=True)
class Temper:
    """What tit_for_tat weighs toward each other state."""

    answer: Bool[Array, " pair"]  # the other pressed, and there is a stake
    urge: Float64[Array, " pair"]  # probability of a press without fear
    fear: Float64[Array, " pair"]  # share of presses stopped, a rung
    bold: Float64[Array, " pair"]  # share of presses left


def temper(own: TitForTat, seen: Observation, params: Params) -> Temper:
    """The probabilities of tit_for_tat where no game binds it.

    P(provoked) = provoked stake_ij T_ij min(1, test_j + drill_j + suspicion_j), T_ij the own
    tension; P(answer) = retaliate stake_ij^1/2. Both shrink by the factor (1 - fear)^(1 + level),
    weighed anew on every rung, with fear = caution deterrence_ij.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    act = pair.toward(xp.minimum(seen.test + seen.drill + seen.suspicion, 1.0))
    fear = pair.of(own.caution) * seen.deterrence
    answer = (seen.posture == PRESS) & (seen.stake > 0.0)
    provoked = pair.of(own.provoked) * seen.stake * pair.from_table(seen.tension) * act
    return Temper(
        answer=answer,
        urge=xp.where(answer, pair.of(own.retaliate) * xp.sqrt(seen.stake), provoked),
        fear=fear,
        bold=power(1.0 - fear, 1 + seen.level),
    )


@dataclass(frozen=True)
class Character:
    """What one type of tit_for_tat does: probabilities toward each other state."""

    stands: Float64[Array, " pair"]  # resisted, it presses on, else it backs down
    resists: Float64[Array, " pair"]  # challenged, it does not give way
    forgives: Float64[Array, " pair"]  # in a dispute, it conciliates


def character(
    own: TitForTat, seen: Observation, params: Params, hard: Float64[Array, " pair"]
) -> Character:
    """What tit_for_tat does in games and disputes, being of a type.

    Args:
        own: Its coefficients.
        seen: What each state sees.
        params: The parameters of the world.
        hard: The type toward each other state, 1 hard and 0 soft.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    forgives = pair.of(own.forgive) * (1.0 - pair.of(own.steadfast) * hard)
    forgives = xp.where(seen.posture == CONCILIATE, 1.0, forgives)
    return Character(
        stands=pair.of(own.stand_soft) + hard * pair.of(own.stand_hard - own.stand_soft),
        resists=pair.of(own.resist_soft) + hard * pair.of(own.resist_hard - own.resist_soft),
        forgives=forgives * number(seen.level > 0, hard),
    )


def chances(mood: Temper, seen: Observation, kind: Character) -> Chances:
    """The probabilities of a press and of conciliation of one type."""
    xp = seen.stock.__array_namespace__()
    resisted, challenged = seen.stage == RESISTED, seen.against == CHALLENGED
    moved = xp.minimum(mood.urge * mood.bold, 1.0)
    stands = kind.stands * mood.bold
    press = xp.where(challenged, kind.resists * moved, moved)
    gives = xp.where(challenged, 1.0 - kind.resists, (1.0 - moved) * kind.forgives)
    return Chances(
        press=xp.where(resisted, stands, press), gives=xp.where(resisted, 1.0 - stands, gives)
    )


@desk("crisis", TitForTat)
def tit_for_tat(own: TitForTat, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Press a rival that pressed, or that provoked; resist, stand, give way and forgive by type."""
    xp = seen.stock.__array_namespace__()
    mood, kind = temper(own, seen, params), character(own, seen, params, seen.hard)
    resisted, challenged = seen.stage == RESISTED, seen.against == CHALLENGED
    draw, other_draw = noise["posture"], noise["forgive"]
    concedes = challenged & (other_draw >= kind.resists)
    press = xp.where(
        resisted, draw < kind.stands * mood.bold, (draw < mood.urge * mood.bold) & ~concedes
    )
    forgives = ~challenged & (other_draw < kind.forgives)
    yields = ~press & (resisted | concedes | forgives)
    sides = [
        chances(mood, seen, character(own, seen, params, 0.0 * seen.hard + hard))
        for hard in (1.0, 0.0)
    ]
    return shown(seen, taken(seen, press, yields), *sides)
