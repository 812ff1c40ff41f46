"""Perceive: with no error all is known, and nothing else of another state's affairs is."""

from dataclasses import fields

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    D_TO_C,
    RECONNAISSANCE,
    SHELL,
    A,
    B,
    C,
    D,
    Situation,
    at,
    cells,
    in_any_world,
    one_pair,
    scrambled,
)

from sim.rules.perceive import LONGEST_SUPPLY, income, perceive, quality, strength
from sim.world import EXERCISES, TIMETABLE

PRIVATE = ("stock", "expenditure", "capacity", "treasury", "force", "losses", "lessons", "tech")
"""What a state does not show: others only have their beliefs of it."""
PUBLIC = ("announced", "drill", "embargoed", "monitored", "suspicion", "test", "want")
"""What all see of a state."""


@in_any_world
def test_without_error_every_state_knows_every_strength(seed: int) -> None:
    s = scrambled(seed).where(
        params={f"rules.perceive.{name}": value for name, value in PERFECT.items()}
    )
    world, seen = s.run(perceive)
    true = s.run(strength)[s.params.wiring.pair.target]
    np.testing.assert_allclose(world.belief, true, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(seen.believed, world.belief)


PERFECT = {"noise": 0.0, "bias": 0.0, "learning": 1.0}
NO_BATTLE = {"rules.perceive.battle": 0.0}


@in_any_world
def test_with_no_learning_beliefs_about_others_stay(seed: int) -> None:
    s = scrambled(seed).where(params=NO_BATTLE | {"rules.perceive.learning": 0.0})
    np.testing.assert_array_equal(s.run(perceive)[0].belief, s.world.belief)


def error_of(s: Situation, belief: np.ndarray) -> np.ndarray:
    """By how much the actor of each pair overrates the target."""
    return belief - s.run(strength)[s.params.wiring.pair.target]


@in_any_world
def test_the_error_shrinks_by_the_share_learnt(seed: int) -> None:
    exact = {"rules.perceive.noise": 0.0, "rules.perceive.bias": 0.0}
    s = scrambled(seed).where(params=NO_BATTLE | exact)
    error, left = error_of(s, s.world.belief), error_of(s, s.run(perceive)[0].belief)
    kept = 1.0 - s.params.rules.perceive.learning
    np.testing.assert_allclose(left, kept * error, rtol=1e-9, atol=1e-12)


def test_the_worst_case_is_believed_by_those_who_assume_it(calm: Situation) -> None:
    bias = cells((5,), {A: 0.4, B: -0.2})
    told = (
        NO_BATTLE
        | {"states.perception_bias": bias}
        | {f"rules.perceive.{k}": v for k, v in PERFECT.items()}
    )
    for multiplier in (0.0, 1.0, 2.0):
        s = calm.where(params=told | {"rules.perceive.bias": multiplier})
        error = error_of(s, s.run(perceive)[0].belief)
        np.testing.assert_allclose(error, multiplier * bias[s.params.wiring.pair.actor], atol=1e-12)


def test_reconnaissance_narrows_the_noise(calm: Situation) -> None:
    s = calm.where(noise={"belief": 1.0}, params={"rules.perceive.learning": 1.0})

    def spread(level: float, by_reconnaissance: float) -> np.ndarray:
        tech = cells(s.world.tech, {(A, RECONNAISSANCE): level})
        clear = s.where(
            world={"tech": tech},
            params={"rules.perceive.by_reconnaissance": by_reconnaissance},
        )
        return error_of(clear, clear.run(perceive)[0].belief)[s.params.wiring.pair.actor == A]

    assert np.all(spread(0.9, 1.5) < spread(0.1, 1.5))
    np.testing.assert_allclose(spread(0.9, 0.0), spread(0.1, 0.0), rtol=1e-12)
    np.testing.assert_allclose(spread(0.0, 1.5), s.params.rules.perceive.noise, rtol=1e-12)


def test_quality_is_one_at_the_frontier_and_its_floor_at_nothing(calm: Situation) -> None:
    floor = float(calm.params.rules.perceive.quality_floor)
    assert np.all(calm.where(world={"tech": 1.0}).run(quality) == 1.0)
    assert np.all(calm.where(world={"tech": 0.0}).run(quality) == floor)
    blunt = calm.where(params={"rules.perceive.quality_floor": 1.0})
    assert np.all(blunt.run(quality) == 1.0)


@in_any_world
def test_nobody_sees_what_another_state_keeps_to_itself(seed: int) -> None:
    s = scrambled(seed).where(params=NO_BATTLE | {"rules.perceive.learning": 0.0})
    secret = seed % 5
    hidden = {
        name: cells(getattr(s.world, name), {secret: 0.5 * getattr(s.world, name)[secret] + 0.1})
        for name in PRIVATE
    }
    before, after = s.seen, s.where(world=hidden).seen
    others = np.arange(5) != secret
    for part in fields(before):
        one, two = getattr(before, part.name), getattr(after, part.name)
        if part.name == "cover":  # what the other faces as it believes: `perfect_deterrence` knows
            continue
        axis = part.type.dim_str.split()[:1]
        if axis == ["state"] and part.name not in PUBLIC:
            one, two = one[others], two[others]
        elif axis == ["pair"]:
            mine = s.params.wiring.pair.actor != secret
            one, two = one[mine], two[mine]
        np.testing.assert_array_equal(one, two, part.name)


@in_any_world
def test_a_route_is_unlawful_while_an_embargo_covers_either_end(seed: int) -> None:
    s = scrambled(seed)
    wiring = s.params.wiring
    for e, (i, j) in enumerate(zip(wiring.source, wiring.target, strict=True)):
        assert s.seen.unlawful[e] == max(s.world.embargo[i], s.world.embargo[j])


def test_the_embargo_of_one_state_leaves_other_routes_lawful(calm: Situation) -> None:
    law = calm.seen.unlawful
    assert law[A_TO_B] == law[A_TO_D] == 1.0
    assert law[D_TO_C] == 0.0


def test_supply_is_weeks_of_need_and_without_need_without_end(calm: Situation) -> None:
    s = calm.where(
        world={"stock": 100.0, "expenditure": 0.0},
        params={"states.war_plan": cells((5, 3), {(A, SHELL): 20.0})},
    )
    assert s.seen.supply[A, SHELL] == pytest.approx(5.0)
    assert s.seen.supply[B, SHELL] == LONGEST_SUPPLY
    nothing = s.where(world={"stock": 0.0}).seen.supply
    assert nothing[A, SHELL] == 0.0
    assert nothing[B, SHELL] == LONGEST_SUPPLY


@in_any_world
def test_sanctions_of_others_cost_income_and_never_all_of_it(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.sanction.cost": 0.3})
    free = s.where(world={"sanctions": 0.0}).run(income)
    full = s.where(world={"sanctions": s.params.wiring.off}).run(income)
    np.testing.assert_allclose(
        free, s.params.states.procurement_share * s.world.spending / 52.0, rtol=1e-12
    )
    assert np.all(s.run(income) <= free + 1e-15)
    assert np.all(s.run(income) >= full - 1e-15)
    np.testing.assert_allclose(full, 0.7 * free, rtol=1e-12)
    costless = s.where(params={"rules.sanction.cost": 0.0})
    np.testing.assert_array_equal(costless.run(income), free)


def test_the_timetable_speaks_in_its_week_alone(calm: Situation) -> None:
    visit = TIMETABLE.index("visit")
    told = {
        "agenda.week": 7,
        "agenda.entry": cells((len(TIMETABLE), 1), {(visit, 0): 2.0}),
        "agenda.call": one_pair(A, D),
        "agenda.calls": cells(np.ones((5, 1)), {A: 0}),
    }
    s = calm.where(params=told)
    agenda = s.params.agenda
    for week in (6, 7, 8):
        summons = s.where(world={"week": week}).seen.summons
        for kind in TIMETABLE:
            size = 2.0 * (week == 7 and kind == "visit")
            found = agenda.table(summons, kind)
            np.testing.assert_array_equal(found, cells((5, 5), {(A, D): size}))
            np.testing.assert_array_equal(agenda.of(summons, kind), cells((5,), {A: size}))


@pytest.mark.parametrize(
    ("those", "place", "seen"), [("joint", at(C, D), "calendar"), ("alone", C, "alone")]
)
def test_the_calendar_comes_back_every_year_and_may_cross_new_year(
    calm: Situation, those: str, place: int, seen: str
) -> None:
    air = EXERCISES.index("air")
    told = {
        "agenda.first": 51,
        "agenda.length": 2,
        f"agenda.{those}": cells(np.ones(20 if those == "joint" else 5), {place: 0}),
        "agenda.drill": cells((1, len(EXERCISES)), {(0, air): 0.5}),
        "agenda.week_of_year": 50,
    }
    s = calm.where(params=told)
    held = [
        getattr(s.where(world={"week": week, "convened": 1.0}).seen, seen) for week in range(56)
    ]
    assert [week for week, sizes in enumerate(held) if np.any(sizes)] == [1, 2, 53, 54]
    for week in (1, 2, 53, 54):
        np.testing.assert_array_equal(held[week], cells(held[0].shape, {(place, air): 0.5}))


@in_any_world
def test_suspicion_is_a_probability_and_never_of_lawful_dealings(seed: int) -> None:
    s = scrambled(seed)
    assert np.all((s.seen.suspicion >= 0.0) & (s.seen.suspicion <= 1.0))
    lawful = s.where(world={"embargo": 0.0})
    assert not np.any(lawful.seen.suspicion)
