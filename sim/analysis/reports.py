"""From what runs did to what would be reported of them, given what was reported before an origin.

A report differs from a run by a bias of its issuer, by errors that an issuer's later reports share,
by what the model lacks, and by noise. On a scale on which these are about normal (logs, roots of
counts) a report is the run plus a normal error, of which the reports before the origin say
something: that is what `forecast` draws from. Reports before the origin also say which runs are
likely: `weights`. Nothing after the origin is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

LEAST_SHARE = 0.2
"""Of the runs that must count: weights are flattened until so many do."""
ROOT_SHIFT = 0.375
"""Anscombe's, by which the root of a Poisson count has a constant spread."""

Scale = Literal["log", "root"]


@dataclass(frozen=True)
class Errors:
    """How reports of a quantity differ from what happened, on its scale.

    - `scale`: logs of amounts, or twice the roots of counts; `least`: added before a logarithm.
    - `bias`, `bias_sd`: of an issuer, constant.
    - `shared`, `memory`: what the model lacks, an AR(1) that all issuers share; weeks.
    - `own`: the same of one issuer's reports.
    - `noise`: of each report.
    """

    scale: Scale
    least: float
    bias: float
    bias_sd: float
    shared: float
    own: float
    memory: float
    noise: float

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Return values on this scale.

        Args:
            values: Amounts or counts.
        """
        held = np.maximum(values, 0.0)
        if self.scale == "log":
            return np.log(held + self.least)
        return 2.0 * np.sqrt(held + ROOT_SHIFT)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return amounts, or whole counts, from this scale.

        Args:
            values: On this scale.
        """
        if self.scale == "log":
            return np.maximum(np.exp(values) - self.least, 0.0)
        return np.maximum(np.round((np.maximum(values, 0.0) / 2.0) ** 2 - ROOT_SHIFT), 0.0)

    def covariance(
        self, weeks: Float64[np.ndarray, " report"], issuers: Sequence[str], known: Sequence[bool]
    ) -> Float64[np.ndarray, "report report"]:
        """Return the covariance of the errors of some reports.

        Args:
            weeks: When they were made.
            issuers: By whom.
            known: Whether the bias of that issuer is a number of the run itself.
        """
        names, own_bias = np.asarray(issuers), ~np.asarray(known)
        same = names[:, None] == names[None, :]
        near = np.exp(-np.abs(weeks[:, None] - weeks[None, :]) / self.memory)
        biased = same * own_bias[:, None] * own_bias[None, :]
        whole = self.bias_sd**2 * biased + (self.shared**2 + self.own**2 * same) * near
        return whole + self.noise**2 * np.eye(len(weeks))


def conditional(
    residuals: Float64[np.ndarray, "run known"],
    covariance: Float64[np.ndarray, "report report"],
    known: Bool[np.ndarray, " report"],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the errors of later reports given those before, and how likely these were.

    Args:
        residuals: Reports less runs, on the scale, of the reports before.
        covariance: Of the errors of all reports.
        known: Which reports were made before.

    Returns:
        The mean of later errors [run, later], their covariance, the log likelihood [run].
    """
    later = covariance[np.ix_(~known, ~known)]
    if not known.any():
        return np.zeros((len(residuals), len(later))), later, np.zeros(len(residuals))
    before, across = covariance[np.ix_(known, known)], covariance[np.ix_(~known, known)]
    solved = np.linalg.solve(before, residuals.T)  # [known, run]
    mean = (across @ solved).T
    left = later - across @ np.linalg.solve(before, across.T)
    return mean, left, -0.5 * (residuals.T * solved).sum(axis=0)


def weights(likelihood: Float64[np.ndarray, " run"]) -> Float64[np.ndarray, " run"]:
    """Return how much each run counts; flattened until LEAST_SHARE of the runs count.

    Args:
        likelihood: Its logarithm.
    """
    power = 1.0
    while True:
        raised = np.exp(power * (likelihood - likelihood.max()))
        share = raised / raised.sum()
        if 1.0 / (share**2).sum() >= LEAST_SHARE * len(share) or power < 1e-6:
            return share
        power *= 0.9


def resampled(
    share: Float64[np.ndarray, " run"], rng: np.random.Generator
) -> Int64[np.ndarray, " run"]:
    """Return as many places of runs as there are, each as often as it counts (systematic).

    Args:
        share: How much each counts.
        rng: Draws one number.
    """
    count = len(share)
    points = (np.arange(count) + rng.uniform()) / count
    return np.minimum(np.searchsorted(np.cumsum(share), points), count - 1).astype(np.int64)


def forecast(
    simulated: Float64[np.ndarray, "run report"],
    observed: Float64[np.ndarray, " report"],
    known: Bool[np.ndarray, " report"],
    weeks: Float64[np.ndarray, " report"],
    issuers: Sequence[str],
    biases: Float64[np.ndarray, "run report"],
    errors: Errors,
    weighed: bool,
    seed: int = 0,
) -> Float64[np.ndarray, "run later"]:
    """Return what would be reported after the origin, a member per run.

    Args:
        simulated: What runs did.
        observed: What was reported; what comes after the origin is not read.
        known: Whether a report was made before the origin.
        weeks: When reports were made.
        issuers: By whom.
        biases: The log bias of a report that is a number of the run, else not a number.
        errors: How reports differ from what happened.
        weighed: Whether runs count by what was reported before the origin.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    given = np.isfinite(biases).all(axis=0)
    centre = errors.forward(simulated) + np.where(given, np.nan_to_num(biases), errors.bias)
    covariance = errors.covariance(weeks, issuers, [bool(own) for own in given])
    residuals = errors.forward(observed[known]) - centre[:, known]
    mean, left, likelihood = conditional(residuals, covariance, known)
    paths = centre[:, ~known] + mean
    if weighed and known.any():
        paths = paths[resampled(weights(likelihood), rng)]
    values, vectors = np.linalg.eigh((left + left.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return errors.back(paths + rng.standard_normal(paths.shape) @ root.T)
