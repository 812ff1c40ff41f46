"""What a state sees: its own row of the Observation, by names, and nothing else."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sitting import Sitting

from sim.policy.state import State
from sim.policy.views import SEEN, Other, Route
from sim.scenario import Scenario, load
from sim.world import TIMETABLE, Observation


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", ["weeks=8"])


@pytest.fixture
def sitting(scenario: Scenario) -> Sitting:
    return Sitting(scenario, "PRK")


def test_every_field_of_the_observation_can_be_read() -> None:
    read = {*State.FIELDS, *Other.FIELDS, *Route.FIELDS}
    assert read == {field.name for field in fields(Observation)}


def test_own_figures(sitting: Sitting) -> None:
    me, seen, i = sitting.me, sitting.seen, sitting.place("PRK")
    assert me.treasury == seen.treasury[i]
    assert list(me.stock) == list(sitting.scenario.munitions)
    assert list(me.stock.values()) == seen.stock[i].tolist()
    assert list(me.tech.values()) == seen.tech[i].tolist()
    assert list(me.price.values()) == seen.price.tolist()
    assert (me.week, me.date) == (0, sitting.scenario.start)
    assert me.others == tuple(code for code in sitting.scenario.states if code != "PRK")
    assert me.customers == ("RUS",)


@pytest.mark.parametrize("other", ["RUS", "USA", "KOR"])
def test_what_lies_between_two_states(sitting: Sitting, other: str) -> None:
    seen, i, j = sitting.seen, sitting.place("PRK"), sitting.place(other)
    view, pair = sitting.me.of(other), sitting.pair("PRK", other)
    for name in Other.FIELDS:
        values, told = getattr(seen, name), getattr(view, name)
        if name in ("want", "calendar", "summons"):
            continue
        places = {("state", "state"): (i, j), ("pair",): pair, ("state",): j}
        assert told == values[places[SEEN[name]]], name
        assert type(told) in (int, float), name
    assert list(view.want.values()) == seen.want[j].tolist()
    assert list(view.summons) == list(TIMETABLE)


def test_a_stranger_is_seen_in_public_and_has_no_conduct(scenario: Scenario) -> None:
    sitting = Sitting(scenario, "JPN")
    seen, i, j = sitting.seen, sitting.place("JPN"), sitting.place("UKR")
    assert (i, j) not in sitting.scenario.pairs
    view = sitting.me.of("UKR")
    for name in Other.FIELDS:
        if SEEN[name] == ("pair",) and name != "trust":
            assert getattr(view, name) == 0, name
            assert type(getattr(view, name)) is type(getattr(sitting.me.of("KOR"), name)), name
    c = sitting.params.rules.escalate
    warm = c.trust_by_affinity * seen.affinity[i, j]
    assert view.trust == pytest.approx(min(max(c.trust_prior + warm, 0.0), 1.0))
    assert not any(view.calendar.values())
    assert (view.affinity, view.tension) == (seen.affinity[i, j], seen.tension[i, j])
    assert (view.at_war, view.test, view.drill) == (seen.at_war[j], seen.test[j], seen.drill[j])


def test_a_strangers_trust_is_that_of_a_stranger_who_is_listed(scenario: Scenario) -> None:
    warm = scenario.with_(
        "relations.affinity=[[JPN,UKR,0.5]]", "rules.escalate.trust_by_affinity=0.4"
    )
    stranger = Sitting(warm, "JPN").me.of("UKR")
    acquainted = Sitting(warm.with_("relations.relevant=[[JPN,UKR]]"), "JPN").me.of("UKR")
    assert stranger.trust == acquainted.trust != warm.params().rules.escalate.trust_prior


THREE = load(Path(__file__).parent.parent / "three_states.yaml")


def test_the_calendar_is_read_from_both_sides() -> None:
    for me, other in (("SO", "EA"), ("EA", "SO")):
        calendar = Sitting(THREE, me).me.of(other).calendar
        assert (calendar["air"], calendar["naval"]) == (1.0, 0.0)


ALONE = "exercises=[{states: [SO], kind: field, week_of_year: 18, size: 0.7}]"


def test_exercises_alone_are_ones_own() -> None:
    me = Sitting(THREE.with_(ALONE), "SO").me
    for alone in (me.alone, me.of("SO").calendar):
        assert (alone["field"], alone["air"]) == (0.7, 0.0)
    assert not any(me.of("EA").calendar.values())
    assert not any(Sitting(THREE.with_(ALONE), "EA").me.alone.values())


def test_the_timetable_is_read_by_actor_and_target(scenario: Scenario) -> None:
    visit = f"{{date: {scenario.start}, kind: visit, actor: PRK, target: UKR, value: 2}}"
    launch = f"{{date: {scenario.start}, kind: launch, actor: PRK}}"
    told = scenario.with_(f"timetable=[{visit}, {launch}]")
    me, them = Sitting(told, "PRK").me, Sitting(told, "UKR").me
    assert {name: x for name, x in me.of("UKR").summons.items() if x} == {"visit": 2.0}
    assert {name: x for name, x in me.of("PRK").summons.items() if x} == {"launch": 1.0}
    assert not any(them.of("PRK").summons.values())


def test_routes(scenario: Scenario) -> None:
    for code in ("PRK", "KOR"):
        sitting = Sitting(scenario, code)
        place = scenario.routes.index(("PRK", "RUS"))
        route, seen = sitting.me.route("PRK", "RUS"), sitting.seen
        assert route.exposure == seen.exposure[place]
        assert list(route.published) == list(scenario.observers)
        if code == "PRK":
            assert list(route.contract.values()) == seen.contract[place].tolist()
        else:
            assert route.estimate == seen.estimate[scenario.observers.index("KOR"), place]
            with pytest.raises(AttributeError, match="only its two ends see its contract"):
                _ = route.contract


@pytest.mark.parametrize(
    ("read", "error", "message"),
    [
        (lambda me: me.of("RUS").stock, AttributeError, r"PRK.of\('RUS'\) has no 'stock'"),
        (lambda me: me.of("RUS").tensoin, AttributeError, "nearest right key: tension"),
        (lambda me: me.tension, AttributeError, r"has no 'tension': use PRK.of\(other\).tension"),
        (lambda me: me.exposure, AttributeError, r"use PRK.route\(source, target\).exposure"),
        (lambda me: me.tresury, AttributeError, "nearest right key: treasury"),
        (lambda me: me.stock["shell_52"], KeyError, "nearest right key: shell_152"),
        (lambda me: me.of("RSU"), KeyError, "there is no state 'RSU'.*nearest right key: RUS"),
        (lambda me: me.route("PRK", "USA"), KeyError, "there is no route 'PRK>USA'"),
        (lambda me: me.route("PRK", "RUS").estimate, KeyError, "there is no observer 'PRK'"),
        (lambda me: setattr(me, "treasury", 5.0), AttributeError, "cannot be set"),
        (lambda me: me.decided("secrecy", "RUS"), TypeError, "nothing else"),
    ],
)
def test_what_cannot_be_read(
    sitting: Sitting, read: Callable[[State], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read(sitting.me)


def test_figures_cannot_be_set(sitting: Sitting) -> None:
    with pytest.raises(TypeError):
        sitting.me.stock["shell_152"] = 1.0
