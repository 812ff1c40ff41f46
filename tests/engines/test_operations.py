"""A traced function as a list: what it gives is the same, what nobody needs is not in it."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
import jax
import jax.numpy as jnp

from sim.engines.lanes import in_lanes
from sim.engines.operations import Number, Operation, listed


def names(one: Callable[..., Any], *given: Any) -> list[str]:
    """Return the names of the operations of a function, in their order."""
    with jax.enable_x64(True):
        return [operation.name for operation in listed(jax.make_jaxpr(one)(*given)).operations]


def gathers(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations that take items of an array by their places."""
    return [operation for operation in operations if operation.name == "gather"]


X = np.linspace(0.5, 2.0, 4)


def test_what_is_done_twice_is_done_once() -> None:
    assert names(lambda x: jnp.exp(x) * (1.0 + jnp.exp(x)), X) == ["exp", "add", "mul"]
    assert names(lambda x: jnp.exp(x) * (1.0 + jnp.exp(-x)), X).count("exp") == 2
    assert names(lambda x: (x + 0.0) * (x + -0.0), X) == ["add", "add", "mul"]


def test_calls_are_opened_and_alike_inside_of_each() -> None:
    def one(x: Any, at: Any) -> Any:
        return jnp.take(x, at) + jnp.take(2.0 * x, at)

    found = names(one, X, np.asarray([2, 0]))
    assert found.count("gather") == 2
    assert found.count("lt") == 1  # whether a place counts from the end
    assert "jit" not in found


def test_what_nobody_reads_is_left_out() -> None:
    def one(x: Any) -> Any:
        first, second, third = jnp.split(x, [1, 2])
        jnp.cos(first)
        return jnp.sin(second), third

    assert names(one, X) == ["slice", "slice", "sin"]


def test_what_changes_nothing_is_left_out() -> None:
    assert names(lambda x: jnp.reshape(x, (4,)).astype(jnp.float64), X) == []
    assert names(lambda x: x.astype(jnp.int64), X) == ["convert_element_type"]
    assert names(lambda x: jnp.reshape(x, (2, 2)), X) == ["reshape"]


def test_readers_are_counted_through_calls() -> None:
    def one(x: Any) -> Any:
        y = jnp.exp(x)
        return jax.jit(jnp.sum)(y) + jnp.max(y)

    with jax.enable_x64(True):
        found = listed(jax.make_jaxpr(one)(X))
    (made,) = found.operations[0].makes
    assert found.operations[0].name == "exp"
    assert found.readers[made] == 2


def test_a_number_and_an_argument_may_be_results() -> None:
    with jax.enable_x64(True):
        found = listed(jax.make_jaxpr(lambda x: (1.5, x))(X))
    number, argument = found.results
    assert isinstance(number, Number)
    assert number.number == 1.5
    assert argument is found.given[0]
    assert not found.operations


def test_only_places_of_the_wiring_are_taken_without_a_look() -> None:
    """A phase of one's own that asks for a week past the end of its list gets NaN, not the last."""
    own = np.stack([X, -X], axis=-1)

    @jax.jit
    def several(wiring: Any, week: Any) -> Any:
        def one(week: Any, x: Any) -> Any:
            return jnp.take(x, wiring + 1), jnp.take(x, week), jnp.take(x, np.asarray([9]))

        traced = jax.make_jaxpr(one)(week, X)
        found.extend(operation.wired for operation in gathers(listed(traced).operations))
        return in_lanes(one, 2)(week, own)

    found: list[bool] = []
    with jax.enable_x64(True):
        wired, late, later = several(np.asarray([2, 0]), np.asarray(len(X)))
    assert found == [True, False, False]
    np.testing.assert_array_equal(wired, own[[3, 1]])
    assert np.isnan(late).all()
    assert np.isnan(later).all()
