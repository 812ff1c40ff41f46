"""Scenario discovery: in which part of the space of inputs the runs of interest lie.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010), by ema_workbench (Kwakkel 2017), peels a box
around them: thin slices off its sides, as long as that makes the runs of interest denser in what is
left. *Coverage* is the share of them that lie in the box, *density* their share of its runs. The
search takes the best of many slices, so its own density flatters: a quarter of the runs is held
out of it, and the box is judged by these as well.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool

from ..results.intervals import wilson
from ..results.responses import require_columns, swept_values
from ..results.results import Results
from ..results.store import atomic_write

if TYPE_CHECKING:
    import pandas as pd

HELD_OUT = 0.25
"""Share of the runs that no search sees."""
FEWEST = 20
"""Runs of interest, and runs of none, for a search."""
FEWEST_RUNS_FOR_PRIORS = 50
"""Runs per point, for priors to be inputs: run r draws the same ones at every point, so with few
runs a box around one prior is a box around one run's noise."""
ANY = 1e-9
"""Any density will do for a way to be shown; at 0 PRIM would count every run as of interest."""
SMALLEST = 0.05
"""Share of the runs in the smallest box."""


@dataclass(frozen=True)
class Limit:
    """A side of a box: what it allows of an input.

    - `low`, `high`: of numbers; `among`: of texts.
    - `least`, `most`: of the runs searched; `every`: all the texts.
    - `quasi_p`: of the lower and the upper end (Bryant & Lempert 2010): how often chance alone
      would have made the box as dense without that end. NaN where it does not cut.
    """

    path: str
    low: float = np.nan
    high: float = np.nan
    least: float = np.nan
    most: float = np.nan
    among: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    quasi_p: tuple[float, float] = (np.nan, np.nan)

    def __str__(self) -> str:
        if self.every:
            return " or ".join(self.among)
        if self.low <= self.least:
            return f"at most {self.high:.4g}"
        if self.high >= self.most:
            return f"at least {self.low:.4g}"
        return f"{self.low:.4g} to {self.high:.4g}"

    def holds(self, column: "pd.Series") -> Bool[np.ndarray, " run"]:
        """Return which runs it allows; an end that does not cut has no bound."""
        if self.every:
            return np.asarray(column.isin(list(self.among)))
        low = self.low if self.low > self.least else -np.inf
        high = self.high if self.high < self.most else np.inf
        return np.asarray((column >= low) & (column <= high))


@dataclass(frozen=True)
class Found:
    """A box, and how it does on some runs.

    - `inside`: runs in the box and in none before it; `of_interest`: those of them of interest;
      `all_of_interest`: in and out of it.
    """

    inside: int
    of_interest: int
    all_of_interest: int

    @property
    def coverage(self) -> tuple[float, float, float]:
        """Return the coverage with Wilson's interval.

        It is too narrow where runs share a point or their noise, and so are not independent.
        """
        return _share(self.of_interest, self.all_of_interest)

    @property
    def density(self) -> tuple[float, float, float]:
        """Return the density with Wilson's interval, as `coverage`."""
        return _share(self.of_interest, self.inside)


def _share(part: int, whole: int) -> tuple[float, float, float]:
    return part / whole if whole else np.nan, *wilson(part, whole)


@dataclass(frozen=True)
class Box:
    """A box, the way to it, and how it does on the runs searched and on those held out.

    - `limits`: of the inputs that it restricts.
    - `trajectory`: one row per box on the way: coverage, density, how many inputs are restricted.
    - `chosen`: the place of this box on that way.
    """

    limits: tuple[Limit, ...]
    trajectory: "pd.DataFrame"
    chosen: int
    searched: Found
    held_out: Found


@dataclass(frozen=True)
class Discovery:
    """What was sought and found.

    - `criterion`: which runs are of interest; they are `share` of `runs`.
    - `boxes`: those in which many of them lie.
    """

    criterion: str
    runs: int
    share: float
    boxes: tuple[Box, ...]
    results: Results


