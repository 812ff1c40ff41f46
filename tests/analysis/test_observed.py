"""Observations: files known by their columns, partial dates, bounds, issuers, refusals."""

from datetime import date
from math import isnan
from pathlib import Path

import pytest

from sim.analysis.observed import DataError, kind_of, read_folder
from sim.analysis.readers import day, issuer, span
from tests.real_data import real_folder

CLAIMS = """as_of,cum_containers,cum_shells_low,cum_shells_high,issuer,note
2031-03,9000,,,US State Dept,later
2030-10-13,1000,400000,1600000,ROK MND (Shin),
2030-12-01,,,2000000,Some Institute,a bound
"""
TESTS = """date,missile,outcome
2030-01-05,kn-25,success
2030-01-05,kn-25,unknown
2030-05,chollima-2,failure
2030,hwasong-20,failure
"""
LOSSES = "date,day,personnel\n2030-02-02,2,2800\n2030-02-03,3,3500\n"
VOTES = """date,item,for,against_p5,abstain_p5,outcome
2029-01-01,a draft,15,,,adopted unanimously
2030-01-01,renewal,13,RUS;CHN,,vetoed (mandate ended)
2030-06-01,another,9,RUS,CHN,failed
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of made data under names that say nothing."""
    for number, text in enumerate((CLAIMS, TESTS, LOSSES, VOTES, "a,b\n1,2\n")):
        (tmp_path / f"{number}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_files_are_known_by_their_columns_and_others_are_named(folder: Path) -> None:
    found = read_folder(folder)
    assert {kind: [path.name for path in paths] for kind, paths in found.files.items()} == {
        "claims": ["0.csv"],
        "tests": ["1.csv"],
        "losses": ["2.csv"],
        "votes": ["3.csv"],
    }
    assert found.unused == {"4.csv": ("a", "b")}
    assert found.missing == ()
    assert found.until["losses"] == date(2030, 2, 3)


def test_claims_have_issuers_ranges_and_bounds(folder: Path) -> None:
    found = read_folder(folder)
    containers, rounds = found.of("containers"), found.of("rounds")
    assert containers["issuer"].tolist() == ["KOR", "USA"]
    assert containers["value"].tolist() == [1000.0, 9000.0]
    assert containers["precision"].tolist() == ["day", "month"]
    assert rounds["issuer"].tolist() == ["KOR", "Some"]
    assert rounds["kind"].tolist() == ["claim", "bound"]
    assert rounds["value"][0] == pytest.approx(800000.0)
    assert isnan(rounds["value"][1])
    assert rounds["high"][1] == 2000000.0


def test_tests_launches_losses_and_votes(folder: Path) -> None:
    found = read_folder(folder)
    assert found.of("tests")["outcome"].tolist() == ["success", "unknown", "failure"]
    assert found.of("tests")["precision"].tolist() == ["day", "day", "year"]
    assert found.of("launches")["item"].tolist() == ["chollima-2"]
    assert found.of("losses")["value"].tolist() == [2.8, 3.5]
    assert found.of("votes")["outcome"].tolist() == ["adopted", "vetoed", "vetoed"]


def test_a_day_in_two_files_is_taken_from_the_one_that_reaches_further(folder: Path) -> None:
    more = "date,personnel\n2030-02-03,3600\n2030-02-04,3700\n"
    (folder / "later.csv").write_text(more, encoding="utf-8")
    (folder / "copy.csv").write_text(CLAIMS, encoding="utf-8")
    found = read_folder(folder)
    assert found.of("losses")["value"].tolist() == [2.8, 3.6, 3.7]
    assert len(found.of("containers")) == 2


def test_an_empty_file_is_not_used(folder: Path) -> None:
    (folder / "empty.csv").touch()
    assert read_folder(folder).unused["empty.csv"] == ()


def test_what_is_missing_is_named(folder: Path) -> None:
    (folder / "1.csv").unlink()
    assert read_folder(folder).missing == ("tests", "launches")


def test_all_problems_come_at_once(folder: Path) -> None:
    (folder / "1.csv").write_text(TESTS + "2030-13-01,x,success\n2030-01-01,x,fine\n", "utf-8")
    (folder / "2.csv").write_text(LOSSES + "2030-02-04,4,-5\n", "utf-8")
    with pytest.raises(DataError) as error:
        read_folder(folder)
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        "1.csv, line 6",
        "1.csv, line 7",
        "2.csv, line 4",
    ]
    with pytest.raises(DataError, match="is not a folder"):
        read_folder(folder / "nowhere")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("5,000", 5000), ("~1e4", 10000), ("", None), (">12000", 12000), ("100-400", 100)],
)
def test_numbers_as_people_write_them(text: str, wanted: float | None) -> None:
    low, value, high = span(text)
    assert isnan(low) if wanted is None else low == wanted
    if text.startswith(">"):
        assert isnan(value)
        assert isnan(high)
    if text == "100-400":
        assert (value, high) == (pytest.approx(200.0), 400.0)


@pytest.mark.parametrize("text", ["many", "-3", "1 of 2", "inf"])
def test_other_text_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        span(text)


def test_dates_and_issuers() -> None:
    assert day("2031-02-05 10:00") == (date(2031, 2, 5), "day")
    with pytest.raises(ValueError, match="not a day of the calendar"):
        day("2031-02-30")
    assert [issuer(name) for name in ("ROK DIA via Yonhap", "US NSC (White House)", "MSMT")] == [
        "KOR",
        "USA",
        "MSMT",
    ]


def test_columns_may_stand_in_any_order_and_case() -> None:
    assert kind_of(["Personnel", "tank", " Date"]) == "losses"
    assert kind_of(["country", "year", "milex_constant2031_musd", "milex_pct_gdp"]) == "spending"
    assert kind_of(["date", "value"]) is None


def test_the_real_folder() -> None:
    found = read_folder(real_folder())
    assert found.missing == ()
    assert found.unused == {}
    assert (found.of("tests")["outcome"] == "unknown").sum() >= 34
