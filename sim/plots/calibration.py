"""Figures of a calibration: data and predictions, what is identified, whether it is right."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binom

from ..analysis.calibration import Calibration
from ..analysis.inference import BINS
from .axes import names_down
from .style import FAINT, INK, band, colour, footer, grid, look, short, write

MOST_BARS, MOST_PANELS = 30, 12
BEFORE, AFTER = "#BBBBBB", colour(1)
TITLES = ("containers, cumulative", "losses per month, thousand", "tests per quarter")


def figures(found: Calibration, folder: Path) -> list[Path]:
    """Draw all figures into a folder; the same calibration gives the same bytes.

    Args:
        found: The calibration.
        folder: The folder; made if it does not exist.

    Returns:
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"predictive": predictive, "identified": identified, "marginals": marginals}
    drawn |= {"ranks": ranks}
    with look():
        return [write(draw(found), folder / f"{name}.png") for name, draw in drawn.items()]


def predictive(found: Calibration) -> Figure:
    """Draw the data beside what would be reported of runs before and after they were seen."""
    sample, table = found.sample, found.predictive
    counts = [len(sample.claimed), len(sample.losses), len(sample.tests)]
    shown = [place for place, count in enumerate(counts) if count]
    figure, axes = grid(len(shown), 1, 1.5 + 3.3 * len(shown), "Data, and what would be reported")
    weeks = [sample.claims, sample.months[1:], sample.quarters[1:]]
    start = np.datetime64(sample.scenario.start)
    first = 0
    for place, count in enumerate(counts):
        if not count:
            continue
        panel, rows = axes[shown.index(place), 0], table.iloc[first : first + count]
        first += count
        dates = start + (weeks[place] * 7).astype("timedelta64[D]")
        if place == 0:
            days = start + 7 * np.arange(1, found.paths.shape[1] + 1).astype("timedelta64[D]")
            band(panel, days, found.paths, colour(3), "the model's containers, after")
        _reports(panel, dates, rows)
        issuers = sample.issuers if place == 0 else ("data",) * count
        for number, who in enumerate(dict.fromkeys(issuers)):
            mine = [n for n, issuer in enumerate(issuers) if issuer == who]
            panel.plot(
                dates[mine],
                rows["observed"].iloc[mine],
                "Do^sv"[number % 5],
                color=INK if place else colour((0, 2, 5)[number % 3]),
                ms=7,
                label=f"claim: {who}" if place == 0 else "claimed" if place == 1 else "counted",
            )
        panel.set_title(TITLES[place])
        panel.set_ylim(bottom=0.0)
        panel.legend(loc="upper left", ncols=2)
    footer(
        figure,
        f"{_source(found)} Bars: 90 % (thin) and 50 % (thick) of what would be reported, with the"
        " errors of reports.",
    )
    return figure


def _reports(panel: Axes, dates: np.ndarray, rows: pd.DataFrame) -> None:
    """Draw the intervals of what would be reported, before and after, beside each date."""
    for name, tone, days in (("prior", BEFORE, -3), ("posterior", AFTER, 3)):
        at = dates + np.timedelta64(days, "D")
        label = {"prior": "would be reported, before", "posterior": "after"}[name]
        panel.vlines(at, rows[f"{name}_q05"], rows[f"{name}_q95"], color=tone, lw=1.6)
        panel.vlines(at, rows[f"{name}_q25"], rows[f"{name}_q75"], color=tone, lw=5.0, label=label)


def identified(found: Calibration) -> Figure:
    """Draw the contraction of each number, the largest on top."""
    table = found.identified.sort_values("contraction", ascending=False, kind="stable")
    table = table.head(MOST_BARS)
    figure, axes = grid(1, 1, 1.8 + 0.26 * len(table), "What the data identify")
    panel, at = axes[0, 0], np.arange(len(table))
    tones = [AFTER if named else BEFORE for named in table["identifiable"]]
    panel.barh(at, table["contraction"], 0.6, color=tones)
    panel.plot(table["mean_contraction"], at, "|", color=INK, ms=9, mew=2, label="mean over data of"
               " the model's own")  # fmt: skip
    names_down(panel, list(table["number"]))
    panel.axvline(0.1, color=FAINT, linestyle=":", linewidth=1.2)
    panel.set_xlim(min(0.0, float(table["contraction"].min())) - 0.02, 1.0)
    panel.set_xlabel(
        "contraction: 1 - variance after / variance before, on the prior's normal scale"
    )
    panel.legend(loc="lower right")
    left = len(found.identified) - len(table)
    footer(
        figure,
        f"{_source(found)} Blue: identified, at least .1; grey: not."
        + (f" {left} more numbers contract less." if left else ""),
    )
    return figure


