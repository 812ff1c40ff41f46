"""The hub: all open pages of all rooms, to which it shows whatever anybody enters."""

import logging
from collections.abc import Mapping
from threading import Lock
from time import time
from typing import Any, Protocol

from .debrief import debriefed
from .limits import MOST_PAGES, MOST_SPECTATORS, MOST_WINDOWS, Allowance
from .orders import RefusedError
from .picture import drawn
from .room import ENDED, TEACHER, Entry
from .store import SPECTATOR, Held, Store
from .views import public

LOG = logging.getLogger(__name__)


class Page(Protocol):
    """An open page."""

    role: str

    def show(self, held: Held) -> None:
        """Bring the page up to date."""

    def show_clock(self, text: str) -> None:
        """Show how much of the turn is left."""

    def show_windows(self, count: int) -> None:
        """Show that the seat is open in so many windows."""


class Hub:
    """Rooms, and who has a page of them open."""

    def __init__(self, store: Store) -> None:
        """Take the rooms of a store."""
        self.store = store
        self.entries = Allowance(burst=20, rate=4)
        self.drafts = Allowance(burst=20, rate=2)
        self.guesses = Allowance(burst=20, rate=0.5)
        self.loads = Allowance(burst=300, rate=10)
        self.rooms = Allowance(burst=5, rate=0.05)
        self._pages: dict[str, list[Page]] = {}
        self._pictures: dict[str, tuple[Any, str]] = {}
        self._debriefings: dict[str, tuple[int, str]] = {}
        self._drawing = Lock()

    def has_place(self, code: str, role: str) -> bool:
        """Return whether one more page of a room may be opened.

        Args:
            code: The room.
            role: Whose page.
        """
        pages = self._pages.get(code, [])
        same = sum(page.role == role for page in pages)
        most = MOST_SPECTATORS if role == SPECTATOR else MOST_WINDOWS
        return same < most and sum(map(len, self._pages.values())) < MOST_PAGES

    def join(self, code: str, page: Page) -> None:
        """Add a page that a browser has opened; who comes later to a seat is shown so.

        Args:
            code: The room.
            page: The page.
        """
        pages = self._pages.setdefault(code, [])
        if page not in pages:
            pages.append(page)
        self._count_windows(code, page.role)
        held = self.store.get(code)
        if held is not None:
            page.show(held)
            page.show_clock(clock_text(held))

    def leave(self, code: str, page: Page) -> None:
        """Drop a page that is closed.

        Args:
            code: The room.
            page: The page.
        """
        pages = self._pages.get(code, [])
        if page in pages:
            pages.remove(page)
        self._count_windows(code, page.role)

    def _count_windows(self, code: str, role: str) -> None:
        same = [page for page in self._pages.get(code, []) if page.role == role]
        for place, page in enumerate(same):
            page.show_windows(place + 1 if place else 1)

    def present(self, code: str) -> set[str]:
        """Return the roles of whom a page of a room is open."""
        return {page.role for page in self._pages.get(code, [])}

    def enter(self, code: str, role: str, entry: Entry) -> Held:
        """Add an entry to a room, and show it to all.

        Args:
            code: The room.
            role: Who enters.
            entry: As of `room.after`, without a seat.

        Raises:
            RefusedError: It cannot be, or comes too fast.
        """
        if not self.entries.allows((code, role)):
            raise RefusedError("that is too fast; wait a few seconds")
        held = self.store.enter(code, role, entry, time())
        self.refresh(held)
        return held

    def save_draft(self, code: str, seat: str, draft: Mapping[str, Any]) -> None:
        """Keep what a seat has not submitted yet.

        Args:
            code: The room.
            seat: The code of the state.
            draft: Its orders, and what it was about to say.

        Raises:
            RefusedError: It is too large, or comes too fast.
        """
        if not self.drafts.allows((code, seat)):
            raise RefusedError("that is too fast: the draft was not kept")
        self.store.save_draft(code, seat, draft)

    def refresh(self, held: Held) -> None:
        """Bring all pages of a room up to date."""
        for page in list(self._pages.get(held.code, [])):
            try:
                page.show(held)
            except Exception:  # one page that is gone keeps no other from being shown
                LOG.exception("a page of room %s", held.code)

    def tick(self) -> None:
        """End the turns whose clock has run out; show the others what is left."""
        now = time()
        for code in list(self._pages):
            held = self.store.get(code)
            if held is None or held.due is None or held.room.status == ENDED:
                continue
            left = held.due - now
            if left <= 0.0:
                held = self._end_turn(held, now)
            if left <= 11.0 or int(left) % 5 == 0:
                for page in list(self._pages[code]):
                    page.show_clock(clock_text(held))

    def _end_turn(self, held: Held, now: float) -> Held:
        entry: Mapping[str, Any] = {"kind": "next", "turn": held.room.turn}
        try:
            held = self.store.enter(held.code, TEACHER, entry, now)
        except RefusedError as error:
            LOG.warning("room %s: %s", held.code, error)
            held = self.store.enter(held.code, TEACHER, {"kind": "pause"}, now)
        self.refresh(held)
        return held

    def picture(self, code: str) -> str | None:
        """Return the picture of a room as SVG, drawn once for each turn; None without a room."""
        held = self.store.get(code)
        if held is None:
            return None
        with self._drawing:
            at = picture_name(held)
            if self._pictures.get(code, ("",))[0] != at:
                self._pictures[code] = (at, drawn(public(held.room)))
            return self._pictures[code][1]

    def debriefing(self, held: Held) -> str:
        """Return the debriefing of a room as HTML, made once for all who take it."""
        with self._drawing:
            if self._debriefings.get(held.code, (0,))[0] != held.entries:
                made = (held.entries, debriefed(self.store.log(held.code)))
                self._debriefings[held.code] = made
            return self._debriefings[held.code][1]


def picture_name(held: Held) -> str:
    """Return what tells one picture of a room from the next, and nothing of its world."""
    return str(held.moves)


def clock_text(held: Held) -> str:
    """Return how much of a turn is left, as text."""
    if held.due is None or held.room.status == ENDED:
        return ""
    left = max(int(held.due - time()), 0)
    return f"{left // 60}:{left % 60:02} left"
