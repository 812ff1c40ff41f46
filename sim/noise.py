"""Counter-based noise: every draw of the model is a pure function of what it decides.

A draw has an address, not a place in a sequence:

    counter = (slot of i, slot of j | munition | technology | route, week + 2**16 batch, block),
    key     = hash of the run's number;    batch = run // 2**16

and its value is a word of Philox4x32-10 at that counter (Salmon, Moraes, Dror, Shaw 2011, "Parallel
random numbers: as easy as 1, 2, 3"). A *slot* is a hash of a code, never a position; a *stream* is
the fixed id of one named decision. So the same seed gives two policies the same noise, and one
more state, route, stream or week changes no other draw. Of 2**31 keys two are alike one time in
eight: batches keep runs apart, and within one a job looks for two alike.

Philox gives four words per counter: streams 4b to 4b + 3 are the lanes of block b. A uniform takes
one lane, a normal two.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

import numpy as np
from jaxtyping import Float64, Integer, UInt64

from .streams import FAMILIES, PRIOR_BLOCK, STREAMS, Stream

MASK = 0xFFFFFFFF  # a word has 32 bits
BATCH = 2**16  # runs that share the counters of a week: more than there are weeks
POLICY_BLOCK = PRIOR_BLOCK + 1  # what plain-Python policies draw by name

Word = int | UInt64[Any, "..."]  # holds 0 to 2**32 - 1


def slot(code: str) -> int:
    """Return the 32-bit address of a code: the same in every scenario, on every machine."""
    return int.from_bytes(blake2s(code.encode(), digest_size=4).digest(), "little")


def slots(codes: Sequence[str]) -> UInt64[np.ndarray, " codes"]:
    """Return the slots of a family of codes, in their order.

    Raises:
        ValueError: Two codes have one slot, and so would share their noise; it names them.
    """
    owner: dict[int, str] = {}
    for code in codes:
        address = slot(code)
        if address in owner:
            raise ValueError(f"codes {owner[address]!r} and {code!r} share a noise slot")
        owner[address] = code
    return np.asarray(list(owner), dtype=np.uint64)


def philox(
    c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word
) -> tuple[Word, Word, Word, Word]:
    """Return the four words of Philox4x32-10 at each counter.

    Operators alone, so any array library will do. Multipliers and Weyl steps of the key are those
    of Salmon et al. (2011) and of their library, Random123.

    Args:
        c0: First word of the counters: 32 bits, in a uint64 array or a plain integer, since a
            product of two fits; arrays are broadcast together. The same holds for the others.
        c1: Second word of the counters.
        c2: Third word of the counters.
        c3: Fourth word of the counters.
        k0: First word of the keys.
        k1: Second word of the keys.
    """
    a, b = c0 << 32 | c1, c2 << 32 | c3  # two words in one: a compiler has half as much to do
    for round_ in range(10):
        if round_:
            k0 = (k0 + 0x9E3779B9) & MASK
            k1 = (k1 + 0xBB67AE85) & MASK
        p0, p1 = (a >> 32) * 0xD2511F53, (b >> 32) * 0xCD9E8D57
        a, b = p1 ^ (a & MASK) << 32 ^ k0 << 32, p0 ^ (b & MASK) << 32 ^ k1 << 32
    return a >> 32, a & MASK, b >> 32, b & MASK


def run_key(seed: int, run: int) -> UInt64[np.ndarray, "2"]:
    """Return the key of one run: Philox of the master seed at the run's number, and its batch.

    Args:
        seed: The master seed, of 64 bits.
        run: The number of the run, of 32 bits.

    Raises:
        ValueError: One of them is below 0 or has more bits.
    """
    for name, value, bits in (("seed", seed, 64), ("run", run, 32)):
        if not 0 <= value < 2**bits:
            raise ValueError(f"{name} is {value}: it must be at least 0 and below 2**{bits}")
    return run_keys(seed, [run])[0]


def run_keys(seed: int, runs: Sequence[int]) -> UInt64[np.ndarray, "run 2"]:
    """Return the keys of some runs: two words of 32 bits, the batch above the first.

    Args:
        seed: The master seed, of 64 bits.
        runs: Their numbers, of 32 bits.
    """
    number = np.asarray(runs, np.uint64)
    k0, k1, *_ = philox(number, 0, 0, 0, seed & MASK, seed >> 32)
    return np.stack([k0 + (number // BATCH << 32), k1], axis=-1)


def initial_uniform(key: UInt64[np.ndarray, "2"], code: str) -> float:
    """Return a uniform for a draw made once before the run, such as a prior.

    An odd multiple of 2**-53, never 0 or 1: 32 bits would cut a prior's tails at 1e-10. Two codes
    that share a slot share their draw; `slots` refuses them.

    Args:
        key: The run's key, [2].
        code: What the draw is for, such as a prior's path.
    """
    return float(_fine(key, slot(code), 0, 0, PRIOR_BLOCK))


def initial_uniforms(
    keys: UInt64[np.ndarray, "run 2"], codes: Sequence[str]
) -> Float64[np.ndarray, "code run"]:
    """Return `initial_uniform` of some codes in some runs, bit for bit.

    Args:
        keys: The runs' keys, [run, 2].
        codes: What the draws are for.
    """
    places = np.asarray([slot(code) for code in codes], np.uint64)[:, None]
    return _fine(keys.T, places, 0, 0, PRIOR_BLOCK)


def policy_uniform(key: UInt64[np.ndarray, "2"], week: int, code: str, name: str) -> float:
    """Return a uniform that the policy of a state draws by name in a week: as fine as above.

    Two names that share a slot share their draw.

    Args:
        key: The run's key, [2].
        week: The week, from 0.
        code: The state.
        name: The name of the draw.
    """
    return float(_fine(key, slot(code), slot(name), int(week), POLICY_BLOCK))


def _fine(key: UInt64[np.ndarray, "2 ..."], c0: Word, c1: int, week: int, c3: int) -> Any:
    """Return a uniform of two words at each counter."""
    w0, w1, _, _ = _drawn_at(key, c0, c1, week, c3)
    return (2 * ((w0 >> 6 << 26) + (w1 >> 6)) + 1) * 2.0**-53


def _drawn_at(key: Any, c0: Word, c1: Word, week: Word, c3: Word) -> tuple[Word, Word, Word, Word]:
    """Return the four words of a run at each counter; its batch stands above the week."""
    return philox(c0, c1, (key[0] >> 32) * BATCH + week, c3, key[0] & MASK, key[1])


@dataclass(frozen=True)
class Piece:
    """Where one stream's draws lie: positions `start` to `stop`, to be seen as `shape`."""

    stream: Stream
    start: int
    stop: int
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """The counters of all draws of a week, except the week itself (c2), and what each is for."""

    c0: UInt64[np.ndarray, " draws"]
    c1: UInt64[np.ndarray, " draws"]
    c3: UInt64[np.ndarray, " draws"]
    pieces: tuple[Piece, ...]

    @property
    def halves(self) -> tuple[int, int]:
        """Return where the first words end, and where the last ones begin.

        Draws before the one have some of the first two words, those from the other on some of the
        last two.
        """
        halves = [[p for p in self.pieces if p.stream.half == half] for half in (0, 1)]
        return max(p.stop for p in halves[0]), min(p.start for p in halves[1])


