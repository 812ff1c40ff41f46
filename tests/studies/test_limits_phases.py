"""Phase diagrams: regimes that runs show, on theory's side of every boundary."""

from pathlib import Path

import numpy as np
import pytest

from experiments.phase_diagram import main
from sim.studies.limits import phases
from sim.studies.limits.limit import Runner

pytestmark = pytest.mark.usefixtures("unchecked")
PNG = b"\x89PNG\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", phases.DIAGRAMS)
def test_cells_off_the_boundary_are_as_theory_says(name: str, tmp_path: Path) -> None:
    assert main([f"diagram={name}", "cells=5", "workers=1", f"out={tmp_path}"]) == 0
    assert (tmp_path / f"{name}.png").read_bytes().startswith(PNG)


def test_a_regime_that_runs_do_not_show_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that never differ: theory's boundary is then where nothing happens."""
    diagram = phases.DIAGRAMS["first_strike"]
    monkeypatch.setattr(phases, "surface", lambda *given: np.zeros(9))
    assert phases.draw(diagram, 3, Runner(), 1, tmp_path / "x.png") > 0.2


@pytest.mark.parametrize("name", phases.DIAGRAMS)
def test_lines_part_what_theory_parts(name: str) -> None:
    """Where no line runs through a cell, its four corners are of one regime by theory."""
    diagram, cells = phases.DIAGRAMS[name], 6
    shown = phases.load(diagram.scenario, list(diagram.overrides))
    clear = ~phases.crossed(diagram, shown, cells)
    assert 0 < clear.sum() < cells * cells
    xs, ys = (np.linspace(axis.low, axis.high, cells + 1) for axis in (diagram.x, diagram.y))
    for y, x in np.argwhere(clear)[::3]:
        corners = {
            diagram.theory(diagram.at(float(xs[x + dx] + sx), float(ys[y + dy] + sy)))
            for dx, sx in ((0, 1e-6), (1, -1e-6))
            for dy, sy in ((0, 1e-6), (1, -1e-6))
        }
        assert len(corners) == 1


def test_any_metric_over_any_two_numbers(tmp_path: Path) -> None:
    words = ["scenario=limit_pipeline", "weeks=3", "cells=2", "runs=1", "workers=1"]
    words += ["x=states.SUP.unusable_share:0:1", "y=rules.trade.inertia:0:1", f"out={tmp_path}"]
    assert main([*words, "metric=tension_mean_mean"]) == 0
    drawn = tmp_path / "limit_pipeline_tension_mean_mean.png"
    assert drawn.read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["diagram=richardsen"], "nearest right"),
        (["cells=1"], "cells: '1' is not a whole number of at least 2"),
        (["runs=0"], "runs: '0' is not a whole number of at least 1"),
        (["weeks=3"], "needs its scenario"),
        (["scenario=limit_pipeline"], "also needs metric, x, y"),
        (["scenario=limit_pipeline", "metric=x", "x=weeks", "y=a:0:1"], "path:low:high"),
        (
            [
                *("scenario=limit_pipeline", "metric=x", "cells=2", "weeks=2", "runs=1"),
                *("x=rules.trade.inertia:0:1", "y=rules.trade.memory:0:1"),
            ],
            "there is no 'x'",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "workers=1", f"out={tmp_path}"]) == 2
    assert told in capsys.readouterr().err
