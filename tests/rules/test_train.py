"""Train: readiness and interoperability are made and lost, and each exercise counts once."""

from dataclasses import replace

import numpy as np
import pytest
from worlds import A, B, C, D, E, Situation, at, cells, in_any_world, scrambled

from sim.rules.deterrence import stake_at_risk
from sim.rules.train import alarm, convene, train
from sim.world import EXERCISES, FORCE, WAR

COMMAND_POST, AIR, NAVAL, FIELD = range(len(EXERCISES))
Held = tuple[int, int, int]
"""Host, guest (a state with itself: alone) and kind."""


def wishes(held: dict[Held, float]) -> dict[str, np.ndarray]:
    """What the training desks fill for these to be wanted by the first of the two states."""
    joint = {(at(i, j), kind): size for (i, j, kind), size in held.items() if i != j}
    alone = {(i, kind): size for (i, j, kind), size in held.items() if i == j}
    return {
        "training.exercise": cells((20, len(EXERCISES)), joint),
        "training.alone": cells((5, len(EXERCISES)), alone),
    }


def told(i: int, j: int) -> np.ndarray:
    """One exercise of these: those alone are counted first, then those of pairs, once."""
    return cells((25,), {i if i == j else 5 + at(i, j): 1.0})


def holding(calm: Situation, *held: Held) -> Situation:
    """States that want these exercises on both sides, among friends, with nothing wearing off."""
    return calm.where(
        action=wishes(dict.fromkeys([*held, *[(j, i, kind) for i, j, kind in held]], 1.0)),
        world={"affinity": calm.params.wiring.off},
        params={"rules.train.readiness_decay": 0.0, "rules.train.interop_decay": 0.0},
    )


def test_without_exercises_readiness_falls_or_rises_to_its_floor(calm: Situation) -> None:
    s = calm.where(
        world={"readiness": [0.9, 0.6, 0.3, 0.1, 0.0]},
        params={"rules.train.readiness_floor": 0.3, "rules.train.readiness_decay": 0.05},
    )
    after = s.weeks(train, 20).readiness
    np.testing.assert_allclose(after, 0.3 + 0.95**20 * (s.world.readiness - 0.3), rtol=1e-12)
    np.testing.assert_allclose(s.weeks(train, 600).readiness, 0.3, atol=1e-12)


def test_without_exercises_interoperability_fades(calm: Situation) -> None:
    s = calm.where(params={"rules.train.interop_decay": 0.1})
    np.testing.assert_allclose(s.weeks(train, 10).interop, 0.9**10 * s.world.interop)
    assert not np.any(calm.run(train)[1]["exercise"])
    assert not np.any(calm.run(train)[0].drill)


@in_any_world
def test_readiness_and_interoperability_stay_shares_and_symmetric(seed: int) -> None:
    s = scrambled(seed)
    after = s.run(train)[0]
    for share in (after.readiness, after.interop):
        assert np.all((share >= 0.0) & (share <= 1.0))
    np.testing.assert_array_equal(after.interop, s.params.wiring.pair.back(after.interop))
    assert np.all(after.drill >= 0.0)


@in_any_world
def test_larger_exercises_never_train_less(seed: int) -> None:
    s = scrambled(seed)
    desk = s.action.training
    larger = {"training.exercise": 1.5 * desk.exercise, "training.alone": 1.5 * desk.alone}
    more = s.where(action=larger)
    before, after = s.run(train)[0], more.run(train)[0]
    for name in ("readiness", "interop", "drill"):
        assert np.all(getattr(after, name) >= getattr(before, name) - 1e-12), name


def test_one_exercise_with_two_partners_counts_once(calm: Situation) -> None:
    one, two = (holding(calm, *held) for held in ([(D, E, AIR)], [(D, E, AIR), (D, C, AIR)]))
    ready = two.run(train)[0].readiness
    assert ready[D] == one.run(train)[0].readiness[D] > calm.world.readiness[D]
    assert ready[C] == ready[E] == ready[D]
    weight, extra = calm.params.rules.train.weight[AIR], calm.params.rules.train.partners
    assert one.run(train)[0].drill[D] == pytest.approx(weight * (1.0 + extra))
    assert two.run(train)[0].drill[D] == pytest.approx(weight * (1.0 + 2.0 * extra))
    assert two.run(train)[0].drill[C] == pytest.approx(weight * (1.0 + extra))
    plain = two.where(params={"rules.train.partners": 0.0})
    assert plain.run(train)[0].drill[D] == pytest.approx(weight)


def test_kinds_add_up(calm: Situation) -> None:
    s = holding(calm, (A, A, AIR), (A, A, FIELD))
    gain = calm.params.rules.train.readiness
    missing = (1.0 - calm.world.readiness[A]) * np.exp(-gain[AIR] - gain[FIELD])
    assert s.run(train)[0].readiness[A] == pytest.approx(1.0 - missing)


def test_it_takes_two_and_the_smaller_wish_is_held(calm: Situation) -> None:
    s = holding(calm, (D, E, NAVAL))

    def wanted(one: float, other: float) -> Situation:
        return s.where(action=wishes({(D, E, NAVAL): one, (E, D, NAVAL): other}))

    refused = wanted(1.0, 0.0).run(train)
    np.testing.assert_array_equal(refused[0].readiness, s.world.readiness)
    np.testing.assert_array_equal(refused[0].interop, s.world.interop)
    assert not np.any(refused[0].drill)
    assert not np.any(refused[1]["exercise"])
    small, other = wanted(0.5, 1.0).run(train)[0], wanted(0.5, 0.5).run(train)[0]
    for name in ("readiness", "interop", "drill"):
        np.testing.assert_array_equal(getattr(small, name), getattr(other, name))
    held = s.run(train)[1]["exercise"]
    np.testing.assert_array_equal(held, told(D, E))


