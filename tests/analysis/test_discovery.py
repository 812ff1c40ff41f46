"""Scenario discovery: a planted box is found, and one that is not there is not believed."""

from pathlib import Path

import numpy as np
import pytest
from stored_sweeps import scenario, stored

from experiments.discovery import main
from sim.analysis.discovery import Discovery, discover, inputs, write
from sim.ensemble.designs import design
from sim.plots.discovery import figures
from sim.results.results import Results

NUMBERS = {"states.A.x": (0.0, 10.0), "states.B.x": (-1.0, 1.0), "rules.c": (5.0, 6.0)}
KINDS = ("calm", "hard", "sly")
POINTS = 512

pytestmark = pytest.mark.xdist_group("discovery")


def planted(path: Path, noise: float = 0.0, runs: int = 4) -> Results:
    """A metric of 1 where x > 6, b < 0.2 and the doctrine is not calm; of 0 elsewhere, and luck."""
    rng = np.random.default_rng(3)
    table = design("sobol", NUMBERS, POINTS)
    doctrine = rng.choice(KINDS, POINTS).tolist()
    a, b, _ = np.asarray(list(table.values()))
    there = (a > 6.0) & (b < 0.2) & (np.asarray(doctrine) != "calm")
    values = there[:, None] + noise * rng.normal(size=(POINTS, runs))
    columns = table | {"states.A.doctrine": doctrine, "weeks": rng.integers(4, 9, POINTS).tolist()}
    return stored(path, columns, {"told": values})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Discovery:
    return discover(planted(tmp_path_factory.mktemp("planted") / "out"), "told", above=0.5)


def test_a_planted_box_is_found(found: Discovery) -> None:
    (box,) = found.boxes
    limits = {limit.path: limit for limit in box.limits}
    assert set(limits) >= {"states.A.x", "states.B.x", "states.A.doctrine"}
    assert limits["states.A.x"].low == pytest.approx(6.0, abs=0.4)
    assert limits["states.A.x"].high == limits["states.A.x"].most
    assert limits["states.B.x"].high == pytest.approx(0.2, abs=0.1)
    assert limits["states.A.doctrine"].among == ("hard", "sly")
    assert limits["states.A.doctrine"].every == KINDS
    assert max(limits["states.A.x"].quasi_p[0], limits["states.B.x"].quasi_p[1]) < 1e-6
    for runs in (box.searched, box.held_out):
        assert runs.coverage[0] > 0.8
        assert runs.density[0] > 0.85
        assert runs.coverage[1] < runs.coverage[0] < runs.coverage[2] + 1e-9


def test_its_numbers_are_counted_again(found: Discovery) -> None:
    frame, (box,) = inputs(found.results), found.boxes
    ((_, values),) = found.results.good(["told"])
    inside = np.logical_and.reduce([limit.holds(frame[limit.path]) for limit in box.limits])
    wanted = values.to_numpy() > 0.5
    both = (box.searched, box.held_out)
    assert sum(runs.inside for runs in both) == inside.sum()
    assert sum(runs.of_interest for runs in both) == (inside & wanted).sum()
    assert sum(runs.all_of_interest for runs in both) == wanted.sum()
    way = box.trajectory.loc[box.chosen]
    assert box.searched.coverage[0] == pytest.approx(way["coverage"])
    assert box.searched.density[0] == pytest.approx(way["density"])
    assert box.held_out.all_of_interest == pytest.approx(0.25 * wanted.sum(), rel=0.35)


def test_below_is_the_other_side(found: Discovery) -> None:
    told = discover(found.results, "told", below=0.5)
    assert told.share == pytest.approx(1.0 - found.share)


def test_a_denser_box_covers_less(found: Discovery) -> None:
    wide, dense = (
        discover(found.results, "told", above=0.5, density=density).boxes[0]
        for density in (0.3, 0.9)
    )
    assert dense.searched.density[0] >= 0.9
    assert 0.3 <= wide.searched.density[0] < dense.searched.density[0]
    assert wide.searched.coverage[0] >= dense.searched.coverage[0]


def test_boxes_after_each_other_share_no_run(tmp_path: Path) -> None:
    table = design("sobol", NUMBERS, POINTS)
    a, b, _ = np.asarray(list(table.values()))
    there = (a > 8.0) | (b > 0.8)
    results = stored(tmp_path / "out", table, {"told": np.repeat(there[:, None] * 1.0, 2, axis=1)})
    told = discover(results, "told", above=0.5, boxes=2)
    assert len(told.boxes) == 2
    covered = sum(box.searched.coverage[0] for box in told.boxes)
    assert 0.75 < covered <= 1.0
    assert len(figures(told, tmp_path / "figures")) == 4


def test_luck_is_not_taken_for_a_box(tmp_path: Path) -> None:
    """What the search finds in noise it does not find again in the runs held out."""
    table = design("sobol", NUMBERS, POINTS)
    noise = np.random.default_rng(5).random((POINTS, 1))
    told = discover(stored(tmp_path / "out", table, {"told": noise}), "told", above=0.8)
    for box in told.boxes:
        assert box.held_out.density[1] <= told.share < box.held_out.density[2]


def test_priors_are_inputs_where_there_are_runs_enough(tmp_path: Path) -> None:
    """Run r draws the same at every point: with few runs a prior would be a name for its luck."""
    prior = "states.SUP.stock.shell"
    own = scenario().with_(f"+priors.{prior}={{uniform:[1e6,2e6]}}")
    for runs, known in ((8, False), (200, True)):
        drawn = np.random.default_rng(7).uniform(1e6, 2e6, (1, runs)).repeat(4, axis=0)
        columns = {"rules.c": np.linspace(0.0, 1.0, 4).tolist()}
        metrics = {"told": (drawn > 1.6e6) * 1.0, prior: drawn}
        results = stored(tmp_path / str(runs), columns, metrics, of=own)
        assert (prior in inputs(results)) == known
        if known:
            (box,) = discover(results, "told", above=0.5).boxes
            assert box.limits[0].path == prior
            assert box.limits[0].low == pytest.approx(1.6e6, rel=0.06)
            assert box.held_out.density[0] > 0.75


def test_what_cannot_be_answered_is_told(found: Discovery, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="exactly one of them must be set") as caught:
        discover(found.results, "tolt", above=1.0, below=0.0, boxes=0, density=2.0)
    assert len(str(caught.value).splitlines()) == 4
    with pytest.raises(ValueError, match="0 of 2048 runs; at least 20"):
        discover(found.results, "told", above=2.0)
    alone = stored(
        tmp_path / "alone", {"rules.c": [1.0, 1.0]}, {"told": np.arange(80).reshape(2, 40) % 2}
    )
    with pytest.raises(ValueError, match="nothing differs"):
        discover(alone, "told", above=0.5)


def test_the_command_tells_and_draws(
    found: Discovery, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"results={found.results.path}", "metric=told", f"out={tmp_path / 'out'}"]
    assert main([*words, "above=0.5"]) == 0
    told = capsys.readouterr().out
    assert "states.A.doctrine" in told
    assert "hard or sly" in told
    assert "held out" in told
    names = {"boxes.csv", "trajectory.csv", "trajectory.png", "limits.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    again = write(found, tmp_path / "again")
    assert again[0].read_bytes() == (tmp_path / "out" / "boxes.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["metric=told", "above=x", "boxes=1.5", "wide=3"],
            ["above", "boxes", "wide=3", "results"],
        ),
        (["results=nowhere", "metric=told", "above=1"], ["nowhere holds no results"]),
    ],
)
def test_bad_input_is_told(
    words: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in told)
