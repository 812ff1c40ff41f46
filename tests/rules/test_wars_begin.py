"""How wars begin and spread: force, nuclear retaliation, promises."""

from typing import Any

import numpy as np
import pytest
from acting import OF, RULES, SURE, chance, facing, forceful, level_of, tense, war_chance
from worlds import A, B, C, D, E, Situation, at, both_ways, cells, in_any_world, on_pairs, scrambled

from sim.rules.deterrence import promises
from sim.rules.escalate import escalate, reliability
from sim.world import DISPLAY, FORCE, HOLD, PRESS, THREAT, WAR

pytestmark = pytest.mark.usefixtures("unchecked")


# Wars


def test_war_begins_by_a_hazard_in_a_week_with_an_act_of_force(calm: Situation) -> None:
    for postures in ((PRESS, HOLD), (HOLD, PRESS), (PRESS, PRESS)):
        assert war_chance(forceful(calm, *postures, war=0.3)) == pytest.approx(0.3, abs=1e-6)
    for milder in (THREAT, DISPLAY):
        s = forceful(calm, PRESS, PRESS, war=1.0).where(noise={"act": OF[milder]})
        assert level_of(s.where(noise={"war": 0.0})) == milder
    # what was done before is not done again
    old = facing(calm, HOLD, HOLD, FORCE, war=1.0).where(noise={"war": 0.0, "level": 0.0})
    assert level_of(old) == FORCE
    one = forceful(calm, PRESS, PRESS, war=0.3)
    mixed = one.where(noise={"act": on_pairs({(A, E): OF[THREAT], (E, A): OF[FORCE]})})
    assert war_chance(mixed) == pytest.approx(0.3, abs=1e-6)


def test_unweighed_deterrence_is_weighed_at_the_last_step_too(calm: Situation) -> None:
    s = forceful(calm, PRESS, HOLD, war=0.5, ladder=0.5)
    s = s.where(
        params={"relations.commitment": 0.0},
        world={"credence": on_pairs({(A, E): 0.8})},
        noise={"level": 0.0},
    )
    assert war_chance(s) == pytest.approx(0.5 * 0.6, abs=1e-6)
    weighed = s.where(action={"crisis.weighed": 1.0})
    assert war_chance(weighed) == pytest.approx(0.5, abs=1e-6)


@in_any_world
def test_reliability_is_that_of_the_weakest_links(seed: int) -> None:
    s = scrambled(seed)
    found, armed = s.run(reliability), s.params.states.nuclear > 0.0
    assert np.all((found >= 0.0) & (found <= 1.0))
    assert not np.any(found[~armed])
    ready = s.where(world={"tech": 1.7})
    np.testing.assert_allclose(ready.run(reliability), armed, rtol=1e-12)
    free = s.where(params={"technologies.deterrent": 0.0})
    np.testing.assert_array_equal(free.run(reliability), armed.astype(float))
    none = s.where(params={"technologies.deterrent": cells((4,), {1: 1.0})}, world={"tech": 0.0})
    assert not np.any(none.run(reliability))
    better = s.where(world={"tech": s.world.tech + 0.1})
    assert np.all(better.run(reliability) >= found)


def test_reliability_multiplies_over_what_it_needs(calm: Situation) -> None:
    s = calm.where(
        params={"technologies.deterrent": cells((4,), {0: 0.5, 1: 1.0}), "states.nuclear": 1.0},
        world={"tech": cells((5, 4), {(A, 0): 0.6, (A, 1): 0.7, (E, 0): 3.0, (E, 1): 1.0})},
    )
    np.testing.assert_allclose(s.run(reliability)[[A, E]], [0.8 * 0.7, 1.0], rtol=1e-12)


@pytest.mark.parametrize("armed", [(A, E), (A,), (E,), ()])
def test_nuclear_retaliation_holds_back_whom_it_would_hit(
    calm: Situation, armed: tuple[int, ...]
) -> None:
    """AAA's arms would work by a half, EEE's by nine tenths; one alone holds nobody back."""

    def held(mine: int, theirs: int) -> float:
        s = forceful(calm, mine, theirs, war=0.5, nuclear_restraint=0.8).where(
            params={
                "technologies.deterrent": cells((4,), {1: 1.0}),
                "states.nuclear": cells((5,), dict.fromkeys(armed, 1.0)),
            },
            world={"tech": cells((5, 4), {(A, 1): 0.5, (E, 1): 0.9})},
        )
        return 1.0 - war_chance(s) / 0.5

    both = float(len(armed) == 2)
    assert held(PRESS, HOLD) == pytest.approx(both * 0.8 * 0.9, abs=1e-6)
    assert held(HOLD, PRESS) == pytest.approx(both * 0.8 * 0.5, abs=1e-6)
    assert held(PRESS, PRESS) == pytest.approx(both * 0.8 * 0.9, abs=1e-6)


