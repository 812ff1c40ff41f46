"""Which uncertain numbers explain an effect over runs: rank correlations above a noise floor."""

import numpy as np
import pandas as pd
from jaxtyping import Float

from .intervals import standard_errors

PERMUTATIONS = 400
FEWEST_RUNS = 20
"""Fewer say nothing of dozens of priors."""
COLUMNS = ["rho", "low", "high", "floor"]


def drivers(effect: Float[np.ndarray, " run"], priors: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Rank the priors that explain an effect over runs.

    Spearman's rank correlation sees what rises or falls with a prior, not a hump. With dozens of
    priors some correlate by chance: the floor is what the largest of all would reach so in one of
    twenty shuffles of the effect.

    Args:
        effect: By run.
        priors: What each run drew: a row per run, a column per prior.
        seed: Of the shuffles.

    Returns:
        A row for each prior above the floor, the strongest first: `rho`, its 95 % interval `low`
        and `high` (Bonett & Wright 2000), and the `floor`. None where the effect does not vary, or
        there are fewer than FEWEST_RUNS runs.
    """
    of_effect = _standard(effect[:, None])[:, 0]
    some = priors.loc[:, priors.max() > priors.min()]
    count = len(effect)
    if count < FEWEST_RUNS or not of_effect.any() or some.empty:
        return pd.DataFrame(columns=COLUMNS, dtype=float).rename_axis("prior")
    of_priors = _standard(some.to_numpy(np.float64))
    rho = of_effect @ of_priors / count
    shuffle = np.random.default_rng(seed)
    shuffled = np.stack([shuffle.permutation(of_effect) for _ in range(PERMUTATIONS)])
    floor = float(np.quantile(np.abs(shuffled @ of_priors / count).max(axis=1), 0.95))
    half = standard_errors() * np.sqrt((1.0 + rho**2 / 2.0) / (count - 3))
    z = np.arctanh(np.clip(rho, -1.0 + 1e-12, 1.0 - 1e-12))
    table = pd.DataFrame(
        {"rho": rho, "low": np.tanh(z - half), "high": np.tanh(z + half), "floor": floor},
        index=pd.Index(some.columns, name="prior"),
    )
    table = table[table["rho"].abs() > floor]
    return table.sort_values("rho", key=np.abs, ascending=False, kind="stable")


def _standard(values: Float[np.ndarray, "run column"]) -> Float[np.ndarray, "run column"]:
    """Return the ranks of each column, with mean 0 and variance 1; 0 where it does not vary."""
    ranks = pd.DataFrame(values).rank().to_numpy()
    ranks = ranks - ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    return np.asarray(np.divide(ranks, spread, out=np.zeros_like(ranks), where=spread > 0))
