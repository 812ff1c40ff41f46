"""Hindcasts on made data: what is scored, from when, against what; later periods; refusals."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import hindcast
from experiments.hindcast import main
from sim.analysis.observed import read_folder
from sim.scenario import load
from sim.studies.forecasts import Forecast, Simulated, at_days, made
from sim.studies.hindcast import Target, as_known, targets, weeks_needed
from sim.studies.hindcast_page import as_data, markdown
from tests.real_data import real_folder

SCENARIO = load("northeast_asia_2023")
FIRST = pd.Timestamp("2023-03-02")
RUNS = 200


def daily(days: int, per_day: float = 1000.0, skipped: tuple[int, ...] = ()) -> str:
    """Claims of losses, on from 2 March 2023: as many each day."""
    rows = [
        f"{FIRST + pd.Timedelta(days=day):%Y-%m-%d},{2000 + per_day * day:.0f}"
        for day in range(days)
        if day not in skipped
    ]
    return "\n".join(["date,personnel", *rows])


CLAIMS = """as_of,cum_containers,cum_shells_low,cum_shells_high,issuer
2023-12-01,1000,200000,800000,KOR
2024-03-01,2000,,,KOR
2024-03,3500,,,USA
2024-09-01,4000,,4000000,KOR
2024-12-01,5000,,,MSMT
"""
TESTS = "date,missile,outcome\n" + "".join(
    f"{day},{name},{outcome}\n"
    for day, name, outcome in (
        ("2022-01-05", "kn-25", "success"),
        ("2023-08-01", "kn-25", "unknown"),
        ("2023-08-01", "kn-25", "success"),
        ("2024-02", "kn-25", "failure"),
        ("2024", "kn-25", "failure"),
        ("2024-05-27", "chollima-2", "failure"),
        ("2024-10-31", "hwasong-19", "success"),
    )
)
VOTES = """date,item,for,against_p5,outcome
2022-05-26,a,13,RUS;CHN,vetoed
2024-03-28,b,13,RUS,vetoed
2024-11-01,c,15,,adopted
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Made data, under names that say nothing."""
    place = tmp_path / "data"
    place.mkdir()
    for name, text in (("x", daily(700)), ("y", CLAIMS), ("z", TESTS), ("v", VOTES)):
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    (place / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return place


def of(folder: Path, quantity: str, *days: date | None) -> Target:
    found, _ = targets(read_folder(folder), SCENARIO, *days)
    return next(target for target in found if target.quantity == quantity)


def test_losses_are_of_whole_months_from_the_second_day_on(folder: Path) -> None:
    losses = of(folder, "losses", date(2024, 1, 1))
    assert losses.first[0] == pd.Timestamp("2023-04-01")  # March is not whole
    assert losses.value[:3].tolist() == [30.0, 31.0, 30.0]
    assert losses.last[-1] == pd.Timestamp("2024-12-31")  # the data end on 29 January
    assert losses.known.sum() == 9
    assert losses.scored.sum() == 12
    assert not losses.simulated[0]  # before the scenario's first day


def test_a_month_with_days_missing_is_left_out(folder: Path) -> None:
    gap = tuple(range(115, 125))  # from 25 June on: neither June nor July can be counted
    (folder / "x.csv").write_text(daily(700, skipped=gap), encoding="utf-8")
    months = {f"{day:%Y-%m}" for day in of(folder, "losses", date(2024, 1, 1)).first}
    assert not {"2023-06", "2023-07"} & months
    assert {"2023-05", "2023-08"} <= months


def test_quarters_are_whole_and_unknown_outcomes_are_no_failures(folder: Path) -> None:
    tests = of(folder, "tests", date(2023, 7, 1))
    by_quarter = {
        f"{day:%Y-%m}": value for day, value in zip(tests.first, tests.value, strict=True)
    }
    assert by_quarter["2023-07"] == 2.0
    assert by_quarter["2024-01"] == 1.0  # a month is known, of another only the year
    assert by_quarter["2023-10"] == 0.0
    assert max(by_quarter) == "2024-07"  # the last quarter is not over
    failures = of(folder, "test failures", date(2023, 7, 1))
    scored = failures.scored
    assert failures.value[scored].tolist() == [0.0, 1.0]
    assert failures.of[scored].tolist() == [1.0, 1.0]
    assert of(folder, "launches", date(2023, 7, 1)).value.sum() == 1.0


def test_votes_fall_by_one_veto(folder: Path) -> None:
    votes = of(folder, "votes", date(2023, 7, 1))
    assert votes.value.tolist() == [1.0, 1.0, 0.0]
    assert votes.scored.tolist() == [False, True, True]


def test_bounds_are_not_scored_and_days_may_end(folder: Path) -> None:
    rounds = of(folder, "rounds", date(2023, 7, 1))
    assert rounds.value == pytest.approx([400000.0])
    containers = of(folder, "containers", date(2024, 1, 1), date(2024, 9, 1))
    assert containers.issuers == ("KOR", "KOR", "USA", "KOR")
    assert containers.scored.tolist() == [False, True, True, True]


def test_a_report_of_the_first_day_is_forecast_and_not_known(folder: Path) -> None:
    containers = of(folder, "containers", date(2024, 3, 1))
    assert containers.known.tolist() == [True, False, False, False, False]
    assert containers.scored.tolist() == [False, True, True, True, True]


def test_changes_are_since_the_issuer_s_last_report(folder: Path) -> None:
    containers = next(f for f in all_made(folder) if f.target.quantity == "containers")
    assert containers.changed.tolist() == [True, False, True, False]  # KOR, USA, KOR, MSMT
    assert containers.change.tolist() == [1000.0, 2000.0]
    known, later = containers.changes.T
    assert known == pytest.approx(containers.ensemble[:, 0] - 1000.0)
    assert later == pytest.approx(containers.ensemble[:, 2] - containers.ensemble[:, 0])


def test_without_days_the_second_half_is_scored(folder: Path) -> None:
    containers = of(folder, "containers")
    assert containers.origin == date(2024, 3, 15)
    assert containers.scored.tolist() == [False, False, True, True, True]


def test_what_cannot_be_scored_is_said(folder: Path) -> None:
    (folder / "v.csv").unlink()
    _, missing = targets(read_folder(folder), SCENARIO, date(2024, 11, 15))
    assert "votes: the folder holds no observation" in missing
    assert any(line.startswith("tests: no observation after 2024-11-15") for line in missing)


def test_weeks_are_added_and_the_timetable_ends_at_the_origin(folder: Path) -> None:
    later = CLAIMS + "2029-01-01,9000,,,KOR\n"
    (folder / "y.csv").write_text(later, encoding="utf-8")
    found, _ = targets(read_folder(folder), SCENARIO, date(2024, 2, 1))
    needed = weeks_needed(found, SCENARIO)
    assert SCENARIO.date(needed - 1) >= date(2028, 12, 25)
    known = as_known(found, SCENARIO)
    assert known.weeks == needed
    assert {str(entry["date"]) for entry in known.mapping["timetable"]} == {
        str(entry["date"])
        for entry in SCENARIO.mapping["timetable"]
        if str(entry["date"]) < "2024-02-01"
    }


def simulated_runs(shift: float = 1.0) -> Simulated:
    """Runs of which the made data could be one: losses of some 30 thousand a month."""
    rng = np.random.default_rng(0)
    weeks = np.arange(1.0, 157.0)
    ones = np.ones((RUNS, 156))
    losses = 7.0 * rng.lognormal(0.0, 0.2, (RUNS, 1)) * weeks / 1.25 * shift
    containers = rng.lognormal(4.2, 0.4, (RUNS, 1)) * weeks
    counts = np.cumsum(rng.poisson(0.1, (RUNS, 156)), axis=1).astype(float)
    drafts = pd.DataFrame({"run": range(RUNS), "week": 48, "vetoed": 1.0 * (np.arange(RUNS) % 2)})
    series = {
        "containers": containers,
        "rounds": 400.0 * containers,
        "losses": losses,
        **dict.fromkeys(("tests", "launches"), counts),
        **dict.fromkeys(("test failures", "launch failures"), 0.2 * counts * ones),
    }
    return Simulated(SCENARIO, series, drafts, {"KOR": rng.normal(-0.2, 0.2, RUNS)})


def all_made(folder: Path, shift: float = 1.0, weighed: bool = False) -> list[Forecast]:
    found, _ = targets(read_folder(folder), SCENARIO, date(2024, 1, 1))
    return [made(target, simulated_runs(shift), weighed, 0) for target in found]


def test_series_between_weeks() -> None:
    path = np.array([[7.0, 21.0]])
    assert at_days(path, np.array([0.0, 3.5, 7.0, 10.5, 14.0, 99.0])).tolist() == [
        [0.0, 3.5, 7.0, 14.0, 21.0, 21.0]
    ]


@pytest.mark.parametrize("weighed", [False, True])
def test_runs_like_the_data_cover_it_and_learn_from_what_came_before(
    folder: Path, weighed: bool
) -> None:
    losses = next(f for f in all_made(folder, 1.0, weighed) if f.target.quantity == "losses")
    assert losses.inside(0.9).all()
    assert losses.changes_inside(0.9).all()
    middle = np.median(losses.ensemble, axis=0)
    assert middle == pytest.approx(losses.target.value[losses.target.scored], rel=0.1)


def test_runs_unlike_the_data_are_found(folder: Path) -> None:
    found, _ = targets(read_folder(folder), SCENARIO, date(2023, 5, 2))  # one report before
    target = next(one for one in found if one.quantity == "losses")
    wrong = made(target, simulated_runs(4.0), False, 0)
    assert not wrong.inside(0.9).any()
    assert (wrong.pit < 0.1).all()


def test_baselines_know_nothing_after_the_origin(folder: Path) -> None:
    containers = next(f for f in all_made(folder) if f.target.quantity == "containers")
    since_start = (date(2023, 12, 1) - SCENARIO.start).days
    flow = 1000.0 / since_start  # one claim before: its flow since the first day
    ahead = [(day.date() - date(2023, 12, 1)).days for day in containers.target.last[1:]]
    wanted = [1000.0 + flow * days for days in ahead]
    for points in containers.baselines.values():
        assert points[0] == pytest.approx(wanted)


def test_the_page_names_what_is_met_and_what_is_missing(folder: Path) -> None:
    data = as_data(all_made(folder), ["votes: none"], ["other.csv"])
    json.dumps(data, allow_nan=False)
    pooled = data["pooled"]["reports_90%"]
    assert pooled["of"] == sum(row["scored"] for row in data["quantities"])
    assert sum(data["pooled"]["pit"]) == pooled["of"]
    by_name = {row["quantity"]: row for row in data["quantities"]}
    assert set(by_name["tests"]["log_scores"]) == {"model", "persistence", "trend"}
    assert by_name["losses"]["skill_with_spread"].keys() == {"persistence", "trend"}
    page = markdown(data, "Made.")
    assert "Not scored: votes: none." in page
    assert "other.csv" in page
    assert len(data["aims"]) == 7


def test_the_command_writes_three_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(hindcast.sim, "run", lambda *args, **keys: None)
    monkeypatch.setattr(hindcast, "simulated", lambda results: simulated_runs())
    out = tmp_path / "a" / "b"
    assert main([f"data={folder}", f"out={out}", "from=2024-01-01", "to=2024-12-31"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        f"hindcast.{end}" for end in ("json", "md", "png")
    ]
    said = capsys.readouterr().out
    assert "other.csv" in said
    assert "90 % band" in said


def spoil(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def test_everything_at_once_that_is_wrong(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    spoil("x.csv", daily(3) + "\n2023-02-30,5\n2023-04-01,many\n")(folder)
    (tmp_path / "file").touch()
    words = [f"data={folder}", "from=2024-13-01", "to=soon", "scenario=artillery_war"]
    assert main([*words, f"out={tmp_path / 'file'}", "runs=3", "updat=1"]) == 2
    lines = capsys.readouterr().err
    for text in (
        "line 5",
        "line 6",
        "from:",
        "to:",
        "no route",
        "is not a folder",
        "runs",
        "updat",
    ):
        assert text in lines, text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["from=2020-01-01"], "lies before the scenario's first day"),
        (["from=2024-06-01", "to=2024-05-01"], "lies before from"),
        (["from=2026-06-01"], "nothing to score"),
        (["parameters=nowhere.json"], "parameters"),
    ],
)
def test_days_and_files_that_do_not_fit(
    words: list[str], text: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    assert main([f"data={folder}", f"out={out}", *words]) == 2
    assert text in capsys.readouterr().err
    assert not out.exists()


def test_days_beyond_what_can_be_simulated_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    spoil("y.csv", CLAIMS + "2190-01-01,9000,,,KOR\n")(folder)
    assert main([f"data={folder}", f"out={tmp_path / 'out'}", "from=2024-01-01"]) == 2
    assert "weeks" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_made_data_of_later_years_from_runs_to_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = hindcast.sim.run  # few runs of the engine that need not be compiled
    few = {"engine": "reference", "workers": 1, "progress": False}
    monkeypatch.setattr(
        hindcast.sim, "run", lambda world, runs, seed, workers: run(world, 3, **few)
    )
    spoil("y.csv", CLAIMS + "2026-10-01,9000,3e6,5e6,KOR\n2026-11,8000,,,MSMT\n")(folder)
    spoil("z.csv", TESTS + "2026-12-01,kn-25,success\n")(folder)
    words = [f"data={folder}", f"out={tmp_path}", "runs=20", "from=2024-01-01"]
    assert main(words) == 0
    data = json.loads((tmp_path / "hindcast.json").read_text(encoding="utf-8"))
    assert data["missing"] == []
    assert {row["reports"][-1]["day"] for row in data["quantities"]} >= {"2026-11-15", "2026-12-31"}


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked")
def test_the_real_folder(tmp_path: Path) -> None:
    assert main([f"data={real_folder()}", f"out={tmp_path}", "runs=20"]) == 0
    data = json.loads((tmp_path / "hindcast.json").read_text(encoding="utf-8"))
    assert data["missing"] == data["unused"] == []
