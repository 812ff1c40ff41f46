"""Deterrence in the default scenario: it holds, by what it says it holds by, and desks matter."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from optimised import optimised

import sim
from experiments import deterrence
from sim.results.intervals import mean_interval
from sim.results.results import Results, paired
from sim.studies.deterrence import (
    DEFAULT,
    DESKS,
    NO_RESTRAINT,
    between_desks,
    chance,
    simulate,
    stability,
    success,
    variants,
)

RUNS = 150
pytestmark = pytest.mark.xdist_group("deterrence")  # they share their runs
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def played(unchecked: None) -> dict[str, Results]:
    pytest.importorskip("jax", reason="many runs are played by the compiled engine")
    scenarios = variants(sim.load("northeast_asia_2023"))
    with optimised(), pytest.MonkeyPatch.context() as patch:  # one record, one program
        patch.setattr("sim.studies.deterrence.WITH_EVENTS", tuple(scenarios))
        return simulate(scenarios, RUNS)


@slow
def test_nuclear_states_hardly_ever_go_to_war(played: dict[str, Results]) -> None:
    share, _, high = chance(played["default"], "nuclear_war_onsets_sum")
    assert share < high < 0.08  # 0.028 (0.019 to 0.040) in 1,000 runs: docs/deterrence.md


@slow
def test_without_restraint_and_deterrence_they_do(played: dict[str, Results]) -> None:
    _, _, shipped = chance(played["default"], "nuclear_war_onsets_sum")
    _, low, _ = chance(played["unrestrained"], "nuclear_war_onsets_sum")
    assert low > 3 * shipped


@slow
@pytest.mark.usefixtures("unchecked")
def test_nuclear_arms_keep_from_war_and_not_from_what_lies_below() -> None:
    """Snyder's stability and instability, where nothing else holds states back."""
    pytest.importorskip("jax", reason="many runs are played by the compiled engine")
    bold = variants(sim.load("northeast_asia_2023", ["rules.escalate.deterrence=0"]))
    played = simulate({name: bold[name] for name in (DEFAULT, NO_RESTRAINT)}, RUNS)
    found = stability(played[DEFAULT], played[NO_RESTRAINT])
    restrained, free = found["war"]
    _, low, _ = mean_interval(free - restrained)
    assert low > 0.5 * restrained.mean()  # a promise is kept against a nuclear state too
    restrained, free = found["display or use of force"]
    _, low, _ = mean_interval(restrained - free)
    assert low > 0.0


@slow
def test_exercises_that_do_not_provoke_leave_no_more_disputes(played: dict[str, Results]) -> None:
    row = paired(played["default"], played["no provocation"]).loc["disputes_mean"]
    assert row["high"] < 0.0


@slow
def test_the_choice_of_crisis_desk_changes_disputes(played: dict[str, Results]) -> None:
    """Perfect deterrence and assurance bring as many as each other, as far as these runs show."""
    alike = {"perfect_deterrence", "assurance"}
    for pair, (_, low, high) in between_desks(played, "disputes_mean").items():
        assert set(pair) == alike or low > 0.0 or high < 0.0, (pair, low, high)
    means = {desk: played[desk].runs["disputes_mean"].mean() for desk in DESKS}
    for quarrelsome in ("perfect_deterrence", "assurance", "brinkmanship"):
        assert means[quarrelsome] > 2 * max(means["hold"], means["tit_for_tat"])


@slow
def test_deterrence_stops_some_presses_unless_it_is_off(played: dict[str, Results]) -> None:
    _, low, high = success(played["default"])
    assert 0.0 < low < high < 1.0
    assert success(played["unrestrained"]) == (0.0, 0.0, 0.0)
    assert np.isnan(success(played["hold"])[0])


def test_the_interval_of_success_is_that_of_a_ratio() -> None:
    rng = np.random.default_rng(0)
    wished = rng.poisson(20.0, (400, 200))
    stopped = rng.binomial(wished, 0.3)

    def results(place: int) -> Any:
        columns = {"deterred_sum": stopped[place], "presses_sum": (wished - stopped)[place]}
        return SimpleNamespace(runs=pd.DataFrame(columns))

    spans = [success(results(place)) for place in range(400)]
    covered = np.mean([low <= 0.3 <= high for _, low, high in spans])
    assert 0.92 < covered < 0.98


@pytest.mark.parametrize("argument", ["runs=1", "runs=x", "desk=hold", "runs"])
def test_a_wrong_key_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert deterrence.main([argument]) == 2
    key, _, value = argument.partition("=")
    told = capsys.readouterr().err
    assert told.startswith(key)
    assert value in told
