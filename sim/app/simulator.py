"""The process that simulates for all pages, one job after the other."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

from .ensemble import Message
from .setting import Setting

ENDS = ("done", "error")
"""Kinds of messages that end a job."""
LONGEST_MESSAGE = 2**20


class Simulator:
    """Gives jobs to a process of `sim.app.worker`, which keeps what it has compiled.

    A job whose messages nobody waits for any more is stopped at once: its process is killed, and
    the next job gets a new one.
    """

    def __init__(self, engine: str) -> None:
        """Begin no process yet.

        Args:
            engine: `auto`, `reference` or `compiled`.
        """
        self._engine = engine
        self._line: list[object] = []
        self._moved = asyncio.Event()
        self._process: Process | None = None

    async def messages(self, setting: Setting, folder: Path) -> AsyncIterator[Message]:
        """Do a job when it is its turn.

        Args:
            setting: What is simulated.
            folder: A new folder for what comes out.

        Yields:
            `waiting` with a text, as long as others are before it and whenever one of them is
            done; then the messages of `sim.app.ensemble.ensemble`.
        """
        ticket = object()
        self._line.append(ticket)
        try:
            moved = self._moved
            while before := self._line.index(ticket):
                yield {"kind": "waiting", "text": waiting(before)}
                await moved.wait()
                moved = self._moved
            async with aclosing(self._job(setting, folder)) as messages:
                async for message in messages:
                    yield message
        finally:
            self._line.remove(ticket)
            self._moved.set()  # who waits looks again, and then waits for the next move
            self._moved = asyncio.Event()

    async def _job(self, setting: Setting, folder: Path) -> AsyncGenerator[Message]:
        """Do a job and yield its messages; one that is left before its end kills the process."""
        ended = False
        try:
            process = await self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            job = {"query": setting.query(), "folder": str(folder)}
            process.stdin.write(json.dumps(job).encode() + b"\n")
            while not ended:
                line = await process.stdout.readline()
                message: Message = (
                    json.loads(line)
                    if line
                    else {"kind": "error", "text": "the process that simulates has died"}
                )
                ended = bool(line) and message["kind"] in ENDS
                yield message
                if not line:
                    break
        finally:
            if not ended:
                await self.end()

    async def _started(self) -> Process:
        """Return the process, a new one if there is none that lives."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sim.app.worker", self._engine),
                stdin=PIPE,
                stdout=PIPE,
                limit=LONGEST_MESSAGE,
            )
        return self._process

    async def end(self) -> None:
        """Kill the process, if there is one, and wait until it has ended."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def waiting(before: int) -> str:
    """Return what a page says to somebody who waits.

    Args:
        before: How many jobs are before this one, the one that is being done among them.
    """
    who = "one simulation of somebody else is" if before == 1 else f"{before} simulations are"
    return f"Waiting: {who} before yours; it begins by itself. Place {before + 1} in line."
