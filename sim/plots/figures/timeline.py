"""One run's events, dated, by kind and actor."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...events import EVENTS
from ..axes import date_axis
from ..registry import figure
from ..runs import Happened, Runs
from ..style import FAINT, colour, footer, grid, source, spaced

THEMES: dict[str, tuple[str, ...]] = {
    "trade": ("agreement", "shipment_departed", "delivered", "interdicted", "lesson_taught"),
    "tests": (
        "test",
        "test_day",
        "test_failed",
        "launch_announced",
        "launch_postponed",
        "launch_succeeded",
        "launch_failed",
    ),
    "training": ("exercise",),
    "statements": ("visit", "treaty", "disclosure", "joint_statement", "denial"),
    "Council": (
        *("draft", "adopted", "imposed", "renewed", "condemned", "vetoed"),
        *("relief", "lifted", "upheld"),
        *("monitor_ended", "coalition_monitor", "sanction"),
    ),
    "crises": (
        "challenge",
        "resisted",
        "conceded",
        "backed_down",
        "incident",
        "level_up",
        "level_down",
        "ceasefire",
        "joined",
        "defeated",
    ),
}
"""Every kind of event, in the order in which it is drawn."""

LEVELS = {"level_up": "levels risen", "level_down": "levels fallen"}
"""What is counted in levels: one act may raise a dispute by several."""
MOST_ACTORS = 16
"""Actors that the legend names, those with the most events."""


@figure(
    "All events of one run by date; numbers on the right compare it with the others.",
    tables=("weeks", "events"),
    order=140,
)
def timeline(runs: Runs) -> Figure | None:
    """Draw the events of the first run: a row per kind, a mark per week, a colour per actor."""
    first = runs.events.only(runs.events.run == 0)
    kinds = [EVENTS.index(kind) for kinds in THEMES.values() for kind in kinds]
    kinds = [kind for kind in kinds if (first.kind == kind).any()]
    if not kinds:
        return None
    title = f"Timeline of one run: {runs.names[0]}"
    figure, axes = grid(1, 1, 2.2 + 0.34 * len(kinds), title)
    panel = axes[0, 0]
    for row, kind in enumerate(kinds):
        _row(panel, runs, first.only(first.kind == kind), row)
    panel.set_yticks(
        range(len(kinds)), [LEVELS.get(EVENTS[kind], spaced(EVENTS[kind])) for kind in kinds]
    )
    panel.set_ylim(len(kinds) - 0.4, -0.6)
    panel.set_ylabel("kind of event")
    panel.grid(visible=False)
    date_axis(panel, runs.dates)
    _themes(panel, kinds)
    _counts(panel, runs, kinds)
    _legend(figure, runs, first)
    note = "A mark is a week in which the actor did it; where several did, each has its own height."
    others = " In brackets: 5-95 % of runs." if runs.count > 1 else ""
    footer(figure, f"{source(runs, bands=False)} {note}{others}")
    return figure


def _row(axes: Axes, runs: Runs, happened: Happened, row: int) -> None:
    """Draw one kind of event; each of its actors has a lane of the row."""
    actors = sorted(set(happened.actor.tolist()))
    height = 0.84 / len(actors)
    thick = 2.6 if len(happened.week) <= 40 else 1.3
    for lane, actor in enumerate(actors):
        top = row - 0.42 + lane * height
        at = runs.dates[np.unique(happened.week[happened.actor == actor])]
        axes.vlines(at, top, top + 0.94 * height, color=colour(actor), linewidth=thick)


def _themes(axes: Axes, kinds: list[int]) -> None:
    """Draw lines between rows, darker where the theme changes."""
    theme = {kind: name for name, kinds in THEMES.items() for kind in kinds}
    for row in range(1, len(kinds)):
        same = theme[EVENTS[kinds[row]]] == theme[EVENTS[kinds[row - 1]]]
        axes.axhline(row - 0.5, color="#DDDDDD" if same else FAINT, linewidth=0.7)


def _counts(axes: Axes, runs: Runs, kinds: list[int]) -> None:
    """Write how often each kind happened in this run, and its 5-95 % range over runs."""
    totals = runs.totals(runs.events.number)[:, kinds]
    low, high = np.quantile(totals, (0.05, 0.95), axis=0)
    many = runs.count > 1
    for row in range(len(kinds)):
        text = f"{totals[0, row]:.0f}" + (f"  ({low[row]:.0f} to {high[row]:.0f})" if many else "")
        axes.text(
            1.01, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize="small"
        )
    head = "events here\n(5-95 % of runs)" if many else "events"
    axes.text(
        1.01, -0.75, head, transform=axes.get_yaxis_transform(), va="bottom", fontsize="small"
    )


def _legend(figure: Figure, runs: Runs, first: Happened) -> None:
    often = np.bincount(first.actor, first.value, len(runs.states))
    busiest = np.argsort(-often, kind="stable")[:MOST_ACTORS]
    actors = sorted(int(place) for place in busiest if often[place] > 0.0)
    shown = [
        Line2D([], [], color=colour(i), lw=5.0, label=runs.name(runs.states[i])) for i in actors
    ]
    figure.legend(handles=shown, loc="outside upper right", ncols=4, handlelength=1.0)
