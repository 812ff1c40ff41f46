"""Launches that are put off, called off and paused; tests in salvoes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from worlds import MISSILES, SATELLITE, A, B, Situation, cells

from sim.rules.learn import learn
from sim.world import TIMETABLE

LAUNCHED = ("launch_succeeded", "launch_failed")


def ready(calm: Situation, luck: float, **learn_: float) -> Situation:
    """AAA's launch is ready this week."""
    rates = {"postponed": 0.2, "scrubbed": 0.1} | learn_
    return calm.where(
        world={"preparation": cells((5,), {A: 0.9})},
        action={"technology.prepare": 0.2},
        params={f"rules.learn.{name}": value for name, value in rates.items()},
        noise={"launch": luck, "success": 1e-12},
    )


@pytest.mark.parametrize(
    ("luck", "flew", "left"),
    [(0.099, 0.0, 0.0), (0.101, 0.0, 1.0), (0.299, 0.0, 1.0), (0.301, 1.0, 0.0)],
)
def test_what_is_ready_is_called_off_put_off_or_flies(
    calm: Situation, luck: float, flew: float, left: float
) -> None:
    after, events = ready(calm, luck).run(learn)
    assert sum(events[name][A] for name in LAUNCHED) == flew
    assert after.trials[A, SATELLITE] == calm.world.trials[A, SATELLITE] + flew
    assert after.preparation[A] == left
    assert events["launch_postponed"][A] == 1.0 - flew
    assert not np.any(events["launch_postponed"][B:])


def test_what_is_put_off_is_tried_again(calm: Situation) -> None:
    s = ready(calm, 0.2)
    again = replace(s, world=s.run(learn)[0]).where(noise={"launch": 0.9})
    assert again.run(learn)[1]["launch_failed"][A] == 1.0


def test_after_a_failure_nothing_begins_for_some_weeks(calm: Situation) -> None:
    s = ready(calm, 0.9, pause=3.0).where(action={"technology.launch": cells((5,), {A: 1.0})})
    s = replace(s, world=s.run(learn)[0])
    found = []
    for _ in range(5):
        found.append((float(s.world.pause[A]), float(s.world.preparation[A])))
        s = replace(s, world=s.run(learn)[0])
    assert [pause for pause, _ in found] == [3.0, 2.0, 1.0, 0.0, 0.0]
    assert [done > 0.0 for _, done in found] == [False, False, False, False, True]
    won = ready(calm, 0.9, pause=3.0).where(noise={"success": 1.0 - 1e-12}).run(learn)[0]
    assert not np.any(won.pause)


def dated(calm: Situation, week: int) -> dict[str, Any]:
    """An agenda with one launch of AAA."""
    kind = TIMETABLE.index("launch")
    return {
        "agenda.week": week,
        "agenda.entry": cells((len(TIMETABLE), 1), {(kind, 0): 1.0}),
        "agenda.calls": cells(np.ones((5, 1)), {A: 0}),
    }


def test_the_hazard_waits_while_the_timetable_has_launches(calm: Situation) -> None:
    eager = calm.where(
        world={"week": 5}, action={"technology.launch": 1.0, "technology.prepare": 0.2}
    )
    assert np.all(eager.run(learn)[0].preparation == 0.2)
    for week, begins in ((4, True), (6, False), (50, False)):
        s = eager.where(params=dated(calm, week))
        assert s.run(learn)[0].preparation[A] == (0.2 if begins else 0.0)
        assert np.all(s.run(learn)[0].preparation[B:] == 0.2)
    today = eager.where(params=dated(calm, 5), world={"pause": 9.0})
    assert today.run(learn)[0].trials[A, SATELLITE] == calm.world.trials[A, SATELLITE] + 1.0


def test_trials_of_a_day_come_together(calm: Situation) -> None:
    """Days are fewer by 1 + salvo; the mean of trials is the rate."""
    odds = (np.arange(400) + 0.5) / 400.0
    count, days = [], []
    for u in odds:
        s = calm.where(
            action={"technology.quiet_tests": cells((5, 4), {(A, MISSILES): 0.9})},
            params={"technologies.salvo": 0.5},
            noise={"tests": u, "salvo": (7919.0 * u) % 1.0},
        )
        _, events = s.run(learn)
        count.append(float(events["test"][A]))
        days.append(float(events["test_day"][A]))
    assert np.mean(days) == pytest.approx(0.6, abs=0.02)
    assert np.mean(count) == pytest.approx(0.9, abs=0.05)
    assert np.all(np.asarray(count) >= days)
    assert np.max(np.asarray(count)[np.asarray(days) == 0.0]) == 0.0


def test_without_salvoes_a_day_is_a_test(calm: Situation) -> None:
    s = calm.where(
        action={"technology.quiet_tests": cells((5, 4), {(A, MISSILES): 2.0})},
        noise={"tests": 0.9, "salvo": 0.999999},
    )
    _, events = s.run(learn)
    assert events["test"][A] == events["test_day"][A] == 4.0


def test_no_week_has_more_than_fifteen(calm: Situation) -> None:
    s = calm.where(
        action={"technology.quiet_tests": cells((5, 4), {(A, MISSILES): 15.0})},
        params={"technologies.salvo": 10.0},
        noise={"tests": 0.999, "salvo": 0.999},
    )
    assert s.run(learn)[1]["test"][A] == 15.0
