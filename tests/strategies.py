"""Drawn scenarios: 2 to 12 states with all desks mixed, for tests of what holds in any world.

Hypothesis draws the structure, which shrinks; a seeded generator fills in the numbers. A test makes
the scenario itself, by `from_mapping(data)`: a strategy may not call what beartype checks by lot.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from itertools import combinations, permutations
from random import Random
from typing import Any

from hypothesis import strategies as st

from sim.desks.registry import REGISTRY
from sim.params import Rules
from sim.scenario.schema import axes
from sim.world import DESKS, EXERCISES, TIMETABLE

CODES = ("PRK", "RUS", "UKR", "USA", "KOR", "JPN", "CHN", "DEU", "FRA", "POL", "IRN", "A1")
MUNITIONS = ("shell_152", "shell_155", "rocket", "missile", "mine")
WAYS = ("port", "rail", "bridge")
START = date(2023, 5, 1)
COEFFICIENTS = {
    (desk, name): [
        (field.name, len(axes(field)) > 1, field.metadata) for field in fields(rule.coefficients)
    ]
    for desk, rules in REGISTRY.items()
    for name, rule in rules.items()
}


@st.composite
def mappings(draw: st.DrawFn, most_states: int = 12, most_weeks: int = 26) -> dict[str, Any]:
    """A scenario as plain data; the rules are the shipped ones."""
    return _mapping(
        Random(draw(st.integers(0, 2**32 - 1))),
        lambda low, high: draw(st.integers(low, high)),
        most_states,
        most_weeks,
    )


def seeded(seed: int, most_states: int = 12, most_weeks: int = 26) -> dict[str, Any]:
    """The same of a seed alone, each as likely as any other: small worlds are not preferred."""
    random = Random(seed)
    return _mapping(random, random.randint, most_states, most_weeks)


def _mapping(
    random: Random, count: Callable[[int, int], int], most_states: int, most_weeks: int
) -> dict[str, Any]:
    """A scenario: `count` draws its sizes, between two bounds, and `random` its numbers."""
    codes = CODES[: count(2, most_states)]
    munitions = MUNITIONS[: count(1, len(MUNITIONS))]
    technologies = _technologies(random, count(1, 5))
    ways = WAYS[: count(0, len(WAYS))]
    pairs = list(combinations(codes, 2))
    wars = random.sample(pairs, min(len(pairs), count(0, 3)))
    embargoes = random.sample(codes, count(0, min(3, len(codes))))
    ends = list(permutations(codes, 2))
    routes = random.sample(ends, min(len(ends), count(1, 3 * len(codes))))
    data: dict[str, Any] = {
        "start": START.isoformat(),
        "weeks": count(4, most_weeks),
        "munitions": {name: _munition(random, technologies) for name in munitions},
        "technologies": technologies,
        "infrastructure": {way: {"capacity": random.choice([0.0, 1.0, 50.0, 1e4])} for way in ways},
        "routes": [_route(random, pair, ways) for pair in routes],
        "states": {
            code: _state(random, munitions, list(technologies)) | {"observer": code == codes[0]}
            for code in codes
        },
        "relations": _relations(random, pairs, routes, wars, embargoes),
        "exercises": [_exercise(random, codes) for _ in range(count(0, 4))],
        "timetable": [_dated(random, ends) for _ in range(count(0, 6))],
        "doctrines": {"mixed": {"desks": {desk: min(REGISTRY[desk]) for desk in DESKS}}},
    }
    data["relations"] |= _relevant(random, pairs)
    data["timetable"] += _treaties(random, data["relations"]["alliances"])
    acts = data["timetable"]  # what stands twice is refused
    data["timetable"] = [act for at, act in enumerate(acts) if act not in acts[:at]]
    return data


def deal(random: Random, data: dict[str, Any]) -> None:
    """Makes most routes carry something, some of it unlawfully and before watching eyes.

    Two ends of a route that are drawn independently hardly ever want and offer the same.
    """
    for route in data["routes"]:
        if random.random() < 0.3:
            continue
        supplier, buyer = (data["states"][route[end]] for end in ("from", "to"))
        sells = random.choice([SELLS, GIVES]) | {"release": random.random()}
        supplier["desks"]["transfer"] = sells
        supplier["stock"] = dict.fromkeys(data["munitions"], 1e5)
        supplier["reserve_weeks"] = random.choice([0.0, 8.0])
        buyer["desks"]["transfer"] = {"rule": "importer", "target_weeks": 500.0, "teach": 1.0}
        buyer["war_plan"] = dict.fromkeys(data["munitions"], 1e3)
        buyer["credit"] = 50.0
        for end in (supplier, buyer):
            end["desks"]["diplomacy"] = {"rule": "shield", "comply": random.choice([0.0, 0.5])}
    states = list(data["states"].values())
    for watcher in states[: len(states) // 3]:
        watcher["desks"]["diplomacy"] = WATCHES


SELLS = {"rule": "opportunist", "legal_risk": 0.0, "secrecy": 0.0}
GIVES = {"rule": "ally_aid", "friend": -1.0}
WATCHES = {"rule": "enforcer", "news": 1.0, "publishes": 0.5, "sure": 0.0, "unfriendly": 0.5}


def seeded_rules(random: Random) -> dict[str, dict[str, Any]]:
    """Coefficients of all phases: about half of them shipped, the others anything that they may be.

    Each is drawn by its own name, so that one coefficient more leaves all others as they were. What
    has a wide range is drawn within [-5, 5], and near its lower bound more often: rates near 1
    a week would bring every world to its ends, where no other coefficient matters.
    """
    rules: dict[str, dict[str, Any]] = {}
    world = random.random()
    for phase in fields(Rules):
        rules[phase.name] = drawn = {}
        for field in fields(phase.type):
            own = Random(f"{world} {phase.name}.{field.name}")
            if own.random() < 0.5:
                continue
            low, high = (min(max(field.metadata[end], -5.0), 5.0) for end in ("low", "high"))
            number = [low + (high - low) * own.random() ** 3 for _ in EXERCISES]
            named = dict(zip(EXERCISES, number, strict=True))
            drawn[field.name] = named if axes(field) else number[0]
        if "needed" in drawn:
            drawn["seats"] = 15.0
    return rules


def _technologies(random: Random, count: int) -> dict[str, Any]:
    roles = ("none", "tested", "launched", "watching", "tested")
    odds = {"first": 0.5, "by_tech": 1.0, "by_trials": 0.5, "per_trial": 0.05}
    return {
        f"{role}_{n}": {"role": role, "lesson_cost": random.uniform(0.1, 5.0), **odds}
        for n, role in enumerate(random.sample(roles, count))
    }


def _munition(random: Random, technologies: dict[str, Any]) -> dict[str, Any]:
    return {
        "value": random.choice([0.0, 1e-3, 0.1]),
        "containers": random.choice([0.0, 1 / 450, 1.0, 3.0]),
        "price": random.choice([1e-6, 1e-3]),
        "lethality": random.choice([0.0, 1e-6, 1e-3]),
        "family": random.choice(["east", "west"]),
        "technology": random.choice(list(technologies)),
    }


def _route(random: Random, ends: tuple[str, str], ways: tuple[str, ...]) -> dict[str, Any]:
    legs = [
        {
            "weeks": random.choice([1, 1.5, 4, 12]),
            "vulnerability": random.choice([0.0, 0.3, 1.0]),
            "over": random.choice([None, *ways]),
        }
        for _ in range(random.randint(1, 3))
    ]
    terms = {"ship": random.choice([0.0, 0.0, 2.0, 60.0]), "agreed": random.random() < 0.5}
    return {"from": ends[0], "to": ends[1], "legs": legs} | terms


def _desk(random: Random, desk: str, technologies: list[str]) -> dict[str, Any]:
    """Any rule of a desk; each coefficient its default or anything up to twice that or 1.

    What must not rise is put in order.
    """
    rule = random.choice(sorted(REGISTRY[desk]))
    entry: dict[str, Any] = {"rule": rule}
    for name, has_names, meta in COEFFICIENTS[desk, rule]:
        low, high, default = meta["low"], meta["high"], meta["default"]
        reach = max(1.0, 2.0 * abs(default or 0.0))
        value = random.uniform(max(low, -reach), min(high, reach))
        if default is not None and random.random() < 0.5:
            continue
        by_name = has_names and random.random() < 0.5
        entry[name] = dict.fromkeys(technologies[:1], value) if by_name else value
    known = {name: meta["default"] for name, _, meta in COEFFICIENTS[desk, rule]} | entry
    for order in getattr(REGISTRY[desk][rule].coefficients, "FALLING", ()):
        values = sorted((known[name] for name in order), reverse=True)
        entry |= dict(zip(order, values, strict=True))
    return entry


def _state(random: Random, munitions: tuple[str, ...], technologies: list[str]) -> dict[str, Any]:
    def by_munition(most: float) -> dict[str, float]:
        return {name: round(random.uniform(0, most)) for name in munitions if random.random() < 0.7}

    force = random.choice([1.0, 50.0, 800.0])
    return {
        "doctrine": "mixed",
        "desks": {desk: _desk(random, desk, technologies) for desk in DESKS},
        "spending": random.choice([0.5, 20.0, 900.0]),
        "gdp": random.choice([0.0, 100.0, 3e4]),
        "treasury": random.choice([0.0, 1.0, 50.0]),
        "credit": random.choice([0.0, 5.0]),
        "force": force,
        "manpower": random.choice([0.0, 100.0]),
        "readiness": random.random(),
        "reserve_weeks": random.choice([0.0, 8.0, 60.0]),
        "unusable_share": random.choice([0.0, 0.5, 1.0]),
        "baseline_fire": random.choice([0.0, 0.003, 0.05]),
        "perception_bias": random.uniform(-1.0, 1.0),
        "estimate_bias": random.uniform(-1.0, 1.0),
        "nuclear": random.random() < 0.5,
        "council": random.choice(["none", "elected", "permanent"]),
        "stock": by_munition(1e6),
        "capacity": by_munition(1e4),
        "war_plan": by_munition(1e4),
        "fire_rate": by_munition(100.0),
        "tech": {name: random.random() for name in technologies},
        "trials": {name: random.randint(0, 20) for name in technologies},
    }


def _relations(
    random: Random,
    pairs: list[tuple[str, str]],
    routes: list[tuple[str, str]],
    wars: list[tuple[str, str]],
    embargoes: list[str],
) -> dict[str, Any]:
    def some(share: float) -> list[tuple[str, str]]:
        return [pair for pair in pairs if random.random() < share]

    allied = {"commitment": 0.8, "mutual": random.random() < 0.5}
    return {
        "affinity": [[*pair, random.uniform(-1.0, 1.0)] for pair in some(0.8)],
        "alliances": [{"protector": a, "protege": b, **allied} for a, b in some(0.2)],
        "rivalries": [{"states": [*p], "stake": [random.random(), 0.5]} for p in some(0.3)],
        "wars": [[*pair] for pair in wars],
        "levels": [[*pair, random.randint(0, 4)] for pair in some(0.2) if pair not in wars],
        "tension": [[*pair, random.random()] for pair in some(0.3)],
        "embargoes": embargoes,
        "monitors": {code: random.randint(1, 20) for code in embargoes[:1]},
        "sanctions": [[*pair, random.random()] for pair in some(0.2)],
        "debts": [[*pair, random.uniform(0.0, 2.0)] for pair in routes[:2]],
        "interop": [[*pair, random.random()] for pair in some(0.2)],
    }


def _relevant(random: Random, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Which pairs are listed whatever else names them: none by name, some, or all.

    Drawn last: a world drawn without it is the same world.
    """
    draw = random.random()
    if draw < 0.5:
        return {}
    some = [[*pair] for pair in pairs if random.random() < 0.3]
    return {"relevant": "all" if draw < 0.7 else some}


