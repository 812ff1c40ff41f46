"""Lists of places: where things of one kind stand among those of another.

A list is filled up with one past the last place, where `arrays.listed` finds nothing. What a world
lacks has one inert entry, marked by -1 here, so that no axis is ever empty.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from ..world import Array

Pair = tuple[int, int]
INERT_PAIR = (0, 0)
"""The one pair of a world that names none."""


def index(names: Iterable[str]) -> dict[str, int]:
    """Return the place of each name."""
    return {name: i for i, name in enumerate(names)}


def filled(rows: list[list[int]], past: int) -> np.ndarray:
    """Return lists of places as one array, filled up with one past the last place.

    Args:
        rows: A list of places for each row.
        past: One past the last place.
    """
    most = max(1, *map(len, rows))
    return np.asarray([row + [past] * (most - len(row)) for row in rows], np.int64)


def of_each(groups: Sequence[Any], each: Iterable[Any]) -> list[list[int]]:
    """Return the places at which each group stands.

    Args:
        groups: The group of each thing.
        each: The groups, in the order wanted.
    """
    places: dict[Any, list[int]] = {}
    for at, group in enumerate(groups):
        places.setdefault(group, []).append(at)
    return [places.get(group, []) for group in each]


def of_pairs(listed: Sequence[Pair], found: Sequence[Pair]) -> Int64[Array, " pair"]:
    """Return the place of each listed pair among others, one past the last if it is not there.

    Args:
        listed: Actor and target of each pair.
        found: The pairs among which each is sought.
    """
    places = {pair: at for at, pair in enumerate(found)}
    return np.asarray([places.get(pair, len(found)) for pair in listed or [INERT_PAIR]], np.int64)


def within(listed: Sequence[Pair], found: Sequence[Pair]) -> Int64[Array, " item"]:
    """Return the place of each thing's pair among the listed ones; 0 for an inert thing.

    Args:
        listed: Actor and target of each listed pair.
        found: The pair of each thing.
    """
    places = {pair: at for at, pair in enumerate(listed)}
    return np.asarray([places.get(pair, 0) for pair in found], np.int64)


def of_thirds(
    listed: Sequence[Pair],
    groups: Int64[Array, "state member"],
    thirds: Sequence[int],
    pair_of: Callable[[int, int, int], Pair],
) -> Int64[Array, "pair member"]:
    """Return the pairs of a third state with the actor or the target of each listed pair.

    The third states k are those that the members of a group bring in: of the target j for the pair
    (i, k), of the actor i for (j, k).

    Args:
        listed: Actor i and target j of each listed pair.
        groups: The places of each state's members, filled up.
        thirds: The state k that each member brings in.
        pair_of: The pair that is sought, of i, j and k.
    """
    places, past = {pair: at for at, pair in enumerate(listed)}, max(1, len(listed))
    rows = []
    for i, j in listed or [INERT_PAIR]:
        end = j if pair_of(0, 1, 2) == (0, 2) else i
        third = [thirds[a] if a < len(thirds) else -1 for a in groups[end].tolist()]
        rows.append([places.get(pair_of(i, j, k), past) for k in third])
    return np.asarray(rows, np.int64)


def places_of(things: Sequence[int], size: int) -> Int64[Array, " thing"]:
    """Return the place of each thing in a list, one past the last if it is not there.

    Args:
        things: The list.
        size: How many things there are.
    """
    places = {thing: at for at, thing in enumerate(things)}
    return np.asarray([places.get(thing, len(things)) for thing in range(size)], np.int64)


def by_pair(pairs: Sequence[Pair]) -> tuple[Int64[Array, "pair entry"], list[Pair]]:
    """Return the entries of each pair that has any, and these pairs."""
    distinct = list(dict.fromkeys(pairs))
    return filled(of_each(pairs, distinct), len(pairs)), distinct


def inert_at_zero(places: Sequence[int]) -> Int64[Array, " entry"]:
    """Return the places, 0 for the -1 of an inert entry: what stands there has no effect."""
    return np.maximum(np.asarray(places, np.int64), 0)


def real(places: Sequence[int]) -> Float64[Array, " entry"]:
    """Return 1 where there is a place, 0 for the -1 of an inert entry."""
    return (np.asarray(places) >= 0).astype(np.float64)
