"""From a scenario to arrays: Params, and what week 0 starts with.

States, munitions, technologies and routes keep the order of the file. A list that may be empty
(routes, observers, infrastructure, alliances, the agenda) has one inert entry then, so that no axis
is ever empty: it moves nothing, nobody decides on it, and no table, figure or view shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from jaxtyping import Float64

from .. import params
from ..desks.registry import REGISTRY
from ..params import Agenda, Params, Relations, Routes, Rules, States
from ..world import DESKS, EXERCISES, TIMETABLE, WAR, Array
from .pairs import listed_pairs
from .places import INERT_PAIR, Pair, by_pair, filled, index, of_each, of_pairs
from .schema import Alliance, Spec, axes
from .start import TENSION, Start
from .wiring import legs, wiring

NOBODY = (-2, -2)
"""A pair that nothing is: so that a list of pairs is as long as its axis."""
Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Built:
    """A scenario as arrays."""

    params: Params
    start: Start


def rules_used(spec: Spec) -> dict[str, tuple[str, ...]]:
    """Return the rules that some state follows, by desk, sorted."""
    return {
        desk: tuple(sorted({state.desks[desk]["rule"] for state in spec.states.values()}))
        for desk in DESKS
    }


def build(spec: Spec, rules: Names) -> Built:
    """Return the arrays of a scenario.

    Args:
        spec: The scenario.
        rules: The rules that the program holds, by desk; every rule that a state follows is there.
    """
    desks = {
        desk: {rule: _coefficients(spec, desk, rule) for rule in rules[desk]} for desk in DESKS
    }
    choice = [
        [list(desks[desk]).index(state.desks[desk]["rule"]) for state in spec.states.values()]
        for desk in DESKS
    ]
    alliances, pairs = _alliances(spec), listed_pairs(spec)
    made = Params(
        wiring=wiring(spec, [(i, j) for i, j, _ in alliances], pairs),
        agenda=_agenda(spec, pairs),
        munitions=_columns(params.Munitions, spec.munitions.values()),
        technologies=_columns(params.Technologies, spec.technologies.values()),
        states=_states(spec),
        relations=_relations(spec, alliances, pairs),
        routes=_routes(spec),
        rules=_rules(spec),
        desks=desks,
        choice=np.asarray(choice, np.int64),
    )
    return Built(made, _start(spec, alliances, pairs))


def _columns(kind: type, entries: Iterable[Any]) -> Any:
    """Return a dataclass of vectors: each field from the entries' attribute of that name."""
    entries = list(entries)
    return kind(
        **{
            field.name: np.asarray([getattr(entry, field.name) for entry in entries], np.float64)
            for field in fields(kind)
        }
    )


def _table(
    rows: Iterable[Mapping[str, float] | float], names: Sequence[str], default: float = 0.0
) -> Float64[Array, "row name"]:
    """Return a row a mapping name -> number (or one number for all names)."""
    return np.asarray(
        [
            [row.get(name, default) for name in names]
            if isinstance(row, Mapping)
            else [row] * len(names)
            for row in rows
        ],
        np.float64,
    )


def _of_states(spec: Spec, field: Any, values: Sequence[Any], default: float = 0.0) -> Array:
    """Return a [state] or [state name] array of one value a state."""
    inner = axes(field)[1:]
    if not inner:
        return np.asarray(values, np.float64)
    return _table(values, list(getattr(spec, _PLURAL[inner[0]])), default)


_PLURAL = {"munition": "munitions", "technology": "technologies"}


def _states(spec: Spec) -> States:
    states = list(spec.states.values())
    special: dict[str, list[Any]] = {
        "member": [float(state.council != "none") for state in states],
        "permanent": [float(state.council == "permanent") for state in states],
        "base_capacity": [state.capacity for state in states],
        "force_target": [
            state.force if state.force_target is None else state.force_target for state in states
        ],
    }
    return States(
        **{
            field.name: _of_states(
                spec,
                field,
                special.get(field.name) or [getattr(state, field.name) for state in states],
            )
            for field in fields(States)
        }
    )


def _coefficients(spec: Spec, desk: str, rule: str) -> Any:
    """Return a rule's coefficients, [state]; a state that follows another rule has the default."""
    kind = REGISTRY[desk][rule].coefficients
    columns = {}
    for field in fields(kind):
        meta = field.metadata
        default = min(max(0.0, meta["low"]), meta["high"])
        default = default if meta["default"] is None else meta["default"]
        values = [
            chosen.get(field.name, default) if chosen["rule"] == rule else default
            for chosen in (state.desks[desk] for state in spec.states.values())
        ]
        columns[field.name] = _of_states(spec, field, values, default)
    return kind(**columns)


