"""The figure of patterns: each real value over its simulated interval, a panel per pattern."""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import Any, BinaryIO

from .style import PALETTE, footer, grid, look

COLUMNS = 4
COLOURS = {"holds": PALETTE[1], "fails": PALETTE[0], "not in the model": "0.6"}
"""Of a verdict."""


def draw_patterns(rows: Sequence[Mapping[str, Any]], path: Path | BinaryIO, source: str) -> None:
    """Draw real values over simulated intervals.

    Args:
        rows: As `studies.patterns.as_data` returns them.
        path: The file to write, or what is written to.
        source: What was simulated, for the foot.
    """
    count = ceil(len(rows) / COLUMNS)
    with look():
        figure, axes = grid(count, COLUMNS, 1.05 + 1.3 * count, "Patterns: the record and the runs")
        for axis, row in zip(axes.flat, rows, strict=False):
            colour = COLOURS[row["verdict"]]
            for height, found, form in ((1.0, row["real"], "D"), (0.0, row["simulated"], "o")):
                if found is None:
                    text = "no real value" if height else "not in the model"
                    axis.annotate(text, (0.5, height), xycoords=("axes fraction", "data"),
                                  ha="center", va="center", color="0.45", fontsize=8.5)  # fmt: skip
                    continue
                shade = "0.15" if height else colour
                axis.plot([found["low"], found["high"]], [height] * 2, color=shade, linewidth=2.5)
                axis.plot(found["value"], height, form, color=shade, markersize=6)
            low, high = row["wanted"]
            axis.axvspan(low, axis.get_xlim()[1] if high is None else high, color="0.92", zorder=0)
            axis.set_ylim(-0.6, 1.6)
            axis.set_xlabel(row["unit"], fontsize=9.5)
            axis.set_yticks([1.0, 0.0], ["real", "simulated"] if axis in axes[:, 0] else ["", ""])
            axis.grid(visible=False, axis="y")
            axis.set_title(fill(f"{row['name']}: {row['verdict']}", 29), fontsize=9.5, color=colour)
        for axis in axes.flat[len(rows) :]:
            axis.set_axis_off()
        footer(figure, f"{source} Lines: 90 % intervals over runs; of real values, of the count or "
               "over years. Grey: the range that is wanted.")  # fmt: skip
        figure.savefig(path, dpi=110)
