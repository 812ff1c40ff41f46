"""The loader needs what docs/configuration.md says is needed, and nothing more."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import ScenarioError, from_mapping

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
NEEDED = re.compile(r"^\| `(\w+)` \|.*\| (needed|needed, or `generate`) \|$", re.MULTILINE)
SMALLEST: dict[str, Any] = {
    "start": "2024-01-01",
    "weeks": 4,
    "technologies": {"any": {"lesson_cost": 1}},
    "munitions": {
        "shell": {"value": 1, "containers": 1, "price": 1, "lethality": 0, "technology": "any"}
    },
    "states": {
        code: {"doctrine": "status_quo", "spending": 1, "force": 1, "baseline_fire": 0.1}
        for code in ("ONE", "TWO")
    },
}
PLACES = {
    "the root": (),
    "munitions.<name>": ("munitions", "shell"),
    "technologies.<name>": ("technologies", "any"),
    "states.<CODE>": ("states", "ONE"),
}


def documented(section: str) -> dict[str, str]:
    """The keys that the page says are needed in a section, and when."""
    text = PAGE.read_text(encoding="utf-8")
    part = text.partition(f"### {section}\n")[2].partition("\n### ")[0]
    return dict(NEEDED.findall(part))


def held(data: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for key in path:
        data = data[key]
    return data


def test_the_smallest_scenario_loads() -> None:
    assert from_mapping(SMALLEST).weeks == 4
    assert from_mapping({"generate": {"states": 3}}).states


@pytest.mark.parametrize("section", PLACES)
def test_the_page_and_the_loader_agree(section: str) -> None:
    path, needed = PLACES[section], documented(section)
    assert set(held(SMALLEST, path)) == set(needed)
    assert set(needed.values()) == {"needed, or `generate`"}
    for key in needed:
        without = deepcopy(SMALLEST)
        del held(without, path)[key]
        at = ".".join(path) or "scenario"
        with pytest.raises(ScenarioError, match=rf"(^|\n){re.escape(at)}: lacks {key}"):
            from_mapping(without)
