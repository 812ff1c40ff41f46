"""The helpers that rules share: their edges, and that any array library may run them."""

import math
from dataclasses import dataclass, fields
from itertools import combinations
from types import ModuleType
from unittest.mock import patch

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import arrays
from sim.scenario import pairs

LIBRARIES = pytest.mark.parametrize("xp", [np, array_api_strict], ids=lambda xp: xp.__name__)
finite = st.floats(-1e300, 1e300)
positive = st.floats(0.0, 1e12)
chances = st.floats(0.0, 1.0)
MIDDLES = (np.arange(20_000) + 0.5) / 20_000
"""Uniforms laid out evenly: what a law does on average, without chance."""


def one(x: float) -> np.ndarray:
    return np.asarray([x])


@given(finite)
def test_sigma_is_a_probability_and_symmetric(x: float) -> None:
    s, mirrored = arrays.sigma(one(x)), arrays.sigma(one(-x))
    assert 0.0 <= s[0] <= 1.0
    assert s[0] + mirrored[0] == pytest.approx(1.0, abs=1e-15)


@given(st.floats(-30.0, 30.0))
def test_sigma_is_the_logistic(x: float) -> None:
    assert arrays.sigma(one(x))[0] == pytest.approx(1.0 / (1.0 + math.exp(-x)), abs=1e-15)


@pytest.mark.parametrize("least", [5e-324, 1e-310, 1e-300])
def test_a_quotient_by_next_to_nothing_is_nothing(least: float) -> None:
    assert arrays.ratio(one(1e15), one(least))[0] == 0.0
    assert arrays.ratio(one(1e15), one(1e-289))[0] == pytest.approx(1e304)


@given(st.floats(-1e12, 1e12), st.just(0.0) | st.floats(1e-12, 1e12))
def test_ratio_divides_or_is_zero(a: float, b: float) -> None:
    assert arrays.ratio(one(a), one(b))[0] == (a / b if b > arrays.LEAST else 0.0)
    assert arrays.ratio(one(a), one(-b))[0] == 0.0


@given(positive, positive)
def test_share_shrinks_a_whole_to_fit_its_part_and_no_further(part: float, whole: float) -> None:
    factor = arrays.share(one(part), one(whole))[0]
    assert 0.0 <= factor <= 1.0
    assert factor * whole == pytest.approx(min(part, whole), rel=1e-12)


@given(finite, st.tuples(finite, finite).map(sorted))
def test_clip_holds_a_number_between_its_bounds(x: float, bounds: list[float]) -> None:
    low, high = bounds
    assert arrays.clip(one(x), low, high)[0] == min(max(x, low), high)


@LIBRARIES
def test_actors_stand_in_rows_and_targets_in_columns(xp: ModuleType) -> None:
    x = xp.asarray([1.0, 2.0])
    table = arrays.row(x) + 10.0 * arrays.col(x)
    assert [float(table[0, 1]), float(table[1, 0])] == [21.0, 12.0]


@LIBRARIES
def test_number_counts_what_is_true(xp: ModuleType) -> None:
    x = xp.asarray([1.0, 3.0])
    assert [float(v) for v in arrays.number(x > 2.0, x)] == [0.0, 1.0]


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.3, 1.0, 3.0])
def test_poisson_has_mean_and_variance_of_its_rate(rate: float) -> None:
    counts = arrays.poisson(MIDDLES, np.full_like(MIDDLES, rate))
    assert np.mean(counts) == pytest.approx(rate, abs=2e-3)
    assert np.var(counts) == pytest.approx(rate, abs=1e-2)


@given(chances, st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_poisson_rises_with_its_rate_and_stops_at_the_most(u: float, a: float, b: float) -> None:
    fewer, more = arrays.poisson(np.asarray([u, u]), np.asarray(sorted((a, b))))
    assert 0 <= fewer <= more <= arrays.MOST


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("mean", [0.0, 0.3, 0.8])
def test_negative_binomial_has_the_moments_of_its_law(n: int, mean: float) -> None:
    more = arrays.negative_binomial(MIDDLES, np.full(MIDDLES.shape, n), np.full_like(MIDDLES, mean))
    assert np.mean(more) == pytest.approx(n * mean, abs=1e-2)
    assert np.var(more) == pytest.approx(n * mean * (1.0 + mean), abs=0.1)
    if n == 1:  # one geometric count
        assert np.mean(more == 0) == pytest.approx(1.0 / (1.0 + mean), abs=1e-3)


@given(chances, st.integers(0, 30), st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_negative_binomial_rises_with_its_mean(u: float, n: int, a: float, b: float) -> None:
    means = np.asarray(sorted((a, b)))
    fewer, more = arrays.negative_binomial(np.asarray([u, u]), np.asarray([n, n]), means)
    assert 0 <= fewer <= more <= arrays.MOST


@pytest.mark.parametrize("n", [0, 1, 7, arrays.MOST])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.97, 1.0])
def test_binomial_has_the_moments_of_its_law(n: int, p: float) -> None:
    trials = np.full(MIDDLES.shape, n)
    good = arrays.binomial(MIDDLES, trials, np.full_like(MIDDLES, p))
    assert np.min(good) >= 0
    assert np.max(good) <= n
    assert np.mean(good) == pytest.approx(n * p, abs=2e-3)
    assert np.var(good) == pytest.approx(n * p * (1.0 - p), abs=1e-2)


