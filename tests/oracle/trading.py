"""The oracle's trade: deals, departures, debts and benefit; goods in payment on the way back."""

from collections.abc import Iterable
from math import expm1
from typing import TYPE_CHECKING

from .arithmetic import share
from .material import hunted

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

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
        route.containers = route.cash = route.paid = route.cargo = 0.0
        if route.offer is not None or any(route.contract):
            route.supplier.sales.append(route)
            route.recipient.purchases.append(route)
    for state in model.states:
        if state.purchases:
            _contract(model, state)
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


def _contract(model: "OracleModel", buyer: "StateAgent") -> None:
    """The standing deals move toward what is offered and wanted."""
    inertia = model.rules.trade.inertia
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
        route.contract = [
            deal + inertia * (amount * part - deal)
            for deal, amount, part in zip(route.contract, offer, met, strict=True)
        ]
        route.shipment = [deal * route.goes for deal in route.contract]


def _draw_on_stock(seller: "StateAgent") -> None:
    """No supplier goes below its reserve."""
    wanted = _summed(route.shipment for route in seller.sales)
    part = list(map(share, seller.free, wanted))
    for route in seller.sales:
        route.shipment = [flow * p for flow, p in zip(route.shipment, part, strict=True)]


def _take(model: "OracleModel", buyer: "StateAgent") -> None:
    """No recipient takes more than it wants, or buys more than it can pay or owe."""
    coming = _summed(route.shipment for route in buyer.purchases)
    part = list(map(share, buyer.pooled_asked, model.pool(coming)))
    price, bill = model.price, 0.0
    for route in buyer.purchases:
        route.shipment = [flow * p for flow, p in zip(route.shipment, part, strict=True)]
        route.value = sum(flow * p for flow, p in zip(route.shipment, price, strict=True))
        if not route.supplier.grant:
            bill += route.value
    affordable = share(max(0.0, buyer.treasury + buyer.credit - buyer.debts), bill)
    if affordable < 1.0:
        for route in buyer.purchases:
            if not route.supplier.grant:
                route.shipment = [flow * affordable for flow in route.shipment]
                route.value *= affordable


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
        route.cash, route.paid = cash, cash + goods + taught
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
    for route in state.imports:
        gain[route.supplier.index] -= route.cash
        gain[route.supplier.index] += rules.container_price * route.cargo_delivery
        if any(route.delivery):
            gain[route.supplier.index] += sum(
                price * came * (1.0 + rules.scarcity * SCARCE_WEEKS / (SCARCE_WEEKS + weeks))
                for price, came, weeks in zip(
                    model.price, route.delivery, state.supply, strict=True
                )
            )
    for j, amount in gain.items():
        weeks = amount / state.income if state.income > 0.0 else 0.0
        state.benefit[j] += rules.memory * (weeks - state.benefit[j])


def _reprice(model: "OracleModel") -> None:
    """Prices rise with the share of wants that is not met."""
    wanted = _summed(state.asked for state in model.states)
    shipped = _summed([[0.0] * len(model.price), *(route.shipment for route in model.routes)])
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
