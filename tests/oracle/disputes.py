"""What states do to each other in a dispute: challenge, escalate."""

from math import exp, expm1
from typing import TYPE_CHECKING

from .crisis import CHALLENGED, CONCILIATE, HOLD, PRESS, QUIET, RESISTED, WAR

if TYPE_CHECKING:
    from .agents import StateAgent
    from .model import OracleModel

DISPLAY, FORCE = 3, 4
UNKNOWN = (1.0 / 3.0, 1.0 / 3.0)
"""A press and conciliation of a state whose desk shows no type."""


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
    cooler = exp((1.0 - rules.settle_heat) * rules.dispute * state.level[j])
    heat = [
        t / (t + (1.0 - t) * cooler) if t else 0.0 for t in (state.tension[j], other.tension[i])
    ]
    return slower * rules.settle * (1.0 - sum(heat) / 2.0)


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
