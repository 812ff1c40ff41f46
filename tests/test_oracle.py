"""The peer: the document's model a second time, in plain Python, against the reference engine."""

import ast
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import noise
from sim.engines import reference
from sim.events import EVENTS
from sim.metrics import METRICS
from sim.policy.state import Policy
from sim.rules.bounds import COUNTERS
from sim.scenario import Scenario, from_mapping, load
from sim.scenario.schema import axes
from sim.world import Events, World
from tests.oracle import mesa_peer
from tests.oracle import records as peer_records
from tests.oracle.mesa_peer import PHASES, PeerModel

pytestmark = pytest.mark.usefixtures("unchecked")

YEAR = 52
DEFAULT = "northeast_asia_2023"
SYNTHETIC = ((4, 35), (8, 59), (12, 11))
"""States and seed of worlds in which a year has many kinds of events."""
DATED = (
    ("2023-06-10", "draft", "USA", "RUS", 1.0),
    ("2023-06-20", "draft", "KOR", "PRK", 0.5),
    ("2023-08-02", "draft", "USA", "UKR", 1.0),
    ("2023-08-21", "holiday", "KOR", "USA", 0.5),
    ("2023-09-11", "launch", "KOR", None, 1.0),
    ("2023-12-06", "holiday", "PRK", None, 0.25),
    ("2024-03-11", "ceasefire", "UKR", "RUS", 1.0),
    ("2024-03-11", "visit", "UKR", "RUS", 0.7),
    ("2024-03-12", "visit", "RUS", "UKR", 0.7),
)
CROWDED = (
    "weeks=104",
    "states.JPN.desks.training=reciprocal",
    "states.CHN.desks.training=reassurance",
    "states.USA.desks.procurement=richardson",
    "states.JPN.desks.procurement=hold",
    "states.CHN.desks.technology=launch_programme",
    "states.CHN.desks.transfer=opportunist",
    "states.JPN.desks.transfer=importer",
    "states.KOR.desks.transfer=ally_aid",
    "states.UKR.desks.crisis=tit_for_tat",
    "rules.escalate.resist_soft=0.2",
    "rules.move.interdiction=3",
    "rules.watch.detection=0.05",
    "rules.fight.omega=0.5",
    "rules.sanction.coalition_lag=3",
)


def crowded() -> Scenario:
    """The default with all that it leaves out: debts, dated entries and desks of every kind."""
    data: dict[str, Any] = dict(load(DEFAULT).mapping)
    keys = ("date", "kind", "actor", "target", "value")
    entries = [dict(zip(keys, entry, strict=True)) for entry in DATED]
    data["timetable"] = [*data["timetable"], *entries]
    debts = [["PRK", "RUS", 0.5], ["RUS", "PRK", 0.2]]
    data["relations"] = {**data["relations"], "debts": debts, "embargoes": ["PRK", "CHN"]}
    return from_mapping(data).with_(*CROWDED)


def default() -> Scenario:
    return load(DEFAULT, [f"weeks={YEAR}"])


def synthetic(states: int, seed: int) -> Scenario:
    overrides = [f"generate.states={states}", f"generate.seed={seed}", f"weeks={YEAR}"]
    return load("synthetic", overrides)


def assert_same_week(peer: PeerModel, world: World, events: Events) -> None:
    """Every field of the World and every count of events, as the engine has them.

    Without routes or observers the engine has an inert entry, which the peer knows nothing of.
    """
    mine, sizes = peer.world(), {"route": len(peer.routes), "observer": len(peer.observers)}
    for field in fields(World):
        ours, theirs = np.asarray(mine[field.name]), getattr(world, field.name)
        shown = [
            sizes.get(axis, size) for axis, size in zip(axes(field), theirs.shape, strict=True)
        ]
        if 0 in shown:
            assert not np.any(theirs) or field.name in ("exposure", "doubt")
            theirs = theirs[tuple(map(slice, shown))]
            ours = ours.reshape(theirs.shape)
        assert ours.shape == theirs.shape, field.name
        if field.name in COUNTERS:
            np.testing.assert_array_equal(ours, theirs, field.name)
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=field.name)
    for kind in EVENTS:
        counts = np.zeros_like(events[kind])
        for pair, count in peer.events[kind].items():
            counts[pair] = count
        np.testing.assert_array_equal(counts, events[kind], kind)


def play_both(scenario: Scenario, run: int = 0) -> set[str]:
    """Plays a run by both, week by week, and tells which kinds of events it had."""
    peer = PeerModel(scenario, noise.run_key(0, run), collect=False)
    happened = set()
    for week in reference.weeks(scenario, 0, run):
        peer.step()
        assert_same_week(peer, week.world, week.events)
        happened |= {kind for kind in EVENTS if peer.events[kind]}
    assert peer.week == scenario.weeks
    return happened


@pytest.mark.parametrize(("states", "seed"), SYNTHETIC)
def test_a_year_of_a_synthetic_world_agrees(states: int, seed: int) -> None:
    assert len(play_both(synthetic(states, seed))) > 10


