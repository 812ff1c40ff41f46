"""The diplomacy desk: who speaks, who shields, who keeps the law."""

from typing import Any

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    D_TO_C,
    DDD,
    EEE,
    A,
    B,
    C,
    D,
    E,
    Situation,
    cells,
    filled,
    in_any_world,
    scrambled,
)

DESK = "diplomacy"
SILENT = ("publish", "condemn", "sanction", "propose", "veto", "deny")


@in_any_world
def test_the_passive_do_nothing_but_comply(seed: int) -> None:
    part = filled(scrambled(seed), DESK, "passive", comply=0.6)
    for name in SILENT:
        assert not np.any(getattr(part, name)), name
    assert np.all(part.comply == 0.6)


def news(calm: Situation, estimate: float = 1000.0, published: float = 0.0) -> Situation:
    """DDD's estimate of what AAA sends BBB has grown, all is exposed, it is a day to speak."""
    return calm.where(
        world={
            "exposure": 3.0,
            "estimate": cells((2, 5), {(DDD, A_TO_B): estimate, (EEE, D_TO_C): estimate}),
            "published": cells((2, 5), {(DDD, A_TO_B): published}),
        },
        noise={"publish": 0.0, "condemn": 0.0},
    )


OWN = {"news": 500.0, "growth": 0.5, "publishes": 0.5, "sure": 0.3, "condemns": 0.5}
OWN |= {"unfriendly": -0.1, "sanctions": 0.8, "proposes": 0.5}


def enforce(s: Situation, **own: float) -> Any:
    return filled(s, DESK, "enforcer", **OWN | own)


def test_an_enforcer_publishes_news_of_unlawful_dealings_alone(calm: Situation) -> None:
    """EEE's news is of lawful trade: it stays in the drawer."""
    told = enforce(news(calm)).publish
    np.testing.assert_array_equal(told, cells((2, 5), {(DDD, A_TO_B): 1.0}))
    for silent in (
        enforce(news(calm, estimate=400.0)),
        enforce(news(calm, estimate=2900.0, published=2000.0)),  # grew by 900, not by half
        enforce(news(calm).where(world={"exposure": -3.0})),
        enforce(news(calm).where(noise={"publish": 0.9})),
        enforce(news(calm), publishes=0.0),
        enforce(news(calm), sure=1.0),
        enforce(news(calm).where(world={"embargo": 0.0})),
    ):
        assert not np.any(silent.publish)


@in_any_world
def test_surer_enforcers_publish_and_accuse_no_more(seed: int) -> None:
    s = scrambled(seed)
    rash, careful = (enforce(s, sure=sure) for sure in (0.1, 0.9))
    for name in ("publish", "condemn", "sanction", "propose"):
        assert np.all(getattr(careful, name) <= getattr(rash, name)), name


def test_an_enforcer_condemns_unfriendly_culprits_that_acted(calm: Situation) -> None:
    s = news(calm).where(world={"provocation": cells((5,), {A: 1.0}), "level": 0})
    part = enforce(s)
    hostile = cells((5, 5), {(C, A): 1.0, (D, A): 1.0, (E, A): 1.0})
    np.testing.assert_array_equal(part.condemn[:, A], hostile[:, A])
    np.testing.assert_array_equal(part.propose, part.condemn)
    np.testing.assert_array_equal(part.sanction[:, A], 0.8 * hostile[:, A])
    assert not np.any(part.condemn[:, [C, E]])  # neither embargoed nor exposed
    quiet = enforce(s.where(world={"provocation": 0.0, "accused": 0.0}))
    assert not np.any(quiet.condemn)
    assert np.any(quiet.sanction)
    named = enforce(s.where(world={"provocation": 0.0, "accused": cells((5,), {A_TO_B: 1.0})}))
    np.testing.assert_array_equal(named.condemn[:, A], hostile[:, A])
    assert not np.any(enforce(s, condemns=0.0).condemn)
    assert not np.any(enforce(s, proposes=0.0).propose)
    assert not np.any(enforce(s, unfriendly=-1.0).sanction)


