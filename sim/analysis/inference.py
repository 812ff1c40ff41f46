"""Posteriors from simulations, for any data at once, and the check that they are not too sure.

The method is approximate Bayesian computation with learned summaries and a regression adjustment.
Some of the simulations teach a network the posterior mean of every number given the data (Fearnhead
and Prangle 2012); these means, of the numbers that can be learned at all, are the summaries. The
other simulations are the reference: of them the nearest to the data are taken, weighted, and moved
to where the data are, their mean by a local linear regression, their spread by a second network
(Beaumont et al. 2002, Blum and Francois 2010). A posterior costs milliseconds, so it can be checked
on a thousand simulations whose truth is known (Talts et al. 2018).

All numbers are standard normal scores of their priors.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.stats import binomtest, chisquare

LEAST_LEARNED = 0.02
"""Of the variance of a number, for its learned mean to be a summary."""
NEAREST, FEWEST = 0.2, 150
"""The share of the reference that is near, and the least number."""
BINS = 20
"""Of the ranks of simulation-based calibration."""
SIGNIFICANT = 0.01
LEVELS = (0.5, 0.9)
"""Of the central intervals whose coverage is counted."""
MOST_SCALED = 2.0
"""By how much a spread may be below the mean spread: a network may give less than nothing."""


@dataclass(frozen=True)
class Draws:
    """A posterior: K weighted draws of P numbers.

    - `weights`: their sum is 1. `scores`: [draw, number]. `rows`: of the reference.
    """

    weights: Float64[np.ndarray, " draw"]
    scores: Float64[np.ndarray, "draw number"]
    rows: Int64[np.ndarray, " draw"]

    @property
    def contraction(self) -> Float64[np.ndarray, " number"]:
        """Return 1 - the variance of each number over that of its prior."""
        mean = self.weights @ self.scores
        return 1.0 - self.weights @ (self.scores - mean) ** 2

    def rank(self, truth: Float64[np.ndarray, " number"]) -> Float64[np.ndarray, " number"]:
        """Return the share of the posterior below a truth, of each number.

        Args:
            truth: Scores.
        """
        return self.weights @ (self.scores < truth).astype(float)

    def sampled(self, size: int) -> Float64[np.ndarray, "size number"]:
        """Return draws of equal weight, by systematic resampling: the same every time.

        Args:
            size: How many.
        """
        at = (np.arange(size) + 0.5) / size
        edges = np.cumsum(self.weights)
        return self.scores[np.searchsorted(edges / edges[-1], at)]


@dataclass(frozen=True)
class Reference:
    """What gives a posterior for any data: the network, and the simulations to choose from.

    - `scores`: the truths of the reference, [row, number].
    - `places`: their learned summaries, [row, summary].
    - `learned`: of each number, the share of its variance that the network explains.
    - `kept`: which numbers' means are summaries.
    - `network`: gives the means of all numbers from data; `spreads_of` how far the numbers lie from
      them, at least `floor`. `spreads`: the same of the reference, of the numbers that are kept.
    """

    scores: Float64[np.ndarray, "row number"]
    places: Float64[np.ndarray, "row summary"]
    spreads: Float64[np.ndarray, "row summary"]
    learned: Float64[np.ndarray, " number"]
    kept: Bool[np.ndarray, " number"]
    network: Any
    spreads_of: Any
    floor: Float64[np.ndarray, " number"]

    def posterior(self, data: Float64[np.ndarray, " datum"]) -> Draws:
        """Return the posterior given data.

        Args:
            data: On the scales that the network was taught.
        """
        place = self.network.predict(data[None])[0][self.kept]
        spread = _spread(self.spreads_of, data[None], self.floor)[0][self.kept]
        return self._near(place, spread)

    def of_row(self, row: int) -> Draws:
        """Return the posterior given the data of one row of the reference, by all the others.

        Args:
            row: Which.
        """
        return self._near(self.places[row], self.spreads[row], row)

    def _near(self, place: np.ndarray, spread: np.ndarray, without: int | None = None) -> Draws:
        away = np.sqrt(((self.places - place) ** 2).sum(axis=1))
        if without is not None:
            away[without] = np.inf
        count = min(max(FEWEST, int(NEAREST * len(away))), len(away) - 1)
        rows = np.argpartition(away, count - 1)[:count]
        reach = max(away[rows].max(), 1e-12) * (1.0 + 1e-6)
        weights = 1.0 - (away[rows] / reach) ** 2
        weights = weights / weights.sum()
        scores = self.scores[rows].copy()
        scores[:, self.kept] = self._moved(rows, weights, place, spread)
        return Draws(weights, scores, rows)

    def _moved(
        self, rows: np.ndarray, weights: np.ndarray, place: np.ndarray, spread: np.ndarray
    ) -> np.ndarray:
        """Return the scores of near rows that can be learned, moved to where the data are."""
        scores = self.scores[rows][:, self.kept]
        from_here = np.concatenate([np.ones((len(rows), 1)), self.places[rows] - place], axis=1)
        weighted = weights[:, None] * from_here
        fit = np.linalg.lstsq(weighted.T @ from_here, weighted.T @ scores, rcond=None)[0]
        effective = 1.0 / (weights**2).sum()
        freedom = np.sqrt(effective / max(effective - from_here.shape[1], 1.0))
        return np.asarray(
            fit[0] + freedom * (scores - from_here @ fit) * spread / self.spreads[rows]
        )


def _network(seed: int) -> Any:
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        StandardScaler(),
        MLPRegressor(
            hidden_layer_sizes=(128,),
            early_stopping=True,
            alpha=0.01,
            batch_size=128,
            max_iter=300,
            n_iter_no_change=10,
            random_state=seed,
        ),
    )


def _spread(network: Any, data: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Return how far each number lies from its learned mean, by data: [row, number]."""
    return np.asarray(np.maximum(network.predict(data), floor))


