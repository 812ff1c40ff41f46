"""The digest of a scenario: a hash of all that is simulated."""

import json
from collections.abc import Iterator
from hashlib import sha256

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
    desks = {f"{desk}.{rule}": source for desk, rule, source in _own_desks(spec)}
    content |= {"desks": desks} if desks else {}
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _own_desks(spec: Spec) -> Iterator[tuple[str, str, str]]:
    """Yield the rules that states follow and armsflow does not ship: desk, rule, source."""
    for desk, rules in rules_used(spec).items():
        for rule in rules:
            function = REGISTRY[desk][rule].function
            if not function.__module__.startswith("sim."):
                yield desk, rule, describe(function)
