"""Plain-Python policies: what they see, what they do, and that nothing else changes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from own_policies import Broken, Gambler, Greedy, Hedger, Idle
from sitting import Sitting
from unchecked import unchecked

import sim
from sim import noise
from sim.desks.decide import UNSAID
from sim.engines import reference
from sim.metrics import Week
from sim.policy.deliberation import DESK
from sim.policy.state import DECIDED, State
from sim.policy.step import policy_step
from sim.policy.views import Other
from sim.rules.week import step
from sim.scenario import Scenario, ScenarioError, load
from sim.world import World

WEEKS = 8
STRANGERS = (
    "{}: JPN and UKR are strangers in this scenario: "
    r"add \[JPN, UKR\] to relations.relevant"
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", [f"weeks={WEEKS}"])


def played(scenario: Scenario, seed: int = 0, run: int = 0) -> list[Week]:
    with unchecked():
        return list(reference.weeks(scenario, seed, run))


def same(a: World, b: World) -> bool:
    return all(np.array_equal(value, getattr(b, name)) for name, value in vars(a).items())


@pytest.fixture
def sitting(scenario: Scenario) -> Sitting:
    return Sitting(scenario, "PRK")


# What a state does


@pytest.mark.parametrize(
    ("act", "name", "codes", "value"),
    [
        (lambda me: me.offer("RUS", "shell_152", 7.0), "offer", ("PRK>RUS", "shell_152"), 7.0),
        (lambda me: me.want("shell_155", 8.0), "want", ("PRK", "shell_155"), 8.0),
        (lambda me: me.build("shell_152", -9.0), "build", ("PRK", "shell_152"), -9.0),
        (lambda me: me.press("KOR"), "posture", ("PRK~KOR",), 1),
        (lambda me: me.conciliate("KOR"), "posture", ("PRK~KOR",), -1),
        (lambda me: me.order("demand", 0.5, "KOR"), "demand", ("PRK~KOR",), 0.5),
        (lambda me: me.exercise("naval"), "alone", ("PRK", "naval"), 1.0),
        (lambda me: me.exercise("naval", "PRK"), "alone", ("PRK", "naval"), 1.0),
        (lambda me: me.exercise("air", "RUS", 2), "exercise", ("PRK~RUS", "air"), 2.0),
        (lambda me: me.sanction("USA", 0.5), "sanction", ("PRK", "USA"), 0.5),
        (lambda me: me.condemn("USA"), "condemn", ("PRK", "USA"), 1.0),
        (lambda me: me.order("deny", 0.123), "deny", ("PRK",), 0.123),
        (lambda me: me.order("tests", 3, "missile"), "tests", ("PRK", "missile"), 3.0),
    ],
)
def test_a_verb_sets_one_cell(
    sitting: Sitting, act: Callable[[State], None], name: str, codes: tuple[str, ...], value: float
) -> None:
    table, me = sitting.table, sitting.me
    act(me)
    cell = tuple(
        sitting.pair(*code.split("~")) if axis == "pair" else table.names.place(axis, code)
        for axis, code in zip(DECIDED[name], codes, strict=True)
    )
    action = table.close()
    for field, desk in DESK.items():
        before = getattr(getattr(sitting.desks, desk), field)
        after = getattr(getattr(action, desk), field)
        assert after.dtype == before.dtype
        changed = {tuple(at) for at in np.argwhere(before != after).tolist()}
        if name == "posture" and field in UNSAID:  # what its desk said of its types is withdrawn
            assert changed <= {cell}
            assert after[cell] == UNSAID[field]
        else:
            assert changed == ({cell} if field == name else set()), field
    assert getattr(getattr(action, DESK[name]), name)[cell] == value


def test_what_was_decided_can_be_read(sitting: Sitting) -> None:
    me = sitting.me
    place = sitting.scenario.routes.index(("PRK", "RUS"))
    assert me.decided("offer", "RUS", "shell_152") == sitting.desks.transfer.offer[place, 0]
    me.offer("RUS", "shell_152", 5.0)
    assert me.decided("offer", "RUS", "shell_152") == 5.0


def test_hold_takes_a_press_back(sitting: Sitting) -> None:
    sitting.me.press("USA")
    sitting.me.hold("USA")
    assert sitting.me.decided("posture", "USA") == 0


def test_payment_is_asked_in_shares(sitting: Sitting) -> None:
    sitting.me.payment(goods=1, technology=3)
    assert sitting.table.decided("mix")[sitting.place("PRK")].tolist() == [0.0, 0.25, 0.75]


def test_the_desks_keep_their_own(sitting: Sitting) -> None:
    """Nothing that a policy decides is written into the parameters or the desks' arrays."""
    before = sitting.desks.transfer.secrecy.copy()
    sitting.me.order("secrecy", 1.0)
    assert np.array_equal(sitting.desks.transfer.secrecy, before)
    assert sitting.table.decided("secrecy") is not sitting.desks.transfer.secrecy


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda me: me.offer("USA", "shell_152", 1), KeyError, "there is no route 'PRK>USA'"),
        (lambda me: me.offer("RUS", "shell_52", 1), KeyError, "nearest right key: shell_152"),
        (
            lambda me: me.offer("RUS", "shell_152", -1),
            ValueError,
            "offer: -1 is not a number of at least 0",
        ),
        (lambda me: me.want("shell_152", float("nan")), ValueError, "want: nan is not a number"),
        (lambda me: me.want("shell_152", float("inf")), ValueError, "want: inf is not a number"),
        (
            lambda me: me.sanction("USA", 1.5),
            ValueError,
            "sanction: 1.5 is not a number from 0 to 1",
        ),
        (lambda me: me.order("tests", 16, "missile"), ValueError, "from 0 to 5"),
        (lambda me: me.press("PRK"), ValueError, "posture: PRK cannot do that to itself"),
        (lambda me: me.press("KORR"), KeyError, "nearest right key: KOR"),
        (lambda me: me.order("posture", 0.5, "USA"), ValueError, "me.press"),
        (lambda me: me.order("mix", 1, "cash"), ValueError, "me.payment"),
        (lambda me: me.order("ofer", 1), KeyError, "nearest right key: offer"),
        (lambda me: me.order("offer", 1), TypeError, "offer is decided by state, munition"),
        (lambda me: me.order("publish", 1, "PRK>RUS"), KeyError, "there is no observer 'PRK'"),
        (lambda me: me.payment(), ValueError, "one of them above 0"),
        (lambda me: me.payment(cash=-1, goods=2), ValueError, "one of them above 0"),
        (
            lambda me: me.order("press_if_hard", 0.5, "USA"),
            ValueError,
            "the likelihood of me.press",
        ),
        (
            lambda me: me.press("USA", {"hrad": {}, "soft": {"pres": 0.1}}),
            ValueError,
            r"^likelihood: there is no type 'hrad' \(nearest right key: hard\); "
            r"likelihood: lacks 'hard'; "
            r"likelihood.soft: there is no act 'pres' \(nearest right key: press\)$",
        ),
        (
            lambda me: me.hold("USA", {"hard": {"press": 1.5}, "soft": {"conciliate": "no"}}),
            ValueError,
            "^likelihood.hard.press: 1.5 is not a number from 0 to 1; "
            "likelihood.soft.conciliate: 'no' is not a number from 0 to 1$",
        ),
        (
            lambda me: me.conciliate(
                "USA", {"hard": {"press": 0.7, "conciliate": 0.6}, "soft": {"press": np.nan}}
            ),
            ValueError,
            "^likelihood.hard: press and conciliate add up to 1.3, above 1; "
            "likelihood.soft.press: nan is not a number from 0 to 1$",
        ),
        (
            lambda me: me.press("USA", {"hard": 1, "soft": {}}),
            ValueError,
            "^likelihood.hard: 1 is not",
        ),
        (lambda me: me.press("USA", 0.5), ValueError, "^likelihood: 0.5 is not"),
        (lambda me: me.exercise("navel"), KeyError, "nearest right key: naval"),
    ],
)
def test_what_cannot_be_done(
    sitting: Sitting, act: Callable[[State], None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        act(sitting.me)
    action = sitting.table.close()
    for field, desk in DESK.items():
        parts = (getattr(getattr(a, desk), field) for a in (sitting.desks, action))
        assert np.array_equal(*parts)


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda me: me.exercise("air", "UKR"), "exercise"),
        (lambda me: me.press("UKR"), "posture"),
        (lambda me: me.order("demand", 0.5, "UKR"), "demand"),
        (lambda me: me.decided("posture", "UKR"), "posture"),
    ],
)
def test_nothing_can_be_done_to_a_stranger(
    scenario: Scenario, act: Callable[[State], None], name: str
) -> None:
    with pytest.raises(ValueError, match=STRANGERS.format(name)):
        act(Sitting(scenario, "JPN").me)


