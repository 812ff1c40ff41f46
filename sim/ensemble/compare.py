"""Compare two worlds run by run."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ..results.comparison import Comparison, comparison
from ..results.record import summary_columns
from ..scenario import Scenario, ScenarioError, warn
from ..scenario.grammar import override_text
from ..scenario.load import DEFAULT, load
from ..scenario.problems import nearest
from .execution import Execution, checked, execute
from .job import Job
from .plan import single_plan

World = Scenario | str | Path
PAGE = "sim.plots.counterfactual_page"
"""Figures stand on a higher floor: they are imported when a page is wanted."""
Overrides = str | Iterable[str] | Mapping[str, Any]
"""`routes.0.ship=0`, several of them, or values by path."""


def compare(
    first: World = DEFAULT,
    second: World | None = None,
    /,
    runs: int = 64,
    seed: int = 0,
    workers: int | None = None,
    *,
    a: Overrides | Scenario = (),
    b: Overrides | Scenario = (),
    metrics: Sequence[str] = (),
    record: str = "full",
    engine: str = "auto",
    out: str | Path | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Simulate two worlds under common random numbers and compare them run by run.

        sim.compare("northeast_asia_2023", b={"rules.move.interdiction": 0})
        sim.compare(scenario, scenario.with_("states.PRK.doctrine=restraint"), runs=1000)

    Args:
        first: The first world, a scenario or the name or file of one.
        second: The second; the same scenario if None. Effects are of it less the first.
        runs: How many runs of each.
        seed: The master seed of both.
        workers: As in `run`.
        a: Overrides of the first world, or a scenario in its place.
        b: Overrides of the second world, or a scenario in its place.
        metrics: The headline, columns of the table of runs; those that move most if empty.
        record: As in `run`. With `summary` it is not known when and where the worlds part.
        engine: As in `run`.
        out: A folder for the results of both, `a` and `b` in it, and for `page.html`, which shows
            them beside each other; part of the same jobs there is completed. Without one they live
            as long as the returned object.
        progress: As in `run`.

    Warns:
        ScenarioWarning: For what is cut or has no effect.

    Raises:
        ScenarioError: All that is wrong with the overrides.
        ValueError: An argument is out of its range.
        OutputError, ClusterError, DiskError, RunError: As of `run`.

    Examples:
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> richer = {"states.RED.spending": 80}
        >>> found = sim.compare(world, b=richer, runs=3, workers=1, engine="reference")
        >>> float(found.row("war_onsets_sum")["difference"])
        0.0
    """
    worlds = _changed(first, second, a, b)
    jobs, execution = paired_jobs(worlds, runs, seed, record, engine, workers, progress)
    known = summary_columns(worlds[0])
    wrong = [f"metrics: there is no '{m}'{nearest(m, known)}" for m in metrics if m not in known]
    if wrong:
        raise ValueError("\n".join(wrong))
    for job in jobs:
        warn(job.plan.warnings)
    folders = [None if out is None else Path(out) / name for name in ("a", "b")]
    of_a, of_b = (
        execute(job, execution, folder) for job, folder in zip(jobs, folders, strict=True)
    )
    found = comparison(of_a, of_b, metrics)
    if out is not None:
        import_module(PAGE).write_page(found, out, f"{worlds[0].name}, b less a", names=("a", "b"))
    return found


def paired_jobs(
    worlds: Sequence[Scenario],
    runs: int,
    seed: int,
    record: str,
    engine: str,
    workers: int | None,
    progress: bool | None,
) -> tuple[list[Job], Execution]:
    """Return a job of each world, all simulated by one program, and their execution.

    One program, so that the same numbers come out to the last digit where a change is not felt.

    Args:
        worlds: Scenarios.
        runs: How many runs of each.
        seed: The master seed of all.
        record: As in `run`.
        engine: As in `run`.
        workers: As in `run`.
        progress: As in `run`.

    Raises:
        ValueError: With a line for each value that is out of its range.
    """
    rules = {
        desk: sorted({rule for world in worlds for rule in world.rules[desk]})
        for desk in worlds[0].rules
    }
    jobs = list[Job]()

    def first_job() -> Job:
        for world in worlds:
            jobs.append(Job(single_plan(world.holding(rules)), runs, 0, seed, record, engine))
        return jobs[0]

    _, execution = checked(first_job, lambda: Execution(workers, "none", progress))
    return jobs, execution


def _changed(
    first: World,
    second: World | None,
    a: Overrides | Scenario,
    b: Overrides | Scenario,
) -> list[Scenario]:
    """Return both worlds.

    Raises:
        ScenarioError: All that is wrong with either.
    """
    found, wrong = list[Scenario](), list[str]()
    base = first if isinstance(first, Scenario) else load(first)
    other = base if second is None else second if isinstance(second, Scenario) else load(second)
    for name, world, change in (("a", base, a), ("b", other, b)):
        try:
            found.append(change if isinstance(change, Scenario) else changed(world, change))
        except ScenarioError as error:
            wrong += [f"{name}: {line}" for line in str(error).splitlines()]
    if wrong:
        raise ScenarioError(wrong)
    return found


def changed(scenario: Scenario, overrides: Overrides) -> Scenario:
    """Return a scenario with overrides.

    Args:
        scenario: What is changed.
        overrides: One text, several, or values by path.

    Raises:
        ScenarioError: All that is wrong with them.
    """
    if isinstance(overrides, str):
        texts = [overrides]
    elif isinstance(overrides, Mapping):
        texts = [f"{path}={override_text(value)}" for path, value in overrides.items()]
    else:
        texts = list(overrides)
    return scenario.with_(*texts) if texts else scenario
