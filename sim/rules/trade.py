"""Trade: wants meet offers, deals have inertia, debts are settled.

    P(agreed_e) = 1 - exp(-agreement exp(by_affinity a_ij) (1 + by_talks talks_e)) where offers
                  meet wants; an agreement stands for good; agreement = 0: deals need none
    talks_e    = max((1 - forgetting) talks_e, visits this week)
    goal_ek    = agreed_e offer_ek min(1, want_jk / sum_e offer_ek)    pooled over a family
    contract  += (inertia, or the larger cutback where it shrinks) (goal - contract)
    advance    = first (stock above the reserve), split as goals are, when agreed; then less
                 the share rush per week
    ready      = loading + contract + rush advance, held by the supplier's reserve, the buyer's
                 need (not of what is loading) and means
    shipped    = ready in whole ships;    loading = what waits for the next one
    price_k    = base_k (1 + premium unmet_k)          unmet by what was made ready this week
    debt      += value shipped - cash - goods - technology      (aid adds nothing)
    lessons_id += paid in technology / lesson_cost_d <= what teacher and ceiling leave open
    cargo_r     = goods paid this week / container_price        containers, on the route back
    benefit_ij += memory (what i gets from j, less given x what it gives, - benefit_ij)
                  in weeks of i's income, or of the share `yardstick` of its military spending

A complying end forgoes unlawful trade. What cannot be taught any more is paid in goods. Goods are
cargo where there is a route back: the debt falls as they depart, as with shells, and their worth
counts as they arrive. What is lost on the way is the loss of the one who waits for it.
"""

from dataclasses import dataclass

from jaxtyping import Float64

from ..arrays import between, each, firepower, fold, listed, number, ratio, share
from ..params import Params
from ..world import YEAR, Action, Array, Noise, Observation, Transfer, World, after
from .perceive import at_either_end

A_LESSON = 1e-4
"""Levels taught in a week that make an event."""
ALMOST = 1e-9
"""A ship that is full but for this share sails: so rounding decides nothing."""
SCARCE_WEEKS = 8.0
"""Weeks of supply at which a delivery is worth half of the scarcity premium more."""


@dataclass(frozen=True)
class Deals:
    """This week's contracts, what is shipped under them, and the shares that limits leave."""

    contract: Float64[Array, "route munition"]
    flow: Float64[Array, "route munition"]
    goal: Float64[Array, "route munition"]
    signed: Float64[Array, " route"]  # an agreement this week, 0/1
    talks: Float64[Array, " route"]
    advance: Float64[Array, "route munition"]
    loading: Float64[Array, "route munition"]
    agreed: Float64[Array, "route one"]  # 1 where deals need no agreement, too
    sails: Float64[Array, "route one"]  # of what is ready, in whole ships
    fresh: Float64[Array, "route munition"]  # made ready this week, units
    lawful: Float64[Array, "route one"]  # by compliance, of either end
    wanted: Float64[Array, "route munition"]  # of the offer, by the buyer's wants
    spared: Float64[Array, "route munition"]  # by the supplier's reserve
    needed: Float64[Array, "route munition"]  # of what arrives, by the buyer's wants
    afforded: Float64[Array, "route one"]  # by the buyer's means


def agreement(
    params: Params, seen: Observation, goal: Float64[Array, "route munition"], noise: Noise
) -> tuple[Float64[Array, " route"], Float64[Array, " route"]]:
    """Where an agreement is signed this week, and what is remembered of visits.

    Args:
        params: The parameters.
        seen: What the states see.
        goal: What the deals would be, units per week.
        noise: The draws of the week.
    """
    xp, c, wiring = goal.__array_namespace__(), params.rules.trade, params.wiring
    either = seen.visits + xp.matrix_transpose(seen.visits)
    visit = xp.minimum(between(either, wiring.cell), 1.0)
    talks = xp.maximum((1.0 - c.forgetting) * seen.talks, visit)
    warm = xp.exp(c.by_affinity * between(seen.affinity, wiring.cell))
    hazard = c.agreement * warm * (1.0 + c.by_talks * talks)
    met = number(xp.sum(goal, axis=1) > 0.0, goal) * (1.0 - seen.agreed)
    return met * number(noise["agreement"] < 1.0 - xp.exp(-hazard), goal), talks


def sailing(params: Params, ready: Float64[Array, "route munition"]) -> Float64[Array, "route one"]:
    """The share of what is ready that whole ships carry; all of it where any number will do."""
    xp, ship = ready.__array_namespace__(), params.routes.ship
    boxes = ready @ params.munitions.containers
    ships = xp.floor(ratio(boxes, ship) + ALMOST)
    part = xp.minimum(ratio(ships * ship, boxes), 1.0)
    return xp.where(ship > 0.0, part, 1.0)[:, None]


