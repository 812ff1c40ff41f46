"""Trees of arrays as flat lists.

A tree is a dataclass or a mapping of trees, or an array. JAX has its own trees, but they would tie
the nouns to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..scenario.priors import Path


def addressed(tree: Any, address: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every array of a tree with the names that lead to it, always in the same order."""
    if is_dataclass(tree):
        for field in fields(tree):
            yield from addressed(getattr(tree, field.name), (*address, field.name))
    elif isinstance(tree, Mapping):
        for name, inside in tree.items():
            yield from addressed(inside, (*address, name))
    else:
        yield address, tree


def leaves(tree: Any) -> list[Any]:
    """The arrays of a tree."""
    return [array for _, array in addressed(tree)]


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with every array changed."""
    if is_dataclass(tree) and not isinstance(tree, type):
        return replace(
            tree, **{f.name: mapped(getattr(tree, f.name), change) for f in fields(tree)}
        )
    if isinstance(tree, Mapping):
        return {name: mapped(value, change) for name, value in tree.items()}
    return change(tree)


def rebuilt(tree: Any, arrays: Iterable[Any]) -> Any:
    """A tree like this one that holds these arrays."""
    following = iter(arrays)
    return mapped(tree, lambda _: next(following))
