"""One number of a world over the weeks, with its spread over runs; of two worlds beside each other.

Small enough for a phone, where the figures of a report are too wide to be read.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots.axes import amount_axis, date_axis
from ..plots.looks import DASHES
from ..plots.style import Short, band, colour, drawable

SIZE = (5.0, 3.1)
"""Inches: at the width of a phone a letter is as large as in its text."""
FROM_ZERO = 0.5
"""An axis begins at 0 where the least value is less than this share of the largest."""


def fan(
    dates: np.ndarray, worlds: Mapping[str, Float[np.ndarray, "run week"]], unit: str
) -> Figure:
    """Draw the median of each world, with the 25-75 and the 5-95 % range over its runs.

    Args:
        dates: The first day of each week of the longest world, [week].
        worlds: The values, by what the world is called; the first is drawn in the first colour.
        unit: What the values are counted in.
    """
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for place, (name, values) in enumerate(worlds.items()):
        label = name if len(worlds) > 1 else None
        weeks = dates[: values.shape[1]]
        band(axes, weeks, values, colour(place), label, DASHES[place % len(DASHES)])
    lows, highs = zip(*((np.nanmin(x), np.nanmax(x)) for x in worlds.values()), strict=True)
    if min(lows) >= 0.0 and min(lows) <= FROM_ZERO * max(highs):
        amount_axis(axes, drawable(unit))
    else:
        axes.set_ylabel(drawable(unit))
        axes.yaxis.set_major_formatter(Short())
    date_axis(axes, dates, 4)
    if len(worlds) > 1:
        axes.legend(loc="best")
    return figure
