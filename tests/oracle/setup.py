"""The oracle's set-up: a scenario's arrays as agents, routes and lists, once.

Which pairs of states a scenario lists is no business of the oracle: it plays the same scenario with
every pair listed, so that whoever is no stranger after all gives itself away.
"""

from collections import defaultdict
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import noise
from sim.params import Params
from sim.scenario import Scenario
from sim.world import DESKS, TIMETABLE, World

from .agents import Alliance, Leg, Route, StateAgent
from .arithmetic import plain

if TYPE_CHECKING:
    from .model import OracleModel

OF_STATES = (
    *("stock", "grade", "expenditure", "capacity", "treasury", "spending", "gdp", "want"),
    *("lessons", "tech", "trials", "failures", "campaign", "preparation", "pause"),
    *("readiness", "force", "manpower", "losses", "drive"),
    *("affinity", "tension", "provocation", "drill", "alarm"),
    *("sanctions", "embargo", "censured", "monitor", "coalition", "mandate", "lapsed"),
    *("produced", "retired", "expended"),
)
"""Fields of the World that a state holds its row of."""
OF_PAIRS = (
    *("interop", "front", "won", "belief", "hard", "credence", "suspected", "trust", "benefit"),
    *("stage", "level", "hostility", "posture", "demand"),
)
"""Fields of the World by listed pair: a state holds them of each other state, listed or not."""
OF_ROUTES = (
    *(
        "contract",
        "agreed",
        "talks",
        "advance",
        "loading",
        "debt",
        "settled",
        "shipment",
        "delivery",
        "cargo",
        "cargo_delivery",
    ),
    *("exposure", "doubt", "unseen", "accused", "noted"),
    *("shipped", "delivered", "unusable", "interdicted"),
    *("cargo_shipped", "cargo_delivered", "cargo_interdicted"),
)
"""Fields of the World that a route holds its row of."""


@lru_cache(maxsize=4)
def with_all_pairs(scenario: Scenario) -> Scenario:
    """The same scenario, every pair of its states listed."""
    return scenario.with_("relations.relevant=all")


def square(values: np.ndarray, pairs: tuple[tuple[int, int], ...], size: int) -> list[list[Any]]:
    """What there is of each pair as a row a state; nobody has anything of itself."""
    table = np.zeros((size, size), values.dtype)
    table[tuple(np.asarray(pairs).T)] = values
    rows: list[list[Any]] = table.tolist()
    return rows


def furnish(model: "OracleModel", scenario: Scenario, params: Params, world: World) -> None:
    """Gives a model its states, routes, agenda and coefficients.

    Args:
        model: The model.
        scenario: What is played, every pair listed.
        params: The coefficients of the run.
        world: Its week 0.

    Raises:
        ValueError: A state follows a rule or a policy that the oracle does not know.
    """
    if scenario.policies:
        raise ValueError(f"the oracle knows no policies in Python ({', '.join(scenario.policies)})")
    model.rules = plain(params.rules)
    model.munitions = plain(params.munitions)
    model.technologies = plain(params.technologies)
    model.capacity = plain(params.routes.capacity)
    wiring = plain(params.wiring)
    model.domain = wiring.domain
    model.tested, model.launched, model.watching = (
        [d for d, mark in enumerate(marks) if mark]
        for marks in (wiring.tested, wiring.launched, wiring.watching)
    )
    model.families = _families(wiring.family, model.munitions.lethality)
    model.price = plain(world.price)
    model.frontier = plain(world.frontier)
    model.week = int(world.week)
    model.states = _states(model, scenario, params, world)
    model.routes = _routes(model, params, wiring, world)
    for state in model.states:
        ends = {route.supplier.index for route in state.imports}
        ends |= {route.recipient.index for route in state.exports}
        state.partners = sorted(ends)
    model.members = [state for state in model.states if state.member]
    model.rivals_of = [
        [s for s in model.states if s.stake[k] > 0.0] for k in range(len(model.states))
    ]
    _alliances(model, wiring, plain(params.relations), world.pact.tolist())
    _desks(model, params)
    agenda = plain(params.agenda)
    model.timetable = _timetable(agenda)
    model.drills = _drills(agenda, scenario.pairs)
    model.exercises = _exercises(agenda)
    model.convened = world.convened.tolist()
    model.first_week_of_year = agenda.week_of_year


