"""Escalate with climb = 1: a ladder, its table of postures, accidents, and what holds back.

The ladder is a limit of the rules: acts as they are drawn are in `test_acts.py`.
"""

from typing import Any

import numpy as np
import pytest
from unchecked import unchecked
from worlds import (
    A,
    B,
    E,
    Situation,
    at,
    both_ways,
    cells,
    in_any_world,
    on_pairs,
    scrambled,
    symmetric,
)

from sim.rules.deterrence import deterrence
from sim.rules.escalate import DISPLAY, escalate
from sim.world import CONCILIATE, HOLD, PRESS, WAR

RATES = {"both": 0.6, "one": 0.3, "settle": 0.4, "settle_fast": 0.7}
LADDER = {
    f"rules.escalate.{name}": value
    for name, value in {
        "climb": 1.0,
        "ladder": 1.0,
        "incident_deterrence": 1.0,
        "settle_steep": 0.0,
        "balance": 0.0,
    }.items()
}
"""Levels climbed by rungs, each rise weighed anew by will alone."""
UNDETERRED = {"rules.escalate.deterrence": 0.0, "rules.escalate.nuclear_restraint": 0.0}
POSTURES = (PRESS, HOLD, CONCILIATE)
TENSION = 0.25
BOTH, ONE, STAYS, SETTLES, FAST, FALLS = range(6)
TABLE = {
    (PRESS, PRESS): BOTH,
    (PRESS, HOLD): ONE,
    (PRESS, CONCILIATE): FALLS,
    (HOLD, HOLD): SETTLES,
    (HOLD, CONCILIATE): FAST,
    (CONCILIATE, CONCILIATE): FALLS,
}
CHANCES = {BOTH: (0.6, 0.0), ONE: (0.3, 0.0), SETTLES: (0.0, 0.4 * 0.75), FAST: (0.0, 0.7)}
CHANCES[FALLS] = (0.0, 1.0)
"""Of each cell of the table: the chance of a rise and that of a fall."""


def facing(
    calm: Situation, mine: int, theirs: int, level: int, params: dict[str, Any] | None = None
) -> Situation:
    """AAA and EEE at a level, with these postures; everyone else is at peace and holds."""
    return calm.where(
        action={"crisis.posture": on_pairs({(A, E): mine, (E, A): theirs})},
        world={"level": level * both_ways(A, E), "tension": TENSION * calm.params.wiring.off},
        params={f"rules.escalate.{name}": value for name, value in RATES.items()}
        | LADDER
        | {"rules.escalate.incident": 0.0}
        | (UNDETERRED if params is None else params),
    )


def move_at(s: Situation, u: float) -> int:
    """How AAA's and EEE's level moves when the pair's draw is u."""
    after = s.where(noise={"level": u}).run(escalate)[0]
    assert after.level[at(A, E)] == after.level[at(E, A)]
    return int(after.level[at(A, E)] - s.world.level[at(A, E)])


def chances(s: Situation) -> tuple[float, float]:
    """The chances of a rise and of a fall, over evenly laid luck; shapes checked in the first."""
    first, *more = (np.arange(100) + 0.5) / 100
    moves = [move_at(s, first)]
    with unchecked():
        moves += [move_at(s, u) for u in more]
    return moves.count(1) / 100, moves.count(-1) / 100


@pytest.mark.parametrize("postures", [(i, j) for i in POSTURES for j in POSTURES])
def test_the_table_of_postures(calm: Situation, postures: tuple[int, int]) -> None:
    """Every cell, whoever of the two plays which part."""
    cell = TABLE.get(postures, TABLE.get(postures[::-1]))
    found = chances(facing(calm, *postures, level=2))
    np.testing.assert_allclose(found, CHANCES[cell], atol=0.011)


@pytest.mark.parametrize("postures", [(i, j) for i in POSTURES for j in POSTURES])
def test_at_peace_only_a_press_that_is_not_yielded_to_begins_a_dispute(
    calm: Situation, postures: tuple[int, int]
) -> None:
    moves = {move_at(facing(calm, *postures, level=0), u) for u in (1e-9, 0.5, 1.0 - 1e-9)}
    begins = PRESS in postures and CONCILIATE not in postures
    assert moves == ({0, 1} if begins else {0})


