"""`armsflow compare=A,B`: a page of two folders, and a sentence for each that is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sim

Armsflow = Callable[..., tuple[int, str, str]]
QUICK = ("weeks=8", "runs=3", "workers=1", "engine=reference", "pages=false")
pytestmark = pytest.mark.usefixtures("unchecked")


def test_two_folders_make_a_page(armsflow: Armsflow, tmp_path: Path) -> None:
    world = "scenario=supplier_and_embargo"
    armsflow(world, *QUICK, "out=sold")
    armsflow(world, *QUICK, "states.SUP.doctrine=restraint", "out=kept")
    code, out, err = armsflow("compare=sold,kept", "out=page")
    assert (code, err) == (0, "")
    assert "page: page/page.html" in out
    text = (tmp_path / "page" / "page.html").read_text(encoding="utf-8")
    assert "<h1>kept compared with sold</h1>" in text
    assert "states.SUP.doctrine=restraint" in text
    found = sorted(path.name for path in (tmp_path / "page").iterdir())
    assert {"page.html", "effects.png"} <= set(found)
    code, out, err = armsflow("compare=sold,kept", "metrics=presses_sum")
    assert code == 0
    assert out.startswith("presses, in all")
    assert (tmp_path / "results" / "compared" / "sold_kept" / "page.html").is_file()


def test_each_bad_folder_has_its_sentence(armsflow: Armsflow, tmp_path: Path) -> None:
    world = "scenario=supplier_and_embargo"
    armsflow(world, *QUICK, "out=one")
    (tmp_path / "nothing").mkdir()
    code, out, err = armsflow("compare=nothing,nowhere", "colour=red", "out=page")
    assert (code, out) == (2, "")
    lines = err.strip().splitlines()
    assert lines[0] == "colour: compare takes metrics, out"
    assert [line.split(":")[0] for line in lines] == ["colour", "compare", "compare"]
    assert "nothing holds no results" in lines[1]
    assert "nowhere" in lines[2]
    for arguments, message in (
        (["compare=one"], "compare: takes two folders, as in compare=results/a,results/b"),
        (["compare=one,one", "metrics=lossez"], "metrics: there is no 'lossez'"),
    ):
        code, _, err = armsflow(*arguments)
        assert code == 2
        assert err.startswith(message)
    armsflow(world, *QUICK, "seed=1", "out=other")
    code, _, err = armsflow("compare=one,other")
    assert code == 2
    assert err.startswith("seed: runs share their noise under the same master seed alone")
    assert not (tmp_path / "page").exists()
    assert not (tmp_path / "results").exists()


def test_compare_in_python_writes_the_page_beside_its_folders(tmp_path: Path) -> None:
    world = sim.load("supplier_and_embargo", ["weeks=6"])
    sim.compare(world, b="weeks=6", runs=2, workers=1, engine="reference", out=tmp_path / "both")
    assert {path.name for path in (tmp_path / "both").iterdir()} >= {"a", "b", "page.html"}
