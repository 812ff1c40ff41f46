"""The compiled engine: the same rulebook under JAX, a block of runs at once.

One program plays any weeks of any runs of a structure: shapes are fixed, every number is an
argument. It loops over weeks and plays the runs of a block in lanes, on whatever device JAX has.
The last block of a job is filled up with copies that are thrown away, so that a run has the same
bits whatever stands beside it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import noise
from ..desks.registry import REGISTRY
from ..events import EVENTS
from ..metrics import Metric, Week
from ..rules.bounds import each_in_range
from ..rules.week import step
from ..scenario import Scenario
from ..scenario.start import opening
from ..world import World, after
from .blocks import Row, block
from .lanes import in_lanes
from .points import Points, only
from .traces import Traces, measured, shape, shown
from .tree import leaves, rebuilt

CHUNK = 26
"""Weeks that come back from the device at once, where weeks are kept."""
BEGIN = {"mean": 0.0, "sum": 0.0, "max": -inf, "min": inf}
ADD: dict[str, Callable[[Any, Any], Any]] = {
    "mean": jnp.add,
    "sum": jnp.add,
    "max": jnp.maximum,
    "min": jnp.minimum,
}
CPU_OPTIONS: dict[str, str | bool | int] = {
    "xla_cpu_use_fusion_emitters": False,  # half the time to compile, the same speed
    "xla_cpu_experimental_ynn_fusion_type": "",  # its sums and products are slow in float64
}
"""What docs/performance.md says was tried."""
SMALL, FOR_SMALL = 4, {"xla_backend_optimization_level": 1}
"""Up to so many states compiling is most of a lesson's wait: a fifth less of it for runs a fifth
slower. It follows from the number of states alone, so that a run has the same bits in any job."""

Summaries = dict[tuple[str, str], Any]

if getattr(jax.config, "jax_compilation_cache_dir", None) is None:  # a user's own choice stands
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if os.path.isabs(home):  # there may be no home: programs are not kept then
        jax.config.update("jax_compilation_cache_dir", os.path.join(home, "armsflow", "programs"))


@dataclass(frozen=True)
class Program:
    """A compiled structure: how its rows are laid out, what runs it, what it starts from."""

    row: Row
    size: int
    run: Callable[..., Any]
    blank: Any


def play(
    scenario: Scenario,
    seed: int,
    runs: Sequence[int],
    record: str = "full",
    points: Points | None = None,
) -> Traces:
    """Plays some runs and keeps of them what `record` asks for; as `reference.play`."""
    program = prepared(scenario, record)
    keys = noise.run_keys(seed, runs)
    points = only(scenario, len(runs)) if points is None else points
    rows, priors = _told(program.row, points, keys)
    size = program.size
    with jax.enable_x64(True):
        shared = jax.device_put((program.row.shared(scenario.built), _counters(scenario)))
        blocks = [
            _block(program, scenario, record, shared, rows[at : at + size], keys[at : at + size])
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
        swept=points.columns,
        failed_at=np.concatenate([b.failed_at for b in blocks]),
        series={name: np.concatenate([b.series[name] for b in blocks]) for name in first.series},
        summary={key: np.concatenate([b.summary[key] for b in blocks]) for key in first.summary},
        events=np.concatenate([b.events for b in blocks]),
    )


def _told(row: Row, points: Points, keys: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The rows of some runs, and the priors that each drew."""
    rows = np.empty((len(keys), row.size))
    priors = {path: np.full(len(keys), np.nan) for path in points.priors()}
    for number, scenario in enumerate(points.scenarios):
        mine = np.flatnonzero(points.which == number)
        values = {path: column[mine] for path, column in points.values.items()}
        numbers, drawn = scenario.numbers(keys[mine], values)
        rows[mine] = row.rows(scenario.built, numbers, len(mine))
        for path, column in drawn.items():
            priors[path][mine] = column
    return rows, priors


