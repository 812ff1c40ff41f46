"""What is 0 or 1 takes no value between, by whatever way; folders and caches that many share."""

import warnings
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

import sim
from sim.cli.multirun import Task
from sim.ensemble.plan import design_plan, table_plan
from sim.scenario import ScenarioError

SWITCH = "states.RED.nuclear"


@pytest.fixture(scope="module")
def dyad() -> sim.Scenario:
    return sim.load("arms_race_dyad", ["weeks=2"])


def test_a_range_of_what_is_0_or_1_is_refused(dyad: sim.Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"nuclear: has no values between; sweep them instead"):
        design_plan(dyad, "sobol", {SWITCH: [0, 1]}, 4, 0)
    with pytest.raises(ScenarioError, match=r"nuclear: 0.5: must be 0 or 1"):
        table_plan(dyad, {SWITCH: [0, 0.5, 1]})
    with pytest.raises(ScenarioError, match=r"priors.states.RED.nuclear: "):
        dyad.with_(f"+priors.{SWITCH}={{uniform: [0, 1]}}")
    plan = table_plan(dyad, {SWITCH: [0, 1]})
    assert [plan.variant(n).spec.states["RED"].nuclear for n in range(2)] == [0.0, 1.0]
    assert len(plan.groups) == 1, "one program plays both"


def test_two_sweeps_of_one_second_have_folders_of_their_own() -> None:
    request: Any = SimpleNamespace(out=None, folder=lambda began: sim.ensemble.execution.Path("x"))
    tasks = [Task((), (), lambda plan, request: 0, datetime(2026, 1, 2)) for _ in range(2)]
    first, second = (task._folder(request) for task in tasks)
    assert first != second
    assert first == tasks[0]._folder(request), "the jobs of one sweep share it"


def test_a_cache_that_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    from sim.engines import compiled

    monkeypatch.setattr(compiled, "_SAID", set())
    for _ in range(2):
        with compiled._cache_in_a_sentence():
            warnings.warn("Error writing persistent compilation cache entry: /a", stacklevel=1)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: compiled programs cannot be kept")
    with pytest.warns(UserWarning, match="anything else"), compiled._cache_in_a_sentence():
        warnings.warn("anything else", stacklevel=1)
