"""A desk, a phase, a metric and a figure of one user module: every engine and worker runs them."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
import sim.plots as plots
from experiments.kill import files
from sim.desks.registry import REGISTRY
from sim.engines.traces import TABLES
from sim.ensemble import cluster as clusters
from sim.ensemble.cluster import ClusterError
from sim.ensemble.errors import RunError
from sim.ensemble.workers import registering_modules
from sim.metrics import METRICS
from sim.results.store import OutputError
from sim.scenario import Scenario, load

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("user_module")]
RUNS = 9
OVER = ["weeks=6", "states.KOR.desks.crisis={rule: patient, limit: 0.2}"]


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers is forgotten afterwards."""
    metrics, figures = list(METRICS), dict(plots.FIGURES)
    desks = {desk: dict(rules) for desk, rules in REGISTRY.items()}
    yield
    METRICS[:] = metrics
    plots.FIGURES.clear()
    plots.FIGURES.update(figures)
    for desk, rules in desks.items():
        REGISTRY[desk].clear()
        REGISTRY[desk].update(rules)
    sys.modules.pop("user_module", None)


@pytest.fixture
def user(registries: None) -> ModuleType:
    return import_module("user_module")


@pytest.fixture
def scenario(user: ModuleType) -> Scenario:
    return load("northeast_asia_2023", OVER).with_phase("train", user.train)


def table(results: sim.Results, name: str) -> pd.DataFrame:
    found: pd.DataFrame = getattr(results, name)
    return found


def test_every_way_to_run_it_gives_equal_rows(scenario: Scenario, tmp_path: Path) -> None:
    pytest.importorskip("jax")
    pytest.importorskip("distributed")
    job: dict[str, Any] = {"runs": RUNS, "seed": 3, "engine": "reference"}
    one = sim.run(scenario, **job, out=tmp_path / "one", workers=1)
    sim.run(scenario, **job, out=tmp_path / "two", workers=2)
    sim.run(scenario, **job, out=tmp_path / "dask", workers=1, cluster="local")
    sim.run(scenario, **job, out=tmp_path / "again", workers=1)
    (tmp_path / "again" / "runs" / "part-00001.parquet").unlink()
    sim.run(scenario, **job, out=tmp_path / "again", workers=1)
    for other in ("two", "dask", "again"):
        assert files(tmp_path / other) == files(tmp_path / "one"), other
    compiled = sim.run(scenario, **{**job, "engine": "compiled"}, workers=1)
    for name in TABLES["full"]:
        pd.testing.assert_frame_equal(
            table(compiled, name), table(one, name), rtol=1e-9, atol=1e-12, check_exact=False
        )
    # they are there, and do what they say
    plain = sim.run(load("northeast_asia_2023", OVER[:1]), **job, workers=1)
    assert (one.weeks["readiness"] < plain.weeks["readiness"]).any()
    assert {"arsenal_KOR_last", "arsenal_KOR_mean"} < set(one.runs.columns)
    last = one.weeks[(one.weeks["week"] == 5) & (one.weeks["state"] == "KOR")]["arsenal"]
    np.testing.assert_array_equal(one.runs["arsenal_KOR_last"], last)
    assert one.weeks["arsenal"].nunique() > RUNS


def test_each_is_in_the_digest(user: ModuleType, scenario: Scenario, tmp_path: Path) -> None:
    plain = load("northeast_asia_2023", OVER[:1])
    desk = load("northeast_asia_2023", OVER)
    digests = []
    for number, (base, metric) in enumerate(
        [(scenario, True), (desk, True), (plain, True), (plain, False)]
    ):
        if not metric:
            METRICS[:] = [own for own in METRICS if own.source is None]
        job = sim.run(base, runs=1, out=tmp_path / str(number), workers=1, engine="reference")
        digests.append(job.manifest["digest"])
    assert len(set(digests)) == 4


def test_the_source_of_a_desk_and_of_a_metric_is_in_the_digest(registries: None) -> None:
    from sim.scenario.code import metric_sources

    def one(week: Any) -> Any:
        return week.world.treasury

    def two(week: Any) -> Any:
        return 1.0 * week.world.treasury

    found = []
    for function in (one, two):
        function.__name__ = function.__qualname__ = "gold"
        sim.metric("state", unit="USD bn", definition="of it")(function)
        found.append(metric_sources())
    assert found[0] != found[1]
    assert [own.name for own in METRICS].count("gold") == 1


