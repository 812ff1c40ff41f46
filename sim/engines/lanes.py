"""One run made many, with the run axis last: a processor then works on several runs at once.

JAX's own `vmap` puts the runs first. The last axis is then one of states or munitions, seven long
or five, and a vector unit of four or eight numbers is mostly idle. Here every operation that JAX
traced of one run is done again with one more axis at the end. What is the same in all runs, such as
the wiring, keeps no such axis: it is read once, and a product with it is a plain matrix product.

Each rule below says how one primitive of JAX is done so. Operations element by element need no
rule; any other primitive is mapped by `vmap` over the last axis.

XLA computes cheap operations again for each of their readers: fifteen steps of a count were done
for eight of them. What several read is therefore kept where much led to it, by a division by a 1
that the compiler does not know: a division it does once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend import source_info_util

from .operations import Listed, Number, Operation, listed

SHORT = 16
"""Contractions of two arrays that both differ from run to run: up to here multiplied and added up
in lanes, longer ones as a matrix product for each run."""

# fmt: off
ELEMENT_BY_ELEMENT = frozenset((
    "abs", "add", "and", "ceil", "clamp", "convert_element_type", "cos", "div", "eq", "exp",
    "exp2", "expm1", "floor", "ge", "gt", "integer_pow", "is_finite", "le", "log", "log1p",
    "logistic", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "pow", "rem", "round",
    "select_n", "shift_left", "shift_right_logical", "sign", "sin", "sqrt", "square", "sub",
    "tanh", "xor",
))
REDUCTIONS = tuple(f"reduce_{how}" for how in ("and", "max", "min", "or", "prod", "sum"))
UNROUNDED = frozenset((
    "and", "convert_element_type", "eq", "ge", "gt", "le", "lt", "max", "min", "ne", "not", "or",
    "select_n",
))
"""What may be kept. A product may not: XLA rounds it once with the sum that reads it, and a result
would have other bits."""
DONE_ONCE = frozenset((
    "cos", "div", "exp", "exp2", "expm1", "log", "log1p", "logistic", "pow", "rem", "sin", "sqrt",
    "tanh",
))
"""Operations element by element that XLA takes for dear, and does not do again."""
MOVES = frozenset((
    "broadcast_in_dim", "concatenate", "gather", "reshape", "slice", "squeeze", "transpose",
))
"""Operations that pass on what led to their input."""
WHOLE = frozenset(("or", "slice"))
"""Operations that put two words of the noise together, and take what is needed of them."""
AGAIN, LARGE = 3, 2**14
"""A gather that reads each item so many times, and so many in all, has them computed before it."""
IN_BOUNDS = {"mode": lax.GatherScatterMode.PROMISE_IN_BOUNDS, "fill_value": None}
"""For a gather from places that follow from the wiring: every place is one that there is."""
MUCH = 12
"""Operations; from here on keeping a value is quicker than computing it again."""
# fmt: on


@dataclass(frozen=True)
class Lanes:
    """An array whose last axis is that of the runs.

    - `led`: how many cheap operations led to it, which each of its readers would do again.
    - `unrounded`: whether the last of them is one of UNROUNDED.
    - `given`: whether it lies in memory: an argument, or laid down for a gather.
    """

    array: Any
    led: int = 0
    unrounded: bool = False
    given: bool = False


@dataclass(frozen=True)
class Filled:
    """An array that is one number, the same in all runs."""

    number: Any
    shape: tuple[int, ...]

    @property
    def array(self) -> Any:
        """Return it laid out."""
        return lax.broadcast_in_dim(self.number, self.shape, ())


@dataclass(frozen=True)
class Spread:
    """Gives an array the run axis if it lacks one; what all runs share gets it once."""

    runs: int
    made: dict[Any, tuple[Any, Any]] = field(default_factory=dict)

    def __call__(self, value: Any, shape: tuple[int, ...] | None = None) -> Any:
        """Return an array with the run axis.

        Args:
            value: An array, with lanes or without.
            shape: What it is filled up to if it is a number.
        """
        if isinstance(value, Lanes):
            array = value.array
            if array.ndim > 1 or not shape:
                return array
            return lax.broadcast_in_dim(array, (*shape, self.runs), (len(shape),))
        array = value.number if isinstance(value, Filled) else value
        own = value.shape if isinstance(value, Filled) else np.shape(value) or shape or ()
        if (id(array), own) not in self.made:
            wide = lax.broadcast_in_dim(array, (*own, self.runs), tuple(range(np.ndim(array))))
            self.made[id(array), own] = array, wide
        return self.made[id(array), own][1]


def in_lanes(
    one: Callable[[Any, Any], Any], runs: int, unit: Any = None
) -> Callable[[Any, Any], Any]:
    """Return a function of one run as a function of many.

    Args:
        one: From what all runs share and what is a run's own to its results; trees of arrays.
        runs: How many.
        unit: A number that is 1, which the compiler cannot know; if None, nothing is kept.

    Returns:
        The same function; own arguments and all results have the run axis last.
    """

    def many(shared: Any, own: Any) -> Any:
        like = jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape[:-1], array.dtype), own)
        traced, out = jax.make_jaxpr(one, return_shape=True)(shared, like)
        given = [*jax.tree.leaves(shared), *(Lanes(x, given=True) for x in jax.tree.leaves(own))]
        spread = Spread(runs)
        results = _evaluate(listed(traced), given, spread, unit)
        return jax.tree.unflatten(jax.tree.structure(out), [spread(x) for x in results])

    return many


def _evaluate(function: Listed, given: Sequence[Any], spread: Spread, unit: Any) -> list[Any]:
    """Return the results of a traced function."""
    known: dict[Any, Any] = dict(zip(function.given, given, strict=True))
    known |= dict(function.constants)

    def read(value: Any) -> Any:
        return value.number if isinstance(value, Number) else known[value]

    for operation in function.operations:
        with source_info_util.user_context(operation.source):
            results = _made(operation, [read(value) for value in operation.reads], spread, unit)
            if unit is not None:
                results = [
                    _kept(result, operation.name, unit) if function.readers[value] > 1 else result
                    for result, value in zip(results, operation.makes, strict=True)
                ]
        known |= dict(zip(operation.makes, results, strict=True))
    return [read(value) for value in function.results]


def _kept(value: Any, name: str, unit: Any) -> Any:
    """Return a value so that XLA computes it once, if much led to it and its bits stay.

    Numbers of the model are counts where they are integers: a float holds them exactly. The words
    of the noise, of 64 bits, are laid down when they are whole, not in between.

    Args:
        value: What an operation made.
        name: The name of the operation.
        unit: As in `in_lanes`.
    """
    if not isinstance(value, Lanes) or value.led < MUCH:
        return value
    array = value.array
    match array.dtype.kind:
        case "b" if value.unrounded:
            return Lanes(jnp.where(array, 1.0, 0.0) / unit > 0.5)
        case "i" | "f" if value.unrounded:
            return Lanes((array.astype(jnp.float64) / unit).astype(array.dtype))
        case "u" if name in WHOLE:
            return _laid_down(value, unit)
        case _:
            return value


def _read_often(value: Any, operation: Operation, runs: int, unit: Any) -> Any:
    """Return what a gather reads, laid down if it reads each item often.

    XLA computes it within the gather else, an item as many times as it is read.
    """
    read = prod(operation.makes[0].aval.shape)
    if not isinstance(value, Lanes) or value.given or read * runs < LARGE:
        return value
    return value if read < AGAIN * prod(value.array.shape[:-1]) else _laid_down(value, unit)


def _laid_down(value: Lanes, unit: Any) -> Lanes:
    """Return an array in memory: a branch that XLA cannot foresee is not drawn into its readers."""
    array = lax.cond(unit < 1.5, lambda x: x, lambda x: lax.rev(x, (0,)), value.array)
    return Lanes(array, given=True)


def _made(operation: Operation, values: list[Any], spread: Spread, unit: Any) -> list[Any]:
    """Return the results of one operation."""
    name = operation.name
    if name == "gather" and unit is not None:
        values = [_read_often(values[0], operation, spread.runs, unit), *values[1:]]
    results = _results(operation, values, spread)
    again = name in ELEMENT_BY_ELEMENT - DONE_ONCE
    if not again and name not in MOVES:
        return results
    own = [value for value in values if isinstance(value, Lanes)]
    led, given = again + sum(value.led for value in own), all(value.given for value in own)
    given = given and name in MOVES and name != "concatenate"
    return [
        Lanes(result.array, led, name in UNROUNDED, given) if isinstance(result, Lanes) else result
        for result in results
    ]


def _results(operation: Operation, values: list[Any], spread: Spread) -> list[Any]:
    """Return the results of one operation, however much led to them."""
    primitive, params = operation.primitive, operation.params
    own = any(isinstance(value, Lanes) for value in values)
    if own and primitive.name in ELEMENT_BY_ELEMENT:
        return [Lanes(_element_by_element(operation, values, spread))]
    if not own and primitive.name == "broadcast_in_dim" and np.ndim(values[0]) == 0:
        return [Filled(values[0], params["shape"])]
    if primitive.name not in ("concatenate", "stack"):
        values = [value.array if isinstance(value, Filled) else value for value in values]
    if not own:
        if operation.wired and operation.name == "gather":
            params = params | IN_BOUNDS
        result = primitive.bind(*values, **params)
        return list(result) if primitive.multiple_results else [result]
    rule = RULES.get(primitive.name)
    if rule is None or not _fits(operation, values):
        return _mapped(operation, values)
    return [Lanes(rule(operation, values, spread))]


def _fits(operation: Operation, values: list[Any]) -> bool:
    """Return whether the rule for an operation covers this case of it."""
    name = operation.name
    numbers: Any = operation.params.get("dimension_numbers")
    if name == "gather":  # the same places in all runs
        return not isinstance(values[1], Lanes) and not numbers.operand_batching_dims
    return name != "dot_general" or not numbers[1][0]


def _element_by_element(operation: Operation, values: list[Any], spread: Spread) -> Any:
    """Return what an operation gives in lanes; numbers need none but in a choice."""
    shape = operation.makes[0].aval.shape
    if operation.name not in ("select_n", "clamp"):
        values = [value.number if isinstance(value, Filled) else value for value in values]
        arrays = [
            value if not isinstance(value, Lanes) and np.ndim(value) == 0 else spread(value, shape)
            for value in values
        ]
    else:  # it may be one for the whole array
        arrays = [spread(value, shape) for value in values]
    return operation.primitive.bind(*arrays, **operation.params)


def _mapped(operation: Operation, values: list[Any]) -> list[Any]:
    """Return the results of any other operation, by JAX's own rule for it."""
    axes = [-1 if isinstance(value, Lanes) else None for value in values]
    arrays = [value.array if isinstance(value, Lanes) else value for value in values]

    def one(*inputs: Any) -> Any:
        return operation.primitive.bind(*inputs, **operation.params)

    results = jax.vmap(one, in_axes=axes, out_axes=-1)(*arrays)
    return [Lanes(x) for x in (results if operation.primitive.multiple_results else [results])]


