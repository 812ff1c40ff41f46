"""Rooms for tests: three seats of a small world, and logs of them."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sim.app.seminar.room import Room, fold, opening
from sim.scenario import Scenario
from sim.scenario.load import load

SEATS = ("CHL", "DEF", "ALY")


@cache
def small() -> Scenario:
    return load("deterrence_game")


@cache
def asia() -> Scenario:
    return load("northeast_asia_2023")


def order(turn: int, seat: str, *orders: Any) -> dict[str, Any]:
    made = [dict(zip(("verb", "where", "value"), given, strict=False)) for given in orders]
    return {"kind": "order", "turn": turn, "seat": seat, "orders": made}


def forward(turn: int) -> dict[str, Any]:
    return {"kind": "next", "turn": turn}


def room_of(
    *entries: dict[str, Any], scenario: Scenario | None = None, seats: Iterable[str] = SEATS
) -> Room:
    return fold([opening(scenario or small(), seats, seed=3), *entries])
