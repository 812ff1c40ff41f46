"""Learn: two laws of catching up, lessons, trials that teach, campaigns, launches told of."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    AMMUNITION,
    B_TO_A,
    MISSILES,
    RECONNAISSANCE,
    SATELLITE,
    SHELL,
    A,
    B,
    Situation,
    cells,
    in_any_world,
    scrambled,
)

from sim.rules.learn import learn, success, used_abroad
from sim.world import TIMETABLE

EFFORT = {"technology.research": 1.0}
EVENTS = ("test", "test_failed", "launch_announced", "launch_succeeded", "launch_failed")


def catching_up(calm: Situation, threshold: float, research: float, growth: float) -> float:
    """The share of the frontier that research alone ends at, from a tenth of it.

    Rates are far above any real ones: the end comes within a few years, and it is the map's own.
    """
    s = calm.where(
        world={"tech": 0.1, "frontier": 1.0, "lessons": 0.0},
        params={
            "technologies.threshold": threshold,
            "technologies.research": research,
            "technologies.growth": growth,
        },
        action=EFFORT,
    )
    world = s.weeks(learn, 300)
    return float(world.tech[A, AMMUNITION] / world.frontier[AMMUNITION])


@pytest.mark.parametrize(("research", "growth"), [(10.0, 1.0), (6.0, 3.0), (4.0, 4.0)])
def test_nelson_and_phelps_gap(calm: Situation, research: float, growth: float) -> None:
    """A/T ends at phi / (phi + g): exactly so with g the frontier's growth over a week."""
    share = catching_up(calm, 0.0, research, growth)
    phi, weekly = research / 52.0, np.expm1(growth / 52.0)
    assert share == pytest.approx(phi / (phi + weekly), rel=1e-9)
    assert share == pytest.approx(research / (research + growth), rel=0.02)


@pytest.mark.parametrize(("research", "growth"), [(10.0, 1.0), (8.0, 3.0)])
def test_benhabib_and_spiegel_catch_up_in_part(
    calm: Situation, research: float, growth: float
) -> None:
    """A/T ends at (c - g) / c where c > g."""
    share = catching_up(calm, 1.0, research, growth)
    weekly = np.expm1(growth / 52.0)
    assert share == pytest.approx(1.0 - weekly / (research / 52.0), rel=1e-9)
    assert share == pytest.approx((research - growth) / research, rel=0.03)


def test_benhabib_and_spiegel_leave_the_backward_behind(calm: Situation) -> None:
    """Where c < g the share falls to nothing; Nelson and Phelps' does not."""
    assert catching_up(calm, 1.0, 1.0, 4.0) < 1e-6
    assert catching_up(calm, 0.0, 1.0, 4.0) == pytest.approx(0.2, rel=0.05)


