"""Trees of arrays as flat lists.

A tree is a dataclass or a mapping of trees, or an array. JAX has its own trees, but they would tie
the nouns to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..scenario.priors import Path


def addressed(tree: Any, address: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every array of a tree with the names that lead to it, always in the same order.

    Args:
        tree: A dataclass or a mapping of trees, or an array.
        address: The names that lead to the tree.
    """
    if is_dataclass(tree):
        for field in fields(tree):
            yield from addressed(getattr(tree, field.name), (*address, field.name))
    elif isinstance(tree, Mapping):
        for name, inside in tree.items():
            yield from addressed(inside, (*address, name))
    else:
        yield address, tree


def leaves(tree: Any) -> list[Any]:
    """Return the arrays of a tree."""
    return [array for _, array in addressed(tree)]


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Return the tree with every array changed.

    Args:
        tree: The tree.
        change: Makes the new array of the old one.
    """
    if is_dataclass(tree) and not isinstance(tree, type):
        return replace(
            tree, **{f.name: mapped(getattr(tree, f.name), change) for f in fields(tree)}
        )
    if isinstance(tree, Mapping):
        return {name: mapped(value, change) for name, value in tree.items()}
    return change(tree)


def rebuilt(tree: Any, arrays: Iterable[Any]) -> Any:
    """Return a tree like this one that holds other arrays.

    Args:
        tree: The tree.
        arrays: The new arrays, in the order of `leaves`.
    """
    following = iter(arrays)
    return mapped(tree, lambda _: next(following))
