"""Sensitivity: against functions whose indices are known, and against luck that is known."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from stored_sweeps import stored

from experiments.sensitivity import main
from sim.analysis import sensitivity
from sim.analysis.sensitivity import Sensitivity, analyse, recognise_design, share_of_chance, write
from sim.cli import main as armsflow
from sim.ensemble import workers
from sim.ensemble.designs import design
from sim.plots.sensitivity import figures, heatmap
from sim.plots.style import look
from sim.results.results import open_results
from sim.scenario import load
from sim.scenario.files import shipped

pytestmark = pytest.mark.usefixtures("unchecked")
EXPERIMENT = shipped("experiment", "sensitivity")
PATHS = ("states.A.x", "states.B.x", "rules.c")
OVER = dict.fromkeys(PATHS, (-np.pi, np.pi))


def ishigami(table: dict[str, list[float]]) -> np.ndarray:
    x, y, z = np.asarray(list(table.values()))
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def swept(
    path: Path,
    bases: int = 64,
    kind: str = "saltelli",
    runs: int = 8,
    luck: float = 0.0,
    **more: object,
) -> sensitivity.Results:
    """The Ishigami function as a sweep, with luck of each run of each point."""
    table = design(kind, OVER, bases)
    noise = np.random.default_rng(1).normal(size=(len(table[PATHS[0]]), runs))
    values = ishigami(table)[:, None] + luck * noise
    return stored(path, table, {"told": values}, **more)


def index(found: Sensitivity, name: str) -> np.ndarray:
    rows = found.final[found.final["index"] == name]
    return rows.set_index("path")["value"].loc[list(PATHS)].to_numpy()


def test_the_indices_of_the_ishigami_function(tmp_path: Path) -> None:
    """Against the closed form of Ishigami & Homma (1990), within 0.02, from a stored sweep."""
    found = analyse(swept(tmp_path / "out", 8192, part=1 << 20), ["told"])
    v1 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
    v2, v13 = 7**2 / 8, 0.1**2 * np.pi**8 * 8 / 225
    total = v1 + v2 + v13
    np.testing.assert_allclose(index(found, "first"), [v1 / total, v2 / total, 0.0], atol=0.02)
    expected = [(v1 + v13) / total, v2 / total, v13 / total]
    np.testing.assert_allclose(index(found, "total"), expected, atol=0.02)
    assert found.method == "sobol"
    assert found.bases == 8192
    assert found.chance["told"].share == pytest.approx(0.0, abs=1e-12)
    inside = (found.final["low"] <= found.final["value"]) & (
        found.final["value"] <= found.final["high"]
    )
    assert inside.all()


def test_luck_that_all_points_share_moves_no_index(tmp_path: Path) -> None:
    bare = swept(tmp_path / "bare")
    ((_, values),) = sensitivity.responses(bare, ["told"])
    luck = np.random.default_rng(0).normal(0.0, 9.0, 8)
    table = bare.manifest["sweep"]
    lucky = analyse(stored(tmp_path / "lucky", table, {"told": values + luck}), ["told"])
    clean = analyse(bare, ["told"])
    for name in ("first", "total"):
        np.testing.assert_allclose(index(lucky, name), index(clean, name), atol=1e-9)
    assert lucky.chance["told"].noise == pytest.approx(0.0, abs=1e-12)
    assert lucky.chance["told"].share > 0.5


def test_luck_of_each_point_lowers_first_and_raises_total(tmp_path: Path) -> None:
    clean = analyse(swept(tmp_path / "clean", 256), ["told"])
    noisy = analyse(swept(tmp_path / "noisy", 256, luck=12.0), ["told"])
    assert index(noisy, "first").sum() < index(clean, "first").sum() - 0.1
    assert index(noisy, "total").sum() > index(clean, "total").sum() + 0.5
    told = noisy.chance["told"]
    variance = np.var(ishigami(design("saltelli", OVER, 256)))
    assert told.low < 144 / (144 + variance) < told.high
    assert told.noise == pytest.approx(18 / (18 + variance), rel=0.15)


def test_the_share_of_chance_is_covered_by_its_interval() -> None:
    rng, hit = np.random.default_rng(0), 0
    points, luck, rest = 1.0, 0.5, 1.0
    for _ in range(100):
        of_runs = rng.normal(0.0, luck**0.5, (1, 8))
        values = rng.normal(0.0, points**0.5, (60, 1)) + of_runs
        told = share_of_chance(values + rng.normal(0.0, rest**0.5, (60, 8)))
        hit += told.low <= (luck + rest) / (points + luck + rest) <= told.high
    assert hit >= 86  # of a binomial with 0.95 it is below in one case of two thousand


@given(st.integers(3, 20), st.integers(3, 9), st.floats(-100, 100), st.floats(0.1, 10))
def test_chance_has_no_unit(points: int, runs: int, shift: float, scale: float) -> None:
    values = np.random.default_rng(points).normal(size=(points, runs))
    a, b = share_of_chance(values), share_of_chance(shift + scale * values)
    np.testing.assert_allclose([a.share, a.noise], [b.share, b.noise], atol=1e-6)
    assert a.low <= a.share <= a.high


def test_where_there_is_no_luck_and_where_there_is_nothing_else() -> None:
    column = np.arange(6.0)[:, None]
    sure = share_of_chance(np.repeat(column, 4, axis=1))
    assert (sure.share, sure.low, sure.high, sure.noise) == (0.0, 0.0, 0.0, 0.0)
    assert share_of_chance(np.repeat(column.T, 9, axis=0)).share == 1.0


def test_the_effects_of_a_line_are_its_slopes_over_the_ranges(tmp_path: Path) -> None:
    over = {"states.A.x": (0.0, 10.0), "states.B.x": (-1.0, 1.0), "rules.c": (5.0, 6.0)}
    table = design("morris", over, 12)
    values = np.asarray(list(table.values())).T @ [1.0, -2.0, 0.0]
    told = stored(tmp_path / "out", table, {"told": np.repeat(values[:, None], 8, axis=1)})
    found = analyse(told, ["told"])
    assert found.method == "morris"
    np.testing.assert_allclose(index(found, "mu_star"), [10.0, 4.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(index(found, "mu"), [10.0, -4.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(index(found, "sigma"), 0.0, atol=1e-9)


def test_a_base_point_with_a_failed_run_is_left_out_whole(tmp_path: Path) -> None:
    told = analyse(swept(tmp_path / "a", 64, luck=1.0, failed={(7, 3), (310, 0)}), ["told"])
    assert (told.bases, told.left_out) == (62, 2)
    table, kept = design("saltelli", OVER, 64), np.ones(320, bool)
    kept[[*range(5, 10), *range(310, 315)]] = False
    ((_, values),) = sensitivity.responses(swept(tmp_path / "b", 64, luck=1.0), ["told"])
    less = {path: np.asarray(column)[kept].tolist() for path, column in table.items()}
    same = analyse(stored(tmp_path / "c", less, {"told": values[kept]}), ["told"])
    np.testing.assert_array_equal(index(told, "total"), index(same, "total"))


def test_of_a_sweep_that_still_runs_the_whole_base_points_count(tmp_path: Path) -> None:
    told = analyse(swept(tmp_path / "a", 64, lacking={3}), ["told"])
    assert told.bases + told.left_out == 64
    assert 1 <= told.left_out <= 4


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube", "grid"])
def test_other_designs_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ValueError, match="neither a Saltelli arrangement nor Morris"):
        analyse(swept(tmp_path / "out", 8, kind), ["told"])


@pytest.mark.parametrize("kind", ["saltelli", "morris"])
def test_a_design_is_known_by_its_points(tmp_path: Path, kind: str) -> None:
    method, table, over = recognise_design(swept(tmp_path / "out", 16, kind))
    assert method == {"saltelli": "sobol", "morris": "morris"}[kind]
    assert list(over) == list(PATHS)
    assert table.min() >= -np.pi
    assert table.max() <= np.pi


def test_a_column_that_never_changes_is_no_matter(tmp_path: Path) -> None:
    table = design("saltelli", OVER, 8)
    told = {"told": np.repeat(ishigami(table)[:, None], 8, axis=1)}
    results = stored(tmp_path / "out", {"scenario": ["one"] * 40} | table, told)
    assert list(analyse(results, ["told"]).over) == list(PATHS)


def test_what_allows_no_indices_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="7 runs per point; at least 8 are needed"):
        analyse(swept(tmp_path / "few", runs=7), ["told"])
    bad = {(5 * base, 0) for base in range(10)}
    with pytest.raises(ValueError, match="6 base points"):
        analyse(swept(tmp_path / "bad", 16, failed=bad), ["told"])
    words = {"states.A.doctrine": ["a", "b"]}
    with pytest.raises(ValueError, match="texts, not numbers"):
        analyse(stored(tmp_path / "words", words, {"told": np.ones((2, 8))}), ["told"])


def test_a_metric_that_does_not_vary_has_no_index(tmp_path: Path) -> None:
    table = design("saltelli", OVER, 8)
    flat = np.full((40, 8), 3.0)
    results = stored(
        tmp_path / "out", table, {"flat": flat, "told": flat + ishigami(table)[:, None]}
    )
    found = analyse(results, ["flat", "told"])
    own = found.final.set_index("metric")["value"]
    assert own["flat"].isna().all()
    assert own["told"].notna().all()
    assert found.chance["flat"].share == 0.0
    assert len(figures(found, tmp_path / "figures")) == 3


def test_names_below_the_map_leave_each_other_room(tmp_path: Path) -> None:
    table = design("saltelli", OVER, 8)
    route = "PRK_RUS"
    names = [f"containers_{route}_last", f"containers_delivered_{route}_last", "losses_UKR_last"]
    names += [f"exposure_{route}_mean", "disputes_mean"]
    values = ishigami(table)[:, None] + np.zeros((40, 8))
    found = analyse(stored(tmp_path / "out", table, dict.fromkeys(names, values)), names)
    with look():
        figure = heatmap(found)
        FigureCanvasAgg(figure).draw()
        labels = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert len(labels) == 5
    assert all(left.x1 < right.x0 for left, right in pairwise(labels))


def test_convergence_ends_at_all_base_points(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path / "out", 64), ["told"])
    assert sorted(set(found.indices["bases"])) == [8, 16, 32, 64]
    assert len(found.final) == 2 * len(PATHS)
    paths = [write(found, tmp_path / name) for name in ("a", "b")]
    assert [a.read_bytes() for a in paths[0]] == [b.read_bytes() for b in paths[1]]
    assert len(paths[0][0].read_text().splitlines()) == 1 + 4 * 2 * len(PATHS)


def test_shipped_ranges_are_of_the_default_scenario() -> None:
    scenario = load("northeast_asia_2023", ["weeks=1"])
    over = EXPERIMENT["design"]["over"]
    assert len(over) == 8
    for path, (low, high) in over.items():
        least, most = scenario.bounds(path)
        assert least <= low < high <= most


def test_the_study_and_the_command_line_run_the_same_points(tmp_path: Path) -> None:
    small = ["weeks=1", "workers=1", "engine=reference"]
    ready, study = tmp_path / "ready", tmp_path / "study"
    words = ["-m", "+experiment=sensitivity", *small, "design.points=8", "pages=false"]
    assert armsflow([*words, f"out={ready}"]) == 0
    assert main([*small, "points=8", "metrics=[losses_UKR_last]", f"out={study}"]) == 0
    swept_by = [open_results(path).manifest for path in (ready, study)]
    assert swept_by[0]["sweep"] == swept_by[1]["sweep"]
    assert [manifest["runs"] for manifest in swept_by] == [8, 8]
    assert main([f"results={ready}", "metrics=[losses_UKR_last]"]) == 0
    tables = [(path / "sensitivity" / "indices.csv").read_bytes() for path in (ready, study)]
    assert tables[0] == tables[1]


def test_the_ready_sweep_has_the_defaults_of_the_study() -> None:
    assert EXPERIMENT["runs"] == sensitivity.FEWEST_RUNS
    (kind,) = EXPERIMENT["defaults"][0].values()
    assert (kind, EXPERIMENT["design"]["points"]) == sensitivity.METHODS["sobol"]


COMMAND = [
    *("scenario=supplier_and_embargo", "weeks=2", "points=8", "workers=1", "engine=reference"),
    *("over={rules.move.interdiction: [0, 0.4], states.SUP.stock.shell: [3e6, 9e6]}",),
    "metrics=[containers_SUP_BUY_last, disputes_mean]",
]


def test_the_command_plays_once_and_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*COMMAND, f"out={out}"]) == 0
    first = capsys.readouterr().out
    for part in ("containers SUP to BUY", "chance within points", "states.SUP.stock.shell"):
        assert part in first
    assert {path.name for path in (out / "sensitivity").iterdir()} == {
        *("indices.csv", "chance.csv", "tornado.png", "heatmap.png", "convergence.png")
    }

    def forbidden(*arguments: object) -> int:
        raise AssertionError("played again")

    monkeypatch.setattr(workers, "run_part", forbidden)
    assert main([*COMMAND, f"out={out}"]) == 0
    assert capsys.readouterr().out == first
    assert main([f"results={out}", "metrics=[disputes_mean]"]) == 0
    assert "containers SUP to BUY" not in capsys.readouterr().out
    assert open_results(out).manifest["runs"] == 8


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["runs=3", "method=guess"], ["method: 'guess' is none of", "runs: 3 per point"]),
        (["points=100"], ["not a power of 2"]),
        (["over={rules.watch.detektion: [0, 1]}"], ["nearest right key"]),
        (["over=3", "points=0", "metrics=x"], ["over: 3", "points: 0", "metrics: 'x'"]),
        (["scenario=arms_race_dyad"], ["over: which numbers"]),
        (["scenario=arms_race_dya", "over={a: [0, 1]}"], ["arms_race_dya"]),
        (["results=nowhere", "runs=9"], ["runs: cannot be given beside"]),
        (["results=nowhere"], ["nowhere holds no results"]),
        (["points"], ["points"]),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    words: list[str], told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    error = capsys.readouterr().err
    for part in told:
        assert part in error
    assert not list(tmp_path.iterdir())
