"""Inference and its check: posteriors that are known, and posteriors that are too sure."""

import numpy as np
import pytest
from scipy.stats import norm

from sim.analysis import inference
from sim.analysis.inference import BINS, LEVELS, SIGNIFICANT, Check, check, learn, uniform_p

pytest.importorskip("sklearn", reason="inference needs the extra `evidence`")
SEEN, NOISE = 4, 1.5
TRUTHS = 600


def toy(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers, of which the first is the mean of SEEN data and the second is not seen.

    The posterior of the first is normal: variance 1 / (1 + SEEN / NOISE^2), mean as of theory.
    """
    generator = np.random.default_rng(seed)
    truths = generator.standard_normal((rows, 2))
    data = truths[:, :1] + NOISE * generator.standard_normal((rows, SEEN))
    return truths, data


@pytest.fixture(scope="module")
def reference() -> inference.Reference:
    return learn(*toy(6000), 2000, seed=0)


def spread() -> float:
    return float((1.0 / (1.0 + SEEN / NOISE**2)) ** 0.5)


def test_the_posterior_of_a_normal_mean(reference: inference.Reference) -> None:
    assert reference.kept.tolist() == [True, False]
    for data in (np.full(SEEN, 0.8), np.asarray([-2.0, 0.5, -1.0, 0.3])):
        draws = reference.posterior(data)
        mean = draws.weights @ draws.scores[:, 0]
        theory = spread() ** 2 * data.sum() / NOISE**2
        assert mean == pytest.approx(theory, abs=0.12)
        assert draws.contraction[0] == pytest.approx(1.0 - spread() ** 2, abs=0.08)
        assert abs(draws.contraction[1]) < 0.1
        assert draws.weights.sum() == pytest.approx(1.0)


def test_it_is_calibrated(reference: inference.Reference) -> None:
    found = check(reference, TRUTHS)
    assert found.holds(np.asarray([True, True])), (found.uniform, found.coverage(0.9))
    assert found.contraction[0] == pytest.approx(1.0 - spread() ** 2, abs=0.03)


def exact(factor: float, shift: float = 0.0) -> Check:
    """The ranks of the exact posterior, whose standard deviation is taken times a factor."""
    truths, data = toy(TRUTHS, 2)
    mean = spread() ** 2 * data.sum(axis=1) / NOISE**2 + shift
    return Check(norm.cdf((truths[:, :1] - mean[:, None]) / (factor * spread())), np.zeros(1))


def test_the_check_accepts_the_exact_posterior() -> None:
    assert exact(1.0).holds(np.asarray([True]))


@pytest.mark.parametrize("factor", [0.6, 0.75, 1.4])
def test_the_check_finds_a_posterior_that_is_too_sure_or_too_unsure(factor: float) -> None:
    found = exact(factor)
    assert not found.holds(np.asarray([True]))
    assert found.uniform[0] < SIGNIFICANT
    assert (found.coverage(0.9)[0] < 0.9) == (factor < 1.0)


def test_the_check_finds_a_posterior_that_is_biased() -> None:
    assert exact(1.0, shift=0.3).uniform[0] < SIGNIFICANT


def test_correlated_errors_taken_for_independent_are_found() -> None:
    """A posterior that believes in SEEN independent errors where they are one and the same."""
    generator = np.random.default_rng(3)
    truths = generator.standard_normal((TRUTHS, 1))
    shared = truths + NOISE * generator.standard_normal((TRUTHS, 1))
    mean = spread() ** 2 * SEEN * shared / NOISE**2
    found = Check(norm.cdf((truths - mean) / spread()), np.zeros(1))
    assert found.uniform[0] < 1e-6
    assert found.coverage(0.5)[0] < 0.4


def test_the_check_sees_only_the_numbers_that_it_is_given() -> None:
    found = Check(np.concatenate([exact(1.0).ranks, exact(0.5).ranks], axis=1), np.zeros(2))
    assert found.holds(np.asarray([True, False]))
    assert not found.holds(np.asarray([False, True]))
    assert found.holds(np.asarray([False, False]))


def test_uniform_ranks_are_seldom_refused() -> None:
    generator = np.random.default_rng(4)
    p = [uniform_p(generator.random(400)) for _ in range(400)]
    assert np.mean(np.less(p, SIGNIFICANT)) < 0.03
    assert uniform_p(np.zeros(BINS * 5)) < 1e-9


def test_coverage_is_counted_in_the_middle() -> None:
    found = Check(np.linspace(0.0005, 0.9995, 1000)[:, None], np.zeros(1))
    for level in LEVELS:
        assert found.coverage(level)[0] == pytest.approx(level, abs=0.002)
        assert found.coverage_p(level)[0] > 0.9


def test_a_row_is_not_its_own_evidence(reference: inference.Reference) -> None:
    draws = reference.of_row(17)
    assert 17 not in draws.rows
    assert len(set(draws.rows)) == len(draws.rows)


def test_sampling_keeps_the_weights(reference: inference.Reference) -> None:
    draws = reference.posterior(np.full(SEEN, 0.5))
    rows = draws.sampled(4000)
    assert rows.mean(axis=0) == pytest.approx(draws.weights @ draws.scores, abs=0.01)
    np.testing.assert_array_equal(rows, draws.sampled(4000))


def test_data_unlike_any_simulation_are_found(reference: inference.Reference) -> None:
    _, data = toy(2000)
    assert inference.surprise(reference, np.zeros(SEEN), data) > 0.9
    assert inference.surprise(reference, np.asarray([9.0, -9.0, 9.0, -9.0]), data) == 0.0
