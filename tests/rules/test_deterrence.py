"""Deterrence by will alone: what stands behind a state, and that each part of it counts.

What the balance of power adds is in `test_balance.py`.
"""

from dataclasses import replace

import numpy as np
import pytest
from worlds import (
    MAPPING,
    A,
    B,
    C,
    D,
    E,
    Situation,
    at,
    both_ways,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
)

from sim.rules.deterrence import allied_help, called, deterrence, stake_at_risk
from sim.rules.relate import relate
from sim.rules.train import train
from sim.scenario import from_mapping
from sim.world import CHALLENGED, QUIET, RESISTED

DRILLS = both_ways(D, E)[:, None] * np.ones(4)
ALL_OF_IT = {"rules.escalate.deterrence": 1.0, "rules.escalate.balance": 0.0}


@in_any_world
def test_deterrence_is_a_probability_and_never_less_than_credence(seed: int) -> None:
    s = scrambled(seed).where(params=ALL_OF_IT)
    faced = s.run(deterrence)
    assert np.all((faced >= 0.0) & (faced <= 1.0))
    assert np.all(faced >= s.world.credence - 1e-12)
    half = s.where(params={"rules.escalate.deterrence": 0.5})
    np.testing.assert_allclose(half.run(deterrence), 0.5 * faced, rtol=1e-12)


@in_any_world
def test_without_alliances_credence_is_all_there_is(seed: int) -> None:
    s = scrambled(seed).where(params=ALL_OF_IT | {"relations.commitment": 0.0})
    np.testing.assert_allclose(s.run(deterrence), s.world.credence, rtol=1e-12, atol=1e-15)
    assert not np.any(s.run(allied_help))


@in_any_world
def test_more_of_anything_deters_no_less(seed: int) -> None:
    s = scrambled(seed)  # whatever the weight of the balance
    base, helped = s.run(deterrence), s.run(allied_help)

    def nearer(x: np.ndarray) -> np.ndarray:
        return x + 0.5 * (1.0 - x)

    stronger = {
        "commitment": s.where(
            params={"relations.commitment": nearer(s.params.relations.commitment)}
        ),
        "readiness": s.where(world={"readiness": nearer(s.world.readiness)}),
        "interop": s.where(world={"interop": nearer(s.world.interop)}),
        "credence": s.where(world={"credence": nearer(s.world.credence)}),
    }
    for name, more in stronger.items():
        assert np.all(more.run(deterrence) >= base - 1e-12), name
        assert np.all(more.run(allied_help) >= helped - 1e-12), name


def guarded(calm: Situation, **world: np.ndarray | float) -> Situation:
    """AAA looks at CCC, which only DDD defends, with commitment 0.6."""
    ready = {"readiness": 0.5, "interop": 0.0, "credence": 0.4}
    return calm.where(
        world=ready | world, params=ALL_OF_IT | {"rules.escalate.interop_weight": 0.0}
    )


def test_a_protector_joins_as_a_second_refusal(calm: Situation) -> None:
    """1 - (1 - c)(1 - commitment c readiness)."""
    faced = guarded(calm).run(deterrence)
    assert faced[at(A, C)] == pytest.approx(1.0 - 0.6 * (1.0 - 0.6 * 0.4 * 0.5))
    assert faced[at(A, B)] == pytest.approx(0.4)  # nobody defends BBB


@pytest.mark.parametrize("missing", ["readiness", "credence"])
def test_an_absent_or_incredible_protector_is_none(calm: Situation, missing: str) -> None:
    gone = {
        "readiness": cells(np.full(5, 0.5), {D: 0.0}),
        "credence": cells(np.full(20, 0.4), {at(A, D): 0.0}),
    }[missing]
    assert guarded(calm, **{missing: gone}).run(deterrence)[at(A, C)] == pytest.approx(0.4)


def test_a_protector_does_not_stand_against_itself(calm: Situation) -> None:
    assert guarded(calm).run(deterrence)[at(D, C)] == pytest.approx(0.4)
    assert guarded(calm).run(deterrence)[at(E, C)] > 0.4


def test_interoperability_is_a_part_of_the_help(calm: Situation) -> None:
    def faced(weight: float, interop: float) -> float:
        s = guarded(calm, interop=both_ways(C, D, interop))
        return float(
            s.where(params={"rules.escalate.interop_weight": weight}).run(deterrence)[at(A, C)]
        )

    assert faced(0.0, 0.0) == faced(0.0, 1.0)
    assert faced(1.0, 0.0) == pytest.approx(0.4)
    assert faced(0.5, 0.0) < faced(0.5, 0.5) < faced(0.5, 1.0)
    assert faced(0.5, 1.0) == pytest.approx(faced(0.0, 0.0))


