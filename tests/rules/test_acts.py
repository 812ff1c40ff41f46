"""Acts as they are drawn: threats, displays and force, demands, incidents, how disputes end."""

from dataclasses import replace

import numpy as np
import pytest
from acting import (
    AE,
    DRAWN,
    EA,
    OF,
    RULES,
    SURE,
    chance,
    facing,
    level_of,
    struck,
    tense,
    war_chance,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import A, E, Situation, cells, in_any_world, on_pairs, scrambled

from sim.rules.escalate import act, ends, escalate
from sim.world import CONCILIATE, DISPLAY, DISPUTE, FORCE, HOLD, PRESS, THREAT, WAR

pytestmark = pytest.mark.usefixtures("unchecked")


# Acts


@settings(max_examples=20)
@given(faced=st.floats(0.0, 1.0), caution=st.floats(0.0, 5.0))
def test_acts_are_drawn_by_their_weights(calm: Situation, faced: float, caution: float) -> None:
    """Each level above a threat is as much less likely as it is deterred."""
    s = calm.where(params=SURE | {RULES + "act_caution": caution})
    seen = replace(s.seen, deterrence=np.full(20, faced))
    laid = (np.arange(400) + 0.5) / 400
    found = np.asarray([act(s.params, seen, {"act": np.full(20, u)})[0] for u in laid])
    weight = np.asarray([0.2, 0.3, 0.5]) * np.exp(-caution * faced * np.arange(3))
    share = [np.mean(found == a) for a in (THREAT, DISPLAY, FORCE)]
    np.testing.assert_allclose(share, weight / np.sum(weight), atol=0.006)


@settings(max_examples=20)
@given(u=st.floats(0.0, 0.999), less=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0))
def test_who_is_more_deterred_does_no_more(
    calm: Situation, u: float, less: float, more: float
) -> None:
    s = calm.where(params=SURE | {RULES + "act_caution": 3.0})
    found = [
        act(s.params, replace(s.seen, deterrence=np.full(20, d)), {"act": np.full(20, u)})
        for d in sorted((less, more))
    ]
    assert np.all(found[1] <= found[0])


@pytest.mark.parametrize("done", OF)
@pytest.mark.parametrize("level", [0, THREAT, FORCE])
def test_an_act_is_remembered_and_the_higher_of_two_is_the_level(
    calm: Situation, done: int, level: int
) -> None:
    s = facing(calm, PRESS, HOLD, level).where(noise={"act": OF[done]})
    world = s.run(escalate)[0]
    assert world.hostility[AE] == max(level, done)
    assert world.hostility[EA] == level
    assert world.level[AE] == world.level[EA] == max(level, done)
    both = facing(calm, PRESS, PRESS).where(
        noise={"act": on_pairs({(A, E): OF[done], (E, A): OF[DISPLAY]})}
    )
    world = both.run(escalate)[0]
    assert (world.hostility[AE], world.hostility[EA]) == (done, DISPLAY)
    assert world.level[AE] == world.level[EA] == max(done, DISPLAY)


@in_any_world
def test_levels_are_the_larger_hostility_and_acts_never_lower_it(seed: int) -> None:
    s = scrambled(seed).where(params=DRAWN)
    claims = s.action.crisis.demand  # some of them
    s = s.where(action={"crisis.demand": np.where(claims > 0.7, claims, 0.0)})
    world, events = s.run(escalate)
    back, once = s.params.wiring.pair.back, s.params.wiring.pair.once
    np.testing.assert_array_equal(world.level, back(world.level))
    np.testing.assert_array_equal(world.level, np.maximum(world.hostility, back(world.hostility)))
    war = world.level == WAR
    assert np.all(world.hostility[war] == WAR)
    ended = (world.level == 0) & (s.world.level > 0)
    assert np.all((world.hostility >= s.world.hostility) | ended)
    assert np.all((world.level >= s.world.level) | ended)
    step = once * (world.level - s.world.level)
    np.testing.assert_array_equal(events["level_up"], np.maximum(step, 0.0))
    np.testing.assert_array_equal(events["level_down"], np.maximum(-step, 0.0))
    press = s.action.crisis.posture == PRESS
    rose = (world.hostility > s.world.hostility) & ~war
    cause = press | (s.action.crisis.demand > 0.0)
    accident = events["incident"] + back(events["incident"]) > 0.0
    assert not np.any(rose & ~cause & ~accident)
    idle = ~cause & ~accident & ~ended & ~war  # it keeps its own, whatever the other has done
    np.testing.assert_array_equal(world.hostility[idle], s.world.hostility[idle])


@pytest.mark.parametrize("both", [False, True])
def test_a_press_goes_through_by_its_rate_less_what_nobody_weighed(
    calm: Situation, both: bool
) -> None:
    """AAA faces 0.8 and EEE 0.3; whose desk has weighed it is not deterred again."""
    s = facing(calm, PRESS, PRESS if both else HOLD, one=0.4, both=0.6, ladder=0.5)
    s = s.where(
        params={"relations.commitment": 0.0},
        world={"credence": on_pairs({(A, E): 0.8, (E, A): 0.3})},
    )

    def through(**weighed: float) -> float:
        told = {"crisis.weighed": cells(np.zeros(20), {AE: weighed["a"], EA: weighed["e"]})}
        return chance(s.where(action=told), "level", lambda x: level_of(x) > 0)

    rate = 0.6 if both else 0.4
    assert through(a=0.0, e=0.0) == pytest.approx(rate * (1.0 - 0.5 * 0.8), abs=1e-6)
    left = 0.5 * 0.3 if both else 0.0
    assert through(a=1.0, e=0.0) == pytest.approx(rate * (1.0 - left), abs=1e-6)
    assert through(a=1.0, e=1.0) == pytest.approx(rate, abs=1e-6)


