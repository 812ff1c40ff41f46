"""Worlds without routes, observers or pairs: an inert entry that never shows."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from unchecked import unchecked

import sim
from sim import noise
from sim.desks import diplomacy, transfer
from sim.desks.registry import REGISTRY
from sim.engines import reference
from sim.explain.explain import explain
from sim.params import Params
from sim.plots.draw import pages
from sim.plots.story import sentences
from sim.results.table import short_table
from sim.scenario import Scenario, ScenarioError, from_mapping, read_yaml
from sim.scenario.tree import leaves
from sim.streams import STREAMS
from sim.world import PRESS, Crisis, Diplomacy, Noise, Observation, Training, Transfer

SMALL = read_yaml(Path(__file__).parent.parent / "three_states.yaml")
BARE = (("routes",), ("observers",), ("routes", "observers"), ("routes", "pairs"))
RUNS = 2


def without(*parts: str) -> dict[str, Any]:
    """Return the small world without its routes, its observers or what names two states."""
    data = deepcopy(SMALL)
    if "routes" in parts:
        del data["routes"], data["relations"]["debts"]
    if "observers" in parts:
        del data["states"]["SO"]["observer"]
    if "pairs" in parts:
        kept = ("affinity", "tension", "embargoes", "monitors", "sanctions")
        data["relations"] = {k: v for k, v in data["relations"].items() if k in kept}
        data["exercises"] = [{"states": ["EA"], "kind": "field", "week_of_year": 18}]
    return data


def bare(*parts: str) -> Scenario:
    """Return that world, with somebody who would publish and somebody who would sell."""
    scenario = from_mapping(without(*parts), "bare")
    return scenario.with_(
        "states.SO.desks.diplomacy=enforcer", "states.NO.desks.transfer=opportunist", "weeks=6"
    )


def same_but_routes(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Every column that is not of a route or an observer is the same, byte for byte."""
    common = [name for name in ours.columns if name in theirs.columns and not of_routes(name)]
    assert len(common) > 10
    pd.testing.assert_frame_equal(ours[common], theirs[common], check_exact=True)


def of_routes(column: str) -> bool:
    """Whether a column of a table is of a route."""
    owners = [m for m in sim.metrics.METRICS if f"{column}_".startswith(f"{m.name}_")]
    return bool(owners) and "route" in max(owners, key=lambda metric: len(metric.name)).axes


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with unchecked():
        yield


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_no_axis_is_empty_in_the_arrays(parts: tuple[str, ...]) -> None:
    scenario = bare(*parts)
    wiring = scenario.params().wiring
    assert ("routes" in parts) == (not scenario.routes)
    assert ("observers" in parts) == (not scenario.observers)
    assert ("pairs" in parts) == (not scenario.pairs)
    assert min(min(array.shape, default=1) for array in leaves(wiring)) > 0
    assert wiring.real_route.tolist() == [float("routes" not in parts)] * len(wiring.source)
    assert wiring.real_observer.tolist() == [float("observers" not in parts)]


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_both_engines_agree_and_no_table_shows_the_entry(parts: tuple[str, ...]) -> None:
    scenario = bare(*parts)
    ours, theirs = (
        sim.run(scenario, runs=RUNS, seed=3, engine=engine, workers=1)
        for engine in ("reference", "compiled")
    )
    for table in ("runs", "weeks", "dyads", "routes", "events"):
        pd.testing.assert_frame_equal(
            getattr(ours, table), getattr(theirs, table), rtol=1e-9, atol=1e-12
        )
    if "routes" in parts:
        assert not [name for name in ours.runs.columns if of_routes(name)]
        assert ours.routes.empty
        assert {"run", "week", "state", "target", "containers"} < {*ours.routes.columns}
    else:
        assert ours.routes["containers"].notna().all()
    assert not [name for name in ours.dyads.columns if of_routes(name)]
    assert ours.dyads.empty == ("pairs" in parts)
    if "observers" in parts:
        named = [*ours.routes.columns, *ours.runs.columns]
        assert not [name for name in named if name.startswith(("published", "estimate"))]
    assert ours.events["kind"].isin(["visit", "challenge", "level_up", "launch_announced"]).any()


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_table_of_routes_is_there_and_has_no_row(engine: str, tmp_path: Path) -> None:
    none, some = (
        sim.run(bare(*parts), runs=RUNS, seed=0, engine=engine, workers=1, out=tmp_path / name)
        for name, parts in (("none", ("routes",)), ("some", ()))
    )
    assert none.complete
    assert (tmp_path / "none" / "routes" / "part-00000.parquet").exists()
    assert len(none.routes) == 0
    assert len(some.routes) == RUNS * 6 * 2
    assert [*none.routes.columns] == [*some.routes.columns]
    floats = none.routes.select_dtypes("float").columns
    assert floats.equals(some.routes.select_dtypes("float").columns)
    keys = ["point", "run", "seed", "week", "date", "state", "target"]
    both = none.dyads.merge(none.routes, how="left", on=keys)
    assert len(both) == len(none.dyads)
    assert both["containers"].isna().all()
    assert np.isnan(none.to_xarray()["containers"]).all()


