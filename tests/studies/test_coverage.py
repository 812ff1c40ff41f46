"""Coverage of claims: the counts are right on made-up paths."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.coverage import main
from sim.studies.coverage import BIAS, FILE, coverage

START = date(2023, 5, 1)
DAYS = pd.date_range("2023-04-30", "2024-08-31")
WIGGLE = 0.01 * np.sin(np.arange(len(DAYS)))


def straight(rates: np.ndarray) -> np.ndarray:
    """Losses that grow by the same each week: [run, week]."""
    return rates[:, None] * np.arange(72.0)


def test_claims_that_are_the_truth_times_the_bias_lie_inside() -> None:
    rates = np.full(400, 4.0)
    claims = pd.Series(BIAS[0] * 4.0 / 7.0 * np.arange(len(DAYS)) + WIGGLE, DAYS)
    found = coverage(claims, {"RUS": straight(rates), "UKR": straight(0.5 * rates)}, START)
    assert (found.months, found.of) == (16, 16)
    assert found.ratio == pytest.approx((2.0, 2.0, 2.0))
    assert found.within == 1.0
    assert found.width == pytest.approx(2.0 * 1.645 * BIAS[1], rel=0.15)


def test_claims_of_another_size_lie_outside_and_a_ratio_beyond_the_range_counts_as_such() -> None:
    rates = np.full(400, 4.0)
    claims = pd.Series(3.0 * 4.0 / 7.0 * np.arange(len(DAYS)) + WIGGLE, DAYS)
    found = coverage(claims, {"RUS": straight(rates), "UKR": straight(rates)}, START)
    assert found.months == 0
    assert found.within == 0.0


def test_spreads_are_those_of_changes_relative_to_the_claims() -> None:
    rng = np.random.default_rng(1)
    weekly = rng.gamma(20.0, 0.2, (200, 71))
    paths = np.concatenate([np.zeros((200, 1)), np.cumsum(weekly, axis=1)], axis=1)
    one = np.interp(np.arange(len(DAYS)), 7.0 * np.arange(72), paths[0])
    claims = pd.Series(one, DAYS)
    found = coverage(claims, {"RUS": paths, "UKR": paths}, START)
    assert found.weekly == pytest.approx(BIAS[0], rel=0.25)
    double = coverage(2.0 * claims, {"RUS": paths, "UKR": paths}, START)
    assert double.weekly == pytest.approx(0.5 * found.weekly)
    assert double.monthly == pytest.approx(0.5 * found.monthly)


def test_without_the_data_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"data={tmp_path}"]) == 0
    assert f"skipped: {tmp_path / FILE} is not there" in capsys.readouterr().out


def test_a_wrong_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data=.", "rusn=3"]) == 2
    assert "rusn=3" in capsys.readouterr().err
