"""The picture of a room: what everybody sees, drawn once a turn and sent to all.

No setting of matplotlib is touched: several threads of a server draw.
"""

from io import StringIO
from typing import Any

from matplotlib.figure import Figure

from ...plots.style import INK, PALETTE
from .course import WEEKS

WAR, TESTS, DRILLS = PALETTE[0], PALETTE[1], PALETTE[3]


def drawn(view: dict[str, Any]) -> str:
    """Return the picture as SVG: by state and week, wars, tests and exercises that all see.

    Args:
        view: Of `views.public`.
    """
    states, series, weeks = view["states"], view["series"], len(view["series"]["test"])
    figure = Figure(figsize=(5.6, 0.9 + 0.36 * len(states)), layout="constrained")
    axes = figure.add_subplot()
    for row in range(len(states)):
        wars = [(week, 1.0) for week in range(weeks) if series["at_war"][week][row] > 0.0]
        axes.broken_barh(wars, (row - 0.12, 0.24), facecolors=WAR, edgecolors=WAR)
        for name, colour, level in (("test", TESTS, -0.26), ("drill", DRILLS, 0.26)):
            sizes = [min(series[name][week][row], 3.0) for week in range(weeks)]
            found = [week for week in range(weeks) if sizes[week] > 0.0]
            axes.scatter(
                [week + 0.5 for week in found],
                [row + level] * len(found),
                s=[14.0 + 22.0 * sizes[week] for week in found],
                color=colour,
            )
    for colour, label in ((WAR, "at war"), (TESTS, "tests"), (DRILLS, "exercises")):
        axes.plot([], [], "o", color=colour, label=label)
    axes.set_yticks(range(len(states)), states)
    axes.set_ylim(len(states) - 0.4, -0.6)
    axes.set_xlim(0, WEEKS * view["turns"])
    axes.set_xlabel("week")
    axes.axvline(weeks, color=INK, linewidth=0.8)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
