"""Scores of ensembles: calibrated ones are found so, biased ones are not; baselines by hand."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from sim.analysis import scores
from sim.analysis.reports import Errors, conditional, forecast, resampled, weights

COUNT = 2000


def drawn(shift: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Ensembles around known centres, and what came."""
    rng = np.random.default_rng(3)  # of its own: tests run in any order
    centre = rng.normal(size=COUNT)
    members = centre + shift + width * rng.normal(size=(300, COUNT))
    return members, centre + rng.normal(size=COUNT)


@pytest.mark.parametrize("level", scores.LEVELS)
def test_a_calibrated_ensemble_covers_as_it_should(level: float) -> None:
    members, seen = drawn(0.0, 1.0)
    found = scores.coverage(scores.in_band(members, seen, seen, level), level)
    assert found.share == pytest.approx(level, abs=0.04)
    assert found.low < level < found.high
    assert kstest(scores.pit(members, seen), "uniform").pvalue > 0.01


@pytest.mark.parametrize(("shift", "width"), [(0.7, 1.0), (0.0, 0.5), (0.0, 2.0)])
def test_a_biased_a_narrow_and_a_wide_ensemble_are_found(shift: float, width: float) -> None:
    members, seen = drawn(shift, width)
    found = scores.coverage(scores.in_band(members, seen, seen, 0.9), 0.9)
    assert not found.low < 0.9 < found.high
    assert kstest(scores.pit(members, seen), "uniform").pvalue < 1e-6


def test_crps_is_that_of_the_law() -> None:
    members, seen = np.random.default_rng(3).normal(size=(4000, 3)), np.array([-1.0, 0.0, 2.0])
    law = seen * (2 * norm.cdf(seen) - 1) + 2 * norm.pdf(seen) - 1 / np.sqrt(np.pi)
    assert scores.crps(members, seen) == pytest.approx(law, abs=0.03)
    assert scores.crps(np.array([[3.0, 5.0]]), np.array([1.0, 9.0])).tolist() == [2.0, 4.0]


def test_skill_by_hand() -> None:
    assert scores.skill(np.array([1.0, 2.0]), np.array([4.0, 2.0])) == 0.5
    assert np.isnan(scores.skill(np.array([1.0]), np.array([0.0])))


def test_log_scores_by_hand() -> None:
    members, seen = np.array([[1.0], [1.0], [0.0], [2.0]]), np.array([1.0])
    assert scores.log_score(members, seen)[0] == pytest.approx(-np.log((2 + 1 / 4) / 5))
    assert scores.log_score(members, np.array([9.0]))[0] == pytest.approx(-np.log(1 / 11 / 5))
    assert scores.poisson_log_score(np.array([2.0]), np.array([2.0]))[0] == pytest.approx(
        -np.log(np.exp(-2.0) * 2.0)
    )


def test_ties_of_counts_spread_over_the_pit() -> None:
    rng = np.random.default_rng(3)
    seen = rng.poisson(0.5, COUNT).astype(float)
    members = rng.poisson(0.5, (300, COUNT)).astype(float)
    assert kstest(scores.pit(members, seen), "uniform").pvalue > 0.01


def test_baselines_by_hand() -> None:
    at, values, ahead = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), np.array([3.0, 4.0])
    last = scores.persistence(at, values, ahead)
    assert last[0].tolist() == [5.0, 5.0]
    assert last[1:, 1].std() == pytest.approx(2.0 * np.sqrt(2.0), rel=0.1)
    line = scores.trend(at, values, ahead)
    assert line[0] == pytest.approx([7.0, 9.0])
    assert line[1:] == pytest.approx(np.broadcast_to(line[0], line[1:].shape))  # it fits exactly
    assert scores.trend(at[:1], values[:1], ahead)[0].tolist() == [1.0, 1.0]


LOGS = Errors("log", 1.0, 0.2, 0.3, 0.2, 0.1, 13.0, 0.1)
COUNTS = Errors("root", 0.0, 0.0, 0.2, 0.4, 0.0, 26.0, 0.5)


