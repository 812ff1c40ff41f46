"""Which pairs of states a scenario lists, why, and what else changes with who is listed: wars."""

import re
from collections.abc import Iterable
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import mappings
from unchecked import unchecked

import sim
from sim.scenario import Scenario, ScenarioError, from_mapping, load, names, read_yaml
from sim.scenario.pairs import BUNDLE, listed_pairs, pairs_of, reasons

SMALL = read_yaml(Path(__file__).parent.parent / "three_states.yaml")
BARE = deepcopy(SMALL) | {"relations": {}, "exercises": [], "timetable": [], "routes": []}
for state in BARE["states"].values():
    state["force"] = 10  # something to wage a war with
"""NO, SO and EA, which nothing names together."""
ALLIED = {"protector": "EA", "protege": "NO", "commitment": 1}
DRILL = {"kind": "air", "week_of_year": 5}
PRIOR = {"priors": {"relations.rivalries.0.stake": {"uniform": [0.0, 1.0]}}}


def of_relations(**relations: Any) -> dict[str, Any]:
    return BARE | {"relations": relations}


def why(data: dict[str, Any]) -> dict[str, list[str]]:
    """What names each pair, both ways, in the order of the list: `NO-SO`, `SO-NO`, ..."""
    scenario = from_mapping(data)
    found, codes = reasons(scenario.spec), scenario.states
    both = [(codes[i], codes[j]) for i, j in scenario.pairs]
    assert {frozenset(pair) for pair in both} == set(found)
    return {f"{a}-{b}": found[frozenset((a, b))] for a, b in both}


