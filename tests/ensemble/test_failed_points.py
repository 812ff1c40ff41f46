"""Failed runs of a sweep: each is named with the command that plays it alone."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sim.cli.main import MAX_NAMED, main
from sim.engines import reference
from sim.results.results import open_results
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("unchecked")

Multirun = Callable[..., tuple[int, str, str]]
NAMED = re.compile(r"point (\d+), seed (\d+), run (\d+): (left its range in week \d+); again: (.*)")
TOO_RICH = "states.RUS.spending=1.0e3,1.0e9"
TOO_MUCH = 1.03e9
"""A limit that the money of some runs of its points passes."""
LAW = "priors.rules.watch.detection={lognormal:[0.01,0.2]}"


@pytest.fixture
def again(
    multirun: Multirun,
    capsys: pytest.CaptureFixture[str],
    runs_that_fail: Callable[[float], None],
) -> Callable[..., None]:
    """Sweeps, types the commands of the first and the last run that failed, and compares."""
    runs_that_fail(TOO_MUCH)

    def hold(*words: str) -> None:
        quick = ("runs=6", "workers=1", "pages=false")
        code, _, err = multirun(*words, *quick, "out=mine")
        before = open_results("mine")
        lines = err.splitlines()
        assert code == 1
        assert 0 < len(lines) == len(before.failed) < 6 * before.manifest["points"]
        for line in (lines[0], lines[-1]):
            found = NAMED.fullmatch(line)
            assert found is not None
            point, seed, run, how, command = found.groups()
            out = f"again-{point}-{run}"
            assert main([*shlex.split(command)[1:], "pages=false", f"out={out}"]) == 1
            assert capsys.readouterr().err == f"seed {seed}, run {run}: {how}\n"
            played, told = open_results(out), before.runs
            mine = told[(told["point"] == int(point)) & (told["run"] == int(run))].iloc[0]
            alone = played.runs.iloc[0]
            assert alone["failed_at"] == mine["failed_at"]
            drawn = [path for path in played.scenario.priors if path in mine]
            assert alone[drawn].tolist() == mine[drawn].tolist()

    return hold


@pytest.mark.parametrize(
    "words",
    [
        ("states.PRK.doctrine=restraint,opportunist_supplier",),
        ("states.PRK.name='the \"North\" & $HOME',it", "seed=3"),
        (LAW, "rules.watch.detection=0.01,0.02"),
        (LAW, "states.RUS.desks.crisis=hold", "states.RUS.doctrine=tit_for_tat,brinkman"),
    ],
)
def test_a_failed_run_of_a_point_fails_again(
    again: Callable[..., None], words: tuple[str, ...]
) -> None:
    again("weeks=12", "timetable=none", "rules.build.budget=1", TOO_RICH, *words)


def test_so_does_one_of_a_scenario_of_ones_own(again: Callable[..., None], tmp_path: Path) -> None:
    mine = {**load("northeast_asia_2023").mapping, "name": "mine"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine, sort_keys=False))
    again(
        "scenario_file=mine.yaml",
        "weeks=12",
        "timetable=none",
        "rules.build.budget=1",
        TOO_RICH,
        "states.PRK.doctrine=restraint",
    )


def test_so_does_one_of_several_scenarios(
    again: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "in_range", lambda world: world.week < 4)
    again("scenario=arms_race_dyad,security_dilemma", "weeks=3,6", "rules.watch.fading=0.5")


def test_they_are_named_as_far_as_one_reads(
    multirun: Multirun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "in_range", lambda world: world.week < 2)
    words = ("scenario=arms_race_dyad", "rules.watch.fading=range(0,1,step=0.1)")
    _, _, err = multirun(*words, "weeks=3", "runs=3", "workers=1", "pages=false")
    *named, more = err.splitlines()
    assert len(named) == MAX_NAMED == len({line.rpartition("again: ")[2] for line in named})
    assert more == "and 10 more: results.failed lists them"
