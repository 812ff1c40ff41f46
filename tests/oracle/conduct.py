"""What states show of themselves: learn (with tests and launches), train, watch."""

from collections import defaultdict
from math import exp, expm1, log1p
from typing import TYPE_CHECKING

from .arithmetic import MOST, binomial, poisson, salvoes, sigmoid

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

WAR = 5
COMPLETE = 1.0 - 1e-9
"""Preparations are complete here: shares add up to less than 1 by rounding."""


def learn(model: "OracleModel") -> None:
    """Research, lessons, tests and launches move technology."""
    launching = {i for i, _ in model.summons("launch")}
    for state in model.states:
        trials = [0] * len(state.tech)
        _test(model, state, trials)
        if model.launched:
            _launch(model, state, trials, state.index in launching)
        successes = _succeed(model, state, trials)
        _progress(model, state, trials, successes)
    growth = model.technologies.growth
    model.frontier = [f * exp(g / 52.0) for f, g in zip(model.frontier, growth, strict=True)]


def _test(model: "OracleModel", state: "StateAgent", trials: list[int]) -> None:
    """Tests of the week, after a campaign may have begun or ended."""
    luck = state.luck("campaign")
    if state.campaign:
        state.campaign = 0.0 if luck < state.campaign_off else 1.0
    else:
        state.campaign = 1.0 if luck < state.campaign_on else 0.0
    rates, draws = state.tests if state.campaign else state.quiet_tests, state.luck("tests")
    for d in model.tested:
        if rates[d] > 0.0:
            salvo = model.technologies.salvo[d]
            days = poisson(rates[d] / (1.0 + salvo), draws[d])
            trials[d] = min(MOST, days + salvoes(days, salvo, state.luck("salvo")[d]))
            model.count("test_day", state, state, days)


def _launch(model: "OracleModel", state: "StateAgent", trials: list[int], dated: bool) -> None:
    """Preparations advance; what is ready, or dated, is launched, put off or called off."""
    rules, before = model.rules.learn, state.preparation
    ready, waiting = before, state.pause > 0.0 or _to_come(model, state)
    if dated:
        ready = 1.0
    elif before > 0.0 or (not waiting and state.luck("launch_start") < state.launch):
        ready = min(1.0, before + state.prepare)
    if before < rules.announcement <= ready:
        model.count("launch_announced", state, state)
    if ready > COMPLETE:
        luck = state.luck("launch")
        if luck >= rules.scrubbed + rules.postponed:
            for d in model.launched:
                trials[d] = 1
        else:
            model.count("launch_postponed", state, state)
        if luck < rules.scrubbed or luck >= rules.scrubbed + rules.postponed:
            ready = 0.0
    state.preparation = ready


def _to_come(model: "OracleModel", state: "StateAgent") -> bool:
    """Whether the timetable has a launch of it, this week or later."""
    return any(
        week >= model.week and kind == "launch" and i == state.index
        for week, entries in model.timetable.items()
        for kind, i, *_ in entries
    )


def _succeed(model: "OracleModel", state: "StateAgent", trials: list[int]) -> list[int]:
    """How many trials succeed; the acts and their provocation are counted."""
    traits, luck = model.technologies, state.luck("success")
    successes = [0] * len(trials)
    state.provocation = 0.0
    for d, made in enumerate(trials):
        if made:
            odds = traits.first[d] + traits.by_tech[d] * state.tech[d]
            odds += traits.by_trials[d] * log1p(state.trials[d])
            successes[d] = binomial(made, sigmoid(odds), luck[d])
            state.provocation += traits.provocation[d] * made
    for act, failure, kinds in (
        ("test", "test_failed", model.tested),
        ("launch_succeeded", "launch_failed", model.launched),
    ):
        made, good = sum(trials[d] for d in kinds), sum(successes[d] for d in kinds)
        model.count(act, state, state, made if act == "test" else good)
        model.count(failure, state, state, made - good)
        if act == "launch_succeeded":
            lost = made > good
            state.pause = model.rules.learn.pause if lost else max(0.0, state.pause - 1.0)
    return successes


