"""Trade: wants meet offers, deals have inertia, debts are settled.

    target_ek  = offer_ek min(1, want_jk / sum_e offer_ek)      pooled over a calibre family
    contract  += inertia (target - contract)
    shipped    = contract, held by the supplier's reserve, the buyer's need, the buyer's means
    price_k    = base_k (1 + premium unmet_k)
    debt      += value shipped - cash - goods - technology      (aid adds nothing)
    lessons_id += paid in technology / lesson_cost_d <= what teacher and ceiling leave open
    cargo_r     = goods paid this week / container_price        containers, on the route back
    benefit_ij += memory (what i gets from j, in weeks of i's income, - benefit_ij)

A complying end forgoes unlawful trade. What cannot be taught any more is paid in goods. Goods are
cargo where there is a route back: the debt falls as they depart, as with shells, and their worth
counts as they arrive. What is lost on the way is the loss of the one who waits for it.
"""

from dataclasses import dataclass

from jaxtyping import Float64

from ..arrays import each, firepower, fold, listed, number, ratio, share
from ..params import Params
from ..world import Action, Array, Observation, Transfer, World, after
from .perceive import at_either_end

A_LESSON = 1e-4
"""Levels taught in a week that make an event."""
SCARCE_WEEKS = 8.0
"""Weeks of supply at which a delivery is worth half of the scarcity premium more."""


@dataclass(frozen=True)
class Deals:
    """This week's contracts, what is shipped under them, and the shares that limits leave."""

    contract: Float64[Array, "route munition"]
    flow: Float64[Array, "route munition"]
    lawful: Float64[Array, "route one"]  # by compliance, of either end
    wanted: Float64[Array, "route munition"]  # of the offer, by the buyer's wants
    spared: Float64[Array, "route munition"]  # by the supplier's reserve
    needed: Float64[Array, "route munition"]  # of what arrives, by the buyer's wants
    afforded: Float64[Array, "route one"]  # by the buyer's means


def deals(params: Params, seen: Observation, action: Action) -> Deals:
    """This week's haggling."""
    xp = seen.stock.__array_namespace__()
    wiring, desk = params.wiring, action.transfer
    source, target = wiring.source, wiring.target
    weight, family = firepower(params.munitions.lethality), wiring.family
    forgone = seen.unlawful * at_either_end(params, action.diplomacy.comply)

    wants = fold(desk.want, weight, family)
    lawful = (1.0 - forgone)[:, None]
    offered = fold(each(desk.offer * lawful, wiring.imports), weight, family)
    wanted = xp.take(share(wants, offered), target, axis=0)
    goal = desk.offer * wanted
    contract = seen.contract + params.rules.trade.inertia * (goal - seen.contract)

    flow = contract * lawful
    free = xp.maximum(seen.stock - seen.reserve, 0.0)
    spared = xp.take(share(free, each(flow, wiring.exports)), source, axis=0)
    flow = flow * spared
    arriving = fold(each(flow, wiring.imports), weight, family)
    needed = xp.take(share(wants, arriving), target, axis=0)
    flow = flow * needed
    sold = 1.0 - xp.take(desk.grant, source)
    cost = each(sold * (flow @ seen.price), wiring.imports)
    room = xp.maximum(seen.treasury + params.states.credit - seen.debts, 0.0)
    afforded = (1.0 - sold + sold * xp.take(share(room, cost), target))[:, None]
    return Deals(contract, flow * afforded, lawful, wanted, spared, needed, afforded)


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
    params: Params, world: World, seen: Observation, action: Action
) -> tuple[World, dict[str, Array]]:
    """Ship under contracts and settle debts."""
    xp = world.stock.__array_namespace__()
    c, wiring, desk = params.rules.trade, params.wiring, action.transfer
    source, target, pair = wiring.source, wiring.target, wiring.pair
    deal = deals(params, seen, action)
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
    received = cash + taught + (1.0 - carried) * goods
    get = listed(received, wiring.route) + pair.back(listed(gained, wiring.route))
    gain = ratio(get, pair.of(seen.income))

    wanted, met = xp.sum(desk.want, axis=0), xp.sum(flow, axis=0)
    unmet = xp.where(wanted > 0.0, xp.maximum(1.0 - ratio(met, wanted), 0.0), 0.0)
    events = {
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
