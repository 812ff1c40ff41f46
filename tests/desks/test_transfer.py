"""The transfer desk: who sells what to whom, and who helps."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    D_TO_C,
    E_TO_C,
    MISSILE,
    ROCKET,
    SHELL,
    A,
    B,
    C,
    D,
    Situation,
    by_state,
    cells,
    filled,
    in_any_world,
    on_pairs,
    scrambled,
    symmetric,
)

DESK = "transfer"


@in_any_world
def test_none_neither_gives_nor_takes(seed: int) -> None:
    part = filled(scrambled(seed), DESK, "none")
    for name in ("offer", "want", "grant", "teach", "secrecy"):
        assert not np.any(getattr(part, name)), name


def sales(s: Situation, **own: float) -> np.ndarray:
    return filled(s, DESK, "opportunist", **own).offer


@in_any_world
def test_an_opportunist_offers_a_share_of_what_it_can_spare(seed: int) -> None:
    s = scrambled(seed)
    offered = by_state(sales(s, release=0.1), s.params.wiring.source)
    free = np.maximum(s.world.stock - s.seen.reserve, 0.0)
    assert np.all(offered <= 0.1 * free * (1.0 + 1e-9))
    assert not np.any(sales(s, release=0.0))
    beggared = s.where(world={"stock": 0.0})
    assert not np.any(sales(beggared, release=0.1))


@in_any_world
def test_an_opportunist_sells_to_nobody_who_does_not_ask(seed: int) -> None:
    s = scrambled(seed)
    assert not np.any(sales(s.where(world={"want": 0.0}), release=1.0))


def market(calm: Situation) -> Situation:
    """BBB and DDD both want shells of AAA; nobody is bound by law."""
    return calm.where(
        world={
            "want": cells((5, 3), {(B, SHELL): 1000.0, (D, SHELL): 1000.0}),
            "affinity": 0.0,
            "embargo": 0.0,
            "benefit": 0.0,
        }
    )


def test_a_want_of_one_calibre_is_asked_of_its_whole_family(calm: Situation) -> None:
    offered = sales(market(calm), release=0.1)[A_TO_B]
    assert offered[SHELL] > 0.0
    assert offered[ROCKET] > 0.0
    assert offered[MISSILE] == 0.0


def test_better_terms_get_a_larger_part(calm: Situation) -> None:
    s = market(calm)
    own = {"release": 0.1, "by_affinity": 2.0, "by_benefit": 3.0}
    even = sales(s, **own)[:, SHELL]
    assert even[A_TO_B] == even[A_TO_D] > 0.0
    for friend in (
        s.where(world={"affinity": symmetric(A, B, 0.5)}),
        s.where(world={"benefit": on_pairs({(A, B): 0.5})}),
    ):
        offered = sales(friend, **own)[:, SHELL]
        assert offered[A_TO_B] > even[A_TO_B]
        assert offered[A_TO_D] < even[A_TO_D]
    blind = {"release": 0.1, "by_affinity": 0.0, "by_benefit": 0.0}
    friend = s.where(world={"affinity": symmetric(A, B, 0.5), "benefit": on_pairs({(A, B): 9.0})})
    np.testing.assert_array_equal(sales(friend, **blind), sales(s, **blind))


def test_the_law_costs_sales_and_more_where_it_is_monitored(calm: Situation) -> None:
    def sold(embargo: float, monitor: float, risk: float) -> float:
        s = market(calm).where(
            world={"embargo": cells((5,), {A: embargo}), "monitor": cells((5,), {A: monitor})}
        )
        return float(sales(s, release=0.1, legal_risk=risk)[A_TO_B, SHELL])

    assert sold(1.0, 1.0, 1.0) < sold(1.0, 0.0, 1.0) < sold(0.0, 0.0, 1.0)
    assert sold(0.0, 1.0, 1.0) == sold(0.0, 0.0, 1.0)
    assert sold(1.0, 1.0, 0.0) == sold(0.0, 0.0, 0.0)


def test_payment_is_asked_in_the_weights_set_or_in_cash(calm: Situation) -> None:
    mix = filled(calm, DESK, "opportunist", cash=0.2, goods=0.2, technology=0.4).mix
    np.testing.assert_allclose(mix, np.tile([0.25, 0.25, 0.5], (5, 1)))
    mix = filled(calm, DESK, "opportunist", cash=0.0, goods=0.0, technology=0.0).mix
    np.testing.assert_array_equal(mix, np.tile([1.0, 0.0, 0.0], (5, 1)))


def wishes(s: Situation, weeks: float, horizon: float = 10.0) -> np.ndarray:
    return filled(s, DESK, "importer", target_weeks=weeks, horizon=horizon).want


@in_any_world
def test_an_importer_wants_no_more_than_it_lacks(seed: int) -> None:
    s = scrambled(seed)
    for weeks in (0.0, 20.0, 60.0):
        want = wishes(s, weeks)
        assert np.all(want >= 0.0)
        assert np.all(want <= weeks * s.seen.need / 10.0 + 1e-9)
    assert not np.any(wishes(s, 0.0))
    assert np.all(wishes(s, 60.0) >= wishes(s, 20.0) - 1e-9)


def test_an_importer_wants_what_brings_supply_to_its_target(calm: Situation) -> None:
    s = calm.where(world={"stock": 0.0, "expenditure": 0.0})
    np.testing.assert_allclose(wishes(s, 40.0), 4.0 * s.params.states.war_plan)
    coming = s.where(world={"transit": cells((2, 5, 3), {(0, A_TO_B, MISSILE): 40.0})})
    assert wishes(coming, 40.0)[B, MISSILE] == 0.0
    assert wishes(coming, 40.0)[A, MISSILE] > 0.0
    np.testing.assert_allclose(wishes(s, 40.0, horizon=20.0), 0.5 * wishes(s, 40.0))


def test_a_family_of_calibres_is_short_together(calm: Situation) -> None:
    """Rockets without end make up for shells; of missiles there are none."""
    s = calm.where(world={"stock": [0.0, 1e9, 0.0], "expenditure": 0.0})
    want = wishes(s, 40.0)
    assert not np.any(want[:, [SHELL, ROCKET]])
    assert np.all(want[:, MISSILE] > 0.0)


def aid(s: Situation, **own: float) -> np.ndarray:
    return filled(s, DESK, "ally_aid", **own).offer


def test_an_ally_helps_friends_at_war_for_nothing(calm: Situation) -> None:
    s = calm.where(world={"want": cells((5, 3), {(B, SHELL): 1e6, (C, SHELL): 1e6})})
    own = {"release": 0.1, "friend": 0.3}
    offered = aid(s, **own)
    free = np.maximum(s.world.stock - s.seen.reserve, 0.0)
    assert offered[D_TO_C, SHELL] == pytest.approx(0.1 * free[D, SHELL])
    assert offered[A_TO_B, SHELL] > 0.0  # affinity 0.4
    assert not np.any(offered[[E_TO_C, A_TO_D]])  # no friend; not at war
    assert np.all(filled(s, DESK, "ally_aid").grant == 1.0)
    for refused in (
        aid(s, release=0.1, friend=0.9),
        aid(s, release=0.0, friend=0.3),
        aid(s.where(world={"level": 0}), **own),
        aid(s.where(world={"want": 0.0}), **own),
    ):
        assert not np.any(refused)


@in_any_world
def test_aid_leaves_the_reserve_alone(seed: int) -> None:
    s = scrambled(seed)
    offered = by_state(aid(s, release=0.5, friend=-1.0), s.params.wiring.source)
    free = np.maximum(s.world.stock - s.seen.reserve, 0.0)
    assert np.all(offered <= 0.5 * free * (1.0 + 1e-9))
