"""Play a table of points of a scenario."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.results import Results
from ..scenario import Scenario
from .cluster import Cluster
from .designs import grid
from .execution import play
from .plan import filled, listed, planned

if TYPE_CHECKING:
    import pandas as pd


def sweep(
    scenario: Scenario,
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
    """Plays a table of points; run r meets the same luck at every point.

    Args:
        scenario: What the points change.
        over: The values of each path, `{"rules.watch.detection": [0, 0.01]}`, of which every
            combination is a point; or a frame, whose rows are the points and whose columns are
            paths; or, with a design, the lowest and the highest value of each path.
        runs: How many runs a point.
        seed: The master seed, and that of the design.
        record: As in `run`.
        engine: As in `run`.
        out: As in `run`.
        workers: As in `run`.
        progress: As in `run`.
        design: What fills the ranges: `sobol`, `latin_hypercube`, `morris`, `saltelli`, `grid`.
        points: Of the design; what they count stands at `sim.ensemble.designs.DESIGNS`.
        cluster: As in `run`.

    Raises:
        ScenarioError: All that is wrong with the table or with any value.
        ValueError: An argument is out of its range, or the engine cannot play this.
        OutputError: The folder holds another job, or things that are not results.
    """
    columns = listed(over)
    if design is not None:
        plan = filled(scenario, design, columns, points, seed)
    else:
        plan = planned(scenario, grid(columns) if isinstance(over, Mapping) else columns)
    return play(plan, runs, seed, record, engine, out, workers, progress, 0, cluster)
