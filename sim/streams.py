"""The streams of noise: a closed list of the decisions that chance enters, with a fixed id each.

`noise` says what an address is, and draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LANES = 4
"""Words that Philox gives per counter."""
PRIOR_BLOCK = 2**31
"""Blocks of STREAMS stay below it: priors share no counter with the weeks."""

# Whose codes index each kind of axes. A dyad is a listed pair of states (actor, target); a dispute
# is the same list, drawn by (min slot, max slot): one draw for both directions. What a state does
# alone is drawn where it meets itself.
FAMILIES: dict[str, tuple[str, ...]] = {
    "state": ("state",),
    "alone": ("state",),
    "dyad": ("pair",),
    "dispute": ("pair",),
    "state state": ("state", "state"),
    "member state": ("member", "state"),
    "state munition": ("state", "munition"),
    "state technology": ("state", "technology"),
    "route": ("route",),
    "observer route": ("observer", "route"),
}


@dataclass(frozen=True)
class Stream:
    """One named decision that chance enters.

    - `name`: the key by which the rules find it.
    - `id`: its lane (a normal: its first lane), for ever.
    - `axes`: what there is one draw for.
    - `law`: uniform on (0, 1), or standard normal.
    """

    name: str
    id: int
    axes: str
    law: Literal["uniform", "normal"]

    def __post_init__(self) -> None:
        if self.axes not in FAMILIES:
            raise ValueError(f"stream {self.name}: axes {self.axes!r} are not among {[*FAMILIES]}")
        if not 0 <= self.id < LANES * PRIOR_BLOCK:
            raise ValueError(f"stream {self.name}: id {self.id} is outside the stream blocks")
        if self.lane + self.width > LANES:
            raise ValueError(f"stream {self.name}: a normal at id {self.id} crosses two blocks")
        if self.lane % 2 + self.width > 2:
            raise ValueError(f"stream {self.name}: a normal at id {self.id} has an odd lane")

    @property
    def width(self) -> int:
        """Return how many lanes it occupies: Box-Muller makes a normal of two words."""
        return 2 if self.law == "normal" else 1

    @property
    def block(self) -> int:
        """Return which counter word c3 it has."""
        return self.id // LANES

    @property
    def lane(self) -> int:
        """Return which of the four words is its first."""
        return self.id % LANES

    @property
    def half(self) -> int:
        """Return whether its words are the first two of the four, or the last two."""
        return self.lane // 2


def checked_streams(streams: Sequence[Stream]) -> tuple[Stream, ...]:
    """Return the streams, once no two of them share a name or a word.

    Raises:
        ValueError: Two streams share a name or a lane.
    """
    owner: dict[int, Stream] = {}
    names: set[str] = set()
    for stream in streams:
        if stream.name in names:
            raise ValueError(f"two streams are named {stream.name}")
        names.add(stream.name)
        for lane in range(stream.id, stream.id + stream.width):
            if lane in owner:
                raise ValueError(f"streams {owner[lane].name} and {stream.name} share id {lane}")
            owner[lane] = stream
    return tuple(streams)


# A closed list. An id is part of every published result: never change, re-use or renumber one. A
# new stream takes a free id, best in a block of its own axes; a dropped one leaves a gap.
STREAMS = checked_streams(
    (
        Stream("belief", 0, "dyad", "normal"),
        Stream("act", 2, "dyad", "uniform"),
        Stream("government", 3, "dyad", "uniform"),
        Stream("spending", 4, "state", "normal"),
        Stream("spending_tail", 6, "state", "normal"),
        Stream("campaign", 8, "state", "uniform"),
        Stream("launch", 9, "state", "uniform"),
        Stream("launch_start", 10, "state", "uniform"),
        Stream("denial", 11, "state", "uniform"),
        Stream("outside_vote", 12, "state", "uniform"),
        Stream("publish", 13, "state", "uniform"),
        Stream("join", 14, "state", "uniform"),
        Stream("tests", 16, "state technology", "uniform"),
        Stream("success", 17, "state technology", "uniform"),
        Stream("redesign", 18, "state technology", "uniform"),
        Stream("salvo", 19, "state technology", "uniform"),
        Stream("incident", 20, "dispute", "uniform"),
        Stream("level", 21, "dispute", "uniform"),
        Stream("ceasefire", 22, "dispute", "uniform"),
        Stream("war", 23, "dispute", "uniform"),
        Stream("vote", 24, "member state", "uniform"),
        Stream("veto", 25, "member state", "uniform"),
        Stream("posture", 26, "dyad", "uniform"),
        Stream("forgive", 27, "dyad", "uniform"),
        Stream("hard", 28, "dyad", "uniform"),
        Stream("condemn", 29, "state state", "uniform"),
        Stream("exercise", 30, "alone", "uniform"),
        Stream("cost", 31, "dyad", "uniform"),
        Stream("interdiction", 32, "route", "uniform"),
        Stream("detection", 33, "route", "uniform"),
        Stream("agreement", 34, "route", "uniform"),
        Stream("estimate", 36, "observer route", "normal"),
        Stream("convene", 60, "state", "uniform"),
        Stream("drive", 64, "state", "normal"),
        Stream("scatter", 66, "state", "normal"),
        Stream("visit", 68, "state state", "uniform"),
        Stream("relief", 80, "member state", "uniform"),
        Stream("treaty", 84, "dispute", "uniform"),
    )
)
