"""The oracle's crisis desks: whether to press, hold or conciliate, toward each other state.

Each writes `move` by target, `demands` by target where it makes any, and `deterred`: the presses
that it would have made had it thought that nobody resists.
"""

from collections.abc import Callable
from math import exp, expm1, sqrt
from types import SimpleNamespace
from typing import TYPE_CHECKING

from .arithmetic import quotient, sigmoid

if TYPE_CHECKING:
    from .agents import StateAgent

CONCILIATE, HOLD, PRESS = -1, 0, 1
QUIET, CHALLENGED, RESISTED = 0, 1, 2
WAR = 5

Judge = Callable[[SimpleNamespace, "StateAgent", "StateAgent", bool], tuple[bool, bool, float]]
"""Whether to press the other, else to conciliate it, and the share demanded of it.

The last argument says whether to reckon as if nobody were believed to resist.
"""


def hold_still(own: SimpleNamespace, me: "StateAgent") -> None:
    """Hold, whatever happens."""
    _stay(me)


def _stay(me: "StateAgent") -> None:
    """Hold toward everybody, until a desk says otherwise."""
    me.move = [HOLD] * len(me.level)
    me.demands = {}
    me.deterred = 0


def tit_for_tat(own: SimpleNamespace, me: "StateAgent") -> None:
    """Press a rival that pressed or provoked; conciliate one that did, or at times."""
    press, forgive = me.luck("posture"), me.luck("forgive")
    _stay(me)
    for other in me.others:
        j = other.index
        level, stake = me.level[j], me.stake[j]
        if level == WAR or (level == 0 and stake == 0.0):
            continue
        theirs = other.posture[me.index]
        if stake > 0.0:
            if theirs == PRESS:
                urge = own.retaliate * sqrt(stake)
            else:
                act = min(1.0, other.provocation + other.drill + other.suspicion)
                urge = own.provoked * stake * me.tension[j] * act
            if press[j] < urge:
                if press[j] < _boldness(own, me, other) * urge:
                    me.move[j] = PRESS
                    continue
                me.deterred += 1
        if level > 0 and (
            theirs == CONCILIATE or forgive[j] < own.forgive * (1.0 - own.steadfast * me.hard[j])
        ):
            me.move[j] = CONCILIATE


def _boldness(own: SimpleNamespace, me: "StateAgent", other: "StateAgent") -> float:
    """The share of presses that deterrence leaves."""
    ahead = max(0.0, me.strength - me.belief[other.index])
    calm = 2.0 ** (-ahead / max(own.confidence, 1e-6))
    fear = own.caution * me.deterrence(other) * calm
    return (1.0 - fear) ** (1 + me.level[other.index])


def _judge_all(judge: Judge, own: SimpleNamespace, me: "StateAgent") -> None:
    """Decide toward every other state; at war hold."""
    _stay(me)
    for other in me.others:
        j = other.index
        press, yields, demand = judge(own, me, other, False)
        if demand > 0.0:
            me.demands[j] = demand
        if me.level[j] == WAR:
            continue
        if press:
            me.move[j] = PRESS
        else:
            me.move[j] = CONCILIATE if yields else HOLD
            me.deterred += judge(own, me, other, True)[0]


def assurance(own: SimpleNamespace, me: "StateAgent") -> None:
    """Conciliate whom it trusts enough; press others at times, and while its challenge is on."""
    _judge_all(_assure, own, me)


def _assure(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", fearless: bool
) -> tuple[bool, bool, float]:
    """Cooperate iff t R + (1 - t) S >= t T + (1 - t) P."""
    j = other.index
    trust = me.trust[j]
    gain = trust * (own.reward - own.temptation) - (1.0 - trust) * (own.punishment - own.sucker)
    cooperates = gain >= 0.0
    moved = me.luck("posture")[j] < own.occasion or me.stage[j] != QUIET
    press = not cooperates and moved and me.stake[j] > 0.0
    return press, cooperates and me.level[j] > 0, 0.0


def brinkmanship(own: SimpleNamespace, me: "StateAgent") -> None:
    """Press up to a rung, then demand; stand where to back down would cost more than war."""
    _judge_all(_climb, own, me)


def _climb(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", fearless: bool
) -> tuple[bool, bool, float]:
    """What Schelling's climber does, with Fearon's offer at the top."""
    i, j = me.index, other.index
    level, stage, against = me.level[j], me.stage[j], other.stage[i]
    demanded = other.demand[i]
    press = yields = False
    demand = 0.0
    if stage == QUIET and against == QUIET:
        caution = 0.0 if fearless else own.caution * me.deterrence(other)
        urge = own.nerve * me.stake[j] * me.tension[j] * (1.0 - caution)
        if level < WAR and me.luck("posture")[j] < urge:
            if level < own.rung:
                press = True
            else:
                chance, cost, bound = _war(own, me, other)
                demand = min(1.0, chance + 0.5 * max(0.0, bound - cost))
    if stage == CHALLENGED:
        press = level < own.rung
    if stage == RESISTED:
        chance, cost, _ = _war(own, me, other)
        stands = me.hard[j] > 0.0 or chance - cost >= -own.audience * level
        press, yields = stands, not stands
    if against == CHALLENGED and (demanded > 0.0 or me.hard[j] == 0.0):
        chance, cost, _ = _war(own, me, other)
        left = 1.0 - (demanded if demanded > 0.0 else 1.0)
        yields = yields or left >= chance - 2.0 * me.luck("cost")[j] * cost
    return press and not yields, yields, demand