def test_who_may_be_pressed_is_told(scenario: Scenario) -> None:
    sitting = Sitting(scenario, "JPN")
    assert sitting.me.partners == tuple(code for code in sitting.me.others if code != "UKR")
    for code in sitting.me.partners:
        sitting.me.press(code)
    mine = [scenario.states[actor] == "JPN" for actor, _ in scenario.pairs]
    assert np.array_equal(sitting.table.close().crisis.posture == 1, mine)
    acquainted = Sitting(scenario.with_("relations.relevant=[[JPN,UKR]]"), "JPN").me
    acquainted.press("UKR")
    assert acquainted.decided("posture", "UKR") == 1


LIKELIHOOD = {"hard": {"press": 0.9}, "soft": {"press": 0.2, "conciliate": 0.5}}


def test_a_policy_may_say_how_likely_each_of_its_types_would_act(sitting: Sitting) -> None:
    me = sitting.me
    me.press("USA", LIKELIHOOD)
    told = {"press_if_hard": 0.9, "press_if_soft": 0.2, "yield_if_hard": 0.0, "yield_if_soft": 0.5}
    assert {name: me.decided(name, "USA") for name in told} == told
    assert me.decided("weighed", "USA") == 0.0
    me.hold("USA")  # the later word stands, and says nothing of types
    assert {name: me.decided(name, "USA") for name in UNSAID} == UNSAID


