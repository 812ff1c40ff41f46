"""An ensemble of the worlds of a setting: simulated, compared and drawn, step by step.

It is what the process of `sim.app.worker` does. Each step is a message, plain data that a page
shows: how far it is, a picture, a sentence, the end.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure

from ..ensemble.compare import paired_jobs
from ..ensemble.job import Job
from ..ensemble.workers import run_parts
from ..plots.figures.network import at_week
from ..plots.places import PLACES
from ..plots.registry import FIGURES
from ..plots.runs import Runs
from ..plots.story import number
from ..plots.style import look, svg
from ..plots.world_map import network_map
from ..results.comparison import NO_CHANNEL, NOT_CLEAR, RISES, Comparison, comparison
from ..results.effect_text import interval_text, percentage
from ..results.responses import label_and_unit
from ..results.results import Results
from ..results.series import series_of, weekly
from ..results.store import clean, prepare
from ..scenario import Scenario, ScenarioError
from .fans import fan
from .setting import Setting, headline

FIGURES_OF_A_WORLD = ("network", "disputes", "timeline")
"""Those of a report that are drawn for each world."""
MOST_ROWS = 2_500_000
"""Runs, weeks and pairs of states, multiplied, of a world: more would fill a small machine."""
SHARE_OF_FIGURES = 0.4
"""Of the time of a job, about."""
BANDS = "Dark band: half of the runs; light band: nine of ten; line: median."
Message = dict[str, Any]


def too_large(scenario: Scenario, runs: int) -> str:
    """Return why a world is not simulated here; "" if it may be.

    Args:
        scenario: The world.
        runs: How many runs of it.
    """
    if runs * scenario.weeks * len(scenario.states) ** 2 <= MOST_ROWS:
        return ""
    return (
        f"{runs} runs of {scenario.weeks} weeks are too many for a page: choose fewer of one,"
        " or use the command line"
    )


def ensemble(setting: Setting, folder: Path, engine: str) -> Iterator[Message]:
    """Simulate, compare and draw the worlds of a setting.

    Args:
        setting: What is simulated.
        folder: A new folder: the results of each world go to `a` and `b`, pictures beside them.
        engine: `auto`, `reference` or `compiled`.

    Yields:
        Messages: `progress` with a share and what is done; `picture` with a file, a caption, a text
        for who cannot see it, and a sentence; at the end `done` with a text and more sentences, or
        `error` with a text.
    """
    try:
        worlds = [setting.world(side) for side in setting.sides]
        refused = [text for world in worlds if (text := too_large(world, setting.runs))]
        if refused:
            yield {"kind": "error", "text": refused[0]}
            return
        jobs, _ = paired_jobs(worlds, setting.runs, setting.seed, "full", engine, 1, progress=False)
    except (ScenarioError, ValueError) as error:
        yield {"kind": "error", "text": f"these values do not go together: {error}"}
        return
    results = list[Results]()
    for side, job in zip(setting.sides, jobs, strict=True):
        yield from _simulated(side, job, jobs, folder / side)
        results.append(Results(folder / side))
    empty = [r for r in results if (r.ids["status"] != "ok").all()]
    if empty:
        yield {"kind": "error", "text": "every run left the range of the model's numbers"}
        return
    yield from _drawn(setting, results, folder)
    whose = "of each world, with the same chance in both" if setting.compared else "of the world"
    text = f"{setting.runs} runs {whose}. {BANDS}"
    said = [*_left_out(setting, results), *_warnings(worlds)]
    yield {"kind": "done", "text": text, "sentences": said}


def _simulated(side: str, job: Job, jobs: Sequence[Job], path: Path) -> Iterator[Message]:
    """Run a job into a folder; yield how far all jobs are."""
    total = sum(len(each.parts) for each in jobs)
    before = 0 if job is jobs[0] else len(jobs[0].parts)
    compiles = " (a world is compiled the first time, some seconds)"
    doing = f"Simulating world {side.upper()}" + (compiles if job.engine == "compiled" else "")
    yield _progress(before / total * (1.0 - SHARE_OF_FIGURES), doing)
    prepare(path, job.manifest())
    for done, _ in enumerate(run_parts(job, path, list(job.parts), 1), before + 1):
        yield _progress(done / total * (1.0 - SHARE_OF_FIGURES), doing)
    clean(path)


def _progress(share: float, doing: str) -> Message:
    return {"kind": "progress", "share": share, "doing": doing}


def _drawn(setting: Setting, results: Sequence[Results], folder: Path) -> Iterator[Message]:
    """Draw fans of the headline measures, then the figures of each world."""
    import_module("sim.plots.figures")  # registers them
    measures = headline(setting.scenario)
    count, total = 0, len(measures) + len(FIGURES_OF_A_WORLD) * len(results)
    found = comparison(results[0], results[1], list(measures)) if len(results) > 1 else None
    for column, name in measures.items():
        picture = _fan(setting, results, column, folder / f"{column}.svg")
        size = "small"
        said = _verdict(found, column) if found else _spread(results[0], column)
        alt = f"{name}. {said}"
        yield {"kind": "picture", "caption": name, "alt": alt, "said": said, "size": size} | picture
        count += 1
        yield _progress(1.0 - SHARE_OF_FIGURES * (1.0 - count / total), "Drawing")
    for side, of_world in zip(setting.sides, results, strict=True):
        runs = Runs(of_world)
        for figure in FIGURES_OF_A_WORLD:
            file = folder / f"{figure}_{side}.svg"
            with look():
                made = _figure(figure, of_world, runs)
                if made is not None:
                    file.write_text(svg(made), encoding="utf-8")
            count += 1
            yield _progress(1.0 - SHARE_OF_FIGURES * (1.0 - count / total), "Drawing")
            if made is not None:
                heading = f"{HEADINGS[figure]}, world {side.upper()}"
                caption = FIGURES[figure].caption
                yield {
                    "kind": "picture",
                    "caption": heading,
                    "alt": f"{heading}. {caption}",
                    "said": caption,
                    "size": "large",
                    "file": str(file),
                }


def _figure(name: str, results: Results, runs: Runs) -> Figure | None:
    """Draw a figure of a world; the network stands on a map where every state has a place on it."""
    traded = {code for route in runs.routes for code in route}
    if name != "network" or not traded or not traded <= {*PLACES}:
        return FIGURES[name].draw(runs)
    if at_week(runs, -1).shipped.max() <= 0.0:
        return None
    return cast("Figure", network_map(results))  # an Axes comes back to who gave one


HEADINGS = {
    "network": "Who ships to whom",
    "disputes": "How disputes rise",
    "timeline": "What happened in one run",
}


def _fan(setting: Setting, results: Sequence[Results], column: str, file: Path) -> Message:
    """Draw a measure of all worlds over the weeks; sums are drawn as they add up."""
    worlds, longest = {}, max(results, key=lambda each: each.scenario.weeks).scenario
    for side, of_world in zip(setting.sides, results, strict=True):
        good = of_world.ids.loc[of_world.ids["status"] == "ok", "run"]
        series = series_of(of_world.scenario)[column]
        values = weekly(of_world, series, sorted(int(run) for run in good))
        worlds[f"world {side.upper()}"] = (
            np.cumsum(values, axis=1) if column.endswith("_sum") else values
        )
    dates = np.array([longest.date(week) for week in range(longest.weeks)], "datetime64[D]")
    unit = _unit(longest, column) or "number"
    with look():
        file.write_text(svg(fan(dates, worlds, unit)), encoding="utf-8")
    return {"file": str(file)}


def _how(column: str) -> str:
    """Return over which weeks a column is taken: `at the end`."""
    return HOW[column.rpartition("_")[2]]


HOW = {"last": "at the end", "mean": "in the mean week", "max": "at its highest", "sum": "in all"}


def _spread(results: Results, column: str) -> str:
    """Return the median of a measure with its range over runs, in a sentence."""
    _, values = next(results.good([column]))
    low, middle, high = (number(float(values.quantile(q))) for q in (0.05, 0.5, 0.95))
    unit = f" {_unit(results.scenario, column)}".rstrip()
    if low == high:
        return f"{middle}{unit} {_how(column)}, the same in nine of ten runs."
    return f"{middle}{unit} {_how(column)}; in nine of ten runs {low} to {high}."


def _unit(scenario: Scenario, column: str) -> str:
    """Return what a column is counted in, a munition in its own unit."""
    for name, munition in scenario.spec.munitions.items():
        if column.startswith(f"stock_{name}_"):
            return munition.unit or "units"
    return label_and_unit(scenario, column)[1]


def _verdict(found: Comparison, column: str) -> str:
    """Return what B does to a measure, run by run, and whether that may be luck."""
    row, how = found.row(column), _how(column)
    unit = _unit(found.a.scenario, column)
    if row["effect"] == NO_CHANNEL:
        return "No run differs in any week: nothing leads from this change to this measure."
    if row["same"] == 1.0:
        return f"Every run is the same {how}, though some weeks differ."
    if row["effect"] == NOT_CLEAR:
        size = interval_text(row["difference"], row["low"], row["high"], unit)
        return f"B less A {how}: {size}. The interval holds 0: this may be luck."
    up = row["effect"] == RISES
    ends = sorted((abs(row["low"]), abs(row["high"])))
    size = interval_text(abs(row["difference"]), ends[0], ends[1], unit)
    share = percentage(row["rises"] if up else row["falls"])
    return f"B is {'higher' if up else 'lower'} {how} by {size}, in {share} of runs: not luck."


def _left_out(setting: Setting, results: Sequence[Results]) -> Iterator[str]:
    """Yield how many runs of each world failed, a sentence each."""
    for side, of_world in zip(setting.sides, results, strict=True):
        failed = int((of_world.ids["status"] != "ok").sum())
        if failed:
            yield (
                f"{failed} of {setting.runs} runs of world {side.upper()} left the range of the"
                " model's numbers and are left out."
            )


def _warnings(worlds: Sequence[Scenario]) -> list[str]:
    """Return what of the worlds is cut or has no effect, a sentence each."""
    return list(dict.fromkeys(text for world in worlds for text in world.warnings))
