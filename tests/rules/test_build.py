"""Build: the least of capacity and money, a lag, and Richardson's fixed point."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unchecked import unchecked
from worlds import (
    MISSILE,
    SHELL,
    A,
    B,
    Situation,
    both_ways,
    cells,
    in_any_world,
    scrambled,
    small,
)

from sim.desks.registry import REGISTRY
from sim.rules.build import build

PLAIN = {"rules.build.spending_noise": 0.0, "rules.build.retirement": 0.0}


@in_any_world
def test_output_is_within_wish_capacity_and_money(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(build)[0]
    output = after.produced - s.world.produced
    assert np.all(output >= -1e-12)
    assert np.all(output <= np.maximum(s.action.procurement.build, 0.0) * (1.0 + 1e-12) + 1e-12)
    assert np.all(output <= s.world.capacity * (1.0 + 1e-12) + 1e-12)
    cost = output @ (s.params.rules.build.unit_cost * s.params.munitions.price)
    assert np.all(cost <= s.world.treasury * (1.0 + 1e-9) + 1e-12)
    np.testing.assert_allclose(
        after.treasury, s.world.treasury - cost + s.seen.income, rtol=1e-9, atol=1e-12
    )
    assert np.all(after.treasury >= -1e-12)


@in_any_world
def test_what_is_made_and_retired_is_counted(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(build)[0]
    made, retired = after.produced - s.world.produced, after.retired - s.world.retired
    assert np.all(retired >= 0.0)
    np.testing.assert_allclose(after.stock, s.world.stock + made - retired, rtol=1e-9, atol=1e-9)


def test_an_order_below_zero_scraps_what_there_is(calm: Situation) -> None:
    s = calm.where(
        world={"stock": 100.0},
        action={"procurement.build": cells((5, 3), {(A, SHELL): -30.0, (B, SHELL): -500.0})},
        params={"rules.build.retirement": 0.0},
    )
    after = s.run(build)[0]
    assert after.stock[A, SHELL] == after.retired[B, SHELL] - 30.0 == 70.0
    assert after.stock[B, SHELL] == 0.0
    assert not np.any(after.produced)
    np.testing.assert_array_equal(after.stock[:, MISSILE], 100.0)
    np.testing.assert_allclose(after.treasury, s.world.treasury + s.seen.income)


def test_the_poor_make_a_part_of_everything(calm: Situation) -> None:
    s = calm.where(action={"procurement.build": calm.world.capacity})
    cost = s.world.capacity @ (s.params.rules.build.unit_cost * s.params.munitions.price)
    half = s.where(world={"treasury": 0.5 * cost}).run(build)[0]
    np.testing.assert_allclose(half.produced, 0.5 * s.world.capacity, rtol=1e-12)
    none = s.where(world={"treasury": 0.0}).run(build)[0]
    assert not np.any(none.produced)
    np.testing.assert_allclose(none.treasury, s.seen.income)
    free = s.where(world={"treasury": 0.0}, params={"rules.build.unit_cost": 0.0})
    np.testing.assert_array_equal(free.run(build)[0].produced, s.world.capacity)


@pytest.mark.parametrize("surge", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("lag", [1.0, 4.0, 40.0])
def test_capacity_comes_with_its_lag(calm: Situation, surge: float, lag: float) -> None:
    s = calm.where(
        params={"rules.build.lag": lag, "states.surge_limit": 3.0},
        action={"procurement.surge": surge},
    )
    goal = s.params.states.base_capacity * (1.0 + 2.0 * surge)
    after = s.weeks(build, 5).capacity
    left = (goal - s.world.capacity) * (1.0 - 1.0 / lag) ** 5
    np.testing.assert_allclose(after, goal - left, rtol=1e-12)


def test_a_share_of_the_stock_retires_each_week(calm: Situation) -> None:
    s = calm.where(params={"rules.build.retirement": 0.52})
    np.testing.assert_allclose(s.weeks(build, 10).stock, 0.99**10 * s.world.stock, rtol=1e-12)
    forever = calm.where(params={"rules.build.retirement": 0.0}).weeks(build, 10)
    np.testing.assert_array_equal(forever.stock, calm.world.stock)


def growth(s: Situation) -> np.ndarray:
    """Log growth of spending in a week."""
    return np.log(s.run(build)[0].spending / s.world.spending)


def test_spending_grows_with_the_highest_tension(calm: Situation) -> None:
    told = PLAIN | {"rules.build.spending_growth": 0.02, "rules.build.by_tension": 0.5}
    s = calm.where(
        params=told, world={"tension": cells((5, 5), {(A, 1): 0.2, (A, 2): 0.6, (B, 0): 0.3})}
    )
    np.testing.assert_allclose(growth(s) * 52.0, [0.32, 0.17, 0.02, 0.02, 0.02], rtol=1e-9)
    deaf = s.where(params={"rules.build.by_tension": 0.0})
    np.testing.assert_allclose(growth(deaf) * 52.0, 0.02, rtol=1e-9)


def test_without_noise_luck_does_not_move_spending(calm: Situation) -> None:
    s = calm.where(params=PLAIN)
    lucky = s.where(noise={"spending": 3.0, "spending_tail": 3.0})
    np.testing.assert_array_equal(growth(lucky), growth(s))


@pytest.mark.parametrize("tail", [0.0, 0.3, 0.6])
def test_shocks_to_spending_have_unit_variance_and_fat_tails(calm: Situation, tail: float) -> None:
    """By Gauss and Hermite's quadrature over both normals; kurtosis is 3 exp(4 tail^2)."""
    s = calm.where(
        params={
            "rules.build.spending_growth": 0.0,
            "rules.build.by_tension": 0.0,
            "rules.build.spending_noise": 0.1,
            "rules.build.tail": tail,
        }
    )
    fourth = second = 0.0
    for eps, one in zip(*np.polynomial.hermite_e.hermegauss(3), strict=True):
        for eta, two in zip(*np.polynomial.hermite_e.hermegauss(30), strict=True):
            drawn = growth(s.where(noise={"spending": eps, "spending_tail": eta}))[A]
            weight = one * two / (2.0 * np.pi)
            second, fourth = second + weight * drawn**2, fourth + weight * drawn**4
    assert second * 52.0 == pytest.approx(0.01, rel=1e-6)
    assert fourth / second**2 == pytest.approx(3.0 * np.exp(4.0 * tail**2), rel=1e-4)


