"""Technology, and lessons that are not yet absorbed."""

import numpy as np
from matplotlib.figure import Figure

from ..axes import amount_axis, date_axis
from ..registry import figure
from ..runs import Runs
from ..style import FAINT, band, colour, footer, grid, say, source, spaced, spread

MOST_DOMAINS = 5


@figure(
    "How technology grew in the state that was taught most, and what it has still to absorb.",
    tables=("weeks",),
    order=50,
    takes=("states",),
)
def technology(runs: Runs) -> Figure | None:
    """Draw technology and lessons not yet absorbed, by domain, of the state taught most."""
    domains = list(runs.scenario.technologies)
    if not domains:
        return None
    tech = np.stack([runs.of_states(f"tech_{domain}") for domain in domains])
    lessons = np.stack([runs.of_states(f"lessons_{domain}") for domain in domains])
    learner = runs.places([_learner(tech, lessons)], 1)[0]
    moved = np.nanmean(np.abs(tech[:, :, -1, learner] - tech[:, :, 0, learner]), axis=1)
    shown = sorted(np.argsort(-moved, kind="stable")[:MOST_DOMAINS].tolist())
    title = f"{runs.name(runs.states[learner])}: technology, and lessons it has to absorb"
    figure, axes = grid(2, len(shown), 6.4, title)
    highest = np.nanmax(lessons[shown][..., learner])
    for column, domain in enumerate(shown):
        level, queue = axes[:, column]
        band(level, runs.dates, tech[domain, :, :, learner], colour(learner))
        band(queue, runs.dates, lessons[domain, :, :, learner], FAINT)
        level.set_title(spaced(domains[domain]))
        amount_axis(level, "technology level\n(1 = frontier at start)" if column == 0 else "", 1.05)
        amount_axis(queue, "lessons waiting\n(levels)" if column == 0 else "", highest * 1.05)
        for panel in (level, queue):
            date_axis(panel, runs.dates, ticks=6 if len(shown) < 4 else 3)
    rise = (tech[:, :, -1, learner] - tech[:, :, 0, learner])[shown]
    first = int(np.nanmedian(rise, axis=1).argmax())
    if np.nanquantile(rise[first], 0.05) > 0.0:
        domain = spaced(domains[shown[first]])
        gain = spread(rise[first], "levels")
        say(figure, f"Most is gained in {domain}: {gain}; the frontier had 1 at the start.")
    footer(figure, source(runs))
    return figure


def _learner(tech: np.ndarray, lessons: np.ndarray) -> int:
    """Return the state with the most lessons over all runs.

    Where no state has any, return the one whose technology rose most. Both arrays are
    [technology, run, week, state].
    """
    taught = np.nansum(lessons, axis=(0, 1, 2))
    if taught.max() > 0.0:
        return int(taught.argmax())
    return int(np.nansum(tech[:, :, -1] - tech[:, :, 0], axis=(0, 1)).argmax())
