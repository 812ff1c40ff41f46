"""The page on the report's twelve points, held against the code."""

from pathlib import Path
from typing import Any

import pytest
from test_report_points import POINTS, is_there, play

from sim.events import EVENTS
from sim.metrics import METRICS
from sim.plots import FIGURES
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")

ROOT = Path(__file__).parent.parent.parent
MAP = ROOT / "docs" / "channels.md"
COLUMNS = ("says", "rules", "keys", "metrics", "events", "figures", "override", "unscripted")


def _table() -> dict[int, dict[str, str]]:
    text = (ROOT / "docs" / "report_coverage.md").read_text(encoding="utf-8")
    text, _, _ = text.partition(FOLLOWS)
    rows = [
        line.strip("|").split("|") for line in text.splitlines() if line[:3].strip("| ").isdigit()
    ]
    return {int(n): dict(zip(COLUMNS, map(str.strip, rest), strict=True)) for n, *rest in rows}


FOLLOWS = "## What follows from each point"
TABLE = _table()


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _consequences() -> dict[int, tuple[str, list[str]]]:
    """Of each point: the lever of the map, and what it moves."""
    text = (ROOT / "docs" / "report_coverage.md").read_text(encoding="utf-8")
    rows = [_cells(line) for line in text.partition(FOLLOWS)[2].splitlines() if line[:1] == "|"]
    return {int(n): (lever, moved.split("; ")) for n, lever, moved in rows if n.isdigit()}


def _map() -> dict[str, dict[str, str]]:
    """The cells of the map of channels: by lever and outcome, its unit left out."""
    first = MAP.read_text(encoding="utf-8").partition("\n## ")[0]
    head, _, *rows = (_cells(line) for line in first.splitlines() if line[:1] == "|")
    names = [name.rpartition(", ")[0] for name in head[1:]]
    return {lever: dict(zip(names, cells, strict=True)) for lever, *cells in rows}


def listed(cell: str) -> list[str]:
    """The names of a cell, each in its own backquotes."""
    return [name for name in cell.replace("`", " ").split() if name]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load()


def test_all_twelve_are_there_with_their_overrides() -> None:
    told = {number: (row["says"], row["override"].strip("`")) for number, row in TABLE.items()}
    assert told == dict(POINTS)


@pytest.mark.parametrize("number", TABLE)
def test_what_a_point_names_exists(scenario: Scenario, number: int) -> None:
    row, points = TABLE[number], {metric.name: metric.point for metric in METRICS}
    assert all((ROOT / "sim" / "rules" / f"{name}.py").exists() for name in listed(row["rules"]))
    assert all(name in EVENTS for name in listed(row["events"]))
    assert all(name in FIGURES for name in listed(row["figures"]))
    assert {points[name] for name in listed(row["metrics"])} == {number}
    data: Any = scenario.spec.model_dump(by_alias=True)
    for key in listed(row["keys"]):
        here = data
        for part in key.split("."):
            assert part in here, key
            here = here[part]


@pytest.mark.xdist_group("report")  # they share their runs
@pytest.mark.slow
@pytest.mark.parametrize("number", TABLE)
def test_what_arises_without_a_timetable(number: int) -> None:
    assert is_there(number, play("timetable=none")) == (TABLE[number]["unscripted"] == "yes")


@pytest.mark.parametrize("number", TABLE)
def test_each_point_moves_another_part_of_the_model(number: int) -> None:
    lever, moved = _consequences()[number]
    cells = _map()[lever]
    for outcome in moved:
        assert cells[outcome].startswith("**"), (lever, outcome, cells[outcome])


def test_nuclear_technology_has_consequences() -> None:
    cells = _map()["PRK's nuclear technology at 1"]
    assert all(cells[name].startswith("**") for name in ("presses", "militarised disputes"))
