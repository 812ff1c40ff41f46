"""The command that asks ready counterfactuals: its small form, its pages, its refusals."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

import sim
from experiments.counterfactual import main, parts
from sim.results.record import summary_columns
from sim.studies.counterfactuals import COUNTERFACTUALS, chosen, headline, ready

pytestmark = pytest.mark.usefixtures("unchecked")
SMALL = ("scenario=supplier_and_embargo", "weeks=8", "runs=8", "engine=reference")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ready question and a change of one's own."""
    folder = tmp_path_factory.mktemp("asked") / "out"
    own = "b=states.SUP.desks.transfer={rule: none},rules.watch.detection=0.9"
    assert main([*SMALL, f"out={folder}", "question=no_panel", own]) == 0
    return folder


def test_every_comparison_has_its_files(out: Path) -> None:
    for name in ("no_panel", "own"):
        files = {path.name for path in (out / name).iterdir()}
        drawn = {
            f"{name}.{kind}" for name in ("effects", "weeks", "beside") for kind in ("png", "svg")
        }
        assert files == {"page.html", "effects.csv", *drawn}
    table = pd.read_csv(out / "own" / "effects.csv", index_col="metric")
    assert (table.loc["containers_SUP_BUY_last", ["b", "rises"]] == 0.0).all()
    assert table[["rises", "same", "falls"]].sum(axis=1).to_numpy() == pytest.approx(1.0)
    text = (out / "counterfactuals.md").read_text(encoding="utf-8")
    assert "## No monitoring panel" in text
    assert "8 runs of each world" in text


def test_a_page_says_what_its_table_holds(out: Path) -> None:
    text = unescape((out / "own" / "page.html").read_text(encoding="utf-8"))
    assert "states.SUP.desks.transfer={rule: none}" in text
    assert "The two worlds part in 100 % of runs, in week" in text
    table = pd.read_csv(out / "own" / "effects.csv", index_col="metric")
    none = (table["effect"] == "no channel").sum()
    assert f"No channel to {none} of {len(table)} metrics." in text
    first = re.findall(r"<li>(.*?)</li>", text)[0]
    row = table.iloc[0]
    verb = {"rises": " rises by ", "falls": " falls by ", "not clear": ": cannot be told"}
    assert verb[str(row["effect"])] in first
    command = re.findall(r"python -m experiments.counterfactual .*", text)[0]
    assert "question" not in command
    assert "weeks=8" in command
    assert "scenario=supplier_and_embargo" in command


def test_what_was_simulated_is_read_again(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sim.ensemble import execution

    def nothing(job: object, path: Path, missing: list[int], workers: int) -> list[int]:
        assert not missing
        return []

    before = (out / "no_panel" / "page.html").read_bytes()
    monkeypatch.setattr(execution, "run_parts", nothing)
    assert main([*SMALL, f"out={out}", "question=no_panel"]) == 0
    assert (out / "no_panel" / "page.html").read_bytes() == before
    assert "8 runs of each of 2 worlds" in capsys.readouterr().out


def test_refusals_name_everything_and_write_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    wrong = ["runs=1", "seed=x", "engine=slow", "write=maybe", f"out={folder}"]
    assert main(wrong) == 2
    assert len(capsys.readouterr().err.splitlines()) == 4
    wrong = ["question=no_transfer,protector_out", "a=states.ZZZ.force=1", "b=weeks=[]", "seed=x"]
    assert main([*SMALL, *wrong, f"out={folder}"]) == 2
    lines = capsys.readouterr().err.splitlines()
    for begin in ("seed: ", "a: states.ZZZ", "question: no_transfer: is none of", "b: weeks"):
        assert any(line.startswith(begin) for line in lines), begin
    assert "question: protector_out: supplier_and_embargo has nothing to change" in lines
    assert main(["scenario=nowhere", f"out={folder}"]) == 2
    assert main([f"out={__file__}"]) == 2
    assert not folder.exists()


def test_commas_within_brackets_and_quotes_part_nothing() -> None:
    assert parts("a=1,b={x: 1, y: [2, 3]}, c='p, q',") == [
        *("a=1", "b={x: 1, y: [2, 3]}", "c='p, q'")
    ]
    assert parts("") == []


def test_ready_ones_change_the_default_and_keep_its_structure() -> None:
    scenario = sim.load("northeast_asia_2023", ["weeks=2"])
    known = summary_columns(scenario)
    found = ready(scenario)
    assert len(found) == len(COUNTERFACTUALS) + len(scenario.states)
    for each in found.values():
        changed = scenario.with_(*each.change(scenario))
        assert changed.digest != scenario.digest
        assert (changed.pairs, changed.routes) == (scenario.pairs, scenario.routes)
        assert len(changed.spec.exercises) == len(scenario.spec.exercises)
        assert headline(each, known) == each.headline != ()
    of_each_state = [each.name for each in chosen(scenario, ["restraint"])]
    assert of_each_state == [f"restraint_{code}" for code in scenario.states]
    assert [each.name for each in chosen(scenario, ["all"])] == list(found)


def test_help_and_the_names_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(each.name in text for each in COUNTERFACTUALS)
