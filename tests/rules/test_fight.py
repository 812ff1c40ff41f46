"""Fight: Lanchester's two laws on their discrete maps, shells that matter, wars that end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import (
    MISSILE,
    SHELL,
    A,
    B,
    C,
    D,
    Situation,
    at,
    both_ways,
    cells,
    in_any_world,
    on_pairs,
    one_pair,
    scrambled,
    small,
)

from sim.rules.fight import fight
from sim.rules.perceive import small_fire, volley
from sim.world import TIMETABLE, WAR

TO_THE_END = {f"rules.fight.{name}": 0.0 for name in ("exhaustion", "defeat", "settlement")}
NO_RECRUITS = {"rules.fight.mobilisation": 0.0} | TO_THE_END


def duel(
    calm: Situation, forces: tuple[float, float], fires: tuple[float, float], omega: float
) -> Situation:
    """BBB and CCC at war with small arms alone: fires are losses inflicted a soldier a week."""
    return calm.where(
        world={"force": cells((5,), {B: forces[0], C: forces[1]}), "stock": 0.0},
        params={
            "states.baseline_fire": cells((5,), {B: fires[0], C: fires[1]}),
            "states.alpha": 1.0,
            "rules.fight.omega": omega,
            **NO_RECRUITS,
        },
    )


rates = st.tuples(st.floats(0.001, 0.05), st.floats(0.001, 0.05))
sizes = st.tuples(st.floats(100.0, 500.0), st.floats(100.0, 500.0))


@settings(max_examples=15)
@given(sizes, rates)
def test_aimed_fire_is_the_square_law(
    forces: tuple[float, float], fires: tuple[float, float]
) -> None:
    """Each week dx = -b y, dy = -a x: a matrix, under which a x^2 - b y^2 shrinks by 1 - ab."""
    a, b = fires
    s = duel(small(), forces, fires, omega=0.0)
    step = np.asarray([[1.0, -b], [-a, 1.0]])
    weeks = 4  # both sides stand that long at these rates
    left = s.weeks(fight, weeks).force[[B, C]]
    np.testing.assert_allclose(left, np.linalg.matrix_power(step, weeks) @ forces, rtol=1e-9)
    start = a * forces[0] ** 2 - b * forces[1] ** 2
    assert a * left[0] ** 2 - b * left[1] ** 2 == pytest.approx(
        (1.0 - a * b) ** weeks * start, rel=1e-6, abs=1e-6
    )


@settings(max_examples=15)
@given(sizes, st.tuples(st.floats(1e-5, 5e-4), st.floats(1e-5, 5e-4)))
def test_area_fire_is_the_linear_law(
    forces: tuple[float, float], fires: tuple[float, float]
) -> None:
    """Each week dx = -b x y, dy = -a x y: a x - b y stays as it was."""
    a, b = fires
    s = duel(small(), forces, fires, omega=1.0)
    x, y = s.weeks(fight, 20).force[[B, C]]
    assert a * x - b * y == pytest.approx(a * forces[0] - b * forces[1], rel=1e-9, abs=1e-9)
    first = s.run(fight)[0]
    assert first.losses[B] == pytest.approx(b * forces[0] * forces[1])


def test_the_stronger_by_the_square_law_is_left_standing(calm: Situation) -> None:
    """sqrt(x0^2 - (b/a) y0^2), to first order in the week."""
    s = duel(calm, (200.0, 100.0), (0.004, 0.006), omega=0.0)
    left = s.weeks(fight, 500).force[[B, C]]
    assert left[1] == pytest.approx(0.0, abs=1e-6)
    assert left[0] == pytest.approx(np.sqrt(200.0**2 - 1.5 * 100.0**2), rel=0.01)


@in_any_world
def test_losses_never_exceed_the_force_and_nobody_vanishes(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(fight)[0]
    lost = after.losses - s.world.losses
    assert np.all(lost >= 0.0)
    assert np.all(lost <= s.world.force + 1e-9)
    joined = s.world.manpower - after.manpower
    np.testing.assert_allclose(after.force, s.world.force - lost + joined, rtol=1e-9, atol=1e-9)
    assert np.all(after.force >= -1e-9)
    assert np.all(joined >= 0.0)
    assert np.all(after.manpower >= -1e-9)
    assert np.all(after.treasury >= 0.0)


@in_any_world
def test_nobody_fires_what_it_has_not_and_all_that_is_fired_is_counted(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(fight)[0]
    fired = after.expended - s.world.expended
    assert np.all(fired >= 0.0)
    assert np.all(fired <= s.world.stock * (1.0 + 1e-12))
    np.testing.assert_allclose(after.stock, s.world.stock - fired, rtol=1e-9, atol=1e-9)


@in_any_world
def test_at_peace_nothing_happens(seed: int) -> None:
    s = scrambled(seed)
    s = s.where(world={"level": np.minimum(s.world.level, WAR - 1)})
    after, events = s.run(fight)
    for name in ("stock", "force", "manpower", "treasury", "losses", "front", "level", "expended"):
        np.testing.assert_array_equal(getattr(after, name), getattr(s.world, name), name)
    assert not np.any(events["ceasefire"])


def test_a_war_touches_none_but_its_sides(calm: Situation) -> None:
    after = calm.run(fight)[0]
    for name in ("stock", "force", "losses", "treasury"):
        same = getattr(after, name) == getattr(calm.world, name)
        assert np.all(same[[A, D]]), name
    assert np.all(after.losses[[B, C]] > 0.0)


def test_more_shells_more_losses(calm: Situation) -> None:
    losses = []
    for shells in (0.0, 1e4, 1e5, 1e6):
        s = calm.where(world={"stock": cells(calm.world.stock, {(B, SHELL): shells})})
        after = s.run(fight)[0]
        losses.append(float(after.losses[C]))
        assert after.losses[B] == calm.run(fight)[0].losses[B]
    assert losses == sorted(set(losses))


def test_better_shells_more_losses(calm: Situation) -> None:
    poor, good = (
        calm.where(world={"tech": cells(calm.world.tech, {B: level})}).run(fight)[0]
        for level in (0.1, 0.9)
    )
    assert good.losses[C] > poor.losses[C]
    assert good.losses[B] == poor.losses[B]


def test_without_lethality_or_small_arms_nobody_is_hurt(calm: Situation) -> None:
    s = calm.where(params={"munitions.lethality": 0.0, "states.baseline_fire": 0.0})
    assert not np.any(s.run(fight)[0].losses)
    harmless = calm.where(params={"states.alpha": cells((5,), {C: 1.0})})
    after = harmless.run(fight)[0]
    assert after.losses[B] > 0.0
    assert after.losses[C] == 0.0


def fired(s: Situation) -> np.ndarray:
    return s.run(fight)[0].expended - s.world.expended


def test_without_rationing_all_that_is_wanted_is_fired(calm: Situation) -> None:
    s = calm.where(params={"rules.fight.ration": 0.0})
    wanted = s.params.states.fire_rate * s.world.force[:, None]
    np.testing.assert_allclose(fired(s)[[B, C]], wanted[[B, C]], rtol=1e-12)
    short = s.where(world={"stock": cells(s.world.stock, {(B, SHELL): 100.0, (B, MISSILE): 0.0})})
    assert fired(short)[B, SHELL] == 100.0
    assert fired(short)[B, MISSILE] == 0.0


def test_at_the_weeks_of_rationing_fire_is_halved(calm: Situation) -> None:
    wanted = calm.params.states.fire_rate * calm.world.force[:, None]
    s = calm.where(params={"rules.fight.ration": 3.0}, world={"stock": 3.0 * wanted})
    np.testing.assert_allclose(fired(s)[[B, C]], 0.5 * wanted[[B, C]], rtol=1e-12)
    more = [
        fired(s.where(params={"rules.fight.ration": r}))[B, SHELL] for r in (0.0, 1.0, 3.0, 9.0)
    ]
    assert more == sorted(more, reverse=True)


def test_a_second_front_divides_the_fire(calm: Situation) -> None:
    """BBB fires as much at two enemies as at one: each gets it as it has soldiers, 500 and 400."""
    level = calm.world.level + both_ways(B, D, WAR)
    two = calm.where(world={"level": level}, params=NO_RECRUITS).run(fight)[0]
    one = calm.where(params=NO_RECRUITS).run(fight)[0]
    assert two.losses[C] == pytest.approx(5 / 9 * one.losses[C])
    assert two.losses[D] == pytest.approx(4 / 9 * one.losses[C])
    np.testing.assert_array_equal(two.expended[B], one.expended[B])


def test_the_line_moves_to_the_side_that_fires_less(calm: Situation) -> None:
    after = calm.where(params={"rules.fight.advance": 2.0}).run(fight)[0]
    np.testing.assert_allclose(after.front, -calm.params.wiring.pair.back(after.front), atol=1e-12)
    shots = after.losses  # losses of the other side are the fire of the own
    assert after.front[at(B, C)] == pytest.approx(2.0 * np.log(shots[C] / shots[B]))
    still = calm.where(params={"rules.fight.advance": 0.0}).run(fight)[0]
    assert not np.any(still.front)


@in_any_world
def test_who_only_holds_gains_no_ground_by_mines(seed: int) -> None:
    """Without a share for it, more fire without shells kills more and moves no line."""
    pace = dict.fromkeys(("swing", "scatter", "assault"), 0.0) | {"advance": 2.0}
    own = {f"rules.fight.{name}": value for name, value in pace.items()}
    s = scrambled(seed).where(params=own)
    more = {"states.baseline_fire": 3.0 * s.params.states.baseline_fire + 1e-3}
    for share, moved in ((0.0, False), (1.0, True)):
        few = s.where(params={"rules.fight.without_shells": share})
        one, many = (x.run(fight)[0] for x in (few, few.where(params=more)))
        assert np.all(many.losses >= one.losses - 1e-12)
        assert moved or np.allclose(many.front, one.front, rtol=0.0, atol=1e-6)


def test_mines_gain_ground_as_far_as_the_share_says(calm: Situation) -> None:
    """Of B and C, in a war of their own."""
    s = calm.where(params={"rules.fight.advance": 1.0})
    _, whole = volley(s.params, s.world, np.ones(5))
    mines = s.params.states.alpha * small_fire(s.params, s.world)
    assert 0.0 < mines[C] < whole[C]
    for share in (0.0, 1 / 3, 1.0):
        after = s.where(params={"rules.fight.without_shells": share}).run(fight)[0]
        gain = {i: whole[i] - (1.0 - share) * mines[i] for i in (B, C)}
        assert after.front[at(B, C)] == pytest.approx(np.log(gain[B] / gain[C]))


def test_recruits_are_limited_by_gap_manpower_and_money(calm: Situation) -> None:
    def joined(**world: float) -> float:
        s = calm.where(
            world={name: cells(getattr(calm.world, name), {B: v}) for name, v in world.items()},
            params={
                "states.force_target": 1000.0,
                "rules.fight.mobilisation": 0.2,
                "rules.fight.soldier_cost": 0.02,
            },
        )
        after = s.run(fight)[0]
        assert after.treasury[B] == pytest.approx(
            s.world.treasury[B] - 0.02 * (s.world.manpower - after.manpower)[B], abs=1e-12
        )
        return float((s.world.manpower - after.manpower)[B])

    rich = joined(treasury=1e3, manpower=1e3)
    lost = float(calm.run(fight)[0].losses[B])
    assert rich == pytest.approx(0.2 * (1000.0 - 600.0 + lost))
    assert joined(treasury=1e3, manpower=5.0) == pytest.approx(5.0)
    assert joined(treasury=0.1, manpower=1e3) == pytest.approx(5.0)
    assert joined(treasury=0.0, manpower=1e3) == 0.0
    enough = calm.where(params={"rules.fight.mobilisation": 1.0, "states.force_target": 0.0})
    np.testing.assert_array_equal(enough.run(fight)[0].manpower, calm.world.manpower)
    none = calm.where(params=NO_RECRUITS | {"states.force_target": 1e4})
    np.testing.assert_array_equal(none.run(fight)[0].manpower, calm.world.manpower)


@pytest.mark.parametrize(("actor", "target"), [(B, C), (C, B)])
def test_a_ceasefire_of_the_timetable_ends_the_war(
    calm: Situation, actor: int, target: int
) -> None:
    s = calm.where(
        params={
            "agenda.week": 0,
            "agenda.entry": cells((len(TIMETABLE), 1), {(TIMETABLE.index("ceasefire"), 0): 1.0}),
            "agenda.call": one_pair(actor, target),
        }
    )
    after, events = s.run(fight)
    assert after.level[at(B, C)] == after.level[at(C, B)] < WAR
    np.testing.assert_array_equal(events["ceasefire"], on_pairs({(B, C): 1.0}))
    week_after = s.where(world={"week": 1})
    assert week_after.run(fight)[0].level[at(B, C)] == WAR


def test_the_exhausted_make_peace_and_the_fresh_fight_on(calm: Situation) -> None:
    def ends(lost: float, exhaustion: float) -> bool:
        s = calm.where(
            world={"losses": lost},
            params=TO_THE_END | {"rules.fight.exhaustion": exhaustion},
            noise={"ceasefire": 0.1},
        )
        return bool(s.run(fight)[0].level[at(B, C)] < WAR)

    assert ends(lost=1e5, exhaustion=1.0)
    assert not ends(lost=0.0, exhaustion=1.0)
    assert not ends(lost=1e5, exhaustion=0.0)


@in_any_world
def test_with_the_best_of_luck_a_war_that_nothing_ends_goes_on(seed: int) -> None:
    """Nobody is exhausted, would settle or is worn down to nothing, whatever the luck."""
    s = scrambled(seed).where(
        params=TO_THE_END | {"states.alpha": 0.0, "agenda.entry": 0.0}, noise={"ceasefire": 0.0}
    )
    np.testing.assert_array_equal(s.run(fight)[0].level, s.world.level)


def test_expenditure_remembers_what_was_fired(calm: Situation) -> None:
    s = calm.where(world={"expenditure": 0.0}, params={"rules.fight.memory": 0.25})
    np.testing.assert_allclose(s.run(fight)[0].expenditure, 0.25 * fired(s), rtol=1e-12)
    forgetful = s.where(params={"rules.fight.memory": 0.0})
    assert not np.any(forgetful.run(fight)[0].expenditure)
    before = s.where(world={"expenditure": 8.0})
    expected = 0.75 * 8.0 + 0.25 * fired(before)
    np.testing.assert_allclose(before.run(fight)[0].expenditure, expected, rtol=1e-12)
