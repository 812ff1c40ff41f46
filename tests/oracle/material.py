"""The oracle's material phases: trade, move, fight, build."""

from collections.abc import Iterable
from math import exp, expm1, log
from typing import TYPE_CHECKING

from .arithmetic import mixed, share, sigmoid

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

WAR = 5
A_LESSON = 1e-4
"""Levels taught in a week that make an event."""
SCARCE_WEEKS = 8.0
"""Weeks of supply at which half of the worth of scarcity is left."""
AFTER_WAR = 2
"""The level to which a ceasefire sets a war back."""


def trade(model: "OracleModel") -> None:
    """Contracts follow offers and wants, shipments follow contracts, debts are settled."""
    for state in model.states:
        state.pooled_asked = model.pool(state.asked)
        state.sales, state.purchases = [], []
        state.receipts, state.payments = [], []
        state.learnt, state.purse = [0.0] * len(state.tech), state.treasury
    for route in model.routes:
        route.shipment = [0.0] * len(model.price)
        route.containers = route.cash = route.paid = 0.0
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


def move(model: "OracleModel") -> None:
    """Shipments go from leg to leg; some are taken on the way, some arrive unusable."""
    containers = model.munitions.containers
    waiting = [0.0] * len(model.capacity)
    for state in model.states:
        state.sent_grade = list(state.grade)
    for route in model.routes:
        route.busy = any(route.shipment) or any(any(leg.contents) for leg in route.legs)
        if not route.busy:
            continue
        for leg in route.legs:
            leg.ready = [held / leg.time for held in leg.contents]
            boxes = sum(a * b for a, b in zip(leg.ready, containers, strict=True))
            for way in leg.over:
                waiting[way] += boxes
    passes = list(map(share, model.capacity, waiting))
    for route in model.routes:
        if route.busy:
            _carry(model, route, passes)
        else:
            route.delivery = [0.0] * len(model.price)


def _carry(model: "OracleModel", route: "Route", passes: list[float]) -> None:
    """A week's movement on one route."""
    rules, luck = model.rules.move, model.luck["interdiction"][route.index]
    chased = _hunted(model, route) if route.unlawful else 0.0
    arriving, seized, good = route.shipment, 0.0, route.supplier.sent_grade
    for leg in route.legs:
        part = min((passes[way] for way in leg.over), default=1.0)
        out, before = [ready * part for ready in leg.ready], leg.grade
        leg.grade = [
            mixed(old, held - gone, new, came)
            for old, held, gone, new, came in zip(
                before, leg.contents, out, good, arriving, strict=True
            )
        ]
        leg.contents = [
            held - gone + came for held, gone, came in zip(leg.contents, out, arriving, strict=True)
        ]
        if chased and luck < -expm1(-rules.interdiction * leg.vulnerability * chased):
            lost = [rules.taken * gone for gone in out]
            route.interdicted = [a + b for a, b in zip(route.interdicted, lost, strict=True)]
            out = [gone - taken for gone, taken in zip(out, lost, strict=True)]
            seized += sum(a * b for a, b in zip(lost, model.munitions.containers, strict=True))
        arriving, good = out, before
    if seized > 0.0:
        model.count("interdicted", route.supplier, route.recipient)
    bad, stock, boxes = route.supplier.unusable_share, route.recipient.stock, 0.0
    route.delivery = [came - bad * came for came in arriving]
    for k, came in enumerate(arriving):
        usable = route.delivery[k]
        route.recipient.grade[k] = mixed(route.recipient.grade[k], stock[k], good[k], usable)
        stock[k] += usable
        route.delivered[k] += usable
        route.unusable[k] += bad * came
        boxes += usable * model.munitions.containers[k]
    if boxes >= 1.0:
        model.count("delivered", route.supplier, route.recipient)


def _hunted(model: "OracleModel", route: "Route") -> float:
    """With what share of full enforcement an unlawful route is hunted."""
    rules, ends = model.rules.move, (route.supplier, route.recipient)
    reach = model.rules.sanction.coalition_reach
    watched = max(1.0 if s.monitor else reach if s.coalition else 0.0 for s in ends)
    return min(
        1.0,
        rules.by_embargo
        + rules.by_monitor * watched
        + rules.by_sanctions * max(s.sanctioned for s in ends)
        + rules.by_exposure * sigmoid(route.exposure),
    )


def fight(model: "OracleModel") -> None:
    """Wars: fire, losses, mobilisation, the front, and how they end."""
    rules = model.rules.fight
    for state in model.states:
        state.enemies = [o for o in state.others if state.level[o.index] == WAR]
        state.killed, state.had = 0.0, state.force
        pace = _pace(model, state)
        fired = state.fired(pace) if state.enemies else [0.0] * len(state.stock)
        state.expenditure = [
            used + rules.memory * (now - used)
            for used, now in zip(state.expenditure, fired, strict=True)
        ]
        if state.enemies:
            fire, good = pace * state.small_fire(), state.held_quality()
            for k, shots in enumerate(fired):
                state.stock[k] -= shots
                state.expended[k] += shots
                fire += model.munitions.lethality[k] * shots * good[k]
            against = sum(enemy.force for enemy in state.enemies)
            state.intensity = 0.0  # per thousand soldiers of the enemy
            if against > 0.0:
                state.intensity = state.alpha * fire * against**rules.omega / against
    fighting = [state for state in model.states if state.enemies]
    for state in fighting:
        hit = 0.0
        for enemy in state.enemies:
            ahead = rules.swing * (state.drive - enemy.drive)
            dear = 1.0 + rules.assault * ahead if ahead > 0.0 else 1.0
            hit += enemy.intensity * state.force * dear
        state.killed = min(state.force, hit)
        state.worn = state.killed / state.force if state.force > 0.0 else 0.0
        for enemy in state.enemies:
            toward = max(1e-12, state.intensity * enemy.force)
            back = max(1e-12, enemy.intensity * state.force)
            state.front[enemy.index] += rules.advance * min(3.0, max(-3.0, log(toward / back)))
    for state in fighting:
        _mobilise(model, state)
    _cease(model, fighting)


