"""Quality by maker: production and shipments bring it, stocks and roads mix it, fire uses it."""

import numpy as np
import pytest
from worlds import (
    A_TO_B,
    A_TO_D,
    AMMUNITION,
    D_TO_C,
    E_TO_C,
    MISSILE,
    SHELL,
    A,
    B,
    C,
    Situation,
    cells,
    in_any_world,
    scrambled,
)

import sim
from sim.engines import reference
from sim.rules.build import build
from sim.rules.fight import fight
from sim.rules.move import move
from sim.rules.perceive import made_quality, power, quality, strength, sustained_fire

BY_MAKER = {"rules.perceive.by_maker": 1.0}
BY_HOLDER = {"rules.perceive.by_maker": 0.0}


def test_what_a_state_begins_with_it_made_itself() -> None:
    scenario = sim.load("northeast_asia_2023", ["priors=none"])
    world = scenario.world()
    np.testing.assert_array_equal(world.grade, made_quality(scenario.params(), world))
    assert np.ptp(world.grade[:, SHELL]) > 0.1


def test_quality_lies_between_the_holder_s_and_the_maker_s_by_its_coefficient(
    calm: Situation,
) -> None:
    s = calm.where(world={"grade": 0.3})
    own = s.run(made_quality)
    np.testing.assert_array_equal(s.where(params=BY_HOLDER).run(quality), own)
    np.testing.assert_allclose(s.where(params=BY_MAKER).run(quality), 0.3, rtol=1e-12)
    half = s.where(params={"rules.perceive.by_maker": 0.5}).run(quality)
    np.testing.assert_allclose(half, 0.5 * own + 0.15)


@in_any_world
def test_by_the_holder_no_grade_changes_fire_or_strength(seed: int) -> None:
    s = scrambled(seed).where(params=BY_HOLDER)
    other = s.where(world={"grade": 0.1})
    for rule in (quality, power, strength):
        np.testing.assert_array_equal(s.run(rule), other.run(rule))
    np.testing.assert_array_equal(s.run(fight)[0].losses, other.run(fight)[0].losses)


def test_fire_and_power_use_the_quality_of_the_stock(calm: Situation) -> None:
    s = calm.where(params=BY_MAKER)
    poor, good = (s.where(world={"grade": cells(s.world.grade, {(B, SHELL): x})}) for x in (0.2, 1))
    lost = [x.run(fight)[0].losses for x in (poor, good)]
    assert lost[1][C] > lost[0][C]
    assert lost[1][B] == lost[0][B]
    assert good.run(power)[B] > poor.run(power)[B]
    clever = poor.where(world={"tech": 1.0})
    np.testing.assert_array_equal(clever.run(fight)[0].losses, lost[0])


def test_power_weighs_the_depot_s_quality_and_industry_s_by_what_each_gives(
    calm: Situation,
) -> None:
    weeks = float(calm.params.rules.perceive.sustained)
    s = calm.where(
        params=BY_MAKER | {"states.alpha": 1.0, "states.baseline_fire": 0.0},
        world={"stock": 0.0, "capacity": 0.0},
    )
    s = s.where(
        world={
            "stock": cells(s.world.stock, {(B, SHELL): 30.0 * weeks}),
            "capacity": cells(s.world.stock, {(B, SHELL): 10.0}),
            "grade": 0.4,
            "tech": cells(s.world.tech, {(B, AMMUNITION): 1.0}),
        }
    )
    lethality = s.params.munitions.lethality[SHELL]
    assert s.run(sustained_fire)[B, SHELL] == pytest.approx(40.0)
    assert s.run(power)[B] == pytest.approx(lethality * (30.0 * 0.4 + 10.0 * 1.0))


def test_what_arrives_is_mixed_in_by_amount(calm: Situation) -> None:
    """Two suppliers of CCC; one leg left each, all of it at hand in a week."""
    last = calm.params.wiring.last
    transit, grade = np.zeros_like(calm.world.transit), np.zeros_like(calm.world.transit)
    for route, amount, good in ((D_TO_C, 300.0, 0.9), (E_TO_C, 100.0, 0.5)):
        leg = int(np.argmax(last[:, route]))
        transit[leg, route, SHELL], grade[leg, route, SHELL] = amount, good
    s = calm.where(
        world={
            "transit": transit,
            "transit_grade": grade,
            "shipment": 0.0,
            "stock": cells(calm.world.stock, {(C, SHELL): 600.0}),
            "grade": cells(calm.world.grade, {(C, SHELL): 0.6}),
        },
        params={"routes.time": 1.0, "routes.capacity": 1e9, "states.unusable_share": 0.0},
    )
    after = s.run(move)[0]
    assert after.stock[C, SHELL] == pytest.approx(1000.0)
    assert after.grade[C, SHELL] == pytest.approx(0.6 * 0.6 + 0.3 * 0.9 + 0.1 * 0.5)
    others = np.ones(s.world.grade.shape, bool)
    others[C, SHELL] = False
    np.testing.assert_array_equal(after.grade[others], s.world.grade[others])


