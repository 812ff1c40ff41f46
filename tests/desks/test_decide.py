"""Decide: every state gets what its own rule fills with its own coefficients, and nothing else."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from worlds import Situation, in_any_world, scrambled, seeds

from sim.desks.decide import OF_PAIRS, UNSAID, decide, said
from sim.desks.registry import REGISTRY, desk
from sim.world import DESKS, Action, Crisis

RULES = [(part, rule) for part in DESKS for rule in sorted(REGISTRY[part])]
EVERY_RULE = pytest.mark.parametrize(("part", "rule"), RULES)
AT_LEAST_ZERO = {
    "transfer": ("offer", "want", "teach"),
    "technology": ("research", "tests", "quiet_tests"),
    "training": ("exercise", "alone"),
}
SHARES = {
    "procurement": ("surge",),
    "transfer": ("mix", "grant", "secrecy"),
    "technology": ("campaign_on", "campaign_off", "launch", "prepare", "redesign"),
    "crisis": ("demand", *UNSAID),
    "diplomacy": ("publish", "condemn", "sanction", "propose", "veto", "deny", "comply"),
}
KNOWN_TO_ALL = {
    "brinkmanship": ("burden",),
    "perfect_deterrence": (
        *("c_dc", "c_sq", "c_dd_hard", "c_cd"),
        *("d_cd", "d_dd_hard", "d_dc", "d_dd_soft", "damage"),
    ),
}
"""Payoffs that the others reckon with, as players of the same game."""


def rows(s: Situation, name: str) -> np.ndarray:
    """Whose row each row of a field is: the supplier's, observer's, actor's or the state's."""
    wiring = s.params.wiring
    owners = {"offer": wiring.source, "publish": wiring.observer}
    owners |= dict.fromkeys(OF_PAIRS, wiring.pair.actor)
    return owners.get(name, np.arange(5))


def by_rule(s: Situation, part: str, rule: str) -> Any:
    """What a rule fills for all states, what it leaves unsaid included."""
    part = REGISTRY[part][rule].function(s.params.desks[part][rule], s.seen, s.noise, s.params)
    return said(part) if isinstance(part, Crisis) else part


@EVERY_RULE
@settings(max_examples=8)
@given(seed=seeds)
def test_a_states_coefficients_move_its_own_rows_alone(part: str, rule: str, seed: int) -> None:
    s, state = scrambled(seed), seed % 5
    changed = {}
    for found in fields(REGISTRY[part][rule].coefficients):
        if found.name in KNOWN_TO_ALL.get(rule, ()):
            continue
        value = getattr(s.params.desks[part][rule], found.name).copy()
        low, high = found.metadata["low"], found.metadata["high"]
        value[state] = np.clip(np.where(value[state] > 0.5, 0.5 * value[state], 2.0), low, high)
        changed[f"desks.{part}.{rule}.{found.name}"] = value
    before, after = by_rule(s, part, rule), by_rule(s.where(params=changed), part, rule)
    for found in fields(before):
        others = rows(s, found.name) != state
        np.testing.assert_array_equal(
            getattr(before, found.name)[others], getattr(after, found.name)[others], found.name
        )


@EVERY_RULE
@settings(max_examples=8)
@given(seed=seeds)
def test_whatever_a_rule_fills_is_within_its_range(part: str, rule: str, seed: int) -> None:
    filled = by_rule(scrambled(seed), part, rule)
    for name in AT_LEAST_ZERO.get(part, ()):
        assert np.all(getattr(filled, name) >= 0.0), name
    for name in SHARES.get(part, ()):
        value = getattr(filled, name)
        assert np.all((value >= 0.0) & (value <= 1.0)), name
    if part == "transfer":
        np.testing.assert_allclose(np.sum(filled.mix, axis=1), 1.0)
    if part == "crisis":
        assert set(np.unique(filled.posture)) <= {-1, 0, 1}
    if part == "diplomacy":
        for name in ("condemn", "sanction", "propose"):
            assert not np.any(np.diag(getattr(filled, name))), name


def following(s: Situation, seed: int) -> tuple[Situation, np.ndarray]:
    """The same situation with a rule drawn for every desk of every state."""
    rng = np.random.default_rng(seed)
    choice = np.asarray([rng.integers(0, len(s.params.desks[part]), 5) for part in DESKS])
    return s.where(params={"choice": choice}), choice


def decided(s: Situation) -> Action:
    return decide(s.params, s.seen, s.noise)


@in_any_world
def test_each_row_is_that_of_its_owners_rule(seed: int) -> None:
    s, choice = following(scrambled(seed), seed)
    action = decided(s)
    for index, part in enumerate(DESKS):
        filled = [by_rule(s, part, rule) for rule in s.params.desks[part]]
        for found in fields(filled[0]):
            expected = [
                getattr(filled[choice[index, owner]], found.name)[place]
                for place, owner in enumerate(rows(s, found.name))
            ]
            value = getattr(getattr(action, part), found.name)
            np.testing.assert_array_equal(value, np.stack(expected), found.name)


@in_any_world
def test_another_policy_of_one_state_leaves_the_other_desks_and_states_alone(seed: int) -> None:
    s, choice = following(scrambled(seed), seed)
    desk_index, state = seed % len(DESKS), seed % 5
    other = choice.copy()
    other[desk_index, state] = (other[desk_index, state] + 1) % len(
        s.params.desks[DESKS[desk_index]]
    )
    before, after = decided(s), decided(s.where(params={"choice": other}))
    for index, part in enumerate(DESKS):
        for found in fields(getattr(before, part)):
            kept = (rows(s, found.name) != state) | (index != desk_index)
            one, two = (getattr(getattr(a, part), found.name)[kept] for a in (before, after))
            np.testing.assert_array_equal(one, two, found.name)


@EVERY_RULE
def test_a_rule_that_nobody_follows_counts_for_nothing(part: str, rule: str) -> None:
    s, choice = following(scrambled(7), 7)
    names, index = list(s.params.desks[part]), DESKS.index(part)
    choice[index] = (names.index(rule) + 1) % len(names)
    s = s.where(params={"choice": choice})
    own = s.params.desks[part][rule]
    moved = {f"desks.{part}.{rule}.{f.name}": getattr(own, f.name) * 0.5 for f in fields(own)}
    before, after = decided(s), decided(s.where(params=moved))
    for found in fields(getattr(before, part)):
        one, two = (getattr(getattr(a, part), found.name) for a in (before, after))
        np.testing.assert_array_equal(one, two, found.name)


def test_there_are_six_desks_and_no_other() -> None:
    with pytest.raises(ValueError, match="there is no desk 'catering'"):
        desk("catering")


def test_a_name_is_taken_once() -> None:
    def hold() -> None:
        """Not the shipped rule of that name."""

    with pytest.raises(ValueError, match="the desk 'crisis' has a rule 'hold' already"):
        desk("crisis")(hold)
    assert REGISTRY["crisis"]["hold"].function is not hold
