"""The seminar's addresses: who may open which page, and what is refused.

    /seminar                         open a room, or watch one
    /seminar/CODE                    spectators
    /seminar/CODE/seat?role=&key=    a seat
    /seminar/CODE/teacher?key=       the teacher
    /seminar/CODE/picture            what everybody sees, drawn
    /seminar/CODE/debriefing, /log   files to keep; before the end the teacher's alone

No part of an address is ever taken for a path of a file.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import time
from typing import Any, Literal

from nicegui import app, core, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ...listing import list_scenarios
from ...scenario.load import load
from ..look import navigation
from .hub import Hub
from .limits import LARGEST_MESSAGE, Allowance, FewSockets
from .orders import RefusedError
from .parts import REFUSAL, heading, page_head
from .replay import exported
from .room import ENDED, MOST_TURNS, TEACHER, opening
from .seat_page import SeatPage
from .store import SPECTATOR, Held, Store
from .teacher_page import OutsidePage, TeacherPage

LOG = logging.getLogger(__name__)
FILE = "seminars.db"
LANGUAGE: Literal["en-US"] = "en-US"
LARGEST_SEED = 10**9
LONGEST = 200
"""Characters of a code, role or key in an address."""
INTRODUCTION = (
    "Each team decides for a state, four weeks a turn; the other states follow their doctrines. A"
    " team opens the link that its teacher gave it; who only watches needs the room code."
)
NO_ROOM = "There is no such room, or this link opens no page of it."
TOO_MANY = "Too many tries; wait a minute."
FULL = "This room is full; close other windows first."


def add_pages(folder: Path) -> Hub:
    """Add the seminar's pages to NiceGUI's app, and the clock of its rooms.

    Args:
        folder: Where rooms are kept; it is made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hub = Hub(Store(folder / FILE))
    core.sio.eio.max_http_buffer_size = LARGEST_MESSAGE
    _limit_events()
    app.add_middleware(FewSockets)
    app.timer(1.0, hub.tick)
    app.on_shutdown(hub.store.close)
    _add_front(hub)
    _add_room(hub)
    _add_files(hub)
    return hub


def _limit_events() -> None:
    """Let each connection send so many messages a second; what no page sends is dropped."""
    allowance = Allowance(burst=200, rate=50)
    handlers = core.sio.handlers["/"]
    for name in ("handshake", "event", "javascript_response", "ack", "log"):
        handlers[name] = _limited(handlers[name], allowance)


def _limited(handler: Callable[..., Any], allowance: Allowance) -> Callable[..., Awaitable[Any]]:
    async def limited(sid: str, message: Any = None) -> Any:
        if not isinstance(message, dict) or not allowance.allows(sid):
            return False
        try:
            result = handler(sid, message)
            return await result if asyncio.iscoroutine(result) else result
        except Exception:  # of a malformed message; what a page's own function raises is logged
            LOG.debug("a malformed message was dropped", exc_info=True)
            return False

    return limited


def _add_front(hub: Hub) -> None:
    @ui.page("/seminar", language=LANGUAGE)
    def front() -> None:
        page_head("Seminar")
        navigation("/seminar")
        heading("A seminar: many seats in one room", 1)
        ui.label(INTRODUCTION)
        with ui.element("div").classes("panel"):
            heading("Watch a room")
            code = ui.input("Room code").classes("whole")
            ui.button("Watch", on_click=lambda: _watch(hub, str(code.value or "")))
        with ui.element("div").classes("panel"):
            heading("Open a room, as a teacher")
            Opening(hub)


def _watch(hub: Hub, code: str) -> None:
    if hub.store.get(code.strip().upper()) is None:
        ui.notify("There is no such room", color=REFUSAL)
        return
    ui.navigate.to(f"/seminar/{code.strip().upper()}")