def _progress(
    model: "OracleModel", state: "StateAgent", trials: list[int], successes: list[int]
) -> None:
    """A week's advance toward the frontier, and what is kept of the trials."""
    rules, traits = model.rules.learn, model.technologies
    satellites = sum(successes[d] for d in model.launched)
    for d, level in enumerate(state.tech):
        frontier = model.frontier[d]
        gap = max(0.0, frontier - level)
        near = min(1.0, level / frontier)
        pace = traits.research[d] / 52.0 * state.effort
        pace *= 1.0 - traits.threshold[d] + traits.threshold[d] * near
        found = min(1.0, pace) * gap
        able = rules.least_absorption + (1.0 - rules.least_absorption) * near
        absorbed = min(gap, rules.absorption * able * state.lessons[d])
        if trials[d]:
            found += gap * (1.0 - (1.0 - traits.per_trial[d]) ** trials[d])
        if satellites and d in model.watching:
            found += gap * (1.0 - (1.0 - rules.image) ** satellites)
        found += gap * -expm1(-rules.feedback * _used_abroad(model, state, d))
        state.tech[d] = level + absorbed + min(gap - absorbed, found)
        state.lessons[d] -= absorbed
        state.trials[d] += trials[d]
        state.failures[d] += trials[d] - successes[d]
        if state.redesign and state.luck("redesign")[d] < state.redesign[d]:
            state.trials[d] *= traits.kept[d]
            state.failures[d] *= traits.kept[d]


def _used_abroad(model: "OracleModel", maker: "StateAgent", d: int) -> float:
    """USD bn a week of a state's make of a technology that its buyers use."""
    total = 0.0
    for route in maker.exports:
        buyer = route.recipient
        for k, domain in enumerate(model.domain):
            if domain == d and route.delivered[k] > 0.0:
                had = buyer.stock[k] + buyer.expended[k] + buyer.retired[k]
                had += sum(other.shipped[k] for other in buyer.exports)
                if had > 0.0:
                    part = route.delivered[k] / had
                    total += model.munitions.price[k] * buyer.expenditure[k] * part
    return total


def train(model: "OracleModel") -> None:
    """Exercises raise readiness and interoperability, which decay."""
    rules = model.rules.train
    for state in model.states:
        worst = 0.0
        for other in state.others:
            level = state.level[other.index]
            acts = other.provocation + (rules.dispute * level / 4.0 if level < 5 else 0.0)
            worst = max(worst, state.at_risk(other) * acts)
        state.alarm = (1.0 - rules.memory) * state.alarm + rules.memory * worst
        held: dict[tuple[int, int], float] = {}
        for (j, kind), size in state.exercises.items():
            if j != state.index:
                theirs = model.states[j].exercises.get((state.index, kind), 0.0)
                size = min(size, theirs) if state.affinity[j] >= rules.accepts else 0.0
            if size > 0.0:
                held[j, kind] = size
        _gain(model, state, held)


def _gain(model: "OracleModel", state: "StateAgent", held: dict[tuple[int, int], float]) -> None:
    """What a state and its ties gain from its exercises of the week."""
    rules = model.rules.train
    part: dict[int, float] = {}
    partners: dict[int, int] = defaultdict(int)
    together: dict[int, float] = defaultdict(float)
    for (j, kind), size in held.items():
        part[kind] = max(size, part.get(kind, 0.0))
        if j != state.index:
            partners[kind] += 1
            together[j] += rules.interop[kind] * size
        if j >= state.index:
            model.count("exercise", state, model.states[j])
    decay = rules.readiness_decay
    if WAR in state.level:
        decay *= 1.0 - rules.experience
    rested = state.readiness - decay * (state.readiness - rules.readiness_floor)
    effect = sum(rules.readiness[kind] * size for kind, size in part.items())
    state.readiness = rested - (1.0 - rested) * expm1(-effect)
    state.drill = sum(
        rules.weight[kind] * size * (1.0 + rules.partners * partners[kind])
        for kind, size in part.items()
    )
    keep = 1.0 - rules.interop_decay
    closer = {j: -(1.0 - state.interop[j]) * expm1(-sum_) for j, sum_ in together.items()}
    state.interop = [keep * tie for tie in state.interop]
    for j, gain in closer.items():
        state.interop[j] += gain


