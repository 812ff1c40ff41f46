"""The training desk: a calendar, its holidays, answers to rivals, restraint under tension."""

import numpy as np
import pytest
from worlds import A, B, D, E, Situation, at, cells, filled, in_any_world, one_pair, scrambled

from sim.world import EXERCISES, TIMETABLE

DESK = "training"
AIR, FIELD = EXERCISES.index("air"), EXERCISES.index("field")
SHAPE = (5, 5, len(EXERCISES))


def scheduled(calm: Situation, holiday_of: int | None = None) -> Situation:
    """DDD and EEE's yearly air exercise is due; perhaps one of them has a holiday."""
    told = {
        "agenda.first": 0,
        "agenda.length": 1,
        "agenda.joint": cells(np.ones(20), {at(D, E): 0}),
        "agenda.drill": cells((1, len(EXERCISES)), {(0, AIR): 0.5}),
        "agenda.week_of_year": 0,
        "agenda.week": 0,
        "agenda.entry": 0.0,
    }
    if holiday_of is not None:
        told |= {
            "agenda.entry": cells((len(TIMETABLE), 1), {(TIMETABLE.index("holiday"), 0): 1.0}),
            "agenda.call": one_pair(holiday_of, holiday_of),
            "agenda.calls": cells(np.ones((5, 1)), {holiday_of: 0}),
        }
    return calm.where(params=told)


def plan(s: Situation, rule: str, **own: float) -> np.ndarray:
    """What each state wants with each other, and with itself what it wants alone."""
    part, pair, wanted = filled(s, DESK, rule, **own), s.params.wiring.pair, np.zeros(SHAPE)
    wanted[pair.actor, pair.target] = part.exercise
    wanted[range(5), range(5)] = part.alone
    return wanted


@in_any_world
def test_none_never_trains(seed: int) -> None:
    assert not np.any(plan(scrambled(seed), "none"))


def test_both_partners_hold_what_the_calendar_says(calm: Situation) -> None:
    due = cells(SHAPE, {(D, E, AIR): 0.5, (E, D, AIR): 0.5})
    np.testing.assert_array_equal(plan(scheduled(calm), "calendar", size=1.0, response=0.0), due)
    week_after = scheduled(calm).where(world={"week": 1})
    assert not np.any(plan(week_after, "calendar", size=1.0))
    assert not np.any(plan(scheduled(calm), "calendar", size=0.0))


def test_a_holiday_is_kept_by_who_has_it(calm: Situation) -> None:
    held = plan(scheduled(calm, holiday_of=D), "calendar", size=1.0, response=0.0)
    assert not np.any(held[D])
    assert held[E, D, AIR] == 0.5


def test_exercises_grow_with_the_highest_tension(calm: Situation) -> None:
    def size(tension: float, response: float) -> float:
        s = scheduled(calm).where(world={"tension": cells((5, 5), {(D, A): tension, (D, B): 0.1})})
        return float(plan(s, "calendar", size=2.0, response=response)[D, E, AIR])

    assert size(0.5, 1.0) == pytest.approx(0.5 * 2.0 * 1.5)
    assert size(0.2, 1.0) < size(0.9, 1.0)
    assert size(0.2, 0.0) == size(0.9, 0.0) == pytest.approx(1.0)


def test_a_rivals_acts_are_answered_past_the_threshold(calm: Situation) -> None:
    s = calm.where(world={"drill": cells((5,), {A: 2.0}), "provocation": 0.0})
    s = s.where(noise={"exercise": 0.3})
    own = {"threshold": 1.0, "chance": 0.5, "size": 0.7}
    # EEE's stake against AAA is 0.6, DDD's 0.5: 1.2 is past the threshold, 1.0 is not.
    expected = cells(SHAPE, {(E, E, FIELD): 0.7})
    np.testing.assert_array_equal(plan(s, "reciprocal", **own), expected)
    tested = s.where(world={"drill": 0.0, "provocation": cells((5,), {A: 2.0})})
    np.testing.assert_array_equal(plan(tested, "reciprocal", **own), expected)
    for quiet in (
        plan(s, "reciprocal", **own | {"chance": 0.2}),
        plan(s, "reciprocal", **own | {"chance": 0.0}),
        plan(s, "reciprocal", **own | {"threshold": 1.5}),
        plan(s.where(params={"relations.stake": 0.0}), "reciprocal", **own | {"threshold": 0.0}),
        plan(s.where(world={"drill": 0.0}), "reciprocal", **own),
    ):
        assert not np.any(quiet)


def test_reassurance_calls_exercises_off_when_tension_is_high(calm: Situation) -> None:
    def held(tension: float) -> np.ndarray:
        s = scheduled(calm).where(world={"tension": cells((5, 5), {(D, A): tension})})
        return plan(s, "reassurance", calm=0.6, size=1.0)

    calendar = plan(scheduled(calm), "calendar", size=1.0, response=0.0)
    np.testing.assert_array_equal(held(0.59), calendar)
    assert not np.any(held(0.61)[D])
    np.testing.assert_array_equal(held(0.61)[E], calendar[E])
    large = plan(scheduled(calm), "reassurance", calm=0.6, size=2.0)
    np.testing.assert_array_equal(large, 2.0 * calendar)
