"""Scenarios: overrides, what is refused, and how it is told."""

import math
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import mappings

from sim.scenario import ScenarioError, from_mapping, load, read_yaml
from sim.scenario.files import LARGEST_FILE

SMALL = read_yaml(Path(__file__).parent.parent / "three_states.yaml")


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
        ("states.NO.desks.procurement.upkeep=-1", "must be from 0 to 5"),
        ("states.NO.stock.shel=1", "no munition 'shel' (nearest right key: shell)"),
        ("states.NP.treasury=1", "lacks baseline_fire"),
        ("rules.watch.detecton=1", "no such key (nearest right key: detection)"),
        ("rules.watch.detection=-1", "rules.watch.detection: -1: must be from 0 to 10"),
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
        ("rules/watch=other", "is not a key of a scenario"),
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
        ("relations.affinity", [["NO", "SO", 0], ["SO", "NO", 0]], "SO and NO stand twice"),
        ("relations.sanctions", [["NO", "NO", 1]], "NO and itself"),
        ("relations.levels", [["NO", "SO", 1]], "are at war already"),
        ("relations.levels", [["NO", "EA", 5]], "must be from 0 to 4"),
        ("relations.debts", [["NO", "EA", 1]], "no route from NO to EA"),
        ("relations.monitors", {"SO": 3}, "no embargo on SO"),
        ("relations.embargoes", ["NO", "NO"], "stands twice"),
        ("relations.wars", [["NO", "XX"]], "there is no state 'XX'"),
        ("states.NO.council", "elected+permanent", "'permanent', 'elected' or 'none'"),
        ("technologies.eyes.role", "launched", "lacks first, by_tech, by_trials"),
        ("technologies.ammunition.role", "watching", "is watching already"),
        ("munitions.shell.technology", "eye", "no technology 'eye' (nearest right key: eyes)"),
        ("timetable", [{"date": "2023-05-01", "kind": "party", "actor": "NO"}], "timetable.0.kind"),
        ("timetable", [{"date": "2023-05-01", "kind": "visit", "actor": "NO"}], "needs a target"),
        (
            "timetable",
            [{"date": "2023-05-01", "kind": "treaty", "actor": "NO", "target": "SO"}],
            "the two have no alliance with signed: false",
        ),
        ("exercises", [{"states": ["NO", "NO"], "kind": "air", "week_of_year": 1}], "stands twice"),
        ("states", {"NO": SMALL["states"]["NO"]}, "at least 2 items"),
        ("states.toolong", SMALL["states"]["NO"], "a code of two to six capitals"),
        ("priors", {"states.NO.treasuri": {"uniform": [0, 1]}}, "nearest right key: treasury"),
        ("priors", {"states.XX.treasury": {"uniform": [0, 1]}}, "no such path"),
        ("priors", {"states.NO.readiness": {"uniform": [2, 3]}}, "must be from 0 to 1"),
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
    assert "not plain data" in told(small(title=object()))[0]
    assert "a key must be text" in told(small() | {True: 1})[0]
    assert any(line.startswith("scenario: lacks") for line in told({}))


_JUNK = st.sampled_from(
    [None, True, -1, 0, 1e308, math.nan, 10**400, "", "x", "PRK", [], [None], {}, {"x": 1}]
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
