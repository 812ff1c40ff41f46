"""`armsflow -m`: Hydra's grammar as a table of points, and what is played of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

import sim
from sim.cli import main
from sim.cli.request import Request
from sim.ensemble import workers
from sim.ensemble.job import Job
from sim.ensemble.plan import Plan
from sim.results.results import open_results
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("unchecked")

Multirun = Callable[..., tuple[int, str, str]]
Planned = Callable[..., tuple[Plan, Request]]
QUICK = ("runs=2", "weeks=2", "workers=1", "pages=false")
FADING, DETECTION = "rules.watch.fading", "rules.watch.detection"


# The grammar


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ([f"{DETECTION}=0,0.01"], {DETECTION: [0, 0.01]}),
        (["weeks=choice(4,2)"], {"weeks": [4, 2]}),
        (["weeks=range(2,5)"], {"weeks": [2, 3, 4]}),
        ([f"{DETECTION}=range(0,0.03,step=0.01)"], {DETECTION: [0.0, 0.01, 0.02]}),
        (["weeks=sort(4,2,3)"], {"weeks": [2, 3, 4]}),
        (["weeks=sort(range(2,5),reverse=true)"], {"weeks": [4, 3, 2]}),
        ([f"{FADING}=float(range(0,2))"], {FADING: [0.0, 1.0]}),
        ([f"{FADING}=tag(rough,choice(0,1))"], {FADING: [0, 1]}),
        ([f"{FADING}=1e-1,.5"], {FADING: [0.1, 0.5]}),
        (
            ["states.PRK.doctrine=restraint,tit_for_tat", "weeks=2,3"],
            {
                "states.PRK.doctrine": ["restraint", "restraint", "tit_for_tat", "tit_for_tat"],
                "weeks": [2, 3, 2, 3],
            },
        ),
        (
            ["states.KOR.desks.crisis=hold,{rule:tit_for_tat}"],
            {"states.KOR.desks.crisis": ["hold", {"rule": "tit_for_tat"}]},
        ),
        (
            ["states.PRK.name='North, or so',\"it's\",null_island"],
            {"states.PRK.name": ["North, or so", "it's", "null_island"]},
        ),
        (["timetable=none,[]"], {"timetable": ["none", []]}),
        ([f"+{FADING}=0,1", f"++{DETECTION}=0.5"], {FADING: [0, 1]}),
        (["weeks=2,3", "weeks=4"], {}),
        (["weeks=4", "weeks=2,3"], {"weeks": [2, 3]}),
        (["weeks=2,3", "weeks=4,5"], {"weeks": [4, 5]}),
        (["weeks=4"], {}),
    ],
)
def test_the_grammar_of_hydras_own_sweeper(
    planned: Planned, words: list[str], table: dict[str, list[Any]]
) -> None:
    small = () if "states" in str(words) else ("scenario=arms_race_dyad",)
    plan, _ = planned(*words, *small)
    assert plan.columns == table
    assert plan.size == len(next(iter(table.values()), [None]))


def test_a_shuffle_loses_none(planned: Planned) -> None:
    plan, _ = planned(f"{FADING}=shuffle(range(0,1,step=0.01))")
    assert sorted(plan.columns[FADING]) == pytest.approx([n / 100 for n in range(100)])


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("glob(limit_l*)", ["lanchester_linear", "lanchester_square", "learning"]),
        (
            "glob([limit_l*,limit_p*],exclude=*_l*r)",
            ["lanchester_square", "learning", "pipeline", "promise"],
        ),
    ],
)
def test_scenarios_by_a_pattern(planned: Planned, pattern: str, found: list[str]) -> None:
    plan, _ = planned(f"scenario={pattern}", "weeks=3")
    assert plan.columns == {"scenario": [f"limit_{name}" for name in found]}
    for number, name in enumerate(plan.columns["scenario"]):
        assert plan.variant(number).digest == load(name, ["weeks=3"]).digest


# hydra.sweeper.params and experiments


def test_params_on_the_command_line(planned: Planned) -> None:
    for sign in ("", "+", "++"):
        plan, _ = planned(f'{sign}hydra.sweeper.params={{{FADING}: "0,1", weeks: "range(2,4)"}}')
        assert plan.columns == {FADING: [0, 0, 1, 1], "weeks": [2, 3, 2, 3]}


def test_params_on_the_command_line_reach_hydras_own_sweeper(planned: Planned) -> None:
    """It declares them so that OmegaConf cannot set them from there."""
    told = f'hydra.sweeper.params={{{FADING}: "0,1", weeks: 3, runs: 5}}'
    one = '+hydra.sweeper.params.weeks="4,5"'
    for words, columns in (
        ([told], {FADING: [0, 1]}),
        ([told, one], {FADING: [0, 0, 1, 1], "weeks": [4, 5, 4, 5]}),
        ([told, f"{FADING}=0.1,0.2"], {FADING: [0.1, 0.2]}),
    ):
        ours, ours_of_job = planned(*words)
        basic, basic_of_job = planned("hydra/sweeper=basic", *words)
        assert ours.columns == basic.columns == columns
        assert ours.scenario.digest == basic.scenario.digest
        assert replace(ours_of_job, scenario=basic_of_job.scenario) == basic_of_job
        assert ours_of_job.runs == 5


def test_params_can_be_taken_from_an_experiment(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    own = experiment(params={FADING: "0,1"})
    assert planned("experiment=mine", own, "hydra.sweeper.params=null")[0].size == 1
    plan, _ = planned("experiment=mine", own, f'hydra.sweeper.params={{{FADING}: "0.5,0.6"}}')
    assert plan.columns == {FADING: [0.5, 0.6]}


def test_the_command_line_goes_before_params(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    own = experiment(runs=5, params={FADING: "0,1", "weeks": "2,3", "seed": 4})
    plan, job = planned("experiment=mine", own, "weeks=7", f"{FADING}=0.1,0.2,0.3")
    assert plan.columns == {FADING: [0.1, 0.2, 0.3]}
    assert plan.scenario.weeks == 7
    assert (job.runs, job.seed) == (5, 4)
    assert planned("+experiment=mine", own, "runs=6")[1].runs == 6


def test_an_experiment_sets_what_the_same_words_set(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    desk = {"rule": "opportunist", "release": 0.4}
    experiment("base", weeks=9, rules={"move": {"interdiction": 0.07}})
    own = experiment(
        defaults=["base", {"override /scenario": "northeast_asia_2023"}, "_self_"],
        weeks=8,
        rules={"watch": {"detection": 0.03}},
        states={"PRK": {"desks": {"transfer": desk}}, "KOR": {"doctrine": "restraint"}},
        priors={FADING: {"uniform": [0.0, 0.1]}},
        timetable="none",
        params={"states.RUS.reserve_weeks": "2,20"},
    )
    plan, _ = planned("experiment=mine", own)
    words = [
        "weeks=8",
        f"{DETECTION}=0.03",
        "states.PRK.desks.transfer={rule:opportunist,release:0.4}",
    ]
    words += ["states.KOR.doctrine=restraint", "rules.move.interdiction=0.07", "timetable=none"]
    same = load("northeast_asia_2023", [*words, f"priors.{FADING}={{uniform:[0.0,0.1]}}"])
    assert plan.scenario.digest == same.digest
    assert DETECTION not in plan.scenario.priors  # what it sets it no longer draws
    assert plan.columns == {"states.RUS.reserve_weeks": [2, 20]}


def test_an_experiment_without_priors_takes_their_medians(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    plan, _ = planned("experiment=mine", experiment(priors="none"))
    assert plan.scenario.digest == load("northeast_asia_2023", ["priors=none"]).digest


@pytest.mark.quick
def test_an_experiment_chooses_scenario_and_design(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    own = experiment(
        defaults=[{"override /scenario": "arms_race_dyad"}, {"override /design": "grid"}],
        design={"points": 3, "over": {FADING: [0, 1]}},
    )
    plan, _ = planned("experiment=mine", own, "weeks=2")
    assert plan.scenario.name == "arms_race_dyad"
    assert plan.columns == {FADING: [0.0, 0.5, 1.0]}
    assert planned("experiment=mine", own, "scenario=security_dilemma")[0].scenario.name == (
        "security_dilemma"
    )


EXPERIMENTS = (Path(__file__).parent.parent.parent / "configs" / "experiment").glob("*.yaml")


@pytest.mark.parametrize("name", sorted(file.stem for file in EXPERIMENTS))
def test_shipped_experiments_can_be_played(planned: Planned, name: str) -> None:
    assert planned(f"experiment={name}")[0].size > 1


def test_expansion_keeps_hydras_words(planned: Planned) -> None:
    """As Hydra's own sweeper would, so that its own launcher can play what ours expands."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.utils import setup_globals

    from sim.cli.multirun import Task
    from sim.cli.overrides import hydra_in_configs

    setup_globals()
    with hydra_in_configs():
        loader = GlobalHydra.instance().config_loader()
        context: Any = type("Context", (), {"config_loader": loader})
        task: Any = Task((), (), print, datetime.now())
        jobs = task.expand({"weeks": "2,3"}, ["++a.b=1", "scenario=x,y"], context)
    assert jobs == [
        [f"++weeks={w}", "++a.b=1", f"scenario={s}"] for w in (2, 3) for s in ("x", "y")
    ]


