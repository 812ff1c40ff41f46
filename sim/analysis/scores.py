"""Scores of forecasts that are ensembles: coverage, CRPS, PIT and log score; and two baselines.

An ensemble is an array [member, observation]; observations are an array [observation].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from ..results.intervals import wilson

LEVELS = (0.5, 0.9)
BASELINES = ("persistence", "trend")
DRAWS = 400
"""Members of a baseline with spread."""
BINS = 10
"""Of a PIT histogram."""

Ensemble = Float64[np.ndarray, "member observation"]
Values = Float64[np.ndarray, " observation"]


@dataclass(frozen=True)
class Share:
    """How many observations lie in a band, with the binomial interval of the share."""

    level: float
    inside: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return the share; not a number of none."""
        return self.inside / self.count if self.count else np.nan


def in_band(ensemble: Ensemble, low: Values, high: Values, level: float) -> np.ndarray:
    """Return whether each observation touches the central band of its ensemble.

    Args:
        ensemble: The forecasts.
        low: The lower end of each observation.
        high: Its upper end; the same where it is one number.
        level: Of the band.
    """
    ends = (0.5 - level / 2.0, 0.5 + level / 2.0)
    under, over = np.quantile(ensemble, ends, axis=0)
    return (high >= under) & (low <= over)


def coverage(inside: Sequence[bool] | np.ndarray, level: float) -> Share:
    """Return the share of observations in a band of that level, with its 95 % interval.

    Args:
        inside: Of each observation.
        level: Of the band.
    """
    hits, count = int(np.sum(inside)), len(inside)
    return Share(level, hits, count, *wilson(hits, count))


def crps(ensemble: Ensemble, observed: Values) -> Values:
    """Return the continuous ranked probability score of each forecast, in units of the data.

    Args:
        ensemble: The forecasts; of one member the score is its absolute error.
        observed: What came.
    """
    from scoringrules import crps_ensemble

    if len(ensemble) == 1:
        return np.abs(ensemble[0] - observed)
    return np.asarray(crps_ensemble(observed, ensemble.T, estimator="pwm"))


def skill(score: Values, reference: Values) -> float:
    """Return by what share a mean score is below that of a reference; below 0 if it is above.

    Args:
        score: Of the forecasts.
        reference: Of the reference; where it is 0 in all, the skill is not a number.
    """
    mean = float(np.mean(reference)) if len(reference) else 0.0
    return 1.0 - float(np.mean(score)) / mean if mean > 0.0 else np.nan


def pit(ensemble: Ensemble, observed: Values, seed: int = 0) -> Values:
    """Return the place of each observation in its ensemble, 0 to 1, ties broken by chance.

    Places of a calibrated forecast are uniform.

    Args:
        ensemble: The forecasts.
        observed: What came.
        seed: Of the ties, and of places between members.
    """
    chance = np.random.default_rng(seed).uniform(size=len(observed))
    below = (ensemble < observed).sum(axis=0)
    equal = (ensemble == observed).sum(axis=0)
    return (below + chance * (equal + 1.0)) / (len(ensemble) + 1.0)


def log_score(ensemble: Ensemble, observed: Values) -> Values:
    """Return minus the log of the probability that counts had, less is better.

    One member more is spread evenly over what may come, so that a count that no member has is not
    impossible.

    Args:
        ensemble: Whole numbers.
        observed: Whole numbers.
    """
    most = np.maximum(ensemble.max(axis=0), observed) + 2.0
    hits = (np.round(ensemble) == observed).sum(axis=0)
    return -np.log((hits + 1.0 / most) / (len(ensemble) + 1.0))


def poisson_log_score(means: Values, observed: Values) -> Values:
    """Return minus the log of the probability that counts have under Poisson laws.

    Args:
        means: Of the laws; below .1 they count as .1.
        observed: Whole numbers.
    """
    from scipy.special import gammaln

    mean = np.maximum(means, 0.1)
    return mean - observed * np.log(mean) + gammaln(observed + 1.0)


def persistence(at: Values, values: Values, ahead: Values, seed: int = 0) -> Ensemble:
    """Return forecasts that the last value stays; the first member is the point.

    The others add steps as they were seen between values before, so many as lie ahead.

    Args:
        at: Times of the values before the origin, rising.
        values: They, one at least.
        ahead: Times of the forecasts.
        seed: Of the steps.
    """
    rng = np.random.default_rng(seed)
    steps = np.diff(values)
    gap = float(np.median(np.diff(at))) if len(at) > 1 else 1.0
    size = float(np.sqrt(np.mean(steps**2))) if len(steps) else 0.0
    spread = size * np.sqrt(np.maximum(ahead - at[-1], 0.0) / gap)
    drawn = values[-1] + spread * rng.standard_normal((DRAWS, 1))
    return np.concatenate([np.full((1, len(ahead)), values[-1]), drawn])


def trend(at: Values, values: Values, ahead: Values, seed: int = 0) -> Ensemble:
    """Return forecasts by the least squares line through the values; the first member is the line.

    The others are drawn from its predictive law.

    Args:
        at: Times of the values before the origin.
        values: They; of fewer than two the last value stays.
        ahead: Times of the forecasts.
        seed: Of the draws.
    """
    if len(np.unique(at)) < 2:
        return persistence(at, values, ahead, seed)
    centre = float(at.mean())
    slope, level = np.polyfit(at - centre, values, 1)
    line = level + slope * (ahead - centre)
    free = len(at) - 2
    rest = values - level - slope * (at - centre)
    size = float(np.sqrt((rest**2).sum() / free)) if free > 0 else 0.0
    spread = 1.0 + 1.0 / len(at) + (ahead - centre) ** 2 / ((at - centre) ** 2).sum()
    rng = np.random.default_rng(seed)
    t = rng.standard_t(max(free, 1), (DRAWS, 1))
    return np.concatenate([line[None], line + size * np.sqrt(spread) * t])
