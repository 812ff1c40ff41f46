"""The oracle's trade: deals, departures, debts and benefit; goods in payment on the way back."""

from collections.abc import Iterable
from math import exp, expm1, floor
from typing import TYPE_CHECKING

from .arithmetic import share
from .material import hunted

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

    Begun = dict[Route, list[float]]

A_LESSON = 1e-4
"""Levels taught in a week that make an event."""
SCARCE_WEEKS = 8.0
"""Weeks of supply at which half of the worth of scarcity is left."""


def trade(model: "OracleModel") -> None:
    """Contracts follow offers and wants, shipments follow contracts, debts are settled."""
    for state in model.states:
        state.pooled_asked = model.pool(state.asked)
        state.sales, state.purchases = [], []
        state.receipts, state.payments = [], []
        state.learnt, state.purse = [0.0] * len(state.tech), state.treasury
    for route in model.routes:
        route.shipment = [0.0] * len(model.price)
        route.fresh = [0.0] * len(model.price)
        route.containers = route.cash = route.paid = route.cargo = route.in_goods = 0.0
        _talk(model, route)
        dealing = (route.offer, *route.contract, *route.advance, *route.loading)
        if any(dealing):
            route.supplier.sales.append(route)
            route.recipient.purchases.append(route)
    begun: Begun = {}
    for state in model.states:
        if state.purchases:
            _contract(model, state, begun)
    _promise(model, begun)
    for state in model.states:
        if state.sales:
            _draw_on_stock(state)
    for state in model.states:
        if state.purchases:
            _take(model, state)
    for state in model.states:
        for route in state.sales:
            _depart(model, route)
    for state in model.states:
        _settle(model, state)
    for route in model.routes:
        route.cargo_shipped += route.cargo
    for state in model.states:
        _benefit(model, state)
    _reprice(model)
    for state in model.states:
        state.want = state.asked


def _talk(model: "OracleModel", route: "Route") -> None:
    """Visits between the two ends are remembered for some weeks."""
    i, j, visits = route.supplier.index, route.recipient.index, model.visits
    visit = min(1.0, visits.get((i, j), 0.0) + visits.get((j, i), 0.0))
    route.talks = max((1.0 - model.rules.trade.forgetting) * route.talks, visit)


def _contract(model: "OracleModel", buyer: "StateAgent", begun: "Begun") -> None:
    """Deals are agreed on; the standing ones move toward what is offered and wanted."""
    rules = model.rules.trade
    offered = [0.0] * len(buyer.stock)
    for route in buyer.purchases:
        route.goes = 1.0
        if route.unlawful:
            route.goes -= max(route.supplier.comply, buyer.comply)
        if route.offer is not None:
            offered = [a + b * route.goes for a, b in zip(offered, route.offer, strict=True)]
    met = list(map(share, buyer.pooled_asked, model.pool(offered)))
    for route in buyer.purchases:
        offer = route.offer or [0.0] * len(met)
        goal = [amount * part for amount, part in zip(offer, met, strict=True)]
        if rules.agreement > 0.0 and not route.agreed:
            if not _agree(model, route, goal):
                goal = [0.0] * len(met)
            else:
                route.agreed = 1.0
                begun[route] = goal
                model.count("agreement", route.supplier, buyer)
        route.contract = [
            deal + (max(rules.inertia, rules.cutback) if to < deal else rules.inertia) * (to - deal)
            for deal, to in zip(route.contract, goal, strict=True)
        ]


def _promise(model: "OracleModel", begun: "Begun") -> None:
    """What new agreements promise of the ready stock, and what of it goes this week."""
    rules = model.rules.trade
    for route, goal in begun.items():
        of_all = _summed(other for r, other in begun.items() if r.supplier is route.supplier)
        for k, free in enumerate(route.supplier.free):
            if goal[k] > 0.0:
                route.advance[k] += rules.first * free * goal[k] / of_all[k]
    for state in model.states:
        for route in state.purchases:
            route.shipment = [
                (deal + rules.rush * promised) * route.goes
                for deal, promised in zip(route.contract, route.advance, strict=True)
            ]
            route.advance = [(1.0 - rules.rush) * promised for promised in route.advance]
            route.loading = [held * route.goes for held in route.loading]


def _agree(model: "OracleModel", route: "Route", goal: list[float]) -> bool:
    """Whether the two ends agree this week, where an offer meets a want."""
    rules, friendly = model.rules.trade, route.supplier.affinity[route.recipient.index]
    hazard = rules.agreement * exp(rules.by_affinity * friendly)
    hazard *= 1.0 + rules.by_talks * route.talks
    meets = any(amount * route.goes > 0.0 for amount in goal)
    return meets and model.luck["agreement"][route.index] < -expm1(-hazard)


