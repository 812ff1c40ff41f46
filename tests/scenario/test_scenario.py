"""Scenarios: what they become, and what is shipped."""

import math
import os
import pickle
import subprocess
import sys
from copy import deepcopy
from dataclasses import fields
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest

from sim import noise
from sim.desks.registry import REGISTRY
from sim.params import Rules, States
from sim.rules.perceive import strength
from sim.scenario import ScenarioError, from_mapping, load, names, read_yaml, synthetic
from sim.scenario.generate import DOCTRINES
from sim.scenario.priors import quantile
from sim.scenario.schema import State
from sim.world import DESKS, TIMETABLE, WAR

KEY = noise.run_key(7, 0)
SMALL = read_yaml(Path(__file__).parent.parent / "three_states.yaml")


def small(**changed: Any) -> dict[str, Any]:
    return deepcopy(SMALL) | changed


def test_names_stand_in_the_order_of_the_file() -> None:
    scenario = from_mapping(SMALL, "small")
    assert scenario.name == "small"
    assert scenario.states == ("NO", "SO", "EA")
    assert scenario.munitions == ("shell", "shell_west", "missile")
    assert scenario.technologies == ("ammunition", "rocketry", "eyes")
    assert scenario.routes == (("NO", "SO"), ("SO", "NO"))
    assert scenario.observers == ("SO",)
    assert (scenario.start, scenario.weeks) == (date(2023, 5, 1), 10)
    assert scenario.date(9) == date(2023, 7, 3)


def test_wiring() -> None:
    w = from_mapping(SMALL).params().wiring
    assert w.source.tolist() == [0, 1]
    assert w.target.tolist() == [1, 0]
    assert w.cell.tolist() == [1, 3]
    assert w.dealing.tolist() == [0, 2]
    assert w.route.tolist() == [0, 2, 1, 2, 2, 2]
    np.testing.assert_array_equal(w.exports, [[0], [1], [2]])
    np.testing.assert_array_equal(w.imports, [[1], [0], [2]])
    np.testing.assert_array_equal(w.ends, [[0, 1], [0, 1], [2, 2]])
    np.testing.assert_array_equal(w.leg, [[1, 1], [1, 0]])
    np.testing.assert_array_equal(w.last, [[0, 1], [1, 0]])
    np.testing.assert_array_equal(w.way, [[0, 2], [1, 2]])
    np.testing.assert_array_equal(w.traffic, [[0], [2]])
    np.testing.assert_array_equal(w.family, [[0, 1], [0, 1], [2, 3]])
    assert w.domain.tolist() == [0, 0, 1]
    assert w.voice.tolist() == [1, 0, 1]
    assert (w.member.tolist(), w.seat.tolist()) == ([0, 1], [0, 1, 2])
    np.testing.assert_array_equal(w.sitting, [[0, 1, 1], [1, 0, 1]])
    np.testing.assert_array_equal(w.tie, [[6, 0, 1], [2, 6, 3]])
    assert (w.tested.tolist(), w.watching.tolist()) == ([0, 1, 0], [0, 0, 1])
    assert w.launched.sum() == 0.0
    assert (w.protector.tolist(), w.protege.tolist()) == ([2], [1])
    assert w.bond.tolist() == [5]
    assert w.alliance.tolist() == [1, 1, 1, 1, 1, 0]
    np.testing.assert_array_equal(w.guards, [[1], [0], [1]])
    np.testing.assert_array_equal(w.toward_guard, [[1], [6], [6], [6], [6], [6]])
    np.testing.assert_array_equal(w.wards, [[1], [1], [0]])
    np.testing.assert_array_equal(w.toward_ward, [[6], [6], [6], [6], [0], [6]])


def test_pairs() -> None:
    """Every two of the three are named together: 01, 02, 10, 12, 20, 21."""
    pair = from_mapping(SMALL).params().wiring.pair
    assert pair.actor.tolist() == [0, 0, 1, 1, 2, 2]
    assert pair.target.tolist() == [1, 2, 0, 2, 0, 1]
    assert pair.reverse.tolist() == [2, 4, 0, 5, 1, 3]
    assert pair.once.tolist() == [1, 1, 0, 1, 0, 0]
    assert pair.cell.tolist() == [1, 2, 3, 5, 6, 7]
    np.testing.assert_array_equal(pair.place, [[6, 0, 1], [2, 6, 3], [4, 5, 6]])


