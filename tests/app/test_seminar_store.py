"""What a server keeps: each entry on disk before it is answered, keys that open one seat alone."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seminar_rooms import SEATS, forward, small

from sim.app.seminar.course import digest
from sim.app.seminar.orders import RefusedError
from sim.app.seminar.room import TEACHER, opening
from sim.app.seminar.store import LARGEST_DRAFT, Store

pytestmark = pytest.mark.usefixtures("unchecked")
PRESS = {"kind": "order", "turn": 0, "orders": [{"verb": "press", "where": ["DEF"]}]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "rooms.db")
    yield made
    made.close()


def opened(store: Store, minutes: float = 0.0) -> str:
    return store.create(opening(small(), SEATS, seed=3), 1000.0, minutes)


def test_a_server_that_starts_again_has_the_room_as_of_the_last_entry(
    store: Store, tmp_path: Path
) -> None:
    code = opened(store, 10.0)
    store.enter(code, "CHL", PRESS, 1001.0)
    store.enter(code, TEACHER, forward(0), 1002.0)
    store.enter(code, "CHL", PRESS | {"turn": 1}, 1003.0)
    store.save_draft(code, "ALY", [{"verb": "hold", "where": ["CHL"]}])
    again = Store(tmp_path / "rooms.db", clock=lambda: 1100.0)
    held, own = again.get(code), store.get(code)
    assert held is not None
    assert own is not None
    assert (held.room.turn, held.entries, held.due) == (1, 4, 1602.0)
    assert held.room.orders == own.room.orders
    assert digest(held.room.course.world) == digest(own.room.course.world)
    assert again.draft(code, "ALY") == [{"verb": "hold", "where": ["CHL"]}]
    assert again.keys(code) == store.keys(code)
    again.close()


def test_a_turn_has_a_minute_left_when_a_server_has_started(store: Store, tmp_path: Path) -> None:
    code = opened(store, 10.0)
    again = Store(tmp_path / "rooms.db", clock=lambda: 5000.0)
    held = again.get(code)
    assert held is not None
    assert held.due == 5060.0
    again.close()


def _enter_until_killed(path: Path, code: str, acknowledged: Any) -> None:
    store = Store(path)
    for number in range(10_000):
        store.enter(code, "CHL", PRESS, float(number))
        acknowledged.send(number)


def test_what_was_acknowledged_outlives_a_kill(store: Store, tmp_path: Path) -> None:
    code = opened(store)
    for _ in range(3):
        before = len(store.log(code))
        ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=_enter_until_killed, args=(tmp_path / "rooms.db", code, theirs)
        )
        process.start()
        theirs.close()
        last = [ours.recv() for _ in range(5)][-1]
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        try:
            while True:
                last = ours.recv()
        except EOFError:
            pass
        assert len(store.log(code)) - before in (last + 1, last + 2)


def test_a_refused_entry_leaves_nothing(store: Store) -> None:
    code = opened(store)
    for role, entry in (
        ("CHL", PRESS | {"turn": 5}),
        ("CHL", forward(0)),
        ("CHL", {"kind": "end"}),
        (TEACHER, PRESS),
        ("CHL", PRESS | {"orders": [{"verb": "press", "where": ["x" * LARGEST_DRAFT]}]}),
        ("CHL", {"kind": "say", "turn": 0, "to": "all", "text": {1, 2}}),
    ):
        with pytest.raises(RefusedError):
            store.enter(code, role, entry, 0.0)
    assert len(store.log(code)) == 1
    with pytest.raises(RefusedError, match="no such room"):
        store.enter("QQQQQQ", TEACHER, forward(0), 0.0)


def test_a_seat_enters_for_itself_whatever_the_message_says(store: Store) -> None:
    code = opened(store)
    held = store.enter(code, "CHL", PRESS | {"seat": "ALY"}, 0.0)
    assert list(held.room.orders) == ["CHL"]


def test_a_key_opens_its_own_seat_in_its_own_room(store: Store) -> None:
    one, other = opened(store), opened(store)
    keys = store.keys(one)
    assert {store.role(one, key) for key in keys.values()} == {TEACHER, *SEATS}
    assert len({*keys.values(), *store.keys(other).values()}) == 8
    for key in (*store.keys(other).values(), "", "x" * 10_000, "ключ", keys["CHL"][:-1], "\udc80"):
        assert store.role(one, key) is None
    assert store.role("QQQQQQ", keys["CHL"]) is None
    assert min(map(len, keys.values())) >= 32


def test_the_clock_runs_from_the_beginning_of_a_turn(store: Store) -> None:
    code = opened(store, 2.0)
    held = store.get(code)
    assert held is not None
    assert held.due == 1120.0
    assert store.enter(code, TEACHER, {"kind": "pause"}, 1010.0).due is None
    assert store.enter(code, TEACHER, {"kind": "resume"}, 1020.0).due == 1140.0
    assert store.enter(code, TEACHER, forward(0), 1030.0).due == 1150.0
    assert store.enter(code, TEACHER, {"kind": "end"}, 1040.0).due is None


def test_drafts_are_bounded_and_go_with_their_turn(store: Store) -> None:
    code = opened(store)
    store.save_draft(code, "CHL", [1])
    with pytest.raises(RefusedError, match="too large"):
        store.save_draft(code, "CHL", "x" * LARGEST_DRAFT)
    assert store.draft(code, "CHL") == [1]
    store.enter(code, TEACHER, forward(0), 0.0)
    assert store.draft(code, "CHL") is None


def test_the_file_is_its_owners_and_durable(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / "rooms.db").stat().st_mode & 0o077 == 0
    assert store._base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._base.execute("PRAGMA synchronous").fetchone() == (2,)


def test_half_a_transaction_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store._transaction() as base:
            base.execute("INSERT INTO draft VALUES ('a', 'b', 'c')")
            base.execute("INSERT INTO room VALUES (NULL, NULL, NULL, NULL)")

    with pytest.raises(sqlite3.IntegrityError):
        half()
    assert store.draft("a", "b") is None
