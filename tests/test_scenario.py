"""Scenarios: what they become, what is refused and how it is told, what a run draws."""

import math
import pickle
import random
from copy import deepcopy
from dataclasses import fields
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import beta as scipy_beta
from strategies import mappings

from sim import noise
from sim.desks.registry import REGISTRY
from sim.params import Rules, States
from sim.rules.perceive import strength
from sim.scenario import ScenarioError, from_mapping, load, names, read_yaml, synthetic
from sim.scenario.files import LARGEST_FILE
from sim.scenario.generate import DOCTRINES
from sim.scenario.priors import beta_quantile, quantile
from sim.scenario.schema import Prior, State
from sim.world import DESKS, TIMETABLE, WAR

KEY = noise.run_key(7, 0)

SMALL: dict[str, Any] = {
    "start": "2023-05-01",
    "weeks": 10,
    "munitions": {
        "shell": {
            "value": 0.001,
            "containers": 0.002,
            "price": 1e-6,
            "lethality": 1e-6,
            "family": "tube",
            "technology": "ammunition",
        },
        "shell_west": {
            "value": 0.002,
            "containers": 0.002,
            "price": 2e-6,
            "lethality": 1e-6,
            "family": "tube",
            "technology": "ammunition",
        },
        "missile": {
            "value": 1.0,
            "containers": 1.0,
            "price": 0.01,
            "lethality": 0.01,
            "technology": "rocketry",
        },
    },
    "technologies": {
        "ammunition": {"lesson_cost": 1.0},
        "rocketry": {
            "role": "tested",
            "lesson_cost": 2.0,
            "first": 1.0,
            "by_tech": 1.0,
            "by_trials": 0.5,
        },
        "eyes": {"role": "watching", "lesson_cost": 2.0},
    },
    "infrastructure": {"port": {"capacity": 100}, "rail": {"capacity": 50}},
    "routes": [
        {
            "from": "NO",
            "to": "SO",
            "legs": [
                {"weeks": 1, "vulnerability": 0.5, "over": "port"},
                {"weeks": 2, "over": "rail"},
            ],
        },
        {"from": "SO", "to": "NO", "legs": [{"weeks": 3}]},
    ],
    "states": {
        "NO": {
            "doctrine": "plain",
            "spending": 10,
            "force": 100,
            "baseline_fire": 0.01,
            "treasury": 2,
            "council": "permanent",
            "nuclear": True,
            "perception_bias": 0.5,
            "stock": {"shell": 1000},
            "capacity": {"shell": 10},
            "fire_rate": {"shell": 2},
            "tech": {"ammunition": 0.5, "rocketry": 1.0},
            "trials": {"rocketry": 3},
        },
        "SO": {
            "doctrine": "plain",
            "spending": 20,
            "force": 50,
            "baseline_fire": 0.01,
            "observer": True,
            "council": "elected",
            "force_target": 80,
            "stock": {"missile": 5},
            "tempo": 0.5,
            "fire_rate": {"missile": 0.1},
        },
        "EA": {
            "doctrine": "plain",
            "spending": 30,
            "force": 0,
            "baseline_fire": 0,
            "desks": {"crisis": "hold", "procurement": {"upkeep": 0.5}},
        },
    },
    "relations": {
        "affinity": [["NO", "SO", -0.5]],
        "alliances": [{"protector": "EA", "protege": "SO", "commitment": 0.9}],
        "rivalries": [{"states": ["NO", "SO"], "stake": [0.8, 0.4]}],
        "wars": [["NO", "SO"]],
        "levels": [["NO", "EA", 2]],
        "embargoes": ["NO"],
        "monitors": {"NO": 26},
        "sanctions": [["EA", "NO", 0.7]],
        "debts": [["SO", "NO", 1.5]],
        "interop": [["SO", "EA", 0.3]],
    },
    "exercises": [
        {"states": ["SO", "EA", "NO"], "kind": "air", "week_of_year": 18, "weeks": 2},
        {"states": ["NO"], "kind": "field", "week_of_year": 1, "size": 0.5},
    ],
    "timetable": [
        {"date": "2023-05-20", "kind": "visit", "actor": "NO", "target": "EA"},
        {"date": "2023-04-30", "kind": "launch", "actor": "NO", "value": 2},
    ],
    "doctrines": {
        "plain": {
            "desks": {
                "procurement": {"rule": "hold", "upkeep": 0.1},
                "transfer": "none",
                "technology": "steady",
                "training": "none",
                "crisis": "hold",
                "diplomacy": "passive",
            }
        }
    },
}


