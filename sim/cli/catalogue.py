"""Lists of choices: `armsflow list=scenarios|doctrines|desks|metrics|rules|events`.

`armsflow list=pairs` is of one scenario, which keys beside it name and change. `armsflow
list=schema` prints the JSON Schema of scenario files instead of a table.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from .. import params
from ..desks import REGISTRY
from ..events import TABLE
from ..metrics import METRICS
from ..scenario import Scenario
from ..scenario.files import names, shipped
from ..scenario.pairs import reasons
from .overrides import InputError
from .request import Request


def scenarios() -> list[tuple[str, ...]]:
    """Return name and title of each."""
    return [(name, shipped("scenario", name).get("title", "")) for name in names("scenario")]


def doctrines() -> list[tuple[str, ...]]:
    """Return name and title of each."""
    return [(name, shipped("doctrine", name).get("title", "")) for name in names("doctrine")]


def desks() -> list[tuple[str, ...]]:
    """Return desk, rule, and what the rule does."""
    return [
        (desk, rule, found.summary)
        for desk, rules in REGISTRY.items()
        for rule, found in rules.items()
    ]


def metrics() -> list[tuple[str, ...]]:
    """Return name, what it is measured for, unit and definition of each."""
    return [(m.name, f"by {m.axes}", m.unit, m.definition) for m in METRICS]


def rules() -> list[tuple[str, ...]]:
    """Return key, default, bounds and unit of each coefficient."""
    rows: list[tuple[str, ...]] = []
    for phase in fields(params.Rules):
        coefficients: Any = phase.type
        for field in fields(coefficients):
            default = shipped("rules", phase.name)[field.name]
            low, high = field.metadata["low"], field.metadata["high"]
            key = f"rules.{phase.name}.{field.name}"
            rows.append((key, str(default), f"[{low:g}, {high:g}]", field.metadata["unit"]))
    return rows


def events() -> list[tuple[str, ...]]:
    """Return kind, CAMEO code and definition of each."""
    return [(event.name, event.cameo, event.definition) for event in TABLE]


def pairs(scenario: Scenario) -> list[tuple[str, ...]]:
    """Return the states of each listed pair, once, and what names them together.

    Args:
        scenario: Whose pairs.
    """
    codes, found = scenario.states, reasons(scenario.spec)
    both = [(codes[i], codes[j]) for i, j in scenario.pairs if i < j]
    return [(*pair, ", ".join(found[frozenset(pair)])) for pair in both]


def print_channels(request: Request) -> int:
    """Print which levers move which outcomes of the default scenario; return the exit code.

    Args:
        request: The scenario, and how many runs with which seed and workers.

    Raises:
        InputError: It is another scenario, of which no levers are known.
    """
    from ..studies.channels import DEFAULT, page

    if request.scenario.name != DEFAULT:
        raise InputError(f"explain=channels: its levers are those of {DEFAULT}")
    print(page(request.scenario, max(request.runs, 2), request.seed, request.execution.processes))
    return 0


LISTS: dict[str, Callable[[], list[tuple[str, ...]]]] = {
    "scenarios": scenarios,
    "doctrines": doctrines,
    "desks": desks,
    "metrics": metrics,
    "rules": rules,
    "events": events,
}
"""Those that need no scenario."""