def test_what_is_given_way_to_is_no_act(calm: Situation) -> None:
    for level in (0, DISPLAY):
        assert level_of(facing(calm, PRESS, CONCILIATE, level)) == 0
        assert level_of(facing(calm, CONCILIATE, PRESS, level)) == 0


@pytest.mark.parametrize("answer", [HOLD, PRESS, CONCILIATE])
def test_a_demand_is_a_dispute_unless_it_is_given_way_to(calm: Situation, answer: int) -> None:
    s = facing(calm, HOLD, answer, one=0.0)
    s = s.where(action={"crisis.demand": on_pairs({(A, E): 0.3})})
    world = s.run(escalate)[0]
    made = 0 if answer == CONCILIATE else DISPUTE
    assert world.level[AE] == world.hostility[AE] == made
    assert world.hostility[EA] == 0
    assert level_of(s.where(params={RULES + "one": 1.0})) >= made


# Ends


@pytest.mark.parametrize(
    ("mine", "theirs", "first"),
    [
        (HOLD, HOLD, 0.6 * 0.75),
        (HOLD, CONCILIATE, 0.9),
        (CONCILIATE, HOLD, 0.9),
        (PRESS, CONCILIATE, None),
        (CONCILIATE, CONCILIATE, None),
    ],
)
@pytest.mark.parametrize("steep", [0.0, 0.7])
def test_disputes_end_the_seldomer_the_higher_they_are(
    calm: Situation, mine: int, theirs: int, first: float | None, steep: float
) -> None:
    found = []
    for level in range(DISPUTE, WAR):
        s = facing(calm, mine, theirs, level, settle=0.6, settle_fast=0.9, settle_steep=steep)
        s = s.where(world={"tension": cells((5, 5), {(A, E): 0.1, (E, A): 0.4})})
        stays = chance(s, "level", lambda x: level_of(x) > 0)
        found.append(1.0 - stays)
        calmed = s.where(noise={"level": 1.0 - 1e-9}).run(escalate)[0]
        assert calmed.hostility[AE] == calmed.hostility[EA] == calmed.level[AE] == 0
    levels = np.arange(DISPUTE, WAR) - 1
    likely = np.ones(4) if first is None else first * np.exp(-steep * levels)
    np.testing.assert_allclose(found, likely, atol=1e-6)


@pytest.mark.parametrize("level", [DISPUTE, THREAT, FORCE])
@pytest.mark.parametrize("heat", [0.0, 0.4, 1.0])
def test_the_heat_of_a_dispute_delays_its_end_by_its_share(
    calm: Situation, level: int, heat: float
) -> None:
    """At 0 a dispute is as long as the two would be tense without it; at 1 as they are now."""
    rest = np.asarray([-1.2, 0.3])  # log-odds of tension without the dispute
    now = 1.0 / (1.0 + np.exp(-rest - 0.4 * level))
    counts = 1.0 / (1.0 + np.exp(-rest - heat * 0.4 * level))
    rules = {"settle": 0.6, "settle_steep": 0.0, "settle_heat": heat, "dispute": 0.4}
    s = facing(calm, HOLD, HOLD, level, **rules)
    s = s.where(world={"tension": cells((5, 5), {(A, E): now[0], (E, A): now[1]})})
    posture = np.zeros(20, dtype=np.int64)
    found = ends(s.params, s.world, posture, posture)[AE]
    assert found == pytest.approx(0.6 * (1.0 - np.mean(counts)), rel=1e-12)


@in_any_world
def test_ends_are_mutual_probabilities_and_none_while_one_presses(seed: int) -> None:
    s = scrambled(seed)
    back = s.params.wiring.pair.back
    mine, theirs = s.action.crisis.posture, back(s.action.crisis.posture)
    found = ends(s.params, s.world, mine, theirs)
    assert np.all((found >= 0.0) & (found <= 1.0))
    np.testing.assert_array_equal(found, back(found))
    pressed = (np.maximum(mine, theirs) == PRESS) & (np.minimum(mine, theirs) > CONCILIATE)
    assert not np.any(found[pressed])
    tense = s.where(world={"tension": 0.5 * (1.0 + s.world.tension)})
    assert np.all(ends(tense.params, tense.world, mine, theirs) <= found)


# Incidents


def test_an_incident_is_an_act_of_force_by_both_that_may_be_war(calm: Situation) -> None:
    s = tense(calm, war=0.3).where(noise={"incident": 0.0})
    world = s.run(escalate)[0]
    assert world.hostility[AE] == world.hostility[EA] == world.level[AE] == FORCE
    assert war_chance(s) == pytest.approx(0.3, abs=1e-6)
    assert chance(tense(calm), "incident", struck) == pytest.approx(1.0 - np.exp(-0.2), abs=1e-6)


@pytest.mark.parametrize("level", range(WAR))
@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_deterrence_stops_incidents_from_display_on_if_at_all(
    calm: Situation, level: int, weight: float
) -> None:
    s = tense(calm, level, incident_deterrence=weight).where(
        params={"relations.commitment": 0.0},
        world={"credence": on_pairs({(A, E): 0.2, (E, A): 0.8})},
    )
    left = 1.0 - weight * 0.8 * (level >= DISPLAY)
    likely = (1.0 - np.exp(-0.2)) * left
    assert chance(s, "incident", struck) == pytest.approx(likely, abs=1e-6)
