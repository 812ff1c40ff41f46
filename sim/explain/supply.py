"""Why procurement, transfer and technology desks decided so, for each shipped rule."""

from typing import Any

import numpy as np

from ..desks import procurement, technology, transfer
from ..rules.trade import deals
from .reasons import (
    Case,
    Decision,
    digits,
    draw_clause,
    explains,
    joined,
    largest_term,
    tightest_limit,
)

LIMITS = {
    "compliance": "what compliance forgoes",
    "want": "what the buyer wants",
    "reserve": "its own reserve",
    "means": "what the buyer can pay",
    "inertia": "a deal that still grows",
    "agreement": "the agreement, which is not signed yet",
    "ship": "the ship, which waits to be full",
    "offer": "nothing but the offer, to which the deal comes down",
}

# Procurement


@explains("procurement", "hold")
def _hold(case: Case, own: procurement.Hold) -> Decision:
    seen, i = case.week.seen, case.state
    build = case.week.action.procurement.build[i]
    worn = procurement.maintenance(own, seen)[i]
    (k,) = case.dearest(build)
    terms = {"use": seen.expenditure[i, k], "upkeep": worn[k]}
    why = (
        f"it replaces what is used ({digits(terms['use'])} {case.munitions[k]} per week) and what "
        f"retires ({digits(terms['upkeep'])})"
    )
    return Decision(f"builds {case.units(build)} per week", largest_term(terms), terms, why)


@explains("procurement", "richardson")
def _richardson(case: Case, own: procurement.Richardson) -> Decision:
    found = procurement.reaction(own, case.week.seen, case.week.params)
    terms = {
        "reaction": found.reaction[case.state],
        "fatigue": found.fatigue[case.state],
        "grievance": found.grievance[case.state],
    }
    build = case.week.action.procurement.build[case.state]
    why = (
        f"rivals' believed strength asks for {digits(terms['reaction'])} points per year, its own "
        f"takes {digits(-terms['fatigue'])}, grievance adds {digits(terms['grievance'])}"
    )
    return Decision(f"orders {case.units(build)} per week", largest_term(terms), terms, why)


@explains("procurement", "surge_in_war")
def _surge_in_war(case: Case, own: procurement.SurgeInWar) -> Decision:
    seen, i = case.week.seen, case.state
    short = procurement.short(own, seen)[i]
    needed = np.where(seen.need[i] > 0.0, seen.supply[i], np.inf)
    least = int(np.argmin(needed))
    peace, enough = own.peace[i], own.enough[i]
    low = procurement.alarm(own, seen)[i]
    terms = {"war": seen.at_war[i], "short": np.sum(short), "alarm": low, "peace": peace}
    rest = f"{peace:.0%} of capacity"
    supply = f"the shortest supply, {case.munitions[least]}, lasts {digits(needed[least])} weeks"
    supply = f"{supply}, where {digits(enough)} are enough"
    if seen.at_war[i] > 0.0:
        term, why = "war", "it is at war: industry works at capacity, and capacity is widened"
    elif np.any(short):
        names = joined(np.asarray(case.munitions)[short].tolist())
        term, why = "short", f"{names} at capacity, the rest at {rest}: {supply}"
    else:
        covered = supply if np.any(seen.need[i] > 0.0) else "it needs nothing"
        term, why = "peace", f"{rest}, since it is at peace and {covered}"
    if low > 0.0 and seen.at_war[i] == 0.0:
        why = f"{why}; it runs low, and capacity is widened by {low:.0%} of what is possible"
    build = case.week.action.procurement.build[i]
    return Decision(f"builds {case.units(build)} per week", term, terms, why)


# Transfer


def _idle_supplier(case: Case, wanted: np.ndarray, free: np.ndarray) -> Decision | None:
    """Return why a supplier has nothing to offer to anybody, if so."""
    routes = case.routes()
    terms = {"route": len(routes), "want": wanted[routes].sum(), "reserve": free[routes].sum()}
    if not routes:
        return Decision("offers nothing", "route", terms, "no route begins in it")
    if terms["want"] == 0.0:
        return Decision("offers nothing", "want", terms, "nobody on its routes asks for anything")
    if terms["reserve"] == 0.0:
        return Decision("offers nothing", "reserve", terms, "nothing is above its own reserve")
    return None


