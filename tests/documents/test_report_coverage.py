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
COLUMNS = ("says", "rules", "keys", "metrics", "events", "figures", "override", "unscripted")


def _table() -> dict[int, dict[str, str]]:
    text = (ROOT / "docs" / "report_coverage.md").read_text(encoding="utf-8")
    rows = [
        line.strip("|").split("|") for line in text.splitlines() if line[:3].strip("| ").isdigit()
    ]
    return {int(n): dict(zip(COLUMNS, map(str.strip, rest), strict=True)) for n, *rest in rows}


TABLE = _table()


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