def test_scales_go_back() -> None:
    values = np.array([0.0, 1.0, 7.0, 1000.0])
    for errors in (LOGS, COUNTS):
        assert errors.back(errors.forward(values)) == pytest.approx(values, abs=1e-9)


def test_later_errors_follow_from_those_before() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    mean, left, likelihood = conditional(
        np.array([[0.5], [2.0]]), covariance, np.array([True, False])
    )
    assert mean[:, 0] == pytest.approx([0.4, 1.6])
    assert left[0, 0] == pytest.approx(1.0 - 0.64)
    assert likelihood == pytest.approx([-0.125, -2.0])


def test_weights_are_flattened_until_enough_runs_count() -> None:
    likelihood = -0.5 * np.linspace(0.0, 60.0, 200) ** 2
    share = weights(likelihood)
    assert share.sum() == pytest.approx(1.0)
    assert 1.0 / (share**2).sum() >= 0.2 * 200
    assert weights(np.zeros(5)) == pytest.approx(np.full(5, 0.2))
    chosen = resampled(np.array([0.5, 0.25, 0.25, 0.0]), np.random.default_rng(0))
    assert np.bincount(chosen, minlength=4).tolist() == [2, 1, 1, 0]


def reports(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs of uncertain growth, and reports of one more by the law that `forecast` reckons with."""
    rng = np.random.default_rng(seed)
    weeks = 4.0 * np.arange(count)
    rates = rng.lognormal(2.0, 0.3, (301, 1))
    paths = rates * (1.0 + 0.01 * weeks)
    root = np.linalg.cholesky(LOGS.covariance(weeks, ["A"] * count, [False] * count))
    seen = LOGS.back(LOGS.forward(paths[-1]) + LOGS.bias + root @ rng.standard_normal(count))
    return paths[:-1], seen, weeks


@pytest.mark.parametrize("weighed", [False, True])
def test_forecasts_of_reports_are_calibrated(weighed: bool) -> None:
    inside, places, scored, blind = [], [], [], []
    known = np.arange(8) < 4
    none = np.full((300, 8), np.nan)
    for seed in range(150):
        paths, seen, weeks = reports(8, seed)
        made = forecast(paths, seen, known, weeks, ["A"] * 8, none, LOGS, weighed, seed)
        inside.append(scores.in_band(made[:, -1:], seen[-1:], seen[-1:], 0.9)[0])
        places.append(scores.pit(made[:, -1:], seen[-1:], seed)[0])
        scored.append(scores.crps(made, seen[4:]).mean())
        before = np.zeros(8, np.bool_)
        guess = forecast(paths, seen, before, weeks, ["A"] * 8, none, LOGS, False, seed)
        blind.append(scores.crps(guess[:, 4:], seen[4:]).mean())
    found = scores.coverage(np.array(inside), 0.9)
    # unweighed runs know the errors but not the rate: no worse than 90 %, maybe wider
    assert found.high > 0.9
    if weighed:
        assert found.share >= 0.82
        assert kstest(places, "uniform").pvalue > 0.01
    assert scores.skill(np.array(scored), np.array(blind)) > 0.1  # reports before the origin help


def test_nothing_after_the_origin_is_used() -> None:
    paths, seen, weeks = reports(6, 1)
    known = np.arange(6) < 3
    none = np.full((300, 6), np.nan)
    other = np.where(known, seen, 1e6)
    a, b = (
        forecast(paths, one, known, weeks, ["A"] * 6, none, LOGS, True, 0) for one in (seen, other)
    )
    assert (a == b).all()


def test_a_bias_of_the_run_itself_is_no_error() -> None:
    paths, seen, weeks = reports(2, 2)
    before = np.zeros(2, np.bool_)
    exact = Errors("log", 0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 1e-9)
    biases = np.full((300, 2), 0.7)
    made = forecast(paths, seen, before, weeks, ["A"] * 2, biases, exact, False)
    assert made == pytest.approx(paths * np.exp(0.7), rel=1e-6)