@in_any_world
def test_nobody_passes_the_frontier_or_forgets(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(learn)[0]
    assert np.all(after.tech >= s.world.tech - 1e-12)
    assert np.all(after.tech <= s.world.frontier + 1e-12)
    assert np.all(after.frontier >= s.world.frontier)
    assert np.all(after.lessons >= -1e-12)
    absorbed = s.world.lessons - after.lessons
    assert np.all(absorbed >= -1e-12)
    assert np.all(absorbed <= after.tech - s.world.tech + 1e-12)  # none is absorbed in vain


@in_any_world
def test_without_effort_lessons_or_trials_nothing_is_learnt(seed: int) -> None:
    s = scrambled(seed).where(
        world={"lessons": 0.0},
        action={
            "technology.research": 0.0,
            "technology.tests": 0.0,
            "technology.quiet_tests": 0.0,
            "technology.launch": 0.0,
            "technology.prepare": 0.0,
        },
    )
    s = s.where(world={"preparation": 0.0}, params={"rules.learn.feedback": 0.0})
    np.testing.assert_array_equal(s.run(learn)[0].tech, s.world.tech)


@in_any_world
def test_more_effort_learns_no_less(seed: int) -> None:
    s = scrambled(seed)
    more = s.where(action={"technology.research": s.action.technology.research + 0.5})
    assert np.all(more.run(learn)[0].tech >= s.run(learn)[0].tech - 1e-12)


def test_a_lesson_absorbed_is_a_level_gained(calm: Situation) -> None:
    s = calm.where(world={"lessons": 0.01}, params={"rules.learn.absorption": 0.2})
    after = s.run(learn)[0]
    np.testing.assert_allclose(after.tech - s.world.tech, s.world.lessons - after.lessons)
    assert np.all(after.lessons < s.world.lessons)
    closed = s.where(params={"rules.learn.absorption": 0.0}).run(learn)[0]
    np.testing.assert_array_equal(closed.lessons, s.world.lessons)


def test_the_advanced_absorb_faster(calm: Situation) -> None:
    def absorbed(level: float, least: float) -> float:
        s = calm.where(
            world={"tech": level, "lessons": 0.01},
            params={"rules.learn.absorption": 0.2, "rules.learn.least_absorption": least},
        )
        return float((s.world.lessons - s.run(learn)[0].lessons)[A, AMMUNITION])

    assert absorbed(0.0, 0.3) == pytest.approx(0.3 * 0.2 * 0.01)
    assert absorbed(0.0, 0.3) < absorbed(0.4, 0.3) < absorbed(0.8, 0.3)
    assert absorbed(0.0, 1.0) == pytest.approx(absorbed(0.8, 1.0))
    assert absorbed(0.0, 0.0) == 0.0


@in_any_world
def test_success_rises_with_trials_and_technology(seed: int) -> None:
    s = scrambled(seed).where(params={"technologies.by_trials": 0.7, "technologies.by_tech": 1.5})
    chance = s.run(success)
    assert np.all((chance >= 0.0) & (chance <= 1.0))
    practised = s.where(world={"trials": s.world.trials + 5.0}).run(success)
    assert np.all(practised > chance)
    advanced = s.where(world={"tech": s.world.tech + 0.1}).run(success)
    assert np.all(advanced > chance)


def test_success_of_a_type_is_the_logistic_of_its_log_trials(calm: Situation) -> None:
    told = {"technologies.first": -0.5, "technologies.by_tech": 0.0, "technologies.by_trials": 0.8}
    s = calm.where(params=told)
    for trials in (0.0, 3.0, 20.0):
        odds = np.exp(-0.5) * (1.0 + trials) ** 0.8
        chance = s.where(world={"trials": trials}).run(success)
        np.testing.assert_allclose(chance, odds / (1.0 + odds), rtol=1e-12)
    unmoved = s.where(params={"technologies.by_trials": 0.0})
    np.testing.assert_array_equal(
        unmoved.run(success), unmoved.where(world={"trials": 50.0}).run(success)
    )


def missile_tests(calm: Situation) -> Situation:
    """AAA tests four missiles or so this week."""
    tests = cells((5, 4), {(A, MISSILES): 4.0})
    return calm.where(
        action={"technology.tests": tests, "technology.quiet_tests": tests}, noise={"tests": 0.5}
    )


def test_failed_trials_teach_as_much_as_the_others(calm: Situation) -> None:
    """Success needs u below its chance, counted from the top: u near 1 succeeds every time."""
    s = missile_tests(calm).where(params={"technologies.per_trial": 0.05})
    good, bad = (s.where(noise={"success": u}).run(learn)[0] for u in (1.0 - 1e-12, 1e-12))
    trials = (good.trials - s.world.trials)[A, MISSILES]
    assert trials > 0.0
    assert good.failures[A, MISSILES] == 0.0
    assert bad.failures[A, MISSILES] == trials
    np.testing.assert_array_equal(good.tech, bad.tech)
    gap = s.world.frontier[MISSILES] - s.world.tech[A, MISSILES]
    gained = (bad.tech - s.world.tech)[A, MISSILES]
    assert gained == pytest.approx(gap * (1.0 - 0.95**trials))
    idle = s.where(params={"technologies.per_trial": 0.0}).run(learn)[0]
    np.testing.assert_array_equal(idle.tech, s.world.tech)


def test_tests_are_only_of_what_is_tested_and_provoke(calm: Situation) -> None:
    everything = calm.where(
        action={"technology.tests": 4.0, "technology.quiet_tests": 4.0}, noise={"tests": 0.5}
    )
    after, events = everything.run(learn)
    tried = after.trials - calm.world.trials
    assert np.all(tried[:, MISSILES] > 0.0)
    assert not np.any(tried[:, [AMMUNITION, SATELLITE, RECONNAISSANCE]])
    np.testing.assert_array_equal(events["test"], tried[:, MISSILES])
    weight = calm.params.technologies.provocation[MISSILES]
    np.testing.assert_allclose(after.provocation, weight * tried[:, MISSILES])
    silent = everything.where(params={"technologies.provocation": 0.0})
    assert not np.any(silent.run(learn)[0].provocation)


@pytest.mark.parametrize(("on", "off"), [(0.1, 0.1), (0.03, 0.27), (0.4, 0.05)])
def test_the_share_of_weeks_in_campaigns_is_that_of_the_two_state_regime(
    calm: Situation, on: float, off: float
) -> None:
    """From the chances of going in and out, over evenly laid luck: on / (on + off)."""
    s = calm.where(action={"technology.campaign_on": on, "technology.campaign_off": off})
    grid = ((np.arange(250) + 0.5) / 250).reshape(50, 5)

    def inside(campaign: float) -> float:
        at = s.where(world={"campaign": campaign})
        return float(
            np.mean([at.where(noise={"campaign": u}).run(learn)[0].campaign for u in grid])
        )

    begins, goes_on = inside(0.0), inside(1.0)
    assert begins == pytest.approx(on, abs=0.005)
    assert 1.0 - goes_on == pytest.approx(off, abs=0.005)
    stationary = begins / (begins + 1.0 - goes_on)
    assert stationary == pytest.approx(on / (on + off), abs=0.02)


def test_a_campaign_tests_at_its_own_rate(calm: Situation) -> None:
    s = calm.where(
        action={"technology.tests": 6.0, "technology.quiet_tests": 0.5},
        noise={"tests": 0.5, "campaign": 0.5},
    )
    count = {
        campaign: (s.where(world={"campaign": campaign}).run(learn)[0].trials - s.world.trials)[
            A, MISSILES
        ]
        for campaign in (0.0, 1.0)
    }
    # Nothing switches (on = off = 0): the medians of Poisson laws of means 0.5 and 6.
    assert count == {0.0: 0.0, 1.0: 6.0}


@pytest.mark.parametrize("kept", [0.0, 0.3, 1.0])
def test_a_redesign_keeps_a_part_of_the_trials(calm: Situation, kept: float) -> None:
    s = calm.where(
        world={"trials": 10.0, "failures": 4.0},
        params={"technologies.kept": kept},
        action={"technology.redesign": cells((5, 4), {(A, MISSILES): 0.5})},
        noise={"redesign": 0.4},
    )
    after = s.run(learn)[0]
    assert after.trials[A, MISSILES] == pytest.approx(10.0 * kept)
    assert after.failures[A, MISSILES] == pytest.approx(4.0 * kept)
    assert after.trials[B, MISSILES] == 10.0
    assert after.trials[A, SATELLITE] == 10.0
    unlucky = s.where(noise={"redesign": 0.6})
    np.testing.assert_array_equal(unlucky.run(learn)[0].trials, s.world.trials)


def programme(calm: Situation, share: float, told_at: float) -> list[dict[str, float]]:
    """Events on AAA's pads over 30 weeks in which preparations always go on."""
    s = calm.where(
        action={
            "technology.launch": cells((5,), {A: 1.0}),
            "technology.prepare": cells((5,), {A: share}),
        },
        params={"rules.learn.announcement": told_at},
    )
    weeks = []
    for _ in range(30):
        world, events = s.run(learn)
        weeks.append({name: float(events[name][A]) for name in EVENTS})
        s = replace(s, world=world)
    return weeks


@pytest.mark.parametrize("share", [0.07, 0.15, 1.0])
@pytest.mark.parametrize("told_at", [0.1, 0.7, 0.9])
def test_a_launch_is_announced_before_it_happens(
    calm: Situation, share: float, told_at: float
) -> None:
    """Weeks before where preparations take that long; never after, and once for each launch."""
    pending = launches = 0.0
    for week in programme(calm, share, told_at):
        launched = week["launch_succeeded"] + week["launch_failed"]
        if share < 1.0 - told_at:
            assert launched <= pending
        pending += week["launch_announced"]
        assert launched <= pending <= 1.0
        pending, launches = pending - launched, launches + launched
    assert launches >= 1.0


def test_without_a_programme_nothing_is_launched_or_announced(calm: Situation) -> None:
    s = calm.where(action={"technology.prepare": 1.0})
    after, events = s.run(learn)
    assert not np.any(after.preparation)
    assert not any(np.any(events[name]) for name in EVENTS)


def test_the_timetable_launches_what_is_ready(calm: Situation) -> None:
    kind = TIMETABLE.index("launch")
    s = calm.where(
        params={
            "agenda.week": 0,
            "agenda.entry": cells((len(TIMETABLE), 1), {(kind, 0): 1.0}),
            "agenda.calls": cells(np.ones((5, 1)), {A: 0}),
        }
    )
    after, events = s.run(learn)
    assert after.trials[A, SATELLITE] == 1.0
    assert events["launch_announced"][A] == 1.0
    assert events["launch_succeeded"][A] + events["launch_failed"][A] == 1.0
    assert not any(np.any(events[name][1:]) for name in EVENTS)


def test_a_satellite_in_orbit_sees(calm: Situation) -> None:
    s = calm.where(
        world={"preparation": cells((5,), {A: 0.9})},
        action={"technology.prepare": 0.2},
        params={"technologies.per_trial": 0.0, "rules.learn.image": 0.1},
    )
    up, down = (s.where(noise={"success": u}).run(learn) for u in (1.0 - 1e-12, 1e-12))
    assert up[1]["launch_succeeded"][A] == down[1]["launch_failed"][A] == 1.0
    gap = s.world.frontier[RECONNAISSANCE] - s.world.tech[A, RECONNAISSANCE]
    expected = cells(s.world.tech, {(A, RECONNAISSANCE): s.world.tech[A, 3] + 0.1 * gap})
    np.testing.assert_allclose(up[0].tech, expected, rtol=1e-12)
    np.testing.assert_array_equal(down[0].tech, s.world.tech)
    blind = s.where(params={"rules.learn.image": 0.0}, noise={"success": 1.0 - 1e-12})
    np.testing.assert_array_equal(blind.run(learn)[0].tech, s.world.tech)


def test_the_frontier_moves_at_its_own_pace(calm: Situation) -> None:
    s = calm.where(params={"technologies.growth": [0.0, 0.1, 0.2, 0.3]})
    np.testing.assert_allclose(s.weeks(learn, 52).frontier, np.exp([0.0, 0.1, 0.2, 0.3]))


def test_makers_learn_from_what_others_use_of_their_make(calm: Situation) -> None:
    """AAA delivered a quarter of all shells that BBB ever had, and BBB uses 1,000 a week."""
    shells = {
        "stock": cells(0.0 * calm.world.stock, {(B, SHELL): 500.0}),
        "expended": cells(0.0 * calm.world.stock, {(B, SHELL): 300.0}),
        "retired": cells(0.0 * calm.world.stock, {(B, SHELL): 200.0}),
        "expenditure": cells(0.0 * calm.world.stock, {(B, SHELL): 1000.0}),
        "delivered": cells((5, 3), {(A_TO_B, SHELL): 250.0}),
        "tech": 0.4,
        "lessons": 0.0,
    }
    s = calm.where(world=shells, params={"technologies.research": 0.0})
    worth = 250.0 * float(s.params.munitions.price[SHELL])
    used = s.run(used_abroad)
    assert used[A, AMMUNITION] == pytest.approx(worth)
    assert used.sum() == pytest.approx(worth)
    off, on = (s.where(params={"rules.learn.feedback": x}).run(learn)[0] for x in (0.0, 2.0))
    gained = on.tech - off.tech
    assert gained[A, AMMUNITION] == pytest.approx(0.6 * (1.0 - np.exp(-2.0 * worth)), rel=1e-9)
    assert np.count_nonzero(gained) == 1
    np.testing.assert_allclose(off.tech, s.world.tech, rtol=1e-12)
    resold = s.where(world={"shipped": cells((5, 3), {(B_TO_A, SHELL): 1000.0})})
    assert resold.run(used_abroad)[A, AMMUNITION] == pytest.approx(worth / 2.0)
