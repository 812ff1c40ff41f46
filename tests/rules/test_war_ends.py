"""How fire is shared among enemies, and how wars end: by defeat and by bargaining."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import A, B, C, D, E, Situation, at, cells, in_any_world, on_pairs, scrambled, small

from sim.rules.deterrence import stake_at_risk
from sim.rules.fight import AFTER_WAR, LEAST_STAKE, fight, terms
from sim.world import WAR

pytestmark = pytest.mark.usefixtures("unchecked")

BC, CB = at(B, C), at(C, B)
FIGHT = "rules.fight."
ENDLESS = {FIGHT + name: 0.0 for name in ("exhaustion", "defeat", "settlement", "mobilisation")}
SPLIT = ("force", "stock", "manpower", "capacity", "losses", "treasury")


def at_war(*pairs: tuple[int, int]) -> np.ndarray:
    return WAR * on_pairs({p: 1.0 for i, j in pairs for p in ((i, j), (j, i))})


def losses(s: Situation) -> np.ndarray:
    return s.run(fight)[0].losses - s.world.losses


# Fire


@settings(max_examples=20)
@given(
    forces=st.lists(st.floats(50.0, 500.0), min_size=3, max_size=3),
    omega=st.sampled_from([0.0, 0.4, 1.0]),
    share=st.floats(0.1, 0.9),
    stock=st.floats(0.0, 1.0),
)
def test_a_belligerent_that_is_split_inflicts_and_suffers_the_same(
    forces: list[float], omega: float, share: float, stock: float
) -> None:
    """AAA and BBB fight CCC; then AAA's army and arms are parted between it and its twin, DDD."""
    told = ENDLESS | {FIGHT + "omega": omega, "states.alpha": 1e-3}
    level = at_war((A, C), (B, C))
    whole = small().where(
        params=told,
        world={
            "force": cells(np.zeros(5), {A: forces[0], B: forces[1], C: forces[2]}),
            "stock": stock * small().world.stock,
            "tech": 0.5,
            "level": level,
        },
    )

    def parted(x: np.ndarray) -> np.ndarray:
        return cells(x, {A: share * x[A], D: (1.0 - share) * x[A]})

    two = whole.where(
        world={name: parted(getattr(whole.world, name)) for name in SPLIT}
        | {"level": level + at_war((D, C))}
    )
    one_lost, two_lost = losses(whole), losses(two)
    assert two_lost[C] == pytest.approx(one_lost[C], rel=1e-9)
    assert two_lost[B] == pytest.approx(one_lost[B], rel=1e-9)
    assert two_lost[A] == pytest.approx(share * one_lost[A], rel=1e-9)
    assert two_lost[A] + two_lost[D] == pytest.approx(one_lost[A], rel=1e-9)
    assert one_lost[C] > 0.0


@in_any_world
def test_aimed_fire_is_spent_whole_and_area_fire_by_all_who_stand_there(seed: int) -> None:
    evenly = dict.fromkeys((FIGHT + "assault", FIGHT + "swing", FIGHT + "scatter"), 0.0)
    s = scrambled(seed).where(
        params=ENDLESS | evenly | {"states.alpha": 1e-6}
    )  # nobody is wiped out
    enemies = (s.world.level == WAR).astype(float)
    against = s.params.wiring.pair.each(enemies * s.params.wiring.pair.toward(s.world.force))
    fire = s.seen.fire * (against > 0.0)
    for omega in (0.0, 1.0):
        total = np.sum(losses(s.where(params={FIGHT + "omega": omega})))
        assert total == pytest.approx(np.sum(fire * against**omega), rel=1e-9)


# Defeat


@pytest.mark.parametrize("beaten", [(B,), (C,), (B, C), ()])
def test_who_is_worn_down_has_lost_all(calm: Situation, beaten: tuple[int, ...]) -> None:
    """At or below the share of the wanted force; two that break together part evenly."""
    wanted = cells(np.full(5, 1e-9), dict.fromkeys(beaten, 1e5))
    s = calm.where(
        params=ENDLESS | {FIGHT + "defeat": 0.3, "states.force_target": wanted},
        world={"won": on_pairs({(B, C): 0.25, (C, B): -0.25})},
    )
    world, events = s.run(fight)
    over = len(beaten) > 0
    assert world.level[BC] == world.level[CB] == (AFTER_WAR if over else WAR)
    assert world.hostility[BC] == world.hostility[CB] == (AFTER_WAR if over else WAR)
    won = {(): 0.25, (B,): -0.5, (C,): 0.5, (B, C): 0.0}[beaten]
    assert world.won[BC] == won
    assert world.won[CB] == -won
    defeats = {pair: 1.0 for pair in ((B, C), (C, B)) if pair[0] in beaten}
    np.testing.assert_array_equal(events["defeated"], on_pairs(defeats))
    assert not np.any(events["ceasefire"])


