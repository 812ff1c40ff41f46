"""Intervals that go with a number: Wilson for a share, normal and bootstrap for paired means."""

from math import sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float


def wilson(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927)."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share = hits / trials
    middle = share + z * z / (2.0 * trials)
    half = z * sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    scale = 1.0 + z * z / trials
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def mean_interval(
    values: Float[np.ndarray, " run"], confidence: float = 0.95
) -> tuple[float, float, float]:
    """The mean of independent runs and its normal interval."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    half = z * float(np.std(values, ddof=1)) / sqrt(len(values)) if len(values) > 1 else np.inf
    mean = float(np.mean(values))
    return mean, mean - half, mean + half


def median_interval(
    values: Float[np.ndarray, " run"], confidence: float = 0.95
) -> tuple[float, float, float]:
    """The median of independent runs and its order-statistic interval (normal approximation)."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    ordered, count = np.sort(values), len(values)
    half = z * sqrt(count) / 2.0
    low = max(int(np.floor(count / 2.0 - half)), 0)
    high = min(int(np.ceil(count / 2.0 + half)), count - 1)
    return float(np.median(values)), float(ordered[low]), float(ordered[high])
