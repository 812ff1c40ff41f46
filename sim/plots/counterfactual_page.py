"""The page of a comparison: what was changed, what it does and how surely, why, since when."""

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from ..results.comparison import NO_CHANNEL, Comparison
from ..results.effect_text import (
    drivers_sentence,
    effect_sentence,
    gain_text,
    interval_text,
    pairing_sentence,
    parting_sentence,
    percentage,
    rounded,
)
from ..results.responses import column_label
from ..results.store import atomic_write
from .counterfactual import CAPTIONS, WORLDS, figures
from .page import SWIPE, details, framed, picture, table
from .report import DISCLAIMER

MOST_ROWS, MOST_PLACES = 60, 12
INTERVALS = (
    "Each sentence follows from its 95 % interval: of twenty effects that are none, one will look "
    "like one. Runs are compared in pairs: run 7 has the same noise in both worlds, so what "
    "differs between them is due to the change."
)
DRIVERS = (
    "Spearman's rank correlation of the effect with what each run drew of the uncertain numbers, "
    "with its 95 % interval. One is named if it passes what the largest of all would reach by "
    "chance in one of twenty shuffles."
)
PAIRING = (
    "What the variance of the effect would be had the two worlds not shared their noise, over what "
    "it is: so many times fewer runs are enough."
)


def write_page(
    found: Comparison,
    folder: str | Path,
    title: str,
    changes: Mapping[str, tuple[str, ...]] | None = None,
    command: str = "",
    names: tuple[str, str] = WORLDS,
) -> Path:
    """Write the page of a comparison into a folder, its figures beside it.

        found = sim.compare(scenario, scenario.with_("states.PRK.doctrine=restraint"))
        write_page(found, "results/restraint", "Restraint by North Korea")

    Args:
        found: The comparison.
        folder: The folder; made if it does not exist.
        title: What was changed, in words.
        changes: The overrides of each world, by what it is called.
        command: What gives the same numbers again; the page does without where it is empty.
        names: What the two worlds are called.

    Returns:
        The page, `page.html`; it holds its figures and needs nothing else.
    """
    folder = Path(folder)
    pictures = figures(found, title, folder, names)
    page = comparison_page(found, title, changes or {}, pictures, command, names)
    with atomic_write(folder / "page.html") as file:
        file.write(page.encode())
    return folder / "page.html"


def comparison_page(
    found: Comparison,
    title: str,
    changes: Mapping[str, tuple[str, ...]],
    pictures: Mapping[str, Path],
    command: str,
    names: tuple[str, str] = WORLDS,
) -> str:
    """Return the page of a comparison, as HTML.

    Args:
        found: The comparison.
        title: What was changed, in words.
        changes: The overrides of each world, by what it is called.
        pictures: The picture files, by the name of their figure.
        command: What gives the same numbers again; that section is left out where it is empty.
        names: What the two worlds are called.
    """
    drawn = "\n".join(picture(name, path, CAPTIONS[name]) for name, path in pictures.items())
    sections = {
        "does": ("What it does", _sentences(found)),
        "run": ("What was compared", _run(found, changes)),
        "figures": ("Figures", f"{SWIPE}\n{drawn}"),
        "parting": ("When and where the worlds part", _parting(found)),
        "drivers": ("What the effect depends on", _drivers(found)),
        "pairing": ("What pairing gains", _pairing(found)),
        "table": ("The numbers", _numbers(found, names)),
        "repeat": (
            "How to repeat it",
            "<p>With the same version, this command gives the same numbers:</p>"
            f'<pre class="wrap"><code>{escape(command)}</code></pre>',
        ),
        "not": ("What this is not", "".join(f"<p>{text}</p>" for text in DISCLAIMER)),
    }
    if not command:
        del sections["repeat"]
    return framed(found.a, sections, title)


def _sentences(found: Comparison) -> str:
    some = [effect_sentence(found.a.scenario, name, found.row(name)) for name in found.headline]
    return _list(some) + f"<p>{INTERVALS}</p>"


def _list(sentences: list[str]) -> str:
    return "<ol>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ol>"


