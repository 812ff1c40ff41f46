"""The debriefing: true numbers, honest counterfactuals, and a file that needs nothing else."""

import re

import numpy as np
import pytest
from seminar_rooms import SEATS, forward, order, room_of, small

from sim.app.seminar.course import digest
from sim.app.seminar.debrief import debriefed, highest, outcome, without
from sim.app.seminar.room import fold, opening
from sim.app.seminar.views import digits

pytestmark = pytest.mark.usefixtures("unchecked")
SCRIPT = "<script>alert(1)</script>"
LOG = [
    opening(small(), SEATS, seed=3),
    order(0, "CHL", ("press", ["DEF"])),
    {"kind": "say", "seat": "CHL", "turn": 0, "to": "all", "text": SCRIPT},
    {
        "kind": "propose",
        "seat": "DEF",
        "turn": 0,
        "deal": {"type": "statement", "to": "ALY", "text": f"together {SCRIPT}"},
    },
    {"kind": "answer", "seat": "ALY", "turn": 0, "deal": 1, "accept": True},
    forward(0),
    order(1, "CHL", ("press", ["DEF"]), ("press", ["ALY"])),
    order(1, "DEF", ("press", ["CHL"])),
    forward(1),
    {"kind": "end"},
]


@pytest.fixture(scope="module")
def page(unchecked: None) -> str:
    return debriefed(LOG)


def test_it_needs_nothing_else_and_holds_no_script(page: str) -> None:
    assert "default-src 'none'" in page
    assert "<script" not in page
    written = SCRIPT.replace("<", "&lt;").replace(">", "&gt;")
    assert f"<td>{written}</td>" in page
    assert f"DEF and ALY say to all: together {written}" in page  # the deal
    assert f"<td>together {written}</td>" in page  # what was then said
    assert not re.findall(r'(?:src|href)="(?!#)', page.replace('xlink:href="#', ""))
    assert len(page) < 400_000


def test_it_tells_truth_beside_belief(page: str) -> None:
    room = fold(LOG)
    week = room.course.weeks[-1]
    place = room.scenario.pairs.index((0, 1))
    for number in (week.seen.strength[1], week.seen.believed[place], week.seen.credence[place]):
        assert f"<td>{digits(float(number))}</td>" in page
    assert "CHL and DEF rose to" in page
    assert "CHL pressed, as its team ordered" in page


def test_a_counterfactual_is_the_same_log_without_it(page: str) -> None:
    assert "had CHL not pressed ALY in weeks 4 to 7" in page
    other = fold(without(LOG, "CHL", 1, "ALY"))
    same = room_of(
        LOG[1],
        forward(0),
        order(1, "CHL", ("press", ["DEF"]), ("hold", ["ALY"])),
        LOG[7],
        forward(1),
    )
    assert digest(other.course.world) == digest(same.course.world)
    assert digest(other.course.world) != digest(fold(LOG).course.world)
    before = [week.world for week in other.course.weeks[:4]]
    ours = fold(LOG).course.weeks
    assert [digest(world) for world in before] == [digest(week.world) for week in ours[:4]]


def test_a_silent_team_is_its_doctrine() -> None:
    log = LOG
    for seat in SEATS:
        log = without(log, seat, None, None)
    plain = room_of(forward(0), forward(1))
    assert digest(fold(log).course.world) == digest(plain.course.world)


def test_what_it_came_to() -> None:
    room = fold(LOG)
    found = outcome(room)
    assert found["highest dispute of any seat, 0 to 5"] == highest(room.course.weeks).max()
    assert np.isfinite(list(found.values())).all()
    assert [name for name in found if name.startswith("worth")] == [f"worth to {c}" for c in SEATS]


def test_a_seminar_without_a_turn_has_one_too() -> None:
    assert "No turn was simulated" in debriefed(LOG[:1])