# Which


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (of_relations(rivalries=[{"states": ["EA", "NO"], "stake": 0.5}]), "rivalry"),
        (of_relations(alliances=[ALLIED]), "alliance"),
        (of_relations(wars=[["EA", "NO"]]), "war"),
        (of_relations(levels=[["EA", "NO", 3]]), "level"),
        (of_relations(interop=[["EA", "NO", 0.2]]), "interop"),
        (of_relations(reach=[["EA", "NO", 0.2]]), "reach"),
        (of_relations(unenforceable=[["EA", "NO", 0.2]]), "unenforceable"),
        (of_relations(relevant=[["EA", "NO"]]), "relevant"),
        (BARE | {"routes": [{"from": "EA", "to": "NO", "legs": [{"weeks": 1}]}]}, "route"),
        (BARE | {"exercises": [{"states": ["EA", "NO"], **DRILL}]}, "exercise"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pair_is_listed_both_ways_because_something_names_it(
    data: dict[str, Any], reason: str
) -> None:
    assert why(data) == {"NO-EA": [reason], "EA-NO": [reason]}
    assert from_mapping(data).pairs == ((0, 2), (2, 0))


@pytest.mark.parametrize(
    ("relations", "mutual"),
    [
        ({"rivalries": [{"states": ["NO", "SO"], "stake": 0.5}]}, False),
        ({"rivalries": [{"states": ["SO", "NO"], "stake": 0.5}]}, False),
        ({"wars": [["NO", "SO"]]}, False),
        ({"rivalries": [{"states": ["EA", "SO"], "stake": 0.5}]}, True),
    ],
)
def test_a_protector_is_listed_with_whom_its_protege_is_at_odds(
    relations: dict[str, Any], mutual: bool
) -> None:
    bond = {"protector": "EA", "protege": "NO", "commitment": 0.5, "mutual": mutual}
    found = why(of_relations(alliances=[bond], **relations))
    third = "NO-SO" if mutual else "SO-EA"  # mutual: NO protects EA, the rival of SO
    assert found[third] == found["-".join(reversed(third.split("-")))] == ["protector"]
    assert why(of_relations(alliances=[bond])) == {"NO-EA": ["alliance"], "EA-NO": ["alliance"]}


def test_every_reason_is_told_once_in_the_order_of_the_file() -> None:
    assert why(SMALL) == {
        "NO-SO": ["rivalry", "war", "route", "exercise"],
        "NO-EA": ["protector", "level", "exercise"],
        "SO-NO": ["rivalry", "war", "route", "exercise"],
        "SO-EA": ["alliance", "interop", "exercise"],
        "EA-NO": ["protector", "level", "exercise"],
        "EA-SO": ["alliance", "interop", "exercise"],
    }


@pytest.mark.parametrize(
    "data",
    [
        of_relations(rivalries=[{"states": ["NO", "SO"], "stake": 0}]),
        of_relations(rivalries=[{"states": ["NO", "SO"], "stake": [0, 0]}]),
        of_relations(rivalries=[{"states": ["NO", "SO"], "stake": 0}]) | PRIOR,
        of_relations(alliances=[{"protector": "NO", "protege": "SO", "commitment": 0}]),
        of_relations(levels=[["NO", "SO", 0]]),
        of_relations(interop=[["NO", "SO", 0]]),
        BARE | {"exercises": [{"states": ["NO", "SO"], **DRILL, "size": 0}]},
    ],
)
def test_a_pair_is_listed_whatever_the_number_that_names_it(data: dict[str, Any]) -> None:
    """A prior or a sweep may set the number, and shapes must not depend on it."""
    assert [*why(data)] == ["NO-SO", "SO-NO"]


def test_a_sweep_over_a_stake_is_one_structure() -> None:
    scenario = from_mapping(of_relations(rivalries=[{"states": ["NO", "SO"], "stake": 0.5}]))
    assert scenario.with_("relations.rivalries.0.stake=0").pairs == scenario.pairs
    world = scenario.draw(sim.noise.run_key(0, 0), {"relations.rivalries.0.stake": 0.0})[0]
    assert world.relations.stake.tolist() == [0.0, 0.0]


def test_an_exercise_names_every_two_of_its_states() -> None:
    assert why(BARE | {"exercises": [{"states": ["EA"], **DRILL}]}) == {}
    found = why(BARE | {"exercises": [{"states": ["EA", "NO", "SO"], **DRILL}]})
    assert [*found] == ["NO-SO", "NO-EA", "SO-NO", "SO-EA", "EA-NO", "EA-SO"]


def test_what_passes_between_strangers_names_no_pair() -> None:
    """Feelings, sanctions and what the Council or the timetable says reach every state."""
    relations = {
        "affinity": [["NO", "SO", 0.5]],
        "tension": [["NO", "SO", 0.5]],
        "sanctions": [["NO", "SO", 0.5]],
        "embargoes": ["NO"],
        "monitors": {"NO": 10},
    }
    visit = {"date": "2023-05-08", "kind": "visit", "actor": "NO", "target": "SO"}
    assert why(of_relations(**relations) | {"timetable": [visit]}) == {}


def test_all_lists_every_pair_with_what_else_names_it() -> None:
    found = why(of_relations(relevant="all", levels=[["SO", "EA", 1]]))
    assert found == {
        "NO-SO": ["relevant"],
        "NO-EA": ["relevant"],
        "SO-NO": ["relevant"],
        "SO-EA": ["relevant", "level"],
        "EA-NO": ["relevant"],
        "EA-SO": ["relevant", "level"],
    }


@given(mappings())
@settings(deadline=None, max_examples=25)
def test_pairs_are_sorted_and_come_both_ways(data: dict[str, Any]) -> None:
    pairs = listed_pairs(from_mapping(data).spec)
    assert pairs == sorted(set(pairs))
    assert {(j, i) for i, j in pairs} == set(pairs)
    assert all(i != j for i, j in pairs)


# What is refused


@pytest.mark.parametrize(
    ("relevant", "sentence"),
    [
        ([["NO", "SOO"]], "relations.relevant.0.1: there is no state 'SOO'"),
        ([["NO", "NO"]], "relations.relevant.0: NO and itself"),
        ([["NO", "SO"], ["NO", "SO"]], "relations.relevant.1: NO and SO stand twice"),
        ([["NO", "SO"], ["SO", "NO"]], "relations.relevant.1: SO and NO stand twice"),
        ([["NO", "SO", "EA"]], "relations.relevant.0: tuple should have at most 2 items"),
        ("every", "relations.relevant: must be a list of pairs, or all"),
        ([["NO"]], "relations.relevant.0: lacks 1"),
    ],
)
def test_a_wrong_list_is_refused_in_a_sentence(relevant: Any, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(sentence)):
        from_mapping(of_relations(relevant=relevant))


# As arrays


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_what_pairs_find_is_what_a_loop_finds(seed: int) -> None:
    """Also for an actor of many pairs, which are summed in bundles."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 3 * BUNDLE))
    some = [pair for pair in combinations(range(size), 2) if rng.random() < rng.choice([0.05, 0.9])]
    some += [(0, j) for j in range(1, size) if seed % 2 and (0, j) not in some]
    listed = sorted([*some, *((j, i) for i, j in some)])
    pair = pairs_of(listed, size)
    x = rng.uniform(-1.0, 1.0, max(1, len(listed)))
    table = np.zeros((size, size))
    for place, (i, j) in enumerate(listed):
        table[i, j] = x[place]
        assert (pair.actor[place], pair.target[place]) == (i, j)
        assert listed[pair.reverse[place]] == (j, i)
        assert pair.cell[place] == i * size + j
        assert pair.once[place] + pair.once[pair.reverse[place]] == 1.0
    np.testing.assert_array_equal(pair.to_table(x), table)
    np.testing.assert_allclose(pair.each(x), table.sum(axis=1), atol=1e-12)
    np.testing.assert_array_equal(pair.highest(np.abs(x)), np.abs(table).max(axis=1))
    if listed:
        np.testing.assert_array_equal(pair.from_table(table), x)
        np.testing.assert_array_equal(pair.to_table(pair.back(x)), table.T)
        of, toward = (f(np.arange(float(size))).tolist() for f in (pair.of, pair.toward))
        assert [*zip(of, toward, strict=True)] == listed


# That who else is listed changes nothing but who can join a war


NOTHING = ("level", "credence", "interop", "front", "exercises")
"""Columns that are 0 between strangers."""


def strangers(scenario: Scenario) -> list[tuple[str, str]]:
    """The pairs that a scenario does not list, each once."""
    pairs, codes = set(scenario.pairs), scenario.states
    return [
        (codes[i], codes[j]) for i, j in combinations(range(len(codes)), 2) if (i, j) not in pairs
    ]


def bystanders(scenario: Scenario) -> set[frozenset[str]]:
    """Strangers of whom one protects a state that the other is listed with.

    A protector joins a war against those alone with whom it is listed: listing such two may change
    who is at war, and so everything.
    """
    pairs, codes = set(scenario.pairs), scenario.states
    bonds = {
        bond
        for alliance in scenario.spec.relations.alliances
        for bond in [
            (alliance.protector, alliance.protege),
            *[(alliance.protege, alliance.protector)] * alliance.mutual,
        ]
    }
    return {
        frozenset((protector, other))
        for protector, protege in bonds
        for i, other in enumerate(codes)
        if other != protector and (i, codes.index(protege)) in pairs
    }


def without_bearing(scenario: Scenario) -> list[tuple[str, str]]:
    """The strangers whose listing changes no number of any other."""
    heeded = bystanders(scenario)
    return [pair for pair in strangers(scenario) if frozenset(pair) not in heeded]


def listing(scenario: Scenario, more: Iterable[tuple[str, str]]) -> Scenario:
    """The scenario with more pairs under `relevant`."""
    relations = scenario.mapping.get("relations", {})
    relevant = [*relations.get("relevant", []), *map(list, more)]
    return from_mapping(scenario.mapping | {"relations": relations | {"relevant": relevant}})


def assert_only_rows_are_added(scenario: Scenario, larger: Scenario) -> None:
    """Hold all numbers equal but for the rows of `dyads` of pairs that the larger one adds.

    To 1e-12: sums over an actor's pairs go over more of them.
    """
    added = set(larger.pairs) - set(scenario.pairs)
    with unchecked():
        ours, theirs = (
            sim.run(s, runs=2, seed=5, engine="reference", workers=1) for s in (scenario, larger)
        )
    rows = pd.MultiIndex.from_frame(theirs.dyads[["state", "target"]].astype(str))
    new = rows.isin([(larger.states[i], larger.states[j]) for i, j in added])
    for mine, other in (
        (ours.runs, theirs.runs),
        (ours.weeks, theirs.weeks),
        (ours.routes, theirs.routes),
        (ours.events, theirs.events),
        (ours.dyads, theirs.dyads[~new].reset_index(drop=True)),
    ):
        pd.testing.assert_frame_equal(mine, other, rtol=1e-12, atol=1e-12)
    weeks = len(theirs.dyads[["run", "week"]].drop_duplicates())
    assert new.sum() == len(added) * weeks
    assert not theirs.dyads.loc[new, list(NOTHING)].any(axis=None)


def some_of(pairs: list[tuple[str, str]], random: Random) -> list[tuple[str, str]]:
    """One pair or more of them."""
    return random.sample(pairs, random.randint(1, len(pairs))) if pairs else []


@pytest.mark.parametrize("name", names("scenario"))
def test_a_listed_stranger_changes_nothing_of_a_shipped_scenario(name: str) -> None:
    scenario = load(name, ["weeks=26"])
    if others := without_bearing(scenario):
        more = some_of(others, Random(name))
        assert_only_rows_are_added(scenario, listing(scenario, more))
        assert_only_rows_are_added(scenario, listing(scenario, others))
    else:
        every = {frozenset(pair) for pair in combinations(scenario.states, 2)}
        listed = {frozenset(scenario.states[i] for i in pair) for pair in scenario.pairs}
        assert every - listed <= bystanders(scenario)


@pytest.mark.filterwarnings("ignore:.*needs nothing:sim.scenario.warn.ScenarioWarning")
@given(mappings(most_weeks=10), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_listed_stranger_changes_nothing_of_a_drawn_world(
    data: dict[str, Any], random: Random
) -> None:
    scenario = from_mapping(data)
    others = without_bearing(scenario)
    assume(others)
    assert_only_rows_are_added(scenario, listing(scenario, some_of(others, random)))


class Attacks(sim.Policy):
    """Presses the South, with whom it has no quarrel."""

    def decide(self, me: Any) -> None:
        me.press("SO")


def test_a_protector_joins_those_alone_with_whom_it_is_listed() -> None:
    """The one exception, in `docs/odd.md` 2: the attack of a state that no stake had announced."""
    relations = {"relevant": [["NO", "SO"]], "alliances": [ALLIED | {"protege": "SO"}]}
    data = of_relations(**relations)
    states = {code: state | {"desks": {"crisis": "hold"}} for code, state in data["states"].items()}
    rules = {"escalate": {"one": 1, "war": 1, "act_force": 1, "act_caution": 0, "ladder": 0}}
    states = {code: state | {"readiness": 1} for code, state in states.items()}
    rules["escalate"] |= {"interop_weight": 0, "act_threat": 1e-6, "act_display": 0}
    scenario = from_mapping(data | {"rules": data.get("rules", {}) | rules, "states": states})
    assert bystanders(scenario) == {frozenset(("EA", "NO"))}
    assert without_bearing(scenario) == []
    larger = listing(scenario, [("NO", "EA")])
    attacked = [s.with_policy("NO", Attacks) for s in (scenario, larger)]
    with pytest.raises(AssertionError):
        assert_only_rows_are_added(*attacked)
    joined = []
    for s in attacked:
        events = sim.run(s, runs=2, seed=5, engine="reference", workers=1).events
        joined.append(int((events["kind"] == "joined").sum()))
    assert joined[0] == 0 < joined[1]


def test_a_pair_that_is_no_stranger_changes_something() -> None:
    """The comparison can fail: two at odds, of which a scenario would not know."""
    scenario = from_mapping(of_relations())
    larger = from_mapping(of_relations(levels=[["NO", "SO", 3]]))
    with pytest.raises(AssertionError):
        assert_only_rows_are_added(scenario, larger)
