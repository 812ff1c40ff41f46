"""What lies between states: sanction, relate, challenge, escalate."""

from math import exp, expm1, log
from typing import TYPE_CHECKING

from .arithmetic import binomial, sigmoid
from .crisis import CHALLENGED, CONCILIATE, HOLD, PRESS, QUIET, RESISTED, WAR

if TYPE_CHECKING:
    from .agents import StateAgent
    from .model import OracleModel

DISPLAY, FORCE = 3, 4
UNKNOWN = (1.0 / 3.0, 1.0 / 3.0)
"""A press and conciliation of a state whose desk shows no type."""


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
            prior = rules.hard_share * other.at_risk(state)
            credence = _bayes(state.credence[j], *of_type)
            if rules.by_desk > 0.5:
                credence = _bayes(credence, *_meant(other, i))
            elif j in state.revealed:
                credence = _bayes(credence, *state.revealed[j])
            state.credence[j] = credence + rules.forgetting * (prior - credence)
            trust = state.trust[j]
            warm = rules.trust_prior + rules.trust_by_affinity * state.affinity[j]
            trust += rules.forgetting * (min(1.0, max(0.0, warm)) - trust)
            pressed = other.move[i] == PRESS or state.level[j] == WAR
            if (
                pressed
                or state.level[j] > 0
                or state.drill > 0.0
                or other.tension[i] >= rules.occasion
            ):
                if_trusted, if_not = _shown(pressed, rules.press_trusted, rules.press_exploiting)
                trust = _bayes(trust, if_trusted * of_aims[0], if_not * of_aims[1])
            state.trust[j] = trust
    for state in model.states:
        _change_government(model, state)


def _meant(state: "StateAgent", j: int) -> tuple[float, float]:
    """The probabilities of what it did toward the other, of a hard and of a soft type of it."""
    found = []
    for press, gives in state.likely.get(j, (UNKNOWN, UNKNOWN)):
        chances = {PRESS: press, CONCILIATE: gives, HOLD: max(0.0, 1.0 - press - gives)}
        found.append(0.001 / 3.0 + 0.999 * chances[state.move[j]])
    return found[0], found[1]


def _change_government(model: "OracleModel", state: "StateAgent") -> None:
    """Some of its types are drawn anew."""
    rules, luck = model.rules.escalate, state.luck("government")
    for other in state.others:
        j = other.index
        if luck[j] < rules.forgetting:
            chance = rules.forgetting * rules.hard_share * state.at_risk(other)
            state.hard[j] = float(luck[j] < chance)


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
            other.suspected[i] = other.credence[i]
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
    """Levels of pairs move with what both do, and by incidents; promises are called in."""
    before = [state.level[:] for state in model.states]
    struck: list[tuple[StateAgent, StateAgent]] = []  # who attacked whom this week
    for state in model.states:
        for other in model.states[state.index + 1 :]:
            if state.level[other.index] < WAR:
                struck += _quarrel(model, state, other)
            elif model.week == 0:  # nobody says who began it
                struck += [(state, other), (other, state)]
    for protector, attacker in _promised(model, struck):
        i, j = protector.index, attacker.index
        protector.level[j] = attacker.level[i] = WAR
        protector.hostility[j] = attacker.hostility[i] = WAR
        model.count("joined", protector, attacker)
    for state in model.states:
        for other in model.states[state.index + 1 :]:
            step = state.level[other.index] - before[state.index][other.index]
            if step:
                model.count("level_up" if step > 0 else "level_down", state, other, abs(step))
    for state in model.states:
        state.posture = state.move
        state.demand = [state.demands.get(j, 0.0) for j in range(len(model.states))]


def _quarrel(
    model: "OracleModel", state: "StateAgent", other: "StateAgent"
) -> list[tuple["StateAgent", "StateAgent"]]:
    """A week of two states that are not at war; who attacks whom, if it ends in one."""
    rules, sides = model.rules.escalate, ((state, other), (other, state))
    i, j = state.index, other.index
    now, postures = state.level[j], (state.move[j], other.move[i])
    someone, yielding = PRESS in postures, CONCILIATE in postures
    luck = state.luck("level")[j]
    pressing = [pair for pair, posture in zip(sides, postures, strict=True) if posture == PRESS]
    acts: dict[StateAgent, int] = {}
    accident = not someone and state.luck("incident")[j] < _accident(model, state, other)
    fell = False
    if accident:
        acts = {state: FORCE, other: FORCE}
        model.count("incident", state, other)
    elif someone and not yielding and luck < _goes_through(model, pressing, now):
        acts = {me: _act(model, me, them) for me, them in pressing}
    elif now > 0 and luck > 1.0 - _end(model, state, other):
        fell = True
    rose = bool(acts)
    if not fell:
        for me, them in sides:
            if me.demands.get(them.index, 0.0) > 0.0 and them.move[me.index] != CONCILIATE:
                acts[me] = max(acts.get(me, 0), 1)
    if rules.climb > 0.5:
        level = now + rose - fell
        war = level == WAR
    else:
        for me, them in sides:
            highest = 0 if fell else max(me.hostility[them.index], acts.get(me, 0))
            me.hostility[them.index] = highest
        level = max(state.hostility[j], other.hostility[i])
        violent = [pair for pair in sides if acts.get(pair[0], 0) == FORCE]
        war = bool(violent) and state.luck("war")[j] < rules.war * (
            1.0 - _unweighed(model, pressing)
        ) * (1.0 - _restraint(model, violent))
        level = WAR if war else level
    state.level[j] = other.level[i] = level
    if rules.climb > 0.5 or war:
        state.hostility[j] = other.hostility[i] = level
    return [pair for pair in sides if accident or pair in pressing] if war else []


