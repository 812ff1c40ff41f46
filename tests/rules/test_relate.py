"""Relate: affinity is mutual and bounded, tension follows what is believed, each by its own weight.

A coefficient of zero switches its cause off: that is tested for every one of them.
"""

from typing import Any

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    A,
    B,
    C,
    D,
    E,
    Situation,
    both_ways,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
    symmetric,
    visiting,
)

from sim.rules.relate import affinity, common_rival, relate, tension

OFF = 1.0 - np.eye(5)
TENSION_CAUSES: dict[str, dict[str, Any]] = {
    "threat": {"belief": 20.0},
    "test_provocation": {"provocation": 5.0},
    "exercise_provocation": {"drill": 5.0},
    "exposure": {"exposure": 4.0},
    "dispute": {"level": 5},
    "affinity": {"affinity": -0.9 * OFF},
    "reassurance": {"readiness": 0.0, "interop": 0.0},
}
"""What raises tension, by the coefficient that weighs it."""


@in_any_world
def test_affinity_is_mutual_and_bounded(seed: int) -> None:
    s = scrambled(seed)
    for _ in range(3):
        after = s.run(relate)[0]
        np.testing.assert_allclose(after.affinity, after.affinity.T, atol=1e-15)
        assert np.all(np.abs(after.affinity) <= 1.0)
        assert not np.any(np.diag(after.affinity))
        s = Situation(s.params, after, s.action, s.noise)


@in_any_world
def test_tension_is_a_share(seed: int) -> None:
    after = scrambled(seed).run(tension)
    assert np.all((after >= 0.0) & (after <= 1.0))
    assert not np.any(np.diag(after))


# Tension


@pytest.mark.parametrize("cause", TENSION_CAUSES)
def test_every_cause_raises_tension_by_its_own_weight_alone(calm: Situation, cause: str) -> None:
    s = calm.where(params={"rules.perceive.learning": 0.0})
    if cause == "affinity":  # which also weighs what is exposed
        s = s.where(world={"embargo": 0.0})
    stirred = s.where(world=TENSION_CAUSES[cause])
    before, after = s.run(tension), stirred.run(tension)
    assert np.all(after >= before - 1e-15)
    assert np.any(after > before)
    unmoved = {f"rules.escalate.{cause}": 0.0}
    np.testing.assert_array_equal(
        s.where(params=unmoved).run(tension), stirred.where(params=unmoved).run(tension)
    )


@in_any_world
def test_tension_rises_with_believed_strength_never_with_the_true_one(seed: int) -> None:
    """Where neither intelligence nor a battle shows the truth."""
    s = scrambled(seed).where(params={"rules.perceive.learning": 0.0, "rules.perceive.battle": 0.0})
    base = s.run(tension)
    feared = s.where(world={"belief": s.world.belief + 0.5})
    assert np.all(feared.run(tension) >= base - 1e-15)
    rival = seed % 5
    armed = s.where(world={"stock": cells(s.world.stock, {rival: 10.0 * s.world.stock[rival]})})
    others = np.arange(5) != rival
    np.testing.assert_array_equal(armed.run(tension)[others], base[others])