def test_states_that_share_rivals_are_those_with_a_stake_against_the_same() -> None:
    rivalries = [
        {"states": ["NO", "SO"], "stake": [0.0, 0.4]},
        {"states": ["EA", "SO"], "stake": 0.0},
    ]
    w = (
        from_mapping(small(relations={**SMALL["relations"], "rivalries": rivalries}))
        .params()
        .wiring
    )
    np.testing.assert_array_equal(w.shared, [[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    np.testing.assert_array_equal(w.our_rival, [[0]])
    np.testing.assert_array_equal(w.their_rival, [[5]])


def test_traits() -> None:
    p = from_mapping(SMALL).params()
    assert p.states.member.tolist() == [1, 1, 0]
    assert p.states.permanent.tolist() == [1, 0, 0]
    assert p.states.nuclear.tolist() == [1, 0, 0]
    assert p.states.force_target.tolist() == [100, 80, 0]
    assert p.states.base_capacity[0].tolist() == [10, 0, 0]
    assert p.states.reserve_weeks.tolist() == [8, 8, 8]
    assert p.relations.stake.tolist() == [0.8, 0, 0.4, 0, 0, 0]
    assert p.relations.commitment.tolist() == [0.9]
    assert p.relations.war.tolist() == [1, 0, 1, 0, 0, 0]
    np.testing.assert_array_equal(p.routes.time, [[1, 3], [2, 1]])
    np.testing.assert_array_equal(p.routes.vulnerability, [[0.5, 0], [0, 0]])
    assert p.rules.train.weight.shape == (4,)


def test_desks_are_the_doctrines_unless_the_state_says_otherwise() -> None:
    scenario = from_mapping(SMALL)
    p = scenario.params()
    assert p.desks["procurement"]["hold"].upkeep.tolist() == [0.1, 0.1, 0.5]
    assert list(p.desks["crisis"]) == ["hold"]
    changed = scenario.with_("states.EA.desks.procurement=surge_in_war").params()
    assert changed.choice[DESKS.index("procurement")].tolist() == [0, 0, 1]
    same = scenario.with_("states.EA.desks.procurement=hold").params()
    assert same.desks["procurement"]["hold"].upkeep.tolist() == [0.1, 0.1, 0.1]


def test_coefficients_by_technology() -> None:
    one = from_mapping(SMALL).with_("states.NO.desks.technology={rule: test_campaign, tests: 2}")
    assert one.params().desks["technology"]["test_campaign"].tests[0].tolist() == [2, 2, 2]
    some = one.with_("states.NO.desks.technology.tests={rocketry: 3}")
    default = 1.5
    tests = some.params().desks["technology"]["test_campaign"].tests
    np.testing.assert_array_equal(tests[0], [default, 3, default])
    np.testing.assert_array_equal(tests[1], [default] * 3)


def test_a_program_can_hold_more_rules() -> None:
    scenario = from_mapping(SMALL)
    wide = scenario.holding({"crisis": REGISTRY["crisis"]})
    assert list(wide.params().desks["crisis"]) == sorted(REGISTRY["crisis"])
    assert (
        wide.params().choice[DESKS.index("crisis")].tolist()
        == [sorted(REGISTRY["crisis"]).index("hold")] * 3
    )
    assert wide.digest == scenario.digest
    assert wide.with_("weeks=3").rules == wide.rules
    with pytest.raises(ScenarioError, match="no rule 'nonsense'"):
        scenario.holding({"crisis": ["nonsense"]})


def test_agenda() -> None:
    a = from_mapping(SMALL).params().agenda
    assert a.week.tolist() == [2, -1]
    assert a.entry[TIMETABLE.index("visit")].tolist() == [1, 0]
    assert a.entry[TIMETABLE.index("launch")].tolist() == [0, 2]
    np.testing.assert_array_equal(a.dated, [[0], [1]])
    np.testing.assert_array_equal(a.call, [[1, 2, 0], [2, 2, 2], [2, 2, 2]])
    np.testing.assert_array_equal(a.calls, [[0, 1], [2, 2], [2, 2]])
    assert int(a.week_of_year) == 17
    assert a.first.tolist() == [17, 17, 17, 0]
    assert a.length.tolist() == [2, 2, 2, 1]
    np.testing.assert_array_equal(a.drills, [[0], [1], [2], [3]])
    assert a.joint.tolist() == [4, 4, 1, 0, 2, 4]
    assert a.alone.tolist() == [3, 4, 4]
    assert a.drill.sum(axis=0).tolist() == [0, 3, 0, 0.5]


def test_opening_world() -> None:
    scenario = from_mapping(SMALL)
    p, w = scenario.params(), scenario.world()
    assert w.expenditure.tolist() == [[200, 0, 0], [0, 0, 2.5], [0, 0, 0]]
    assert w.level.tolist() == [WAR, 2, WAR, 0, 2, 0]
    assert w.tension[0, 1] == 0.1
    assert np.trace(w.tension) == 0.0
    assert (w.embargo.tolist(), w.monitor.tolist()) == ([1, 0, 0], [1, 0, 0])
    assert w.mandate[0] == 26.0
    assert w.debt.tolist() == [0, 1.5]
    assert w.sanctions[2, 0] == 0.7
    assert w.interop.tolist() == [0, 0, 0, 0.3, 0, 0.3]
    share = p.rules.escalate.hard_share
    assert w.credence.tolist() == [share * 0.4, 0, share * 0.8, 0, 0, 0]
    own = strength(p, w)
    c = p.rules.perceive
    fired = min(2 * 100, 1000 / c.sustained + 10)  # shells per week: the rate, or what lasts
    power = 1e-6 * (c.quality_floor + (1 - c.quality_floor) * 0.5) * fired + 0.01 * 100
    assert own[0] == pytest.approx(math.log(power / c.point), rel=1e-12)
    bias = 0.5 * p.rules.perceive.bias
    np.testing.assert_allclose(w.belief[:2], own[1:] + bias, rtol=1e-15)
    for field in fields(w):
        assert getattr(w, field.name).dtype in (np.float64, np.int64), field.name


def test_nothing_is_empty_without_alliances_agenda_or_infrastructure() -> None:
    bare = small(relations={}, exercises=[], timetable=[], infrastructure={})
    for leg in bare["routes"][0]["legs"]:
        del leg["over"]
    p = from_mapping(bare).params()
    w, a = p.wiring, p.agenda
    assert p.relations.commitment.tolist() == [0.0]
    for lists in (w.alliance, w.guards, w.wards, w.shared, w.traffic // w.way.size):
        np.testing.assert_array_equal(lists, np.ones_like(lists))
    assert np.all(w.way == 1)
    assert (a.week.tolist(), a.entry.sum()) == ([-1], 0.0)
    assert (a.length.tolist(), a.drill.sum()) == ([0], 0.0)
    for lists in (a.call, a.calls, a.joint, a.alone):
        np.testing.assert_array_equal(lists, np.ones_like(lists))
    for lists in (w.toward_guard, w.toward_ward, w.our_rival, w.their_rival):
        np.testing.assert_array_equal(lists, np.full_like(lists, 2))
    assert p.routes.capacity.tolist() == [0.0]


def test_a_world_that_names_no_pair_has_one_that_nobody_finds() -> None:
    scenario = from_mapping(small(relations={}, exercises=[], timetable=[], routes=[]))
    pair = scenario.params().wiring.pair
    assert scenario.pairs == ()
    assert (pair.actor.tolist(), pair.target.tolist(), pair.once.tolist()) == ([0], [0], [0])
    np.testing.assert_array_equal(pair.place, np.ones((3, 3)))
    assert pair.each(np.ones(1)).tolist() == [0, 0, 0]
    assert pair.to_table(np.ones(1)).sum() == 0.0


def test_mutual_alliances_count_both_ways() -> None:
    data = small()
    data["relations"]["alliances"][0]["mutual"] = True
    w = from_mapping(data).params().wiring
    assert (w.protector.tolist(), w.protege.tolist()) == ([2, 1], [1, 2])


def test_a_scenario_is_its_mapping() -> None:
    scenario = from_mapping(SMALL, "small").with_("states.SO.readiness=0.3")
    again = from_mapping(scenario.mapping)
    copy = pickle.loads(pickle.dumps(scenario))
    assert again.digest == copy.digest == scenario.digest
    assert again.name == "small"
    assert scenario.digest != from_mapping(SMALL, "small").digest
    assert scenario.with_("states.SO.readiness=0.5").digest == from_mapping(SMALL, "small").digest


def test_observations_are_kept_and_change_nothing_that_is_simulated() -> None:
    said = {"date": "2023-05-20", "issuer": "SO", "office": "ministry", "source": "a paper"}
    before, after = {**said, "date": "1999-12-31"}, {**said, "date": "2100-01-01"}
    claims = [
        said | {"quantity": "containers", "route": ["NO", "SO"], "value": 100},
        said | {"quantity": "shipped_shell", "route": ["SO", "NO"], "value": 3},
        before | {"quantity": "stock_missile", "state": "SO", "value": 5.5},
        after | {"quantity": "published_SO", "route": ["NO", "SO"], "value": 7},
        after | {"quantity": "tension_mean", "value": 0.2},
    ]
    plain, scenario = (
        from_mapping(SMALL, "small"),
        from_mapping(small(observations=claims), "small"),
    )
    assert plain.observations == ()
    assert [claim.value for claim in scenario.observations] == [100, 3, 5.5, 7, 0.2]
    assert scenario.observations[0].day == date(2023, 5, 20)
    assert scenario.observations[0].route == ("NO", "SO")
    assert scenario.mapping["observations"] == claims
    assert from_mapping(scenario.mapping).observations == scenario.observations
    assert pickle.loads(pickle.dumps(scenario)).observations == scenario.observations
    changed = scenario.with_("observations.0.value=200", "observations.1.source=elsewhere")
    assert [claim.value for claim in changed.observations[:2]] == [200, 3]
    assert plain.digest == scenario.digest == changed.digest
    assert scenario.with_("observations.0.value=200", "weeks=9").digest != scenario.digest


def test_an_observation_has_no_prior() -> None:
    claim = {"date": "2023-05-20", "issuer": "SO", "source": "a paper", "quantity": "losses"}
    data = small(observations=[claim | {"state": "SO", "value": 100.0}])
    data["priors"] = {"observations.0.value": {"uniform": [0, 1]}}
    with pytest.raises(ScenarioError, match=r"^priors\.observations\.0\.value: there is no number"):
        from_mapping(data)


def test_a_mapping_is_written_alike_in_every_process() -> None:
    told = "import json, sim; print(json.dumps(sim.load().mapping))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", told],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_what_is_shipped_is_not_shared() -> None:
    load().mapping["rules"]["watch"]["detection"] = 7.0
    assert load().mapping["rules"]["watch"]["detection"] < 7.0


def test_arrays_of_a_scenario_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        from_mapping(SMALL).params().states.force_target[0] = 1.0


# Generic over params


def test_every_trait_of_a_state_is_a_key() -> None:
    told_otherwise = {"member", "permanent", "base_capacity"}
    assert {field.name for field in fields(States)} - told_otherwise <= set(State.model_fields)


def test_every_phase_has_its_file() -> None:
    assert {field.name for field in fields(Rules)} <= set(names("rules"))


# What is shipped


@pytest.mark.parametrize("name", names("scenario"))
def test_shipped_scenarios_load(name: str) -> None:
    scenario = load(name)
    scenario.draw(KEY)
    plain, medians = scenario.with_("priors=none").built, scenario.built
    np.testing.assert_allclose(plain.start.stock, medians.start.stock, rtol=1e-12)
    for path, (prior, cells) in scenario.uncertain.items():
        for address, index in cells.places:
            node: Any = plain
            for part in address:
                node = node[part] if isinstance(node, dict) else getattr(node, part)
            np.testing.assert_allclose(node[index], quantile(prior, 0.5), rtol=1e-12, err_msg=path)


@pytest.mark.parametrize("name", names("doctrine"))
def test_shipped_doctrines_fit_any_scenario(name: str) -> None:
    assert from_mapping(SMALL).with_(f"states.NO.doctrine={name}").spec.states["NO"].desks


def test_drawing_a_run_is_quick() -> None:
    scenario = load()
    scenario.draw(KEY)
    times = []
    for run in range(50):
        begun = process_time()
        scenario.draw(noise.run_key(0, run))
        times.append(process_time() - begun)
    assert np.median(times) < 2e-2  # 0.4 ms, but for type checks and busy machines


# Synthetic worlds


def test_one_more_state_changes_no_other() -> None:
    few, many = synthetic(9, seed=3), synthetic(10, seed=3)
    assert list(many["states"].items())[:9] == list(few["states"].items())

    def among_the_first(entries: list[Any]) -> list[Any]:
        return [entry for entry in entries if "S010" not in repr(entry)]

    for key in ("routes", "exercises"):
        assert among_the_first(many[key]) == few[key]
    for key in ("affinity", "alliances", "rivalries", "wars", "levels", "embargoes", "interop"):
        assert among_the_first(many["relations"][key]) == few["relations"][key]
    assert synthetic(9, seed=4)["states"] != few["states"]


@pytest.mark.parametrize("states", [2, 8, 60])
def test_synthetic_worlds(states: int) -> None:
    scenario = load("synthetic", [f"generate.states={states}", "states.S002.treasury=3.25"])
    assert len(scenario.states) == states
    assert states - 1 <= len(scenario.routes) <= 6 * states
    assert scenario.world().treasury[1] == 3.25
    if states == 60:
        assert {s.doctrine for s in scenario.spec.states.values()} == set(DOCTRINES)
        assert scenario.params().relations.war.sum() > 0
        assert scenario.world().pact.sum() > 0
        assert scenario.world().embargo.sum() > 0
