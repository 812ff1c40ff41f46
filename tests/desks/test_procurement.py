"""The procurement desk: replace, race or work all out."""

import numpy as np
import pytest
from worlds import (
    MISSILE,
    SHELL,
    A,
    B,
    C,
    D,
    Situation,
    at,
    cells,
    filled,
    in_any_world,
    scrambled,
)

DESK = "procurement"


@in_any_world
def test_hold_replaces_what_is_used_and_what_wears_out(seed: int) -> None:
    s = scrambled(seed)
    wanted = filled(s, DESK, "hold", upkeep=0.52).build
    np.testing.assert_allclose(wanted, s.world.expenditure + 0.01 * s.world.stock)
    np.testing.assert_array_equal(filled(s, DESK, "hold", upkeep=0.0).build, s.world.expenditure)
    assert not np.any(filled(s, DESK, "hold").surge)


def richardson(s: Situation, **own: float) -> np.ndarray:
    """Strength points a year that the order adds, beside what retires."""
    own = {"reaction": 0.0, "fatigue": 0.0, "grievance": 0.0} | own
    order = filled(s, DESK, "richardson", **own).build
    retired = s.params.rules.build.retirement / 52.0 * s.world.stock
    return 52.0 * np.sum((order - retired) * s.params.munitions.value, axis=1)


def test_richardsons_order_adds_what_his_equation_says(calm: Situation) -> None:
    s = calm.where(params={"rules.perceive.learning": 0.0})
    mine = np.exp(s.seen.strength)
    each = s.params.relations.stake * np.exp(s.world.belief)
    theirs = np.bincount(s.params.wiring.pair.actor, each)
    np.testing.assert_allclose(richardson(s, reaction=0.3), 0.3 * theirs, rtol=1e-9)
    np.testing.assert_allclose(richardson(s, fatigue=0.2), -0.2 * mine, rtol=1e-9)
    np.testing.assert_allclose(richardson(s, grievance=7.0), 7.0, rtol=1e-9)
    together = richardson(s, reaction=0.3, fatigue=0.2, grievance=7.0)
    np.testing.assert_allclose(together, 0.3 * theirs - 0.2 * mine + 7.0, rtol=1e-9, atol=1e-9)


def test_richardson_without_weights_only_replaces_what_retires(calm: Situation) -> None:
    order = filled(calm, DESK, "richardson", reaction=0.0, fatigue=0.0, grievance=0.0).build
    retired = calm.params.rules.build.retirement / 52.0 * calm.world.stock
    np.testing.assert_allclose(order, retired)


def test_richardson_races_with_rivals_alone_as_it_believes_them(calm: Situation) -> None:
    s = calm.where(params={"rules.perceive.learning": 0.0})
    base = richardson(s, reaction=0.3)
    assert base[A] > 0.0
    assert base[C] > 0.0
    belief = s.world.belief
    feared = s.where(world={"belief": cells(belief, {at(A, D): belief[at(A, D)] + 1.0})})
    assert richardson(feared, reaction=0.3)[A] > base[A]
    armed = s.where(world={"stock": cells(s.world.stock, {D: 10.0 * s.world.stock[D]})})
    assert richardson(armed, reaction=0.3)[A] == pytest.approx(base[A])
    friendless = s.where(params={"relations.stake": 0.0})
    np.testing.assert_allclose(richardson(friendless, reaction=0.3), 0.0, atol=1e-9)


def test_richardsons_order_is_split_as_capacity_is(calm: Situation) -> None:
    s = calm.where(
        world={"capacity": cells((5, 3), {(A, SHELL): 1e4, (A, MISSILE): 1.0}), "stock": 0.0}
    )
    order = filled(s, DESK, "richardson", reaction=0.0, fatigue=0.0, grievance=1.0).build
    assert order[A, SHELL] / order[A, MISSILE] == pytest.approx(1e4)
    assert np.count_nonzero(order[A]) == 2
    assert not np.any(order[B])  # no plants, no order


def test_industry_works_all_out_at_war_or_when_short(calm: Situation) -> None:
    own = {"peace": 0.25, "enough": 20.0}
    plenty = calm.where(world={"stock": 1e9})
    part = filled(plenty, DESK, "surge_in_war", **own)
    capacity = calm.world.capacity
    fighting = np.asarray([False, True, True, False, False])
    np.testing.assert_array_equal(part.build[fighting], capacity[fighting])
    np.testing.assert_array_equal(part.build[~fighting], 0.25 * capacity[~fighting])
    np.testing.assert_array_equal(part.surge, fighting)
    short = plenty.where(world={"stock": cells(plenty.world.stock, {(A, SHELL): 0.0})})
    part = filled(short, DESK, "surge_in_war", **own)
    np.testing.assert_array_equal(
        part.build[A], [capacity[A, SHELL], *(0.25 * capacity[A, SHELL + 1 :])]
    )
    assert part.surge[A] == 0.0


@pytest.mark.parametrize(("weeks", "surge"), [(60.0, 0.0), (40.0, 0.0), (30.0, 0.25), (0.0, 1.0)])
def test_who_runs_low_widens_its_capacity_in_peace(
    calm: Situation, weeks: float, surge: float
) -> None:
    """By the share that it lacks of what it counts as enough, of what it lacks most."""
    need = calm.params.states.war_plan[D]
    low = cells(1e9 + 0.0 * calm.world.stock, {(D, SHELL): weeks * need[SHELL]})
    s = calm.where(world={"stock": low, "level": 0, "expenditure": 0.0})
    found = filled(s, DESK, "surge_in_war", alarm=40.0).surge
    np.testing.assert_allclose(found, cells((5,), {D: surge}))
    assert not np.any(filled(s, DESK, "surge_in_war", alarm=0.0).surge)
    unneeded = s.where(params={"states.war_plan": 0.0})
    assert not np.any(filled(unneeded, DESK, "surge_in_war", alarm=40.0).surge)


def test_who_needs_nothing_is_never_short(calm: Situation) -> None:
    s = calm.where(
        world={"stock": 0.0, "expenditure": 0.0, "level": 0}, params={"states.war_plan": 0.0}
    )
    part = filled(s, DESK, "surge_in_war", peace=0.0, enough=520.0)
    assert not np.any(part.build)
