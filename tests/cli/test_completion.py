"""What the shell is offered, asked in a real bash and in the function that answers it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli import main
from sim.cli.completion import BASH, SHELLS, candidates


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("armsflow sc", "scenario="),
        ("armsflow scenario=north", "scenario=northeast_asia_2023"),
        ("armsflow states.PRK.doc", "states.PRK.doctrine="),
        ("armsflow states.PRK.doctrine=re", "states.PRK.doctrine=restraint"),
        ("armsflow states.PRK.desks.crisis=t", "states.PRK.desks.crisis=tit_for_tat"),
        ("armsflow scenario=synthetic states.S003.desks.t", "states.S003.desks.training="),
        ("armsflow rules.watch.det", "rules.watch.detection="),
        ("armsflow timetable=", "timetable=none"),
        ("armsflow list=m", "list=metrics"),
        ("armsflow res", "resume="),
        ("armsflow engine=c", "engine=compiled"),
        ("armsflow runs=2 pages=f", "pages=false"),
    ],
)
def test_what_can_stand_at_the_end_is_offered(line: str, among: str) -> None:
    offered = candidates(line)
    assert among in offered
    assert all(word.startswith(line.rpartition(" ")[2]) for word in offered)


def test_results_are_reported_by_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = sim.load("supplier_and_embargo", ["weeks=2"])
    sim.sweep(world, {"rules.watch.detection": [0.0, 0.1]}, runs=2, out="swept", workers=1)
    assert candidates("armsflow report=swept ") == ["metrics=", "scale="]
    assert candidates("armsflow report=swept metrics=disp") == ["metrics=disputes_mean"]
    told = candidates("armsflow report=swept metrics=disputes_mean,tension_m")
    assert told == [f"metrics=disputes_mean,tension_{how}" for how in ("max_max", "mean_mean")]
    assert candidates("armsflow report=nowhere metrics=d") == []
    assert "workers=" in candidates("armsflow resume=swept ")
    assert "weeks=" not in candidates("armsflow resume=swept ")


def test_nothing_is_offered_for_what_there_is_not() -> None:
    assert candidates("armsflow states.XYZ.") == []
    assert candidates("armsflow runs=") == []


def test_a_bash_completes() -> None:
    asks = BASH + (
        'COMP_LINE="armsflow states.PRK.doctrine=rest"; COMP_POINT=${#COMP_LINE}\n'
        '_armsflow 2>/dev/null; printf "%s" "${COMPREPLY[*]}"\n'
    )
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", asks], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.stdout == "restraint"


def test_folders_of_results_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("results/mine", "results/other", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "results" / "mine" / "manifest.json").touch()
    (tmp_path / "resolutions.txt").touch()
    assert candidates("armsflow report=res") == ["report=results/"]
    assert candidates("armsflow report=results/") == [
        "report=results/mine",
        "report=results/other/",
    ]
    assert candidates("armsflow resume=results/m") == ["resume=results/mine"]
    assert candidates("armsflow report=nowhere/") == []


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", shell]) == 0
    script = capsys.readouterr().out
    assert "armsflow --complete " in script
    if shutil.which(shell):
        read = subprocess.run([shell, "-n"], input=script, text=True, capture_output=True)
        assert (read.returncode, read.stderr) == (0, "")


def test_no_other_shell_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", "csh"]) == 2
    assert capsys.readouterr().err == "--completion: 'csh' is none of bash, zsh, fish\n"