def test_a_year_of_the_default_agrees() -> None:
    assert len(play_both(default())) > 15


def test_every_kind_of_event_agrees() -> None:
    happened = play_both(crowded(), 0) | play_both(crowded(), 1)
    assert happened == set(EVENTS)


@pytest.mark.parametrize("parts", [("routes",), ("observers",), ("routes", "observers")])
def test_a_world_without_routes_or_observers_agrees(parts: tuple[str, ...]) -> None:
    data: dict[str, Any] = deepcopy(dict(crowded().mapping)) | {"weeks": YEAR}
    if "routes" in parts:
        data["routes"] = []
        data["relations"]["debts"] = []
    if "observers" in parts:
        for state in data["states"].values():
            state["observer"] = False
    assert len(play_both(from_mapping(data))) > 8


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_left_out_is_seen(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHASES, phase, lambda model: None)
    with pytest.raises(AssertionError):
        play_both(default())


def test_a_rule_that_is_a_little_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = PHASES["build"]

    def build(model: PeerModel) -> None:
        right(model)
        model.states[0].treasury *= 1.0 + 1e-8

    monkeypatch.setitem(PHASES, "build", build)
    with pytest.raises(AssertionError, match="treasury"):
        play_both(default())


def test_it_shares_no_rule_with_the_engines() -> None:
    folder = Path(mesa_peer.__file__).parent
    files = [file for file in folder.glob("*.py") if not file.name.startswith("test_")]
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert not name.startswith(("sim.rules", "sim.desks", "sim.arrays")), (file, name)


def arrays_in(value: Any) -> bool:
    """Whether there is something of NumPy in plain containers."""
    if isinstance(value, dict):
        return any(map(arrays_in, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(arrays_in, value))
    return isinstance(value, np.ndarray | np.generic)


def test_it_is_plain_python() -> None:
    peer = PeerModel(default(), noise.run_key(0, 0), weeks=2)
    peer.step()
    for thing in (*peer.states, *peer.routes):
        assert not [name for name, value in vars(thing).items() if arrays_in(value)]
    assert not [name for name, value in vars(peer).items() if arrays_in(value)]
    assert arrays_in({"a": [np.zeros(2)]})


HOT = (
    "rules.escalate.both=1",
    "rules.escalate.one=1",
    "rules.escalate.deterrence=0",
    "rules.escalate.nuclear_restraint=0",
    "rules.escalate.incident=0.5",
)
"""With these a year has wars."""


def assert_same_row(scenario: Scenario) -> dict[tuple[str, str], Any]:
    """The peer's row of a run is the engine's summary of it; returns it."""
    row = PeerModel(scenario, noise.run_key(0, 0)).play()
    theirs = reference.play(scenario, 0, [0], "summary").summary
    assert set(row) == set(theirs) == {(m.name, how) for m in METRICS for how in m.reduce}
    for key, value in theirs.items():
        mine = np.asarray(row[key], float)
        assert mine.shape == value[0].shape, key
        np.testing.assert_allclose(mine, value[0], rtol=1e-9, atol=1e-12, err_msg=f"{key}")
    return row


@pytest.mark.parametrize("scenario", [default(), crowded(), synthetic(12, 11)])
def test_its_row_of_a_run_is_the_engines(scenario: Scenario) -> None:
    row = assert_same_row(scenario)
    told = ("deterred", "presses", "tests", "level_ups", "exercises_held", "vetoes")
    assert sum(np.sum(row[name, "sum"]) > 0 for name in told) > 4


def test_the_rare_metrics_are_compared_where_they_are_not_zero() -> None:
    row = assert_same_row(synthetic(14, 39).with_(*HOT))
    for name in ("war_onsets", "nuclear_war_onsets", "nuclear_risk"):
        assert row[name, "sum"] > 0


@pytest.mark.parametrize("key", peer_records.OF_WORLD)
def test_a_metric_that_is_a_little_wrong_is_seen(
    key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = peer_records.OF_WORLD[key]
    monkeypatch.setitem(peer_records.OF_WORLD, key, lambda model: right(model) + 1e-6)
    with pytest.raises(AssertionError, match=key[0]):
        assert_same_row(synthetic(4, 35))


def test_a_run_that_is_not_recorded_has_no_row() -> None:
    with pytest.raises(ValueError, match="not recorded"):
        PeerModel(default(), noise.run_key(0, 0), collect=False, weeks=1).play()


def test_it_refuses_a_rule_that_it_does_not_know() -> None:
    scenario = default().with_("states.JPN.desks.training=none")
    with pytest.raises(ValueError, match="JPN: the peer knows no training rule 'none'"):
        PeerModel(scenario, noise.run_key(0, 0))


class Idle(Policy):
    """Leaves all to the desks."""

    def decide(self, me: Any) -> None:
        """Nothing."""


def test_it_refuses_a_policy() -> None:
    scenario = default().with_policy("JPN", Idle)
    with pytest.raises(ValueError, match="no policies in Python \\(JPN\\)"):
        PeerModel(scenario, noise.run_key(0, 0))
