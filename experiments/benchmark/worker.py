"""A process that plays when it is told: `python -m experiments.benchmark.worker JOB`.

JOB, in JSON: the contestant, the scenario and its overrides, the cores. It says when it is ready;
then, for each line of its input `first runs at`, it waits for the moment `at` of the clock that all
processes share, plays, and says how many seconds that took.
"""

import json
import os
import sys
import time


def main() -> int:
    """Get ready, then play on demand until the input ends."""
    job = json.loads(sys.argv[1])
    os.sched_setaffinity(0, job["cores"])  # before a library counts the cores that it may use
    from experiments.benchmark.contestants import CONTESTANTS
    from sim.scenario import load

    unit, play = CONTESTANTS[job["contestant"]](load(job["scenario"], job["overrides"]))
    for _ in range(2):
        warm = play(range(unit))
    print(json.dumps({"unit": unit, "seconds": warm}), flush=True)
    for line in sys.stdin:
        first, runs, at = line.split()
        while (left := float(at) - time.monotonic()) > 0.0:
            time.sleep(min(left, 0.001))
        print(play(range(int(first), int(first) + int(runs))), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
