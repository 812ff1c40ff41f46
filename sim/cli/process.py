"""The process of a command: its streams and the folder that it makes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from ..results.store import OutputError


def open_closed_streams() -> None:
    """Open what a shell closed (`2>&-`), or the next file that is opened would take its number.

    What would go to stderr goes to stdout then, or nowhere if that is closed too.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number is free
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = sys.stdout


@contextmanager
def own_folder(first: Path) -> Iterator[Path]:
    """Make a folder that no other process has, of a name or the next with a number: `NAME-2`.

    Where nothing was put into it, it is removed at the end of the block.

    Args:
        first: The name.

    Raises:
        OutputError: It cannot be made.
    """
    above = [path for path in first.parents if not path.exists()]
    try:
        first.parent.mkdir(parents=True, exist_ok=True)
        out = next(filter(_made, _names(first)))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"out: {first} cannot be made: {why}") from None
    try:
        yield out
    finally:
        with suppress(OSError):
            for path in (out, *above):
                path.rmdir()


def _names(first: Path) -> Iterator[Path]:
    yield first
    yield from (first.with_name(f"{first.name}-{number}") for number in count(2))


def _made(path: Path) -> bool:
    """Make a folder; return whether it is new."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True
