"""Assurance: trust above the threshold cooperates, below it does not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
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

from sim.rules.challenge import challenge
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, WAR

RULE = "assurance"
PAYOFFS = {"reward": 1.0, "temptation": 0.7, "punishment": 0.3, "sucker": 0.0, "occasion": 1.0}
ENOUGH = 0.3 / (0.3 + 0.3)


def posture(s: Situation, **own: Any) -> int:
    return int(filled(s, "crisis", RULE, **PAYOFFS | own).posture[at(A, E)])


def trusting(calm: Situation, trust: float, level: int = 0, **world: Any) -> Situation:
    """AAA trusts EEE that far, in a dispute at that level."""
    return calm.where(
        world={
            "trust": on_pairs({(A, E): trust}),
            "level": both_ways(A, E, level),
            **world,
        },
        noise={"posture": 0.5},
    )


@pytest.mark.parametrize(("level", "kind"), [(0, HOLD), (1, CONCILIATE), (4, CONCILIATE)])
def test_trust_above_the_threshold_cooperates_and_below_does_not(
    calm: Situation, level: int, kind: int
) -> None:
    assert posture(trusting(calm, ENOUGH + 1e-9, level)) == kind
    assert posture(trusting(calm, ENOUGH - 1e-9, level)) == PRESS


@given(
    sucker=st.floats(-5.0, 0.0),
    fear=st.floats(0.01, 5.0),
    greed=st.floats(-5.0, -0.01),
    trust=st.floats(0.0, 1.0),
)
def test_it_does_what_is_worth_more(
    calm: Situation, sucker: float, fear: float, greed: float, trust: float
) -> None:
    """Kydd's comparison itself, with T = R + greed and P = S + fear."""
    own = {"reward": 1.0, "temptation": 1.0 + greed, "punishment": sucker + fear, "sucker": sucker}
    cooperate = trust * own["reward"] + (1.0 - trust) * own["sucker"]
    defect = trust * own["temptation"] + (1.0 - trust) * own["punishment"]
    if abs(cooperate - defect) > 1e-9:
        expected = HOLD if cooperate > defect else PRESS
        assert posture(trusting(calm, trust), **own) == expected


def test_an_exploiter_presses_whom_it_trusts_and_fear_alone_needs_trust(calm: Situation) -> None:
    assert posture(trusting(calm, 0.999), temptation=1.1) == PRESS
    assert posture(trusting(calm, 0.0), punishment=0.0) == HOLD  # nothing to fear


def test_who_distrusts_presses_on_occasion_where_it_has_a_stake(calm: Situation) -> None:
    s = trusting(calm, 0.1)
    assert posture(s, occasion=0.6) == PRESS
    assert posture(s, occasion=0.4) == HOLD
    assert posture(s.where(params={"relations.stake": 0.0})) == HOLD
    on = s.where(world={"stage": on_pairs({(A, E): CHALLENGED})})
    assert posture(on, occasion=0.0) == PRESS


@in_any_world
def test_more_trust_never_presses_more(seed: int) -> None:
    s = scrambled(seed)
    own = {"reward": 1.0, "temptation": 0.8}
    more = s.where(world={"trust": 0.5 + 0.5 * s.world.trust})
    few, many = (filled(x, "crisis", RULE, **own).posture == PRESS for x in (more, s))
    assert not np.any(few & ~many)


def test_exercises_not_held_assure(calm: Situation) -> None:
    """Rivals that call their exercises off are trusted again, sooner than by quiet alone."""
    told = {"rules.escalate.drill_trusted": 0.1, "rules.escalate.drill_exploiting": 0.4}
    told["rules.escalate.trust_by_affinity"] = 0.0  # one prior for all
    s = calm.where(world={"trust": 0.2, "level": 0}, params=told)
    quiet, busy = (s.where(world={"drill": cells((5,), {E: x})}) for x in (0.0, 1.0))
    deaf = quiet.where(params={"rules.escalate.drill_trusted": 0.4})
    after = [x.weeks(challenge, 4).trust[at(A, E)] for x in (busy, deaf, quiet)]
    assert after == sorted(after)
    assert after[0] < 0.2 < after[1] < after[2]
    assert quiet.weeks(challenge, 4).trust[at(A, D)] == pytest.approx(after[2])


@in_any_world
def test_a_belligerent_holds(seed: int) -> None:
    s = scrambled(seed)
    assert not np.any(filled(s, "crisis", RULE).posture[s.world.level == WAR])