@pytest.mark.parametrize(
    ("likelihood", "moves"),
    [(None, 0), (LIKELIHOOD, 1), ({"hard": {"press": 0.1}, "soft": {"press": 0.5}}, -1)],
)
def test_others_learn_from_a_policy_what_it_gives_them(
    scenario: Scenario, likelihood: Any, moves: int
) -> None:
    """By Bayes: the odds that it is hard move by the ratio of its two probabilities."""

    class Presses(sim.Policy):
        def decide(self, me: State) -> None:
            me.press("USA", likelihood)

    quiet = scenario.with_("rules.escalate.forgetting=0", "rules.escalate.by_desk=1")
    before = quiet.draw(noise.run_key(0, 0))[1].credence
    week = played(quiet.with_policy("PRK", Presses))[0]
    place = scenario.pairs.index((scenario.states.index("USA"), scenario.states.index("PRK")))
    assert 0.0 < before[place] < 1.0
    odds = [p / (1.0 - p) for p in (before[place], week.world.credence[place])]
    assert np.sign(np.round(odds[1] / odds[0] - 1.0, 6)) == moves
    if likelihood is LIKELIHOOD:
        assert odds[1] / odds[0] == pytest.approx(0.9 / 0.2, rel=0.01)


# What the world makes of it


def test_views_follow_the_week(scenario: Scenario) -> None:
    views: list[Other] = []
    told: list[float] = []

    class Watcher(sim.Policy):
        def decide(self, me: State) -> None:
            views.append(me.of("USA"))
            told.append(views[0].tension)

    weeks = played(scenario.with_policy("PRK", Watcher))
    i, j = scenario.states.index("PRK"), scenario.states.index("USA")
    assert told == [week.seen.tension[i, j] for week in weeks]


def test_a_policy_that_changes_nothing_changes_nothing(scenario: Scenario) -> None:
    plain, idle = played(scenario), played(scenario.with_policy("PRK", Idle))
    assert all(same(a.world, b.world) for a, b in zip(plain, idle, strict=True))


DOOR_OPEN = (
    *("states.PRK.doctrine=restraint", "priors=none"),
    *("rules.trade.agreement=0", "routes.0.ship=0", "states.RUS.stock.shell_152=1000000"),
)


def test_what_is_offered_arrives(scenario: Scenario) -> None:
    opened = scenario.with_(*DOOR_OPEN)
    route = scenario.routes.index(("PRK", "RUS"))
    without, hedged = played(opened)[-1], played(opened.with_policy("PRK", Hedger))[-1]
    assert without.world.shipped[route].sum() == 0.0
    assert hedged.world.delivered[route, 0] > 0.0
    assert (hedged.action.transfer.secrecy[scenario.states.index("PRK")]) == 1.0


