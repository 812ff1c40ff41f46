"""Explanations: a deciding term a desk, which the recorded Observation bears out."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from worlds import MAPPING

from sim.cli import main
from sim.desks.decide import decide
from sim.desks.registry import REGISTRY, desk
from sim.explain.explain import Explanation, LeftItsRangeError, explain, replay_week
from sim.explain.reasons import EXPLAINERS, Case, Reason, reasons
from sim.policy.state import Policy
from sim.rules.perceive import perceive
from sim.scenario import Scenario, from_mapping, load
from sim.world import CHALLENGED, DESKS, PRESS, QUIET, RESISTED, WAR, Crisis

pytestmark = pytest.mark.usefixtures("unchecked")
WHO = load().states
SHIPPED = [(desk, rule) for desk in DESKS for rule in REGISTRY[desk]]
_luck = random.Random(20231013)
DRAWN = [(_luck.choice(WHO), _luck.randrange(156), _luck.randrange(1000)) for _ in range(10)]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load()


def reason(told: Explanation, desk: str) -> Reason:
    (found,) = (r for r in told.reasons if r.desk == desk)
    return found


def complete(told: Explanation) -> None:
    assert [r.desk for r in told.reasons] == list(DESKS)
    lines = told.lines()
    for r in told.reasons:
        assert r.term in r.terms
        assert np.all(np.isfinite(list(r.terms.values())))
        assert f"{r.desk} ({r.rule}) {r.decided}: {r.why}." in lines
        assert r.decided
        assert r.why


@pytest.mark.parametrize(("state", "week", "seed"), DRAWN)
def test_every_desk_names_its_deciding_term(
    scenario: Scenario, state: str, week: int, seed: int
) -> None:
    told = explain(scenario, state, week, seed)
    complete(told)
    assert told.heading.startswith(f"{state} in week {week} ({scenario.date(week)})")


@pytest.mark.parametrize(("desk", "rule"), SHIPPED, ids=list(map("-".join, SHIPPED)))
def test_every_shipped_rule_is_told(desk: str, rule: str) -> None:
    assert (desk, rule) in EXPLAINERS, "a function under @explains in sim/explain"
    overrides = [f"states.{state}.desks.{desk}={rule}" for state in WHO]
    scenario = load(overrides=[*overrides, "weeks=20", "priors=none"])
    for state, week in (("PRK", 0), ("RUS", 7), ("UKR", 13), ("USA", 19), ("KOR", 11)):
        told = explain(scenario, state, week)
        complete(told)
        assert reason(told, desk).rule == rule


def test_a_supplier_is_moved_by_the_largest_of_its_terms(scenario: Scenario) -> None:
    told = explain(scenario, "PRK", 40, seed=7)
    seen, params = told.week.seen, told.week.params
    prk, rus = WHO.index("PRK"), WHO.index("RUS")
    own = params.desks["transfer"]["opportunist"]
    expected = {
        "affinity": own.by_affinity[prk] * seen.affinity[prk, rus],
        "benefit": own.by_benefit[prk]
        * min(seen.beneficiary[scenario.pairs.index((prk, rus))], 3.0),
        "legal_risk": -own.legal_risk[prk] * (0.5 + 0.5 * seen.monitored[prk]),
    }
    found = reason(told, "transfer")
    assert {name: found.terms[name] for name in expected} == pytest.approx(expected)
    assert found.term == max(expected, key=lambda name: abs(expected[name]))
    assert "offers RUS" in found.decided


@pytest.mark.parametrize(
    ("state", "week", "seed", "run"), [("KOR", 30, 7, 3), ("PRK", 40, 7, 0), ("USA", 70, 2, 0)]
)
def test_a_press_is_what_draw_and_fear_leave_of_the_urge(
    scenario: Scenario, state: str, week: int, seed: int, run: int
) -> None:
    told = explain(scenario, state, week, seed, run)
    left, i = told.week, WHO.index(state)
    seen, own = left.seen, left.params.desks["crisis"]["tit_for_tat"]
    mine = [p for p, (actor, _) in enumerate(scenario.pairs) if actor == i]
    chance = np.zeros(len(scenario.pairs))
    for p in mine:
        if seen.level[p] == WAR:
            continue
        j, hard = scenario.pairs[p][1], seen.hard[p] > 0.0
        act = min(1.0, seen.test[j] + seen.drill[j] + seen.suspicion[j])
        urge = own.provoked[i] * seen.stake[p] * seen.tension[i, j] * act
        if seen.posture[p] == PRESS and seen.stake[p] > 0.0:
            urge = own.retaliate[i] * seen.stake[p] ** 0.5
        resists = own.resist_hard[i] if hard else own.resist_soft[i]
        if seen.against[p] == CHALLENGED and left.noise["forgive"][p] >= resists:
            urge = 0.0
        if seen.stage[p] == RESISTED:
            urge = own.stand_hard[i] if hard else own.stand_soft[i]
        chance[p] = urge * (1.0 - own.caution[i] * seen.deterrence[p]) ** (1 + seen.level[p])
    pressed = left.noise["posture"] < chance
    assert np.array_equal(pressed[mine], left.action.crisis.posture[mine] == PRESS)
    found = reason(told, "crisis")
    in_a_game = (seen.stage != QUIET) | (seen.against != QUIET)
    cause = next(name for name in ("answer", "provoked") if name in found.terms)
    if not np.any(in_a_game[mine]):
        assert (found.term == cause) == bool(np.any(pressed))
        p = int(np.argmax(pressed)) if np.any(pressed) else int(np.argmax(chance))
        assert found.terms[cause] * found.terms["bold"] == pytest.approx(chance[p])
        assert found.terms["draw"] == left.noise["posture"][p]


def test_deterrence_is_told_as_will_and_balance(scenario: Scenario) -> None:
    told = explain(scenario, "KOR", 30, 7, 3)
    (rows,) = (rows for rows in told.saw if rows[0][0] == "of others")
    places = [rows[0].index(name) for name in ("deterrence", "will", "balance")]
    weight = told.week.params.rules.escalate.deterrence
    for row in rows[1:]:
        deterrence, will, balance = (float(row[place]) for place in places)
        assert deterrence == pytest.approx(weight * will * balance, rel=0.02, abs=1e-9)
    assert any(float(row[places[1]]) < 1.0 for row in rows[1:])
    found = reason(told, "crisis").terms
    own = told.week.params.desks["crisis"]["tit_for_tat"]
    fear = own.caution[WHO.index("KOR")] * weight * found["will"] * found["balance"]
    assert found["fear"] == pytest.approx(fear)


@pytest.mark.parametrize(
    ("stage", "against", "hard", "term", "clause"),
    [
        (RESISTED, QUIET, 1.0, "stands", "resisted; being hard it stands"),
        (RESISTED, QUIET, 0.0, "stands", "resisted; being soft it backs down"),
        (QUIET, CHALLENGED, 1.0, "resists", "challenged it, and being hard: the draw 0.5 is below"),
        (QUIET, CHALLENGED, 0.0, "resists", "not below 0 (resists), so that it gives way"),
    ],
)
def test_tit_for_tat_is_told_by_its_type(
    scenario: Scenario, stage: int, against: int, hard: float, term: str, clause: str
) -> None:
    certain = [
        f"states.KOR.desks.crisis.{name}={value}"
        for name, value in {
            **{"resist_hard": 1, "resist_soft": 0, "stand_hard": 1, "stand_soft": 0},
            **{"caution": 0, "provoked": 0, "retaliate": 0},
        }.items()
    ]
    bold = scenario.with_("weeks=1", *certain)
    before, left = replay_week(bold, 0, 0, 0)
    i, j = WHO.index("KOR"), WHO.index("PRK")
    mine, theirs = bold.pairs.index((i, j)), bold.pairs.index((j, i))

    def put(values: np.ndarray, at: int, value: float) -> np.ndarray:
        new = values.copy()
        new[at] = value
        return new

    world = replace(
        before,
        level=0 * before.level,
        stage=put(put(0 * before.stage, mine, stage), theirs, against),
        hard=put(before.hard, mine, hard),
    )
    luck = {**left.noise, "posture": 0.5 + 0.0 * left.noise["posture"]}
    luck["forgive"] = 0.5 + 0.0 * left.noise["forgive"]
    world, seen = perceive(left.params, world, luck)
    action = decide(left.params, seen, luck)
    found = reasons(Case(bold, replace(left, seen=seen, action=action, noise=luck), i, world))
    crisis = found[DESKS.index("crisis")]
    assert crisis.term == term
    assert clause in crisis.why


def table(told: Explanation, heading: str) -> list[str]:
    """The names in the first column of a table."""
    return [row[0] for rows in told.saw if rows[0][0] == heading for row in rows[1:]]


def test_conduct_is_told_toward_listed_partners_and_the_rest_of_all_others(
    scenario: Scenario,
) -> None:
    i = WHO.index("JPN")
    listed = [WHO[target] for actor, target in scenario.pairs if actor == i]
    told = explain(scenario, "JPN", 5)
    assert "UKR" not in listed
    assert table(told, "of others") == listed
    assert table(told, "of strangers") == ["UKR"]


@pytest.mark.parametrize("rule", REGISTRY["crisis"])
def test_who_is_listed_with_nobody_has_nobody_to_act_on(rule: str) -> None:
    strangers = from_mapping(MAPPING | {"routes": [], "relations": {}}, "strangers")
    alone = strangers.with_(f"states.BBB.desks.crisis={rule}", "states.BBB.desks.training=calendar")
    told = explain(alone, "BBB", 1)
    complete(told)
    assert table(told, "of others") == []
    assert table(told, "of strangers") == ["AAA", "CCC", "DDD", "EEE"]
    assert reason(told, "training").decided == "holds no exercise"
    found = reason(told, "crisis")
    assert found.decided == "holds toward all"
    assert found.term == ("hold" if rule == "hold" else "stake")


def test_the_limit_of_a_shipment_is_the_one_that_binds(scenario: Scenario) -> None:
    early = explain(scenario, "USA", 3, seed=42)
    assert "a deal that still grows" in reason(early, "transfer").why
    dry = scenario.with_("states.RUS.treasury=0", "states.RUS.credit=0", "states.RUS.spending=0")
    assert "what the buyer can pay" in reason(explain(dry, "PRK", 30), "transfer").why
    calm = scenario.with_("states.PRK.reserve_weeks=520")
    assert reason(explain(calm, "PRK", 30), "transfer").term == "reserve"


def test_a_week_is_the_same_whatever_comes_after(scenario: Scenario) -> None:
    short = scenario.with_("weeks=31")
    assert explain(short, "KOR", 30, 7, 3).lines() == explain(scenario, "KOR", 30, 7, 3).lines()


@pytest.fixture
def defiant() -> Iterator[str]:
    """A rule of somebody's own: press all others."""

    @desk("crisis")
    def defiance(own: Any, seen: Any, noise: Any, params: Any) -> Crisis:
        return Crisis(posture=0 * seen.posture + PRESS, demand=0.0 * seen.stake)

    yield "defiance"
    del REGISTRY["crisis"]["defiance"]


