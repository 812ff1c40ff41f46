"""Which numbers move which metrics, and how much of their variance is chance.

Two methods, each on a design of its own. *Morris* (1991; Campolongo et al. 2007) screens:
`mu_star`, the mean size of an elementary effect, is how far a metric moves along the whole range of
a number, `sigma` how unequal these moves are. *Sobol* (Saltelli et al. 2010) shares out variance:
`first`, what a number moves alone, `total`, with all that it takes part in.

Both are taken of the mean of a point's runs. Run r has the same luck at every point, so luck that
moves all points alike cancels. Luck that acts otherwise at one point than at another does not: it
remains in the means as noise, lowers `first` and raises `total`. How much of it there is stands
beside the indices (`Chance`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from ..ensemble.designs import LEVELS, Ranges, design, problem
from ..ensemble.plan import planned
from ..ensemble.run import play
from ..results.intervals import student
from ..results.responses import headlines, responses
from ..results.results import Results
from ..results.store import written
from ..results.sweep_table import varied

if TYPE_CHECKING:
    import pandas as pd

    from ..scenario import Scenario

Means = Float[np.ndarray, " point"]
Table = Float[np.ndarray, "point path"]
Values = Float[np.ndarray, "point run"]

FEWEST_RUNS = 8
"""A point: with fewer, chance is not told apart from what is swept."""
FEWEST_BASES = 8
"""Base points or trajectories from which indices are taken."""
METHODS = {"sobol": ("saltelli", 512), "morris": ("morris", 32)}
"""By name: the design, and how many base points or trajectories if nobody says."""
GROUPS = 20
"""Of base points, left out in turn for an interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Chance:
    """How much of a metric's variance over points and runs is chance.

    - `share`: of the variance, what is within points, with its interval. That is luck, and the
      uncertain numbers that each run draws and nobody swept.
    - `noise`: of the variance of the points' means, what is luck that pairing does not cancel.
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
    - `runs`: how many a point.
    - `indices`: a row a metric, path, index and number of base points: `value`, `low`, `high`. The
      last number of base points is all of them. NaN: a metric that does not vary.
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
        """The indices of all base points."""
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
    """Plays the points that a method needs; what the folder `out` holds of them already is kept.

    Args:
        scenario: What the points change.
        over: The lowest and the highest value of each path.
        method: One of METHODS.
        points: Base points (a power of 2) or trajectories.
        runs: A point.
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
        wrong.append(f"runs: {runs} a point; below {FEWEST_RUNS} chance is not told apart")
    if wrong:
        raise ValueError("\n".join(wrong))
    kind, many = METHODS[method]
    table = design(kind, over, many if points is None else points, seed)
    plan = planned(scenario, table)
    return play(plan, runs, seed, "summary", engine, out, workers, progress)


def analysed(results: Results, metrics: Sequence[str] | None = None) -> Sensitivity:
    """The indices of a sweep that was played, whoever played it.

    Args:
        results: Of a sweep over a Saltelli arrangement or Morris's trajectories.
        metrics: Columns of the table of runs; `headlines` if None.

    Raises:
        ValueError: The sweep is of another design, has too few runs a point or too few whole base
            points, or a column is lacking.
    """
    import pandas as pd

    runs = results.manifest["runs"]
    if runs < FEWEST_RUNS:
        raise ValueError(f"{results.path}: {runs} runs a point; {FEWEST_RUNS} are the least")
    method, table, over = arrangement(results)
    block = len(over) + (2 if method == "sobol" else 1)
    rows, chance = [], {}
    whole = np.ones(0, bool)
    for metric, values in responses(results, metrics or headlines(results)):
        whole = np.isfinite(values).reshape(-1, block * runs).all(axis=1)
        if whole.sum() < FEWEST_BASES:
            raise ValueError(
                f"{results.path}: {whole.sum()} base points whose runs all came to their end;"
                f" {FEWEST_BASES} are the least"
            )
        kept = np.repeat(whole, block)
        chance[metric] = share_of_chance(values[kept], block)
        found = converging(method, over, table[kept], values[kept].mean(axis=1))
        rows += [{"metric": metric} | row for row in found]
    bases = int(whole.sum())
    missing = len(whole) - bases
    return Sensitivity(method, over, bases, missing, runs, pd.DataFrame(rows), chance, results)


