"""Balance: would resistance prevail, in a contest of the powers that a challenger believes in?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import (
    MAPPING,
    A,
    B,
    C,
    D,
    E,
    Situation,
    at,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.rules.deterrence import balance, deterrence, stake_at_risk, will
from sim.scenario import from_mapping

pytestmark = pytest.mark.usefixtures("unchecked")

WEIGHT = "rules.escalate.balance"
logs = st.floats(-4.0, 4.0)
shares = st.floats(0.05, 1.0)


def stronger(s: Situation, i: int, more: float) -> np.ndarray:
    """Deterrence where the power of a state is larger by a factor, in log points, and it knows."""
    return deterrence(s.params, s.world, cells(s.own, {i: s.own[i] + more}))


@in_any_world
def test_deterrence_is_a_share_of_will(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.escalate.deterrence": 1.0})
    chance, faced = s.run(balance), s.run(deterrence)
    assert np.all((chance >= 0.0) & (chance <= 1.0))
    np.testing.assert_allclose(faced, s.run(will) * chance, rtol=1e-12)
    alone = s.where(params={WEIGHT: 0.0})
    np.testing.assert_array_equal(alone.run(balance), np.ones(20))
    np.testing.assert_allclose(alone.run(deterrence), s.run(will), rtol=1e-12)


@in_any_world
def test_the_weight_is_an_exponent(seed: int) -> None:
    s = scrambled(seed)
    once, thrice = (s.where(params={WEIGHT: w}).run(balance) for w in (1.0, 3.0))
    np.testing.assert_allclose(thrice, once**3, rtol=1e-9)


@in_any_world
def test_power_of_the_challenger_never_deters_it_more(seed: int) -> None:
    s = scrambled(seed)
    base = s.run(deterrence)
    for i in range(5):
        mine = s.params.wiring.pair.actor == i
        found = stronger(s, i, 0.7)
        assert np.all(found[mine] <= base[mine])
        np.testing.assert_array_equal(found[~mine], base[~mine])
    weight = {WEIGHT: 1.0, "rules.escalate.deterrence": 1.0}
    sure = s.where(params=weight, world={"credence": 0.5})
    assert np.all(stronger(sure, A, 0.7)[:4] < sure.run(deterrence)[:4])


@in_any_world
def test_power_of_the_defender_or_a_protector_never_deters_less(seed: int) -> None:
    s = scrambled(seed)
    base = s.run(deterrence)
    for k in range(5):
        of_k = 0.7 * (s.params.wiring.pair.target == k)
        assert np.all(s.where(world={"belief": s.world.belief + of_k}).run(deterrence) >= base)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), factor=logs)
def test_only_the_ratios_of_powers_count(seed: int, factor: float) -> None:
    s = scrambled(seed)
    scaled = s.where(world={"belief": s.world.belief + factor})
    found = deterrence(scaled.params, scaled.world, s.own + factor)
    np.testing.assert_allclose(found, s.run(deterrence), rtol=1e-9)


@settings(max_examples=20)
@given(mine=logs, theirs=logs, reach=shares)
def test_two_alone_are_a_contest_of_powers(
    calm: Situation, mine: float, theirs: float, reach: float
) -> None:
    """P_j / (P_j + reach P_i), which reaches one where i cannot reach it."""
    told = {WEIGHT: 1.0, "relations.commitment": 0.0, "relations.reach": reach}
    s = calm.where(params=told, world={"belief": theirs})
    chance = balance(s.params, s.world, np.full(5, mine))
    expected = np.exp(theirs) / (np.exp(theirs) + reach * np.exp(mine))
    np.testing.assert_allclose(chance, expected, rtol=1e-12)
    there, here = s.where(params={"relations.reach": 1.0}), s.where(world={"belief": mine})
    one = balance(there.params, there.world, np.full(5, mine))
    other = balance(there.params, here.world, np.full(5, theirs))
    np.testing.assert_allclose(one + other, 1.0, rtol=1e-12)
    far = s.where(params={"relations.reach": 0.0})
    np.testing.assert_array_equal(balance(far.params, far.world, np.full(5, mine)), np.ones(20))


@in_any_world
def test_to_reach_half_as_far_is_to_have_half_the_power(seed: int) -> None:
    s = scrambled(seed).where(params={"relations.reach": 1.0})
    for i in range(5):
        mine = s.params.wiring.pair.actor == i
        near = s.where(params={"relations.reach": np.where(mine, 0.5, 1.0)})
        np.testing.assert_allclose(
            near.run(deterrence)[mine], stronger(s, i, np.log(0.5))[mine], rtol=1e-12
        )


# Protectors: AAA looks at CCC, which DDD defends


def guarded(calm: Situation, **world: np.ndarray | float) -> Situation:
    told = {WEIGHT: 1.0, "rules.escalate.deterrence": 1.0, "rules.escalate.interop_weight": 0.0}
    level = {"readiness": 0.5, "credence": 0.4, "belief": 1.0}
    return calm.where(params=told, world=level | world)


def chance(s: Situation, i: int, j: int) -> float:
    """The chance of who resists i, whose own power is 1."""
    return float(balance(s.params, s.world, np.zeros(5))[at(i, j)])


@settings(max_examples=20)
@given(theirs=logs, ally=logs, reach=shares, mine=shares)
def test_a_protector_adds_what_it_brings(
    calm: Situation, theirs: float, ally: float, reach: float, mine: float
) -> None:
    """Power x reach x commitment x readiness x credence."""
    s = guarded(calm, belief=on_pairs({(A, C): theirs, (A, D): ally}))
    reaches = {at(D, A): reach, at(A, D): 0.3, at(A, C): mine, at(D, C): 0.7, at(C, D): 0.9}
    s = s.where(params={"relations.reach": cells(np.ones(20), reaches)})
    together = np.exp(theirs) + 0.6 * 0.5 * 0.4 * reach * np.exp(ally)
    assert chance(s, A, C) == pytest.approx(together / (together + mine))


@pytest.mark.parametrize("missing", ["power", "reach", "credence", "readiness", "commitment"])
def test_a_protector_without_any_of_these_adds_nothing(calm: Situation, missing: str) -> None:
    s = guarded(calm)
    less = {
        "power": s.where(world={"belief": cells(s.world.belief, {at(A, D): -1e3})}),
        "reach": s.where(params={"relations.reach": cells(np.ones(20), {at(D, A): 0.0})}),
        "credence": s.where(world={"credence": cells(s.world.credence, {at(A, D): 0.0})}),
        "readiness": s.where(world={"readiness": cells(s.world.readiness, {D: 0.0})}),
        "commitment": s.where(params={"relations.commitment": 0.0}),
    }[missing]
    alone = np.e / (np.e + 1.0)
    assert chance(s, A, C) > alone + 0.01
    assert chance(less, A, C) == pytest.approx(alone, rel=1e-12)
    assert chance(s, D, C) == pytest.approx(alone, rel=1e-12)  # not against itself


@settings(max_examples=20)
@given(ally=logs)
def test_a_protector_that_is_split_in_two_adds_the_same(calm: Situation, ally: float) -> None:
    def faced(powers: dict[str, float]) -> float:
        bonds = [{"protector": k, "protege": "CCC", "commitment": 0.6} for k in powers]
        told = {"relations": MAPPING["relations"] | {"alliances": bonds}}
        given_ = from_mapping(MAPPING | told, "protectors").params()
        places = {"DDD": D, "EEE": E}
        believed = on_pairs({(B, places[k]): np.log(x) for k, x in powers.items()})
        s = guarded(calm, belief=believed)
        params = replace(s.params, wiring=given_.wiring, relations=given_.relations)
        world = replace(s.world, pact=np.ones(len(bonds)))
        return chance(replace(s, params=params, world=world), B, C)

    power = float(np.exp(ally))
    assert faced({"DDD": power / 2, "EEE": power / 2}) == pytest.approx(faced({"DDD": power}))


def test_powers_beyond_measure_stay_chances(calm: Situation) -> None:
    for belief, limit in ((1e4, 1.0), (-1e4, 0.0)):
        s = guarded(calm, belief=belief)
        assert chance(s, B, A) == pytest.approx(limit, abs=1e-12)


# What a type is about


@in_any_world
def test_without_a_stake_in_proteges_one_s_own_is_at_risk(seed: int) -> None:
    s = scrambled(seed).where(params={"relations.at_stake": 0.0})
    np.testing.assert_array_equal(s.run(stake_at_risk), s.params.relations.stake)


@settings(max_examples=20)
@given(own=st.floats(0.0, 1.0), of_protege=st.floats(0.0, 1.0), after=st.floats(0.0, 1.0))
def test_a_protector_may_be_hard_for_its_protege_s_sake(
    calm: Situation, own: float, of_protege: float, after: float
) -> None:
    """DDD defends CCC; AAA is after CCC by a stake of its own."""
    stakes = {(A, C): after, (D, A): own, (D, B): 0.2, (C, A): 1.0, (D, C): 0.1}
    wiring = calm.params.wiring
    of_ccc = (np.asarray(wiring.protector) == D) & (np.asarray(wiring.protege) == C)
    s = calm.where(
        params={
            "relations.stake": on_pairs(stakes),
            "relations.at_stake": np.where(of_ccc, of_protege, 0.0),
        }
    )
    expected = on_pairs(stakes | {(D, A): max(own, of_protege) if after > 0.0 else own})
    np.testing.assert_array_equal(s.run(stake_at_risk), expected)