def discover(
    results: Results,
    metric: str,
    above: float | None = None,
    below: float | None = None,
    boxes: int = 1,
    density: float | None = None,
    seed: int = 0,
) -> Discovery:
    """Seek boxes of inputs in which a metric is above or below a number.

    Args:
        results: Of a sweep, or of a job whose scenario has priors.
        metric: A column of the table of runs.
        above: Runs with more than this are of interest.
        below: Runs with less than this are.
        boxes: At most so many; each is sought among the runs that no box before it holds.
        density: A box must be so dense, and covers as much as such a box can. If None, a box has
            the largest harmonic mean of coverage and density on its way.
        seed: Of which runs are held out.

    Raises:
        ValueError: All that is wrong with the arguments, or the runs do not allow a search.
    """
    _check(results, metric, above, below, boxes, density)
    frame, values = inputs(results), dict(results.good([metric]))[metric].to_numpy()
    wanted = values > above if above is not None else values < below
    criterion = f"above {above:g}" if above is not None else f"below {below:g}"
    few = min(int(wanted.sum()), int((~wanted).sum()))
    if few < FEWEST:
        raise ValueError(
            f"{metric} {criterion}: {wanted.sum()} of {len(wanted)} runs; at least {FEWEST} must be"
            f" of interest and {FEWEST} not (5 %, 50 % and 95 % of {metric}:"
            f" {', '.join(f'{x:.4g}' for x in np.quantile(values, (0.05, 0.5, 0.95)))})"
        )
    if frame.shape[1] == 0:
        raise ValueError(
            f"{results.path}: nothing differs between its runs but their noise, and priors, which"
            f" need {FEWEST_RUNS_FOR_PRIORS} runs"
        )
    seen = ~_held_out(results, seed)
    found = tuple(_boxes(frame, wanted, seen, boxes, density))
    return Discovery(f"{metric} {criterion}", len(wanted), float(wanted.mean()), found, results)


def _check(
    results: Results,
    metric: str,
    above: float | None,
    below: float | None,
    boxes: int,
    density: float | None,
) -> None:
    wrong = []
    try:
        require_columns(results, [metric])
    except ValueError as error:
        wrong.append(str(error))
    if (above is None) == (below is None):
        wrong.append("above, below: exactly one of them must be set: which runs are of interest")
    if boxes < 1:
        wrong.append(f"boxes: {boxes} is not a whole number of at least 1")
    if density is not None and not 0.0 < density <= 1.0:
        wrong.append(f"density: {density} is not a share, above 0 and at most 1")
    if wrong:
        raise ValueError("\n".join(wrong))


def has_priors(results: Results) -> bool:
    """Return whether there are runs enough for priors to be inputs."""
    return bool(results.manifest["runs"] >= FEWEST_RUNS_FOR_PRIORS)


def inputs(results: Results) -> "pd.DataFrame":
    """Return the inputs of each run that did not fail: swept columns, and the priors it drew.

    Numbers are real numbers: PRIM halves whole ones, which pandas refuses to write back.
    """
    import pandas as pd

    columns = swept_values(results)
    priors = results.scenario.spec.priors if has_priors(results) else ()
    known = [path for path in priors if path not in columns and not _lacking(results, path)]
    ids = results.ids[results.ids["status"] == "ok"]
    point = ids["point"].to_numpy()
    columns_by_path: dict[str, Any] = {path: values[point] for path, values in columns.items()}
    columns_by_path |= {path: values.to_numpy(float) for path, values in results.good(known)}
    frame = pd.DataFrame(
        {
            path: columns_by_path[path]
            for path in columns_by_path
            if len(set(columns_by_path[path])) > 1
        }
    )
    return frame.astype({p: object for p in frame if not pd.api.types.is_float_dtype(frame[p])})


def _lacking(results: Results, column: str) -> bool:
    """Return whether some runs have no such column, as where a point's doctrine settled a prior."""
    try:
        require_columns(results, [column])
    except ValueError:
        return True
    return False


def _held_out(results: Results, seed: int) -> Bool[np.ndarray, " run"]:
    """Return which runs that did not fail are held out: all of a run number, or of a point."""
    ids = results.ids[results.ids["status"] == "ok"]
    group = ids["run" if has_priors(results) else "point"].to_numpy()
    group = group - group.min()
    chance = np.random.default_rng(seed).random(int(group.max()) + 1)
    held = np.argsort(np.argsort(chance)) < HELD_OUT * len(chance)
    return np.asarray(held[group])


