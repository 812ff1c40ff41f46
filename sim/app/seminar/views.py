"""What is sent to a seat, to spectators and to nobody: the fog of war.

A seat is sent what the desk of its state may read (`sim.policy.views`), in tables, and what is said
to it; spectators what every state sees. Both are plain data: what is not in them is not sent.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...policy.state import State
from ...policy.views import PUBLIC
from ..news import happened, sentence
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
        "Between you and the others": _between(me),
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


def _between(me: State) -> Table:
    heads = ["state", "dispute", "it last", "your challenge", "its challenge", "tension"]
    heads += ["affinity", "trust", "your lead, log", "it is hard, chance", "deters you"]
    heads += ["it is deterred"]
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
        reckoned = [me.strength - it.believed, it.credence, it.deterrence, it.cover]
        row = [code, *(conduct if near else ["-"] * 4)]
        row += [digits(x) for x in (it.tension, it.affinity, it.trust)]
        row += [digits(x) for x in reckoned] if near else ["-"] * 4
        rows.append(row)
    return [heads, *rows]


def _others(me: State) -> Table:
    rows = []
    for code in me.others:
        it = me.of(code)
        did = (it.test, it.drill, it.sanctions, it.at_war)
        rows.append([code, *map(digits, did)])
    return [["state", "tests", "drills", "sanctions on you", "at war"], *rows]


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
                said = sentence(kind, states[actor], states[target], count)
                yield f"Week {number}: {said}"
