"""What lies between states: sanction, relate."""

from math import expm1, log
from typing import TYPE_CHECKING

from .arithmetic import binomial, sigmoid

if TYPE_CHECKING:
    from .agents import StateAgent
    from .model import OracleModel


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
        adopted = False
        if drafts:
            vetoed = _vetoed(model, target)
            adopted = _votes(model, target) >= rules.needed and not vetoed
        elif _lifted(model, target):
            target.embargo, target.mandate = 0.0, 0.0
            model.count("lifted", target, target)
        _supervise(model, target, due, adopted)
    doubts = [other.doubted() for other in model.states]
    for state in model.states:
        sanctions, wanted = state.sanctions, state.sanction
        for j, before in enumerate(sanctions):
            if before or j in wanted:
                gap = wanted.get(j, 0.0) - before
                hesitant = rules.hesitation * doubts[j] if gap > 0.0 else 0.0
                sanctions[j] += rules.speed * (1.0 - hesitant) * gap
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


def _votes(model: "OracleModel", target: "StateAgent") -> int:
    """How many would vote for a draft on a state."""
    rules, j = model.rules.sanction, target.index
    unlawful = [route for route in target.routes if route.unlawful]
    exposure = max((sigmoid(route.exposure) for route in unlawful), default=0.0)
    doubt = max((route.doubt for route in unlawful), default=0.0)
    yes = 0
    for seat, member in enumerate(model.members):
        if member is not target:
            odds = rules.support + rules.by_exposure * exposure - _tie(model, member, target)
            yes += model.luck["vote"][seat][j] < sigmoid(odds)
    share = min(1.0 - 1e-6, max(1e-6, rules.outside_yes))
    base = log(share / (1.0 - share))
    outside = sigmoid(base + rules.outside_shift * (exposure - doubt))
    return yes + binomial(_outside(model), outside, target.luck("outside_vote"))


def _outside(model: "OracleModel") -> int:
    """The seats of the Council that no state of the scenario has."""
    return max(0, int(model.rules.sanction.seats) - len(model.members))


def _tie(model: "OracleModel", member: "StateAgent", target: "StateAgent") -> float:
    """What binds a member to the state that a draft is on."""
    rules, j = model.rules.sanction, target.index
    return rules.by_affinity * member.affinity[j] + rules.by_benefit * member.benefit[j]


def _vetoed(model: "OracleModel", target: "StateAgent") -> bool:
    """Whether a permanent member vetoes the draft on a state: itself in any case."""
    rules, j, vetoed = model.rules.sanction, target.index, False
    for seat, member in enumerate(model.members):
        vetoes = bool(member.permanent)
        if member is not target:
            chance = sigmoid(rules.veto + _tie(model, member, target))
            vetoes = vetoes and _shields(member, j) and model.luck["veto"][seat][j] < chance
        if vetoes:
            vetoed = True
            model.count("vetoed", member, target)
    return vetoed


def _shields(member: "StateAgent", j: int) -> bool:
    """Whether a member would veto for a state."""
    return member.shields is not None and member.affinity[j] >= member.shields


def _lifted(model: "OracleModel", target: "StateAgent") -> bool:
    """Whether a draft to lift its embargo comes, gets all other votes, and no veto."""
    rules, j = model.rules.sanction, target.index
    voters = [member for member in model.members if member is not target]
    sponsors = [
        member
        for seat, member in enumerate(model.members)
        if member in voters and _shields(member, j) and model.luck["relief"][seat][j] < rules.relief
    ]
    if not target.embargo or not sponsors:
        return False
    for sponsor in sponsors:
        model.count("relief", sponsor, target)
    upholders = [m for m in voters if m.permanent and m.sanction.get(j, 0.0) > 0.0]
    for member in upholders:
        model.count("upheld", member, target)
    no = len(voters) + _outside(model) - _votes(model, target)
    return no >= rules.needed and not upholders