@in_any_world
def test_without_weight_exercises_of_rivals_do_nothing(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.escalate.exercise_provocation": 0.0})
    drilled = s.where(world={"drill": s.world.drill + 3.0})
    np.testing.assert_array_equal(s.run(tension), drilled.run(tension))


def test_a_provocation_reaches_only_those_with_something_at_stake(calm: Situation) -> None:
    drilled = calm.where(world={"drill": cells((5,), {D: 3.0})}).run(tension)
    stirred = drilled != calm.run(tension)
    np.testing.assert_array_equal(stirred, cells((5, 5), {(A, D): 1.0}) > 0.0)


def test_without_stakes_neither_threat_nor_provocation_counts(calm: Situation) -> None:
    s = calm.where(params={"relations.stake": 0.0, "rules.perceive.learning": 0.0})
    for cause in ("threat", "test_provocation", "exercise_provocation"):
        stirred = s.where(world=TENSION_CAUSES[cause])
        np.testing.assert_array_equal(stirred.run(tension), s.run(tension), cause)


def arming(calm: Situation) -> Situation:
    """AAA ships to BBB, which is at war with CCC, and all of it is known."""
    return calm.where(
        world={
            "embargo": 0.0,
            "noted": cells((5,), {A_TO_B: 0.5}),
            "level": both_ways(B, C, 5),
            "affinity": symmetric(C, D, 0.6) - symmetric(C, E, 0.3),
        }
    )


def test_who_arms_an_enemy_is_blamed_by_the_other_side_and_its_friends(calm: Situation) -> None:
    s = arming(calm)
    expected = cells((5, 5), {(C, A): 0.5, (D, A): 0.5 * 0.6})
    np.testing.assert_allclose(s.seen.resentment, expected, rtol=1e-12)
    wider = s.where(world={"level": both_ways(B, C, 5) + both_ways(B, D, 5)})
    assert wider.seen.resentment[D, A] == pytest.approx(0.5 * 1.6)  # for CCC and for itself
    assert wider.where(world={"noted": 0.9}).seen.resentment[D, A] == 1.0
    for short_of_war in (0, 4):
        calmer = s.where(world={"level": both_ways(B, C, short_of_war)})
        assert not np.any(calmer.seen.resentment)


def test_what_is_unlawful_counts_as_exposure_and_is_not_blamed_twice(calm: Situation) -> None:
    banned = arming(calm).where(world={"embargo": cells((5,), {A: 1.0})})
    assert not np.any(banned.seen.resentment)


def test_resentment_makes_tense_by_its_weight_and_the_more_the_less_one_likes_the_other(
    calm: Situation,
) -> None:
    def log_odds(weight: float, warmth: float) -> float:
        s = arming(calm).where(params={"rules.escalate.partisan": weight})
        a = s.world.affinity + symmetric(C, A, warmth)
        was = s.where(world={"affinity": a, "tension": 0.0}, params={"rules.escalate.speed": 1.0})
        x = float(was.run(tension)[C, A])
        return float(np.log(x / (1.0 - x)))

    assert log_odds(2.0, 0.0) - log_odds(0.0, 0.0) == pytest.approx(2.0 * 0.5 * 0.5)
    assert log_odds(2.0, -0.8) - log_odds(0.0, -0.8) == pytest.approx(2.0 * 0.9 * 0.5)


def test_only_the_protected_are_reassured(calm: Situation) -> None:
    more, none = (
        calm.where(params={"rules.escalate.reassurance": weight}).run(tension)
        for weight in (2.0, 0.0)
    )
    calmed = np.any(more < none, axis=1)
    np.testing.assert_array_equal(calmed, [False, False, True, True, True])  # CCC, DDD, EEE


def test_the_unfriendly_mind_exposed_dealings_more(calm: Situation) -> None:
    def stirred(friend: float) -> float:
        s = calm.where(world={"affinity": symmetric(A, E, friend)})
        exposed = s.where(world={"exposure": cells(np.full(5, -3.0), {A_TO_D: 4.0})})
        base = {"rules.escalate.affinity": 0.0}
        return float(
            (exposed.where(params=base).run(tension) - s.where(params=base).run(tension))[E, A]
        )

    assert stirred(-1.0) > stirred(0.0) > stirred(1.0) == 0.0


@pytest.mark.parametrize("speed", [0.0, 0.3, 1.0])
def test_tension_relaxes_at_its_speed(calm: Situation, speed: float) -> None:
    goal = calm.where(params={"rules.escalate.speed": 1.0}).run(tension)
    after = calm.where(params={"rules.escalate.speed": speed}).run(tension)
    np.testing.assert_allclose(after, calm.world.tension + speed * (goal - calm.world.tension))


def test_between_strangers_tension_ends_at_its_base(calm: Situation) -> None:
    s = calm.where(
        world={"affinity": 0.0, "level": 0, "exposure": -20.0},
        params={
            "relations.stake": 0.0,
            "relations.commitment": 0.0,
            "rules.escalate.base": -2.0,
            "rules.escalate.speed": 0.5,
        },
    )
    for _ in range(60):
        s = s.where(world={"tension": s.run(tension)})
    np.testing.assert_allclose(s.world.tension, OFF / (1.0 + np.exp(2.0)), rtol=1e-6)


# Affinity

ALONE = {
    f"rules.escalate.{name}": 0.0
    for name in (
        "affinity_return",
        "by_trade",
        "by_visit",
        "by_common_rival",
        "by_dispute",
        "by_condemnation",
    )
}
"""Nothing moves affinity."""


@in_any_world
def test_with_no_weights_affinity_stands_still(seed: int) -> None:
    s = scrambled(seed).where(params=ALONE)
    np.testing.assert_array_equal(s.run(affinity), s.world.affinity)


def test_affinity_returns_to_its_base(calm: Situation) -> None:
    s = calm.where(params=ALONE | {"rules.escalate.affinity_return": 0.1}, world={"affinity": 0.0})
    base = s.params.relations.affinity
    np.testing.assert_allclose(s.weeks(relate, 20).affinity, (1.0 - 0.9**20) * base, rtol=1e-9)


def test_a_visit_warms_both(calm: Situation) -> None:
    s = visiting(calm, B, A).where(params=ALONE | {"rules.escalate.by_visit": 0.1})
    after, events = s.run(relate)
    gained = after.affinity - s.world.affinity
    np.testing.assert_allclose(gained, symmetric(A, B, 0.1 * (1.0 - 0.4)), atol=1e-15)
    np.testing.assert_array_equal(events["visit"], cells((5, 5), {(B, A): 1.0}))


def test_trade_warms_by_what_either_gains(calm: Situation) -> None:
    def gained(benefit: float) -> float:
        s = calm.where(
            world={"benefit": on_pairs({(A, B): benefit})},
            params=ALONE | {"rules.escalate.by_trade": 0.1},
        )
        change = s.run(affinity) - s.world.affinity
        assert change[A, B] == change[B, A]
        return float(change[A, B])

    assert gained(-1.0) == 0.0
    assert 0.0 < gained(0.2) < gained(1.0)
    assert gained(1.0) == gained(50.0)  # held at a week's income


def test_disputes_and_condemnations_cool_both(calm: Situation) -> None:
    disputed = calm.where(
        world={"level": both_ways(A, E, 3)},
        params=ALONE | {"rules.escalate.by_dispute": 0.01},
    )
    change = disputed.run(affinity) - calm.world.affinity
    np.testing.assert_allclose(change, symmetric(A, E, -0.03), atol=1e-15)
    condemned = calm.where(
        action={"diplomacy.condemn": cells((5, 5), {(D, A): 1.0})},
        params=ALONE | {"rules.escalate.by_condemnation": 0.02},
    )
    change = condemned.run(affinity) - calm.world.affinity
    np.testing.assert_allclose(change, symmetric(A, D, -0.02), atol=1e-15)


@in_any_world
def test_a_common_rival_is_shared_by_both_and_at_most_one(seed: int) -> None:
    s = scrambled(seed)
    shared = s.run(common_rival)
    assert np.all((shared >= 0.0) & (shared <= 1.0))
    np.testing.assert_allclose(shared, shared.T, rtol=1e-12)
    felt = s.world.tension * (s.params.wiring.pair.to_table(s.params.relations.stake) > 0.0)
    most = OFF * np.max(felt[:, None, :] * felt[None, :, :], axis=2)
    assert np.all(shared >= np.minimum(most, 1.0) - 1e-12)
    assert np.all(shared <= 5.0 ** (1.0 / 8.0) * most + 1e-12)


def test_only_a_rival_of_both_draws_two_states_together(calm: Situation) -> None:
    stake = {(D, A): 0.5, (E, A): 0.5, (C, B): 0.5}
    s = calm.where(
        params=ALONE | {"rules.escalate.by_common_rival": 0.1, "relations.stake": on_pairs(stake)},
        world={"tension": 0.8 * OFF},
    )
    change = s.run(affinity) - s.world.affinity
    np.testing.assert_allclose(change, symmetric(D, E, 0.1 * 0.64 * 0.2), atol=1e-12)