def layout(
    states: Sequence[str],
    munitions: Sequence[str],
    technologies: Sequence[str],
    routes: Sequence[str],
    observers: Sequence[str],
    members: Sequence[str],
    pairs: Sequence[tuple[int, int]],
) -> Layout:
    """Lay out the counters of a structure, once, on the host.

    Args:
        states: The codes of the states.
        munitions: The codes of the munitions.
        technologies: The codes of the technologies.
        routes: The codes of the routes, each "SRC>TGT".
        observers: The codes of the observers.
        members: The codes of the members of the Council.
        pairs: The places of the actor and the target of each listed pair among the states.

    Raises:
        ValueError: Two codes of one family share a slot.
    """
    families = {
        "state": slots(states),
        "munition": slots(munitions),
        "technology": slots(technologies),
        "route": slots(routes),
        "observer": slots(observers),
        "member": slots(members),
    }
    counters: list[np.ndarray] = []
    spans: dict[tuple[int, str], tuple[int, int, tuple[int, ...]]] = {}
    start = 0
    halves: dict[tuple[int, str], set[int]] = {}
    for stream in STREAMS:
        halves.setdefault((stream.block, stream.axes), set()).add(stream.half)
    # first what has the first two words alone, last what has the last two: no others are made
    for block, axes in sorted(halves, key=lambda span: sum(halves[span]) / len(halves[span])):
        (i, j), shape = _addresses(axes, families, pairs)
        counters.append(np.stack([i, j, np.full_like(i, block)]))
        spans[block, axes] = (start, start + len(i), shape)
        start += len(i)
    c0, c1, c3 = np.concatenate(counters, axis=1)
    return Layout(c0, c1, c3, tuple(Piece(s, *spans[s.block, s.axes]) for s in STREAMS))


