"""Simulate a table of points of a scenario."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.results import Results
from ..scenario import Scenario, warn
from ..scenario.load import as_scenario
from .cluster import Cluster
from .columns import plain_columns
from .designs import grid
from .execution import Execution, checked, execute
from .job import Job
from .plan import design_plan, table_plan

if TYPE_CHECKING:
    import pandas as pd


def sweep(
    scenario: Scenario | str | Path,
    over: "Mapping[str, Sequence[Any]] | pd.DataFrame",
    runs: int = 16,
    seed: int = 0,
    record: str = "summary",
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    design: str | None = None,
    points: int = 256,
    cluster: Cluster = "none",
) -> Results:
    """Simulate a table of points; run r has the same noise at every point.

    Args:
        scenario: What the points change, or the name or file from which to load it.
        over: The values of each path, `{"rules.watch.detection": [0, 0.01]}`, of which every
            combination is a point; or a frame, whose rows are the points and whose columns are
            paths; or, with a design, the lowest and the highest value of each path.
        runs: How many runs per point.
        seed: The master seed, and that of the design.
        record: As in `run`.
        engine: As in `run`.
        out: As in `run`.
        workers: As in `run`.
        progress: As in `run`.
        design: What fills the ranges: `sobol`, `latin_hypercube`, `morris`, `saltelli`, `grid`.
        points: The size of the design; `sim.ensemble.designs.DESIGNS` says of what.
        cluster: As in `run`.

    Warns:
        ScenarioWarning: For what is cut or has no effect.

    Raises:
        ScenarioError: All that is wrong with the table or with any value.
        ValueError: An argument is out of its range, or the engine cannot simulate this.
        OutputError: The folder holds another job, or files that are not results.
        ClusterError, DiskError, RunError: As of `run`.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> over = {"states.RED.spending": [40, 80]}
        >>> results = sim.sweep(world, over, runs=1, workers=1, engine="reference")
        >>> results.runs["states.RED.spending"].tolist()
        [40.0, 80.0]
    """
    scenario = as_scenario(scenario)
    columns = plain_columns(over)
    if design is not None:
        plan = design_plan(scenario, design, columns, points, seed)
    else:
        plan = table_plan(scenario, grid(columns) if isinstance(over, Mapping) else columns)
    job, execution = checked(
        lambda: Job(plan, runs, 0, seed, record, engine),
        lambda: Execution(workers, cluster, progress),
    )
    warn(job.plan.warnings)
    return execute(job, execution, out)
