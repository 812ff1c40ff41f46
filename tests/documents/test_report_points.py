"""The twelve points of the source report: each is there by default, and one override removes it.

Directions and presence, never levels: what the public claims contradict each other about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pytest
from between import as_table, events_between
from jaxtyping import Bool, Float
from unchecked import unchecked

from sim.engines import reference
from sim.metrics import METRICS
from sim.rules.learn import success
from sim.scenario import Scenario, load
from sim.world import after

POINTS: Mapping[int, tuple[str, str]] = {
    1: (
        "North Korea ships over 1,000 containers to Russia, by sea and then by rail",
        "states.PRK.desks.transfer=none",
    ),
    2: (
        "Russia's stocks are depleted by its war, and the shipments raise the toll",
        "relations.wars=[]",
    ),
    3: (
        "In return North Korea is taught technology",
        "states.PRK.desks.transfer.technology=0",
    ),
    4: (
        "The US publishes evidence; it, South Korea and Japan condemn both ends jointly",
        "rules.watch.detection=0",
    ),
    5: (
        "Russia denies, and the public doubts again",
        "states.RUS.desks.diplomacy.deny=0",
    ),
    6: (
        "The transfers are unlawful, and Russia vetoes what it had endorsed",
        "states.RUS.desks.diplomacy=passive",
    ),
    7: (
        "A minister's visit to Pyongyang enhances ties",
        "rules.escalate.by_visit=0",
    ),
    8: (
        "North Korea tests missiles by the dozen, in campaigns",
        "states.PRK.desks.technology=steady",
    ),
    9: (
        "Satellite launches are prepared, announced, and fail",
        "technologies.satellite.role=none",
    ),
    10: (
        "What Russia teaches makes North Korean missiles more reliable",
        "technologies.missile.by_tech=0",
    ),
    11: (
        "The US and South Korea exercise every year, now with Japan as well",
        "exercises=[]",
    ),
    12: (
        "States in dispute with the US draw closer to each other",
        "rules.escalate.affinity_return=1",
    ),
}
"""By its number in the report: what it says, and the override that switches it off."""

RUNS, FEW, SEED = 6, 3, 0
"""Few runs tell that a point is gone: one that was still there would be missed once in 27 times."""
MOST = 2 / 3
"""The share of runs in which a point that is there shows."""

NO_VISITS = ("timetable=none", "rules.escalate.visits=0")
NO_SHIPMENTS = "states.PRK.desks.transfer=none"
NO_LESSONS = "states.PRK.desks.transfer.technology=0"
ALLIES = ("USA", "KOR", "JPN")
ESTRANGED = (("PRK", "RUS"), ("RUS", "CHN"), ("PRK", "CHN"))
TABLE = {metric.name: metric for metric in METRICS}
KEPT = (
    "supply",
    "losses",
    "lessons",
    "campaign",
    "preparation",
    "containers",
    "containers_delivered",
    "unlawful",
    "doubt",
    "paid_technology",
    "affinity",
    "tension",
    "interop",
)
HAPPENED = (
    "shipment_departed",
    "lesson_taught",
    "test",
    "launch_announced",
    "launch_failed",
    "exercise",
    "disclosure",
    "joint_statement",
    "denial",
    "vetoed",
    "visit",
)

Runs = Bool[np.ndarray, " run"]
"""In which runs something shows."""
Weekly = Float[np.ndarray, "run week"]


@dataclass(frozen=True)
class Played:
    """The default scenario under some overrides: its metrics and its log, run by run.

    - `series`: [run, week, *axes] by metric and by kind of event. `reliability` is the probability
      that a trial succeeds, of a type as old as at the start: [run, week, state, technology].
    """

    overrides: tuple[str, ...]
    scenario: Scenario
    series: Mapping[str, Float[np.ndarray, "run week *axes"]]

    def but(self, override: str) -> "Played":
        """The same runs, with the same luck, under one more override."""
        return play(*self.overrides, override, runs=len(self.series["supply"]))

    def week(self, day: date) -> int:
        """The week of a date."""
        return (day - self.scenario.start).days // 7

    def of(self, name: str, code: str) -> Float[np.ndarray, "run week *axes"]:
        """A metric of a state."""
        return self.series[name][:, :, self.scenario.states.index(code)]

    def shell(self, name: str, code: str) -> Weekly:
        """A state's metric of the shells of the eastern calibre."""
        return self.of(name, code)[:, :, self.scenario.munitions.index("shell_152")]

    def technology(self, name: str, code: str, technology: str) -> Weekly:
        """A state's metric of a technology."""
        return self.of(name, code)[:, :, self.scenario.technologies.index(technology)]

    def route(self, name: str, source: str, target: str) -> Weekly:
        """A metric of a route."""
        return self.series[name][:, :, self.scenario.routes.index((source, target))]

    def dyad(self, name: str, actor: str, target: str) -> Weekly:
        """A metric of two states, or what the one did to the other; alone: to itself."""
        states = self.scenario.states
        return self.series[name][:, :, states.index(actor), states.index(target)]

    def pair(self, name: str, one: str, other: str) -> Weekly:
        """Events of a pair, which are logged once."""
        return self.dyad(name, one, other) + self.dyad(name, other, one)


