"""Each point of a sweep, less the reference."""

import numpy as np
from matplotlib.figure import Figure

from ...results.responses import paired_differences
from ...results.sweep_table import point_label, value_text
from ..axes import amounts_across, names_down
from ..registry import figure
from ..style import FAINT, INK, colour, drawable, footer, grid, say
from ..sweep import Sweep
from ..sweep_story import said_of_points

MOST_NAMED = 30
"""Points that the figure can name; of more it shows only the order."""


@figure(
    "How far each point lies from the one that the others are compared with, each run "
    "against the run with the same noise.",
    of="sweep",
    tables=(),
    order=40,
)
def points(sweep: Sweep) -> Figure:
    """Draw one panel per metric: how far each point's mean is from the reference's, run by run."""
    count, metrics = sweep.results.manifest["points"], sweep.metrics
    few = count <= MOST_NAMED
    columns = min(2, len(metrics))
    rows = -(-len(metrics) // columns)
    height = 1.6 + rows * (1.2 + (0.25 * max(count, 5) if few else 3.2))
    home = point_label(sweep.columns, sweep.reference)
    figure, axes = grid(rows, columns, height, f"Each point, less point {sweep.reference}")
    for place, panel in enumerate(axes.flat):
        if place >= len(metrics):
            panel.set_axis_off()
            continue
        values = sweep.values[metrics[place]]
        away = paired_differences(values, values[sweep.reference])
        order = np.arange(count) if few else np.argsort(away[:, 0], kind="stable")
        at = np.arange(count)
        mean, low, high = away[order].T
        sure = (low > 0.0) | (high < 0.0)
        for some, ink in ((sure, colour(1)), (~sure, FAINT)):
            panel.hlines(at[some], low[some], high[some], color=ink, linewidth=1.6)
            panel.plot(mean[some], at[some], "o", color=ink, ms=4)
        panel.axvline(0.0, color=INK, linewidth=0.8)
        if few:
            names_down(panel, [_line(sweep, point) for point in order.tolist()])
            panel.tick_params(labelleft=place % columns == 0)
        else:
            panel.set_ylim(count, -1)
            panel.set_yticks([])
            panel.set_ylabel(f"{count} points, in order")
        amounts_across(panel, "difference of the mean, 95 % interval")
        panel.set_title(sweep.label(metrics[place]))
    say(figure, said_of_points(sweep))
    footer(figure, f"{sweep.source} Run by run against point {sweep.reference}: {home}. Blue: the "
           "interval leaves zero out, grey: it does not; of many points one in twenty does by "
           "noise.")  # fmt: skip
    return figure


def _line(sweep: Sweep, point: int) -> str:
    """Return a point as the figure names it: texts with their state if that distinguishes them."""
    parts = []
    for path, values in sweep.columns.items():
        name = sweep.names[path]
        name = name if path in sweep.numbers else name.rpartition(".")[0].rpartition(".")[2]
        parts.append(f"{name} {value_text(values[point])}".strip())
    return drawable(", ".join(parts), 80)
