"""How far a simulation has come, for a bar or for the process that started this one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[float], None]
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def tick(runs: float) -> None:
    """Report runs, or shares of runs, that have been simulated since the last call.

    Args:
        runs: How many.
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(runs)


def is_heard() -> bool:
    """Return whether somebody listens."""
    return _LISTENER.get() is not None


def listen(listener: Listener) -> None:
    """Have all ticks of this process reported; for a process that has no other task.

    Args:
        listener: Is called with how many runs were simulated since its last call.
    """
    _LISTENER.set(listener)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Have the ticks of a block reported.

    Args:
        listener: Is called with how many runs were simulated since its last call.
    """
    before = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(before)
