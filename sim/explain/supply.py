"""Why procurement, transfer and technology desks decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import procurement, technology, transfer
from ..rules.trade import deals
from .reasons import Case, Told, against, deciding, leading, listed, said, tells

LIMITS = {
    "compliance": "what compliance forgoes",
    "want": "what the buyer wants",
    "reserve": "its own reserve",
    "means": "what the buyer can pay",
    "inertia": "a deal that still grows",
    "offer": "nothing but the offer, to which the deal comes down",
}

# Procurement


@tells("procurement", "hold")
def _hold(case: Case, own: procurement.Hold) -> Told:
    seen, i = case.week.seen, case.state
    build = case.week.action.procurement.build[i]
    worn = procurement.maintenance(own, seen)[i]
    (k,) = case.dearest(build)
    terms = {"use": seen.expenditure[i, k], "upkeep": worn[k]}
    why = (
        f"it replaces what is used ({said(terms['use'])} {case.munitions[k]} a week) and what "
        f"retires ({said(terms['upkeep'])})"
    )
    return Told(f"builds {case.units(build)} a week", leading(terms), terms, why)


@tells("procurement", "richardson")
def _richardson(case: Case, own: procurement.Richardson) -> Told:
    found = procurement.reaction(own, case.week.seen)
    terms = {
        "reaction": found.reaction[case.state],
        "fatigue": found.fatigue[case.state],
        "grievance": found.grievance[case.state],
    }
    build = case.week.action.procurement.build[case.state]
    why = (
        f"rivals' believed strength asks for {said(terms['reaction'])} points a year, its own "
        f"takes {said(-terms['fatigue'])}, grievance adds {said(terms['grievance'])}"
    )
    return Told(f"orders {case.units(build)} a week", leading(terms), terms, why)


@tells("procurement", "surge_in_war")
def _surge_in_war(case: Case, own: procurement.SurgeInWar) -> Told:
    seen, i = case.week.seen, case.state
    short = procurement.short(own, seen)[i]
    needed = np.where(seen.need[i] > 0.0, seen.supply[i], np.inf)
    least = int(np.argmin(needed))
    peace, enough = own.peace[i], own.enough[i]
    terms = {"war": seen.at_war[i], "short": np.sum(short), "peace": peace}
    rest = f"{peace:.0%} of capacity"
    supply = f"the shortest supply, {case.munitions[least]}, lasts {said(needed[least])} weeks"
    supply = f"{supply}, where {said(enough)} are enough"
    if seen.at_war[i] > 0.0:
        term, why = "war", "it is at war: industry works at capacity, and capacity is widened"
    elif np.any(short):
        names = listed(np.asarray(case.munitions)[short].tolist())
        term, why = "short", f"{names} at capacity, the rest at {rest}: {supply}"
    else:
        covered = supply if np.any(seen.need[i] > 0.0) else "it needs nothing"
        term, why = "peace", f"{rest}, since it is at peace and {covered}"
    build = case.week.action.procurement.build[i]
    return Told(f"builds {case.units(build)} a week", term, terms, why)


# Transfer


def _idle_supplier(case: Case, wanted: np.ndarray, free: np.ndarray) -> Told | None:
    """Why a supplier has nothing to offer to anybody, if so."""
    routes = case.routes()
    terms = {"route": len(routes), "want": wanted[routes].sum(), "reserve": free[routes].sum()}
    if not routes:
        return Told("offers nothing", "route", terms, "no route begins in it")
    if terms["want"] == 0.0:
        return Told("offers nothing", "want", terms, "nobody on its routes asks for anything")
    if terms["reserve"] == 0.0:
        return Told("offers nothing", "reserve", terms, "nothing is above its own reserve")
    return None


def _shipping(case: Case, e: int, k: int) -> tuple[str, str]:
    """What held back the shipment on a route: the name of the limit, and a clause about it."""
    found = deals(case.week.params, case.week.seen, case.week.action)
    offer = case.week.action.transfer.offer[e, k]
    goal = offer * found.wanted[e, k]
    grown = found.contract[e, k] / goal if goal > found.contract[e, k] else 1.0
    limits = [
        ("compliance", found.lawful[e, 0]),
        ("want", min(found.wanted[e, k], found.needed[e, k])),
        ("reserve", found.spared[e, k]),
        ("means", found.afforded[e, 0]),
        ("inertia", grown),
    ]
    limit = deciding(limits, "offer")
    return limit, f"{said(found.flow[e, k])} left this week, limited by {LIMITS[limit]}"


@tells("transfer", "opportunist")
def _opportunist(case: Case, own: transfer.Opportunist) -> Told:
    seen, params = case.week.seen, case.week.params
    free = transfer.free_stock(seen, params)
    asked = np.where(free > 0.0, transfer.asked(seen, params), 0.0)
    idle = _idle_supplier(case, transfer.asked(seen, params), free)
    if idle is not None:
        return idle
    routes = case.routes()
    offer = case.week.action.transfer.offer
    at, k = case.dearest(offer[routes])
    e = routes[at]
    if offer[e, k] == 0.0:
        held = {"want": asked[routes].sum(), "release": own.release[case.state]}
        return Told("offers nothing", leading(held), held, "what is asked for is not to spare")
    found = transfer.terms(own, seen, params)
    terms = {
        "affinity": found.affinity[e],
        "benefit": found.benefit[e],
        "legal_risk": found.legal_risk[e],
    }
    term = leading(terms)
    total = found.willingness[e] + sum(terms.values())
    buyer = case.scenario.routes[e][1]
    rest = listed(f"{name} {terms[name]:+.2f}" for name in terms if name != term)
    limit, clause = _shipping(case, e, k)
    why = (
        f"{term} ({terms[term]:+.2f}) moved the terms with {buyer} most, beside {rest}, to "
        f"{total:+.2f} in log-odds; of {said(offer[e, k])} {case.munitions[k]} {clause}"
    )
    terms |= {"willingness": found.willingness[e], f"limit: {limit}": offer[e, k]}
    return Told(f"offers {buyer} {case.units(offer[e])} a week", term, terms, why)


@tells("transfer", "importer")
def _importer(case: Case, own: transfer.Importer) -> Told:
    want = case.week.action.transfer.want[case.state]
    terms, cover = _cover(case, float(own.target_weeks[case.state]), want)
    if terms["shortfall"] > 0.0:
        why = f"what it holds and awaits covers {cover}"
        return Told(f"wants {case.units(want)} a week", "shortfall", terms, why)
    return Told("wants nothing", "held", terms, f"what it holds and awaits covers {cover}")


def _cover(case: Case, target: float, want: np.ndarray) -> tuple[dict[str, Any], str]:
    """What an importer weighs of the munition that it wants most, and how far it is covered."""
    held, needed = (x[case.state] for x in transfer.cover(case.week.seen, case.week.params))
    weeks = np.where(needed > 0.0, held / np.where(needed > 0.0, needed, 1.0), np.inf)
    k = case.dearest(want)[0] if np.any(want > 0.0) else int(np.argmin(weeks))
    terms = {"held": held[k], "target": target * needed[k], "shortfall": want[k]}
    if needed[k] == 0.0:
        return terms, f"the {said(target)} weeks that it aims at, as it needs nothing"
    fellows = case.week.params.wiring.family[k].tolist()
    others = [name for n, name in enumerate(case.munitions) if n in fellows and n != k]
    named = case.munitions[k] + (f", with {listed(others)} counted in," if others else "")
    return terms, f"{said(weeks[k])} of the {said(target)} weeks of {named} it aims at"


@tells("transfer", "ally_aid")
def _ally_aid(case: Case, own: transfer.AllyAid) -> Told:
    seen, params, i = case.week.seen, case.week.params, case.state
    routes, want = case.routes(), case.week.action.transfer.want[i]
    terms, cover = _cover(case, float(own.target_weeks[i]), want)
    friends = [e for e in routes if transfer.helped(own, seen, params)[e]]
    terms |= {"friend": len(friends), "release": own.release[i]}
    wishes = f"; wants {case.units(want)} a week" if np.any(want > 0.0) else ""
    asked, free = transfer.asked(seen, params), transfer.free_stock(seen, params)
    terms |= {"want": asked[friends].sum(), "reserve": free[friends].sum()}
    offer = case.week.action.transfer.offer[routes]
    if routes and np.any(offer > 0.0):
        at, k = case.dearest(offer)
        _, clause = _shipping(case, routes[at], k)
        friend = case.scenario.routes[routes[at]][1]
        decided = f"grants {friend} {case.units(offer[at])} a week{wishes}"
        why = (
            f"{friend} is a friend at war, and {said(own.release[i])} of the free stock is "
            f"released a week; of {said(offer[at, k])} {case.munitions[k]} {clause}"
        )
        return Told(decided, "release", terms, why)
    if not friends:
        term, why = "friend", f"no friend at war (affinity {said(own.friend[i])} or more) is near"
    elif terms["want"] == 0.0:
        term, why = "want", "its friends at war ask for nothing"
    else:
        term, why = "reserve", "nothing that its friends ask for is above its reserve"
    if wishes:
        why += f"; what it holds covers {cover}"
    return Told(f"gives nothing{wishes}", term, terms, why)


@tells("transfer", "none")
def _no_transfer(case: Case, own: object) -> Told:
    return Told("offers and wants nothing", "none", {"none": 0.0}, "its rule never trades")


# Technology


def _rates(case: Case, rates: np.ndarray) -> str:
    """Tests a week in words."""
    tested = case.week.params.wiring.tested > 0.0
    named = zip(case.scenario.technologies, rates, tested, strict=True)
    return listed(f"{said(x)} {name}" for name, x, is_tested in named if is_tested and x > 0.0)


@tells("technology", "steady")
def _steady(case: Case, own: technology.Steady) -> Told:
    rate, effort = own.tests[case.state], own.effort[case.state]
    terms = {"effort": effort, "tests": rate}
    why = f"its rule is even: effort {said(effort)}, {said(rate)} tests a week, no launch"
    return Told("researches evenly", "tests" if rate > 0.0 else "effort", terms, why)


@tells("technology", "test_campaign")
def _campaign(case: Case, own: technology.Campaigns) -> Told:
    seen, i = case.week.seen, case.state
    draw, chance = case.week.noise["campaign"][i], technology.eagerness(own, seen)[i]
    begin, end, tension = own.begin[i], own.end[i], np.max(seen.tension[i])
    terms = {"draw": draw, "begin": begin, "by_tension": chance, "end": end}
    if seen.campaign[i] > 0.0:
        ends = draw < end
        term, why = "end", f"a campaign goes on and {against(draw, end)} (end)"
        decided = "ends its campaign" if ends else f"tests {_rates(case, own.tests[i])} a week"
    else:
        begins = draw < chance
        term = "by_tension" if begins and draw >= begin else "begin"
        grown = f"begin {said(begin)}, more at the tension {said(tension)}"
        why = f"no campaign goes on and {against(draw, chance)} ({grown})"
        rest = _rates(case, own.quiet_tests[i])
        quiet = f"tests {rest} a week outside a campaign" if rest else "tests nothing"
        decided = "begins a campaign" if begins else quiet
    return Told(decided, term, terms, why)


@tells("technology", "launch_programme")
def _launch_programme(case: Case, own: technology.LaunchProgramme) -> Told:
    told, i = _campaign(case, own), case.state
    draw, done = case.week.noise["launch_start"][i], case.week.seen.preparation[i]
    terms = {**told.terms, "launch": own.launch[i], "preparation": done}
    if done > 0.0:
        launch = f"a launch is {done:.0%} prepared"
        decided = "prepares a launch"
    else:
        launch = f"of a launch, {against(draw, own.launch[i])} (launch)"
        decided = "begins to prepare a launch" if draw < own.launch[i] else ""
    turned = told.decided in ("begins a campaign", "ends its campaign")
    starts = done == 0.0 and draw < own.launch[i]
    term = "launch" if starts and not turned else told.term
    return Told(listed(filter(None, (told.decided, decided))), term, terms, f"{told.why}; {launch}")
