"""The hub of a server: all pages are shown what anybody enters; the clock; what comes too fast."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seminar_rooms import SEATS, forward, small

from sim.app.seminar import hub as hub_module
from sim.app.seminar.hub import Hub, clock_text
from sim.app.seminar.limits import FewSockets
from sim.app.seminar.orders import RefusedError
from sim.app.seminar.room import ENDED, PAUSED, TEACHER, opening
from sim.app.seminar.store import Held, Store

pytestmark = pytest.mark.usefixtures("unchecked")
SILENCE = {"kind": "order", "turn": 0, "orders": []}


class Paper:
    """A page that remembers what it was shown."""

    def __init__(self, role: str) -> None:
        self.role, self.turns, self.clocks, self.windows = role, list[int](), list[str](), 0

    def show(self, held: Held) -> None:
        self.turns.append(held.room.turn)

    def show_clock(self, text: str) -> None:
        self.clocks.append(text)

    def show_windows(self, count: int) -> None:
        self.windows = count


class Torn(Paper):
    def show(self, held: Held) -> None:
        raise RuntimeError("it is gone")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    store = Store(tmp_path / "rooms.db")
    yield Hub(store)
    store.close()


def opened(hub: Hub, minutes: float = 0.0, turns: int = 3) -> str:
    made = opening(small(), SEATS, seed=3, turns=turns)
    return hub.store.create(made, hub_module.time(), minutes)


def held_in(hub: Hub, code: str) -> Held:
    held = hub.store.get(code)
    assert held is not None
    return held


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(hub_module, "time", lambda: now[0])
    return now


def test_all_pages_are_shown_what_anybody_enters(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    code = opened(hub)
    torn, pages = Torn("ALY"), [Paper("CHL"), Paper("spectator")]
    hub._pages[code] = [torn]
    for page in pages:
        hub.join(code, page)
    with caplog.at_level(logging.CRITICAL):
        hub.enter(code, TEACHER, forward(0))
    assert [page.turns for page in pages] == [[0, 1], [0, 1]]
    hub.leave(code, pages[0])
    with caplog.at_level(logging.CRITICAL):
        hub.enter(code, TEACHER, forward(1))
    assert pages[0].turns == [0, 1]
    assert hub.present(code) == {"ALY", "spectator"}


def test_the_later_of_two_windows_is_shown_so_until_the_first_closes(hub: Hub) -> None:
    code = opened(hub)
    first, later, other = Paper("CHL"), Paper("CHL"), Paper("DEF")
    for page in (first, later, other):
        hub.join(code, page)
    assert (first.windows, later.windows, other.windows) == (1, 2, 1)
    hub.join(code, later)  # it connects again
    assert (first.windows, later.windows) == (1, 2)
    hub.leave(code, first)
    assert later.windows == 1


def test_the_clock_ends_a_turn_and_the_last_ends_all(hub: Hub, clock: list[float]) -> None:
    code = opened(hub, minutes=1.0, turns=2)
    page = Paper("CHL")
    hub.join(code, page)
    clock[0] = 1055.0
    hub.tick()
    assert (held_in(hub, code).room.turn, page.clocks[-1]) == (0, "0:05 left")
    clock[0] = 1061.0
    hub.tick()
    assert (held_in(hub, code).room.turn, page.clocks[-1]) == (1, "1:00 left")
    clock[0] = 1200.0
    hub.tick()
    held = held_in(hub, code)
    assert (held.room.status, clock_text(held)) == (ENDED, "")
    hub.tick()
    assert page.turns == [0, 1, 2]


def test_a_turn_that_cannot_end_pauses(
    hub: Hub, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = opened(hub, minutes=1.0)
    hub.join(code, Paper("CHL"))

    def fails(*_: Any) -> Any:
        raise RefusedError("numbers left their range in week 3")

    monkeypatch.setattr("sim.app.seminar.course.Course.advanced", fails)
    clock[0] = 1100.0
    hub.tick()
    held = held_in(hub, code)
    assert (held.room.status, held.room.turn) == (PAUSED, 0)


def test_what_comes_too_fast_is_refused(hub: Hub) -> None:
    code = opened(hub)
    for _ in range(20):
        hub.enter(code, "CHL", SILENCE)
    with pytest.raises(RefusedError, match="too fast"):
        hub.enter(code, "CHL", SILENCE)
    hub.enter(code, "DEF", SILENCE)
    for _ in range(20):
        hub.save_draft(code, "CHL", {})
    with pytest.raises(RefusedError, match="too fast"):
        hub.save_draft(code, "CHL", {})


def test_a_picture_is_drawn_once_a_turn(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    code, drawings = opened(hub), list[int]()
    draw = hub_module.drawn

    def counted(view: dict[str, Any]) -> str:
        drawings.append(view["turn"])
        return draw(view)

    monkeypatch.setattr(hub_module, "drawn", counted)
    first = hub.picture(code)
    hub.enter(code, "CHL", SILENCE)
    assert hub.picture(code) is first
    hub.enter(code, TEACHER, forward(0))
    assert hub.picture(code) != first
    hub.picture(code)
    assert drawings == [0, 1]
    assert hub.picture("QQQQQQ") is None
    assert first is not None
    assert "<script" not in first


def test_a_picture_is_another_after_a_rewind_and_a_start(hub: Hub, tmp_path: Path) -> None:
    code = opened(hub)
    hub.enter(code, TEACHER, forward(0))
    first = hub.picture(code)
    hub.enter(code, TEACHER, {"kind": "rewind", "turn": 0})
    hub.enter(code, "CHL", SILENCE)
    assert hub.picture(code) != first
    assert held_in(hub, code).moves == 2
    again = Store(tmp_path / "rooms.db")
    assert held_in(Hub(again), code).moves == 2
    again.close()


def test_connections_beyond_so_many_are_turned_away() -> None:
    sent = list[str]()

    async def serve() -> None:
        inside = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await inside.wait()

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        few = FewSockets(app, most=1)
        first = asyncio.create_task(few({"type": "websocket"}, receive, send))
        await asyncio.sleep(0)
        await few({"type": "websocket"}, receive, send)
        inside.set()
        await first
        await few({"type": "websocket"}, receive, send)
        await few({"type": "http"}, receive, send)

    asyncio.run(serve())
    assert sent == ["websocket.close"]
