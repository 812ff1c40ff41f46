"""What is sent to a seat, to spectators and to nobody: the fog of war.

A seat is sent what the desk of its state may read (`sim.policy.views`), in tables, and what is said
to it; spectators what every state sees. Both are plain data: what is not in them is not sent.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...events import AXES, EVENTS
from ...policy.state import State
from ...policy.views import PUBLIC
from ...quantities import Week
from .orders import deal_text, described
from .room import EVERYBODY, Room

Table = list[list[str]]
POSTURES = {-1: "gave way", 0: "held", 1: "pressed"}
LEVELS = ("none", "dispute", "threat", "display", "force", "war")
STAGES = ("quiet", "challenged", "resisted")
KNOWN_TO_ALL = (
    *("test", "launch_announced", "exercise", "disclosure", "joint_statement"),
    *("denial", "adopted", "imposed", "renewed", "condemned", "lifted", "monitor_ended"),
    *("coalition_monitor", "treaty", "ceasefire", "defeated", "joined"),
)
"""Kinds of events that every state learns of: what they change is public in the Observation."""
NEWS = {
    "shipment_departed": "shipped arms to",
    "delivered": "delivered arms to",
    "interdicted": "lost a part of a shipment to",
    "lesson_taught": "taught technology to",
    "agreement": "agreed to supply",
    "test": "tested a weapon",
    "test_failed": "saw a test fail",
    "launch_announced": "announced a satellite launch",
    "launch_succeeded": "put a satellite into orbit",
    "launch_failed": "lost a satellite launch",
    "launch_postponed": "put off a launch",
    "exercise": "exercised with",
    "visit": "visited",
    "disclosure": "published evidence about",
    "joint_statement": "joined in condemning",
    "denial": "denied what was published",
    "draft": "tabled a draft of the Council on",
    "adopted": "came under a resolution of the Council",
    "imposed": "was put under an embargo",
    "renewed": "is to be watched further by the Council's body",
    "condemned": "was condemned by the Council",
    "vetoed": "vetoed a draft of the Council on",
    "relief": "tabled a draft to lift the embargo on",
    "lifted": "is free of its embargo",
    "upheld": "vetoed a draft to lift the embargo on",
    "treaty": "signed a treaty of alliance with",
    "monitor_ended": "is no longer monitored by the Council's body",
    "coalition_monitor": "is monitored by a coalition",
    "sanction": "sanctioned",
    "challenge": "challenged",
    "resisted": "stood against",
    "conceded": "gave way to",
    "backed_down": "dropped its challenge of",
    "incident": "had an incident with",
    "level_up": "rose in its dispute with",
    "level_down": "fell in its dispute with",
    "joined": "went to war with",
    "defeated": "was defeated by",
    "ceasefire": "has a ceasefire with",
}
"""What a line of news says of each kind."""


def digits(value: float) -> str:
    """Return a number with three digits that count."""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def desk(room: Room, seat: str) -> dict[str, Any]:
    """Return all that a seat is sent: what its state sees, and what is said to it.

    Args:
        room: The room.
        seat: The code of the state.
    """
    me = room.course.state(seat)
    tables = {
        "Of yourself": _itself(me),
        "Your munitions": _munitions(me),
        "Your technologies": _technologies(me),
        "Of the others": _others(me),
        "Your routes": _routes(room, me, mine=True),
        "Routes of others": _routes(room, me, mine=False),
    }
    return {
        **heading(room),
        "seat": seat,
        "tables": {name: rows for name, rows in tables.items() if len(rows) > 1},
        "news": list(news(room, seat)),
        "talk": [line for line in room.talk if seat in (line["by"], line["to"]) or _to_all(line)],
        "deals": [
            {"id": d["id"], "text": deal_text(d), "state": d["state"], "mine": d["by"] == seat}
            for d in room.deals
            if seat in (d["by"], d["to"])
        ],
        "submitted": [described(order) for order in room.orders.get(seat, ())],
        "is_submitted": seat in room.orders,
    }


def heading(room: Room) -> dict[str, Any]:
    """Return what everybody in a room knows of it."""
    week = room.course.week
    return {
        "scenario": room.scenario.spec.title or room.scenario.name,
        "turn": room.turn,
        "turns": room.turns,
        "week": week,
        "date": str(room.scenario.date(week)),
        "status": room.status,
        "seats": list(room.seats),
        "in": [seat for seat in room.seats if seat in room.orders],
    }


def public(room: Room) -> dict[str, Any]:
    """Return what spectators are sent: what every state sees."""
    seen, states = room.course.table.seen, room.scenario.states
    columns = ("at_war", "drill", "test", "suspicion", "announced", "embargoed", "monitored")
    assert set(columns) <= set(PUBLIC)
    values = [getattr(seen, name) for name in columns]
    rows = [
        [code, *(digits(float(column[i])) for column in values)] for i, code in enumerate(states)
    ]
    after = [*(week.seen for week in room.course.weeks), seen][1:]
    series = {  # what is seen in a week happened in the one before
        name: [np.asarray(getattr(one, name)).tolist() for one in after]
        for name in ("test", "drill", "at_war")
    }
    return {
        **heading(room),
        "tables": {"What everybody sees": [["state", *map(_spaced, columns)], *rows]},
        "news": list(news(room, None)),
        "talk": [line for line in room.talk if _to_all(line)],
        "states": list(states),
        "series": series,
    }


def _to_all(line: Mapping[str, Any]) -> bool:
    return bool(line["to"] == EVERYBODY)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _itself(me: State) -> Table:
    names = {
        "treasury": "treasury, USD bn",
        "income": "income, USD bn a week",
        "debts": "debts, USD bn",
        "force": "force, thousand",
        "losses": "losses, thousand",
        "readiness": "readiness, share",
        "strength": "strength, log",
        "alarm": "alarm",
        "preparation": "launch prepared, share",
        "campaign": "in a test campaign",
        "at_war": "at war",
        "embargoed": "embargoed",
        "monitored": "monitored",
    }
    found = {label: me.read(name) for name, label in names.items()}
    return [["", ""], *([label, digits(value)] for label, value in found.items() if value)]


def _by_code(me: State, axis: str, names: Mapping[str, str], empty: str) -> Table:
    columns = [me.read(name) for name in names]
    rows = [[code, *(digits(column[code]) for column in columns)] for code in me.codes(axis)]
    return [[empty, *names.values()], *rows]


def _munitions(me: State) -> Table:
    names = {
        "stock": "stock",
        "supply": "weeks it lasts",
        "need": "need a week",
        "inbound": "on the way",
        "capacity": "industry a week",
    }
    return _by_code(me, "munition", names, "munition")


def _technologies(me: State) -> Table:
    names = {"tech": "level", "lessons": "lessons", "trials": "trials", "failures": "failures"}
    return _by_code(me, "technology", names, "technology")


def _others(me: State) -> Table:
    heads = ["state", "dispute", "it last", "your challenge", "its challenge", "tension"]
    heads += ["affinity", "trust", "your lead, log", "it is hard, chance", "deters you"]
    heads += ["it is deterred", "tests", "drills", "sanctions on you", "at war"]
    rows = []
    for code in me.others:
        it = me.of(code)
        near = code in me.partners
        conduct = [
            LEVELS[int(it.level)],
            POSTURES[int(it.posture)],
            STAGES[int(it.stage)],
            STAGES[int(it.against)],
        ]
        between = [me.strength - it.believed, it.credence, it.deterrence, it.cover]
        row = [code, *(conduct if near else ["-"] * 4)]
        row += [digits(x) for x in (it.tension, it.affinity, it.trust)]
        row += [digits(x) for x in between] if near else ["-"] * 4
        row += [digits(x) for x in (it.test, it.drill, it.sanctions, it.at_war)]
        rows.append(row)
    return [heads, *rows]


def _routes(room: Room, me: State, mine: bool) -> Table:
    heads = ["route", "evidence, chance", "doubt", "accusations"]
    heads += ["arrived last week", "debt, USD bn"] if mine else ["published, containers"]
    observer = me.code in me.codes("observer")
    heads += ["your estimate, containers"] if observer else []
    rows = []
    for source, target in room.scenario.routes:
        if mine != (me.code in (source, target)):
            continue
        it = me.route(source, target)
        row = [f"{source} to {target}", digits(1.0 / (1.0 + math.exp(-it.exposure)))]
        row += [digits(it.doubt), digits(it.accused)]
        if mine:
            arrived = [f"{digits(x)} {code}" for code, x in it.delivery.items() if x >= 1.0]
            row += [", ".join(arrived) or "nothing", digits(it.debt)]
        else:
            row += [digits(max(it.published.values(), default=0.0))]
        row += [digits(it.estimate)] if observer else []
        rows.append(row)
    return [heads, *rows]


def news(room: Room, seat: str | None, turns: int = 1) -> Iterator[str]:
    """Yield a line for each thing of the last turn that a seat, or everybody, learns of.

    Args:
        room: The room.
        seat: The code of the state; None for what everybody learns.
        turns: Of how many turns.
    """
    states = room.scenario.states
    for week in room.course.weeks[-4 * turns :]:
        number = int(week.world.week) - 1
        for kind, actor, target, count in happened(week):
            ends = {states[actor], states[target]}
            learns = seat == states[actor] if kind == "test_failed" else seat in ends
            if kind in KNOWN_TO_ALL or learns:
                yield _line(number, kind, states[actor], states[target], count)


def happened(week: Week) -> Iterator[tuple[str, int, int, float]]:
    """Yield what happened in a week: kind, places of actor and target, how often."""
    pair, member = week.params.wiring.pair, week.params.wiring.member
    for kind in EVENTS:
        if kind == "test_day":
            continue  # the days of tests that are counted already
        counts = week.events[kind]
        for at in np.argwhere(counts > 0.0):
            actor, target = _ends(kind, at.tolist(), pair, member, len(week.world.force))
            yield kind, actor, target, float(counts[tuple(at)])


def _ends(kind: str, at: Sequence[int], pair: Any, member: Any, states: int) -> tuple[int, int]:
    place = int(at[0])
    match AXES[kind]:
        case "state":
            return place, place
        case "pair":
            return int(pair.actor[place]), int(pair.target[place])
        case "meeting":
            if place < states:
                return place, place
            return int(pair.actor[place - states]), int(pair.target[place - states])
        case "member state":
            return int(member[place]), int(at[1])
    return place, int(at[1])


def _line(week: int, kind: str, actor: str, target: str, count: float) -> str:
    said = "exercised" if kind == "exercise" and actor == target else NEWS[kind]
    toward = "" if actor == target else f" {target}"
    unit = "levels" if kind.startswith("level_") else "times"
    times = f" ({count:g} {unit})" if count > 1.0 else ""
    return f"Week {week}: {actor} {said}{toward}{times}"
