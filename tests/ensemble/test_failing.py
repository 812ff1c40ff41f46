"""Runs, phases and policies that fail are named, and leave the others as they are."""

import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import Policy, ensemble, noise
from sim.ensemble.errors import RunError
from sim.params import Params
from sim.policy.state import State
from sim.results.store import finished
from sim.rules.bounds import AMOUNTS, SHARES, SIGNED, each_in_range, in_range
from sim.rules.escalate import escalate
from sim.scenario import Scenario, load
from sim.world import Action, Noise, Observation, World

pytestmark = pytest.mark.usefixtures("unchecked")

SHORT = ["weeks=6"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", SHORT)


def breaks(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, np.ndarray]]:
    """A phase that spoils the treasury of unlucky runs in week 3."""
    spoilt = int(world.week) == 3 and noise["campaign"][0] < 0.5
    world, events = escalate(params, world, seen, action, noise)
    return replace(world, treasury=np.where(spoilt, np.nan, world.treasury)), events


def trips(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, np.ndarray]]:
    """A phase that raises in few runs, in week 3."""
    if int(world.week) == 3 and noise["campaign"][0] < 0.1:
        raise ZeroDivisionError("a phase of mine")
    return escalate(params, world, seen, action, noise)


def unlucky(scenario: Scenario, runs: int) -> list[int]:
    """The runs that `breaks` spoils."""
    return [
        run
        for run in range(runs)
        if noise.draw(scenario.layout, noise.run_key(0, run), 3)["campaign"][0] < 0.5
    ]


def test_a_run_that_leaves_its_range_is_kept_as_failed(scenario: Scenario) -> None:
    runs = ensemble.run(scenario.with_phase("escalate", breaks), runs=12, workers=1).runs
    bad = unlucky(scenario, 12)
    assert 0 < len(bad) < 12
    assert runs.index[runs["status"] == "failed"].tolist() == bad
    assert set(runs.loc[bad, "failed_at"]) == {3}


def test_a_failed_run_leaves_the_others_as_they_are(scenario: Scenario) -> None:
    sound = ensemble.run(scenario, runs=12, workers=1).weeks
    spoilt = ensemble.run(scenario.with_phase("escalate", breaks), runs=12, workers=1).weeks
    kept = (sound["week"] < 3) | ~sound["run"].isin(unlucky(scenario, 12))
    assert spoilt.equals(sound[kept].reset_index(drop=True))


@pytest.mark.parametrize(
    ("name", "value", "fine"),
    [
        *((name, np.nan, False) for name in (*SHARES, *AMOUNTS, *SIGNED)),
        *((name, -1.0, False) for name in (*SHARES, *AMOUNTS)),
        *((name, -1.0, True) for name in SIGNED),
        *((name, 1.1, False) for name in SHARES),
        *((name, np.inf, False) for name in (*AMOUNTS, *SIGNED)),
        *((name, 1e9, True) for name in AMOUNTS),
    ],
)
def test_a_world_out_of_range_is_noticed(
    scenario: Scenario, name: str, value: float, fine: bool
) -> None:
    world = scenario.world()
    array = np.array(getattr(world, name))
    array.flat[-1] = value
    assert in_range(world)
    spoilt = replace(world, **{name: array})
    assert bool(in_range(spoilt)) is bool(each_in_range(spoilt)) is fine


class Stumbles(Policy):
    """Does what cannot be done, in some runs, in week 2 or later."""

    def decide(self, me: State) -> None:
        if me.week >= 2 and me.uniform("stumble") < 0.3:
            me.offer("RUS", "shell_152", -1.0)


class Forgets(Policy):
    """Raises once and never again: played again it would do no wrong."""

    done = False

    def decide(self, me: State) -> None:
        if not Forgets.done:
            Forgets.done = True
            raise OSError("the file is not there")


def stumbles(scenario: Scenario, run: int) -> int | None:
    """The week in which a run stumbles."""
    key = noise.run_key(0, run)
    drawn = [noise.policy_uniform(key, week, "PRK", "stumble") for week in range(scenario.weeks)]
    return next((week for week in range(2, scenario.weeks) if drawn[week] < 0.3), None)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_policy_that_raises_is_named(scenario: Scenario, workers: int, tmp_path: Path) -> None:
    bad = scenario.with_policy("PRK", Stumbles)
    with pytest.raises(RunError) as caught:
        ensemble.run(bad, runs=9, workers=workers, out=tmp_path / "out", record="summary")
    run = next(run for run in range(9) if stumbles(scenario, run) is not None)
    told = str(caught.value)
    assert told.startswith(f"seed 0, run {run}, week {stumbles(scenario, run)}: ValueError: offer")
    assert "test_failing.py, line " in told
    assert """: me.offer("RUS", "shell_152", -1.0), in the policy of PRK, week""" in told
    seen = "".join(traceback.format_exception(caught.value))
    assert "multiprocessing" not in seen
    assert "process_worker" not in seen


def test_what_does_not_happen_again_is_told_without_a_run(scenario: Scenario) -> None:
    Forgets.done = False
    with pytest.raises(
        RunError, match=r"^seed 0: OSError: the file is not there \(.*policy of KOR"
    ):
        ensemble.run(scenario.with_policy("KOR", Forgets), runs=2, workers=1)


def test_a_phase_that_raises_is_named_and_finished_parts_stay(
    scenario: Scenario, tmp_path: Path
) -> None:
    run = next(
        run
        for run in range(100)
        if noise.draw(scenario.layout, noise.run_key(0, run), 3)["campaign"][0] < 0.1
    )
    bad = scenario.with_phase("escalate", trips)
    with pytest.raises(RunError, match=rf"^seed 0, run {run}, week 3: ZeroDivisionError: a phase"):
        ensemble.run(bad, runs=run + 2, out=tmp_path, workers=1)
    assert finished(tmp_path) == set(range(run // 8))
