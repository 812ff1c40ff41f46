"""A seminar as a file: exported, read again, and replayed bit for bit.

The file is JSON: what it is, the log, and a hash of the world after each turn that was simulated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from .course import digest
from .orders import RefusedError
from .room import Room, rooms

FORMAT = "armsflow seminar 1"
LARGEST = 20_000_000
"""Bytes of a file."""
MOST_ENTRIES = 20_000


class BrokenFileError(ValueError):
    """A file is no seminar; the message is one sentence."""


@dataclass(frozen=True)
class Replay:
    """What a log makes.

    - `room`: as it stands at the end.
    - `digests`: of the world after each turn that was simulated, also those that were rewound.
    """

    room: Room
    digests: tuple[str, ...]


def replayed(log: Sequence[Mapping[str, Any]]) -> Replay:
    """Return what a log makes, with the hashes of its worlds.

    Raises:
        RefusedError: An entry cannot be; the message names its number.
    """
    found, room = list[str](), None
    for entry, room in zip(log, rooms(log), strict=True):
        if entry["kind"] == "next":
            found.append(digest(room.course.world))
    assert room is not None
    return Replay(room, tuple(found))


def exported(log: Sequence[Mapping[str, Any]]) -> str:
    """Return a seminar as the text of a file."""
    content = {"format": FORMAT, "worlds": replayed(log).digests, "log": log}
    return json.dumps(content, allow_nan=False, indent=1)


def read_seminar(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the log of a file, and the hashes of its worlds.

    Raises:
        BrokenFileError: It is none.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise BrokenFileError(f"{path}: larger than a seminar can be, {LARGEST:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise BrokenFileError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, BrokenFileError):
            raise
        raise BrokenFileError(f"{path}: no JSON of a seminar") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BrokenFileError(f"{path}: no seminar of this version, whose format is '{FORMAT}'")
    log, worlds = content.get("log"), content.get("worlds")
    if not _list_of(log, dict) or not log or len(log) > MOST_ENTRIES:
        raise BrokenFileError(f"{path}: `log` is not a list of 1 to {MOST_ENTRIES:,} entries")
    if not _list_of(worlds, str):
        raise BrokenFileError(f"{path}: `worlds` is not a list of hashes")
    return log, worlds


def replay_lines(path: Path) -> tuple[list[str], bool]:
    """Replay a file.

    Returns:
        Lines that say what came out, and whether it is bit for bit what was simulated then.

    Raises:
        BrokenFileError: It is no seminar, or one whose log cannot be.
    """
    log, worlds = read_seminar(path)
    try:
        replay = replayed(log)
    except RefusedError as error:
        raise BrokenFileError(f"{path}: {error}") from None
    room = replay.room
    lines = [
        f"{room.scenario.name}, seed {log[0]['seed']}, run {log[0]['run']}: {len(log)} entries,"
        f" {len(room.seats)} seats, {room.turn} turns"
    ]
    same = list(replay.digests) == worlds
    for number, found in enumerate(replay.digests):
        stored = worlds[number] if number < len(worlds) else "none"
        mark = "as then" if stored == found else f"was {stored[:16]}"
        lines.append(f"world {number + 1:3}  {found[:16]}  {mark}")
    said = "the worlds are bit for bit those of then" if same else "the worlds differ"
    return [*lines, f"{path}: {said}"], same


def _list_of(value: Any, kind: type) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _no_number(text: str) -> float:
    raise ValueError(text)
