"""A job and its parts: what is played, whoever plays it, and what the manifest tells of it.

The parts follow from the job alone, never from the workers, and each run's noise from its own
number: so any number of workers writes the same bytes.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines.blocks import block
from ..results.store import OutputError, digest
from ..scenario import Scenario, from_mapping
from ..scenario.code import Code, metric_sources
from ..scenario.compose import plain
from .plan import Plan, planned

if TYPE_CHECKING:
    from ..results.results import Results

LARGEST_PART = {"summary": 32, "weekly": 16, "full": 8}
"""Runs a part at up to eight states; less in proportion for more, so that parts stay small."""
BLOCKS_A_PART = {"summary": 16, "weekly": 1, "full": 1}
"""The same on the compiled engine, which plays whole blocks."""
MOST_PARTS = 2000
"""Of a job that keeps a row a run: with more runs its parts grow, so that files stay few."""
NUMBERS = ("armsflow", "numpy", "jax")
"""On whose version the numbers of a run may depend: they differ in the last digits, if at all."""
ENGINES = ("auto", "reference", "compiled")
FASTEST = "compiled" if find_spec("jax") else "reference"
PLAYED_BY = (*NUMBERS, "pyarrow")
"""On whose version the bytes of a part may depend."""


@dataclass(frozen=True)
class Job:
    """What a worker needs to know to play a part.

    A case is a run of a point. Cases are numbered structure by structure, point by point, and cut
    into parts of `runs_a_part`; none holds cases of two structures.
    """

    plan: Plan
    runs: int
    seed: int
    record: str
    engine: str
    runs_a_part: int
    path: Path
    first: int = 0

    @property
    def parts(self) -> range:
        """The numbers of the parts."""
        return range(sum(self._parts_of_groups()))

    def _parts_of_groups(self) -> list[int]:
        return [-(-len(group) * self.runs // self.runs_a_part) for group in self.plan.groups]

    def cases(self, part: int) -> tuple[np.ndarray, np.ndarray]:
        """The point and the run of each case of a part."""
        for group, parts in zip(self.plan.groups, self._parts_of_groups(), strict=True):
            if part < parts:
                first = part * self.runs_a_part
                last = min(first + self.runs_a_part, len(group) * self.runs)
                place, run = np.divmod(np.arange(first, last), self.runs)
                return group[place], self.first + run
            part -= parts
        raise IndexError(part)

    @property
    def size(self) -> int:
        """How many cases."""
        return self.plan.size * self.runs

    def manifest(self) -> dict[str, Any]:
        """The job in plain data. Nothing in it differs between two calls of the same job."""
        content = {
            "scenario": self.plan.scenario.digest,
            "scenarios": {name: base.digest for name, base in self.plan.bases.items()},
            "sweep": {path: plain(values) for path, values in self.plan.columns.items()},
            "runs": self.runs,
            "first": self.first,
            "seed": self.seed,
            "record": self.record,
            "engine": self.engine,
            "runs_a_part": self.runs_a_part,
            **metric_sources(),
        }
        installed = versions(self.engine)
        return {
            "digest": digest({**content, "armsflow": installed["armsflow"]}),
            "versions": installed,
            **content,
            "scenario": self.plan.scenario.mapping,
            "scenarios": {name: base.mapping for name, base in self.plan.bases.items()},
            "design": self.plan.design,
            "points": self.plan.size,
            "parts": len(self.parts),
        }


def job_for(
    plan: Plan, runs: int, seed: int, record: str, engine: str, path: Path, first: int = 0
) -> Job:
    """The job that plays a plan on an engine; arguments, checked, as of `play`."""
    largest = max(len(plan.variant(v).states) for v in range(len(plan.variants)))
    size = runs_a_part(largest, record, engine, plan.size * runs)
    return Job(plan, runs, seed, record, engine, size, path, first)


def job_of(there: "Results", code: Code | None = None) -> Job:
    """The job of a folder, as its manifest tells it.

    Args:
        there: The folder.
        code: Policies and phases in Python, which the manifest does not hold.
    """
    told = there.manifest
    scenario = from_mapping(told["scenario"]).with_code(code or Code())
    bases = {name: from_mapping(data) for name, data in told["scenarios"].items()}
    plan = planned(scenario, told["sweep"], bases)
    return Job(plan, **arguments(there), runs_a_part=told["runs_a_part"], path=there.path)


def arguments(there: "Results") -> dict[str, Any]:
    """The arguments of the job of a folder."""
    return {key: there.manifest[key] for key in ("runs", "seed", "record", "engine", "first")}


def runs_a_part(states: int, record: str, engine: str, size: int = 1) -> int:
    """How many runs a part holds: it follows from the job alone.

    Args:
        states: How many.
        record: What is kept. Weeks are many: where they are, a part stays small enough for memory.
        engine: What plays.
        size: Runs of the job, at all points.
    """
    if engine == "compiled":
        least = block(states) * BLOCKS_A_PART[record]
    else:
        least = max(1, LARGEST_PART[record] * 8 // max(8, states))
    if record != "summary":
        return least
    return least * max(1, -(-size // (least * MOST_PARTS)))


def versions(engine: str) -> dict[str, str]:
    """The versions of what plays and writes."""
    jax = ["jax"] if engine == "compiled" else []
    found = {name: version(name) for name in ("armsflow", "numpy", "pyarrow", *jax)}
    return found | {"python": platform.python_version()}


def unlike(there: "Results", names: Sequence[str] = NUMBERS) -> list[str]:
    """What began a job in another version than is installed here, a phrase each.

    Raises:
        OutputError: It needs JAX, which is not here.
    """
    before, engine = there.manifest["versions"], there.manifest["engine"]
    if engine == "compiled" and find_spec("jax") is None:
        raise OutputError(f"{there.path} needs JAX: pip install 'armsflow[fast]'")
    now = versions(engine)
    return [
        f"{name} {before[name]}, here is {now[name]}"
        for name in names
        if name in now and before.get(name) != now[name]
    ]


def chosen(engine: str, scenario: Scenario) -> str:
    """The engine that `auto` takes: the compiled one where JAX is there and no policy forbids it.

    Raises:
        ValueError: The compiled engine was asked for and cannot play this.
    """
    if engine == "auto":
        return "reference" if scenario.policies else FASTEST
    if engine == "compiled" and find_spec("jax") is None:
        raise ValueError("engine: compiled needs JAX: pip install 'armsflow[fast]'")
    if engine == "compiled" and scenario.policies:
        states = ", ".join(scenario.policies)
        raise ValueError(
            f"engine: compiled plays rules of arrays; the Python policy of {states} needs"
            " engine=reference or auto"
        )
    return engine
