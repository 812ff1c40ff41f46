"""`docs/sweeps.md`: its commands and its Python run, in small, in the order in which they stand."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from sim.cli import main as armsflow

pytestmark = pytest.mark.usefixtures("unchecked")

PAGE = (Path(__file__).parent.parent.parent / "docs" / "sweeps.md").read_text(encoding="utf-8")
ELSEWHERE = ("cluster=tcp", "cluster=slurm")
"""What more than one machine would be needed for: the tests of the cluster hold what can be."""
SMALL = {
    "armsflow": {"runs": 2, "weeks": 1, "pages": "false", "workers": 1},
    "experiments.dispatch": {"points": 4, "jobs": 3, "rounds": 1, "weeks": 1},
    "experiments.optimise": {"trials": 2, "runs": 1, "weeks": 2, "engine": "reference"},
    "experiments.sensitivity": {"points": 8, "runs": 8, "weeks": 1, "workers": 1},
    "experiments.discovery": {"above": 400},
}
"""What a program is given in place of its own, to have little to play."""


def steps() -> Iterator[str]:
    """The commands of the page and its blocks of Python, in order."""
    for command, _, code in re.findall(
        r"^    ((armsflow|python -m) [^\n]+)$|^```python\n(.*?)^```$", PAGE, re.M | re.S
    ):
        yield command or code


def small(command: str) -> tuple[str, list[str]]:
    """The program of a command, and its words with little to play."""
    words = shlex.split(command, comments=True)
    program, own = (words[2], words[3:]) if words[0] == "python" else (words[0], words[1:])
    less = {key: str(value) for key, value in SMALL[program].items()}
    swept = "weeks=" in command and "," in command.partition("weeks=")[2].partition(" ")[0]
    if program == "armsflow":
        if own[0].startswith("report="):
            less = {}
        elif own[0].startswith("resume="):
            less = {key: less[key] for key in ("pages", "workers")}
        elif swept:
            del less["weeks"]
        if any(word.startswith("design=") for word in own):
            less["design.points"] = "4"
        if "+experiment=sensitivity" in own:  # test_sensitivity.py plays it
            less |= {"design.points": "8", "dry_run": "true"}
        if "out=results/box" in own:  # in which something is to be found
            less |= {"design.points": "2", "runs": "64", "weeks": "12"}
    if program == "experiments.sensitivity" and own[0].startswith("results="):
        own, less = [own[0].replace("eight", "sensitivity"), *own[1:]], {}
    kept = [word for word in own if word.partition("=")[0] not in less]
    return program, [*kept, *(f"{key}={value}" for key, value in less.items())]


def typed(command: str) -> None:
    """Runs a command of the page in small."""
    program, words = small(command)
    main = armsflow if program == "armsflow" else import_module(program).main
    assert main(words) == 0, command


def executed(code: str) -> None:
    """Runs a block of Python of the page in small; blocks share their names."""
    less = {"runs=100": "runs=1", "points=64": "points=2", "weeks=52": "weeks=1"}
    for word, other in less.items():
        code = code.replace(word, other)
    exec(code, NAMES)


NAMES: dict[str, object] = {}


@pytest.mark.slow
def test_all_of_it_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (yaml,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    mine = tmp_path / "configs" / "experiment" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text(yaml, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = 0
    for step in steps():
        if "\n" in step:
            executed(step)
        elif not any(part in step for part in (*ELSEWHERE, "experiments.dispatch")):
            typed(step)
        done += 1
    assert done > 20
    assert {path.name for path in (tmp_path / "results").iterdir()} >= {"supplier", "box", "mine"}


def test_the_cost_of_a_point_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def here(words: list[str], **_: object) -> None:
        """A command of its own process, in this one."""
        assert words[1:3] == ["-m", "experiments.run"]
        assert armsflow(words[3:]) == 0
        capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", here)
    (command,) = (step for step in steps() if "experiments.dispatch" in step)
    typed(f"{command} engine=reference")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Hydra's own sweeper and launcher, 3 jobs less 2: ")
    assert list(tmp_path.iterdir()) == []


def test_a_search_begins_with_what_is_shipped() -> None:
    import sim
    from experiments import optimise

    scenario = sim.load("supplier_and_embargo", ["weeks=6"])
    number, own, value = next(optimise.optimised(scenario, 1, 2, 0, "reference"))
    shipped = scenario.mapping["rules"]["move"]
    assert number == 0
    assert own == pytest.approx({path: shipped[path.split(".")[2]] for path in optimise.PATHS})
    results = sim.run(scenario, 2, record="summary", engine="reference", workers=1)
    assert value == pytest.approx(results.runs[optimise.METRIC].mean(), rel=1e-9)
    assert value > 0.0
