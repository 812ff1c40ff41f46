"""The worlds in which the oracle and the engines are compared: shipped, crowded and drawn."""

from datetime import timedelta
from itertools import combinations
from random import Random
from typing import Any

from strategies import START, deal, seeded, seeded_rules

from sim.scenario import Scenario, from_mapping, load

YEAR = 52
WEEKS_DRAWN = 26
STRICT = 1000
"""From this seed on: the worlds from 0 on, whose states all sanction who arms a friend's enemy."""
DEFAULT = "northeast_asia_2023"
SYNTHETIC = ((4, 35), (8, 59), (12, 11))
"""States and seed of worlds in which a year has many kinds of events."""
DATED = (
    ("2023-06-10", "draft", "USA", "RUS", 1.0),
    ("2023-06-20", "draft", "KOR", "PRK", 0.5),
    ("2023-08-02", "draft", "USA", "UKR", 1.0),
    ("2023-08-21", "holiday", "KOR", "USA", 0.5),
    ("2023-09-11", "launch", "KOR", None, 1.0),
    ("2023-12-06", "holiday", "PRK", None, 0.25),
    ("2024-03-11", "ceasefire", "UKR", "RUS", 1.0),
    ("2024-03-11", "visit", "UKR", "RUS", 0.7),
    ("2024-03-12", "visit", "RUS", "UKR", 0.7),
)
CROWDED = (
    "weeks=104",
    "states.JPN.desks.training=reciprocal",
    "states.CHN.desks.training=reassurance",
    "states.USA.desks.procurement=richardson",
    "states.JPN.desks.procurement=hold",
    "states.CHN.desks.technology=launch_programme",
    "states.CHN.desks.transfer=opportunist",
    "states.JPN.desks.transfer=importer",
    "states.KOR.desks.transfer=ally_aid",
    "states.UKR.desks.crisis=tit_for_tat",
    "rules.move.interdiction=3",
    "rules.watch.detection=0.05",
    "rules.fight.omega=0.5",
    "rules.fight.settlement=0.1",
    "rules.sanction.coalition_lag=3",
    "rules.sanction.relief=0.1",
    "rules.sanction.outside_yes=0.7",
    "states.KOR.desks.diplomacy=shield",
)


TREATY = {"date": "2023-08-14", "kind": "treaty", "actor": "RUS", "target": "PRK"}
"""A treaty before that of the default, so that the alliance binds for longer."""


def crowded() -> Scenario:
    """The default with all that it leaves out: debts, dated entries and desks of every kind."""
    data: dict[str, Any] = dict(load(DEFAULT).mapping)
    keys = ("date", "kind", "actor", "target", "value")
    entries = [dict(zip(keys, entry, strict=True)) for entry in DATED]
    data["timetable"] = [*data["timetable"], *entries, TREATY]
    debts = [["PRK", "RUS", 0.5], ["RUS", "PRK", 0.2]]
    data["relations"] = {**data["relations"], "debts": debts, "embargoes": ["PRK", "CHN", "JPN"]}
    data["relations"] |= {"wars": [["RUS", "UKR"], ["KOR", "PRK"]], "levels": [["USA", "CHN", 1]]}
    return from_mapping(data).with_(*CROWDED)


def default() -> Scenario:
    return load(DEFAULT, [f"weeks={YEAR}"])


def synthetic(states: int, seed: int) -> Scenario:
    overrides = [f"generate.states={states}", f"generate.seed={seed}", f"weeks={YEAR}"]
    return load("synthetic", overrides)


