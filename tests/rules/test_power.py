"""Power: what a state could inflict in a war, what more of anything does to it, its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import MISSILE, SHELL, B, C, Situation, at, both_ways, cells, in_any_world, scrambled

from sim.rules.perceive import perceive, power, quality, strength, volley
from sim.world import BARE, WAR

pytestmark = pytest.mark.usefixtures("unchecked")


ONE_MAKE = {"rules.perceive.by_maker": 0.0}


def fired_at(s: Situation) -> np.ndarray:
    """Units a week that each state's forces would fire with all that they want."""
    states = s.params.states
    return states.fire_rate * (states.tempo * s.world.force)[:, None]


@in_any_world
def test_more_of_anything_makes_nobody_weaker(seed: int) -> None:
    """Where all is of one make: poor shells beside good ones would spoil a volley."""
    s = scrambled(seed).where(params=ONE_MAKE)
    for name in ("stock", "capacity", "tech", "force"):
        held = getattr(s.world, name)
        more = s.where(world={name: 1.3 * held + 0.01})
        assert np.all(more.run(power) >= s.run(power) * (1.0 - 1e-12)), name
        assert np.all(more.run(strength) >= s.run(strength) - 1e-12), name
        one = s.where(world={name: cells(held, {B: 1.3 * held[B] + 0.01})})
        others = np.arange(5) != B
        np.testing.assert_array_equal(one.run(strength)[others], s.run(strength)[others])


@pytest.mark.parametrize("name", ["stock", "capacity", "tech", "force"])
def test_where_it_is_short_more_of_each_makes_stronger(calm: Situation, name: str) -> None:
    s = calm.where(world={"stock": 0.1 * calm.world.stock, "capacity": 0.1 * calm.world.capacity})
    more = s.where(world={name: 1.1 * getattr(s.world, name)})
    assert np.all(more.run(power) > s.run(power) * 1.0001)
    assert np.all(more.run(strength) > s.run(strength) + 1e-4)


@in_any_world
def test_a_stock_beyond_what_a_war_needs_adds_nothing(seed: int) -> None:
    s = scrambled(seed).where(world={"capacity": 0.0})
    enough = s.params.rules.perceive.sustained * fired_at(s)
    full, double = (s.where(world={"stock": x * enough}).run(power) for x in (1.0, 2.0))
    np.testing.assert_allclose(double, full, rtol=1e-12)
    half = s.where(world={"stock": 0.5 * enough}).run(power)
    shells = full - s.where(world={"stock": 0.0}).run(power)
    np.testing.assert_allclose(full - half, 0.5 * shells, rtol=1e-9, atol=1e-12)


@in_any_world
def test_industry_stands_for_the_stock_that_it_would_fill(seed: int) -> None:
    """A unit a week counts as `sustained` units in the depot, of one make."""
    s = scrambled(seed).where(params=ONE_MAKE)
    made = 0.01 * s.world.stock
    weeks = float(s.params.rules.perceive.sustained)
    more = s.where(world={"capacity": s.world.capacity + made})
    deeper = s.where(world={"stock": s.world.stock + weeks * made})
    np.testing.assert_allclose(more.run(power), deeper.run(power), rtol=1e-9)


@in_any_world
def test_over_one_week_power_is_the_fire_of_that_week(seed: int) -> None:
    """The equation of fight, where nothing is rationed and nothing made."""
    s = scrambled(seed).where(
        params={"rules.perceive.sustained": 1.0, "rules.fight.ration": 0.0},
        world={"capacity": 0.0},
    )
    fire = volley(s.params, s.world, np.ones(5))[1]
    np.testing.assert_allclose(s.run(power), fire, rtol=1e-12, atol=1e-15)


@in_any_world
def test_twice_the_army_with_twice_the_arms_has_twice_the_power(seed: int) -> None:
    s = scrambled(seed)
    names = ("stock", "capacity", "force")
    twice = s.where(world={name: 2.0 * getattr(s.world, name) for name in names})
    np.testing.assert_allclose(twice.run(power), 2.0 * s.run(power), rtol=1e-12)
    sharp = s.where(params={"states.alpha": 3.0 * s.params.states.alpha})
    np.testing.assert_allclose(sharp.run(power), 3.0 * s.run(power), rtol=1e-12)


ALL_BUT_MISSILES = np.asarray([1.0, 1.0, 0.0])


