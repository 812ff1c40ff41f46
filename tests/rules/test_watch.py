"""Watch: what is hidden is not seen, evidence fades, and words move the doubt about it."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    B_TO_A,
    D_TO_C,
    DDD,
    E_TO_C,
    EEE,
    RECONNAISSANCE,
    SHELL,
    A,
    B,
    C,
    D,
    E,
    Situation,
    cells,
    in_any_world,
    scrambled,
)

from sim.arrays import sigma
from sim.rules.watch import detection, watch, watchers

SHIPPING = {"shipment": cells((5, 3), {(A_TO_B, SHELL): 450.0 * 100.0})}
SEEN = {"detection": 0.0}
STILL = {"rules.watch.doubt_return": 0.0, "rules.watch.fading": 0.0}


@in_any_world
def test_detection_is_a_probability_that_rises_with_the_flow(seed: int) -> None:
    s = scrambled(seed)
    containers, chance = s.run(detection)
    assert np.all((chance >= 0.0) & (chance <= 1.0))
    boxes = s.world.shipment @ s.params.munitions.containers + s.world.cargo
    np.testing.assert_allclose(containers, boxes)
    twice = {"shipment": 2.0 * s.world.shipment, "cargo": 2.0 * s.world.cargo}
    double = s.where(world=twice).run(detection)[1]
    np.testing.assert_allclose(1.0 - double, (1.0 - chance) ** 2, rtol=1e-9, atol=1e-12)


@in_any_world
def test_without_watch_in_secrecy_or_with_nothing_shipped_nothing_is_seen(seed: int) -> None:
    s = scrambled(seed)
    for unseen in (
        s.where(params={"rules.watch.detection": 0.0}),
        s.where(action={"transfer.secrecy": 1.0}),
        s.where(world={"shipment": 0.0, "cargo": 0.0}),
        s.where(world={"affinity": 1.0 * s.params.wiring.off}),
    ):
        assert not np.any(unseen.run(detection)[1])


@pytest.mark.parametrize("end", [A, B])
def test_the_secrecy_of_one_end_is_enough(calm: Situation, end: int) -> None:
    s = calm.where(world=SHIPPING)
    assert s.run(detection)[1][A_TO_B] > 0.0
    secret = s.where(action={"transfer.secrecy": cells((5,), {end: 1.0})})
    assert secret.run(detection)[1][A_TO_B] == 0.0


@in_any_world
def test_watchers_are_the_eyes_hostile_to_either_end(seed: int) -> None:
    s = scrambled(seed)
    hostile = np.maximum(-s.world.affinity, 0.0)
    eyes = s.world.tech[:, RECONNAISSANCE]
    wiring = s.params.wiring
    for e, (i, j) in enumerate(zip(wiring.source, wiring.target, strict=True)):
        either = 1.0 - (1.0 - hostile[:, i]) * (1.0 - hostile[:, j])
        assert s.run(watchers)[e] == pytest.approx(np.sum(eyes * either), rel=1e-9)


@in_any_world
def test_exposure_stays_between_its_base_and_its_bound(seed: int) -> None:
    s = scrambled(seed)
    c = s.params.rules.watch
    for noise in (0.0, 1.0):
        world = s.where(noise={"detection": noise}).weeks(watch, 5)
        assert np.all(world.exposure >= c.base - 1e-9)
        assert np.all(world.exposure <= c.bound + 1e-9)


def test_a_steady_flow_does_not_saturate_exposure(calm: Situation) -> None:
    """Seen every week it ends where evidence and fading balance, below the bound."""
    s = calm.where(world=SHIPPING, noise=SEEN)
    c = s.params.rules.watch
    span = float(c.bound - c.base)
    filled = (float(c.evidence) / span) / (float(c.evidence) / span + float(c.fading))
    steady = s.weeks(watch, 400).exposure[A_TO_B]
    assert steady == pytest.approx(float(c.base) + span * filled, rel=1e-9)
    assert steady < c.bound


def test_evidence_diminishes_and_fades(calm: Situation) -> None:
    s = calm.where(world=SHIPPING)
    c = s.params.rules.watch
    low, high = (s.where(world={"exposure": x}, noise=SEEN, params=STILL) for x in (-3.0, 2.0))
    gains = [float(x.run(watch)[0].exposure[A_TO_B] - x.world.exposure[0]) for x in (low, high)]
    assert gains[0] == pytest.approx(float(c.evidence))
    assert 0.0 < gains[1] < gains[0]
    forgotten = s.where(world={"exposure": 2.0, "shipment": 0.0}).weeks(watch, 600)
    np.testing.assert_allclose(forgotten.exposure, float(c.base), atol=1e-6)
    nothing = low.where(params={"rules.watch.evidence": 0.0})
    np.testing.assert_array_equal(nothing.run(watch)[0].exposure, nothing.world.exposure)


def test_lawful_trade_is_seen_but_exposes_nobody(calm: Situation) -> None:
    s = calm.where(
        world={"shipment": 450.0 * 100.0, "affinity": -calm.params.wiring.off},
        noise=SEEN,
        params=STILL,
    )
    after = s.run(watch)[0]
    lawful = s.seen.unlawful == 0.0
    assert lawful[D_TO_C]
    np.testing.assert_array_equal(after.exposure[lawful], s.world.exposure[lawful])
    assert np.all(after.exposure[~lawful] > s.world.exposure[~lawful])
    assert np.all(after.estimate > 0.0)


@in_any_world
def test_estimates_move_only_at_a_detection(seed: int) -> None:
    s = scrambled(seed)
    chance = s.run(detection)[1]
    after = s.run(watch)[0]
    moved = np.any(after.estimate != s.world.estimate, axis=0)
    seen = s.noise["detection"] < chance
    np.testing.assert_array_equal(moved, seen)
    counted = s.world.unseen + s.run(detection)[0]
    np.testing.assert_allclose(after.unseen, np.where(seen, 0.0, counted), atol=1e-9)


def test_without_error_an_estimate_is_all_that_was_shipped(calm: Situation) -> None:
    s = calm.where(world=SHIPPING, params={"rules.watch.estimate_noise": 0.0})
    unseen = s.weeks(watch, 6)
    assert not np.any(unseen.estimate)
    found = Situation(s.params, unseen, s.action, {**s.noise, "detection": np.zeros(5)})
    np.testing.assert_allclose(found.run(watch)[0].estimate[:, A_TO_B], 700.0)
    np.testing.assert_array_equal(found.run(watch)[0].published, 0.0)


def test_two_observers_differ_by_their_bias_and_their_noise(calm: Situation) -> None:
    s = calm.where(
        world=SHIPPING,
        params={
            "states.estimate_bias": cells((5,), {D: 0.4, E: -0.1}),
            "rules.watch.estimate_noise": 0.2,
        },
        noise=SEEN,
    )
    for eps in (0.0, 1.0):
        drawn = cells((2, 5), {(DDD, A_TO_B): eps})
        estimate = s.where(noise={"estimate": drawn}).run(watch)[0].estimate[:, A_TO_B]
        assert estimate[DDD] / estimate[EEE] == pytest.approx(np.exp(0.5 + 0.2 * eps))


def published(s: Situation, *by: int) -> Situation:
    """The observers tell what AAA ships to BBB."""
    told = cells((2, 5), dict.fromkeys([(observer, A_TO_B) for observer in by], 1.0))
    return s.where(action={"diplomacy.publish": told})


@in_any_world
def test_doubt_stays_a_share(seed: int) -> None:
    s = scrambled(seed)
    world = s.weeks(watch, 4)
    assert np.all((world.doubt >= 0.0) & (world.doubt <= 1.0))


def test_a_publication_lowers_doubt_and_is_the_last_word(calm: Situation) -> None:
    s = calm.where(world={"doubt": 0.6, "estimate": 900.0}, params=STILL)
    after = published(s, DDD).run(watch)[0]
    lower = 0.6 * (1.0 - float(s.params.rules.watch.persuasion))
    expected = cells(np.full(5, 0.6), {A_TO_B: lower})
    np.testing.assert_allclose(after.doubt, expected)
    np.testing.assert_array_equal(after.published, cells((2, 5), {(DDD, A_TO_B): 900.0}))
    np.testing.assert_array_equal(after.accused, cells((5,), {A_TO_B: 1.0}))
    unmoved = published(s, DDD).where(params={"rules.watch.persuasion": 0.0})
    np.testing.assert_array_equal(unmoved.run(watch)[0].doubt, s.world.doubt)


def test_allies_together_persuade_more(calm: Situation) -> None:
    s = calm.where(world={"doubt": 0.6}, params=STILL)
    alone, together = (published(s, *by).run(watch)[0] for by in ((DDD,), (DDD, EEE)))
    assert together.doubt[A_TO_B] < alone.doubt[A_TO_B]
    same = published(s, DDD, EEE).where(params={"rules.watch.joint_persuasion": 0.0})
    assert same.run(watch)[0].doubt[A_TO_B] == alone.doubt[A_TO_B]
    others = np.arange(len(together.doubt)) != A_TO_B  # of which nothing was told, AAA's as well
    np.testing.assert_array_equal(together.doubt[others], s.world.doubt[others])


def test_a_denial_raises_doubt_of_what_was_told_the_week_before(calm: Situation) -> None:
    s = calm.where(
        world={"doubt": 0.4, "accused": cells((5,), {A_TO_B: 1.0})},
        params=STILL,
        action={"diplomacy.deny": cells((5,), {B: 0.8})},
        noise={"denial": 0.5},
    )
    after, events = s.run(watch)
    higher = 0.4 + float(s.params.rules.watch.denial) * 0.6
    np.testing.assert_allclose(after.doubt, cells(np.full(5, 0.4), {A_TO_B: higher}))
    np.testing.assert_array_equal(events["denial"], cells((5,), {B: 1.0}))
    for quiet in (
        s.where(world={"accused": 0.0}),
        s.where(noise={"denial": 0.9}),
        s.where(action={"diplomacy.deny": cells((5,), {C: 1.0})}),
        s.where(params={"rules.watch.denial": 0.0}),
    ):
        np.testing.assert_array_equal(quiet.run(watch)[0].doubt, s.world.doubt)


def test_with_time_doubt_returns_to_no_opinion(calm: Situation) -> None:
    for start in (0.0, 1.0):
        s = calm.where(world={"doubt": start}, params={"rules.watch.doubt_return": 0.1})
        left = 0.5 + 0.9**10 * (start - 0.5)
        np.testing.assert_allclose(s.weeks(watch, 10).doubt, left)


def test_a_joint_statement_takes_two_allies_in_one_week(calm: Situation) -> None:
    def joint(s: Situation) -> np.ndarray:
        return s.run(watch)[1]["joint_statement"]

    condemn = {(D, A): 1.0, (E, A): 1.0}

    def saying(words: dict[tuple[int, int], float]) -> Situation:
        return calm.where(action={"diplomacy.condemn": cells((5, 5), words)})

    np.testing.assert_array_equal(joint(saying(condemn)), cells((5, 5), condemn))
    assert not np.any(joint(saying({(D, A): 1.0})))
    assert not np.any(joint(saying({(D, A): 1.0, (E, B): 1.0})))
    assert not np.any(joint(saying({(C, A): 1.0, (E, A): 1.0})))  # C and E are no allies
    strangers = saying(condemn).where(world={"pact": 0.0})
    assert not np.any(joint(strangers))
    # A publication by one and a word by the other are two voices on both ends that deal.
    mixed = published(saying({(E, A): 1.0}), DDD)
    np.testing.assert_array_equal(joint(mixed), cells((5, 5), condemn))


def test_what_the_council_adopts_lowers_doubt_about_either_end(calm: Situation) -> None:
    s = calm.where(
        params={"rules.watch.finding": 0.3, "rules.watch.doubt_return": 0.0}, world={"doubt": 0.6}
    )
    for end in (A, B):
        doubt = s.where(world={"censured": cells((5,), {end: 1.0})}).run(watch)[0].doubt
        assert doubt[A_TO_B] == pytest.approx(0.7 * 0.6)
        assert doubt[D_TO_C] == pytest.approx(0.6)
    deaf = s.where(params={"rules.watch.finding": 0.0}, world={"censured": 1.0})
    np.testing.assert_array_equal(deaf.run(watch)[0].doubt, s.run(watch)[0].doubt)


def test_a_disclosure_is_told_of_the_supplier(calm: Situation) -> None:
    events = published(calm, DDD, EEE).run(watch)[1]
    expected = cells((5, 5), {(D, A): 1.0, (E, A): 1.0})
    np.testing.assert_array_equal(events["disclosure"], expected)
    assert not any(np.any(value) for value in calm.run(watch)[1].values())


def test_other_routes_are_left_alone(calm: Situation) -> None:
    s = published(calm, DDD).where(world=SHIPPING, noise=SEEN)
    after = s.run(watch)[0]
    for route in (B_TO_A, D_TO_C, E_TO_C):
        assert sigma(after.exposure)[route] == pytest.approx(sigma(calm.world.exposure)[route])
        assert not np.any(after.estimate[:, route])


def test_lawful_trade_is_noted_once_it_is_seen_and_forgotten_when_it_ends(calm: Situation) -> None:
    s = calm.where(
        world={"shipment": cells((5, 3), {(A_TO_B, SHELL): 1e5}), "embargo": 0.0, "noted": 0.2},
        noise={"detection": 0.0},
        params={"rules.watch.notice": 0.5, "rules.watch.fading": 0.1},
    )
    expected = 0.2 - 0.1 * 0.2 + 0.5 * 0.8
    assert s.run(watch)[0].noted[A_TO_B] == pytest.approx(expected)
    assert s.run(watch)[0].noted[E_TO_C] == pytest.approx(0.18)  # nothing went
    banned = s.where(world={"embargo": 1.0})
    assert banned.run(watch)[0].noted[A_TO_B] == pytest.approx(0.18)
    unseen = s.where(noise={"detection": 0.999999})
    assert unseen.run(watch)[0].noted[A_TO_B] == pytest.approx(0.18)
    blind = s.where(params={"rules.watch.notice": 0.0})
    assert blind.run(watch)[0].noted[A_TO_B] == pytest.approx(0.18)
