"""Agreements: a deal begins with one, ready stock goes first, and ships sail whole."""

import numpy as np
import pytest
from worlds import A_TO_B, ROCKET, SHELL, A, B, Situation, by_state, cells, on_pairs, symmetric

from sim.engines import reference
from sim.rules.trade import trade
from sim.scenario import from_mapping, load

HELD = {"rules.trade.settlement": 0.0, "states.credit": 1e9}


def deal(calm: Situation) -> Situation:
    """AAA sells 1000 shells per week to BBB, who wants as many; the deal stands."""
    wish = {"transfer.offer": cells((5, 3), {(A_TO_B, SHELL): 1000.0})}
    wish |= {"transfer.want": cells((5, 3), {(B, SHELL): 1000.0})}
    contract = cells((5, 3), {(A_TO_B, SHELL): 1000.0})
    return calm.where(action=wish, world={"contract": contract, "embargo": 0.0}, params=HELD)


def willing(calm: Situation, luck: float = 0.1, **trade: float) -> Situation:
    """AAA offers BBB 1000 shells per week and nothing is agreed on; it holds some to spare."""
    chosen = {"agreement": 0.1, "by_affinity": 0.0, "by_talks": 0.0, "inertia": 0.5} | trade
    return deal(calm).where(
        world={"contract": 0.0, "agreed": 0.0},
        params={f"rules.trade.{name}": value for name, value in chosen.items()}
        | {"states.credit": 1e9},
        noise={"agreement": luck},
    )


def test_a_deal_begins_with_an_agreement(calm: Situation) -> None:
    """P = 1 - exp(-0.1) = 0.095; then it stands, whatever the luck."""
    after, events = willing(calm, 0.096).run(trade)
    assert not np.any(after.contract)
    assert not np.any(events["agreement"])
    after, events = willing(calm, 0.095).run(trade)
    assert after.contract[A_TO_B, SHELL] == pytest.approx(500.0)
    np.testing.assert_array_equal(events["agreement"], on_pairs({(A, B): 1.0}))
    again = willing(calm, 0.99).where(world={"agreed": after.agreed, "contract": after.contract})
    later, events = again.run(trade)
    assert later.contract[A_TO_B, SHELL] == pytest.approx(750.0)
    assert not np.any(events["agreement"])


def test_where_no_offer_meets_a_want_nothing_is_signed(calm: Situation) -> None:
    for action in ({"transfer.want": 0.0}, {"transfer.offer": 0.0}):
        assert not np.any(willing(calm, 1e-9).where(action=action).run(trade)[0].agreed)
    forgone = willing(calm, 1e-9).where(
        world={"embargo": cells((5,), {A: 1.0})}, action={"diplomacy.comply": 1.0}
    )
    assert not np.any(forgone.run(trade)[0].agreed)


def test_less_than_a_unit_a_week_is_agreed_on_too(calm: Situation) -> None:
    """As of whole missiles, of which few are made."""
    little = {"transfer.offer": cells((5, 3), {(A_TO_B, SHELL): 0.5})}
    after, _ = willing(calm, 1e-9).where(action=little).run(trade)
    assert after.agreed[A_TO_B] == 1.0


def test_without_a_hazard_deals_need_no_agreement(calm: Situation) -> None:
    after, events = willing(calm, 1e-9, agreement=0.0, first=0.5).run(trade)
    assert after.contract[A_TO_B, SHELL] == pytest.approx(500.0)
    assert not np.any(after.agreed)
    assert not np.any(after.advance)
    assert not np.any(events["agreement"])


def test_friends_and_those_who_visited_agree_sooner(calm: Situation) -> None:
    def signs(luck: float, **trade_: float) -> bool:
        s = willing(calm, luck, **trade_).where(
            world={"affinity": symmetric(A, B, 0.5), "talks": cells((5,), {A_TO_B: 0.5})}
        )
        return bool(np.any(s.run(trade)[0].agreed))

    friends = 1.0 - np.exp(-0.1 * np.exp(2.0 * 0.5))
    assert signs(friends - 1e-6, by_affinity=2.0)
    assert not signs(friends + 1e-6, by_affinity=2.0)
    after_a_visit = 1.0 - np.exp(-0.1 * (1.0 + 10.0 * 0.5 * 0.9))
    recent = {"by_talks": 10.0, "forgetting": 0.1}
    assert signs(after_a_visit - 1e-6, **recent)
    assert not signs(after_a_visit + 1e-6, **recent)