@cache
@unchecked()
def play(*overrides: str, runs: int = RUNS) -> Played:
    """The runs of the default scenario under some overrides."""
    scenario = load(overrides=overrides)
    played = [_series(scenario, run) for run in range(runs)]
    return Played(
        overrides, scenario, {name: np.stack([r[name] for r in played]) for name in played[0]}
    )


def _series(scenario: Scenario, run: int) -> dict[str, np.ndarray]:
    """What one run leaves, by name: [week, *axes]."""
    series: dict[str, list[np.ndarray]] = {}
    for left in reference.weeks(scenario, SEED, run):
        as_old = after(left.world, trials=scenario.world().trials)
        wiring = left.params.wiring
        week = {name: TABLE[name].value(left) for name in KEPT}
        week |= {name: as_table(week[name], wiring) for name in KEPT if TABLE[name].axes == "dyad"}
        week |= {kind: events_between(kind, left.events[kind], wiring) for kind in HAPPENED}
        week |= {"reliability": success(left.params, as_old)}
        for name, value in week.items():
            series.setdefault(name, []).append(np.asarray(value))
    return {name: np.stack(values) for name, values in series.items()}


def some(events: Weekly) -> Runs:
    """In which runs it happened at all."""
    return events.sum(axis=1) > 0


def shipments(played: Played) -> Runs:
    route = next(r for r in played.scenario.spec.routes if (r.source, r.target) == ("PRK", "RUS"))
    assert [leg.name for leg in route.legs] == ["sea", "rail"]
    sent = played.route("containers", "PRK", "RUS")[:, played.week(date(2024, 3, 31))]
    arrived = played.route("containers_delivered", "PRK", "RUS")[:, -1]
    return (sent > 1000) & (arrived > 0)


def depletion(played: Played) -> Runs:
    supply = played.shell("supply", "RUS")
    toll = played.of("losses", "UKR")[:, -1]
    without = played.but(NO_SHIPMENTS).of("losses", "UKR")[:, -1]
    return (supply[:, -1] < 0.75 * supply[:, 0]) & (toll > without)


def lessons(played: Played) -> Runs:
    fields = ("missile", "satellite", "reconnaissance")
    received = [played.technology("lessons", "PRK", field).max(axis=1) > 0 for field in fields]
    paid = played.route("paid_technology", "PRK", "RUS")[:, -1] > 0
    return some(played.dyad("lesson_taught", "RUS", "PRK")) & paid & np.all(received, axis=0)


def disclosure(played: Played) -> Runs:
    told = some(played.dyad("disclosure", "USA", "PRK"))
    voices = [
        some(played.dyad("joint_statement", ally, accused))
        for ally in ALLIES
        for accused in ("PRK", "RUS")
    ]
    return told & np.all(voices, axis=0)


def denial(played: Played) -> Runs:
    denied = played.dyad("denial", "RUS", "RUS")[:, 1:] > 0
    risen = np.diff(played.route("doubt", "PRK", "RUS"), axis=1)
    return some(denied) & ((risen * denied).sum(axis=1) > 0)


def breach(played: Played) -> Runs:
    law = played.route("unlawful", "PRK", "RUS")
    shipped = played.dyad("shipment_departed", "PRK", "RUS")
    return some(shipped * law) & some(played.dyad("vetoed", "RUS", "PRK"))


