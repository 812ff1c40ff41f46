"""`python -m experiments.dispatch [points=20000] [jobs=8] [rounds=3] [weeks=4] [engine=auto]`.

What a sweep costs beside its runs. The same runs are simulated as a sweep of `points` points, one
run each, and as one job of so many runs, in turn, `rounds` times; the result is the median of what
the sweep took longer. Hydra's own sweeper and launcher run the first `jobs` points and the first
two; the difference, per job, is what theirs take, and from it the time of all points is estimated.

Seconds are those of the whole command, and beside them the processor's, which other work on the
machine does not lengthen. Exit code 2 for a key or a value that does not fit.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from experiments.keys import exit_code

ROOT = Path(__file__).parent.parent
DEFAULTS = {"points": 20_000, "jobs": 8, "rounds": 3, "weeks": 4, "engine": "auto"}
LEAST = {"points": 2, "jobs": 3}
BASIC = ("hydra/sweeper=basic", "hydra/launcher=basic")


@dataclass(frozen=True)
class Took:
    """Seconds of a command, and of the processor in it."""

    wall: float
    processor: float

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.wall - other.wall, self.processor - other.processor)


def command(*overrides: str) -> Took:
    """Time an `armsflow` command, and throw its results away.

    Raises:
        CalledProcessError: It did not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = [f"out={folder}/out", "pages=false", "workers=1"]
        if BASIC[0] in overrides:
            own.append(f"hydra.sweep.dir={folder}")  # Hydra's own sweeper writes there
        begin, before = time.perf_counter(), os.times()
        subprocess.run(
            [sys.executable, "-m", "experiments.run", *overrides, *own],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = os.times()
    processor = after.children_user - before.children_user
    processor += after.children_system - before.children_system
    return Took(time.perf_counter() - begin, processor)


def sweep(points: int, *overrides: str) -> Took:
    """Time a sweep of a coefficient, one run per point.

    Args:
        points: How many.
        overrides: Of the command.
    """
    return command(
        "-m", f"rules.watch.detection=range(0,{points - 0.5}e-6,step=1e-6)", "runs=1", *overrides
    )


def compared(points: int, jobs: int, rounds: int, common: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of the comparison, each when it is known.

    Args:
        points: Of the sweep.
        jobs: How many points Hydra's own sweeper runs.
        rounds: How often the sweep and the job are timed.
        common: Overrides of all commands.
    """
    command("runs=1", "record=summary", *common)  # compiles, and fills the machine's caches
    longer = []
    for _ in range(rounds):
        one = command(f"runs={points}", "record=summary", *common)
        longer.append(sweep(points, *common) - one)
    wall, processor = (median(getattr(t, k) for t in longer) for k in ("wall", "processor"))
    yield f"{points:,} points over one job of {points:,} runs: {_seconds(wall, processor, points)}"
    few, more = sweep(2, *BASIC, *common), sweep(jobs, *BASIC, *common)
    each = Took((more - few).wall / (jobs - 2), (more - few).processor / (jobs - 2))
    one_job = f"{each.wall:.2f} s per job ({each.processor:.2f} s of the processor)"
    yield f"Hydra's own sweeper and launcher, {jobs} jobs less 2: {one_job}"
    minutes = each.processor * points / 60
    yield f"  estimated from them, {points:,} jobs: {minutes:,.0f} minutes of the processor"


def _seconds(wall: float, processor: float, points: int) -> str:
    return (
        f"{wall:.2f} s, {1000 * wall / points:.3f} ms per point"
        f" ({processor:.2f} s of the processor, {1000 * processor / points:.3f} ms)"
    )


def report(points: int, jobs: int, rounds: int, weeks: int, engine: str) -> int:
    """Compare and print; return the exit code.

    Args:
        points: Of the sweep.
        jobs: How many points Hydra's own sweeper runs.
        rounds: How often the sweep and the job are timed.
        weeks: Of each run.
        engine: As of `sim.run`.
    """
    for line in compared(points, jobs, rounds, (f"weeks={weeks}", f"engine={engine}")):
        print(line, flush=True)
    if hasattr(os, "getloadavg"):
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, LEAST)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
