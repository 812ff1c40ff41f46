"""From a scenario to arrays: Params, and what week 0 starts with.

States, munitions, technologies and routes keep the order of the file. A list that may be empty
(routes, observers, infrastructure, alliances, the agenda) has one inert entry then, so that no axis
is ever empty: it moves nothing, nobody decides on it, and no table, figure or view shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import add
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from .. import params
from ..desks.registry import REGISTRY
from ..params import Agenda, Params, Relations, Routes, Rules, States, Wiring
from ..world import DESKS, EXERCISES, TIMETABLE, WAR, Array
from .schema import Spec, axes
from .start import TENSION, Start

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
    alliances = _alliances(spec)
    made = Params(
        wiring=_wiring(spec, alliances),
        agenda=_agenda(spec),
        munitions=_columns(params.Munitions, spec.munitions.values()),
        technologies=_columns(params.Technologies, spec.technologies.values()),
        states=_states(spec),
        relations=_relations(spec, alliances),
        routes=_routes(spec),
        rules=_rules(spec),
        desks=desks,
        choice=np.asarray(choice, np.int64),
    )
    return Built(made, _start(spec))


def _index(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


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


def _alliances(spec: Spec) -> list[tuple[int, int, float]]:
    """Protector, protege, commitment: a mutual alliance twice, [] where there is none."""
    at = _index(spec.states)
    found = []
    for alliance in spec.relations.alliances:
        pair = at[alliance.protector], at[alliance.protege]
        found.append((*pair, alliance.commitment))
        if alliance.mutual:
            found.append((*reversed(pair), alliance.commitment))
    return found


def _symmetric(spec: Spec, listed: Iterable[tuple[str, str, Any]], table: Array) -> Array:
    """Return the table with each listed value at [i, j] and [j, i]."""
    at = _index(spec.states)
    for i, j, value in listed:
        table[at[i], at[j]] = table[at[j], at[i]] = value
    return table


def _relations(spec: Spec, alliances: list[tuple[int, int, float]]) -> Relations:
    at, size = _index(spec.states), len(spec.states)
    stake = np.zeros((size, size))
    for rivalry in spec.relations.rivalries:
        i, j = (at[code] for code in rivalry.states)
        both = rivalry.stake
        stake[i, j], stake[j, i] = both if isinstance(both, tuple) else (both, both)
    wars = ((i, j, 1.0) for i, j in spec.relations.wars)
    return Relations(
        affinity=_symmetric(spec, spec.relations.affinity, np.zeros((size, size))),
        stake=stake,
        war=_symmetric(spec, wars, np.zeros((size, size))),
        commitment=np.asarray([commitment for *_, commitment in alliances] or [0.0]),
    )


def _legs(spec: Spec) -> tuple[int, int]:
    """The shape of arrays [leg, route]; without routes there is one inert entry of one leg."""
    return max((len(route.legs) for route in spec.routes), default=1), max(1, len(spec.routes))


def _routes(spec: Spec) -> Routes:
    time, vulnerability = np.ones(_legs(spec)), np.zeros(_legs(spec))
    for e, route in enumerate(spec.routes):
        for position, leg in enumerate(route.legs):
            time[position, e], vulnerability[position, e] = leg.weeks, leg.vulnerability
    capacity = [way.capacity for way in spec.infrastructure.values()] or [0.0]
    return Routes(time, vulnerability, np.asarray(capacity, np.float64))


def _wiring(spec: Spec, alliances: list[tuple[int, int, float]]) -> Wiring:
    at, size = _index(spec.states), len(spec.states)
    ends = [(at[route.source], at[route.target]) for route in spec.routes] or [(-1, -1)]
    sources, targets = zip(*ends, strict=True)
    source, target = _inert_at_zero(sources), _inert_at_zero(targets)
    observers = [i for i, state in enumerate(spec.states.values()) if state.observer] or [-1]
    way = _index(spec.infrastructure)
    leg, last, ways = np.zeros(_legs(spec)), np.zeros(_legs(spec)), max(1, len(way))
    over = np.full(_legs(spec), ways)
    for e, route in enumerate(spec.routes):
        leg[: len(route.legs), e], last[len(route.legs) - 1, e] = 1.0, 1.0
        for position, part in enumerate(route.legs):
            if part.over is not None:
                over[position, e] = way[part.over]
    pairs = [(i, j) for i, j, _ in alliances] or [(-1, -1)]
    munitions, technologies = spec.munitions.items(), spec.technologies
    domain = [_index(technologies)[munition.technology] for _, munition in munitions]
    family = [munition.family or name for name, munition in munitions]
    roles = np.asarray([technology.role for technology in technologies.values()])
    protectors, proteges = zip(*pairs, strict=True)
    protector, protege = _inert_at_zero(protectors), _inert_at_zero(proteges)
    bound = {pair for i, j in pairs for pair in ((i, j), (j, i))}
    exports, imports = _of_each(sources, range(size)), _of_each(targets, range(size))
    return Wiring(
        off=1.0 - np.eye(size),
        upper=np.triu(np.ones((size, size)), 1),
        source=source,
        target=target,
        real_route=_real(sources),
        pair=source * size + target,
        route=_of_pairs(ends, size),
        exports=_lists(exports, len(ends)),
        imports=_lists(imports, len(ends)),
        ends=_lists([sorted(pair) for pair in map(add, exports, imports)], len(ends)),
        leg=leg,
        last=last,
        way=over,
        traffic=_lists(_of_each(over.ravel().tolist(), range(ways)), over.size),
        observer=_inert_at_zero(observers),
        real_observer=_real(observers),
        voice=_places_of(observers, size),
        protector=protector,
        protege=protege,
        bond=protector * size + protege,
        alliance=_of_pairs(pairs, size),
        guards=_lists(_of_each(proteges, range(size)), len(pairs)),
        wards=_lists(_of_each(protectors, range(size)), len(pairs)),
        allies=_lists([sorted(j for i, j in bound if i == own) for own in range(size)], size),
        domain=np.asarray(domain, np.int64),
        family=_lists(_of_each(family, family), len(family)),
        tested=(roles == "tested").astype(np.float64),
        launched=(roles == "launched").astype(np.float64),
        watching=(roles == "watching").astype(np.float64),
    )


def _of_each(groups: Sequence[Any], each: Iterable[Any]) -> list[list[int]]:
    """Return the places at which each group stands."""
    places: dict[Any, list[int]] = {}
    for at, group in enumerate(groups):
        places.setdefault(group, []).append(at)
    return [places.get(group, []) for group in each]


def _lists(rows: Sequence[list[int]], past: int) -> Int64[Array, "row member"]:
    """Return lists of places as one array, filled up with one past the last place."""
    most = max(1, *map(len, rows))
    return np.asarray([row + [past] * (most - len(row)) for row in rows], np.int64)


def _of_pairs(pairs: Sequence[tuple[int, int]], size: int) -> Int64[Array, "state state"]:
    """Return the place of each ordered pair in a list, one past the last where it is not there."""
    return _places_of([i * size + j for i, j in pairs], size * size).reshape(size, size)


def _places_of(things: Sequence[int], size: int) -> Int64[Array, " thing"]:
    """Return the place of each of `size` things in a list, one past the last if it is not there."""
    places = {thing: at for at, thing in enumerate(things)}
    return np.asarray([places.get(thing, len(things)) for thing in range(size)], np.int64)


def _by_pair(
    pairs: Sequence[tuple[int, int]], size: int
) -> tuple[Int64[Array, "pair entry"], Int64[Array, "state state"]]:
    """Return the entries of each pair that has any, and the place of each pair in that list."""
    distinct = list(dict.fromkeys(pairs))
    return _lists(_of_each(pairs, distinct), len(pairs)), _of_pairs(distinct, size)


def _inert_at_zero(places: Sequence[int]) -> Int64[Array, " entry"]:
    """Return the places, 0 for the -1 of an inert entry: what stands there has no effect."""
    return np.maximum(np.asarray(places, np.int64), 0)


def _real(places: Sequence[int]) -> Float64[Array, " entry"]:
    """1 where there is a place, 0 for the -1 of an inert entry."""
    return (np.asarray(places) >= 0).astype(np.float64)


def _agenda(spec: Spec) -> Agenda:
    """Return the timetable by week of the scenario, the calendar by week of the year (0 to 51)."""
    at, size = _index(spec.states), len(spec.states)
    dated = [
        (
            (entry.day - spec.start).days // 7,
            at[entry.actor],
            at[entry.target or entry.actor],
            TIMETABLE.index(entry.kind),
            entry.value,
        )
        for entry in spec.timetable
    ] or [(-1, -1, -1, 0, 0.0)]
    drills = [
        (exercise.week_of_year - 1, exercise.weeks, host, guest, exercise.kind, exercise.size)
        for exercise in spec.exercises
        for host, guest in _partners([at[code] for code in exercise.states])
    ] or [(0, 0, -1, -1, EXERCISES[0], 0.0)]
    entries, kinds = np.zeros((len(TIMETABLE), len(dated))), np.zeros((len(drills), len(EXERCISES)))
    for n, (_, _, _, event, value) in enumerate(dated):
        entries[event, n] = value
    for n, (*_, kind, extent) in enumerate(drills):
        kinds[n, EXERCISES.index(kind)] = extent
    dates, call = _by_pair([entry[1:3] for entry in dated], size)
    meetings, meeting = _by_pair([drill[2:4] for drill in drills], size)
    return Agenda(
        week=np.asarray([entry[0] for entry in dated], np.int64),
        entry=entries,
        dated=dates,
        call=call,
        first=np.asarray([drill[0] for drill in drills], np.int64),
        length=np.asarray([drill[1] for drill in drills], np.int64),
        drills=meetings,
        meeting=meeting,
        drill=kinds,
        week_of_year=np.asarray(_week_of_year(spec.start), np.int64),
    )


def _partners(states: list[int]) -> list[tuple[int, int]]:
    """Return every pair once; a state alone is its own guest."""
    if len(states) == 1:
        return [(states[0], states[0])]
    return [(i, j) for n, i in enumerate(states) for j in states[n + 1 :]]


def _week_of_year(day: date) -> int:
    """0 for 1 to 7 January, .., 51 for the year's last eight or nine days."""
    return min((day.timetuple().tm_yday - 1) // 7, 51)


def _start(spec: Spec) -> Start:
    at, size, relations = _index(spec.states), len(spec.states), spec.relations
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
        interop=_symmetric(spec, relations.interop, np.zeros((size, size))),
        level=_symmetric(spec, ((i, j, WAR) for i, j in relations.wars), level),
        tension=_symmetric(spec, relations.tension, TENSION * (1.0 - np.eye(size))),
        sanctions=sanctions,
        debt=np.asarray(
            [owed.get((r.source, r.target), 0.0) for r in spec.routes] or [0.0], np.float64
        ),
        embargo=embargo,
        mandate=mandate,
    )
