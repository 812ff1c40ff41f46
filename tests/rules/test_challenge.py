"""Challenge: three weeks, four outcomes, and what both sides learn of each other.

Credence learns here by fixed likelihoods (by_desk = 0), trust in every week (occasion = 0). By what
desks do and on occasions alone they learn in `test_credence.py`.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import (
    A,
    C,
    D,
    E,
    Situation,
    at,
    both_ways,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.rules.challenge import challenge
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, QUIET, RESISTED, WAR, World

OUTCOMES = ("challenge", "resisted", "conceded", "backed_down")
AE, EA = at(A, E), at(E, A)
FIXED = {"rules.escalate.by_desk": 0.0, "rules.escalate.occasion": 0.0}
KEEP = FIXED | {"rules.escalate.forgetting": 0.0}


def play(calm: Situation, *weeks: tuple[int, int]) -> list[tuple[World, dict[str, float]]]:
    """AAA's and EEE's postures week by week; what the world and AAA's game are after each."""
    s = calm.where(params=KEEP, world={"level": 0, "credence": 0.5, "trust": 0.5})
    told = []
    for mine, theirs in weeks:
        posture = on_pairs({(A, E): mine, (E, A): theirs})
        world, events = s.where(action={"crisis.posture": posture}).run(challenge)
        # Who resists or concedes is the actor of that event, and the challenger its target.
        where = {"challenge": AE, "backed_down": AE, "resisted": EA, "conceded": EA}
        told.append((world, {name: float(events[name][where[name]]) for name in OUTCOMES}))
        s = replace(s, world=world)
    return told


def events_of(told: list[tuple[World, dict[str, float]]]) -> list[str]:
    """The events of each week, joined."""
    return ["+".join(n for n in OUTCOMES if events[n]) for _, events in told]


def test_a_challenge_may_be_conceded_in_the_second_week(calm: Situation) -> None:
    told = play(calm, (PRESS, HOLD), (HOLD, CONCILIATE), (HOLD, HOLD))
    assert events_of(told) == ["challenge", "conceded", ""]
    assert [int(world.stage[AE]) for world, _ in told] == [CHALLENGED, QUIET, QUIET]


@pytest.mark.parametrize("answer", [HOLD, PRESS])
def test_to_hold_or_press_is_to_resist(calm: Situation, answer: int) -> None:
    told = play(calm, (PRESS, HOLD), (HOLD, answer))
    assert events_of(told) == ["challenge", "resisted"]
    assert told[-1][0].stage[AE] == RESISTED


@pytest.mark.parametrize("third", [HOLD, CONCILIATE])
def test_a_resisted_challenger_may_back_down(calm: Situation, third: int) -> None:
    told = play(calm, (PRESS, HOLD), (PRESS, HOLD), (third, HOLD))
    assert events_of(told) == ["challenge", "resisted", "backed_down"]
    assert told[-1][0].stage[AE] == QUIET


def test_who_presses_on_stands_and_may_challenge_anew_the_week_after(calm: Situation) -> None:
    told = play(calm, *[(PRESS, HOLD)] * 4)
    assert events_of(told) == ["challenge", "resisted", "", "challenge"]
    stages = [int(world.stage[AE]) for world, _ in told]
    assert stages == [CHALLENGED, RESISTED, QUIET, CHALLENGED]


def test_where_nobody_presses_no_game_begins(calm: Situation) -> None:
    told = play(calm, (HOLD, HOLD), (CONCILIATE, HOLD), (CONCILIATE, CONCILIATE))
    assert events_of(told) == ["", "", ""]
    assert all(world.credence[AE] == 0.5 for world, _ in told)


def test_each_side_has_a_game_of_its_own(calm: Situation) -> None:
    world, _ = play(calm, (PRESS, PRESS))[0]
    assert world.stage[AE] == world.stage[EA] == CHALLENGED


