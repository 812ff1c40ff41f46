"""Single terms of desks, each of which could be turned without another test's notice.

Mutants found them (`experiments/mutants.py`). Each test holds what the term says.
"""

from dataclasses import replace

import numpy as np
import pytest
from worlds import (
    SHELL,
    A,
    B,
    E,
    Situation,
    at,
    both_ways,
    cells,
    filled,
    on_pairs,
)

from sim.desks import brinkmanship, crisis, diplomacy, perfect_deterrence, training, transfer
from sim.world import CHALLENGED, PRESS, WAR

pytestmark = pytest.mark.usefixtures("unchecked")

AE, EA = at(A, E), at(E, A)


@pytest.mark.parametrize("acts", [0.5, 1.0, 3.0])
def test_provocation_is_full_at_one_act(calm: Situation, acts: float) -> None:
    s = calm.where(
        world={"embargo": 0.0, "provocation": cells((5,), {A: acts}), "tension": 1.0},
        params={"desks.crisis.tit_for_tat.provoked": 0.2},
    )
    mood = crisis.temper(s.params.desks["crisis"]["tit_for_tat"], s.seen, s.params)
    assert mood.urge[EA] == pytest.approx(0.2 * s.params.relations.stake[EA] * min(acts, 1.0))


def test_boldness_is_weighed_on_every_rung_and_once_below_the_first(calm: Situation) -> None:
    own = {"desks.crisis.tit_for_tat.caution": 0.5}
    for level in range(WAR):
        s = calm.where(params=own, world={"level": both_ways(A, E, level)})
        mood = crisis.temper(s.params.desks["crisis"]["tit_for_tat"], s.seen, s.params)
        assert mood.fear[AE] > 0.0
        assert mood.bold[AE] == pytest.approx((1.0 - mood.fear[AE]) ** (1 + level))


def test_a_press_without_a_stake_is_not_answered(calm: Situation) -> None:
    s = calm.where(world={"posture": PRESS}, params={"relations.stake": on_pairs({(A, E): 0.5})})
    mood = crisis.temper(s.params.desks["crisis"]["tit_for_tat"], s.seen, s.params)
    np.testing.assert_array_equal(mood.answer, s.params.relations.stake > 0.0)


@pytest.mark.parametrize(("exposed", "embargo"), [(20.0, 0.0), (-20.0, 1.0)])
def test_exposure_or_an_embargo_makes_guilty(
    calm: Situation, exposed: float, embargo: float
) -> None:
    """AAA's dealings are unlawful through the embargo on BBB, or on itself."""
    s = calm.where(
        world={"exposure": exposed, "embargo": cells((5,), {A: embargo, B: 1.0 - embargo})}
    )
    own = s.params.desks["diplomacy"]["enforcer"]
    assert s.seen.embargoed[A] == embargo
    assert diplomacy.charge(own, s.seen, s.params).guilty[0, A]


def test_affinity_at_the_bound_is_not_unfriendly(calm: Situation) -> None:
    s = calm.where(world={"affinity": -0.1}, params={"desks.diplomacy.enforcer.unfriendly": -0.1})
    own = s.params.desks["diplomacy"]["enforcer"]
    assert not np.any(diplomacy.charge(own, s.seen, s.params).unfriendly)


def test_a_firm_protege_deters_by_the_weighed_balance(calm: Situation) -> None:
    """Who would rather fight than give way resists for certain: only the balance is left."""
    firm = {"d_dd_soft": 0.1, "d_dd_hard": 0.3, "d_dc": 0.0, "d_cd": 0.6}
    own = {f"desks.crisis.perfect_deterrence.{name}": value for name, value in firm.items()}
    s = calm.where(params=own | {"rules.escalate.deterrence": 0.4, "rules.escalate.balance": 1.0})
    payoffs = s.params.desks["crisis"]["perfect_deterrence"]
    for mine in (True, False):
        play = perfect_deterrence.equilibrium(payoffs, s.seen, s.params, mine)
        power_ = s.seen.balance if mine else s.params.wiring.pair.back(s.seen.balance)
        np.testing.assert_allclose(play.met, 0.4 * power_)


def test_who_is_challenged_begins_no_challenge_of_its_own(calm: Situation) -> None:
    s = calm.where(
        world={"stage": on_pairs({(E, A): CHALLENGED}), "hard": 1.0, "credence": 0.0, "level": 0},
        params={"rules.escalate.deterrence": 0.0, "relations.commitment": 0.0},
        noise={"posture": 0.0},
    )
    part = filled(s, "crisis", "perfect_deterrence", occasion=1.0)
    assert part.press_if_hard[AE] == 0.0
    free = filled(s.where(world={"stage": 0}), "crisis", "perfect_deterrence", occasion=1.0)
    assert free.press_if_hard[AE] == 1.0


