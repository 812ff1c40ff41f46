"""Perfect deterrence: the unilateral game as it is in the book, and what goes beyond it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import (
    A,
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

from sim.desks import perfect_deterrence
from sim.rules.challenge import challenge
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, RESISTED, WAR

RULE = "perfect_deterrence"
AE, EA, DA = at(A, E), at(E, A), at(D, A)
CHALLENGER = {"c_dc": 1.0, "c_sq": 0.6, "c_dd_hard": 0.3, "c_cd": 0.1, "c_dd_soft": -0.5}
DEFENDER = {"d_cd": 1.0, "d_dd_hard": 0.4, "d_dc": 0.2, "d_dd_soft": -0.5}
D1, D2, CT = 0.4 / 0.9, 0.4 / 0.7, 0.8 / 1.5
SATISFIED = {"c_sq": np.asarray([0.6, 1.0, 1.0, 1.0, 1.0])}
"""Only AAA has anything to gain: the game is unilateral."""
PAYOFFS = CHALLENGER | DEFENDER | SATISFIED | {"occasion": 1.0}
ALONE = {
    "rules.escalate.deterrence": 1.0,
    "rules.escalate.balance": 0.0,
    "relations.commitment": 0.0,
}
"""Deterrence is credence: no protectors, and whoever resists prevails."""


def facing(
    calm: Situation, p: float, suspected: float, hard: float, draw: float = 0.5, **world: Any
) -> Situation:
    """AAA and EEE: AAA's credence of EEE is p, EEE's of AAA `suspected`; both of that type."""
    held = on_pairs({(A, E): p, (E, A): suspected})
    return calm.where(
        params=ALONE,
        world={
            "credence": held,
            "suspected": held,
            "hard": both_ways(A, E, hard),
            "level": 0,
            **world,
        },
        noise={"posture": draw},
    )


def posture(s: Situation, pair: int = AE, **own: Any) -> int:
    return int(filled(s, "crisis", RULE, **PAYOFFS | own).posture[pair])


def test_credence_deters_the_soft_first_and_then_the_hard(calm: Situation) -> None:
    """The soft need less resistance than the hard to be deterred, and each its own threshold."""
    for p, soft, hard in (
        (D1 - 1e-6, PRESS, PRESS),
        (D1 + 1e-6, HOLD, PRESS),
        (D2 - 1e-6, HOLD, PRESS),
        (D2 + 1e-6, HOLD, HOLD),
    ):
        assert posture(facing(calm, p, 0.9, hard=0.0)) == soft, p
        assert posture(facing(calm, p, 0.9, hard=1.0)) == hard, p


@pytest.mark.parametrize(("suspected", "bluffs"), [(CT + 1e-6, 1.0), (0.3, None)])
def test_the_soft_bluff_as_often_as_keeps_the_other_in_doubt(
    calm: Situation, suspected: float, bluffs: float | None
) -> None:
    x = bluffs or suspected * (1.0 - CT) / ((1.0 - suspected) * CT)
    below, above = (facing(calm, 0.2, suspected, 0.0, x + e) for e in (-1e-6, 1e-6))
    assert posture(below) == PRESS
    assert bluffs or posture(above) == HOLD
    if not bluffs:  # of those who challenge, the share of the hard is c_t
        assert suspected / (suspected + (1.0 - suspected) * x) == pytest.approx(CT)


def test_a_soft_defender_bluffs_back_until_a_challenge_meets_d1(calm: Situation) -> None:
    y = (D1 - 0.2) / 0.8
    assert 0.2 + 0.8 * y == pytest.approx(D1)
    challenged = {"stage": on_pairs({(A, E): CHALLENGED})}
    for draw, answer in ((y - 1e-6, HOLD), (y + 1e-6, CONCILIATE)):
        s = facing(calm, 0.2, 0.3, 0.0, draw, **challenged)
        assert posture(s, EA) == answer
    for p, suspected in ((0.2, CT + 0.01), (D1 + 0.01, 0.3), (0.9, 0.01)):
        s = facing(calm, p, suspected, 0.0, 1e-9, **challenged)
        assert posture(s, EA) == CONCILIATE  # a challenge off the path is taken for a hard one's
    assert posture(facing(calm, 0.2, 0.3, 1.0, 0.999, **challenged), EA) == HOLD


def test_who_is_challenged_answers_by_what_it_believed_before(calm: Situation) -> None:
    """The challenge itself has moved credence; the game is that of the week in which it began."""
    y = (D1 - 0.2) / 0.8
    challenged = {"stage": on_pairs({(A, E): CHALLENGED})}
    s = facing(calm, 0.2, 0.3, 0.0, 0.5 * y, **challenged)
    learnt = s.where(world={"credence": cells(s.world.credence, {EA: CT + 0.1})})
    assert posture(s, EA) == posture(learnt, EA) == HOLD
    believed = learnt.where(world={"suspected": cells(s.world.suspected, {EA: CT + 0.1})})
    assert posture(believed, EA) == CONCILIATE


def test_the_hard_stand_and_the_soft_back_down(calm: Situation) -> None:
    resisted = {"stage": on_pairs({(A, E): RESISTED})}
    for hard, third in ((1.0, PRESS), (0.0, CONCILIATE)):
        assert posture(facing(calm, 0.2, 0.3, hard, **resisted)) == third
    waiting = {"stage": on_pairs({(A, E): CHALLENGED})}
    assert posture(facing(calm, 0.2, 0.3, 0.0, **waiting)) == PRESS


def test_who_stands_goes_by_its_own_payoffs(calm: Situation) -> None:
    resisted = {"stage": on_pairs({(A, E): RESISTED})}
    s, conflict = facing(calm, 0.2, 0.3, 1.0, **resisted), CHALLENGER["c_dd_hard"]
    for who, third in ((A, CONCILIATE), (E, PRESS)):
        backing_down = cells(np.full(5, CHALLENGER["c_cd"]), {who: conflict + 0.1})
        assert posture(s, c_cd=backing_down) == third


def test_who_has_nothing_to_gain_or_no_stake_never_challenges(calm: Situation) -> None:
    s = facing(calm, 0.0, 0.0, 1.0, draw=1e-9)
    assert posture(s) == PRESS
    assert posture(s, EA) == HOLD
    assert posture(s, c_sq=1.0) == HOLD
    assert posture(s.where(params={"relations.stake": 0.0})) == HOLD
    assert posture(s, occasion=0.0) == HOLD


@in_any_world
def test_more_credence_never_brings_a_challenge(seed: int) -> None:
    s = scrambled(seed).where(params=ALONE, world={"stage": 0})
    before, mine = s.world.credence, s.params.wiring.pair.actor == A
    more = np.where(mine, 0.5 + 0.5 * before, before)
    few, many = (
        filled(s.where(world={"credence": held}), "crisis", RULE, **PAYOFFS).posture == PRESS
        for held in (more, before)
    )
    assert not np.any(few[mine] & ~many[mine])


LAWFUL = st.lists(st.floats(-5.0, 5.0), min_size=5, max_size=5, unique_by=lambda x: round(x, 2))


@settings(max_examples=40)
@given(c=LAWFUL, d=LAWFUL, p=st.floats(0.0, 0.999), suspected=st.floats(0.001, 0.999))
def test_no_type_gains_by_deviating(
    calm: Situation, c: list[float], d: list[float], p: float, suspected: float
) -> None:
    """The plays are best replies to each other, whatever the lawful payoffs, credences aside."""
    c_dc, c_sq, c_hard, c_cd, c_soft = sorted(c, reverse=True)
    d_cd, d_hard, d_dc, d_soft, _ = sorted(d, reverse=True)
    one = dict(zip(CHALLENGER, (c_dc, c_sq, c_hard, c_cd, c_soft), strict=True))
    two = dict(zip(DEFENDER, (d_cd, d_hard, d_dc, d_soft), strict=True))
    one["c_sq"] = np.asarray([c_sq, c_dc, c_dc, c_dc, c_dc])
    s = facing(calm, p, suspected, 0.0).where(
        params={f"desks.crisis.{RULE}.{name}": value for name, value in (one | two).items()}
    )
    own = s.params.desks["crisis"][RULE]
    play = perfect_deterrence.equilibrium(own, s.seen, s.params, mine=True)
    back = perfect_deterrence.equilibrium(own, s.seen, s.params, mine=False)
    hard, soft, resists = float(play.hard[AE]), play.soft[AE], back.resists[EA]
    assert resists == play.resists[AE]  # both know the game
    met = p + (1.0 - p) * resists

    def best(chance: float, yes: float, no: float) -> None:
        """A choice made with that chance is the better one, or either if mixed."""
        scale = 1e-9 * (1.0 + abs(yes) + abs(no))
        assert chance == 0.0 or yes >= no - scale
        assert chance == 1.0 or no >= yes - scale

    best(hard, met * c_hard + (1.0 - met) * c_dc, c_sq)
    best(soft, met * c_cd + (1.0 - met) * c_dc, c_sq)
    came = suspected * hard + (1.0 - suspected) * soft
    posterior = suspected * hard / came if came > 0.0 else 1.0
    best(resists, posterior * d_soft + (1.0 - posterior) * d_cd, d_dc)


def test_where_both_may_gain_fear_of_the_other_hastens(calm: Situation) -> None:
    """Mutual: the less i trusts j, the less quiet is worth, and the more deters it."""
    between = D2 + 0.01
    s = facing(calm, between, 0.9, 1.0, trust=0.0)
    certain = {"rules.escalate.press_exploiting": 0.9999, "rules.escalate.press_trusted": 0.0001}
    s, both = s.where(params=certain), {"c_sq": 0.6, "d_cd": 0.6}
    assert posture(s, **both) == PRESS  # at quiet j would press
    assert posture(s.where(world={"trust": 1.0}), **both) == HOLD
    assert posture(s, d_cd=0.6) == HOLD  # EEE has nothing to gain


def test_a_protector_deters_makes_its_protege_resist_and_comes_to_help(calm: Situation) -> None:
    """Extended: DDD defends EEE; AAA challenges EEE."""
    protected = {"relations.commitment": 1.0, "rules.escalate.interop_weight": 0.0}
    s = facing(calm, 0.2, 0.9, 1.0, readiness=1.0)
    s = s.where(world={"credence": cells(s.world.credence, {at(A, D): 0.9})})
    assert posture(s) == PRESS
    assert posture(s.where(params=protected)) == HOLD
    challenged = {"stage": on_pairs({(A, E): CHALLENGED})}
    soft = s.where(world=challenged | {"hard": on_pairs({(D, A): 1.0})}, noise={"posture": 0.9})
    assert posture(soft, EA) == CONCILIATE
    assert posture(soft, DA) == HOLD
    helped = soft.where(params=protected)
    assert posture(helped, EA) == HOLD
    assert posture(helped, DA) == PRESS
    assert posture(helped.where(world={"hard": 0.0}), DA) == HOLD
    assert posture(helped.where(world={"readiness": 0.5}), DA) == HOLD  # the draw is 0.9


def armed(calm: Situation, mine: float, theirs: float, level: int = WAR - 1) -> Situation:
    """AAA and EEE with nuclear arms and that many strength points; nothing else deters."""
    s = facing(calm, 0.0, 0.9, 1.0, 1e-9, level=both_ways(A, E, level))
    points = {A: mine, E: theirs}
    return s.where(
        params={
            "states.nuclear": cells((5,), {A: 1.0, E: 1.0}),
            "munitions.value": cells((3,), {0: 1.0}),
            "rules.perceive.quality_floor": 1.0,
            "munitions.lethality": 0.0,
            "states.baseline_fire": 0.0,
            "rules.perceive.learning": 1.0,
            "rules.perceive.bias": 0.0,
        },
        world={"stock": cells((5, 3), {(who, 0): held for who, held in points.items()})},
    )


@pytest.mark.parametrize(("f", "v", "unacceptable"), [(0.5, 2.0, 60.0), (0.0, 1.0, 10.0)])
def test_what_a_first_strike_leaves_deters_from_the_last_rung(
    calm: Situation, f: float, v: float, unacceptable: float
) -> None:
    mine = 40.0
    needed = unacceptable / v + f * mine
    own = {"counterforce": f, "damage": v, "unacceptable": unacceptable}
    assert posture(armed(calm, mine, needed * (1.0 + 1e-9)), **own) == HOLD
    assert posture(armed(calm, mine, needed * (1.0 - 1e-9)), **own) == PRESS
    assert posture(armed(calm, mine, needed * 2.0, WAR - 2), **own) == PRESS  # lower rungs
    unarmed = armed(calm, mine, needed * 2.0).where(params={"states.nuclear": 0.0})
    assert posture(unarmed, **own) == PRESS


def test_a_whole_game_by_the_rules(calm: Situation) -> None:
    """The desk and `challenge` together: two hard states go through all three weeks."""
    s, told = facing(calm, 0.2, 0.9, 1.0), []
    for _ in range(3):
        crisis = filled(s, "crisis", RULE, **PAYOFFS)
        told.append((int(crisis.posture[AE]), int(crisis.posture[EA])))
        s = replace(s, action=replace(s.action, crisis=crisis))
        s = replace(s, world=s.run(challenge)[0])
    assert told == [(PRESS, HOLD)] * 3
    assert s.world.credence[EA] > 0.9  # it delivered


@in_any_world
def test_a_belligerent_holds_and_demands_nothing(seed: int) -> None:
    s = scrambled(seed)
    decided = filled(s, "crisis", RULE)
    assert not np.any(decided.posture[s.world.level == WAR])
    assert not np.any(decided.demand)
