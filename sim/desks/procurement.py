"""The procurement desk: what industry is to make."""

from dataclasses import dataclass
from math import log

from jaxtyping import Bool, Float64

from ..arrays import ratio
from ..params import Params, PerState, coefficient
from ..world import BARE, YEAR, Array, Noise, Observation, Procurement
from .registry import desk

NOTHING = log(BARE) + 1e-9
"""The log strength up to which a state has nothing, give or take rounding."""


@dataclass(frozen=True)
class Hold:
    """Keep what there is."""

    upkeep: PerState = coefficient("share of stock replaced per year", 0, 5, 0.02)


def maintenance(own: Hold, seen: Observation) -> Float64[Array, "state munition"]:
    """Units per week that replace what retires."""
    return own.upkeep[:, None] / YEAR * seen.stock


@desk("procurement", Hold)
def hold(own: Hold, seen: Observation, noise: Noise, params: Params) -> Procurement:
    """Replace what is used and what is retired: build = use + upkeep / 52 stock."""
    build = seen.expenditure + maintenance(own, seen)
    return Procurement(build=build, surge=0.0 * seen.treasury)


@dataclass(frozen=True)
class Richardson:
    """Richardson (1960): x' = a y - m x + g, in strength points per year."""

    reaction: PerState = coefficient("a: share of the rival's stock per year", 0, 10, 0.2)
    fatigue: PerState = coefficient("m: share of the own stock per year", 0, 10, 0.3)
    grievance: PerState = coefficient("g: strength points per year", 0, 1e12, 0.0)


@dataclass(frozen=True)
class Reaction:
    """The terms of Richardson's equation, in strength points per year; their sum decides."""

    reaction: PerState  # a y
    fatigue: PerState  # - m x
    grievance: PerState  # g


def points(strength: Float64[Array, "*axes"]) -> Float64[Array, "*axes"]:
    """Return strength points of a log strength; 0 of a state that has nothing."""
    xp = strength.__array_namespace__()
    return xp.where(strength > NOTHING, xp.exp(strength), 0.0)


def reaction(own: Richardson, seen: Observation, params: Params) -> Reaction:
    """Rivals are believed to hold y, weighted by stake; x is held."""
    seen.stock.__array_namespace__()
    rival = params.wiring.pair.each(seen.stake * points(seen.believed))
    return Reaction(own.reaction * rival, -own.fatigue * points(seen.strength), own.grievance)


@desk("procurement", Richardson)
def richardson(own: Richardson, seen: Observation, noise: Noise, params: Params) -> Procurement:
    """Order what Richardson's equation asks for, given the believed strength of the rivals.

    The order replaces what retires and is split as capacity is; a negative order scraps stock.
    """
    xp = seen.stock.__array_namespace__()
    value = params.munitions.value
    term = reaction(own, seen, params)
    growth = (term.reaction + term.fatigue + term.grievance) / YEAR
    worth = seen.capacity * value
    part = worth / xp.maximum(xp.sum(worth, axis=1), 1e-12)[:, None]
    units = growth[:, None] * part / xp.maximum(value, 1e-12)
    replaced = params.rules.build.retirement / YEAR * seen.stock
    return Procurement(build=units + replaced, surge=0.0 * growth)


@dataclass(frozen=True)
class SurgeInWar:
    """Peace-time output, and all that industry has when at war or short."""

    peace: PerState = coefficient("share of capacity used in peace", 0, 1, 0.5)
    enough: PerState = coefficient("weeks of supply above which peace rules", 0, 520, 26.0)
    alarm: PerState = coefficient("weeks of supply below which capacity is widened", 0, 520, 0.0)


def short(own: SurgeInWar, seen: Observation) -> Bool[Array, "state munition"]:
    """Where a need is covered for less than `enough` weeks."""
    return (seen.supply < own.enough[:, None]) & (seen.need > 0.0)


def alarm(own: SurgeInWar, seen: Observation) -> PerState:
    """How far a state that runs low widens its capacity: 1 where something needed is gone.

    max over k needed of 1 - supply_k / alarm, at least 0.
    """
    xp = seen.stock.__array_namespace__()
    limit = own.alarm[:, None] + 0.0 * seen.supply
    low = ratio(xp.maximum(limit - seen.supply, 0.0), limit)
    return xp.max(xp.where(seen.need > 0.0, low, 0.0), axis=1)


@desk("procurement", SurgeInWar)
def surge_in_war(own: SurgeInWar, seen: Observation, noise: Noise, params: Params) -> Procurement:
    """Work at capacity when at war or short of `enough` weeks; widen it when at war or low."""
    xp = seen.stock.__array_namespace__()
    all_out = short(own, seen) | (seen.at_war > 0.0)[:, None]
    build = xp.where(all_out, seen.capacity, own.peace[:, None] * seen.capacity)
    return Procurement(build=build, surge=xp.maximum(seen.at_war, alarm(own, seen)))
