"""Intervals of means, shares and rates are those of the laws that they are named after."""

import pytest

from sim.results.intervals import rate_interval, share_interval, student, wilson


@pytest.mark.parametrize("degrees", [1, 2, 7, 63])
@pytest.mark.parametrize("level", [0.95, 1.0 - 1e-10])
def test_student_is_the_quantile_of_his_law(degrees: int, level: float) -> None:
    from scipy import stats

    assert student(degrees, level) == pytest.approx(stats.t.isf((1 - level) / 2, degrees), rel=1e-9)


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (3, 10), (10, 10), (1, 1000)])
@pytest.mark.parametrize("level", [0.95, 1.0 - 1e-10])
def test_the_interval_of_a_share_is_clopper_and_pearson_s(
    hits: int, count: int, level: float
) -> None:
    """Under its lower end as many hits or more are as rare as they may be, and so above."""
    from scipy import stats

    low, high = share_interval(hits, count, level)
    tail = (1 - level) / 2
    if hits > 0:
        assert stats.binom.sf(hits - 1, count, low) == pytest.approx(tail, rel=1e-6)
    if hits < count:
        assert stats.binom.cdf(hits, count, high) == pytest.approx(tail, rel=1e-6)
    assert (low == 0.0, high == 1.0) == (hits == 0, hits == count)
    assert share_interval(hits, count, 0.9, 10) == pytest.approx(share_interval(hits, count, 0.99))


@pytest.mark.parametrize("count", [1, 5, 400])
@pytest.mark.parametrize("level", [0.95, 1.0 - 1e-10])
def test_the_interval_of_a_rate_is_that_of_the_gamma_law(count: int, level: float) -> None:
    from scipy import stats

    low, high = rate_interval(count, 8.0, level)
    tail = (1 - level) / 2
    assert stats.gamma.cdf(8.0 * low, count) == pytest.approx(tail, rel=1e-6)
    assert stats.gamma.sf(8.0 * high, count) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (64, 64), (1, 1000)])
def test_wilson_is_the_score_interval(successes: int, n: int) -> None:
    from scipy import stats

    expected = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
    assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert wilson(0, 0) == (0.0, 1.0)