def test_a_rule_of_ones_own_is_told_by_what_it_changes(scenario: Scenario, defiant: str) -> None:
    own = scenario.with_(f"states.KOR.desks.crisis={defiant}")
    found = reason(explain(own, "KOR", 2), "crisis")
    assert (found.rule, found.term, found.terms["posture"]) == (defiant, "posture", 1.0)
    assert found.decided == "fills posture (up to 1)"


class Restless(Policy):
    """Presses one neighbour, whatever its desk says."""

    def decide(self, me: Any) -> None:
        me.press("JPN")


def test_a_policy_in_python_is_told_where_it_overrules_a_desk(scenario: Scenario) -> None:
    told = explain(scenario.with_policy("KOR", Restless), "KOR", 2)
    crisis, diplomacy = reason(told, "crisis"), reason(told, "diplomacy")
    assert (crisis.rule, crisis.term) == ("Restless", "posture")
    assert diplomacy.rule == "enforcer"


def test_what_is_not_there_cannot_be_explained(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state, week in (("QQQ", 0), ("PRK", 156), ("PRK", -1)):
        with pytest.raises(ValueError, match="not of Scenario"):
            explain(scenario, state, week)
    monkeypatch.setattr("sim.explain.explain.in_range", lambda world: world.week < 4)
    with pytest.raises(LeftItsRangeError, match="seed 5, run 1: left its range in week 3"):
        explain(scenario, "PRK", 9, seed=5, run=1)


@pytest.mark.quick
def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["explain=RUS", "week=4", "seed=7", "timetable=none"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "RUS in week 4 (2023-05-29) of northeast_asia_2023, seed 7, run 0"
    assert [line.split()[0] for line in out[-6:]] == list(DESKS)
    assert main(["explain=RUS", "week=x", "runs=3", "weks=4", "seed=-1"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == ["runs", "week", "weks", "seed"]
    assert main(["explain=KORR", "week=200"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "explain: there is no state 'KORR' (nearest right key: KOR)",
        "week: 200: the last week is 155",
    ]
    monkeypatch.setattr("sim.explain.explain.in_range", lambda world: False)
    assert main(["explain=RUS", "week=4"]) == 1


def test_what_stands_in_for_a_munition_is_counted_in() -> None:
    shells_alone = ["weeks=8", "priors=none", "states.RUS.war_plan.missile_srbm=0"]
    world = load("northeast_asia_2023", [*shells_alone, "states.RUS.fire_rate.missile_srbm=0"])
    text = "\n".join(explain(world, "RUS", 5).lines())
    assert "weeks of shell_152, with rocket_122 counted in" in text
