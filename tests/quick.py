"""Which tests are quick: a minute's worth of all parts, for `make quick` and `pytest -m quick`.

Cheap files are quick as a whole and are listed here; in the others a test or two has the mark
`quick` of its own, as the face or the figure that must not break. A test marked `slow` never is.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
QUICK = (
    "cli/test_completion.py",
    "cli/test_keys.py",
    "desks",
    "documents/test_documents.py",
    "engines",
    "ensemble/test_designs.py",
    "policy",
    "results/test_responses.py",
    "results/test_results.py",
    "rules",
    "scenario/test_scenario.py",
    "scenario/test_scenario_input.py",
    "scenario/test_scenario_priors.py",
    "scenario/test_worlds.py",
    "test_arrays.py",
    "test_conservation.py",
    "test_events.py",
    "test_house.py",
    "test_noise.py",
    "test_streams.py",
    "test_package.py",
)
"""Files and folders of tests."""


def mark_quick(items: list[pytest.Item]) -> None:
    """Mark the tests of those files and folders, before `-m` chooses by marks."""
    files = {item.path for item in items}
    places = {HERE / name for name in QUICK}
    quick = {file for file in files if not places.isdisjoint((file, *file.parents))}
    for item in items:
        if item.path in quick:
            item.add_marker("quick")
        if item.get_closest_marker("slow"):
            item.own_markers = [mark for mark in item.own_markers if mark.name != "quick"]
