"""The points of a sweep to which some runs belong, and what each run has from its point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from ..scenario import Scenario


@dataclass(frozen=True)
class Points:
    """What runs have from their points, R of them.

    - `number`: the point of each run.
    - `scenarios`: the scenarios that occur, alike in structure, and `which` of them each run has.
    - `values`: numbers by path, in place of the scenario's own and of its priors.
    - `swept`: what the table of runs shows of each run's point, by path.
    """

    number: Int64[np.ndarray, " run"]
    scenarios: tuple[Scenario, ...]
    which: Int64[np.ndarray, " run"]
    values: Mapping[str, Float64[np.ndarray, " run"]] = field(default_factory=dict)
    swept: Mapping[str, Any] = field(default_factory=dict)

    def of(self, place: int) -> tuple[Scenario, dict[str, float]]:
        """Return the scenario of one run, and the numbers that its point sets."""
        values = {path: float(column[place]) for path, column in self.values.items()}
        return self.scenarios[self.which[place]], values

    def changes(self) -> list[int]:
        """Return the weeks in which some run begins a stage, week 0 first."""
        later = (stage.week for scenario in self.scenarios for stage in scenario.stages)
        return sorted({0, *later})

    def priors(self) -> list[str]:
        """Return the paths of what some run draws for itself."""
        return list(dict.fromkeys(path for scenario in self.scenarios for path in scenario.priors))


def single_point(scenario: Scenario, runs: int) -> Points:
    """Return the one point of a job that is not a sweep.

    Args:
        scenario: What is simulated.
        runs: How many runs.
    """
    none = np.zeros(runs, np.int64)
    return Points(none, (scenario,), none)
