"""The compiled engine: the same rulebook under JAX, a block of runs at once.

One program simulates any weeks of any runs of a structure: shapes are fixed, every number is an
argument. It loops over weeks and simulates the runs of a block in lanes, on whatever device JAX
has. The last block of a job is filled up with copies that are thrown away, so that a run has the
same bits whatever runs beside it.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # XLA frames slow compiling in asterisks

import jax
import numpy as np
from jax._src.xla_bridge import backends_are_initialized  # JAX has no public question for it

from .. import noise
from ..desks.registry import REGISTRY
from ..events import Places, event_places
from ..metrics import Metric
from ..scenario import Scenario
from ..scenario.code import describe, metric_sources
from ..scenario.tree import leaves
from .blocks import Row, block
from .points import Points, single_point
from .structure import CHUNK, Structure, is_carried
from .ticks import tick
from .traces import Traces, measured, shape

CPU_OPTIONS: dict[str, str | bool | int] = {
    "xla_cpu_use_fusion_emitters": False,  # half the time to compile, the same speed
    "xla_cpu_experimental_ynn_fusion_type": "",  # its sums and products are slow in float64
}
"""docs/performance.md says what else was tried."""
FLAG = "--xla_backend_extra_options=xla_cpu_disable_loop_unrolling=true"
"""Small loops stay loops: half the time to compile, the same speed. XLA takes this from its
environment alone, and reads that when JAX is first used."""
SMALL, FOR_SMALL = 4, {"xla_backend_optimization_level": 1}
"""Up to so many states compiling is most of a lesson's wait: optimising less takes a fifth off it,
for runs a fifth slower. It follows from the number of states alone, so that a run has the same bits
in any job."""

Summaries = dict[tuple[str, str], Any]

LATE = backends_are_initialized() and FLAG not in os.environ.get("XLA_FLAGS", "")
"""Whether JAX was used before this module could ask for FLAG."""
if not LATE and "xla_backend_extra_options" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {FLAG}".strip()

if getattr(jax.config, "jax_compilation_cache_dir", None) is None:  # a user's own choice stands
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if Path(home).is_absolute():  # there may be no home: programs are not kept then
        jax.config.update("jax_compilation_cache_dir", str(Path(home, "armsflow", "programs")))


@dataclass(frozen=True)
class Program:
    """A compiled structure: how its rows are laid out, what advances it, what it starts from."""

    row: Row
    size: int
    advance: Callable[..., Any]
    blank: Any


def simulate(
    scenario: Scenario,
    seed: int,
    runs: Sequence[int],
    record: str = "full",
    points: Points | None = None,
) -> Traces:
    """Simulate some runs and keep of them what a record holds; as `reference.simulate`.

    Args:
        scenario: What is simulated; in a sweep any scenario of the same structure.
        seed: The master seed.
        runs: The numbers of the runs.
        record: One of `traces.RECORDS`.
        points: In a sweep, what each run has from its point.
    """
    program = compiled_program(scenario, record)
    keys = noise.run_keys(seed, runs)
    points = single_point(scenario, len(runs)) if points is None else points
    changes = points.changes()
    rows, priors = _rows_of_runs(program.row, points, keys, changes)
    size = program.size
    with jax.enable_x64(True):
        shared = jax.device_put((program.row.shared(scenario.built), _counters(scenario)))
        blocks = [
            _block(
                program,
                scenario,
                record,
                shared,
                rows[:, at : at + size],
                keys[at : at + size],
                changes,
            )
            for at in range(0, len(runs), size)
        ]
    for place, block_ in enumerate(blocks):
        block_.events[:, 0] += place * size
    first = blocks[0]
    return Traces(
        point=points.number,
        run=np.asarray(runs, np.int64),
        seed=seed,
        priors=priors,
        swept=points.swept,
        failed_at=np.concatenate([b.failed_at for b in blocks]),
        series={name: np.concatenate([b.series[name] for b in blocks]) for name in first.series},
        summary={key: np.concatenate([b.summary[key] for b in blocks]) for key in first.summary},
        events=np.concatenate([b.events for b in blocks]),
    )


def _rows_of_runs(
    row: Row, points: Points, keys: np.ndarray, changes: Sequence[int]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the rows of some runs by stage, [stage, run, number], and the priors that each drew.

    A stage lasts from one week of `changes` to the next.
    """
    rows = np.empty((len(changes), len(keys), row.size))
    priors = {path: np.full(len(keys), np.nan) for path in points.priors()}
    for number, scenario in enumerate(points.scenarios):
        mine = np.flatnonzero(points.which == number)
        values = {path: column[mine] for path, column in points.values.items()}
        numbers, drawn = scenario.numbers(keys[mine], values)
        rows[:, mine] = row.rows(scenario.built, numbers, len(mine))
        for stage in scenario.stages:
            numbers, _ = stage.scenario.numbers(keys[mine], stage.open_values(values))
            since = changes.index(stage.week)  # until a later stage is written over it
            rows[since:, mine] = row.rows(stage.scenario.built, numbers, len(mine))
        for path, column in drawn.items():
            priors[path][mine] = column
    return rows, priors


