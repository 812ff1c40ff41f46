"""Intervals that go with a number: of means, medians, quantiles, probabilities and rates.

Which to take: `mean_interval` for means of many runs, `student` for differences of few,
`skewed_mean_interval` for waiting times, `payoff_interval` for few values, some of them rare;
`wilson` for a share that is shown, `share_interval` where the level must hold exactly.

A `level` is the probability that the interval holds the true number, such as 0.95.
"""

from bisect import bisect_left, bisect_right
from math import sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float

Samples = Float[np.ndarray, " sample"]
LEVEL = 0.95


def standard_errors(level: float = LEVEL) -> float:
    """Return half the width of a normal interval, in standard errors."""
    return -NormalDist().inv_cdf((1.0 - level) / 2.0)


def student(degrees: int, level: float = LEVEL) -> float:
    """Return half the width of Student's interval of a mean, in standard errors.

    Args:
        degrees: Of freedom: one less than there are values.
        level: Of the interval.
    """
    from scipy.special import stdtrit

    return -float(stdtrit(degrees, (1.0 - level) / 2.0))


def mean_interval(values: Samples, level: float = LEVEL) -> tuple[float, float, float]:
    """Return the mean of independent values and its normal interval.

    Args:
        values: At least one; of one alone the interval is endless.
        level: Of the interval.

    Returns:
        The mean, the lower and the upper end.
    """
    z = standard_errors(level)
    half = z * float(np.std(values, ddof=1)) / sqrt(len(values)) if len(values) > 1 else np.inf
    mean = float(np.mean(values))
    return mean, mean - half, mean + half


def median_interval(values: Samples, level: float = LEVEL) -> tuple[float, float, float]:
    """Return the median of independent values and its order-statistic interval.

    The ranks of the ends are those of the normal approximation to the binomial law.

    Args:
        values: At least one.
        level: Of the interval.

    Returns:
        The median, the lower and the upper end.
    """
    ordered, count = np.sort(values), len(values)
    half = standard_errors(level) * sqrt(count) / 2.0
    low = max(int(np.floor(count / 2.0 - half)), 0)
    high = min(int(np.ceil(count / 2.0 + half)), count - 1)
    return float(np.median(values)), float(ordered[low]), float(ordered[high])


def wilson(successes: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's score interval of a probability (Wilson 1927).

    Args:
        successes: How many of the trials.
        n: How many trials; of none the interval is (0, 1).
        level: Of the interval.
    """
    if n == 0:
        return 0.0, 1.0
    z = standard_errors(level)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def share_interval(
    hits: int, count: int, level: float = LEVEL, parts: int = 1
) -> tuple[float, float]:
    """Return Clopper & Pearson's exact interval of a probability (1934).

    Args:
        hits: How many of the trials.
        count: How many trials, at least one.
        level: Of the interval, or of all intervals together.
        parts: How many intervals share the error (Bonferroni).
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0 / parts
    low = float(betaincinv(hits, count - hits + 1.0, tail)) if hits > 0 else 0.0
    # from the other side: 1 - tail cannot be distinguished from 1
    high = 1.0 - float(betaincinv(count - hits, hits + 1.0, tail)) if hits < count else 1.0
    return low, high


def quantile_interval(ordered: Samples, p: float, level: float = LEVEL) -> tuple[float, float]:
    """Return an interval of the p-quantile of independent values, whatever their law.

    Its ends are the order statistics between which the share of values below it may be p.

    Args:
        ordered: The values, ascending.
        p: Between 0 and 1.
        level: Of the interval.
    """
    count = len(ordered)
    least = bisect_left(range(count + 1), p, key=lambda k: share_interval(k, count, level)[1])
    most = bisect_right(range(count + 1), p, key=lambda k: share_interval(k, count, level)[0])
    low = float(ordered[least - 1]) if least > 0 else -np.inf
    return low, float(ordered[most - 1]) if most <= count else np.inf


def payoff_interval(
    values: Samples, least: float, most: float, level: float = LEVEL
) -> tuple[float, float]:
    """Return an interval of the mean of a payoff that takes few values, rare ones among them.

    Each value's probability has its exact interval, those of the least and the greatest payoff too,
    seen or not; the ends are the means of the best and of the worst law that these leave.

    Args:
        values: Seen payoffs.
        least: The least payoff that there may be.
        most: The greatest payoff that there may be.
        level: Of all intervals together.
    """
    kinds, seen = np.unique(np.append(np.round(values, 12), [least, most]), return_counts=True)
    seen = seen - np.isin(kinds, [least]) - np.isin(kinds, [most])
    spans = [share_interval(int(hits), len(values), level, len(kinds)) for hits in seen]
    low, high = (np.array(ends) for ends in zip(*spans, strict=True))

    def mean_of(order: Float[np.ndarray, " kind"]) -> float:
        """Return the mean if what the lower ends leave goes to the first kinds of an order."""
        given, left = low.copy(), 1.0 - low.sum()
        for kind in order:
            more = min(left, high[kind] - low[kind])
            given[kind], left = given[kind] + more, left - more
        return float(given @ kinds)

    order = np.arange(len(kinds))
    return mean_of(order), mean_of(order[::-1])


def skewed_mean_interval(values: Samples, level: float = LEVEL) -> tuple[float, float]:
    """Return an interval of the mean of independent values that are not symmetric.

    Hall's (1992) transformation takes the skewness out of Student's ratio.

    Args:
        values: At least two.
        level: Of the interval.
    """
    count = len(values)
    centre, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    rounding = 1e-12 * float(np.max(np.abs(values)))
    if spread <= rounding:
        return centre - rounding, centre + rounding
    skew = float(np.mean((values - centre) ** 3)) / spread**3 / sqrt(count)

    def ratio(x: float) -> float:
        if abs(skew) < 1e-6:
            return x
        return float(3.0 / skew * (np.cbrt(1.0 + skew * (x - skew / 6.0)) - 1.0))

    error, z = spread / sqrt(count), standard_errors(level)
    return centre - error * ratio(z), centre - error * ratio(-z)


def rate_interval(count: int, total: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of the rate of exponential waiting times.

    Args:
        count: How many waiting times, at least one.
        total: Their sum.
        level: Of the interval.
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = (1.0 - level) / 2.0
    return float(gammaincinv(count, tail)) / total, float(gammainccinv(count, tail)) / total
