"""Phase diagrams: two parameters, the long-run regime of runs as colour, theory's boundary over it.

A regime is read off the runs alone; the boundary is theory's alone. Where there is no theory, a
summary metric is drawn over any two numbers of any scenario.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ...plots.style import INK, footer, grid, look, write
from ...scenario import Scenario, load
from ...world import YEAR
from .diffusion import diffusion
from .first_strike import outcome, strike
from .lanchester import battle
from .limit import Runner
from .richardson import race, strength_path

if TYPE_CHECKING:
    from matplotlib.artist import Artist

COLOURS = ("#9ECAE1", "#FDBF6F", "#C7361F", "#5B0A1A")
"""Of the regimes, calm to violent; in order also in grey."""
Line = Float[np.ndarray, " place"]


@dataclass(frozen=True)
class Axis:
    """A parameter: where it stands in the scenario, its range and its name on the axis."""

    path: str
    low: float
    high: float
    label: str

    def places(self, count: int) -> Line:
        """Return the middles of so many equal cells."""
        edges = np.linspace(self.low, self.high, count + 1)
        return np.asarray(0.5 * (edges[:-1] + edges[1:]))


@dataclass(frozen=True)
class Diagram:
    """A phase diagram.

    - `regime`: the number of the regime in `regimes` that runs of a scenario show.
    - `theory`: the number of the regime that theory expects of it.
    - `boundary`: theory's lines: from the scenario and places along x, a y each; with its name.
    """

    title: str
    scenario: str
    overrides: tuple[str, ...]
    x: Axis
    y: Axis
    regime: Callable[[Scenario, Runner], float]
    theory: Callable[[Scenario], float]
    regimes: tuple[str, ...]
    boundary: Callable[[Scenario, Line], Sequence[Line]]
    boundary_name: str

    def at(self, x: float, y: float) -> Scenario:
        """Return the scenario of one place.

        Args:
            x: The value on the horizontal axis.
            y: The value on the vertical axis.
        """
        overrides = [f"{self.x.path}={x!r}", f"{self.y.path}={y!r}"]
        return load(self.scenario, [*self.overrides, *overrides])


def runs_away(scenario: Scenario, runner: Runner) -> float:
    """Return 1 where what the states add in a week is more in the end than half-way.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    total = strength_path(scenario, runner).sum(axis=1)
    change = np.abs(np.diff(total))
    return float(change[-1] > change[len(change) // 2])


def race_boundary(scenario: Scenario, a: Line) -> list[Line]:
    """Return the line b = m n / a.

    Args:
        scenario: What is simulated.
        a: Places along x.
    """
    fatigue = -np.diag(race(scenario).flow)
    return [np.asarray(fatigue[0] * fatigue[1] / np.maximum(a, 1e-9))]


def left_behind(scenario: Scenario, runner: Runner) -> float:
    """Return 1 where the share of the frontier of a state far behind falls.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    level = runner.run_once(scenario).by_state(f"tech_{scenario.technologies[0]}")[0, :, 0]
    growth = float(scenario.params().technologies.growth[0]) / YEAR
    return float(np.log(level[-1] / level[0]) < growth * (len(level) - 1))


def second_prevails(scenario: Scenario, runner: Runner) -> float:
    """Return 1 where the second side is left in the end, 0 where the first is.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    force = runner.run_once(scenario).by_state("force")[0, -1]
    return float(force[1] > force[0])


def parity(scenario: Scenario, x: Line) -> list[Line]:
    """Return forces y with which the second side is as strong as x of the first.

    Args:
        scenario: What is simulated.
        x: Places along x.
    """
    model = battle(scenario)
    return [np.asarray((model.fire[0] / model.fire[1]) ** (1.0 / model.power) * x)]


def who_attacks(scenario: Scenario, runner: Runner) -> float:
    """Return who attacks: 0 nobody, 1 the first, 2 the second, 3 both.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    first_deters, second_deters = outcome(scenario, runner)[0]
    return float(1 * (not second_deters) + 2 * (not first_deters))


def cone(scenario: Scenario, first: Line) -> list[Line]:
    """Return what the second must hold to deter, and the most against which the first deters.

    Args:
        scenario: What is simulated.
        first: Places along x.
    """
    model = strike(scenario)
    slope, bare = model.counterforce[1], model.unacceptable[1] / model.damage[0]
    own = np.asarray([model.needed(1, float(x)) for x in first])
    return [own, np.asarray((first - bare) / max(float(slope), 1e-9))]


_ARMS = "states.{}.desks.procurement.reaction"
DIAGRAMS = {
    "richardson": Diagram(
        "Richardson's arms race: where it comes to rest",
        "limit_richardson",
        ("weeks=78",),
        Axis(_ARMS.format("BLU"), 0.0, 6.0, "a: BLU's reaction, per year"),
        Axis(_ARMS.format("RED"), 0.0, 6.0, "b: RED's reaction, per year"),
        runs_away,
        lambda scenario: float(race(scenario).growth > 0.0),
        ("comes to rest", "runs away"),
        race_boundary,
        "a b = m n",
    ),
    "benhabib_spiegel": Diagram(
        "Benhabib and Spiegel's threshold: who is left behind",
        "limit_benhabib_spiegel",
        ("weeks=26", "states.BLU.tech.engines=1e-6"),
        Axis("technologies.engines.growth", 0.0, 1.0, "g: growth of the frontier, per year"),
        Axis("technologies.engines.research", 0.0, 1.2, "c: catching up, per year"),
        left_behind,
        lambda scenario: float(diffusion(scenario).growth > diffusion(scenario).pace[0]),
        ("keeps a share of the frontier", "is left ever further behind"),
        lambda scenario, g: [g],
        "c = g",
    ),
    "lanchester": Diagram(
        "Lanchester's square law: who prevails",
        "limit_lanchester_square",
        ("weeks=104",),
        Axis("states.BLU.force", 0.0, 200.0, "BLU at the start, thousand soldiers"),
        Axis("states.RED.force", 0.0, 200.0, "RED at the start, thousand soldiers"),
        second_prevails,
        lambda scenario: float(battle(scenario).lead(battle(scenario).force) < 0.0),
        ("BLU prevails", "RED prevails"),
        parity,
        "parity: alpha x² = beta y²",
    ),
    "first_strike": Diagram(
        "Intriligator and Brito: who attacks",
        "limit_first_strike",
        (),
        Axis("states.BLU.stock.arms", 0.0, 300.0, "BLU holds, arms"),
        Axis("states.RED.stock.arms", 0.0, 300.0, "RED holds, arms"),
        who_attacks,
        lambda scenario: float(~strike(scenario).deters @ [2, 1]),
        ("both deter", "BLU attacks", "RED attacks", "both attack"),
        cone,
        "(M - f M') v = C",
    ),
}


def surface(
    measured: Callable[[Scenario, Runner], float],
    places: Sequence[Scenario],
    runner: Runner,
    workers: int,
) -> Float[np.ndarray, " place"]:
    """Return what runs show at each place.

    Args:
        measured: Returns the number that runs of a scenario show.
        places: The scenario of each place.
        runner: How runs are simulated.
        workers: How many processes.
    """
    jobs = [(measured, place, runner) for place in places]
    if workers == 1:
        return np.asarray([_at(job) for job in jobs])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return np.asarray(list(pool.map(_at, jobs, chunksize=8)))


def _at(job: tuple[Callable[[Scenario, Runner], float], Scenario, Runner]) -> float:
    measured, place, runner = job
    return measured(place, runner)


@dataclass(frozen=True)
class Summary:
    """The mean over runs of a summary metric, such as `disputes_mean`: for any scenario."""

    column: str
    runs: int

    def __call__(self, scenario: Scenario, runner: Runner) -> float:
        """Simulate the scenario and return the mean.

        Raises:
            ValueError: There is no such metric.
        """
        found = runner.run_many(scenario, self.runs, "summary").results.runs
        if self.column not in found.columns:
            raise ValueError(
                f"metric: there is no '{self.column}'; see the columns of a job's runs"
            )
        return float(found[self.column].mean())


def draw(diagram: Diagram, cells: int, runner: Runner, workers: int, path: Path) -> float:
    """Simulate and draw a diagram with so many cells per side.

    Args:
        diagram: The diagram.
        cells: How many cells per side.
        runner: How runs are simulated.
        workers: How many processes.
        path: Of the PNG.

    Returns:
        The share of cells whose regime is not theory's, of those that no boundary runs through.
    """
    xs, ys = diagram.x.places(cells), diagram.y.places(cells)
    places = [diagram.at(float(x), float(y)) for y in ys for x in xs]
    found = surface(diagram.regime, places, runner, workers).reshape(cells, cells)
    shown = load(diagram.scenario, list(diagram.overrides))
    with look():
        figure, axes = _canvas(diagram.title, diagram.x, diagram.y)
        kinds = len(diagram.regimes)
        axes.pcolormesh(
            np.linspace(diagram.x.low, diagram.x.high, cells + 1),
            np.linspace(diagram.y.low, diagram.y.high, cells + 1),
            found,
            cmap=ListedColormap(COLOURS[:kinds]),
            norm=BoundaryNorm(np.arange(kinds + 1) - 0.5, kinds),
        )
        fine = np.linspace(diagram.x.low, diagram.x.high, 401)
        for line in diagram.boundary(shown, fine):
            axes.plot(fine, line, color=INK, linewidth=2.2)
        named: list[Artist] = [
            Patch(color=c, label=n) for c, n in zip(COLOURS, diagram.regimes, strict=False)
        ]
        named.append(Line2D([], [], color=INK, linewidth=2.2, label=diagram.boundary_name))
        figure.legend(handles=named, loc="outside right upper")
        footer(figure, f"Colour: what runs of {diagram.scenario} show, {cells} x {cells} cells. "
               "Line: theory.")  # fmt: skip
        write(figure, path)
    clear = ~crossed(diagram, shown, cells)
    expected = np.asarray([diagram.theory(place) for place in places]).reshape(cells, cells)
    return float(np.mean((found != expected)[clear]))


def crossed(diagram: Diagram, shown: Scenario, cells: int) -> Bool[np.ndarray, "y x"]:
    """Return the cells through which a line of theory's runs.

    Args:
        diagram: The diagram.
        shown: The scenario of the boundary.
        cells: How many cells per side.
    """
    xs, ys = diagram.x.places(cells), diagram.y.places(cells)
    half = 0.5 * (xs[1] - xs[0]), 0.5 * (ys[1] - ys[0])
    corners = [
        np.stack([(ys + dy)[:, None] > line for line in diagram.boundary(shown, xs + dx)])
        for dx in (-half[0], half[0])
        for dy in (-half[1], half[1])
    ]
    above = np.stack(corners)  # corner, line, y, x
    return np.asarray((above.any(axis=0) & ~above.all(axis=0)).any(axis=0))


def draw_summary(
    scenario: Scenario, x: Axis, y: Axis, metric: Summary, cells: int, runner: Runner, workers: int,
    path: Path,
) -> None:  # fmt: skip
    """Simulate and draw a summary metric over any two parameters of any scenario.

    Args:
        scenario: What is simulated.
        x: The horizontal axis.
        y: The vertical axis.
        metric: The summary metric.
        cells: How many cells per side.
        runner: How runs are simulated.
        workers: How many processes.
        path: Of the PNG.
    """
    xs, ys = x.places(cells), y.places(cells)
    places = [
        scenario.with_(f"{x.path}={float(a)!r}", f"{y.path}={float(b)!r}") for b in ys for a in xs
    ]
    found = surface(metric, places, runner, workers).reshape(cells, cells)
    with look():
        figure, axes = _canvas(f"{metric.column} in {scenario.name}", x, y)
        mesh = axes.pcolormesh(
            np.linspace(x.low, x.high, cells + 1), np.linspace(y.low, y.high, cells + 1), found,
            cmap="cividis",
        )  # fmt: skip
        figure.colorbar(mesh, ax=axes, label=f"{metric.column}, mean over {metric.runs} runs")
        footer(figure, f"Simulated: {scenario.name}, {scenario.weeks} weeks, {cells} x {cells} "
               "cells. A mean hides its spread: look at single points with armsflow.")  # fmt: skip
        write(figure, path)


def _canvas(title: str, x: Axis, y: Axis) -> tuple[Figure, Axes]:
    figure, axes = grid(1, 1, 7.0, title)
    panel = axes[0, 0]
    panel.set(xlabel=x.label, ylabel=y.label, xlim=(x.low, x.high), ylim=(y.low, y.high))
    panel.grid(visible=False)
    return figure, panel