def test_a_world_with_one_route_is_another_program_than_one_with_none() -> None:
    data = without("routes")
    data["routes"] = SMALL["routes"][1:]  # one route of one leg: arrays of the same shapes
    one, none = from_mapping(data), from_mapping(without("routes"))
    for scenario, routes in ((one, 1), (none, 0), (one, 1)):
        left = sim.engines.compiled.simulate(scenario, 0, [0, 1], "full")
        assert left.series["containers"].shape == (2, scenario.weeks, routes)
        assert left.series["shipped"].shape == (2, scenario.weeks, routes, 3)
        assert left.summary["containers", "last"].shape == (2, routes)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_it_is_as_with_a_route_on_which_nothing_moves(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a lawful route between two that do not trade, and an observer that is silent.

    To the last bit in programs as they are shipped; those of other tests are made in haste.
    """
    if engine == "compiled":
        from sim.engines import compiled

        monkeypatch.setattr(compiled, "_PROGRAMS", {})
        monkeypatch.delitem(compiled.CPU_OPTIONS, "xla_backend_optimization_level")
    dummy = without("routes")
    dummy["routes"] = [{"from": "EA", "to": "SO", "legs": [{"weeks": 1}]}]
    none = without("routes", "observers")
    ours, theirs = (
        sim.run(from_mapping(data, "same"), runs=RUNS, seed=1, engine=engine, workers=1)
        for data in (none, dummy)
    )
    for table in ("runs", "weeks", "dyads"):
        same_but_routes(getattr(ours, table), getattr(theirs, table))
    pd.testing.assert_frame_equal(ours.events, theirs.events, check_exact=True)


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_it_changes_no_draw_of_others(parts: tuple[str, ...]) -> None:
    whole, less = from_mapping(SMALL), from_mapping(without(*parts))
    key = noise.run_key(5, 0)
    theirs, ours = (noise.draw(scenario.layout, key, 3) for scenario in (whole, less))
    for stream in STREAMS:
        of_route = "routes" in parts and stream.axes == "route"
        of_pair = "pairs" in parts and stream.axes in ("dyad", "dispute")
        if not of_route and not of_pair and "observer" not in stream.axes:
            np.testing.assert_array_equal(ours[stream.name], theirs[stream.name], stream.name)


def greedy(own: object, seen: Observation, noise: Noise, params: Params) -> Transfer:
    """Offer a tenth of the free stock on every entry of the axis of routes, and want the same."""
    plain = transfer.none(own, seen, noise, params)
    return replace(
        plain, offer=0.1 * transfer.free_stock(seen, params), want=0.0 * seen.stock + 50.0
    )


def talkative(own: object, seen: Observation, noise: Noise, params: Params) -> Diplomacy:
    """Publish an estimate of every entry."""
    plain = diplomacy.passive(diplomacy.Passive(comply=0.0 * seen.treasury), seen, noise, params)
    return replace(plain, publish=0.0 * seen.estimate + 1.0)


def bold(own: object, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Press every other state, and demand all."""
    return Crisis(posture=0 * seen.posture + PRESS, demand=0.0 * seen.stake + 1.0)


def busy(own: object, seen: Observation, noise: Noise, params: Params) -> Training:
    """Exercise with every other state."""
    return Training(exercise=0.0 * seen.calendar + 1.0, alone=0.0 * seen.alone)


@pytest.mark.parametrize("parts", [(), *BARE], ids="+".join)
def test_a_desk_that_decides_on_the_entry_moves_nothing(
    parts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_desks: list[tuple[str, str, Any]] = [
        ("transfer", "none", greedy),
        ("diplomacy", "passive", talkative),
        ("crisis", "hold", bold),
        ("training", "none", busy),
    ]
    for desk, rule, function in own_desks:
        own = replace(REGISTRY[desk][rule], function=function)
        monkeypatch.setitem(REGISTRY[desk], rule, own)
    scenario = from_mapping(without(*parts)).with_(
        *("rules.watch.detection=10", "states.NO.reserve_weeks=0", "states.EA.tech.eyes=1"),
        *("relations.affinity=[[NO, SO, -0.5], [NO, EA, -1]]", "rules.train.accepts=-1"),
    )
    *_, last = weeks = list(reference.weeks(scenario, 0, 0))
    carried = ("contract", "shipment", "delivery", "debt", "unseen", "shipped", "delivered")
    moved = [name for name in carried if np.any(getattr(last.world, name))]
    assert moved == ([] if "routes" in parts else [*carried])
    assert np.any(last.world.transit) == ("routes" not in parts)
    assert np.any(last.world.estimate) == (not parts)
    assert np.any(last.world.published) == (not parts)
    assert np.any(last.world.accused) == (not parts)
    published = sum(np.sum(week.events["disclosure"]) for week in weeks)
    assert (published > 0.0) == (not parts)
    met = ("exercise", "challenge", "resisted", "level_up")
    for kind in met:
        assert any(week.events[kind].any() for week in weeks) == ("pairs" not in parts), kind
    assert last.world.drill.any() == ("pairs" not in parts)


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_page_table_and_story_are_made(parts: tuple[str, ...], tmp_path: Path) -> None:
    results = sim.run(
        bare(*parts), runs=RUNS, seed=0, engine="reference", workers=1, out=tmp_path / "job"
    )
    lines = short_table(results)
    assert any("shell of NO, stock" in line for line in lines)
    assert ("containers" in "\n".join(lines)) == ("routes" not in parts)
    if "routes" in parts:
        assert "There were no shipments of munitions, " in sentences(results)[-1]
    drawn = pages(results, tmp_path / "job")
    assert (tmp_path / "job" / "report.html") in drawn
    stems = {path.stem for path in drawn}
    assert stems >= {"report", "stocks", "disputes"}
    of_traffic = {"containers", "network", "barter", "exposure", "observers"}
    assert "routes" not in parts or not stems & of_traffic


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_explanations_name_no_such_entry(parts: tuple[str, ...]) -> None:
    scenario = bare(*parts)
    for code in scenario.states:
        text = "\n".join(explain(scenario, code, 2).lines())
        assert ("NO to SO" in text) == ("routes" not in parts and code != "EA")


@pytest.mark.parametrize("parts", BARE, ids="+".join)
def test_views_and_the_mesa_model(parts: tuple[str, ...]) -> None:
    scenario = bare(*parts)
    model = sim.ArmsTransferModel(scenario, rng=3)
    while model.running:
        model.step()
    last = list(reference.weeks(scenario, 3, 0))[-1]
    np.testing.assert_array_equal(model.world.belief, last.world.belief)
    me = model.state("NO")
    assert me.customers == (() if "routes" in parts else ("SO",))
    if "routes" in parts:
        with pytest.raises(KeyError, match="there is no route 'NO>SO'"):
            me.route("NO", "SO")
    else:
        assert dict(me.route("NO", "SO").published) == {}


def test_a_sweep_over_points_without_routes() -> None:
    scenario = bare("routes", "observers")
    frame = {"states.NO.treasury": [1.0, 3.0]}
    swept = sim.sweep(scenario, frame, runs=1, engine="reference", workers=1, record="summary")
    assert not [name for name in swept.runs.columns if of_routes(name)]
    poor, rich = swept.runs["treasury_NO_last"]
    assert poor < rich


def test_debts_still_need_their_route() -> None:
    data = without("routes")
    data["relations"]["debts"] = SMALL["relations"]["debts"]
    with pytest.raises(ScenarioError, match="no route from SO to NO"):
        from_mapping(data)