def restore(model: "OracleModel", world: World) -> None:
    """Put a model where a world stands, to go on from there.

    Args:
        model: The model of the same scenario.
        world: The world.
    """
    for name in OF_STATES:
        for state, row in zip(model.states, getattr(world, name).tolist(), strict=True):
            setattr(state, name, row)
    for name in OF_PAIRS:  # of a world that lists none there is an inert value, left out here
        for (i, j), value in zip(model.pairs, getattr(world, name).tolist(), strict=False):
            getattr(model.states[i], name)[j] = value
    for name in OF_ROUTES:
        for route, row in zip(model.routes, getattr(world, name).tolist(), strict=True):
            setattr(route, name, row)
    for number, contents in enumerate(world.transit.tolist()):
        for route, held in zip(model.routes, contents, strict=True):
            if number < len(route.legs):
                route.legs[number].contents = held
                route.legs[number].goods = float(world.cargo_transit[number, route.index])
    for number, grades in enumerate(world.transit_grade.tolist()):
        for route, grade in zip(model.routes, grades, strict=True):
            if number < len(route.legs):
                route.legs[number].grade = grade
    for observer, held, said in zip(
        model.observers, world.estimate.tolist(), world.published.tolist(), strict=True
    ):
        observer.estimate, observer.published = held, said
    model.week, model.price = int(world.week), plain(world.price)
    model.frontier = plain(world.frontier)
    model.convened = world.convened.tolist()
    for alliance, in_force in zip(model.alliances, world.pact.tolist(), strict=True):
        alliance.in_force = in_force


def luck_of(scenario: Scenario, key: np.ndarray, weeks: int) -> list[dict[str, Any]]:
    """The draws of each week from 0 on, as lists: those of pairs as a row a state.

    Args:
        scenario: What is played, every pair listed.
        key: The run's key.
        weeks: How many weeks.
    """
    by_pair = {stream.name for stream in noise.STREAMS if stream.axes in ("dyad", "dispute")}
    pairs, size = scenario.pairs, len(scenario.states)
    return [
        {
            name: square(values, pairs, size) if name in by_pair else values.tolist()
            for name, values in noise.draw(scenario.layout, key, week).items()
        }
        for week in range(weeks)
    ]


def _families(
    same: list[list[int]], lethality: list[float]
) -> list[list[tuple[int, float]] | None]:
    """The munitions that make up for each, with what one is worth; None where nothing else does."""
    weight = [w if w > 0.0 else 1.0 for w in lethality]
    families: list[list[tuple[int, float]] | None] = []
    for k, row in enumerate(same):
        members = [(m, weight[m] / weight[k]) for m in row if m < len(same)]
        families.append(members if len(members) > 1 else None)
    return families


def _states(
    model: "OracleModel", scenario: Scenario, params: Params, world: World
) -> list[StateAgent]:
    pairs, size = scenario.pairs, len(scenario.states)
    columns = vars(plain(params.states))
    columns |= {name: getattr(world, name).tolist() for name in OF_STATES}
    columns |= {name: square(getattr(world, name), pairs, size) for name in OF_PAIRS}
    columns["base_affinity"] = plain(params.relations.affinity)
    for name in ("stake", "reach", "unenforceable"):
        columns[name] = square(getattr(params.relations, name), pairs, size)
    states = [
        StateAgent(model, i, code, {name: column[i] for name, column in columns.items()})
        for i, code in enumerate(scenario.states)
    ]
    given = square(params.relations.war, pairs, size)
    for state in states:
        state.others = [other for other in states if other is not state]
        state.given_wars = {j for j, war in enumerate(given[state.index]) if war}
    model.observers = [states[scenario.states.index(code)] for code in scenario.observers]
    for row, observer in enumerate(model.observers):
        observer.estimate = world.estimate[row, : len(scenario.routes)].tolist()
        observer.published = world.published[row, : len(scenario.routes)].tolist()
        observer.place = row
    return states