def _shipping(case: Case, e: int, k: int) -> tuple[str, str]:
    """Return what held back the shipment on a route: the limit's name and a clause about it."""
    found = deals(case.week.params, case.week.seen, case.week.action, case.week.noise)
    goal = found.goal[e, k]
    grown = found.contract[e, k] / goal if goal > found.contract[e, k] else 1.0
    limits = [
        ("agreement", found.agreed[e, 0]),
        ("ship", found.sails[e, 0] if found.loading[e, k] > 0.0 else 1.0),
        ("compliance", found.lawful[e, 0]),
        ("want", min(found.wanted[e, k], found.needed[e, k])),
        ("reserve", found.spared[e, k]),
        ("means", found.afforded[e, 0]),
        ("inertia", grown),
    ]
    limit = tightest_limit(limits, "offer")
    return limit, f"{digits(found.flow[e, k])} left this week, limited by {LIMITS[limit]}"


@explains("transfer", "opportunist")
def _opportunist(case: Case, own: transfer.Opportunist) -> Decision:
    seen, params = case.week.seen, case.week.params
    free = transfer.free_stock(seen, params)
    wanted = np.where(free > 0.0, transfer.requests(seen, params), 0.0)
    idle = _idle_supplier(case, transfer.requests(seen, params), free)
    if idle is not None:
        return idle
    routes = case.routes()
    offer = case.week.action.transfer.offer
    at, k = case.dearest(offer[routes])
    e = routes[at]
    if offer[e, k] == 0.0:
        held = {"want": wanted[routes].sum(), "release": own.release[case.state]}
        return Decision(
            "offers nothing", largest_term(held), held, "what is requested is not to spare"
        )
    found = transfer.terms(own, seen, params)
    terms = {
        "affinity": found.affinity[e],
        "benefit": found.benefit[e],
        "legal_risk": found.legal_risk[e],
    }
    term = largest_term(terms)
    total = found.willingness[e] + sum(terms.values())
    buyer = case.scenario.routes[e][1]
    rest = joined(f"{name} {terms[name]:+.2f}" for name in terms if name != term)
    limit, clause = _shipping(case, e, k)
    why = (
        f"{term} ({terms[term]:+.2f}) moved the terms with {buyer} most, beside {rest}, to "
        f"{total:+.2f} in log-odds; of {digits(offer[e, k])} {case.munitions[k]} {clause}"
    )
    terms |= {"willingness": found.willingness[e], f"limit: {limit}": offer[e, k]}
    return Decision(f"offers {buyer} {case.units(offer[e])} per week", term, terms, why)


@explains("transfer", "importer")
def _importer(case: Case, own: transfer.Importer) -> Decision:
    want = case.week.action.transfer.want[case.state]
    terms, cover = _cover(case, float(own.target_weeks[case.state]), want)
    if terms["shortfall"] > 0.0:
        why = f"what it holds and awaits covers {cover}"
        return Decision(f"wants {case.units(want)} per week", "shortfall", terms, why)
    return Decision("wants nothing", "held", terms, f"what it holds and awaits covers {cover}")


def _cover(case: Case, target: float, want: np.ndarray) -> tuple[dict[str, Any], str]:
    """Return what an importer weighs of the munition it wants most, and how long that lasts."""
    held, needed = (x[case.state] for x in transfer.cover(case.week.seen, case.week.params))
    weeks = np.where(needed > 0.0, held / np.where(needed > 0.0, needed, 1.0), np.inf)
    k = case.dearest(want)[0] if np.any(want > 0.0) else int(np.argmin(weeks))
    terms = {"held": held[k], "target": target * needed[k], "shortfall": want[k]}
    if needed[k] == 0.0:
        return terms, f"the {digits(target)} weeks that it aims at, as it needs nothing"
    fellows = case.week.params.wiring.family[k].tolist()
    others = [name for n, name in enumerate(case.munitions) if n in fellows and n != k]
    named = case.munitions[k] + (f", with {joined(others)} counted in," if others else "")
    return terms, f"{digits(weeks[k])} of the {digits(target)} weeks of {named} it aims at"


