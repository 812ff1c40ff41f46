"""What a crisis desk says of its types is what it does: its probabilities are those of its draws.

Others learn from these probabilities by Bayes (`rules/challenge.py`), so that a wrong one would
teach them what is not so.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from unchecked import unchecked
from worlds import Situation, at, in_any_world, scrambled, seeds

from sim.desks import brinkmanship
from sim.desks.decide import UNSAID, said
from sim.desks.registry import REGISTRY
from sim.world import CONCILIATE, PRESS, WAR

DESK = "crisis"
SPEAKING = ("brinkmanship", "perfect_deterrence", "tit_for_tat")
SILENT = ("assurance", "hold")
STAGES, LEVELS = 3, WAR + 1
DYADS = [(i, j) for i in range(5) for j in range(i + 1, 5)]
POINTS = 128
"""Each uniform stands at the middle of every one of so many parts of [0, 1]."""
CLOSE = 1.0 / POINTS + 1.0 / POINTS**2
"""A box whose sides are bounds of two uniforms is met so closely: half a part for each side."""


def test_every_shipped_rule_is_tested() -> None:
    assert sorted(SPEAKING + SILENT) == sorted(REGISTRY[DESK])


def of_type(s: Situation, hard: float) -> Situation:
    return s.where(world={"hard": hard})


def crisis(s: Situation, rule: str) -> Any:
    """What the desk does and says for one draw, or over a grid of two: [point, point, pair]."""
    return REGISTRY[DESK][rule].function(s.params.desks[DESK][rule], s.seen, s.noise, s.params)


def over_all_draws(s: Situation, rule: str) -> Any:
    """What the desk does over all values of its first uniform and of its second.

    No desk draws more than two: *forgive* and *cost* belong to different ones.
    """
    uniform = (np.arange(POINTS) + 0.5) / POINTS
    first, second = uniform[:, None, None], uniform[None, :, None]
    luck = dict(s.noise) | {"posture": first, "forgive": second, "cost": second}
    with unchecked():  # shapes: a desk knows but one draw per pair
        return crisis(replace(s, noise=luck), rule)


def in_every_stage_and_level(seed: int, rule: str) -> list[Situation]:
    """Situations that hold every level with every stage of both sides' challenges."""
    rng = np.random.default_rng(seed)
    s = scrambled(seed).where(params={"relations.stake": rng.uniform(0.0, 1.0, 20)})
    s = drawn_coefficients(s, rule, rng)
    combinations = list(np.ndindex(LEVELS, STAGES, STAGES))
    found = []
    for start in range(0, len(combinations), len(DYADS)):
        level, stage = np.zeros(20), np.zeros(20)
        for (i, j), (high, mine, theirs) in zip(
            DYADS, combinations[start : start + len(DYADS)], strict=False
        ):
            level[[at(i, j), at(j, i)]] = high
            stage[at(i, j)], stage[at(j, i)] = mine, theirs
        found.append(s.where(world={"level": level, "stage": stage}))
    return found


def drawn_coefficients(s: Situation, rule: str, rng: np.random.Generator) -> Situation:
    """The situation with lawful coefficients drawn; wars that cost about what is at stake."""
    own = s.params.desks[DESK][rule]
    drawn = {
        found.name: rng.uniform(low, min(high, 5.0), 5)
        for found in fields(own)
        for low, high in [(max(found.metadata["low"], -1.0), found.metadata["high"])]
    }
    for names in getattr(own, "FALLING", ()):
        falling = -np.sort(-np.stack([drawn[name] for name in names]), axis=0)
        drawn |= dict(zip(names, falling, strict=True))
    if rule == "brinkmanship":
        dear = brinkmanship.war(own, s.seen, s.params).cost / s.params.wiring.pair.of(own.burden)
        typical = np.median(dear.reshape(5, 4), axis=1)  # all twenty pairs are listed, by actor
        drawn["burden"] = np.clip(
            0.4 / np.maximum(typical, 1e-6) * rng.uniform(0.1, 3.0, 5), 0.0, 1e6
        )
    return s.where(params={f"desks.{DESK}.{rule}.{name}": x for name, x in drawn.items()})


