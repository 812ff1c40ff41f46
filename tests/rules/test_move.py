"""Move: Little's law, thinning, exact conservation, and interdiction of what is unlawful alone."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    D_TO_C,
    E_TO_C,
    MISSILE,
    SHELL,
    A,
    B,
    C,
    D,
    Situation,
    at,
    by_state,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.rules.move import enforcement, move

FLOW = np.asarray([900.0, 80.0, 1.0])
OPEN = {"routes.capacity": 1e9}


def in_transit(s: Situation) -> np.ndarray:
    return np.sum(s.world.transit, axis=0)


@in_any_world
def test_nothing_is_lost_on_the_way(seed: int) -> None:
    s = scrambled(seed)
    for _ in range(3):
        after = s.run(move)[0]
        ended = sum(
            getattr(after, ledger) - getattr(s.world, ledger)
            for ledger in ("delivered", "unusable", "interdicted")
        )
        left = np.sum(after.transit, axis=0)
        np.testing.assert_allclose(
            in_transit(s) + s.world.shipment, left + ended, rtol=1e-9, atol=1e-9
        )
        gained = by_state(after.delivery, s.params.wiring.target)
        np.testing.assert_allclose(after.stock, s.world.stock + gained, rtol=1e-12)
        s = Situation(s.params, after, s.action, s.noise)


@in_any_world
def test_no_amount_turns_negative_and_no_leg_that_is_not_there_fills(seed: int) -> None:
    s = scrambled(seed)
    legs = s.params.wiring.leg[:, :, None]
    after = s.run(move)[0]
    for name in ("transit", "delivery", "delivered", "unusable", "interdicted"):
        assert np.all(getattr(after, name) >= 0.0), name
    assert not np.any(after.transit * (1.0 - legs))


def test_in_a_steady_state_the_contents_are_flow_times_time(calm: Situation) -> None:
    """Little's law, leg by leg; and what arrives is what left."""
    s = calm.where(world={"shipment": FLOW, "embargo": 0.0}, params=OPEN)
    after = s.weeks(move, 400)
    time, legs = s.params.routes.time, s.params.wiring.leg
    expected = (time * legs)[:, :, None] * FLOW
    np.testing.assert_allclose(after.transit, expected, rtol=1e-9)
    np.testing.assert_allclose(after.delivery, np.tile(FLOW, (5, 1)), rtol=1e-9)


def test_goods_take_at_least_their_legs_to_arrive(calm: Situation) -> None:
    s = calm.where(world={"shipment": FLOW}, params=OPEN)
    first = s.run(move)[0]
    assert not np.any(first.delivery)
    then = Situation(s.params, first, s.action, s.noise).run(move)[0]
    assert np.all(then.delivery[A_TO_D] > 0.0)  # one leg of a week
    assert not np.any(then.delivery[A_TO_B])  # two legs


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_share_arrives_unusable(calm: Situation, share: float) -> None:
    s = calm.where(
        world={"shipment": FLOW, "embargo": 0.0},
        params=OPEN | {"states.unusable_share": cells((5,), {A: share})},
    )
    after = s.weeks(move, 400)
    np.testing.assert_allclose(after.delivery[A_TO_B], FLOW * (1.0 - share), rtol=1e-9)
    np.testing.assert_allclose(after.delivery[D_TO_C], FLOW, rtol=1e-9)
    arrived = after.delivered + after.unusable
    np.testing.assert_allclose(after.unusable[A_TO_B], share * arrived[A_TO_B], rtol=1e-9)


def test_what_a_leg_cannot_carry_is_shared_pro_rata(calm: Situation) -> None:
    waiting = cells((2, 5, 3), {(0, A_TO_B, MISSILE): 300.0, (0, A_TO_D, MISSILE): 100.0})
    s = calm.where(world={"transit": waiting, "embargo": 0.0})
    ready = {A_TO_B: 2.0 * 300.0 / 1.5, A_TO_D: 2.0 * 100.0 / 1.0}  # containers
    limit = float(s.params.routes.capacity[0])
    assert sum(ready.values()) > limit
    out = waiting[0] - s.run(move)[0].transit[0]
    carried = out @ s.params.munitions.containers
    assert np.sum(carried) == pytest.approx(limit)
    for route, load in ready.items():
        assert carried[route] == pytest.approx(load * limit / sum(ready.values()))


@in_any_world
def test_no_way_carries_more_than_its_capacity(seed: int) -> None:
    s = scrambled(seed).where(world={"shipment": 0.0}, params={"rules.move.interdiction": 0.0})
    after = s.run(move)[0]
    arrived = after.delivered + after.unusable - s.world.delivered - s.world.unusable
    left = s.world.transit[0] - after.transit[0]
    out = np.stack([left, np.where(s.params.wiring.last[1][:, None] > 0.0, arrived, 0.0)])
    load = out @ s.params.munitions.containers
    for way, capacity in enumerate(s.params.routes.capacity):
        assert np.sum(load[s.params.wiring.way == way]) <= capacity * (1.0 + 1e-9) + 1e-6


