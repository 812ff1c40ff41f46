"""Environments pass the libraries' own tests, see what policies see, play what engines play."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test

import sim
from sim.engines import reference
from sim.policy.environment import SeatEnv, SeatsEnv, environment
from sim.policy.levers import LEVERS, seen_numbers
from sim.scenario import Scenario

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return sim.load("northeast_asia_2023", ["weeks=20"])


@pytest.fixture
def seats(scenario: Scenario) -> SeatsEnv:
    made = environment(scenario, ["PRK", "KOR"])
    assert isinstance(made, SeatsEnv)
    return made


def weeks_of(env: SeatsEnv, actions: Any = None) -> Iterator[tuple[Any, dict[str, float]]]:
    """Step until the end; yields the world and the rewards of each week."""
    while env.agents:
        _, rewards, *_ = env.step(actions or {})
        yield env.world, rewards


def test_the_libraries_own_tests_pass(seats: SeatsEnv) -> None:
    parallel_api_test(seats, num_cycles=50)
    parallel_seed_test(lambda: environment("arms_race_dyad", ["RED", "BLU"]), num_cycles=5)
    one = environment("arms_race_dyad", "RED")
    assert isinstance(one, SeatEnv)
    with warnings.catch_warnings():  # of bounds that it would like better
        warnings.simplefilter("ignore", UserWarning)
        check_env(one, skip_render_check=True)


def test_without_actions_it_plays_what_the_engine_plays(seats: SeatsEnv) -> None:
    seats.reset(seed=4, options={"run": 3})
    ours = list(weeks_of(seats))
    theirs = list(reference.weeks(seats.scenario, 4, 3))
    assert len(ours) == len(theirs) == 20
    for (world, _), left in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(world.stock, left.world.stock)
        np.testing.assert_array_equal(world.tension, left.world.tension)
    runs = sim.run(seats.scenario, 1, 4, first=3, engine="reference", workers=1).weeks
    for code in seats.possible_agents:
        paid = runs.loc[runs["state"] == code, "payoff"]
        np.testing.assert_array_equal([rewards[code] for _, rewards in ours], paid)


def test_a_seat_sees_what_its_policy_sees(seats: SeatsEnv) -> None:
    recorded = []

    class Recorder(sim.Policy):
        def decide(self, me: sim.State) -> None:
            recorded.append([number for _, number in seen_numbers(me, me._table)])

    list(reference.weeks(seats.scenario.with_policy("PRK", Recorder), 0, 0))
    seen, _ = seats.reset(seed=0)
    ours = [seen["PRK"]]
    while seats.agents:
        ours.append(seats.step({})[0]["PRK"])
    np.testing.assert_array_equal(ours[:-1], recorded)


def test_a_seat_sees_no_stock_but_its_own_and_no_contract_of_others(seats: SeatsEnv) -> None:
    labels = seats.labels("KOR")
    assert "me.stock.shell_155" in labels
    hidden = ("stock", "treasury", "supply", "capacity", "strength", "tech", "hard_of_other")
    others = [label for label in labels if label.partition(".")[0] not in ("me",)]
    assert not [label for label in others if label.split(".")[1] in hidden]
    assert not [label for label in labels if label.startswith("PRK>RUS.contract")]
    assert [label for label in labels if label.startswith("KOR>UKR.contract")]
    assert len(labels) == len(set(labels)) == seats.observation_space("KOR").shape[0]


def test_an_offer_is_that_of_a_policy(scenario: Scenario) -> None:
    class Giver(sim.Policy):
        def decide(self, me: sim.State) -> None:
            for customer in me.customers:
                for munition, held in me.stock.items():
                    me.offer(customer, munition, 0.01 * held)

    seats = environment(scenario, ["PRK", "KOR"], levers=["offer"])
    assert isinstance(seats, SeatsEnv)
    count = len(seats.cells("KOR", "offer"))
    seats.reset(seed=1)
    ours = [world for world, _ in weeks_of(seats, {"KOR": {"offer": np.full(count, 0.01)}})]
    theirs = list(reference.weeks(scenario.with_policy("KOR", Giver), 1, 0))
    for world, left in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(world.shipped, left.world.shipped)
    without = list(reference.weeks(scenario, 1, 0))[-1].world
    assert not np.array_equal(ours[-1].shipped, without.shipped)


def test_two_random_seats_last_three_years() -> None:
    seats = environment("northeast_asia_2023", ["PRK", "KOR"], levers=LEVERS)
    assert isinstance(seats, SeatsEnv)
    for code in seats.possible_agents:
        seats.action_space(code).seed(7)
    seen, _ = seats.reset(seed=2)
    weeks = 0
    while seats.agents:
        seen, rewards, failed, over, _ = seats.step(
            {code: seats.action_space(code).sample() for code in seats.agents}
        )
        weeks += 1
        assert all(np.isfinite(numbers).all() for numbers in seen.values())
        assert all(map(np.isfinite, rewards.values()))
    assert weeks == 156
    assert all(over.values())
    assert not any(failed.values())


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ValueError, match=r"seats: there is no state 'PRX'.*PRK"):
        environment("northeast_asia_2023", ["PRX", "KOR"])
    with pytest.raises(ValueError, match=r"levers: there is no 'offers'.*offer"):
        environment("northeast_asia_2023", "PRK", levers=["offers"])
    with pytest.raises(ValueError, match="one twice"):
        environment("northeast_asia_2023", ["PRK", "PRK"])