# What is played


def contents(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


FOUR = ("states.PRK.doctrine=restraint,opportunist_supplier", "rules.move.interdiction=0,0.1")


def test_hydras_own_sweeper_and_launcher_give_the_same_rows(multirun: Multirun) -> None:
    assert multirun(*FOUR, *QUICK, "out=ours")[0] == 0
    ours = open_results("ours").runs
    basic = ("hydra/sweeper=basic", "hydra/launcher=basic")
    assert multirun(*FOUR, *QUICK, *basic, "out=basic")[0] == 0
    for point in range(4):
        alone = open_results(f"basic/{point}").runs
        mine = ours[ours["point"] == point].reset_index(drop=True)
        assert len(alone) == 2
        same = [name for name in alone.columns if name != "point"]
        assert mine[same].equals(alone[same])
    assert multirun(*FOUR, *QUICK, basic[0], "out=mixed")[0] == 0
    assert open_results("mixed").runs.equals(ours)


def test_jobs_of_hydras_own_launcher_have_a_folder_each(multirun: Multirun, tmp_path: Path) -> None:
    words = ("weeks=1", "runs=1", "workers=1", "pages=false", f"{FADING}=0,0.1")
    assert multirun(*words, "hydra/sweeper=basic", "hydra/launcher=basic")[0] == 0
    (moment,) = (tmp_path / "results" / "northeast_asia_2023").iterdir()
    assert sorted(path.name for path in moment.iterdir()) == ["0", "1"]


@pytest.mark.quick
def test_a_sweep_in_words_is_a_sweep_in_python(multirun: Multirun, tmp_path: Path) -> None:
    multirun(*FOUR, *QUICK, "out=words")
    over = {key: yaml.safe_load(f"[{values}]") for key, values in (w.split("=") for w in FOUR)}
    scenario = load("northeast_asia_2023", ["weeks=2"])
    sim.sweep(scenario, over, runs=2, workers=1, out=tmp_path / "python")
    assert contents(tmp_path / "words") == contents(tmp_path / "python")


def test_the_design_stands_in_the_manifest(multirun: Multirun) -> None:
    over = f"design.over={{{FADING}: [0, 1], {DETECTION}: [0, 0.1]}}"
    words = ("design=sobol", "design.points=4", over, *QUICK, "runs=1", "seed=5")
    assert multirun(*words, "states.PRK.doctrine=restraint,status_quo", "out=mine")[0] == 0
    told = open_results("mine").manifest
    assert told["design"] == {
        "kind": "sobol",
        "points": 4,
        "over": {FADING: [0, 1], DETECTION: [0, 0.1]},
        "seed": 5,
    }
    assert told["points"] == 8
    first, second = told["sweep"][FADING][:4], told["sweep"][FADING][4:]
    assert first == second
    assert len(set(first)) == 4
    again = multirun(*words, "states.PRK.doctrine=restraint,status_quo", "out=mine")
    assert again[1].startswith("mine was complete already")


def test_a_sweep_goes_on_where_it_was_interrupted(
    multirun: Multirun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*FOUR, "weeks=1,2", "runs=9", "workers=1", "pages=false")
    multirun(*words, "out=whole")
    run_part = workers.run_part

    def stops(job: Job, path: Path, part: int) -> int:
        if part == 2:
            raise KeyboardInterrupt
        return run_part(job, path, part)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "run_part", stops)
        code, _, err = multirun(*words, "out=mine")
    assert code == 130
    assert err == "interrupted; continue with: armsflow resume=mine workers=1 pages=false\n"
    assert main(["resume=mine", "workers=1", "pages=false"]) == 0
    assert contents(tmp_path / "mine") == contents(tmp_path / "whole")
