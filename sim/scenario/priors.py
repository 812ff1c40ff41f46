"""Laws of uncertain numbers, and where in the arrays of a scenario such a number stands.

A number's cells are found, not listed: the scenario is built once with a mark at each path, a NaN
whose lowest bits say which, and wherever a mark comes out stands its number. A run then copies
those few arrays and writes its own values there; nothing is read or checked again but the bounds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p
from statistics import NormalDist
from struct import pack, unpack
from typing import Any

import numpy as np
from jaxtyping import Float64
from pydantic import BaseModel

from .build import Built
from .schema import Prior, Spec
from .tree import Path, child, grafted, walk

_STANDARD = NormalDist()
_STEPS = 200


def quantiles(prior: Prior, u: Float64[np.ndarray, " run"]) -> Float64[np.ndarray, " run"]:
    """Return the values of a prior at probabilities.

    Args:
        prior: The law.
        u: Probabilities in (0, 1): [run].
    """
    law = prior.law
    return np.asarray([_at(*law, probability) for probability in u.tolist()])


def quantile(prior: Prior, u: float) -> float:
    """Return the value of a prior at a probability.

    Args:
        prior: The law.
        u: In (0, 1); 0.5 gives the median.
    """
    return _at(*prior.law, u)


def _at(law: str, a: float, b: float, u: float) -> float:
    if law == "uniform":
        return a + (b - a) * u
    if law == "beta":
        return beta_quantile(a, b, u)
    z = _STANDARD.inv_cdf(u)
    return a * exp(b * z) if law == "lognormal" else a + b * z


def beta_quantile(a: float, b: float, u: float) -> float:
    """Return the x with I_x(a, b) = u, by Newton's steps, halved where one leaves the bracket.

    Args:
        a: The first shape, above 0.
        b: The second shape, above 0.
        u: The probability, in (0, 1).
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    for _ in range(_STEPS):
        error = beta_probability(a, b, x) - u
        low, high = (low, x) if error > 0.0 else (x, high)
        slope = scale + (a - 1.0) * log(x) + (b - 1.0) * log1p(-x)
        step = error * exp(-slope) if abs(slope) < 600.0 else inf
        following = x - step
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - x) <= 1e-15 * x or following in (0.0, 1.0):
            return following
        x = following
    return x


def beta_probability(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    The continued fraction of Abramowitz & Stegun 26.5.8, evaluated by Lentz's method.

    Args:
        a: The first shape, above 0.
        b: The second shape, above 0.
        x: In (0, 1).
    """
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_probability(b, a, 1.0 - x)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, _STEPS + 1):
        before = fraction
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            c, d = 1.0 + numerator / c, 1.0 / (1.0 + numerator * d)
            fraction *= c * d
        if abs(fraction - before) < 1e-16 * abs(fraction):
            break
    return exp(front) * fraction / a


MOST_BEYOND = 0.75
"""The share of a prior that may lie beyond the bounds of its number, at which a draw is cut: a law
around a bound is lawful, one that is hardly felt inside is not."""
_GRID = [(n + 0.5) / 200 for n in range(200)]


@dataclass(frozen=True)
class Cells:
    """Where a number of the scenario stands in its arrays, and its bounds there."""

    places: tuple[tuple[Path, Any], ...]
    low: float
    high: float


def located(
    spec: Spec, paths: Iterable[str], build: Callable[[Spec], Built]
) -> dict[str, Cells | None]:
    """Find the cells of the real numbers at some paths, by one build for all of them.

    Args:
        spec: The scenario.
        paths: Dotted, with the place in a list as a number.
        build: Makes arrays of a scenario.

    Returns:
        By path the cells; None where there is no such number. What is 0 or 1 is none.
    """
    wanted, marked = list(paths), spec
    for number, path in enumerate(wanted, 1):
        marked = _marked(marked, tuple(path.split(".")), number) or marked
    found: dict[int, list[tuple[Path, Any, Mapping[str, Any]]]] = {}
    for address, array, metadata in walk(build(marked)) if wanted else ():
        if array.dtype.kind != "f" or not (is_marked := np.isnan(array)).any():
            continue
        marks = array.view(np.uint64) ^ _NAN
        for number in np.unique(marks[is_marked]).tolist():
            index = np.nonzero(is_marked & (marks == number)) if array.ndim else ()
            found.setdefault(number, []).append((address, index, metadata))
    return {path: _cells_of(found.get(number, [])) for number, path in enumerate(wanted, 1)}


def _cells_of(found: Iterable[tuple[Path, Any, Mapping[str, Any]]]) -> Cells | None:
    """Return the cells at some places with the metadata of their arrays, or None."""
    known = [metadata for *_, metadata in found]
    if not known or any("low" not in metadata for metadata in known):
        return None
    if any(metadata["unit"].startswith("0/1") for metadata in known):
        return None  # a law or a range would put what lies between into it
    return Cells(
        tuple((address, index) for address, index, _ in found),
        max(metadata["low"] for metadata in known),
        min(metadata["high"] for metadata in known),
    )


def beyond(prior: Prior, cells: Cells) -> float:
    """Return the share of a prior that lies beyond the bounds of its number, to half a per cent.

    Args:
        prior: The law.
        cells: The number.
    """
    return _share_beyond(*prior.law, cells.low, cells.high)


@lru_cache(maxsize=1024)
def _share_beyond(law: str, a: float, b: float, low: float, high: float) -> float:
    out = [not low <= _at(law, a, b, u) <= high for u in _GRID]
    return sum(out) / len(out)


def placed(built: Built, values: Iterable[tuple[Cells, float]]) -> Built:
    """Return the arrays with values in cells; what no value touches is shared.

    Args:
        built: The arrays of a scenario, left as they are.
        values: Cells, and the number that goes into each of them.
    """
    patch: dict[str, Any] = {}
    for cells, value in values:
        for address, index in cells.places:
            inner, source = patch, built
            for part in address[:-1]:
                inner, source = inner.setdefault(part, {}), child(source, part)
            last = address[-1]
            if last not in inner:
                inner[last] = child(source, last).copy()
            inner[last][index] = value
    changed: Built = grafted(built, patch)
    return changed


_NAN = 0x7FF8_0000_0000_0000  # the bits of a quiet NaN; the lowest are free, and are copied


def _marked(node: Any, path: Path, number: int) -> Any:
    """Return a copy with a NaN of that number at the path, or None where no real number stands."""
    if not path:
        return unpack("d", pack("Q", _NAN | number))[0] if isinstance(node, float) else None
    part, rest = path[0], path[1:]
    if isinstance(node, BaseModel) and part in type(node).model_fields:
        inside = _marked(getattr(node, part), rest, number)
        return None if inside is None else node.model_copy(update={part: inside})
    if isinstance(node, dict) and part in node:
        inside = _marked(node[part], rest, number)
        return None if inside is None else {**node, part: inside}
    if isinstance(node, list | tuple) and part.isdecimal() and int(part) < len(node):
        at = int(part)
        inside = _marked(node[at], rest, number)
        return None if inside is None else type(node)([*node[:at], inside, *node[at + 1 :]])
    return None
