"""How much a server takes: connections, and how often one seat or address may do something."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any

MOST_PAGES = 400
"""Open pages of all rooms."""
MOST_SPECTATORS = 100
"""Of a room."""
MOST_WINDOWS = 5
"""Of a seat, and of the teacher."""
LARGEST_MESSAGE = 100_000
"""Bytes from a browser."""
MOST_SOCKETS = 500
"""Connections of browsers that are open at once; more are turned away."""
MOST_KNOWN = 10_000
"""Names of buckets that are remembered."""


class FewSockets:
    """Turns away connections of browsers beyond so many, before anything is kept of them."""

    def __init__(self, app: Any, most: int = MOST_SOCKETS) -> None:
        """Stand before an app.

        Args:
            app: An ASGI app.
            most: How many connections.
        """
        self._app, self._most, self._open = app, most, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, as ASGI has it.

        Args:
            scope: What it is.
            receive: Gives what comes.
            send: Takes what goes.
        """
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
        elif self._open >= self._most:
            await receive()
            await send({"type": "websocket.close", "code": 1013})
        else:
            self._open += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open -= 1


@dataclass
class Bucket:
    """What is left of an allowance, and when that was so."""

    left: float
    since: float


class Allowance:
    """So many at once and so many a second, for each name."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = monotonic) -> None:
        """Set what each name may do.

        Args:
            burst: How many at once.
            rate: How many a second after that.
            clock: Seconds.
        """
        self._burst, self._rate, self._clock = burst, rate, clock
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def allows(self, name: Hashable) -> bool:
        """Take one for a name; return whether there was one."""
        now = self._clock()
        bucket = self._buckets.pop(name, None) or Bucket(self._burst, now)
        left = min(self._burst, bucket.left + self._rate * (now - bucket.since))
        self._buckets[name] = Bucket(max(left - 1.0, 0.0) if left >= 1.0 else left, now)
        while len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        return left >= 1.0