def _rules(spec: Spec) -> Rules:
    """Return the coefficients of all phases; those of exercise kinds are vectors."""
    phases = {}
    for phase in fields(Rules):
        group = getattr(spec.rules, phase.name)
        kind: Any = phase.type  # its dataclass: annotations of `Rules` are no strings
        phases[phase.name] = kind(
            **{
                field.name: np.asarray(
                    [getattr(getattr(group, field.name), kind) for kind in EXERCISES]
                    if axes(field)
                    else getattr(group, field.name),
                    np.float64,
                )
                for field in fields(kind)
            }
        )
    return Rules(**phases)


Bond = tuple[int, int, Alliance]
"""Protector, protege, and what binds them."""


def _alliances(spec: Spec) -> list[Bond]:
    """Return every alliance, a mutual one twice, [] where there is none."""
    at = index(spec.states)
    found: list[Bond] = []
    for alliance in spec.relations.alliances:
        i, j = at[alliance.protector], at[alliance.protege]
        found.append((i, j, alliance))
        if alliance.mutual:
            found.append((j, i, alliance))
    return found


def _in_force(spec: Spec, alliance: Alliance) -> float:
    """Return 1 where an alliance is in force at the start, by a treaty before it if need be."""
    both = {alliance.protector, alliance.protege}
    treaties = (e for e in spec.timetable if e.kind == "treaty" and e.day < spec.start)
    return float(alliance.signed or any({e.actor, e.target} == both for e in treaties))


def _symmetric(spec: Spec, listed: Iterable[tuple[str, str, Any]], table: Array) -> Array:
    """Return the table with each listed value at [i, j] and [j, i]."""
    at = index(spec.states)
    for i, j, value in listed:
        table[at[i], at[j]] = table[at[j], at[i]] = value
    return table


def _on(pairs: list[Pair], table: Array) -> Array:
    """Return a table of all states at the listed pairs, 0 at the inert one."""
    return table[tuple(np.asarray(pairs or [INERT_PAIR]).T)]


def _relations(spec: Spec, alliances: list[Bond], pairs: list[Pair]) -> Relations:
    at, size = index(spec.states), len(spec.states)
    stake = np.zeros((size, size))
    for rivalry in spec.relations.rivalries:
        i, j = (at[code] for code in rivalry.states)
        both = rivalry.stake
        stake[i, j], stake[j, i] = both if isinstance(both, tuple) else (both, both)
    wars = ((i, j, 1.0) for i, j in spec.relations.wars)
    unsure, reach = spec.relations.unenforceable, np.ones((size, size))
    for i, j, value in spec.relations.reach:
        reach[at[i], at[j]] = value
    return Relations(
        affinity=_symmetric(spec, spec.relations.affinity, np.zeros((size, size))),
        stake=_on(pairs, stake),
        war=_on(pairs, _symmetric(spec, wars, np.zeros((size, size)))),
        reach=_on(pairs, reach),
        unenforceable=_on(pairs, _symmetric(spec, unsure, np.zeros((size, size)))),
        commitment=np.asarray([alliance.commitment for *_, alliance in alliances] or [0.0]),
        at_stake=np.asarray([alliance.stake for *_, alliance in alliances] or [0.0]),
    )


def _routes(spec: Spec) -> Routes:
    time, vulnerability = np.ones(legs(spec)), np.zeros(legs(spec))
    for e, route in enumerate(spec.routes):
        for position, leg in enumerate(route.legs):
            time[position, e], vulnerability[position, e] = leg.weeks, leg.vulnerability
    capacity = [way.capacity for way in spec.infrastructure.values()] or [0.0]
    ship = [route.ship for route in spec.routes] or [0.0]
    return Routes(
        time, vulnerability, np.asarray(ship, np.float64), np.asarray(capacity, np.float64)
    )


