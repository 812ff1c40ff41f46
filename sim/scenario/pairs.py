"""The pairs of states between which conduct is simulated, and why: those that a scenario names.

The field studies politically relevant pairs, not all (Maoz & Russett 1993). A pair is relevant
because the scenario names it, whatever the numbers, since a prior or a sweep may set a stake.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from ..arrays import Pairs
from .places import INERT_PAIR, Pair, filled
from .schema import Spec

BUNDLE = 16
"""Pairs of an actor that are summed at once: few states have many, and lists are as long as the
longest."""
Named = tuple[str, str, str]
"""Two states, and what names them together."""


def reasons(spec: Spec) -> dict[frozenset[str], list[str]]:
    """Return what names each pair, in the order of the file."""
    found: dict[frozenset[str], list[str]] = {}
    for one, other, why in _named(spec):
        named = found.setdefault(frozenset((one, other)), [])
        if why not in named:
            named.append(why)
    return found


def _named(spec: Spec) -> Iterator[Named]:
    relations = spec.relations
    for rivalry in relations.rivalries:
        yield *rivalry.states, "rivalry"
    for alliance in relations.alliances:
        yield alliance.protector, alliance.protege, "alliance"
    for name, pairs in (
        ("war", relations.wars),
        ("protector", _protectors(spec)),
        ("relevant", _relevant(spec)),
    ):
        for one, other in pairs:
            yield one, other, name
    numbers = ("interop", "reach", "unenforceable")
    for name, rows in (("level", relations.levels), *((n, getattr(relations, n)) for n in numbers)):
        for one, other, _ in rows:
            yield one, other, name
    for route in spec.routes:
        yield route.source, route.target, "route"
    for exercise in spec.exercises:
        for one, other in combinations(exercise.states, 2):
            yield one, other, "exercise"


def _protectors(spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield each protector with whom its protege is a rival of or at war with."""
    relations = spec.relations
    against: dict[str, list[str]] = {}
    for one, other in [*(rivalry.states for rivalry in relations.rivalries), *relations.wars]:
        against.setdefault(one, []).append(other)
        against.setdefault(other, []).append(one)
    for alliance in relations.alliances:
        bonds = [(alliance.protector, alliance.protege)]
        for protector, protege in bonds + [bonds[0][::-1]] * alliance.mutual:
            for other in against.get(protege, ()):
                if other != protector:
                    yield protector, other


def _relevant(spec: Spec) -> list[tuple[str, str]]:
    """Return the pairs that a scenario lists under `relevant`, or all."""
    named = spec.relations.relevant
    return list(combinations(spec.states, 2)) if named == "all" else list(named)


def listed_pairs(spec: Spec) -> list[Pair]:
    """Return the places of actor and target of each listed pair, both ways, in order."""
    place = {code: at for at, code in enumerate(spec.states)}
    both = [sorted(place[code] for code in pair) for pair in reasons(spec)]
    return sorted((i, j) for a, b in both for i, j in ((a, b), (b, a)))


def pairs_of(pairs: list[Pair], size: int) -> Pairs:
    """Return the pairs as arrays; a world that names none has one inert pair, found by nobody.

    Args:
        pairs: Places of actor and target, as `listed_pairs` returns them.
        size: How many states there are.
    """
    count, at = len(pairs), {pair: place for place, pair in enumerate(pairs)}
    ends = np.asarray(pairs or [INERT_PAIR], np.int64)
    past = len(ends)
    own: list[list[int]] = [[] for _ in range(size)]
    for pair in pairs:
        own[pair[0]].append(at[pair])
    bundles = [[mine[n : n + BUNDLE] for n in range(0, max(1, len(mine)), BUNDLE)] for mine in own]
    flat = [bundle for mine in bundles for bundle in mine]
    ends_at = np.cumsum([len(mine) for mine in bundles]).tolist()
    place = np.full((size, size), past)
    place[tuple(ends[:count].T)] = np.arange(count)
    return Pairs(
        actor=ends[:, 0].copy(),
        target=ends[:, 1].copy(),
        reverse=np.asarray([at[j, i] for i, j in pairs] or [0], np.int64),
        once=(ends[:, 0] < ends[:, 1]).astype(np.float64),
        cell=ends[:, 0] * size + ends[:, 1],
        of_actor=filled(flat, past),
        bundles=filled(
            [list(range(end - len(mine), end)) for end, mine in zip(ends_at, bundles, strict=True)],
            len(flat),
        ),
        place=place,
    )
