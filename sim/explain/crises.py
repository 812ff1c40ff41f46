"""Why crisis desks that follow a game decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import assurance, brinkmanship, perfect_deterrence
from ..world import CHALLENGED, CONCILIATE, PRESS, QUIET, RESISTED, WAR
from .reasons import Case, Decision, digits, draw_clause, explains, posture_text


def _foremost(case: Case, *marks: np.ndarray) -> int | None:
    """Return the other state to explain: the first that is marked most; None in wars with all."""
    posture, demand = (getattr(case.week.action.crisis, x)[case.state] for x in _DECIDED)
    seen, i = case.week.seen, case.state
    quiet = [j for j in case.others if seen.level[i, j] != WAR]
    if not quiet:
        return None
    on = (seen.stage[i] != QUIET) | (seen.against[i] != QUIET)
    keys = (demand > 0.0, posture == PRESS, posture == CONCILIATE, on, *marks)
    return max(quiet, key=lambda j: tuple(float(key[j]) for key in keys))


_DECIDED = ("posture", "demand")
_WARS = Decision("holds toward all", "war", {"war": 1.0}, "it is at war with all others")


@explains("crisis", "perfect_deterrence")
def _perfect_deterrence(case: Case, own: perfect_deterrence.PerfectDeterrence) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    j = _foremost(case, seen.stake[i])
    if j is None:
        return _WARS
    posture = case.week.action.crisis.posture[i]
    challenged = seen.against[i, j] == CHALLENGED
    strategy = perfect_deterrence.equilibrium(own, seen, params, mine=not challenged)
    hard, draw = bool(seen.hard[i, j]), case.week.noise["posture"][i, j]
    suspected = (seen.credence if challenged else seen.repute)[i, j]
    chance = (float(strategy.hard[i, j]) if hard else strategy.soft[i, j]) * own.occasion[i]
    terms: dict[str, Any] = {
        "hard": float(hard),
        "met": strategy.met[i, j],
        "d1": strategy.soft_bound[i, j],
        "d2": strategy.hard_bound[i, j],
        "c_t": strategy.doubt[i, j],
        "suspected": suspected,
        "draw": draw,
        "chance": chance,
        "resists": strategy.resists[i, j],
        "called": seen.called[i, j],
        "answered": float(perfect_deterrence.answered(own, seen, params)[i, j]),
        "stake": seen.stake[i, j],
    }
    kind, other = ("hard" if hard else "soft"), case.code(j)
    bound = strategy.hard_bound[i, j] if hard else strategy.soft_bound[i, j]
    if terms["answered"]:
        term, why = (
            "answered",
            f"{other} could still answer a first strike with what it will not bear",
        )
    elif seen.stage[i, j] == RESISTED:
        does = "stands" if posture[j] == PRESS else "backs down"
        term, why = "hard", f"{other} resisted, and being {kind} it {does}"
    elif challenged and hard:
        term, why = "hard", f"{other} challenged it, and being hard it resists"
    elif challenged:
        term = "resists"
        clause = draw_clause(draw, terms["resists"])
        why = f"{other} challenged it, and being soft: {clause} (resists)"
    elif seen.stage[i, j] == CHALLENGED:
        term, why = "hard", f"it waits for {other}'s answer and upholds its challenge"
    elif hard and draw < seen.called[i, j]:
        term, why = "called", f"{other} challenged a state that it protects"
    elif not np.any(seen.stake[i] > 0.0):
        term, why = "stake", "it has no stake against anybody"
    elif strategy.met[i, j] >= bound:
        term = "met"
        why = (
            f"a challenge of {other} meets {digits(strategy.met[i, j])}, not below the {kind} "
            f"bound {digits(bound)}"
        )
    else:
        term = "chance"
        why = (
            f"a challenge of {other} meets {digits(strategy.met[i, j])}, below the {kind} bound "
            f"{digits(bound)}, and {draw_clause(draw, chance)}"
        )
    return Decision(posture_text(case, posture), term, terms, why)


@explains("crisis", "assurance")
def _assurance(case: Case, own: assurance.Assurance) -> Decision:
    seen, i = case.week.seen, case.state
    worth = assurance.worth(own, seen)[i]
    j = _foremost(case, -worth)
    if j is None:
        return _WARS
    draw, occasion = case.week.noise["posture"][i, j], own.occasion[i]
    terms = {
        "trust": seen.trust[i, j],
        "worth": worth[j],
        "draw": draw,
        "occasion": occasion,
        "stake": seen.stake[i, j],
    }
    weighed = f"at the trust {digits(seen.trust[i, j])} cooperation with {case.code(j)} is worth"
    decided = posture_text(case, case.week.action.crisis.posture[i])
    if worth[j] >= 0.0:
        return Decision(
            decided, "trust", terms, f"{weighed} {digits(worth[j])} more than defection"
        )
    why = f"{weighed} {digits(-worth[j])} less than defection"
    if seen.stake[i, j] == 0.0:
        return Decision(decided, "stake", terms, f"{why}, but there is no stake")
    if seen.stage[i, j] != QUIET:
        return Decision(decided, "trust", terms, f"{why}, and its challenge is on")
    return Decision(
        decided, "occasion", terms, f"{why}, and {draw_clause(draw, occasion)} (occasion)"
    )


@explains("crisis", "brinkmanship")
def _brinkmanship(case: Case, own: brinkmanship.Brinkmanship) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    urge = brinkmanship.urge(own, seen)[i]
    j = _foremost(case, urge)
    if j is None:
        return _WARS
    reckoned = brinkmanship.war(own, seen, params)
    offer = brinkmanship.offer(reckoned)[i, j]
    chance, cost = reckoned.chance[i, j], reckoned.cost[i, j]
    shame = own.audience[i] * seen.level[i, j]
    draw = case.week.noise["posture"][i, j]
    terms = {
        "nerve": urge[j],
        "draw": draw,
        "level": float(seen.level[i, j]),
        "rung": own.rung[i],
        "chance": chance,
        "cost": cost,
        "bound": reckoned.bound[i, j],
        "offer": offer,
        "audience": shame,
        "hard": seen.hard[i, j],
        "demanded": seen.demanded[i, j],
        "draw of the cost": case.week.noise["cost"][i, j],
    }
    other, posture = case.code(j), case.week.action.crisis.posture[i]
    decided = posture_text(case, posture)
    if seen.stage[i, j] == RESISTED:
        stands = posture[j] == PRESS
        why = (
            f"{other} resisted: war is worth {digits(chance - cost)}, to back down in public "
            f"{digits(-shame)}{', and it is hard' if seen.hard[i, j] else ''}"
        )
        return Decision(decided, "audience" if stands else "cost", terms, why)
    if seen.against[i, j] == CHALLENGED:
        share = seen.demanded[i, j] or 1.0
        now = 2.0 * terms["draw of the cost"] * cost
        why = f"{other} asks for {digits(share)}; war is worth {digits(chance - now)} to it now"
        return Decision(decided, "demanded", terms, why)
    if seen.stage[i, j] == CHALLENGED:
        return Decision(decided, "rung", terms, f"it waits for {other}'s answer")
    if case.week.action.crisis.demand[i, j] > 0.0:
        why = (
            f"from level {digits(own.rung[i])} on it makes offers: it asks {digits(offer)} of "
            f"{other}, its chance {digits(chance)} and half of what a war may cost {other} above "
            "its own cost"
        )
        return Decision(f"demands {digits(offer)} of {other} and {decided}", "offer", terms, why)
    why = f"{draw_clause(draw, urge[j])} (nerve, stake, tension, less caution) toward {other}"
    return Decision(decided, "nerve", terms, why)
