"""What JAX traced, as one list of operations: calls opened, none done twice, none without a reader.

A traced week is a thousand calls of small functions inside of each other, and the same places are
made ready for a gather again in each of them. Each operation is bound, lowered and compiled, so a
list without what XLA would drop later is a program sooner ready.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.core import Tracer
from jax.extend.core import ClosedJaxpr, Literal, Primitive

CALLS = ("closed_call", "custom_jvp_call", "custom_vjp_call", "jit", "pjit")
RESHAPING = ("broadcast_in_dim", "convert_element_type", "reshape", "squeeze")
"""Operations that do nothing where shape and kind stay as they are."""


class Value:
    """What an operation makes or a function is given."""

    __slots__ = ("aval",)

    def __init__(self, aval: Any) -> None:
        """Hold its shape and kind."""
        self.aval = aval


@dataclass(frozen=True, eq=False)
class Number:
    """A number that is written in the program, of NumPy's kind."""

    number: Any


@dataclass(frozen=True, eq=False)
class Operation:
    """A primitive of JAX, what it reads and what it makes.

    - `source`: where it stands in the code, for the profiler.
    - `wired`: whether all that it reads after the first follows from the wiring alone.
    """

    primitive: Primitive
    params: dict[str, Any]
    reads: Sequence[Value | Number]
    makes: Sequence[Value]
    source: Any
    wired: bool = False

    @property
    def name(self) -> str:
        """Return the name of the primitive."""
        return self.primitive.name


@dataclass(frozen=True, eq=False)
class Listed:
    """A traced function as a list.

    - `given`: its arguments; `constants`: arrays that it knows.
    - `readers`: how many operations read each value.
    """

    given: Sequence[Value]
    constants: Sequence[tuple[Value, Any]]
    operations: Sequence[Operation]
    results: Sequence[Value | Number]
    readers: Counter[Value]


class _Opened:
    """Operations found so far, by what makes two of them one."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.constants: list[tuple[Value, Any]] = []
        self.done: dict[Any, Sequence[Value]] = {}
        self.numbers: dict[Any, Number] = {}
        self.wiring: set[Value] = set()

    def constant(self, array: Any) -> Value:
        value = Value(jax.typeof(array))
        self.constants.append((value, array))
        if isinstance(array, Tracer):  # an argument of the program: the wiring of its scenario
            self.wiring.add(value)
        return value

    def number(self, number: Any, kind: Any) -> Number:
        """Return the one Number of its value and kind: -0.0 is not 0.0, and NaN is NaN."""
        number = np.asarray(number, kind)[()]
        key = number.dtype, number.tobytes()
        return self.numbers.setdefault(key, Number(number))

    def opened(self, traced: ClosedJaxpr, given: Sequence[Any]) -> list[Any]:
        """Return the results of a function, and list what it does."""
        jaxpr = traced.jaxpr
        named = dict(zip(jaxpr.invars, given, strict=True))
        named |= {v: self.constant(a) for v, a in zip(jaxpr.constvars, traced.consts, strict=True)}

        def read(variable: Any) -> Any:
            if isinstance(variable, Literal):
                aval: Any = variable.aval
                return self.number(variable.val, aval.dtype)
            return named[variable]

        for equation in jaxpr.eqns:
            reads = [read(variable) for variable in equation.invars]
            if equation.primitive.name in CALLS:
                params = equation.params
                inner = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
                makes: Sequence[Any] = self.opened(inner, reads)
            else:
                makes = self._made(equation, reads)
            named |= dict(zip(equation.outvars, makes, strict=True))
        return [read(variable) for variable in jaxpr.outvars]

    def _made(self, equation: Any, reads: Sequence[Any]) -> Sequence[Any]:
        """Return what an operation makes, listed unless it is there already."""
        primitive, params = equation.primitive, equation.params
        if primitive.name in RESHAPING:
            first, after = reads[0], equation.outvars[0].aval
            if isinstance(first, Number) and not after.shape:
                return [self.number(first.number, after.dtype)]
            if isinstance(first, Value) and _alike(first.aval, after):
                return [first]
        made = [Value(variable.aval) for variable in equation.outvars]
        source = equation.source_info.traceback
        if primitive.name == "split":
            parts = _parts(reads[0].aval.shape, params["sizes"], params["axis"])
            self.operations += [
                Operation(lax.slice_p, part, reads, [value], source)
                for part, value in zip(parts, made, strict=True)
            ]
            return made
        key: Any = (primitive, tuple(params.items()), tuple(map(id, reads)))
        try:
            known = self.done.setdefault(key, made)
        except TypeError:  # it has a parameter that cannot be compared
            known = made
        if known is made:
            wired = self._wired(reads[1:])
            if wired and self._wired(reads[:1]):
                self.wiring |= set(made)
            self.operations.append(Operation(primitive, params, reads, made, source, wired))
        return known

    def _wired(self, reads: Sequence[Any]) -> bool:
        """Return whether values follow from the wiring and from numbers written alone."""
        return all(isinstance(read, Number) or read in self.wiring for read in reads)


def _parts(shape: tuple[int, ...], sizes: Sequence[int], axis: int) -> Iterator[dict[str, Any]]:
    """Yield each part of an array that is split, as parameters of `lax.slice`."""
    stop = 0
    for size in sizes:
        start, stop = stop, stop + size
        yield {
            "start_indices": tuple(start if at == axis else 0 for at in range(len(shape))),
            "limit_indices": (*shape[:axis], stop, *shape[axis + 1 :]),
            "strides": None,
        }


def _alike(before: Any, after: Any) -> bool:
    """Return whether two arrays have one shape and kind."""
    return bool(before.shape == after.shape and before.dtype == after.dtype)


def listed(traced: ClosedJaxpr) -> Listed:
    """Return a traced function as a list of operations.

    Nothing that it does may have an effect, such as printing.
    """
    opened, given = _Opened(), [Value(variable.aval) for variable in traced.jaxpr.invars]
    results = opened.opened(traced, given)
    readers, needed = Counter[Any](), {id(value) for value in results}
    operations = []
    for operation in reversed(opened.operations):
        if any(id(value) in needed for value in operation.makes):
            needed |= {id(value) for value in operation.reads}
            readers.update(operation.reads)
            operations.append(operation)
    operations.reverse()
    return Listed(given, opened.constants, operations, results, readers)
