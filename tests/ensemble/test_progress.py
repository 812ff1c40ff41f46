"""The bar of a job moves with its runs, within a part, and changes no byte."""

from pathlib import Path
from typing import Any

import pytest

from experiments.kill import files
from sim.engines.ticks import heard_by, is_heard, tick
from sim.ensemble import execution, run, workers
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")
RUNS = 24


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("arms_race_dyad", ["weeks=8"])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Where the bars of the test stood after each of their moves."""
    places: list[float] = []

    class Bar(execution.tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            moved = super().update(n)
            places.append(self.n)
            return moved

    monkeypatch.setattr(execution, "tqdm", Bar)
    return places


def assert_a_path(places: list[float]) -> None:
    """The bar never goes back, is a whole number of runs, and ends at the last."""
    assert places == sorted(places)
    assert all(place == int(place) for place in places)
    assert places[-1] == RUNS


@pytest.mark.parametrize(
    "engine",
    ["reference", pytest.param("compiled", marks=pytest.mark.xdist_group("channels"))],
)
def test_it_moves_within_a_part(scenario: Scenario, shown: list[float], engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("jax")
    results = run(scenario, RUNS, engine=engine, record="weekly", workers=1, progress=True)
    parts = len(list((results.path / "weekly").glob("part-*"))) or 1
    assert_a_path(shown)
    if engine == "reference":  # a row of the compiled engine is a week of all runs of a block
        assert len(set(shown)) == RUNS > parts


def test_it_follows_other_processes(
    scenario: Scenario, shown: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "LOOK_SECONDS", 0.005)
    settings: dict[str, Any] = {"engine": "reference", "record": "summary"}
    run(scenario, RUNS, **settings, workers=2, progress=True, out=tmp_path / "heard")
    assert_a_path(shown)
    run(scenario, RUNS, **settings, workers=1, progress=False, out=tmp_path / "unheard")
    assert files(tmp_path / "heard") == files(tmp_path / "unheard")


def test_what_was_there_is_not_counted_again(
    scenario: Scenario, shown: list[float], tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"engine": "reference", "workers": 1, "out": tmp_path / "out"}
    run(scenario, RUNS, **settings)
    first = next((tmp_path / "out" / "runs").glob("part-*"))
    first.unlink()
    run(scenario, RUNS, **settings, progress=True)
    assert_a_path(shown)
    assert shown[0] > 0


def test_nobody_need_listen() -> None:
    heard: list[float] = []
    tick(1)
    with heard_by(heard.append):
        assert is_heard()
        tick(0.5)
    tick(1)
    assert heard == [0.5]
    assert not is_heard()
