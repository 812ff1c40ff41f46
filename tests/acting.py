"""Two states that act toward each other: for tests of acts as drawn and of how wars begin."""

from collections.abc import Callable
from typing import Any

from worlds import A, E, Situation, at, both_ways, on_pairs

from sim.rules.escalate import escalate
from sim.world import DISPLAY, FORCE, HOLD, THREAT, WAR

AE, EA = at(A, E), at(E, A)
RULES = "rules.escalate."
DRAWN = {RULES + "climb": 0.0}
WEIGHTS = {"act_threat": 0.2, "act_display": 0.3, "act_force": 0.5, "act_caution": 0.0}
SURE = DRAWN | {
    RULES + name: value
    for name, value in {
        **WEIGHTS,
        "both": 1.0,
        "one": 1.0,
        "war": 0.0,
        "incident": 0.0,
        "nuclear_restraint": 0.0,
        "deterrence": 1.0,
        "balance": 0.0,
        "ladder": 0.0,
    }.items()
}
"""Every press is an act, no act is a war, no incidents; deterrence is will alone, and weighed."""
OF = {THREAT: 0.1, DISPLAY: 0.35, FORCE: 0.9}
"""Draws that make each act of these weights."""


def facing(calm: Situation, mine: int, theirs: int, level: int = 0, **params: Any) -> Situation:
    """AAA and EEE at a level, with these postures; all others are at peace and hold."""
    told = {RULES + name: value for name, value in params.items()}
    here = level * both_ways(A, E)
    return calm.where(
        action={"crisis.posture": on_pairs({(A, E): mine, (E, A): theirs})},
        world={"level": here, "hostility": here, "week": 1},
        params=SURE | told,
    )


def level_of(s: Situation) -> int:
    return int(s.run(escalate)[0].level[AE])


def chance(s: Situation, stream: str, happens: Callable[[Situation], bool]) -> float:
    """The probability of what a small draw of a stream makes happen, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if happens(s.where(noise={stream: middle})) else (low, middle)
    return low


def forceful(calm: Situation, mine: int, theirs: int, **params: Any) -> Situation:
    """Whoever of AAA and EEE presses uses force."""
    return facing(calm, mine, theirs, **params).where(noise={"act": OF[FORCE]})


def war_chance(s: Situation) -> float:
    return chance(s, "war", lambda x: level_of(x) == WAR)


def tense(calm: Situation, level: int = 0, **params: Any) -> Situation:
    s = facing(calm, HOLD, HOLD, level, incident=0.2, incident_steep=0.0, **params)
    return s.where(
        world={"tension": calm.params.wiring.off, "provocation": 0.0, "drill": 0.0},
        params={"relations.stake": on_pairs({(A, E): 1.0}), RULES + "incident_activity": 0.0},
        noise={"level": 0.0},
    )


def struck(s: Situation) -> bool:
    return bool(s.run(escalate)[1]["incident"][AE])
