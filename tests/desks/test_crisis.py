"""The crisis desk: who presses, who gives way, and that nothing begins by itself."""

from typing import Any

import numpy as np
import pytest
from worlds import (
    A,
    B,
    C,
    D,
    E,
    Situation,
    at,
    both_ways,
    cells,
    filled,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.desks.registry import REGISTRY
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, RESISTED

DESK = "crisis"
EAGER = {"provoked": 1.0, "retaliate": 1.0, "forgive": 0.0, "caution": 0.0}
LUCK = {"posture": 0.0, "forgive": 0.0}


def postures(s: Situation, rule: str = "tit_for_tat", **own: Any) -> np.ndarray:
    return filled(s, DESK, rule, **own).posture


@in_any_world
def test_hold_holds(seed: int) -> None:
    assert not np.any(postures(scrambled(seed), "hold"))


@pytest.mark.parametrize("rule", sorted(REGISTRY[DESK]))
def test_a_belligerent_holds(calm: Situation, rule: str) -> None:
    s = calm.where(world={"posture": both_ways(B, C, PRESS)}, noise=LUCK)
    posture = postures(s, rule)
    assert posture[at(B, C)] == posture[at(C, B)] == HOLD


def test_tit_for_tat_begins_nothing_in_a_quiet_world(calm: Situation) -> None:
    s = calm.where(
        world={"embargo": 0.0, "level": 0, "tension": calm.params.wiring.off}, noise=LUCK
    )
    assert not np.any(postures(s, **EAGER))


@pytest.mark.parametrize("act", ["drill", "provocation"])
def test_tit_for_tat_is_provoked_by_the_acts_of_a_rival(calm: Situation, act: str) -> None:
    quiet = {"embargo": 0.0, "level": 0, "tension": calm.params.wiring.off}
    s = calm.where(world=quiet | {act: cells((5,), {A: 1.0})}, noise=LUCK)
    pressing = on_pairs({(D, A): PRESS, (E, A): PRESS})
    np.testing.assert_array_equal(postures(s, **EAGER), pressing)
    assert not np.any(postures(s, **EAGER | {"provoked": 0.0}))
    assert not np.any(postures(s.where(world={"tension": 0.0}), **EAGER))
    assert not np.any(postures(s.where(params={"relations.stake": 0.0}), **EAGER))


def test_tit_for_tat_answers_a_press_and_a_kindness(calm: Situation) -> None:
    s = calm.where(
        world={
            "posture": on_pairs({(A, E): PRESS, (D, A): CONCILIATE}),
            "level": calm.world.level + both_ways(A, D),
        },
        noise={"posture": 0.0, "forgive": 0.9},
    )
    answers = on_pairs({(E, A): PRESS, (A, D): CONCILIATE})
    np.testing.assert_array_equal(postures(s, **EAGER | {"provoked": 0.0}), answers)
    mild = postures(s, **EAGER | {"provoked": 0.0, "retaliate": 0.0})
    np.testing.assert_array_equal(mild, on_pairs({(A, D): CONCILIATE}))


def test_who_has_nothing_at_stake_answers_nothing(calm: Situation) -> None:
    s = calm.where(world={"posture": both_ways(C, D, PRESS)}, noise=LUCK)
    assert calm.params.relations.stake[at(C, D)] == 0.0
    posture = postures(s, **EAGER | {"provoked": 0.0})
    assert posture[at(C, D)] == posture[at(D, C)] == HOLD


def test_there_is_nothing_to_forgive_without_a_dispute(calm: Situation) -> None:
    s = calm.where(noise={"posture": 0.999, "forgive": 0.1})
    own = EAGER | {"forgive": 0.3, "provoked": 0.0, "steadfast": 0.0}
    assert not np.any(postures(s, **own))
    disputed = s.where(world={"level": both_ways(A, E, 2)})
    np.testing.assert_array_equal(postures(disputed, **own), both_ways(A, E, CONCILIATE))
    assert not np.any(postures(disputed, **own | {"forgive": 0.0}))


def test_the_hard_give_way_less(calm: Situation) -> None:
    s = calm.where(
        world={"level": both_ways(A, E, 2), "hard": on_pairs({(A, E): 1.0})},
        noise={"posture": 0.999, "forgive": 0.2},
    )
    own = EAGER | {"forgive": 0.3, "provoked": 0.0}
    firm = postures(s, **own, steadfast=1.0)
    np.testing.assert_array_equal(firm, on_pairs({(E, A): CONCILIATE}))
    meek = postures(s, **own, steadfast=0.0)
    np.testing.assert_array_equal(meek, both_ways(A, E, CONCILIATE))


@in_any_world
def test_caution_never_presses_more(seed: int) -> None:
    s = scrambled(seed)
    bold, careful = (postures(s, caution=c) == PRESS for c in (0.1, 0.9))
    assert not np.any(careful & ~bold)


@in_any_world
def test_the_deterred_press_less_and_the_stronger_more(seed: int) -> None:
    s = scrambled(seed).where(
        params={"rules.escalate.deterrence": 1.0, "rules.perceive.learning": 0.0}
    )
    own = {"caution": 0.8}
    base = postures(s, **own) == PRESS
    feared = s.where(world={"credence": 1.0})
    assert not np.any((postures(feared, **own) == PRESS) & ~base)
    stronger = s.where(world={"belief": s.world.belief - 3.0})
    assert not np.any(base & ~(postures(stronger, **own) == PRESS))


def test_full_deterrence_and_full_caution_stop_every_press(calm: Situation) -> None:
    s = calm.where(
        world={
            "posture": both_ways(A, E, PRESS),
            "credence": 1.0,
            "belief": 50.0,
        },
        params={"rules.escalate.deterrence": 1.0, "rules.perceive.learning": 0.0},
        noise=LUCK,
    )
    assert postures(s, **EAGER)[at(A, E)] == PRESS
    assert not np.any(postures(s, **EAGER | {"caution": 1.0}) == PRESS)


RESOLVE = {"resist_hard": 0.9, "resist_soft": 0.3, "stand_hard": 0.8, "stand_soft": 0.2}
"""Of these a draw of 0.5 parts the hard from the soft."""


@pytest.mark.parametrize(("hard", "answer"), [(1.0, HOLD), (0.0, CONCILIATE)])
def test_who_is_challenged_gives_way_unless_it_resists(
    calm: Situation, hard: float, answer: int
) -> None:
    s = calm.where(
        world={"stage": on_pairs({(A, E): CHALLENGED}), "hard": hard, "level": both_ways(A, E, 2)},
        noise={"posture": 0.999, "forgive": 0.5},
    )
    own = EAGER | RESOLVE | {"provoked": 0.0}
    assert postures(s, **own)[at(E, A)] == answer
    assert postures(s, **own | {"forgive": 1.0})[at(E, A)] == answer  # who resists forgives nothing
    answering = s.where(world={"posture": on_pairs({(A, E): PRESS})}, noise={"posture": 0.0})
    pressing = postures(answering, **own)[at(E, A)]
    assert pressing == (PRESS if hard else CONCILIATE)  # who resists may answer in kind


@pytest.mark.parametrize(("hard", "third"), [(1.0, PRESS), (0.0, CONCILIATE)])
def test_who_is_resisted_stands_or_backs_down(calm: Situation, hard: float, third: int) -> None:
    s = calm.where(
        world={"stage": on_pairs({(A, E): RESISTED}), "hard": hard, "credence": 1.0},
        params={"rules.escalate.deterrence": 1.0, "rules.escalate.balance": 0.0},
        noise={"posture": 0.5, "forgive": 0.5},
    )
    own = EAGER | RESOLVE | {"provoked": 0.0, "retaliate": 0.0}
    assert postures(s, **own)[at(A, E)] == third
    assert postures(s, **own | {"caution": 0.5})[at(A, E)] == CONCILIATE  # 0.8 x (1 - 0.5)