def _draw_on_stock(seller: "StateAgent") -> None:
    """No supplier goes below its reserve."""
    wanted = _summed([*(r.shipment for r in seller.sales), *(r.loading for r in seller.sales)])
    part = list(map(share, seller.free, wanted))
    for route in seller.sales:
        route.shipment = [flow * p for flow, p in zip(route.shipment, part, strict=True)]
        route.loading = [held * p for held, p in zip(route.loading, part, strict=True)]


def _take(model: "OracleModel", buyer: "StateAgent") -> None:
    """No recipient takes more than it wants, or buys more than it can pay or owe."""
    coming = _summed(route.shipment for route in buyer.purchases)
    part = list(map(share, buyer.pooled_asked, model.pool(coming)))
    bill, ready = 0.0, {}
    for route in buyer.purchases:
        route.fresh = [flow * p for flow, p in zip(route.shipment, part, strict=True)]
        ready[route] = [
            held + flow * p
            for held, flow, p in zip(route.loading, route.shipment, part, strict=True)
        ]
        if not route.supplier.grant:
            bill += sum(amount * p for amount, p in zip(ready[route], model.price, strict=True))
    affordable = share(max(0.0, buyer.treasury + buyer.credit - buyer.debts), bill)
    for route, amounts in ready.items():
        paid_for = 1.0 if route.supplier.grant else affordable
        sails = _sails(model, route, [amount * paid_for for amount in amounts])
        route.shipment = [amount * paid_for * sails for amount in amounts]
        route.fresh = [amount * paid_for for amount in route.fresh]
        route.loading = [
            max(0.0, amount * paid_for - gone)
            for amount, gone in zip(amounts, route.shipment, strict=True)
        ]
        route.value = sum(gone * p for gone, p in zip(route.shipment, model.price, strict=True))


def _sails(model: "OracleModel", route: "Route", amounts: list[float]) -> float:
    """What part of what is ready is carried by ships that are full."""
    if route.ship <= 0.0:
        return 1.0
    boxes = sum(a * b for a, b in zip(amounts, model.munitions.containers, strict=True))
    ships = floor(boxes / route.ship + 1e-9)
    return min(1.0, ships * route.ship / boxes) if boxes > 0.0 else 0.0


def _summed(rows: Iterable[list[float]]) -> list[float]:
    """The sum of lists, place by place."""
    return [sum(column) for column in zip(*rows, strict=True)]


def _depart(model: "OracleModel", route: "Route") -> None:
    """What is shipped leaves the stock and stands in the ledger."""
    stock, shipped, boxes = route.supplier.stock, route.shipped, 0.0
    for k, flow in enumerate(route.shipment):
        stock[k] = max(0.0, stock[k] - flow)
        shipped[k] += flow
        boxes += flow * model.munitions.containers[k]
    route.containers = boxes
    if not route.supplier.grant:
        route.debt += route.value
    if boxes >= 1.0:
        model.count("shipment_departed", route.supplier, route.recipient)


def _settle(model: "OracleModel", buyer: "StateAgent") -> None:
    """A buyer pays part of what it owes in the mix that each supplier asks for."""
    rules, lesson_cost = model.rules.trade, model.technologies.lesson_cost
    owing = [route for route in buyer.imports if route.debt > 0.0]
    asked = sum(rules.settlement * route.debt * route.supplier.mix[0] for route in owing)
    solvent = share(buyer.purse, asked)
    for route in owing:
        seller, due = route.supplier, rules.settlement * route.debt
        in_cash, in_goods, in_technology = seller.mix
        cash = due * in_cash * solvent
        levels = _taught(model, route, due * in_technology)
        taught = sum(level * cost for level, cost in zip(levels, lesson_cost, strict=True))
        if sum(levels) >= A_LESSON:
            model.count("lesson_taught", buyer, seller)
        goods = due * (in_goods + in_technology) - taught
        seller.learnt = [a + b for a, b in zip(seller.learnt, levels, strict=True)]
        route.cash, route.paid, route.in_goods = cash, cash + goods + taught, goods
        route.debt = max(0.0, route.debt - route.paid)
        back = [other for other in buyer.exports if other.recipient is seller]
        if back and rules.container_price > 0.0:
            back[0].cargo = goods / rules.container_price
            route.paid -= goods  # it is worth something once it is there
        route.settled = [a + b for a, b in zip(route.settled, (cash, goods, taught), strict=True)]
        buyer.payments.append(cash)
        seller.receipts.append(cash)