def deals(params: Params, seen: Observation, action: Action, noise: Noise) -> Deals:
    """This week's haggling."""
    xp = seen.stock.__array_namespace__()
    wiring, desk, c = params.wiring, action.transfer, params.rules.trade
    source, target = wiring.source, wiring.target
    weight, family = firepower(params.munitions.lethality), wiring.family
    forgone = seen.unlawful * at_either_end(params, action.diplomacy.comply)

    wants = fold(desk.want, weight, family)
    lawful = (1.0 - forgone)[:, None]
    offered = fold(each(desk.offer * lawful, wiring.imports), weight, family)
    wanted = xp.take(share(wants, offered), target, axis=0)
    signed, talks = agreement(params, seen, desk.offer * wanted * lawful, noise)
    agreed = xp.where(c.agreement > 0.0, seen.agreed + signed, 1.0)[:, None]
    goal = desk.offer * wanted * agreed
    pace = xp.where(goal < seen.contract, xp.maximum(c.inertia, c.cutback), c.inertia)
    contract = seen.contract + pace * (goal - seen.contract)
    free = xp.maximum(seen.stock - seen.reserve, 0.0)
    begun = goal * signed[:, None]
    lot = ratio(begun, xp.take(each(begun, wiring.exports), source, axis=0))
    promised = seen.advance + c.first * lot * xp.take(free, source, axis=0)

    flow = (contract + c.rush * promised) * lawful
    waiting = seen.loading * lawful
    spared = xp.take(share(free, each(waiting + flow, wiring.exports)), source, axis=0)
    arriving = fold(each(flow * spared, wiring.imports), weight, family)
    needed = xp.take(share(wants, arriving), target, axis=0)
    ready = (waiting + flow * needed) * spared
    sold = 1.0 - xp.take(desk.grant, source)
    cost = each(sold * (ready @ seen.price), wiring.imports)
    room = xp.maximum(seen.treasury + params.states.credit - seen.debts, 0.0)
    afforded = (1.0 - sold + sold * xp.take(share(room, cost), target))[:, None]
    ready = ready * afforded
    fresh = flow * needed * spared * afforded
    sails = sailing(params, ready)
    flow = ready * sails
    return Deals(
        contract=contract,
        flow=flow,
        goal=goal,
        signed=signed,
        talks=talks,
        advance=(1.0 - c.rush) * promised,
        loading=xp.maximum(ready - flow, 0.0),
        agreed=agreed,
        sails=sails,
        fresh=fresh,
        lawful=lawful,
        wanted=wanted,
        spared=spared,
        needed=needed,
        afforded=afforded,
    )


def _teach(
    params: Params, world: World, desk: Transfer, due: Float64[Array, " route"]
) -> Float64[Array, "route technology"]:
    """Levels that the recipient of munitions teaches its supplier for `due` USD bn."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    learner, teacher = wiring.source, wiring.target
    ceiling = xp.minimum(world.tech, desk.teach)
    known = world.tech + world.lessons
    room = xp.maximum(xp.take(ceiling, teacher, axis=0) - xp.take(known, learner, axis=0), 0.0)
    teachers = each(number(room > 0.0, room), wiring.exports)
    room = ratio(room, xp.take(teachers, learner, axis=0))
    part = ratio(room, xp.sum(room, axis=1)[:, None] + 0.0 * room)
    return xp.minimum(room, due[:, None] * part / params.technologies.lesson_cost)


def trade(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Ship under contracts and settle debts."""
    xp = world.stock.__array_namespace__()
    c, wiring, desk = params.rules.trade, params.wiring, action.transfer
    source, target, pair = wiring.source, wiring.target, wiring.pair
    deal = deals(params, seen, action, noise)
    flow = deal.flow

    value = flow @ world.price
    owed = world.debt + value * (1.0 - xp.take(desk.grant, source))
    due = c.settlement * owed
    mix = xp.take(desk.mix, source, axis=0)
    cash = due * mix[:, 0]
    cash = cash * xp.take(share(world.treasury, each(cash, wiring.imports)), target)
    levels = _teach(params, world, desk, due * mix[:, 2])
    taught = levels @ params.technologies.lesson_cost
    goods = due * (mix[:, 1] + mix[:, 2]) - taught
    paid = cash + goods + taught
    carried = xp.where(c.container_price > 0.0, listed(1.0 + 0.0 * goods, wiring.returns), 0.0)
    sent = listed(goods, wiring.returns)
    cargo = ratio(sent, c.container_price + 0.0 * sent)

    lack = SCARCE_WEEKS / (SCARCE_WEEKS + seen.supply)
    worth = world.delivery * (1.0 + c.scarcity * xp.take(lack, target, axis=0))
    gained = worth @ world.price - cash + c.container_price * world.cargo_delivery
    dear = flow * (1.0 + c.scarcity * xp.take(lack, source, axis=0))
    received = cash + taught + (1.0 - carried) * goods - c.given * (dear @ world.price)
    gained = gained - c.given * goods
    get = listed(received, wiring.route) + pair.back(listed(gained, wiring.route))
    means = xp.where(c.yardstick > 0.0, c.yardstick * world.spending / YEAR, seen.income)
    gain = ratio(get, pair.of(means))

    wanted, met = xp.sum(desk.want, axis=0), xp.sum(deal.fresh, axis=0)
    unmet = xp.where(wanted > 0.0, xp.maximum(1.0 - ratio(met, wanted), 0.0), 0.0)
    events = {
        "agreement": listed(deal.signed, wiring.route),
        "shipment_departed": listed(
            number(flow @ params.munitions.containers >= 1.0, flow), wiring.route
        ),
        "lesson_taught": pair.back(
            listed(number(xp.sum(levels, axis=1) >= A_LESSON, flow), wiring.route)
        ),
    }
    return after(
        world,
        want=desk.want,
        contract=deal.contract,
        agreed=xp.minimum(world.agreed + deal.signed, 1.0),
        talks=deal.talks,
        advance=deal.advance,
        loading=deal.loading,
        shipment=flow,
        stock=xp.maximum(world.stock - each(flow, wiring.exports), 0.0),
        shipped=world.shipped + flow,
        cargo=cargo,
        cargo_shipped=world.cargo_shipped + cargo,
        debt=xp.maximum(owed - paid, 0.0),
        settled=world.settled + xp.stack([cash, goods, taught], axis=1),
        treasury=xp.maximum(
            world.treasury + each(cash, wiring.exports) - each(cash, wiring.imports), 0.0
        ),
        lessons=world.lessons + each(levels, wiring.exports),
        benefit=world.benefit + c.memory * (gain - world.benefit),
        price=params.munitions.price * (1.0 + c.premium * unmet),
    ), events
