"""The seal of a part: whose it is, and a checksum of all its bytes.

It stands in the file itself, among the metadata at the end of a Parquet file, as
`{"job": DIGEST, "table": NAME, "part": NUMBER, "checksum": DIGEST}`. The checksum is the sha256 of
the file in which its own digits are zeros. So a part and what vouches for it come to their name
together, and one bit that differs, in a column or in a name, is noticed.
"""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

KEY = "armsflow"
"""Of the seal among the metadata of a file."""
OPENING, CLOSING = b'{"job": "', b'"}'
DIGITS = 64
AT_ONCE = 1 << 20
"""Bytes that are read at once."""


class Place(NamedTuple):
    """A table of a job and the number of a part."""

    job: str
    table: str
    part: int


class Fault(NamedTuple):
    """What is wrong with a file.

    - `what`: the end of a sentence that begins with its name.
    - `sound`: whether its bytes are as they were written: then it is a part of something else.
    """

    what: str
    sound: bool = False


def blank_seal(place: Place) -> dict[str, str]:
    """Return the metadata of a file that is not sealed yet: its checksum is zeros."""
    return {KEY: json.dumps({**place._asdict(), "checksum": "0" * DIGITS})}


def seal(file: BinaryIO) -> None:
    """Put the checksum into a file that was written with a blank seal.

    Args:
        file: The file, open to read and write.
    """
    text, start = _found(file)
    at = start + len(text) - len(CLOSING) - DIGITS
    checksum = _checksum(file, at)
    file.seek(at)
    file.write(checksum)


def fault(path: Path, place: Place) -> Fault | None:
    """Return what is wrong with a file as the part of a job, None if nothing is.

    Args:
        path: The file.
        place: What it should be.
    """
    try:
        with path.open("rb") as file:
            text, start = _found(file)
            at = start + len(text) - len(CLOSING) - DIGITS
            if not text or _checksum(file, at) != text[-len(CLOSING) - DIGITS : -len(CLOSING)]:
                return Fault("is damaged: its bytes are not those that were written")
    except FileNotFoundError:
        return Fault("is missing")
    except OSError as error:
        return Fault(f"cannot be read: {os.strerror(error.errno) if error.errno else error}")
    own = json.loads(text)
    if own["job"] != place.job:
        return Fault("is of another job", sound=True)
    if (own["table"], own["part"]) != place[1:]:
        return Fault(f"is part {own['part']} of the table {own['table']}", sound=True)
    return None


def _found(file: BinaryIO) -> tuple[bytes, int]:
    """Return the seal of a Parquet file and where it starts; nothing where there is none."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 8))
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")  # of the metadata, which stand before these 8 bytes
    start = size - 8 - length
    if end[4:] != b"PAR1" or start < 0:
        return b"", 0
    file.seek(start)
    metadata = file.read(length)
    first = metadata.rfind(OPENING)
    last = metadata.find(CLOSING, first)
    if first < 0 or last < first + DIGITS:
        return b"", 0
    return metadata[first : last + len(CLOSING)], start + first


def _checksum(file: BinaryIO, at: int) -> bytes:
    """Return the digits of the checksum of a file; those that stand at `at` count as zeros."""
    found = sha256()
    file.seek(0)
    while at > 0:
        found.update(block := file.read(min(AT_ONCE, at)))
        at = at - len(block) if block else 0
    file.seek(DIGITS, os.SEEK_CUR)
    found.update(b"0" * DIGITS)
    while block := file.read(AT_ONCE):
        found.update(block)
    return found.hexdigest().encode()
