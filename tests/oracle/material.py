"""The oracle's material phases: move, fight, build."""

from math import exp, expm1, log
from typing import TYPE_CHECKING

from .arithmetic import mixed, share, sigmoid

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

WAR = 5
AFTER_WAR = 2
"""The level to which a ceasefire sets a war back."""


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
    chased = hunted(model, route) if route.unlawful else 0.0
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


def hunted(model: "OracleModel", route: "Route") -> float:
    """With what share of full enforcement an unlawful route is hunted."""
    rules, ends = model.rules.move, (route.supplier, route.recipient)
    reach = model.rules.sanction.coalition_reach
    watched = max(1.0 if s.monitor else reach * s.coalition for s in ends)
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
            mines, good = pace * state.small_fire(), state.held_quality()
            fire = mines
            for k, shots in enumerate(fired):
                state.stock[k] -= shots
                state.expended[k] += shots
                fire += model.munitions.lethality[k] * shots * good[k]
            against = sum(enemy.force for enemy in state.enemies)
            state.intensity = 0.0  # per thousand soldiers of the enemy
            state.gaining = (
                (fire - (1.0 - rules.without_shells) * mines) / fire if fire > 0.0 else 0.0
            )
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
            toward = max(1e-12, state.intensity * state.gaining * enemy.force)
            back = max(1e-12, enemy.intensity * enemy.gaining * state.force)
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
        state.gdp *= exp(rules.gdp_growth / 52.0)
        if (model.first_week_of_year + model.week) % 52 % rules.budget >= 1.0:
            continue  # last budget's spending goes on
        growth = rules.spending_growth + rules.by_tension * max(state.tension)
        shock = state.luck("spending") * exp(
            rules.tail * state.luck("spending_tail") - rules.tail**2
        )
        span = rules.budget / 52.0
        state.spending *= exp(span * growth + rules.spending_noise * span**0.5 * shock)
