"""Games of doctrines: known games are found, in numbers made by hand and in worlds made by hand."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.analysis.game import MetaGame
from sim.metrics import METRICS, Week
from sim.plots.game import replicator

pytestmark = pytest.mark.usefixtures("unchecked")
DILEMMA = [[(3, 3), (0, 5)], [(5, 0), (1, 1)]]
COORDINATION = [[(2, 1), (0, 0)], [(0, 0), (1, 2)]]
PENNIES = [[(1, -1), (-1, 1)], [(-1, 1), (1, -1)]]
DOCTRINES = ("restraint", "brinkman")


def game(table: object, noise: float = 0.0, runs: int = 40) -> MetaGame:
    mean = np.moveaxis(np.asarray(table, float), -1, 0)
    shift = np.random.default_rng(0).normal(0, noise or 1e-9, (runs, *mean.shape))
    names = dict.fromkeys(("A", "B"), ("first", "second"))
    return MetaGame(names, mean + shift)


@pytest.fixture
def played(request: pytest.FixtureRequest) -> Iterator[MetaGame]:
    """A world of two whose payoff by doctrine is a table: a metric that reads the desks."""
    table = np.asarray(request.param, float)

    @sim.metric("state", unit="points", definition="of a table", reduce=("mean",))
    def handmade(week: Week) -> np.ndarray:
        crisis = list(week.params.desks["crisis"])
        chosen = np.asarray(week.params.choice)[list(week.params.desks).index("crisis")]
        row, column = (int(crisis[int(n)] == "brinkmanship") for n in chosen)
        return table[row, column]

    scenario = sim.load("arms_race_dyad", ["weeks=3"])
    try:
        yield sim.meta_game(
            scenario,
            dict.fromkeys(scenario.states, DOCTRINES),
            runs=4,
            payoff="handmade",
            engine="reference",
            workers=1,
        )
    finally:
        METRICS[:] = [metric for metric in METRICS if metric.name != "handmade"]


@pytest.mark.parametrize("played", [DILEMMA], indirect=True)
def test_a_world_that_is_a_dilemma_has_its_one_equilibrium(played: MetaGame) -> None:
    assert played.pure() == [(1, 1)]
    assert played.holds()[1, 1] == 1.0
    row = played.equilibria().iloc[0]
    assert (row["RED"], row["BLU"], row["loss"]) == ("brinkman", "brinkman", 1.0)


@pytest.mark.parametrize("played", [COORDINATION], indirect=True)
def test_a_world_of_coordination_has_two_and_a_mixed_one(played: MetaGame) -> None:
    assert played.pure() == [(0, 0), (1, 1)]
    mixed = [shares for shares in played.mixed() if max(shares[0]) < 0.999]
    np.testing.assert_allclose(mixed[0][0], [2 / 3, 1 / 3])
    np.testing.assert_allclose(mixed[0][1], [1 / 3, 2 / 3])
    assert list(played.equilibria()["kind"]) == ["pure", "pure", "mixed"]


@pytest.mark.parametrize("played", [PENNIES], indirect=True)
def test_a_world_of_pennies_has_a_mixed_one_alone(played: MetaGame) -> None:
    assert played.pure() == []
    ((first, second),) = played.mixed()
    np.testing.assert_allclose(first, [0.5, 0.5])
    np.testing.assert_allclose(second, [0.5, 0.5])
    assert list(played.equilibria()["kind"]) == ["mixed"]


def test_an_equilibrium_within_the_noise_holds_in_some_resamples() -> None:
    close = game([[(1.0, 1.0), (0.0, 0.99)], [(0.99, 0.0), (0.5, 0.5)]], noise=0.2)
    shares = close.holds()
    assert 0.1 < shares[0, 0] < 0.95
    sure = game(DILEMMA, noise=0.2).holds()
    assert sure[1, 1] == 1.0


def test_intervals_hold_the_mean_and_shrink_with_runs() -> None:
    few, many = (game(DILEMMA, 1.0, runs).table()["A"] for runs in (10, 1000))
    for table in (few, many):
        assert (table["low"] < table["payoff"]).all()
        assert (table["payoff"] < table["high"]).all()
    assert (many["high"] - many["low"]).max() < (few["high"] - few["low"]).min() / 3


@given(st.lists(st.integers(0, 9), min_size=16, max_size=16))
def test_no_state_gains_by_leaving_an_equilibrium(numbers: list[int]) -> None:
    three = MetaGame(
        {"A": ("x", "y"), "B": ("x", "y"), "C": ("x", "y", "z", "w")},
        np.repeat(np.asarray([*numbers * 3], float).reshape(1, 3, 2, 2, 4), 2, axis=0),
    )
    for a, b, c in three.pure():
        assert three.mean[0, a, b, c] == three.mean[0, :, b, c].max()
        assert three.mean[1, a, b, c] == three.mean[1, a, :, c].max()
        assert three.mean[2, a, b, c] == three.mean[2, a, b, :].max()
    with pytest.raises(ValueError, match="two states, not 3"):
        three.mixed()


def test_shares_stay_shares_and_the_dominant_doctrine_spreads() -> None:
    paths = game(DILEMMA).replicator()
    for path in paths:
        np.testing.assert_allclose(path.sum(axis=1), 1.0)
        assert path[-1, 1] > 0.99
    still = game(DILEMMA).replicator(start=[[1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_array_equal(still[0][-1], [1.0, 0.0])


def test_its_figure_names_states_and_doctrines() -> None:
    drawn = replicator(game(COORDINATION))
    assert [panel.get_title("left") for panel in drawn.axes] == ["A", "B"]
    assert [text.get_text() for text in drawn.axes[0].get_legend().get_texts()] == [
        "first",
        "second",
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = r"no state 'REDD'.*BLU: nothing to choose.*no metric of states 'pay'.*runs: 1"
    with pytest.raises(ValueError, match=said):
        sim.meta_game("arms_race_dyad", {"REDD": ["restraint"], "BLU": []}, runs=1, payoff="pay")


def test_payoffs_are_those_of_jobs_of_their_own() -> None:
    scenario = sim.load("arms_race_dyad", ["weeks=20"])
    found = sim.meta_game(
        scenario, {"RED": DOCTRINES}, runs=3, seed=5, engine="reference", workers=1
    )
    for place, doctrine in enumerate(DOCTRINES):
        alone = sim.run(
            scenario.with_(f"states.RED.doctrine={doctrine}"), 3, 5, engine="reference", workers=1
        )
        np.testing.assert_array_equal(found.payoffs[:, 0, place], alone.runs["payoff_RED_mean"])
