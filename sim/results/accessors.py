"""Attributes that other packages add to `Results`, such as `results.plot`."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .. import ACCESSORS

REGISTERED: dict[str, type] = {}


def accessor(name: str) -> Callable[[type], type]:
    """Register a class whose instance, made of the results, becomes `results.<name>`.

    Args:
        name: The attribute.

    Raises:
        ValueError: Another class has that name.
    """

    def register(kind: type) -> type:
        taken = REGISTERED.setdefault(name, kind)
        if taken.__qualname__ != kind.__qualname__:
            raise ValueError(f"results have an accessor '{name}' already")
        REGISTERED[name] = kind
        return kind

    return register


def accessor_of(results: Any, name: str) -> Any:
    """Return the accessor `name` of some results, importing its module if need be.

    Args:
        results: What the accessor is about.
        name: The attribute.

    Raises:
        AttributeError: There is no such accessor.
    """
    if name not in REGISTERED and name in ACCESSORS:
        import_module(ACCESSORS[name])
    if name not in REGISTERED:
        raise AttributeError(f"'Results' object has no attribute '{name}'")
    return REGISTERED[name](results)
