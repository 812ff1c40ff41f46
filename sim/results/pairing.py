"""Two jobs compared run by run: runs with the same seed and number share their noise."""

from typing import TYPE_CHECKING

from .intervals import student

if TYPE_CHECKING:
    import pandas as pd

    from .results import Results

ID_COLUMNS = ("point", "run", "seed", "status", "failed_at")
"""Columns of the table of runs that say which run it is, and how it ended."""


def paired(a: "Results", b: "Results") -> "pd.DataFrame":
    """Compare two jobs run by run; runs with the same seed and number share their noise.

    Args:
        a: The first job.
        b: The second job.

    Returns:
        One row per summary metric that both have, over the runs that failed in neither: `a` and `b`
        (means), `difference` (mean of b - a) with `low` and `high` (95 %), and
        `variance_reduction`: the variance of the difference had the runs not been paired, over
        what it is.

    Raises:
        ValueError: Fewer than two runs are common to both.
    """
    keys = ["point", "seed", "run"]
    left, right = (r.runs[r.runs["status"] == "ok"].set_index(keys) for r in (a, b))
    rows = left.index.intersection(right.index)
    numbers = left.select_dtypes("number").columns
    metrics = [c for c in numbers if c in right.columns and c not in ID_COLUMNS]
    if len(rows) < 2:
        raise ValueError("a comparison needs at least two runs that both jobs finished")
    return paired_table(*(frame.loc[rows, metrics].astype(float) for frame in (left, right)))


def paired_table(x: "pd.DataFrame", y: "pd.DataFrame") -> "pd.DataFrame":
    """Compare the same columns of the same runs of two jobs.

    Args:
        x: Of the first job: a row per run, at least two, and a column per metric.
        y: Of the second job, with the same rows and columns.

    Returns:
        As `paired`.
    """
    import numpy as np
    import pandas as pd

    difference = y - x
    half = student(len(x) - 1) * difference.std() / len(x) ** 0.5
    spread = difference.var()
    return pd.DataFrame(
        {
            "a": x.mean(),
            "b": y.mean(),
            "difference": difference.mean(),
            "low": difference.mean() - half,
            "high": difference.mean() + half,
            "variance_reduction": (x.var() + y.var()) / spread.where(spread > 0, np.nan),
        }
    ).rename_axis("metric")
