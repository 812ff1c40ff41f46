"""Patterns: real values by hand on made data, verdicts, the command and its refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.patterns import main
from sim.analysis.observed import Observed, read_folder
from sim.scenario import load
from sim.studies import record
from sim.studies.patterns import ABSENT, FAILS, HOLDS, INF, Pattern, as_data, judge, markdown
from sim.studies.record import Real
from sim.studies.samples import COUNTED, Sample, Samples, over_runs

TRADE = """supplier,recipient,year,tiv_million,supplier_cown,recipient_cown
A,B,2000,30,1,2
B,A,2000,10,2,1
A,C,2000,40,1,3
C,B,2000,20,3,2
A,A,2000,99,1,1
A,C,1999,5,1,3
A,rebels,2000,7,1,
B,C,2000,0,2,3
"""
DISPUTES = """dispnum,styear,mindur,maxdur,hostlev
1,1900,7,7,2
2,1900,14,14,4
3,1950,21,35,4
4,1950,70,70,5
5,1950,700,700,1
"""
SPENDING = "country,year,milex_constant2030_musd,milex_current_musd,milex_pct_gdp\n" + "".join(
    f"{name},{year},{100.0 * np.exp(rate * (year - 2000)):.6f},1,{share}\n"
    for name, rate, share in (("A", 0.02, 2.0), ("B", 0.04, 30.0))
    for year in range(2000, 2010)
)
TESTS = "date,missile,outcome\n" + "".join(
    f"{date},{name},{outcome}\n"
    for date, name, outcome in (
        ("2001-01-01", "old", "failure"),
        *[(f"2001-02-{day:02d}", "old", "success") for day in range(1, 13)],
        ("2002-01-01", "new", "success"),
        ("2002-12-01", "unknown", "unknown"),
        ("2002-12-02", "unha-9", "failure"),
        ("2003-05-05", "new", "success"),
    )
)
CLAIMS = """as_of,cum_containers,cum_shells_low,cum_shells_high,issuer
2020-01-01,0,,,KOR
2020-07-01,6000,,,KOR
2020-07-10,9000,,,USA
2023-01-01,11000,,,KOR
2023-07-01,12000,,,KOR
"""
VOTES = """date,item,for,against_p5,outcome
2019-01-01,a,15,,adopted
2021-01-01,b,13,RUS;CHN,vetoed
"""
PACTS = "ccode1,ccode2,year,atop_defense\n1,2,2000,1\n1,3,2000,0\n"


@pytest.fixture
def data(tmp_path: Path) -> Observed:
    """Made data."""
    for number, text in enumerate((TRADE, DISPUTES, SPENDING, TESTS, CLAIMS, VOTES, PACTS)):
        (tmp_path / f"{number}.csv").write_text(text, encoding="utf-8")
    return read_folder(tmp_path)


def real(found: Real | None) -> Real:
    assert found is not None
    assert found.low <= found.value <= found.high
    return found


def test_the_network_by_hand(data: Observed) -> None:
    trade = data.frame("deliveries")
    assert trade is not None
    years = record.network(trade)
    # 2000: A>B, B>A, A>C, C>B between three states
    assert years.loc[2000, "density"] == pytest.approx(4 / 6)
    assert years.loc[2000, "reciprocity"] == pytest.approx(2 / 4 / (4 / 6))
    # two-paths between two states: A>C>B (closed), B>A>C (open), C>B>A (open)
    assert years.loc[2000, "transitivity"] == pytest.approx(1 / 3 / (4 / 6))
    assert years.loc[2000, "persistence"] == pytest.approx(1 / 4)
    assert years.loc[2000, "top"] == 1.0


def test_odds_of_a_tie_with_a_pact_need_all_four_cells(data: Observed) -> None:
    assert record.pact_odds(data) is None  # both ties with a pact are there, none is not


def test_disputes_by_hand(data: Observed) -> None:
    assert real(record.share_at(4)(data)).value == 0.5
    assert real(record.share_at(5)(data)).value == 0.25
    assert real(record.dispute_weeks(data)).value == pytest.approx(3.0)  # of 1, 2, 4, 10
    assert "0.500, 0.500" in real(record.share_at(4)(data)).basis


def test_spending_by_hand(data: Observed) -> None:
    assert real(record.growth("median")(data)).value == pytest.approx(0.03)
    assert real(record.growth("std")(data)).value == pytest.approx(0.01)
    assert real(record.burden(["B"], fighting=True)(data)).value == 30.0
    assert real(record.burden(["B"], fighting=False)(data)).value == 2.0


def test_trials_by_hand(data: Observed) -> None:
    counts = record.yearly(pd.concat([data.of("tests"), data.of("launches")]))
    assert counts.to_dict() == {2001: 13, 2002: 3}  # 2003 may go on
    assert real(record.dispersion(data)).value == pytest.approx(50.0 / 8.0)
    assert real(record.learning(data)).value == pytest.approx(0.5)  # firsts 0 and 1, later all 1
    assert real(record.satellites(data)).value == pytest.approx(14 / 15)


def test_transfers_by_hand(data: Observed) -> None:
    slow, fast = 1000 / 181, 6000 / 182
    assert real(record.fall(data)).value == pytest.approx(slow / fast)
    assert real(record.disagreement(data)).value == 1.5
    assert real(record.vetoes(after=True)(data)).value == 1.0
    assert real(record.vetoes(after=False)(data)).value == 0.0


def test_a_folder_without_files_has_no_real_values(tmp_path: Path) -> None:
    empty = read_folder(tmp_path)
    for count in (record.of_network("top"), record.pact_odds, record.share_at(5)):
        assert count(empty) is None
    for count in (record.growth("std"), record.dispersion, record.learning, record.fall):
        assert count(empty) is None


class Given(Samples):
    """One simulated value for all patterns."""

    def count(self, name: str) -> Sample | None:
        return None if name == "none" else Sample(5.0, 4.0, 8.0, 9)


def pattern(value: float, wanted: tuple[float, float], name: str | None = "some") -> Pattern:
    real = Real(value, value, value, "made")
    return Pattern("Disputes", "a", "b", "tested", wanted, lambda data: real, name, "Because.")


@pytest.mark.parametrize(
    ("one", "verdict", "argued"),
    [
        (pattern(5.0, (4.0, 6.0)), HOLDS, False),
        (pattern(9.0, (4.0, INF)), HOLDS, False),
        (pattern(7.0, (6.0, 9.0)), HOLDS, False),
        (pattern(9.0, (6.0, 9.0)), FAILS, True),
        (pattern(9.0, (6.0, 9.0), None), ABSENT, False),
        (pattern(9.0, (6.0, 9.0), "none"), ABSENT, False),
    ],
)
def test_verdicts(one: Pattern, verdict: str, argued: bool, data: Observed) -> None:
    row = judge(one, data, Given(load("artillery_war"), 2, 2))
    assert (row.verdict, row.argued) == (verdict, argued)
    assert ("Because." in row.sentence) == ("outside" in row.sentence or one.simulated is None)
    page = markdown([row], "Made.")
    assert ("**a** fails" in page) == (verdict == FAILS)
    json.dumps(as_data([row]), allow_nan=False)


def test_intervals_over_runs_leave_out_runs_without_a_value() -> None:
    found = over_runs(np.array([np.nan, 1.0, 2.0, 3.0]))
    assert found == Sample(2.0, pytest.approx(1.1), pytest.approx(2.9), 3)
    assert over_runs(np.array([np.nan])) is None


def test_everything_at_once_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "file"
    file.touch()
    words = ["data=nowhere", "scenario=nothing", f"out={file}", "runs=1", "rusn=2"]
    assert main(words) == 2
    lines = capsys.readouterr().err
    for text in ("nowhere is not a folder", "nothing", "is not a folder", "runs", "rusn=2"):
        assert text in lines
    assert main([]) == 2
    assert "data: DIR names the folder" in capsys.readouterr().err


def test_the_command_writes_a_table_a_figure_and_data(
    data: Observed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Samples, "count", Given.count)
    folder, out = data.files["tests"][0].parent, tmp_path / "new" / "out"
    assert main([f"data={folder}", f"out={out}", "runs=2", "worlds=2"]) == 1  # some are not argued
    assert sorted(path.name for path in out.iterdir()) == [
        "patterns.json",
        "patterns.md",
        "patterns.png",
    ]
    stored = json.loads((out / "patterns.json").read_text(encoding="utf-8"))["patterns"]
    assert len(stored) == 23
    assert {row["verdict"] for row in stored} == {HOLDS, FAILS, ABSENT}


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_every_pattern_is_counted_from_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.studies.samples.LONG", 131)
    scenario = load("northeast_asia_2023", ["weeks=104"])
    samples = Samples(scenario, 1, 1, worlds=((6, 0),), engine="reference")
    found = {name: samples.count(name) for name in (*COUNTED, "level_4")}
    assert {name for name, sample in found.items() if sample is None} <= {
        *("learning", "disagreement", "satellites", "vetoes_with"),  # a run may have none
    }
    for sample in found.values():
        assert sample is None or sample.low <= sample.value <= sample.high


@pytest.mark.usefixtures("unchecked")
def test_a_scenario_without_the_states_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.studies.samples.LONG", 4)
    samples = Samples(load("artillery_war", ["weeks=4"]), 2, 2, engine="reference")
    for name in ("fall", "depletion", "learning", "vetoes_with", "dispersion", "growth_std"):
        assert samples.count(name) is None
