"""Where a compiled week's time goes: JAX's own trace, added up by file of the rulebook.

A compiled program is a few hundred operations, each with the Python calls that led to it. An
operation that XLA fused of several counts for the lines of its last.
"""

import gzip
import json
import re
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

import jax

from experiments.benchmark.contestants import RECORD, SEED
from sim.engines import compiled
from sim.scenario import Scenario

REPEATS = 5
THROUGH = (
    *("sim/engines/compiled.py", "sim/engines/structure.py", "sim/rules/week.py"),
    *("sim/rules/phase.py", "sim/desks/decide.py"),
)
"""Files that only lead to others, where an operation was not made in them."""

Stack = list[str]


def hotspots(scenario: Scenario) -> dict[str, Any]:
    """Microseconds a run-week by file, with the profiler on, and of all without it.

    The file is that of the phase: what `trade` asks of a helper is the time of `trade`.
    """
    program = compiled.compiled_program(scenario, RECORD)
    runs = range(program.size)
    run_weeks = program.size * scenario.weeks
    stacks = _stacks(program.advance.as_text())
    compiled.simulate(scenario, SEED, runs, RECORD)
    start = perf_counter()
    for _ in range(REPEATS):
        compiled.simulate(scenario, SEED, runs, RECORD)
    alone = (perf_counter() - start) / REPEATS
    traced = [_traced(scenario, runs, stacks) for _ in range(REPEATS)]
    operations, times = min(traced, key=lambda each: sum(each[1].values()))
    files = {name: micro / run_weeks for name, micro in times.most_common()}
    return {
        "files": files,
        "operations": operations / scenario.weeks,
        "alone": 1e6 * alone / run_weeks,
        "block": program.size,
    }


def _traced(scenario: Scenario, runs: range, stacks: dict[str, Stack]) -> tuple[int, Counter[str]]:
    """Plays under the profiler: how many operations ran, and microseconds by file."""
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            compiled.simulate(scenario, SEED, runs, RECORD)
        (file,) = Path(folder).rglob("*.trace.json.gz")
        with gzip.open(file) as stream:
            events = json.load(stream)["traceEvents"]
    threads = defaultdict(list)
    for event in events:
        if event.get("ph") == "X" and event["name"] in stacks:
            threads[event["pid"], event["tid"]].append(event)
    count, times = 0, Counter[str]()
    for played in threads.values():
        for name, own in _own_times(played):
            count += 1
            times[_file(stacks[name])] += own
    return count, times


def _own_times(events: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """The time of each operation without that of those inside it, as of a loop."""
    own: list[tuple[str, float]] = []
    around: list[tuple[float, int]] = []
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        while around and around[-1][0] <= event["ts"]:
            around.pop()
        if around:
            name, left = own[around[-1][1]]
            own[around[-1][1]] = name, left - event["dur"]
        around.append((event["ts"] + event["dur"], len(own)))
        own.append((event["name"], event["dur"]))
    return own


def _file(stack: Stack) -> str:
    """The file to which an operation belongs: the first, from outside, that does not only lead."""
    ours = [file for file in reversed(stack) if file.startswith("sim/")]
    return next((file for file in ours if file not in THROUGH), ours[-1] if ours else "other")


def _stacks(program: str) -> dict[str, Stack]:
    """The files of the calls that led to each operation of a program, the innermost first."""
    files = {key: text.strip('"') for key, text in _table(program, "FileNames").items()}
    places = {key: _numbers(text) for key, text in _table(program, "FileLocations").items()}
    frames = {key: _numbers(text) for key, text in _table(program, "StackFrames").items()}

    def stack(frame: int) -> Stack:
        found = []
        while frame:
            file = files[places[frames[frame]["file_location_id"]]["file_name_id"]]
            found.append(re.sub(r"^.*/(?=(sim|experiments)/)", "", file))  # of whatever checkout
            frame = frames[frame]["parent_frame_id"] - 1  # counted from 1, 1 for none
        return found

    lines = re.findall(r"^\s*(?:ROOT )?%?([\w.\-]+) = (.*)$", program, re.M)
    marks = {name: re.search(r"stack_frame_id=(\d+)", line) for name, line in lines}
    return {name: stack(int(mark[1])) if mark else [] for name, mark in marks.items()}


def _table(program: str, name: str) -> dict[int, str]:
    """One of the numbered tables at the head of a program's text."""
    text = program.split(f"\n{name}\n", 1)[1].split("\n\n", 1)[0]
    return {int(key): value for key, value in re.findall(r"^(\d+) (.*)$", text, re.M)}


def _numbers(text: str) -> dict[str, int]:
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", text)}
