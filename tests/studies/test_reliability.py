"""Credence is calibrated where a desk shows its type, and stays the prior where it shows none."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import sim
from sim.studies.credence import DESKS, Beliefs, beliefs, following, lines, reliability

pytestmark = [pytest.mark.usefixtures("unchecked", "fast"), pytest.mark.xdist_group("credence")]
RUNS = 120
SPEAKING = ("tit_for_tat", "perfect_deterrence", "brinkmanship")


@pytest.fixture(scope="module")
def held(unchecked: None) -> Callable[..., Beliefs]:
    """What is believed where all follow a desk, by desk and overrides; desks share a program."""
    pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")

    def found(desk: str, *overrides: str) -> Beliefs:
        scenario = sim.load("northeast_asia_2023", ["weeks=104", *overrides])
        rules = {**scenario.rules, "crisis": sorted({*scenario.rules["crisis"], *DESKS})}
        return beliefs(following(scenario, desk).holding(rules), RUNS)

    return cache(found)


@pytest.mark.slow
@pytest.mark.parametrize("desk", SPEAKING)
def test_who_is_believed_hard_at_p_is_hard_in_a_share_p(
    held: Callable[..., Beliefs], desk: str
) -> None:
    curve = reliability(held(desk))
    assert len(curve) >= 8
    assert all(each.calibrated for each in curve), "\n".join(lines(desk, held(desk)))


@pytest.mark.slow
@pytest.mark.parametrize("desk", SPEAKING)
def test_what_was_learnt_is_nearer_to_the_truth(held: Callable[..., Beliefs], desk: str) -> None:
    assert held(desk).brier < held(desk).brier_of_prior
    assert held(desk).correlation > 0.2


@pytest.mark.slow
def test_a_desk_that_shows_no_type_teaches_nothing(held: Callable[..., Beliefs]) -> None:
    silent = held("hold", "timetable=none", "rules.escalate.treaty=0")  # a treaty teaches by itself
    np.testing.assert_allclose(silent.held, silent.prior, rtol=1e-9)
    assert silent.correlation == 0.0


def test_a_belief_that_is_too_bold_is_seen() -> None:
    rng = np.random.default_rng(1)
    prior = np.full(4000, 0.5)
    truth = rng.uniform(size=4000)
    hard = (rng.uniform(size=4000) < truth).astype(float)
    sound = Beliefs(truth, hard, prior)
    assert all(each.calibrated for each in reliability(sound))
    bold = Beliefs(np.where(truth > 0.5, truth**0.3, truth**3.0), hard, prior)
    assert sum(not each.calibrated for each in reliability(bold)) >= 3
    assert bold.brier > sound.brier
