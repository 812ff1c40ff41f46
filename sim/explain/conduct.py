"""Why training, crisis and diplomacy desks decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import diplomacy, training
from .reasons import (
    Case,
    Decision,
    digits,
    draw_clause,
    exercise_text,
    explains,
    joined,
)

# Training


@explains("training", "none")
def _no_training(case: Case, own: object) -> Decision:
    return Decision("holds no exercise", "none", {"none": 0.0}, "its rule holds none")


def _scheduled(case: Case) -> float:
    """Return how much its calendar has this week, less its holidays."""
    seen, params, i = case.week.seen, case.week.params, case.state
    held = training.scheduled(seen, params, np.ones(len(case.scenario.states)))
    return float(np.sum(held.exercise[case.pairs]) + np.sum(held.alone[i]))


@explains("training", "calendar")
def _calendar(case: Case, own: training.Calendar) -> Decision:
    seen, i = case.week.seen, case.state
    off, extent = training.holiday(seen, case.week.params)[i], training.extent(own, seen)[i]
    terms = {"calendar": _scheduled(case), "extent": extent, "holiday": off}
    held = exercise_text(case)
    if off > 0.0:
        return Decision(
            held or "holds no exercise", "holiday", terms, "the timetable drops its drills"
        )
    if not held:
        return Decision("holds no exercise", "calendar", terms, "the calendar has none this week")
    why = f"the calendar has them this week, {digits(extent)} times as large for its tension"
    return Decision(f"wants {held}", "calendar", terms, why)


@explains("training", "reciprocal")
def _reciprocal(case: Case, own: training.Reciprocal) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    acts, threshold = training.acts(seen, params)[i], own.threshold[i]
    draw, chance = case.week.noise["exercise"][i], own.chance[i]
    terms = {"acts": acts, "threshold": threshold, "draw": draw, "chance": chance}
    if acts <= threshold:
        why = f"rivals' acts weigh {digits(acts)}; up to {digits(threshold)} calls for no answer"
        return Decision("holds no exercise", "acts", terms, why)
    weights = seen.stake * params.wiring.pair.toward(seen.drill + seen.test)
    rival = case.partner(max(case.pairs, key=lambda p: float(weights[p])))
    why = f"{rival}'s acts weigh {digits(acts)}, beyond {digits(threshold)}"
    why = f"{why}; {draw_clause(draw, chance)}"
    if draw < chance:
        return Decision(f"wants {exercise_text(case)}", "acts", terms, why)
    return Decision("holds no exercise", "chance", terms, why)


@explains("training", "reassurance")
def _reassurance(case: Case, own: training.Reassurance) -> Decision:
    tension, calm = np.max(case.week.seen.tension[case.state]), own.calm[case.state]
    terms = {"calendar": _scheduled(case), "tension": tension, "calm": calm}
    held = exercise_text(case)
    if tension >= calm:
        why = f"tension {digits(tension)} is not below {digits(calm)} (calm): no exercise is held"
        return Decision("holds no exercise", "calm", terms, why)
    if not held:
        return Decision("holds no exercise", "calendar", terms, "the calendar has none this week")
    why = f"the calendar has them, and tension {digits(tension)} is below {digits(calm)} (calm)"
    return Decision(f"wants {held}", "calm", terms, why)


# Crisis


@explains("crisis", "hold")
def _no_crisis(case: Case, own: object) -> Decision:
    return Decision("holds toward all", "hold", {"hold": 0.0}, "its rule holds, whatever happens")


# Diplomacy


@explains("diplomacy", "passive")
def _passive(case: Case, own: diplomacy.Passive) -> Decision:
    comply = own.comply[case.state]
    why = f"its rule says nothing and forgoes {comply:.0%} of unlawful shipments"
    return Decision("says nothing", "comply", {"comply": comply}, why)


@explains("diplomacy", "enforcer")
def _enforcer(case: Case, own: diplomacy.Enforcer) -> Decision:
    seen, did, i = case.week.seen, case.week.action.diplomacy, case.state
    held = diplomacy.charge(own, seen, case.week.params)
    terms = {
        name: np.sum(np.broadcast_to(getattr(held, name), seen.affinity.shape)[i, case.others])
        for name in ("unfriendly", "guilty", "acted")
    }
    publishes, term, why, more = _publication(case, own)
    acts = [publishes] if publishes else []
    for verb, field in (("condemns", did.condemn), ("brings a draft on", did.propose)):
        if np.any(field[i] > 0.0):
            acts.append(f"{verb} {case.codes(field[i] > 0.0)}")
            why = f"{why}; {case.codes(field[i] > 0.0)} tested or was named last week (acted)"
            term = term if publishes else "acted"
    shunned = did.sanction[i] > 0.0
    if np.any(shunned):
        if not acts:
            term = "guilty" if np.any(held.guilty[i] & shunned) else "war"
        terms |= {"war": np.sum(seen.at_war[case.others])}
        acts.append(f"sanctions {case.codes(shunned)} at {digits(own.sanctions[i])}")
        why += (
            f"; below the affinity {digits(own.unfriendly[i])} sanctions fall on the guilty "
            "(embargoed or exposed) and on those at war"
        )
    return Decision(joined(acts) or "says nothing", term, terms | more, why)


def _publication(case: Case, own: diplomacy.Enforcer) -> tuple[str, str, str, dict[str, Any]]:
    """Return what an enforcer publishes: a text, the deciding term, a clause, what was weighed."""
    seen, o = case.week.seen, case.observer
    if o is None:
        return "", "observer", "it publishes no estimates", {"observer": 0.0}
    story = diplomacy.story(own, seen, case.week.params)
    published = np.flatnonzero(case.week.action.diplomacy.publish[o])
    lawless = np.flatnonzero(seen.unlawful > 0.0)
    if not len(lawless):
        return "", "unlawful", "no route is unlawful", {"unlawful": 0.0}
    worth = story.grown[o] / np.maximum(story.due[o], 1e-9)
    pool = published if len(published) else lawless
    e = int(pool[np.argmax(worth[pool])])
    name = " to ".join(case.scenario.routes[e])
    grown, due = story.grown[o, e], story.due[o, e]
    draw, chance = case.week.noise["publish"][case.state], own.publishes[case.state]
    terms = {"news": grown, "due": due, "clear": float(story.clear[o, e])}
    terms |= {"draw": draw, "publishes": chance}
    size = f"{digits(grown)} containers more than it last published on {name}"
    if len(published):
        routes = joined(" to ".join(case.scenario.routes[r]) for r in published)
        return f"publishes on {routes}", "news", f"{size} are news at {digits(due)}", terms
    if grown < due:
        return "", "news", f"{size} are no news below {digits(due)}", terms
    if not story.clear[o, e]:
        return "", "clear", f"{size} would be news, but the route is not exposed enough", terms
    return "", "publishes", f"{size} are news, and {draw_clause(draw, chance)} (publishes)", terms


@explains("diplomacy", "shield")
def _shield(case: Case, own: diplomacy.Shield) -> Decision:
    seen, i = case.week.seen, case.state
    accused = bool(np.any(seen.accused[case.routes(0) + case.routes(1)] > 0.0))
    draw, deny, comply = (
        case.week.noise["denial"][i],
        own.deny[i],
        case.week.action.diplomacy.comply[i],
    )
    friends = case.codes(case.week.action.diplomacy.veto[i] > 0.0)
    terms = {"accused": float(accused), "deny": deny, "draw": draw, "comply": comply}
    terms |= {"friend": np.sum(case.week.action.diplomacy.veto[i])}
    shields = f"shields {friends}" if friends else "shields nobody"
    bound = f"affinity {digits(own.friend[i])} or more makes a friend"
    keeps = f"it forgoes {comply:.0%} of unlawful shipments"
    if accused:
        answer = "denies" if draw < deny else "lets an accusation stand"
        why = f"it was accused last week and {draw_clause(draw, deny)} (deny); {keeps}"
        return Decision(f"{answer} and {shields}", "deny", terms, why)
    return Decision(shields, "friend", terms, f"{bound}; nobody accused it last week; {keeps}")
