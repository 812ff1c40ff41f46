"""The table of event kinds: closed, ordered, weighed from public scales."""

import ast
from pathlib import Path

import numpy as np
import pytest
from between import events_between

import sim
from sim import events
from sim.events import AXES, EVENTS, GOLDSTEIN, SCALES, TABLE, Event
from sim.scenario import from_mapping, read_yaml

OUTCOMES = {"delivered", "interdicted", "test_failed", "monitor_ended", "defeated"}
OUTCOMES |= {"test_day", "launch_postponed", "imposed", "renewed", "condemned"}
SMALL = read_yaml(Path(__file__).parent / "three_states.yaml")
BY_NAME = {event.name: event for event in TABLE}


def test_codes_count_the_table_and_names_are_its_order() -> None:
    assert [event.code for event in TABLE] == list(range(len(TABLE)))
    assert tuple(event.name for event in TABLE) == EVENTS
    assert len(set(EVENTS)) == len(EVENTS)


PUBLISHED = (
    ("shipment_departed", 0, "072", 0, 8.3, 12, True),
    ("delivered", 1, "072", 0, 0.0, 0, False),
    ("interdicted", 2, "1711", 0, 0.0, 0, False),
    ("lesson_taught", 3, "064", 0, 7.0, 4, True),
    ("test", 4, "150", 3, -7.2, 4, True),
    ("test_failed", 5, "150", 0, 0.0, 0, False),
    ("launch_announced", 6, "010", 0, 0.0, 0, True),
    ("launch_succeeded", 7, "150", 0, -7.2, 4, True),
    ("launch_failed", 8, "150", 0, -7.2, 4, True),
    ("exercise", 9, "062", 0, 7.4, 4, True),
    ("visit", 10, "042", 0, 1.9, -2, False),
    ("disclosure", 11, "112", 0, -2.0, 12, False),
    ("joint_statement", 12, "111", 0, -2.0, 12, False),
    ("denial", 13, "016", 0, -2.0, 0, True),
    ("draft", 14, "1312", 0, -5.8, 12, False),
    ("adopted", 15, "163", 0, -8.0, 12, False),
    ("vetoed", 16, "129", 0, -5.0, 0, True),
    ("monitor_ended", 17, "1662", 0, 0.0, 0, False),
    ("coalition_monitor", 18, "093", 0, -2.0, 0, False),
    ("sanction", 19, "163", 0, -8.0, 12, False),
    ("challenge", 20, "138", 2, -7.0, 12, False),
    ("resisted", 21, "124", 2, -4.0, 4, False),
    ("conceded", 22, "083", 0, 5.0, -2, False),
    ("backed_down", 23, "080", 0, 5.0, -2, False),
    ("incident", 24, "150", 3, -7.2, 12, False),
    ("level_up", 25, "154", 3, -7.2, 12, False),
    ("level_down", 26, "087", 0, 9.0, -2, False),
    ("ceasefire", 27, "0871", 0, 9.0, -2, False),
    ("joined", 28, "190", 5, -10.0, 28, False),
    ("defeated", 29, "080", 0, 0.0, 0, False),
    ("agreement", 30, "057", 0, 8.0, 0, True),
    ("test_day", 31, "150", 0, 0.0, 0, False),
    ("launch_postponed", 32, "010", 0, 0.0, 0, False),
    ("imposed", 33, "163", 0, 0.0, 0, False),
    ("renewed", 34, "163", 0, 0.0, 0, False),
    ("condemned", 35, "111", 0, 0.0, 0, False),
    ("relief", 36, "0254", 0, -0.3, 0, True),
    ("lifted", 37, "085", 0, 7.0, -2, False),
    ("upheld", 38, "129", 0, -5.0, 0, False),
    ("treaty", 39, "057", 0, 8.0, 0, True),
)
"""Every kind: name, code, CAMEO, MID, Goldstein, Rivera, third party. A published result names an
event by its code: append, never insert."""


def test_kinds_of_events_are_for_ever() -> None:
    columns = ("name", "code", "cameo", "mid", "goldstein", "rivera", "third_party")
    assert tuple(tuple(getattr(event, c) for c in columns) for event in TABLE) == PUBLISHED


AXES_OF = {
    "state": (
        *("test", "test_failed", "launch_announced", "launch_succeeded", "launch_failed"),
        *(
            "denial",
            "adopted",
            "monitor_ended",
            "coalition_monitor",
            "test_day",
            "launch_postponed",
        ),
        *("imposed", "renewed", "condemned", "lifted"),
    ),
    "meeting": ("exercise",),
    "member state": ("vetoed", "upheld"),
    "state state": ("visit", "disclosure", "joint_statement", "draft", "sanction", "relief"),
}
"""Where a kind can happen; every other kind between two that are listed as a pair."""


def test_where_a_kind_can_happen_is_for_ever() -> None:
    """A phase of one's own emits its events with these axes."""
    told = {name: axes for axes, names in AXES_OF.items() for name in names}
    assert {name: told.get(name, "pair") for name in EVENTS} == AXES
    assert len(told) == sum(map(len, AXES_OF.values()))


@pytest.fixture(scope="module")
def world() -> sim.Scenario:
    """NO and SO are at war and members of the Council; EA has an exercise with SO."""
    exercise = {"states": ["SO", "EA"], "kind": "air", "week_of_year": 1}
    return from_mapping(
        SMALL | {"exercises": [exercise], "relations": {"wars": [["NO", "SO"]]}, "routes": []}
    )


