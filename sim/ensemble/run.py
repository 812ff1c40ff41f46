"""Simulate some runs of a scenario."""

from pathlib import Path

from ..results.results import Results
from ..scenario import Scenario, warn
from ..scenario.load import as_scenario
from .cluster import Cluster
from .execution import Execution, checked, execute
from .job import Job
from .plan import single_plan


def run(
    scenario: Scenario | str | Path,
    runs: int = 64,
    seed: int = 0,
    record: str = "full",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    first: int = 0,
    cluster: Cluster = "none",
    parameters: str | Path | None = None,
) -> Results:
    """Simulate some runs of a scenario on all cores, and open their results.

    Args:
        scenario: What is simulated, or the name or file from which to load it.
        runs: How many runs.
        seed: The master seed; run r has the same noise in every scenario.
        record: `summary` keeps a row per run, `weekly` also weeks and events, `full` also dyads
            and routes.
        engine: `reference`, `compiled`, or `auto` for the faster one that can simulate this.
        out: The folder of the results; without one they live as long as the returned object.
            A folder that holds part of the same job is completed.
        workers: Processes; all cores if None. One works in this process.
        progress: Whether to show a bar on stderr; if None, on a terminal.
        first: The number of the first run: `runs=1, first=900` is run 900 alone.
        cluster: `none` for processes of this machine, or a cluster of Dask, `local`, `slurm`, or
            with its keys `{"kind": "tcp", "address": "tcp://host:8786"}`.
        parameters: `posterior`, or a posterior's file: what runs draw from in place of the priors.

    Warns:
        ScenarioWarning: For what is cut or has no effect.

    Raises:
        ValueError: An argument is out of its range, or the engine cannot simulate this.
        OutputError: The folder holds another job, or files that are not results.
        ClusterError: The scheduler cannot be reached, or a worker cannot run the job.
        DiskError: A file cannot be written.
        RunError: A rule, a desk or a policy raised.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> sim.run(world, runs=2, seed=1, workers=1, engine="reference").runs["status"].tolist()
        ['ok', 'ok']
    """
    job, execution = checked(
        lambda: Job(
            single_plan(as_scenario(scenario, parameters)), runs, first, seed, record, engine
        ),
        lambda: Execution(workers, cluster, progress),
    )
    warn(job.plan.warnings)
    return execute(job, execution, out)
