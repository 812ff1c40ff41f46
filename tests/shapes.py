"""Shapes are checked while tests run: once for each combination of shapes that a call can have.

What jaxtyping and beartype say of a call hangs on the types, shapes and dtypes of its arguments
and of its result alone. So a call like an earlier one of the same function is not checked again:
a week of the rulebook makes thousands of them.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any

import jaxtyping

CHECKED_PARTS = ["sim.arrays", "sim.desks", "sim.rules", "sim.world"]
_jaxtyped = jaxtyping.jaxtyped


def kind(value: Any) -> Hashable:
    """Return all of a value that a check of shapes can depend on."""
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        return type(value), dtype, tuple(value.shape)  # its text would cost half of all checking
    if isinstance(value, dict):
        return dict, tuple([(key, kind(part)) for key, part in value.items()])
    if isinstance(value, list | tuple):
        return type(value), tuple(map(kind, value))
    if isinstance(value, str | bool):
        return value
    return type(value)


def checked_once(function: Callable[..., Any], checker: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that checks calls of a kind it has not seen.

    Args:
        function: The function as written.
        checker: What jaxtyping takes as `typechecker`.
    """
    checked = _jaxtyped(function, typechecker=checker)
    seen: set[Hashable] = set()

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if jaxtyping.config.jaxtyping_disable:
            return function(*args, **kwargs)
        given = tuple(map(kind, args)), tuple([(key, kind(kwargs[key])) for key in kwargs])
        if given not in seen:
            result = checked(*args, **kwargs)
            seen.add(given)
            seen.add((given, kind(result)))
            return result
        result = function(*args, **kwargs)
        if (given, kind(result)) not in seen:
            return checked(*args, **kwargs)
        return result

    return call


def jaxtyped(decorated: Any = None, *, typechecker: Callable[..., Any]) -> Any:
    """Do as `jaxtyping.jaxtyped`, with calls checked once for each kind of arguments."""
    if decorated is None:
        return functools.partial(jaxtyped, typechecker=typechecker)
    if inspect.isclass(decorated):
        if dataclasses.is_dataclass(decorated):
            check = checked_once(decorated.__init__, typechecker)
            type.__setattr__(decorated, "__init__", check)
        return decorated
    if inspect.isfunction(decorated):
        return checked_once(decorated, typechecker)
    return _jaxtyped(decorated, typechecker=typechecker)


def check_shapes() -> None:
    """Check every call of the rulebook from here on; to be called before `sim` is imported."""
    jaxtyping.jaxtyped = jaxtyped
    jaxtyping.install_import_hook(CHECKED_PARTS, "beartype.beartype")
