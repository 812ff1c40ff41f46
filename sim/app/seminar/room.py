"""A room: a fold over its log. The same log is the same room and the same worlds, bit for bit.

An entry of the log is plain data with a `kind`. `after(room, entry)` returns the room after it, or
refuses it; what was refused never enters the log. Entries of seats and teacher name the turn that
they are meant for, so that one that is sent again later changes nothing.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...policy.state import State
from ...scenario import Scenario, ScenarioError, from_mapping
from .course import WEEKS, Course, opened
from .orders import (
    STATEMENT,
    RefusedError,
    apply_deal,
    apply_order,
    both,
    checked_deal,
    checked_orders,
    checked_text,
)

OPEN, PAUSED, ENDED = "open", "paused", "ended"
EVERYBODY = "all"
TEACHER = "teacher"
MOST_SEATS = 24
MOST_TURNS = 60
MOST_TALK = 2000
MOST_DEALS = 500
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Room:
    """A seminar as it stands.

    - `seats`: the codes of the states that teams decide for.
    - `turns`: how many turns it has at the most.
    - `course`: its world.
    - `turn`: the number of the turn that is decided now, from 0.
    - `status`: open, paused or ended.
    - `orders`: what seats submitted for this turn.
    - `deals`: all that were proposed; `state` is proposed, accepted or refused.
    - `talk`: statements, with turn, who and to whom; of two together once the second accepted.
    - `past`: orders by turn.
    - `begun`: the room as each turn began, this one too.
    """

    seats: tuple[str, ...]
    turns: int
    course: Course
    turn: int = 0
    status: str = OPEN
    orders: Mapping[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    deals: tuple[dict[str, Any], ...] = ()
    talk: tuple[dict[str, Any], ...] = ()
    past: tuple[Mapping[str, tuple[dict[str, Any], ...]], ...] = ()
    begun: tuple["Room", ...] = ()

    @property
    def scenario(self) -> Scenario:
        """Return what is simulated."""
        return self.course.scenario

    @property
    def over(self) -> bool:
        """Return whether no turn is left."""
        return self.turn >= self.turns or self.course.week >= self.scenario.weeks


def opening(
    scenario: Scenario, seats: Iterable[str], seed: int = 0, run: int = 0, turns: int = 12
) -> dict[str, Any]:
    """Return the first entry of a log.

    Args:
        scenario: What is simulated, without policies or phases in Python.
        seats: The codes of the states that teams decide for.
        seed: The master seed.
        run: The number of the run.
        turns: How many turns there are at the most.
    """
    return {
        "kind": "open",
        "scenario": scenario.mapping,
        "seats": list(seats),
        "seed": seed,
        "run": run,
        "turns": turns,
    }


def begin(entry: Entry) -> Room:
    """Return the room that the first entry of a log opens.

    Raises:
        RefusedError: It opens none.
    """
    if entry.get("kind") != "open" or not isinstance(entry.get("scenario"), Mapping):
        raise RefusedError("a seminar begins with the entry that opens it")
    if isinstance(entry["scenario"].get("parameters"), str):
        raise RefusedError("its scenario names a file; it must stand alone")
    seed, run, turns = (_whole(entry, name) for name in ("seed", "run", "turns"))
    if not (0 <= seed < 2**63 and 0 <= run < 10**9 and 1 <= turns <= MOST_TURNS):
        raise RefusedError(f"a seminar has a seed, a run, and 1 to {MOST_TURNS} turns")
    try:
        scenario = from_mapping(entry["scenario"])
    except ScenarioError as error:
        raise RefusedError(f"its scenario: {error}") from None
    seats = entry.get("seats")
    wrong = not isinstance(seats, list) or [code for code in seats if code not in scenario.states]
    if wrong or not seats or len(set(seats)) < len(seats) or len(seats) > MOST_SEATS:
        raise RefusedError("its seats are some of the states of its scenario, each once")
    room = Room(tuple(seats), turns, opened(scenario, seed, run))
    return replace(room, begun=(room,))


def after(room: Room, entry: Entry) -> Room:
    """Return the room after an entry of its log.

    Args:
        room: The room before.
        entry: Plain data with a `kind`.

    Raises:
        RefusedError: The entry cannot be; the room is as it was.
    """
    step = STEPS.get(str(entry.get("kind")))
    if step is None:
        raise RefusedError("there is no such entry")
    if room.status == ENDED and entry["kind"] != "rewind":
        raise RefusedError("the seminar has ended")
    return step(room, entry)


def rooms(log: Iterable[Entry]) -> Iterator[Room]:
    """Yield the room after each entry of a log.

    Raises:
        RefusedError: An entry cannot be; the message names its number.
    """
    entries = iter(log)
    room = begin(next(entries, {}))
    yield room
    for number, entry in enumerate(entries, 1):
        try:
            room = after(room, entry)
        except RefusedError as error:
            raise RefusedError(f"entry {number}: {error}") from None
        yield room


def fold(log: Iterable[Entry]) -> Room:
    """Return the room that a log makes.

    Raises:
        RefusedError: An entry cannot be; the message names its number.
    """
    return deque(rooms(log), maxlen=1)[0]


def _whole(entry: Entry, name: str) -> int:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedError(f"{name}: a whole number is needed")
    return value


def _now(room: Room, entry: Entry) -> None:
    """Refuse what was meant for a turn that is over, or comes from nobody's seat."""
    if _whole(entry, "turn") != room.turn:
        raise RefusedError(
            f"that was meant for turn {entry['turn'] + 1}; it is turn {room.turn + 1}"
        )
    if "seat" in entry and entry["seat"] not in room.seats:
        raise RefusedError("there is no such seat")


