"""What a scenario has that no file can hold: Python. Its check, its digest, its journey.

A scenario never reads code from a file by itself: only Python hands it over, a class for a policy
or a function for a phase. `stored_code` writes it into a manifest as text.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from types import CodeType, FunctionType
from typing import Any

from ..metrics import METRICS
from ..rules.phase import ARGUMENTS, Phase
from ..rules.week import PHASES, phases_with
from .problems import ScenarioError, nearest

NEEDED = ARGUMENTS[:2]
"""What every phase must take."""
PLAIN = (int, float, str, bytes, tuple, list, dict, type(None))
"""Constants that are part of a source."""
SETTABLE = (bool, int, float, str, type(None))
"""What a parameter of a policy may be."""
MADE = (
    *("__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__"),
    *("__setattr__", "__delattr__", "__replace__"),
)
"""Methods that `dataclass` writes, whose text no source holds."""


@dataclass(frozen=True)
class Code:
    """The Python of a scenario.

    - `policies`: classes of `sim.Policy`, by the code of their state.
    - `phases`: functions that stand in place of phases of the week, by the phase's name.
    - `settings`: the parameters of policies that were set, by the code of their state and by name.
    - `absent`: what a folder of results holds as text alone, a phrase each; nothing is simulated
      without it.
    """

    policies: Mapping[str, type] = field(default_factory=dict)
    phases: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def table(self) -> tuple[Phase, ...]:
        """Return the phases of a week, in their order."""
        return phases_with(self.phases)

    def sources(self) -> dict[str, dict[str, str]]:
        """Return what distinguishes this code from other code: the sources by kind and name."""
        found = {
            kind: {name: describe(code) for name, code in by_name.items()}
            for kind, by_name in self.by_kind().items()
            if by_name
        }
        values = {code: repr(own) for code in self.policies if (own := self.parameters(code))}
        return found | ({"parameters": values} if values else {})

    def parameters(self, code: str) -> dict[str, Any]:
        """Return the parameters of the policy of a state: those set, and the defaults."""
        return parameters_of(self.policies[code]) | dict(self.settings.get(code, {}))

    def policy(self, code: str) -> Any:
        """Return a new instance of the policy of a state, with its parameters."""
        return self.policies[code](**self.settings.get(code, {}))

    def with_policy(self, code: str, policy: type, settings: Mapping[str, Any]) -> "Code":
        """Return this code with another policy of a state.

        Args:
            code: The code of the state.
            policy: The class.
            settings: Those of its parameters that are not to be the defaults.
        """
        return replace(
            self,
            policies={**self.policies, code: policy},
            settings={**self.settings, code: dict(settings)},
            absent={k: v for k, v in self.absent.items() if k != f"policies.{code}"},
        )

    def with_phase(self, name: str, function: Callable[..., Any]) -> "Code":
        """Return this code with another phase.

        Args:
            name: The phase.
            function: What stands in its place.
        """
        return replace(
            self,
            phases={**self.phases, name: function},
            absent={k: v for k, v in self.absent.items() if k != f"phases.{name}"},
        )

    def with_parameter(self, path: tuple[str, ...], value: Any) -> "Code":
        """Return this code with a parameter of a policy at a path `policies.CODE.NAME`.

        Args:
            path: The parts of the path.
            value: The parameter.

        Raises:
            ScenarioError: There is no such policy.
        """
        key = ".".join(path)
        if len(path) != 3:
            raise ScenarioError([f"{key}: a policy's parameter is set as policies.CODE.NAME"])
        code, name = path[1:]
        if f"policies.{code}" in self.absent:
            raise ScenarioError([self.refusal])
        if code not in self.policies:
            have = nearest(code, self.policies)
            raise ScenarioError([f"{key}: {code} has no policy in Python{have}"])
        own = {**self.settings.get(code, {}), name: value}
        return replace(self, settings={**self.settings, code: own})

    @property
    def refusal(self) -> str:
        """Return why nothing can be simulated, "" where it can."""
        if not self.absent:
            return ""
        return (
            f"{'; '.join(self.absent.values())}: the folder holds it as text, which is not run"
            " unasked: sim.open_results(folder, trust_code=True) trusts it; scenario.with_policy or"
            " with_phase gives it anew"
        )

    def problems(self, states: Iterable[str]) -> list[str]:
        """Return what is wrong with this code in a scenario of some states, a line each."""
        found = _policy_problems(list(states), self.policies)
        if not found:
            found += [x for code in self.policies for x in self._parameter_problems(code)]
        for name, function in self.phases.items():
            found += _phase_problems(name, function)
        return found

    def packed(self) -> bytes | None:
        """Return the code as bytes for other processes, which cannot import what a notebook holds.

        Raises:
            ScenarioError: Some of it cannot be sent to other processes.
        """
        if not (self.policies or self.phases or self.absent):
            return None
        import cloudpickle

        wrong = []
        for kind, by_name in self.by_kind().items():
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
        own = (self.policies, self.phases, self.settings, self.absent)
        return bytes(cloudpickle.dumps(tuple(map(dict, own))))

    def by_kind(self) -> dict[str, Mapping[str, Any]]:
        """Return classes and functions by `policies` or `phases`, and then by name."""
        return {"policies": self.policies, "phases": self.phases}

    def _parameter_problems(self, code: str) -> list[str]:
        policy, given = self.policies[code], self.settings.get(code, {})
        at, known = f"policies.{code}", _parameters(policy)
        wrong = [
            f"{at}.{name}: {policy.__name__} has no such parameter{nearest(name, known)}"
            + ("" if known else "; annotate a field of the class to make one: `limit: float = 0.5`")
            for name in given
            if name not in known
        ]
        wrong += [
            f"{at}.{name}: {policy.__name__} needs a value: it has no default"
            for name, parameter in known.items()
            if parameter.default is parameter.empty and name not in given
        ]
        for name, value in given.items():
            if name in known and (problem := _value_problem(known[name].default, value)):
                wrong.append(f"{at}.{name}: {problem}")
        if not wrong and given:
            try:
                policy(**given)
            except Exception as error:  # of the user's own checks: they know what is allowed
                wrong.append(f"{at}: {policy.__name__}({_as_call(given)}): {error}")
        return wrong


def unpack(packed: bytes | None) -> Code:
    """Return the code that `Code.packed` made into bytes."""
    if packed is None:
        return Code()
    import cloudpickle

    return Code(*cloudpickle.loads(packed))


def parameters_of(policy: type) -> dict[str, Any]:
    """Return the defaults of a policy's parameters by name, as far as they are plain data.

    Its parameters are those that its class is called with: the annotated fields of a `sim.Policy`,
    or what an `__init__` of its own takes by name.
    """
    found = {name: parameter.default for name, parameter in _parameters(policy).items()}
    return {name: value for name, value in found.items() if isinstance(value, SETTABLE)}


def _parameters(policy: type) -> dict[str, inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    try:
        found = inspect.signature(policy).parameters
    except (TypeError, ValueError):
        return {}
    return {name: each for name, each in found.items() if each.kind in named}


def _value_problem(default: Any, value: Any) -> str:
    """Return what is wrong with the value of a parameter whose default is known, or ""."""
    shown = repr(value)
    if not isinstance(value, SETTABLE):
        return f"{shown[:60]} is neither a number nor text nor true or false"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown} is not a finite number"
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else f"{shown} is neither true nor false"
    if isinstance(default, int | float):
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if good else f"{shown} is not a number"
    if isinstance(default, str):
        return "" if isinstance(value, str) else f"{shown} is not text"
    return ""


def _as_call(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings.items())


def _policy_problems(states: list[str], policies: Mapping[str, Any]) -> list[str]:
    wrong = [
        f"policy of {code}: there is no such state{nearest(code, states)}"
        for code in policies
        if code not in states
    ]
    return wrong + [
        f"policy of {code}: {policy!r} is not a class with a `decide(self, me)`, as of sim.Policy"
        for code, policy in policies.items()
        if not (isinstance(policy, type) and _decides(policy))
    ]


def _decides(policy: type) -> bool:
    """Return whether a class has a `decide` of its own, not that of sim.Policy alone."""
    decide = getattr(policy, "decide", None)
    return callable(decide) and not getattr(decide, "__isabstractmethod__", False)


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
            functions = methods(kind, name, value)
            for function in functions:
                parts += _described(function, set())
            if not functions and not name.startswith("__"):
                parts.append(f"{name} = {value!r}")
    return "\n".join(parts)


def methods(kind: type, name: str, value: Any) -> list[FunctionType]:
    """Return the functions that a user wrote of an attribute of a class; none of a plain value.

    Args:
        kind: The class.
        name: The attribute.
        value: What it is.
    """
    if isinstance(value, property):
        found = [value.fget, value.fset, value.fdel]
    elif isinstance(value, classmethod | staticmethod):
        found = [value.__func__]
    else:
        found = [value]
    functions = [each for each in found if inspect.isfunction(each)]
    made = "__dataclass_fields__" in vars(kind) and name in MADE
    return [
        each
        for each in functions
        if not (made and inspect.unwrap(each).__code__.co_filename == "<string>")
    ]


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
    named = {**names_used(function), "__wrapped__": inspect.unwrap(function)}
    parts = [_source(function)]
    for name, value in sorted(named.items()):
        if isinstance(value, PLAIN):
            parts.append(f"{name} = {value!r}")
        elif hasattr(value, "tobytes") and hasattr(value, "shape"):
            parts.append(f"{name} = {value.shape} {value.tobytes().hex()}")
        elif inspect.isfunction(value) and value.__module__ == function.__module__:
            parts += [] if value in done else _described(value, done)
    return parts


def names_used(function: FunctionType) -> dict[str, Any]:
    """Return what a function, and functions inside it, use of the world around them, by name."""
    around, names = function.__globals__, set[str]()
    left: list[CodeType] = [function.__code__]
    while left:  # a comprehension is code of its own before Python 3.12
        code = left.pop()
        names |= set(code.co_names)
        left += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    found = {name: around[name] for name in names if name in around}
    return found | dict(inspect.getclosurevars(function).nonlocals)


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function.__code__)
    except OSError:  # typed where no text is kept: what it was compiled to
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"
