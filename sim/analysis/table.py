"""A table of simulations: what runs drew from their priors, and the series that the data are about.

Run r draws its priors and its noise by its own number, so the runs 0 to n - 1 are a sample of the
model as it is before any data. The table is kept in parts; those that are there are not simulated
again.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float64, Int64
from tqdm import tqdm

from ..engines.points import Points
from ..engines.traces import Traces
from ..ensemble.job import resolve_engine
from ..results.store import OutputError, atomic_write, digest
from ..scenario import Scenario
from .sample import LOSER, ROUTE, TESTER

PART = 512
"""Runs per part."""
SERIES = ("containers", "losses", "tests")


@dataclass(frozen=True)
class Table:
    """N runs that stayed within their range.

    - `run`: their numbers.
    - `values`: what each drew, [run, prior], in the order of `paths`.
    - `series`: by name of SERIES, [run, week].
    """

    run: Int64[np.ndarray, " run"]
    paths: tuple[str, ...]
    values: Float64[np.ndarray, "run prior"]
    series: dict[str, np.ndarray]


def series_of(traces: Traces, scenario: Scenario) -> dict[str, np.ndarray]:
    """Return the series that the data are about, [run, week] each.

    Args:
        traces: Of a full record.
        scenario: What was simulated.
    """
    states = scenario.states
    route = scenario.routes.index(ROUTE)
    return {
        "containers": traces.series["containers"][:, :, route],
        "losses": traces.series["losses"][:, :, states.index(LOSER)],
        "tests": traces.series["tests"][:, :, states.index(TESTER)],
    }


def simulated(
    scenario: Scenario, seed: int, runs: Sequence[int], engine: str, points: Points | None = None
) -> tuple[np.ndarray, Float64[np.ndarray, "run prior"], dict[str, np.ndarray]]:
    """Return which of some runs stayed in range, what they drew, and their series.

    Args:
        scenario: What is simulated.
        seed: The master seed.
        runs: The numbers of the runs.
        engine: `reference` or `compiled`.
        points: What each run has from a point, if anything.
    """
    if engine == "compiled":
        from ..engines.compiled import simulate
    else:
        from ..engines.reference import simulate
    traces = simulate(scenario, seed, runs, "full", points)
    drawn = np.stack([traces.priors[path] for path in scenario.priors], axis=1)
    return traces.failed_at < 0, drawn, series_of(traces, scenario)


def _part(task: tuple[Scenario, int, range, str]) -> pa.Table:
    """Return a part of the table, as it is stored."""
    scenario, seed, runs, engine = task
    sound, drawn, series = simulated(scenario, seed, runs, engine)
    columns: dict[str, Any] = {"run": np.asarray(runs)[sound]}
    columns |= {path: drawn[sound, place] for place, path in enumerate(scenario.priors)}
    for name, values in series.items():
        flat = pa.array(values[sound].astype(np.float32).ravel())
        columns[name] = pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
    return pa.table(columns)


def simulation_table(
    scenario: Scenario,
    runs: int,
    seed: int,
    folder: Path,
    engine: str = "auto",
    workers: int = 1,
    progress: bool = False,
) -> Table:
    """Simulate a table, or what is missing of it, and return it.

    Args:
        scenario: What is simulated, with its priors.
        runs: How many runs, those that leave their range among them.
        seed: The master seed.
        folder: Where its parts are kept, each under the hash of all that it depends on.
        engine: As in `sim.run`.
        workers: Processes.
        progress: Whether to show a bar.

    Raises:
        ValueError: The engine cannot simulate this.
        OutputError: The folder cannot be made.
    """
    engine = resolve_engine(engine, scenario)
    key = digest({"scenario": scenario.digest, "seed": seed, "engine": engine, "part": PART})[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"out: {folder} cannot be made: {error.strerror}") from None
    spans = [range(at, min(at + PART, runs)) for at in range(0, runs, PART)]
    paths = [folder / f"{key}-{span.start:07d}-{span.stop:07d}.parquet" for span in spans]
    kept = {place: found for place, path in enumerate(paths) if (found := _stored(path))}
    missing = [place for place in range(len(spans)) if place not in kept]
    tasks = [(scenario, seed, spans[place], engine) for place in missing]
    bar = tqdm(total=runs, desc="simulations", unit="run", disable=not progress)
    bar.update(sum(len(spans[place]) for place in kept))
    for place, part in zip(missing, _parts(tasks, workers), strict=True):
        with atomic_write(paths[place]) as file:
            pq.write_table(part, file)
        kept[place] = part
        bar.update(len(spans[place]))
    bar.close()
    whole = pa.concat_tables([kept[place] for place in range(len(spans))])
    values = np.stack([whole[path].to_numpy() for path in scenario.priors], axis=1)
    return Table(
        whole["run"].to_numpy(),
        scenario.priors,
        values,
        {name: _matrix(whole[name], scenario.weeks) for name in SERIES},
    )


def _parts(tasks: list[Any], workers: int) -> Iterator[pa.Table]:
    if workers == 1 or len(tasks) < 2:
        yield from map(_part, tasks)
        return
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_part, tasks)


def _stored(path: Path) -> pa.Table | None:
    """Return a part that is there and whole, else None."""
    with suppress(OSError, pa.ArrowInvalid):
        return pq.read_table(path)
    return None


def _matrix(column: pa.ChunkedArray, weeks: int) -> np.ndarray:
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat.reshape(-1, weeks), np.float64)
