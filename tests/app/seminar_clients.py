"""A server in a process of its own, and clients of it: raw websockets without a browser."""

import ast
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import psutil
import websockets
from seminar_rooms import small

from sim.app.seminar.room import opening
from sim.app.seminar.store import Store
from sim.scenario import Scenario

HERE = Path(__file__).parent
STARTS = 60.0
"""Seconds in which a server must answer."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """The server of `seminar_server.py`, which may be killed and started again."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.words, self.port = folder, words, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "NICEGUI"))}
        own["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent.parent)])
        script = [sys.executable, str(HERE / "seminar_server.py"), str(self.folder), str(self.port)]
        with (self.folder / "server.txt").open("a") as log:
            self.process = subprocess.Popen([*script, *self.words], env=own, stdout=log, stderr=log)
        until = time.monotonic() + STARTS
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/seminar/none").status_code == 403:
                    return
            except httpx.TransportError:
                assert self.process.poll() is None, self.said
                time.sleep(0.1)
        raise AssertionError(self.said)

    @property
    def said(self) -> str:
        return (self.folder / "server.txt").read_text()

    @property
    def seconds(self) -> float:
        """Processor seconds that it has taken."""
        spent = psutil.Process(self.process.pid).cpu_times()
        return float(spent.user + spent.system)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def link(self, code: str, role: str, key: str) -> str:
        page = "teacher?" if role == "teacher" else f"seat?role={role}&"
        return f"{self.url}/seminar/{code}/{page}key={key}"


def open_room(
    folder: Path, seats: tuple[str, ...], scenario: Scenario | None = None, turns: int = 12
) -> tuple[str, dict[str, str]]:
    """A room of a server that has not started, or finds it by its code: its code and keys."""
    store = Store(folder / "seminars.db")
    made = opening(scenario or small(), seats, seed=3, turns=turns)
    code = store.create(made, time.time())
    keys = store.keys(code)
    store.close()
    return code, keys


class Client:
    """A page without a browser: what NiceGUI's script does, as far as a test needs it."""

    def __init__(self, url: str) -> None:
        self.url, self.heard, self.times = url, list[str](), list[float]()

    async def connect(self) -> "Client":
        async with httpx.AsyncClient(timeout=30.0) as http:
            text = (await http.get(self.url)).text
        query = ast.literal_eval(_between(text, "query: ", "}") + "}")
        self.elements = json.loads(unescape(_between(text, "String.raw`", "`")))
        self.id = query["client_id"]
        query |= {"tab_id": uuid.uuid4(), "document_id": uuid.uuid4(), "implicit_handshake": "true"}
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        host = self.url.split("/")[2]
        at = f"ws://{host}/_nicegui_ws/socket.io/?EIO=4&transport=websocket&{asked}"
        self.socket = await websockets.connect(at, max_size=None, open_timeout=30.0)
        await self.socket.recv()
        await self.socket.send("40")
        await self.socket.recv()
        self._listening = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        try:
            async for message in self.socket:
                if message == "2":
                    await self.socket.send("3")
                else:
                    self.heard.append(str(message))
                    self.times.append(time.monotonic())
        except websockets.ConnectionClosed:
            pass

    def button(self, label: str) -> tuple[int, str]:
        """The id of a button, and of its listener for clicks."""
        for number, element in self.elements.items():
            if element.get("props", {}).get("label") == label:
                return int(number), element["events"][0]["listener_id"]
        raise AssertionError(label)

    async def click(self, label: str) -> None:
        number, listener = self.button(label)
        event = {"id": number, "client_id": self.id, "listener_id": listener, "args": ["{}"]}
        await self.emit("event", event)

    async def emit(self, name: str, content: Any) -> None:
        await self.socket.send("42" + json.dumps([name, content]))

    async def until(self, part: str, seconds: float = 20.0) -> float:
        """When a message with that text came, on the monotonic clock."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for text, at in zip(self.heard, self.times, strict=True):
                if part in text:
                    return at
            await asyncio.sleep(0.01)
        raise AssertionError(f"{part} did not come: {self.heard[-3:]}")

    async def close(self) -> None:
        await self.socket.close()
        self._listening.cancel()


def _between(text: str, start: str, end: str) -> str:
    at = text.index(start) + len(start)
    return text[at : text.index(end, at)]
