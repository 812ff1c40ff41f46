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
    """Simulate two scenarios under common random numbers and compare them run by run.

    Args:
        a: The first scenario.
        b: The second; differences are of it less the first.
        runs: How many runs of each.
        seed: The master seed of both.
        workers: As in `run`.

    Returns:
        What `results.paired` gives: a row for each summary metric that both have.
    """
    first, second = (run(s, runs, seed, record="summary", workers=workers) for s in (a, b))
    return paired(first, second)
