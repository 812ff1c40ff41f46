"""Phases of one's own: which are taken, that every face runs them, that a patch reaches none."""

import importlib.util
import pickle
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from unchecked import unchecked

import sim
from sim import ensemble
from sim.ensemble.errors import RunError
from sim.explain.explain import explain
from sim.results.store import OutputError
from sim.rules import train as module
from sim.rules import week
from sim.rules.phase import Phase, table
from sim.rules.train import train
from sim.rules.week import PHASES
from sim.scenario import Scenario, ScenarioError, load
from sim.world import World, after

pytestmark = pytest.mark.usefixtures("unchecked")
WORLD = Path(__file__).parent.parent / "three_states.yaml"
ENGINES = ["reference", pytest.param("compiled", marks=pytest.mark.xdist_group("phases"))]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(WORLD, ["weeks=5"])


def sluggish(params: Any, world: World, action: Any) -> tuple[World, Any]:
    """Exercises that leave a tenth of readiness behind."""
    world, events = train(params, world, action)
    return after(world, readiness=0.9 * world.readiness), events


def silent(params: Any, world: World) -> tuple[World, dict[str, Any]]:
    """Nothing changes, and no kind of event is counted."""
    return world, {}


def talkative(params: Any, world: World) -> tuple[World, dict[str, Any]]:
    return world, {"visit": world.tension}


def shapeless(params: Any, world: World) -> tuple[World, dict[str, Any]]:
    return after(world, drill=world.tension), {"exercise": world.drill}


def half(params: Any, world: World) -> Any:
    return world


class Idle(sim.Policy):
    def decide(self, me: Any) -> None:
        """Changes nothing."""


def of_text(tmp_path: Path, text: str) -> Any:
    """The function `mine` of a module of this text."""
    number = len(list(tmp_path.iterdir()))
    path = tmp_path / f"module_{number}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("module_of_mine", path)
    assert spec is not None
    assert spec.loader is not None
    found: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found.mine


# The table


def test_a_table_names_every_kind_that_nobody_or_two_phases_emit() -> None:
    lacking = tuple(phase for phase in PHASES if phase.name != "watch")
    with pytest.raises(ValueError, match=r"^phases: no phase emits 'disclosure'; no phase emits"):
        table(*lacking)
    with pytest.raises(ValueError, match="'exercise' is emitted by train and drill"):
        table(*PHASES, Phase("drill", train, ("exercise",)))
    with pytest.raises(ValueError, match="there is no event 'parade'"):
        table(*PHASES, Phase("parade", train, ("parade",)))