def test_a_closed_port_holds_back_only_what_runs_over_it(calm: Situation) -> None:
    s = calm.where(
        world={"transit": np.ones((2, 5, 3)) * 100.0, "shipment": 0.0},
        params={"routes.capacity": [0.0, 1e9]},
    )
    after = s.run(move)[0]
    assert np.all(after.transit[0, A_TO_B] == 100.0)
    assert not np.any(after.delivery[A_TO_D])
    assert np.all(after.delivery[D_TO_C] > 0.0)
    assert np.all(after.delivery[E_TO_C] > 0.0)


def hunted(calm: Situation) -> Situation:
    """All routes full, every hunter at work, and the worst of luck."""
    return calm.where(
        world={"transit": 1000.0, "shipment": 0.0, "exposure": 4.0, "sanctions": 1.0},
        params=OPEN | {"rules.move.interdiction": 10.0, "rules.move.taken": 0.3},
        noise={"interdiction": 0.0},
    )


def test_interdiction_takes_its_share_of_the_leg(calm: Situation) -> None:
    s = hunted(calm)
    after, events = s.run(move)
    out = 1000.0 / s.params.routes.time[0, A_TO_B]
    np.testing.assert_allclose(after.interdicted[A_TO_B], 0.3 * out)
    assert events["interdicted"][at(A, B)] == 1.0


def test_a_lawful_route_is_never_interdicted(calm: Situation) -> None:
    after, events = hunted(calm).where(world={"embargo": 0.0}).run(move)
    assert not np.any(after.interdicted)
    assert not np.any(events["interdicted"])
    embargoed = hunted(calm).run(move)[0]
    assert not np.any(embargoed.interdicted[[D_TO_C, E_TO_C]])


def test_where_nothing_is_vulnerable_nothing_is_interdicted(calm: Situation) -> None:
    s = hunted(calm)
    assert not np.any(s.where(params={"routes.vulnerability": 0.0}).run(move)[0].interdicted)
    for off in ("interdiction", "taken"):
        calmed = s.where(params={f"rules.move.{off}": 0.0})
        assert not np.any(calmed.run(move)[0].interdicted), off


def test_interdiction_thins_with_its_probability(calm: Situation) -> None:
    """Over evenly laid luck the share of weeks with a catch is 1 - exp(-hazard)."""
    s = hunted(calm).where(params={"rules.move.interdiction": 2.0})
    hazard = 2.0 * s.params.routes.vulnerability[0, A_TO_B] * s.run(enforcement)[A_TO_B]
    grid = (np.arange(200) + 0.5) / 200
    caught = [
        bool(s.where(noise={"interdiction": u}).run(move)[1]["interdicted"][at(A, B)]) for u in grid
    ]
    assert np.mean(caught) == pytest.approx(1.0 - np.exp(-hazard), abs=0.005)


@in_any_world
def test_enforcement_is_a_share_and_rises_with_every_hunter(seed: int) -> None:
    s = scrambled(seed)
    base = s.run(enforcement)
    assert np.all((base >= 0.0) & (base <= 1.0))
    for name, most in (
        ("monitor", 1.0),
        ("coalition", 1.0),
        ("sanctions", s.params.wiring.off),
        ("exposure", s.params.rules.watch.bound),
        ("embargo", 1.0),
    ):
        assert np.all(s.where(world={name: most}).run(enforcement) >= base - 1e-12), name
    none = {
        f"rules.move.by_{hunter}": 0.0 for hunter in ("embargo", "monitor", "sanctions", "exposure")
    }
    assert not np.any(s.where(params=none).run(enforcement))


def test_a_coalition_hunts_with_less_reach(calm: Situation) -> None:
    only = {"rules.move.by_embargo": 0.0, "rules.move.by_sanctions": 0.0}
    only |= {"rules.move.by_exposure": 0.0, "rules.sanction.coalition_reach": 0.6}
    s = calm.where(params=only)
    council = s.where(world={"monitor": cells((5,), {A: 1.0}), "coalition": 0.0}).run(enforcement)
    allies = s.where(world={"monitor": 0.0, "coalition": cells((5,), {A: 1.0})}).run(enforcement)
    assert council[A_TO_B] > 0.0
    assert allies[A_TO_B] == pytest.approx(0.6 * council[A_TO_B])


def test_a_delivery_of_a_container_is_told(calm: Situation) -> None:
    s = calm.where(
        world={"transit": cells((2, 5, 3), {(0, D_TO_C, SHELL): 3.0 * 450.0})}, params=OPEN
    )
    events = s.run(move)[1]
    np.testing.assert_array_equal(events["delivered"], on_pairs({(D, C): 1.0}))
    less = s.where(world={"transit": 0.9 * s.world.transit})
    assert not np.any(less.run(move)[1]["delivered"])