def test_a_summary_job_has_the_metric_too(scenario: Scenario) -> None:
    """Its last value, which looks at more than the world, where no weeks are kept."""
    pytest.importorskip("jax")
    ours, theirs = (
        sim.run(scenario, runs=2, record="summary", engine=engine, workers=1).runs
        for engine in ("reference", "compiled")
    )
    columns = [name for name in ours if name.startswith("arsenal_")]
    assert len(columns) == 2 * len(scenario.states)
    np.testing.assert_allclose(theirs[columns], ours[columns], rtol=1e-9)


def test_a_job_is_not_resumed_without_its_metric(user: ModuleType, tmp_path: Path) -> None:
    scenario = load("northeast_asia_2023", ["weeks=3"])
    job = {"runs": RUNS, "out": tmp_path / "out", "engine": "reference", "workers": 1}
    whole = sim.run(scenario, **job).runs
    lost = tmp_path / "out" / "runs" / "part-00001.parquet"
    lost.unlink()
    assert sim.ensemble.resume(tmp_path / "out", workers=1).runs.equals(whole)
    lost.unlink()
    METRICS[:] = [own for own in METRICS if own.source is None]
    with pytest.raises(OutputError, match="desks or metrics written in Python"):
        sim.ensemble.resume(tmp_path / "out", workers=1)


def test_its_figure_stands_in_the_pages_with_its_caption(
    scenario: Scenario, tmp_path: Path
) -> None:
    results = sim.run(scenario, runs=2, record="weekly", engine="reference", workers=1)
    written = plots.pages(results, tmp_path)
    assert [path.stem for path in written][-2:] == ["arsenals", "report"]
    page = (tmp_path / "report.html").read_text()
    assert "What the weapons of the first state are worth." in page
    figure = results.plot.arsenals()
    assert figure.axes[0].get_ylabel() == "USD bn"
    assert plots.arsenals(results) is not None
    assert "arsenals" in dir(results.plot)
    assert "arsenals" in dir(plots)


def test_the_mesa_model_measures_it(scenario: Scenario) -> None:
    model = sim.ArmsTransferModel(scenario, rng=3)
    model.step()
    agent = model.state("KOR")
    rows = model.datacollector.get_agent_vars_dataframe()
    assert rows["arsenal"].iloc[-len(scenario.states) :].notna().all()
    assert agent.measured("arsenal") == model.measured["arsenal"][scenario.states.index("KOR")]


# What is refused


