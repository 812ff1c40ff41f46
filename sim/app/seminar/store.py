"""What a server keeps: rooms, keys, logs and drafts, in one file of SQLite.

Each entry of a log is one transaction, on disk before anybody is answered: a server that is killed
comes back with every room as of its last entry. Keys are random, and compared in constant time.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from pathlib import Path
from threading import RLock
from time import time
from typing import Any

from .orders import RefusedError
from .room import OF_SEATS, TEACHER, Room, after, begin, fold

SPECTATOR = "spectator"
MOVES = ("next", "rewind")
"""Entries that move a room to another turn."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of room codes: none that is read for another."""
CODE_LENGTH = 6
MOST_ROOMS = 50
GRACE = 60.0
"""Seconds that a turn has left at the least when a server has started."""
LARGEST_DRAFT = 20_000
"""Characters; of an entry too."""
_TABLES = """
CREATE TABLE IF NOT EXISTS room (code TEXT PRIMARY KEY, opened REAL NOT NULL, due REAL,
  minutes REAL NOT NULL);
CREATE TABLE IF NOT EXISTS key (room TEXT NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (room, role));
CREATE TABLE IF NOT EXISTS log (room TEXT NOT NULL, number INTEGER NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (room, number));
CREATE TABLE IF NOT EXISTS draft (room TEXT NOT NULL, seat TEXT NOT NULL, draft TEXT NOT NULL,
  PRIMARY KEY (room, seat));
"""


@dataclass(frozen=True)
class Held:
    """A room that a server holds, with its clock, as of its last entry.

    - `code`: by which a class finds it.
    - `room`: as it stands.
    - `entries`: how many its log has.
    - `moves`: how many of them moved it to another turn.
    - `due`: when the turn ends, seconds since the epoch; None without a clock.
    - `minutes`: of a turn; 0 without a clock.
    """

    code: str
    room: Room
    entries: int
    moves: int
    due: float | None
    minutes: float