def _supervise(model: "OracleModel", target: "StateAgent", due: bool, adopted: bool) -> None:
    """The mandate of the Council's body, and the coalition's in its place."""
    rules = model.rules.sanction
    left = max(0.0, target.mandate - 1.0) if target.monitor else target.mandate
    target.censured = 1.0 if adopted else 0.0
    if adopted:
        model.count("adopted", target, target)
        if not target.embargo:
            model.count("imposed", target, target)
        elif due or left <= 0.0:
            model.count("renewed", target, target)
        else:
            model.count("condemned", target, target)
        target.embargo = 1.0
        if due or left <= 0.0:
            left += rules.term
    target.mandate = left
    alive = left > 0.0 and target.embargo > 0.0
    if target.monitor and not alive:
        model.count("monitor_ended", target, target)
    target.monitor = 1.0 if alive else 0.0
    lapsed_before = target.lapsed
    target.lapsed = target.lapsed + 1.0 if target.embargo and not alive else 0.0
    begun = bool(target.embargo) and not alive and target.lapsed > rules.coalition_lag
    if begun and lapsed_before <= rules.coalition_lag:
        model.count("coalition_monitor", target, target)
    target.coalition = 1.0 - rules.disunity * target.doubted() if begun else 0.0


def relate(model: "OracleModel") -> None:
    """Affinity drifts; tension follows threat, rivalry, acts and reassurance."""
    rules, states = model.rules.escalate, model.states
    visits: dict[tuple[int, int], float] = {}
    for (i, j), size in model.visits.items():
        model.count("visit", states[i], states[j], size)
        for pair in ((i, j), (j, i)):
            visits[pair] = visits.get(pair, 0.0) + size
    common = _common_rivals(model)
    moved = [_tension(model, state) for state in states]
    treaties = _sign(model, common)
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
    for i, j in treaties:
        model.count("treaty", states[i], states[j])


def _sign(model: "OracleModel", common: dict[tuple[int, int], float]) -> set[tuple[int, int]]:
    """Brings alliances into force: on the date of a treaty, else by a common rival."""
    dated = {tuple(sorted(pair)) for pair in model.summons("treaty")}
    waiting = {
        tuple(sorted((i, j)))
        for week, entries in model.timetable.items()
        for kind, i, j, size in entries
        if kind == "treaty" and week >= model.week and size
    }
    made = set()
    for alliance in model.alliances:
        i, j = sorted((alliance.protector.index, alliance.protege.index))
        if alliance.in_force or i == j:
            continue
        rivalry = min(1.0, common.get((i, j), 0.0) ** 0.125)
        warmth = max(0.0, alliance.protector.affinity[j if alliance.protector.index == i else i])
        chance = -expm1(-model.rules.escalate.treaty * warmth * rivalry)
        by_chance = (i, j) not in waiting and model.luck["treaty"][i][j] < chance
        if (i, j) in dated or by_chance:
            made.add((i, j))
    for alliance in model.alliances:
        if tuple(sorted((alliance.protector.index, alliance.protege.index))) in made:
            alliance.in_force = 1.0
    return made


def visits(model: "OracleModel") -> dict[tuple[int, int], float]:
    """This week's visits by (guest, host): dated ones, and those that two states make unasked."""
    made = model.summons("visit")
    eager = model.rules.escalate.visits
    if not eager:
        return made
    dated = {
        frozenset((i, j))
        for week, entries in model.timetable.items()
        for kind, i, j, size in entries
        if kind == "visit" and week >= model.week and size
    }
    common = _common_rivals(model)
    for guest in model.states:
        for host in guest.others:
            i, j = guest.index, host.index
            if frozenset((i, j)) in dated:
                continue
            shared = common.get((min(i, j), max(i, j)), 0.0)
            interest = guest.affinity[j] + min(1.0, shared**0.125)
            if interest > 0.0 and model.luck["visit"][i][j] < -expm1(-eager * interest):
                made[i, j] = made.get((i, j), 0.0) + 1.0
    return made


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
        z += rules.partisan * (1.0 - a) / 2.0 * state.resented[j]
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