def _broadcast(operation: Operation, values: list[Any], spread: Spread) -> Any:
    shape, axes = operation.params["shape"], operation.params["broadcast_dimensions"]
    return lax.broadcast_in_dim(values[0].array, (*shape, spread.runs), (*axes, len(shape)))


def _reshape(operation: Operation, values: list[Any], spread: Spread) -> Any:
    return lax.reshape(values[0].array, (*operation.params["new_sizes"], spread.runs))


def _transpose(operation: Operation, values: list[Any], spread: Spread) -> Any:
    order = operation.params["permutation"]
    return lax.transpose(values[0].array, (*order, len(order)))


def _slice(operation: Operation, values: list[Any], spread: Spread) -> Any:
    start, limit, strides = (
        operation.params[name] for name in ("start_indices", "limit_indices", "strides")
    )
    strides = None if strides is None else (*strides, 1)
    return lax.slice(values[0].array, (*start, 0), (*limit, spread.runs), strides)


def _squeeze(operation: Operation, values: list[Any], spread: Spread) -> Any:
    return lax.squeeze(values[0].array, operation.params["dimensions"])


def _reduce(operation: Operation, values: list[Any], spread: Spread) -> Any:
    return operation.primitive.bind(values[0].array, **operation.params)


def _concatenate(operation: Operation, values: list[Any], spread: Spread) -> Any:
    return lax.concatenate([spread(x) for x in values], operation.params["dimension"])


