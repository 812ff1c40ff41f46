"""Brinkmanship: up to its rung, then Fearon's offer, and a public that remembers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import A, E, Situation, at, both_ways, filled, in_any_world, on_pairs, scrambled

from sim.desks import brinkmanship
from sim.rules.challenge import challenge
from sim.world import CHALLENGED, CONCILIATE, HOLD, PRESS, RESISTED, WAR

RULE = "brinkmanship"
AE, EA = at(A, E), at(E, A)
EAGER = {"nerve": 1.0, "caution": 0.0, "rung": 3.0, "burden": 20.0, "audience": 0.1}
EVEN = {"rules.perceive.learning": 0.0, "relations.stake": 1.0, "rules.fight.omega": 0.0}


def crisis_at(calm: Situation, level: int, lead: float = 0.0, **world: Any) -> Situation:
    """AAA and EEE at a level and full tension; each believes the lead that AAA has."""
    strength = calm.seen.strength
    return calm.where(
        params=EVEN,
        world={
            "level": both_ways(A, E, level),
            "tension": calm.params.wiring.off,
            "hard": 0.0,
            "belief": on_pairs({(A, E): strength[A] - lead, (E, A): strength[E] + lead}),
            **world,
        },
        noise={"posture": 0.5, "cost": 0.5},
    )


def decided(s: Situation, **own: Any) -> Any:
    return filled(s, "crisis", RULE, **EAGER | own)


def posture(s: Situation, pair: int = AE, **own: Any) -> int:
    return int(decided(s, **own).posture[pair])


def reckoned(s: Situation, **own: Any) -> tuple[float, float, float]:
    """AAA's chance, cost and the bound of EEE's cost."""
    s = s.where(params={f"desks.crisis.{RULE}.{k}": v for k, v in (EAGER | own).items()})
    found = brinkmanship.war(s.params.desks["crisis"][RULE], s.seen, s.params)
    return found.chance[AE], found.cost[AE], found.bound[AE]


def test_the_cost_of_a_war_is_drawn_from_nothing_to_twice_what_it_is_reckoned_at(
    calm: Situation,
) -> None:
    """All is demanded: worth a war is a chance of .6 to who draws a cost below it."""
    pairs = np.ones(len(calm.world.level))
    for cost, fights in ((0.2, 1.0), (0.4, 0.75), (0.6, 0.5), (1.2, 0.25)):
        war = brinkmanship.War(chance=0.6 * pairs, cost=cost * pairs, bound=pairs)
        gives = brinkmanship.accepts(replace(calm.seen, demanded=pairs), war)
        np.testing.assert_allclose(gives, 1.0 - fights)


@pytest.mark.parametrize("rung", range(WAR))
def test_it_presses_up_to_its_rung_and_makes_offers_from_there(calm: Situation, rung: int) -> None:
    for level in range(WAR):
        crisis = decided(crisis_at(calm, level), rung=float(rung))
        climbs = level < rung
        assert crisis.posture[AE] == (PRESS if climbs else HOLD), level
        assert (crisis.demand[AE] > 0.0) == (not climbs), level


def test_it_begins_more_often_where_more_is_at_stake_and_less_deters(calm: Situation) -> None:
    s = crisis_at(calm, 0)
    assert posture(s, nerve=0.6) == PRESS
    assert posture(s, nerve=0.4) == HOLD
    assert posture(s.where(world={"tension": 0.4})) == HOLD
    assert posture(s.where(params={"relations.stake": 0.4})) == HOLD
    feared = s.where(
        world={"credence": 1.0},
        params={"rules.escalate.deterrence": 1.0, "rules.escalate.balance": 0.0},
    )
    assert posture(feared) == PRESS
    assert posture(feared, caution=0.6) == HOLD


@settings(max_examples=30)
@given(lead=st.floats(-2.0, 2.0), burden=st.floats(1.0, 60.0), theirs=st.floats(1.0, 60.0))
def test_no_other_demand_is_worth_more(
    calm: Situation, lead: float, burden: float, theirs: float
) -> None:
    """Fearon: against a cost anywhere from 0 to the bound, x* is the best of all demands."""
    both = np.asarray([burden, 20.0, 20.0, 20.0, theirs])
    s = crisis_at(calm, 4, lead)
    p, cost, bound = reckoned(s, burden=both)
    x = decided(s, burden=both).demand[AE]

    def worth(demand: float) -> float:
        war = min(max((demand - p) / bound, 0.0), 1.0)
        return (1.0 - war) * demand + war * (p - cost)

    others = np.linspace(0.0, 1.0, 401)
    assert worth(x) >= max(worth(demand) for demand in others) - 1e-12
    if cost < bound and p + (bound - cost) / 2.0 <= 1.0:
        assert (x - p) / bound == pytest.approx((bound - cost) / (2.0 * bound))
    elif cost >= bound:
        assert x == pytest.approx(p)
    else:
        assert x == 1.0


def test_costs_are_those_of_the_fight_rule(calm: Situation) -> None:
    s = crisis_at(calm, 4, lead=0.7)
    p, cost, bound = reckoned(s)
    fire, force = s.seen.fire[A], s.world.force[A]
    assert p == pytest.approx(1.0 / (1.0 + np.exp(-0.7)))
    assert cost == pytest.approx(20.0 * fire * np.exp(-0.7) / force)
    assert bound == pytest.approx(40.0 * fire / (force * np.exp(-0.7)))
    area = s.where(params={"rules.fight.omega": 1.0})
    assert reckoned(area)[1:] == pytest.approx((20.0 * fire * np.exp(-0.7), 40.0 * fire))
    assert reckoned(s.where(world={"stock": 0.0}))[1] < cost  # no shells, less of a war
    assert reckoned(s, burden=40.0)[1] == pytest.approx(2.0 * cost)


def test_a_demand_is_met_if_war_at_todays_cost_is_worth_less(calm: Situation) -> None:
    s = crisis_at(calm, 3, stage=on_pairs({(A, E): CHALLENGED}))
    mine = brinkmanship.war(s.params.desks["crisis"][RULE], s.seen, s.params)
    own = {"burden": 0.1 / mine.cost[EA] * s.params.desks["crisis"][RULE].burden[E]}
    for asked, u, answer in (
        (0.55, 0.9, CONCILIATE),  # war is worth 0.5 - 2 x 0.9 x 0.1 = 0.32, what is left 0.45
        (0.55, 0.1, HOLD),  # 0.48
        (0.9, 0.9, HOLD),
        (0.4, 0.0, CONCILIATE),
    ):
        met = s.where(world={"demand": on_pairs({(A, E): asked})}, noise={"cost": u})
        assert posture(met, EA, **own) == answer, (asked, u)
    pressed = s.where(noise={"cost": 0.9})
    assert posture(pressed, EA, **own) == HOLD  # a press asks for all
    dear = {"burden": 10.0 * own["burden"]}
    assert posture(pressed, EA, **dear) == CONCILIATE
    hard = pressed.where(world={"hard": both_ways(A, E)})
    assert posture(hard, EA, **dear) == HOLD


@pytest.mark.parametrize("burden", [0.0, 5e-324, 1e-305])
def test_a_demand_is_refused_where_war_costs_nothing(calm: Situation, burden: float) -> None:
    s = crisis_at(calm, 3, stage=on_pairs({(A, E): CHALLENGED}))
    for demand, answer in ((0.55, HOLD), (0.4, CONCILIATE)):  # war is worth 0.5
        met = s.where(world={"demand": on_pairs({(A, E): demand})}, noise={"cost": 1e-9})
        assert posture(met, EA, burden=burden) == answer, demand


def test_the_public_binds_who_climbed(calm: Situation) -> None:
    """War is worth less than nothing to it: it stands only where to back down costs more."""
    s = crisis_at(calm, 3, lead=-2.0, stage=on_pairs({(A, E): RESISTED}))
    chance, cost, _ = reckoned(s, burden=60.0)
    assert chance < cost
    needed = (cost - chance) / 3.0
    assert posture(s, burden=60.0, audience=needed * 0.99) == CONCILIATE
    assert posture(s, burden=60.0, audience=needed * 1.01) == PRESS
    low = s.where(world={"level": both_ways(A, E)})
    assert posture(low, burden=60.0, audience=needed * 1.01) == CONCILIATE
    hard = s.where(world={"hard": both_ways(A, E)})
    assert posture(hard, burden=60.0, audience=0.0) == PRESS


def test_to_back_down_costs_credence_where_the_hard_would_have_stood(calm: Situation) -> None:
    s = crisis_at(calm, 3, lead=-2.0, stage=on_pairs({(A, E): RESISTED}), credence=0.5)
    s = s.where(params={"rules.escalate.forgetting": 0.0, "rules.escalate.by_desk": 1.0})

    def credence(s: Situation, audience: float) -> float:
        crisis = decided(s, burden=60.0, audience=audience)
        done = replace(s, action=replace(s.action, crisis=crisis))
        return float(done.run(challenge)[0].credence[EA])

    assert credence(s, 0.0) < 0.01
    assert credence(s, 100.0) == pytest.approx(0.5)  # its public makes the soft stand as well
    hard = s.where(world={"hard": both_ways(A, E)})
    assert credence(hard, 0.0) > 0.99
    assert credence(hard, 100.0) == pytest.approx(0.5)


def test_an_offer_is_a_game_of_three_weeks(calm: Situation) -> None:
    s, told = crisis_at(calm, 4), []
    for _ in range(3):
        crisis = decided(s.where(noise={"cost": 0.0}), nerve=np.asarray([1.0, 0, 0, 0, 0]))
        told.append((int(crisis.posture[AE]), int(crisis.posture[EA])))
        s = replace(s, action=replace(s.action, crisis=crisis))
        s = replace(s, world=s.run(challenge)[0])
    assert told == [(HOLD, HOLD), (HOLD, HOLD), (PRESS, HOLD)]


@in_any_world
def test_a_belligerent_holds_and_demands_nothing(seed: int) -> None:
    s = scrambled(seed)
    crisis = filled(s, "crisis", RULE, nerve=1.0, rung=0.0)
    assert not np.any(crisis.posture[s.world.level == WAR])
    assert not np.any(crisis.demand[s.world.level == WAR])
    assert np.all((crisis.demand >= 0.0) & (crisis.demand <= 1.0))
