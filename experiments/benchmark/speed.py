"""The speed of all contestants on one scenario, each in processes of its own, in rounds.

In a round each plays once, one after the other: whatever else the machine does hurts all alike, and
a ratio is of two that were measured within the same seconds.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from experiments.benchmark.contestants import CONTESTANTS

ROUNDS = 5
A_SAMPLE = 0.4
"""Seconds that a sample should last; a single run or block may last longer."""
AHEAD = 0.02
"""Seconds from the word to the start: enough for all processes to hear it."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def cores() -> list[int]:
    """The cores that we may use."""
    return sorted(os.sched_getaffinity(0))


def surroundings(programs: str, use: Sequence[int]) -> dict[str, str]:
    """The environment of a process that may use some cores and keeps its programs in a folder."""
    told = {**dict.fromkeys(ONE_THREAD, "1"), "NPROC": str(len(use))}
    return {**os.environ, **told, "JAX_COMPILATION_CACHE_DIR": programs}


class Worker:
    """A process that has made itself ready for one contestant."""

    def __init__(
        self, contestant: str, scenario: Mapping[str, Any], use: Sequence[int], programs: str
    ) -> None:
        """Starts it; it is not waited for."""
        job = {"contestant": contestant, "cores": list(use), **scenario}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "experiments.benchmark.worker", json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=surroundings(programs, use),
        )
        self.runs = 0

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def wait(self, seconds: float) -> None:
        """Waits until it is ready; its samples shall last about so long."""
        told = json.loads(self._line())
        self.runs = told["unit"] * max(1, round(seconds / told["seconds"]))

    def begin(self, round_: int, at: float) -> None:
        """Tells it to play the runs of a round at a moment."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{round_ * self.runs} {self.runs} {at}\n")
        self._process.stdin.flush()

    def took(self) -> float:
        """Waits for it: the seconds."""
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the benchmark ended with {self._process.wait()}")
        return line


def speed(
    scenario: Mapping[str, Any],
    weeks: int,
    programs: str,
    rounds: int = ROUNDS,
    seconds: float = A_SAMPLE,
) -> dict[str, Any]:
    """Plays rounds of a scenario.

    Args:
        scenario: Its name under `scenario`, and its `overrides`.
        weeks: How long it is.
        programs: The folder of compiled programs.
        rounds: How many.
        seconds: How long a sample should be.

    Returns:
        `runs` of a sample and `samples`, microseconds a run-week of each round, by who plays: the
        contestants on the first core; `processes`, compiled, one process a core at once;
        `threads`, compiled, one process that may use all cores.
    """
    use = cores()
    with ExitStack() as stack:

        def started(contestant: str, on: Sequence[int]) -> Worker:
            return stack.enter_context(Worker(contestant, scenario, on, programs))

        alone = {name: started(name, use[:1]) for name in CONTESTANTS}
        for worker in alone.values():
            worker.wait(seconds)
        # they find the program that the first has compiled
        beside = [started("compiled", [core]) for core in use[1:]]
        threads = started("compiled", use)
        for worker in (*beside, threads):
            worker.wait(seconds)
        for worker in beside:  # at once means for equally long
            worker.runs = alone["compiled"].runs
        teams = {name: [worker] for name, worker in alone.items()}
        teams |= {"processes": [alone["compiled"], *beside], "threads": [threads]}
        samples: dict[str, list[float]] = {name: [] for name in teams}
        for round_ in range(rounds):
            for name, team in teams.items():
                samples[name].append(_played(team, round_, weeks))
        runs = {name: sum(worker.runs for worker in team) for name, team in teams.items()}
        return {"runs": runs, "samples": samples}


def _played(team: Sequence[Worker], round_: int, weeks: int) -> float:
    """Lets some processes play at once: microseconds a run-week of all together."""
    at = time.monotonic() + AHEAD
    for worker in team:
        worker.begin(round_, at)
    run_weeks_a_second = sum(worker.runs * weeks / worker.took() for worker in team)
    return 1e6 / run_weeks_a_second
