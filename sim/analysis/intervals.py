"""Intervals that go with a number: normal for a mean, order statistics for a median."""

from math import sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float


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
