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

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend import source_info_util
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

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
AGAIN, LARGE = 3, 2**14
"""A gather that reads each item so many times, and so many in all, has them computed before it."""
MUCH = 12
"""Operations; from here on keeping a value is quicker than computing it again."""
CALLS = ("closed_call", "custom_jvp_call", "custom_vjp_call", "jit", "pjit")
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
        results = _evaluate(traced, given, runs, unit)
        return jax.tree.unflatten(jax.tree.structure(out), [_spread(x, runs) for x in results])

    return many


def _spread(value: Any, runs: int) -> Any:
    """Return an array with the run axis, which it gets if it lacks one."""
    if isinstance(value, Lanes):
        return value.array
    array = jnp.asarray(value)
    return lax.broadcast_in_dim(array, (*array.shape, runs), tuple(range(array.ndim)))


def _evaluate(traced: ClosedJaxpr, given: Sequence[Any], runs: int, unit: Any) -> list[Any]:
    """Return the results of a traced function."""
    jaxpr: Jaxpr = traced.jaxpr
    known = dict(zip(jaxpr.constvars, traced.consts, strict=True))
    known |= dict(zip(jaxpr.invars, given, strict=True))

    def read(variable: Any) -> Any:
        return variable.val if isinstance(variable, Literal) else known[variable]

    readers = _readers(jaxpr)
    for equation in jaxpr.eqns:
        with source_info_util.user_context(equation.source_info.traceback):
            results = _evaluate_equation(
                equation, [read(variable) for variable in equation.invars], runs, unit
            )
            if unit is not None:
                results = [
                    _kept(result, unit) if readers[variable] > 1 else result
                    for result, variable in zip(results, equation.outvars, strict=True)
                ]
        known |= dict(zip(equation.outvars, results, strict=True))
    return [read(variable) for variable in jaxpr.outvars]


def _inner(equation: Any) -> ClosedJaxpr:
    """Return the function that a call calls."""
    params = equation.params
    inner: ClosedJaxpr = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
    return inner


def _readers(jaxpr: Jaxpr) -> Counter[Any]:
    """Return how many operations read each variable, those inside of calls included."""
    readers = Counter[Any]()
    for equation in jaxpr.eqns:
        times = [1] * len(equation.invars)
        if equation.primitive.name in CALLS:
            inner = _inner(equation).jaxpr
            inside = _readers(inner)
            times = [inside[variable] for variable in inner.invars]
        for variable, many in zip(equation.invars, times, strict=True):
            if not isinstance(variable, Literal):
                readers[variable] += many
    return readers


def _kept(value: Any, unit: Any) -> Any:
    """Return a value so that XLA computes it once, if much led to it and its bits stay.

    Numbers of the model are counts where they are integers: a float holds them exactly. The words
    of the noise, of 64 bits, are left as they are.
    """
    if not isinstance(value, Lanes) or value.led < MUCH or not value.unrounded:
        return value
    array = value.array
    match array.dtype.kind:
        case "b":
            return Lanes(jnp.where(array, 1.0, 0.0) / unit > 0.5)
        case "i" | "f":
            return Lanes((array.astype(jnp.float64) / unit).astype(array.dtype))
        case _:
            return value


def _laid_down(value: Any, equation: Any, runs: int, unit: Any) -> Any:
    """Return what a gather reads, in memory if it reads each item often.

    XLA computes it within the gather else, an item as many times as it is read. A branch that the
    compiler cannot foresee is not drawn into it.
    """
    read = prod(equation.outvars[0].aval.shape)
    if not isinstance(value, Lanes) or value.given or read * runs < LARGE:
        return value
    if read < AGAIN * prod(value.array.shape[:-1]):
        return value
    array = lax.cond(unit < 1.5, lambda x: x, lambda x: lax.rev(x, (0,)), value.array)
    return Lanes(array, given=True)


def _evaluate_equation(equation: Any, values: list[Any], runs: int, unit: Any) -> list[Any]:
    """Return the results of one operation."""
    name = equation.primitive.name
    if name in CALLS:
        return _evaluate(_inner(equation), values, runs, unit)
    if name == "gather" and unit is not None:
        values = [_laid_down(values[0], equation, runs, unit), *values[1:]]
    results = _results(equation, values, runs)
    again = name in ELEMENT_BY_ELEMENT - DONE_ONCE
    if not again and name not in MOVES:
        return results
    own = [value for value in values if isinstance(value, Lanes)]
    led, given = again + sum(value.led for value in own), all(value.given for value in own)
    given = given and name in MOVES
    return [
        Lanes(result.array, led, name in UNROUNDED, given) if isinstance(result, Lanes) else result
        for result in results
    ]


