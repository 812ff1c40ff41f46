"""Play some runs of a scenario."""

from pathlib import Path

from ..results.results import Results
from ..scenario import Scenario
from .cluster import Cluster
from .execution import play
from .plan import single


def run(
    scenario: Scenario,
    runs: int = 64,
    seed: int = 0,
    record: str = "full",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    first: int = 0,
    cluster: Cluster = "none",
) -> Results:
    """Plays some runs of a seed, on all cores, and opens what they left.

    Args:
        scenario: What is played.
        runs: How many runs.
        seed: The master seed; run r has the same noise in every scenario.
        record: `summary` keeps a row a run, `weekly` also weeks and events, `full` also dyads.
        engine: `reference`, `compiled`, or `auto` for the faster one that can play this.
        out: The folder of the results; without one they live as long as the returned object.
            A folder that holds part of the same job is completed.
        workers: Processes; all cores if None. One plays in this process.
        progress: Whether to show a bar on stderr; if None, on a terminal.
        first: The number of the first run: `runs=1, first=900` plays run 900 alone.
        cluster: Who plays: `none` for processes here, or a cluster of Dask, `local`, `slurm`, or
            with its keys `{"kind": "tcp", "address": "tcp://host:8786"}`.

    Raises:
        ValueError: An argument is out of its range, or the engine cannot play this.
        OutputError: The folder holds another job, or things that are not results.
        ClusterError: The scheduler cannot be reached, or a worker cannot play this.
        DiskError: A file cannot be written.
        RunError: A rule, a desk or a policy raised.
    """
    keys = (runs, seed, record, engine, out, workers, progress, first, cluster)
    return play(single(scenario), *keys)