def _order(room: Room, entry: Entry) -> Room:
    _now(room, entry)
    if room.status == PAUSED:
        raise RefusedError("the seminar is paused: no orders now; your draft is kept")
    orders = checked_orders(room.course.state(entry["seat"]), entry.get("orders"))
    return replace(room, orders={**room.orders, entry["seat"]: orders})


def _propose(room: Room, entry: Entry) -> Room:
    _now(room, entry)
    me = room.course.state(entry["seat"])
    deal = checked_deal(me, room.seats, entry.get("deal"))
    if len(room.deals) >= MOST_DEALS:
        raise RefusedError("there are too many deals")
    made = {"id": len(room.deals) + 1, "by": me.code, **deal, "turn": room.turn}
    return replace(room, deals=(*room.deals, made | {"state": "proposed"}))


def _answer(room: Room, entry: Entry) -> Room:
    _now(room, entry)
    number, accept = _whole(entry, "deal"), entry.get("accept")
    place = number - 1
    if not 0 <= place < len(room.deals) or room.deals[place]["to"] != entry["seat"]:
        raise RefusedError("no such deal was proposed to you")
    deal = room.deals[place]
    if deal["state"] != "proposed" or not isinstance(accept, bool):
        raise RefusedError("that deal was answered already")
    answered = deal | {"state": "accepted" if accept else "refused", "since": room.turn}
    room = replace(room, deals=(*room.deals[:place], answered, *room.deals[place + 1 :]))
    if accept and deal["type"] == STATEMENT:
        return _said(room, both(deal), EVERYBODY, deal["text"])
    return room


def _say(room: Room, entry: Entry) -> Room:
    _now(room, entry)
    to, text = entry.get("to"), entry.get("text")
    if to not in (*room.seats, EVERYBODY) or to == entry.get("seat"):
        raise RefusedError("a statement goes to another seat, or to all")
    return _said(room, entry.get("seat", TEACHER), str(to), checked_text(text))


def _said(room: Room, by: str, to: str, text: str) -> Room:
    if len(room.talk) >= MOST_TALK:
        raise RefusedError("there are too many statements")
    line = {"turn": room.turn, "by": by, "to": to, "text": text}
    return replace(room, talk=(*room.talk, line))


def _pause(room: Room, entry: Entry) -> Room:
    return replace(room, status=PAUSED)


def _resume(room: Room, entry: Entry) -> Room:
    return replace(room, status=OPEN)


def _next(room: Room, entry: Entry) -> Room:
    _now(room, entry)

    def decide(states: Mapping[str, State]) -> None:
        for deal in room.deals:
            if stands(deal, room.turn):
                apply_deal(states[deal["by"]], states[deal["to"]], deal)
        for seat, orders in room.orders.items():
            for order in orders:
                apply_order(states[seat], order)

    if room.over:
        raise RefusedError("no turn is left")
    moved = replace(
        room,
        course=room.course.advanced(decide, room.seats),
        turn=room.turn + 1,
        status=OPEN,
        orders={},
        past=(*room.past, room.orders),
    )
    moved = replace(moved, status=ENDED) if moved.over else moved
    return replace(moved, begun=(*room.begun, moved))


def _inject(room: Room, entry: Entry) -> Room:
    _now(room, entry)
    states = entry.get("states")
    if not isinstance(states, list) or [c for c in states if c not in room.scenario.states]:
        raise RefusedError("what is injected names states of the scenario")
    return replace(room, course=room.course.injected(str(entry.get("what")), states))


def _rewind(room: Room, entry: Entry) -> Room:
    """Return the room as a turn began; statements stay said."""
    turn = _whole(entry, "turn")
    if not 0 <= turn <= room.turn:
        raise RefusedError("a seminar is rewound to a turn that has begun")
    kept = room.begun[: turn + 1]
    return replace(room.begun[turn], talk=room.talk, status=OPEN, begun=kept)


def _end(room: Room, entry: Entry) -> Room:
    return replace(room, status=ENDED)


def stands(deal: Mapping[str, Any], turn: int) -> bool:
    """Return whether a deal holds in a turn.

    Args:
        deal: A deal of a room.
        turn: The number of the turn.
    """
    return deal["state"] == "accepted" and deal["since"] <= turn < deal["since"] + deal["turns"]


STEPS: Mapping[str, Callable[[Room, Entry], Room]] = {
    "order": _order,
    "propose": _propose,
    "answer": _answer,
    "say": _say,
    "pause": _pause,
    "resume": _resume,
    "next": _next,
    "inject": _inject,
    "rewind": _rewind,
    "end": _end,
}
"""What an entry of a kind does."""
OF_SEATS = ("order", "propose", "answer", "say")
"""What a seat may enter; all else is the teacher's."""


def weeks_of(turn: int) -> range:
    """Return the weeks of a turn."""
    return range(WEEKS * turn, WEEKS * (turn + 1))
