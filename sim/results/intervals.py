"""Intervals that go with a number: normal for a mean, order statistics for a median."""

from math import sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float


def mean_interval(
    values: Float[np.ndarray, " run"], confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the mean of independent runs and its normal interval.

    Args:
        values: One number per run, [run].
        confidence: The confidence, in (0, 1).
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    half = z * float(np.std(values, ddof=1)) / sqrt(len(values)) if len(values) > 1 else np.inf
    mean = float(np.mean(values))
    return mean, mean - half, mean + half


def median_interval(
    values: Float[np.ndarray, " run"], confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return the median of independent runs and the interval of its order statistics.

    The ranks are those of the normal approximation.

    Args:
        values: One number per run, [run].
        confidence: The confidence, in (0, 1).
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    ordered, count = np.sort(values), len(values)
    half = z * sqrt(count) / 2.0
    low = max(int(np.floor(count / 2.0 - half)), 0)
    high = min(int(np.ceil(count / 2.0 + half)), count - 1)
    return float(np.median(values)), float(ordered[low]), float(ordered[high])


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a probability (Wilson 1927).

    Args:
        successes: How many trials succeeded.
        n: How many trials there were.
        level: The confidence, in (0, 1).

    Returns:
        Its low and its high end; (0, 1) if n = 0.
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def student(degrees: int, level: float = 0.95) -> float:
    """Return half the width, in standard errors, of Student's interval of a mean.

    By the expansion in 1/degrees of Abramowitz & Stegun (1964), 26.7.5: within 1 % from 4 on.

    Args:
        degrees: Degrees of freedom, at least 1.
        level: The confidence, in (0, 1).
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3
