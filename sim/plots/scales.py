"""The escalation index under each scale, and what it is made of."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..events import SCALES, TABLE, Scale
from .runs import Runs
from .style import (
    FAINT,
    INK,
    PALETTE,
    QUARTER,
    band,
    bars,
    date_axis,
    empty,
    footer,
    grid,
    lately,
    signed_axis,
    source,
    words,
)

MOST_KINDS = 6
TITLES: dict[Scale, str] = {
    "mid": "MID: hostility of acts",
    "goldstein": "CAMEO-Goldstein, sign turned",
    "rivera": "Rivera et al. (2024)",
}
SHADES: dict[Scale, str] = {"mid": PALETTE[1], "goldstein": PALETTE[3], "rivera": PALETTE[0]}


def escalation(runs: Runs) -> Figure | None:
    """The index over time, and the kinds of events that weigh most, a row a scale."""
    totals = runs.totals(runs.events.value)
    if totals.max(initial=0.0) <= 0.0:
        return None
    figure, axes = grid(len(SCALES), 2, 10.2, "Escalation: three scales read the same events")
    for row, scale in enumerate(SCALES):
        over_time, parts = axes[row]
        index = lately(runs.of_states(f"escalation_{scale}")[:, :, 0], QUARTER)
        band(over_time, runs.dates, index, SHADES[scale], "13-week mean")
        if runs.count > 1:
            over_time.plot(runs.dates, index[0], color=INK, linewidth=0.9, label="one run's path")
        over_time.set_title(TITLES[scale])
        signed_axis(over_time, "weight a week;\nabove 0 escalates")
        date_axis(over_time, runs.dates)
        _parts(parts, scale, totals / len(runs.dates))
    axes[0, 1].set_title("What it is made of")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    bars_are = " Bars: median, whiskers 5-95 %." if runs.count > 1 else ""
    footer(figure, f"{source(runs)}{bars_are} Supplying weapons is cooperative for Goldstein.")
    return figure


def _parts(axes: Axes, scale: Scale, often: np.ndarray) -> None:
    """What the commonest kinds add to the index: events a week [run, kind] times weight."""
    sign = -1.0 if scale == "goldstein" else 1.0
    weights = np.array([sign * event.weight(scale) for event in TABLE])
    added = often * weights
    mean = np.abs(added).mean(axis=0)
    top = [k for k in np.argsort(-mean, kind="stable")[:MOST_KINDS] if mean[k] > 0.0]
    if not top:
        empty(axes, "", "nothing weighs on this scale")
        return
    colours = [SHADES[scale] if weights[k] > 0.0 else FAINT for k in top]
    bars(
        axes, [words(TABLE[k].name) for k in top], added[:, top], colours, "weight a week, by kind"
    )
    axes.axvline(0.0, color=INK, linewidth=0.8)