def learn(
    truths: Float64[np.ndarray, "row number"],
    data: Float64[np.ndarray, "row datum"],
    taught: int,
    seed: int,
) -> Reference:
    """Return what gives posteriors, learned from the first rows and referring to the others.

    Args:
        truths: The scores that the simulations drew.
        data: What would have been reported of them.
        taught: How many rows teach.
        seed: Of the network.
    """
    network = _network(seed).fit(data[:taught], truths[:taught])
    off = np.abs(truths[:taught] - network.predict(data[:taught]))
    spreads_of = _network(seed).fit(data[:taught], off)
    floor = off.mean(axis=0) / MOST_SCALED
    scores, means = truths[taught:], network.predict(data[taught:])
    learned = 1.0 - ((scores - means) ** 2).mean(axis=0) / scores.var(axis=0)
    kept = learned >= min(LEAST_LEARNED, learned.max())
    spreads = _spread(spreads_of, data[taught:], floor)[:, kept]
    return Reference(scores, means[:, kept], spreads, learned, kept, network, spreads_of, floor)


@dataclass(frozen=True)
class Check:
    """Simulation-based calibration: T posteriors of data whose truth is known.

    - `ranks`: the share of each posterior below its truth, [truth, number].
    - `contraction`: the mean over the posteriors, by number.
    """

    ranks: Float64[np.ndarray, "truth number"]
    contraction: Float64[np.ndarray, " number"]

    @property
    def uniform(self) -> Float64[np.ndarray, " number"]:
        """Return the p value of a chi-square test that the ranks are uniform, by number."""
        return np.asarray([uniform_p(column) for column in self.ranks.T])

    def coverage(self, level: float) -> Float64[np.ndarray, " number"]:
        """Return the share of truths inside their central interval, by number.

        Args:
            level: Of the interval.
        """
        return np.asarray((np.abs(self.ranks - 0.5) <= 0.5 * level).mean(axis=0))

    def coverage_p(self, level: float) -> Float64[np.ndarray, " number"]:
        """Return the p value of a binomial test of that share, by number.

        Args:
            level: Of the interval.
        """
        inside = (np.abs(self.ranks - 0.5) <= 0.5 * level).sum(axis=0)
        return np.asarray([binomtest(int(k), len(self.ranks), level).pvalue for k in inside])

    def holds(self, numbers: Bool[np.ndarray, " number"]) -> bool:
        """Return whether ranks are uniform and coverage is right for some numbers.

        Each number's ranks are judged at SIGNIFICANT; coverage has as many tests as numbers
        times levels, which are judged together at SIGNIFICANT (Bonferroni).

        Args:
            numbers: Which.
        """
        tests = max(1, int(numbers.sum())) * len(LEVELS)
        covers = [self.coverage_p(level)[numbers] > SIGNIFICANT / tests for level in LEVELS]
        uniform = self.uniform[numbers] > SIGNIFICANT
        return bool(uniform.all() and all(each.all() for each in covers))


def uniform_p(ranks: Float64[np.ndarray, " truth"]) -> float:
    """Return the p value of a chi-square test that ranks in [0, 1] are uniform.

    Args:
        ranks: The share of each posterior below its truth.
    """
    counts = np.histogram(ranks, bins=BINS, range=(0.0, 1.0))[0]
    return float(chisquare(counts).pvalue)


def check(reference: Reference, truths: int, progress: Any = iter) -> Check:
    """Return simulation-based calibration on the first rows of the reference.

    Args:
        reference: What gives posteriors.
        truths: How many rows.
        progress: Wraps the rows, to show a bar.
    """
    ranks, contraction = [], []
    for row in progress(range(min(truths, len(reference.scores)))):
        draws = reference.of_row(row)
        ranks.append(draws.rank(reference.scores[row]))
        contraction.append(draws.contraction)
    return Check(np.asarray(ranks), np.mean(contraction, axis=0))


def surprise(reference: Reference, data: np.ndarray, others: np.ndarray) -> float:
    """Return the share of simulated data that lie further out than the data: small is a misfit.

    The distance is Mahalanobis's from the mean of all that was simulated.

    Args:
        reference: Whose scaler gives the scales.
        data: The data.
        others: What was simulated, [row, datum].
    """
    scaler = reference.network[0]
    cloud, point = scaler.transform(others), scaler.transform(data[None])
    centre = cloud.mean(axis=0)
    inverse = np.linalg.pinv(np.cov(cloud, rowvar=False))

    def out(x: np.ndarray) -> np.ndarray:
        return np.einsum("ij,jk,ik->i", x - centre, inverse, x - centre)

    return float((out(cloud) > out(point)).mean())
