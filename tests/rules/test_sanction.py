"""Sanction: nine votes and no veto, mandates that votes renew, and who steps in when they lapse."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import (
    A_TO_B,
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

from sim.rules.sanction import sanction, standing, vote

SEAT = {B: 0, D: 1, E: 2}
"""Places among the members of the Council."""
YES = {"vote": 0.0, "outside_vote": 1.0 - 1e-12, "veto": 0.999999}
NO_VOTES = {"rules.sanction.support": -50.0, "rules.sanction.by_exposure": 0.0}


def drafting(calm: Situation, target: int = A) -> Situation:
    """EEE brings a draft on a state; all members would vote yes, none veto."""
    return calm.where(
        action={"diplomacy.propose": cells((5, 5), {(E, target): 1.0})},
        world={"embargo": 0.0, "monitor": 0.0, "mandate": 0.0},
        noise=YES,
    )


def test_a_draft_that_all_support_is_adopted_and_makes_a_body(calm: Situation) -> None:
    after, events = drafting(calm).run(sanction)
    one = cells((5,), {A: 1.0})
    np.testing.assert_array_equal(after.embargo, one)
    np.testing.assert_array_equal(after.monitor, one)
    assert after.mandate[A] == calm.params.rules.sanction.term
    np.testing.assert_array_equal(events["draft"], cells((5, 5), {(E, A): 1.0}))
    np.testing.assert_array_equal(events["adopted"], one)


def test_without_a_draft_nothing_is_adopted(calm: Situation) -> None:
    quiet = drafting(calm).where(action={"diplomacy.propose": 0.0})
    after, events = quiet.run(sanction)
    assert not np.any(after.embargo)
    assert not any(np.any(events[name]) for name in ("draft", "adopted", "vetoed"))


def test_only_members_bring_drafts(calm: Situation) -> None:
    s = drafting(calm).where(action={"diplomacy.propose": cells((5, 5), {(C, A): 1.0})})
    after, events = s.run(sanction)
    assert not np.any(after.embargo)
    assert not np.any(events["draft"])


@pytest.mark.parametrize("outside", range(5, 13))
def test_nine_votes_are_needed(calm: Situation, outside: int) -> None:
    """Twelve seats lie outside the three members; with those three, six outside are nine."""
    s = drafting(calm).where(params={"rules.sanction.outside_shift": 0.0})
    s = s.where(params={"rules.sanction.outside_yes": outside / 12.0}, noise={"outside_vote": 0.5})
    yes = s.run(vote)[0][A]
    assert yes == outside + 3.0  # the median of a binomial whose mean is whole is its mean
    assert s.run(sanction)[0].embargo[A] == float(yes >= 9.0)
    alone = s.where(params=NO_VOTES)
    assert alone.run(vote)[0][A] == outside
    assert alone.run(sanction)[0].embargo[A] == float(outside >= 9)


def test_one_veto_blocks_what_all_others_want(calm: Situation) -> None:
    s = drafting(calm).where(
        action={"diplomacy.veto": cells((5, 5), {(B, A): 1.0})}, noise={"veto": 0.0}
    )
    after, events = s.run(sanction)
    assert s.run(vote)[0][A] >= 9.0
    assert not np.any(after.embargo)
    np.testing.assert_array_equal(events["vetoed"], cells((3, 5), {(SEAT[B], A): 1.0}))
    assert not np.any(events["adopted"])


def test_only_the_permanent_veto_and_only_the_willing(calm: Situation) -> None:
    s = drafting(calm).where(noise={"veto": 0.0})
    elected = s.where(action={"diplomacy.veto": cells((5, 5), {(E, A): 1.0, (C, A): 1.0})})
    for unopposed in (s, elected):
        assert unopposed.run(sanction)[0].embargo[A] == 1.0


def test_nobody_permanent_is_sanctioned_against_its_will(calm: Situation) -> None:
    after, events = drafting(calm, target=B).run(sanction)
    assert not np.any(after.embargo)
    assert events["vetoed"][SEAT[B], B] == 1.0


@in_any_world
def test_vetoes_rise_with_benefit_and_affinity(seed: int) -> None:
    s = scrambled(seed).where(action={"diplomacy.veto": 1.0})
    base = s.run(vote)[1]
    assert np.all((base == 0.0) | (base == 1.0))
    friendlier = np.minimum(s.world.affinity + 0.5, 1.0) * s.params.wiring.off
    for closer in (
        s.where(world={"benefit": s.world.benefit + 0.5}),
        s.where(world={"affinity": friendlier}),
    ):
        assert np.all(closer.run(vote)[1] >= base)


def test_the_chance_of_a_veto_is_the_logistic_of_benefit_and_affinity(calm: Situation) -> None:
    c = {"veto": -2.0, "by_affinity": 3.0, "by_benefit": 40.0}
    s = calm.where(
        params={f"rules.sanction.{name}": value for name, value in c.items()},
        action={"diplomacy.veto": 0.5},
    )
    for affinity, benefit in ((0.0, 0.0), (0.5, 0.0), (0.5, 0.05), (0.9, 0.2)):
        odds = np.exp(-2.0 + 3.0 * affinity + 40.0 * benefit)
        chance = 0.5 * odds / (1.0 + odds)
        at = s.where(world={"affinity": affinity * s.params.wiring.off, "benefit": benefit})
        for u, vetoes in ((chance - 1e-6, 1.0), (chance + 1e-6, 0.0)):
            assert at.where(noise={"veto": u}).run(vote)[1][SEAT[B], A] == vetoes


@in_any_world
def test_votes_count_within_the_council_and_fall_with_ties(seed: int) -> None:
    s = scrambled(seed)
    yes = s.run(vote)[0]
    assert np.all((yes >= 0.0) & (yes <= 15.0))
    dependent = s.where(world={"benefit": s.world.benefit + 0.5})
    assert np.all(dependent.run(vote)[0] <= yes)


def test_without_weight_affinity_and_benefit_decide_nothing(calm: Situation) -> None:
    s = calm.where(
        params={"rules.sanction.by_affinity": 0.0, "rules.sanction.by_benefit": 0.0},
        action={"diplomacy.veto": 1.0},
        noise={"vote": 0.5, "veto": 0.003},
    )
    tied = s.where(world={"affinity": s.params.wiring.off, "benefit": 3.0})
    for one, two in zip(s.run(vote), tied.run(vote), strict=True):
        np.testing.assert_array_equal(one, two)


def test_exposure_wins_votes_and_doubt_loses_them(calm: Situation) -> None:
    told = {"rules.sanction.outside_shift": 3.0, "rules.sanction.outside_yes": 0.5}
    s = calm.where(params=told, noise={"outside_vote": 0.5, "vote": 0.999999})

    def yes(exposure: float, doubt: float) -> float:
        return float(s.where(world={"exposure": exposure, "doubt": doubt}).run(vote)[0][A])

    assert yes(-3.0, 0.5) < yes(1.0, 0.5) < yes(4.0, 0.5)
    assert yes(1.0, 0.9) < yes(1.0, 0.5) < yes(1.0, 0.0)
    lawful = s.where(world={"embargo": 0.0})
    assert not any(np.any(value) for value in lawful.run(standing))
    deaf = s.where(params={"rules.sanction.outside_shift": 0.0})
    assert (
        deaf.where(world={"exposure": 4.0}).run(vote)[0][A]
        == deaf.where(world={"exposure": -3.0}).run(vote)[0][A]
    )


def test_standing_is_that_of_the_most_exposed_unlawful_route(calm: Situation) -> None:
    s = calm.where(world={"exposure": cells(np.full(5, -3.0), {A_TO_B: 2.0}), "doubt": 0.3})
    exposed, doubted = s.run(standing)
    assert exposed[A] == exposed[B] == pytest.approx(1.0 / (1.0 + np.exp(-2.0)))
    assert doubted[A] == pytest.approx(0.3)
    assert exposed[C] == doubted[C] == 0.0


def council(calm: Situation, weeks: int, noise: dict[str, float], veto: float = 0.0) -> list:
    """What becomes of AAA's body, week by week: monitor, coalition and the week's events."""
    s = calm.where(
        noise=YES | noise, action={"diplomacy.veto": cells((5, 5), {(B, A): veto})}
    ).where(params={"rules.sanction.coalition_lag": 10.0, "rules.sanction.term": 20.0})
    told = []
    for _ in range(weeks):
        world, events = s.run(sanction)
        told.append((world, {name: value[..., A].sum() for name, value in events.items()}))
        s = replace(s, world=replace(world, week=world.week + 1))
    return told


def test_votes_renew_a_mandate_for_as_long_as_they_pass(calm: Situation) -> None:
    told = council(calm, 100, {})
    assert all(world.monitor[A] == 1.0 for world, _ in told)
    assert not any(np.any(world.coalition) for world, _ in told)
    drafts = [week for week, (_, events) in enumerate(told) if events["draft"]]
    assert drafts == [week for week, (_, events) in enumerate(told) if events["adopted"]]
    assert set(np.diff(drafts)) == {20}  # once in every term


def test_a_failed_renewal_ends_the_body_and_a_coalition_follows(calm: Situation) -> None:
    told = council(calm, 60, {"veto": 0.0}, veto=1.0)
    (vetoed,) = [week for week, (_, events) in enumerate(told) if events["vetoed"]]
    (ended,) = [week for week, (_, events) in enumerate(told) if events["monitor_ended"]]
    (followed,) = [week for week, (_, events) in enumerate(told) if events["coalition_monitor"]]
    assert ended == 29  # the mandate's 30 weeks
    assert vetoed == ended - float(calm.params.rules.sanction.renewal) + 1
    assert followed == ended + 10
    for week, (world, _) in enumerate(told):
        assert world.monitor[A] == float(week < ended)
        assert world.coalition[A] == float(week >= followed)
        assert world.embargo[A] == 1.0


def test_too_few_votes_end_it_as_a_veto_does(calm: Situation) -> None:
    told = council(
        calm.where(params=NO_VOTES | {"rules.sanction.outside_yes": 0.0}), 40, {"outside_vote": 0.5}
    )
    assert told[-1][0].monitor[A] == 0.0
    assert not any(events["vetoed"] for _, events in told)


@in_any_world
def test_without_relief_no_embargo_is_lifted_and_bodies_need_one(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.sanction.relief": 0.0})
    for _ in range(3):
        after, events = s.run(sanction)
        assert np.all(after.embargo >= s.world.embargo)
        assert not any(np.any(events[name]) for name in ("relief", "lifted", "upheld"))
        assert np.all(after.monitor <= after.embargo)
        assert np.all(after.coalition <= after.embargo)
        assert not np.any(after.monitor * after.coalition)
        s = replace(s, world=after)


@pytest.mark.parametrize("speed", [0.0, 0.2, 1.0])
def test_single_states_sanctions_relax_to_what_they_want(calm: Situation, speed: float) -> None:
    wanted = cells((5, 5), {(D, A): 0.8, (D, B): 0.3})
    s = calm.where(
        action={"diplomacy.sanction": wanted},
        world={"sanctions": cells((5, 5), {(E, A): 0.5})},
        params={"rules.sanction.speed": speed},
    )
    left = wanted + (1.0 - speed) ** 5 * (s.world.sanctions - wanted)
    np.testing.assert_allclose(s.weeks(sanction, 5).sanctions, left, atol=1e-15)


@in_any_world
def test_an_adopted_draft_has_one_content_and_a_lift_is_another_draft(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.sanction.relief": 1.0})
    world, events = s.run(sanction)
    parts = [events[name] for name in ("imposed", "renewed", "condemned")]
    assert all(np.all((part == 0.0) | (part == 1.0)) for part in parts)
    np.testing.assert_array_equal(sum(parts), events["adopted"])
    np.testing.assert_array_equal(world.censured, events["adopted"])
    np.testing.assert_array_equal(
        world.embargo, s.world.embargo + events["imposed"] - events["lifted"]
    )
    proposed = np.max(events["draft"], axis=0) > 0.0
    assert not np.any(events["relief"][:, proposed])
    assert not np.any(events["lifted"] * np.max(events["upheld"], axis=0))


def test_a_draft_imposes_or_renews_or_only_condemns(calm: Situation) -> None:
    def content(embargo: float, mandate: float) -> dict[str, float]:
        told = {"embargo": embargo, "mandate": mandate, "monitor": float(mandate > 0.0)}
        events = drafting(calm).where(world=told | {"week": 3}).run(sanction)[1]
        return {name: events[name][A] for name in ("imposed", "renewed", "condemned")}

    due = float(calm.params.rules.sanction.renewal)
    assert content(0.0, 0.0) == {"imposed": 1.0, "renewed": 0.0, "condemned": 0.0}
    assert content(1.0, 0.0) == {"imposed": 0.0, "renewed": 1.0, "condemned": 0.0}
    assert content(1.0, due) == {"imposed": 0.0, "renewed": 1.0, "condemned": 0.0}
    assert content(1.0, due + 9.0) == {"imposed": 0.0, "renewed": 0.0, "condemned": 1.0}


def relieving(calm: Situation, sponsor: int = E, willing: float = 1.0) -> Situation:
    """A member would veto for AAA, which is under an embargo with a body; no one votes for more."""
    return calm.where(
        action={"diplomacy.veto": cells((5, 5), {(sponsor, A): willing})},
        world={"embargo": cells((5,), {A: 1.0}), "monitor": cells((5,), {A: 1.0}), "week": 3}
        | {"mandate": cells((5,), {A: 30.0})},
        params=NO_VOTES | {"rules.sanction.relief": 0.2, "rules.sanction.outside_yes": 0.0},
        noise={"relief": 0.19, "outside_vote": 0.5},
    )


def test_a_friend_drafts_a_lift_and_the_embargo_goes_with_its_body(calm: Situation) -> None:
    s = relieving(calm)
    world, events = s.run(sanction)
    np.testing.assert_array_equal(events["relief"], cells((5, 5), {(E, A): 1.0}))
    np.testing.assert_array_equal(events["lifted"], cells((5,), {A: 1.0}))
    np.testing.assert_array_equal(events["monitor_ended"], cells((5,), {A: 1.0}))
    assert not np.any(events["draft"])
    assert not np.any(events["adopted"])
    for left in (world.embargo, world.monitor, world.mandate, world.lapsed, world.censured):
        assert not np.any(left)


def test_who_drafts_a_lift(calm: Situation) -> None:
    """A member, by chance, in proportion to how willing it is to shield; not on itself."""
    s = relieving(calm)
    half = relieving(calm, willing=0.5)
    assert np.any(half.where(noise={"relief": 0.09}).run(sanction)[1]["relief"])
    for idle in (
        s.where(noise={"relief": 0.21}),
        half.where(noise={"relief": 0.11}),
        relieving(calm, sponsor=C),  # no member
        s.where(world={"embargo": 0.0}),
        s.where(action={"diplomacy.propose": cells((5, 5), {(D, A): 1.0})}),
        s.where(
            action={"diplomacy.veto": cells((5, 5), {(B, B): 1.0})},
            world={"embargo": cells((5,), {B: 1.0})},
        ),
    ):
        events = idle.run(sanction)[1]
        assert not any(np.any(events[name]) for name in ("relief", "lifted", "upheld"))


def test_a_lift_needs_the_votes_of_those_who_would_not_vote_for_more(calm: Situation) -> None:
    """Three members and twelve seats outside: what is not a yes is a vote for the lift."""
    s = relieving(calm).where(params={"rules.sanction.outside_shift": 0.0})
    for yes in range(4, 9):
        told = s.where(params={"rules.sanction.outside_yes": yes / 12.0})
        assert told.run(vote)[0][A] == yes
        assert told.run(sanction)[1]["lifted"][A] == float(15 - yes >= 9)
    own = relieving(calm).where(
        world={"embargo": cells((5,), {D: 1.0})},
        action={"diplomacy.veto": cells((5, 5), {(E, D): 1.0})},
        params={"rules.sanction.needed": 15.0},
    )
    events = own.run(sanction)[1]
    assert events["relief"][E, D] == 1.0
    assert events["lifted"][D] == 0.0  # fourteen: DDD itself has no vote
    fewer = own.where(params={"rules.sanction.needed": 14.0})
    assert fewer.run(sanction)[1]["lifted"][D] == 1.0


def test_a_permanent_member_that_wants_sanctions_upholds_an_embargo(calm: Situation) -> None:
    s = relieving(calm).where(action={"diplomacy.sanction": cells((5, 5), {(B, A): 0.01})})
    world, events = s.run(sanction)
    assert world.embargo[A] == 1.0
    np.testing.assert_array_equal(events["upheld"], cells((3, 5), {(SEAT[B], A): 1.0}))
    assert not np.any(events["lifted"])
    assert not np.any(events["vetoed"])
    elected = relieving(calm).where(action={"diplomacy.sanction": cells((5, 5), {(E, A): 1.0})})
    assert elected.run(sanction)[1]["lifted"][A] == 1.0
    quiet = s.where(params={"rules.sanction.relief": 0.0}).run(sanction)[1]
    assert not np.any(quiet["upheld"])


@in_any_world
def test_sanctions_stay_shares_and_are_never_on_oneself(seed: int) -> None:
    after = scrambled(seed).run(sanction)[0]
    assert np.all((after.sanctions >= 0.0) & (after.sanctions <= 1.0))
    assert not np.any(np.diag(after.sanctions))


def test_passing_half_is_told_once(calm: Situation) -> None:
    s = calm.where(
        action={"diplomacy.sanction": cells((5, 5), {(D, A): 0.8})},
        params={"rules.sanction.speed": 0.2},
    )
    told = 0.0
    for _ in range(20):
        world, events = s.run(sanction)
        told = told + events["sanction"]
        s = replace(s, world=world)
    np.testing.assert_array_equal(told, cells((5, 5), {(D, A): 1.0}))


def test_doubt_slows_the_rise_of_sanctions_and_not_their_fall(calm: Situation) -> None:
    """AAA's routes are unlawful: DDD wants more than there is, EEE less; BBB is doubted no less."""
    wanted = cells((5, 5), {(D, A): 0.8, (D, C): 0.8})
    before = cells((5, 5), {(E, A): 0.5})
    s = calm.where(
        world={"doubt": 0.6, "sanctions": before},
        action={"diplomacy.sanction": wanted},
        params={"rules.sanction.speed": 0.1, "rules.sanction.hesitation": 0.5},
    )
    after = s.run(sanction)[0].sanctions
    assert after[D, A] == pytest.approx(0.1 * 0.8 * (1.0 - 0.5 * 0.6))
    assert after[D, C] == pytest.approx(0.1 * 0.8)  # nothing of its dealings is unlawful
    assert after[E, A] == pytest.approx(0.5 - 0.1 * 0.5)
    eager = s.where(params={"rules.sanction.hesitation": 0.0})
    assert eager.run(sanction)[0].sanctions[D, A] == pytest.approx(0.1 * 0.8)


def test_doubt_keeps_states_out_of_a_coalition(calm: Situation) -> None:
    s = calm.where(
        world={"doubt": 0.6, "monitor": 0.0, "mandate": 0.0, "lapsed": cells((5,), {A: 10.0})},
        params={"rules.sanction.coalition_lag": 10.0, "rules.sanction.disunity": 0.5},
    )
    after, events = s.run(sanction)
    np.testing.assert_allclose(after.coalition, cells((5,), {A: 1.0 - 0.5 * 0.6}))
    np.testing.assert_array_equal(events["coalition_monitor"], cells((5,), {A: 1.0}))
    whole = s.where(params={"rules.sanction.disunity": 0.0}).run(sanction)[0]
    assert whole.coalition[A] == 1.0
    later = s.where(world={"lapsed": cells((5,), {A: 11.0}), "coalition": 0.0}).run(sanction)
    assert later[0].coalition[A] == pytest.approx(0.7)
    assert not np.any(later[1]["coalition_monitor"])
