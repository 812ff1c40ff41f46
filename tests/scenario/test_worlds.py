"""What cannot be reached is not touched: by an isolated state, one more unit or week, other runs.

After the test of that name in Starsim: a draw belongs to an event, not to a place in a sequence.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from between import as_table, events_between
from unchecked import unchecked
from worlds import NEUTRAL

from sim import noise
from sim.engines import reference
from sim.metrics import Week
from sim.rules.bounds import COUNTERS, SIGNED
from sim.rules.week import step
from sim.scenario import Scenario, from_mapping, load
from sim.scenario.schema import axes
from sim.world import WAR, World, after

SEED, RUNS, WEEKS = 0, 3, 104
PAIRED = ("incident", "level_up", "level_down", "ceasefire", "exercise", "treaty")
"""Events of a pair, counted once, in the order of the states."""
BETWEEN = {
    "alone": "state",
    **dict.fromkeys(("dyad", "dispute", "member state"), "state state"),
}
"""Axes of streams that are compared as tables of states."""
NEWCOMER = "NZL"
ISOLATED: dict[str, Any] = {
    "doctrine": "status_quo",
    "desks": NEUTRAL,
    "force": 10.0,
    "baseline_fire": 0.003,
    # A state's burden of sanctions is weighed by what all others spend: who spends, is there.
    "spending": 0.0,
}
"""A state without route, ally, rival or affinity, that does nothing and weighs nothing."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(overrides=[f"weeks={WEEKS}"])


@pytest.fixture(scope="module")
def played(scenario: Scenario) -> list[list[Week]]:
    return [play(scenario, run) for run in range(RUNS)]


@unchecked()
def play(scenario: Scenario, run: int) -> list[Week]:
    return list(reference.weeks(scenario, SEED, run))


def of_states(scenario: Scenario, codes: Sequence[str]) -> Scenario:
    """The scenario with its states in this order, the isolated one among them if it is named."""
    states = {NEWCOMER: ISOLATED} | scenario.mapping["states"]
    return from_mapping(scenario.mapping | {"states": {code: states[code] for code in codes}})


def of_some(value: np.ndarray, names: Sequence[str], places: Sequence[int]) -> np.ndarray:
    """An array with axes of these names, of the states at these places alone."""
    for axis, name in enumerate(names):
        if name == "state":
            value = np.take(value, places, axis)
    return value


def of_world(week: Week, name: str, names: Sequence[str]) -> tuple[np.ndarray, Sequence[str]]:
    """A field of a world with the names of its axes; of listed pairs as a table of all states."""
    value = getattr(week.world, name)
    if names == ("pair",):
        return as_table(value, week.params.wiring), ("state", "state")
    return value, names


def happened(week: Week, kind: str) -> np.ndarray:
    """Counts of an event: [state, state], of a pair's in whichever order the states stand."""
    count = events_between(kind, week.events[kind], week.params.wiring)
    return count + count.T if kind in PAIRED else count