def _exercise(random: Random, codes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "states": random.sample(codes, random.randint(1, min(3, len(codes)))),
        "kind": random.choice(EXERCISES),
        "week_of_year": random.randint(1, 52),
        "weeks": random.randint(1, 3),
        "size": random.choice([0.5, 1.0]),
        "terms": random.choice([-1.0, -0.2, 0.1]),
    }


def _treaties(random: Random, alliances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Makes some alliances wait for a treaty, and dates some of these; drawn last too."""
    dated = []
    for alliance in alliances:
        alliance["signed"] = random.random() < 0.6
        if not alliance["signed"] and random.random() < 0.5:
            day = START + timedelta(days=random.randint(-30, 150))
            ends = {"actor": alliance["protege"], "target": alliance["protector"]}
            dated.append({"date": day.isoformat(), "kind": "treaty", **ends})
    return dated


def _dated(random: Random, ends: list[tuple[str, str]]) -> dict[str, Any]:
    actor, target = random.choice(ends)
    kind = random.choice([kind for kind in TIMETABLE if kind != "treaty"])
    alone = {} if kind in ("launch", "holiday") else {"target": target}
    day = START + timedelta(days=random.randint(-30, 250))
    return {"date": day.isoformat(), "kind": kind, "actor": actor, **alone}
