"""Haul: goods in payment are cargo on the route back, counted, seen, and taken as munitions."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    B_TO_A,
    D_TO_C,
    SHELL,
    A,
    B,
    Situation,
    at,
    cells,
    in_any_world,
    scrambled,
)

from sim.rules.haul import haul
from sim.rules.move import move
from sim.rules.trade import trade
from sim.rules.watch import watch

PRICE = 2e-4
OPEN = {"routes.capacity": 1e9}
IN_GOODS = {"transfer.mix": np.tile([0.0, 1.0, 0.0], (5, 1))}


def owing(calm: Situation, price: float = PRICE, route: int = A_TO_B) -> Situation:
    """A buyer owes 0.1 bn for munitions and pays a fifth of it, in goods."""
    return calm.where(
        world={"debt": cells((5,), {route: 0.1}), "embargo": 0.0},
        params={"rules.trade.settlement": 0.2, "rules.trade.container_price": price},
        action=IN_GOODS,
    )


def test_goods_leave_on_the_route_back(calm: Situation) -> None:
    after = owing(calm).run(trade)[0]
    np.testing.assert_allclose(after.cargo, cells((5,), {B_TO_A: 0.02 / PRICE}))
    np.testing.assert_array_equal(after.cargo_shipped, after.cargo)
    assert after.debt[A_TO_B] == pytest.approx(0.08)  # the debt falls as they depart
    assert after.settled[A_TO_B, 1] == pytest.approx(0.02)


def test_without_a_route_back_or_a_price_goods_need_no_room(calm: Situation) -> None:
    for s in (owing(calm, route=A_TO_D), owing(calm, price=0.0)):
        after = s.run(trade)[0]
        assert not np.any(after.cargo)
        assert np.sum(after.settled[:, 1]) == pytest.approx(0.02)
        assert np.max(after.benefit) > 0.0  # worth something at once


def test_goods_are_worth_something_once_they_are_there(calm: Situation) -> None:
    """Debts fall as goods depart, the supplier gains as they arrive: neither twice."""
    s = owing(calm)
    sent = s.run(trade)[0]
    assert sent.benefit[at(A, B)] == 0.0
    arrived = calm.where(
        world={"cargo_delivery": cells((5,), {B_TO_A: 100.0}), "embargo": 0.0},
        params={"rules.trade.container_price": PRICE},
    )
    at_once = owing(calm, price=0.0).run(trade)[0].benefit[at(A, B)]
    assert arrived.run(trade)[0].benefit[at(A, B)] == pytest.approx(at_once)
    assert arrived.run(trade)[0].benefit[at(B, A)] == 0.0


@in_any_world
def test_no_container_is_lost(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(haul)[0]
    left, came = np.sum(after.cargo_transit, axis=0), np.sum(s.world.cargo_transit, axis=0)
    ended = after.cargo_delivered - s.world.cargo_delivered
    ended = ended + after.cargo_interdicted - s.world.cargo_interdicted
    np.testing.assert_allclose(came + s.world.cargo, left + ended, rtol=1e-9, atol=1e-9)
    assert not np.any(after.cargo_transit * (1.0 - s.params.wiring.leg))
    np.testing.assert_allclose(
        after.cargo_delivery, after.cargo_delivered - s.world.cargo_delivered, atol=1e-9
    )


@in_any_world
def test_cargo_travels_as_a_munition_of_a_container_each_would(seed: int) -> None:
    """Alone on its way, in the same times, under the same search."""
    s = scrambled(seed).where(params={"munitions.containers": 1.0})
    alone = {"transit": 0.0, "shipment": 0.0}
    cargo = s.where(world=alone).run(haul)[0]
    as_shells = s.where(
        world={
            "cargo_transit": 0.0,
            "cargo": 0.0,
            "transit": s.world.cargo_transit[:, :, None] * cells((3,), {SHELL: 1.0}),
            "shipment": s.world.cargo[:, None] * cells((3,), {SHELL: 1.0}),
        },
        params={"states.unusable_share": 0.0},
    ).run(move)[0]
    np.testing.assert_allclose(cargo.cargo_transit, as_shells.transit[:, :, SHELL], atol=1e-9)
    np.testing.assert_allclose(cargo.cargo_delivery, as_shells.delivery[:, SHELL], atol=1e-9)
    taken = as_shells.interdicted - s.world.interdicted
    found = cargo.cargo_interdicted - s.world.cargo_interdicted
    np.testing.assert_allclose(found, taken[:, SHELL], atol=1e-9)


def test_munitions_go_first(calm: Situation) -> None:
    s = calm.where(
        world={
            "cargo_transit": cells((2, 5), {(0, B_TO_A): 400.0}),
            "transit": cells((2, 5, 3), {(0, B_TO_A, SHELL): 450.0 * 300.0}),
            "embargo": 0.0,
        },
        params={"routes.capacity": cells((2,), {1: 200.0})},
    )
    # of 200 containers of room 150 are the shells', half of the way takes two weeks
    assert s.run(haul)[0].cargo_delivery[B_TO_A] == pytest.approx(50.0)
    assert s.where(params=OPEN).run(haul)[0].cargo_delivery[B_TO_A] == pytest.approx(200.0)
    full = s.where(params={"routes.capacity": cells((2,), {1: 100.0})})
    assert full.run(haul)[0].cargo_delivery[B_TO_A] == 0.0


def test_a_search_takes_of_it_where_it_is_unlawful(calm: Situation) -> None:
    s = calm.where(
        world={"cargo_transit": cells((2, 5), {(0, A_TO_D): 100.0, (0, D_TO_C): 300.0})},
        params=OPEN | {"rules.move.taken": 0.5},
        noise={"interdiction": 1e-12},
    )
    assert s.run(haul)[0].cargo_interdicted[A_TO_D] == pytest.approx(50.0)
    lawful = s.where(world={"embargo": 0.0}).run(haul)[0]
    assert not np.any(lawful.cargo_interdicted)


def test_both_directions_are_watched_each_with_its_own_estimate(calm: Situation) -> None:
    s = calm.where(
        world={"cargo": cells((5,), {B_TO_A: 130.0})},
        params={"states.estimate_bias": 0.0},
        noise={"detection": 1e-12},
    )
    after = s.run(watch)[0]
    np.testing.assert_allclose(after.estimate[:, B_TO_A], 130.0)
    assert not np.any(after.estimate[:, A_TO_B])
    assert after.exposure[B_TO_A] > calm.world.exposure[B_TO_A]