@dataclass(frozen=True)
class BlockTraces:
    """What is kept of the runs of a block, as in `Traces`."""

    failed_at: np.ndarray
    series: dict[str, np.ndarray]
    summary: Summaries
    events: np.ndarray


def _block(
    program: Program,
    scenario: Scenario,
    record: str,
    shared: Any,
    rows: np.ndarray,
    keys: np.ndarray,
    changes: Sequence[int],
) -> BlockTraces:
    """Simulate one block, filled up with copies of its last run."""
    runs, weeks, metrics = len(keys), scenario.weeks, measured(record)
    fill = np.minimum(np.arange(program.size), runs - 1)
    kept = metrics if record != "summary" else ()
    series = {m.name: np.empty((runs, weeks, *shape(m, scenario))) for m in kept}
    happened, places = [np.empty((0, 6))], event_places(scenario.built.params.wiring)
    state, step_ = program.blank, CHUNK if kept else weeks
    lanes = np.ascontiguousarray(keys[fill].T)
    for start, stop in _spans(weeks, step_, changes):
        if start in changes:
            numbers = rows[changes.index(start)][fill]
            own = jax.device_put((np.ascontiguousarray(numbers.T), lanes))
        state, packed, weekly, counts = program.advance(*shared, *own, state, start, stop)
        for name, values in weekly.items():
            series[name][:, start:stop] = _by_run(values)[:runs, : stop - start]
        if kept:
            happened.append(_event_rows(_by_run(counts)[:runs, : stop - start], start, places))
        tick(runs * (stop - start) / weeks)
    failed_at, summary = _unpacked(_by_run(packed)[:runs], metrics, scenario)
    events = np.concatenate(happened)
    order = np.argsort(events[:, 0], kind="stable")
    return BlockTraces(failed_at, series, summary, events[order])


