"""The pages of a teacher and of spectators: the room from outside."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from .course import CEASEFIRE, FAILURE, LEAK
from .hub import Hub, picture_name
from .orders import LONGEST_TEXT, RefusedError
from .parts import REFUSAL, Shown, heading, page_head, status_line, tables_html, talk_lines
from .room import EVERYBODY, PAUSED, TEACHER, Room
from .store import SPECTATOR, Held
from .views import LEVELS, digits, public

INJECTIONS = {
    LEAK: "A leak: all learn what went from one to the other",
    FAILURE: "A launch that fails, of the first state",
    CEASEFIRE: "A ceasefire between the two",
}
PICTURE = -1
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HERE_ALONE = (
    "The links work on this machine alone. To let a class in, start armsflow-app with host=0.0.0.0"
    " and open this page by the machine's own address."
)


class OutsidePage:
    """What everybody sees of a room: the page of a spectator."""

    role = SPECTATOR

    def __init__(self, hub: Hub, held: Held) -> None:
        """Build the page in the client at hand.

        Args:
            hub: Of the server.
            held: The room.
        """
        self.hub, self.code = hub, held.code
        self._client, self._shown, self._turn = ui.context.client, Shown(), held.room.turn
        page_head(f"Seminar {held.code}")
        heading(held.room.scenario.spec.title or held.room.scenario.name, 1)
        with ui.element("div").classes("row").props('role="status"'):
            self._status, self._clock = ui.label(), ui.label().classes("strong")
        self._windows = ui.label().classes("warn").props('role="alert"')
        self._windows.set_visibility(False)
        self._controls(held)
        with ui.element("div").classes("seminar-columns"):
            with ui.element("div"):
                self._picture = ui.image().props('alt="Wars, tests and exercises by week"')
                self._tables = ui.html("", sanitize=False).classes("numbers").props("tabindex=0")
            with ui.element("div"):
                heading("What happened last turn")
                self._news = ui.label().classes("lines")
                heading("Statements to all")
                self._talk = ui.label().classes("lines").props('role="log"')
        self.show(held)

    def _controls(self, held: Held) -> None:
        """Add nothing: a spectator watches."""

    def show(self, held: Held) -> None:
        """Bring the page up to date."""
        view = public(held.room)
        self._turn = view["turn"]
        with self._client:
            self._shown.set(self._status, status_line(view))
            self._shown.set(self._tables, tables_html(view["tables"] | self._more(held.room)))
            self._shown.set(self._news, "\n".join(view["news"]) or "Nothing that everybody learns")
            self._shown.set(self._talk, talk_lines(view["talk"]))
            if self._shown.is_new(PICTURE, picture_name(held)):
                source = f"/seminar/{self.code}/picture?at={picture_name(held)}"
                self._picture.set_source(source)

    def _more(self, room: Room) -> dict[str, list[list[str]]]:
        """Return tables beside the public ones."""
        return {}

    def show_clock(self, text: str) -> None:
        """Show how much of the turn is left."""
        with self._client:
            self._shown.set(self._clock, text)

    def show_windows(self, count: int) -> None:
        """Show nothing: there may be many spectators."""


class TeacherPage(OutsidePage):
    """The page of a teacher."""

    role = TEACHER

    def __init__(self, hub: Hub, held: Held, key: str) -> None:
        """Build the page in the client at hand.

        Args:
            hub: Of the server.
            held: The room.
            key: The teacher's.
        """
        self._key = key
        super().__init__(hub, held)

    def _controls(self, held: Held) -> None:
        states = list(held.room.scenario.states)
        base = str(ui.context.client.request.base_url).rstrip("/")
        with ui.element("div").classes("panel"):
            ui.label(f"Room code, for spectators: {held.code}").classes("strong")
            if ui.context.client.request.url.hostname in LOOPBACK:
                ui.label(HERE_ALONE).classes("lines")
            with ui.expansion("Links of the seats: give each team its own").classes("whole"):
                for role, key in self.hub.store.keys(held.code).items():
                    if role != TEACHER:
                        url = f"{base}/seminar/{held.code}/seat?role={role}&key={key}"
                        ui.link(f"{role}: {url}", url).classes("lines")
            with ui.element("div").classes("row"):
                ui.button("Next turn", on_click=self._doing("next"))
                self._pause = ui.button("Pause", on_click=self._pause_or_resume).props("outline")
                ui.button("End", on_click=self._doing("end")).props("outline")
                self._to_turn = ui.number("Turn", value=1, min=1, format="%d").classes("narrow")
                ui.button("Rewind to", on_click=self._rewind).props("outline")
            with ui.element("div").classes("row"):
                self._what = ui.select(INJECTIONS, value=LEAK, label="Inject").classes("wide")
                self._one = ui.select(states, value=states[0], label="State").classes("medium")
                self._two = ui.select(states, value=states[1], label="And").classes("medium")
                self._two.bind_visibility_from(self._what, "value", lambda what: what != FAILURE)
                ui.button("Inject", on_click=self._inject).props("outline")
            with ui.element("div").classes("row"):
                self._say = ui.input("Say to all").props(f"maxlength={LONGEST_TEXT}")
                ui.button("Say", on_click=self._speak).props("outline")
            with ui.element("div").classes("row"):
                by = f"role={TEACHER}&key={self._key}"
                ui.link("Debriefing, a file to keep", f"/seminar/{held.code}/debriefing?{by}")
                ui.link("The seminar, for armsflow replay=", f"/seminar/{held.code}/log?{by}")

    def show(self, held: Held) -> None:
        """Bring the page up to date."""
        super().show(held)
        with self._client:
            self._pause.set_text("Resume" if held.room.status == PAUSED else "Pause")

    def _more(self, room: Room) -> dict[str, list[list[str]]]:
        """Return who is there, and what is so between states, which no seat sees whole."""
        present = self.hub.present(self.code)
        seats = [["seat", "page", "orders"]]
        for seat in room.seats:
            here = "open" if seat in present else "closed"
            submitted = f"{len(room.orders[seat])} submitted" if seat in room.orders else "none yet"
            seats.append([seat, here, submitted])
        world, states = room.course.world, room.scenario.states
        so = [["actor, target", "dispute", "tension", "hard", "trust"]]
        for place, (i, j) in enumerate(room.scenario.pairs):
            if i < j and (world.level[place] or world.tension[i, j] > 0.3):
                numbers = (world.tension[i, j], world.hard[place], world.trust[place])
                row = [f"{states[i]}, {states[j]}", LEVELS[int(world.level[place])]]
                so.append([*row, *(digits(float(x)) for x in numbers)])
        return {"Seats": seats, "Between states, as it is (for you alone)": so}

    def show_windows(self, count: int) -> None:
        """Show that the teacher's page is open elsewhere, since before this one."""
        with self._client:
            text = "This page is open in another window too."
            self._shown.set(self._windows, text if count > 1 else "")
            self._windows.set_visibility(count > 1)

    def _doing(self, kind: str) -> Callable[[], None]:
        return lambda: self._enter({"kind": kind, "turn": self._turn})

    def _enter(self, entry: dict[str, Any]) -> None:
        try:
            self.hub.enter(self.code, TEACHER, entry)
        except RefusedError as error:
            ui.notify(str(error), color=REFUSAL)

    def _pause_or_resume(self) -> None:
        held = self.hub.store.get(self.code)
        paused = held is not None and held.room.status == PAUSED
        self._enter({"kind": "resume" if paused else "pause"})

    def _rewind(self) -> None:
        self._enter({"kind": "rewind", "turn": int(self._to_turn.value or 0) - 1})

    def _inject(self) -> None:
        one, two = self._one.value, self._two.value
        states = [one] if self._what.value == FAILURE else [one, two]
        entry = {"kind": "inject", "turn": self._turn, "what": self._what.value, "states": states}
        self._enter(entry)

    def _speak(self) -> None:
        text = self._say.value
        self._enter({"kind": "say", "turn": self._turn, "to": EVERYBODY, "text": text})
        self._say.set_value("")