def _results(equation: Any, values: list[Any], runs: int) -> list[Any]:
    """Return the results of one operation that calls no other."""
    primitive, params = equation.primitive, equation.params
    if not any(isinstance(value, Lanes) for value in values):
        result = primitive.bind(*values, **params)
        return result if primitive.multiple_results else [result]
    if primitive.name in ELEMENT_BY_ELEMENT:
        return [Lanes(_element_by_element(equation, values, runs))]
    rule = RULES.get(primitive.name)
    if rule is None or not _fits(equation, values):
        return _mapped(equation, values)
    return [Lanes(rule(equation, values, runs))]


def _fits(equation: Any, values: list[Any]) -> bool:
    """Return whether the rule for an operation covers this case of it."""
    name, numbers = equation.primitive.name, equation.params.get("dimension_numbers")
    if name == "gather":  # the same places in all runs
        return not isinstance(values[1], Lanes) and not numbers.operand_batching_dims
    return name != "dot_general" or not numbers[1][0]


def _element_by_element(equation: Any, values: list[Any], runs: int) -> Any:
    shape = equation.outvars[0].aval.shape
    spread = [_spread(value, runs) for value in values]
    if shape:  # a choice, or the ends of a clamp, may be one for the whole array
        spread = [
            x if x.ndim > 1 else lax.broadcast_in_dim(x, (*shape, runs), (len(shape),))
            for x in spread
        ]
    return equation.primitive.bind(*spread, **equation.params)


def _mapped(equation: Any, values: list[Any]) -> list[Any]:
    """Return the results of any other operation, by JAX's own rule for it."""
    axes = [-1 if isinstance(value, Lanes) else None for value in values]
    arrays = [value.array if isinstance(value, Lanes) else value for value in values]

    def one(*inputs: Any) -> Any:
        return equation.primitive.bind(*inputs, **equation.params)

    results = jax.vmap(one, in_axes=axes, out_axes=-1)(*arrays)
    return [Lanes(x) for x in (results if equation.primitive.multiple_results else [results])]


def _broadcast(equation: Any, values: list[Any], runs: int) -> Any:
    shape, axes = equation.params["shape"], equation.params["broadcast_dimensions"]
    return lax.broadcast_in_dim(values[0].array, (*shape, runs), (*axes, len(shape)))


def _reshape(equation: Any, values: list[Any], runs: int) -> Any:
    return lax.reshape(values[0].array, (*equation.params["new_sizes"], runs))


def _transpose(equation: Any, values: list[Any], runs: int) -> Any:
    order = equation.params["permutation"]
    return lax.transpose(values[0].array, (*order, len(order)))


def _slice(equation: Any, values: list[Any], runs: int) -> Any:
    start, limit, strides = (
        equation.params[name] for name in ("start_indices", "limit_indices", "strides")
    )
    strides = None if strides is None else (*strides, 1)
    return lax.slice(values[0].array, (*start, 0), (*limit, runs), strides)


def _squeeze(equation: Any, values: list[Any], runs: int) -> Any:
    return lax.squeeze(values[0].array, equation.params["dimensions"])


def _reduce(equation: Any, values: list[Any], runs: int) -> Any:
    return equation.primitive.bind(values[0].array, **equation.params)


def _concatenate(equation: Any, values: list[Any], runs: int) -> Any:
    return lax.concatenate([_spread(x, runs) for x in values], equation.params["dimension"])


def _stack(equation: Any, values: list[Any], runs: int) -> Any:
    return jnp.stack([_spread(x, runs) for x in values], axis=equation.params["axis"])


def _gather(equation: Any, values: list[Any], runs: int) -> Any:
    """Gather from places that are the same in all runs, out of an array that is not."""
    params = dict(equation.params)
    old, rank = params.pop("dimension_numbers"), len(equation.outvars[0].aval.shape)
    numbers = lax.GatherDimensionNumbers(
        offset_dims=(*old.offset_dims, rank),
        collapsed_slice_dims=old.collapsed_slice_dims,
        start_index_map=old.start_index_map,
    )
    sizes = (*params.pop("slice_sizes"), runs)
    return lax.gather(values[0].array, values[1], numbers, sizes, **params)


def _product(equation: Any, values: list[Any], runs: int) -> Any:
    """Return a matrix product, by which of the two has lanes."""
    (a_over, b_over), _ = equation.params["dimension_numbers"]
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


RULES: dict[str, Callable[[Any, list[Any], int], Any]] = {
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
