"""Figures, page and table of a sweep: what they say is what its runs say."""

import re
import shlex
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from stored_sweeps import stored

import sim
import sim.plots as plots
from sim.cli.main import main
from sim.ensemble.designs import design, grid
from sim.ensemble.recipe import sweep_command
from sim.plots.draw import pages
from sim.plots.figures.points import MOST_NAMED
from sim.plots.registry import figures_of
from sim.plots.sweep import BINS, Sweep
from sim.results.effect_text import interval_text
from sim.results.responses import paired_differences
from sim.results.results import Results

OF_SWEEPS = {found.name: found.draw for found in figures_of("sweep")}
pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("sweep_figures")]
GRID = {
    "states.SUP.doctrine": ["restraint", "opportunist_supplier"],
    "rules.watch.detection": [0.0, 0.0015, 0.01],
    "rules.move.interdiction": [0.0, 0.04],
}
NAMES = ["disputes_mean", "containers_SUP_BUY_last"]
RUNS = 9


def values(points: int, runs: int = RUNS) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(points)
    luck = rng.normal(size=(1, runs))
    return {
        name: 10.0 + place + np.arange(points)[:, None] * 0.5 + luck + rng.random((points, runs))
        for place, name in enumerate(NAMES)
    }


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return stored(tmp_path_factory.mktemp("sweep") / "out", grid(GRID), values(12))


def test_bands_are_quantiles_of_all_runs_at_a_value(swept: Results) -> None:
    figure = swept.plot.response(NAMES)
    told = values(12)
    axes = np.asarray(figure.axes[:4]).reshape(2, 2)
    column = np.asarray(grid(GRID)["rules.watch.detection"])
    for panel, name in zip(axes[:, 0], NAMES, strict=True):
        line = panel.lines[0]
        np.testing.assert_allclose(line.get_xdata(), [0.0, 0.0015, 0.01])
        expected = [np.median(told[name][column == x]) for x in (0.0, 0.0015, 0.01)]
        np.testing.assert_allclose(line.get_ydata(), expected)
        light, dark = (c.get_paths()[0].vertices[:, 1] for c in panel.collections[:2])
        everything = [told[name][column == x] for x in (0.0, 0.0015, 0.01)]
        assert light.max() == pytest.approx(max(np.quantile(v, 0.95) for v in everything))
        assert dark.min() == pytest.approx(min(np.quantile(v, 0.25) for v in everything))


def test_bars_are_paired_differences_from_the_ringed_value(swept: Results) -> None:
    figure = swept.plot.response(NAMES[:1])
    told = values(12)["disputes_mean"]
    column = np.asarray(grid(GRID)["rules.watch.detection"])
    means = np.stack([told[column == x].mean(axis=0) for x in (0.0, 0.0015, 0.01)])
    expected = means[1].mean() + paired_differences(means, means[1])
    bars = figure.axes[0].collections[2].get_segments()
    np.testing.assert_allclose([bar[:, 1] for bar in bars], expected[:, 1:])
    ring = figure.axes[0].lines[2]
    assert ring.get_xdata()[0] == 0.0015
    unpaired = 2 * told.mean(axis=1).std()
    assert (expected[:, 2] - expected[:, 1]).max() < unpaired


def test_a_map_shows_the_median_of_each_cell_and_its_range(swept: Results) -> None:
    figure = swept.plot.heatmap(NAMES[:1])
    told, table = values(12)["disputes_mean"], grid(GRID)
    x, y = (np.asarray(table[f"rules.{n}"]) for n in ("watch.detection", "move.interdiction"))
    median, width = (a.collections[0].get_array() for a in figure.axes[:2])
    for row, b in enumerate((0.0, 0.04)):
        for column, a in enumerate((0.0, 0.0015, 0.01)):
            own = told[(x == a) & (y == b)]
            assert median[row, column] == pytest.approx(np.median(own))
            assert width[row, column] == pytest.approx(np.ptp(np.quantile(own, [0.05, 0.95])))


