"""The page of a sweep: what was swept, what it did, each point with its spread and interval."""

import shlex
from collections.abc import Mapping
from datetime import timedelta
from html import escape
from pathlib import Path

import numpy as np

from ..ensemble.recipe import differences, sweep_command
from ..results.responses import column_label
from ..results.sweep_table import difference_text, extreme_rows, point_label, point_rows, value_text
from ..results.text import QUANTILES, short
from .page import SWIPE, details, framed, percent, picture, table
from .report import DISCLAIMER
from .sweep import Sweep

PAIRED = (
    "Run by run: run 7 has the same noise at every point, so what differs between its points is "
    "due to what was swept. Where an interval leaves zero out the difference is more than chance "
    "would give in nineteen cases of twenty; of many points some will look so all the same."
)
MOST_VALUES = 12
"""Values of a column that are listed; of more, the range."""


def sweep_page(sweep: Sweep, pictures: Mapping[str, Path]) -> str:
    """Return the page of a sweep, as HTML.

    Args:
        sweep: The sweep and its metrics.
        pictures: The picture files, by the name of their figure.
    """
    drawn = "\n".join(picture(name, path) for name, path in pictures.items())
    sections = {
        "run": ("What was run", _run(sweep)),
        "figures": ("Figures", f"<p>{PAIRED}</p>\n{SWIPE}\n{drawn}" if drawn else ""),
        "table": ("The numbers", _numbers(sweep)),
        "repeat": ("How to repeat it", _repeat(sweep)),
        "not": ("What this is not", "".join(f"<p>{text}</p>" for text in DISCLAIMER)),
    }
    return framed(sweep.results, sections)


def _run(sweep: Sweep) -> str:
    job, scenario, ids = sweep.results.manifest, sweep.scenario, sweep.results.ids
    failed = int((ids["status"] == "failed").sum())
    last = scenario.date(scenario.weeks) - timedelta(days=1)
    total = job["points"] * job["runs"]
    so_far = "" if len(ids) == total else f", of which {len(ids)} are done"
    left = f"; {failed} runs failed and are left out" if failed else ""
    changed = differences(scenario)
    facts = {
        "Scenario": escape(scenario.name),
        "Time": f"{scenario.weeks} weeks, {scenario.start} to {last}",
        "Points": f"{job['points']}, {job['runs']} runs each: {total} runs{so_far}{left}",
        "Noise": f"run r has the same at every point, all of it from seed {job['seed']}",
        "Changed at all points": "a scenario of its own, not one that armsflow ships"
        if changed is None
        else ", ".join(f"<code>{escape(word)}</code>" for word in changed) or "nothing",
        "Compared with": f"point {sweep.reference}: "
        f"<code>{escape(point_label(sweep.columns, sweep.reference))}</code>",
    }
    listed = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in facts.items())
    swept = [
        (f"<code>{escape(path)}</code>", escape(_point_table(values)))
        for path, values in sweep.columns.items()
    ]
    return f"<dl>{listed}</dl>{table(('swept', 'values'), swept)}"


def _point_table(values: np.ndarray) -> str:
    kinds = list(dict.fromkeys(values.tolist()))
    if len(kinds) <= MOST_VALUES:
        return ", ".join(map(value_text, kinds))
    if values.dtype.kind == "f":
        low, high = (value_text(float(end)) for end in (values.min(), values.max()))
        return f"{len(kinds)} from {low} to {high}"
    return f"{len(kinds)} choices"


def _numbers(sweep: Sweep) -> str:
    if all(np.isnan(values).all() for values in sweep.values.values()):
        return "<p>Every run failed: its numbers left their range.</p>"
    return "\n".join([SWIPE, *(_of_metric(sweep, metric) for metric in sweep.metrics)])


def _of_metric(sweep: Sweep, metric: str) -> str:
    every = point_rows(sweep.values[metric], sweep.reference)
    some = extreme_rows(every)
    head = ("point", *(sweep.names[path] for path in sweep.columns))
    head += (*map(percent, QUANTILES), "mean", "less the reference, 95 % interval")
    lines = [
        (
            str(row.point),
            *(escape(value_text(values[row.point])) for values in sweep.columns.values()),
            *map(short, (*row.spread, row.mean)),
            difference_text(row),
        )
        for row in some
    ]
    name = column_label(sweep.scenario, metric)
    if len(some) < len(every):
        name += f": the lowest and the highest of {len(every)} points, by mean"
    body = table(tuple(map(escape, head)), lines, numbers=len(QUANTILES) + 2)
    return details(name, body).replace("<details>", "<details open>")


def _repeat(sweep: Sweep) -> str:
    command = sweep_command(sweep.results)
    by = shlex.join(["armsflow", "report=DIR", f"metrics={','.join(sweep.metrics)}"])
    page = (
        "<p>This page again, by these or other columns of the table of runs; DIR is the folder in "
        f"which it lies:</p>{_typed(by)}"
    )
    if command is not None:
        numbers = "<p>With the same version, this command gives the same numbers:</p>"
        return f"{numbers}{_typed(command)}{page}"
    return (
        "<p>No short command gives these numbers again. The scenario and the table of all points "
        "lie in <code>manifest.json</code> beside this page, under <code>scenario</code> and "
        f"<code>sweep</code>.</p>{page}"
    )


def _typed(command: str) -> str:
    return f'<pre class="wrap"><code>{escape(command)}</code></pre>'
