"""What lies between states: sanction, relate, challenge, escalate."""

from math import exp, expm1, log
from typing import TYPE_CHECKING

from .arithmetic import binomial, sigmoid
from .crisis import CHALLENGED, CONCILIATE, HOLD, PRESS, QUIET, RESISTED, WAR

if TYPE_CHECKING:
    from .agents import StateAgent
    from .model import OracleModel

DISPLAY = 3


def sanction(model: "OracleModel") -> None:
    """The Council votes on drafts, bodies live and lapse, states sanction."""
    rules = model.rules.sanction
    dated = model.summons("draft")
    for target in model.states:
        j = target.index
        drafts = {model.states[i]: size for (i, on), size in dated.items() if on == j != i}
        for member in model.members:
            if j in member.propose:
                drafts[member] = max(1.0, drafts.get(member, 0.0))
        due = _up_for_renewal(model, target)
        if due:
            drafts[target] = 1.0
        for sponsor, size in drafts.items():
            model.count("draft", sponsor, target, size)
        adopted = bool(drafts) and _vote(model, target)
        _supervise(model, target, due, adopted)
    for state in model.states:
        sanctions, wanted = state.sanctions, state.sanction
        for j, before in enumerate(sanctions):
            if before or j in wanted:
                sanctions[j] += rules.speed * (wanted.get(j, 0.0) - before)
                if before < 0.5 <= sanctions[j]:
                    model.count("sanction", state, model.states[j])


def _up_for_renewal(model: "OracleModel", target: "StateAgent") -> bool:
    """Whether this is the week of the vote on a body's mandate."""
    weeks = model.rules.sanction.renewal
    if not target.monitor:
        return False
    if model.week == 0:
        return 0.0 < target.mandate <= weeks
    return weeks - 1.0 < target.mandate <= weeks


def _vote(model: "OracleModel", target: "StateAgent") -> bool:
    """Whether the Council adopts a draft on a state."""
    rules, j = model.rules.sanction, target.index
    unlawful = [route for route in target.routes if route.unlawful]
    exposure = max((sigmoid(route.exposure) for route in unlawful), default=0.0)
    doubt = max((route.doubt for route in unlawful), default=0.0)
    yes, vetoed = 0, False
    for seat, member in enumerate(model.members):
        if member is target:
            vetoes = bool(member.permanent)
        else:
            tie = rules.by_affinity * member.affinity[j] + rules.by_benefit * member.benefit[j]
            odds = rules.support + rules.by_exposure * exposure - tie
            yes += model.luck["vote"][seat][j] < sigmoid(odds)
            vetoes = (
                bool(member.permanent)
                and member.shields is not None
                and member.affinity[j] >= member.shields
                and model.luck["veto"][seat][j] < sigmoid(rules.veto + tie)
            )
        if vetoes:
            vetoed = True
            model.count("vetoed", member, target)
    share = min(1.0 - 1e-6, max(1e-6, rules.outside_yes))
    base = log(share / (1.0 - share))
    outside = sigmoid(base + rules.outside_shift * (exposure - doubt))
    seats = max(0, int(rules.seats) - len(model.members))
    yes += binomial(seats, outside, target.luck("outside_vote"))
    adopted = yes >= rules.needed and not vetoed
    if adopted:
        model.count("adopted", target, target)
    return adopted


def _supervise(model: "OracleModel", target: "StateAgent", due: bool, adopted: bool) -> None:
    """The mandate of the Council's body, and the coalition's in its place."""
    rules = model.rules.sanction
    left = max(0.0, target.mandate - 1.0) if target.monitor else target.mandate
    if adopted:
        target.embargo = 1.0
        if due or left <= 0.0:
            left += rules.term
    target.mandate = left
    alive = left > 0.0 and target.embargo > 0.0
    if target.monitor and not alive:
        model.count("monitor_ended", target, target)
    target.monitor = 1.0 if alive else 0.0
    target.lapsed = target.lapsed + 1.0 if target.embargo and not alive else 0.0
    begun = bool(target.embargo) and not alive and target.lapsed > rules.coalition_lag
    if begun and not target.coalition:
        model.count("coalition_monitor", target, target)
    target.coalition = 1.0 if begun else 0.0


