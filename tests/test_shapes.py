"""Checks of shapes find what they are for, also after calls that were right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from beartype import beartype
from jaxtyping import Float64, TypeCheckError
from shapes import checked_once, jaxtyped

from sim.arrays import ratio
from sim.world import Procurement


def scaled(x: Float64[np.ndarray, " state"], by: Float64[np.ndarray, " state"]) -> object:
    """Return a product."""
    return x * by


def test_a_wrong_call_is_found_after_right_ones() -> None:
    check = checked_once(scaled, beartype)
    three, four = np.ones(3), np.ones(4)
    check(three, three)
    check(three, by=three)
    check(four, four)
    for wrong in ((three, four), (three, np.ones((3, 3))), (three, np.ones(3, dtype=int)), (1, 2)):
        for _ in range(2):
            with pytest.raises(TypeCheckError):
                check(*wrong)


def test_a_wrong_result_is_found_though_the_arguments_were_seen() -> None:
    results = iter([np.ones(3), np.ones(3), np.ones(2), np.ones(2)])

    def next_result(x: Float64[np.ndarray, " state"]) -> Float64[np.ndarray, " state"]:
        del x
        return next(results)

    check = checked_once(next_result, beartype)
    assert check(np.ones(3)).shape == check(np.ones(3)).shape == (3,)
    with pytest.raises(TypeCheckError):
        check(np.ones(3))


def test_a_call_like_an_earlier_one_is_not_checked_again() -> None:
    checks = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        checker = beartype(function)

        def call(*args: Any, **kwargs: Any) -> Any:
            checks.append(function.__name__)
            return checker(*args, **kwargs)

        return call

    check = checked_once(scaled, counted)
    check(np.ones(3), np.ones(3))
    once = len(checks)
    check(np.zeros(3), np.ones(3))
    assert len(checks) == once > 0
    check(np.zeros(2), np.ones(2))
    assert len(checks) == 2 * once


def test_fields_of_a_dataclass_are_checked_together() -> None:
    @jaxtyped(typechecker=beartype)
    @dataclass
    class Pair:
        one: Float64[np.ndarray, " state"]
        other: Float64[np.ndarray, " state"]

    assert Pair(np.ones(3), np.ones(3)).one.shape == (3,)
    with pytest.raises(TypeCheckError):
        Pair(np.ones(3), np.ones(4))


def test_the_rulebook_is_checked() -> None:
    with pytest.raises(TypeCheckError):
        Procurement(*(["no array"] * len(Procurement.__dataclass_fields__)))
    with pytest.raises(TypeCheckError):
        ratio("no array", "no array")