def test_visits_either_way_are_remembered_for_a_while(calm: Situation) -> None:
    faded = willing(calm).where(world={"talks": 0.8}, params={"rules.trade.forgetting": 0.25})
    np.testing.assert_allclose(faded.run(trade)[0].talks, 0.6)
    for guest, host in (("PRK", "RUS"), ("RUS", "PRK")):
        visit = {"date": "2023-05-10", "kind": "visit", "actor": guest, "target": host}
        data = {**load("northeast_asia_2023").mapping, "timetable": [visit | {"value": 0.4}]}
        scenario = from_mapping({**data, "weeks": 3})
        talks = [week.world.talks[0] for week in reference.weeks(scenario, 0, 0)]
        np.testing.assert_allclose(talks, [0.0, 0.4, 0.36])


def test_an_agreement_promises_ready_stock_that_goes_first_and_fast(calm: Situation) -> None:
    s = willing(calm, 1e-9, first=0.2, rush=0.25, inertia=0.0)
    s = s.where(action={"transfer.want": cells((5, 3), {(B, SHELL): 1e9})})
    free = (s.world.stock - s.seen.reserve)[A, SHELL]
    after = s.run(trade)[0]
    assert after.shipment[A_TO_B, SHELL] == pytest.approx(0.25 * 0.2 * free)
    assert after.advance[A_TO_B, SHELL] == pytest.approx(0.75 * 0.2 * free)
    assert not np.any(after.advance[A_TO_B, ROCKET:])
    next_week = s.where(world={"agreed": after.agreed, "advance": after.advance}).run(trade)[0]
    assert next_week.shipment[A_TO_B, SHELL] == pytest.approx(0.75 * 0.25 * 0.2 * free)


def test_a_deal_that_shrinks_may_shrink_faster(calm: Situation) -> None:
    s = deal(calm).where(action={"transfer.offer": 0.0}, params={"rules.trade.inertia": 0.1})
    for cutback, left in ((0.0, 900.0), (0.05, 900.0), (0.6, 400.0)):
        after = s.where(params={"rules.trade.cutback": cutback}).run(trade)[0]
        assert after.contract[A_TO_B, SHELL] == pytest.approx(left)
    grows = deal(calm).where(
        world={"contract": 0.0}, params={"rules.trade.inertia": 0.1, "rules.trade.cutback": 0.6}
    )
    assert grows.run(trade)[0].contract[A_TO_B, SHELL] == pytest.approx(100.0)


def loading(calm: Situation, ship: float, weeks: int) -> list[float]:
    """Shells of each week, of a deal of 1000 per week, on ships of so many shells."""
    boxes = float(calm.params.munitions.containers[SHELL])
    s = deal(calm).where(params={"routes.ship": ship * boxes, "states.credit": 1e9})
    gone = []
    for _ in range(weeks):
        after = s.run(trade)[0]
        gone.append(round(float(after.shipment[A_TO_B, SHELL]), 6))
        np.testing.assert_allclose(
            s.world.stock - after.stock, by_state(after.shipment, s.params.wiring.source), rtol=1e-9
        )
        s = s.where(world={"loading": after.loading, "stock": after.stock, "treasury": 1e3})
    return gone


def test_ships_sail_whole(calm: Situation) -> None:
    assert loading(calm, 2500.0, 6) == [0.0, 0.0, 2500.0, 0.0, 2500.0, 0.0]
    assert loading(calm, 300.0, 3) == [900.0, 900.0, 1200.0]
    assert loading(calm, 1000.0, 3) == [1000.0] * 3
    assert loading(calm, 0.0, 2) == [1000.0] * 2


def test_a_ship_moves_no_price(calm: Situation) -> None:
    """What is made ready meets a want, whenever it sails."""
    smooth = deal(calm).where(params={"rules.trade.premium": 1.0})
    lumpy = smooth.where(params={"routes.ship": 1e5})
    assert not np.any(lumpy.run(trade)[0].shipment)
    np.testing.assert_array_equal(lumpy.run(trade)[0].price, smooth.run(trade)[0].price)


def test_what_waits_for_a_ship_keeps_to_the_reserve(calm: Situation) -> None:
    s = deal(calm).where(
        world={"loading": cells((5, 3), {(A_TO_B, SHELL): 1e9})},
        params={"routes.ship": 1e12, "states.credit": 1e9},
    )
    free = (s.world.stock - s.seen.reserve)[A, SHELL]
    assert s.run(trade)[0].loading[A_TO_B, SHELL] == pytest.approx(free)