@explains("transfer", "ally_aid")
def _ally_aid(case: Case, own: transfer.AllyAid) -> Decision:
    seen, params, i = case.week.seen, case.week.params, case.state
    routes, want = case.routes(), case.week.action.transfer.want[i]
    terms, cover = _cover(case, float(own.target_weeks[i]), want)
    friends = [e for e in routes if transfer.helped(own, seen, params)[e]]
    terms |= {"friend": len(friends), "release": own.release[i]}
    wishes = f"; wants {case.units(want)} per week" if np.any(want > 0.0) else ""
    wanted, free = transfer.requests(seen, params), transfer.free_stock(seen, params)
    terms |= {"want": wanted[friends].sum(), "reserve": free[friends].sum()}
    offer = case.week.action.transfer.offer[routes]
    if routes and np.any(offer > 0.0):
        at, k = case.dearest(offer)
        _, clause = _shipping(case, routes[at], k)
        friend = case.scenario.routes[routes[at]][1]
        decided = f"grants {friend} {case.units(offer[at])} per week{wishes}"
        why = (
            f"{friend} is a friend at war, and {digits(own.release[i])} of the free stock is "
            f"released per week; of {digits(offer[at, k])} {case.munitions[k]} {clause}"
        )
        return Decision(decided, "release", terms, why)
    if not friends:
        term, why = "friend", f"no friend at war (affinity {digits(own.friend[i])} or more) is near"
    elif terms["want"] == 0.0:
        term, why = "want", "its friends at war ask for nothing"
    else:
        term, why = "reserve", "nothing that its friends ask for is above its reserve"
    if wishes:
        why += f"; what it holds covers {cover}"
    return Decision(f"gives nothing{wishes}", term, terms, why)


@explains("transfer", "none")
def _no_transfer(case: Case, own: object) -> Decision:
    return Decision("offers and wants nothing", "none", {"none": 0.0}, "its rule never trades")


# Technology


def _rates(case: Case, rates: np.ndarray) -> str:
    """Return tests per week as text."""
    tested = case.week.params.wiring.tested > 0.0
    named = zip(case.scenario.technologies, rates, tested, strict=True)
    return joined(f"{digits(x)} {name}" for name, x, is_tested in named if is_tested and x > 0.0)


@explains("technology", "steady")
def _steady(case: Case, own: technology.Steady) -> Decision:
    rate, effort = own.tests[case.state], own.effort[case.state]
    terms = {"effort": effort, "tests": rate}
    why = f"its rule is even: effort {digits(effort)}, {digits(rate)} tests per week, no launch"
    return Decision("researches evenly", "tests" if rate > 0.0 else "effort", terms, why)


@explains("technology", "test_campaign")
def _campaign(case: Case, own: technology.Campaigns) -> Decision:
    seen, i = case.week.seen, case.state
    draw, chance = case.week.noise["campaign"][i], technology.eagerness(own, seen)[i]
    begin, end, tension = own.begin[i], own.end[i], np.max(seen.tension[i])
    terms = {"draw": draw, "begin": begin, "by_tension": chance, "end": end}
    if seen.campaign[i] > 0.0:
        ends = draw < end
        term, why = "end", f"a campaign goes on and {draw_clause(draw, end)} (end)"
        decided = "ends its campaign" if ends else f"tests {_rates(case, own.tests[i])} per week"
    else:
        begins = draw < chance
        term = "by_tension" if begins and draw >= begin else "begin"
        grown = f"begin {digits(begin)}, more at the tension {digits(tension)}"
        why = f"no campaign goes on and {draw_clause(draw, chance)} ({grown})"
        rest = _rates(case, own.quiet_tests[i])
        quiet = f"tests {rest} per week outside a campaign" if rest else "tests nothing"
        decided = "begins a campaign" if begins else quiet
    return Decision(decided, term, terms, why)


@explains("technology", "launch_programme")
def _launch_programme(case: Case, own: technology.LaunchProgramme) -> Decision:
    campaign, i = _campaign(case, own), case.state
    draw, done = case.week.noise["launch_start"][i], case.week.seen.preparation[i]
    terms = {**campaign.terms, "launch": own.launch[i], "preparation": done}
    if done > 0.0:
        launch = f"a launch is {done:.0%} prepared"
        decided = "prepares a launch"
    elif case.week.seen.scheduled[i] > 0.0:
        launch, decided = "the timetable has launches, and none of its own begins", ""
    elif case.week.seen.pause[i] > 0.0:
        launch, decided = f"after a failure it waits {case.week.seen.pause[i]:.0f} weeks more", ""
    else:
        launch = f"of a launch, {draw_clause(draw, own.launch[i])} (launch)"
        decided = "begins to prepare a launch" if draw < own.launch[i] else ""
    turned = campaign.decided in ("begins a campaign", "ends its campaign")
    starts = decided == "begins to prepare a launch"
    term = "launch" if starts and not turned else campaign.term
    return Decision(
        joined(filter(None, (campaign.decided, decided))), term, terms, f"{campaign.why}; {launch}"
    )
