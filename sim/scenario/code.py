"""What a scenario has that no file can hold: Python. Its check, its digest, its journey.

A scenario never reads code from a file: only Python hands it over, a class for a policy or a
function for a phase.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from types import FunctionType
from typing import Any

from ..metrics import METRICS
from ..rules.phase import ARGUMENTS, Phase
from ..rules.week import PHASES, phases_with
from .problems import ScenarioError, nearest

NEEDED = ARGUMENTS[:2]
"""What every phase must take."""
PLAIN = (int, float, str, bytes, tuple, list, dict, type(None))
"""Constants that are part of a source."""


@dataclass(frozen=True)
class Code:
    """The Python of a scenario.

    - `policies`: classes of `sim.Policy`, by the code of their state.
    - `phases`: functions that stand in place of phases of the week, by the phase's name.
    """

    policies: Mapping[str, type] = field(default_factory=dict)
    phases: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @cached_property
    def table(self) -> tuple[Phase, ...]:
        """Return the phases of a week, in their order."""
        return phases_with(self.phases)

    def sources(self) -> dict[str, dict[str, str]]:
        """Return what distinguishes this code from other code: the sources by kind and name."""
        return {
            kind: {name: describe(code) for name, code in by_name.items()}
            for kind, by_name in self._by_kind().items()
            if by_name
        }

    def problems(self, states: Iterable[str]) -> list[str]:
        """Return what is wrong with this code in a scenario of some states, a line each."""
        found = _policy_problems(list(states), self.policies)
        for name, function in self.phases.items():
            found += _phase_problems(name, function)
        return found

    def packed(self) -> bytes | None:
        """Return the code as bytes for other processes, which cannot import what a notebook holds.

        Raises:
            ScenarioError: Some of it cannot be sent to other processes.
        """
        if not (self.policies or self.phases):
            return None
        import cloudpickle

        wrong = []
        for kind, by_name in self._by_kind().items():
            for name, code in by_name.items():
                try:
                    cloudpickle.dumps(code)
                except Exception as error:  # whatever the reason, it names what cannot travel
                    wrong.append(
                        f"{kind}.{name}: it cannot be sent to other processes: {error}; use"
                        " workers=1 and no cluster, or put it into a module"
                    )
        if wrong:
            raise ScenarioError(wrong)
        return bytes(cloudpickle.dumps((dict(self.policies), dict(self.phases))))

    def _by_kind(self) -> dict[str, Mapping[str, Any]]:
        return {"policies": self.policies, "phases": self.phases}


def unpack(packed: bytes | None) -> Code:
    """Return the code that `Code.packed` made into bytes."""
    if packed is None:
        return Code()
    import cloudpickle

    return Code(*cloudpickle.loads(packed))


def _policy_problems(states: list[str], policies: Mapping[str, Any]) -> list[str]:
    wrong = [
        f"policy of {code}: there is no such state{nearest(code, states)}"
        for code in policies
        if code not in states
    ]
    return wrong + [
        f"policy of {code}: {policy!r} is not a class with a `decide(self, me)`, as of sim.Policy"
        for code, policy in policies.items()
        if not (isinstance(policy, type) and callable(getattr(policy, "decide", None)))
    ]


def _phase_problems(name: str, function: Any) -> list[str]:
    names = [phase.name for phase in PHASES]
    if name not in names:
        hint = nearest(name, names) if isinstance(name, str) else ""
        return [f"phase {name}: there is no such phase{hint}; the phases are {', '.join(names)}"]
    if not isinstance(function, FunctionType):
        return [f"phase {name}: {function!r} is not a function written in Python"]
    kinds = inspect.signature(function).parameters
    wrong = [
        f"phase {name}: a phase has no parameter '{parameter}', only {', '.join(ARGUMENTS)}"
        for parameter, kind in kinds.items()
        if parameter not in ARGUMENTS or kind.kind is inspect.Parameter.POSITIONAL_ONLY
    ]
    lacking = [parameter for parameter in NEEDED if parameter not in kinds]
    if lacking:
        wrong.append(f"phase {name}: its function lacks the parameter {' and '.join(lacking)}")
    return wrong


def describe(code: Any) -> str:
    """Return what distinguishes a function or a class from others: its name, source and constants.

    The source of what it wraps, and of functions of its own module that it calls, is part of it;
    what else it calls is not.
    """
    if not isinstance(code, type):
        return "\n".join([code.__qualname__, *_described(code, set())])
    parts = [code.__qualname__]
    for kind in code.__mro__[:-1]:
        for name, value in vars(kind).items():
            if inspect.isfunction(value):
                parts += _described(value, set())
            elif not name.startswith("__"):
                parts.append(f"{name} = {value!r}")
    return "\n".join(parts)


def metric_sources() -> dict[str, dict[str, str]]:
    """Return a hash of each metric that a user registered, under `metrics`; nothing without one."""
    found = {
        own.name: f"{describe(own.source)}\n{(own.axes, own.unit, own.definition, own.reduce)}"
        for own in METRICS
        if own.source is not None
    }
    hashes = {name: sha256(text.encode()).hexdigest() for name, text in found.items()}
    return {"metrics": hashes} if hashes else {}


def _described(function: Any, done: set[Any]) -> list[str]:
    """Return the source of a function and of those that it calls in its module, and constants."""
    done.add(function)
    around = inspect.getclosurevars(function)
    named = {**around.globals, **around.nonlocals, "__wrapped__": inspect.unwrap(function)}
    parts = [_source(function)]
    for name, value in sorted(named.items()):
        if isinstance(value, PLAIN):
            parts.append(f"{name} = {value!r}")
        elif hasattr(value, "tobytes") and hasattr(value, "shape"):
            parts.append(f"{name} = {value.shape} {value.tobytes().hex()}")
        elif inspect.isfunction(value) and value.__module__ == function.__module__:
            parts += [] if value in done else _described(value, done)
    return parts


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function.__code__)
    except OSError:  # typed where no text is kept: what it was compiled to
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"