def _run(found: Comparison, changes: Mapping[str, tuple[str, ...]]) -> str:
    scenario, job = found.a.scenario, found.a.manifest
    last = scenario.date(scenario.weeks) - timedelta(days=1)
    failed = job["runs"] - len(found.runs)
    left_out = f"; {failed} failed in one of them and are left out" if failed else ""
    facts = {
        "Scenario": escape(scenario.name),
        "Time": f"{scenario.weeks} weeks, {scenario.start} to {last}",
        "Runs": f"{len(found.runs)} of each world, all noise from seed {job['seed']}{left_out}",
        "Engine": escape(job["engine"]),
    }
    for world, overrides in changes.items():
        some = ", ".join(f"<code>{escape(text)}</code>" for text in overrides)
        facts[escape(world)] = some or "nothing changed"
    return (
        "<dl>"
        + "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in facts.items())
        + ("</dl>")
    )


def _parting(found: Comparison) -> str:
    if found.parting is None:
        return ""
    part = found.parting
    text = f"<p>{escape(parting_sentence(part))}</p>"
    if part.share == 0.0:
        return text
    rows = [
        (
            escape(row["table"]),
            escape(row["who"] or "everywhere"),
            escape(row["column"]),
            percentage(row["first"]),
            percentage(row["share"]),
            f"{row['week']:.0f}",
        )
        for row in part.table().head(MOST_PLACES).to_dict("records")
    ]
    head = ("table", "who", "column", "first in", "ever, of all runs", "median week")
    summary = "Which numbers are the first to differ, of the runs that part"
    return text + details(summary, table(head, rows, numbers=3))


def _drivers(found: Comparison) -> str:
    some = [
        drivers_sentence(found, name)
        for name in found.headline
        if found.row(name)["effect"] != NO_CHANNEL
    ]
    return f"{_list(some)}<p>{DRIVERS}</p>" if some else ""


def _pairing(found: Comparison) -> str:
    some = [
        pairing_sentence(found.a.scenario, name, found.row(name))
        for name in found.headline
        if found.row(name)["effect"] != NO_CHANNEL
    ]
    return f"{_list(some)}<p>{PAIRING}</p>" if some else ""


def _numbers(found: Comparison, names: tuple[str, str]) -> str:
    rest = found.table.drop(index=list(found.headline))
    moved = rest[rest["effect"] != NO_CHANNEL]
    order = moved["standard"].abs().fillna(np.inf).sort_values(ascending=False, kind="stable").index
    moved = moved.loc[order]
    head = ("metric", *map(escape, names), "effect, 95 % interval", "in standard deviations",
            "5-95 % of runs", "up", "the same", "down", "pairing", "first week")  # fmt: skip
    first = table(head, _rows(found, found.table.loc[list(found.headline)]), numbers=10)
    shown = moved.head(MOST_ROWS)
    name = f"{len(shown)} of the {len(moved)} other metrics that differ, the largest effects first"
    others = details(name, table(head, _rows(found, shown), numbers=10)) if len(shown) else ""
    none = int((found.table["effect"] == NO_CHANNEL).sum())
    return f"{SWIPE}{first}{others}<p>No channel to {none} of {len(found.table)} metrics.</p>"


def _rows(found: Comparison, rows: pd.DataFrame) -> list[tuple[str, ...]]:
    texts = []
    for name in rows.index:
        row = found.row(name)
        width = row["high"] - row["low"]
        texts.append(
            (
                escape(column_label(found.a.scenario, name)),
                rounded(row["a"], width),
                rounded(row["b"], width),
                "no channel"
                if row["effect"] == NO_CHANNEL
                else interval_text(row["difference"], row["low"], row["high"]),
                _number(row["standard"], "+.2f"),
                f"{rounded(row['5%'], width)} to {rounded(row['95%'], width)}",
                *(percentage(row[sign]) for sign in ("rises", "same", "falls")),
                gain_text(row["variance_reduction"]),
                _number(row["week"], ".0f"),
            )
        )
    return texts


def _number(value: float, form: str) -> str:
    """Return a number in a form of `format`; nothing where there is none."""
    return format(value, form) if np.isfinite(value) else ""
