"""The page of some results: one HTML file that needs nothing beside it.

Pictures are embedded, styles are inline, nothing is fetched and no script runs. Text that came
with a scenario is escaped. The same results give the same bytes.
"""

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ..ensemble.recipe import Recipe, recipe
from ..results.intervals import wilson
from ..results.table import quantities, war_onsets
from ..results.text import QUANTILES, short
from .page import SWIPE, details, framed, percent, picture, table
from .story import sentences
from .style import colour, spaced

if TYPE_CHECKING:
    from ..events import Scale
    from ..results.results import Results
    from ..scenario import Scenario
    from ..scenario.schema import Prior

BANDS = (
    "A line is the median of all runs: half of them lie above it, half below. Half of the runs lie "
    "in the dark band around it, nine out of ten in the light one or between the thin lines. Where "
    "bands are wide, the model does not know; a narrow one says only that nothing uncertain was "
    "put in."
)
ONE = "A line is the path of the only run: nothing here says how far another run would be from it."
DISCLAIMER = (
    "This is no forecast. It is a model for study: it says what would follow from its rules and "
    "its numbers, which are aggregate, public and in part guessed.",
    "A range shows what chance and the uncertain numbers do within the model. That the model "
    "itself may be wrong lies outside of any range.",
    "One run is one story among many; what happens in few runs is possible in the model, "
    "not announced by it.",
)


def page(results: "Results", pictures: Mapping[str, Path], scale: "Scale" = "mid") -> str:
    """Return the page of a job, as HTML.

    Args:
        results: The results of a job.
        pictures: The picture files, by the name of their figure.
        scale: The scale of the escalation index in the table.
    """
    made = recipe(results)
    sections = {
        "run": ("What was run", _run(results, made)),
        "happened": ("What happened", _happened(results)),
        "figures": ("Figures", _figures(pictures, len(results.ids))),
        "table": ("The numbers", _table(results, scale)),
        "repeat": ("How to repeat it", _repeat(results, made)),
        "not": ("What this is not", "".join(f"<p>{text}</p>" for text in DISCLAIMER)),
    }
    return framed(results, sections)


def _run(results: "Results", made: Recipe) -> str:
    job, scenario = results.manifest, results.scenario
    count, failed = len(results.ids), int((results.ids["status"] == "failed").sum())
    last = scenario.date(scenario.weeks) - timedelta(days=1)
    runs = f"{count}, of which {failed} failed and are left out" if failed else f"{count}"
    facts = {
        "Scenario": escape(scenario.name),
        "Time": f"{scenario.weeks} weeks, {scenario.start} to {last}",
        "Runs": f"{runs}; each has its own noise, all of it from seed {job['seed']}"
        if count > 1
        else f"one, of seed {job['seed']}",
        "Changed": _changed(made),
    }
    listed = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in facts.items())
    return f"<dl>{listed}</dl>{_states(scenario)}{_priors(results)}"


def _changed(made: Recipe) -> str:
    if made.command is None:
        return "more than a file holds: a user's Python code, or another version of armsflow"
    if made.overrides is None:
        return "a scenario of its own, not one that armsflow ships"
    if not made.overrides:
        return "nothing: the scenario as it ships"
    return ", ".join(f"<code>{escape(override)}</code>" for override in made.overrides)


def _states(scenario: "Scenario") -> str:
    rows = [
        (
            f'<i style="background:{colour(place)}"></i>{escape(code)}',
            escape(state.name),
            escape(spaced(state.doctrine)),
        )
        for place, (code, state) in enumerate(scenario.spec.states.items())
    ]
    summary = f"The {len(rows)} states, their colours in the figures, and the policy of each"
    return details(summary, table(("state", "name", "doctrine"), rows))


def _priors(results: "Results") -> str:
    """Return what each run drew for itself, and the range of what it drew."""
    priors = results.scenario.spec.priors
    if not priors or _good(results) == 0:
        return ""
    rows = [
        (
            f"<code>{escape(path)}</code>",
            escape(_law(priors[path])),
            *(short(float(drawn.quantile(q))) for q in QUANTILES),
        )
        for path, drawn in results.good(list(priors))
    ]
    head = ("number", "law", *map(percent, QUANTILES))
    summary = f"{len(rows)} uncertain numbers, which each run draws for itself"
    return details(summary, table(head, rows, numbers=3))


def _good(results: "Results") -> int:
    """Return how many runs did not fail."""
    return int((results.ids["status"] == "ok").sum())


def _law(prior: "Prior") -> str:
    name, a, b = prior.law
    notes = {
        "lognormal": f"lognormal, median {a:g}, sd of the log {b:g}",
        "uniform": f"uniform from {a:g} to {b:g}",
        "normal": f"normal, mean {a:g}, sd {b:g}",
        "beta": f"beta, {a:g} and {b:g}",
    }
    return notes[name]


def _happened(results: "Results") -> str:
    story = sentences(results)
    if not story:
        return "<p>Every run failed: its numbers left their range.</p>"
    return "<ol>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in story) + "</ol>"


def _figures(pictures: Mapping[str, Path], runs: int) -> str:
    if not pictures:
        return ""
    bands = BANDS if runs > 1 else ONE
    drawn = "\n".join(picture(name, path) for name, path in pictures.items())
    return f"<p>{bands}</p>\n{SWIPE}\n{drawn}"


def _table(results: "Results", scale: "Scale") -> str:
    good = _good(results)
    if good == 0:
        return ""
    numbers_of, never, same = quantities(results, scale)
    rows = [(escape(label), *map(short, numbers)) for label, numbers in numbers_of]
    onsets = war_onsets(results)
    often, low, high = (f"{100 * chance:.1f}" for chance in (onsets / good, *wilson(onsets, good)))
    head = ("at the end, or over all weeks", *map(percent, QUANTILES))
    how = "<p>Half of the runs had less than the number under 50 %, one in twenty less than the "
    how += "one under 5 %, and one in twenty more than the one under 95 %.</p>"
    note = (
        f"<p>A new war broke out in {onsets} of {good} runs: {often} %, "
        f"95 % interval {low} to {high} %.</p>"
    )
    for heading, labels in (("The same in every run", same), ("0 in every run", never)):
        note += f"<p>{heading}: {escape('; '.join(labels))}.</p>" if labels else ""
    return how + table(head, rows, numbers=3) + note


def _repeat(results: "Results", made: Recipe) -> str:
    if made.command is None:
        return (
            "<p>No command alone gives these numbers again: Python code of the user's took "
            "part, or the results are those of another version of armsflow.</p>"
        )
    command = f'<pre class="wrap"><code>{escape(made.command)}</code></pre>'
    if made.overrides is not None:
        return f"<p>With the same version, this command gives the same numbers:</p>{command}"
    text = yaml.safe_dump(results.scenario.mapping, sort_keys=False, allow_unicode=True)
    return (
        "<p>Save the scenario below as <code>scenario.yaml</code>; then this command gives the "
        f"same numbers:</p>{command}"
        + details("scenario.yaml", f"<pre><code>{escape(text)}</code></pre>")
    )
