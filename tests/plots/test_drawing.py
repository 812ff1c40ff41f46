"""Two processes draw what one draws."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import sim
from sim.ensemble.workers import helper_process
from sim.plots import draw as plots
from sim.plots.draw import pages
from sim.plots.registry import figures_of
from sim.plots.runs import Runs
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]


def test_another_process_may_help_to_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes, whoever drew them, also when the other process dies of it."""
    scenario = load("northeast_asia_2023", ["weeks=8", "timetable=none"])
    results = sim.run(scenario, runs=2, record="weekly", workers=1)
    here, drawn = [], plots._drawn
    monkeypatch.setattr(plots, "_drawn", lambda *told: (here.append(told[1]), drawn(*told))[1])
    some = [figure for figure in figures_of("job") if figure.can_draw(Runs(results))]
    alone = [path.read_bytes() for path in pages(results, tmp_path / "one")]
    for dies in (False, True):
        here.clear()
        with helper_process("sim.plots.draw") as beside:
            beside.submit(int).result()  # it is ready
            if dies:
                beside.submit(os._exit, 1)
            written = pages(results, tmp_path / f"two, {dies}", beside=beside)
        assert len(here) == len(some) if dies else 0 < len(here) < len(some)
        assert [path.read_bytes() for path in written] == alone


def test_the_command_draws_with_two_processes_where_it_may_have_two(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    cli = import_module("sim.cli.main")
    monkeypatch.setattr(
        cli, "helper_process", lambda module: (asked.append(module), helper_process(module))[1]
    )
    job = ("weeks=4", "runs=2", "record=weekly")
    one, out, _ = armsflow(*job, "workers=1", "out=mine")
    armsflow(*job, "workers=2", "pages=false", "out=none")
    armsflow(*job[:2], "record=summary", "workers=2", "out=short")
    assert asked == []
    two, again, _ = armsflow(*job, "workers=2", "out=ours")
    assert asked == ["sim.plots.draw"]
    assert (one, two) == (0, 0)
    assert again.replace("ours", "mine") == out
    pictures = sorted(path.name for path in (tmp_path / "mine/figures").iterdir())
    assert len(pictures) > 5
    for name in pictures:
        ours, mine = (tmp_path / folder / "figures" / name for folder in ("ours", "mine"))
        assert ours.read_bytes() == mine.read_bytes()
