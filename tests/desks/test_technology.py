"""The technology desk: effort, campaigns under tension, launches."""

import numpy as np
import pytest
from worlds import MISSILES, A, Situation, cells, filled, in_any_world, scrambled

DESK = "technology"


@in_any_world
def test_steady_research_has_no_campaigns_and_no_launches(seed: int) -> None:
    part = filled(scrambled(seed), DESK, "steady", effort=1.5, tests=0.3)
    assert np.all(part.research == 1.5)
    assert np.all(part.tests == 0.3)
    np.testing.assert_array_equal(part.tests, part.quiet_tests)
    for name in ("campaign_on", "campaign_off", "launch", "prepare", "redesign"):
        assert not np.any(getattr(part, name)), name


def test_campaigns_begin_more_often_under_tension(calm: Situation) -> None:
    def begins(tension: float, by_tension: float, base: float = 0.1) -> float:
        s = calm.where(world={"tension": cells((5, 5), {(A, 3): tension, (A, 4): 0.1})})
        own = {"begin": base, "by_tension": by_tension}
        return float(filled(s, DESK, "test_campaign", **own).campaign_on[A])

    assert begins(0.5, 2.0) == pytest.approx(0.1 * 2.0)
    assert begins(0.1, 2.0) < begins(0.5, 2.0) < begins(1.0, 2.0)
    assert begins(0.5, 0.0) == begins(1.0, 0.0) == pytest.approx(0.1)
    assert begins(1.0, 20.0, base=0.9) == 1.0
    assert begins(1.0, 20.0, base=0.0) == 0.0


def test_a_new_type_is_begun_only_after_ten_trials(calm: Situation) -> None:
    s = calm.where(world={"trials": [0.0, 9.0, 10.0, 30.0]})
    part = filled(s, DESK, "test_campaign", redesign=0.2)
    np.testing.assert_array_equal(part.redesign, np.tile([0.0, 0.0, 0.2, 0.2], (5, 1)))
    assert not np.any(filled(s, DESK, "test_campaign", redesign=0.0).redesign)


def test_a_campaign_sets_its_own_rates(calm: Situation) -> None:
    own = {"tests": cells((5, 4), {(A, MISSILES): 3.0}), "quiet_tests": 0.1, "end": 0.07}
    part = filled(calm, DESK, "test_campaign", **own)
    assert part.tests[A, MISSILES] == 3.0
    assert np.sum(part.tests) == 3.0
    assert np.all(part.quiet_tests == 0.1)
    assert np.all(part.campaign_off == 0.07)
    assert not np.any(part.launch)
    assert not np.any(part.prepare)


@in_any_world
def test_a_launch_programme_is_a_campaign_with_launches(seed: int) -> None:
    s = scrambled(seed)
    own = {"begin": 0.1, "end": 0.2, "effort": 1.2, "redesign": 0.3, "by_tension": 1.0}
    own |= {"tests": 2.0, "quiet_tests": 0.2}
    campaign = filled(s, DESK, "test_campaign", **own)
    programme = filled(s, DESK, "launch_programme", **own, launch=0.4, prepare=0.25)
    for name in ("research", "tests", "quiet_tests", "campaign_on", "campaign_off", "redesign"):
        np.testing.assert_array_equal(getattr(campaign, name), getattr(programme, name), name)
    assert np.all(programme.launch == 0.4)
    assert np.all(programme.prepare == 0.25)
