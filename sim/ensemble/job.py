"""A job: what is simulated, all that the bytes of its results depend on.

Its parts follow from the job alone, never from the workers, and the noise of each run from its own
number: so any number of workers writes the same bytes.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines.blocks import block
from ..engines.traces import RECORDS
from ..results.store import OutputError, digest
from ..scenario import Scenario, from_mapping
from ..scenario.code import Code, metric_sources
from ..scenario.compose import plain
from ..scenario.digest import own_desks
from ..scenario.stored_code import stored
from .plan import Plan, table_plan

if TYPE_CHECKING:
    from ..results.results import Results

ENGINES = ("auto", "reference", "compiled")
FASTEST = "compiled" if find_spec("jax") else "reference"
MAX_RUNS, MAX_SEED = 2**31, 2**64
RUNS_PER_PART = {"summary": 32, "weekly": 16, "full": 8}
"""The most on the reference engine, at up to eight states; less in proportion for more, so that
parts stay small."""
BLOCKS_PER_PART = {"summary": 16, "weekly": 1, "full": 1}
"""The same on the compiled engine, which simulates whole blocks."""
PARTS_PER_JOB = 8
"""At least, where blocks are enough: no kill loses all of a job that is short for its engine."""
SECONDS_PER_PART = 5.0
"""The most, by `week_seconds`, of a part of several blocks. A kill loses a part of each
process; other machines may take twice as long."""
MAX_PARTS = 2000
"""Of a job that keeps a row per run: with more runs its parts grow, so that files stay few."""
NUMBERS_DEPEND_ON = ("armsflow", "numpy", "jax")
"""On whose version the numbers of a run may depend: they differ in the last digits, if at all."""
INSTRUCTION_SETS = (
    "AVX512_SPR",
    "AVX512_ICL",
    "AVX512_SKX",
    "X86_V4",
    "AVX2",
    "X86_V3",
    "AVX",
    "SSE42",
    "X86_V2",
    "SVE",
    "ASIMD",
)
"""By NumPy's names, the widest first."""
BYTES_DEPEND_ON = (*NUMBERS_DEPEND_ON, "pyarrow")
"""On whose version the bytes of a part may depend."""