@pytest.mark.parametrize(
    ("budget", "weeks"),
    [(1.0, range(52)), (52.0, [0]), (26.0, [0, 26]), (12.5, [0, 13, 25, 38, 50])],
)
def test_budgets_come_so_many_weeks_after_the_new_year(
    calm: Situation, budget: float, weeks: list[int]
) -> None:
    """In a year spending grows as much, whatever the budget; its noise has the same variance."""
    s = calm.where(
        params=PLAIN
        | {"rules.build.spending_growth": 0.05, "rules.build.by_tension": 0.0}
        | {"rules.build.budget": budget, "agenda.week_of_year": 0}
    )
    with unchecked():
        grown = [growth(s.where(world={"week": week}))[A] for week in range(52)]
    assert [week for week, step in enumerate(grown) if step] == list(weeks)
    np.testing.assert_allclose([step for step in grown if step], 0.05 * budget / 52.0, rtol=1e-9)
    noisy = s.where(params={"rules.build.spending_noise": 0.12}, noise={"spending": 1.0})
    expected = 0.05 * budget / 52.0 + 0.12 * np.sqrt(budget / 52.0) * np.exp(
        -(float(s.params.rules.build.tail) ** 2)
    )
    np.testing.assert_allclose(growth(noisy), expected, rtol=1e-9)


def test_output_grows_evenly(calm: Situation) -> None:
    s = calm.where(params={"rules.build.gdp_growth": 0.04}, world={"gdp": 100.0})
    np.testing.assert_allclose(s.weeks(build, 52).gdp, 100.0 * np.exp(0.04), rtol=1e-12)


def racing(a: float, h: float, m: float, n: float, g: float, f: float) -> Situation:
    """AAA and BBB arm by Richardson's equation, fully informed, with plants and money to spare."""
    s = small()
    rich = {"capacity": 1e12, "treasury": 1e12, "force": 0.0, "stock": 0.0, "level": 0}
    perfect = {"learning": 1.0, "noise": 0.0, "bias": 0.0, "quality_floor": 1.0}
    own = {"reaction": (a, h), "fatigue": (m, n), "grievance": (g, f)}
    told = {f"rules.perceive.{name}": value for name, value in perfect.items()} | {
        f"desks.procurement.richardson.{name}": cells((5,), {A: one, B: two})
        for name, (one, two) in own.items()
    }
    return s.where(
        world=rich,
        params=told
        | PLAIN
        | {
            "relations.stake": both_ways(A, B),
            "munitions.value": [0.0, 0.0, 1.0],
            "munitions.lethality": 0.0,  # what is not fired counts by its value
            "states.base_capacity": 1e12,
            "states.procurement_share": 0.0,
        },
    )


def arm(s: Situation, weeks: int, start: float = 0.0) -> np.ndarray:
    """Missiles of AAA and BBB some weeks after they had as many as `start`."""
    s = s.where(world={"stock": [0.0, 0.0, start]})
    desk = REGISTRY["procurement"]["richardson"]
    own = s.params.desks["procurement"]["richardson"]
    with unchecked():
        for _ in range(weeks):
            part = desk.function(own, s.seen, s.noise, s.params)
            s = replace(s, action=replace(s.action, procurement=part))
            s = replace(s, world=s.run(build)[0])
    return s.world.stock[[A, B], MISSILE]


coefficient = st.floats(0.5, 4.0)


@settings(max_examples=8)
@given(coefficient, coefficient, st.floats(5.0, 10.0), st.floats(5.0, 10.0))
def test_an_arms_race_follows_richardsons_discrete_map(
    a: float, h: float, m: float, n: float
) -> None:
    """Each week dx = (a y - m x + g) / 52 and dy = (h x - n y + f) / 52, up and down."""
    g, f = 30.0, 20.0
    step = np.eye(2) + np.asarray([[-m, a], [h, -n]]) / 52.0
    for start in (1.0, 100.0):
        expected = np.full(2, start)
        for _ in range(15):
            expected = step @ expected + np.asarray([g, f]) / 52.0
        left = arm(racing(a, h, m, n, g, f), 15, start)
        np.testing.assert_allclose(left, expected, rtol=1e-9)


def test_a_stable_race_ends_at_richardsons_fixed_point() -> None:
    """Where mn > ab: x* = (a f + n g) / (m n - a h)."""
    a, h, m, n, g, f = 2.0, 1.0, 9.0, 8.0, 30.0, 20.0
    fixed = np.asarray([a * f + n * g, h * g + m * f]) / (m * n - a * h)
    np.testing.assert_allclose(arm(racing(a, h, m, n, g, f), 200), fixed, rtol=1e-6)


def test_an_unstable_race_runs_away() -> None:
    race = racing(4.0, 4.0, 2.0, 2.0, 30.0, 30.0)
    early, later = arm(race, 50), arm(race, 100)
    assert np.all(later > 2.0 * early)


def test_who_wants_nothing_makes_nothing(calm: Situation) -> None:
    after = calm.run(build)[0]
    assert not np.any(after.produced)
    assert after.stock[A, SHELL] < calm.world.stock[A, SHELL]  # what there was retires