def watch(model: "OracleModel") -> None:
    """Shipments are detected, estimates and exposure move, observers publish, the accused deny."""
    for state in model.states:
        state.sight_now = state.sight
        state.denies = state.named and state.luck("denial") < state.deny
        if state.denies:
            model.count("denial", state, state)
    for route in model.routes:
        _look(model, route)
    _publish(model)
    _persuade(model)


def _look(model: "OracleModel", route: "Route") -> None:
    """Whether this week's shipment on a route is detected, and what follows."""
    rules = model.rules.watch
    above = route.exposure - rules.base
    known = route.noted
    route.noted -= rules.fading * known
    if _detected(model, route):
        if route.unlawful:
            room = rules.bound - rules.base
            filled = above / room if room > 0.0 else 0.0
            route.exposure += min(rules.evidence, room) * (1.0 - filled)
        else:
            route.noted += rules.notice * (1.0 - known)
        for observer in model.observers:
            luck = model.luck["estimate"][observer.place][route.index]
            seen = route.unseen * exp(observer.estimate_bias + rules.estimate_noise * luck)
            observer.estimate[route.index] += seen
        route.unseen = 0.0
    route.exposure -= rules.fading * above


def _detected(model: "OracleModel", route: "Route") -> bool:
    """Whether states hostile to either end see what departed this week."""
    departed = route.containers + route.cargo
    if departed <= 0.0:
        return False
    route.unseen += departed
    i, j, eyes = route.supplier, route.recipient, 0.0
    for state in model.states:
        a, b = state.affinity[i.index], state.affinity[j.index]
        if a < 0.0 or b < 0.0:
            a, b = max(0.0, -a), max(0.0, -b)
            eyes += state.sight_now * (a + b - a * b)
    hidden = (1.0 - i.secrecy) * (1.0 - j.secrecy)
    hazard = model.rules.watch.detection * departed * hidden * eyes
    return model.luck["detection"][route.index] < -expm1(-hazard)


def _publish(model: "OracleModel") -> None:
    """Publications and condemnations; allies with one object make a joint statement."""
    voiced: dict[int, list[StateAgent]] = defaultdict(list)
    for route in model.routes:
        route.was_accused = route.accused > 0.0
        route.accused = 0.0
    for state in model.states:
        objects = set(state.condemn)
        for route in state.publish:
            route.accused += 1.0
            state.published[route.index] = state.estimate[route.index]
            objects |= {route.supplier.index, route.recipient.index}
            model.count("disclosure", state, route.supplier)
        for j in objects - {state.index}:
            voiced[j].append(state)
    model.jointly = set()
    for j, voices in voiced.items():
        for state in voices:
            if any(state.is_allied_with(other) for other in voices):
                model.jointly.add(j)
                model.count("joint_statement", state, model.states[j])


def _persuade(model: "OracleModel") -> None:
    """Publications lower doubt, denials raise it, and it comes back."""
    rules = model.rules.watch
    for route in model.routes:
        ends = (route.supplier, route.recipient)
        doubt = route.doubt + rules.doubt_return * (0.5 - route.doubt)
        if route.accused:
            doubt *= 1.0 - rules.persuasion
            if any(end.index in model.jointly for end in ends):
                doubt *= 1.0 - rules.joint_persuasion
        if any(end.censured for end in ends):
            doubt *= 1.0 - rules.finding
        if route.was_accused and any(end.denies for end in ends):
            doubt += rules.denial * (1.0 - doubt)
        route.doubt = doubt
