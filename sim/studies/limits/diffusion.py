"""Nelson & Phelps's and Benhabib & Spiegel's diffusion of technology.

With a = A / F, c the share of the gap closed in a year and g the growth of the frontier,

    a' = c (1 - b + b a) (1 - a) - g a

b = 0 comes to rest at c / (c + g), b = 1 at (c - g) / c if c > g, else at 0. In weeks of research
before the frontier moves, a becomes (a + c / 52 (1 - b + b a) (1 - a)) exp(-g / 52).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from ...scenario import Scenario
from ...world import YEAR
from .limit import EXACT, Check, Limit, Runner, Sweep, along, desk, exactly, of_first_order

PARTS = 8
"""Steps per week in which the differential equation is solved (Runge & Kutta's of fourth order)."""


@dataclass(frozen=True)
class Diffusion:
    """What a scenario's numbers make of it, for its first technology."""

    pace: Float[np.ndarray, " state"]  # c, per year
    growth: float  # g, per year
    threshold: float  # b
    start: Float[np.ndarray, " state"]

    @property
    def rest(self) -> Float[np.ndarray, " state"]:
        """Return where a' = 0: the larger root of c b a^2 + (g - c (2 b - 1)) a - c (1 - b) = 0."""
        c, b = self.pace, self.threshold
        half = 0.5 * (c * (2.0 * b - 1.0) - self.growth)
        if b == 0.0:
            return np.asarray(c / (c + self.growth))
        return np.asarray((half + np.sqrt(half**2 + c * b * c * (1.0 - b))) / (c * b))

    def speed(self, a: Float[np.ndarray, " state"]) -> Float[np.ndarray, " state"]:
        """Return a' per year."""
        return self.pace * self._closed(a) - self.growth * a

    def _closed(self, a: Float[np.ndarray, " state"]) -> Float[np.ndarray, " state"]:
        return (1.0 - self.threshold + self.threshold * a) * (1.0 - a)

    def weekly(self, weeks: int) -> Float[np.ndarray, "week state"]:
        """Return A / F after each week, by the map."""
        a, found = self.start, []
        for _ in range(weeks):
            a = (a + self.pace / YEAR * self._closed(a)) * np.exp(-self.growth / YEAR)
            found.append(a)
        return np.stack(found)

    def continuous(self, weeks: int) -> Float[np.ndarray, "week state"]:
        """Return A / F after each week, by the differential equation."""
        a, found, h = self.start, [], 1.0 / YEAR / PARTS
        for part in range(weeks * PARTS):
            first = self.speed(a)
            second = self.speed(a + 0.5 * h * first)
            third = self.speed(a + 0.5 * h * second)
            fourth = self.speed(a + h * third)
            a = a + h / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
            if part % PARTS == PARTS - 1:
                found.append(a)
        return np.stack(found)


def diffusion(scenario: Scenario) -> Diffusion:
    """Return the equation that the scenario's numbers make."""
    traits = scenario.params().technologies
    effort = desk(scenario, "technology", "steady").effort
    return Diffusion(
        pace=traits.research[0] * effort,
        growth=float(traits.growth[0]),
        threshold=float(traits.threshold[0]),
        start=scenario.world().tech[:, 0],
    )


def technology_path(scenario: Scenario, runner: Runner) -> Float[np.ndarray, "week state"]:
    """Return A / F after each week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    name = scenario.technologies[0]
    level = runner.run_once(scenario).by_state(f"tech_{name}")[0]
    growth = scenario.params().technologies.growth[0] / YEAR
    return np.asarray(level / np.exp(growth * np.arange(1.0, len(level) + 1.0))[:, None])


def slower(scenario: Scenario) -> Scenario:
    """Return the same diffusion at half the pace in twice the weeks: a step of half a week."""
    name, traits = scenario.technologies[0], scenario.params().technologies
    return scenario.with_(
        f"weeks={2 * scenario.weeks}",
        f"technologies.{name}.growth={float(traits.growth[0]) / 2.0!r}",
        f"technologies.{name}.research={float(traits.research[0]) / 2.0!r}",
    )


def theory(scenario: Scenario) -> float:
    """Return A / F of the first state in the long run."""
    return float(diffusion(scenario).rest[0])


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check where A / F comes to rest, and its path by map and differential equation.

    The path agrees with the map's to 1e-9, and with the equation's to first order in the step.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model, weeks = diffusion(scenario), scenario.weeks
    path, finer = technology_path(scenario, runner), technology_path(slower(scenario), runner)[1::2]
    exact = model.continuous(weeks)
    coarse, fine = (float(np.max(np.abs(one - exact))) for one in (path, finer))
    rest, end = model.rest, 2.0 * finer[-1] - path[-1]  # without the error of first order
    spare = 0.1 * coarse + EXACT + np.abs(exact[-1] - rest)  # what the equation itself lacks yet
    return [
        *(
            exactly(f"{code}: A / F in the end", rest[i], end[i], spare[i])
            for i, code in enumerate(scenario.states)
        ),
        along("path, to the map's own", model.weekly(weeks), path),
        of_first_order("path, to the differential equation", coarse, fine, 1.0),
    ]


def describe(scenario: Scenario) -> str:
    """Return pace, growth and threshold as text."""
    model = diffusion(scenario)
    return f"c={model.pace[0]:g} g={model.growth:g} threshold={model.threshold:g}"


LEAST = 1e-6
"""The lowest level that is drawn: processors may take numbers near the smallest for 0."""
_TRAIT = "technologies.engines.{}"

NELSON_PHELPS = Limit(
    name="nelson_phelps",
    model="Nelson & Phelps",
    result="A / F comes to phi / (phi + g)",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep(_TRAIT.format("growth"), 0.0, 1.0, "g, per year", "A / F in the end"),
    drawn={
        _TRAIT.format("research"): (0.2, 3.0),
        _TRAIT.format("growth"): (0.0, 1.0),
        "states.BLU.tech.engines": (LEAST, 1.0),
        "states.RED.tech.engines": (LEAST, 1.0),
    },
    free=(
        "states.*.tech.*",
        "states.*.desks.technology.effort",
        "doctrines.follower.*",
        _TRAIT.format("threshold"),
    ),
    usual=("weeks=78",),
)

BENHABIB_SPIEGEL = replace(
    NELSON_PHELPS,
    name="benhabib_spiegel",
    model="Benhabib & Spiegel",
    result="A / F comes to (c - g) / c if c > g, else to 0",
)