def _agenda(spec: Spec, listed: list[Pair]) -> Agenda:
    """Return the timetable by week of the scenario, the calendar by week of the year (0 to 51)."""
    at, size = index(spec.states), len(spec.states)
    dated = [
        (
            (entry.day - spec.start).days // 7,
            at[entry.actor],
            at[entry.target or entry.actor],
            TIMETABLE.index(entry.kind),
            entry.value,
        )
        for entry in spec.timetable
        if entry.kind in TIMETABLE
    ] or [(-1, -1, -1, 0, 0.0)]
    drills = [
        (exercise.week_of_year - 1, exercise.weeks, host, guest, exercise.kind, exercise.size)
        for exercise in spec.exercises
        for host, guest in _partners([at[code] for code in exercise.states])
    ] or [(0, 0, -1, -1, EXERCISES[0], 0.0)]
    whole = [
        (n, at[exercise.states[0]], exercise.terms)
        for n, exercise in enumerate(spec.exercises)
        for _ in _partners([at[code] for code in exercise.states])
    ] or [(0, 0, -1.0)]
    of = [n for n, _, _ in whole]
    entries, kinds = np.zeros((len(TIMETABLE), len(dated))), np.zeros((len(drills), len(EXERCISES)))
    for n, (_, _, _, event, value) in enumerate(dated):
        entries[event, n] = value
    for n, (*_, kind, extent) in enumerate(drills):
        kinds[n, EXERCISES.index(kind)] = extent
    dates, calls = by_pair([entry[1:3] for entry in dated])
    meetings, meeting = by_pair([drill[2:4] for drill in drills])
    everyone = [(i, j) for i in range(size) for j in range(size)]
    return Agenda(
        week=np.asarray([entry[0] for entry in dated], np.int64),
        entry=entries,
        dated=dates,
        call=of_pairs(everyone, calls).reshape(size, size),
        calls=filled(of_each([actor for actor, _ in calls], range(size)), len(calls)),
        first=np.asarray([drill[0] for drill in drills], np.int64),
        length=np.asarray([drill[1] for drill in drills], np.int64),
        drills=meetings,
        joint=of_pairs(listed, meeting),
        alone=of_pairs([(i, i) for i in range(size)], meeting),
        drill=kinds,
        opener=np.asarray([opener for _, opener, _ in whole], np.int64),
        partners=of_pairs([drill[2:4] for drill in drills], listed or [NOBODY]),
        parts=filled(of_each(of, of), len(of)),
        terms=np.asarray([terms for *_, terms in whole], np.float64),
        week_of_year=np.asarray(_week_of_year(spec.start), np.int64),
    )


def _partners(states: list[int]) -> list[Pair]:
    """Return every pair once; a state alone is its own guest."""
    if len(states) == 1:
        return [(states[0], states[0])]
    return [(i, j) for n, i in enumerate(states) for j in states[n + 1 :]]


def _week_of_year(day: date) -> int:
    """0 for 1 to 7 January, .., 51 for the year's last eight or nine days."""
    return min((day.timetuple().tm_yday - 1) // 7, 51)


def _start(spec: Spec, alliances: list[Bond], pairs: list[Pair]) -> Start:
    at, size, relations = index(spec.states), len(spec.states), spec.relations
    sanctions, embargo, mandate = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    for i, j, value in relations.sanctions:
        sanctions[at[i], at[j]] = value
    embargo[[at[code] for code in relations.embargoes]] = 1.0
    for code, weeks in relations.monitors.items():
        mandate[at[code]] = weeks
    owed = {(i, j): value for i, j, value in relations.debts}
    level = _symmetric(spec, relations.levels, np.zeros((size, size), np.int64))
    own = {
        field.name: _of_states(
            spec, field, [getattr(state, field.name) for state in spec.states.values()]
        )
        for field in fields(Start)
        if field.name in type(next(iter(spec.states.values()))).model_fields
    }
    return Start(
        **own,
        interop=_on(pairs, _symmetric(spec, relations.interop, np.zeros((size, size)))),
        level=_on(pairs, _symmetric(spec, ((i, j, WAR) for i, j in relations.wars), level)),
        tension=_symmetric(spec, relations.tension, TENSION * (1.0 - np.eye(size))),
        sanctions=sanctions,
        agreed=np.asarray([float(r.agreed) for r in spec.routes] or [0.0], np.float64),
        debt=np.asarray(
            [owed.get((r.source, r.target), 0.0) for r in spec.routes] or [0.0], np.float64
        ),
        embargo=embargo,
        pact=np.asarray([_in_force(spec, bond) for *_, bond in alliances] or [1.0]),
        mandate=mandate,
    )
