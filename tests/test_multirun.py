"""`armsflow -m`: Hydra's grammar as a table of points, and what is refused before the first run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import sim
from sim import cli, ensemble, workers
from sim.multirun import expanded
from sim.parts import Job, job_for
from sim.results import open_results
from sim.scenario import load
from sim.sweeps import estimate
from sim.sweeps.plan import Plan

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
Planned = Callable[..., tuple[Plan, dict[str, Any]]]
QUICK = ("runs=2", "weeks=2", "workers=1", "pages=false")
FADING, DETECTION = "rules.watch.fading", "rules.watch.detection"


@pytest.fixture
def armsflow(armsflow: Armsflow) -> Armsflow:
    """`armsflow -m` in an empty folder, in one process: (exit code, stdout, stderr)."""
    return lambda *words: armsflow("-m", *words)


@pytest.fixture
def planned(armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """What `armsflow -m` would play, and with which keys of the job; it plays nothing."""
    caught: list[tuple[Plan, dict[str, Any]]] = []

    def play(plan: Plan, job: dict[str, Any], words: list[str]) -> int:
        caught.append((plan, job))
        return 0

    monkeypatch.setattr(cli, "_play_plan", play)

    def run(*words: str) -> tuple[Plan, dict[str, Any]]:
        code, _, told = armsflow(*words)
        assert (code, told) == (0, "")
        return caught[-1]

    return run


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[..., str]:
    """Writes an experiment of one's own; returns the word that says where it lies."""

    def write(name: str = "mine", **content: Any) -> str:
        file = tmp_path / "own" / "experiment" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# @package _global_\n" + yaml.safe_dump(content, sort_keys=False))
        return f"hydra.searchpath=[file://{tmp_path / 'own'}]"

    return write


def swept(**params: Any) -> dict[str, Any]:
    """The keys that an experiment sweeps, as Hydra wants them."""
    return {"sweeper": {"params": params}}


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
        ("glob([limit_l*,limit_p*],exclude=*_l*r)", ["lanchester_square", "learning", "pipeline"]),
    ],
)
def test_scenarios_by_a_pattern(planned: Planned, pattern: str, found: list[str]) -> None:
    plan, _ = planned(f"scenario={pattern}", "weeks=3")
    assert plan.columns == {"scenario": [f"limit_{name}" for name in found]}
    for number, name in enumerate(plan.columns["scenario"]):
        assert plan.variant(number).digest == load(name, ["weeks=3"]).digest


def test_an_interval_is_refused_as_hydras_own_sweeper_does(armsflow: Armsflow) -> None:
    words = [f"{FADING}=interval(0,1)", *QUICK]
    ours = armsflow(*words)
    assert ours == armsflow("hydra/sweeper=basic", *words)
    assert ours == (2, "", "BasicSweeper does not support sweep type : INTERVAL_SWEEP\n")


# hydra.sweeper.params and experiments


def test_params_on_the_command_line(planned: Planned) -> None:
    for sign in ("", "+", "++"):
        plan, _ = planned(f'{sign}hydra.sweeper.params={{{FADING}: "0,1", weeks: "range(2,4)"}}')
        assert plan.columns == {FADING: [0, 0, 1, 1], "weeks": [2, 3, 2, 3]}


def test_the_command_line_goes_before_params(
    planned: Planned, experiment: Callable[..., str]
) -> None:
    own = experiment(runs=5, hydra=swept(**{FADING: "0,1", "weeks": "2,3", "seed": 4}))
    plan, job = planned("experiment=mine", own, "weeks=7", f"{FADING}=0.1,0.2,0.3")
    assert plan.columns == {FADING: [0.1, 0.2, 0.3]}
    assert plan.scenario.weeks == 7
    assert (job["runs"], job["seed"]) == (5, 4)
    assert planned("+experiment=mine", own, "runs=6")[1]["runs"] == 6


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
        hydra=swept(**{"states.RUS.reserve_weeks": "2,20"}),
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


EXPERIMENTS = (Path(__file__).parent.parent / "configs" / "experiment").glob("*.yaml")


