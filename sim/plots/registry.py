"""Where figures are looked up by name: those of `figures/`, and those that a user registers.

    @sim.figure("How ready the forces are.", tables=("weeks",))
    def readiness(runs):
        figure, axes = grid(1, 1, 4.0, "Readiness")
        band(axes[0, 0], runs.dates, runs.of_states("readiness")[:, :, 0], INK)
        return figure

It is then `sim.plots.readiness(results)` and `results.plot.readiness()`, and stands in `figures/`
and in the report of every job that kept what it needs.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from matplotlib.figure import Figure

from ..scenario.problems import nearest
from .canvas import finish
from .runs import Runs
from .sweep import Sweep

SUBJECTS: dict[str, type] = {"job": Runs, "sweep": Sweep}
"""What a figure may be of, and what its function takes."""
TABLES = ("weeks", "dyads", "routes", "events")
"""What a figure may need, beside the table of runs that every job has."""
CHOICES = ("states", "pairs", "routes")
"""What a figure may let its user choose, beside the weeks."""
LAST = 1_000
"""The order of a figure that says none: after the shipped ones."""


@dataclass(frozen=True)
class Registered:
    """A figure by its name.

    - `function`: draws it of a `Runs` or a `Sweep`; None where there is nothing to draw.
    - `caption`: what it shows, for readers who have never seen the model.
    - `of`: a job or a sweep.
    - `tables`: what the job must have kept.
    - `order`: its place in a report.
    - `takes`: those of CHOICES that its user may choose.
    """

    name: str
    function: Callable[[Any], Figure | None]
    caption: str
    of: str
    tables: tuple[str, ...]
    order: float
    takes: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Return whether it is armsflow's own, which every process knows."""
        return self.function.__module__.startswith(f"{__package__}.figures.")

    def can_draw(self, subject: Runs | Sweep) -> bool:
        """Return whether the job kept the tables that the figure needs."""
        return all(subject.keeps(table) for table in self.tables)

    def draw(self, subject: Runs | Sweep) -> Figure | None:
        """Draw the figure under the settings and on the canvas that hold; None without anything.

        Raises:
            TypeError: Its function returns something else.
        """
        if not self.can_draw(subject):
            return None
        drawn = self.function(subject)
        if drawn is not None and not isinstance(drawn, Figure):
            raise TypeError(
                f"figure {self.name}: {drawn!r} is neither a matplotlib Figure nor None"
            )
        if drawn is not None:
            finish(drawn)
        return drawn


FIGURES: dict[str, Registered] = {}
"""Every figure, by its name."""


def figures_of(subject: str) -> list[Registered]:
    """Return the figures of a `job` or a `sweep`, in the order of a report."""
    some = (found for found in FIGURES.values() if found.of == subject)
    return sorted(some, key=lambda found: found.order)


def figure(
    caption: str,
    of: str = "job",
    tables: Sequence[str] = ("weeks",),
    order: float = LAST,
    takes: Sequence[str] = (),
) -> Callable[[Callable[[Any], Figure | None]], Callable[[Any], Figure | None]]:
    """Register a function as a figure that bears its name.

    Args:
        caption: What the figure shows, in a sentence.
        of: `job`: the function takes a `sim.plots.runs.Runs`; `sweep`: a `sim.plots.sweep.Sweep`.
        tables: Those of TABLES without which there is nothing to draw.
        order: Its place in a report; the shipped figures have 10, 20, ... 150.
        takes: Those of CHOICES that its function heeds, by `runs.only`.

    Raises:
        ValueError: All that is wrong with the arguments or with the name.

    Examples:
        >>> @sim.figure("Nothing but a frame.")
        ... def frame_alone(runs):
        ...     return plt.figure()
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> drawn = sim.run(world, runs=1, workers=1, engine="reference").plot.frame_alone()
    """
    needed = (tables,) if isinstance(tables, str) else tuple(tables)

    def register(function: Callable[[Any], Figure | None]) -> Callable[[Any], Figure | None]:
        name = function.__name__
        wrong = [f"there is no table '{table}'" for table in needed if table not in TABLES]
        wrong += [
            f"'{name}' is none of {', '.join(CHOICES)}" for name in takes if name not in CHOICES
        ]
        if of not in SUBJECTS:
            wrong.append(f"'{of}' is neither job nor sweep")
        if not caption.strip():
            wrong.append("its caption is empty")
        if not name.isidentifier() or name.startswith("_"):
            wrong.append("its name cannot be that of an attribute")
        elif _is_taken(name, function):
            wrong.append("the name is taken")
        if wrong:
            raise ValueError(f"figure {name}: {'; '.join(wrong)}")
        FIGURES[name] = Registered(name, function, caption, of, needed, order, tuple(takes))
        return function

    return register


def _is_taken(name: str, function: Callable[..., Any]) -> bool:
    """Return whether a name stands for something else; a function defined again replaces itself."""
    known = FIGURES.get(name)
    if known is not None:
        was = known.function
        return (was.__module__, was.__qualname__) != (function.__module__, function.__qualname__)
    modules = {module.name for module in iter_modules([str(Path(__file__).parent)])}
    return name in modules or name in vars(sys.modules[__package__])


def registered(name: str) -> Registered:
    """Return a figure by its name.

    Raises:
        AttributeError: There is no such figure; the message names those that there are.
    """
    if name not in FIGURES:
        near = nearest(name, FIGURES)
        raise AttributeError(f"there is no figure '{name}'{near}; there are {', '.join(names())}")
    return FIGURES[name]


def names() -> list[str]:
    """Return the names of all figures."""
    return sorted(FIGURES)
