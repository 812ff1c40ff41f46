"""Which numbers move which metrics, and how much of their variance is chance.

Two methods, each on a design of its own. *Morris* (1991; Campolongo et al. 2007) screens:
`mu_star`, the mean size of an elementary effect, is how far a metric moves along the whole range of
a number, `sigma` how unequal these moves are. *Sobol* (Saltelli et al. 2010) shares out variance:
`first`, what a number moves alone, `total`, with all that it takes part in.

Both are taken of the mean of a point's runs. Run r has the same noise at every point, so noise
that moves all points alike cancels. Noise that acts otherwise at one point than at another does
not: it remains in the means, lowers `first` and raises `total`. How much of it there is stands
beside the indices (`Chance`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from ..ensemble.designs import LEVELS, Ranges, design, problem
from ..ensemble.execution import Execution, checked, execute
from ..ensemble.job import Job
from ..ensemble.plan import table_plan
from ..results.intervals import student
from ..results.responses import headline_metrics, responses
from ..results.results import Results
from ..results.store import atomic_write
from ..results.sweep_table import varying_values

if TYPE_CHECKING:
    import pandas as pd

    from ..scenario import Scenario

Means = Float[np.ndarray, " point"]
Table = Float[np.ndarray, "point path"]
Values = Float[np.ndarray, "point run"]

FEWEST_RUNS = 8
"""Per point: with fewer, chance cannot be separated from what is swept."""
FEWEST_BASES = 8
"""Base points or trajectories from which indices are taken."""
METHODS = {"sobol": ("saltelli", 512), "morris": ("morris", 32)}
"""By name: the design, and how many base points or trajectories by default."""
GROUPS = 20
"""Of base points, left out in turn for an interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Chance:
    """How much of a metric's variance over points and runs is chance.

    - `share`: of the variance, what is within points, with its interval. That is noise, and the
      uncertain numbers that each run draws and nobody swept.
    - `noise`: of the variance of the points' means, what is noise that pairing does not cancel.
    """

    share: float
    low: float
    high: float
    noise: float


@dataclass(frozen=True)
class Sensitivity:
    """Indices of some metrics.

    - `method`: `sobol` or `morris`.
    - `over`: the range of each path, as far as its points reach.
    - `bases`: how many base points or trajectories, and `left_out`, for runs that lack or failed.
    - `runs`: how many per point.
    - `indices`: one row per metric, path, index and number of base points: `value`, `low`, `high`.
      The last number of base points is all of them. NaN: a metric that does not vary.
    - `chance`: by metric.
    """

    method: str
    over: Ranges
    bases: int
    left_out: int
    runs: int
    indices: "pd.DataFrame"
    chance: dict[str, Chance]
    results: Results

    @property
    def final(self) -> "pd.DataFrame":
        """Return the indices of all base points."""
        return self.indices[self.indices["bases"] == self.bases]