def visits(played: Played) -> Runs:
    visited = played.dyad("visit", "RUS", "PRK")[:, 1:] > 0
    warmer = np.diff(played.dyad("affinity", "RUS", "PRK"), axis=1)
    usual = np.median(warmer, axis=1, keepdims=True)
    return some(visited) & np.all((warmer > usual + 0.005) | ~visited, axis=1)


def campaigns(played: Played) -> Runs:
    tests, on = played.dyad("test", "PRK", "PRK"), played.of("campaign", "PRK") > 0
    busiest = [tests[:, week : week + 52].sum(axis=1) for week in range(0, tests.shape[1], 52)]
    inside = (tests * on).sum(axis=1) / np.maximum(on.sum(axis=1), 1)
    outside = (tests * ~on).sum(axis=1) / np.maximum((~on).sum(axis=1), 1)
    return (np.max(busiest, axis=0) >= 24) & (inside > 3 * outside)


def launches(played: Played) -> Runs:
    failed = played.dyad("launch_failed", "PRK", "PRK")
    announced = played.dyad("launch_announced", "PRK", "PRK")
    return some(failed) & some(announced) & some(played.of("preparation", "PRK"))


def reliability(played: Played) -> Runs:
    now, without = (
        p.technology("reliability", "PRK", "missile")[:, -1]
        for p in (played, played.but(NO_LESSONS))
    )
    return now > without


def exercises(played: Played) -> Runs:
    regular = played.pair("exercise", "USA", "KOR")
    yearly = [some(regular[:, week : week + 52]) for week in range(0, regular.shape[1], 52)]
    three = regular * played.pair("exercise", "USA", "JPN") * played.pair("exercise", "KOR", "JPN")
    interop = played.dyad("interop", "KOR", "JPN")
    return np.all(yearly, axis=0) & some(three) & (interop[:, -1] > interop[:, 0])


def alignment(played: Played) -> Runs:
    disputes = [
        played.dyad("tension", code, "USA").mean(axis=1) > 0.1 for code in ("PRK", "RUS", "CHN")
    ]
    closer = [
        played.dyad("affinity", *pair)[:, -52:].mean(axis=1) - played.dyad("affinity", *pair)[:, 0]
        for pair in ESTRANGED
    ]
    return np.all(disputes, axis=0) & np.all(np.asarray(closer) > 0.002, axis=0)


SHOWS: Mapping[int, Callable[[Played], Runs]] = dict(
    enumerate(
        (
            shipments,
            depletion,
            lessons,
            disclosure,
            denial,
            breach,
            visits,
            campaigns,
            launches,
            reliability,
            exercises,
            alignment,
        ),
        start=1,
    )
)


def is_there(number: int, played: Played) -> bool:
    """Whether a point shows in most runs."""
    return bool(SHOWS[number](played).mean() >= MOST)


@pytest.mark.slow
@pytest.mark.xdist_group("report")  # they share their runs
@pytest.mark.parametrize("number", POINTS)
def test_a_point_is_there_and_one_override_removes_it(number: int) -> None:
    _, override = POINTS[number]
    assert is_there(number, play())
    assert not SHOWS[number](play(override, runs=FEW)).any()


@pytest.mark.slow
@pytest.mark.xdist_group("report")
def test_three_train_together_after_the_visits_of_2023_and_not_without_them() -> None:
    started = {}
    for overrides in ((), NO_VISITS):
        played = play(*overrides)
        first = played.pair("exercise", "KOR", "JPN")[:, : played.week(date(2023, 12, 31))]
        started[overrides] = some(first)
    assert started[()].mean() >= MOST
    assert not started[NO_VISITS].any()


@pytest.mark.slow
@pytest.mark.xdist_group("report")
@pytest.mark.parametrize("number", POINTS)
def test_no_point_needs_a_timetable(number: int) -> None:
    assert is_there(number, play("timetable=none"))


@pytest.mark.slow
@pytest.mark.xdist_group("report")
def test_without_a_timetable_and_by_no_hazard_nobody_visits() -> None:
    assert not SHOWS[7](play(*NO_VISITS, runs=FEW)).any()
