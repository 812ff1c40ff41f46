"""Credence learnt from what desks would do, types that are drawn anew, occasions for trust."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from worlds import A, E, Situation, at, cells, in_any_world, on_pairs, scrambled

from sim.rules.challenge import TREMBLE, challenge
from sim.rules.deterrence import stake_at_risk
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, WAR

pytestmark = pytest.mark.usefixtures("unchecked")

AE, EA = at(A, E), at(E, A)
ACTS = (PRESS, HOLD, CONCILIATE)
RULES = "rules.escalate."
SIGNS = ("test_hard", "test_soft", "exercise_hard", "exercise_soft")
SILENT = {RULES + name: 0.5 for name in SIGNS} | {RULES + "by_desk": 1.0}
KEPT = SILENT | {RULES + "forgetting": 0.0}


def chances(s: Situation, kind: str) -> dict[int, np.ndarray]:
    """The probabilities that a desk gives each act of the actor, were it of that type."""
    crisis = s.action.crisis
    press, gives = getattr(crisis, f"press_if_{kind}"), getattr(crisis, f"yield_if_{kind}")
    return {PRESS: press, CONCILIATE: gives, HOLD: 1.0 - press - gives}


def believed(s: Situation, act: int) -> np.ndarray:
    """Credence after all did the same act."""
    return s.where(action={"crisis.posture": act}).run(challenge)[0].credence


def expected(s: Situation, tremble: float) -> np.ndarray:
    """The mean of credence over what the other may do, as who holds that credence expects it."""
    back, p = s.params.wiring.pair.back, s.world.credence
    hard, soft = chances(s, "hard"), chances(s, "soft")
    total = np.zeros(20)
    for act in ACTS:
        likely = p * back(hard[act]) + (1.0 - p) * back(soft[act])
        total += (tremble / 3.0 + (1.0 - tremble) * likely) * believed(s, act)
    return total


@in_any_world
def test_nobody_expects_to_change_its_mind(seed: int) -> None:
    """A martingale: exactly so if hands tremble, up to that if they do not."""
    s = scrambled(seed).where(params=KEPT)
    np.testing.assert_allclose(expected(s, TREMBLE), s.world.credence, atol=1e-12)
    np.testing.assert_allclose(expected(s, 0.0), s.world.credence, atol=2.0 * TREMBLE)


@in_any_world
def test_what_is_learnt_goes_the_way_of_the_likelihoods(seed: int) -> None:
    s = scrambled(seed).where(params=KEPT)
    back = s.params.wiring.pair.back
    hard, soft = chances(s, "hard"), chances(s, "soft")
    for act in ACTS:
        moved = believed(s, act) - s.world.credence
        clear = np.abs(back(hard[act] - soft[act])) > 1e-6
        same = np.sign(moved) == np.sign(back(hard[act] - soft[act]))
        assert np.all(same[clear])
        assert np.any(clear)


@in_any_world
def test_what_only_one_type_would_do_gives_it_away(seed: int) -> None:
    s = scrambled(seed).where(params=KEPT, world={"credence": 0.5})
    shown = {"press_if_hard": 1.0, "yield_if_hard": 0.0, "press_if_soft": 0.0, "yield_if_soft": 1.0}
    s = s.where(action={f"crisis.{name}": value for name, value in shown.items()})
    least = TREMBLE / 3.0
    np.testing.assert_allclose(believed(s, PRESS), 1.0 - least, atol=TREMBLE**2)
    np.testing.assert_allclose(believed(s, CONCILIATE), least, atol=TREMBLE**2)
    np.testing.assert_allclose(believed(s, HOLD), 0.5, rtol=1e-12)  # neither would: a slip of both


@in_any_world
def test_types_that_act_alike_and_desks_that_show_none_teach_nothing(seed: int) -> None:
    s = scrambled(seed).where(params=KEPT)
    crisis = s.action.crisis
    alike = {"press_if_hard": crisis.press_if_soft, "yield_if_hard": crisis.yield_if_soft}
    unsaid = dict.fromkeys(
        ("press_if_hard", "yield_if_hard", "press_if_soft", "yield_if_soft"), 1.0 / 3.0
    )
    for told in (alike, unsaid):
        quiet = s.where(action={f"crisis.{name}": value for name, value in told.items()})
        for act in ACTS:
            np.testing.assert_allclose(believed(quiet, act), s.world.credence, rtol=1e-12)


@in_any_world
def test_either_rule_of_learning_leaves_the_other_s_likelihoods_alone(seed: int) -> None:
    s = scrambled(seed)
    fixed = {RULES + f"{name}_{kind}": 0.3 for name in ("resist", "deliver") for kind in KINDS}
    said = {f"crisis.{name}_if_{kind}": 0.4 for name in ("press", "yield") for kind in KINDS}
    for by_desk, other in ((1.0, s.where(params=fixed)), (0.0, s.where(action=said))):
        told = {RULES + "by_desk": by_desk}
        one, two = (x.where(params=told).run(challenge)[0].credence for x in (s, other))
        np.testing.assert_array_equal(one, two)


KINDS = ("hard", "soft")


def renewed(s: Situation, hard: float) -> np.ndarray:
    """The share of those of a type that is hard a week later, over evenly laid luck."""
    laid = (np.arange(500) + 0.5) / 500
    s = s.where(world={"hard": hard})
    return np.mean([s.where(noise={"government": u}).run(challenge)[0].hard for u in laid], axis=0)


@pytest.mark.parametrize("forgetting", [0.0, 0.2, 1.0])
def test_new_governments_are_hard_as_often_as_the_first(calm: Situation, forgetting: float) -> None:
    told = {RULES + "forgetting": forgetting, "relations.at_stake": 0.9}
    s = calm.where(params=told)
    prior = s.params.rules.escalate.hard_share * s.run(stake_at_risk)
    for hard in (0.0, 1.0):
        share = (1.0 - forgetting) * hard + forgetting * prior
        np.testing.assert_allclose(renewed(s, hard), share, atol=0.005)
    kept = set(np.unique(s.where(noise={"government": 0.5}).run(challenge)[0].hard))
    assert kept <= {0.0, 1.0}


@pytest.mark.parametrize("forgetting", [0.3, 1.0])
def test_of_those_believed_at_p_a_share_p_is_hard(calm: Situation, forgetting: float) -> None:
    """If it holds before a week it holds after, whatever was done: acts show the old type."""
    s = calm.where(
        params=KEPT | {"relations.at_stake": 0.9},
        world={"credence": 0.4},
        action={"crisis.press_if_hard": 0.7, "crisis.press_if_soft": 0.2},
    )
    lasting = believed(s, PRESS)  # of the type that pressed
    s = s.where(params={RULES + "forgetting": forgetting})
    back = s.params.wiring.pair.back
    share = lasting * back(renewed(s, 1.0)) + (1.0 - lasting) * back(renewed(s, 0.0))
    np.testing.assert_allclose(believed(s, PRESS), share, atol=0.005)


@in_any_world
def test_what_was_suspected_when_a_challenge_began_is_kept(seed: int) -> None:
    s = scrambled(seed)
    world, events = s.run(challenge)
    challenged = s.params.wiring.pair.back(events["challenge"]) > 0.0
    assume(np.any(challenged))  # in few worlds nobody challenges anybody
    np.testing.assert_array_equal(world.suspected[challenged], s.world.credence[challenged])
    np.testing.assert_array_equal(world.suspected[~challenged], s.world.suspected[~challenged])
    on = s.where(world={"stage": on_pairs({(A, E): CHALLENGED})}).seen
    assert on.suspected[EA] == s.world.suspected[EA]
    others = np.arange(20) != EA
    np.testing.assert_array_equal(on.suspected[others], s.world.credence[others])


# Trust


UNEVEN = {
    "press_trusted": 0.1,
    "press_exploiting": 0.5,
    "drill_trusted": 0.3,
    "drill_exploiting": 0.45,
}
LEARNS = {RULES + name: value for name, value in UNEVEN.items()} | {RULES + "forgetting": 0.0}


@in_any_world
def test_trust_learns_where_the_other_might_have_exploited(seed: int) -> None:
    s = scrambled(seed).where(params=LEARNS | {RULES + "occasion": 0.6})
    pair = s.params.wiring.pair
    pressed = pair.back(s.action.crisis.posture == PRESS)
    tense = pair.back(pair.from_table(s.world.tension)) >= 0.6
    occasion = pressed | tense | (s.world.level > 0) | pair.of(s.world.drill > 0.0)
    trust = s.run(challenge)[0].trust
    np.testing.assert_array_equal(trust[~occasion], s.world.trust[~occasion])
    assert np.all(trust[occasion] != s.world.trust[occasion])


def still(calm: Situation, **world: Any) -> Situation:
    """All at peace and quiet, with no occasion anywhere."""
    told = {"level": 0, "hostility": 0, "tension": 0.0, "drill": 0.0, "trust": 0.4}
    return calm.where(params=LEARNS | {RULES + "occasion": 0.5}, world=told | world)


@pytest.mark.parametrize(
    ("occasion", "learns"),
    [
        ({}, False),
        ({"level": 1}, True),
        ({"tension": cells((5, 5), {(E, A): 0.5})}, True),
        ({"tension": cells((5, 5), {(E, A): 0.499})}, False),
        ({"tension": cells((5, 5), {(A, E): 0.9})}, False),  # one's own is none
        ({"drill": cells((5,), {A: 1.0})}, True),
        ({"drill": cells((5,), {E: 1.0})}, False),  # the other's is what it does with one
    ],
)
def test_each_occasion_is_one(calm: Situation, occasion: dict[str, Any], learns: bool) -> None:
    trust = still(calm, **occasion).run(challenge)[0].trust[AE]
    assert (trust > 0.4) if learns else (trust == 0.4)
    always = still(calm, **occasion).where(params={RULES + "occasion": 0.0})
    assert always.run(challenge)[0].trust[AE] != 0.4


def test_a_press_and_a_war_betray_trust_and_others_drills_count(calm: Situation) -> None:
    s = still(calm)
    pressed = s.where(action={"crisis.posture": on_pairs({(E, A): PRESS})})
    assert pressed.run(challenge)[0].trust[AE] < 0.4
    assert pressed.run(challenge)[0].trust[EA] == 0.4
    assert still(calm, level=WAR).run(challenge)[0].trust[AE] < 0.4
    busy = still(calm, level=1, drill=cells((5,), {E: 1.0})).run(challenge)[0].trust[AE]
    assert busy < still(calm, level=1).run(challenge)[0].trust[AE]


@in_any_world
def test_trust_falls_back_to_what_affinity_makes_likely(seed: int) -> None:
    s = scrambled(seed)
    s = s.where(
        params={RULES + "forgetting": 1.0, RULES + "occasion": 1.0},
        world={"level": 0, "hostility": 0, "tension": 0.0, "drill": 0.0},
        action={"crisis.posture": HOLD},
    )
    c, pair = s.params.rules.escalate, s.params.wiring.pair
    prior = c.trust_prior + c.trust_by_affinity * pair.from_table(s.world.affinity)
    np.testing.assert_allclose(s.run(challenge)[0].trust, np.clip(prior, 0.0, 1.0), atol=1e-12)


def test_signs_and_acts_of_a_week_are_weighed_together(calm: Situation) -> None:
    """Odds multiply: those of a test with those of a press."""
    told = {RULES + "test_hard": 0.8, RULES + "test_soft": 0.2}
    s = calm.where(
        params=KEPT | told,
        world={"credence": 0.3, "provocation": cells((5,), {E: 1.0})},
        action={"crisis.press_if_hard": 0.6, "crisis.press_if_soft": 0.15},
    )
    seen = believed(s, PRESS)[AE]
    hard, soft = (TREMBLE / 3.0 + (1.0 - TREMBLE) * x for x in (0.6, 0.15))
    odds = 0.3 / 0.7 * 4.0 * hard / soft
    assert seen == pytest.approx(odds / (1.0 + odds), rel=1e-9)
