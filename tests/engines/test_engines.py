"""The rulebook belongs to no array library: it plays the same world on any of them.

`array-api-strict` refuses whatever the array API standard does not promise.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

import array_api_strict
import numpy as np
import pytest
from unchecked import unchecked

from sim import noise
from sim.desks.registry import REGISTRY
from sim.engines import reference
from sim.events import EVENTS
from sim.metrics import Week, measure
from sim.rules.bounds import COUNTERS, in_range
from sim.rules.week import step
from sim.scenario import Scenario, load
from sim.world import Events, World

YEAR = 52
CRISES = ("perfect_deterrence", "brinkmanship", "assurance")
CRISIS = [
    f"states.S{n:03d}.desks.crisis={CRISES[n % len(CRISES)]}"
    for n in range(1, 9)  # of a synthetic world
]
WORLDS: dict[str, tuple[str, list[str]]] = {
    "default": ("northeast_asia_2023", []),
    "synthetic": ("synthetic", []),
    "crises": ("synthetic", CRISIS),
}


@pytest.fixture(params=WORLDS.values(), ids=WORLDS.keys())
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """A year of a world, in a program that holds every rule of every desk: each runs, for all."""
    rules = {desk: tuple(found) for desk, found in REGISTRY.items()}
    name, overrides = request.param
    return load(name, [f"weeks={YEAR}", *overrides]).holding(rules)


def converted(tree: Any, convert: Callable[[Any], Any]) -> Any:
    """A tree of dataclasses and mappings with every array converted, always in the same order."""
    if is_dataclass(tree):
        return replace(
            tree, **{f.name: converted(getattr(tree, f.name), convert) for f in fields(tree)}
        )
    if isinstance(tree, Mapping):
        return {name: converted(value, convert) for name, value in tree.items()}
    return convert(tree)


def leaves(tree: Any) -> list[Any]:
    """The arrays of a tree."""
    found: list[Any] = []
    converted(tree, found.append)
    return found


def rebuilt(tree: Any, arrays: list[Any]) -> Any:
    """A tree like this one that holds these arrays."""
    following = iter(arrays)
    return converted(tree, lambda _: next(following))


def assert_agree(
    ours: Week, world: World, events: Events, relative: float, absolute: float = 0.0
) -> None:
    """The same week in another library: counters and events alike, floats to a tolerance."""
    for field in fields(World):
        mine, theirs = getattr(ours.world, field.name), np.asarray(getattr(world, field.name))
        assert theirs.dtype == mine.dtype, field.name
        if field.name in COUNTERS:
            np.testing.assert_array_equal(theirs, mine, field.name)
        else:
            np.testing.assert_allclose(
                theirs, mine, rtol=relative, atol=absolute, err_msg=field.name
            )
    assert set(events) == set(EVENTS)
    for kind in EVENTS:
        np.testing.assert_array_equal(np.asarray(events[kind]), ours.events[kind], kind)


def strict(tree: Any) -> Any:
    return converted(tree, array_api_strict.asarray)


@pytest.mark.slow
@unchecked()
def test_a_year_needs_no_more_than_the_standard(scenario: Scenario) -> None:
    params, world, _ = scenario.draw(noise.run_key(0, 0))
    params, world = strict(params), strict(world)
    for ours in reference.weeks(scenario, seed=0, run=0):
        world, _, _, events = step(params, world, strict(ours.noise))
        assert_agree(ours, world, events, relative=1e-12)


@unchecked()
def test_metrics_and_bounds_need_no_more_than_the_standard(scenario: Scenario) -> None:
    for ours in reference.weeks(scenario.with_("weeks=5"), seed=0, run=0):
        theirs = measure(strict(ours))
        for name, value in measure(ours).items():
            np.testing.assert_allclose(np.asarray(theirs[name]), value, rtol=1e-12, err_msg=name)
        assert bool(in_range(strict(ours.world)))


@pytest.fixture
def jax() -> Iterator[Any]:
    """JAX in double precision."""
    jax = pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.mark.slow
@unchecked()
@pytest.mark.parametrize(
    "scenario",
    list(map(WORLDS.get, ("default", "crises"))),
    ids=("default", "crises"),
    indirect=True,
)
def test_a_year_under_a_trace(scenario: Scenario, jax: Any) -> None:
    """One compiled program plays all weeks: nothing in a week branches on data."""
    params, start, _ = scenario.draw(noise.run_key(0, 0))
    traces = []

    @partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
    def week(told: list[Any], stood: list[Any], luck: dict[str, Any]) -> tuple[list[Any], Events]:
        traces.append(1)
        world, _, _, events = step(rebuilt(params, told), rebuilt(start, stood), luck)
        return leaves(world), events

    told, stood = leaves(params), leaves(start)
    for ours in reference.weeks(scenario, seed=0, run=0):
        stood, events = week(told, stood, dict(ours.noise))
        assert_agree(ours, rebuilt(start, stood), events, relative=1e-9, absolute=1e-12)
    assert len(traces) == 1