def small(**changed: Any) -> dict[str, Any]:
    return deepcopy(SMALL) | changed


def told(data: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        from_mapping(data)
    return caught.value.problems


def refused(*overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        from_mapping(SMALL).with_(*overrides)
    return caught.value.problems


# What a scenario is


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
    assert w.pair.tolist() == [1, 3]
    np.testing.assert_array_equal(w.outof, [[1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(w.into, [[0, 1], [1, 0], [0, 0]])
    np.testing.assert_array_equal(w.leg, [[1, 1], [1, 0]])
    np.testing.assert_array_equal(w.last, [[0, 1], [1, 0]])
    np.testing.assert_array_equal(w.uses[:, :, 0], [[1, 0], [0, 1]])
    assert w.uses[:, :, 1].sum() == 0.0
    np.testing.assert_array_equal(w.family, [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(w.domain, [[1, 0, 0], [1, 0, 0], [0, 1, 0]])
    assert (w.tested.tolist(), w.watching.tolist()) == ([0, 1, 0], [0, 0, 1])
    assert w.launched.sum() == 0.0
    assert (w.protector.tolist(), w.protege.tolist()) == ([2], [1])
    np.testing.assert_array_equal(w.protects, [[0, 0, 1]])
    np.testing.assert_array_equal(w.protected, [[0, 1, 0]])


def test_traits() -> None:
    p = from_mapping(SMALL).params()
    assert p.states.member.tolist() == [1, 1, 0]
    assert p.states.permanent.tolist() == [1, 0, 0]
    assert p.states.nuclear.tolist() == [1, 0, 0]
    assert p.states.force_target.tolist() == [100, 80, 0]
    assert p.states.base_capacity[0].tolist() == [10, 0, 0]
    assert p.states.reserve_weeks.tolist() == [8, 8, 8]
    assert p.relations.stake[0, 1] == 0.8
    assert p.relations.stake[1, 0] == 0.4
    assert p.relations.ally[1, 2] == p.relations.ally[2, 1] == 1.0
    assert p.relations.commitment.tolist() == [0.9]
    np.testing.assert_array_equal(p.relations.war, p.relations.war.T)
    assert p.relations.war.sum() == 2.0
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
    np.testing.assert_array_equal(a.actor, [[1, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(a.target, [[0, 0, 1], [1, 0, 0]])
    assert int(a.week_of_year) == 17
    assert a.first.tolist() == [17, 17, 17, 0]
    assert a.length.tolist() == [2, 2, 2, 1]
    np.testing.assert_array_equal(a.host, [[0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(a.guest, [[0, 0, 1], [1, 0, 0], [1, 0, 0], [1, 0, 0]])
    assert a.drill.sum(axis=0).tolist() == [0, 3, 0, 0.5]


def test_opening_world() -> None:
    scenario = from_mapping(SMALL)
    p, w = scenario.params(), scenario.world()
    assert w.expenditure.tolist() == [[200, 0, 0], [0, 0, 2.5], [0, 0, 0]]
    assert w.level.tolist() == [[0, WAR, 2], [WAR, 0, 0], [2, 0, 0]]
    assert w.tension[0, 1] == 0.1
    assert np.trace(w.tension) == 0.0
    assert (w.embargo.tolist(), w.monitor.tolist()) == ([1, 0, 0], [1, 0, 0])
    assert w.mandate[0] == 26.0
    assert w.debt.tolist() == [0, 1.5]
    assert w.sanctions[2, 0] == 0.7
    assert w.interop[1, 2] == w.interop[2, 1] == 0.3
    share = p.rules.escalate.hard_share
    assert w.credence[1, 0] == share * 0.8
    assert w.credence[0, 1] == share * 0.4
    own = strength(p, w)
    floor = p.rules.perceive.quality_floor
    points = 1000 * 0.001 * (floor + (1 - floor) * 0.5) + p.rules.perceive.soldier_value * 100
    assert own[0] == pytest.approx(math.log1p(points), rel=1e-12)
    np.testing.assert_array_equal(np.diag(w.belief), own)
    bias = 0.5 * p.rules.perceive.bias
    np.testing.assert_allclose(w.belief[0, 1:], own[1:] + bias, rtol=1e-15)
    for field in fields(w):
        assert getattr(w, field.name).dtype in (np.float64, np.int64), field.name


def test_nothing_is_empty_without_alliances_agenda_or_infrastructure() -> None:
    bare = small(relations={}, exercises=[], timetable=[], infrastructure={})
    for leg in bare["routes"][0]["legs"]:
        del leg["over"]
    p = from_mapping(bare).params()
    w, a = p.wiring, p.agenda
    assert p.relations.commitment.tolist() == [0.0]
    assert w.protects.sum() == w.protected.sum() == w.uses.sum() == p.relations.ally.sum() == 0.0
    assert (a.week.tolist(), a.entry.sum()) == ([-1], 0.0)
    assert (a.length.tolist(), a.drill.sum(), a.host.sum()) == ([0], 0.0, 0.0)
    assert p.routes.capacity.tolist() == [0.0]


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


def test_arrays_of_a_scenario_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        from_mapping(SMALL).params().states.force_target[0] = 1.0


# Overrides


def test_timetable_and_priors_can_be_emptied() -> None:
    scenario = from_mapping(small(priors={"states.NO.treasury": {"uniform": [1, 3]}}))
    bare = scenario.with_("timetable=none", "priors=none")
    assert bare.params().agenda.week.tolist() == [-1]
    assert bare.priors == ()


def test_an_override_settles_its_prior() -> None:
    priors = {
        "states.NO.treasury": {"uniform": [1, 3]},
        "states.EA.desks.procurement.upkeep": {"uniform": [0, 1]},
    }
    scenario = from_mapping(small(priors=priors))
    assert scenario.with_("states.NO.treasury=9").priors == tuple(priors)[1:]
    assert scenario.with_("states.EA.doctrine=status_quo").priors == tuple(priors)[:1]
    assert scenario.with_("states.EA.desks.procurement=surge_in_war").priors == tuple(priors)[:1]


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("states.NO.doctrin=plain", "no such key (nearest right key: doctrine)"),
        ("states.NO.doctrine=plan", "no doctrine 'plan' (nearest right key: plain)"),
        ("states.NO.desks.crysis=hold", "no such desk (nearest right key: crisis)"),
        ("states.NO.desks.crisis=hols", "no rule 'hols' (nearest right key: hold)"),
        ("states.NO.desks.procurement.upkep=1", "no such key (nearest right key: upkeep)"),
        ("states.NO.desks.procurement.upkeep=-1", "greater than or equal to 0"),
        ("states.NO.stock.shel=1", "no munition 'shel' (nearest right key: shell)"),
        ("states.NP.treasury=1", "lacks baseline_fire"),
        ("rules.watch.detecton=1", "no such key (nearest right key: detection)"),
        ("rules.watch.detection=-1", "rules.watch.detection: -1: input should be greater"),
        ("wekks=3", "no such key (nearest right key: weeks)"),
        ("weeks=1.5", "valid integer"),
        ("states.NO.treasury=true", "valid number"),
        ("states.NO.treasury='3'", "valid number"),
        ("states.NO.treasury=inf", "finite"),
        ("states.NO.treasury=nan", "finite"),
        ("start=20230501", "must be a date"),
        ("start=2023-13-01", "must be a date"),
        ("weeks=1,2", "a sweep, where one value is needed"),
        ("title=${oc.env:HOME}", "interpolations are not read"),
        ("states.NO._target_=os.system", "this key is not read"),
        ("weeks", "not of the form key=value"),
        ("rules/watch=other", "no key of a scenario"),
        ("routes.7.legs=[]", "no such key"),
        ("~rules.nothing", "no such key"),
        ("relations=3", "must be a mapping"),
        ("relations.wars=3", "must be a list"),
        ("doctrines.plain.desks.crisis=hols", "doctrines.plain.desks.crisis: there is no rule"),
    ],
)
def test_bad_overrides(override: str, problem: str) -> None:
    (line,) = refused(override)
    assert problem in line


def test_all_problems_at_once() -> None:
    problems = refused(
        "weeks=-1",
        "states.NO.force=-1",
        "rules.move.taken=2",
        "start=x",
        "relations.wars=[[NO,NO]]",
        "states.NO.desks.crisis=hols",
    )
    assert len(problems) == 6


@pytest.mark.parametrize(
    ("where", "value", "problem"),
    [
        ("routes", [{"from": "NO", "to": "NO", "legs": [{"weeks": 1}]}], "from NO to itself"),
        ("routes", SMALL["routes"] + SMALL["routes"][:1], "NO to SO stands twice"),
        ("routes", [], "at least 1 item"),
        ("relations.affinity", [["NO", "SO", 0], ["SO", "NO", 0]], "SO and NO stand twice"),
        ("relations.sanctions", [["NO", "NO", 1]], "NO and itself"),
        ("relations.levels", [["NO", "SO", 1]], "are at war already"),
        ("relations.levels", [["NO", "EA", 5]], "less than or equal to 4"),
        ("relations.debts", [["NO", "EA", 1]], "no route from NO to EA"),
        ("relations.monitors", {"SO": 3}, "no embargo on SO"),
        ("relations.embargoes", ["NO", "NO"], "stands twice"),
        ("relations.wars", [["NO", "XX"]], "there is no state 'XX'"),
        ("states.SO.observer", False, "nobody publishes estimates"),
        ("states.NO.council", "elected+permanent", "'permanent', 'elected' or 'none'"),
        ("technologies.eyes.role", "launched", "lacks first, by_tech, by_trials"),
        ("technologies.ammunition.role", "watching", "is watching already"),
        ("munitions.shell.technology", "eye", "no technology 'eye' (nearest right key: eyes)"),
        ("timetable", [{"date": "2023-05-01", "kind": "party", "actor": "NO"}], "timetable.0.kind"),
        ("timetable", [{"date": "2023-05-01", "kind": "visit", "actor": "NO"}], "needs a target"),
        ("exercises", [{"states": ["NO", "NO"], "kind": "air", "week_of_year": 1}], "stands twice"),
        ("states", {"NO": SMALL["states"]["NO"]}, "at least 2 items"),
        ("states.toolong", SMALL["states"]["NO"], "should match pattern"),
        ("priors", {"states.NO.treasuri": {"uniform": [0, 1]}}, "nearest right key: treasury"),
        ("priors", {"states.XX.treasury": {"uniform": [0, 1]}}, "no such path"),
        ("priors", {"states.NO.readiness": {"uniform": [2, 3]}}, "less than or equal to 1"),
        ("priors", {"weeks": {"uniform": [2, 2]}}, "valid integer"),
        ("priors", {"timetable.0.value": {"uniform": [0, 1]}}, "no number that a run may set"),
        ("priors", {"states.NO.treasury": {"uniform": [3, 1]}}, "a uniform law is [low, high]"),
        ("priors", {"states.NO.treasury": {"cauchy": [3, 1]}}, "no such key"),
        ("priors", {"states.NO.treasury": {}}, "must name one law"),
    ],
)
def test_bad_data(where: str, value: Any, problem: str) -> None:
    data: Any = small()
    *way, last = where.split(".")
    here = data
    for part in way:
        here = here[part]
    here[last] = value
    assert any(problem in line for line in told(data)), told(data)


def test_what_is_no_data_at_all() -> None:
    assert told([1]) == ["scenario: must be a mapping of keys to values"]
    assert "no plain data" in told(small(title=object()))[0]
    assert "a key must be text" in told(small() | {True: 1})[0]
    assert any(line.startswith("scenario: lacks") for line in told({}))


_JUNK = st.sampled_from(
    [None, True, -1, 0, 1e308, float("nan"), 10**400, "", "x", "PRK", [], [None], {}, {"x": 1}]
)


@given(mappings(4), st.integers(0, 2**32), _JUNK)
@settings(max_examples=60, deadline=None)
def test_junk_anywhere_is_told_and_never_crashes(data: Any, seed: int, junk: Any) -> None:
    rng = random.Random(seed)
    here = data
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = rng.choice(keys)
        inside = here[key]
        if not isinstance(inside, dict | list) or not inside or rng.random() < 0.2:
            break
        here = inside
    here[key] = junk
    problems = ["scenario: none"]
    try:
        from_mapping(data)
    except ScenarioError as error:
        problems = error.problems
    assert problems
    assert all(": " in line for line in problems)


# Files


def _written(path: Any, content: bytes) -> Any:
    path = path / "mine.yaml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: &x 1\nb: *x", "anchors and aliases are not read (line 1)"),
        (b"a: *x", "aliases"),
        (b"a: !!python/object/apply:os.system [ls]", "tags are not read"),
        (b"a: !!binary aGk=", "tags are not read"),
        (b"a: ${oc.env:HOME}", "a: interpolations are not read"),
        (b"a: {_target_: os.system}", "a._target_: this key is not read"),
        (b"hydra: {run: {dir: x}}", "hydra: this key is not read"),
        (b"a: 1\na: 2", "'a' stands twice (line 2)"),
        (b"- 1", "must hold a mapping"),
        (b"", "must hold a mapping"),
        (b"a: [1", "line"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"1: 2\n3.5: 4", "no such"),
        (b"a: " + b"[" * 5000, "nested deeper"),
        (b"a: " + b"9" * 5000, "mine.yaml"),
        (b"a: '" + b"x" * LARGEST_FILE + b"'", "larger than 2 MB"),
        (b"? [1, 2]\n: 3", "mine.yaml"),
    ],
)
def test_files_that_are_refused(tmp_path: Any, content: bytes, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_mapping(read_yaml(_written(tmp_path, content)))
    assert any(problem in line or "text" in line for line in caught.value.problems)


def test_words_of_old_yaml_stay_words(tmp_path: Any) -> None:
    text = b"on: off\nno: yes\ndate: 2023-05-01\nsmall: 1e-3\ntrue_: true\nempty:\nn: 1_000"
    assert read_yaml(_written(tmp_path, text)) == {
        "on": "off", "no": "yes", "date": "2023-05-01", "small": 1e-3, "true_": True,
        "empty": None, "n": 1000,
    }  # fmt: skip


def test_own_files(tmp_path: Any) -> None:
    text = b"# @package _global_\ngenerate: {states: 3, seed: 4}\nstates: {S002: {treasury: 77}}"
    path = _written(tmp_path, text)
    scenario = load(path, ["weeks=5", "states.S001.treasury=66"])
    assert scenario.name == "mine"
    assert scenario.world().treasury[:2].tolist() == [66, 77]
    with pytest.raises(ScenarioError, match="No such file"):
        load("nowhere.yaml")
    with pytest.raises(ScenarioError, match="nearest right key: northeast_asia_2023"):
        load("northeast_asia_2024")
    assert load("nonsense", ["scenario=synthetic"]).name == "synthetic"


# Priors


def test_medians_stand_in_params() -> None:
    priors = {
        "states.NO.stock.shell": {"lognormal": [500, 0.3]},
        "rules.watch.detection": {"uniform": [0.1, 0.3]},
        "states.EA.readiness": {"beta": [2, 2]},
        "relations.rivalries.0.stake.1": {"normal": [0.3, 0.1]},
    }
    scenario = from_mapping(small(priors=priors))
    assert scenario.world().stock[0, 0] == 500
    assert scenario.params().rules.watch.detection == pytest.approx(0.2)
    assert scenario.world().readiness[2] == pytest.approx(0.5)
    assert scenario.params().relations.stake[1, 0] == 0.3
    assert scenario.with_("priors=none").world().stock[0, 0] == 1000


def test_a_run_draws_its_own() -> None:
    priors = {
        "states.NO.stock.shell": {"lognormal": [500, 0.3]},
        "states.NO.force": {"normal": [100, 20]},
        "states.EA.desks.procurement.upkeep": {"uniform": [0.0, 1.0]},
        "rules.move.taken": {"normal": [1.0, 1.0]},
    }
    scenario = from_mapping(small(priors=priors))
    params, world, values = scenario.draw(KEY)
    assert tuple(values) == scenario.priors == tuple(priors)
    u = noise.initial_uniform(KEY, "prior:states.NO.stock.shell")
    drawn = quantile(Prior(lognormal=(500, 0.3)), u)
    assert world.stock[0, 0] == values["states.NO.stock.shell"] == drawn
    assert world.force[0] == params.states.force_target[0] == values["states.NO.force"]
    assert params.states.force_target[1] == 80
    assert (
        params.desks["procurement"]["hold"].upkeep[2]
        == values["states.EA.desks.procurement.upkeep"]
    )
    np.testing.assert_array_equal(np.diag(world.belief), strength(params, world))
    takes = [scenario.draw(noise.run_key(1, run))[0].rules.move.taken for run in range(20)]
    assert max(takes) == 1.0
    assert min(takes) < 1.0
    again = scenario.draw(KEY)
    assert again[2] == values
    assert scenario.params().rules.move.taken == 1.0


def test_a_sweep_sets_numbers_without_another_scenario() -> None:
    scenario = from_mapping(small(priors={"states.NO.treasury": {"uniform": [1, 3]}}))
    point = {"states.NO.treasury": 9.0, "rules.watch.detection": 0.25}
    params, world, values = scenario.draw(KEY, point)
    other_params, other_world, _ = scenario.with_(*(f"{k}={v}" for k, v in point.items())).draw(KEY)
    assert (world.treasury[0], values) == (9.0, {"states.NO.treasury": 9.0})
    assert params.rules.watch.detection == other_params.rules.watch.detection == 0.25
    np.testing.assert_array_equal(world.treasury, other_world.treasury)
    assert scenario.bounds("states.NO.readiness") == (0.0, 1.0)
    with pytest.raises(ScenarioError, match="no number that a run may set"):
        scenario.bounds("states.NO.doctrine")


def test_hard_types_are_drawn_by_stake() -> None:
    scenario = from_mapping(SMALL)
    share = float(scenario.params().rules.escalate.hard_share)
    drawn = np.mean([scenario.draw(noise.run_key(3, r))[1].hard for r in range(1000)], axis=0)
    expected = share * np.asarray([[0, 0.8, 0], [0.4, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(drawn, expected, atol=5 * 0.5 / math.sqrt(1000))
    assert np.all(drawn[expected == 0.0] == 0.0)


@given(st.floats(0.05, 500), st.floats(0.05, 500), st.floats(1e-9, 1 - 1e-9))
@example(1.0, 1.0, 0.5)
@example(0.5, 0.5, 0.001)
@settings(max_examples=200, deadline=None)
def test_beta_quantile(a: float, b: float, u: float) -> None:
    x = beta_quantile(a, b, u)
    expected = scipy_beta.ppf(u, a, b)
    assert x == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_quantiles() -> None:
    assert quantile(Prior(uniform=(2, 4)), 0.25) == 2.5
    assert quantile(Prior(lognormal=(3, 0.7)), 0.5) == 3
    upper = 0.8413447460685429
    assert quantile(Prior(normal=(1, 2)), upper) == pytest.approx(3)
    assert quantile(Prior(lognormal=(3, 0.7)), upper) == pytest.approx(3 * math.exp(0.7))


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
        begun = perf_counter()
        scenario.draw(noise.run_key(0, run))
        times.append(perf_counter() - begun)
    assert np.median(times) < 3e-3


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
        assert scenario.params().relations.ally.sum() > 0
        assert scenario.world().embargo.sum() > 0