def test_protectors_refuse_independently(calm: Situation) -> None:
    """With two protectors the attacker must be let off by both."""
    promised = {"DDD": 0.6, "AAA": 0.3}
    two = [{"protector": i, "protege": "CCC", "commitment": x} for i, x in promised.items()]
    told = {"relations": MAPPING["relations"] | {"alliances": two}}
    given, s = from_mapping(MAPPING | told, "protectors").params(), guarded(calm)
    s = replace(s, params=replace(s.params, wiring=given.wiring, relations=given.relations))
    s = replace(s, world=replace(s.world, pact=np.ones(2)))
    let_off = (1.0 - 0.6 * 0.4 * 0.5) * (1.0 - 0.3 * 0.4 * 0.5)
    assert s.run(deterrence)[at(B, C)] == pytest.approx(1.0 - 0.6 * let_off)


def test_before_its_treaty_an_alliance_promises_nothing(calm: Situation) -> None:
    """All that an alliance does is as without it: help, deterrence, what a type is about."""
    s = guarded(calm).where(params={"relations.at_stake": 0.9})
    waiting, none = s.where(world={"pact": 0.0}), s.where(params={"relations.at_stake": 0.0})
    none = none.where(params={"relations.commitment": 0.0})
    for rule in (allied_help, deterrence, stake_at_risk):
        np.testing.assert_array_equal(waiting.run(rule), none.run(rule))
        assert np.any(s.run(rule) != waiting.run(rule))
    assert not np.any(waiting.seen.commitment)
    assert np.any(s.seen.commitment)


def test_help_is_that_of_the_surest_protector(calm: Situation) -> None:
    help_ = guarded(calm).run(allied_help)
    np.testing.assert_allclose(help_, [0.0, 0.0, 0.6 * 0.5, 0.9 * 0.5, 0.9 * 0.5])


def test_a_promise_is_called_in_by_a_challenge_of_the_protege(calm: Situation) -> None:
    """AAA challenges CCC, which DDD defends with commitment 0.6; EEE, its ally too, does not."""
    s = guarded(calm, stage=on_pairs({(A, C): CHALLENGED}))
    expected = on_pairs({(D, A): 0.6 * 0.5})
    np.testing.assert_allclose(s.run(called), expected)
    np.testing.assert_array_equal(s.seen.called, s.run(called))
    for stage in (QUIET, RESISTED):
        other = guarded(calm, stage=on_pairs({(A, C): stage}))
        assert not np.any(other.run(called))


@in_any_world
def test_help_that_is_called_in_is_a_share(seed: int) -> None:
    due = scrambled(seed).run(called)
    assert np.all((due >= 0.0) & (due <= 1.0))


@pytest.mark.parametrize("switch", ["deterrence", "reassurance", "exercise_provocation"])
def test_one_exercise_deters_reassures_and_provokes_each_by_its_own(
    calm: Situation, switch: str
) -> None:
    """DDD and EEE exercise together: what it does to AAA and to EEE, with one effect left on."""
    effects = {"deterrence": 0.0, "reassurance": 0.0, "exercise_provocation": 0.0, switch: 1.0}
    s = calm.where(
        params={f"rules.escalate.{name}": value for name, value in effects.items()},
        action={"training.exercise": 2.0 * DRILLS},
        world={"credence": 0.5, "readiness": 0.3},
    )
    idle = s.where(action={"training.exercise": 0.0})
    trained, rested = (replace(x, world=x.run(train)[0]) for x in (s, idle))
    moved = {
        "deterrence": trained.run(deterrence)[at(A, E)] - rested.run(deterrence)[at(A, E)],
        "reassurance": trained.run(relate)[0].tension[E, A] - rested.run(relate)[0].tension[E, A],
        "exercise_provocation": trained.run(relate)[0].tension[A, D]
        - rested.run(relate)[0].tension[A, D],
    }
    signs = {"deterrence": 1.0, "reassurance": -1.0, "exercise_provocation": 1.0}
    for name, change in moved.items():
        if name == switch:
            assert change * signs[name] > 1e-3, name
        else:
            assert change == pytest.approx(0.0, abs=1e-12), name
