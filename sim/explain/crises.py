"""Why crisis desks that play games decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import assurance, brinkmanship, crisis, perfect_deterrence
from ..world import CHALLENGED, CONCILIATE, PRESS, QUIET, RESISTED, WAR
from .reasons import Case, Decision, digits, draw_clause, explains, posture_text, with_nobody


def _foremost(case: Case, *marks: np.ndarray) -> int | None:
    """Return the pair to explain: the first that is marked most; None if there is none in peace."""
    did, seen = case.week.action.crisis, case.week.seen
    quiet = [p for p in case.pairs if seen.level[p] != WAR]
    if not quiet:
        return None
    on = (seen.stage != QUIET) | (seen.against != QUIET)
    keys = (did.demand > 0.0, did.posture == PRESS, did.posture == CONCILIATE, on, *marks)
    return max(quiet, key=lambda p: tuple(float(key[p]) for key in keys))


@explains("crisis", "tit_for_tat")
def _tit_for_tat(case: Case, own: crisis.TitForTat) -> Decision:
    seen, params = case.week.seen, case.week.params
    mood = crisis.temper(own, seen, params)
    kind = crisis.character(own, seen, params, seen.hard)
    p = _foremost(case, mood.urge * mood.bold)
    if p is None:
        return with_nobody(case)
    posture, answer = case.week.action.crisis.posture[p], bool(mood.answer[p])
    draw, other_draw = case.week.noise["posture"][p], case.week.noise["forgive"][p]
    urge, bold, cause = mood.urge[p], mood.bold[p], "answer" if answer else "provoked"
    terms: dict[str, Any] = {
        cause: urge,
        "fear": mood.fear[p],
        "bold": bold,
        **case.deters(p),
        "draw": draw,
        "hard": seen.hard[p],
        "stands": kind.stands[p],
        "resists": kind.resists[p],
        "forgive": kind.forgives[p],
        "other draw": other_draw,
        "stake": seen.stake[p],
        "tension": params.wiring.pair.from_table(seen.tension)[p],
    }
    other, character = case.partner(p), "hard" if seen.hard[p] else "soft"
    reason = f"{other} pressed last week" if answer else f"{other}'s acts provoke"
    odds = f"{digits(urge)} ({cause}) x {digits(bold)} (what fear leaves)"
    weighed = f"{reason}, and {draw_clause(draw, urge * bold)} = {odds}"
    challenged = f"{other} challenged it, and being {character}: "
    challenged += f"{draw_clause(other_draw, terms['resists'])} (resists)"
    if seen.stage[p] == RESISTED:
        term, stands = "stands", terms["stands"]
        odds = f"{digits(stands)} (stands) x {digits(bold)} (what fear leaves)"
        does = "stands" if posture == PRESS else "backs down"
        why = f"{other} resisted; being {character} it {does}: {draw_clause(draw, stands * bold)}"
        why = f"{why} = {odds}"
    elif seen.against[p] == CHALLENGED:
        term, why = "resists", challenged
        why += ", so that it gives way" if posture == CONCILIATE else f"; {weighed}"
    elif posture == PRESS:
        term, why = cause, weighed
    elif posture == CONCILIATE:
        mirrors = seen.posture[p] == CONCILIATE
        term = "mirror" if mirrors else "forgive"
        terms |= {"mirror": float(mirrors)}
        drawn = draw_clause(other_draw, terms["forgive"])
        why = f"{other} conciliated last week" if mirrors else f"{drawn} (forgive)"
    elif urge == 0.0:
        term = "provoked" if np.any(seen.stake[case.pairs] > 0.0) else "stake"
        why = "nobody that it has a stake against pressed or provoked"
        why = why if term == "provoked" else "it has no stake against anybody"
        terms |= {term: terms.get(term, 0.0)}
    else:
        term, why = ("fear" if draw < urge else "draw"), weighed
    return Decision(posture_text(case), term, terms, why)


@explains("crisis", "perfect_deterrence")
def _perfect_deterrence(case: Case, own: perfect_deterrence.PerfectDeterrence) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    p = _foremost(case, seen.stake)
    if p is None:
        return with_nobody(case)
    posture = case.week.action.crisis.posture
    challenged = seen.against[p] == CHALLENGED
    strategy = perfect_deterrence.equilibrium(own, seen, params, mine=not challenged)
    hard, draw = bool(seen.hard[p]), case.week.noise["posture"][p]
    suspected = (seen.suspected if challenged else seen.repute)[p]
    chance = (float(strategy.hard[p]) if hard else strategy.soft[p]) * own.occasion[i]
    terms: dict[str, Any] = {
        "hard": float(hard),
        "met": strategy.met[p],
        **case.deters(p),
        "d1": strategy.soft_bound[p],
        "d2": strategy.hard_bound[p],
        "c_t": strategy.doubt[p],
        "suspected": suspected,
        "draw": draw,
        "chance": chance,
        "resists": strategy.resists[p],
        "called": seen.called[p],
        "answered": float(perfect_deterrence.answered(own, seen, params)[p]),
        "stake": seen.stake[p],
    }
    kind, other = ("hard" if hard else "soft"), case.partner(p)
    bound = strategy.hard_bound[p] if hard else strategy.soft_bound[p]
    if terms["answered"]:
        term, why = (
            "answered",
            f"{other} could still answer a first strike with what it will not bear",
        )
    elif seen.stage[p] == RESISTED:
        does = "stands" if posture[p] == PRESS else "backs down"
        term, why = "hard", f"{other} resisted, and being {kind} it {does}"
    elif challenged and hard:
        term, why = "hard", f"{other} challenged it, and being hard it resists"
    elif challenged:
        term = "resists"
        clause = draw_clause(draw, terms["resists"])
        why = f"{other} challenged it, and being soft: {clause} (resists)"
    elif seen.stage[p] == CHALLENGED:
        term, why = "hard", f"it waits for {other}'s answer and upholds its challenge"
    elif hard and draw < seen.called[p]:
        term, why = "called", f"{other} challenged a state that it protects"
    elif not np.any(seen.stake[case.pairs] > 0.0):
        term, why = "stake", "it has no stake against anybody"
    elif strategy.met[p] >= bound:
        term = "met"
        why = (
            f"a challenge of {other} meets {digits(strategy.met[p])}, not below the {kind} "
            f"bound {digits(bound)}"
        )
    else:
        term = "chance"
        why = (
            f"a challenge of {other} meets {digits(strategy.met[p])}, below the {kind} bound "
            f"{digits(bound)}, and {draw_clause(draw, chance)}"
        )
    return Decision(posture_text(case), term, terms, why)


@explains("crisis", "assurance")
def _assurance(case: Case, own: assurance.Assurance) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    worth = assurance.worth(own, seen, params)
    p = _foremost(case, -worth)
    if p is None:
        return with_nobody(case)
    draw, occasion = case.week.noise["posture"][p], own.occasion[i]
    terms = {
        "trust": seen.trust[p],
        "worth": worth[p],
        "draw": draw,
        "occasion": occasion,
        "stake": seen.stake[p],
    }
    weighed = f"at the trust {digits(seen.trust[p])} cooperation with {case.partner(p)} is worth"
    decided = posture_text(case)
    if worth[p] >= 0.0:
        return Decision(
            decided, "trust", terms, f"{weighed} {digits(worth[p])} more than defection"
        )
    why = f"{weighed} {digits(-worth[p])} less than defection"
    if seen.stake[p] == 0.0:
        return Decision(decided, "stake", terms, f"{why}, but there is no stake")
    if seen.stage[p] != QUIET:
        return Decision(decided, "trust", terms, f"{why}, and its challenge is on")
    return Decision(
        decided, "occasion", terms, f"{why}, and {draw_clause(draw, occasion)} (occasion)"
    )


@explains("crisis", "brinkmanship")
def _brinkmanship(case: Case, own: brinkmanship.Brinkmanship) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    urge = brinkmanship.urge(own, seen, params)
    p = _foremost(case, urge)
    if p is None:
        return with_nobody(case)
    reckoned = brinkmanship.war(own, seen, params)
    offer = brinkmanship.offer(reckoned)[p]
    chance, cost = reckoned.chance[p], reckoned.cost[p]
    shame = own.audience[i] * seen.level[p]
    draw = case.week.noise["posture"][p]
    terms: dict[str, Any] = {
        "nerve": urge[p],
        **case.deters(p),
        "draw": draw,
        "level": float(seen.level[p]),
        "rung": own.rung[i],
        "chance": chance,
        "cost": cost,
        "bound": reckoned.bound[p],
        "offer": offer,
        "audience": shame,
        "hard": seen.hard[p],
        "demanded": seen.demanded[p],
        "draw of the cost": case.week.noise["cost"][p],
    }
    other, decided = case.partner(p), posture_text(case)
    if seen.stage[p] == RESISTED:
        stands = case.week.action.crisis.posture[p] == PRESS
        why = (
            f"{other} resisted: war is worth {digits(chance - cost)}, to back down in public "
            f"{digits(-shame)}{', and it is hard' if seen.hard[p] else ''}"
        )
        return Decision(decided, "audience" if stands else "cost", terms, why)
    if seen.against[p] == CHALLENGED:
        if seen.hard[p] and not seen.demanded[p]:
            return Decision(decided, "hard", terms, f"{other} pressed, and being hard it stays")
        share = seen.demanded[p] or 1.0
        now = 2.0 * terms["draw of the cost"] * cost
        why = f"{other} asks for {digits(share)}; war is worth {digits(chance - now)} to it now"
        return Decision(decided, "demanded", terms, why)
    if seen.stage[p] == CHALLENGED:
        return Decision(decided, "rung", terms, f"it waits for {other}'s answer")
    if case.week.action.crisis.demand[p] > 0.0:
        why = (
            f"from level {digits(own.rung[i])} on it makes offers: it asks {digits(offer)} of "
            f"{other}, its chance {digits(chance)} and half of what a war may cost {other} above "
            "its own cost"
        )
        return Decision(f"demands {digits(offer)} of {other} and {decided}", "offer", terms, why)
    why = f"{draw_clause(draw, urge[p])} (nerve, stake, tension, less caution) toward {other}"
    return Decision(decided, "nerve", terms, why)
