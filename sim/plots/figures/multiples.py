"""The same number under each doctrine, or other choice."""

from matplotlib.figure import Figure

from ..registry import figure
from ..style import colour, drawable, footer, grid, say
from ..sweep import MOST_PANELS, Sweep, across, curve, level_axes
from ..sweep_story import said_of_choices


@figure(
    "The same number under each doctrine, or other choice that was swept.",
    of="sweep",
    tables=(),
    order=30,
)
def multiples(sweep: Sweep) -> Figure | None:
    """Return a panel per doctrine, or other choice: a metric along the first number."""
    if not sweep.choices or not sweep.numbers:
        return None
    path, along = sweep.choices[0], sweep.numbers[0]
    kinds = sweep.kinds(path)[: 2 * MOST_PANELS]
    title = f"{sweep.names[along]} under each {sweep.names[path]}"
    metrics = sweep.metrics
    figure, axes = grid(len(metrics), len(kinds), 1.7 + 2.5 * len(metrics), title)
    for column, kind in enumerate(kinds):
        some = sweep.columns[path] == kind
        for row, metric in enumerate(metrics):
            curve(axes[row, column], sweep, metric, along, some, colour(column))
            across(axes[row, column], sweep, along, len(kinds))
        axes[0, column].set_title(drawable(kind.replace("_", "_\n" if len(kinds) > 4 else "_")))
    for row, metric in enumerate(metrics):
        axes[row, 0].set_ylabel(sweep.label(metric))
        level_axes(axes[row])
    say(figure, said_of_choices(sweep, path, kinds, along))
    more = f" The first {len(kinds)} of {len(sweep.kinds(path))}." * (
        len(kinds) < len(sweep.kinds(path))
    )
    footer(figure, f"{sweep.source} Line: median; bands: 25-75 and 5-95 % of runs. Dots: means; "
           "bars: 95 % interval of the mean's difference from the ringed one in the same panel, "
           f"run by run.{more}")  # fmt: skip
    return figure