def test_tension_keeps_a_dispute_alive(calm: Situation) -> None:
    for tension in (0.0, 0.5, 1.0):
        s = facing(calm, HOLD, HOLD, level=2).where(world={"tension": tension})
        assert chances(s)[1] == pytest.approx(0.4 * (1.0 - tension), abs=0.011)


@pytest.mark.parametrize("rate", RATES)
def test_a_rate_of_zero_never_moves(calm: Situation, rate: str) -> None:
    cell = {"both": (PRESS, PRESS), "one": (PRESS, HOLD), "settle": (HOLD, HOLD)}
    postures = cell.get(rate, (HOLD, CONCILIATE))
    s = facing(calm, *postures, level=2).where(params={f"rules.escalate.{rate}": 0.0})
    assert {move_at(s, u) for u in (1e-9, 0.5, 1.0 - 1e-9)} == {0}


@in_any_world
def test_levels_stay_symmetric_within_the_scale_and_move_by_one_rung(seed: int) -> None:
    s = scrambled(seed).where(params=LADDER | {"relations.commitment": 0.0})
    after, events = s.run(escalate)
    np.testing.assert_array_equal(after.hostility, after.level)
    np.testing.assert_array_equal(after.level, s.params.wiring.pair.back(after.level))
    assert np.all((after.level >= 0) & (after.level <= WAR))
    moved = after.level - s.world.level
    assert np.all(np.abs(moved) <= 1)
    once = s.params.wiring.pair.once
    np.testing.assert_array_equal(events["level_up"], once * (moved > 0))
    np.testing.assert_array_equal(events["level_down"], once * (moved < 0))


@in_any_world
def test_a_war_goes_on_whatever_is_done(seed: int) -> None:
    s = scrambled(seed)
    s = s.where(world={"level": WAR})
    for u in (1e-9, 1.0 - 1e-9):
        after, events = s.where(noise={"level": u, "incident": 0.0}).run(escalate)
        np.testing.assert_array_equal(after.level, s.world.level)
        assert not any(np.any(value) for value in events.values())


# Accidents


def tense(calm: Situation, level: int = 0, **coefficients: float) -> Situation:
    """Full tension and stake between AAA and EEE, nobody presses, the worst of luck."""
    return facing(calm, HOLD, HOLD, level).where(
        world={"tension": symmetric(A, E)},
        params={"rules.escalate.incident": 5.0, "relations.stake": on_pairs({(A, E): 1.0})}
        | {f"rules.escalate.{name}": value for name, value in coefficients.items()},
        noise={"incident": 0.0},
    )


def test_an_incident_raises_a_level_with_nobody_pressing(calm: Situation) -> None:
    after, events = tense(calm).run(escalate)
    np.testing.assert_array_equal(after.level, both_ways(A, E))
    np.testing.assert_array_equal(events["incident"], on_pairs({(A, E): 1.0}))


def test_no_incident_without_hazard_tension_or_strangers(calm: Situation) -> None:
    strangers = tense(calm).where(params={"relations.stake": 0.0})
    one_sided = tense(calm).where(world={"tension": cells((5, 5), {(A, E): 1.0})})
    for safe in (tense(calm, incident=0.0), strangers, one_sided):
        after, events = safe.run(escalate)
        assert not np.any(after.level)
        assert not np.any(events["incident"])


@pytest.mark.parametrize("postures", [(PRESS, PRESS), (PRESS, HOLD), (CONCILIATE, PRESS)])
def test_where_one_presses_a_rise_is_no_accident(
    calm: Situation, postures: tuple[int, int]
) -> None:
    posture = on_pairs({(A, E): postures[0], (E, A): postures[1]})
    s = tense(calm).where(action={"crisis.posture": posture})
    assert not np.any(s.run(escalate)[1]["incident"])