@pytest.mark.parametrize(
    ("name", "options", "sentences"),
    [
        ("mine", {"axes": "planet"}, [r"metric mine: there are no axes 'planet' \(world, state"]),
        ("mine", {"reduce": ("best",)}, [r"there is no reduction 'best' \(last, mean"]),
        ("stock", {}, ["metric stock: the name is taken"]),
        ("week", {}, ["metric week: the name is taken"]),
        ("<lambda>", {}, ["metric <lambda>: its name cannot be that of a column"]),
        (
            "stock",
            {"axes": "planet", "reduce": "best"},
            ["no reduction 'best'", "no axes 'planet'", "the name is taken"],
        ),
    ],
)
def test_a_metric_that_cannot_be_is_refused(
    registries: None, name: str, options: dict[str, Any], sentences: list[str]
) -> None:
    def function(week: Any) -> Any:
        return week.world.treasury

    function.__name__ = name
    given = {"axes": "state", "unit": "", "definition": "", "reduce": ()} | options
    axes = given.pop("axes")
    for sentence in sentences:
        with pytest.raises(ValueError, match=sentence):
            sim.metric(axes, **given)(function)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_value_of_another_shape_is_named(registries: None, engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("jax")

    @sim.metric("route", unit="", definition="")
    def askew(week: Any) -> Any:
        return week.world.treasury

    scenario = load(Path(__file__).parent.parent / "three_states.yaml", ["weeks=2"])
    with pytest.raises(
        RunError, match=r"metric askew: its value has the shape \(3,\), not \(2,\) \(route\)"
    ):
        sim.run(scenario, runs=1, engine=engine, workers=1)


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("mine", {"of": "world"}, "figure mine: 'world' is neither job nor sweep"),
        ("mine", {"tables": ("runs",)}, "figure mine: there is no table 'runs'"),
        ("mine", {"caption": " "}, "figure mine: its caption is empty"),
        ("stocks", {}, "figure stocks: the name is taken"),
        ("style", {}, "figure style: the name is taken"),
        ("pages", {}, "figure pages: the name is taken"),
        ("_mine", {}, "figure _mine: its name cannot be that of an attribute"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(
    registries: None, name: str, options: dict[str, Any], sentence: str
) -> None:
    def function(runs: Any) -> None:
        return None

    function.__name__ = name
    with pytest.raises(ValueError, match=sentence):
        sim.figure(**({"caption": "What it shows."} | options))(function)


def test_a_figure_is_left_out_where_the_job_lacks_its_tables(
    registries: None, tmp_path: Path
) -> None:
    drawn = []

    @sim.figure("Who trades with whom.", tables=("dyads",))
    def partners(runs: Any) -> None:
        drawn.append("partners")

    @sim.figure("How many runs there were.", tables=())
    def count(runs: Any) -> None:
        drawn.append("count")

    results = sim.run(load("northeast_asia_2023", ["weeks=2"]), runs=1, record="summary", workers=1)
    assert [path.name for path in plots.pages(results, tmp_path)] == ["report.html"]
    assert drawn == ["count"]
    assert results.plot.partners() is None
    assert drawn == ["count"]


def test_a_desk_has_one_origin(registries: None) -> None:
    def hold(own: Any, seen: Any, noise: Any, params: Any) -> Any:
        """Has the name of a shipped rule."""

    hold.__qualname__ = "hold"
    with pytest.raises(ValueError, match="the desk 'crisis' has a rule 'hold' already"):
        sim.desk("crisis")(hold)


# Other processes


def registered(module: str) -> None:
    """Registers a metric as if a module did."""

    def gold(week: Any) -> Any:
        return week.world.treasury

    gold.__module__ = module
    sim.metric("state", unit="USD bn", definition="of it")(gold)


def test_what_main_registers_stays_in_one_process(registries: None) -> None:
    assert "__main__" not in registering_modules()
    registered("__main__")
    assert "__main__" in registering_modules()
    sentence = "cluster: a worker lacks what __main__ registers; put it into a module"
    assert sentence in clusters.cluster_problems("local")
    results = sim.run(load("northeast_asia_2023", ["weeks=2"]), runs=RUNS, workers=2)
    assert "gold" in results.weeks


def test_a_worker_with_other_metrics_refuses_the_job(registries: None, tmp_path: Path) -> None:
    job = sim.run(load("northeast_asia_2023", ["weeks=2"]), runs=1, out=tmp_path, workers=1)
    registered("a_module")
    with pytest.raises(ClusterError, match="its own metrics are not those of the job"):
        clusters._own_job.__wrapped__(str(tmp_path), job.manifest["digest"], (), None)


def test_a_metric_of_pairs_is_summarised_on_both_engines(registries: None) -> None:
    pytest.importorskip("jax")

    def strain(week: Any) -> Any:
        return week.params.wiring.pair.from_table(week.world.tension) ** 2

    def table_of_it(week: Any) -> Any:
        return week.world.tension

    sim.metric("dyad", unit="index", definition="tension, squared", reduce=("mean",))(strain)
    world = load("arms_race_dyad", ["weeks=3"])
    found = [sim.run(world, 2, workers=1, engine=e) for e in ("reference", "compiled")]
    np.testing.assert_allclose(found[0].dyads["strain"], found[0].dyads["tension"] ** 2)
    labels = [each.summary("strain") for each in found]
    assert set(labels[0].index) == {"strain_RED_BLU_mean", "strain_BLU_RED_mean"}
    pd.testing.assert_frame_equal(labels[0], labels[1], rtol=1e-9)
    sim.metric("dyad", unit="index", definition="of all", reduce=("mean",))(table_of_it)
    with pytest.raises(RunError, match=r"\(2, 2\), not \(2,\) \(dyad\): .*from_table"):
        sim.run(world, 1, workers=1, engine="reference")
