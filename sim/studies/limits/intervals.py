"""Intervals so wide that a true theory is refused once in a million whole sets of limits.

A set holds fewer than ten thousand comparisons, drawn parameter sets included, so each has an
error of 1e-10 (Bonferroni): about six and a half standard errors to either side.
"""

from bisect import bisect_left, bisect_right
from math import sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float

from ...scenario.priors import beta_quantile

FAMILY_ERROR = 1e-6
FAMILY = 10_000
EACH = FAMILY_ERROR / FAMILY
Z = -NormalDist().inv_cdf(EACH / 2.0)
"""Standard errors to either side."""


def share(hits: int, count: int, parts: int = 1) -> tuple[float, float]:
    """Return Clopper & Pearson's exact interval of a probability (1934).

    Args:
        hits: In how many trials it happened.
        count: How many trials there were.
        parts: How many intervals share one error, as those of one payoff do.
    """
    tail = EACH / 2.0 / parts
    low = beta_quantile(hits, count - hits + 1.0, tail) if hits > 0 else 0.0
    # from the other side: 1 - tail rounds to 1
    high = 1.0 - beta_quantile(count - hits, hits + 1.0, tail) if hits < count else 1.0
    return low, high


def payoff(values: Float[np.ndarray, " sample"], least: float, most: float) -> tuple[float, float]:
    """Return an interval of the mean of a payoff with few values, rare ones among them.

    Each value's probability has its exact interval, those of the least and the most there could be
    too, seen or not; the ends are the means of the best and of the worst law that these leave.

    Args:
        values: A payoff per game, [sample].
        least: The least that a payoff may be.
        most: The most that a payoff may be.
    """
    kinds, seen = np.unique(np.append(np.round(values, 12), [least, most]), return_counts=True)
    seen = seen - np.isin(kinds, [least]) - np.isin(kinds, [most])
    spans = [share(int(hits), len(values), len(kinds)) for hits in seen]
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


def quantile(ordered: Float[np.ndarray, " sample"], p: float) -> tuple[float, float]:
    """Return an interval of the p-quantile of independent values, whatever their law.

    The order statistics between which the share of values below it may be p.

    Args:
        ordered: The values in ascending order, [sample].
        p: Of which quantile, in (0, 1).
    """
    count = len(ordered)
    least = bisect_left(range(count + 1), p, key=lambda k: share(k, count)[1])
    most = bisect_right(range(count + 1), p, key=lambda k: share(k, count)[0])
    low = float(ordered[least - 1]) if least > 0 else -np.inf
    return low, float(ordered[most - 1]) if most <= count else np.inf


def mean(values: Float[np.ndarray, " sample"]) -> tuple[float, float]:
    """Return an interval of the mean of independent values that are not symmetric.

    Hall's (1992) transformation takes the skewness out of Student's ratio.
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

    error = spread / sqrt(count)
    return centre - error * ratio(Z), centre - error * ratio(-Z)


def rate(count: int, total: float) -> tuple[float, float]:
    """Return an interval of the rate of `count` exponential intervals whose sum is `total`.

    The quantiles of the Gamma law by Wilson & Hilferty (1931).

    Args:
        count: How many there were.
        total: Their sum.
    """
    ninth = 1.0 / (9.0 * count)
    low, high = (count * (1.0 - ninth + z * sqrt(ninth)) ** 3 for z in (-Z, Z))
    return max(low, 0.0) / total, high / total
