"""A world that is gone through week by week is the run that it says."""

import re

import numpy as np
import pytest

import sim
from sim.app.news import NEWS, in_sentence, sentence
from sim.app.walk import Walk
from sim.engines import reference
from sim.events import AXES
from sim.explain.explain import explain
from sim.rules.bounds import in_range
from sim.world import World

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("app")]
WEEKS = 12


@pytest.fixture(scope="module")
def walk() -> Walk:
    return Walk(sim.load("northeast_asia_2023", [f"weeks={WEEKS}"]), 7, 2)


def test_back_and_forth_shows_the_same_weeks(walk: Walk) -> None:
    assert [walk.go(week) for week in (0, 5, 3, 99)] == [0, 5, 3, WEEKS - 1]
    weeks = list(reference.weeks(walk.scenario, 7, 2))
    for number, week in enumerate(weeks):
        assert np.array_equal(walk.week(number).world.stock, week.world.stock)
        assert np.array_equal(walk.week(number).world.tension, week.world.tension)


def test_reasons_are_those_of_the_command(walk: Walk) -> None:
    week = walk.go(6)
    for state in ("PRK", "USA"):
        theirs = explain(walk.scenario, state, week, 7, 2)
        assert walk.why(state, week).lines()[1:] == theirs.lines()[1:]
    assert walk.why("PRK", 0).reasons


def test_what_is_shown_is_the_world(walk: Walk) -> None:
    week = walk.go(8)
    shown, world = walk.shown(week), walk.week(week).world
    states = {row[0]: row[1:] for row in shown.states}
    assert float(states["Ukraine"][0].replace(",", "")) == pytest.approx(
        world.force[walk.scenario.states.index("UKR")], rel=0.01
    )
    assert shown.pairs[1][:2] == ("Russia and Ukraine", "level:5 5 war")
    assert len(shown.pairs) <= 13
    moving = world.transit.any(axis=(0, 2)) | (world.cargo_transit > 0).any(axis=0)
    assert len(shown.routes) - 1 == moving.sum() > 0
    assert shown.events


def test_what_happened_is_said_in_sentences(walk: Walk) -> None:
    last = walk.go(WEEKS)
    said = [line for week in range(last + 1) for line in walk.shown(week).events]
    assert "The United States delivered arms to Ukraine." in said
    assert "North Korea's dispute with South Korea fell (2 levels)." in said
    names = "|".join(["The United States", "[A-Z][a-z]+( Korea)?"])
    assert [line for line in said if not re.fullmatch(rf"({names})('s)? [a-z].*[^.]\.", line)] == []
    assert not [line for line in said if "of United" in line or "to United" in line]


@pytest.mark.parametrize("kind", NEWS)
def test_each_kind_names_all_that_took_part(kind: str) -> None:
    states = ("Blue", "Red") if AXES[kind] != "state" else ("Blue", "Blue")
    said = sentence(kind, *states, 1.0)
    assert [name for name in ("Blue", "Red") if name in said] == [*dict.fromkeys(states)]
    assert said.startswith("Blue")
    if AXES[kind] == "meeting":
        assert "Red" not in sentence(kind, "Blue", "Blue", 1.0)


def test_names_stand_in_sentences_as_they_are_said() -> None:
    names = ("United States", "Western power", "South Korea", "Challenger", "CHL")
    assert [*map(in_sentence, names)] == ["the United States", "the Western power", *names[2:]]


def test_a_world_without_names_or_trade_is_shown() -> None:
    plain = Walk(sim.load("arms_race_dyad", ["weeks=4"]), 0, 0)
    shown = plain.shown(plain.go(3))
    assert [row[0] for row in shown.states] == ["state", "BLU", "RED"]
    assert len(shown.routes) == 1


def test_a_run_that_leaves_its_range_ends_there(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def good(world: World) -> bool:
        return bool(in_range(world)) and world.week < 5

    monkeypatch.setattr("sim.app.walk.in_range", good)
    broken = Walk(walk.scenario, 7, 2)
    assert broken.go(9) == 3
    assert broken.ended == 4
    assert broken.go(9) == 3
