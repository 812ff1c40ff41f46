"""Small arithmetic of the oracle, and arrays turned into plain numbers once."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import exp
from types import SimpleNamespace
from typing import Any

MOST = 15
"""Where counts that are drawn by inversion are cut."""


def plain(tree: Any) -> Any:
    """A tree of dataclasses, mappings and arrays as namespaces, dicts, lists and numbers."""
    if is_dataclass(tree):
        return SimpleNamespace(**{f.name: plain(getattr(tree, f.name)) for f in fields(tree)})
    if isinstance(tree, Mapping):
        return {name: plain(value) for name, value in tree.items()}
    return tree.tolist()


def mixed(old: float, there: float, new: float, more: float) -> float:
    """The mean quality of two amounts together; of nothing what it was."""
    together = there + more
    return (old * there + new * more) / together if together > 0.0 else old


def sigmoid(x: float) -> float:
    """The logistic function."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    odds = exp(x)
    return odds / (1.0 + odds)


def share(has: float, needs: float) -> float:
    """What part of `needs` can be had: 1 where there is enough."""
    return 1.0 if needs <= has else has / needs


def quotient(a: float, b: float) -> float:
    """`a / b` where b > 0, else 0."""
    return a / b if b > 0.0 else 0.0


def poisson(rate: float, u: float) -> int:
    """The count at the quantile u, at the most `MOST`."""
    chance = below = exp(-rate)
    count = 0
    while u >= below and count < MOST:
        count += 1
        chance *= rate / count
        below += chance
    return count


def salvoes(days: int, mean: float, u: float) -> int:
    """The trials beyond the first of so many days, each geometric, at the quantile u."""
    more = mean / (1.0 + mean)
    chance = below = (1.0 - more) ** days
    count = 0
    while u >= below and count < MOST:
        chance *= more * (days + count) / (count + 1)
        below += chance
        count += 1
    return count


def binomial(size: int, p: float, u: float) -> int:
    """The count of `size` trials at the quantile u, at the most `MOST`."""
    size = min(size, MOST)
    if p >= 1.0:
        return size
    chance = below = (1.0 - p) ** size
    odds = p / (1.0 - p)
    count = 0
    while u >= below and count < size:
        chance *= odds * (size - count) / (count + 1)
        below += chance
        count += 1
    return count