def _promised(
    model: "OracleModel", struck: list[tuple["StateAgent", "StateAgent"]]
) -> list[tuple["StateAgent", "StateAgent"]]:
    """Who keeps its word and against whom, where the scenario names the two together."""
    if not struck:
        return []
    keeping, named = [], set(model.pairs)
    for state in model.states:
        for other in state.others:
            if (state.index, other.index) not in named or state.level[other.index] == WAR:
                continue
            due = sum(
                committed * state.help(protege)
                for protege, committed in state.proteges
                if (other, protege) in struck
            )
            if state.luck("join") < min(1.0, due):
                keeping.append((state, other))
    return keeping


def _goes_through(
    model: "OracleModel", pressing: list[tuple["StateAgent", "StateAgent"]], level: int
) -> float:
    """The probability that presses which nobody gives way to are acts."""
    rules = model.rules.escalate
    chance = rules.both if len(pressing) == 2 else rules.one
    if rules.climb <= 0.5 or level >= DISPLAY:
        chance *= 1.0 - _unweighed(model, pressing)
    if rules.climb > 0.5 and level == FORCE:
        chance *= 1.0 - _restraint(model, pressing)
    return chance


def _unweighed(model: "OracleModel", pressing: list[tuple["StateAgent", "StateAgent"]]) -> float:
    """The share of acts that deterrence stops which no desk has weighed."""
    share = model.rules.escalate.ladder
    return max((share * me.feared[o.index] for me, o in pressing if not me.weighs), default=0.0)


def _restraint(model: "OracleModel", rising: list[tuple["StateAgent", "StateAgent"]]) -> float:
    """The share of steps to war that the other's nuclear arms stop."""
    share = model.rules.escalate.nuclear_restraint
    return max(
        (share * o.reliability() for me, o in rising if me.nuclear and o.nuclear), default=0.0
    )


def _act(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> int:
    """The level of the act that a press is."""
    rules = model.rules.escalate
    milder = exp(-rules.act_caution * state.feared[other.index])
    weights = rules.act_threat, rules.act_display * milder, rules.act_force * milder * milder
    at = state.luck("act")[other.index] * sum(weights)
    return 2 + (at >= weights[0]) + (at >= weights[0] + weights[1])


def _end(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> float:
    """The probability that a dispute ends, or falls by a rung."""
    rules, j, i = model.rules.escalate, other.index, state.index
    postures = state.move[j], other.move[i]
    if PRESS in postures and CONCILIATE not in postures:
        return 0.0
    if PRESS in postures or postures == (CONCILIATE, CONCILIATE):
        return 1.0
    slower = exp(-rules.settle_steep * max(0, state.level[j] - 1))
    if CONCILIATE in postures:
        return slower * rules.settle_fast
    return slower * rules.settle * (1.0 - (state.tension[j] + other.tension[i]) / 2.0)


def _accident(model: "OracleModel", state: "StateAgent", other: "StateAgent") -> float:
    """The probability of an incident."""
    rules, j, i = model.rules.escalate, other.index, state.index
    stake, level = max(state.stake[j], other.stake[i]), state.level[other.index]
    if stake == 0.0:
        return 0.0
    act = state.provocation + other.provocation + state.drill + other.drill
    hazard = rules.incident * stake * state.tension[j] * other.tension[i]
    hazard *= (1.0 + rules.incident_activity * act) * exp(-rules.incident_steep * level)
    chance = -expm1(-hazard)
    if level >= DISPLAY:
        chance *= 1.0 - rules.incident_deterrence * max(state.feared[j], other.feared[i])
    if rules.climb > 0.5 and level == FORCE:
        chance *= 1.0 - _restraint(model, [(state, other), (other, state)])
    return chance
