"""What stands at a path of a scenario."""

from typing import Any

from .scenario import Scenario


def shipped_value(scenario: Scenario, path: str) -> Any:
    """Return what stands at a path of a scenario.

    Args:
        scenario: The scenario.
        path: Dotted, as in an override.

    Raises:
        KeyError: Nothing stands there.
    """
    here: Any = {**scenario.mapping, **scenario.spec.model_dump(mode="json", by_alias=True)}
    if path.startswith("doctrines."):
        here = scenario.mapping
    for part in path.split("."):
        here = here[int(part)] if isinstance(here, list) else here[part]
    return here
