"""Policies as data: parameters, their text in the manifest, and the run again from the folder."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import own_policies
import pytest
from own_policies import Bolder, Fearful, Hedger, Threshold
from unchecked import unchecked

import sim
from sim.params import Params
from sim.policy.state import State
from sim.results import Results
from sim.results.store import OutputError
from sim.rules.train import train as shipped
from sim.scenario import Scenario, ScenarioError
from sim.scenario.stored_code import TRUSTED
from sim.world import Action, Array, World, after

QUICK = {"runs": 2, "workers": 1, "engine": "reference"}
TIRED = 0.9


def train(params: Params, world: World, action: Action) -> tuple[World, dict[str, Array]]:
    """Exercises tire."""
    world, events = shipped(params, world, action)
    return after(world, readiness=TIRED * world.readiness), events


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return sim.load("northeast_asia_2023", ["weeks=4"])


@pytest.fixture(scope="module")
def folder(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of two policies and a phase."""
    path = tmp_path_factory.mktemp("policies") / "first"
    own = scenario.with_policy("KOR", Fearful, limit=0.01).with_policy("JPN", Bolder)
    with unchecked():
        sim.run(own.with_phase("train", train), out=path, **QUICK)
    return path


def parts(path: Path) -> dict[str, str]:
    """The files of a folder of results and the hash of each."""
    return {
        str(file.relative_to(path)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


# Parameters


def test_annotated_fields_are_parameters(scenario: Scenario) -> None:
    own = scenario.with_policy("KOR", Fearful, limit=0.2)
    assert own.code.parameters("KOR") == {"limit": 0.2, "eager": True}
    assert own.with_("policies.KOR.limit=0.3").code.parameters("KOR")["limit"] == 0.3
    assert Bolder().limit == 0.5
    digests = {
        each.digest
        for each in (
            own,
            own.with_("policies.KOR.limit=0.3"),
            own.with_("policies.KOR.eager=false"),
        )
    }
    assert len(digests) == 3
    same = scenario.with_policy("KOR", Fearful), scenario.with_policy("KOR", Fearful, limit=0.05)
    assert same[0].digest == same[1].digest


def test_an_init_of_its_own_takes_parameters_too(scenario: Scenario) -> None:
    own = scenario.with_policy("KOR", Threshold, limit=0.5)
    assert own.code.parameters("KOR") == {"limit": 0.5, "patience": 2}
    assert own.code.policy("KOR").limit == 0.5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limits": 0.1}, r"policies.KOR.limits: Fearful has no such parameter .*: limit\)"),
        ({"limit": "much"}, "policies.KOR.limit: 'much' is not a number"),
        ({"limit": float("nan")}, "policies.KOR.limit: nan is not a finite number"),
        ({"eager": 1}, "policies.KOR.eager: 1 is neither true nor false"),
        ({"limit": [1.0]}, "is neither a number nor text nor true or false"),
    ],
)
def test_a_wrong_parameter_is_refused(
    scenario: Scenario, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(sim.ScenarioError, match=message):
        scenario.with_policy("KOR", Fearful, **settings)


def test_a_class_says_itself_what_it_takes(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"Threshold\(limit=-1\): limit: -1 is below 0"):
        scenario.with_policy("KOR", Threshold, limit=-1)
    with pytest.raises(ScenarioError, match="limit: Threshold needs a value"):
        scenario.with_policy("KOR", Threshold)
    with pytest.raises(ScenarioError, match="Hedger has no such parameter; annotate a field"):
        scenario.with_policy("KOR", Hedger, limit=1)
    with pytest.raises(ScenarioError, match="KOR has no policy in Python"):
        scenario.with_("policies.KOR.limit=1")


def test_a_sweep_sets_them(scenario: Scenario, tmp_path: Path) -> None:
    own = scenario.with_policy("KOR", Fearful)
    with unchecked():
        found = sim.sweep(
            own, {"policies.KOR.limit": [0.0, 1.0]}, runs=1, workers=1, out=tmp_path / "swept"
        )
        alone = sim.run(own.with_("policies.KOR.limit=1.0"), 1, record="summary", workers=1)
    assert found.runs["policies.KOR.limit"].tolist() == [0.0, 1.0]
    wanted = [name for name in alone.runs if name != "point"]
    assert found.runs.loc[1, wanted].equals(alone.runs.loc[0, wanted])
    assert not found.runs.loc[0, wanted].equals(alone.runs.loc[0, wanted])
    with unchecked():
        again = sim.open_results(found.path, trust_code=True).replay(tmp_path / "again", 1)
    assert parts(again.path) == parts(found.path)


# The text in the manifest


def test_the_manifest_holds_the_text(folder: Path) -> None:
    code = json.loads((folder / "manifest.json").read_text())["code"]
    own = code["policies"]["KOR"]
    assert own["name"] == "Fearful"
    assert own["parameters"] == {"limit": 0.01, "eager": True}
    assert own["source"].startswith("class Fearful(sim.Policy):")
    assert own["source"] in inspect.getsource(own_policies)
    assert {piece["name"] for piece in own["needs"]} >= {"sim", "np", "SHARE", "WEIGHTS", "lowered"}
    assert len(own["sha256"]) == 64
    assert [p["name"] for p in code["policies"]["JPN"]["needs"] if "module" in p][-1] == "Fearful"
    assert code["phases"]["train"]["source"].startswith("def train(")
    assert "lacks" not in json.dumps(code)


def test_a_job_without_code_of_its_own_has_none(scenario: Scenario) -> None:
    with unchecked():
        assert "code" not in sim.run(scenario.with_("weeks=1"), runs=1, workers=1).manifest


def test_what_has_no_text_says_so(scenario: Scenario, tmp_path: Path) -> None:
    names: dict[str, type] = {"sim": sim}
    exec("class Typed(sim.Policy):\n    def decide(self, me): me.week\n", names)
    with unchecked():
        sim.run(scenario.with_policy("KOR", names["Typed"]), out=tmp_path / "x", **QUICK)
    opened = sim.open_results(tmp_path / "x", trust_code=True)
    with pytest.raises(ScenarioError, match="Typed has no source text of its own; give the class"):
        _ = opened.scenario
    with unchecked():
        again = sim.open_results(tmp_path / "x").replay(workers=1, policies={"KOR": names["Typed"]})
    assert again.runs.equals(opened.runs)


# Played again


def test_a_folder_is_played_again_elsewhere(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys, sim\n"
        "results = sim.open_results(sys.argv[1], trust_code=True)\n"
        "again = results.replay(sys.argv[2], workers=1)\n"
        "one = sim.run(results.scenario, 2, engine='reference', out=sys.argv[3], workers=1)\n"
        "assert 'own_policies' not in sys.modules\n"
    )
    outs = tmp_path / "again", tmp_path / "run"
    subprocess.run(
        [sys.executable, "-c", script, str(folder), *map(str, outs)], check=True, cwd=tmp_path
    )
    assert parts(outs[0]) == parts(folder)
    assert parts(outs[1]) == parts(folder)


def test_desks_and_metrics_are_played_again_elsewhere(tmp_path: Path) -> None:
    first = (
        "import sys, sim, user_module\n"
        "desk = 'states.KOR.desks.crisis={rule: patient, limit: 0.02}'\n"
        "world = sim.load('northeast_asia_2023', ['weeks=3', 'timetable=none', desk])\n"
        "sim.run(world, 2, engine='reference', out=sys.argv[1], workers=1)\n"
    )
    then = (
        "import sys, sim\n"
        "again = sim.open_results(sys.argv[1], trust_code=True).replay(sys.argv[2])\n"
        "assert 'arsenal_KOR_last' in again.runs and 'user_module' not in sys.modules\n"
    )
    outs = tmp_path / "first", tmp_path / "again"
    for script, folder in ((first, Path(__file__).parents[1]), (then, tmp_path)):
        subprocess.run([sys.executable, "-c", script, *map(str, outs)], check=True, cwd=folder)
    assert parts(outs[1]) == parts(outs[0])


def test_nothing_of_a_folder_is_run_unasked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.scenario.stored_code._made", lambda _: pytest.fail("it was run"))
    results = sim.open_results(folder)
    assert results.summary() is not None
    assert results._repr_html_()
    assert not results.scenario.policies
    with pytest.raises(ScenarioError, match=r"the policy Fearful of KOR; .*trust_code=True"):
        results.scenario.with_("policies.KOR.limit=1")
    for play in (
        lambda: sim.run(results.scenario, **QUICK),
        lambda: results.replay(),
        lambda: sim.ArmsTransferModel(results.scenario, rng=0),
    ):
        with pytest.raises(ValueError, match=r"the phase train: the folder holds it as text"):
            play()


def test_a_user_may_give_the_code(folder: Path) -> None:
    results = sim.open_results(folder)
    policies = {"KOR": Fearful, "JPN": Bolder}
    with unchecked():
        again = results.replay(workers=1, policies=policies, phases={"train": train})
    assert again.runs.equals(results.runs)
    with pytest.raises(ScenarioError) as found:
        results.replay(policies={"KOR": Hedger, "USA": Hedger})
    text = str(found.value)
    assert "KOR: Hedger is not the code that was simulated: its hash is" in text
    assert "policies.JPN: not given" in text
    assert "policies.USA: the folder has none" in text
    assert "phases.train: not given" in text


def test_a_text_that_was_changed_is_noticed(folder: Path) -> None:
    results = sim.open_results(folder, trust_code=True)
    own = results.manifest["code"]["policies"]["KOR"]
    own["source"] = own["source"].replace("<=", ">=")
    with pytest.raises(
        ScenarioError, match=r"policies.KOR: Fearful: its text here makes other code"
    ):
        _ = results.scenario


def test_what_other_processes_get(folder: Path) -> None:
    """Code of a folder goes to workers as that of a notebook does."""
    scenario = Results(folder, trust_code=True).scenario
    assert scenario.policies["KOR"].__module__.startswith(TRUSTED)
    assert scenario.code.packed()


# Nonsense


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda me: "press", "decide returned 'press': a policy returns nothing"),
        (
            lambda me: me.offer("RUS", "shell_152", "much"),
            "offer: 'much' is not a number of at least 0",
        ),
        (
            lambda me: me.sanction("USA", None),
            r"sanction: None is not a number from 0 to 1 \(USA\)",
        ),
    ],
)
def test_nonsense_is_answered_by_what_is_allowed(
    scenario: Scenario, act: Callable[[State], Any], message: str
) -> None:
    class Odd(sim.Policy):
        def decide(self, me: State) -> None:
            if me.week == 2:
                return act(me)

    with unchecked(), pytest.raises(RuntimeError, match=rf"week 2: .*{message}") as found:
        sim.run(scenario.with_policy("PRK", Odd), **QUICK)
    assert "in the policy of PRK, week 2" in str(found.value)


def test_a_folder_of_such_a_job_is_not_resumed_as_another(folder: Path, tmp_path: Path) -> None:
    from sim.ensemble.resume import resume

    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    with pytest.raises(OutputError, match="written in Python"):
        resume(tmp_path / "half")
    whole = resume(tmp_path / "half", workers=1, trust_code=True)
    for part in (folder / "runs").iterdir():
        assert (whole.path / "runs" / part.name).read_bytes() == part.read_bytes()


def test_the_command_goes_on_with_such_a_job_if_it_is_trusted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sim.cli.main import main

    half = tmp_path / "half"
    half.mkdir()
    (half / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    typed = [f"resume={half}", "workers=1", "pages=false"]
    assert main(typed) == 2
    assert "armsflow resume=DIR trust_code=true" in capsys.readouterr().err
    assert main([*typed, "trust_code=yes"]) == 2
    assert main([*typed, "trust_code=true"]) == 0
    assert (half / "runs" / "part-00000.parquet").exists()