def _spans(weeks: int, step_: int, changes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first week and the week after the last of what is simulated at once."""
    ends = [*changes[1:], weeks]
    for first, end in zip(changes, ends, strict=True):
        for start in range(first, end, step_):
            yield start, min(start + step_, end)


def _by_run(lanes: Any) -> np.ndarray:
    """Return what comes back from the device, with the run axis first."""
    return np.moveaxis(np.asarray(lanes), -1, 0)


def _unpacked(
    packed: np.ndarray, metrics: Sequence[Metric], scenario: Scenario
) -> tuple[np.ndarray, Summaries]:
    """Return when runs failed and their summaries, of the one array from the device."""
    summary, at = {}, 1
    for metric in metrics:
        axes = shape(metric, scenario)
        size = int(np.prod(axes))
        for how in metric.reduce:
            values = packed[:, at : at + size].reshape(len(packed), *axes)
            summary[metric.name, how] = values / scenario.weeks if how == "mean" else values
            at += size
    return packed[:, 0].astype(np.int64), summary


def _counters(scenario: Scenario) -> tuple[np.ndarray, ...]:
    """Return what of the noise's layout is numbers."""
    return scenario.layout.c0, scenario.layout.c1, scenario.layout.c3


def _event_rows(counts: np.ndarray, start: int, places: Places) -> np.ndarray:
    """Return the events of some weeks [run, week, count] as rows."""
    sorted_ = counts[:, :, places.order]
    run, week, at = where = np.nonzero(sorted_)
    ends = places.kind[at], places.actor[at], places.target[at]
    return np.stack([run, week + start, *ends, sorted_[where]], axis=-1)


def compiled_program(scenario: Scenario, record: str) -> Program:
    """Return the program of a scenario's structure, compiled if no scenario before had it.

    Args:
        scenario: What is simulated.
        record: What is kept; it decides what the program measures.
    """
    desks = tuple(
        (desk, rule, REGISTRY[desk][rule].function)
        for desk, rules in scenario.rules.items()
        for rule in rules
    )
    row = Row(scenario.built)
    like = tuple(row.places.items())
    own = tuple((n, f, describe(f)) for n, f in scenario.code.phases.items())
    metrics = measured(record)
    measures = metrics, tuple(shape(m, scenario) for m in metrics), str(metric_sources())
    key = (like, scenario.layout.pieces, desks, own, measures, record == "summary")
    if key not in _PROGRAMS:
        _PROGRAMS[key] = _compile(scenario, record, row)
    return _PROGRAMS[key]


_PROGRAMS: dict[Any, Program] = {}


def _compile(scenario: Scenario, record: str, row: Row) -> Program:
    """Compile a structure."""
    if LATE:
        _say_once(
            "warning: JAX was used before armsflow: programs take twice as long to compile, and"
            " last digits are not those of other processes. Import sim.engines.compiled first, or"
            f" set XLA_FLAGS={FLAG}"
        )
    size = block(len(scenario.states))
    metrics = measured(record)
    shapes = {m.name: shape(m, scenario) for m in metrics}
    structure = Structure(
        row,
        scenario.world(),
        scenario.layout.pieces,
        scenario.phases,
        metrics,
        shapes,
        record != "summary",
        size,
    )
    with jax.enable_x64(True):
        keys = np.zeros((2, size), np.uint64)
        rows = np.zeros((row.size, size))
        world = [np.zeros((*a.shape, size), a.dtype) for a in leaves(scenario.world())]
        running = {
            (m.name, how): np.zeros((*shapes[m.name], size))
            for m in metrics
            for how in m.reduce
            if is_carried(m, how)
        }
        blank = jax.device_put((world, running, np.zeros(size, np.int64)))
        lowered = jax.jit(structure.advance).lower(
            row.shared(scenario.built), _counters(scenario), rows, keys, blank, 0, CHUNK
        )
        with _cache_in_a_sentence():
            compiled = lowered.compile(compiler_options=_options(len(scenario.states)))
        return Program(row, size, compiled, blank)


@contextmanager
def _cache_in_a_sentence() -> Iterator[None]:
    """Say once in a sentence that programs cannot be kept; JAX warns of each, with paths."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if "persistent compilation cache" not in str(warning.message):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        else:
            _say_once(
                "warning: compiled programs cannot be kept in the cache, its folder is full or may"
                " not be written: each job compiles anew"
            )


def _say_once(sentence: str) -> None:
    if sentence not in _SAID:
        _SAID.add(sentence)
        print(sentence, file=sys.stderr)


_SAID: set[str] = set()
"""What was said in this process."""


def _options(states: int) -> dict[str, Any]:
    if jax.default_backend() != "cpu":
        return {}
    return (FOR_SMALL if states <= SMALL else {}) | CPU_OPTIONS
