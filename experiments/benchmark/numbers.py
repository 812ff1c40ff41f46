"""Samples as numbers that one can read, and the table of speeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.results.text import aligned


def quartiles(samples: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    low, middle, high = np.quantile(samples, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def median(samples: Sequence[float]) -> float:
    """The median."""
    return quartiles(samples)[1]


def ratios(size: Mapping[str, Any], slow: str, fast: str) -> list[float]:
    """How many times as long the one takes as the other, round by round."""
    both = zip(size["samples"][slow], size["samples"][fast], strict=True)
    return [one / other for one, other in both]


def a_pair(size: Mapping[str, Any], name: str) -> float:
    """Return microseconds per run-week and listed pair of states.

    Args:
        size: What was measured of a scenario.
        name: Of the program.
    """
    return median(size["samples"][name]) / size["pairs"]


def listed(size: Mapping[str, Any]) -> str:
    """Format how many ordered pairs a world lists, and their share of all."""
    share = size["pairs"] / (size["states"] * (size["states"] - 1))
    return f"{size['pairs']:,} ({100 * share:.0f} %)"


def figures(value: float) -> str:
    """Three figures, whole numbers in full."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def spread(samples: Sequence[float]) -> str:
    """A median with its quartiles."""
    low, middle, high = map(figures, quartiles(samples))
    return f"{middle} ({low} to {high})"


def size_name(size: Mapping[str, Any]) -> str:
    """A scenario in a table."""
    if size["scenario"] == "synthetic":
        return f"{size['states']} states"
    return f"the default, {size['states']} states"


def table(found: Mapping[str, Any]) -> list[str]:
    """The speed of all contestants, for a terminal."""
    heading = ("µs a run-week, one core", "peer", "reference", "compiled", "peer / compiled")
    names = heading[1:4]
    rows = [
        (
            size_name(size),
            *(spread(size["samples"][name]) for name in names),
            spread(ratios(size, "peer", "compiled")),
        )
        for size in found["sizes"]
    ]
    return aligned([heading, *rows])