def relate(model: "OracleModel") -> None:
    """Affinity drifts; tension follows threat, rivalry, acts and reassurance."""
    rules, states = model.rules.escalate, model.states
    visits: dict[tuple[int, int], float] = {}
    for (i, j), size in model.summons("visit").items():
        model.count("visit", states[i], states[j], size)
        for pair in ((i, j), (j, i)):
            visits[pair] = visits.get(pair, 0.0) + size
    common = _common_rivals(model)
    moved = [_tension(model, state) for state in states]
    for state in states:
        i = state.index
        for other in states[i + 1 :]:
            j = other.index
            a = state.affinity[j]
            gained = min(1.0, max(0.0, state.benefit[j], other.benefit[i]))
            warmth = rules.by_trade * gained
            if (i, j) in visits:
                warmth += rules.by_visit * min(1.0, visits[i, j])
            if (i, j) in common:
                warmth += rules.by_common_rival * min(1.0, common[i, j] ** 0.125)
            drift = rules.affinity_return * (state.base_affinity[j] - a) + (1.0 - a) * warmth
            drift -= rules.by_dispute * state.level[j]
            if j in state.condemn or i in other.condemn:
                drift -= rules.by_condemnation
            state.affinity[j] = other.affinity[i] = min(1.0, max(-1.0, a + drift))
    for state, tension in zip(states, moved, strict=True):
        state.tension = tension


def _common_rivals(model: "OracleModel") -> dict[tuple[int, int], float]:
    """The eighth powers of two states' tensions with rivals that both have, summed."""
    common: dict[tuple[int, int], float] = {}
    for k, wary in enumerate(model.rivals_of):
        power = [state.tension[k] ** 8 for state in wary]
        for n, state in enumerate(wary):
            for other, theirs in zip(wary[n + 1 :], power[n + 1 :], strict=True):
                pair = state.index, other.index
                common[pair] = common.get(pair, 0.0) + power[n] * theirs
    return common


def _tension(model: "OracleModel", state: "StateAgent") -> list[float]:
    """A state's tension toward each other, a week on."""
    rules = model.rules.escalate
    calm = rules.base - rules.reassurance * state.backing()
    tension, stakes = state.tension[:], state.stake
    for other in state.others:
        j = other.index
        a = state.affinity[j]
        z = calm + rules.dispute * state.level[j] - rules.affinity * a
        if other.suspicion:
            z += rules.exposure * (1.0 - a) / 2.0 * other.suspicion
        if stakes[j] > 0.0:
            threat = min(4.0, max(-4.0, state.belief[j] - state.strength))
            z += stakes[j] * (
                rules.rivalry
                + rules.threat * threat
                + rules.test_provocation * other.provocation
                + rules.exercise_provocation * other.drill
            )
        tension[j] += rules.speed * (sigmoid(z) - tension[j])
    return tension


def challenge(model: "OracleModel") -> None:
    """The three weeks of a challenge; what they and the presses reveal moves credence and trust."""
    for state in model.states:
        state.revealed = {}
    for state in model.states:
        for j, stage in enumerate(state.stage):
            if stage != QUIET or state.move[j] == PRESS or j in state.demands:
                _play(model, state, model.states[j])
    rules = model.rules.escalate
    signs = [_signs(model, state) for state in model.states]
    for state in model.states:
        i = state.index
        for other, (of_type, of_aims) in zip(model.states, signs, strict=True):
            j = other.index
            if i == j:
                continue
            prior = rules.hard_share * other.stake[i]
            credence = state.credence[j]
            credence = _bayes(credence + rules.forgetting * (prior - credence), *of_type)
            if j in state.revealed:
                credence = _bayes(credence, *state.revealed[j])
            state.credence[j] = credence
            trust = state.trust[j]
            trust += rules.forgetting * (rules.trust_prior - trust)
            pressed = other.move[i] == PRESS or state.level[j] == WAR
            if_trusted, if_not = _shown(pressed, rules.press_trusted, rules.press_exploiting)
            state.trust[j] = _bayes(trust, if_trusted * of_aims[0], if_not * of_aims[1])


