"""No product of a week has a matrix that only says what belongs to what: it is a `take`."""

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
import jax
from jax.extend.core import Literal

from sim import noise
from sim.engines.blocks import Row
from sim.rules import week
from sim.scenario import Scenario, load
from sim.scenario.tree import leaves, rebuilt

pytestmark = pytest.mark.usefixtures("unchecked")

Step = Callable[[Any, Any, Any], Any]


def traced(scenario: Scenario, step: Step) -> tuple[Any, int]:
    """Return the jaxpr of a week, and how many of its first inputs are of wiring and agenda."""
    row, like, key = Row(scenario.built), scenario.world(), noise.run_key(0, 0)
    shared = row.shared(scenario.built)
    draws = noise.draw(scenario.layout, key, 0)

    def one(shared: Any, numbers: Any, arrays: Any, draws: Any) -> Any:
        world, *_ = step(row.read(numbers, shared).params, rebuilt(like, arrays), draws)
        return leaves(world)

    with jax.enable_x64(True):
        numbers = row.rows(scenario.built, [], 1)[0]
        return jax.make_jaxpr(one)(shared, numbers, leaves(like), draws).jaxpr, len(shared)


def products(jaxpr: Any, fixed: set[int]) -> list[Any]:
    """Return the products one side of which follows from wiring and agenda alone.

    Args:
        jaxpr: A traced function.
        fixed: The places of its inputs that are arrays of wiring or agenda.
    """
    of_wiring = {jaxpr.invars[place] for place in fixed}
    found = []
    for equation in jaxpr.eqns:
        literal = [isinstance(variable, Literal) for variable in equation.invars]
        wired = [
            not lit and variable in of_wiring
            for lit, variable in zip(literal, equation.invars, strict=True)
        ]
        inner = [value for value in equation.params.values() if hasattr(value, "eqns")]
        inner += [v.jaxpr for v in equation.params.values() if hasattr(v, "jaxpr")]
        places = {place for place, mark in enumerate(wired) if mark}
        for part in inner:
            if len(part.invars) == len(wired):
                found += products(part, places)
        if equation.primitive.name == "dot_general" and any(wired):
            found.append(equation)
        if any(wired) and all(a or b for a, b in zip(literal, wired, strict=True)):
            of_wiring |= set(equation.outvars)
    return found


@pytest.mark.parametrize("name", ["northeast_asia_2023", "synthetic"])
def test_no_product_with_an_array_of_the_wiring(name: str) -> None:
    jaxpr, shared = traced(load(name), week.step)
    assert products(jaxpr, set(range(shared))) == []


def test_such_a_product_would_be_found() -> None:
    def step(params: Any, world: Any, draws: Any) -> Any:
        world, *rest = week.step(params, world, draws)
        beside = 1.0 - params.wiring.off.T
        return week.after(world, tension=beside @ world.tension), *rest

    jaxpr, shared = traced(load("northeast_asia_2023"), step)
    assert len(products(jaxpr, set(range(shared)))) == 1