def test_an_enforcer_sanctions_who_is_at_war_or_guilty(calm: Situation) -> None:
    s = calm.where(world={"embargo": 0.0, "exposure": -20.0})
    sanctioned = enforce(s).sanction
    np.testing.assert_array_equal(
        sanctioned > 0.0, cells((5, 5), {(C, B): 1.0, (D, B): 1.0, (A, C): 1.0, (B, C): 1.0}) > 0.0
    )
    assert not np.any(enforce(s.where(world={"level": 0})).sanction)
    assert not np.any(enforce(s, sanctions=0.0).sanction)


def test_an_enforcer_keeps_the_law_and_neither_denies_nor_shields(calm: Situation) -> None:
    part = enforce(news(calm))
    assert np.all(part.comply == 1.0)
    assert not np.any(part.veto)
    assert not np.any(part.deny)


@pytest.mark.parametrize("friend", [-1.0, 0.0, 0.5, 1.0])
def test_a_shield_vetoes_for_its_friends(calm: Situation, friend: float) -> None:
    part = filled(calm, DESK, "shield", friend=friend, deny=0.7, comply=0.2)
    np.testing.assert_array_equal(part.veto, calm.world.affinity >= friend)
    assert np.all(part.deny == 0.7)
    assert np.all(part.comply == 0.2)
    for name in ("publish", "condemn", "sanction", "propose"):
        assert not np.any(getattr(part, name)), name


def test_a_route_of_the_lawful_is_never_published(calm: Situation) -> None:
    s = news(calm).where(world={"estimate": 1e6})
    told = enforce(s).publish
    unlawful = s.seen.unlawful > 0.0
    assert unlawful[A_TO_D]
    assert np.all(told[:, unlawful] == 1.0)
    assert not np.any(told[:, ~unlawful])


def test_who_arms_a_friends_enemy_is_penalised_and_reproached_by_the_resentment(
    calm: Situation,
) -> None:
    """AAA ships to BBB, at war with CCC; nothing is unlawful, nobody else is at fault."""
    s = calm.where(
        world={
            "embargo": 0.0,
            "noted": cells((5,), {A_TO_B: 0.5}),
            "affinity": cells(calm.world.affinity, {(C, D): 0.6, (D, C): 0.6}),
        },
        noise={"condemn": 0.1},
    )
    told = {"penalty": 0.4, "reproach": 0.5}
    part = enforce(s, **told)
    np.testing.assert_allclose(part.sanction[:, A], [0.0, 0.0, 0.2, 0.12, 0.0])
    np.testing.assert_array_equal(part.condemn[:, A], [0.0, 0.0, 1.0, 1.0, 0.0])
    assert not np.any(enforce(s.where(noise={"condemn": 0.2}), **told).condemn[D])
    liked = enforce(s, **told | {"unfriendly": -0.9})
    assert not np.any(liked.sanction[:, A])
    lawful = enforce(s)
    assert not np.any(lawful.sanction[:, A])
    assert not np.any(lawful.condemn)
    assert not np.any(part.propose)


def test_doubt_stops_condemnations_and_drafts_by_scepticism(calm: Situation) -> None:
    s = news(calm).where(
        world={"provocation": cells((5,), {A: 1.0}), "level": 0, "doubt": 0.8},
        noise={"condemn": 0.35},
    )
    own = {"scepticism": 0.5, "condemns": 0.5, "proposes": 0.6}  # .30 and .36 in this doubt
    part = enforce(s, **own)
    assert not np.any(part.condemn[:, A])
    assert part.propose[D, A] == 1.0
    later = s.where(noise={"condemn": 0.4})
    assert not np.any(enforce(later, **own).propose[:, A])
    sure = s.where(world={"doubt": 0.0})
    assert enforce(sure, **own).condemn[D, A] == 1.0
    assert enforce(s, **own | {"scepticism": 0.0}).condemn[D, A] == 1.0


def test_a_shield_complies_less_where_its_own_dealings_are_in_doubt(calm: Situation) -> None:
    s = calm.where(world={"doubt": cells((5,), {A_TO_B: 0.4, A_TO_D: 0.2, D_TO_C: 0.9})})
    told = {"comply": 0.8, "excuse": 0.5}
    kept = filled(s, DESK, "shield", **told).comply
    np.testing.assert_allclose(kept, 0.8 * (1.0 - 0.5 * np.asarray([0.4, 0.4, 0.0, 0.2, 0.0])))
    np.testing.assert_allclose(filled(s, DESK, "shield", **told | {"excuse": 0.0}).comply, 0.8)