@dataclass(frozen=True)
class Played:
    """What the runs of a block leave, as in `Traces`."""

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
) -> Played:
    """Plays one block, filled up with copies of its last run."""
    runs, weeks, metrics = len(rows), scenario.weeks, measured(record)
    fill = np.minimum(np.arange(program.size), runs - 1)
    kept = metrics if record != "summary" else ()
    series = {m.name: np.empty((runs, weeks, *shape(m, scenario))) for m in kept}
    happened = [np.empty((0, 6))]
    state, step_ = program.blank, CHUNK if kept else weeks
    own = jax.device_put((np.ascontiguousarray(rows[fill].T), np.ascontiguousarray(keys[fill].T)))
    for start in range(0, weeks, step_):
        stop = min(start + step_, weeks)
        state, packed, weekly, counts = program.run(*shared, *own, state, start, stop)
        for name, values in weekly.items():
            series[name][:, start:stop] = _by_run(values)[:runs, : stop - start]
        if kept:
            happened.append(_rows(_by_run(counts)[:runs, : stop - start], start))
    failed_at, summary = _unpacked(_by_run(packed)[:runs], metrics, scenario)
    events = np.concatenate(happened)
    order = np.argsort(events[:, 0], kind="stable")
    return Played(failed_at, series, summary, events[order])


def _by_run(lanes: Any) -> np.ndarray:
    """What comes back from the device, with the run axis first."""
    return np.moveaxis(np.asarray(lanes), -1, 0)


def _unpacked(
    packed: np.ndarray, metrics: Sequence[Metric], scenario: Scenario
) -> tuple[np.ndarray, Summaries]:
    """When runs failed and their summaries, from the one array that comes back from the device."""
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
    """What of the noise's layout is numbers."""
    return scenario.layout.c0, scenario.layout.c1, scenario.layout.c3


def _rows(counts: np.ndarray, start: int) -> np.ndarray:
    """The events of some weeks [run, week, kind, actor, target] as rows."""
    run, week, kind, actor, target = where = np.nonzero(counts)
    return np.stack([run, week + start, kind, actor, target, counts[where]], axis=-1)


def prepared(scenario: Scenario, record: str) -> Program:
    """The program of a scenario's structure, compiled if no scenario before had it."""
    desks = tuple(
        (desk, rule, REGISTRY[desk][rule].function)
        for desk, rules in scenario.rules.items()
        for rule in rules
    )
    row = Row(scenario.built)
    like = tuple(row.places.items())
    metrics = measured(record)
    shapes = tuple(shape(metric, scenario) for metric in metrics)
    key = (like, scenario.layout.pieces, desks, metrics, shapes, record == "summary")
    if key not in _PROGRAMS:
        _PROGRAMS[key] = _compiled(scenario, record, row)
    return _PROGRAMS[key]


_PROGRAMS: dict[Any, Program] = {}


def _compiled(scenario: Scenario, record: str, row: Row) -> Program:
    """Compiles a structure."""
    size = block(len(scenario.states))
    metrics = measured(record)
    shapes = {m.name: shape(m, scenario) for m in metrics}
    kept = shapes if record != "summary" else {}
    like, pieces = scenario.world(), scenario.layout.pieces
    many = partial(_many, row, like, pieces, metrics, shapes, kept, size)
    with jax.enable_x64(True):
        keys = np.zeros((2, size), np.uint64)
        rows = np.zeros((row.size, size))
        world = [np.zeros((*a.shape, size), a.dtype) for a in leaves(scenario.world())]
        running = {
            (m.name, how): np.zeros((*shapes[m.name], size))
            for m in metrics
            for how in m.reduce
            if how != "last"
        }
        blank = jax.device_put((world, running, np.zeros(size, np.int64)))
        lowered = jax.jit(many).lower(
            row.shared(scenario.built), _counters(scenario), rows, keys, blank, 0, CHUNK
        )
        compiled = lowered.compile(compiler_options=_options(len(scenario.states)))
        return Program(row, size, compiled, blank)


