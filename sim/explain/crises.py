"""Why crisis desks that play a game decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import assurance, brinkmanship, perfect_deterrence
from ..world import CHALLENGED, CONCILIATE, PRESS, QUIET, RESISTED, WAR
from .reasons import Case, Told, against, postures, said, tells


def _foremost(case: Case, *marks: np.ndarray) -> int | None:
    """The other state that the desk is told of: the first marked most, none in wars with all."""
    posture, demand = (getattr(case.week.action.crisis, x)[case.state] for x in _DECIDED)
    seen, i = case.week.seen, case.state
    quiet = [j for j in case.others if seen.level[i, j] != WAR]
    if not quiet:
        return None
    on = (seen.stage[i] != QUIET) | (seen.against[i] != QUIET)
    keys = (demand > 0.0, posture == PRESS, posture == CONCILIATE, on, *marks)
    return max(quiet, key=lambda j: tuple(float(key[j]) for key in keys))


_DECIDED = ("posture", "demand")
_WARS = Told("holds toward all", "war", {"war": 1.0}, "it is at war with all others")


@tells("crisis", "perfect_deterrence")
def _perfect_deterrence(case: Case, own: perfect_deterrence.PerfectDeterrence) -> Told:
    seen, params, i = case.week.seen, case.week.params, case.state
    j = _foremost(case, seen.stake[i])
    if j is None:
        return _WARS
    posture = case.week.action.crisis.posture[i]
    challenged = seen.against[i, j] == CHALLENGED
    play = perfect_deterrence.equilibrium(own, seen, params, mine=not challenged)
    hard, draw = bool(seen.hard[i, j]), case.week.noise["posture"][i, j]
    suspected = (seen.credence if challenged else seen.repute)[i, j]
    chance = (float(play.hard[i, j]) if hard else play.soft[i, j]) * own.occasion[i]
    terms: dict[str, Any] = {
        "hard": float(hard),
        "met": play.met[i, j],
        "d1": play.soft_bound[i, j],
        "d2": play.hard_bound[i, j],
        "c_t": play.doubt[i, j],
        "suspected": suspected,
        "draw": draw,
        "chance": chance,
        "resists": play.resists[i, j],
        "called": seen.called[i, j],
        "answered": float(perfect_deterrence.answered(own, seen, params)[i, j]),
        "stake": seen.stake[i, j],
    }
    kind, other = ("hard" if hard else "soft"), case.code(j)
    bound = play.hard_bound[i, j] if hard else play.soft_bound[i, j]
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
        why = f"{other} challenged it, and being soft: {against(draw, terms['resists'])} (resists)"
    elif seen.stage[i, j] == CHALLENGED:
        term, why = "hard", f"it waits for {other}'s answer and upholds its challenge"
    elif hard and draw < seen.called[i, j]:
        term, why = "called", f"{other} challenged a state that it protects"
    elif not np.any(seen.stake[i] > 0.0):
        term, why = "stake", "it has no stake against anybody"
    elif play.met[i, j] >= bound:
        term = "met"
        why = (
            f"a challenge of {other} meets {said(play.met[i, j])}, not below the {kind} bound "
            f"{said(bound)}"
        )
    else:
        term = "chance"
        why = (
            f"a challenge of {other} meets {said(play.met[i, j])}, below the {kind} bound "
            f"{said(bound)}, and {against(draw, chance)}"
        )
    return Told(postures(case, posture), term, terms, why)


@tells("crisis", "assurance")
def _assurance(case: Case, own: assurance.Assurance) -> Told:
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
    weighed = f"at the trust {said(seen.trust[i, j])} cooperation with {case.code(j)} is worth"
    decided = postures(case, case.week.action.crisis.posture[i])
    if worth[j] >= 0.0:
        return Told(decided, "trust", terms, f"{weighed} {said(worth[j])} more than defection")
    why = f"{weighed} {said(-worth[j])} less than defection"
    if seen.stake[i, j] == 0.0:
        return Told(decided, "stake", terms, f"{why}, but there is no stake")
    if seen.stage[i, j] != QUIET:
        return Told(decided, "trust", terms, f"{why}, and its challenge is on")
    return Told(decided, "occasion", terms, f"{why}, and {against(draw, occasion)} (occasion)")


@tells("crisis", "brinkmanship")
def _brinkmanship(case: Case, own: brinkmanship.Brinkmanship) -> Told:
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
    decided = postures(case, posture)
    if seen.stage[i, j] == RESISTED:
        stands = posture[j] == PRESS
        why = (
            f"{other} resisted: war is worth {said(chance - cost)}, to back down in public "
            f"{said(-shame)}{', and it is hard' if seen.hard[i, j] else ''}"
        )
        return Told(decided, "audience" if stands else "cost", terms, why)
    if seen.against[i, j] == CHALLENGED:
        share = seen.demanded[i, j] or 1.0
        now = 2.0 * terms["draw of the cost"] * cost
        why = f"{other} asks for {said(share)}; war is worth {said(chance - now)} to it now"
        return Told(decided, "demanded", terms, why)
    if seen.stage[i, j] == CHALLENGED:
        return Told(decided, "rung", terms, f"it waits for {other}'s answer")
    if case.week.action.crisis.demand[i, j] > 0.0:
        why = (
            f"from level {said(own.rung[i])} on it makes offers: it asks {said(offer)} of {other},"
            f" its chance {said(chance)} and half of what a war may cost {other} more than it"
        )
        return Told(f"demands {said(offer)} of {other} and {decided}", "offer", terms, why)
    why = f"{against(draw, urge[j])} (nerve, stake, tension, less caution) toward {other}"
    return Told(decided, "nerve", terms, why)
