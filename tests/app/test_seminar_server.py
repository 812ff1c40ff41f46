"""The server of a seminar under load, attack and kills, by websockets without a browser."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

pytest.importorskip("nicegui", reason="nicegui is not installed: the extra `app` brings it")

import websockets
from seminar_clients import Client, Server, open_room
from seminar_rooms import SEATS, asia, small

from sim.app.seminar.limits import MOST_SOCKETS, MOST_SPECTATORS, MOST_WINDOWS, Allowance
from sim.app.seminar.store import Store

pytestmark = pytest.mark.xdist_group("seminar_server")  # one server for all
SECONDS = 2.0
"""From an order to all screens."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("seminar"))
    yield started
    started.kill()


def log_of(server: Server, code: str) -> list[dict[str, Any]]:
    store = Store(server.folder / "seminars.db")
    found = store.log(code)
    store.close()
    return found


@pytest.mark.parametrize("size", ["small", "full"])
def test_an_order_is_on_all_screens(
    server: Server, size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    full = size == "full"
    scenario = asia()
    seats = scenario.states if full else scenario.states[:3]
    rooms = [open_room(server.folder, seats, scenario) for _ in range(5 if full else 2)]
    waits, spent = asyncio.run(_measured(server, rooms, 12 if full else 3, 30 if full else 5))
    with capsys.disabled():
        print(
            f"\n{size}: {len(waits)} orders and turns to all screens: median"
            f" {statistics.median(waits):.3f} s, longest {max(waits):.3f} s; {spent:.2f} s of the"
            " server's processor in all"
        )
    assert max(waits) < SECONDS


async def _measured(
    server: Server, rooms: list[tuple[str, dict[str, str]]], teams: int, spectators: int
) -> tuple[list[float], float]:
    """Seconds from a click to the last screen of a room, and those of the server's processor."""
    waits, groups = [], []
    for code, keys in rooms:
        seats = [role for role in keys if role != "teacher"]
        links = [
            server.link(code, seats[n % len(seats)], keys[seats[n % len(seats)]])
            for n in range(teams)
        ]
        links += [f"{server.url}/seminar/{code}"] * spectators
        links += [server.link(code, "teacher", keys["teacher"])]
        groups.append([await Client(link).connect() for link in links])
    before = server.seconds
    for clients in groups:
        for client in clients:
            client.heard.clear()
            client.times.clear()
    for label, part in (("Submit orders", "orders in: "), ("Next turn", "Turn 2 of")):
        began = time.monotonic()
        for clients in groups:  # five rooms at once
            await (clients[0] if label == "Submit orders" else clients[-1]).click(label)
        for clients in groups:
            waits.append(max([await client.until(part) for client in clients]) - began)
    spent = server.seconds - before
    for clients in groups:
        for client in clients:
            await client.close()
    return waits, spent


def test_wrong_and_foreign_keys_and_paths_are_refused(server: Server) -> None:
    one, keys = open_room(server.folder, SEATS, small())
    other, foreign = open_room(server.folder, SEATS, small())
    wrong = [
        f"/seminar/{one}/seat?role=CHL&key={foreign['CHL']}",
        f"/seminar/{one}/seat?role=CHL&key={keys['DEF']}",
        f"/seminar/{one}/seat?role=teacher&key={keys['CHL']}",
        f"/seminar/{one}/teacher?key={keys['CHL']}",
        f"/seminar/{one}/teacher?key=",
        f"/seminar/{one}/seat?role=CHL&key={'x' * 5000}",
        f"/seminar/{one}/seat?role=CHL&key=%00%ff",
        f"/seminar/{one}/log?role=CHL&key={keys['CHL']}",
        f"/seminar/{one}/debriefing?role=CHL&key={keys['CHL']}",
        f"/seminar/{other}/log?role=teacher&key={keys['teacher']}",
        "/seminar/..%2f..%2fetc%2fpasswd/picture",
        "/seminar/%2e%2e/picture",
        f"/seminar/{one[:-1]}/picture",
        "/seminar/seminars.db/picture",
        f"/seminar/{one}'%20OR%20'1'='1/picture",
    ]
    with httpx.Client(base_url=server.url) as http:
        for at in wrong:
            answer = http.get(at)
            assert answer.status_code in (403, 404, 429), at
            assert not any(key in answer.text for key in (*keys.values(), *foreign.values()))
        for at in ("/seminars.db", "/_nicegui/../seminars.db", "/static/../../etc/passwd"):
            assert http.get(at).status_code == 404
        assert http.get(f"/seminar/{one}/log?role=teacher&key={keys['teacher']}").status_code == 200
    assert len(log_of(server, one)) == len(log_of(server, other)) == 1


def test_many_guesses_are_slowed_down(server: Server) -> None:
    code, _ = open_room(server.folder, SEATS, small())
    with httpx.Client(base_url=server.url) as http:
        found = [
            http.get(f"/seminar/{code}/seat?role=CHL&key={number}").status_code
            for number in range(60)
        ]
        assert found[-1] == 429
        assert http.get(f"/seminar/{code}").status_code == 200  # whoever has the code may watch


def test_messages_that_no_page_sends_change_nothing(server: Server) -> None:
    code, keys = open_room(server.folder, SEATS, small())
    asyncio.run(_attack(server, code, keys))
    assert [entry["kind"] for entry in log_of(server, code)] == ["open", "order"]
    assert httpx.get(f"{server.url}/seminar/{code}").status_code == 200
    assert "KeyError: 'client_id'" not in server.said  # nobody fills a disk by such messages


async def _attack(server: Server, code: str, keys: dict[str, str]) -> None:
    seat = await Client(server.link(code, "CHL", keys["CHL"])).connect()
    spectator = await Client(f"{server.url}/seminar/{code}").connect()
    teacher = await Client(server.link(code, "teacher", keys["teacher"])).connect()
    number, listener = teacher.button("Next turn")
    event = {"id": number, "listener_id": listener, "args": ["{}"]}
    for client in (seat, spectator):  # the teacher's button, in a page of one's own
        await client.emit("event", {**event, "client_id": client.id})
    for wrong in (
        None,
        [],
        "x",
        7,
        {},
        {"client_id": []},
        {**event, "client_id": "00000000-0000-4000-8000-000000000000"},
        {**event, "client_id": seat.id, "id": {"a": 1}},
        {**event, "client_id": seat.id, "args": ["no json", "{"]},
        {**event, "client_id": seat.id, "listener_id": "../../etc/passwd"},
    ):
        for name in ("event", "log", "ack", "javascript_response", "handshake", "vote"):
            await seat.emit(name, wrong)
    for text in ("4", "42", "42[", "42{}", '42["event"', "9", "", "451-[]"):
        rude = await Client(f"{server.url}/seminar/{code}").connect()
        await rude.socket.send(text)
        await rude.close()
    large = await Client(f"{server.url}/seminar/{code}").connect()
    await large.emit("event", {"client_id": large.id, "id": 1, "args": ["x" * 2_000_000]})
    await asyncio.wait_for(large.socket.wait_closed(), 10.0)
    fresh = await Client(server.link(code, "CHL", keys["CHL"])).connect()
    await fresh.click("Submit orders")  # the room goes on
    await fresh.until("orders in: CHL")
    for client in (seat, spectator, teacher, fresh):
        await client.close()


@pytest.mark.parametrize("count", [150, 1000])
def test_many_connections_are_turned_away_and_the_room_goes_on(server: Server, count: int) -> None:
    code, keys = open_room(server.folder, SEATS, small())
    opened = asyncio.run(_crowd(server, code, keys, count))
    assert min(count, 400) <= opened <= MOST_SOCKETS
    assert [entry["kind"] for entry in log_of(server, code)] == ["open", "order"]


async def _crowd(server: Server, code: str, keys: dict[str, str], count: int) -> int:
    seat = await Client(server.link(code, "CHL", keys["CHL"])).connect()
    at = f"{server.url.replace('http', 'ws')}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"

    async def knock() -> Any:
        try:
            return await websockets.connect(at, open_timeout=60.0)
        except (websockets.WebSocketException, OSError, TimeoutError):
            return None

    opened = [one for one in await asyncio.gather(*(knock() for _ in range(count))) if one]
    await seat.click("Submit orders")
    await seat.until("orders in: CHL")
    await asyncio.gather(*(one.close() for one in opened))
    await seat.close()
    return len(opened)


def test_windows_and_spectators_are_limited(server: Server) -> None:
    code, keys = open_room(server.folder, SEATS, small())

    async def windows() -> list[int]:
        link = server.link(code, "DEF", keys["DEF"])
        clients = [await Client(link).connect() for _ in range(MOST_WINDOWS)]
        await clients[-1].until("open in another window")
        assert not any("open in another window too" in text for text in clients[0].heard)
        async with httpx.AsyncClient() as http:
            found = [(await http.get(link)).status_code]
            found += [(await http.get(f"{server.url}/seminar/{code}")).status_code]
        for client in clients:
            await client.close()
        return found

    assert asyncio.run(windows()) == [503, 200]
    assert MOST_SPECTATORS >= 30


def test_an_allowance_fills_up_again() -> None:
    now = [0.0]
    allowance = Allowance(burst=2, rate=0.5, clock=lambda: now[0])
    assert [allowance.allows("a") for _ in range(3)] == [True, True, False]
    assert allowance.allows("b")
    now[0] = 1.9
    assert not allowance.allows("a")
    now[0] = 2.1
    assert [allowance.allows("a") for _ in range(2)] == [True, False]


@pytest.mark.parametrize("kills", [1, 10])
def test_a_killed_server_loses_no_order(server: Server, kills: int) -> None:
    code, keys = open_room(server.folder, SEATS, small())
    for number in range(kills):
        asyncio.run(_order_and_kill(server, code, keys))
        kinds = [entry["kind"] for entry in log_of(server, code)]
        assert kinds == ["open", *(["order"] * (number + 1))]
        server.start()
    assert "orders in: CHL" in asyncio.run(_status(server, code, keys))


async def _order_and_kill(server: Server, code: str, keys: dict[str, str]) -> None:
    client = await Client(server.link(code, "CHL", keys["CHL"])).connect()
    await client.click("Submit orders")
    await client.until("Your orders are in")
    server.kill()


async def _status(server: Server, code: str, keys: dict[str, str]) -> str:
    client = await Client(server.link(code, "CHL", keys["CHL"])).connect()
    shown = json.dumps(client.elements)
    await client.close()
    return shown
