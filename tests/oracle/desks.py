"""The oracle's desks: each rule reads what its state knows and writes what the state decides.

`own` holds the state's coefficients of the rule; `me` is the state.
"""

from collections.abc import Callable
from math import exp, log
from types import SimpleNamespace
from typing import TYPE_CHECKING

from .arithmetic import sigmoid
from .crisis import assurance, brinkmanship, hold_still, perfect_deterrence, tit_for_tat

if TYPE_CHECKING:
    from .agents import StateAgent

FIELD = 3
"""The kind of a field exercise."""

Desk = Callable[[SimpleNamespace, "StateAgent"], None]


# procurement


def replace_used(own: SimpleNamespace, me: "StateAgent") -> None:
    """Order what is used and what is retired."""
    weekly = own.upkeep / 52.0
    me.build = [used + weekly * held for used, held in zip(me.expenditure, me.stock, strict=True)]
    me.surge = 0.0


def _points(strength: float) -> float:
    """Strength points; none where the strength is the least that there is."""
    return exp(strength) if strength > log(1e-3) + 1e-9 else 0.0


def richardson(own: SimpleNamespace, me: "StateAgent") -> None:
    """Order what Richardson's equation asks for."""
    rivals = sum(me.stake[j] * _points(me.belief[j]) for j in me.rivals)
    growth = (own.reaction * rivals - own.fatigue * _points(me.strength) + own.grievance) / 52.0
    retirement = me.model.rules.build.retirement / 52.0
    value = me.model.munitions.value
    worth = [made * v for made, v in zip(me.capacity, value, strict=True)]
    total = sum(worth)
    me.build = [
        (growth * w / total / v if total > 0.0 and v > 0.0 else 0.0) + retirement * held
        for w, v, held in zip(worth, value, me.stock, strict=True)
    ]
    me.surge = 0.0


def surge_in_war(own: SimpleNamespace, me: "StateAgent") -> None:
    """Work at capacity when at war or short."""
    if me.at_war:
        me.build, me.surge = me.capacity[:], 1.0
        return
    me.build = [
        made if weeks < own.enough else own.peace * made
        for made, weeks in zip(me.capacity, me.supply, strict=True)
    ]
    me.surge = 0.0
    for need, weeks in zip(me.need, me.supply, strict=True):
        if need > 0.0 and weeks < own.alarm:
            me.surge = max(me.surge, 1.0 - weeks / own.alarm)


# transfer


def no_transfer(own: SimpleNamespace, me: "StateAgent") -> None:
    """Neither offer nor want anything."""
    _trade_nothing(me)


def opportunist(own: SimpleNamespace, me: "StateAgent") -> None:
    """Offer a share of the free stock to those who want it, best terms first."""
    _trade_nothing(me)
    asked = own.cash + own.goods + own.technology
    if asked > 0.0:
        me.mix = (own.cash / asked, own.goods / asked, own.technology / asked)
    me.secrecy = own.secrecy
    bids = []
    for route in me.exports:
        buyer = route.recipient
        if not any(buyer.pooled_want):
            continue
        terms = (
            own.willingness
            + own.by_affinity * me.affinity[buyer.index]
            + own.by_benefit * max(-3.0, min(3.0, me.benefit[buyer.index]))
        )
        if route.unlawful:
            terms -= own.legal_risk * (1.0 + max(me.monitored, buyer.monitored)) / 2.0
        bids.append((route, sigmoid(terms), exp(terms), buyer.pooled_want))
    for route, *_ in bids:
        route.offer = [0.0] * len(me.stock)
    for k, free in enumerate(me.free):
        takers = [bid for bid in bids if bid[3][k] > 0.0]
        total = sum(bid[2] for bid in takers)
        for route, willing, weight, _ in takers:
            route.offer[k] = own.release * willing * weight / total * free


def importer(own: SimpleNamespace, me: "StateAgent") -> None:
    """Want what brings supply to its target within the horizon."""
    _trade_nothing(me)
    _want(own, me)
    me.teach = own.teach
    me.secrecy = own.secrecy


def ally_aid(own: SimpleNamespace, me: "StateAgent") -> None:
    """Grant a share of the free stock to friends at war, split as they want it."""
    _trade_nothing(me)
    _want(own, me)
    me.grant = True
    helped = [
        route
        for route in me.exports
        if route.recipient.at_war and me.affinity[route.recipient.index] >= own.friend
    ]
    for route in helped:
        route.offer = [0.0] * len(me.stock)
    for k, free in enumerate(me.free):
        total = sum(route.recipient.pooled_want[k] for route in helped)
        if total > 0.0:
            for route in helped:
                route.offer[k] = own.release * route.recipient.pooled_want[k] / total * free


def _trade_nothing(me: "StateAgent") -> None:
    me.asked = [0.0] * len(me.stock)
    me.mix = (1.0, 0.0, 0.0)
    me.grant = False
    me.teach = None
    me.secrecy = 0.0
    for route in me.exports:
        route.offer = None


def _want(own: SimpleNamespace, me: "StateAgent") -> None:
    """Wants a share of what the family is short of, as each munition is needed."""
    pool = me.model.pool
    needed = pool(me.need)
    coming = pool([held + due for held, due in zip(me.stock, me.inbound, strict=True)])
    me.asked = [
        max(0.0, own.target_weeks * all_needed - held) / own.horizon * need / all_needed
        if all_needed > 0.0
        else 0.0
        for all_needed, held, need in zip(needed, coming, me.need, strict=True)
    ]