# Promises: DDD is bound to EEE and to CCC, and EEE to DDD


def attacked(calm: Situation, attacker: int, victim: int, **params: Any) -> Situation:
    """One uses force against another and that is war; the others are at peace."""
    told = {RULES + name: value for name, value in params.items()}
    return calm.where(
        action={"crisis.posture": on_pairs({(attacker, victim): PRESS})},
        world={"level": 0, "hostility": 0, "week": 1},
        params=SURE | {RULES + "war": 1.0} | told,
        noise={"act": OF[FORCE], "war": 0.0, "join": 0.0},
    )


def bound(s: Situation, protector: int, protege: int) -> float:
    """What the protector's word to its protege is worth."""
    wiring = s.params.wiring
    of = (np.asarray(wiring.protector) == protector) & (np.asarray(wiring.protege) == protege)
    return float(s.run(promises)[of][0])


def joins(s: Situation) -> set[tuple[int, int]]:
    """Who joins against whom."""
    world, events = s.run(escalate)
    pair = s.params.wiring.pair
    for place in np.flatnonzero(events["joined"]):
        assert world.level[place] == world.level[pair.reverse[place]] == WAR
        assert world.hostility[place] == world.hostility[pair.reverse[place]] == WAR
    found = np.flatnonzero(events["joined"])
    return {(int(pair.actor[place]), int(pair.target[place])) for place in found}


@pytest.mark.parametrize(
    ("attacker", "victim", "joined"),
    [
        (A, E, {(D, A)}),
        (A, C, {(D, A)}),
        (A, D, {(E, A)}),
        (E, A, set()),  # nobody is bound to an attacker, or to AAA
        (D, C, set()),  # nor against itself
        (D, E, set()),
        (E, C, {(D, E)}),  # it is bound to both, but CCC is attacked
    ],
)
def test_protectors_join_against_who_attacks_their_proteges(
    calm: Situation, attacker: int, victim: int, joined: set[tuple[int, int]]
) -> None:
    s = attacked(calm, attacker, victim)
    assert joins(s) == joined
    assert not joins(s.where(params={"relations.commitment": 0.0}))
    assert not joins(s.where(noise={"war": 0.999}, params={RULES + "war": 0.5}))
    assert s.run(escalate)[0].level[at(attacker, victim)] == WAR


def test_a_promise_is_kept_as_often_as_it_is_worth(calm: Situation) -> None:
    s = attacked(calm, A, E)
    found = chance(s, "join", lambda x: (D, A) in joins(x))
    assert 0.0 < found < 1.0
    assert found == pytest.approx(bound(s, D, E), abs=1e-6)
    two = s.where(action={"crisis.posture": on_pairs({(A, E): PRESS, (A, C): PRESS})})
    worth = min(1.0, bound(s, D, E) + bound(s, D, C))
    assert chance(two, "join", lambda x: (D, A) in joins(x)) == pytest.approx(worth, abs=1e-6)


def test_one_s_own_luck_decides_whether_one_joins(calm: Situation) -> None:
    s = attacked(calm, A, E)
    for lucky in range(5):
        draw = s.where(noise={"join": cells(np.ones(5), {lucky: 0.0})})
        assert joins(draw) == ({(D, A)} if lucky == D else set())


def test_an_incident_that_becomes_a_war_calls_both_sides_protectors(calm: Situation) -> None:
    s = tense(calm, war=1.0).where(noise={"incident": 0.0, "war": 0.0, "join": 0.0})
    assert joins(s) == {(D, A)}  # nobody is bound to AAA
    other = s.where(params={"relations.stake": on_pairs({(C, E): 1.0})}, world={"tension": 1.0})
    assert joins(other) == {(D, C), (D, E)}


@pytest.mark.parametrize(("week", "joined"), [(0, {(D, B)}), (1, set())])
def test_the_wars_of_a_scenario_call_at_its_start(
    calm: Situation, week: int, joined: set[tuple[int, int]]
) -> None:
    s = calm.where(world={"week": week}, params=SURE, noise={"join": 0.0})
    assert joins(s) == joined


def test_who_is_at_war_already_does_not_join_anew(calm: Situation) -> None:
    s = attacked(calm, A, E).where(
        world={"level": WAR * both_ways(A, D), "hostility": WAR * both_ways(A, D)}
    )
    assert not joins(s)
    assert s.run(escalate)[0].level[at(A, D)] == WAR