@settings(max_examples=20)
@given(share=st.floats(0.01, 0.99))
def test_defeat_comes_at_its_share_and_not_before(calm: Situation, share: float) -> None:
    left = calm.where(params=ENDLESS).run(fight)[0].force[B]
    for nearly, falls in ((1.001, True), (0.999, False)):
        wanted = cells(np.full(5, 1e-9), {B: nearly * left / share})
        s = calm.where(params=ENDLESS | {FIGHT + "defeat": share, "states.force_target": wanted})
        assert (s.run(fight)[0].level[BC] < WAR) == falls


def test_recruits_that_arrive_in_time_avert_defeat(calm: Situation) -> None:
    told = ENDLESS | {FIGHT + "defeat": 0.6, "states.force_target": cells((5,), {B: 1001.0})}
    drafted = told | {FIGHT + "mobilisation": 1.0, FIGHT + "soldier_cost": 0.0}
    assert calm.where(params=told).run(fight)[0].level[BC] < WAR
    assert calm.where(params=drafted).run(fight)[0].level[BC] == WAR


@in_any_world
def test_only_wars_end_and_what_was_won_is_one_side_s_gain(seed: int) -> None:
    s = scrambled(seed)
    world, events = s.run(fight)
    pair, war = s.params.wiring.pair, s.world.level == WAR
    np.testing.assert_array_equal(world.won, -pair.back(world.won))
    assert np.all(np.abs(world.won) <= 0.5)
    np.testing.assert_array_equal(world.level, pair.back(world.level))
    over = world.level < WAR
    np.testing.assert_array_equal(world.level[~war], s.world.level[~war])
    np.testing.assert_array_equal(world.hostility[~war], s.world.hostility[~war])
    assert np.all(world.level[over & war] == AFTER_WAR)
    np.testing.assert_array_equal(world.hostility[over & war], AFTER_WAR)
    np.testing.assert_array_equal(world.won[~(over & war)], s.world.won[~(over & war)])
    lost = events["defeated"] > 0.0
    ended = events["ceasefire"] + pair.back(events["ceasefire"]) > 0.0
    np.testing.assert_array_equal(lost | pair.back(lost) | ended, over & war)
    assert not np.any(ended & (lost | pair.back(lost)))


# Bargaining: the terms of BBB and CCC


def bargain(
    leads: tuple[float, float], worn: tuple[float, float], **params: float | np.ndarray
) -> tuple[float, float]:
    """What to settle is worth to both, and what BBB would win, each leading by that in its view."""
    told = {FIGHT + "burden": 1.0, "relations.stake": 1.0, "relations.at_stake": 0.0}
    s = small().where(params=told | params)
    believed = on_pairs({(B, C): s.own[B] - leads[0], (C, B): s.own[C] - leads[1]})
    seen = replace(s.seen, believed=believed)
    deal = terms(s.params, s.world, seen, cells((5,), {B: worn[0], C: worn[1]}))
    assert deal.surplus[CB] == deal.surplus[BC]
    assert deal.won[CB] == -deal.won[BC]
    return float(deal.surplus[BC]), float(deal.won[BC])


leads = st.floats(-3.0, 3.0)
costs = st.floats(0.0, 0.3)


@given(lead=leads, mine=costs, theirs=costs)
def test_who_agree_on_their_chances_settle_on_them(lead: float, mine: float, theirs: float) -> None:
    """X = p + (c_j - c_i) / 2, and what both save by it is what war costs both."""
    surplus, won = bargain((lead, -lead), (mine, theirs))
    chance = 1.0 / (1.0 + np.exp(-lead))
    share = chance + 0.5 * (theirs - mine)
    assert surplus == pytest.approx(mine + theirs, abs=1e-12)
    assert won + 0.5 == pytest.approx(min(1.0, max(0.0, share)), abs=1e-12)


@given(mine=leads, theirs=leads, worn=st.tuples(costs, costs), unsafe=st.floats(0.0, 2.0))
def test_a_settlement_leaves_nobody_worse_off_than_war(
    mine: float, theirs: float, worn: tuple[float, float], unsafe: float
) -> None:
    """X >= p_i - c_i and 1 - x >= p_j - c_j just where optimism is no larger than costs."""
    surplus, won = bargain((mine, theirs), worn, **{"relations.unenforceable": unsafe})
    one, other = (1.0 / (1.0 + np.exp(-lead)) for lead in (mine, theirs))
    assert surplus == pytest.approx(sum(worn) - (one + other - 1.0) - unsafe, abs=1e-12)
    share = won + 0.5
    if surplus > 0.0:
        assert share >= one - worn[0] - 1e-12
        assert 1.0 - share >= other - worn[1] - 1e-12


