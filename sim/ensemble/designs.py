"""Designs: tables of points, columns of values by path.

A grid takes every combination. The others fill a box of ranges: Sobol's sequence (scrambled) and
Latin hypercubes cover it evenly; Morris's trajectories screen which paths matter; Saltelli's
arrangement gives Sobol's indices (Saltelli 2002; Saltelli et al. 2010).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Float64

Ranges = Mapping[str, Sequence[float]]
Unit = Float64[np.ndarray, "point path"]
LEVELS = 4
"""Of Morris's grid."""


def grid(over: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the table of every combination; the last path changes quickest.

    Args:
        over: The values of each path.

    Raises:
        ValueError: They are more than MOST_POINTS.
    """
    points = prod(len(values) for values in over.values())
    if points > MOST_POINTS:
        raise ValueError(f"sweep: {points:,} points; at most {MOST_POINTS:,}")
    rows = list(product(*over.values()))
    return {path: [row[n] for row in rows] for n, path in enumerate(over)}


def crossed(a: Mapping[str, Sequence[Any]], b: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return every row of one table with every row of another; the second changes quickest.

    Args:
        a: The first table, columns of as many values by path.
        b: The second.
    """
    rows = len(next(iter(b.values()), (None,)))
    times = len(next(iter(a.values()), (None,)))
    many = {path: [value for value in values for _ in range(rows)] for path, values in a.items()}
    return many | {path: list(values) * times for path, values in b.items()}


def problem(over: Ranges) -> dict[str, Any]:
    """Return the ranges in the form of SALib's problems."""
    bounds = [[float(low), float(high)] for low, high in over.values()]
    return {"num_vars": len(over), "names": list(over), "bounds": bounds}


def _grid(over: Ranges, points: int, seed: int) -> Unit:
    axis = np.linspace(0.0, 1.0, points) if points > 1 else np.asarray([0.5])
    return np.stack(np.meshgrid(*[axis] * len(over), indexing="ij"), axis=-1).reshape(-1, len(over))


def _sobol(over: Ranges, points: int, seed: int) -> Unit:
    from scipy.stats import qmc

    return np.asarray(qmc.Sobol(len(over), rng=seed).random(points))


def _latin_hypercube(over: Ranges, points: int, seed: int) -> Unit:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(over), rng=seed).random(points))


def _morris(over: Ranges, points: int, seed: int) -> Unit:
    from SALib.sample.morris import sample

    return np.asarray(sample(_unit(over), points, num_levels=LEVELS, seed=seed))


def _saltelli(over: Ranges, points: int, seed: int) -> Unit:
    from SALib.sample.sobol import sample

    return np.asarray(sample(_unit(over), points, calc_second_order=False, seed=seed))


def _unit(over: Ranges) -> dict[str, Any]:
    return problem(dict.fromkeys(over, (0.0, 1.0)))


DESIGNS: dict[str, Callable[[Ranges, int, int], Unit]] = {
    "grid": _grid,
    "sobol": _sobol,
    "latin_hypercube": _latin_hypercube,
    "morris": _morris,
    "saltelli": _saltelli,
}
"""By name. `points` are, in turn: values a path; points; points; trajectories of one point more
than there are paths; base points, each of which makes two more points than there are paths."""
SIZES: dict[str, Callable[[int, int], int]] = {
    "grid": lambda points, paths: points**paths,
    "sobol": lambda points, paths: points,
    "latin_hypercube": lambda points, paths: points,
    "morris": lambda points, paths: points * (paths + 1),
    "saltelli": lambda points, paths: points * (paths + 2),
}
"""How many points the table of a design has, of its `points` and how many paths there are."""
MOST_POINTS = 2_000_000
"""Of a table: it lies in memory and in the manifest."""


def design(kind: str, over: Ranges, points: int, seed: int = 0) -> dict[str, list[float]]:
    """Return the table of a design.

    Args:
        kind: One of DESIGNS.
        over: The lowest and the highest value of each path.
        points: The size of the design; DESIGNS says of what.
        seed: Of the design's own randomness.

    Raises:
        ValueError: Everything that is wrong with the arguments.
    """
    start = f"{kind!r} is none of" if kind else "choose one of"
    wrong = (
        []
        if isinstance(kind, str) and kind in DESIGNS
        else [f"design: {start} {', '.join(DESIGNS)}"]
    )
    if not isinstance(over, Mapping):
        wrong.append(f"design.over: {over!r} is not of the form {{PATH: [lowest, highest]}}")
        over = {}
    elif not over:
        wrong.append("design.over: names no path")
    for path, ends in over.items():
        if not _is_range(ends):
            wrong.append(f"design.over: {path}: {ends!r} is not a range [lowest, highest]")
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        wrong.append(f"design.points: {points!r} is not a whole number of at least 1")
    elif kind in ("sobol", "saltelli") and points & (points - 1):
        wrong.append(f"design.points: {points} is not a power of 2, which {kind} needs")
    if not wrong and SIZES[kind](points, len(over)) > MOST_POINTS:
        wrong.append(f"design.points: {points}: makes more than {MOST_POINTS:,} points")
    if wrong:
        raise ValueError("\n".join(wrong))
    try:
        unit = DESIGNS[kind](over, points, seed)
    except ModuleNotFoundError as error:
        message = f"design: {kind} needs {error.name}: pip install 'armsflow[sweep]'"
        raise ValueError(message) from None
    low, high = np.asarray([[float(a), float(b)] for a, b in over.values()]).T
    values = low + unit * (high - low)
    return {path: values[:, n].tolist() for n, path in enumerate(over)}


def _is_range(ends: Any) -> bool:
    if not isinstance(ends, Sequence) or isinstance(ends, str) or len(ends) != 2:
        return False
    if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in ends):
        return False
    return bool(np.isfinite(ends).all()) and ends[0] < ends[1]
