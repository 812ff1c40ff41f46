"""The oracle's crisis desks: whether to press, hold or conciliate, toward each other state.

Each writes `move` by target, `demands` by target where it makes any, `weighs`: whether it has
weighed deterrence, `likely` by target: the probabilities of a press and of conciliation if it were
hard and if it were soft, where these differ, and `deterred`: the presses that it would have made
had it thought that nobody resists.
"""

from collections.abc import Callable
from math import exp, sqrt
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
Guess = Callable[[SimpleNamespace, "StateAgent", "StateAgent", bool], tuple[float, float]]
"""The probabilities of a press and of conciliation, of a hard or of a soft type."""


def hold_still(own: SimpleNamespace, me: "StateAgent") -> None:
    """Hold, whatever happens."""
    _stay(me)


def _stay(me: "StateAgent") -> None:
    """Hold toward everybody, until a desk says otherwise."""
    me.move = [HOLD] * len(me.level)
    me.demands = {}
    me.likely = {}
    me.weighs = False
    me.deterred = 0


def tit_for_tat(own: SimpleNamespace, me: "StateAgent") -> None:
    """Press a rival that pressed or provoked; resist, stand, give way and forgive by type."""
    _stay(me)
    me.weighs = True
    for other in me.others:
        j = other.index
        if me.level[j] == WAR:
            continue
        quiet = me.stage[j] == QUIET and other.stage[me.index] == QUIET
        if quiet and me.level[j] == 0 and me.stake[j] == 0.0:
            continue
        bold = _boldness(own, me, other)
        chances = [_chances(own, me, other, bold, hard) for hard in (1.0, 0.0)]
        me.likely[j] = chances[0], chances[1]
        me.move[j] = _drawn(own, me, other, bold)
        if me.move[j] != PRESS and _drawn(own, me, other, 1.0) == PRESS:
            me.deterred += 1


def _urge(own: SimpleNamespace, me: "StateAgent", other: "StateAgent") -> float:
    """The probability of a press without fear, where no game binds it."""
    stake = me.stake[other.index]
    if other.posture[me.index] == PRESS and stake > 0.0:
        return own.retaliate * sqrt(stake)
    act = min(1.0, other.provocation + other.drill + other.suspicion)
    return own.provoked * stake * me.tension[other.index] * act


def _forgiving(own: SimpleNamespace, me: "StateAgent", other: "StateAgent", hard: float) -> float:
    """The probability that it conciliates in a dispute."""
    if me.level[other.index] == 0:
        return 0.0
    if other.posture[me.index] == CONCILIATE:
        return 1.0
    return own.forgive * (1.0 - own.steadfast * hard)


def _drawn(own: SimpleNamespace, me: "StateAgent", other: "StateAgent", bold: float) -> int:
    """What it does by this week's luck, given the share of presses that deterrence leaves."""
    j = other.index
    hard, luck, second = me.hard[j] > 0.0, me.luck("posture")[j], me.luck("forgive")[j]
    if me.stage[j] == RESISTED:
        stands = own.stand_hard if hard else own.stand_soft
        return PRESS if luck < stands * bold else CONCILIATE
    if other.stage[me.index] == CHALLENGED:
        if second >= (own.resist_hard if hard else own.resist_soft):
            return CONCILIATE
        return PRESS if luck < _urge(own, me, other) * bold else HOLD
    if luck < _urge(own, me, other) * bold:
        return PRESS
    return CONCILIATE if second < _forgiving(own, me, other, float(hard)) else HOLD


def _chances(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", bold: float, hard: float
) -> tuple[float, float]:
    """The probabilities that one type presses, and that it conciliates."""
    if me.stage[other.index] == RESISTED:
        stands = (own.stand_hard if hard else own.stand_soft) * bold
        return stands, 1.0 - stands
    press = min(1.0, _urge(own, me, other) * bold)
    if other.stage[me.index] == CHALLENGED:
        resists = own.resist_hard if hard else own.resist_soft
        return resists * press, 1.0 - resists
    return press, (1.0 - press) * _forgiving(own, me, other, hard)


def _boldness(own: SimpleNamespace, me: "StateAgent", other: "StateAgent") -> float:
    """The share of presses that deterrence leaves."""
    fear = own.caution * me.deterrence(other)
    return (1.0 - fear) ** (1 + me.level[other.index])


def _judge_all(
    judge: Judge, own: SimpleNamespace, me: "StateAgent", guess: Guess | None = None
) -> None:
    """Decide toward every other state; at war hold."""
    _stay(me)
    me.weighs = guess is not None
    for other in me.others:
        j = other.index
        if guess is not None and me.level[j] != WAR:
            me.likely[j] = guess(own, me, other, True), guess(own, me, other, False)
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
    _judge_all(_climb, own, me, _climber)


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


def _climber(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", hard: bool
) -> tuple[float, float]:
    """The probabilities that a climber of that type presses, and that it conciliates."""
    i, j = me.index, other.index
    level, stage, demanded = me.level[j], me.stage[j], other.demand[i]
    press = gives = 0.0
    if other.stage[i] == CHALLENGED and (demanded > 0.0 or not hard):
        chance, cost, _ = _war(own, me, other)
        short = chance - 1.0 + (demanded if demanded > 0.0 else 1.0)
        most = 2.0 * cost
        gives = 1.0 - min(1.0, max(0.0, short / most)) if most > 0.0 else float(short <= 0.0)
    if stage == RESISTED:
        chance, cost, _ = _war(own, me, other)
        if not hard and chance - cost < -own.audience * level:
            return 0.0, 1.0
        return 1.0 - gives, gives
    if stage == CHALLENGED:
        press = float(level < own.rung)
    elif other.stage[i] == QUIET and level < own.rung:
        caution = own.caution * me.deterrence(other)
        press = own.nerve * me.stake[j] * me.tension[j] * (1.0 - caution)
    return (1.0 - gives) * press, gives


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
    _judge_all(_by_equilibrium, own, me, _player)


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


def _player(
    own: SimpleNamespace, me: "StateAgent", other: "StateAgent", hard: bool
) -> tuple[float, float]:
    """The probabilities that a player of that type presses, and that it conciliates."""
    i, j = me.index, other.index
    stage, against = me.stage[j], other.stage[i]
    press = _called_in(me, other) if hard else 0.0
    gives = 0.0
    if stage == QUIET and against == QUIET and me.stake[j] > 0.0:
        of_hard, of_soft, _ = _equilibrium(me, me, other, False)
        press = max(press, own.occasion * (of_hard if hard else of_soft))
    if against == CHALLENGED and not hard:
        gives = 1.0 - _equilibrium(me, other, me, False)[2]
    if stage == RESISTED:
        if (own.c_dd_hard if hard else own.c_dd_soft) > own.c_cd:
            press = 1.0
        else:
            gives = 1.0
    elif stage == CHALLENGED:
        press = 1.0
    return 0.0 if _answered(own, me, other) else min(press, 1.0 - gives), gives


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
    # once a game is on, the defender's answer hangs on what it thought when it began
    began = not mine and challenger.stage[j] == CHALLENGED
    doubted = defender.suspected[i] if began else defender.credence[i]
    met = challenger.deterrence(defender)
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
        met = challenger.deterrence(defender, surely=True)
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
    left = exp(me.belief[j]) - own.counterforce * exp(me.strength)
    damage = me.model.coefficients["crisis", "perfect_deterrence"].damage[j]
    return left * damage >= own.unacceptable
