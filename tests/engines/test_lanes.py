"""Runs in lanes: each operation, and what is made of them, gives each run what it gives alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
import jax
import jax.numpy as jnp

from sim.engines import lanes
from sim.engines.lanes import AGAIN, ELEMENT_BY_ELEMENT, MUCH, RULES, SHORT, in_lanes

RUNS = 5
PLACES = np.asarray([2, 0, 3])
MATRIX = np.asarray([[1.0, 0.5, 2.0, -1.0], [0.0, 3.0, -2.0, 1.0], [4.0, 1.0, 0.0, 2.0]])
LONG = np.linspace(-1.0, 1.0, 3 * (SHORT + 1)).reshape(3, SHORT + 1)


def own(*shape: int) -> np.ndarray:
    """Numbers of each run, the run axis last."""
    return np.random.default_rng(len(shape)).uniform(0.1, 2.0, (*shape, RUNS))


CASES: dict[str, tuple[Callable[[Any, Any], Any], Any, Any]] = {
    "broadcast to rows and columns": (lambda m, x: x[:, None] + x[None, :], (), own(4)),
    "with what is shared": (lambda m, x: m * x[:3, None] - 1.0, MATRIX, own(4)),
    "nothing of a run's own": (lambda m, x: m + 1.0, MATRIX, own(4)),
    "a choice by a whole number": (
        lambda m, x: jnp.where(x[0] > 1.0, m, x[:3, None]),
        MATRIX,
        own(4),
    ),
    "a choice by what is shared": (
        lambda m, x: jnp.where(m > 0.0, x[:3, None], 2.0),
        MATRIX,
        own(4),
    ),
    "clipped by a run's own ends": (
        lambda m, x: jax.lax.clamp(x[0], m, x[1] + 1.0),
        MATRIX,
        own(4),
    ),
    "sums": (lambda m, x: (jnp.sum(x, axis=0), jnp.max(x, axis=1), jnp.sum(x)), (), own(3, 4)),
    "any and all": (lambda m, x: (jnp.any(x > 1, axis=0), jnp.all(x > 0.5)), (), own(3, 4)),
    "shapes": (lambda m, x: jnp.reshape(x, (2, 6)).T[1:5:2, :], (), own(3, 4)),
    "joined": (lambda m, x: jnp.concat([m, x, x[:1]]), MATRIX, own(3, 4)),
    "stacked": (lambda m, x: jnp.stack([m, x], axis=1), MATRIX, own(3, 4)),
    "picked": (lambda m, x: jnp.take(x, m, axis=0), PLACES, own(4, 2)),
    "picked along the last": (lambda m, x: jnp.take(x, m, axis=1), PLACES, own(2, 4)),
    "picked by a run's own places": (
        lambda m, x: jnp.take(m, jnp.astype(x, jnp.int64), axis=0),
        MATRIX,
        own(4),
    ),
    "shared times own": (lambda m, x: m @ x, MATRIX, own(4, 2)),
    "own times shared": (lambda m, x: x @ m, MATRIX, own(2, 3)),
    "own times shared vector": (lambda m, x: x @ m[0], MATRIX, own(3, 4)),
    "three axes times shared": (lambda m, x: x @ m, MATRIX, own(2, 5, 3)),
    "own times own": (lambda m, x: x @ x.T, (), own(3, 4)),
    "own times own, long": (lambda m, x: (x * m) @ x.T, LONG, own(3, SHORT + 1)),
    "one by one": (lambda m, x: x @ jnp.swapaxes(x, 1, 2), (), own(2, 3, 4)),
    "totals along an axis": (lambda m, x: jnp.cumsum(x, axis=0), (), own(3, 4)),
    "sorted": (lambda m, x: jnp.sort(x, axis=1), (), own(3, 4)),
    "a call inside": (lambda m, x: jax.jit(jnp.exp)(x) + jax.nn.relu(x - 1.0), (), own(3)),
    "a tree": (
        lambda m, x: {"sum": x["a"] + x["b"], "own": x["b"]},
        (),
        {"a": own(2), "b": own(1)},
    ),
}


@pytest.mark.parametrize("unit", [None, 1.0])
@pytest.mark.parametrize("name", CASES)
def test_each_run_gets_what_it_gets_alone(name: str, unit: float | None) -> None:
    one, shared, own_ = CASES[name]
    with jax.enable_x64(True):
        together = jax.jit(in_lanes(one, RUNS, unit))(shared, own_)
        for run in range(RUNS):
            alone = one(shared, jax.tree.map(lambda x, run=run: jnp.asarray(x[..., run]), own_))
            mine = jax.tree.map(lambda x, run=run: x[..., run], together)
            assert jax.tree.structure(mine) == jax.tree.structure(alone)
            for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(alone), strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-14)


def test_the_cases_use_every_rule() -> None:
    """A rule that no case needs is not tested, or not needed."""
    used: set[str] = set()

    def look(jaxpr: Any) -> None:
        for equation in jaxpr.eqns:
            used.add(equation.primitive.name)
            for inner in equation.params.values():
                if hasattr(inner, "jaxpr"):
                    look(inner.jaxpr)

    with jax.enable_x64(True):
        for one, shared, own_ in CASES.values():
            look(jax.make_jaxpr(one)(shared, jax.tree.map(lambda x: x[..., 0], own_)).jaxpr)
    assert set(RULES) - used <= {"reduce_min", "reduce_prod"}
    assert used & ELEMENT_BY_ELEMENT
    assert used - set(RULES) - ELEMENT_BY_ELEMENT  # some are told by JAX's own rule


def test_what_is_shared_is_computed_once() -> None:
    """It gets no run axis on the way, so a product of two shared matrices is made once."""
    traced = jax.make_jaxpr(in_lanes(lambda m, x: (m @ m.T)[0] * x, RUNS))(MATRIX, own(3))
    (product,) = (e for e in traced.jaxpr.eqns if e.primitive.name == "dot_general")
    assert product.outvars[0].aval.shape == (3, 3)


def counted(m: Any, x: Any) -> Any:
    """A count after many cheap steps, which two operations read, one of them inside a call."""
    mass = below = x
    count = jnp.zeros_like(x)
    for _ in range(MUCH):
        mass = mass * 0.5
        below = below + mass
        count = count + (below < 1.0).astype(x.dtype)
    whole = count.astype(jnp.int64)
    return jnp.sum(whole), jax.jit(jnp.max)(whole)


def test_what_several_read_is_kept_where_much_led_to_it() -> None:
    with jax.enable_x64(True):
        counts = {}
        for unit in (None, 1.0):
            traced = jax.make_jaxpr(in_lanes(counted, RUNS, unit))((), own(3))
            counts[unit] = sum(e.primitive.name == "div" for e in traced.jaxpr.eqns)
        assert counts == {None: 0, 1.0: 1}
        plain, kept = (in_lanes(counted, RUNS, unit)((), own(3)) for unit in (None, 1.0))
        for a, b in zip(plain, kept, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        traced = jax.make_jaxpr(in_lanes(lambda m, x: (x + 1.0, x - 1.0), RUNS, 1.0))((), own(3))
        assert not any(e.primitive.name == "div" for e in traced.jaxpr.eqns)


def test_words_of_the_noise_are_laid_down_when_they_are_whole() -> None:
    def halves(_: Any, word: Any) -> Any:
        for _round in range(MUCH):
            word = word * jnp.uint64(3) ^ word >> jnp.uint64(7)
        whole = (word << jnp.uint64(32) | word)[:2]
        return whole >> jnp.uint64(32), whole & jnp.uint64(7)

    with jax.enable_x64(True):
        words = np.arange(4 * RUNS, dtype=np.uint64).reshape(4, RUNS)
        counts = []
        for unit in (None, 1.0):
            traced = jax.make_jaxpr(in_lanes(halves, RUNS, unit))((), words)
            counts.append(sum(e.primitive.name == "cond" for e in traced.jaxpr.eqns))
        assert counts == [0, 1]  # once, and no word in between
        for a, b in zip(*(in_lanes(halves, RUNS, u)((), words) for u in (None, 1.0)), strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_a_list_reads_often_is_laid_down_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LARGE", 1)
    places = np.resize(PLACES, 4 * AGAIN)

    def branches(one: Callable[[Any, Any], Any]) -> int:
        traced = jax.make_jaxpr(in_lanes(one, RUNS, 1.0))(places, own(4))
        return sum(e.primitive.name == "cond" for e in traced.jaxpr.eqns)

    with jax.enable_x64(True):
        assert branches(lambda m, x: jnp.take(jnp.exp(x), m)) == 1
        assert branches(lambda m, x: jnp.take(x, m)) == 0  # it lies in memory
        assert branches(lambda m, x: jnp.take(jnp.exp(x), m[:4])) == 0  # each is read once
        plain, laid = (
            in_lanes(lambda m, x: jnp.take(jnp.exp(x), m), RUNS, unit)(places, own(4))
            for unit in (None, 1.0)
        )
        np.testing.assert_array_equal(plain, laid)