@dataclass(frozen=True)
class Job:
    """A plan, how many runs of each of its points, and what is kept of them.

    A case is a run of a point. Cases are numbered structure by structure, point by point, and cut
    into parts of `runs_per_part`; no part holds cases of two structures.

    - `plan`: the table of points; a single one for a job that is not a sweep.
    - `runs`: how many runs per point.
    - `first`: the number of the first run.
    - `seed`: the master seed; run r has the same noise in every scenario.
    - `record`: what is kept: `summary`, `weekly` or `full`.
    - `engine`: `reference` or `compiled`; `auto` becomes one of them.

    Raises:
        ValueError: With a line for each value that is out of its range.
    """

    plan: Plan
    runs: int = 64
    first: int = 0
    seed: int = 0
    record: str = "full"
    engine: str = "auto"

    def __post_init__(self) -> None:
        problems = job_problems(self.runs, self.first, self.seed, self.record, self.engine)
        if refusal := self.plan.scenario.code.refusal:
            problems.append(refusal)
        if problems:
            raise ValueError("\n".join(problems))
        for name in ("runs", "first", "seed"):  # NumPy's whole numbers would not go into JSON
            object.__setattr__(self, name, int(getattr(self, name)))
        object.__setattr__(self, "engine", resolve_engine(self.engine, self.plan.scenario))

    @property
    def size(self) -> int:
        """Return how many cases there are."""
        return self.plan.size * self.runs

    @property
    def parts(self) -> range:
        """Return the numbers of the parts."""
        return range(sum(self._parts_per_structure))

    @cached_property
    def runs_per_part(self) -> int:
        """Return how many runs a part holds."""
        variants = [self.plan.variant(number) for number in range(len(self.plan.variants))]
        largest = max(len(each.states) for each in variants)
        seconds = max(
            each.weeks * week_seconds(len(each.states), len(each.pairs), self.engine)
            for each in variants
        )
        return runs_per_part(largest, self.record, self.engine, self.size, seconds)

    @cached_property
    def _parts_per_structure(self) -> list[int]:
        return [-(-len(group) * self.runs // self.runs_per_part) for group in self.plan.groups]

    def cases(self, part: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the point and the run of each case of a part, [case] both.

        Args:
            part: The number of the part.

        Raises:
            IndexError: There is no such part.
        """
        for group, parts in zip(self.plan.groups, self._parts_per_structure, strict=True):
            if part < parts:
                first = part * self.runs_per_part
                last = min(first + self.runs_per_part, len(group) * self.runs)
                place, run = np.divmod(np.arange(first, last), self.runs)
                return group[place], self.first + run
            part -= parts
        raise IndexError(part)

    @cached_property
    def digest(self) -> str:
        """Return a hash of all that the bytes of the results depend on; each part holds it."""
        return digest({**self._content(), "armsflow": installed_version("armsflow")})

    def _content(self) -> dict[str, Any]:
        return {
            "scenario": self.plan.scenario.digest,
            "scenarios": {name: base.digest for name, base in self.plan.bases.items()},
            "sweep": {path: plain(values) for path, values in self.plan.columns.items()},
            "runs": self.runs,
            "first": self.first,
            "seed": self.seed,
            "record": self.record,
            "engine": self.engine,
            "runs_a_part": self.runs_per_part,
            **metric_sources(),
        }

    def manifest(self) -> dict[str, Any]:
        """Return the job as plain data; two calls of the same job give the same."""
        return {
            "digest": self.digest,
            "versions": installed_versions(self.engine),
            "processor": instruction_set(),
            **self._content(),
            "scenario": self.plan.scenario.mapping,
            "scenarios": {name: base.mapping for name, base in self.plan.bases.items()},
            "design": self.plan.design,
            "points": self.plan.size,
            "parts": len(self.parts),
            "warnings": self.plan.warnings,
            **self._code(),
        }

    def _code(self) -> dict[str, Any]:
        """Return the text of what the user wrote in Python, under `code`; nothing without any."""
        found = stored(self.plan.scenario.code, own_desks(self.plan.rules))
        return {"code": found} if found else {}


def job_problems(runs: Any, first: Any, seed: Any, record: Any, engine: Any) -> list[str]:
    """Return what is wrong with the values of a job, a sentence each.

    Args:
        runs: As in `Job`; of any type, as it was given.
        first: As in `Job`.
        seed: As in `Job`.
        record: As in `Job`.
        engine: As in `Job`.
    """
    problems = [
        *whole_number_problems("runs", runs, 1, MAX_RUNS),
        *whole_number_problems("first", first, 0, MAX_RUNS),
        *whole_number_problems("seed", seed, 0, MAX_SEED),
    ]
    if record not in RECORDS:
        problems.append(f"record: {record!r} is none of {', '.join(RECORDS)}")
    if engine not in ENGINES:
        problems.append(f"engine: {engine!r} is none of {', '.join(ENGINES)}")
    return problems


def whole_number_problems(name: str, value: Any, low: int, high: int) -> list[str]:
    """Return a sentence if a value is not a whole number in [low, high), else nothing.

    Args:
        name: What the sentence calls it.
        value: The value, of any type.
        low: The least that it may be.
        high: What it must stay below.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and low <= value < high:
        return []
    if whole and value >= high:
        return [f"{name}: {value!r} is not below {high:,}"]
    return [f"{name}: {value!r} is not a whole number of at least {low}"]


def resolve_engine(engine: str, scenario: Scenario) -> str:
    """Return the engine to use; `auto` is the compiled one where JAX and the policies allow it.

    Args:
        engine: One of ENGINES.
        scenario: What is simulated.

    Raises:
        ValueError: The compiled engine was chosen and cannot simulate this.
    """
    if engine == "auto":
        return "reference" if scenario.policies else FASTEST
    if engine == "compiled" and find_spec("jax") is None:
        raise ValueError("engine: compiled needs JAX: pip install 'armsflow[fast]'")
    if engine == "compiled" and scenario.policies:
        states = ", ".join(scenario.policies)
        raise ValueError(
            f"engine: compiled runs rules of arrays; the Python policy of {states} needs"
            " engine=reference or auto"
        )
    return engine


def job_of_results(results: "Results", code: Code | None = None) -> Job:
    """Return the job of a folder, as its manifest describes it.

    Args:
        results: The folder.
        code: Policies and phases in Python; if None, those of the results where they are trusted.

    Raises:
        ScenarioError: The scenario names a desk that does not exist here.
        ValueError: The manifest holds a value that is out of its range.
    """
    manifest = results.manifest
    scenario = results.scenario if code is None else results.scenario.with_code(code)
    bases = {name: from_mapping(data) for name, data in manifest["scenarios"].items()}
    plan = table_plan(scenario, manifest["sweep"], bases, manifest.get("design"))
    values = {key: manifest[key] for key in ("runs", "first", "seed", "record", "engine")}
    return Job(plan, **values)


def week_seconds(states: int, pairs: int, engine: str) -> float:
    """Return about how long a week of a run takes on one core, from docs/performance.md.

    Never measured: the same job has the same parts on every machine.

    Args:
        states: How many.
        pairs: How many listed pairs.
        engine: `reference` or `compiled`.
    """
    if engine == "compiled":
        return 0.8e-6 * pairs + 0.1e-6 * states**2
    return 2.4e-3 + 0.5e-6 * states**2


def runs_per_part(
    states: int, record: str, engine: str, size: int = 1, seconds: float = 0.0
) -> int:
    """Return how many runs a part holds, which follows from the job alone.

    Args:
        states: How many states the largest scenario has.
        record: What is kept. Where weeks are, a part stays small enough for memory.
        engine: `reference` or `compiled`.
        size: How many runs the job has, at all points.
        seconds: About how long a run takes.
    """
    step = block(states) if engine == "compiled" else 1
    if engine == "compiled":
        most = step * BLOCKS_PER_PART[record]
        most = min(most, step * -(-size // (step * PARTS_PER_JOB)))
    else:
        most = max(1, RUNS_PER_PART[record] * 8 // max(8, states))
    if seconds * most > SECONDS_PER_PART:
        most = max(step, int(SECONDS_PER_PART / seconds) // step * step)
    if record != "summary":
        return most
    return most * max(1, -(-size // (most * MAX_PARTS)))


def instruction_set() -> str:
    """Return the widest instructions of this processor that NumPy uses, as `x86_64 AVX2`.

    The last digits of a number may depend on them: sums are made in other pieces.
    """
    has = np.show_config(mode="dicts").get("SIMD Extensions", {})
    used = {*has.get("baseline", ()), *has.get("found", ())}
    widest = next((name for name in INSTRUCTION_SETS if name in used), "")
    return f"{platform.machine()} {widest}".strip()


def installed_versions(engine: str) -> dict[str, str]:
    """Return the installed versions of what simulates and writes, by package."""
    jax = ["jax"] if engine == "compiled" else []
    found = {name: installed_version(name) for name in ("armsflow", "numpy", "pyarrow", *jax)}
    return found | {"python": platform.python_version()}


@cache
def installed_version(package: str) -> str:
    """Return the version of a package; it is read from disk once in a process."""
    return version(package)


def version_mismatches(
    results: "Results", packages: Sequence[str] = NUMBERS_DEPEND_ON
) -> list[str]:
    """Return where the versions that began a job differ from those installed, a phrase each.

    Args:
        results: The folder of the job.
        packages: Which packages matter.

    Raises:
        OutputError: The job needs JAX, which is not installed.
    """
    before, engine = results.manifest["versions"], results.manifest["engine"]
    if engine == "compiled" and find_spec("jax") is None:
        raise OutputError(f"{results.path} needs JAX: pip install 'armsflow[fast]'")
    now = installed_versions(engine)
    return [
        f"{name} {before[name]}, here is {now[name]}"
        for name in packages
        if name in now and before.get(name) != now[name]
    ]
