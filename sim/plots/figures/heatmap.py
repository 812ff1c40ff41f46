"""Two swept numbers together."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from ...results.responses import LEVEL
from ..axes import amounts_across
from ..registry import figure
from ..style import Short, footer, grid, say
from ..sweep import (
    ROOM,
    ROOM_UP,
    WIDE,
    Sweep,
    point_quantiles,
    tick,
)
from ..sweep_story import said_of_cells

SHADES = "cividis"


@figure(
    "Two swept numbers together: where a metric is high (light) and low (dark), and below "
    "it how wide the runs of a cell lie apart.",
    of="sweep",
    tables=(),
    order=20,
)
def heatmap(sweep: Sweep) -> Figure | None:
    """Draw metrics over two swept numbers: the median over runs, below it the 5-95 % range.

    Each metric has a column of its own.
    """
    if len(sweep.numbers) < 2:
        return None
    x, y = sweep.numbers[:2]
    title = f"{sweep.names[x]} and {sweep.names[y]} together"
    figure, axes = grid(2, len(sweep.metrics), 7.6, title)
    across, up = sweep.at(x), sweep.at(y)
    for column, metric in enumerate(sweep.metrics):
        cells = [[sweep.values[metric][a.points & b.points] for a in across] for b in up]
        spread = np.asarray([[point_quantiles(own, (0.5, *WIDE)) for own in row] for row in cells])
        for panel, shown, name in (
            (axes[0, column], spread[..., 0], f"{sweep.label(metric)}\nmedian"),
            (axes[1, column], spread[..., 2] - spread[..., 1], "width of the 5-95 % range"),
        ):
            flat = np.nanmax(shown) - np.nanmin(shown) <= LEVEL * np.nanmax(np.abs(shown))
            shown = np.where(np.isfinite(shown), np.nanmean(shown), np.nan) if flat else shown
            mesh = panel.pcolormesh(
                _edges([place.at for place in across]), _edges([place.at for place in up]), shown,
                cmap=SHADES,
            )  # fmt: skip
            if panel.figure is figure:
                bar = figure.colorbar(mesh, ax=panel, location="top", label=name)
            else:  # an axes of the user's: the bar stays within it
                inside = panel.inset_axes((0.0, 1.03, 1.0, 0.05))
                bar = panel.figure.colorbar(mesh, cax=inside, orientation="horizontal", label=name)
                inside.xaxis.set_ticks_position("top")
                inside.xaxis.set_label_position("top")
            bar.locator = MaxNLocator(3)
            bar.formatter = Short()
            if flat:
                bar.locator = FixedLocator([float(np.nanmean(shown))])
                panel.text(0.5, 0.5, "the same\neverywhere", ha="center", va="center",
                           color="white", transform=panel.transAxes)  # fmt: skip
            amounts_across(panel, sweep.names[x])
            panel.xaxis.set_major_locator(MaxNLocator(4))
            tick(panel.xaxis, sweep, x, ROOM * len(sweep.metrics))
            panel.yaxis.set_major_locator(MaxNLocator(5))
            tick(panel.yaxis, sweep, y, ROOM_UP)
            panel.yaxis.set_major_formatter(Short())
            panel.tick_params(labelleft=column == 0)
            panel.grid(visible=False)
            if column == 0:
                panel.set_ylabel(sweep.names[y])
    say(figure, said_of_cells(sweep, across, up))
    more = f" Of {len(sweep.numbers)} numbers the first two." if len(sweep.numbers) > 2 else ""
    footer(figure, f"{sweep.source} Over all runs of a cell; white: no point lies there.{more}")
    return figure


def _edges(middles: Sequence[float]) -> Float[np.ndarray, " edge"]:
    """Return the edges of cells, half-way between their middles; the outer ones as far out."""
    at = np.asarray(middles)
    if len(at) == 1:
        return np.asarray([at[0] - 0.5, at[0] + 0.5])
    inner = 0.5 * (at[:-1] + at[1:])
    return np.asarray([2 * at[0] - inner[0], *inner, 2 * at[-1] - inner[-1]])