def drawn_between(stream: noise.Stream, values: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Draws [week, *axes]; those of pairs and of members as [week, state, state]."""
    wiring = scenario.params().wiring
    if stream.axes in ("dyad", "dispute"):
        return np.stack([as_table(week, wiring) for week in values])
    if stream.axes == "member state":
        table = np.zeros((len(values), len(wiring.off), len(wiring.off)))
        table[:, wiring.member] = values
        return table
    return values


def assert_same_bits(one: Week, other: Week) -> None:
    for field in fields(World):
        np.testing.assert_array_equal(
            getattr(one.world, field.name), getattr(other.world, field.name), field.name
        )
    for kind in one.events:
        np.testing.assert_array_equal(one.events[kind], other.events[kind], kind)


def assert_same_world(one: Week, other: Week, places: Sequence[int]) -> None:
    """All of one is in the other, whose states stand at these places; floats to 1e-12."""
    for field in fields(World):
        name = field.name
        mine, _ = of_world(one, name, axes(field))
        theirs = of_some(*of_world(other, name, axes(field)), places)
        if name in COUNTERS:
            np.testing.assert_array_equal(theirs, mine, name)
        else:
            # what may be either side of zero has no relative error there
            nothing = 1e-14 if name in SIGNED else 0.0
            np.testing.assert_allclose(theirs, mine, rtol=1e-12, atol=nothing, err_msg=name)
    for kind in one.events:
        theirs = of_some(happened(other, kind), ("state", "state"), places)
        np.testing.assert_array_equal(theirs, happened(one, kind), kind)


def meets(week: Week, place: int) -> bool:
    """Whether anything happened between the state at that place and another one."""
    counts = (happened(week, kind) for kind in week.events)
    return any(count[place].any() or count[:, place].any() for count in counts)


@pytest.mark.parametrize("place", [0, 3, 7])
def test_an_isolated_state_changes_no_draw(scenario: Scenario, place: int) -> None:
    codes = [*scenario.states[:place], NEWCOMER, *scenario.states[place:]]
    larger = of_states(scenario, codes)
    places = [codes.index(code) for code in scenario.states]
    weeks = np.arange(WEEKS)
    for run in range(RUNS):
        key = noise.run_key(SEED, run)
        mine, theirs = (noise.draw(s.layout, key, weeks) for s in (scenario, larger))
        for stream in noise.STREAMS:
            one = drawn_between(stream, mine[stream.name], scenario)
            other = drawn_between(stream, theirs[stream.name], larger)
            over = BETWEEN.get(stream.axes, stream.axes).split()
            same = of_some(other, ("week", *over), places)
            np.testing.assert_array_equal(same, one, stream.name)
        (_, start, priors), (_, begun, drawn) = scenario.draw(key), larger.draw(key)
        assert priors == drawn
        hard, theirs = (
            as_table(world.hard, s.params().wiring)
            for world, s in ((start, scenario), (begun, larger))
        )
        np.testing.assert_array_equal(of_some(theirs, ("state", "state"), places), hard)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 7])
def test_an_isolated_state_changes_nothing_else(
    scenario: Scenario, played: list[list[Week]], place: int
) -> None:
    codes = [*scenario.states[:place], NEWCOMER, *scenario.states[place:]]
    larger = of_states(scenario, codes)
    places = [codes.index(code) for code in scenario.states]
    compared = 0
    for run in range(RUNS):
        for mine, theirs in zip(played[run], play(larger, run), strict=True):
            if meets(theirs, place):  # an incident, of which no pair of states is quite safe
                break
            assert_same_world(mine, theirs, places)
            compared += 1
    assert compared > RUNS * WEEKS / 2


@pytest.mark.slow
def test_the_order_of_the_states_does_not_matter(
    scenario: Scenario, played: list[list[Week]]
) -> None:
    codes = scenario.states[::-1]
    reverse = of_states(scenario, codes)
    places = [codes.index(code) for code in scenario.states]
    observers = [reverse.observers.index(code) for code in scenario.observers]
    for mine, theirs in zip(played[0], play(reverse, 0), strict=True):
        world = after(
            theirs.world,
            estimate=theirs.world.estimate[observers],
            published=theirs.world.published[observers],
        )
        left = Week(theirs.params, world, theirs.seen, theirs.action, theirs.events, theirs.noise)
        assert_same_world(mine, left, places)


def test_another_policy_meets_the_same_luck(scenario: Scenario) -> None:
    other = scenario.with_("states.PRK.doctrine=restraint", "states.USA.stock.shell_155=1")
    for run in range(RUNS):
        key = noise.run_key(SEED, run)
        mine, theirs = (noise.draw(s.layout, key, 40) for s in (scenario, other))
        for name, values in mine.items():
            np.testing.assert_array_equal(theirs[name], values, name)
        np.testing.assert_array_equal(other.draw(key)[1].hard, scenario.draw(key)[1].hard)


def lawful_routes() -> list[tuple[str, str]]:
    scenario = load()
    embargoed = set(scenario.spec.relations.embargoes)
    return [route for route in scenario.routes if not embargoed & set(route)]


@pytest.mark.parametrize("route", lawful_routes(), ids=">".join)
def test_one_more_unit_on_a_route_reaches_who_deals_with_it(
    scenario: Scenario, played: list[list[Week]], route: tuple[str, str]
) -> None:
    """Within the week it reaches the recipient, whom it fights, and, if it wants, who supplies it.

    The price of a munition is the world's, and so may move.
    """
    e, target = scenario.routes.index(route), scenario.states.index(route[1])
    before, now = played[0][30], played[0][31]
    params, wiring = now.params, now.params.wiring
    more = before.world.transit + 0.0
    more[:, e, :] += wiring.last[:, e, None]
    world, _, _, events = step(params, after(before.world, transit=more), now.noise)

    reached = as_table(before.world.level, wiring)[target] == WAR
    reached[target] = True
    if now.action.transfer.want[target].any():
        reached[wiring.source[wiring.target == target]] = True
    assert not reached.all()
    pair = wiring.pair
    touched = {
        "state": reached,
        "route": reached[wiring.source] | reached[wiring.target],
        "pair": reached[pair.actor] | reached[pair.target],
    }
    for field in fields(World):
        mine, theirs = getattr(now.world, field.name), getattr(world, field.name)
        if field.name == "price":
            continue
        free = np.ones(mine.shape, bool)
        for axis, name in enumerate(axes(field)):
            away = ~touched.get(name, np.zeros(mine.shape[axis], bool))
            free &= np.expand_dims(away, tuple(n for n in range(mine.ndim) if n != axis))
        np.testing.assert_array_equal(theirs[free], mine[free], field.name)
    away = ~reached[:, None] & ~reached[None, :]
    for kind in events:
        mine, theirs = (events_between(kind, e[kind], wiring) for e in (now.events, events))
        np.testing.assert_array_equal(theirs[away], mine[away], kind)

    travelled = (world.transit - now.world.transit).sum(axis=0)
    arrived = world.delivered + world.unusable - now.world.delivered - now.world.unusable
    sent = world.shipped - now.world.shipped
    gained = travelled + arrived - sent
    one = np.zeros_like(gained)
    one[e] = 1.0
    np.testing.assert_allclose(gained, one, atol=1e-6)
    assert np.all(arrived[e] > 0.0)


def test_the_same_seed_is_the_same_world(scenario: Scenario, played: list[list[Week]]) -> None:
    for run in reversed(range(RUNS)):
        for mine, theirs in zip(played[run], play(scenario, run), strict=True):
            assert_same_bits(mine, theirs)


def test_runs_differ(played: list[list[Week]]) -> None:
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(played[one][0].noise["level"], played[other][0].noise["level"])
        assert not np.array_equal(played[one][-1].world.losses, played[other][-1].world.losses)


@pytest.mark.parametrize("weeks", [1, 25, 26, 60, 156])
def test_the_number_of_weeks_changes_nothing_before(
    scenario: Scenario, played: list[list[Week]], weeks: int
) -> None:
    other = play(scenario.with_(f"weeks={weeks}"), 0)
    assert len(other) == weeks
    for mine, theirs in zip(played[0], other, strict=False):
        assert_same_bits(mine, theirs)
