"""Trees of arrays: dataclasses and mappings of trees, down to arrays.

JAX has its own trees, but they would tie the nouns to it. The order of a walk is that of the fields
and of the keys, always the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

Path = tuple[str, ...]
"""The names that lead to an array."""
NO_METADATA: Mapping[str, Any] = {}


def walk(
    tree: Any, address: Path = (), metadata: Mapping[str, Any] = NO_METADATA
) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    """Yield every array of a tree with its address and the metadata of the field that holds it.

    Args:
        tree: A dataclass, a mapping or an array.
        address: Of the tree itself.
        metadata: Of the field that holds the tree.
    """
    if is_dataclass(tree):
        for field in fields(tree):
            inside = getattr(tree, field.name)
            yield from walk(inside, (*address, field.name), field.metadata)
    elif isinstance(tree, Mapping):
        for name, inside in tree.items():
            yield from walk(inside, (*address, name))
    else:
        yield address, tree, metadata


def leaves(tree: Any) -> list[Any]:
    """Return the arrays of a tree."""
    return [array for _, array, _ in walk(tree)]


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Return the tree with every array changed.

    Args:
        tree: A dataclass, a mapping or an array.
        change: Takes an array and returns what stands in its place.
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
        tree: The tree whose form is taken.
        arrays: One for each of its leaves, in their order.
    """
    following = iter(arrays)
    return mapped(tree, lambda _: next(following))


def child(tree: Any, name: str) -> Any:
    """Return what stands at a name of a dataclass or a mapping.

    Args:
        tree: A dataclass or a mapping.
        name: Of a field or a key.
    """
    return tree[name] if isinstance(tree, Mapping) else getattr(tree, name)


def grafted(tree: Any, patch: Any) -> Any:
    """Return the tree with the leaves of a patch in place of its own; all others are shared.

    Args:
        tree: A dataclass, a mapping or an array.
        patch: Mappings by name down to arrays; only what changes stands in it.
    """
    if not isinstance(patch, dict):
        return patch
    inner = {name: grafted(child(tree, name), inside) for name, inside in patch.items()}
    return {**tree, **inner} if isinstance(tree, Mapping) else replace(tree, **inner)
