"""The tempo of war: offensives and lulls of each side, whoever attacks loses more."""

import numpy as np
import pytest
from worlds import SHELL, A, B, C, D, Situation, cells, in_any_world, scrambled

from sim import noise
from sim.rules.fight import drives, fight
from sim.rules.perceive import power, small_fire

ONE_PACE = {"rules.fight.swing": 0.0, "rules.fight.scatter": 0.0}
STATES = ("AAA", "BBB", "CCC", "DDD", "EEE")


def lost(s: Situation) -> np.ndarray:
    """Thousand casualties of each state in a week."""
    return s.run(fight)[0].losses - s.world.losses


def later(s: Situation, **world: object) -> Situation:
    """The same week, not the first of its run."""
    return s.where(world={"week": 30, **world})


@in_any_world
def test_without_spread_no_drive_and_no_draw_changes_a_war(seed: int) -> None:
    s = scrambled(seed).where(params=ONE_PACE)
    other = s.where(world={"drive": -1.7}, noise={"drive": 2.3, "scatter": -1.4})
    before, after = s.run(fight)[0], other.run(fight)[0]
    for name in set(vars(before)) - {"drive"}:
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name), name)


def test_fire_moves_with_the_drive_and_the_week_of_its_own_side(calm: Situation) -> None:
    few = {(B, SHELL): 1e9, (C, SHELL): 1e9}
    s = later(calm, stock=cells(0.0 * calm.world.stock, few)).where(
        params={"rules.fight.swing": 0.4, "rules.fight.persistence": 1.0, "rules.fight.ration": 0.0}
    )
    s = s.where(params={"rules.fight.scatter": 0.3, "rules.fight.assault": 0.0})
    s = s.where(world={"drive": cells((5,), {B: 1.0})}, noise={"scatter": cells((5,), {B: 0.5})})
    plain = lost(s.where(params=ONE_PACE))
    pace = np.exp(0.4 - 0.08 + 0.15 - 0.045)
    assert lost(s)[C] == pytest.approx(pace * plain[C])
    assert lost(s)[B] == pytest.approx(np.exp(-0.08 - 0.045) * plain[B])
    fired = s.run(fight)[0].expended - s.world.expended
    plan = s.where(params=ONE_PACE).run(fight)[0].expended - s.world.expended
    assert fired[B, SHELL] == pytest.approx(pace * plan[B, SHELL])
    assert plan[B, SHELL] > 0.0


def test_who_leads_in_tempo_loses_more_and_gains_ground(calm: Situation) -> None:
    s = later(calm, drive=cells((5,), {B: 1.5, C: 0.5})).where(
        params={"rules.fight.swing": 0.4, "rules.fight.persistence": 1.0}
    )
    mild, hard = (s.where(params={"rules.fight.assault": x}) for x in (0.0, 2.0))
    assert lost(hard)[B] == pytest.approx(lost(mild)[B] * (1.0 + 2.0 * 0.4))
    assert lost(hard)[C] == lost(mild)[C]
    np.testing.assert_array_equal(hard.run(fight)[0].front, mild.run(fight)[0].front)
    level = s.where(world={"drive": 0.5})
    assert mild.run(fight)[0].front.max() != level.run(fight)[0].front.max()
    behind = hard.where(world={"drive": cells((5,), {B: 0.5, C: 1.5})})
    assert lost(behind)[B] == pytest.approx(lost(behind.where(params=NO_ASSAULT))[B])
    assert lost(behind)[C] > lost(behind.where(params=NO_ASSAULT))[C]


NO_ASSAULT = {"rules.fight.assault": 0.0}


def paths(persistence: float, weeks: int, runs: int, calm: Situation) -> np.ndarray:
    """Drives of five states in many runs, week by week: [run, week, state]."""
    s = calm.where(params={"rules.fight.persistence": persistence})
    plan = noise.layout(STATES, ("m",), ("t",), (), (), (), ())
    found = []
    for run in range(runs):
        key, one = noise.run_key(5, run), s
        draws = noise.draw(plan, key, np.arange(weeks))["drive"]
        path = []
        for week in range(weeks):
            one = one.where(world={"week": week}, noise={"drive": draws[week]})
            path.append(one.run(drives))
            one = one.where(world={"drive": path[-1]})
        found.append(path)
    return np.asarray(found)


def test_the_drive_is_an_ar1_that_is_in_its_long_run_from_the_first_week(calm: Situation) -> None:
    found = paths(0.8, 30, 120, calm)
    first, last = found[:, 0].ravel(), found[:, -1].ravel()
    for week in (first, last):
        assert abs(week.mean()) < 4.0 / np.sqrt(len(week))
        assert week.std() == pytest.approx(1.0, abs=0.12)
    before, after = found[:, :-1].ravel(), found[:, 1:].ravel()
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(0.8, abs=0.03)
    assert abs(np.corrcoef(found[:, -1, A], found[:, -1, B])[0, 1]) < 0.35


def test_from_the_second_week_on_the_drive_keeps_a_part_of_the_one_before(calm: Situation) -> None:
    s = calm.where(
        params={"rules.fight.persistence": 0.8}, world={"drive": 2.0}, noise={"drive": 0.5}
    )
    for week, drive in ((0, 0.5), (1, 0.8 * 2.0 + 0.6 * 0.5), (2, 0.8 * 2.0 + 0.6 * 0.5)):
        assert s.where(world={"week": week}).run(drives) == pytest.approx(drive)


def test_the_mean_of_fire_is_that_of_war_at_one_pace(calm: Situation) -> None:
    """Half of the spread's square is taken off the log, so that a lognormal's mean is 1."""
    s = later(calm, stock=0.0).where(
        params={"rules.fight.swing": 0.3, "rules.fight.persistence": 0.0, **NO_ASSAULT}
    )
    s = s.where(params={"rules.fight.scatter": 0.2})
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    weights = weights / weights.sum()
    mean = 0.0
    for x, p in zip(nodes, weights, strict=True):
        for y, q in zip(nodes, weights, strict=True):
            mean = mean + p * q * lost(s.where(noise={"drive": x, "scatter": y}))
    np.testing.assert_allclose(mean, lost(s.where(params=ONE_PACE)), rtol=1e-9)


def test_fire_without_shells_grows_with_the_years(calm: Situation) -> None:
    growth = {"states.baseline_growth": cells((5,), {B: 0.5})}
    s = calm.where(world={"stock": 0.0, "capacity": 0.0}, params=growth)
    at_first, after_two_years = s, s.where(world={"week": 104})
    np.testing.assert_array_equal(at_first.run(small_fire), calm.run(small_fire))
    grown = after_two_years.run(small_fire) / at_first.run(small_fire)
    np.testing.assert_allclose(grown[[B, C, D]], [np.e, 1.0, 1.0])
    assert lost(after_two_years)[C] == pytest.approx(np.e * lost(at_first)[C])
    assert after_two_years.run(power)[B] == pytest.approx(np.e * at_first.run(power)[B])