def test_ticks_stand_at_values_that_were_played_where_they_have_room(swept: Results) -> None:
    response, heatmap = swept.plot.response(NAMES), swept.plot.heatmap(NAMES[:1])
    crowded, few = (axes.get_xticks().tolist() for axes in response.axes[:2])
    assert few == heatmap.axes[0].get_yticks().tolist() == [0.0, 0.04]
    assert heatmap.axes[0].get_xticks().tolist() == [0.0, 0.0015, 0.01]
    assert 0.0015 not in crowded
    assert len(crowded) > 2


def test_a_panel_a_doctrine(swept: Results) -> None:
    figure = swept.plot.multiples(NAMES[:1])
    assert [axes.get_title(loc="left") for axes in figure.axes] == GRID["states.SUP.doctrine"]
    told = values(12)["disputes_mean"]
    assert figure.axes[1].lines[0].get_ydata()[0] == pytest.approx(np.median(told[6:8]))
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_each_point_lies_where_its_paired_difference_is(swept: Results) -> None:
    figure = swept.plot.points(NAMES)
    told = values(12)
    for axes, name in zip(figure.axes, NAMES, strict=True):
        marks = np.sort(np.concatenate([line.get_xdata() for line in axes.lines[:2]]))
        away = paired_differences(told[name], told[name][9])
        np.testing.assert_allclose(marks, np.sort(away[:, 0]))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[9] == "opportunist_supplier, detection 0.0015, interdiction 0.04"


def test_a_sentence_over_each_figure_names_the_clearest_difference(
    swept: Results, tmp_path: Path
) -> None:
    """Of made-up numbers that rise by half a unit from point to point, in two metrics alike."""
    told = values(12)
    column = np.asarray(grid(GRID)["rules.watch.detection"])
    said = {name: draw(Sweep(swept, NAMES)).get_label() for name, draw in OF_SWEEPS.items()}
    clarity = {}
    for name in NAMES:
        means = np.stack([told[name][column == x].mean(axis=0) for x in (0.0, 0.0015, 0.01)])
        for x, (mean, low, high) in zip(
            (0, 0.01), paired_differences(means, means[1])[[0, 2]], strict=True
        ):
            clarity[name, x] = abs(mean) / (high - low), interval_text(mean, low, high)
    (name, x), (_, size) = max(clarity.items(), key=lambda one: one[1][0])
    way = "rises" if x else "falls"
    assert size.lstrip("-").split(" ")[0] in said["response"]
    assert f" {way} by " in said["response"]
    assert f"from detection 0.0015 to detection {x:g}: the clearest of 6" in said["response"]
    assert "interdiction" in said["heatmap"]
    assert " under restraint " in said["multiples"]
    assert "of 22 comparisons" in said["points"]
    flat = {name: np.tile(values(1)[name], (12, 1)) for name in NAMES}
    same = stored(tmp_path / "flat", grid(GRID), flat)
    for name, draw in OF_SWEEPS.items():
        assert "can be distinguished from zero" in draw(Sweep(same, NAMES)).get_label(), name


def test_every_figure_says_whose_numbers_these_are(swept: Results) -> None:
    for draw in OF_SWEEPS.values():
        figure = draw(Sweep(swept, NAMES))
        assert isinstance(figure, Figure)
        assert "12 points, 9 runs each" in figure.get_supxlabel()


@pytest.mark.parametrize(
    ("over", "lacking"),
    [
        ({"rules.watch.detection": [0.0, 0.1]}, {"heatmap", "multiples"}),
        (
            {"states.SUP.doctrine": ["restraint", "tit_for_tat"]},
            {"response", "heatmap", "multiples"},
        ),
    ],
)
def test_what_cannot_be_drawn_is_not(
    over: dict[str, list], lacking: set[str], tmp_path: Path
) -> None:
    results = stored(tmp_path / "out", over, values(2))
    drawn = {name for name, draw in OF_SWEEPS.items() if draw(Sweep(results, NAMES)) is None}
    assert drawn == lacking


