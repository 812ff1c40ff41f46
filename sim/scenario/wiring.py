"""What fixes the shapes of a scenario: which thing belongs to which, as lists of places."""

from itertools import combinations
from operator import add

import numpy as np

from .. import noise
from ..params import Wiring
from ..world import Array
from .pairs import listed_pairs, pairs_of
from .places import (
    INERT_PAIR,
    Pair,
    filled,
    index,
    inert_at_zero,
    of_each,
    of_pairs,
    of_thirds,
    places_of,
    real,
    within,
)
from .schema import Spec

INERT = ""
"""The code of the inert entry of an axis that a scenario leaves empty: no draw of others moves."""


def members(spec: Spec) -> list[str]:
    """Return the states that sit on the Council."""
    return [code for code, state in spec.states.items() if state.council != "none"]


def legs(spec: Spec) -> tuple[int, int]:
    """Return the shape of arrays [leg, route]; without routes one inert entry of one leg."""
    return max((len(route.legs) for route in spec.routes), default=1), max(1, len(spec.routes))


def wiring(spec: Spec, alliances: list[Pair], listed: list[Pair]) -> Wiring:
    """Return what fixes the shapes of a scenario.

    Args:
        spec: The scenario.
        alliances: Places of protector and protege of each alliance.
        listed: Places of actor and target of each listed pair.
    """
    at, size = index(spec.states), len(spec.states)
    ends = [(at[route.source], at[route.target]) for route in spec.routes] or [(-1, -1)]
    sources, targets = zip(*ends, strict=True)
    source, target = inert_at_zero(sources), inert_at_zero(targets)
    observers = [i for i, state in enumerate(spec.states.values()) if state.observer] or [-1]
    council = [at[code] for code in members(spec)] or [-1]
    seated = np.asarray(council)[:, None] != np.arange(size)
    way = index(spec.infrastructure)
    leg, last, ways = np.zeros(legs(spec)), np.zeros(legs(spec)), max(1, len(way))
    over = np.full(legs(spec), ways)
    for e, route in enumerate(spec.routes):
        leg[: len(route.legs), e], last[len(route.legs) - 1, e] = 1.0, 1.0
        for position, part in enumerate(route.legs):
            if part.over is not None:
                over[position, e] = way[part.over]
    pairs = alliances or [(-1, -1)]
    munitions, technologies = spec.munitions.items(), spec.technologies
    domain = [index(technologies)[munition.technology] for _, munition in munitions]
    family = [munition.family or name for name, munition in munitions]
    roles = np.asarray([technology.role for technology in technologies.values()])
    protectors, proteges = zip(*pairs, strict=True)
    protector, protege = inert_at_zero(protectors), inert_at_zero(proteges)
    exports, imports = of_each(sources, range(size)), of_each(targets, range(size))
    guards, wards = (
        filled(of_each(side, range(size)), len(pairs)) for side in (proteges, protectors)
    )
    pair = pairs_of(listed, size)
    return Wiring(
        off=1.0 - np.eye(size),
        pair=pair,
        source=source,
        target=target,
        real_route=real(sources),
        cell=source * size + target,
        dealing=within(listed, ends),
        route=of_pairs(listed, ends),
        returns=of_pairs([(j, i) for i, j in ends], ends),
        exports=filled(exports, len(ends)),
        imports=filled(imports, len(ends)),
        ends=filled([sorted(pair) for pair in map(add, exports, imports)], len(ends)),
        leg=leg,
        last=last,
        way=over,
        traffic=filled(of_each(over.ravel().tolist(), range(ways)), over.size),
        observer=inert_at_zero(observers),
        real_observer=real(observers),
        voice=places_of(observers, size),
        member=inert_at_zero(council),
        seat=places_of(council, size),
        sitting=seated.astype(np.float64),
        tie=pair.place[inert_at_zero(council)],
        **common_rivals(spec, listed),
        protector=protector,
        protege=protege,
        bond=within(listed, pairs),
        alliance=of_pairs(listed, pairs),
        guards=guards,
        toward_guard=of_thirds(listed, guards, protectors, lambda i, j, k: (i, k)),
        wards=wards,
        toward_ward=of_thirds(listed, wards, proteges, lambda i, j, k: (j, k)),
        domain=np.asarray(domain, np.int64),
        arms=filled(of_each(domain, range(len(technologies))), len(domain)),
        family=filled(of_each(family, family), len(family)),
        tested=(roles == "tested").astype(np.float64),
        launched=(roles == "launched").astype(np.float64),
        watching=(roles == "watching").astype(np.float64),
    )


def common_rivals(spec: Spec, listed: list[Pair]) -> dict[str, Array]:
    """Return which two states have rivals in common, by the pairs of each with these.

    Args:
        spec: The scenario.
        listed: Places of actor and target of each listed pair.
    """
    at, size, place = index(spec.states), len(spec.states), {p: n for n, p in enumerate(listed)}
    rivals: list[set[int]] = [set() for _ in range(size)]
    for rivalry in spec.relations.rivalries:
        one, other = (at[code] for code in rivalry.states)
        rivals[one].add(other)
        rivals[other].add(one)
    shared = [
        (i, j, sorted(rivals[i] & rivals[j]))
        for i, j in combinations(range(size), 2)
        if rivals[i] & rivals[j]
    ]
    past, count = max(1, len(listed)), max(1, len(shared))
    where = np.full((size, size), count)
    for n, (i, j, _) in enumerate(shared):
        where[i, j] = where[j, i] = n
    ours = filled([[place[i, k] for k in common] for i, _, common in shared] or [[]], past)
    theirs = filled([[place[j, k] for k in common] for _, j, common in shared] or [[]], past)
    return {"our_rival": ours, "their_rival": theirs, "shared": where}


def noise_layout(spec: Spec) -> noise.Layout:
    """Return the counters of the noise of a scenario.

    Raises:
        ValueError: Two codes have the same address.
    """
    return noise.layout(
        list(spec.states),
        list(spec.munitions),
        list(spec.technologies),
        [f"{route.source}>{route.target}" for route in spec.routes] or [INERT],
        [code for code, state in spec.states.items() if state.observer] or [INERT],
        members(spec) or [INERT],
        listed_pairs(spec) or [INERT_PAIR],
    )
