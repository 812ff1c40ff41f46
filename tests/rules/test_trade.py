"""Trade: nobody gives what it must keep, takes what it does not want, owes what it did not buy."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    AMMUNITION,
    B_TO_A,
    D_TO_C,
    E_TO_C,
    MISSILE,
    MISSILES,
    ROCKET,
    SHELL,
    A,
    B,
    C,
    D,
    E,
    Situation,
    at,
    by_state,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.arrays import firepower, fold
from sim.rules.trade import trade

CASH, GOODS, TECHNOLOGY = range(3)


def deal(calm: Situation, shells: float = 1000.0) -> Situation:
    """AAA sells shells to BBB, who wants as many; the deal stands, debts are left."""
    return calm.where(
        action={
            "transfer.offer": cells((5, 3), {(A_TO_B, SHELL): shells}),
            "transfer.want": cells((5, 3), {(B, SHELL): shells}),
        },
        world={"contract": cells((5, 3), {(A_TO_B, SHELL): shells}), "embargo": 0.0},
        params={"rules.trade.settlement": 0.0},
    )


def shipped(s: Situation) -> np.ndarray:
    return s.run(trade)[0].shipment


@in_any_world
def test_no_supplier_goes_below_its_reserve(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(trade)[0]
    floor = np.minimum(s.world.stock, s.seen.reserve)
    assert np.all(after.stock >= floor - 1e-6)
    given = by_state(after.shipment, s.params.wiring.source)
    np.testing.assert_allclose(after.stock, s.world.stock - given, rtol=1e-9, atol=1e-6)


@in_any_world
def test_no_buyer_gets_more_than_its_family_wants(seed: int) -> None:
    s = scrambled(seed).where(world={"loading": 0.0})  # what waits for a ship was wanted before
    weight, family = firepower(s.params.munitions.lethality), s.params.wiring.family
    wanted = fold(s.action.transfer.want, weight, family)
    arriving = fold(by_state(shipped(s), s.params.wiring.target), weight, family)
    assert np.all(arriving <= wanted * (1.0 + 1e-9) + 1e-9)


@in_any_world
def test_no_buyer_goes_beyond_treasury_and_credit(seed: int) -> None:
    s = scrambled(seed)
    sold = 1.0 - s.action.transfer.grant[s.params.wiring.source]
    cost = by_state(sold * (shipped(s) @ s.world.price), s.params.wiring.target)
    means = np.maximum(s.world.treasury + s.params.states.credit - s.seen.debts, 0.0)
    assert np.all(cost <= means * (1.0 + 1e-9) + 1e-12)


@in_any_world
def test_debt_is_value_less_what_is_paid(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(trade)[0]
    sold = 1.0 - s.action.transfer.grant[s.params.wiring.source]
    value = sold * (after.shipment @ s.world.price)
    paid = np.sum(after.settled - s.world.settled, axis=1)
    np.testing.assert_allclose(after.debt, s.world.debt + value - paid, rtol=1e-9, atol=1e-9)
    assert np.all(after.settled >= s.world.settled - 1e-12)
    assert np.all(after.debt >= 0.0)


@in_any_world
def test_money_changes_hands_and_none_is_made(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(trade)[0]
    assert np.all(after.treasury >= 0.0)
    assert np.sum(after.treasury) == pytest.approx(np.sum(s.world.treasury), rel=1e-9)


@in_any_world
def test_aid_adds_no_debt(seed: int) -> None:
    s = scrambled(seed).where(action={"transfer.grant": 1.0})
    assert np.all(s.run(trade)[0].debt <= s.world.debt + 1e-12)


@in_any_world
def test_nobody_is_taught_beyond_its_teacher_or_the_ceiling(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(trade)[0]
    ceiling = np.minimum(s.world.tech, s.action.transfer.teach)
    known = s.world.tech + s.world.lessons
    wiring = s.params.wiring
    for learner in range(5):
        teachers = wiring.target[wiring.source == learner]
        best = np.max(ceiling[teachers], axis=0) if len(teachers) else np.zeros(4)
        now = (s.world.tech + after.lessons)[learner]
        assert np.all(now <= np.maximum(known[learner], best) + 1e-9)


@in_any_world
def test_complying_ends_forgo_all_unlawful_trade_and_no_other(seed: int) -> None:
    s = scrambled(seed)
    for end in (s.params.wiring.source, s.params.wiring.target):
        comply = np.zeros(5)
        comply[end] = 1.0
        flow = shipped(s.where(action={"diplomacy.comply": comply}))
        assert not np.any(flow[s.seen.unlawful > 0.0])
    lawful = s.where(world={"embargo": 0.0})
    np.testing.assert_array_equal(
        shipped(lawful), shipped(lawful.where(action={"diplomacy.comply": 1.0}))
    )


@pytest.mark.parametrize("comply", [0.0, 0.25, 0.5, 1.0])
def test_the_share_that_complies_is_the_share_that_stays_away(
    calm: Situation, comply: float
) -> None:
    s = deal(calm).where(
        world={"embargo": cells((5,), {A: 1.0}), "contract": 0.0},
        action={"diplomacy.comply": cells((5,), {A: comply})},
        params={"rules.trade.inertia": 1.0},
    )
    assert shipped(s)[A_TO_B, SHELL] == pytest.approx(1000.0 * (1.0 - comply))


def test_forgone_offers_leave_the_want_to_others(calm: Situation) -> None:
    offer = {(D_TO_C, SHELL): 1000.0, (E_TO_C, SHELL): 1000.0}
    s = calm.where(
        action={
            "transfer.offer": cells((5, 3), offer),
            "transfer.want": cells((5, 3), {(C, SHELL): 1000.0}),
            "transfer.grant": 1.0,
            "diplomacy.comply": 1.0,
        },
        params={"rules.trade.inertia": 1.0},
    )
    split = shipped(s.where(world={"embargo": 0.0}))
    assert split[D_TO_C, SHELL] == pytest.approx(500.0)
    alone = shipped(s.where(world={"embargo": cells((5,), {E: 1.0})}))
    assert alone[E_TO_C, SHELL] == 0.0
    assert alone[D_TO_C, SHELL] == pytest.approx(1000.0)


def test_deals_have_inertia(calm: Situation) -> None:
    s = deal(calm).where(world={"contract": 0.0})
    for inertia in (0.0, 0.25, 1.0):
        after = s.where(params={"rules.trade.inertia": inertia}).run(trade)[0]
        assert after.contract[A_TO_B, SHELL] == pytest.approx(1000.0 * inertia)
    slow = s.where(params={"rules.trade.inertia": 0.25})
    assert slow.weeks(trade, 3).contract[A_TO_B, SHELL] == pytest.approx(1000.0 * (1.0 - 0.75**3))


def test_one_calibre_stands_in_for_another(calm: Situation) -> None:
    """A rocket kills as two shells: 1,000 rockets meet a want of 2,000 shells, and no missile."""
    s = deal(calm).where(
        action={
            "transfer.offer": cells((5, 3), {(A_TO_B, ROCKET): 5000.0, (A_TO_B, MISSILE): 5.0}),
            "transfer.want": cells((5, 3), {(B, SHELL): 2000.0}),
            "transfer.grant": 1.0,
        },
        params={"rules.trade.inertia": 1.0},
    )
    np.testing.assert_allclose(shipped(s)[A_TO_B], [0.0, 1000.0, 0.0], rtol=1e-12)


ALONE = np.asarray([[0, 3], [1, 3], [2, 3]])
"""No munition substitutes another one."""


@in_any_world
def test_who_keeps_a_higher_reserve_never_ships_more(seed: int) -> None:
    s = (
        scrambled(seed)
        .where(world={"loading": 0.0}, params={"routes.ship": 0.0})
        .where(action={"transfer.grant": 1.0}, params={"wiring.family": ALONE})
    )
    keeper = seed % 5
    own = s.params.wiring.source == keeper
    low, high = (
        shipped(
            s.where(
                params={
                    "states.reserve_weeks": cells(s.params.states.reserve_weeks, {keeper: weeks})
                }
            )
        )[own]
        for weeks in (0.0, 26.0)
    )
    assert np.all(high <= low + 1e-9)


def test_prices_rise_with_what_is_not_met(calm: Situation) -> None:
    base = calm.params.munitions.price

    def price(met: float, premium: float = 1.0) -> float:
        s = deal(calm).where(
            action={"transfer.want": cells((5, 3), {(B, SHELL): 1000.0 / met})},
            params={"rules.trade.premium": premium, "rules.trade.inertia": 0.0},
        )
        return float(s.run(trade)[0].price[SHELL] / base[SHELL])

    assert price(1.0) == 1.0
    assert price(0.5) == pytest.approx(1.5)
    assert price(0.25) == pytest.approx(1.75)
    assert price(0.25, premium=0.0) == 1.0
    np.testing.assert_array_equal(calm.run(trade)[0].price, base)


def test_debts_are_settled_in_the_agreed_mix(calm: Situation) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1}), "lessons": 0.0},
        action={"transfer.mix": [0.5, 0.3, 0.2], "transfer.teach": 1.0},
        params={"rules.trade.settlement": 0.2},
    )
    tech = cells(s.world.tech, {(A, AMMUNITION): 0.1, (B, AMMUNITION): 0.9})
    after = s.where(world={"tech": tech}).run(trade)[0]
    np.testing.assert_allclose(after.settled[A_TO_B], [0.01, 0.006, 0.004], rtol=1e-9)
    assert after.debt[A_TO_B] == pytest.approx(0.08)
    assert after.treasury[A] - s.world.treasury[A] == pytest.approx(0.01)
    cost = s.params.technologies.lesson_cost
    assert np.sum(after.lessons[A] * cost) == pytest.approx(0.004)
    assert not np.any(after.lessons[1:])


def test_two_teachers_together_teach_no_more_than_the_better_knows(calm: Situation) -> None:
    """AAA sells to BBB and DDD, who both pay in what AAA lacks, and owe enough for far more."""
    tech = np.full((5, 4), 0.2)
    tech[B], tech[D] = 0.5, 0.6
    s = calm.where(
        world={"debt": 1e6, "tech": tech, "lessons": 0.0},
        action={"transfer.mix": [0.0, 0.0, 1.0], "transfer.teach": 1.0},
        params={"rules.trade.settlement": 1.0},
    )
    after = s.run(trade)[0]
    known = after.tech[A] + after.lessons[A]
    assert np.all(known > 0.2)
    assert np.all(known <= 0.6)
    once_more = s.where(world={"lessons": after.lessons}).run(trade)[0]
    assert np.all(once_more.tech[A] + once_more.lessons[A] <= 0.6 + 1e-12)


def test_what_cannot_be_taught_is_paid_in_goods(calm: Situation) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1})},
        action={"transfer.mix": [0.0, 0.0, 1.0], "transfer.teach": 0.0},
        params={"rules.trade.settlement": 0.5},
    )
    after = s.run(trade)[0]
    np.testing.assert_allclose(after.settled[A_TO_B], [0.0, 0.05, 0.0], atol=1e-15)
    assert not np.any(after.lessons)
    assert not np.any(s.run(trade)[1]["lesson_taught"])


def test_who_has_no_cash_stays_in_debt(calm: Situation) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1}), "treasury": 0.0},
        action={"transfer.mix": [1.0, 0.0, 0.0]},
        params={"rules.trade.settlement": 0.5},
    )
    assert s.run(trade)[0].debt[A_TO_B] == pytest.approx(0.1)


@in_any_world
def test_with_no_settlement_nothing_is_paid_or_taught(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.trade.settlement": 0.0})
    after = s.run(trade)[0]
    np.testing.assert_array_equal(after.settled, s.world.settled)
    np.testing.assert_array_equal(after.lessons, s.world.lessons)
    np.testing.assert_array_equal(after.treasury, s.world.treasury)


@in_any_world
def test_without_memory_benefit_stands_still(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.trade.memory": 0.0})
    np.testing.assert_array_equal(s.run(trade)[0].benefit, s.world.benefit)


def test_the_short_draw_more_benefit_from_a_delivery(calm: Situation) -> None:
    def benefit(scarcity: float, stock: float) -> float:
        s = calm.where(
            world={
                "delivery": cells((5, 3), {(A_TO_B, SHELL): 1000.0}),
                "stock": cells((5, 3), {(B, SHELL): stock, (B, ROCKET): 1e9, (B, MISSILE): 1e9}),
                "expenditure": 0.0,
            },
            params={"rules.trade.scarcity": scarcity},
        )
        return float(s.run(trade)[0].benefit[at(B, A)])

    plain = benefit(0.0, 1e9)
    assert plain > 0.0
    assert benefit(0.0, 0.0) == plain
    assert benefit(1.0, 0.0) == pytest.approx(2.0 * plain)
    assert plain < benefit(1.0, 4e5) < benefit(1.0, 4e4) < benefit(1.0, 0.0)


def test_only_the_lack_of_what_is_delivered_counts(calm: Situation) -> None:
    """Who has shells without end draws no more from shells for lacking missiles."""
    delivery = cells((5, 3), {(A_TO_B, SHELL): 1000.0})

    def benefit(missiles: float, plan: float) -> float:
        s = calm.where(
            world={
                "delivery": delivery,
                "stock": cells((5, 3), {(B, SHELL): 1e9, (B, ROCKET): 1e9, (B, MISSILE): missiles}),
                "expenditure": 0.0,
            },
            params={"states.war_plan": [1e4, 2e3, plan], "rules.trade.scarcity": 1.0},
        )
        return float(s.run(trade)[0].benefit[at(B, A)])

    assert benefit(0.0, 1.0) == pytest.approx(benefit(1e9, 1.0))
    assert benefit(0.0, 0.0) == pytest.approx(benefit(1e9, 1.0))


@in_any_world
def test_trade_writes_its_ledger(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(trade)[0]
    np.testing.assert_allclose(after.shipped - s.world.shipped, after.shipment, atol=1e-9)
    np.testing.assert_array_equal(after.want, s.action.transfer.want)


def test_a_departure_is_told_from_supplier_to_recipient(calm: Situation) -> None:
    events = deal(calm, shells=4500.0).run(trade)[1]
    np.testing.assert_array_equal(events["shipment_departed"], on_pairs({(A, B): 1.0}))
    assert not np.any(deal(calm, shells=100.0).run(trade)[1]["shipment_departed"])


def test_a_lesson_is_told_from_teacher_to_learner(calm: Situation) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1}), "tech": cells((5, 4), {(B, MISSILES): 0.8})},
        action={"transfer.mix": [0.0, 0.0, 1.0], "transfer.teach": 1.0},
        params={"rules.trade.settlement": 0.5},
    )
    after, events = s.run(trade)
    np.testing.assert_array_equal(events["lesson_taught"], on_pairs({(B, A): 1.0}))
    assert after.lessons[A, MISSILES] > 0.0


def test_routes_without_offers_stay_empty(calm: Situation) -> None:
    flow = shipped(deal(calm))
    for route in (B_TO_A, D_TO_C, A_TO_D, E_TO_C):
        assert not np.any(flow[route])
    assert np.all(shipped(calm) == 0.0)
    assert flow[A_TO_B, SHELL] == pytest.approx(1000.0)
    assert D not in calm.params.wiring.source[[A_TO_B]]