def tilt(random: Random, data: dict[str, Any], toward: int) -> None:
    """Let more of what seldom happens in a drawn world happen.

    Traits that `seeded` leaves as they ship are drawn in all, and there are more publications and
    drafts; in every fourth world each the brink between nuclear states, a Council whose votes are
    close, quarrels.
    """
    codes = list(data["states"])
    for technology in data["technologies"].values():
        technology |= {"growth": 0.3 * random.random(), "research": random.random()}
        technology |= {"threshold": random.random(), "kept": random.random()}
        technology |= {"provocation": 2.0 * random.random()}
    for state in data["states"].values():
        state |= {"alpha": 2.0 * random.random(), "tempo": 2.0 * random.random()}
        state |= {"procurement_share": random.random(), "surge_limit": 1.0 + random.random()}
        state |= {"force_target": 1.5 * state["force"]}
    for way in data["infrastructure"].values():
        way["capacity"] *= 1.1  # one container is the threshold of an event: rounding would decide
    for state in data["states"].values():
        state["observer"] = state["observer"] or random.random() < 0.5
        if random.random() < 0.3:
            state["desks"]["diplomacy"] = {"rule": "passive", "comply": random.random()}
    trade = data["rules"]["trade"]  # agreements take weeks, and visits fall into them
    for name, scale in (("agreement", 0.02), ("by_affinity", 0.3)):
        if name in trade:
            trade[name] *= scale
    if toward == 0:
        day = (START + timedelta(days=10)).isoformat()
        ends = [{"actor": route["from"], "target": route["to"]} for route in data["routes"]]
        visit = {"date": day, "kind": "visit", "value": 0.5}
        data["timetable"] += [visit | pair for pair in ends]
    for _ in range(6):
        actor, target = random.sample(codes, 2)
        day = (START + timedelta(days=random.randint(0, 180))).isoformat()
        draft = {"date": day, "kind": "draft", "actor": actor, "target": target}
        data["timetable"].append(draft)
    if toward == 1:
        wars = {frozenset(pair) for pair in data["relations"]["wars"]}
        pairs = [pair for pair in combinations(codes, 2) if frozenset(pair) not in wars]
        data["relations"]["levels"] = [[*pair, 4] for pair in pairs]
        for state in data["states"].values():
            state["nuclear"] = True
            state["desks"]["crisis"] = {
                "rule": "perfect_deterrence",
                "occasion": 1.0,
                "counterforce": random.choice([0.0, 0.5, 2.0]),
                "unacceptable": random.choice([0.0, 10.0, 100.0]),
            }
    if toward == 2:
        close = {"needed": float(random.randint(1, 3)), "seats": 15.0, "outside_yes": 0.0}
        data["rules"]["sanction"] |= close | {"coalition_lag": 2.0, "support": 0.0}
        data["rules"]["move"]["interdiction"] = 5.0
        data["relations"]["embargoes"] = embargoed = random.sample(codes, 2)
        data["relations"]["monitors"] = {embargoed[0]: 20}
        for draft in data["timetable"][-6:]:
            draft["target"] = random.choice([code for code in embargoed if code != draft["actor"]])
        for state in data["states"].values():
            state["council"] = random.choice(["elected", "elected", "permanent"])
            if random.random() < 0.5:
                voice = {"publishes": 1.0, "condemns": 1.0, "unfriendly": 1.0}
                quick = {"news": 0.0, "growth": 0.0, "sure": 0.0}
                state["desks"]["diplomacy"] = {"rule": "enforcer"} | voice | quick
    if toward == 3:
        for state in data["states"].values():
            state["desks"]["crisis"] = {
                "rule": "tit_for_tat",
                "provoked": 1.0,
                "retaliate": random.random(),
                "caution": random.random(),
            }


def without_doubles(timetable: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a timetable, the first of those that are the same but for their size."""
    keys = ("date", "kind", "actor", "target")
    return list(
        {
            tuple(str(entry.get(key)) for key in keys): entry for entry in reversed(timetable)
        }.values()
    )[::-1]


def drawn(seed: int) -> Scenario:
    """A drawn world: any structure and traits, desks of all rules, coefficients drawn."""
    world = seed % STRICT
    data = seeded(world, most_states=7) | {"weeks": WEEKS_DRAWN}
    random = Random(world)
    deal(random, data)
    data["rules"] = seeded_rules(random)
    tilt(random, data, world % 4)
    if seed >= STRICT:
        strict = {"rule": "enforcer", "penalty": 1.0, "sanctions": 0.1, "unfriendly": 1.0}
        for state in data["states"].values():
            state["desks"]["diplomacy"] = dict(strict)
    data["timetable"] = without_doubles(data["timetable"])
    return from_mapping(data, f"drawn_{seed}")
