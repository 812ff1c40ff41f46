"""What ends a job before its time: an interrupt (Ctrl-C), or a termination (SIGTERM)."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """This process was asked to end, as by `kill`, `timeout` or a scheduler of jobs."""


@contextmanager
def terminations_raised() -> Iterator[None]:
    """Raise `Terminated` where SIGTERM would end this process without a word.

    A handler of a program around this one, and a thread that gets no signals, are left alone.
    """
    if not _gets_signals() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: Any) -> None:
    raise Terminated


@contextmanager
def endings_found() -> Iterator[None]:
    """Raise what ended a block as what it is: an import that it ends may make other errors of it.

    Raises:
        KeyboardInterrupt: An error that leaves the block came of it.
    """
    try:
        yield
    except Exception as error:
        earlier: BaseException | None = error
        while earlier is not None:
            if isinstance(earlier, KeyboardInterrupt):
                raise earlier from None
            earlier = earlier.__cause__ or earlier.__context__
        raise


@contextmanager
def endings_deferred(*numbers: int) -> Iterator[None]:
    """Defer some of ENDING to the end of the block, where Python has a handler for them.

    Args:
        numbers: Which.
    """
    before = {number: signal.getsignal(number) for number in numbers if _gets_signals()}
    before = {number: own for number, own in before.items() if callable(own)}
    received: list[int] = []
    for number in before:
        signal.signal(number, lambda number, frame: received.append(number))
    try:
        yield
    finally:
        for number, own in before.items():
            signal.signal(number, own)
        for number in dict.fromkeys(received):
            signal.raise_signal(number)


def _gets_signals() -> bool:
    return threading.current_thread() is threading.main_thread()