def _stack(operation: Operation, values: list[Any], spread: Spread) -> Any:
    return jnp.stack([spread(x) for x in values], axis=operation.params["axis"])


def _gather(operation: Operation, values: list[Any], spread: Spread) -> Any:
    """Gather from places that are the same in all runs, out of an array that is not.

    Where they follow from the wiring, every place is one that there is: nothing has to look. A
    phase of one's own may ask for a week past the end of its list, and gets NaN there, which fails
    the run.
    """
    params = dict(operation.params)
    old, rank = params.pop("dimension_numbers"), len(operation.makes[0].aval.shape)
    numbers = lax.GatherDimensionNumbers(
        offset_dims=(*old.offset_dims, rank),
        collapsed_slice_dims=old.collapsed_slice_dims,
        start_index_map=old.start_index_map,
    )
    sizes = (*params.pop("slice_sizes"), spread.runs)
    if operation.wired:
        params |= IN_BOUNDS
    return lax.gather(values[0].array, values[1], numbers, sizes, **params)


def _product(operation: Operation, values: list[Any], spread: Spread) -> Any:
    """Return a matrix product, by which of the two has lanes."""
    (a_over, b_over), _ = operation.params["dimension_numbers"]
    a, b = values
    if not isinstance(b, Lanes):
        swapped = lax.dot_general(b, a.array, ((b_over, a_over), ((), ())))
        free_b, free_a = b.ndim - len(b_over), a.array.ndim - 1 - len(a_over)
        order = [*range(free_b, free_b + free_a), *range(free_b), free_b + free_a]
        return lax.transpose(swapped, order)
    if not isinstance(a, Lanes):
        return lax.dot_general(a, b.array, ((a_over, b_over), ((), ())))
    if prod(a.array.shape[axis] for axis in a_over) > SHORT:
        return _product_by_run(a.array, b.array, a_over, b_over)
    return _product_in_lanes(a.array, b.array, a_over, b_over)


