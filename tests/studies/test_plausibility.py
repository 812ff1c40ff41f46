"""The behaviour wanted of the default scenario, with few runs and so with wider bounds."""

import pytest

from sim.studies.plausibility import Line, findings

pytestmark = pytest.mark.usefixtures("unchecked")

RUNS = 10


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return findings(RUNS, seed=1, workers=2)


@pytest.mark.slow
def test_no_finding_contradicts_what_is_wanted(lines: list[Line]) -> None:
    assert len(lines) == 31
    refuted = [line.text(strict=False) for line in lines if not line.holds(strict=False)]
    assert not refuted, "\n".join(refuted)


def test_a_line_holds_by_its_whole_interval_or_by_a_part_of_it() -> None:
    inside, across, outside = (
        Line("x", 0.5, low, high, 0.0, 1.0) for low, high in ((0.2, 0.8), (0.5, 1.5), (1.2, 1.5))
    )
    assert [line.holds() for line in (inside, across, outside)] == [True, False, False]
    assert [line.holds(strict=False) for line in (inside, across, outside)] == [True, True, False]
    assert outside.text().startswith("FAIL")
    assert inside.text().startswith("ok")