def test_a_patch_of_a_name_has_no_effect_on_any_engine(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on a function's name where it stands or is used, nor on the table's."""
    pytest.importorskip("jax")
    jobs: list[dict[str, Any]] = [
        {"engine": "reference", "workers": 1},
        {"engine": "reference", "workers": 2},
        {"engine": "compiled", "workers": 1},
    ]
    runs = [ensemble.run(scenario, runs=9, **job).runs for job in jobs]
    monkeypatch.setattr(week, "train", sluggish)
    monkeypatch.setattr(module, "train", sluggish)
    monkeypatch.setattr(
        week, "PHASES", tuple(Phase(p.name, sluggish, p.events) for p in PHASES[:1])
    )
    monkeypatch.setattr("sim.engines.compiled._PROGRAMS", {})
    fresh = load(WORLD, ["weeks=5"])
    for before, job in zip(runs, jobs, strict=True):
        assert ensemble.run(fresh, runs=9, **job).runs.equals(before), job


def test_a_rule_is_bound_before_anyone_can_reach_it() -> None:
    code = (
        "import sim.rules.train as t; t.train = None\n"
        "import sim.rules.week as w; w.PHASES = ()\n"
        "import sim; print(sum(p.function is not None for p in sim.load().phases))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(len(PHASES))


# What is refused


@pytest.mark.parametrize(
    ("name", "function", "sentence"),
    [
        ("trian", sluggish, r"phase trian: there is no such phase \(.*train\); the phases are"),
        ("train", 3, "phase train: 3 is not a function written in Python"),
        ("train", np.add, "phase train: .* is not a function written in Python"),
        ("train", lambda world, params, luck: 0, "a phase has no parameter 'luck', only params"),
        ("train", lambda world: 0, "phase train: its function lacks the parameter params$"),
        ("train", lambda: 0, "phase train: its function lacks the parameter params and world$"),
    ],
)
def test_what_cannot_be_a_phase_is_refused(
    scenario: Scenario, name: str, function: Any, sentence: str
) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        scenario.with_phase(name, function)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (talkative, "phase train: it emits 'visit', but may emit exercise"),
        (
            shapeless,
            r"phase train: its 'exercise' has the shape \(3,\), not \(9,\) \(meeting\);"
            r" it makes 'drill' float64 \(3, 3\), which was float64 \(3,\)",
        ),
        (half, "phase train: it must return the World and its events"),
    ],
)
def test_what_a_phase_may_not_return_is_named_by_both_engines(
    scenario: Scenario, engine: str, function: Any, sentence: str
) -> None:
    if engine == "compiled":
        pytest.importorskip("jax")
    with pytest.raises(RunError, match=f"^seed 0, run 0, week 0: PhaseError: {sentence}"):
        ensemble.run(scenario.with_phase("train", function), runs=1, engine=engine, workers=1)


@pytest.mark.parametrize("job", [{"workers": 2, "runs": 17}, {"cluster": "local", "runs": 1}])
def test_what_cannot_travel_is_refused_before_anything_is_written(
    scenario: Scenario, job: dict[str, Any], tmp_path: Path
) -> None:
    lock = threading.Lock()

    def guarded(params: Any, world: World) -> tuple[World, dict[str, Any]]:
        with lock:
            return world, {}

    bad, out = scenario.with_phase("train", guarded), tmp_path / "out"
    with pytest.raises(
        ScenarioError, match=r"^phases\.train: it cannot be sent to other processes"
    ):
        ensemble.run(bad, out=out, engine="reference", **job)
    assert not out.exists()
    assert len(ensemble.run(bad, runs=2, workers=1, engine="reference", out=out).runs) == 2


# Who runs it


def test_kinds_that_a_phase_leaves_out_did_not_happen(scenario: Scenario) -> None:
    before = ensemble.run(scenario, runs=2, workers=1).events
    events = ensemble.run(scenario.with_phase("relate", silent), runs=2, workers=1).events
    assert "visit" in set(before["kind"])
    assert "visit" not in set(events["kind"])


def test_every_copy_of_a_scenario_keeps_its_phases(scenario: Scenario) -> None:
    mine = scenario.with_phase("train", sluggish)
    code = mine.states[0]
    copies = [
        mine.with_("weeks=5"),
        mine.holding({"crisis": ["hold"]}),
        mine.with_policy(code, Idle),
        mine.with_phase("watch", lambda params, world: (world, {})),
        pickle.loads(pickle.dumps(mine)),
    ]
    for copy in copies:
        assert {p.name: p.function for p in copy.phases}["train"] is sluggish
    assert copies[0].digest == copies[1].digest == copies[4].digest == mine.digest


def test_policies_the_mesa_model_and_explanations_run_the_scenarios_phases(
    scenario: Scenario,
) -> None:
    mine = scenario.with_phase("train", sluggish)
    runs = [
        ensemble.run(s, runs=1, workers=1, record="weekly").weeks["readiness"].to_numpy()
        for s in (scenario, mine, mine.with_policy(mine.states[0], Idle))
    ]
    assert (runs[1] < runs[0]).any()
    np.testing.assert_array_equal(runs[1], runs[2])
    model = sim.ArmsTransferModel(mine, rng=0)
    with unchecked():
        while model.running:
            model.step()
    np.testing.assert_array_equal(model.measured["readiness"], runs[1][-len(mine.states) :])
    found = explain(mine, mine.states[0], 4).week.world.readiness
    np.testing.assert_array_equal(found, runs[1][-len(mine.states) :])


def test_a_sweep_runs_the_phases_at_every_point(scenario: Scenario) -> None:
    over = {"rules.train.readiness_floor": [0.1, 0.2], "weeks": [4, 5]}
    plain, mine = (
        sim.sweep(s, over, runs=1, workers=1, engine="reference").runs
        for s in (scenario, scenario.with_phase("train", sluggish))
    )
    name = f"readiness_{scenario.states[0]}_mean"
    assert (mine[name] < plain[name]).all()
    assert len(mine) == 4


# The digest, and going on


def test_one_character_of_a_phase_changes_the_digest(scenario: Scenario, tmp_path: Path) -> None:
    head = "FACTOR = 2.0\n\n\ndef helped(x):\n    return x\n\n\n"
    body = (
        "def mine(params, world):\n    return world, {'exercise': FACTOR * helped(world.tension)}\n"
    )
    texts = [
        head + body,
        head + body.replace("exercise", "exercisf"),
        head.replace("2.0", "3.0") + body,
        head.replace("return x", "return y") + body,
    ]
    found = [scenario.with_phase("train", of_text(tmp_path, text)).digest for text in texts]
    again = scenario.with_phase("train", of_text(tmp_path, texts[0])).digest
    assert again == found[0]
    assert len({scenario.digest, *found}) == 5
    assert scenario.with_phase("watch", of_text(tmp_path, texts[0])).digest not in found


def test_what_wraps_a_rule_is_part_of_the_digest(scenario: Scenario, tmp_path: Path) -> None:
    text = (
        "from functools import wraps\nfrom sim.rules.train import train\n\n\n"
        "@wraps(train)\ndef mine(**given):\n    return train(**given)  # {}\n"
    )
    one, two = (scenario.with_phase("train", of_text(tmp_path, text.format(mark))) for mark in "ab")
    assert one.digest != two.digest


def test_a_program_follows_what_a_phase_reads_of_its_module(
    scenario: Scenario, tmp_path: Path
) -> None:
    """The same function, whose module changed since it was compiled."""
    pytest.importorskip("jax")
    text = (
        "SHARE = 0.5\n\n\ndef mine(params, world):\n"
        "    return world, {'visit': SHARE * world.tension}\n"
    )
    function = of_text(tmp_path, text)
    counts = []
    for share in (0.5, 0.25):
        function.__globals__["SHARE"] = share
        mine = scenario.with_phase("relate", function)
        found = ensemble.run(mine, runs=1, engine="compiled", record="weekly", workers=1).events
        counts.append(found.loc[found["kind"] == "visit", "value"].to_numpy())
    np.testing.assert_allclose(counts[0], 2.0 * counts[1])
    assert counts[0].size


def test_a_job_with_a_phase_goes_on_by_run_and_not_by_resume(
    scenario: Scenario, tmp_path: Path
) -> None:
    mine, out = scenario.with_phase("train", sluggish), tmp_path / "out"
    job: dict[str, Any] = {"runs": 9, "out": out, "engine": "reference", "workers": 1}
    whole = ensemble.run(mine, **job).runs
    (out / "runs" / "part-00001.parquet").unlink()
    with pytest.raises(OutputError, match=re.escape("phases, desks or metrics written in Python")):
        sim.ensemble.resume(out)
    with pytest.raises(OutputError, match="another job"):
        ensemble.run(scenario, **job)
    assert ensemble.run(mine, **job).runs.equals(whole)