def points(s: Situation) -> np.ndarray:
    return np.exp(s.run(strength))


@pytest.mark.parametrize("what", ["munitions.lethality", "states.fire_rate"])
def test_arms_that_are_not_fired_count_by_their_value(calm: Situation, what: str) -> None:
    lethality, rate = calm.params.munitions.lethality, calm.params.states.fire_rate
    kept = {
        "munitions.lethality": cells(lethality, {MISSILE: 0.0}),
        "states.fire_rate": rate * ALL_BUT_MISSILES,
    }[what]
    s = calm.where(params={what: kept})
    none = s.where(world={"stock": s.world.stock * ALL_BUT_MISSILES})
    worth = s.params.munitions.value[MISSILE] * s.world.stock[:, MISSILE]
    worth = worth * s.run(quality)[:, MISSILE]
    np.testing.assert_allclose(points(s) - points(none), worth, rtol=1e-9)
    np.testing.assert_array_equal(s.run(power), none.run(power))


def test_the_value_of_what_is_fired_does_not_count(calm: Situation) -> None:
    dear = calm.where(params={"munitions.value": 7.0})
    np.testing.assert_array_equal(dear.run(strength), calm.run(strength))
    coarse = calm.where(params={"rules.perceive.point": 2.0 * calm.params.rules.perceive.point})
    np.testing.assert_allclose(coarse.run(strength), calm.run(strength) - np.log(2.0), rtol=1e-12)
    np.testing.assert_allclose(
        points(calm), calm.run(power) / calm.params.rules.perceive.point, rtol=1e-12
    )


@in_any_world
def test_who_has_nothing_is_as_strong_as_one_soldier(seed: int) -> None:
    s = scrambled(seed)
    floor = np.log(BARE)
    assert np.all(s.run(strength) >= floor)
    bare = s.where(world={"stock": 0.0, "force": 0.0, "capacity": 0.0})
    np.testing.assert_array_equal(bare.run(strength), np.full(5, floor))


def test_an_army_whose_shells_run_out_weakens_and_shells_from_abroad_mend_it(
    calm: Situation,
) -> None:
    eaten = calm.where(world={"stock": cells(calm.world.stock, {(B, SHELL): 0.0}), "capacity": 0.0})
    sent = eaten.where(world={"stock": cells(calm.world.stock, {(B, SHELL): 4e5})})
    assert eaten.run(strength)[B] < sent.run(strength)[B] < calm.run(strength)[B]


BC = at(B, C)


@settings(max_examples=20)
@given(share=st.floats(0.0, 1.0), error=st.floats(-3.0, 3.0), weeks=st.integers(1, 5))
def test_war_shows_who_is_strong_week_by_week(
    calm: Situation, share: float, error: float, weeks: int
) -> None:
    """The error of belligerents shrinks geometrically, that of others stays."""
    pair = calm.params.wiring.pair
    s = calm.where(
        world={"belief": pair.toward(calm.own) + error, "level": both_ways(B, C, WAR)},
        params={"rules.perceive.battle": share, "rules.perceive.learning": 0.0},
    )
    left = s.weeks(perceive, weeks).belief - pair.toward(calm.own)
    fought = cells(np.zeros(20), {BC: 1.0, at(C, B): 1.0}) > 0.0
    np.testing.assert_allclose(left[fought], error * (1.0 - share) ** weeks, atol=1e-9)
    np.testing.assert_allclose(left[~fought], error, atol=1e-9)


@in_any_world
def test_battle_corrects_what_intelligence_left(seed: int) -> None:
    """Learning first, battle then: with battle = 1 nobody at war errs, whatever it is told."""
    s = scrambled(seed).where(params={"rules.perceive.battle": 1.0})
    calm = s.where(params={"rules.perceive.battle": 0.0})
    half = s.where(params={"rules.perceive.battle": 0.5})
    pair, fought = s.params.wiring.pair, s.world.level == WAR
    belief, before = s.run(perceive)[0].belief, calm.run(perceive)[0].belief
    np.testing.assert_allclose(belief[fought], pair.toward(s.own)[fought], atol=1e-9)
    np.testing.assert_array_equal(belief[~fought], before[~fought])
    middle = half.run(perceive)[0].belief
    np.testing.assert_allclose(middle, 0.5 * (belief + before), atol=1e-9)