def _signs(
    model: "OracleModel", state: "StateAgent"
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The probabilities of a state's tests and exercises of the week, held or not held.

    Of a hard and of a soft state, then of one to be trusted and of one that exploits.
    """
    rules, drills = model.rules.escalate, state.drill > 0.0
    test = _shown(state.provocation > 0.0, rules.test_hard, rules.test_soft)
    exercise = _shown(drills, rules.exercise_hard, rules.exercise_soft)
    of_type = (test[0] * exercise[0], test[1] * exercise[1])
    return of_type, _shown(drills, rules.drill_trusted, rules.drill_exploiting)


def _bayes(p: float, if_true: float, if_false: float) -> float:
    """The probability after something was seen."""
    return p * if_true / (p * if_true + (1.0 - p) * if_false)


def _shown(firm: bool, if_hard: float, if_soft: float) -> tuple[float, float]:
    """The probabilities of what was shown, of a hard and of a soft state."""
    return (if_hard, if_soft) if firm else (1.0 - if_hard, 1.0 - if_soft)


def _play(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> None:
    """A week of the game in which `state` challenges `other`."""
    rules, i, j = model.rules.escalate, state.index, other.index
    stage = state.stage[j]
    if state.level[j] == WAR:
        state.stage[j] = QUIET
    elif stage == QUIET:
        if state.move[j] == PRESS or j in state.demands:
            state.stage[j] = CHALLENGED
            model.count("challenge", state, other)
    elif stage == CHALLENGED:
        stood = other.move[i] != CONCILIATE
        # an answer outweighs what the other's own game shows
        state.revealed[j] = _shown(stood, rules.resist_hard, rules.resist_soft)
        state.stage[j] = RESISTED if stood else QUIET
        model.count("resisted" if stood else "conceded", other, state)
    else:
        stood = state.move[j] == PRESS
        other.revealed.setdefault(i, _shown(stood, rules.deliver_hard, rules.deliver_soft))
        state.stage[j] = QUIET
        if not stood:
            model.count("backed_down", state, other)


def escalate(model: "OracleModel") -> None:
    """Levels of pairs move with both postures, and by incidents."""
    for state in model.states:
        i, level, move = state.index, state.level, state.move
        incident, luck = state.luck("incident"), state.luck("level")
        for other in model.states[i + 1 :]:
            j = other.index
            now, ours, theirs = level[j], move[j], other.move[i]
            calm = ours == HOLD and theirs == HOLD
            if now == WAR or (calm and now == 0 and not (state.stake[j] or other.stake[i])):
                continue
            step = 0
            if ours != PRESS and theirs != PRESS and incident[j] < _accident(model, state, other):
                step = 1
                model.count("incident", state, other)
            elif PRESS in (ours, theirs) and CONCILIATE not in (ours, theirs):
                step = 1 if luck[j] < _rise(model, state, other) else 0
            elif now > 0 and luck[j] > 1.0 - _fall(model, state, other):
                step = -1
            if step:
                level[j] = other.level[i] = now + step
                model.count("level_up" if step > 0 else "level_down", state, other)
    for state in model.states:
        state.posture = state.move
        state.demand = [state.demands.get(j, 0.0) for j in range(len(model.states))]


def _rise(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> float:
    """The probability that a level rises where somebody presses and nobody gives way."""
    rules, j, i = model.rules.escalate, other.index, state.index
    ours, theirs = state.move[j] == PRESS, other.move[i] == PRESS
    chance = rules.both if ours and theirs else rules.one
    return chance * _damping(model, state, other, ours, theirs)


def _damping(
    model: "OracleModel", state: "StateAgent", other: "StateAgent", ours: bool, theirs: bool
) -> float:
    """What deterrence and nuclear arms leave of the probability of a rise."""
    level, left = state.level[other.index], 1.0
    if level >= DISPLAY:
        faced = [state.deterrence(other)] if ours else []
        faced += [other.deterrence(state)] if theirs else []
        left -= max(faced)
    if level == WAR - 1 and state.nuclear and other.nuclear:
        left *= 1.0 - model.rules.escalate.nuclear_restraint
    return left


def _fall(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> float:
    """The probability that a level falls."""
    rules, j, i = model.rules.escalate, other.index, state.index
    postures = state.move[j], other.move[i]
    if PRESS in postures or postures == (CONCILIATE, CONCILIATE):
        return 1.0
    if CONCILIATE in postures:
        return rules.settle_fast
    return rules.settle * (1.0 - (state.tension[j] + other.tension[i]) / 2.0)


def _accident(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> float:
    """The probability of an incident."""
    rules, j, i = model.rules.escalate, other.index, state.index
    stake = max(state.stake[j], other.stake[i])
    if stake == 0.0:
        return 0.0
    act = state.provocation + other.provocation + state.drill + other.drill
    hazard = rules.incident * stake * state.tension[j] * other.tension[i]
    hazard *= (1.0 + rules.incident_activity * act) * exp(-rules.incident_steep * state.level[j])
    return -expm1(-hazard) * _damping(model, state, other, True, True)
