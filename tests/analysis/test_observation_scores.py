"""Observations beside runs: ranks, bands and scores; files of them; what is drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from experiments.observations import main
from sim.analysis import scores as of_forecasts
from sim.analysis.observation_scores import checked, scores
from sim.plots.observed import observed, unit_of
from sim.plots.style import look
from sim.results.results import Results
from sim.scenario import ScenarioError
from sim.scenario.observed import read_observations

pytestmark = pytest.mark.usefixtures("unchecked")
HEAD = "date,kind,issuer,quantity,state,from,to,value,low,high,source\n"


def crps(values: np.ndarray, seen: float) -> float:
    """Return the score of one forecast."""
    return float(of_forecasts.crps(values[:, None], np.asarray([seen]))[0])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A small job, in whose scenario a loss is claimed and a bound is known."""
    loss = {"date": "2000-01-20", "issuer": "OBS", "quantity": "losses", "state": "NEI"}
    seen = [
        loss | {"value": 1e9, "source": "press"},
        {"date": "2000-01-20", "kind": "bound", "quantity": "tension_mean", "range": [0, None]}
        | {"source": "by definition"},
        loss | {"date": "2010-01-20", "value": 1.0, "source": "after the end"},
    ]
    scenario = sim.load("supplier_and_embargo", ["weeks=6"])
    scenario = sim.scenario.from_mapping(scenario.mapping | {"observations": seen})
    out = tmp_path_factory.mktemp("seen") / "out"
    return sim.run(scenario, runs=5, workers=1, engine="reference", out=out)


def test_observations_of_a_scenario_are_scored(results: Results) -> None:
    claim, bound = scores(results).to_dict("records")
    assert (claim["week"], claim["who"], claim["issuer"]) == (2, "NEI", "OBS")
    lost = results.weeks.query("week == 2 and state == 'NEI'")["losses"].to_numpy()
    assert claim["50%"] == pytest.approx(np.median(lost))
    assert (claim["rank"], claim["in_50"], claim["in_90"]) == (1.0, False, False)
    assert claim["crps"] == pytest.approx(1e9, rel=1e-3)
    assert pd.isna(claim["kept"])
    assert (bound["kept"], bound["low"], bound["high"]) == (1.0, 0.0, np.inf)
    assert pd.isna(bound["rank"])


def test_a_file_is_held_against_a_route(results: Results, tmp_path: Path) -> None:
    sent = results.routes.query("week == 3 and state == 'SUP'")["containers"].to_numpy()
    path = tmp_path / "seen.csv"
    path.write_text(
        HEAD + f"2000-01-24,truth,,containers,,SUP,BUY,{np.median(sent)},,,\n"
        f"2000-01-24,claim,OBS,containers,,SUP,BUY,,{sent.max() + 1},{sent.max() + 9},press\n",
        encoding="utf-8",
    )
    seen = checked(results, read_observations(path))
    assert seen[0].source == "seen.csv"
    known, claimed = scores(results, seen).to_dict("records")
    assert known["who"] == "SUP to BUY"
    assert known["in_50"]
    assert known["in_90"]
    assert known["crps"] == pytest.approx(crps(sent, float(np.median(sent))))
    assert claimed["kept"] == 0.0


def test_a_score_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(0).normal(size=7)
    apart = np.abs(values[:, None] - values[None, :]).sum() / (7 * 6)
    assert crps(values, 0.3) == pytest.approx(np.abs(values - 0.3).mean() - apart / 2.0)
    assert crps(values[:1], 0.3) == pytest.approx(abs(values[0] - 0.3))
    many = np.random.default_rng(1).normal(size=4000)  # of the standard normal at 0: .2337
    assert crps(many, 0.0) == pytest.approx(0.2337, abs=0.02)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("date,quantit\n", ["no column 'quantit'", "lacks the column quantity"]),
        (HEAD + "2000-01-24,truth\n", ["row 2: has not 11 cells"]),
        (
            "date,quantity,value,low\n2000-01-24,disputes,many,\n2000-01-24,disputes,1,few\n",
            ["row 2: value is not a number", "row 3: low is not a number"],
        ),
    ],
)
def test_all_that_is_wrong_with_a_file_is_named(
    text: str, wrong: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "seen.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_observations(path)
    for part in wrong:
        assert part in str(caught.value)


def test_rows_are_checked_as_those_of_a_scenario(results: Results) -> None:
    row: dict[str, Any] = {"date": "2000-01-24", "kind": "truth", "source": "", "value": 1}
    with pytest.raises(ScenarioError, match="no quantity 'containrs'"):
        checked(results, [row | {"quantity": "containrs", "route": ["SUP", "BUY"]}])


def test_what_is_observed_is_drawn(results: Results) -> None:
    seen = results.scenario.observations
    with look():
        figure = observed(results, seen)
    assert figure is not None
    assert [panel.get_ylabel() for panel in figure.axes] == ["thousand, cumulative", "index"]
    labels = [panel.get_legend_handles_labels()[1] for panel in figure.axes]
    assert "public claim, OBS" in labels[0]
    assert "at least" in labels[1]
    assert observed(results, seen[2:]) is None
    assert unit_of("stock_shell") == "units"
    assert unit_of("stock_value") == "USD bn"


def test_the_command(results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([f"results={results.path}", f"out={out}"]) == 0
    text = capsys.readouterr().out
    assert "in the 90 % band: 0 of 1" in text
    assert "kept by 100%" in text
    assert {path.name for path in out.iterdir()} == {"scores.csv", "observations.png"}
    none = tmp_path / "none"
    assert main(["reslts=x", f"out={none}"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main([f"results={tmp_path}", f"out={none}"]) == 2
    assert main([f"results={results.path}", f"file={tmp_path / 'no.csv'}", f"out={none}"]) == 2
    assert not none.exists()


def test_a_sweep_and_a_summary_are_refused(results: Results) -> None:
    brief = sim.run(results.scenario, runs=2, workers=1, engine="reference", record="summary")
    with pytest.raises(LookupError, match="keeps no weeks"):
        scores(brief)
    swept = sim.sweep(results.scenario, {"rules.watch.detection": [0, 0.1]}, runs=1, workers=1)
    with pytest.raises(ValueError, match="not a sweep"):
        scores(swept)
