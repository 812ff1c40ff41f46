"""Figures of scenario discovery: the way to a box, and what it restricts."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.discovery import Box, Discovery, Limit
from .axes import names_down, share_axis
from .style import FAINT, INK, colour, footer, grid, look, short, write


def figures(found: Discovery, folder: Path) -> list[Path]:
    """Draw all figures of all boxes into a folder; the same results give the same bytes.

    Args:
        found: What the study found.
        folder: The folder; made if it does not exist.

    Returns:
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with look():
        for number, box in enumerate(found.boxes):
            suffix = f"_{number}" if len(found.boxes) > 1 else ""
            for name, draw in (("trajectory", trajectory), ("limits", limits)):
                paths.append(write(draw(found, box), folder / f"{name}{suffix}.png"))
    return paths


def trajectory(found: Discovery, box: Box) -> Figure:
    """Draw coverage against density on the way to a box, coloured by the inputs restricted.

    Args:
        found: What the study found.
        box: One of the boxes that it found.
    """
    figure, axes = grid(1, 1, 6.2, f"{found.criterion}: the way to the box")
    panel, way = axes[0, 0], box.trajectory
    panel.plot(way["coverage"], way["density"], color=FAINT, linewidth=0.8)
    for dims in sorted(set(way["res_dim"])):
        some = way[way["res_dim"] == dims]
        label = f"{dims} inputs restricted" if dims != 1 else "1 input restricted"
        panel.plot(some["coverage"], some["density"], "o", color=colour(dims), label=label)
    chosen = way.iloc[box.chosen]
    panel.plot(
        chosen["coverage"], chosen["density"], "o", ms=15, mfc="none", mec=INK, label="the box"
    )
    (cover, *covers), (dense, *denses) = box.held_out.coverage, box.held_out.density
    panel.hlines(dense, *covers, color=INK, linewidth=1.2)
    panel.vlines(cover, *denses, color=INK, linewidth=1.2)
    panel.plot(cover, dense, "D", color=INK, ms=6, label="the box, on runs held out, 95 %")
    panel.set_xlim(0.0, 1.02)
    share_axis(panel, "density: share of the box's runs that are of interest")
    panel.set_xlabel("coverage: share of the runs of interest that lie in the box")
    panel.axhline(found.share, color=FAINT, linestyle=":", linewidth=1.2, label="all runs")
    panel.legend(loc="lower left")
    footer(figure, _source(found) + " Bars: Wilson's interval, as if runs were independent.")
    return figure


def limits(found: Discovery, box: Box) -> Figure:
    """Draw one row per input: its whole range, and the part of it that the box allows.

    Args:
        found: What the study found.
        box: One of the boxes that it found.
    """
    figure, axes = grid(1, 1, 1.7 + 0.65 * len(box.limits), f"{found.criterion}: the box")
    panel = axes[0, 0]
    for row, limit in enumerate(box.limits):
        panel.barh(row, 1.0, 0.5, color="#DDDDDD")
        (_draw_captions if limit.every else _draw_numbers)(panel, row, limit)
    names_down(panel, [_named(limit) for limit in box.limits])
    panel.set_ylim(len(box.limits) - 0.4, -0.6)
    panel.set_xlim(-0.02, 1.02)
    panel.set_xticks([])
    panel.grid(visible=False)
    panel.set_xlabel("whole range of the input (grey); what the box allows (blue)")
    (cover, *covers), (dense, *denses) = box.held_out.coverage, box.held_out.density
    text = f"coverage {cover:.0%} [{covers[0]:.0%}, {covers[1]:.0%}]"
    text += f", density {dense:.0%} [{denses[0]:.0%}, {denses[1]:.0%}]"
    footer(figure, f"{_source(found)} On runs held out: {text}. p: how often chance would make the "
           "box as dense without that end.")  # fmt: skip
    return figure


def _named(limit: Limit) -> str:
    if limit.every:
        return limit.path
    return f"{limit.path}\n{short(limit.least)} to {short(limit.most)}"


def _draw_numbers(panel: Axes, row: int, limit: Limit) -> None:
    width = limit.most - limit.least
    low, high = (limit.low - limit.least) / width, (limit.high - limit.least) / width
    panel.barh(row, high - low, 0.5, left=low, color=colour(1), alpha=0.75)
    panel.text(0.5 * (low + high), row, str(limit), ha="center", va="center", color=INK)
    for end, at, side in ((0, low, "right"), (1, high, "left")):
        if np.isfinite(limit.quasi_p[end]):
            text = f" p {limit.quasi_p[end]:.1g} "
            panel.text(at, row + 0.36, text, ha=side if 0.15 < at < 0.85 else "center",
                       va="center", fontsize=9.0, color=FAINT)  # fmt: skip


def _draw_captions(panel: Axes, row: int, limit: Limit) -> None:
    width = 1.0 / len(limit.every)
    for place, name in enumerate(limit.every):
        if name in limit.among:
            left = (place + 0.02) * width
            panel.barh(row, 0.96 * width, 0.5, left=left, color=colour(1), alpha=0.75)
        panel.text((place + 0.5) * width, row, name, ha="center", va="center", color=INK)
    panel.text(0.5, row + 0.36, f"p {limit.quasi_p[0]:.1g}", ha="center", va="center", fontsize=9.0,
               color=FAINT)  # fmt: skip


def _source(found: Discovery) -> str:
    scenario = found.results.scenario
    return (
        f"Simulated: {scenario.name}, {scenario.weeks} weeks, {found.runs} runs, "
        f"{found.share:.0%} of interest."
    )