@given(worn=costs, stake=st.floats(0.0, 1.0))
def test_war_costs_in_shares_of_what_is_at_risk(worn: float, stake: float) -> None:
    at_risk = on_pairs({(B, C): stake, (C, B): 1.0})
    surplus, _ = bargain((0.0, 0.0), (worn, 0.0), **{"relations.stake": at_risk})
    assert surplus == pytest.approx(worn / max(stake, LEAST_STAKE), rel=1e-9, abs=1e-9)
    dear, _ = bargain((0.0, 0.0), (worn, 0.0), **{FIGHT + "burden": 4.0})
    assert dear == pytest.approx(4.0 * worn, rel=1e-9, abs=1e-9)


def test_a_protector_weighs_its_stake_in_the_protege(calm: Situation) -> None:
    """DDD fights AAA, which is after EEE."""
    s = calm.where(
        params={
            "relations.stake": on_pairs({(A, E): 1.0}),
            "relations.at_stake": 0.5,
            FIGHT + "burden": 1.0,
        }
    )
    assert s.run(stake_at_risk)[at(D, A)] == 0.5
    seen = replace(s.seen, believed=s.params.wiring.pair.of(s.own))
    deal = terms(s.params, s.world, seen, cells((5,), {D: 0.1}))
    assert deal.surplus[at(D, A)] == pytest.approx(0.2)


def settles(s: Situation, hazard: float) -> float:
    """The probability that BBB's war with CCC ends this week, from the draw at which it goes on."""
    s = s.where(params=ENDLESS | {FIGHT + "settlement": hazard})
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        ended = s.where(noise={"ceasefire": middle}).run(fight)[0].level[BC] < WAR
        low, high = (middle, high) if ended else (low, middle)
    return low


def war(calm: Situation, error: float, **params: float) -> Situation:
    """Both overrate themselves by so much; a week takes about half a per cent of either."""
    pair = calm.params.wiring.pair
    told = {"rules.perceive.learning": 0.0, "rules.perceive.battle": 0.0, FIGHT + "burden": 1.0}
    return calm.where(params=told | params, world={"belief": pair.toward(calm.own) - error})


@pytest.mark.parametrize("hazard", [0.0, 0.1, 1.0])
def test_wars_are_settled_by_a_hazard_once_optimism_is_gone(calm: Situation, hazard: float) -> None:
    assert settles(war(calm, 0.0), hazard) == pytest.approx(1.0 - np.exp(-hazard), abs=1e-6)
    assert settles(war(calm, 2.0), hazard) == pytest.approx(0.0, abs=1e-6)
    unsafe = war(calm, 0.0, **{"relations.unenforceable": 1.0})
    assert settles(unsafe, hazard) == pytest.approx(0.0, abs=1e-6)


def test_exhaustion_and_settlement_are_hazards_side_by_side(calm: Situation) -> None:
    s = war(calm, 0.0).where(world={"losses": 1e9})
    told = ENDLESS | {FIGHT + "settlement": 0.1, FIGHT + "exhaustion": 0.2}
    ends = [
        s.where(params=told, noise={"ceasefire": u}).run(fight)[0].level[BC] < WAR
        for u in (1.0 - np.exp(-0.3) - 1e-5, 1.0 - np.exp(-0.3) + 1e-5)
    ]
    assert ends == [True, False]


def test_what_is_settled_on_is_written_down(calm: Situation) -> None:
    told = ENDLESS | {FIGHT + "settlement": 10.0}
    s = war(calm, 0.0).where(params=told, noise={"ceasefire": 0.0})
    world = s.run(fight)[0]
    worn = (losses(s) / s.world.force)[[B, C]]
    risk = np.maximum(s.run(stake_at_risk)[[BC, CB]], LEAST_STAKE)
    cost = worn / risk
    lead = s.own[B] - s.own[C]
    share = 1.0 / (1.0 + np.exp(-lead)) + 0.5 * (cost[1] - cost[0])
    assert world.won[BC] == pytest.approx(share - 0.5, rel=1e-9)
    # who is only exhausted keeps what it had
    unsafe = s.where(
        params=ENDLESS | {FIGHT + "exhaustion": 1.0, "relations.unenforceable": 10.0},
        world={"losses": 1e9},
    )
    assert unsafe.run(fight)[0].level[BC] < WAR
    assert unsafe.run(fight)[0].won[BC] == 0.0