def _product_by_run(a: Any, b: Any, a_over: Sequence[int], b_over: Sequence[int]) -> Any:
    a_over, b_over = ([axis + 1 for axis in axes] for axes in (a_over, b_over))
    a, b = (jnp.moveaxis(array, -1, 0) for array in (a, b))
    product = lax.dot_general(a, b, ((a_over, b_over), ((0,), (0,))))
    return jnp.moveaxis(product, 0, -1)


def _product_in_lanes(a: Any, b: Any, a_over: Sequence[int], b_over: Sequence[int]) -> Any:
    """Lay both out as [free of a, free of b, contracted, run], multiply, add up."""
    a_free = [axis for axis in range(a.ndim - 1) if axis not in a_over]
    b_free = [axis for axis in range(b.ndim - 1) if axis not in b_over]
    a = lax.transpose(a, (*a_free, *a_over, a.ndim - 1))
    b = lax.transpose(b, (*b_free, *b_over, b.ndim - 1))
    a = jnp.expand_dims(a, range(len(a_free), len(a_free) + len(b_free)))
    b = jnp.expand_dims(b, range(len(a_free)))
    free = len(a_free) + len(b_free)
    return jnp.sum(a * b, axis=tuple(range(free, free + len(a_over))))


RULES: dict[str, Callable[[Operation, list[Any], Spread], Any]] = {
    "broadcast_in_dim": _broadcast,
    "concatenate": _concatenate,
    "dot_general": _product,
    "gather": _gather,
    "reshape": _reshape,
    "slice": _slice,
    "squeeze": _squeeze,
    "stack": _stack,
    "transpose": _transpose,
    **dict.fromkeys(REDUCTIONS, _reduce),
}