def arrangement(results: Results) -> tuple[str, Table, Ranges]:
    """The method whose design the points of a sweep are, their values, and the range of each path.

    Raises:
        ValueError: They are of no such design.
    """
    columns = varied(results)
    words = [path for path, values in columns.items() if values.dtype.kind == "U"]
    told = f"{results.path}: no Saltelli arrangement and no Morris trajectories"
    if not columns or words:
        why = f"{', '.join(words)}: words, not numbers" if words else "no sweep"
        raise ValueError(f"{told} ({why})")
    table = np.stack(list(columns.values()), axis=1)
    over = {path: (float(x.min()), float(x.max())) for path, x in columns.items()}
    for method, follows in (("sobol", _is_saltelli), ("morris", _is_morris)):
        if follows(table):
            return method, table, over
    raise ValueError(f"{told}; armsflow -m design=saltelli makes one")


def _is_saltelli(table: Table) -> bool:
    """Blocks of A, A with one column of B after the other, B."""
    paths = table.shape[1]
    if len(table) % (paths + 2):
        return False
    blocks = table.reshape(-1, paths + 2, paths)
    first, mixed, last = blocks[:, :1], blocks[:, 1:-1], blocks[:, -1:]
    return bool((mixed == np.where(np.eye(paths, dtype=bool), last, first)).all())


def _is_morris(table: Table) -> bool:
    """Walks that change each column once, one at a step."""
    paths = table.shape[1]
    if len(table) % (paths + 1):
        return False
    moved = np.diff(table.reshape(-1, paths + 1, paths), axis=1) != 0.0
    return bool((moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all())


def converging(method: str, over: Ranges, table: Table, means: Means) -> Iterator[dict[str, Any]]:
    """The indices of the first base points: of 8, of twice as many, and so on, up to all."""
    block = len(over) + (2 if method == "sobol" else 1)
    total = len(means) // block
    counts = [n for n in (FEWEST_BASES << k for k in range(32)) if n < total] + [total]
    for bases in counts:
        some = bases * block
        for row in ESTIMATES[method](over, table[:some], means[:some]):
            yield {"bases": bases} | row


def sobol(over: Ranges, table: Table, means: Means) -> Iterator[dict[str, Any]]:
    """First and total indices of each path, by SALib; intervals from its bootstrap."""
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
    """Elementary effects of each path along its range, by SALib; an interval of mu_star alone."""
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
    """How much of the variance is chance, from all runs of all points.

    Points and runs are crossed, so variance has three parts: of the points, of the luck that all
    points share, and of the rest (analysis of variance of two crossed factors, both drawn). The
    interval leaves out one run after the other, and one group of blocks of points after the other,
    on the scale of log-odds (the jackknife of either, variances added).

    Args:
        values: Without NaN.
        block: So many points after each other are no independent draws: they stay together.
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
    told = np.asarray([_log_odds(_parts(values)[0]) for values in parts])
    n = len(told)
    return float((n - 1) / n * ((told - told.mean()) ** 2).sum())


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    return float(np.log(share / (1.0 - share)))


def _parts(values: Values) -> tuple[float, float]:
    """The share within points of all variance, and of uncancelled luck of that of the means."""
    points, runs = values.shape
    of_points = values.mean(axis=1, keepdims=True) - values.mean()
    of_runs = values.mean(axis=0, keepdims=True) - values.mean()
    rest = values - values.mean() - of_points - of_runs
    within = float(((of_runs + rest) ** 2).sum()) / (points * (runs - 1))
    luck = float((rest**2).sum()) / max((points - 1) * (runs - 1), 1)
    means = float((of_points**2).sum()) / max(points - 1, 1)
    swept_part = max(means - luck / runs, 0.0)
    total = within + swept_part
    noise = min(luck / runs / means, 1.0) if means > 0.0 else 0.0
    return (within / total if total > 0.0 else 0.0), noise


def write(found: Sensitivity, folder: Path) -> list[Path]:
    """Writes `indices.csv` and `chance.csv`; the same results give the same bytes."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    chance = pd.DataFrame([{"metric": name} | vars(told) for name, told in found.chance.items()])
    paths = []
    for name, frame in (("indices", found.indices), ("chance", chance)):
        paths.append(folder / f"{name}.csv")
        with written(paths[-1]) as temporary:
            frame.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return paths
