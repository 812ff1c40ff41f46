"""The oracle's row of a run, every summary of every metric, against the reference engine's."""

from typing import Any

import numpy as np
import pytest
from oracle_worlds import crowded, default, drawn, synthetic

from sim import noise
from sim.engines import reference
from sim.metrics import METRICS
from sim.scenario import Scenario
from tests.oracle import record as oracle_record
from tests.oracle.model import OracleModel

pytestmark = pytest.mark.usefixtures("unchecked")

HOT = (
    "rules.escalate.both=1",
    "rules.escalate.one=1",
    "rules.escalate.deterrence=0",
    "rules.escalate.nuclear_restraint=0",
    "rules.escalate.incident=0.5",
    "rules.escalate.war=1",
)
"""With these a year has wars."""


def assert_same_row(scenario: Scenario) -> dict[tuple[str, str], Any]:
    """Hold the oracle's row of a run equal to the engine's summary of it, and return it."""
    row = OracleModel(scenario, noise.run_key(0, 0)).play()
    theirs = reference.simulate(scenario, 0, [0], "summary").summary
    assert set(row) == set(theirs) == {(m.name, how) for m in METRICS for how in m.reduce}
    for key, value in theirs.items():
        mine = np.asarray(row[key], float)
        assert mine.shape == value[0].shape, key
        np.testing.assert_allclose(mine, value[0], rtol=1e-9, atol=1e-12, err_msg=f"{key}")
    return row


@pytest.mark.parametrize("scenario", [default(), crowded(), synthetic(12, 11)])
def test_its_row_of_a_run_is_the_engines(scenario: Scenario) -> None:
    row = assert_same_row(scenario)
    common = ("deterred", "presses", "tests", "level_ups", "exercises_held", "vetoes")
    assert sum(np.sum(row[name, "sum"]) > 0 for name in common) > 4


@pytest.mark.parametrize("seed", [5, 6, 11, 13])
def test_its_row_of_a_drawn_world_is_the_engines(seed: int) -> None:
    """With every crisis desk: a press that deterrence stopped is counted by each in its own way."""
    assert assert_same_row(drawn(seed))["presses", "sum"] > 0


def test_the_rare_metrics_are_compared_where_they_are_not_zero() -> None:
    row = assert_same_row(synthetic(14, 39).with_(*HOT))
    for name in ("war_onsets", "nuclear_war_onsets", "nuclear_risk"):
        assert row[name, "sum"] > 0


@pytest.mark.parametrize("key", oracle_record.OF_WORLD)
def test_a_metric_that_is_a_little_wrong_is_seen(
    key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = oracle_record.OF_WORLD[key]
    monkeypatch.setitem(oracle_record.OF_WORLD, key, lambda model: right(model) + 1e-6)
    with pytest.raises(AssertionError, match=key[0]):
        assert_same_row(synthetic(4, 35))


def test_a_run_that_is_not_recorded_has_no_row() -> None:
    with pytest.raises(ValueError, match="not recorded"):
        OracleModel(default(), noise.run_key(0, 0), collect=False, weeks=1).play()
