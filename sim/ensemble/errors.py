"""Errors of runs: a rule, a desk or a policy that raises, in a sentence that says where."""

import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from traceback import FrameSummary, extract_tb

import numpy as np

from ..engines import reference
from ..engines.points import Points
from ..rules.bounds import in_range
from ..scenario import Scenario

OURS = str(Path(__file__).parents[1])
LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))


class RunError(RuntimeError):
    """A rule, a desk or a policy raised; the sentence says in which run and week, and where.

    A run whose numbers leave their range stops alone; code that raises is wrong in all runs.
    """


def run_error(seed: int, runs: Sequence[int], points: Points, error: Exception) -> RunError:
    """Return the error that says which of some runs raised, and where.

    An engine simulates many runs at once: here they are simulated again, one after the other, until
    one raises. What raises by chance may not do it again; then no run is named.

    Args:
        seed: The master seed.
        runs: The numbers of the runs.
        points: What the first of them have from their points.
        error: What was raised.
    """
    notes = "".join(f", {note}" for note in getattr(error, "__notes__", ()))
    what = f"{type(error).__name__}: {error} ({_where(error)}{notes})"
    for place, run in enumerate(runs):
        week = _raising_week(*points.of(place), seed, run)
        if week is not None:
            point = f", point {points.number[place]}" if points.swept else ""
            return RunError(f"seed {seed}, run {run}{point}, week {week}: {what}")
    return RunError(f"seed {seed}: {what}")


def _raising_week(
    scenario: Scenario, values: Mapping[str, float], seed: int, run: int
) -> int | None:
    """Return the week in which a run raises, None if it comes to its end."""
    weeks = reference.weeks(scenario, seed, run, values)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for week in range(scenario.weeks):
            try:
                left = next(weeks)
            except Exception:  # the caller has it already and reports it
                return week
            if not in_range(left.world):
                break
    return None


def _where(error: Exception) -> str:
    """Return the line that raised: the innermost of a user's own, or else the innermost."""
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith((OURS, *LIBRARIES))]
    ours = [frame for frame in frames if frame.filename.startswith(OURS)]
    return _line([*ours, *own][-1])


def _line(frame: FrameSummary) -> str:
    return f"{frame.filename}, line {frame.lineno}" + (f": {frame.line}" if frame.line else "")