@given(chances, st.integers(0, arrays.MOST), chances, chances)
def test_binomial_rises_with_the_chance(u: float, n: int, p: float, q: float) -> None:
    fewer, more = arrays.binomial(
        np.asarray([u, u]), np.asarray([n, n]), np.asarray(sorted((p, q)))
    )
    assert 0 <= fewer <= more <= n


@LIBRARIES
def test_draws_are_the_same_in_every_library(xp: ModuleType) -> None:
    u, rate, p = [0.05, 0.5, 0.95], [0.2, 2.0, 5.0], [0.1, 0.5, 0.9]
    counts = arrays.poisson(xp.asarray(u), xp.asarray(rate))
    good = arrays.binomial(xp.asarray(u), counts, xp.asarray(p))
    assert [int(v) for v in counts] == [0, 2, 9]
    assert [int(v) for v in good] == [0, 1, 9]


@LIBRARIES
def test_a_list_of_places_finds_nothing_past_the_last_item(xp: ModuleType) -> None:
    x = xp.asarray([[3.0, 30.0], [4.0, 40.0]])
    places = xp.asarray([[0, 2], [1, 0], [2, 2]])
    found = arrays.listed(x, places, fill=7.0)
    expected = [[[3, 30], [7, 7]], [[4, 40], [3, 30]], [[7, 7], [7, 7]]]
    np.testing.assert_array_equal(np.asarray(found), expected)
    np.testing.assert_array_equal(np.asarray(arrays.each(x, places)), [[3, 30], [7, 70], [0, 0]])
    best = np.asarray(arrays.highest(x, places))
    np.testing.assert_array_equal(best, [[3, 30], [4, 40], [0, 0]])


@LIBRARIES
def test_between_is_the_value_of_a_flattened_dyad(xp: ModuleType) -> None:
    x = xp.asarray([[0.0, 1.0, 2.0], [3.0, 0.0, 5.0], [6.0, 7.0, 0.0]])
    np.testing.assert_array_equal(np.asarray(arrays.between(x, xp.asarray([5, 1]))), [5.0, 1.0])


@given(st.lists(positive, min_size=3, max_size=3))
def test_fold_is_the_family_in_units_of_each_member(held: list[float]) -> None:
    family = np.asarray([[0, 1], [0, 1], [2, 3]])
    weight = arrays.firepower(np.asarray([2.0, 4.0, 0.0]))
    a, b, c = held
    folded = arrays.fold(np.asarray([held]), weight, family)[0]
    np.testing.assert_allclose(folded, [a + 2.0 * b, a / 2.0 + b, c], rtol=1e-12)


def test_without_lethality_a_unit_weighs_one() -> None:
    np.testing.assert_array_equal(arrays.firepower(np.asarray([0.0, 0.3])), [1.0, 0.3])


interior = st.floats(0.001, 0.999)


@given(interior, interior, interior)
def test_posterior_is_bayes_rule(prior: float, if_so: float, if_not: float) -> None:
    after = float(arrays.posterior(one(prior), one(if_so), one(if_not))[0])
    assert 0.0 <= after <= 1.0
    odds = prior / (1.0 - prior) * if_so / if_not
    assert after == pytest.approx(odds / (1.0 + odds), rel=1e-9)


@given(interior, interior)
def test_a_sign_that_tells_nothing_changes_nothing(prior: float, chance: float) -> None:
    after = arrays.posterior(one(prior), one(chance), one(chance))
    assert after[0] == pytest.approx(prior, rel=1e-12)


@pytest.mark.parametrize("prior", [0.0, 1.0])
def test_who_is_certain_learns_nothing(prior: float) -> None:
    assert arrays.posterior(one(prior), one(0.2), one(0.9))[0] == prior


