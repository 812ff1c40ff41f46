"""Plain-Python policies that a scenario holds: their check, their digest, their transport.

A scenario never reads one from a file: only Python hands one over, as a class.
"""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from .problems import nearest


def policy_problems(states: Iterable[str], policies: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with policies, a line each.

    Args:
        states: The codes of the scenario's states.
        policies: Classes by code.
    """
    codes = list(states)
    wrong = [
        f"policy of {code}: there is no such state{nearest(code, codes)}"
        for code in policies
        if code not in codes
    ]
    return wrong + [
        f"policy of {code}: {policy!r} is not a class with a `decide(self, me)`, such as sim.Policy"
        for code, policy in policies.items()
        if not (isinstance(policy, type) and callable(getattr(policy, "decide", None)))
    ]


def policy_source(policy: type) -> str:
    """Return what identifies a policy: its name, the source of its methods, their constants.

    What else its methods call is not in it.
    """
    parts = [policy.__qualname__]
    for kind in policy.__mro__[:-1]:
        for name, value in vars(kind).items():
            if inspect.isfunction(value):
                parts += [_source(value), repr(_constants(value))]
            elif not name.startswith("__"):
                parts.append(f"{name} = {value!r}")
    return "\n".join(parts)


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function)
    except OSError:  # typed where no text is kept: what it was compiled to
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"


def _constants(function: Any) -> dict[str, Any]:
    """Return the numbers and texts that a function takes from around it."""
    around = inspect.getclosurevars(function)
    named = {**around.globals, **around.nonlocals}
    return {name: v for name, v in sorted(named.items()) if isinstance(v, int | float | str)}


def packed(policies: Mapping[str, type]) -> bytes | None:
    """Return policies as bytes for other processes; also classes that these cannot import."""
    if not policies:
        return None
    import cloudpickle

    return bytes(cloudpickle.dumps(dict(policies)))


def unpacked(policies: bytes | None) -> Mapping[str, type]:
    """Return the policies of `packed`."""
    if policies is None:
        return {}
    import cloudpickle

    found: dict[str, type] = cloudpickle.loads(policies)
    return found
