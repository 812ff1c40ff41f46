"""The classic models are limits of this one: for parameters nobody chose, and not by accident.

Each limit is held against runs of its shipped scenario and of drawn parameter sets.
"""

import math
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.limits import main
from sim.results.intervals import (
    payoff_interval,
    quantile_interval,
    rate_interval,
    share_interval,
    skewed_mean_interval,
)
from sim.scenario import names
from sim.studies.limits import LIMITS, Check, Limit, Runner, report
from sim.studies.limits.limit import LEVEL

DRAWN = int(os.environ.get("DRAWN", "3"))
"""Parameter sets of each limit."""
EACH = [
    pytest.param(limit, id=name, marks=pytest.mark.xdist_group(name))
    for name, limit in LIMITS.items()
]
"""One process plays all of a limit: its programs are compiled once."""
CHEAP = ("balance", "fronts", "lanchester_square", "pipeline")
"""The reference engine has simulated all of their runs before a program would be compiled."""
pytestmark = pytest.mark.usefixtures("unchecked")


def refused(checks: Iterable[Check]) -> list[str]:
    return [check.line() for check in checks if not check.holds]


def player(limit: Limit, seed: int = 0) -> Runner:
    return Runner(seed=seed, engine="reference" if limit.name in CHEAP else "auto")


def test_every_limit_is_a_shipped_scenario_and_the_reverse() -> None:
    assert {f"limit_{name}" for name in LIMITS} == {
        name for name in names("scenario") if name.startswith("limit_")
    }


@pytest.mark.slow
@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("limit", EACH)
def test_the_shipped_scenario_meets_its_theory(limit: Limit) -> None:
    scenario = limit.scenario()
    assert limit.beyond(scenario) == []
    found = list(limit.checks(scenario, player(limit)))
    assert found[0].expected == limit.theory(scenario)
    assert not refused(found), "\n".join(refused(found))


@pytest.mark.slow
@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("limit", EACH)
def test_parameter_sets_that_nobody_chose(limit: Limit) -> None:
    values = st.fixed_dictionaries({path: st.floats(*span) for path, span in limit.drawn.items()})

    @settings(max_examples=DRAWN)
    @given(drawn=values, seed=st.integers(0, 2**32 - 1))
    def holds(drawn: dict[str, float], seed: int) -> None:
        scenario = limit.scenario(*limit.overrides(drawn))
        assert limit.beyond(scenario) == []
        found = list(limit.checks(scenario, report.with_few_runs(limit, player(limit, seed))))
        assert not refused(found), "\n".join([limit.describe(scenario), *refused(found)])

    holds()


# Theory is the textbook's


