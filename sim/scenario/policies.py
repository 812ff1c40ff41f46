"""Plain-Python policies that a scenario carries: their check, their digest, their journey.

A scenario never reads one from a file: only Python hands one over, as a class.
"""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from .problems import nearest


def unfit(states: Iterable[str], policies: Mapping[str, Any]) -> list[str]:
    """What is wrong with policies by state, a line each."""
    codes = list(states)
    wrong = [
        f"policy of {code}: there is no such state{nearest(code, codes)}"
        for code in policies
        if code not in codes
    ]
    return wrong + [
        f"policy of {code}: {policy!r} is no class with a `decide(self, me)`, as of sim.Policy"
        for code, policy in policies.items()
        if not (isinstance(policy, type) and callable(getattr(policy, "decide", None)))
    ]


def text(policy: type) -> str:
    """What tells one policy from another: its name, the source of its methods, their constants.

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
    """The numbers and words that a function takes from around it."""
    around = inspect.getclosurevars(function)
    named = {**around.globals, **around.nonlocals}
    return {name: v for name, v in sorted(named.items()) if isinstance(v, int | float | str)}


def packed(policies: Mapping[str, type]) -> bytes | None:
    """Policies as bytes for another process; also classes of a notebook, which it cannot import."""
    if not policies:
        return None
    import cloudpickle

    return bytes(cloudpickle.dumps(dict(policies)))


def unpacked(policies: bytes | None) -> Mapping[str, type]:
    """The policies of `packed`."""
    if policies is None:
        return {}
    import cloudpickle

    found: dict[str, type] = cloudpickle.loads(policies)
    return found