def test_all_decide_on_the_same_week(scenario: Scenario) -> None:
    one = scenario.with_policy("PRK", Gambler).with_policy("USA", Gambler)
    other = scenario.with_policy("USA", Gambler).with_policy("PRK", Gambler)
    weeks = zip(played(one), played(other), strict=True)
    assert all(same(a.world, b.world) for a, b in weeks)


def test_the_same_name_is_the_same_luck(scenario: Scenario) -> None:
    drawn: dict[tuple[object, ...], float] = {}

    def drawing(others: tuple[str, ...]) -> type[sim.Policy]:
        class Drawing(sim.Policy):
            def decide(self, me: State) -> None:
                for name in (*others, "mine"):
                    drawn[(name, me.code, me.week, len(others))] = me.uniform(name)

        return Drawing

    for others in ((), ("a", "b")):
        policy = drawing(others)
        played(scenario.with_policy("PRK", policy).with_policy("USA", policy))
    mine = {key[1:]: value for key, value in drawn.items() if key[0] == "mine"}
    for (code, week, others), value in mine.items():
        assert value == mine[(code, week, 0)], others
    some = [value for key, value in drawn.items() if key[-1] == 2]
    assert len(set(some)) == len(some) == 2 * 3 * WEEKS
    assert all(0.0 < value < 1.0 for value in some)


def test_draws_differ_by_run_and_are_uniform() -> None:
    draws = [
        noise.policy_uniform(noise.run_key(0, run), week, "PRK", "mine")
        for run in range(40)
        for week in range(50)
    ]
    assert len(set(draws)) == len(draws)
    counts = np.histogram(draws, bins=10, range=(0.0, 1.0))[0]
    assert ((counts - 200.0) ** 2 / 200.0).sum() < 40.0  # chi-squared of 9 degrees: 1e-5
    prior = noise.initial_uniform(noise.run_key(0, 0), "PRK")
    assert prior != noise.policy_uniform(noise.run_key(0, 0), 0, "PRK", "")


def test_a_run_begins_with_new_instances(scenario: Scenario) -> None:
    greedy = scenario.with_policy("PRK", Greedy).with_policy("KOR", Greedy)
    first, second = played(greedy), played(greedy)
    for weeks in (first, second):
        for code in ("PRK", "KOR"):
            wanted = [w.action.transfer.want[scenario.states.index(code), 0] for w in weeks]
            assert wanted == [10.0 * (week + 1) for week in range(WEEKS)]


def test_what_fails_in_a_policy_tells_where(scenario: Scenario) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        played(scenario.with_policy("KOR", Broken))
    assert caught.value.__notes__ == ["in the policy of KOR, week 2"]


def test_a_policy_must_decide(scenario: Scenario) -> None:
    class Undecided(sim.Policy):
        pass

    with pytest.raises(ScenarioError, match=r"Undecided.* is not a class with a `decide"):
        scenario.with_policy("KOR", Undecided)


# How a scenario carries it


@pytest.mark.parametrize(
    ("code", "policy", "message"),
    [
        ("KORR", Idle, r"policy of KORR: there is no such state \(nearest right key: KOR\)"),
        ("KOR", Idle(), "is not a class with a `decide"),
        ("KOR", "Hedger", "is not a class with a `decide"),
        ("KOR", int, "is not a class with a `decide"),
    ],
)
def test_what_cannot_be_a_policy(scenario: Scenario, code: str, policy: Any, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario.with_policy(code, policy)


def test_luck_is_paired_under_a_policy(scenario: Scenario) -> None:
    table = sim.compare(scenario, scenario.with_policy("JPN", Idle), runs=3, workers=1)
    assert (table["difference"] == 0.0).all()


def test_the_step_is_a_step(scenario: Scenario) -> None:
    """What the engine is given in place of `rules.week.step` has its signature."""
    key = noise.run_key(0, 0)
    params, world, _ = scenario.draw(key)
    luck = noise.draw(scenario.layout, key, 0)
    with unchecked():
        ours = policy_step(scenario.with_policy("PRK", Idle), key)(params, world, luck)
        plain = step(params, world, luck)
    assert same(ours[0], plain[0])
    assert [type(part) for part in ours] == [type(part) for part in plain]