def test_there_is_nothing_to_conciliate_without_a_dispute(calm: Situation) -> None:
    for level, kind in ((0, 0), (1, -1)):
        s = calm.where(world={"trust": 1.0, "level": both_ways(A, E, level)})
        assert filled(s, "crisis", "assurance").posture[AE] == kind


def test_only_what_is_needed_can_be_short(calm: Situation) -> None:
    """A surplus of what nobody needs is none: output rests at that of peace."""
    plan = cells((5, 3), {(A, SHELL): 0.5})
    s = calm.where(
        params={"states.war_plan": plan},
        world={"expenditure": 0.0, "stock": 0.0, "level": 0},
    )
    built = filled(s, "procurement", "surge_in_war", peace=0.25, enough=520.0).build
    np.testing.assert_allclose(built[A], s.world.capacity[A] * [1.0, 0.25, 0.25])


def test_none_trains_nobody(calm: Situation) -> None:
    calendar = replace(calm.seen, calendar=np.ones_like(calm.seen.calendar))
    seen = replace(calendar, alone=np.ones_like(calm.seen.alone))
    part = training.none(None, seen, calm.noise, calm.params)
    assert not np.any(part.exercise)
    assert not np.any(part.alone)


def test_help_makes_a_protege_s_conflict_part_hard(calm: Situation) -> None:
    """By the chance of help: conflict = h d_dd_hard + (1 - h) d_dd_soft, and c_t by it."""
    own = {"d_cd": 0.6, "d_dd_hard": 0.3, "d_dc": 0.0, "d_dd_soft": -0.5}
    s = calm.where(params={f"desks.crisis.perfect_deterrence.{k}": x for k, x in own.items()})
    payoffs = s.params.desks["crisis"]["perfect_deterrence"]
    for held in (0.25, 0.5):
        seen = replace(s.seen, backing=np.full(5, held))
        found = perfect_deterrence.equilibrium(payoffs, seen, s.params, True).doubt
        conflict = held * 0.3 + (1.0 - held) * -0.5
        np.testing.assert_allclose(found, 0.6 / (0.6 - conflict))


@pytest.mark.parametrize(("watched", "weight"), [(0.0, 0.5), (1.0, 1.0)])
def test_the_risk_of_the_law_is_half_where_nobody_watches(
    calm: Situation, watched: float, weight: float
) -> None:
    s = calm.where(world={"monitor": watched, "embargo": 1.0})
    s = s.where(params={"desks.transfer.opportunist.legal_risk": 2.0})
    found = transfer.terms(s.params.desks["transfer"]["opportunist"], s.seen, s.params)
    np.testing.assert_allclose(found.legal_risk, -2.0 * weight * s.seen.unlawful)
    assert np.any(s.seen.unlawful > 0.0)


def test_an_answer_rises_with_the_root_of_what_is_at_stake(calm: Situation) -> None:
    s = calm.where(
        world={"posture": PRESS},
        params={
            "relations.stake": on_pairs({(A, E): 0.25}),
            "desks.crisis.tit_for_tat.retaliate": 0.8,
        },
    )
    mood = crisis.temper(s.params.desks["crisis"]["tit_for_tat"], s.seen, s.params)
    assert mood.urge[AE] == pytest.approx(0.8 * 0.5)


def test_caution_is_that_of_who_presses(calm: Situation) -> None:
    bold, careful = (
        calm.where(params={"desks.crisis.brinkmanship.caution": caution})
        for caution in (np.zeros(5), cells((5,), {A: 0.5}))
    )
    before, after = (
        brinkmanship.urge(s.params.desks["crisis"]["brinkmanship"], s.seen, s.params)
        for s in (bold, careful)
    )
    assert careful.seen.deterrence[AE] > 0.0
    assert after[AE] == pytest.approx(before[AE] * (1.0 - 0.5 * careful.seen.deterrence[AE]))
    assert before[EA] > 0.0
    assert after[EA] == before[EA]


def test_who_fears_war_reckons_with_its_own_burden_and_the_others_with_theirs(
    calm: Situation,
) -> None:
    s = calm.where(params={"desks.crisis.brinkmanship.burden": cells((5,), {A: 30.0})})
    reckoned = brinkmanship.war(s.params.desks["crisis"]["brinkmanship"], s.seen, s.params)
    assert reckoned.cost[AE] > 0.0 == reckoned.cost[EA]
    assert reckoned.bound[EA] > 0.0 == reckoned.bound[AE]
