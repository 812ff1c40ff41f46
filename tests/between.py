"""What has an axis of pairs or members, as tables of all states: [actor, target].

Worked out here a second time, as `sim.arrays.Pairs` and `sim.events` are what tests look at.
"""

import numpy as np

from sim.events import AXES
from sim.params import Wiring


def as_table(values: np.ndarray, wiring: Wiring) -> np.ndarray:
    """Return values by listed pair as [state, state]; 0 between states that are not listed."""
    size = len(wiring.off)
    table = np.zeros((size, size), values.dtype)
    table[wiring.pair.actor, wiring.pair.target] = values
    return table


def events_between(kind: str, counts: np.ndarray, wiring: Wiring) -> np.ndarray:
    """Return a week's counts of a kind of event as [state, state]; an act alone on the diagonal."""
    size = len(wiring.off)
    match AXES[kind]:
        case "state":
            return np.diag(counts)
        case "pair":
            return as_table(counts, wiring)
        case "meeting":
            return np.diag(counts[:size]) + as_table(counts[size:], wiring)
        case "member state":
            table = np.zeros((size, size))
            table[wiring.member] = counts
            return table
        case _:
            return counts
