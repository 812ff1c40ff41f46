"""Dated changes of policy: engines, the Mesa model and sweeps follow them; nothing else moves."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engines import reference
from sim.scenario import Scenario, ScenarioError, from_mapping, load
from sim.scenario.stages import TRAITS

pytestmark = pytest.mark.usefixtures("unchecked")
WEEKS, WEEK = 40, 20
BASE = [
    "scenario=supplier_and_embargo",
    f"weeks={WEEKS}",
    "states.SUP.doctrine=opportunist_supplier",
]
ENGINES = [
    "reference",
    pytest.param("compiled", marks=pytest.mark.xdist_group("supplier_and_embargo")),
]
TABLES = ("runs", "weeks", "dyads", "routes", "events")


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load("supplier_and_embargo", [f"weeks={WEEKS}"])


@pytest.fixture(scope="module")
def supplier(base: Scenario) -> str:
    """The state that ships."""
    return base.routes[0][0]


@pytest.fixture(scope="module")
def restrained(base: Scenario, supplier: str) -> Scenario:
    return base.with_change(base.date(WEEK), supplier, doctrine="restraint")


def tables(
    scenario: Scenario, engine: str = "reference", **options: Any
) -> dict[str, pd.DataFrame]:
    results = sim.run(scenario, runs=3, seed=2, engine=engine, workers=1, **options)
    return {name: getattr(results, name) for name in TABLES}


def test_nothing_differs_before_and_something_from_then_on(
    base: Scenario, restrained: Scenario
) -> None:
    ours, theirs = tables(restrained)["weeks"], tables(base)["weeks"]
    early = ours["week"] < WEEK
    pd.testing.assert_frame_equal(ours[early], theirs[early])
    assert not ours[~early].equals(theirs[~early])


@pytest.mark.xdist_group("supplier_and_embargo")  # they share their programs
def test_engines_agree(restrained: Scenario) -> None:
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    ours, theirs = tables(restrained), tables(restrained, "compiled")
    pd.testing.assert_frame_equal(ours["events"], theirs["events"])
    for name in ("weeks", "dyads", "routes"):
        pd.testing.assert_frame_equal(ours[name], theirs[name], rtol=1e-9, atol=1e-12)


@pytest.mark.xdist_group("supplier_and_embargo")
def test_what_is_kept_does_not_matter_to_a_summary(restrained: Scenario) -> None:
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    full = sim.run(restrained, runs=3, engine="compiled", workers=1).runs
    summary = sim.run(restrained, runs=3, engine="compiled", workers=1, record="summary").runs
    pd.testing.assert_frame_equal(full, summary)


def test_the_mesa_model_follows_it(restrained: Scenario) -> None:
    model = sim.ArmsTransferModel(restrained, rng=2, run=1)
    for left in reference.weeks(restrained, 2, 1):
        model.step()
        np.testing.assert_array_equal(model.world.stock, left.world.stock)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_from_the_first_day_on_is_an_override(
    base: Scenario, supplier: str, engine: str
) -> None:
    if engine == "compiled":
        pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    dated = tables(base.with_change(base.start, supplier, doctrine="restraint"), engine)
    plain = tables(base.with_(f"states.{supplier}.doctrine=restraint"), engine)
    for name in ("weeks", "dyads", "routes", "events"):
        pd.testing.assert_frame_equal(dated[name], plain[name])


def test_one_that_sets_what_holds_already_changes_nothing(base: Scenario, supplier: str) -> None:
    share = base.spec.states[supplier].procurement_share
    same = base.with_change(base.date(WEEK), supplier, procurement_share=share)
    ours, theirs = tables(same), tables(base)
    for name in TABLES:
        pd.testing.assert_frame_equal(ours[name], theirs[name])


def test_later_ones_add_up_and_the_last_of_a_week_holds(base: Scenario, supplier: str) -> None:
    changed = (
        base.with_change(base.date(30), supplier, doctrine="status_quo")
        .with_change(base.date(10), supplier, procurement_share=0.75)
        .with_change(base.date(10), supplier, force_target=2.0)
    )
    assert [stage.week for stage in changed.stages] == [10, 30]
    shares = [changed.at(week).spec.states[supplier].procurement_share for week in (9, 10, 39)]
    assert shares == [base.spec.states[supplier].procurement_share, 0.75, 0.75]
    assert changed.at(10).spec.states[supplier].force_target == 2.0
    doctrines = [changed.at(week).spec.states[supplier].doctrine for week in (29, 30)]
    assert doctrines[1] == "status_quo" != doctrines[0]


def test_a_prior_holds_until_the_day_alone(base: Scenario, supplier: str) -> None:
    path = f"states.{supplier}.procurement_share"
    uncertain = base.with_(f"+priors.{path}={{uniform: [0.1, 0.3]}}")
    changed = uncertain.with_change(base.date(WEEK), supplier, procurement_share=0.9)
    place = changed.states.index(supplier)
    runs = [list(reference.weeks(changed, 0, run)) for run in (0, 1)]
    early, late = (
        [float(weeks[at].params.states.procurement_share[place]) for weeks in runs]
        for at in (WEEK - 1, WEEK)
    )
    assert early[0] != early[1]
    assert max(early) <= 0.3
    assert late == [0.9, 0.9]
    pd.testing.assert_series_equal(
        sim.run(changed, runs=2, workers=1).runs[path],
        sim.run(uncertain, runs=2, workers=1).runs[path],
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_points_of_a_sweep_have_dates_of_their_own(
    base: Scenario, restrained: Scenario, supplier: str, engine: str
) -> None:
    if engine == "compiled":
        pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    last = len(base.mapping.get("timetable") or [])
    days = [base.date(week).isoformat() for week in (5, WEEK)]
    table = pd.DataFrame(
        {f"timetable.{last}.date": days, f"states.{supplier}.procurement_share": 0.4}
    )
    swept = sim.sweep(restrained, table, runs=2, seed=2, engine=engine, workers=1).runs
    for point, day in enumerate(days):
        alone = base.with_(f"states.{supplier}.procurement_share=0.4").with_change(
            day, supplier, doctrine="restraint"
        )
        ours = swept[swept["point"] == point].reset_index(drop=True)
        theirs = sim.run(alone, runs=2, seed=2, engine=engine, workers=1, record="summary").runs
        metrics = [name for name in theirs.columns if name not in ("point", "run", "seed")]
        pd.testing.assert_frame_equal(ours[metrics], theirs[metrics])


def test_it_is_plain_data(base: Scenario, restrained: Scenario, supplier: str) -> None:
    assert from_mapping(restrained.mapping).digest == restrained.digest != base.digest
    again = pickle.loads(pickle.dumps(restrained))
    assert again.digest == restrained.digest
    assert [stage.week for stage in again.stages] == [WEEK]
    number = len(base.mapping.get("timetable") or [])
    entry = (
        f"date: '{base.date(WEEK)}', kind: policy, actor: {supplier}, set: {{doctrine: restraint}}"
    )
    assert base.with_(f"timetable.{number}={{{entry}}}").digest == restrained.digest


def test_out_of_the_weeks_it_does_nothing_and_that_is_said(base: Scenario, supplier: str) -> None:
    late = base.with_change(base.date(WEEKS + 3), supplier, doctrine="restraint")
    assert not late.stages
    assert any("outside the weeks" in sentence for sentence in late.warnings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"doctrine": "restrained"}, "there is no doctrine 'restrained'"),
        ({"stock": {"arms": 3}}, "set.stock: cannot change in the middle of a run"),
        ({"council": "permanent"}, "set.council: cannot change in the middle of a run"),
        ({"desks.transfer.pluck": 1}, "desks.transfer.pluck: no such key"),
        ({"procurement_share": 2}, "must be from 0 to 1"),
        ({}, "a policy needs set"),
    ],
)
def test_what_cannot_be_set_is_refused(
    base: Scenario, supplier: str, settings: dict[str, Any], said: str
) -> None:
    number = len(base.mapping.get("timetable") or [])
    with pytest.raises(ScenarioError, match=f"timetable.{number}.*{said}"):
        base.with_change(base.date(3), supplier, **settings)


def test_an_event_sets_nothing_and_a_policy_has_no_target(base: Scenario, supplier: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        base.with_(
            "timetable=[{date: '2024-01-01', kind: holiday, actor: "
            + supplier
            + ", set: {doctrine: restraint}}, {date: '2024-01-01', kind: policy, actor: "
            + supplier
            + ", target: "
            + base.routes[0][1]
            + ", set: {doctrine: restraint}}]"
        )
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "timetable.0.set",
        "timetable.1.target",
    ]


def test_traits_that_may_change_are_no_stocks() -> None:
    assert {"procurement_share", "capacity"} <= set(TRAITS)
    assert not {"stock", "tech", "council", "observer", "name"} & set(TRAITS)
