"""Calibration: what of the data is used, what reports make of runs, and the command."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import main
from sim import noise
from sim.analysis import table as tables
from sim.analysis.observed import read_folder
from sim.analysis.sample import (
    ERRORS,
    Sample,
    at_weeks,
    rounded,
    sample_of,
    scores,
    significant,
)
from sim.scenario import ScenarioError, load
from sim.scenario.parameters import Parameters, shipped_posteriors
from sim.scenario.priors import quantiles

pytest.importorskip("sklearn", reason="calibration needs the extra `evidence`")
pytestmark = pytest.mark.usefixtures("unchecked")
CLAIMS = """as_of,cum_containers,issuer
2022-01-01,77,Elsewhere
2023-09-13,1200,US State Dept
2023-10-13,2000,An Institute
2023-11-20,3500,ROK MND
2024-05-20,9000,ROK MND
"""
TESTS = "date,missile,outcome\n" + "".join(
    f"2023-{month:02d}-1{day},kn-25,success\n" for month in (2, 5, 8, 9, 11, 12) for day in range(3)
)
LOSSES = "date,personnel\n" + "".join(
    f"{day.date()},{1000 * n}\n" for n, day in enumerate(pd.date_range("2023-03-01", "2024-02-10"))
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made data of the default scenario's window."""
    path = tmp_path_factory.mktemp("data")
    for number, text in enumerate((CLAIMS, TESTS, LOSSES)):
        (path / f"{number}.csv").write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sample(folder: Path) -> Sample:
    return sample_of(read_folder(folder), load(), date(2023, 12, 31))


def test_what_lies_in_the_window_is_used(folder: Path, sample: Sample) -> None:
    assert sample.issuers == ("USA", "An", "KOR")
    assert sample.claimed.tolist() == [1200.0, 2000.0, 3500.0]
    assert sample.digits == (2, 1, 2)
    assert sample.losses == pytest.approx([31, 30, 31, 31, 30, 31, 30, 31])  # a thousand per day
    assert sample.tests.tolist() == [3.0, 6.0, 6.0]
    assert sample.scenario.weeks == 35
    assert (sample.first, sample.last) == (date(2023, 5, 1), date(2023, 12, 31))
    whole = sample_of(read_folder(folder), load())
    assert len(whole.claimed) == 4
    assert len(whole.losses) == 9, "February is not whole"
    assert len(whole.tests) == 3
    np.testing.assert_allclose(sample.natural(sample.numbers)[:3], sample.claimed)
    np.testing.assert_allclose(sample.natural(sample.numbers)[3:], [*sample.losses, *sample.tests])
    assert len(sample.names) == len(sample.numbers)


def test_a_quarter_that_the_record_may_not_hold_is_left_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tests.csv").write_text(TESTS.partition("2023-11-10")[0], encoding="utf-8")
    found = sample_of(read_folder(tmp_path), load())
    assert found.tests.tolist() == [3.0, 6.0]
    assert len(found.losses) == len(found.claimed) == 0
    assert found.scenario.weeks == 22


def test_what_cannot_be_calibrated_is_refused(folder: Path) -> None:
    observed = read_folder(folder)
    with pytest.raises(ScenarioError) as error:
        sample_of(observed, load("artillery_war"), date(1990, 1, 1))
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        *(["scenario"] * (len(error.value.problems) - 1)),
        "to",
    ]
    assert len(error.value.problems) > 2
    with pytest.raises(ScenarioError, match="there is no prior"):
        sample_of(observed, load("northeast_asia_2023", ["priors=none"]))
    with pytest.raises(ScenarioError, match="holds no claims"):
        sample_of(observed, load("northeast_asia_2023", ["start=2030-01-07", "timetable=none"]))


def series(runs: int, weeks: int = 35) -> dict[str, np.ndarray]:
    grown = np.broadcast_to(np.arange(1.0, weeks + 1), (runs, weeks))
    return {"containers": 100 * grown, "losses": 5 * grown, "tests": np.ones((runs, weeks))}


def reported(sample: Sample, runs: int = 4000, **errors: float) -> np.ndarray:
    """What would be reported of a steady flow, with no errors but those that are named."""
    sizes = {
        name: np.full(runs, errors.get(name.removeprefix("error."), 0.0)) for name in sample.errors
    }
    biases = {
        f"states.{who}.estimate_bias": np.full(runs, errors.get(who, 0.0)) for who in ("USA", "KOR")
    }
    return sample.natural(sample.reported(series(runs), biases, sizes, np.random.default_rng(1)))


def test_reports_of_a_steady_flow(sample: Sample) -> None:
    found = reported(sample)
    assert np.median(found[:, 0]) == pytest.approx(1928, rel=0.03)  # 135 days of 100 per week
    assert np.log(found[:, 0]).std() == pytest.approx(0.15, abs=0.02)
    np.testing.assert_allclose(found[0, 3:11], np.diff(sample.months) * 5.0)
    np.testing.assert_allclose(found[0, 11:], np.round(np.diff(sample.quarters)))
    thousands = found[:, 1] / 1000
    np.testing.assert_allclose(thousands, np.round(thousands), atol=1e-9)  # as the claim is