def frequency(posture: np.ndarray, act: int) -> np.ndarray:
    """How often a posture is taken over the grid of draws, [pair]."""
    whole = np.broadcast_to(posture == act, (POINTS, POINTS, posture.shape[-1]))
    return np.mean(whole, axis=(0, 1))


@pytest.mark.parametrize("rule", SPEAKING)
@settings(max_examples=12)
@given(seed=seeds)
def test_each_type_acts_as_often_as_is_said_of_it(rule: str, seed: int) -> None:
    for s in in_every_stage_and_level(seed, rule):
        for hard, kind in ((1.0, "hard"), (0.0, "soft")):
            done = over_all_draws(of_type(s, hard), rule)
            for act, name in ((PRESS, f"press_if_{kind}"), (CONCILIATE, f"yield_if_{kind}")):
                np.testing.assert_allclose(
                    frequency(done.posture, act), getattr(done, name), rtol=0, atol=CLOSE
                )


@pytest.mark.parametrize("rule", SPEAKING)
@in_any_world
def test_what_is_said_depends_neither_on_the_type_nor_on_luck(rule: str, seed: int) -> None:
    """Else whoever hears it would learn the type from it, and not from the act."""
    s = drawn_coefficients(scrambled(seed), rule, np.random.default_rng(seed))
    hard, soft = (crisis(of_type(s, kind), rule) for kind in (1.0, 0.0))
    other = crisis(s.where(noise=dict.fromkeys(("posture", "forgive", "cost"), 0.37)), rule)
    for name in UNSAID:
        np.testing.assert_array_equal(getattr(hard, name), getattr(soft, name), name)
        np.testing.assert_array_equal(getattr(hard, name), getattr(other, name), name)


@pytest.mark.parametrize("rule", SPEAKING)
@in_any_world
def test_what_is_said_are_probabilities(rule: str, seed: int) -> None:
    done = crisis(drawn_coefficients(scrambled(seed), rule, np.random.default_rng(seed)), rule)
    for kind in ("hard", "soft"):
        press, gives = (getattr(done, f"{act}_if_{kind}") for act in ("press", "yield"))
        assert np.all((press >= 0.0) & (gives >= 0.0) & (press + gives <= 1.0 + 1e-12))
    assert np.all(done.weighed == 1.0)


@pytest.mark.parametrize("rule", SILENT)
@in_any_world
def test_who_says_nothing_shows_no_type(rule: str, seed: int) -> None:
    s = drawn_coefficients(scrambled(seed), rule, np.random.default_rng(seed))
    hard, soft = (crisis(of_type(s, kind), rule) for kind in (1.0, 0.0))
    np.testing.assert_array_equal(hard.posture, soft.posture)
    np.testing.assert_array_equal(hard.demand, soft.demand)
    for name, neutral in UNSAID.items():
        assert getattr(hard, name) is None
        assert np.all(getattr(said(hard), name) == neutral)


@pytest.mark.parametrize("rule", SPEAKING)
def test_types_differ_somewhere_and_not_by_certainty_alone(rule: str) -> None:
    """The comparison above is of something."""
    apart, mixed = False, False
    for s in (*in_every_stage_and_level(3, rule), *in_every_stage_and_level(4, rule)):
        done = crisis(s, rule)
        apart |= bool(np.any(done.press_if_hard != done.press_if_soft))
        mixed |= bool(np.any((done.press_if_soft > 0.05) & (done.press_if_soft < 0.95)))
        mixed |= bool(np.any((done.yield_if_soft > 0.05) & (done.yield_if_soft < 0.95)))
    assert apart
    assert mixed
