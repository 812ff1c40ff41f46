"""Paths: whatever a user names is a local file of that name, and no address or number."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.cli.overrides import literal
from sim.results.results import open_results
from sim.results.store import OutputError
from sim.scenario import load
from sim.scenario.files import local_path
from sim.scenario.grammar import override_text

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
TINY = ("scenario=arms_race_dyad", "weeks=2", "runs=1", "workers=1", "pages=false")
ADDRESSES = ("C:/x", "exp:1", "run:2/a", "s3:bucket/x", "./exp:3")
LITERAL = (
    "Größe",
    "日本/結果",
    "a (1)",
    "a=b",
    "it's",
    "1e5",
    "true",
    "a,b",
    "x:1,[2]",
    "back\\",
    " ",
)


@pytest.mark.parametrize("name", [*ADDRESSES, *LITERAL])
def test_a_folder_has_the_name_that_was_written(
    armsflow: Armsflow, tmp_path: Path, name: str
) -> None:
    code, out, err = armsflow(*TINY, f"out={name}")
    assert (code, err) == (0, "")
    assert (tmp_path / name / "runs" / "part-00000.parquet").is_file()
    assert len(list(tmp_path.iterdir())) == 1
    assert len(open_results(name).runs) == 1
    assert armsflow(*TINY, f"out={name}")[1].endswith(out)
    assert armsflow(f"resume={name}", "pages=false")[0] == 0


@pytest.mark.parametrize("name", [*ADDRESSES, "a (1)"])
def test_a_sweep_has_it_too(armsflow: Armsflow, tmp_path: Path, name: str) -> None:
    code, _, err = armsflow("-m", *TINY, f"out={name}", "rules.watch.fading=0,1")
    assert (code, err) == (0, "")
    assert (tmp_path / name / "manifest.json").is_file()


def test_the_home_folder(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert armsflow(*TINY, "out=~/mine")[0] == 0
    assert len(open_results("~/mine").runs) == 1
    assert armsflow("report=~/mine")[0] == 0
    sim.run(load("arms_race_dyad", ["weeks=2"]), 1, workers=1, out="~/other")
    assert {path.name for path in home.iterdir()} >= {"mine", "other"}
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("name", ["s3://bucket/x", "gs://x", "file:///tmp/x"])
def test_an_address_is_refused(armsflow: Armsflow, tmp_path: Path, name: str) -> None:
    for words in (
        (*TINY, f"out={name}"),
        ("-m", *TINY, f"out={name}", "weeks=2,3"),
        (f"scenario_file={name}",),
        (f"report={name}",),
        (f"resume={name}",),
    ):
        code, out, err = armsflow(*words)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert f"{name}: is an address" in err
    with pytest.raises(OutputError, match="is an address"):
        open_results(name)
    with pytest.raises(ValueError, match="is an address"):
        sim.run(load("arms_race_dyad", ["weeks=2"]), 1, workers=1, out=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Scenario (1).yaml", "C:mine.yaml", "größe.yml", "it's.yaml"])
def test_a_scenario_file_of_any_name(armsflow: Armsflow, tmp_path: Path, name: str) -> None:
    mapping = load("arms_race_dyad", ["weeks=2"]).mapping
    (tmp_path / name).write_text(yaml.safe_dump(mapping, sort_keys=False))
    words = (f"scenario_file={name}", *TINY[1:], "out=mine")
    assert armsflow(*words)[::2] == (0, "")
    assert armsflow("-m", *words[:-1], "out=other", "rules.watch.fading=0,1")[::2] == (0, "")
    assert load(name).weeks == 2


def test_a_number_in_an_experiment_is_no_path(
    armsflow: Armsflow, experiment: Callable[..., str]
) -> None:
    own = experiment(out=3, params={"rules.watch.fading": "0,1"})
    code, _, err = armsflow("-m", "experiment=mine", own)
    assert code == 2
    assert err.startswith("out: 3 is no path; write it in quotes (")


def test_quotes_and_null_mean_what_they_mean_elsewhere(armsflow: Armsflow, tmp_path: Path) -> None:
    assert armsflow(*TINY, "out='my results'")[0] == 0
    assert armsflow(*TINY, 'out="my \\" results"')[0] == 0
    assert armsflow(*TINY, "out=null")[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"my results", 'my " results', "results"}


def test_what_libraries_take_for_an_address_is_absolute() -> None:
    assert local_path("results/mine") == Path("results/mine")
    for name in (*ADDRESSES, "~nobody-of-that-name/x"):
        assert local_path(name) == Path.cwd() / name


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
def test_hydra_reads_any_text_back(text: str) -> None:
    parser = OverridesParser.create()
    written = literal(f"out={text}")
    if not written.endswith(text):
        assert parser.parse_override(written).value() == text
    assert parser.parse_override(f"a={override_text(text)}").value() == text