def test_many_points_give_a_readable_page(tmp_path: Path) -> None:
    ranges = {f"rules.watch.{name}": (0.0, 1.0) for name in ("a", "b", "c", "d", "e", "f")}
    table = design("sobol", ranges, 128)
    results = stored(tmp_path / "out", table, values(128, 2), part=64)
    *drawn, path = pages(results, tmp_path / "page", metrics=NAMES)
    assert {picture.stem for picture in drawn} == {"response", "heatmap", "points"}
    text = path.read_text()
    assert text.count("<tr>") < 60
    assert "128 from" in text
    figure = plots.response(results, NAMES)
    assert len(figure.axes[0].lines) == 1, "a mean of unlike points has no paired interval"
    assert len(figure.axes[0].lines[0].get_xdata()) == BINS
    assert plots.points(results, NAMES).axes[0].get_yticklabels() == []
    assert sweep_command(results) is None
    assert MOST_NAMED < 128


def test_the_page_tells_every_point(swept: Results, tmp_path: Path) -> None:
    *drawn, path = pages(swept, tmp_path / "a", metrics=NAMES)
    text = path.read_text()
    assert [picture.stem for picture in drawn] == list(OF_SWEEPS)
    assert text.count("<img ") == text.count("alt=") == len(OF_SWEEPS)
    assert len(re.findall(r"<tr><td>\d+</td>", text)) == 12 * len(NAMES)
    told = values(12)["disputes_mean"][3]
    assert f">{told.mean():.3g}<" in text
    for part in ("12, 9 runs each: 108 runs", "rules.watch.detection", "point 9", "no forecast"):
        assert part in unescape(text)
    assert f"armsflow report=DIR metrics={','.join(NAMES)}<" in text
    again = pages(swept, tmp_path / "b", metrics=NAMES)
    assert [a.read_bytes() for a in (*drawn, path)] == [b.read_bytes() for b in again]


def test_a_sweep_whose_runs_all_failed_says_so(tmp_path: Path) -> None:
    over = {"rules.watch.detection": [0.0, 0.1]}
    bad = {(point, run) for point in range(2) for run in range(2)}
    results = stored(tmp_path / "out", over, values(2, 2), failed=bad)
    (path,) = pages(results, tmp_path / "out")
    assert "Every run failed" in path.read_text()


def test_failed_runs_are_left_out_and_told(tmp_path: Path) -> None:
    over = {"rules.watch.detection": [0.0, 0.1]}
    results = stored(tmp_path / "out", over, values(2), failed={(0, 2), (1, 5)})
    figure = results.plot.points(NAMES[:1])
    assert "2 of them failed" in figure.get_supxlabel()
    told = values(2)["disputes_mean"]
    kept = [0, 1, 3, 4, 6, 7, 8]
    mean = (told[1] - told[0])[kept].mean()
    assert max(line.get_xdata().max() for line in figure.axes[0].lines[:2]) == pytest.approx(mean)


def test_a_sweep_that_was_played_is_told_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command on its page plays the same job; a prior that a doctrine settles hurts nobody."""
    out = tmp_path / "out"
    words = [
        *("scenario=supplier_and_embargo", "weeks=2", "runs=2", "engine=reference", "workers=1"),
        *("states.SUP.doctrine=restraint,opportunist_supplier", "rules.watch.detection=0,0.1"),
    ]
    assert main(["-m", *words, f"out={out}"]) == 0
    told = capsys.readouterr().out
    assert "4 points, 2 runs each, of 2 weeks" in told
    assert (out / "report.html").exists()
    command = sweep_command(sim.open_results(out))
    assert command is not None
    assert shlex.split(command)[:3] == ["armsflow", "-m", "scenario=supplier_and_embargo"]
    assert main([*shlex.split(command)[1:], f"out={out}", "workers=1"]) == 0
    assert "complete already" in capsys.readouterr().out
    assert main([f"report={out}", "metrics=readiness_OBS_mean,disputes_mean"]) == 0
    told = capsys.readouterr().out
    assert "readiness OBS, mean week" in told
    assert "containers" not in told.split("results:")[0]
    assert main([f"report={out}", "metrics=readiness_OBS_men,disputes"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
