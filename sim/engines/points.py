"""The points of a sweep that some runs belong to, and what each run has from its point."""

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
    - `scenarios`: the scenarios that occur, alike in structure, and `which` of them each run plays.
    - `values`: numbers by path, in place of the scenario's own and of its priors.
    - `columns`: what the table of runs tells of each run's point, by path.
    """

    number: Int64[np.ndarray, " run"]
    scenarios: tuple[Scenario, ...]
    which: Int64[np.ndarray, " run"]
    values: Mapping[str, Float64[np.ndarray, " run"]] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)

    def of(self, place: int) -> tuple[Scenario, dict[str, float]]:
        """The scenario of one run, and the numbers that its point sets."""
        values = {path: float(column[place]) for path, column in self.values.items()}
        return self.scenarios[self.which[place]], values

    def priors(self) -> list[str]:
        """The paths of what some run draws for itself."""
        return list(dict.fromkeys(path for scenario in self.scenarios for path in scenario.priors))


def only(scenario: Scenario, runs: int) -> Points:
    """The one point of a job that is no sweep."""
    none = np.zeros(runs, np.int64)
    return Points(none, (scenario,), none)
