"""The fog of war: what a seat is sent holds nothing that its state must not know."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from seminar_marks import MARKS, planted
from seminar_rooms import asia, forward, order, room_of

from sim.app.news import NEWS, UNSAID
from sim.app.seminar.room import Room, after
from sim.app.seminar.views import desk, public
from sim.events import EVENTS

pytestmark = pytest.mark.usefixtures("unchecked")
SEATS = ("PRK", "USA", "KOR")


@pytest.fixture(scope="module")
def begun(unchecked: None) -> Room:
    return room_of(
        order(0, "PRK", ("campaign", [], 1), ("offer", ["RUS", "shell_152"], 5000)),
        forward(0),
        order(1, "PRK", ("press", ["KOR"])),
        {"kind": "say", "seat": "PRK", "turn": 1, "to": "USA", "text": "between us alone"},
        {
            "kind": "propose",
            "seat": "KOR",
            "turn": 1,
            "deal": {"type": "exercise", "to": "USA", "exercise": "air", "size": 1.25},
        },
        {
            "kind": "propose",
            "seat": "KOR",
            "turn": 1,
            "deal": {"type": "statement", "to": "USA", "text": "not said yet"},
        },
        scenario=asia(),
        seats=SEATS,
    )


@pytest.mark.parametrize("seat", asia().states)
def test_a_seat_is_sent_no_planted_mark(begun: Room, seat: str) -> None:
    sent = json.dumps(desk(_marked(begun, seat), seat))
    assert not [mark for mark in MARKS if mark in sent]


@pytest.mark.parametrize("seat", asia().states)
def test_the_marks_would_be_seen(begun: Room, seat: str) -> None:
    other = next(code for code in asia().states if code != seat)
    sent = json.dumps(desk(_marked(begun, seat), other))
    assert [mark for mark in MARKS if mark in sent]


def test_spectators_are_sent_no_planted_mark(begun: Room) -> None:
    sent = json.dumps(public(_marked(begun, None)))
    assert not [mark for mark in MARKS if mark in sent]


def _marked(room: Room, seat: str | None) -> Room:
    """The room with marks in all that a state must not know."""
    course = replace(room.course)
    course.__dict__["table"] = planted(room.course.table, seat)
    return replace(room, course=course)


def test_what_is_not_between_all_reaches_its_ends_alone(begun: Room) -> None:
    sent: dict[str | None, str] = {seat: json.dumps(desk(begun, seat)) for seat in SEATS}
    sent[None] = json.dumps(public(begun))
    for text, ends in (
        ("between us alone", ("PRK", "USA")),
        ("exercise of size 1.25", ("KOR", "USA")),
        ("Press KOR", ("PRK",)),
        ("not said yet", ("KOR", "USA")),
    ):
        assert {who for who, view in sent.items() if text in view} == {*ends}


@pytest.mark.parametrize("accept", [True, False])
def test_what_two_say_together_reaches_all_if_the_second_accepted(
    begun: Room, accept: bool
) -> None:
    answer = {"kind": "answer", "seat": "USA", "turn": 1, "deal": 2, "accept": accept}
    room = after(begun, answer)
    views = [*(desk(room, seat) for seat in SEATS), public(room)]
    said = [any(t["by"] == "KOR and USA" for t in view["talk"]) for view in views]
    assert said == [accept] * 4
    assert ("not said yet" in json.dumps(desk(room, "PRK"))) == accept


def test_news_of_others_is_what_all_learn(begun: Room) -> None:
    others, own = (" ".join(desk(begun, seat)["news"]) for seat in ("USA", "PRK"))
    assert "PRK tested a weapon" in others
    assert "PRK's dispute with KOR fell" in own
    assert "dispute with KOR" not in others


def test_a_view_is_plain_data(begun: Room) -> None:
    for view in (desk(begun, "PRK"), public(begun)):
        assert json.loads(json.dumps(view, allow_nan=False)) == view
    assert desk(begun, "PRK")["in"] == ["PRK"]


def test_marks_are_planted_in_arrays_of_their_own(begun: Room) -> None:
    before: Any = np.array(begun.course.table.seen.stock)
    planted(begun.course.table, "PRK")
    assert np.array_equal(before, begun.course.table.seen.stock)


def test_every_kind_of_event_can_be_said() -> None:
    assert {*NEWS, UNSAID} == {*EVENTS}, "NEWS of sim/app/news.py"
