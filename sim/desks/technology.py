"""The technology desk: research, test campaigns, launches."""

from dataclasses import dataclass

from jaxtyping import Float64

from ..arrays import MOST_TESTS
from ..params import Params, PerState, coefficient
from ..world import Array, Noise, Observation, Technology
from .registry import desk

MATURE = 10.0
"""Trials from which a type may be redesigned."""


@dataclass(frozen=True)
class Steady:
    """Research at an even pace, hardly a test."""

    effort: PerState = coefficient("research effort, 1 = ordinary", 0, 10, 1.0)
    tests: PerState = coefficient("tests per week", 0, MOST_TESTS, 0.0)


@desk("technology", Steady)
def steady(own: Steady, seen: Observation, noise: Noise, params: Params) -> Technology:
    """Research evenly; test at one rate, campaign or not; launch nothing."""
    zero, level = 0.0 * seen.treasury, 0.0 * seen.tech
    rate = level + own.tests[:, None]
    return Technology(
        research=level + own.effort[:, None],
        tests=rate,
        quiet_tests=rate,
        campaign_on=zero,
        campaign_off=zero,
        launch=zero,
        prepare=zero,
        redesign=level,
    )


@dataclass(frozen=True)
class Campaigns:
    """Tests come in campaigns; after many trials a new type is begun."""

    effort: PerState = coefficient("research effort, 1 = ordinary", 0, 10, 1.0)
    tests: Float64[Array, "state technology"] = coefficient(
        "tests per week in one", 0, MOST_TESTS, 1.5
    )
    quiet_tests: Float64[Array, "state technology"] = coefficient(
        "tests per week else", 0, MOST_TESTS, 0.1
    )
    begin: PerState = coefficient("probability per week that a campaign begins", 0, 1, 0.03)
    end: PerState = coefficient("probability per week that it ends", 0, 1, 0.06)
    by_tension: PerState = coefficient("multiplier of `begin` at full tension, less 1", 0, 20, 1.0)
    redesign: PerState = coefficient("probability per week once 10 trials are made", 0, 1, 0.02)


def eagerness(own: Campaigns, seen: Observation) -> PerState:
    """The probability that a campaign begins: begin (1 + by_tension T_i), T_i the highest."""
    xp = seen.stock.__array_namespace__()
    urge = 1.0 + own.by_tension * xp.max(seen.tension, axis=1)
    return xp.minimum(own.begin * urge, 1.0)


@desk("technology", Campaigns)
def test_campaign(own: Campaigns, seen: Observation, noise: Noise, params: Params) -> Technology:
    """Campaigns begin more often under tension and end evenly."""
    xp = seen.stock.__array_namespace__()
    zero, level = 0.0 * seen.treasury, 0.0 * seen.tech
    mature = seen.trials >= MATURE
    return Technology(
        research=level + own.effort[:, None],
        tests=own.tests,
        quiet_tests=own.quiet_tests,
        campaign_on=eagerness(own, seen),
        campaign_off=own.end,
        launch=zero,
        prepare=zero,
        redesign=xp.where(mature, level + own.redesign[:, None], 0.0),
    )


@dataclass(frozen=True)
class LaunchProgramme(Campaigns):
    """A test campaign with a satellite programme beside it."""

    launch: PerState = coefficient("probability per week that preparations begin", 0, 1, 0.05)
    prepare: PerState = coefficient("share of the preparations done per week", 0, 1, 0.15)


@desk("technology", LaunchProgramme)
def launch_programme(
    own: LaunchProgramme, seen: Observation, noise: Noise, params: Params
) -> Technology:
    """As `test_campaign`, and prepare launches at an even hazard."""
    part = test_campaign(own, seen, noise, params)
    return Technology(
        research=part.research,
        tests=part.tests,
        quiet_tests=part.quiet_tests,
        campaign_on=part.campaign_on,
        campaign_off=part.campaign_off,
        launch=own.launch,
        prepare=own.prepare,
        redesign=part.redesign,
    )