def test_credence_rises_on_resistance_and_falls_on_concession(calm: Situation) -> None:
    resisted = play(calm, (PRESS, HOLD), (HOLD, HOLD))[-1][0]
    conceded = play(calm, (PRESS, HOLD), (HOLD, CONCILIATE))[-1][0]
    c = calm.params.rules.escalate
    hard, soft = float(c.resist_hard), float(c.resist_soft)
    assert resisted.credence[AE] == pytest.approx(hard / (hard + soft))
    assert conceded.credence[AE] == pytest.approx((1.0 - hard) / (2.0 - hard - soft))
    assert conceded.credence[AE] < 0.5 < resisted.credence[AE]
    assert resisted.credence[EA] == conceded.credence[EA] == 0.5


def test_the_challenged_learns_whether_the_challenger_stands(calm: Situation) -> None:
    stood = play(calm, (PRESS, HOLD), (HOLD, HOLD), (PRESS, HOLD))[-1][0]
    backed = play(calm, (PRESS, HOLD), (HOLD, HOLD), (HOLD, HOLD))[-1][0]
    assert backed.credence[EA] < 0.5 < stood.credence[EA]
    assert stood.credence[AE] == backed.credence[AE]


def test_where_hard_and_soft_act_alike_nothing_is_learnt(calm: Situation) -> None:
    alike = calm.where(
        params={"rules.escalate.resist_soft": calm.params.rules.escalate.resist_hard}
    )
    for second in (HOLD, CONCILIATE):
        world = play(alike, (PRESS, HOLD), (HOLD, second))[-1][0]
        assert world.credence[AE] == pytest.approx(0.5)


def test_trust_falls_on_a_press_and_grows_with_quiet(calm: Situation) -> None:
    pressed = play(calm, (HOLD, PRESS))[0][0]
    quiet = play(calm, (HOLD, HOLD))[0][0]
    gentle = play(calm, (HOLD, CONCILIATE))[0][0]
    assert pressed.trust[AE] < 0.5 < quiet.trust[AE] == gentle.trust[AE]
    assert pressed.trust[EA] == quiet.trust[EA]  # AAA held in all of them
    alike = calm.where(
        params={"rules.escalate.press_trusted": 0.3, "rules.escalate.press_exploiting": 0.3}
    )
    assert play(alike, (HOLD, PRESS))[0][0].trust[AE] == pytest.approx(0.5)


def test_belligerents_learn_no_trust_from_holding(calm: Situation) -> None:
    s = calm.where(params=KEEP, world={"trust": 0.5, "level": both_ways(A, C, WAR)})
    trust = s.weeks(challenge, 10).trust
    assert trust[at(A, C)] < 0.5 < trust[at(A, D)]


def test_trust_is_not_credence(calm: Situation) -> None:
    """A concession makes the other look soft; that it does not press makes it look trusty."""
    world = play(calm, (PRESS, HOLD), (HOLD, CONCILIATE))[-1][0]
    assert world.credence[AE] < 0.5 < world.trust[AE]


def test_reputations_fade_to_their_priors(calm: Situation) -> None:
    s = calm.where(
        params=FIXED
        | {
            "rules.escalate.trust_by_affinity": 0.0,
            "rules.escalate.forgetting": 0.1,
            "rules.escalate.press_trusted": 0.2,
            "rules.escalate.press_exploiting": 0.2,
            "rules.escalate.trust_prior": 0.6,
        },
        world={"credence": 0.9, "trust": 0.1},
    )
    world = s.weeks(challenge, 300)
    prior = s.params.rules.escalate.hard_share * s.params.wiring.pair.back(s.params.relations.stake)
    np.testing.assert_allclose(world.credence, prior, atol=1e-9)
    np.testing.assert_allclose(world.trust, 0.6, atol=1e-9)


@in_any_world
def test_what_is_believed_stays_a_probability(seed: int) -> None:
    s = scrambled(seed)
    for _ in range(3):
        world = s.run(challenge)[0]
        for belief in (world.credence, world.trust):
            assert np.all((belief >= 0.0) & (belief <= 1.0))
        np.testing.assert_array_equal(world.posture, s.action.crisis.posture)
        s = replace(s, world=world)


@in_any_world
def test_in_a_war_no_game_is_played(seed: int) -> None:
    s = scrambled(seed)
    s = s.where(world={"level": WAR})
    world, events = s.run(challenge)
    assert not np.any(world.stage)
    assert not np.any(events["challenge"])


