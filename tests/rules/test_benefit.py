"""Benefit: net of what was given, and weighed in what no choice of accounts can move."""

import numpy as np
import pytest
from worlds import A_TO_B, SHELL, A, B, Situation, at, cells, on_pairs

from sim.rules.trade import SCARCE_WEEKS, trade

FREE = {"rules.trade.memory": 1.0, "rules.trade.scarcity": 0.0, "rules.trade.inertia": 0.0}


def selling(calm: Situation, **params: float) -> Situation:
    """AAA ships 1000 shells to BBB, who pays nothing this week; benefit is this week's gain."""
    return calm.where(
        world={"contract": cells((5, 3), {(A_TO_B, SHELL): 1000.0}), "embargo": 0.0},
        action={"transfer.want": cells((5, 3), {(B, SHELL): 1e6})},
        params=FREE
        | {"rules.trade.settlement": 0.0, "states.credit": 1e9}
        | {f"rules.trade.{name}": value for name, value in params.items()},
    )


def gain(s: Situation) -> np.ndarray:
    return s.run(trade)[0].benefit


def test_what_is_given_counts_against_the_giver(calm: Situation) -> None:
    s = selling(calm, given=0.4)
    value = 1000.0 * s.world.price[SHELL] / s.seen.income[A]
    np.testing.assert_allclose(gain(s), on_pairs({(A, B): -0.4 * value}))
    assert not np.any(gain(selling(calm)))


def test_it_counts_the_more_the_less_one_has(calm: Situation) -> None:
    s = selling(calm, given=0.4, scarcity=2.0)
    lack = SCARCE_WEEKS / (SCARCE_WEEKS + s.seen.supply[A, SHELL])
    plain = gain(selling(calm, given=0.4))[at(A, B)]
    assert gain(s)[at(A, B)] == pytest.approx(plain * (1.0 + 2.0 * lack))


def test_goods_count_against_who_pays_in_them(calm: Situation) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1}), "embargo": 0.0},
        action={"transfer.mix": np.tile([0.0, 1.0, 0.0], (5, 1))},
        params=FREE | {"rules.trade.settlement": 0.5, "rules.trade.given": 0.4},
    )
    assert gain(s)[at(B, A)] == pytest.approx(-0.4 * 0.05 / s.seen.income[B])
    assert gain(s)[at(A, B)] == pytest.approx(0.05 / s.seen.income[A])


def test_no_choice_of_accounts_moves_it(calm: Situation) -> None:
    """In weeks of a share of spending, what counts as procurement is no matter."""
    s = calm.where(
        world={"delivery": cells((5, 3), {(A_TO_B, SHELL): 1000.0})},
        params=FREE | {"rules.trade.yardstick": 0.1},
    )
    value = 1000.0 * s.world.price[SHELL]
    weeks = value / (0.1 * s.world.spending[B] / 52.0)
    for share in (0.01, 0.25, 1.0):
        found = gain(s.where(params={"states.procurement_share": share}))
        np.testing.assert_allclose(found, on_pairs({(B, A): weeks}))
    income = gain(s.where(params={"rules.trade.yardstick": 0.0}))[at(B, A)]
    assert income == pytest.approx(value / s.seen.income[B])


@pytest.mark.parametrize("means", range(3))
def test_who_is_paid_gains_as_much_in_cash_goods_or_technology(calm: Situation, means: int) -> None:
    s = calm.where(
        world={"debt": cells((5,), {A_TO_B: 0.1}), "embargo": 0.0},
        action={"transfer.mix": np.tile(np.eye(3)[means], (5, 1)), "transfer.teach": 1.0},
        params=FREE | {"rules.trade.settlement": 0.5, "rules.trade.given": 0.4},
    )
    assert np.any(s.run(trade)[0].lessons > s.world.lessons) == (means == 2)
    assert gain(s)[at(A, B)] == pytest.approx(0.05 / s.seen.income[A])