def marginals(found: Calibration) -> Figure:
    """Draw a panel per identified number: its prior and its posterior."""
    names = _named(found)
    figure, axes = _panels(len(names), "Before and after")
    for panel, name in zip(axes, names, strict=False):
        place = found.names.index(name)
        row = found.identified.iloc[place]
        edges = np.linspace(-3.5, 3.5, 36)
        middle = 0.5 * (edges[1:] + edges[:-1])
        before = np.exp(-0.5 * middle**2) / np.sqrt(2.0 * np.pi)
        panel.fill_between(middle, before, color=BEFORE, alpha=0.6, lw=0, label="prior")
        panel.hist(
            found.draws.scores[:, place],
            edges.tolist(),
            weights=found.draws.weights,
            density=True,
            color=AFTER,
            alpha=0.6,
            label="posterior",
        )
        panel.set_title(_short_name(name), fontsize=9.5)
        marks = (-1.645, 0.0, 1.645)
        ends = [short(float(row[f"prior_q{q}"]), 2) for q in ("05", "50", "95")]
        panel.set_xticks(marks, ends, fontsize=9.5)
        panel.set_yticks([])
    axes[0].legend(loc="upper left", fontsize=9)
    footer(figure, f"{_source(found)} Across: the prior's 5 %, 50 % and 95 % in the number's unit.")
    return figure


def ranks(found: Calibration) -> Figure:
    """Draw a panel per identified number: the ranks of known truths, which should be uniform."""
    names, truths = _named(found), len(found.check.ranks)
    figure, axes = _panels(len(names), "Ranks of the truth, on data of the model's own")
    low, high = (binom.ppf(q, truths, 1.0 / BINS) for q in (0.005, 0.995))
    for panel, name in zip(axes, names, strict=False):
        place = found.names.index(name)
        panel.axhspan(low, high, color=BEFORE, alpha=0.6, lw=0, label="99 % of uniform")
        panel.hist(found.check.ranks[:, place], BINS, range=(0.0, 1.0), color=AFTER, alpha=0.75)
        p = found.identified["ranks_p"].iloc[place]
        panel.set_title(_short_name(name), fontsize=9.5)
        panel.text(0.98, 0.95, f"p {p:.2g}", ha="right", va="top", transform=panel.transAxes)
        panel.set_xlim(0.0, 1.0)
        panel.set_ylim(0.0, 1.8 * truths / BINS)
    axes[0].legend(loc="lower center", fontsize=9)
    footer(
        figure,
        f"{_source(found)} {truths} truths. A posterior that is too sure piles ranks up at both"
        " ends, one too unsure in the middle. p: chi-square.",
    )
    return figure


def _named(found: Calibration) -> list[str]:
    table = found.identified.sort_values("contraction", ascending=False, kind="stable")
    names = table["number"][table["identifiable"]].tolist()
    return (names or table["number"].tolist()[:1])[:MOST_PANELS]


def _panels(count: int, title: str) -> tuple[Figure, Sequence[Axes]]:
    columns = min(4, count)
    rows = -(-count // columns)
    figure, axes = grid(rows, columns, 1.8 + 2.2 * rows, title)
    for panel in axes.flat[count:]:
        panel.set_axis_off()
    return figure, list(axes.flat)[:count]


def _short_name(name: str) -> str:
    parts = name.split(".")
    return name if len(name) <= 32 else f"{parts[1]} {'.'.join(parts[-2:])}"


def _source(found: Calibration) -> str:
    sample = found.sample
    last = sample.scenario.start + timedelta(weeks=sample.scenario.weeks)
    return (
        f"Simulated: {sample.scenario.name}, to {last}, {len(found.table.run)} runs; data"
        f" {sample.first} to {sample.last}."
    )
