"""What each swept number does to some metrics."""

import numpy as np
from matplotlib.figure import Figure

from ..registry import figure
from ..style import colour, footer, grid, say
from ..sweep import BINS, MOST_PANELS, Sweep, across, curve, level_axes
from ..sweep_story import said_of_numbers


@figure(
    "What each swept number does to some metrics, whatever else was swept beside it.",
    of="sweep",
    tables=(),
    order=10,
)
def response(sweep: Sweep) -> Figure | None:
    """Draw metrics (rows) along swept numbers (columns): quantiles over runs, the paired mean."""
    paths = sweep.numbers[:MOST_PANELS]
    if not paths:
        return None
    title = "What each number does"
    figure, axes = grid(len(sweep.metrics), len(paths), 1.7 + 2.5 * len(sweep.metrics), title)
    everything = np.ones(sweep.results.manifest["points"], bool)
    for row, metric in enumerate(sweep.metrics):
        for panel, path in zip(axes[row], paths, strict=True):
            curve(panel, sweep, metric, path, everything, colour(1))
            across(panel, sweep, path, len(paths))
        axes[row, 0].set_ylabel(sweep.label(metric))
        level_axes(axes[row])
    say(figure, said_of_numbers(sweep, paths))
    binned = ""
    if any(map(sweep.is_binned, paths)):
        binned = f" Numbers of many values: {BINS} bins of as many points, no means."
    left = f" The first {MOST_PANELS} of {len(sweep.numbers)} numbers." * (
        len(sweep.numbers) > MOST_PANELS
    )
    footer(figure, f"{sweep.source} Line: median; dark band: 25-75 %, light: 5-95 % of all runs at "
           "that value. Dots: means; bars: 95 % interval of the mean's difference from the ringed "
           f"one, run by run.{binned}{left}")  # fmt: skip
    return figure