def sweep(
    scenario: "Scenario",
    over: Ranges,
    method: str = "sobol",
    points: int | None = None,
    runs: int = FEWEST_RUNS,
    seed: int = 0,
    engine: str = "auto",
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Simulate the points that a method needs; what the folder `out` holds of them is kept.

    Args:
        scenario: What the points change.
        over: The lowest and the highest value of each path.
        method: One of METHODS.
        points: Base points (a power of 2) or trajectories.
        runs: How many per point.
        seed: The master seed, and the design's.
        engine: As in `sim.run`.
        out: As in `sim.run`.
        workers: As in `sim.run`.
        progress: As in `sim.run`.

    Raises:
        ValueError: All that is wrong with the method, the design or the runs.
        ScenarioError: All that is wrong with the paths and their ranges.
        OutputError: The folder holds another job.
    """
    wrong = [] if method in METHODS else [f"method: {method!r} is none of {', '.join(METHODS)}"]
    if runs < FEWEST_RUNS:
        wrong.append(
            f"runs: {runs} per point; at least {FEWEST_RUNS} separate chance from what is swept"
        )
    if wrong:
        raise ValueError("\n".join(wrong))
    kind, many = METHODS[method]
    table = design(kind, over, many if points is None else points, seed)
    plan = table_plan(scenario, table)
    job, execution = checked(
        lambda: Job(plan, runs, 0, seed, "summary", engine),
        lambda: Execution(workers, progress=progress),
    )
    return execute(job, execution, out)


def analyse(results: Results, metrics: Sequence[str] | None = None) -> Sensitivity:
    """Return the indices of a finished sweep, however it was run.

    Args:
        results: Of a sweep over a Saltelli arrangement or Morris's trajectories.
        metrics: Columns of the table of runs; `headlines` if None.

    Raises:
        ValueError: The sweep is of no such design, has too few runs per point or too few whole base
            points, or a column is lacking.
    """
    import pandas as pd

    runs = results.manifest["runs"]
    if runs < FEWEST_RUNS:
        raise ValueError(
            f"{results.path}: {runs} runs per point; at least {FEWEST_RUNS} are needed"
        )
    method, table, over = recognise_design(results)
    block = len(over) + (2 if method == "sobol" else 1)
    rows, chance = [], {}
    whole = np.ones(0, bool)
    for metric, values in responses(results, metrics or headline_metrics(results)):
        whole = np.isfinite(values).reshape(-1, block * runs).all(axis=1)
        if whole.sum() < FEWEST_BASES:
            raise ValueError(
                f"{results.path}: {whole.sum()} base points whose runs were all completed;"
                f" at least {FEWEST_BASES} are needed"
            )
        kept = np.repeat(whole, block)
        chance[metric] = share_of_chance(values[kept], block)
        found = converging_indices(method, over, table[kept], values[kept].mean(axis=1))
        rows += [{"metric": metric} | row for row in found]
    bases = int(whole.sum())
    missing = len(whole) - bases
    return Sensitivity(method, over, bases, missing, runs, pd.DataFrame(rows), chance, results)


def recognise_design(results: Results) -> tuple[str, Table, Ranges]:
    """Return whose design the points of a sweep are, their values, and the range of each path.

    Raises:
        ValueError: They are of no such design.
    """
    columns = varying_values(results)
    texts = [path for path, values in columns.items() if values.dtype.kind == "U"]
    message = f"{results.path}: neither a Saltelli arrangement nor Morris trajectories"
    if not columns or texts:
        why = f"{', '.join(texts)}: texts, not numbers" if texts else "no sweep"
        raise ValueError(f"{message} ({why})")
    table = np.stack(list(columns.values()), axis=1)
    over = {path: (float(x.min()), float(x.max())) for path, x in columns.items()}
    for method, follows in (("sobol", _is_saltelli), ("morris", _is_morris)):
        if follows(table):
            return method, table, over
    raise ValueError(f"{message}; armsflow -m design=saltelli makes one")


def _is_saltelli(table: Table) -> bool:
    """Return whether a table has blocks of A, A with one column of B after the other, B."""
    paths = table.shape[1]
    if len(table) % (paths + 2):
        return False
    blocks = table.reshape(-1, paths + 2, paths)
    first, mixed, last = blocks[:, :1], blocks[:, 1:-1], blocks[:, -1:]
    return bool((mixed == np.where(np.eye(paths, dtype=bool), last, first)).all())


def _is_morris(table: Table) -> bool:
    """Return whether a table is of walks that change each column once, one per step."""
    paths = table.shape[1]
    if len(table) % (paths + 1):
        return False
    moved = np.diff(table.reshape(-1, paths + 1, paths), axis=1) != 0.0
    return bool((moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all())


def converging_indices(
    method: str, over: Ranges, table: Table, means: Means
) -> Iterator[dict[str, Any]]:
    """Yield the indices of the first base points: of 8, of twice as many, and so on, up to all.

    Args:
        method: `sobol` or `morris`.
        over: The range of each path.
        table: The values of the points, [point, path].
        means: The metric's mean over the runs of each point, [point].
    """
    block = len(over) + (2 if method == "sobol" else 1)
    total = len(means) // block
    counts = [n for n in (FEWEST_BASES << k for k in range(32)) if n < total] + [total]
    for bases in counts:
        some = bases * block
        for row in ESTIMATES[method](over, table[:some], means[:some]):
            yield {"bases": bases} | row


def sobol(over: Ranges, table: Table, means: Means) -> Iterator[dict[str, Any]]:
    """Yield first and total indices of each path, by SALib; intervals from its bootstrap.

    Args:
        over: The range of each path.
        table: The values of the points, [point, path].
        means: The metric's mean over the runs of each point, [point].
    """
    from SALib.analyze import sobol as salib

    if np.ptp(means.reshape(-1, len(over) + 2)[:, [0, -1]]) == 0.0:  # it normalises by these
        yield from _flat(over, ("first", "total"))
        return
    # SALib takes its seed 0 for none
    found = salib.analyze(
        problem(over), means, calc_second_order=False, conf_level=LEVEL, num_resamples=200, seed=1
    )
    for index, name in (("first", "S1"), ("total", "ST")):
        for path, value, half in zip(over, found[name], found[f"{name}_conf"], strict=True):
            yield _row(path, index, value, half)


def morris(over: Ranges, table: Table, means: Means) -> Iterator[dict[str, Any]]:
    """Yield elementary effects of each path along its range, by SALib.

    Of mu_star alone there is an interval.

    Args:
        over: The range of each path.
        table: The values of the points, [point, path].
        means: The metric's mean over the runs of each point, [point].
    """
    from SALib.analyze import morris as salib

    low, high = np.asarray(list(over.values())).T
    unit = (table - low) / (high - low)
    found = salib.analyze(
        problem(over), unit, means, num_levels=LEVELS, conf_level=LEVEL, num_resamples=200, seed=1
    )
    for name in ("mu_star", "mu", "sigma"):
        halves = found["mu_star_conf"] if name == "mu_star" else [np.nan] * len(over)
        for path, value, half in zip(over, found[name], halves, strict=True):
            yield _row(path, name, value, half)


def _row(path: str, index: str, value: float, half: float) -> dict[str, Any]:
    value, half = float(value), float(half)
    return {"path": path, "index": index, "value": value, "low": value - half, "high": value + half}


def _flat(over: Ranges, indices: Sequence[str]) -> Iterator[dict[str, Any]]:
    for index in indices:
        for path in over:
            yield _row(path, index, np.nan, np.nan)


ESTIMATES = {"sobol": sobol, "morris": morris}


def share_of_chance(values: Values, block: int = 1) -> Chance:
    """Return how much of the variance is chance, from all runs of all points.

    Points and runs are crossed, so variance has three parts: of the points, of the noise that all
    points share, and of the rest (analysis of variance of two crossed factors, both drawn). The
    interval leaves out one run after the other, and one group of blocks of points after the other,
    on the scale of log-odds (the jackknife of either, variances added).

    Args:
        values: Without NaN.
        block: How many consecutive points are not independent draws, and so stay together.
    """
    share, noise = _parts(values)
    if share in (0.0, 1.0):
        return Chance(share, share, share, noise)
    points, runs = values.shape
    blocks = points // block
    group = np.repeat(np.arange(blocks) * min(GROUPS, blocks) // blocks, block)
    without_run = [np.delete(values, r, axis=1) for r in range(runs)]
    without_group = [values[group != g] for g in range(min(GROUPS, blocks))]
    variance = sum(_jackknife(some) for some in (without_run, without_group) if len(some) > 1)
    centre, half = _log_odds(share), student(runs - 1, LEVEL) * variance**0.5
    low, high = (float(1.0 / (1.0 + np.exp(-(centre + sign * half)))) for sign in (-1.0, 1.0))
    return Chance(share, low, high, noise)


def _jackknife(parts: Sequence[Values]) -> float:
    odds = np.asarray([_log_odds(_parts(values)[0]) for values in parts])
    n = len(odds)
    return float((n - 1) / n * ((odds - odds.mean()) ** 2).sum())


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    return float(np.log(share / (1.0 - share)))


def _parts(values: Values) -> tuple[float, float]:
    """Return the share of all variance within points, and that of noise in the means."""
    points, runs = values.shape
    of_points = values.mean(axis=1, keepdims=True) - values.mean()
    of_runs = values.mean(axis=0, keepdims=True) - values.mean()
    rest = values - values.mean() - of_points - of_runs
    within = float(((of_runs + rest) ** 2).sum()) / (points * (runs - 1))
    rest_variance = float((rest**2).sum()) / max((points - 1) * (runs - 1), 1)
    means = float((of_points**2).sum()) / max(points - 1, 1)
    swept_part = max(means - rest_variance / runs, 0.0)
    total = within + swept_part
    noise = min(rest_variance / runs / means, 1.0) if means > 0.0 else 0.0
    return (within / total if total > 0.0 else 0.0), noise


def write(found: Sensitivity, folder: Path) -> list[Path]:
    """Write `indices.csv` and `chance.csv`; the same results give the same bytes.

    Args:
        found: The indices.
        folder: Where the files go; made if it is not there.
    """
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    chance = pd.DataFrame(
        [{"metric": name} | vars(values) for name, values in found.chance.items()]
    )
    paths = []
    for name, frame in (("indices", found.indices), ("chance", chance)):
        paths.append(folder / f"{name}.csv")
        with atomic_write(paths[-1]) as file:
            frame.to_csv(file, index=False, float_format="%.6g", lineterminator="\n")
    return paths