@pytest.mark.parametrize("name", sorted(file.stem for file in EXPERIMENTS))
def test_shipped_experiments_can_be_played(planned: Planned, name: str) -> None:
    assert planned(f"experiment={name}")[0].size > 1


# What is refused


def refused(armsflow: Armsflow, tmp_path: Path, *words: str) -> list[str]:
    """The lines that some words are refused with, before anything is written."""
    before = sorted(tmp_path.rglob("*"))
    code, out, err = armsflow("out=results/mine", *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
    return err.splitlines()


def test_all_that_is_wrong_is_told_at_once(armsflow: Armsflow, tmp_path: Path) -> None:
    told = refused(
        armsflow,
        tmp_path,
        "runz=3",
        "seed=-1",
        "runs=4,8",
        "rules.watch.detektion=0,1",
        f"{FADING}=0.5,1.5",
        "states.PRK.doctrine=restraint,restrain",
        "states.KOR.desks.crisis=hold,3",
        "weeks=0,2",
        "states.XXX.readiness=0.5",
        "what",
    )
    for key, part in (
        ("runz", "nearest right key: runs"),
        ("seed", "-1"),
        ("runs", "takes one value, which all points share"),
        ("rules.watch.detektion", "nearest right key: detection"),
        (FADING, "1.5: must be from 0 to 1"),
        ("states.PRK.doctrine", "'restrain'"),
        ("states.KOR.desks.crisis", "must name a rule"),
        ("weeks", "0: must be from 1"),
        ("states.XXX", ""),
        ("what", "not of the form key=value"),
    ):
        assert any(line.startswith(key) and part in line for line in told), key


@pytest.mark.parametrize("wrong", ["x", "1.5", "nan"])
def test_one_wrong_value_among_thousands(armsflow: Armsflow, tmp_path: Path, wrong: str) -> None:
    values = [f"0.{n:04d}" for n in range(2000)]
    values[1100] = wrong
    small = "scenario=arms_race_dyad"
    (line,) = refused(armsflow, tmp_path, f"{FADING}={','.join(values)}", small)
    assert line.startswith(f"{FADING}: ")


def test_a_wrong_value_in_an_experiment(
    armsflow: Armsflow, tmp_path: Path, experiment: Callable[..., str]
) -> None:
    content = {"rules": {"watch": {"detektion": 0.1}}, "runs": 0}
    own = experiment(**content, hydra=swept(**{FADING: "0,2", "foo": "1,2", "seed": "1,2"}))
    told = refused(armsflow, tmp_path, "experiment=mine", own)
    assert {line.partition(":")[0] for line in told} >= {"foo", "seed"}
    own = experiment(**content, hydra=swept(**{FADING: "0,2"}))
    told = refused(armsflow, tmp_path, "experiment=mine", own)
    assert {line.partition(":")[0] for line in told} >= {"runs", FADING, "rules.watch.detektion"}
    told = refused(armsflow, tmp_path, "experiment=min", own)
    assert told == ["experiment: there is no 'min' (nearest right key: mine)"]
    own = experiment(title="${oc.env:HOME}")
    told = refused(armsflow, tmp_path, "experiment=mine", own)
    assert told == ["title: interpolations are not read"]
    own = experiment(out="${oc.env:HOME}", runs="${seed}")
    told = refused(armsflow, tmp_path, "experiment=mine", own, "out=results/mine")
    assert told == ["runs: interpolations are not read"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("seed=1,2", "seed: takes one value, which all points share"),
        ("engine=reference,compiled", "engine: takes one value"),
        ("runs=range(1,3)", "runs: takes one value"),
        ("out=a,b", "out: takes one value"),
        ("design.points=4,8", "design.points: takes one value"),
        ("design=sobol,morris", "design: takes one value"),
        ("experiment=glob(*)", "experiment: takes one value"),
        ("design=soboll", "there is no such design (nearest right key: sobol)"),
        ("scenario=arms_race_dyad,arms_race", "there is no 'arms_race'"),
        ("scenario=glob(nothing*)", "sweep: there is no point to play"),
        ("weeks=range(3,3)", "sweep: there is no point to play"),
        ("hydra.sweeper.params={weeks: [1,2]}", "weeks: input should be a valid integer"),
        ("hydra.verbose=true,false", "Sweeping over Hydra's configuration is not supported"),
        ("states.PRK.name=${oc.env:HOME},b", "interpolations are not read"),
        ("scenario_file=none.yaml", "none.yaml"),
        ("design.points=4", "design: choose one of grid, sobol"),
    ],
)
def test_bad_input_ends_with_2(armsflow: Armsflow, tmp_path: Path, word: str, told: str) -> None:
    small = () if word.startswith(("s", "design=")) else ("scenario=arms_race_dyad",)
    assert told in "\n".join(refused(armsflow, tmp_path, word, *small))


