"""Trade: wants meet offers, deals have inertia, debts are settled.

    target_ek  = offer_ek min(1, want_jk / sum_e offer_ek)      pooled over a calibre family
    contract  += inertia (target - contract)
    shipped    = contract, held by the supplier's reserve, the buyer's need, the buyer's means
    price_k    = base_k (1 + premium unmet_k)
    debt      += value shipped - cash - goods - technology      (aid adds nothing)
    lessons_id += paid in technology / lesson_cost_d <= what teacher and ceiling leave open
    benefit_ij += memory (what i gets from j, in weeks of i's income, - benefit_ij)

A complying end forgoes unlawful trade. What cannot be taught any more is paid in goods.
"""

from jaxtyping import Float64

from ..arrays import dyads, firepower, fold, number, ratio, share
from ..params import Params
from ..world import Action, Array, Observation, Transfer, World, after

SCARCE_WEEKS = 8.0
"""Weeks of supply at which a delivery is worth half of the scarcity premium more."""


def _flows(
    params: Params, world: World, seen: Observation, action: Action
) -> tuple[Float64[Array, "route munition"], Float64[Array, "route munition"]]:
    """The contracts after this week's haggling, and what is shipped under them."""
    xp = world.stock.__array_namespace__()
    wiring, asked = params.wiring, action.transfer
    source, target = wiring.source, wiring.target
    weight, family = firepower(params.munitions.lethality), wiring.family
    comply = action.diplomacy.comply
    forgone = seen.unlawful * xp.maximum(xp.take(comply, source), xp.take(comply, target))

    wanted = fold(asked.want, weight, family)
    kept = (1.0 - forgone)[:, None]
    offered = fold(wiring.into @ (asked.offer * kept), weight, family)
    goal = asked.offer * xp.take(share(wanted, offered), target, axis=0)
    contract = world.contract + params.rules.trade.inertia * (goal - world.contract)

    flow = contract * kept
    free = xp.maximum(world.stock - seen.reserve, 0.0)
    flow = flow * xp.take(share(free, wiring.outof @ flow), source, axis=0)
    arriving = fold(wiring.into @ flow, weight, family)
    flow = flow * xp.take(share(wanted, arriving), target, axis=0)
    sold = 1.0 - xp.take(asked.grant, source)
    cost = wiring.into @ (sold * (flow @ world.price))
    room = xp.maximum(world.treasury + params.states.credit - seen.debts, 0.0)
    afforded = xp.take(share(room, cost), target)
    flow = flow * (1.0 - sold + sold * afforded)[:, None]
    return contract, flow


def _teach(
    params: Params, world: World, asked: Transfer, due: Float64[Array, " route"]
) -> Float64[Array, "route technology"]:
    """Levels that the recipient of munitions teaches its supplier for `due` USD bn."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    learner, teacher = wiring.source, wiring.target
    ceiling = xp.minimum(world.tech, asked.teach)
    known = world.tech + world.lessons
    room = xp.maximum(xp.take(ceiling, teacher, axis=0) - xp.take(known, learner, axis=0), 0.0)
    teachers = wiring.outof @ number(room > 0.0, room)
    room = ratio(room, xp.take(teachers, learner, axis=0))
    part = ratio(room, xp.sum(room, axis=1)[:, None] + 0.0 * room)
    return xp.minimum(room, due[:, None] * part / params.technologies.lesson_cost)


def trade(
    params: Params, world: World, seen: Observation, action: Action
) -> tuple[World, dict[str, Array]]:
    """Ship under contracts and settle debts."""
    xp = world.stock.__array_namespace__()
    c, wiring, asked = params.rules.trade, params.wiring, action.transfer
    source, target = wiring.source, wiring.target
    contract, flow = _flows(params, world, seen, action)

    value = flow @ world.price
    owed = world.debt + value * (1.0 - xp.take(asked.grant, source))
    due = c.settlement * owed
    mix = xp.take(asked.mix, source, axis=0)
    cash = due * mix[:, 0]
    cash = cash * xp.take(share(world.treasury, wiring.into @ cash), target)
    levels = _teach(params, world, asked, due * mix[:, 2])
    taught = levels @ params.technologies.lesson_cost
    goods = due * (mix[:, 1] + mix[:, 2]) - taught
    paid = cash + goods + taught

    lack = SCARCE_WEEKS / (SCARCE_WEEKS + seen.supply)
    worth = world.delivery * (1.0 + c.scarcity * xp.take(lack, target, axis=0))
    gained = worth @ world.price - cash
    get = dyads(wiring.outof, wiring.into, paid)
    get = get + xp.matrix_transpose(dyads(wiring.outof, wiring.into, gained))
    gain = ratio(get, seen.income[:, None] + 0.0 * get)

    wanted, met = xp.sum(asked.want, axis=0), xp.sum(flow, axis=0)
    unmet = xp.where(wanted > 0.0, xp.maximum(1.0 - ratio(met, wanted), 0.0), 0.0)
    events = {
        "shipment_departed": dyads(
            wiring.outof, wiring.into, number(flow @ params.munitions.containers >= 1.0, flow)
        ),
        "lesson_taught": dyads(
            wiring.into, wiring.outof, number(xp.sum(levels, axis=1) > 0.0, flow)
        ),
    }
    return after(
        world,
        want=asked.want,
        contract=contract,
        shipment=flow,
        stock=xp.maximum(world.stock - wiring.outof @ flow, 0.0),
        shipped=world.shipped + flow,
        debt=xp.maximum(owed - paid, 0.0),
        settled=world.settled + xp.stack([cash, goods, taught], axis=1),
        treasury=xp.maximum(world.treasury + wiring.outof @ cash - wiring.into @ cash, 0.0),
        lessons=world.lessons + wiring.outof @ levels,
        benefit=world.benefit + c.memory * (gain - world.benefit),
        price=params.munitions.price * (1.0 + c.premium * unmet),
    ), events