def hazard(s: Situation) -> float:
    """The weekly hazard of an incident between AAA and EEE, from the draw at which it stops."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        struck = s.where(noise={"incident": middle}).run(escalate)[1]["incident"][at(A, E)]
        low, high = (middle, high) if struck else (low, middle)
    return float(-np.log1p(-low))


def test_the_hazard_of_an_incident_follows_what_it_is_made_of(calm: Situation) -> None:
    s = tense(calm, incident=0.1, incident_activity=0.5, incident_steep=0.7)
    assert hazard(s) == pytest.approx(0.1, rel=1e-6)
    assert hazard(s.where(world={"tension": symmetric(A, E, 0.5)})) == pytest.approx(0.025)
    half = s.where(params={"relations.stake": on_pairs({(E, A): 0.5})})
    assert hazard(half) == pytest.approx(0.05)
    for stakes in ({(A, E): 0.3}, {(E, A): 0.3}, {(A, E): 0.3, (E, A): 0.1}):  # the larger one
        minor = s.where(params={"relations.stake": on_pairs(stakes)})
        assert hazard(minor) == pytest.approx(0.03)
    busy = s.where(world={"drill": cells((5,), {A: 2.0}), "provocation": cells((5,), {E: 1.0})})
    assert hazard(busy) == pytest.approx(0.1 * (1.0 + 0.5 * 3.0))
    assert hazard(busy.where(params={"rules.escalate.incident_activity": 0.0})) == pytest.approx(
        0.1
    )
    high = s.where(world={"level": 2 * both_ways(A, E)})
    assert hazard(high) == pytest.approx(0.1 * np.exp(-1.4))
    assert hazard(high.where(params={"rules.escalate.incident_steep": 0.0})) == pytest.approx(0.1)


# What holds back


def deterred(calm: Situation, mine: int, theirs: int, level: int, **world: Any) -> Situation:
    """EEE's resistance deters AAA by 0.8, AAA's deters EEE by 0.3; nobody has allies."""
    told = {
        "relations.commitment": 0.0,
        "rules.escalate.deterrence": 1.0,
        "rules.escalate.nuclear_restraint": 0.0,
    }
    s = facing(calm, mine, theirs, level, told)
    return s.where(world={"credence": on_pairs({(A, E): 0.8, (E, A): 0.3})} | world)


@pytest.mark.parametrize("level", range(WAR))
def test_deterrence_damps_rises_from_display_on(calm: Situation, level: int) -> None:
    held = level >= DISPLAY
    alone = deterred(calm, PRESS, HOLD, level)
    assert chances(alone)[0] == pytest.approx(0.3 * (0.2 if held else 1.0), abs=0.011)
    other = deterred(calm, HOLD, PRESS, level)
    assert chances(other)[0] == pytest.approx(0.3 * (0.7 if held else 1.0), abs=0.011)
    both = deterred(calm, PRESS, PRESS, level)  # the more deterred of two
    assert chances(both)[0] == pytest.approx(0.6 * (0.2 if held else 1.0), abs=0.011)


@pytest.mark.parametrize("level", range(WAR))
def test_deterrence_switched_off_damps_nothing(calm: Situation, level: int) -> None:
    s = deterred(calm, PRESS, PRESS, level).where(params={"rules.escalate.deterrence": 0.0})
    assert chances(s)[0] == pytest.approx(0.6, abs=0.011)


@pytest.mark.parametrize("level", range(WAR))
@pytest.mark.parametrize("armed", [(A, E), (A,), (B, E)])
def test_nuclear_restraint_acts_on_the_last_rung_between_two_who_have_it(
    calm: Situation, level: int, armed: tuple[int, ...]
) -> None:
    told = UNDETERRED | {
        "rules.escalate.nuclear_restraint": 0.9,
        "states.nuclear": cells((5,), dict.fromkeys(armed, 1.0)),
    }
    restrained = level == WAR - 1 and armed == (A, E)
    rise = chances(facing(calm, PRESS, PRESS, level, told))[0]
    assert rise == pytest.approx(0.6 * (0.1 if restrained else 1.0), abs=0.011)


@in_any_world
def test_more_deterrence_never_lifts_a_level(seed: int) -> None:
    s = scrambled(seed).where(params={"rules.escalate.incident": 0.0})
    weak, strong = (s.where(params={"rules.escalate.deterrence": w}) for w in (0.2, 0.9))
    assert np.all(weak.run(deterrence) <= strong.run(deterrence) + 1e-12)
    assert np.all(strong.run(escalate)[0].level <= weak.run(escalate)[0].level)


def test_one_pair_moves_without_the_others(calm: Situation) -> None:
    s = facing(calm, PRESS, PRESS, level=1).where(noise={"level": 0.01})
    moved = s.run(escalate)[0].level - s.world.level
    np.testing.assert_array_equal(moved, both_ways(A, E))