def test_a_design_is_checked_with_all_else(armsflow: Armsflow, tmp_path: Path) -> None:
    over = f"{{{FADING}: [0, 1.5], rules.watch.detektion: [0, 1], {DETECTION}: [0, 1]}}"
    told = refused(
        armsflow,
        tmp_path,
        "design=sobol",
        "design.points=4",
        "design.pints=3",
        f"design.over={over}",
        f"{DETECTION}=0,1",
        "weeks=0,1",
    )
    for part in ("design.pints", f"{FADING}: 1.5", "detektion", f"{DETECTION}: swept", "weeks: 0"):
        assert any(line.startswith(part) or part in line for line in told), part
    (line,) = refused(
        armsflow,
        tmp_path,
        "design=grid",
        "design.points=2000000000",
        f"design.over={{{FADING}: [0, 1]}}",
    )
    assert "more than 2,000,000 points" in line


def test_groups_of_sweeps_want_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("design=sobol", "experiment=mine", "+experiment=mine", "design.points=4"):
        assert cli.main([word]) == 2
        assert "a sweep; armsflow -m plays it" in capsys.readouterr().err


# What is played


def contents(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


FOUR = ("states.PRK.doctrine=restraint,opportunist_supplier", "rules.move.interdiction=0,0.1")


def test_hydras_own_sweeper_and_launcher_give_the_same_rows(armsflow: Armsflow) -> None:
    assert armsflow(*FOUR, *QUICK, "out=ours")[0] == 0
    ours = open_results("ours").runs
    basic = ("hydra/sweeper=basic", "hydra/launcher=basic")
    assert armsflow(*FOUR, *QUICK, *basic, "out=basic")[0] == 0
    for point in range(4):
        alone = open_results(f"basic/{point}").runs
        mine = ours[ours["point"] == point].reset_index(drop=True)
        assert len(alone) == 2
        same = [name for name in alone.columns if name != "point"]
        assert mine[same].equals(alone[same])
    assert armsflow(*FOUR, *QUICK, basic[0], "out=mixed")[0] == 0
    assert open_results("mixed").runs.equals(ours)


def test_jobs_of_hydras_own_launcher_have_a_folder_each(armsflow: Armsflow, tmp_path: Path) -> None:
    words = ("weeks=1", "runs=1", "workers=1", "pages=false", f"{FADING}=0,0.1")
    assert armsflow(*words, "hydra/sweeper=basic", "hydra/launcher=basic")[0] == 0
    (moment,) = (tmp_path / "results" / "northeast_asia_2023").iterdir()
    assert sorted(path.name for path in moment.iterdir()) == ["0", "1"]


def test_a_sweep_in_words_is_a_sweep_in_python(armsflow: Armsflow, tmp_path: Path) -> None:
    armsflow(*FOUR, *QUICK, "out=words")
    over = {key: yaml.safe_load(f"[{values}]") for key, values in (w.split("=") for w in FOUR)}
    scenario = load("northeast_asia_2023", ["weeks=2"])
    sim.sweep(scenario, over, runs=2, workers=1, out=tmp_path / "python")
    assert contents(tmp_path / "words") == contents(tmp_path / "python")


def test_the_design_stands_in_the_manifest(armsflow: Armsflow) -> None:
    over = f"design.over={{{FADING}: [0, 1], {DETECTION}: [0, 0.1]}}"
    words = ("design=sobol", "design.points=4", over, *QUICK, "runs=1", "seed=5")
    assert armsflow(*words, "states.PRK.doctrine=restraint,status_quo", "out=mine")[0] == 0
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
    again = armsflow(*words, "states.PRK.doctrine=restraint,status_quo", "out=mine")
    assert again[1].startswith("mine was finished already")


def test_a_dry_run_counts_and_keeps_nothing(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "SECONDS", 0.0)
    words = ("weeks=2,3", f"{FADING}=0,0.1,0.2", "runs=7", "workers=1", "pages=false")
    code, out, err = armsflow(*words, "dry_run=true")
    assert (code, err) == (0, "")
    assert list(tmp_path.iterdir()) == []
    told = dict(line.partition(": ")[::2] for line in out.splitlines())
    assert told["points"] == "6"
    assert told["runs"] == "42, in 2 parts"
    assert told["programs to compile"] == "0"
    assert told["time"].endswith("; engine reference, processes 1")


def test_the_size_told_is_the_size_written(
    planned: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = planned("weeks=20,25", f"{FADING}=0,0.1")
    monkeypatch.setattr(estimate, "SECONDS", 0.3)
    job = job_for(plan, 8, 0, "weekly", "reference", tmp_path / "out")
    told = next(line for line in estimate.estimated(job, 1) if line.startswith("disk"))
    ensemble.play(plan, 8, 0, "weekly", "reference", tmp_path / "out", workers=1)
    written = sum(file.stat().st_size for file in (tmp_path / "out").rglob("*.parquet")) / 1e6
    assert written / 2 < float(told.split()[2]) < written * 2


def test_the_time_told_adds_up(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, _ = planned("weeks=10,30", f"{FADING}=range(0,1,step=0.1)")
    job = job_for(plan, 100, 0, "summary", "compiled", Path("out"))
    found = estimate.Measured(32, compiling=5.0, a_run=0.01, a_part=0.1, file=1e3, row=1e4)
    monkeypatch.setattr(estimate, "_measured", lambda job, group: found)
    told = estimate.estimated(job, 1)
    # 1,000 runs of 10 weeks and as many of 30, which count thrice; two programs, four parts
    assert told[2:5] == [
        "programs to compile: 2",
        "time: about 50 seconds; engine compiled, processes 1",
        "disk: about 40.0 MB",
    ]


def test_a_sweep_goes_on_where_it_was_interrupted(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*FOUR, "weeks=1,2", "runs=9", "workers=1", "pages=false")
    armsflow(*words, "out=whole")
    play = workers.play_part

    def stops(job: Job, part: int) -> int:
        if part == 2:
            raise KeyboardInterrupt
        return play(job, part)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "play_part", stops)
        code, _, err = armsflow(*words, "out=mine")
    assert code == 130
    assert err == "interrupted; go on with: armsflow resume=mine workers=1 pages=false\n"
    assert cli.main(["resume=mine", "workers=1", "pages=false"]) == 0
    assert contents(tmp_path / "mine") == contents(tmp_path / "whole")


def test_expansion_keeps_hydras_words(planned: Planned) -> None:
    """As Hydra's own sweeper would, so that its own launcher can play what ours expands."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.utils import setup_globals

    from sim.job import hydra_in_configs
    from sim.multirun import Task

    setup_globals()
    with hydra_in_configs():
        loader = GlobalHydra.instance().config_loader()
        context: Any = type("Context", (), {"config_loader": loader})
        task: Any = Task((), (), print, None)  # type: ignore[arg-type]
        jobs = expanded({"weeks": "2,3"}, ["++a.b=1", "scenario=x,y"], task, context)
    assert jobs == [
        [f"++weeks={w}", "++a.b=1", f"scenario={s}"] for w in (2, 3) for s in ("x", "y")
    ]