def _routes(
    model: "OracleModel", params: Params, wiring: SimpleNamespace, world: World
) -> list[Route]:
    columns = {name: getattr(world, name).tolist() for name in OF_ROUTES}
    told, transit, goods = plain(params.routes), plain(world.transit), plain(world.cargo_transit)
    grade = plain(world.transit_grade)
    routes = []
    for e, (i, j) in enumerate(zip(wiring.source, wiring.target, strict=True)):
        if not wiring.real_route[e]:
            continue
        supplier, recipient = model.states[i], model.states[j]
        start = {name: column[e] for name, column in columns.items()}
        route = Route(e, supplier, recipient, start | {"ship": told.ship[e]})
        for n, leg in enumerate(wiring.leg):
            if leg[e]:
                over = [w for w in (wiring.way[n][e],) if w < len(model.capacity)]
                route.legs.append(
                    Leg(
                        told.time[n][e],
                        told.vulnerability[n][e],
                        over,
                        transit[n][e],
                        grade[n][e],
                        goods[n][e],
                    )
                )
        supplier.exports.append(route)
        recipient.imports.append(route)
        supplier.routes.append(route)
        recipient.routes.append(route)
        routes.append(route)
    return routes


def _alliances(
    model: "OracleModel", wiring: SimpleNamespace, told: SimpleNamespace, pact: list[float]
) -> None:
    """Gives each state its alliances.

    An inert entry, of state 0 and itself, protects nobody.
    """
    model.alliances = []
    for protector, protege, *terms in zip(
        wiring.protector, wiring.protege, told.commitment, told.at_stake, pact, strict=True
    ):
        ends = model.states[protector], model.states[protege]
        model.alliances.append(Alliance(*ends, *terms))
        if protector != protege:
            for end in ends:
                end.alliances.append(model.alliances[-1])


def _desks(model: "OracleModel", params: Params) -> None:
    """Gives each state the rules that it follows, with its own coefficients."""
    chosen = plain(params.choice)
    model.coefficients = {
        (desk, rule): plain(own) for desk in DESKS for rule, own in params.desks[desk].items()
    }
    for place, desk in enumerate(DESKS):
        rules = list(params.desks[desk])
        for state in model.states:
            rule = rules[chosen[place][state.index]]
            columns = vars(model.coefficients[desk, rule])
            own = {name: column[state.index] for name, column in columns.items()}
            state.take(desk, rule, SimpleNamespace(**own))


def _timetable(agenda: SimpleNamespace) -> dict[int, list[tuple[str, int, int, float]]]:
    """What happens in a week: kind, actor, target, size."""
    at = {place: (i, j) for i, row in enumerate(agenda.call) for j, place in enumerate(row)}
    entries, pairs = defaultdict(list), _ends(agenda.dated, at)
    for n, week in enumerate(agenda.week):
        for kind, sizes in zip(TIMETABLE, agenda.entry, strict=True):
            if sizes[n] > 0.0 and week >= 0:
                entries[week].append((kind, *pairs[n], sizes[n]))
    return dict(entries)


def _ends(listed: list[list[int]], at: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The two states of each entry of a list by pair; `at` says which pair has which row."""
    return {n: at[place] for place, row in enumerate(listed) if place in at for n in row}


def _exercises(agenda: SimpleNamespace) -> list[tuple[list[int], int, float]]:
    """The exercises of the calendar: the entries of each, who calls it, and its terms."""
    size, found = len(agenda.first), {}
    for parts, opener, terms in zip(agenda.parts, agenda.opener, agenda.terms, strict=True):
        found[tuple(sorted(n for n in parts if n < size))] = (opener, terms)
    return [(list(parts), *called) for parts, called in found.items()]


def _drills(
    agenda: SimpleNamespace, pairs: tuple[tuple[int, int], ...]
) -> dict[int, tuple[int, int, int, int, int, float]]:
    """The yearly calendar by entry: first week, length, host, guest, kind, size."""
    at = {place: (i, i) for i, place in enumerate(agenda.alone)}
    ends = _ends(agenda.drills, at | dict(zip(agenda.joint, pairs, strict=True)))
    return {
        n: (first, length, *ends[n], kind, size)
        for n, (first, length, sizes) in enumerate(
            zip(agenda.first, agenda.length, agenda.drill, strict=True)
        )
        for kind, size in enumerate(sizes)
        if size > 0.0
    }
