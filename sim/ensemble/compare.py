"""Compare two scenarios run by run."""

from typing import TYPE_CHECKING

from ..results.results import paired
from ..scenario import Scenario
from .run import run

if TYPE_CHECKING:
    import pandas as pd


def compare(
    a: Scenario, b: Scenario, runs: int = 64, seed: int = 0, workers: int | None = None
) -> "pd.DataFrame":
    """Plays two scenarios under the same luck and compares them run by run.

    Returns:
        What `results.paired` gives: a row a summary metric that both have.
    """
    first, second = (run(s, runs, seed, record="summary", workers=workers) for s in (a, b))
    return paired(first, second)