SIGNS = {
    "resist": (("resist_hard", "resist_soft"), "credence"),
    "deliver": (("deliver_hard", "deliver_soft"), "credence"),
    "test": (("test_hard", "test_soft"), "credence"),
    "exercise": (("exercise_hard", "exercise_soft"), "credence"),
    "press": (("press_trusted", "press_exploiting"), "trust"),
    "drill": (("drill_trusted", "drill_exploiting"), "trust"),
}


def shown(calm: Situation, sign: str, done: bool, if_so: float, if_not: float) -> Situation:
    """A week in which EEE does, or does not do, what the sign is about; all else is no sign."""
    likely = {f"rules.escalate.{n}": 0.5 for names, _ in SIGNS.values() for n in names}
    (so, not_so), _ = SIGNS[sign]
    likely |= {f"rules.escalate.{so}": if_so, f"rules.escalate.{not_so}": if_not}
    stage = {"resist": {(A, E): CHALLENGED}, "deliver": {(E, A): RESISTED}}.get(sign, {})
    acts = {"test": "provocation", "exercise": "drill", "drill": "drill"}
    world = {acts[sign]: cells((5,), {E: float(done)})} if sign in acts else {}
    no = CONCILIATE if sign == "resist" else HOLD
    posture = (PRESS if done else no) if sign in ("resist", "deliver", "press") else HOLD
    return calm.where(
        params=KEEP | likely,
        world={"level": 0, "credence": 0.3, "trust": 0.3, "stage": on_pairs(stage)} | world,
        action={"crisis.posture": on_pairs({(E, A): posture})},
    )


@settings(max_examples=60)
@given(
    sign=st.sampled_from(sorted(SIGNS)),
    done=st.booleans(),
    if_so=st.floats(0.01, 0.99),
    if_not=st.floats(0.01, 0.99),
)
def test_bayes_moves_the_way_of_the_likelihoods(
    calm: Situation, sign: str, done: bool, if_so: float, if_not: float
) -> None:
    world = shown(calm, sign, done, if_so, if_not).run(challenge)[0]
    so, not_so = (x if done else 1.0 - x for x in (if_so, if_not))
    belief = getattr(world, SIGNS[sign][1])
    assert belief[AE] == pytest.approx(0.3 * so / (0.3 * so + 0.7 * not_so))
    assert belief[at(A, C)] == 0.3 or sign in ("test", "exercise", "press", "drill")


@pytest.mark.parametrize("sign", sorted(SIGNS))
@pytest.mark.parametrize("done", [True, False])
def test_repeated_evidence_convinces(calm: Situation, sign: str, done: bool) -> None:
    s = shown(calm, sign, done, 0.8, 0.4)
    field, believed = SIGNS[sign][1], [0.3]
    for _ in range(60):
        world = s.run(challenge)[0]
        believed.append(float(getattr(world, field)[AE]))
        s = s.where(world={field: getattr(world, field)})
    steps = np.diff(believed)
    assert np.all(steps >= 0.0) if done else np.all(steps <= 0.0)
    assert believed[-1] == pytest.approx(1.0 if done else 0.0, abs=1e-6)
    assert 0.0 <= min(believed) <= max(believed) <= 1.0


@in_any_world
def test_signs_of_equal_likelihood_teach_nothing(seed: int) -> None:
    """To the last bit: a scenario that leaves them so is as it was without them."""
    s = scrambled(seed).where(params=KEEP)
    even = {f"rules.escalate.{n}": 0.5 for key in ("test", "exercise") for n in SIGNS[key][0]}
    s = s.where(params=even, world={"stage": 0})
    np.testing.assert_array_equal(s.run(challenge)[0].credence, s.world.credence)


def test_a_demand_begins_a_game_as_a_press_does(calm: Situation) -> None:
    s = calm.where(
        params=KEEP, world={"level": 0}, action={"crisis.demand": on_pairs({(A, E): 0.7})}
    )
    world, events = s.run(challenge)
    assert world.stage[AE] == CHALLENGED
    assert events["challenge"][AE] == 1.0
    assert world.demand[AE] == 0.7
    assert s.where(world={"demand": world.demand}).seen.demanded[EA] == 0.7