def test_counts_have_the_shape_of_their_axes(world: sim.Scenario) -> None:
    wiring = world.params().wiring
    assert world.pairs == ((0, 1), (1, 0), (1, 2), (2, 1))
    shapes = {axes: events.shape(kind, wiring) for kind, axes in AXES.items()}
    assert shapes == {
        "state": (3,),
        "pair": (4,),
        "meeting": (7,),
        "member state": (2, 3),
        "state state": (3, 3),
    }
    nothing = events.none_happened(wiring)
    assert {kind: count.shape for kind, count in nothing.items()} == {
        kind: shapes[axes] for kind, axes in AXES.items()
    }
    assert tuple(nothing) == EVENTS
    assert not events.counted(nothing).any()


def test_each_count_stands_for_a_kind_and_two_states_in_the_order_of_rows(
    world: sim.Scenario,
) -> None:
    wiring = world.params().wiring
    places = events.event_places(wiring)
    rows = list(map(tuple, np.stack([places.kind, places.actor, places.target], -1).tolist()))
    assert rows == sorted(set(rows))
    nothing = events.none_happened(wiring)
    for kind, zeros in nothing.items():
        for where in np.ndindex(zeros.shape):
            one = zeros.copy()
            one[where] = 2.0
            counts = events.counted({**nothing, kind: one})[places.order]
            (row,) = np.flatnonzero(counts)
            table = np.zeros((3, 3))
            table[rows[row][1:]] = counts[row]
            assert EVENTS[rows[row][0]] == kind
            np.testing.assert_array_equal(table, events_between(kind, one, wiring))


@pytest.mark.parametrize("event", TABLE, ids=EVENTS)
def test_weights_come_from_the_scales(event: Event) -> None:
    assert event.cameo in GOLDSTEIN
    assert event.mid in {0, 2, 3, 4, 5}
    assert event.rivera in {-2, 0, 4, 12, 28, 60}
    assert event.definition
    expected = 0.0 if event.name in OUTCOMES else GOLDSTEIN[event.cameo]
    assert event.goldstein == expected


@pytest.mark.parametrize("name", sorted(OUTCOMES))
@pytest.mark.parametrize("scale", SCALES)
def test_an_outcome_weighs_nothing_since_its_act_was_scored(name: str, scale: str) -> None:
    assert BY_NAME[name].weight(scale) == 0.0


def test_military_aid_is_cooperative_for_goldstein_and_escalatory_for_rivera() -> None:
    shipment = BY_NAME["shipment_departed"]
    assert (shipment.cameo, shipment.goldstein, shipment.rivera) == ("072", 8.3, 12)


def test_the_scales_disagree_on_what_falls_on_third_parties_alone() -> None:
    for event in TABLE:
        weights = [event.escalation(scale) for scale in SCALES]
        if min(weights) < 0.0 < max(weights):
            assert event.third_party, event.name


def test_who_presses_names_its_target() -> None:
    named = {"challenge", "resisted", "conceded", "backed_down", "incident", "level_up", "sanction"}
    named |= {"joined"}
    assert not any(BY_NAME[name].third_party for name in named)
    partners = {"shipment_departed", "lesson_taught", "exercise", "vetoed"}
    assert all(BY_NAME[name].third_party for name in partners | {"test", "launch_failed", "denial"})


@pytest.mark.usefixtures("unchecked")
def test_the_index_is_the_sum_over_events_third_parties_apart() -> None:
    scenario = sim.load("northeast_asia_2023", ["weeks=30"])
    results = sim.run(scenario, 2, seed=1, record="weekly", engine="reference", workers=1)
    count = results.events.groupby(["run", "kind"], observed=True)["value"].sum().unstack()
    kinds = [event for event in TABLE if event.name in count]
    assert len(kinds) > 5
    for scale in SCALES:
        whole = sum(event.escalation(scale) * count[event.name].fillna(0.0) for event in kinds)
        beside = sum(
            event.escalation(scale) * count[event.name].fillna(0.0)
            for event in kinds
            if event.third_party
        )
        runs = results.runs.set_index("run")
        assert runs[f"escalation_{scale}_mean"].to_numpy() == pytest.approx(whole / 30.0)
        assert runs[f"escalation_{scale}_third_mean"].to_numpy() == pytest.approx(beside / 30.0)
        assert (whole != beside).all()


def test_goldstein_stays_on_its_scale() -> None:
    assert all(-10.0 <= weight <= 10.0 for weight in GOLDSTEIN.values())
    assert set(GOLDSTEIN) == {event.cameo for event in TABLE}, "a code that no event uses"


def test_every_scale_tells_a_challenge_from_a_concession() -> None:
    harsh, mild = BY_NAME["challenge"], BY_NAME["conceded"]
    assert harsh.mid > mild.mid
    assert harsh.goldstein < mild.goldstein
    assert harsh.rivera > mild.rivera


def test_the_module_needs_little_beside_the_standard_library() -> None:
    """The levels of disputes, and where a world's pairs and members stand."""
    tree = ast.parse(Path(events.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"dataclasses", "typing", "numpy", "jaxtyping", "params", "world"}