def test_a_shipment_takes_the_grade_of_its_supplier_s_stock_along(calm: Situation) -> None:
    s = calm.where(
        world={
            "shipment": cells((5, 3), {(A_TO_B, SHELL): 200.0}),
            "grade": cells(calm.world.grade, {(A, SHELL): 0.35}),
            "transit": cells(np.zeros_like(calm.world.transit), {(0, A_TO_B, SHELL): 600.0}),
            "transit_grade": 0.8,
        },
        params={"routes.time": 2.0, "routes.capacity": 1e9, "rules.move.interdiction": 0.0},
    )
    after = s.run(move)[0]
    assert after.transit[0, A_TO_B, SHELL] == pytest.approx(500.0)
    assert after.transit_grade[0, A_TO_B, SHELL] == pytest.approx((300 * 0.8 + 200 * 0.35) / 500)
    np.testing.assert_array_equal(after.transit_grade[:, A_TO_D], s.world.transit_grade[:, A_TO_D])
    empty = s.where(world={"transit": 0.0}).run(move)[0]
    assert empty.transit_grade[0, A_TO_B, SHELL] == pytest.approx(0.35)


def test_production_brings_the_maker_s_quality(calm: Situation) -> None:
    s = calm.where(
        action={"procurement.build": cells((5, 3), {(B, SHELL): 50.0, (C, SHELL): -40.0})},
        world={
            "stock": 150.0,
            "capacity": 60.0,
            "treasury": 1e6,
            "grade": 0.2,
            "tech": cells(calm.world.tech, {(B, AMMUNITION): 1.0}),
        },
        params={"rules.build.retirement": 0.0},
    )
    after = s.run(build)[0]
    assert after.grade[B, SHELL] == pytest.approx((150.0 * 0.2 + 50.0 * 1.0) / 200.0)
    assert after.grade[C, SHELL] == pytest.approx(0.2)  # what is scrapped is as good as the rest
    assert after.grade[A, MISSILE] == pytest.approx(0.2)
    bare = s.where(world={"stock": 0.0}).run(build)[0]
    assert bare.grade[B, SHELL] == pytest.approx(1.0)
    assert bare.grade[A, SHELL] == pytest.approx(0.2)


def test_where_all_makers_are_alike_it_is_the_old_rule() -> None:
    """Nobody learns, all are at one level: the holder's quality and the makers' are one."""
    level = {"ammunition": 0.6, "missile": 0.6}
    codes = sim.load("northeast_asia_2023").states
    alike = [f"states.{code}.tech={level}".replace("'", "") for code in codes]
    still = [f"technologies.{name}.{key}=0" for name in level for key in ("growth", "research")]
    still += [f"technologies.{name}.per_trial=0" for name in level]
    still += ["rules.learn.absorption=0", "weeks=26", "priors=none", "rules.learn.feedback=0"]
    base = sim.load("northeast_asia_2023", [*alike, *still])
    maker, holder = (base.with_(f"rules.perceive.by_maker={x}") for x in (1, 0))
    for one, two in zip(reference.weeks(maker, 3, 0), reference.weeks(holder, 3, 0), strict=True):
        np.testing.assert_allclose(one.world.losses, two.world.losses, rtol=1e-9)
        np.testing.assert_allclose(one.world.stock, two.world.stock, rtol=1e-9, atol=1e-6)
        held = (one.world.stock > 0.0) & (one.world.grade > 0.0)
        np.testing.assert_allclose(one.world.grade[held], 0.8, rtol=1e-9)


def test_unusable_and_poor_are_two_things(calm: Situation) -> None:
    leg = int(np.argmax(calm.params.wiring.last[:, A_TO_B]))
    transit = cells(np.zeros_like(calm.world.transit), {(leg, A_TO_B, SHELL): 100.0})
    s = calm.where(
        world={"transit": transit, "transit_grade": 0.7, "stock": 0.0, "shipment": 0.0},
        params={"routes.time": 1.0, "routes.capacity": 1e9},
    )
    whole, half = (s.where(params={"states.unusable_share": x}).run(move)[0] for x in (0.0, 0.5))
    assert half.stock[B, SHELL] == pytest.approx(0.5 * whole.stock[B, SHELL])
    assert half.grade[B, SHELL] == pytest.approx(0.7) == whole.grade[B, SHELL]