def _taught(model: "OracleModel", route: "Route", payment: float) -> list[float]:
    """What a supplier is taught of each technology in payment."""
    seller, lesson_cost = route.supplier, model.technologies.lesson_cost
    if payment <= 0.0 or route.recipient.teach is None:
        return [0.0] * len(lesson_cost)
    room = []
    for d in range(len(lesson_cost)):
        rooms = [_room(other, d) for other in seller.exports]
        teachers = sum(r > 0.0 for r in rooms)
        room.append(_room(route, d) / teachers if teachers else 0.0)
    all_room = sum(room)
    if all_room == 0.0:
        return room
    return [
        min(r, payment * (r / all_room) / cost) for r, cost in zip(room, lesson_cost, strict=True)
    ]


def _room(route: "Route", d: int) -> float:
    """What a recipient may yet teach its supplier of a technology."""
    if route.recipient.teach is None:
        return 0.0
    ceiling = min(route.recipient.tech[d], route.recipient.teach[d])
    return max(0.0, ceiling - route.supplier.tech[d] - route.supplier.lessons[d])


def _benefit(model: "OracleModel", state: "StateAgent") -> None:
    """The smoothed net benefit of a state from those whom it deals with."""
    state.treasury = max(0.0, state.treasury + sum(state.receipts) - sum(state.payments))
    state.lessons = [a + b for a, b in zip(state.lessons, state.learnt, strict=True)]
    rules = model.rules.trade
    gain = dict.fromkeys(state.partners, 0.0)
    for route in state.exports:
        gain[route.recipient.index] += route.paid
        gain[route.recipient.index] -= rules.given * _worth(model, state, route.shipment)
    for route in state.imports:
        gain[route.supplier.index] -= route.cash + rules.given * route.in_goods
        gain[route.supplier.index] += rules.container_price * route.cargo_delivery
        gain[route.supplier.index] += _worth(model, state, route.delivery)
    week = rules.yardstick * state.spending / 52.0 if rules.yardstick > 0.0 else state.income
    for j, amount in gain.items():
        weeks = amount / week if week > 0.0 else 0.0
        state.benefit[j] += rules.memory * (weeks - state.benefit[j])


def _worth(model: "OracleModel", state: "StateAgent", units: list[float]) -> float:
    """What munitions are worth to a state, the more the less it has."""
    if not any(units):
        return 0.0
    scarcity = model.rules.trade.scarcity
    return sum(
        price * amount * (1.0 + scarcity * SCARCE_WEEKS / (SCARCE_WEEKS + weeks))
        for price, amount, weeks in zip(model.price, units, state.supply, strict=True)
    )


def _reprice(model: "OracleModel") -> None:
    """Prices rise with the share of wants that is not met."""
    wanted = _summed(state.asked for state in model.states)
    shipped = _summed([[0.0] * len(model.price), *(route.fresh for route in model.routes)])
    premium = model.rules.trade.premium
    model.price = [
        base * (1.0 + premium * (1.0 - share(went, want)))
        for base, want, went in zip(model.munitions.price, wanted, shipped, strict=True)
    ]


def haul(model: "OracleModel") -> None:
    """Goods in payment go from leg to leg where munitions leave room; some are taken."""
    boxes = model.munitions.containers
    ahead, waiting = ([0.0] * len(model.capacity) for _ in range(2))
    for route in model.routes:
        for leg in route.legs:
            for way in leg.over:
                ahead[way] += (
                    sum(a * b for a, b in zip(leg.contents, boxes, strict=True)) / leg.time
                )
                waiting[way] += leg.goods / leg.time
    passes = [
        share(max(0.0, room - taken), wanting)
        for room, taken, wanting in zip(model.capacity, ahead, waiting, strict=True)
    ]
    rules = model.rules.move
    for route in model.routes:
        chased = hunted(model, route) if route.unlawful else 0.0
        arriving = route.cargo
        for leg in route.legs:
            out = leg.goods / leg.time * min((passes[way] for way in leg.over), default=1.0)
            leg.goods += arriving - out
            hazard = rules.interdiction * leg.vulnerability * chased
            if model.luck["interdiction"][route.index] < -expm1(-hazard):
                route.cargo_interdicted += rules.taken * out
                out -= rules.taken * out
            arriving = out
        route.cargo_delivery = arriving
        route.cargo_delivered += arriving
