"""Designs of sweeps, checked against what is known of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.analyze import morris as morris_analysis
from SALib.analyze import sobol as sobol_analysis
from scipy.stats import qmc

from sim.ensemble import designs
from sim.ensemble.designs import DESIGNS, LEVELS, design, grid, problem
from sim.ensemble.plan import design_plan
from sim.scenario import ScenarioError, load

OVER = {"a": [0.0, 1.0], "b.c": [-2.0, 6.0], "d": [10, 20]}
SIZE = {
    "grid": lambda points, paths: points**paths,
    "sobol": lambda points, paths: points,
    "latin_hypercube": lambda points, paths: points,
    "morris": lambda points, paths: points * (paths + 1),
    "saltelli": lambda points, paths: points * (paths + 2),
}


@pytest.mark.parametrize("kind", DESIGNS)
def test_every_point_lies_in_its_ranges_and_none_is_lost(kind: str) -> None:
    table = design(kind, OVER, 8, seed=3)
    assert list(table) == list(OVER)
    for path, (low, high) in OVER.items():
        assert len(table[path]) == SIZE[kind](8, 3)
        assert low <= min(table[path]) < max(table[path]) <= high
    assert table == design(kind, OVER, 8, seed=3)
    if kind != "grid":
        assert table != design(kind, OVER, 8, seed=4)


@settings(max_examples=20)
@given(st.integers(2, 40), st.integers(0, 2**31))
def test_a_latin_hypercube_has_one_point_in_every_row(points: int, seed: int) -> None:
    table = design("latin_hypercube", {"x": [0, 1], "y": [0, 1]}, points, seed)
    for column in table.values():
        assert sorted(np.floor(np.asarray(column) * points)) == list(range(points))


def test_a_sobol_sequence_is_more_even_than_chance() -> None:
    table = design("sobol", {"x": [0, 1], "y": [0, 1]}, 256)
    even = qmc.discrepancy(np.stack(list(table.values()), axis=-1))
    assert even < qmc.discrepancy(np.random.default_rng(0).random((256, 2))) / 5


def test_a_morris_trajectory_moves_one_path_at_a_time() -> None:
    table = np.stack(list(design("morris", OVER, 6).values()), axis=-1)
    width = np.asarray([high - low for low, high in OVER.values()])
    for walk in table.reshape(6, 4, 3):
        steps = np.abs(np.diff(walk, axis=0)) / width
        assert sorted(np.argmax(steps, axis=1)) == [0, 1, 2]
        np.testing.assert_allclose(steps.max(axis=1), LEVELS / (2 * (LEVELS - 1)))
        assert ((steps > 1e-12).sum(axis=1) == 1).all()


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_indices_of_the_ishigami_function() -> None:
    """Against the closed form of Ishigami & Homma (1990), within 0.02."""
    over = dict.fromkeys("xyz", (-np.pi, np.pi))
    table = np.stack(list(design("saltelli", over, 8192).values()), axis=-1)
    found = sobol_analysis.analyze(problem(over), ishigami(table), calc_second_order=False, seed=0)
    v1 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
    v2, v13 = 7**2 / 8, 0.1**2 * np.pi**8 * 8 / 225
    total = v1 + v2 + v13
    np.testing.assert_allclose(found["S1"], [v1 / total, v2 / total, 0.0], atol=0.02)
    expected = [(v1 + v13) / total, v2 / total, v13 / total]
    np.testing.assert_allclose(found["ST"], expected, atol=0.02)


def test_the_effects_of_a_line_are_its_slopes_over_the_ranges() -> None:
    table = np.stack(list(design("morris", OVER, 10).values()), axis=-1)
    found = morris_analysis.analyze(
        problem(OVER), table, table @ [1.0, 2.0, 0.0], num_levels=LEVELS, seed=0
    )
    np.testing.assert_allclose(found["mu"], [1.0, 2.0 * 8.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(found["sigma"], 0.0, atol=1e-9)


def test_a_grid_takes_every_combination() -> None:
    assert grid({"a": [1, 2], "b": ["x", "y"]}) == {"a": [1, 1, 2, 2], "b": ["x", "y", "x", "y"]}
    assert design("grid", {"a": [0, 4], "b": [1, 2]}, 3)["a"] == [0, 0, 0, 2, 2, 2, 4, 4, 4]
    assert design("grid", {"a": [0, 4]}, 1) == {"a": [2.0]}


def test_more_points_than_a_table_may_have_are_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="1,000,000,000 points; at most 2,000,000"):
        grid({name: range(1000) for name in "abc"})
    monkeypatch.setattr(designs, "MOST_POINTS", 100)
    world, over = load("limit_pipeline", ["weeks=2"]), {"rules.watch.detection": [0.0, 0.1]}
    swept = {"rules.move.interdiction": [0.0, 0.1]}
    assert design_plan(world, "sobol", over, 64, 0).size == 64
    with pytest.raises(ScenarioError, match="128 points; at most 100"):
        design_plan(world, "sobol", over, 64, 0, swept)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="design") as caught:
        design("cube", {"a": [1, 0], "b": 3, "c": ["x", 1]}, 0)
    told = str(caught.value).splitlines()
    assert len(told) == 5
    with pytest.raises(ValueError, match="not a power of 2"):
        design("sobol", {"a": [0, 1]}, 100)
    with pytest.raises(ValueError, match="names no path"):
        design("sobol", {}, 4)
