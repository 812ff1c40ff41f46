"""The figure of a hindcast: reports over their forecasts, baselines beside them, and the PIT."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.ticker import EngFormatter

from .style import PALETTE, footer, grid, look

COLUMNS = 3
LARGE = 1e5
"""Above which an axis counts in millions."""
BEFORE = 16
"""Reports before the origin that are shown at most."""


def draw_hindcast(data: Mapping[str, Any], path: Path | BinaryIO, source: str) -> None:
    """Draw each quantity's reports over its bands, and where all reports lie in their forecasts.

    Args:
        data: As `studies.hindcast_page.as_data` returns it.
        path: The file to write, or what is written to.
        source: What was simulated, for the foot.
    """
    rows = data["quantities"]
    count = ceil((len(rows) + 1) / COLUMNS)
    with look():
        figure, axes = grid(count, COLUMNS, 1.2 + 2.7 * count, "Hindcast: reports and forecasts")
        flat = list(axes.flat)
        for axis, row in zip(flat, rows, strict=False):
            _panel(axis, row)
        _places(flat[len(rows)], data["pooled"]["pit"])
        flat[0].legend(fontsize=8, loc="best")
        for axis in flat[len(rows) + 1 :]:
            axis.set_axis_off()
        footer(
            figure,
            f"{source} Bands: 50 and 90 % of what would be reported; grey points came before "
            "the first day that is forecast. Baselines are fitted on these alone.",
        )
        figure.savefig(path, dpi=110)


def _panel(axis: Any, row: Mapping[str, Any]) -> None:
    """Draw one quantity: a bar per report, since reports lie unevenly."""
    days = mdates.date2num(pd.to_datetime([report["day"] for report in row["reports"]]))
    bands = np.asarray([report["quantiles"] for report in row["reports"]])
    for low, high, width, alpha in ((0, 4, 4.0, 0.35), (1, 3, 8.0, 0.6)):
        label = "90 % and 50 %" if low == 0 else None
        axis.vlines(days, bands[:, low], bands[:, high], color=PALETTE[1], linewidth=width,
                    alpha=alpha, label=label)  # fmt: skip
    for name, marker, colour in (("persistence", "_", PALETTE[0]), ("trend", "x", PALETTE[2])):
        values = [report[name] for report in row["reports"]]
        axis.plot(days, values, marker, color=colour, label=name, markersize=7)
    history = row["history"][-BEFORE:]
    old = mdates.date2num(pd.to_datetime([report["day"] for report in history]))
    axis.plot(old, [report["value"] for report in history], "o", color="0.65", markersize=3.5)
    reported = np.asarray([report["value"] for report in row["reports"]])
    ends = [[report[end] for report in row["reports"]] for end in ("low", "high")]
    axis.errorbar(days, reported, np.abs(np.asarray(ends) - reported), fmt="o", color="black",
                  markersize=4.5, linewidth=1.0, label="reported")  # fmt: skip
    locator = mdates.AutoDateLocator(minticks=2, maxticks=5)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))
    axis.set_title(row["quantity"], fontsize=10)
    axis.set_ylabel(row["unit"], fontsize=8.5)
    axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
    if axis.get_ylim()[1] > LARGE:
        axis.yaxis.set_major_formatter(EngFormatter())


def _places(axis: Any, counts: list[int]) -> None:
    """Draw the PIT histogram, with what would be even."""
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    axis.bar(edges[:-1], counts, width=edges[1], align="edge", color=PALETTE[1], edgecolor="white")
    axis.axhline(sum(counts) / len(counts), color="0.3", linestyle="--", linewidth=1.0)
    axis.set_title("all reports: place in the forecast", fontsize=10)
    axis.set_xlabel("PIT")
    axis.set_ylabel("reports")
