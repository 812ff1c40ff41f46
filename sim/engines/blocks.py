"""Blocks of runs: how many are simulated at once, and the numbers of each as one row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from ..scenario.build import Built
from ..scenario.priors import Cells
from ..scenario.tree import Path, rebuilt, walk

BLOCKS = ((16, 32), (22, 16), (64, 8), (200, 4))
"""Runs per block, up to so many states: fewer leave vector units idle, more outgrow the processor's
cache. Beyond, the axis of states is long enough, and runs are simulated one by one."""
SHARED = (("params", "wiring"), ("params", "agenda"))
"""What fixes the shapes of a program and is the same for all runs of it."""


def block(states: int) -> int:
    """Return how many runs are simulated at once, which follows from the number of states alone."""
    return next((runs for most, runs in BLOCKS if states <= most), 1)


@dataclass(frozen=True)
class Place:
    """Where an array stands in the row, or that all runs share it (`start` < 0)."""

    start: int
    shape: tuple[int, ...]
    kind: str


class Row:
    """The numbers of a scenario that a run may have for itself, as one row of float64.

    One array goes to the engine instead of two hundred; integers go as floats, exactly.
    """

    def __init__(self, built: Built) -> None:
        """Lay the row out, which follows from shapes alone."""
        self.like = built
        self.places: dict[Path, Place] = {}
        self.size = 0
        for address, array, _ in walk(built):
            own = address[:2] not in SHARED
            self.places[address] = Place(self.size if own else -1, array.shape, array.dtype.kind)
            self.size += array.size if own else 0

    def rows(
        self, built: Built, numbers: Sequence[tuple[Cells, Float64[np.ndarray, " run"]]], runs: int
    ) -> Float64[np.ndarray, "run number"]:
        """Return the rows of some runs of a scenario, with their own numbers in their places.

        Args:
            built: The arrays of the scenario.
            numbers: Where numbers stand, and the value of each run.
            runs: How many runs.
        """
        base = np.concatenate(
            [
                np.ravel(array).astype(np.float64)
                for address, array, _ in walk(built)
                if self.places[address].start >= 0
            ]
        )
        rows = np.tile(base, (runs, 1))
        for cells, values in numbers:
            for address, index in cells.places:
                place = self.places[address]
                at = np.ravel_multi_index(index, place.shape) if place.shape else np.asarray([0])
                rows[:, place.start + at] = values[:, None]
        return rows

    def shared(self, built: Built) -> list[np.ndarray]:
        """Return the arrays that all runs share."""
        return [a for address, a, _ in walk(built) if self.places[address].start < 0]

    def read(self, row: Any, shared: Iterable[Any]) -> Built:
        """Return the arrays of a row, which may be of any array library.

        Args:
            row: The numbers of a run, [number].
            shared: The arrays that all runs share.
        """
        xp = row.__array_namespace__()
        common = iter(shared)
        starts = [place.start for place in self.places.values() if place.start > 0]
        parts = iter(xp.split(row, starts))  # one operation, not one for each

        def array(place: Place) -> Any:
            if place.start < 0:
                return next(common)
            values = next(parts)
            if len(place.shape) != 1:
                values = xp.reshape(values, place.shape)
            return xp.astype(values, xp.int64) if place.kind == "i" else values

        built: Built = rebuilt(self.like, [array(place) for place in self.places.values()])
        return built
