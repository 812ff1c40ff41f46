"""At the start of a process of a test: amounts above a limit of the test leave their range.

What is bounded by the schema overflows in no run, so a run that fails has to be made.
"""

import os

VARIABLE = "ARMSFLOW_LARGEST_AMOUNT"


def lower(largest: float) -> None:
    """Let a run fail, on either engine, as soon as an amount of its world is above a limit.

    Args:
        largest: The limit, in the unit of any amount.
    """
    from sim.rules import bounds

    bounds.LARGEST = largest
    bounds._SPAN |= dict.fromkeys(bounds.AMOUNTS, (-bounds.SLACK, largest))


if VARIABLE in os.environ:
    lower(float(os.environ[VARIABLE]))