def _boxes(
    frame: "pd.DataFrame",
    wanted: Bool[np.ndarray, " run"],
    seen: Bool[np.ndarray, " run"],
    boxes: int,
    density: float | None,
) -> Iterator[Box]:
    """Yield the boxes, one after the other, until nothing is left to find."""
    with _quiet():
        from ema_workbench.analysis import prim

    with _quiet():
        search = prim.Prim(frame[seen], wanted[seen], threshold=ANY, mass_min=SMALLEST)
        free = np.ones(len(wanted), bool)
        for _ in range(boxes):
            found = search.find_box()
            if found is None or found.peeling_trajectory["k"].iloc[0] < FEWEST:
                return
            way = found.peeling_trajectory.reset_index(drop=True)
            chosen = _chosen(way, density)
            if chosen is None or way["res_dim"][chosen] == 0:
                return
            found.select(chosen)
            limits = tuple(_limits(found.box_lims[chosen], search.box_init, found.qp[chosen]))
            allowed = [limit.holds(frame[limit.path]) for limit in limits]
            inside = np.logical_and.reduce([free, *allowed])
            free &= ~inside
            yield Box(
                limits, way, chosen, *(_counted(inside, wanted, rows) for rows in (seen, ~seen))
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what ema_workbench warns of: extras it can do without, and pandas to come."""
    with warnings.catch_warnings():
        for category, message in (
            (UserWarning, "ipyparallel not installed"),
            (ImportWarning, "altair based"),
            (DeprecationWarning, "The inplace keyword"),
        ):
            warnings.filterwarnings("ignore", message, category)
        yield


def _chosen(way: "pd.DataFrame", density: float | None) -> int | None:
    """Return the place of the box to take; None if none is dense enough."""
    cover, dense = way["coverage"].to_numpy(), way["density"].to_numpy()
    if density is None:
        return int(np.argmax(cover * dense / np.maximum(cover + dense, 1e-9)))
    enough = np.flatnonzero(dense >= density)
    return int(enough[np.argmax(cover[enough])]) if len(enough) else None


def _limits(
    box: "pd.DataFrame", whole: "pd.DataFrame", quasi_p: dict[str, Sequence[float]]
) -> Iterator[Limit]:
    """Yield what a box restricts, the surest first."""
    surest = sorted(quasi_p, key=lambda path: min(p for p in quasi_p[path] if p >= 0.0))
    for path in surest:
        low, high = (p if p >= 0.0 else np.nan for p in quasi_p[path])
        if isinstance(whole[path][0], set):
            every, among = (tuple(sorted(some[path][0])) for some in (whole, box))
            yield Limit(path, among=among, every=every, quasi_p=(low, high))
            continue
        ends = [float(some[path][end]) for some in (box, whole) for end in (0, 1)]
        yield Limit(path, ends[0], ends[1], ends[2], ends[3], quasi_p=(low, high))


def _counted(
    inside: Bool[np.ndarray, " run"],
    wanted: Bool[np.ndarray, " run"],
    rows: Bool[np.ndarray, " run"],
) -> Found:
    here = inside & rows
    return Found(int(here.sum()), int((here & wanted).sum()), int((wanted & rows).sum()))


def write(found: Discovery, folder: Path) -> list[Path]:
    """Write `boxes.csv` and `trajectory.csv`; the same results give the same bytes.

    Args:
        found: What was found.
        folder: Where the files go; made if it is not there.
    """
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    boxes = [
        {"box": number, "path": limit.path, "limit": str(limit)}
        | dict(zip(("quasi_p_low", "quasi_p_high"), limit.quasi_p, strict=True))
        for number, box in enumerate(found.boxes)
        for limit in box.limits
    ]
    ways = [box.trajectory.assign(box=number) for number, box in enumerate(found.boxes)]
    paths = []
    for name, frame in (("boxes", pd.DataFrame(boxes)), ("trajectory", pd.concat(ways))):
        paths.append(folder / f"{name}.csv")
        with atomic_write(paths[-1]) as file:
            frame.to_csv(file, index=False, float_format="%.6g", lineterminator="\n")
    return paths
