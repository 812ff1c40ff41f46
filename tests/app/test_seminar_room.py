"""A room as a fold over its log: same log, same worlds; what cannot be is refused."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from seminar_rooms import SEATS, asia, forward, order, room_of, small

from sim.app.seminar.course import digest
from sim.app.seminar.orders import MOST_ORDERS, RefusedError
from sim.app.seminar.room import ENDED, MOST_TALK, OPEN, PAUSED, after, fold, opening
from sim.engines import reference

pytestmark = pytest.mark.usefixtures("unchecked")
PRESS = order(0, "CHL", ("press", ["DEF"]))
SUPPLY = {
    "kind": "propose",
    "seat": "ALY",
    "turn": 0,
    "deal": {"type": "supply", "to": "DEF", "munition": "arms", "amount": 50, "means": "cash"},
}
TOGETHER = {
    "kind": "propose",
    "seat": "CHL",
    "turn": 0,
    "deal": {"type": "statement", "to": "DEF", "text": " no drills\n this year "},
}
ACCEPT = {"kind": "answer", "seat": "DEF", "turn": 0, "deal": 1, "accept": True}


def test_silent_seats_are_the_run_of_the_engine() -> None:
    room = room_of(forward(0), forward(1))
    for made, own in zip(room.course.weeks, reference.weeks(small(), 3, 0), strict=False):
        assert digest(made.world) == digest(own.world)
    assert len(room.course.weeks) == 8


def test_a_log_that_went_through_json_makes_the_same_worlds() -> None:
    log = [opening(small(), SEATS, seed=3), PRESS, SUPPLY, ACCEPT, forward(0), forward(1)]
    again = fold(json.loads(json.dumps(log)))
    assert digest(again.course.world) == digest(fold(log).course.world)
    assert digest(again.course.world) != digest(room_of(forward(0), forward(1)).course.world)


def test_an_order_stands_in_every_week_of_its_turn_and_in_no_other() -> None:
    room = room_of(PRESS, forward(0), forward(1))
    place = room.scenario.pairs.index((0, 1))
    pressed = [int(week.action.crisis.posture[place]) for week in room.course.weeks]
    silent = [
        int(w.action.crisis.posture[place]) for w in room_of(forward(0), forward(1)).course.weeks
    ]
    assert pressed[:4] == [1] * 4
    assert silent[:4] != [1] * 4
    assert room.orders == {}


def test_what_a_seat_submits_last_counts() -> None:
    room = room_of(PRESS, order(0, "CHL", ("hold", ["DEF"]), ("conciliate", ["DEF"])))
    assert [given["verb"] for given in room.orders["CHL"]] == ["conciliate"]


def test_a_deal_binds_both_until_an_own_order_breaks_it() -> None:
    kept = room_of(SUPPLY, ACCEPT, forward(0)).course.weeks[0].action.transfer
    assert (kept.offer[0, 0], kept.mix[2].tolist()) == (50.0, [1.0, 0.0, 0.0])
    assert kept.want[1, 0] >= 50.0
    broken = order(0, "ALY", ("offer", ["DEF", "arms"], 0))
    assert room_of(SUPPLY, ACCEPT, broken, forward(0)).course.weeks[0].action.transfer.offer == 0.0
    refused = room_of(SUPPLY, ACCEPT | {"accept": False}, forward(0))
    assert digest(refused.course.world) == digest(room_of(forward(0)).course.world)


def test_a_deal_ends_when_its_turns_are_over() -> None:
    weeks = room_of(SUPPLY, ACCEPT, forward(0), forward(1)).course.weeks
    assert [float(week.action.transfer.offer[0, 0]) for week in weeks] == [50.0] * 4 + [0.0] * 4


@pytest.mark.parametrize("kind", ["exercise", "restraint"])
def test_exercises_and_restraint_are_done_by_both(kind: str) -> None:
    terms = {"type": kind, "to": "DEF", "exercise": "air", "size": 2.0}
    by = "ALY" if kind == "exercise" else "CHL"
    deal = SUPPLY | {"seat": by, "deal": terms}
    room = room_of(PRESS if kind == "exercise" else forward(0) | {"kind": "resume"}, deal, ACCEPT)
    week = after(room, forward(0)).course.weeks[0]
    one, other = (room.scenario.states.index(code) for code in (by, "DEF"))
    for pair in ((one, other), (other, one)):
        place = room.scenario.pairs.index(pair)
        if kind == "exercise":
            assert week.action.training.exercise[place, 1] == 2.0
        else:
            assert week.action.crisis.posture[place] == 0


def test_a_statement_of_two_is_said_to_all_once_the_other_accepts_it() -> None:
    proposed = room_of(TOGETHER)
    assert proposed.talk == ()
    refused = after(proposed, ACCEPT | {"accept": False})
    assert (refused.talk, refused.deals[0]["state"]) == ((), "refused")
    agreed = after(proposed, ACCEPT)
    line = {"turn": 0, "by": "CHL and DEF", "to": "all", "text": "no drills this year"}
    assert (agreed.talk, agreed.deals[0]["state"]) == ((line,), "accepted")
    moved = after(agreed, forward(0))
    assert digest(moved.course.world) == digest(room_of(forward(0)).course.world)
    assert after(moved, {"kind": "rewind", "turn": 0}).talk == (line,)


def test_a_statement_of_two_is_not_said_in_a_room_that_is_full_of_them() -> None:
    line: dict[str, Any] = {}
    full = replace(room_of(TOGETHER), talk=(line,) * MOST_TALK)
    with pytest.raises(RefusedError, match="too many statements"):
        after(full, ACCEPT)
    assert after(full, ACCEPT | {"accept": False}).deals[0]["state"] == "refused"


def test_a_room_is_rewound_to_the_beginning_of_a_turn() -> None:
    say = {"kind": "say", "seat": "CHL", "turn": 1, "to": "all", "text": "stand back"}
    room = room_of(forward(0), PRESS | {"turn": 1}, SUPPLY | {"turn": 1}, say, forward(1))
    back = after(room, {"kind": "rewind", "turn": 1})
    assert (back.turn, back.orders, back.deals, len(back.talk)) == (1, {}, (), 1)
    plain = room_of(forward(0), forward(1))
    assert digest(after(back, forward(1)).course.world) == digest(plain.course.world)
    assert after(back, {"kind": "rewind", "turn": 0}).turn == 0


def test_what_was_injected_goes_when_its_turn_is_rewound() -> None:
    leak = {"kind": "inject", "turn": 0, "what": "leak", "states": ["PRK", "RUS"]}
    room = room_of(leak, {"kind": "rewind", "turn": 0}, scenario=asia(), seats=["PRK"])
    assert digest(room.course.world) == digest(room.begun[0].course.world)


def test_a_leak_a_launch_and_a_ceasefire_are_injected() -> None:
    base = {"kind": "inject", "turn": 1}
    entries = (
        order(0, "RUS", ("press", ["UKR"])),
        forward(0),
        base | {"what": "launch_failure", "states": ["PRK"]},
        base | {"what": "ceasefire", "states": ["RUS", "UKR"]},
        base | {"what": "leak", "states": ["PRK", "RUS"]},
    )
    before = room_of(*entries[:2], scenario=asia(), seats=["RUS"])
    room = room_of(*entries, scenario=asia(), seats=["RUS"])
    world, e = room.course.world, room.scenario.routes.index(("PRK", "RUS"))
    sent = before.course.world.shipped[e] @ before.course.params(4).munitions.containers
    assert world.exposure[e] == 3.0 > before.course.world.exposure[e]
    np.testing.assert_allclose(world.estimate[:, e], sent + before.course.world.cargo_shipped[e])
    week = after(room, forward(1)).course.weeks[4]
    assert week.events["launch_failed"].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert week.events["ceasefire"].sum() == 1
    quiet = after(before, forward(1)).course.weeks[4]
    assert (quiet.events["launch_failed"].sum(), quiet.events["ceasefire"].sum()) == (0, 0)


def test_pause_resume_and_end() -> None:
    room = after(room_of(), {"kind": "pause"})
    assert room.status == PAUSED
    with pytest.raises(RefusedError, match="paused"):
        after(room, PRESS)
    room = after(room, {"kind": "resume"})
    assert room.status == OPEN
    ended = after(after(room, PRESS), {"kind": "end"})
    assert ended.status == ENDED
    with pytest.raises(RefusedError, match="ended"):
        after(ended, forward(0))
    assert after(ended, {"kind": "rewind", "turn": 0}).status == OPEN


def test_the_last_turn_ends_it() -> None:
    short = fold([opening(small(), ["CHL"], turns=2), forward(0), forward(1)])
    assert (short.status, short.turn) == (ENDED, 2)
    weeks = fold([opening(small().with_("weeks=6"), ["CHL"]), forward(0), forward(1)])
    assert (weeks.status, len(weeks.course.weeks)) == (ENDED, 6)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": "vote"}, "no such entry"),
    ({"kind": ["order"]}, "no such entry"),
    (PRESS | {"turn": 1}, "turn 2; it is turn 1"),
    (PRESS | {"turn": True}, "whole number"),
    (PRESS | {"seat": "QQQ"}, "no such seat"),
    (PRESS | {"orders": "press"}, "a list"),
    (PRESS | {"orders": [{}] * (MOST_ORDERS + 1)}, "at most"),
    (PRESS | {"orders": [7]}, "an order has"),
    (order(0, "CHL", ("hit", ["DEF"])), "does not exist"),
    (order(0, "CHL", ({"a": 1}, ["DEF"])), "does not exist"),
    (order(0, "CHL", ("press", ["CHL"])), "cannot do that"),
    (order(0, "CHL", ("press", "DEF")), "cannot do that"),
    (order(0, "CHL", ("offer", ["DEF", "arms"], 5)), "cannot do that"),
    (order(0, "ALY", ("offer", ["DEF", "arms"], float("nan"))), "a number from"),
    (order(0, "ALY", ("offer", ["DEF", "arms"], "5")), "a number is needed"),
    (order(0, "ALY", ("offer", ["DEF", "arms"], 1e30)), "a number from"),
    (order(0, "CHL", ("sanction", ["DEF"], True)), "a number is needed"),
    (SUPPLY | {"deal": None}, "a supply, an exercise"),
    (SUPPLY | {"deal": {"type": ["supply"]}}, "a supply, an exercise"),
    (SUPPLY | {"deal": SUPPLY["deal"] | {"to": "ALY"}}, "another state"),
    (SUPPLY | {"deal": SUPPLY["deal"] | {"turns": 99}}, "1 to 12"),
    (SUPPLY | {"deal": SUPPLY["deal"] | {"means": "gold"}}, "paid in"),
    (SUPPLY | {"deal": SUPPLY["deal"] | {"amount": -1}}, "a number from"),
    (TOGETHER | {"deal": TOGETHER["deal"] | {"to": "all"}}, "another state"),
    (TOGETHER | {"deal": TOGETHER["deal"] | {"to": "CHL"}}, "another state"),
    (TOGETHER | {"deal": TOGETHER["deal"] | {"text": "x" * 501}}, "1 to 500"),
    (TOGETHER | {"deal": TOGETHER["deal"] | {"text": ["x"]}}, "1 to 500"),
    (TOGETHER | {"deal": TOGETHER["deal"] | {"text": " \n\x00"}}, "says something"),
    (TOGETHER | {"deal": {"type": "statement", "to": "DEF"}}, "1 to 500"),
    (ACCEPT, "no such deal"),
    ({"kind": "say", "seat": "CHL", "turn": 0, "to": "CHL", "text": "x"}, "goes to another"),
    ({"kind": "say", "seat": "CHL", "turn": 0, "to": "all", "text": "x" * 501}, "1 to 500"),
    ({"kind": "say", "seat": "CHL", "turn": 0, "to": "all", "text": ["x"]}, "1 to 500"),
    ({"kind": "inject", "turn": 0, "what": "leak", "states": ["CHL", "DEF"]}, "no route"),
    ({"kind": "inject", "turn": 0, "what": "ceasefire", "states": ["CHL", "DEF"]}, "none that"),
    ({"kind": "inject", "turn": 0, "what": "launch_failure", "states": ["CHL"]}, "no launches"),
    ({"kind": "inject", "turn": 0, "what": ["rain"], "states": []}, "none that"),
    ({"kind": "inject", "turn": 0, "what": "leak", "states": [["CHL"]]}, "names states"),
    ({"kind": "rewind", "turn": 1}, "that has begun"),
    ({"kind": "rewind", "turn": -1}, "that has begun"),
]


@pytest.mark.parametrize(("entry", "why"), WRONG)
def test_what_cannot_be_is_refused(entry: dict[str, Any], why: str) -> None:
    room = room_of()
    with pytest.raises(RefusedError, match=why):
        after(room, entry)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "order"},
        {"seed": -1},
        {"seed": "0"},
        {"turns": 0},
        {"run": 1.5},
        {"seats": []},
        {"seats": ["CHL", "CHL"]},
        {"seats": ["QQQ"]},
        {"seats": [["CHL"]]},
        {"scenario": {"title": "none"}},
        {"scenario": "deterrence_game"},
        {"scenario": small().mapping | {"parameters": "/etc/hostname"}},
    ],
)
def test_a_room_that_cannot_be_is_not_opened(change: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        fold([opening(small(), SEATS) | change])


def test_an_answer_is_given_once_and_by_whom_it_was_proposed_to() -> None:
    room = room_of(SUPPLY, ACCEPT)
    with pytest.raises(RefusedError, match="answered already"):
        after(room, ACCEPT)
    with pytest.raises(RefusedError, match="no such deal was proposed to you"):
        after(room_of(SUPPLY), ACCEPT | {"seat": "CHL"})