def test_who_does_not_get_on_does_not_train_together(calm: Situation) -> None:
    s = holding(calm, (A, D, FIELD), (A, A, AIR)).where(
        world={"affinity": -0.5}, params={"rules.train.accepts": 0.1}
    )
    after, events = s.run(train)
    assert after.interop[at(A, D)] == 0.0
    np.testing.assert_array_equal(events["exercise"], told(A, A))
    assert after.readiness[A] > s.world.readiness[A]
    assert after.readiness[D] == s.world.readiness[D]


def test_an_exercise_alone_joins_nobody(calm: Situation) -> None:
    s = holding(calm, (B, B, FIELD))
    after = s.run(train)[0]
    np.testing.assert_array_equal(after.interop, s.world.interop)
    assert after.drill[B] == pytest.approx(float(calm.params.rules.train.weight[FIELD]))
    assert not np.any(after.drill[[A, C, D, E]])


@pytest.mark.parametrize("field", ["readiness", "interop"])
def test_with_no_gain_nothing_is_gained(calm: Situation, field: str) -> None:
    s = holding(calm, (D, E, AIR)).where(params={f"rules.train.{field}": 0.0})
    np.testing.assert_array_equal(getattr(s.run(train)[0], field), getattr(s.world, field))


def test_who_fights_does_not_forget_as_in_barracks(calm: Situation) -> None:
    s = calm.where(world={"readiness": 0.9}, params={"rules.train.readiness_floor": 0.3})
    old, spared, kept = (
        s.where(params={"rules.train.experience": x, "rules.train.readiness_decay": 0.1})
        .run(train)[0]
        .readiness
        for x in (0.0, 0.75, 1.0)
    )
    np.testing.assert_allclose(old, 0.84)
    np.testing.assert_allclose(spared[[B, C]], 0.885)
    np.testing.assert_allclose(kept[[B, C]], 0.9)
    np.testing.assert_array_equal(spared[[A, D, E]], old[[A, D, E]])


def calendar(s: Situation, week: int = 1, length: int = 2) -> np.ndarray:
    """Whether the calendar's exercise of A, due in week 1 of the year, is held."""
    drills = s.params.agenda.first.shape[0]
    due = s.where(
        params={
            "agenda.first": np.full(drills, 1),
            "agenda.length": np.full(drills, length),
            "agenda.opener": np.full(drills, A),
        }
    )
    return convene(due.params, due.world, np.asarray(week), due.noise)


def test_an_exercise_is_held_as_often_as_is_said_and_only_when_it_opens(calm: Situation) -> None:
    s = calm.where(
        params={"rules.train.held": 0.7, "agenda.terms": -1.0},
        world={"convened": 0.0, "week": 3},
    )
    lucky, unlucky = (s.where(noise={"convene": draw}) for draw in (0.69, 0.71))
    assert np.all(calendar(lucky) == 1.0)
    assert np.all(calendar(unlucky) == 0.0)
    assert np.all(calendar(lucky, week=2) == 0.0)  # called off last week
    assert np.all(calendar(unlucky.where(world={"convened": 1.0}), week=2) == 1.0)
    first = lucky.where(world={"week": 0})
    assert np.all(calendar(first, week=2) == 1.0)  # under way as the world begins
    assert np.all(calendar(first, week=3) == 0.0)  # over


def test_states_train_together_once_all_of_them_are_on_terms(calm: Situation) -> None:
    """A, B and C: entries of one exercise, each a pair of it."""
    pairs = np.asarray([at(A, B), at(A, C), at(B, C)])
    agenda = replace(
        calm.params.agenda,
        first=np.ones(3, np.int64),
        length=np.ones(3, np.int64),
        opener=np.full(3, A),
        partners=pairs,
        parts=np.tile(np.arange(3), (3, 1)),
        terms=np.full(3, 0.4),
    )
    friends = calm.params.wiring.off * 0.5
    s = calm.where(params={"rules.train.held": 1.0}, world={"affinity": friends})
    world = replace(s.world, convened=np.zeros(3))
    s = replace(s, params=replace(s.params, agenda=agenda), world=world)
    np.testing.assert_array_equal(convene(s.params, s.world, np.asarray(1), s.noise), 1.0)
    apart = s.where(world={"affinity": cells(friends, {(B, C): 0.3, (C, B): 0.3})})
    np.testing.assert_array_equal(convene(apart.params, apart.world, np.asarray(1), s.noise), 0.0)
    exact = apart.where(params={"agenda.terms": np.full(3, 0.3)})
    np.testing.assert_array_equal(convene(exact.params, exact.world, np.asarray(1), s.noise), 1.0)


@in_any_world
def test_alarm_remembers_the_worst_that_a_rival_did(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.train.memory": 0.25, "rules.train.dispute": 2.0})
    pair, risk = s.params.wiring.pair, stake_at_risk(s.params, s.world)
    level = np.where(s.world.level < WAR, s.world.level, 0)
    acts = risk * (pair.toward(s.world.provocation) + 2.0 * level / FORCE)
    for i in range(5):
        worst = max(acts[at(i, j)] for j in range(5) if j != i)
        expected = 0.75 * s.world.alarm[i] + 0.25 * worst
        assert alarm(s.params, s.world)[i] == pytest.approx(expected, rel=1e-12)
    forgetful = s.where(params={"rules.train.memory": 0.0})
    np.testing.assert_array_equal(alarm(forgetful.params, forgetful.world), s.world.alarm)
