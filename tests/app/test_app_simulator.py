"""The process that simulates for the pages: it takes turns, is stopped, dies, and begins again."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sim.app.setting import Setting
from sim.app.simulator import Simulator
from sim.results.results import Results

pytestmark = [pytest.mark.xdist_group("app")]
SMALL = Setting("arms_race_dyad", {"weeks": 26}, runs=8)
LARGE = Setting("arms_race_dyad", runs=256)


async def kinds(simulator: Simulator, setting: Setting, folder: Path) -> list[str]:
    return [message["kind"] async for message in simulator.messages(setting, folder)]


def pid(simulator: Simulator) -> int:
    assert simulator._process is not None
    return simulator._process.pid


def lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


async def life(folder: Path) -> dict[str, Any]:
    """A job that is stopped, one that waits for it, and one whose process dies."""
    simulator, found = Simulator("reference"), dict[str, Any]()
    try:
        first = asyncio.create_task(kinds(simulator, LARGE, folder / "large"))
        while not (folder / "large" / "a").exists():
            await asyncio.sleep(0.05)
        stopped = pid(simulator)
        waiting = simulator.messages(SMALL, folder / "small")
        third = simulator.messages(SMALL, folder / "third")
        found["waiting"] = [await anext(waiting), await anext(third)]
        first.cancel()
        found["third once the first is gone"] = await anext(third)
        await third.aclose()
        found["of the next"] = [message["kind"] async for message in waiting]
        found["stopped lives"] = lives(stopped)
        found["same process"] = pid(simulator)
        dying = simulator.messages(SMALL, folder / "dying")
        await anext(dying)
        os.kill(pid(simulator), signal.SIGKILL)
        found["after death"] = [message async for message in dying][-1]
        broken = Setting("arms_race_dyad", {"states.RED.doctrine": "no such"}, runs=8)
        found["of a fault"] = await kinds(simulator, broken, folder / "broken")
        last = pid(simulator)
    finally:
        await simulator.end()
    found["ended lives"] = lives(last)
    return found


def test_a_stop_and_a_death_end_one_job_alone(tmp_path: Path) -> None:
    found = asyncio.run(life(tmp_path))
    assert [message["kind"] for message in found["waiting"]] == ["waiting", "waiting"]
    assert "one simulation of somebody else is before yours" in found["waiting"][0]["text"]
    assert found["waiting"][1]["text"].endswith("Place 3 in line.")
    assert found["third once the first is gone"]["text"].endswith("Place 2 in line.")
    assert found["of the next"][-1] == "done"
    assert found["of the next"].count("picture") == 7
    assert not found["stopped lives"]
    assert found["after death"] == {"kind": "error", "text": "the process that simulates has died"}
    assert found["of a fault"] == ["error"]
    assert not found["ended lives"]
    assert Results(tmp_path / "small" / "a").complete
