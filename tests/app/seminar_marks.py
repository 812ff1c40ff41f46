"""Marks in what a state must not know: if one is sent to its seat, a test finds it."""

from copy import copy
from dataclasses import replace

import numpy as np

from sim.policy.deliberation import Deliberation
from sim.policy.views import PRIVATE, PUBLIC, SEEN

MARK = 987_654_321.0
MARKS = ("987,654,321", "987654321", "9.88e+08")
"""As a number may be shown."""


def planted(table: Deliberation, seat: str | None) -> Deliberation:
    """The deliberations with a mark in each number of the Observation that a seat must not know.

    Args:
        table: Of a week.
        seat: The code of its state; None for spectators, who know what every state knows.
    """
    names, scenario = table.names, table.scenario
    me = None if seat is None else names.place("state", seat)
    changed = {}
    for name, axes in SEEN.items():
        values = np.array(getattr(table.seen, name))
        if values.dtype != np.float64 or not axes:
            continue
        for cell in range(values.shape[0]):
            if axes[0] == "state" and name not in PUBLIC:
                hidden = cell != me
            elif axes[0] == "pair" and name != "calendar":
                hidden = cell >= len(scenario.pairs) or scenario.pairs[cell][0] != me
            elif name in PRIVATE:
                hidden = seat is None or seat not in scenario.routes[cell]
            elif name == "estimate":
                hidden = seat is None or scenario.observers[cell] != seat
            else:
                hidden = False
            if hidden:
                values[cell] = MARK
        changed[name] = values
    made = copy(table)
    made.seen = replace(table.seen, **changed)
    return made
