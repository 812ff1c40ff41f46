"""The digest of a scenario: a hash of all that is simulated."""

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from ..desks.registry import REGISTRY
from .build import rules_used
from .code import Code, describe
from .schema import Spec


def digest_of(spec: Spec, code: Code) -> str:
    """Return a hash of what is simulated, code included; what is shown of it is not.

    Args:
        spec: The scenario.
        code: Its policies and phases in Python.
    """
    shown = {"doctrines", "observations", "headline"}
    content = spec.model_dump(mode="json", by_alias=True, exclude=shown)
    if content["parameters"] is None:  # without a posterior the digest is as before there was one
        del content["parameters"]
    for entry in content["timetable"]:
        if entry["set"] is None:  # an event has the digest that it had before policies had dates
            del entry["set"]
    content |= code.sources()
    desks = {name: describe(rule) for name, rule in own_desks(rules_used(spec)).items()}
    content |= {"desks": desks} if desks else {}
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def own_desks(used: Mapping[str, Iterable[str]]) -> dict[str, Callable[..., Any]]:
    """Return the rules among some that armsflow does not ship, by `desk.rule`.

    Args:
        used: Names of rules by desk.
    """
    found = {
        f"{desk}.{rule}": REGISTRY[desk][rule].function for desk in used for rule in used[desk]
    }
    return {name: rule for name, rule in found.items() if not rule.__module__.startswith("sim.")}