# technology


def steady(own: SimpleNamespace, me: "StateAgent") -> None:
    """Research evenly, test at one rate, launch nothing."""
    me.effort = own.effort
    me.tests = me.quiet_tests = [own.tests] * len(me.tech)
    me.campaign_on = me.campaign_off = 0.0
    me.launch = me.prepare = 0.0
    me.redesign = None


def test_campaign(own: SimpleNamespace, me: "StateAgent") -> None:
    """Test in campaigns, more readily under tension; redesign what was tried often."""
    me.effort = own.effort
    me.tests, me.quiet_tests = own.tests, own.quiet_tests
    me.campaign_on = min(1.0, own.begin * (1.0 + own.by_tension * max(me.tension)))
    me.campaign_off = own.end
    me.launch = me.prepare = 0.0
    me.redesign = [own.redesign if made >= 10.0 else 0.0 for made in me.trials]


def launch_programme(own: SimpleNamespace, me: "StateAgent") -> None:
    """Test in campaigns, prepare launches at an even hazard."""
    test_campaign(own, me)
    me.launch, me.prepare = own.launch, own.prepare


# training


def no_exercises(own: SimpleNamespace, me: "StateAgent") -> None:
    """Hold no exercise."""
    me.exercises = {}


def calendar(own: SimpleNamespace, me: "StateAgent") -> None:
    """Hold what the calendar says."""
    size = own.size * (1.0 + own.response * max(me.tension) + own.by_alarm * me.alarm)
    me.exercises = {what: size * extent for what, extent in me.calendar.items()}


def reciprocal(own: SimpleNamespace, me: "StateAgent") -> None:
    """A field exercise alone in the week after a rival's acts pass the threshold."""
    states = me.model.states
    acts = max(
        (me.stake[j] * (states[j].drill + states[j].provocation) for j in me.rivals), default=0.0
    )
    answers = acts > own.threshold and me.luck("exercise") < own.chance
    me.exercises = {(me.index, FIELD): own.size} if answers else {}


def reassurance(own: SimpleNamespace, me: "StateAgent") -> None:
    """Hold the calendar only while the highest tension is below `calm`."""
    calm = max(me.tension) < own.calm
    me.exercises = {w: own.size * extent for w, extent in me.calendar.items()} if calm else {}


# diplomacy


def passive(own: SimpleNamespace, me: "StateAgent") -> None:
    """Do nothing but comply."""
    _say_nothing(me)
    me.comply = own.comply


def enforcer(own: SimpleNamespace, me: "StateAgent") -> None:
    """Publish news of unlawful dealings; condemn, sanction and bring drafts."""
    _say_nothing(me)
    me.comply = 1.0
    if me.estimate is not None and me.luck("publish") < own.publishes:
        me.publish = [
            route
            for route in me.model.routes
            if route.unlawful
            and sigmoid(route.exposure) >= own.sure
            and (grown := me.estimate[route.index] - me.published[route.index]) >= own.news
            and grown >= own.growth * me.published[route.index]
        ]
    draw = me.luck("condemn")
    for other in me.others:
        j = other.index
        if me.affinity[j] >= own.unfriendly:
            continue
        culprit = other.embargo or other.suspicion >= own.sure
        resentment = me.resented[j]
        wanted = max(own.sanctions if culprit or other.at_war else 0.0, own.penalty * resentment)
        if wanted:
            me.sanction[j] = wanted
        acted = culprit and (other.provocation >= 1.0 or other.named)
        certain = 1.0 - own.scepticism * other.doubted()
        if draw[j] < max(certain * own.condemns if acted else 0.0, own.reproach * resentment):
            me.condemn.add(j)
        if acted and draw[j] < certain * own.proposes:
            me.propose.add(j)


def shield(own: SimpleNamespace, me: "StateAgent") -> None:
    """Be willing to veto for friends; deny what is said of its own dealings."""
    _say_nothing(me)
    me.shields = own.friend
    me.deny = own.deny
    me.comply = own.comply * (1.0 - own.excuse * me.doubted())


def _say_nothing(me: "StateAgent") -> None:
    me.publish = []
    me.condemn = set()
    me.propose = set()
    me.sanction = {}
    me.shields = None
    me.deny = 0.0


RULES: dict[str, dict[str, Desk]] = {
    "procurement": {
        "hold": replace_used,
        "richardson": richardson,
        "surge_in_war": surge_in_war,
    },
    "transfer": {
        "none": no_transfer,
        "opportunist": opportunist,
        "importer": importer,
        "ally_aid": ally_aid,
    },
    "technology": {
        "steady": steady,
        "test_campaign": test_campaign,
        "launch_programme": launch_programme,
    },
    "training": {
        "none": no_exercises,
        "calendar": calendar,
        "reciprocal": reciprocal,
        "reassurance": reassurance,
    },
    "crisis": {
        "hold": hold_still,
        "tit_for_tat": tit_for_tat,
        "brinkmanship": brinkmanship,
        "perfect_deterrence": perfect_deterrence,
        "assurance": assurance,
    },
    "diplomacy": {"passive": passive, "enforcer": enforcer, "shield": shield},
}
"""Every shipped rule, by desk."""
