"""The escalation index under each scale, and what it is made of."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...events import SCALE_NAMES, SCALES, TABLE, Scale
from ..axes import bars, date_axis, empty, signed_axis
from ..registry import figure
from ..runs import Runs
from ..style import (
    FAINT,
    INK,
    PALETTE,
    QUARTER,
    band,
    footer,
    grid,
    lately,
    say,
    source,
    spaced,
    spread,
)

MOST_KINDS = 6
FALLS_ON = ("toward the target", "on third parties")
SHADES: dict[Scale, str] = {"mid": PALETTE[1], "goldstein": PALETTE[3], "rivera": PALETTE[0]}


@figure(
    "The same events weighed on three published scales, which do not agree.",
    tables=("weeks", "events"),
    order=150,
)
def escalation(runs: Runs) -> Figure | None:
    """Draw the index over time, and the kinds of events that weigh most, one row per scale."""
    totals = runs.totals(runs.events.value)
    if totals.max(initial=0.0) <= 0.0:
        return None
    figure, axes = grid(len(SCALES), 2, 10.2, "Escalation: three scales read the same events")
    for row, scale in enumerate(SCALES):
        over_time, parts = axes[row]
        whole, beside = (
            lately(runs.of_states(f"escalation_{scale}{part}")[:, :, 0], QUARTER)
            for part in ("", "_third")
        )
        band(over_time, runs.dates, whole - beside, SHADES[scale])
        band(over_time, runs.dates, beside, FAINT, style="--")
        over_time.set_title(SCALE_NAMES[scale])
        signed_axis(over_time, "weight per week;\nabove 0 escalates")
        date_axis(over_time, runs.dates)
        _parts(parts, scale, totals / len(runs.dates))
    axes[0, 1].set_title("What it is made of")
    say(figure, _saying(runs))
    shown = (Line2D([], [], color=INK), Line2D([], [], color=FAINT, linestyle="--"))
    figure.legend(shown, FALLS_ON, loc="outside upper right", ncols=2)
    bars_are = " Bars: median, whiskers 5-95 %." if runs.count > 1 else ""
    footer(
        figure,
        f"{source(runs)} 13-week means; the index is the sum of both lines.{bars_are} "
        "* falls on third parties: what two do for each other, or what names nobody.",
    )
    return figure


def _saying(runs: Runs) -> str:
    """Return what the scales say of the mean week of a run, and whether they agree on its sign."""
    weeks = {
        scale: np.nanmean(runs.of_states(f"escalation_{scale}")[:, :, 0], axis=1)
        for scale in SCALES
    }
    named = [f"{SCALE_NAMES[scale]} {spread(weeks[scale])}" for scale in SCALES]
    signs = {
        int(np.sign(low)) if low * high > 0.0 else 0
        for low, high in (np.nanquantile(week, (0.05, 0.95)) for week in weeks.values())
    }
    agree = "the scales disagree on its sign" if {-1, 1} <= signs else ""
    return f"The mean week weighs {', '.join(named)}{': ' * bool(agree)}{agree}."


def _parts(axes: Axes, scale: Scale, often: np.ndarray) -> None:
    """Draw what the heaviest kinds add to the index; `often`: events per week, [run, kind]."""
    weights = np.array([event.escalation(scale) for event in TABLE])
    added = often * weights
    mean = np.abs(added).mean(axis=0)
    top = [k for k in np.argsort(-mean, kind="stable")[:MOST_KINDS] if mean[k] > 0.0]
    if not top:
        empty(axes, "", "nothing weighs on this scale")
        return
    names = [spaced(TABLE[k].name) + " *" * TABLE[k].third_party for k in top]
    colours = [FAINT if TABLE[k].third_party else SHADES[scale] for k in top]
    bars(axes, names, added[:, top], colours, "weight per week, by kind")
    axes.axvline(0.0, color=INK, linewidth=0.8)