@pytest.mark.parametrize("exponent", range(8))
def test_power_is_repeated_multiplication(exponent: int) -> None:
    base = np.asarray([0.0, 0.3, 1.0, 7.5])
    expected = np.prod([base] * exponent, axis=0) if exponent else np.ones(4)
    found = arrays.power(base, np.full(4, exponent))
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@dataclass
class Listed:
    """Which ordered pairs of how many states are listed, and a whole number for each of them.

    A world that lists none has one inert pair.
    """

    size: int
    pairs: list[tuple[int, int]]
    bundle: int
    values: list[int]

    def made(self, xp: ModuleType) -> tuple[arrays.Pairs, np.ndarray]:
        """Return the arrays of a library, and the values of the pairs, two for each."""
        with patch.object(pairs, "BUNDLE", self.bundle):
            pair = pairs.pairs_of(self.pairs, self.size)
        parts = {f.name: xp.asarray(getattr(pair, f.name)) for f in fields(pair)}
        x = np.asarray(self.values, np.float64)
        return arrays.Pairs(**parts), xp.asarray(np.stack([x, 10.0 - x], axis=1))

    def of_each(self, x: np.ndarray) -> list[np.ndarray]:
        """Return the values that each state has as an actor."""
        places = range(len(self.pairs))
        return [x[[at for at in places if self.pairs[at][0] == i]] for i in range(self.size)]


@st.composite
def lists_of_pairs(draw: st.DrawFn) -> Listed:
    size = draw(st.integers(1, 6))
    both = list(combinations(range(size), 2))
    named = draw(st.lists(st.sampled_from(both), unique=True)) if both else []
    listed = sorted(pair for i, j in named for pair in ((i, j), (j, i)))
    values = draw(st.lists(st.integers(0, 9), min_size=len(listed), max_size=len(listed)))
    return Listed(size, listed, draw(st.sampled_from([1, 2, pairs.BUNDLE])), values or [7])


@LIBRARIES
@given(lists_of_pairs())
def test_back_is_the_value_of_the_reverse_and_an_involution(xp: ModuleType, drawn: Listed) -> None:
    pair, x = drawn.made(xp)
    back = pair.back(x)
    np.testing.assert_array_equal(np.asarray(pair.back(back)), np.asarray(x))
    for at, (i, j) in enumerate(drawn.pairs):
        reverse = drawn.pairs.index((j, i))
        np.testing.assert_array_equal(np.asarray(back[at, :]), np.asarray(x[reverse, :]))
        assert float(pair.once[at]) + float(pair.once[reverse]) == 1.0
    if not drawn.pairs:
        np.testing.assert_array_equal(np.asarray(pair.once), [0.0])


@LIBRARIES
@given(lists_of_pairs())
def test_an_actor_has_the_sum_and_the_highest_of_its_pairs(xp: ModuleType, drawn: Listed) -> None:
    pair, x = drawn.made(xp)
    own = drawn.of_each(np.asarray(x))
    sums = [mine.sum(axis=0) for mine in own]
    np.testing.assert_array_equal(np.asarray(pair.each(x)), sums)
    np.testing.assert_array_equal(np.asarray(pair.each(x[:, 0])), [both[0] for both in sums])
    best = [mine.max(axis=0, initial=0.0) for mine in own]
    np.testing.assert_array_equal(np.asarray(pair.highest(x)), best)
    np.testing.assert_array_equal(np.asarray(pair.highest(x[:, 0])), [both[0] for both in best])


@LIBRARIES
@given(lists_of_pairs())
def test_a_pair_finds_its_states_and_its_cell_of_a_table(xp: ModuleType, drawn: Listed) -> None:
    pair, x = drawn.made(xp)
    table, expected = np.asarray(pair.to_table(x[:, 0])), np.zeros((drawn.size, drawn.size))
    for (i, j), value in zip(drawn.pairs, drawn.values, strict=False):
        expected[i, j] = value
    np.testing.assert_array_equal(table, expected)  # none listed: nothing but zeros

    states = 1.0 + xp.arange(drawn.size, dtype=xp.float64)
    every = arrays.row(states) + 10.0 * arrays.col(states)
    ends = drawn.pairs or [(0, 0)]  # the inert pair stands at the first state
    np.testing.assert_array_equal(np.asarray(pair.of(states)), [1.0 + i for i, _ in ends])
    np.testing.assert_array_equal(np.asarray(pair.toward(states)), [1.0 + j for _, j in ends])
    found = [11.0 + i + 10.0 * j for i, j in ends]
    np.testing.assert_array_equal(np.asarray(pair.from_table(every)), found)
