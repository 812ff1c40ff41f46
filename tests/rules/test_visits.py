"""Visits that arise by themselves, and treaties: their hazards, their limits, what they do."""

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
    on_pairs,
    one_pair,
    symmetric,
    visiting,
)

from sim.rules.relate import relate
from sim.rules.trade import trade
from sim.world import TIMETABLE

OFF = 1.0 - np.eye(5)


# Visits


def hosts(calm: Situation, draw: float, **coefficients: float) -> np.ndarray:
    """Who visits whom where every draw is the same and nobody shares a rival but A and B."""
    s = calm.where(
        params={f"rules.escalate.{name}": value for name, value in coefficients.items()},
        world={"affinity": symmetric(A, B, 0.6) + symmetric(C, D, -0.6), "tension": 0.0},
        noise={"visit": draw},
    )
    return s.seen.visits


def test_friends_visit_each_other_by_a_hazard_and_others_do_not(calm: Situation) -> None:
    chance = 1.0 - np.exp(-0.5 * 0.6)
    none, both = np.zeros((5, 5)), symmetric(A, B, 1.0)
    np.testing.assert_array_equal(hosts(calm, chance - 1e-9, visits=0.5), both)
    np.testing.assert_array_equal(hosts(calm, chance + 1e-9, visits=0.5), none)
    np.testing.assert_array_equal(hosts(calm, 2.0**-33, visits=0.0), none)


def test_a_common_rival_brings_the_estranged_to_talk(calm: Situation) -> None:
    s = calm.where(
        params={"rules.escalate.visits": 0.5},
        world={"affinity": symmetric(D, E, -0.3), "tension": cells((5, 5), {(D, A): 0.9})},
    )
    both = s.where(world={"tension": cells((5, 5), {(D, A): 0.9, (E, A): 0.9})})
    chance = 1.0 - np.exp(-0.5 * (0.81 - 0.3))
    for draw, expected in ((chance - 1e-9, 1.0), (chance + 1e-9, 0.0)):
        luck = {"visit": cells(np.ones((5, 5)), {(D, E): draw})}
        found = both.where(noise=luck).seen.visits
        np.testing.assert_array_equal(found, cells((5, 5), {(D, E): expected}))
        assert not np.any(s.where(noise=luck).seen.visits)


@pytest.mark.parametrize(("guest", "host"), [(A, B), (B, A)])
@pytest.mark.parametrize("week", [0, 3])
def test_none_arises_while_the_timetable_has_one_of_the_two(
    calm: Situation, guest: int, host: int, week: int
) -> None:
    eager = {"affinity": 1.0 - np.eye(5), "week": 3}
    s = calm.where(params={"rules.escalate.visits": 1.0}, world=eager, noise={"visit": 2.0**-33})
    everybody = 1.0 - np.eye(5)
    np.testing.assert_array_equal(s.seen.visits, everybody)
    dated = visiting(s, guest, host).where(params={"agenda.week": 3 + week})
    others = everybody - symmetric(A, B, 1.0)
    met = cells((5, 5), {(guest, host): 1.0}) if week == 0 else 0.0
    np.testing.assert_array_equal(dated.seen.visits, others + met)
    past = dated.where(params={"agenda.week": 2})
    np.testing.assert_array_equal(past.seen.visits, everybody)


def test_none_arises_where_both_ways_are_dated(calm: Situation) -> None:
    s = visiting(calm, A, B).where(
        params={
            "agenda.call": one_pair(A, B) * one_pair(B, A),
            "agenda.week": 3,
            "rules.escalate.visits": 10.0,
        },
        world={"affinity": OFF, "week": 0},
        noise={"visit": 2.0**-33},
    )
    np.testing.assert_array_equal(s.seen.visits, OFF - symmetric(A, B, 1.0))


def test_a_visit_that_arises_does_what_a_dated_one_does(calm: Situation) -> None:
    s = calm.where(world={"affinity": symmetric(A, B, 0.5)}, params={"rules.trade.agreement": 0.1})
    luck = {"visit": cells(np.ones((5, 5)), {(A, B): 2.0**-33})}
    arisen = s.where(params={"rules.escalate.visits": 1.0}, noise=luck)
    dated = visiting(s, A, B)
    for rule in (relate, trade):
        (here, seen), (there, told) = arisen.run(rule), dated.run(rule)
        for name in ("affinity", "talks"):
            np.testing.assert_array_equal(getattr(here, name), getattr(there, name))
        for kind in seen:
            np.testing.assert_array_equal(seen[kind], told[kind])
    assert arisen.run(relate)[0].affinity[A, B] > s.run(relate)[0].affinity[A, B]
    assert arisen.run(trade)[0].talks[A_TO_B] == 1.0
    assert s.run(trade)[0].talks[A_TO_B] < 1.0
    assert arisen.run(relate)[1]["visit"][A, B] == 1.0


def waiting(calm: Situation, hazard: float = 0.5) -> Situation:
    """No alliance is in force; DDD and EEE are friends with a rival, AAA, in common."""
    tension = cells((5, 5), {(D, A): 0.8, (E, A): 0.5})
    return calm.where(
        world={"pact": 0.0, "affinity": symmetric(D, E, 0.6), "tension": tension, "week": 3},
        params={"rules.escalate.treaty": hazard, "relations.stake": 0.5, "agenda.week": 0},
    )


def signs(s: Situation) -> bool:
    """Whether the mutual alliance of DDD and EEE, and no other, comes into force."""
    world, events = s.run(relate)
    wiring = s.params.wiring
    ours = wiring.protector + wiring.protege == D + E
    made = bool(np.all(world.pact[ours] == 1.0))
    np.testing.assert_array_equal(world.pact, 1.0 * (ours & made))
    np.testing.assert_array_equal(events["treaty"], on_pairs({(D, E): 1.0} if made else {}))
    return made


def test_a_treaty_comes_by_affinity_and_a_common_rival(calm: Situation) -> None:
    s = waiting(calm)
    chance = 1.0 - np.exp(-0.5 * 0.6 * 0.8 * 0.5)
    assert signs(s.where(noise={"treaty": chance - 1e-3}))
    lucky = s.where(noise={"treaty": 1e-12})
    assert signs(lucky)
    for idle in (
        s.where(noise={"treaty": chance + 1e-3}),
        waiting(calm, 0.0).where(noise={"treaty": 0.0}),
        lucky.where(world={"affinity": 0.0}),
        lucky.where(world={"affinity": symmetric(D, E, -0.6)}),
        lucky.where(world={"tension": 0.0}),
    ):
        assert not signs(idle)


def test_a_treaty_in_the_timetable_is_waited_for_and_kept(calm: Situation) -> None:
    kind = cells((len(TIMETABLE), 1), {(TIMETABLE.index("treaty"), 0): 1.0})
    for ends in ((D, E), (E, D)):
        call = one_pair(*ends)
        dated = {"agenda.entry": kind, "agenda.call": call, "agenda.week": 3}
        s = waiting(calm).where(params=dated, noise={"treaty": 0.0})
        assert not signs(s.where(world={"week": 2}))  # its day is to come
        assert signs(s)
        assert signs(s.where(params={"rules.escalate.treaty": 0.0}))
        assert not signs(s.where(world={"week": 4}, noise={"treaty": 0.999}))
        assert signs(s.where(world={"week": 4}))  # by chance again, once the date is past
    bound = waiting(calm).where(world={"pact": 1.0}, noise={"treaty": 0.0})
    world, events = bound.run(relate)
    assert np.all(world.pact == 1.0)
    assert not np.any(events["treaty"])
