"""The command line: what it takes, and what it prints."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sim.cli.catalogue import LISTS
from sim.cli.overrides import JOB_KEYS
from sim.cli.request import parse_request
from sim.results.results import open_results
from sim.scenario import load, names

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]

QUICK = ("weeks=4", "runs=2", "workers=1", "pages=false")


@pytest.mark.quick
@pytest.mark.usefixtures("few_figures")
def test_a_job_ends_with_its_table_and_its_figures(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, err = armsflow("weeks=30", "runs=3", "workers=1", "out=mine", "seed=4")
    assert (code, err) == (0, "")
    assert "northeast_asia_2023: 3 runs of 30 weeks from 2023-05-01, seed 4" in out
    for label in (
        "containers PRK to RUS, shipped",
        "tests by PRK",
        "vetoes",
        "runs with a new war",
    ):
        assert label in out
    drawn = {path.stem for path in (tmp_path / "mine" / "figures").iterdir()}
    assert drawn == {"stocks", "network", "timeline"}
    assert all(f"{name}.png" in out for name in drawn)
    assert out.endswith("report: mine/report.html\n")
    assert (tmp_path / "mine" / "report.html").stat().st_size > 100_000
    assert len(open_results("mine").runs) == 3


def test_a_job_leaves_nothing_but_its_results(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    (scenario,) = (tmp_path / "results").iterdir()
    (moment,) = scenario.iterdir()
    assert scenario.name == "northeast_asia_2023"
    assert {path.name for path in moment.iterdir()} == {
        "manifest.json",
        *("runs", "weeks", "dyads", "routes", "events"),
    }


def test_the_table_tells_quantiles_of_runs(armsflow: Armsflow) -> None:
    _, out, _ = armsflow(*QUICK, "runs=5", "out=mine")
    row = next(line for line in out.splitlines() if line.startswith("casualties of RUS"))
    told = [float(word.replace(",", "")) for word in row.split()[-3:]]
    losses = open_results("mine").runs["losses_RUS_last"]
    assert told == pytest.approx([losses.quantile(q) for q in (0.05, 0.5, 0.95)], rel=5e-3)


def test_what_a_world_does_not_have_is_told_in_a_line(armsflow: Armsflow) -> None:
    _, out, _ = armsflow(*QUICK, "scenario=arms_race_dyad")
    table, _, never = out.partition("\n0 in every run: ")
    lines = table.splitlines()
    assert [line.split("  ")[0] for line in lines[2:4]] == [
        "arms of RED, stock",
        "arms of BLU, stock",
    ]
    assert not any("containers" in line or "vetoes" in line for line in lines)
    told = " ".join(never.partition("\n\n")[0].split())
    for label in ("containers BLU to RED, shipped", "vetoes", "tests by BLU"):
        assert label in told
    assert any(line.startswith("tension (index)") for line in lines)
    _, out, _ = armsflow(*QUICK, "scenario=security_dilemma")
    assert "weeks of supply" not in out  # of arms that nobody needs


def test_the_same_command_finds_its_results(armsflow: Armsflow) -> None:
    _, first, _ = armsflow(*QUICK, "out=mine")
    code, again, _ = armsflow(*QUICK, "out=mine")
    assert code == 0
    assert again == f"mine was complete already; nothing was run again\n\n{first}"
    assert "\nescalation per week, MID " in first
    _, other, _ = armsflow("resume=mine", "scale=rivera", "pages=false")
    assert "\nescalation per week, Rivera et al. 2024 " in other
    index = open_results("mine").runs["escalation_rivera_third_mean"]
    (row,) = (
        line for line in other.splitlines() if line.startswith("  escalation on third parties")
    )
    assert float(row.split()[-2]) == pytest.approx(index.median(), rel=5e-3)


def test_another_job_does_not_get_the_folder(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*QUICK, "out=mine")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = armsflow(*QUICK, "out=mine", "seed=1")
    assert (code, out) == (2, "")
    assert err == "out: mine holds the results of another job; choose another out\n"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("out", ["/dev/null/x", "/proc/x", "x" * 300])
def test_a_folder_that_cannot_be_is_refused(armsflow: Armsflow, tmp_path: Path, out: str) -> None:
    code, told, err = armsflow(*QUICK, f"out={out}")
    assert (code, told) == (2, "")
    assert err.startswith(f"out: {out} cannot be made: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few_figures")
def test_a_report_shows_table_and_figures_again(armsflow: Armsflow, tmp_path: Path) -> None:
    _, first, _ = armsflow(*QUICK, "out=mine")
    code, again, _ = armsflow("report=mine")
    assert code == 0
    assert again.startswith(first.rstrip())
    drawn = {path.stem for path in (tmp_path / "mine" / "figures").glob("*.png")}
    assert {"stocks", "network", "timeline"} == drawn
    assert (tmp_path / "mine" / "report.html").exists()
    code, _, err = armsflow("report=yours")
    assert code == 2
    assert err.startswith("yours holds no results")


def test_a_report_takes_a_scale(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*QUICK, "record=summary", "out=mine")
    code, told, _ = armsflow("report=mine", "scale=rivera")
    assert code == 0
    assert "\nescalation per week, Rivera et al. 2024 " in told
    assert "Rivera et al. 2024" in (tmp_path / "mine" / "report.html").read_text(encoding="utf-8")


def test_a_report_refuses_all_that_does_not_fit(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*QUICK, "record=summary", "out=mine")
    armsflow("-m", "weeks=1,2", "runs=1", "pages=false", "workers=1", "out=swept")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = armsflow("report=mine", "scale=richter", "metrics=war", "pages=false")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "pages: report takes metrics, scale",
        "scale: 'richter' is none of mid, goldstein, rivera",
        "metrics: goes with a sweep; mine is a single job",
    ]
    refused = armsflow("report=swept", "scale=rivera")
    assert refused == (2, "", "scale: goes with a single job; swept is a sweep\n")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", names("scenario"))
def test_hydra_reads_a_scenario_as_the_loader_does(name: str) -> None:
    request = parse_request([f"scenario={name}"])
    scenario = request.scenario
    assert scenario.name == name
    assert scenario.digest == load(name).digest
    assert (request.runs, request.record, request.seed) == (64, "full", 0)


@pytest.mark.quick
@pytest.mark.parametrize(
    "override",
    [
        "states.PRK.doctrine=restraint",
        "states.PRK.desks.crisis=hold",
        "rules.watch.detection=0.02",
        "timetable=none",
        "priors=none",
        "weeks=52",
        "++states.JPN.readiness=0.7",
    ],
)
def test_an_override_means_what_it_means_in_python(override: str) -> None:
    scenario = parse_request([override]).scenario
    assert scenario.digest == load("northeast_asia_2023", [override]).digest
    assert scenario.digest != load("northeast_asia_2023").digest


def test_a_file_of_ones_own(armsflow: Armsflow, tmp_path: Path) -> None:
    mapping = load("northeast_asia_2023", ["weeks=3"]).mapping
    mine = {key: value for key, value in mapping.items() if key != "name"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine, sort_keys=False))
    code, out, err = armsflow("scenario_file=mine.yaml", "runs=1", "workers=1", "pages=false")
    later = len(mine["timetable"]) - 1
    said = f"warning: timetable: {later} entries lie outside the weeks, 2023-05-01 to 2023-05-21,"
    assert code == 0
    assert err.startswith(said)  # in a file of one's own they are one's own
    assert err.count("\n") == 1
    assert out.startswith("mine: 1 runs of 3 weeks")


def test_all_that_is_wrong_is_told_at_once(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, err = armsflow(
        "runs=none",
        "seed=-1",
        "pages=perhaps",
        "scale=richter",
        "runz=8",
        "record=everything",
        "rules.watch.detektion=0.1",
        "states.PRK.doctrine=restrain",
        "weeks=0",
        "nonsense",
    )
    assert (code, out) == (2, "")
    for key, told in (
        ("runs", "'none'"),
        ("seed", "-1"),
        ("pages", "'perhaps'"),
        ("scale", "none of mid, goldstein, rivera"),
        ("runz", "nearest right key: runs"),
        ("record", "'everything'"),
        ("rules.watch.detektion", "nearest right key: detection"),
        ("states.PRK.doctrine", "nearest right key: restraint"),
        ("weeks", "0"),
        ("nonsense", "key=value"),
    ):
        assert any(line.startswith(key) and told in line for line in err.splitlines()), key
    assert len(err.splitlines()) == 10
    assert list(tmp_path.iterdir()) == []


@pytest.mark.quick
@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("scenario=northeast_asia_2024", "nearest right key: northeast_asia_2023"),
        ("weeks=4,8", "weeks: takes one value"),
        ("hydra.run.dir=elsewhere", "hydra.run.dir: no such key"),
        ("states.PRK.name=${oc.env:HOME}", "interpolations are not read"),
        ("scenario_file=none.yaml", "none.yaml"),
        ("list=everything", "list: 'everything' is none of scenarios"),
        ("~states.PRK", "PRK"),
        ("runs=[", "runs=["),
        ("scenario@here=northeast_asia_2023", "not of the form key=value"),
        ("~runs", "not of the form key=value"),
        ("record@here=full", "not of the form key=value"),
    ],
)
def test_bad_input_ends_with_2(armsflow: Armsflow, tmp_path: Path, word: str, told: str) -> None:
    code, out, err = armsflow(word)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("beside", ["runs=2", "weeks=4", "scenario=synthetic", "list=pairs"])
def test_list_stands_alone(armsflow: Armsflow, beside: str) -> None:
    told = "list: stands alone, without other keys\n"
    assert armsflow("list=metrics", beside) == (2, "", told)
    assert armsflow(beside, "list=metrics") == (2, "", told)


@pytest.mark.quick
@pytest.mark.parametrize("what", list(LISTS))
def test_lists(armsflow: Armsflow, what: str) -> None:
    code, out, _ = armsflow(f"list={what}")
    expected = {
        "scenarios": "northeast_asia_2023",
        "doctrines": "restraint",
        "desks": "tit_for_tat",
        "metrics": "war_onsets",
        "rules": "rules.watch.detection",
        "events": "joint_statement",
    }
    assert code == 0
    assert expected[what] in out
    assert len(out.splitlines()) == len(LISTS[what]())


def test_the_pairs_of_a_scenario_are_listed_once_each_with_what_names_them(
    armsflow: Armsflow,
) -> None:
    code, out, err = armsflow("list=pairs", "scenario=artillery_war")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "BIG  SML  rivalry, war",
        "SML  FRD  route",
    ]
    rows = [line.split(maxsplit=2) for line in armsflow("list=pairs")[1].splitlines()]
    scenario = load()
    pairs = [(scenario.states[i], scenario.states[j]) for i, j in scenario.pairs if i < j]
    assert [(one, other) for one, other, _ in rows] == pairs
    assert ["KOR", "USA", "alliance, interop, route, exercise"] in [
        [*sorted(row[:2]), row[2]] for row in rows
    ]


def test_pairs_are_those_of_the_scenario_with_the_keys_beside_them(
    armsflow: Armsflow, tmp_path: Path
) -> None:
    def lines(*words: str) -> list[str]:
        code, out, err = armsflow(*words)
        assert (code, err) == (0, "")
        return out.splitlines()

    war = "scenario=artillery_war"
    more = lines("relations.relevant=[[FRD, BIG]]", war, "list=pairs")
    assert more == ["BIG  SML  rivalry, war", "BIG  FRD  relevant", "SML  FRD  route"]
    assert len(lines("list=pairs", war, "relations.relevant=all")) == 3
    assert lines("list=pairs", war, "routes=[]") == ["BIG  SML  rivalry, war"]
    world = tmp_path / "mine.yaml"
    world.write_text(yaml.safe_dump(load("artillery_war").mapping, sort_keys=False))
    assert lines("list=pairs", "scenario_file=mine.yaml") == lines("list=pairs", war)
    nothing = ("relations.rivalries=[]", "relations.wars=[]", "routes=[]")
    told = lines("list=pairs", war, *nothing)
    assert told == ["nothing names two states together"]


def test_what_does_not_go_with_list_pairs_is_refused(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, err = armsflow("list=pairs", "runs=2", "seed=1", "weks=3", "relations.wars=[[A, B]]")
    assert (code, out) == (2, "")
    assert err.splitlines()[:3] == [
        "runs: list=pairs does not take it",
        "seed: list=pairs does not take it",
        "weks: no such key (nearest right key: weeks)",
    ]
    assert "there is no state 'A'" in err
    assert armsflow("list=pairs", "-m", "weeks=3,4")[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_can_be_seen(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, _ = armsflow("--cfg", "job", "states.PRK.doctrine=restraint", "runs=3")
    told = yaml.safe_load(out)
    assert code == 0
    assert told["runs"] == 3
    assert told["states"]["PRK"]["doctrine"] == "restraint"
    assert told["rules"]["watch"]["detection"] == load().mapping["rules"]["watch"]["detection"]
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_keys(armsflow: Armsflow) -> None:
    code, out, _ = armsflow("--help")
    assert code == 0
    assert all(f"{key}=" in out for key in (*JOB_KEYS, "scenario"))


def test_a_summary_has_no_figures(armsflow: Armsflow, tmp_path: Path) -> None:
    code, out, _ = armsflow("weeks=4", "runs=2", "workers=1", "record=summary", "out=mine")
    assert code == 0
    assert "figures" not in out
    assert not (tmp_path / "mine" / "figures").exists()
    assert (tmp_path / "mine" / "report.html").exists()


def test_the_manifest_is_the_same_in_every_process(tmp_path: Path) -> None:
    told = []
    for salt in ("1", "2"):
        words = [*QUICK, "engine=reference", f"out={tmp_path / salt}"]
        subprocess.run(
            [sys.executable, "-c", "from sim.cli import main; raise SystemExit(main())", *words],
            env={**os.environ, "PYTHONHASHSEED": salt},
            check=True,
            capture_output=True,
        )
        told.append((tmp_path / salt / "manifest.json").read_bytes())
    assert told[0] == told[1]
    assert str(tmp_path).encode() not in told[0]
    assert json.loads(told[0])["runs"] == 2