class Opening:
    """The form that opens a room."""

    def __init__(self, hub: Hub) -> None:
        """Build it in the client at hand.

        Args:
            hub: Of the server.
        """
        self._hub = hub
        scenarios = list_scenarios()
        titles = {
            str(name): str(title)
            for name, title in scenarios["title"].items()
            if not str(name).startswith("limit_") and str(name) != "synthetic"
        }
        first = "northeast_asia_2023" if "northeast_asia_2023" in titles else next(iter(titles))
        self._scenario = ui.select(titles, value=first, label="World", on_change=self._choose)
        self._seats = ui.select([], label="Seats", multiple=True)
        self._turns = ui.number("Turns of four weeks", value=8, min=1, max=MOST_TURNS, format="%d")
        self._minutes = ui.number("Minutes of a turn; 0 without a clock", value=8, min=0, max=240)
        seed = secrets.randbelow(LARGEST_SEED)  # who knows it can simulate what nobody may know
        self._seed = ui.number("Seed, to keep secret", value=seed, min=0, format="%d")
        for element in (self._scenario, self._seats, self._turns, self._minutes, self._seed):
            element.classes("whole")
        ui.button("Open the room", on_click=self._open)
        self._choose()

    def _choose(self) -> None:
        states = load(self._scenario.value).spec.states
        names = {code: f"{state.name or code} ({code})" for code, state in states.items()}
        self._seats.set_options(names, value=list(names)[:3])

    def _open(self) -> None:
        if not self._hub.rooms.allows("rooms"):
            ui.notify("Too many rooms were opened; wait a minute", color=REFUSAL)
            return
        try:
            scenario, seats = load(self._scenario.value), list(self._seats.value or ())
            seed, turns = int(self._seed.value or 0), int(self._turns.value or 0)
            minutes = min(max(float(self._minutes.value or 0.0), 0.0), 240.0)
            code = self._hub.store.create(
                opening(scenario, seats, seed=seed, turns=turns), time(), minutes
            )
        except RefusedError as error:
            ui.notify(str(error), color=REFUSAL)
            return
        key = self._hub.store.keys(code)[TEACHER]
        ui.navigate.to(f"/seminar/{code}/teacher?key={key}")


def _add_room(hub: Hub) -> None:
    @ui.page("/seminar/{code}", language=LANGUAGE)
    def spectator(request: Request, code: str) -> Response | None:
        held = _room(hub, request, code)
        if isinstance(held, Response):
            return held
        return _opened(hub, held, SPECTATOR, lambda: OutsidePage(hub, held))

    @ui.page("/seminar/{code}/seat", language=LANGUAGE)
    def seat(request: Request, code: str, role: str = "", key: str = "") -> Response | None:
        held = _room(hub, request, code, role, key)
        if isinstance(held, Response):
            return held
        return _opened(hub, held, role, lambda: SeatPage(hub, held, role, key))

    @ui.page("/seminar/{code}/teacher", language=LANGUAGE)
    def teacher(request: Request, code: str, key: str = "") -> Response | None:
        held = _room(hub, request, code, TEACHER, key)
        if isinstance(held, Response):
            return held
        return _opened(hub, held, TEACHER, lambda: TeacherPage(hub, held, key))


def _room(
    hub: Hub, request: Request, code: str, role: str | None = None, key: str = ""
) -> Held | Response:
    """Return the room of an address, or the refusal: of a code, role or key that is none."""
    who = request.client.host if request.client else ""
    held = None
    if max(len(code), len(role or ""), len(key)) <= LONGEST:
        held = hub.store.get(code)
    if held is not None and (role is None or _fits(hub, code, role, key)):
        return held
    if not hub.guesses.allows(who):
        return PlainTextResponse(TOO_MANY, status_code=429)
    return PlainTextResponse(NO_ROOM, status_code=403)


def _fits(hub: Hub, code: str, role: str, key: str) -> bool:
    return hub.store.role(code, key) == role


def _opened(hub: Hub, held: Held, role: str, make: Callable[[], Any]) -> Response | None:
    client = ui.context.client
    if not hub.loads.allows(client.ip):
        return PlainTextResponse(TOO_MANY, status_code=429)
    if not hub.has_place(held.code, role):
        return PlainTextResponse(FULL, status_code=503)
    page = make()
    client.on_connect(lambda: hub.join(held.code, page))
    client.on_delete(lambda: hub.leave(held.code, page))
    return None


def _add_files(hub: Hub) -> None:
    @app.get("/seminar/{code}/picture")
    def picture(request: Request, code: str) -> Response:
        held = _room(hub, request, code)
        if isinstance(held, Response):
            return held
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(hub.picture(code), media_type="image/svg+xml", headers=headers)

    @app.get("/seminar/{code}/log")
    def log(request: Request, code: str, role: str = "", key: str = "") -> Response:
        held = _room(hub, request, code, role, key)
        if isinstance(held, Response):
            return held
        if role != TEACHER:
            return PlainTextResponse("This file is the teacher's.", status_code=403)
        return _file(exported(hub.store.log(code)), f"seminar-{held.code}.json", "application/json")

    @app.get("/seminar/{code}/debriefing")
    def debriefing(request: Request, code: str, role: str = "", key: str = "") -> Response:
        held = _room(hub, request, code, role, key)
        if isinstance(held, Response):
            return held
        if role != TEACHER and held.room.status != ENDED:
            return PlainTextResponse("The seminar has not ended.", status_code=403)
        return _file(hub.debriefing(held), f"debriefing-{held.code}.html", "text/html")


def _file(text: str, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type=kind, headers=headers)