class Store:
    """The rooms of a server, in a file."""

    def __init__(self, path: Path, clock: Callable[[], float] = time) -> None:
        """Open the file; make it if it is not there.

        Args:
            path: The file.
            clock: Seconds since the epoch.
        """
        self._clock = clock
        path.touch(mode=0o600)
        self._lock = RLock()
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _TABLES)
        self._held: dict[str, Held] = {}

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def codes(self) -> list[str]:
        """Return the codes of all rooms."""
        with self._lock:
            return [code for (code,) in self._base.execute("SELECT code FROM room")]

    def create(self, opening: Mapping[str, Any], now: float, minutes: float = 0.0) -> str:
        """Open a room and return its code.

        Args:
            opening: The first entry of its log, of `room.opening`.
            now: Seconds since the epoch.
            minutes: Of a turn; 0 without a clock.

        Raises:
            RefusedError: It opens none, or there are too many rooms.
        """
        room, text = begin(opening), _packed(opening, 10**7)
        with self._lock:
            if len(self.codes()) >= MOST_ROOMS:
                raise RefusedError(
                    f"there are {MOST_ROOMS} rooms already; stop the server and move its file away"
                )
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            due = now + 60.0 * minutes if minutes else None
            with self._transaction() as base:
                base.execute("INSERT INTO room VALUES (?, ?, ?, ?)", (code, now, due, minutes))
                keys = [(code, role, secrets.token_urlsafe(24)) for role in (TEACHER, *room.seats)]
                base.executemany("INSERT INTO key VALUES (?, ?, ?)", keys)
                base.execute("INSERT INTO log VALUES (?, 0, ?)", (code, text))
            self._held[code] = Held(code, room, 1, 0, due, minutes)
            return code

    def get(self, code: str) -> Held | None:
        """Return a room; after a start of the server it is folded from its log."""
        with self._lock:
            if code not in self._held:
                row = self._base.execute(
                    "SELECT due, minutes FROM room WHERE code = ?", (code,)
                ).fetchone()
                if row is None:
                    return None
                log = self.log(code)
                moves = sum(entry["kind"] in MOVES for entry in log)
                due, minutes = row
                if due is not None:  # whoever comes back has time to submit a draft
                    due = max(due, self._clock() + GRACE)
                self._held[code] = Held(code, fold(log), len(log), moves, due, minutes)
            return self._held[code]

    def log(self, code: str) -> list[dict[str, Any]]:
        """Return all entries of a room."""
        query = "SELECT entry FROM log WHERE room = ? ORDER BY number"
        with self._lock:
            return [json.loads(text) for (text,) in self._base.execute(query, (code,))]

    def keys(self, code: str) -> dict[str, str]:
        """Return the keys of a room by role: the teacher's and each seat's."""
        query = "SELECT role, key FROM key WHERE room = ?"
        with self._lock:
            return dict(self._base.execute(query, (code,)).fetchall())

    def role(self, code: str, key: str) -> str | None:
        """Return whose key it is in a room: `teacher`, a seat, or nobody's.

        Args:
            code: The room.
            key: What came from outside.
        """
        found = None
        for role, own in self.keys(code).items():  # all are compared, whichever fits
            if compare_digest(own.encode(), key.encode("utf-8", "replace")):
                found = role
        return found

    def enter(self, code: str, role: str, entry: Mapping[str, Any], now: float) -> Held:
        """Add an entry to a room's log: on disk when this returns.

        Args:
            code: The room.
            role: Who enters: a seat enters for itself alone.
            entry: Without `seat`, which the role gives.
            now: Seconds since the epoch, for the clock.

        Raises:
            RefusedError: The entry cannot be, or is not this role's to make; nothing is kept of it.
        """
        kind = entry.get("kind")
        if role != TEACHER and kind not in OF_SEATS:
            raise RefusedError("that is the teacher's to do")
        if role == TEACHER and kind in OF_SEATS and kind != "say":
            raise RefusedError("that is a seat's to do")
        given = {name: value for name, value in entry.items() if name != "seat"}
        made = given if role == TEACHER else given | {"seat": role}
        text = _packed(made, LARGEST_DRAFT)
        with self._lock:
            held = self.get(code)
            if held is None:
                raise RefusedError("there is no such room")
            room = after(held.room, json.loads(text))
            due = held.due
            if kind in ("next", "rewind", "resume"):
                due = now + 60.0 * held.minutes if held.minutes else None
            if kind in ("pause", "end"):
                due = None
            with self._transaction() as base:
                base.execute("INSERT INTO log VALUES (?, ?, ?)", (code, held.entries, text))
                base.execute("UPDATE room SET due = ? WHERE code = ?", (due, code))
                if kind in MOVES:  # a draft was for the turn that is over
                    base.execute("DELETE FROM draft WHERE room = ?", (code,))
            self._held[code] = replace(
                held,
                room=room,
                entries=held.entries + 1,
                moves=held.moves + (kind in MOVES),
                due=due,
            )
            return self._held[code]

    def save_draft(self, code: str, seat: str, draft: Any) -> None:
        """Keep what a seat has not submitted yet.

        Args:
            code: The room.
            seat: The state's code.
            draft: Plain data.

        Raises:
            RefusedError: It is too large.
        """
        text = _packed(draft, LARGEST_DRAFT)
        with self._lock, self._transaction() as base:
            base.execute("REPLACE INTO draft VALUES (?, ?, ?)", (code, seat, text))

    def draft(self, code: str, seat: str) -> Any:
        """Return what a seat has not submitted yet, None if nothing.

        Args:
            code: The room.
            seat: The state's code.
        """
        query = "SELECT draft FROM draft WHERE room = ? AND seat = ?"
        with self._lock:
            row = self._base.execute(query, (code, seat)).fetchone()
        return None if row is None else json.loads(row[0])

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._base)


class _Transaction:
    """All or nothing, on disk at its end."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> sqlite3.Connection:
        self._base.execute("BEGIN IMMEDIATE")
        return self._base

    def __exit__(self, error: object, *_: object) -> None:
        self._base.execute("COMMIT" if error is None else "ROLLBACK")


def _packed(data: Any, most: int) -> str:
    """Return plain data as JSON.

    Raises:
        RefusedError: It is no plain data, or too large.
    """
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise RefusedError("what was sent is no plain data") from None
    if len(text) > most:
        raise RefusedError("what was sent is too large")
    return text