def test_each_error_is_felt_where_it_belongs(sample: Sample) -> None:
    plain = reported(sample)
    for name, which, change in (
        ("USA", [0], 0.3),
        ("KOR", [2], 0.3),
        ("bias_An", [1], 0.3),
        ("losses_bias", range(3, 11), 0.3),
        ("tests_bias", range(11, 14), 0.3),
    ):
        moved = np.median(reported(sample, **{name: change}), axis=0) / np.median(plain, axis=0)
        for place in range(plain.shape[1]):
            wanted = np.exp(change) if place in which else 1.0
            assert moved[place] == pytest.approx(wanted, rel=0.12), (name, place)
    for name, place in (("flow", 0), ("losses", 5), ("tests", 12)):
        wide = reported(sample, **{name: 0.5})
        assert wide[:, place].std() > 1.5 * plain[:, place].std() + 0.01, name
    correlation = np.corrcoef(np.log(reported(sample, losses=0.3)[:, 3:11]), rowvar=False)
    assert 0.5 < correlation[0, 1] < 0.7
    assert correlation[0, 6] < 0.15
    drift = np.median(reported(sample, losses_trend=0.4), axis=0)[3:11] / plain[0, 3:11]
    assert drift[-1] == pytest.approx(np.exp(0.4 * 245 / 365.25), rel=0.01)


def test_claims_of_one_issuer_share_an_error(folder: Path) -> None:
    found = reported(
        sample_of(read_folder(folder), load()), runs=1
    )  # the series is short: no claim
    assert found.shape == (1, 4 + 9 + 3)


def test_sizes_of_errors_follow_their_laws(sample: Sample) -> None:
    score = np.random.default_rng(0).standard_normal(20_000)
    assert set(ERRORS) < set(sample.errors)
    for name, (centre, scale, law) in ERRORS.items():
        drawn = sample.error(name, score)
        if law.startswith("half"):
            assert drawn.min() >= 0.0
            assert np.sqrt((drawn**2).mean()) == pytest.approx(scale, rel=0.03)
        else:
            assert (drawn.mean(), drawn.std()) == pytest.approx((centre, scale), abs=0.01)


def test_scores_undo_quantiles() -> None:
    u = np.asarray([0.02, 0.3, 0.5, 0.99])
    for prior, _ in load().uncertain.values():
        back = scores(quantiles(prior, u), prior.law)
        np.testing.assert_allclose(back, [-2.053749, -0.524401, 0.0, 2.326348], atol=1e-5)


def test_series_between_weeks_and_significant_digits() -> None:
    assert at_weeks(np.asarray([[10.0, 30.0]]), np.asarray([0.0, 0.5, 1.0, 1.5, 2.0])).tolist() == [
        [0.0, 5.0, 10.0, 20.0, 30.0]
    ]
    assert rounded(np.asarray([1234.0, 9876.0, 0.2]), 2).tolist() == [1200.0, 9900.0, 0.2]
    assert [significant(x) for x in (1000.0, 6700.0, 13000.0, 12345.0)] == [1, 2, 2, 5]


@pytest.mark.slow
@pytest.mark.xdist_group("default")
def test_the_command(folder: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    pytest.importorskip("jax", reason="the reference engine would take minutes")
    out, own = tmp_path / "out", tmp_path / "mine.json"
    command = [f"data={folder}", f"out={out}", "to=2023-11-30", "runs=1000", "truths=100"]
    command += ["workers=1", "strict=0", "progress=false", "engine=compiled"]
    assert main([*command, f"posterior={own}"]) == 0
    text = capsys.readouterr().out
    assert "northeast_asia_2023, 2023-05-01 to 2023-11-30: 3 claims of containers" in text
    assert "calibrated on 100 data sets" in text
    identified = pd.read_csv(out / "identified.csv")
    assert len(identified) == len(load().priors) + len(ERRORS) + 1
    assert np.isfinite(identified.drop(columns="number").to_numpy(float)).all()
    named = identified["number"][identified["identifiable"]]
    for name in identified["number"][~identified["identifiable"]]:
        assert name in text
    assert "error.losses_bias" in set(named)
    draws = pd.read_parquet(out / "draws.parquet")
    assert draws["weight"].sum() == pytest.approx(1.0)
    summary = json.loads((out / "calibration.json").read_text())
    assert summary["last"] == "2023-11-30"
    assert set(summary["data"]) == {"claims", "losses", "tests"}

    scenario = load("northeast_asia_2023", ["weeks=4", "timetable=none"], parameters=own)
    _, values = scenario.numbers(noise.run_keys(0, range(50)))
    held = Parameters.model_validate(json.loads(own.read_text()))
    column = held.table[:, list(held.priors).index("rules.fight.swing")]
    assert np.isin(values["rules.fight.swing"], column).all()

    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert {f"{name}.png" for name in ("predictive", "identified", "marginals", "ranks")} < set(
        before
    )
    monkeypatch.setattr(tables, "_part", None)  # nothing is simulated again
    assert main(command) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    wrong = ["runs=10", "to=soon", "engine=fast", "data=nowhere", "weeks=-1", "progress=maybe"]
    assert main([*wrong, f"out={out}"]) == 2
    message = capsys.readouterr().err
    for part in ("runs: ", "to: ", "engine: ", "nowhere", "weeks", "progress: "):
        assert part in message, part
    assert not out.exists()
    assert main([f"out={out}"]) == 2
    assert (
        capsys.readouterr().err
        == "data: is missing: data=DIR names the folder with the CSV files\n"
    )


def test_the_shipped_posterior_is_of_the_scenario_as_it_is() -> None:
    assert shipped_posteriors() == ("northeast_asia_2023",)
    plain = load()
    found = load(parameters="posterior").spec.parameters
    assert found is not None
    laws = {path: prior.law for path, (prior, _) in plain.uncertain.items()}
    assert found.in_use(laws) == list(found.priors) == list(laws)
    assert len(found.rows) <= 500
    for path, column in zip(found.priors, found.table.T, strict=True):
        low, high = plain.bounds(path)
        assert low <= column.min(), path
        assert column.max() <= high, path
