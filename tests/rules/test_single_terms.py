"""Single terms of rules, each of which could be turned without another test's notice.

Mutants found them (`experiments/mutants.py`). Each test holds what the term says.
"""

from dataclasses import replace

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    SATELLITE,
    SHELL,
    A,
    B,
    C,
    D,
    E,
    Situation,
    at,
    both_ways,
    cells,
    on_pairs,
    symmetric,
)

from sim.rules.bounds import in_range
from sim.rules.escalate import escalate
from sim.rules.fight import fight
from sim.rules.learn import learn
from sim.rules.perceive import power, sanctioned
from sim.rules.relate import common_rival, relate, tension
from sim.rules.sanction import sanction, vote
from sim.rules.trade import trade
from sim.rules.watch import jointly, watch
from sim.world import WAR

pytestmark = pytest.mark.usefixtures("unchecked")

AE, BC = at(A, E), at(B, C)


@pytest.mark.parametrize("name", ["stock", "exposure"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_one_value_that_is_not_finite_is_out_of_range(
    calm: Situation, name: str, wrong: float
) -> None:
    assert in_range(calm.world)
    assert not in_range(calm.where(world={name: wrong}).world)


def test_the_worn_share_is_of_all_who_served(calm: Situation) -> None:
    """Lost before and now, over those, those left and those who could still be called."""
    s = calm.where(
        params={
            "rules.fight.exhaustion": 1.0,
            "rules.fight.settlement": 0.0,
            "rules.fight.mobilisation": 0.0,
            "rules.fight.defeat": 0.0,
        },
        world={
            "losses": cells((5,), {B: 40.0, C: 30.0}),
            "manpower": cells((5,), {B: 200.0, C: 100.0}),
        },
    )
    after = s.run(fight)[0]
    worn = after.losses / (after.losses + after.force + s.world.manpower)
    bound = 1.0 - np.exp(-worn[B] * worn[C])
    for u, level in ((bound * (1.0 - 1e-9), 2), (bound * (1.0 + 1e-9), WAR)):
        assert s.where(noise={"ceasefire": u}).run(fight)[0].level[BC] == level


def test_the_line_moves_by_three_log_points_at_the_most(calm: Situation) -> None:
    fire = cells(np.ones(5), {B: 1e9})
    s = calm.where(params={"rules.fight.advance": 2.0, "states.alpha": fire})
    moved = s.run(fight)[0].front - s.world.front
    assert abs(moved[BC]) == pytest.approx(6.0)
    weak = s.where(params={"states.alpha": cells(np.ones(5), {C: 1e9})})
    pushed = weak.run(fight)[0].front - s.world.front
    assert pushed[BC] == pytest.approx(-moved[BC])


def test_a_force_at_the_share_of_defeat_is_defeated(calm: Situation) -> None:
    still = {"states.baseline_fire": 0.0, "munitions.lethality": 0.0}
    s = calm.where(
        params=still
        | {
            "states.force_target": 100.0,
            "rules.fight.defeat": 0.25,
            "rules.fight.mobilisation": 0.0,
        },
        world={"force": cells(np.full(5, 80.0), {C: 25.0})},
        noise={"ceasefire": 1.0 - 1e-12},
    )
    assert s.run(fight)[1]["defeated"][at(C, B)] == 1.0


def test_soldiers_count_as_power(calm: Situation) -> None:
    bare = calm.where(world={"stock": 0.0, "capacity": 0.0}, params={"states.baseline_fire": 0.1})
    more = bare.where(world={"force": 2.0 * bare.world.force})
    np.testing.assert_allclose(more.run(power), 2.0 * bare.run(power))


def test_lessons_sink_in_by_the_level_over_the_frontier_held_at_one(calm: Situation) -> None:
    rules = {"rules.learn.absorption": 0.1, "rules.learn.least_absorption": 0.25}
    for level, relative in ((0.4, 0.2), (3.0, 1.0)):
        s = calm.where(params=rules, world={"frontier": 2.0, "tech": level, "lessons": 0.5})
        taken = s.world.lessons - s.run(learn)[0].lessons
        gap = max(2.0 - level, 0.0)
        expected = min(0.1 * (0.25 + 0.75 * relative) * 0.5, gap)
        np.testing.assert_allclose(taken, expected, atol=1e-12)


def test_without_a_technology_of_launches_nothing_is_prepared(calm: Situation) -> None:
    s = calm.where(
        params={"wiring.launched": 0.0},
        action={"technology.launch": 1.0},
        world={"preparation": 0.0},
        noise={"launch_start": 0.0},
    )
    world, events = s.run(learn)
    assert not np.any(world.preparation)
    assert not np.any(events["launch_announced"])


def test_what_is_ready_leaves_the_pad_empty_and_is_no_more_than_ready(calm: Situation) -> None:
    s = calm.where(
        action={"technology.launch": 0.0, "technology.prepare": 0.7},
        world={"preparation": 0.9},
        noise={"success": 0.5},
    )
    world, events = s.run(learn)
    assert not np.any(world.preparation)
    flown = events["launch_succeeded"] + events["launch_failed"]
    np.testing.assert_array_equal(flown, np.full(5, np.sum(s.params.wiring.launched)))
    assert s.params.wiring.launched[SATELLITE] == 1.0


def test_a_visit_and_trade_gain_less_between_friends(calm: Situation) -> None:
    rules = {f"rules.escalate.{name}": 0.0 for name in ("by_visit", "by_common_rival")}
    rules |= {"rules.escalate.affinity_return": 0.0, "rules.escalate.by_trade": 0.1}
    s = calm.where(params=rules | {"rules.escalate.by_dispute": 0.0}, action={})
    s = s.where(world={"affinity": 0.4, "benefit": both_ways(A, B, 0.5), "level": 0})
    gain = s.run(relate)[0].affinity[A, B] - 0.4
    assert gain == pytest.approx(0.1 * 0.5 * (1.0 - 0.4))
    least = s.where(world={"benefit": both_ways(A, B, 7.0)}).run(relate)[0].affinity[A, B] - 0.4
    assert least == pytest.approx(0.1 * (1.0 - 0.4))


def test_a_rival_that_both_are_tense_with_is_common_and_no_other(calm: Situation) -> None:
    """DDD and EEE are tense with AAA; who has no stake against it has no rival there."""
    tension = cells((5, 5), {(D, A): 0.8, (E, A): 0.5})
    for stake, shared in ((0.5, 0.4), (0.0, 0.0)):
        s = calm.where(
            params={"relations.stake": on_pairs({(D, A): 0.5, (E, A): stake})},
            world={"tension": tension},
        )
        found = common_rival(s.params, s.world)
        np.testing.assert_allclose(found, symmetric(D, E, shared), atol=1e-12)


def test_what_is_brought_to_a_vote_is_brought_by_others(calm: Situation) -> None:
    """A renewal stands on the diagonal once, whoever proposes; sanctions are never on oneself."""
    renewal = float(calm.params.rules.sanction.renewal)
    s = calm.where(
        world={"monitor": cells((5,), {A: 1.0}), "mandate": renewal, "week": 10, "embargo": 1.0},
        action={"diplomacy.propose": 0.0},
    )
    draft = s.run(sanction)[1]["draft"]
    np.testing.assert_array_equal(draft, cells((5, 5), {(A, A): 1.0}))


def test_benefit_is_in_weeks_of_the_own_income(calm: Situation) -> None:
    """A delivery to BBB is worth the more to it the poorer it is itself, whoever sent it."""
    delivered = {"delivery": cells((5, 3), {(A_TO_B, SHELL): 1000.0}), "benefit": 0.0}
    own = dict.fromkeys(("scarcity", "given", "yardstick"), 0.0)
    s = calm.where(
        world=delivered, params={f"rules.trade.{key}": value for key, value in own.items()}
    )
    seen = s.seen
    for factor in (1.0, 4.0):
        poorer = replace(seen, income=cells(seen.income, {B: seen.income[B] / factor}))
        found = trade(s.params, s.world, poorer, s.action, s.noise)[0].benefit[at(B, A)]
        worth = 1000.0 * s.world.price[SHELL] / poorer.income[B]
        assert found == pytest.approx(s.params.rules.trade.memory * worth)


def test_the_inert_observer_estimates_nothing(calm: Situation) -> None:
    s = calm.where(params={"wiring.real_observer": 0.0}, noise={"detection": 0.0})
    np.testing.assert_array_equal(s.run(watch)[0].estimate, s.world.estimate)


@pytest.mark.parametrize("name", ["tension", "stock"])
def test_one_value_below_zero_is_out_of_range(calm: Situation, name: str) -> None:
    held = getattr(calm.world, name)
    assert not in_range(calm.where(world={name: cells(held, {(0, 1): -0.1})}).world)


def test_exposure_wins_votes_within_the_council(calm: Situation) -> None:
    told = {"outside_shift": 0.0, "support": -1.0, "by_exposure": 2.0, "by_affinity": 0.0}
    told |= {"by_benefit": 0.0}
    s = calm.where(
        params={f"rules.sanction.{name}": value for name, value in told.items()},
        noise={"vote": 0.5, "outside_vote": 0.5},
    )
    few, many = (s.where(world={"exposure": x}).run(vote)[0][A] for x in (-5.0, 5.0))
    assert many == few + sum(calm.params.states.member)


def test_mandates_are_voted_on_in_the_first_week_and_when_they_end(calm: Situation) -> None:
    s = calm.where(
        world={"monitor": cells((5,), {A: 1.0}), "mandate": 0.0, "embargo": 1.0},
        action={"diplomacy.propose": 0.0},
        params={"rules.sanction.renewal": 9.0},
    )
    drafts = [s.where(world={"week": w}).run(sanction)[1]["draft"][A, A] for w in (0, 1)]
    assert drafts == [1.0, 0.0]


def test_fear_of_a_stronger_rival_is_held_at_four_log_points(calm: Situation) -> None:
    s = calm.where(params={"rules.perceive.learning": 0.0, "rules.perceive.battle": 0.0})
    four, five, three = (
        s.where(world={"belief": s.own[s.params.wiring.pair.actor] + x}).run(tension)[A, E]
        for x in (4.0, 5.0, 3.0)
    )
    assert three < four == five


def test_an_incident_on_the_last_rung_is_restrained_by_the_other_s_arms(calm: Situation) -> None:
    rules = {"climb": 1.0, "incident": 1e6, "incident_steep": 0.0, "incident_deterrence": 0.0}
    s = calm.where(
        world={"level": both_ways(A, E, WAR - 1), "tension": 1.0, "tech": 1.0},
        params={f"rules.escalate.{name}": value for name, value in rules.items()}
        | {"states.nuclear": 1.0, "technologies.deterrent": 0.0},
        noise={"incident": 0.5, "level": 1e-9},
    )
    for restraint, level in ((0.4, WAR), (0.6, WAR - 1)):
        told = s.where(params={"rules.escalate.nuclear_restraint": restraint})
        assert told.run(escalate)[0].level[AE] == level


def test_a_body_that_lapsed_is_counted_in_weeks_under_an_embargo_alone(calm: Situation) -> None:
    s = calm.where(
        world={
            "embargo": cells((5,), {A: 1.0, B: 1.0, C: 0.25}),
            "monitor": cells((5,), {B: 1.0}),
            "mandate": cells((5,), {B: 20.0, D: 20.0}),
            "lapsed": 3.0,
            "week": 10,
        },
        action={"diplomacy.propose": 0.0},
    )
    after = s.run(sanction)[0]
    np.testing.assert_array_equal(after.monitor, cells((5,), {B: 1.0}))
    np.testing.assert_array_equal(after.lapsed, cells((5,), {A: 4.0, C: 4.0}))


def test_a_draft_adopted_while_a_body_works_leaves_its_mandate(calm: Situation) -> None:
    """A term begins only where none runs, be it the last week of one."""
    s = calm.where(
        action={"diplomacy.propose": cells((5, 5), {(E, A): 1.0})},
        params={"rules.sanction.renewal": 0.0, "rules.sanction.term": 40.0},
        noise={"vote": 0.0, "outside_vote": 1.0 - 1e-12, "veto": 0.999999},
    )
    for left, after in ((2.0, 1.0), (1.0, 40.0), (0.0, 40.0)):
        world = {"monitor": cells((5,), {A: 1.0}), "embargo": 0.0, "week": 10}
        world |= {"mandate": cells((5,), {A: left})}
        found, events = s.where(world=world).run(sanction)
        assert events["adopted"][A] == 1.0
        assert found.mandate[A] == after


def test_sanctions_by_all_never_pass_the_whole_beside_a_spender_far_above_the_rest(
    calm: Situation,
) -> None:
    """The others' spending is a difference of sums, whose last digits are lost: 1 + 1e-5 came."""
    spending = np.zeros_like(calm.world.spending)
    spending[[A, B, C]] = 3e8, 0.001, 0.001
    everybody = 1.0 - np.eye(len(spending))
    found = sanctioned(replace(calm.world, spending=spending, sanctions=everybody))
    assert found[A] == 1.0


def test_a_joint_statement_is_of_protector_and_protege(calm: Situation) -> None:
    """DDD protects CCC, and not the other way."""
    voice = cells((5, 5), {(C, A): 1.0, (D, A): 1.0})
    np.testing.assert_array_equal(jointly(calm.params, calm.world, voice), voice)


def test_a_council_with_no_seats_left_has_no_outside_votes(calm: Situation) -> None:
    s = calm.where(
        params={"rules.sanction.seats": 1.0, "rules.sanction.support": -500.0},
        noise={"outside_vote": 1.0 - 1e-9},
    )
    assert not np.any(vote(s.params, s.world, s.seen, s.action, s.noise)[0])