def _options(states: int) -> dict[str, Any]:
    if jax.default_backend() != "cpu":
        return {}
    return (FOR_SMALL if states <= SMALL else {}) | CPU_OPTIONS


def _many(
    row: Row,
    like: World,
    pieces: tuple[noise.Piece, ...],
    metrics: Sequence[Metric],
    shapes: Mapping[str, tuple[int, ...]],
    kept: Mapping[str, tuple[int, ...]],
    size: int,
    shared: Any,
    counters: Any,
    rows: Any,
    keys: Any,
    state: Any,
    start: Any,
    stop: Any,
) -> Any:
    """Weeks `start` to `stop` - 1 of a block of runs, as JAX traces them; the run axis is last.

    Returns:
        Where the runs stand, when they failed and their summaries in one array, the weeks kept,
        their events.
    """
    c0, c1, c3 = counters
    layout = noise.Layout(c0, c1, c3, pieces)

    def begun(_: Any, own: Any) -> Any:
        (numbers, key), (_, running, _) = own
        built = row.read(numbers, shared)
        u = noise.draw(layout, key, 0)["hard"]
        world = opening(built.params, built.start, lambda chance: (u < chance).astype(chance.dtype))
        running = {name: jnp.full_like(value, BEGIN[name[1]]) for name, value in running.items()}
        return leaves(world), running, jnp.asarray(-1)

    def week(at: Any, own: Any) -> Any:
        (numbers, key), (arrays, running, failed_at) = own
        params = row.read(numbers, shared).params
        luck = noise.draw(layout, key, at)
        # the clock is the same in all runs, and so then is all that follows from it alone
        before = after(rebuilt(like, arrays), week=jnp.asarray(at, jnp.int64))
        world, seen, action, events = step(params, before, luck)
        left = Week(params, world, seen, action, events, luck)
        values = {
            m.name: jnp.asarray(shown(m.value(left), shapes[m.name]), jnp.float64)
            for m in metrics
            if m.name in kept or m.reduce not in ((), ("last",))
        }
        running = {
            (name, how): ADD[how](total, values[name]) for (name, how), total in running.items()
        }
        failed_at = jnp.where((failed_at >= 0) | each_in_range(world), failed_at, at)
        weekly = {name: values[name] for name in kept}
        counts = [jnp.asarray(events[kind], jnp.float64) for kind in EVENTS] if kept else []
        return (leaves(world), running, failed_at), weekly, counts

    def summed(_: Any, own: Any) -> Any:
        (numbers, _), (arrays, running, failed_at) = own
        params = row.read(numbers, shared).params
        unseen: Any = None  # what is summed up at the end looks at the world alone
        end = Week(params, rebuilt(like, arrays), unseen, unseen, unseen, unseen)
        summary = running | {
            (m.name, "last"): shown(m.value(end), shapes[m.name])
            for m in metrics
            if "last" in m.reduce
        }
        parts = [summary[m.name, how] for m in metrics for how in m.reduce]
        return jnp.concatenate([jnp.ravel(x).astype(jnp.float64) for x in (failed_at, *parts)])

    def following(at: Any, carried: Any) -> Any:
        state, weekly, happened = carried
        state, values, counts = in_lanes(week, size)(at, ((rows, keys), state))
        place = at - start
        weekly = {name: series.at[place].set(values[name]) for name, series in weekly.items()}
        if kept:
            happened = happened.at[place].set(jnp.stack(counts))
        return state, weekly, happened

    states = like.belief.shape[0]
    weekly = {name: jnp.zeros((CHUNK, *axes, size)) for name, axes in kept.items()}
    happened = jnp.zeros((CHUNK, len(EVENTS), states, states, size)) if kept else 0
    own = (rows, keys)
    state = lax.cond(start == 0, lambda: in_lanes(begun, size)((), (own, state)), lambda: state)
    state, weekly, happened = lax.fori_loop(start, stop, following, (state, weekly, happened))
    return state, in_lanes(summed, size)((), (own, state)), weekly, happened