def _addresses(
    axes: str, families: Mapping[str, np.ndarray], pairs: Sequence[tuple[int, int]]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[int, ...]]:
    """Return the two slots of each draw, and the shape that the draws are seen in."""
    if axes in ("dyad", "dispute"):
        i, j = families["state"][np.asarray(pairs, np.int64).reshape(-1, 2).T]
        return ((i, j) if axes == "dyad" else (np.minimum(i, j), np.maximum(i, j))), i.shape
    if axes == "alone":
        own = families["state"]
        return (own, own), own.shape
    sides = [families[family] for family in FAMILIES[axes]]
    second = sides[1] if len(sides) == 2 else np.zeros(1, np.uint64)
    i, j = (grid.ravel() for grid in np.meshgrid(sides[0], second, indexing="ij"))
    return (i, j), tuple(len(side) for side in sides)


def draw(
    layout: Layout, key: UInt64[Any, "2"], week: int | Integer[Any, "*weeks"]
) -> dict[str, Float64[Any, "..."]]:
    """Return all draws of a week, by the name of their stream.

    Args:
        layout: The counters.
        key: The run's key; its array library is the one that computes.
        week: The week, from 0 to 2**16 - 1, or a vector of T weeks.

    Returns:
        For each stream an array [*axes], or [T, *axes] for a vector of weeks, bit for bit the same.
        A uniform is (word + 1/2) 2**-32, never 0 or 1; a normal is Box and Muller's (1958) cosine
        branch sqrt(-2 ln u) cos(2 pi v), at most 6.8 from 0.
    """
    xp = key.__array_namespace__()
    week = xp.asarray(week, dtype=xp.uint64)
    weeks = tuple(week.shape)
    c0, c1, c3 = (xp.asarray(counter) for counter in (layout.c0, layout.c1, layout.c3))
    w0, w1, w2, w3 = (xp.asarray(w) for w in _drawn_at(key, c0, c1, week[..., None], c3))
    end, begin = layout.halves
    halves = (w0 << 32 | w1)[..., :end], (w2 << 32 | w3)[..., begin:]
    uniform = [
        (xp.astype(word, xp.float64) + 0.5) * 2.0**-32
        for pair in halves
        for word in (pair >> 32, pair & MASK)
    ]

    def of(piece: Piece, word: int = 0) -> Any:
        """Return a uniform of one of a stream's words at each of its draws."""
        first = begin * piece.stream.half
        return uniform[piece.stream.lane + word][..., piece.start - first : piece.stop - first]

    # One Box-Muller for all normals, on contiguous values: each call costs, and NumPy's loops for
    # strided ones need not agree to the last bit.
    normals = [piece for piece in layout.pieces if piece.stream.law == "normal"]
    u, v = (xp.concat([of(piece, word) for piece in normals], axis=-1) for word in (0, 1))
    normal = xp.sqrt(-2.0 * xp.log(u)) * xp.cos(2.0 * math.pi * v)

    draws, place = {}, 0
    for piece in layout.pieces:
        if piece.stream.law == "normal":
            start, place = place, place + piece.stop - piece.start
            values = normal[..., start:place]
        else:
            values = of(piece)
        draws[piece.stream.name] = xp.reshape(values, weeks + piece.shape)
    return draws