def _pace(model: "OracleModel", state: "StateAgent") -> float:
    """What a state's fire is this week of what it would be: offensives, lulls, single weeks."""
    rules, shock = model.rules.fight, state.luck("drive")
    if model.week == 0:
        state.drive = shock
    else:
        kept = rules.persistence
        state.drive = kept * state.drive + (1.0 - kept * kept) ** 0.5 * shock
    slow = exp(rules.swing * state.drive - rules.swing**2 / 2.0)
    return slow * exp(rules.scatter * state.luck("scatter") - rules.scatter**2 / 2.0)


def _mobilise(model: "OracleModel", state: "StateAgent") -> None:
    """A state buries its dead and calls up others."""
    rules = model.rules.fight
    left = state.force - state.killed
    joined = min(rules.mobilisation * max(0.0, state.force_target - left), state.manpower)
    joined *= share(state.treasury, rules.soldier_cost * joined)
    state.force = left + joined
    state.manpower -= joined
    state.losses += state.killed
    state.treasury = max(0.0, state.treasury - joined * rules.soldier_cost)


def _cease(model: "OracleModel", fighting: list["StateAgent"]) -> None:
    """Wars that end by defeat, by bargaining, by exhaustion or by the timetable."""
    rules = model.rules.fight
    beaten = {s for s in fighting if s.force <= rules.defeat * s.force_target}
    agreed = {frozenset(pair) for pair in model.summons("ceasefire")}
    worn = {}
    for state in fighting:
        total = state.losses + state.force + state.manpower
        worn[state] = state.losses / total if total > 0.0 else 0.0
    for state in fighting:
        i, luck = state.index, state.luck("ceasefire")
        for enemy in state.enemies:
            j = enemy.index
            if i > j:
                continue
            gain, part = _settlement(model, state, enemy)
            hazard = rules.exhaustion * worn[state] * worn[enemy]
            if gain > 0.0:
                hazard += rules.settlement
            lost, won = state in beaten, enemy in beaten  # both may be
            if lost or won:
                for loser, victor in ((state, enemy), (enemy, state)):
                    if loser in beaten:
                        model.count("defeated", loser, victor)
                state.won[j] = (lost < won) / 2.0 - (lost > won) / 2.0
                enemy.won[i] = -state.won[j]
            elif luck[j] < -expm1(-hazard) or frozenset((i, j)) in agreed:
                if gain > 0.0:
                    state.won[j], enemy.won[i] = part - 0.5, 0.5 - part
                model.count("ceasefire", state, enemy)
            else:
                continue
            state.level[j] = enemy.level[i] = AFTER_WAR
            state.hostility[j] = enemy.hostility[i] = AFTER_WAR


def _settlement(
    model: "OracleModel", state: "StateAgent", enemy: "StateAgent"
) -> tuple[float, float]:
    """What to settle is worth to both sides of a war together, and what the first would get."""
    chance, cost = [], []
    for me, other in ((state, enemy), (enemy, state)):
        lead = me.strength - me.belief[other.index]
        chance.append(sigmoid(min(20.0, max(-20.0, lead))))
        cost.append(model.rules.fight.burden * me.worn / max(1e-3, me.at_risk(other)))
    optimism = chance[0] + chance[1] - 1.0 + state.unenforceable[enemy.index]
    part = (chance[0] + 1.0 - chance[1]) / 2.0 + (cost[1] - cost[0]) / 2.0
    return cost[0] + cost[1] - optimism, min(1.0, max(0.0, part))


def build(model: "OracleModel") -> None:
    """Industry makes, stock retires, budgets grow."""
    rules = model.rules.build
    base_price, weekly = model.munitions.price, rules.retirement / 52.0
    for state in model.states:
        output = [
            min(max(0.0, order), limit)
            for order, limit in zip(state.build, state.capacity, strict=True)
        ]
        cost = rules.unit_cost * sum(p * made for p, made in zip(base_price, output, strict=True))
        part = share(state.treasury, cost)
        widened = 1.0 + (state.surge_limit - 1.0) * state.surge
        good = state.made_quality()
        for k, made in enumerate(output):
            made *= part
            held = state.stock[k]
            gone = weekly * held
            gone += min(max(0.0, -state.build[k]), held - gone)
            state.grade[k] = mixed(state.grade[k], held - gone, good[k], made)
            state.stock[k] = held + made - gone
            state.produced[k] += made
            state.retired[k] += gone
            state.capacity[k] += (state.base_capacity[k] * widened - state.capacity[k]) / rules.lag
        state.treasury += state.income - min(cost, state.treasury)
        growth = rules.spending_growth + rules.by_tension * max(state.tension)
        shock = state.luck("spending") * exp(
            rules.tail * state.luck("spending_tail") - rules.tail**2
        )
        state.spending *= exp(growth / 52.0 + rules.spending_noise / 52.0**0.5 * shock)