def _war(own: SimpleNamespace, me: "StateAgent", other: "StateAgent") -> tuple[float, float, float]:
    """The chance to win a war, what it would cost, and the most that it may cost the other."""
    omega = me.model.rules.fight.omega
    lead = min(20.0, max(-20.0, me.strength - me.belief[other.index]))
    odds, force, fire = exp(-lead), max(1e-9, me.force), me.possible_fire()
    theirs = me.model.coefficients["crisis", "brinkmanship"].burden[other.index]
    cost = own.burden * fire * odds * force ** (omega - 1.0)
    bound = 2.0 * theirs * fire * (odds * force) ** (omega - 1.0)
    return sigmoid(lead), cost, bound


def perfect_deterrence(own: SimpleNamespace, me: "StateAgent") -> None:
    """Challenge, resist and stand as Zagare and Kilgour's equilibria say, by type and credence."""
    _judge_all(_by_equilibrium, own, me)


def _by_equilibrium(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", fearless: bool
) -> tuple[bool, bool, float]:
    """One state's part in the two games of a pair: its own challenge, and the other's."""
    i, j = me.index, other.index
    stage, against, hard = me.stage[j], other.stage[i], me.hard[j] > 0.0
    draw = me.luck("posture")[j]
    press = hard and draw < _called_in(me, other)
    yields = False
    if stage == QUIET and against == QUIET and me.stake[j] > 0.0:
        of_hard, of_soft, _ = _equilibrium(me, me, other, fearless)
        press = press or draw < own.occasion * (of_hard if hard else of_soft)
    if stage == CHALLENGED:
        press = True
    if stage == RESISTED:
        stands = (own.c_dd_hard if hard else own.c_dd_soft) > own.c_cd
        press, yields = press or stands, not stands
    if against == CHALLENGED and not hard:
        yields = yields or draw >= _equilibrium(me, other, me, fearless)[2]
    return press and not yields and not _answered(own, me, other), yields, 0.0


def _called_in(me: "StateAgent", other: "StateAgent") -> float:
    """How far its promises to those whom the other challenges are called in."""
    due = sum(
        committed * me.help(protege)
        for protege, committed in me.proteges
        if other.stage[protege.index] == CHALLENGED
    )
    return min(1.0, due)


def _equilibrium(
    me: "StateAgent", challenger: "StateAgent", defender: "StateAgent", fearless: bool
) -> tuple[float, float, float]:
    """The game of a challenger and a defender, one of whom is the state that reckons.

    Returns:
        The probabilities that a hard challenger challenges, that a soft one does, and that a soft
        defender resists.
    """
    rules = me.model.rules.escalate
    payoffs = me.model.coefficients["crisis", "perfect_deterrence"]
    mine = me is challenger
    i, j = challenger.index, defender.index
    doubted, met = defender.credence[i], challenger.deterrence(defender)
    believed = challenger.credence[j]
    if mine and fearless:
        met = believed = 0.0
    elif fearless:
        doubted = 0.0
    d_cd, d_dc = payoffs.d_cd[j], payoffs.d_dc[j]
    held = defender.backing()
    conflict = held * payoffs.d_dd_hard[j] + (1.0 - held) * payoffs.d_dd_soft[j]
    firm = conflict >= d_dc
    if firm:
        met = rules.deterrence
    doubt = quotient(d_cd - d_dc, d_cd - conflict)

    trust = me.trust[j if mine else i]
    threat = trust * rules.press_trusted + (1.0 - trust) * rules.press_exploiting
    if payoffs.c_dc[j] <= payoffs.c_sq[j]:
        threat = 0.0
    c_dc, bounds = payoffs.c_dc[i], []
    for own_conflict, at_stake in (
        (payoffs.d_dd_hard[i], c_dc - payoffs.c_dd_hard[i]),
        (payoffs.d_dd_soft[i], c_dc - payoffs.c_cd[i]),
    ):
        challenged = max(
            payoffs.d_dc[i], believed * own_conflict + (1.0 - believed) * payoffs.d_cd[i]
        )
        quiet = (1.0 - threat) * payoffs.c_sq[i] + threat * challenged
        bounds.append(quotient(c_dc - quiet, at_stake))
    hard_bound, soft_bound = bounds[0], min(bounds)

    bluffs = doubted < doubt
    soft = 0.0
    if met < soft_bound:
        mixed = quotient(doubted * (1.0 - doubt), (1.0 - doubted) * doubt)
        soft = min(1.0, max(0.0, mixed)) if bluffs else 1.0
    resists = 1.0 if firm else 0.0
    if bluffs and not firm:
        resists = min(1.0, max(0.0, quotient(soft_bound - met, 1.0 - met)))
    return float(met < hard_bound), soft, resists


def _answered(own: SimpleNamespace, me: "StateAgent", other: "StateAgent") -> bool:
    """Whether the next step is a nuclear war that the other could still answer."""
    j = other.index
    if me.level[j] != WAR - 1 or not (me.nuclear and other.nuclear):
        return False
    left = expm1(me.belief[j]) - own.counterforce * expm1(me.strength)
    damage = me.model.coefficients["crisis", "perfect_deterrence"].damage[j]
    return left * damage >= own.unacceptable
