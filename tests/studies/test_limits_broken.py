"""A limit that cannot fail proves nothing: rules and desks broken on purpose fail theirs."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, wraps
from typing import Any

import numpy as np
import pytest
from test_limits import refused

from sim.desks.registry import REGISTRY
from sim.rules import perceive, week
from sim.studies.limits import LIMITS, Limit, Runner, report
from sim.world import CHALLENGED, after

pytestmark = pytest.mark.usefixtures("unchecked")


def uncompiled(limit: Limit) -> Runner:
    """On the reference engine: nothing is compiled for a phase that is run once."""
    return report.with_few_runs(limit, Runner(engine="reference"))


@cache
def sound_runs_hold(name: str, play: Runner, *overrides: str) -> bool:
    """Whether a limit holds in so many runs as long as nothing is broken."""
    limit = LIMITS[name]
    return not refused(limit.checks(limit.scenario(*overrides), play))


def by_limit(broken: dict[str, tuple[Any, ...]]) -> list[Any]:
    """What breaks a limit, beside what else does: that it holds otherwise is played once."""
    return [
        pytest.param(*row, id=told, marks=pytest.mark.xdist_group(row[0]))
        for told, row in broken.items()
    ]


def losing(rule: Callable[..., Any], share: float) -> Callable[..., Any]:
    """A rule after which a share of what is under way falls overboard, written nowhere."""

    @wraps(rule)
    def broken(**given: Any) -> Any:
        world, events = rule(**given)
        return after(world, transit=world.transit * (1.0 - share)), events

    return broken


def scaled(rule: Callable[..., Any], **factors: float) -> Callable[..., Any]:
    """A rule whose change to some fields is that much larger."""

    @wraps(rule)
    def broken(**given: Any) -> Any:
        world = given["world"]
        following, events = rule(**given)
        changed = {
            name: getattr(world, name) + factor * (getattr(following, name) - getattr(world, name))
            for name, factor in factors.items()
        }
        return after(following, **changed), events

    return broken


def misled(rule: Callable[..., Any], **changes: Callable[[Any], Any]) -> Callable[..., Any]:
    """A rule that is given other parameters, or another world."""

    @wraps(rule)
    def broken(**given: Any) -> Any:
        return rule(**{**given, **{name: change(given[name]) for name, change in changes.items()}})

    return broken


def turned_round(rule: Callable[..., Any], share: float) -> Callable[..., Any]:
    """A rule after which beliefs have moved the other way, by a share of what they should."""

    @wraps(rule)
    def broken(**given: Any) -> Any:
        following, events = rule(**given)
        believed = given["world"].credence
        credence = np.clip(believed - share * (following.credence - believed), 0.0, 1.0)
        return after(following, credence=credence), events

    return broken


def with_noise(rule: Callable[..., Any], **broken_streams: Callable[[Any], Any]) -> Any:
    """A rule that meets other noise: some streams changed."""

    def changed(noise: Any) -> Any:
        return {**noise, **{name: change(noise[name]) for name, change in broken_streams.items()}}

    return misled(rule, noise=changed)


def deadlier_first(params: Any) -> Any:
    alpha = params.states.alpha * np.array([1.01, 1.0])
    return replace(params, states=replace(params.states, alpha=alpha))


def deadlier_beside_another(params: Any) -> Any:
    alpha = params.states.alpha * np.array([1.0, 1.0, 1.01, 1.01, 1.0])
    return replace(params, states=replace(params.states, alpha=alpha))


def nearly_linear(params: Any) -> Any:
    fight = replace(params.rules.fight, omega=np.asarray(0.9))
    return replace(params, rules=replace(params.rules, fight=fight))


def heavier_balance(params: Any) -> Any:
    escalate = replace(params.rules.escalate, balance=1.01 * params.rules.escalate.balance)
    return replace(params, rules=replace(params.rules, escalate=escalate))


def talking(params: Any) -> Any:
    fight = replace(params.rules.fight, burden=1.3 * params.rules.fight.burden)
    return replace(params, rules=replace(params.rules, fight=fight))


BROKEN: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "industry makes a tenth more": ("richardson", "build", scaled(week.build, stock=1.1)),
    "industry makes a thousandth less": (
        "richardson_many",
        "build",
        scaled(week.build, stock=0.999),
    ),
    "one side's fire kills a hundredth more": (
        "lanchester_square",
        "fight",
        misled(week.fight, params=deadlier_first),
    ),
    "aimed fire for area fire": (
        "lanchester_linear",
        "fight",
        misled(week.fight, params=nearly_linear),
    ),
    "who fights beside another kills a hundredth more": (
        "fronts",
        "fight",
        misled(week.fight, params=deadlier_beside_another),
    ),
    "a millionth falls overboard": ("pipeline", "move", losing(week.move, 1e-6)),
    "nothing is ever interdicted": (
        "interdiction",
        "move",
        with_noise(week.move, interdiction=lambda u: u + 1.0),
    ),
    "research finds a fiftieth less": ("nelson_phelps", "learn", scaled(week.learn, tech=0.98)),
    "the frontier moves a tenth faster": (
        "benhabib_spiegel",
        "learn",
        scaled(week.learn, frontier=1.1),
    ),
    "what is seen is taken for its opposite": (
        "credence",
        "challenge",
        turned_round(week.challenge, 0.5),
    ),
    "talks succeed a little oftener": (
        "convergence",
        "fight",
        misled(week.fight, params=talking),
    ),
    "words are kept half as often": (
        "promise",
        "escalate",
        with_noise(week.escalate, join=lambda u: 2.0 * u),
    ),
    "both observers make the same error": (
        "observers",
        "watch",
        with_noise(week.watch, estimate=lambda eps: 0.0 * eps + eps[:1]),
    ),
    "campaigns do not last": (
        "campaigns",
        "learn",
        misled(week.learn, world=lambda world: after(world, campaign=0.0 * world.campaign)),
    ),
    "trials teach nothing": (
        "learning",
        "learn",
        misled(week.learn, world=lambda world: after(world, trials=0.0 * world.trials)),
    ),
}
BROKEN_DESKS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "the deterred challenge all the same": (
        "rudimentary",
        "perfect_deterrence",
        lambda found, seen: replace(
            found, posture=np.where((seen.week == 0) & (seen.stake == 1.0), 1, found.posture)
        ),
    ),
    "the soft never bluff": (
        "unilateral",
        "perfect_deterrence",
        lambda found, seen: replace(
            found, posture=np.where((seen.hard == 0.0) & (seen.week == 0), 0, found.posture)
        ),
    ),
    "the soft always resist": (
        "unilateral",
        "perfect_deterrence",
        lambda found, seen: replace(
            found, posture=np.where(seen.against == CHALLENGED, 0, found.posture)
        ),
    ),
    "who should cooperate defects": (
        "assurance",
        "assurance",
        lambda found, seen: replace(found, posture=np.where(seen.stake > 0.0, 1, found.posture)),
    ),
    "a demand a tenth too large": (
        "bargaining",
        "brinkmanship",
        lambda found, seen: replace(found, demand=np.minimum(1.1 * found.demand, 1.0)),
    ),
    "whatever is demanded is conceded": (
        "bargaining",
        "brinkmanship",
        lambda found, seen: replace(
            found, posture=np.where(seen.against == CHALLENGED, -1, found.posture)
        ),
    ),
    "deterrence by the other's strength alone": (
        "first_strike",
        "perfect_deterrence",
        lambda found, seen: replace(
            found, posture=np.where(np.expm1(seen.believed) >= 50.0, 0, found.posture)
        ),
    ),
}


def test_every_limit_has_something_that_breaks_it() -> None:
    tried = {name for name, *_ in [*BROKEN.values(), *BROKEN_DESKS.values()]}
    assert {*tried, "balance"} == set(
        LIMITS
    )  # balance: the test below, since *perceive* is no phase


@pytest.mark.slow
@pytest.mark.parametrize(("name", "phase", "broken"), by_limit(BROKEN))
def test_a_broken_rule_fails_its_limit(name: str, phase: str, broken: Any) -> None:
    limit = LIMITS[name]
    scenario = limit.scenario(*limit.usual)
    assert not refused(limit.checks(scenario, uncompiled(limit)))
    assert refused(limit.checks(scenario.with_phase(phase, broken), uncompiled(limit)))


@pytest.mark.slow
@pytest.mark.xdist_group("balance")
def test_a_balance_that_weighs_a_hundredth_more_fails_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = LIMITS["balance"]
    scenario = limit.scenario(*limit.usual)
    assert not refused(limit.checks(scenario, uncompiled(limit)))
    sound = perceive.deterrence
    monkeypatch.setattr(
        perceive, "deterrence", lambda params, *seen: sound(heavier_balance(params), *seen)
    )
    assert refused(limit.checks(scenario, uncompiled(limit)))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rule", "change"), by_limit(BROKEN_DESKS))
def test_a_broken_desk_fails_its_limit(
    name: str, rule: str, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit, sound = LIMITS[name], REGISTRY["crisis"][rule]
    surely = limit.set("relations.rivalries.*.stake.1", 0.95) if name == "rudimentary" else []
    play = Runner(runs=100 if surely else 40, seed=3, engine="reference")
    scenario = limit.scenario(*surely)
    assert sound_runs_hold(name, play, *surely)

    def broken(own: Any, seen: Any, luck: Any, params: Any) -> Any:
        return change(sound.function(own, seen, luck, params), seen)

    monkeypatch.setitem(REGISTRY["crisis"], rule, replace(sound, function=broken))
    failed = refused(limit.checks(scenario, play))
    assert failed
    if name in ("rudimentary", "assurance"):  # not only other behaviour: somebody gains
        assert any("gain" in line for line in failed)