@pytest.mark.parametrize(
    ("name", "overrides", "expected"),
    [
        # (a h + n g) / (m n - a b)
        ("richardson", [], (1.0 * 5.0 + 2.5 * 10.0) / (2.0 * 2.5 - 1.0 * 1.5)),
        ("richardson", ["states.RED.desks.procurement.grievance=8"], (8.0 + 25.0) / 3.5),
        ("richardson_many", [], 10.0 / (2.5 - 3.0 * 0.5)),
        ("lanchester_square", [], math.sqrt(100.0**2 - 0.04 / 0.03 * 70.0**2)),
        ("lanchester_linear", [], 100.0 - 0.0025 / 0.002 * 60.0),
        ("lanchester_square", ["rules.fight.omega=1"], 100.0 - 0.04 / 0.03 * 70.0),
        ("pipeline", [], 200.0 * (2.0 + 6.0)),
        (
            "interdiction",
            [],
            0.75 * (1 - 0.5 * (1 - math.exp(-0.5))) * (1 - 0.5 * (1 - math.exp(-0.25))),
        ),
        ("nelson_phelps", [], 0.75 / (0.75 + 0.25)),
        ("benhabib_spiegel", [], (0.8 - 0.3) / 0.8),
        ("benhabib_spiegel", ["technologies.engines.growth=0.9"], 0.0),
        ("observers", [], math.exp(0.4 + 0.1)),
        ("learning", [], 0.7),
        ("first_strike", [], (25 / 0.4 + 0.4 * 20 / 0.5) / (1 - 0.5 * 0.4)),
        ("rudimentary", [], 1.0),  # 0.5 < (1 - 0.6) / (1 - 0.3) = 0.571
        ("rudimentary", ["++doctrines.challenger.desks.crisis.c_dd_hard=0.15"], 0.0),  # 0.471
        ("unilateral", [], 0.3 * (1.0 - 0.6) / (1.0 - 0.1)),  # bluff: p_C d1
        ("assurance", [], 1.0),  # 0.6 >= 0.3 / (1 - 0.7 + 0.3)
        ("assurance", ["rules.escalate.trust_prior=0.49"], 0.0),
        ("balance", ["rules.escalate.balance=0"], 1 - (1 - 0.35) * (1 - 0.72 * 0.42)),
        ("balance", ["rules.escalate.balance=0", "relations.alliances.0.commitment=0"], 0.35),
        (
            "balance",
            ["rules.escalate.balance=2", "relations.alliances.0.commitment=0"],
            0.35 * (40.0 / 140.0) ** 2,
        ),
        ("credence", [], 0.6 * 0.8),
        ("bargaining", [], (0.6 - 20 * 0.01 / 1.5) / (2 * 0.6)),
        ("bargaining", ["doctrines.demands.desks.crisis.burden=100"], 0.0),  # c_A > cbar
        ("bargaining", ["doctrines.answers.desks.crisis.burden=60"], 0.4 / 1.8),  # x* = 1
    ],
)
def test_theory_is_the_textbook_formula(name: str, overrides: list[str], expected: float) -> None:
    limit = LIMITS[name]
    assert limit.theory(limit.scenario(*overrides)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_an_unstable_race_has_no_rest() -> None:
    limit = LIMITS["richardson"]
    assert math.isnan(limit.theory(limit.scenario("states.BLU.desks.procurement.reaction=3.4")))
    assert limit.describe(limit.scenario("states.BLU.desks.procurement.reaction=3.4")).endswith(
        "away"
    )


def test_bursts_are_those_of_a_long_simulation() -> None:
    rng = np.random.default_rng(0)
    begin, end, on, off, years = 0.05, 0.1, 1.5, 0.1, 40_000
    campaign = np.empty(52 * years, bool)
    state = False
    for place, u in enumerate(rng.random(len(campaign))):
        state = u >= end if state else u < begin
        campaign[place] = state
    yearly = rng.poisson(np.where(campaign, on, off)).reshape(-1, 52).sum(axis=1)
    limit = LIMITS["campaigns"]
    assert yearly.var() / yearly.mean() == pytest.approx(limit.theory(limit.scenario()), rel=0.03)


# Intervals


def test_intervals_hold_what_they_should() -> None:
    """At an error of one in fifty a side: as often as that, or less often, they miss."""
    level = 0.98
    rng, count, tries = np.random.default_rng(1), 60, 1000
    missed = dict.fromkeys(("share", "mean", "rate", "quantile", "payoff"), 0)
    for _ in range(tries):
        hits = int(rng.binomial(count, 0.2))
        waits = rng.exponential(0.5, count)
        paid = rng.choice([0.0, 1.0, -3.0], count, p=[0.9, 0.07, 0.03])
        for name, interval, true in (
            ("share", share_interval(hits, count, level), 0.2),
            ("payoff", payoff_interval(paid, -4.0, 4.0, level), 0.07 - 0.09),
            ("mean", skewed_mean_interval(waits, level), 0.5),
            ("rate", rate_interval(count, float(waits.sum()), level), 2.0),
            ("quantile", quantile_interval(np.sort(waits), 0.5, level), 0.5 * math.log(2.0)),
        ):
            missed[name] += not interval[0] <= true <= interval[1]
    shares = {name: number / tries for name, number in missed.items()}
    assert shares["share"] <= 0.02
    assert shares["quantile"] <= 0.02
    assert shares["rate"] == pytest.approx(0.02, abs=0.01)
    assert shares["mean"] == pytest.approx(0.02, abs=0.015)  # Student's would miss one in twenty
    assert shares["payoff"] <= 0.02
    assert all(share > 0.002 for name, share in shares.items() if name != "payoff")


def test_what_was_never_seen_may_happen() -> None:
    """Ten equal payoffs do not say that no other is paid; a thousand say that it is rare."""
    few, many = (payoff_interval(np.full(n, -0.5), -2.0, 2.0, LEVEL) for n in (10, 1000))
    assert few[0] < -1.5 < 0.0 < few[1]
    assert -0.6 < many[0] < -0.5 < many[1] < -0.4


def test_a_check_without_a_number_does_not_hold() -> None:
    assert not Check("x", math.nan, 1.0, 0.0, 2.0).holds
    assert not Check("x", 1.0, math.nan, math.nan, math.nan).holds
    assert Check("x", 1.0, 1.0, 1.0, 1.0).holds


# The command


def test_the_command_holds_one_limit(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["limit=pipeline", "workers=1", "weeks=60", "states.SUP.unusable_share=0.5"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "q=0.5" in out
    assert "FAIL" not in out
    assert "takes no account" not in out


def test_the_command_names_what_theory_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["limit=pipeline", "workers=1", "weeks=60", "rules.trade.inertia=0.5"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "theory takes no account of rules.trade.inertia" in out
    assert "FAIL" in out


@pytest.mark.parametrize(
    "words",
    [
        ["limit=unilateral", "relations.rivalries.0.stake=[0.9,0.1]", "runs=20"],
        ["limit=unilateral", "doctrines.defender.desks.crisis.d_dc=0.35", "runs=4"],
        ["limit=bargaining", "states.A1.force=80", "runs=20"],
        ["limit=assurance", "doctrines.trustworthy.desks.crisis.temptation=0.95"],
        ["limit=campaigns", "++states.S03.desks.technology.begin=0.4", "weeks=312", "runs=2"],
        ["limit=learning", "states.S02.tech.missile=0.1", "weeks=156", "runs=1"],
        ["limit=lanchester_linear", "rules.fight.omega=0.5", "weeks=60"],
        ["limit=richardson", "states.RED.desks.procurement.reaction=9", "weeks=700"],
        ["limit=benhabib_spiegel", "technologies.engines.threshold=0.4", "weeks=60"],
        ["limit=nelson_phelps", "++states.RED.desks.technology.effort=3", "weeks=60"],
        ["limit=first_strike", "states.RED.desks.crisis.counterforce=2.5"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_an_override_states_its_own_expectation(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "workers=1"]) == 0, capsys.readouterr().out
    assert "takes no account" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["limit=richardsen"], "nearest right"),
        (["weeks=3"], "needs its limit=NAME"),
        (["runs=0"], "not a whole number"),
        (["runs=²"], "not a whole number"),
        (["limit=richardson", "weeks=none"], "weeks"),
        (["limit=campaigns", "weeks=60"], "start is not forgotten"),
        (
            [
                "limit=richardson",
                "states.BLU.desks.procurement=hold",
                "states.RED.desks.procurement=hold",
            ],
            "no state follows richardson",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "workers=1"]) == 2
    assert told in capsys.readouterr().err


def test_drawn_sets_are_the_seed_s() -> None:
    one, same, other = (
        list(report.drawn_jobs("richardson", 3, Runner(seed=seed))) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_the_page_of_documents_lists_every_limit() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "limits.md").read_text(encoding="utf-8")
    assert {line.split("`")[1] for line in text.splitlines() if line.startswith("| `limit_")} == {
        f"limit_{name}" for name in LIMITS
    }
