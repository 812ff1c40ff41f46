"""Escalate: acts of threat, display and force, disputes that end, and how wars begin.

    a press is an act:  P(a) ~ weight_a exp(-caution (a - 2) d_ij), a = 2 threat, 3 display, 4 force
    hostility_ij        the highest act of i toward j in this dispute; level_ij the larger of both
    a press goes through with `both` or `one`, x (1 - ladder d), d the deterrence that the riser
                        faces (of two, the more deterred), where its desk has not weighed it already
    P(end of a dispute) settle (1 - T°) f where both hold, settle_fast f where one conciliates,
                        1 where one presses and the other conciliates, or both do;
                        f = exp(-settle_steep (level - 1));  T° the mean of both sides'
                        T / (T + (1 - T) exp((1 - settle_heat) dispute level))
    P(incident)         = 1 - exp(-incident z_ij T_ij T_ji (1 + activity_ij) exp(-steep level)), an
                        act of force that nobody ordered, only where nobody presses; z the larger
                        stake; x (1 - incident_deterrence d)
    P(war)              = war (1 - ladder d) (1 - nuclear_restraint reliability)  in a week with an
                        act of force; reliability: the other's
    reliability_j       = nuclear_j prod_d (1 - deterrent_d + deterrent_d min(1, tech_jd))
    P(k joins against i) = promise_kj, when i attacks j, under every desk

Levels follow COW hostility 0 .. 5 (`world.WAR`). A war ends in `fight` alone. With climb = 1 acts
are rungs: a rise leads one level up and a fall one down, war included, as in models of a ladder
(Schelling 1966). Restraint acts on the last step alone (Snyder 1965), where both have the weapon.
"""

from jaxtyping import Bool, Float64, Int64

from ..arrays import number, ratio
from ..params import Params
from ..world import (
    CONCILIATE,
    DISPLAY,
    DISPUTE,
    FORCE,
    NO_DISPUTE,
    PRESS,
    THREAT,
    WAR,
    Action,
    Array,
    Noise,
    Observation,
    World,
    after,
)
from .deterrence import called_by


def reliability(params: Params, world: World) -> Float64[Array, " state"]:
    """How surely each state could answer with nuclear arms, in [0, 1]; 0 without any."""
    xp, weight = world.tech.__array_namespace__(), params.technologies.deterrent
    able = 1.0 - weight + weight * xp.minimum(world.tech, 1.0)
    return params.states.nuclear * xp.prod(able, axis=1)


def restrained(
    params: Params, world: World, rises_i: Bool[Array, " pair"], rises_j: Bool[Array, " pair"]
) -> Float64[Array, " pair"]:
    """The share of steps to war that the other's nuclear arms stop, given who takes the step."""
    xp, pair, armed = world.stock.__array_namespace__(), params.wiring.pair, params.states.nuclear
    sure = reliability(params, world)
    faced_i = number(rises_i, sure) * pair.toward(sure)
    faced_j = number(rises_j, sure) * pair.of(sure)
    both = pair.of(armed) * pair.toward(armed)
    return params.rules.escalate.nuclear_restraint * both * xp.maximum(faced_i, faced_j)


def act(params: Params, seen: Observation, noise: Noise) -> Int64[Array, " pair"]:
    """The level of the act that a press is, by one draw: the more deterred, the milder."""
    xp, c = seen.stock.__array_namespace__(), params.rules.escalate
    milder = xp.exp(-c.act_caution * seen.deterrence)
    threat = c.act_threat + 0.0 * milder
    display, force = c.act_display * milder, c.act_force * milder * milder
    at = noise["act"] * (threat + display + force)
    shown = xp.astype(at >= threat, xp.int64) + xp.astype(at >= threat + display, xp.int64)
    return THREAT + shown


def standing(params: Params, world: World) -> Float64[Array, " pair"]:
    """The tension of the actor as it delays the end of a dispute: T°."""
    xp, c, pair = world.stock.__array_namespace__(), params.rules.escalate, params.wiring.pair
    tension = pair.from_table(world.tension)
    heat = (1.0 - c.settle_heat) * c.dispute * number(world.level, tension)
    return ratio(tension, tension + (1.0 - tension) * xp.exp(heat))


def ends(
    params: Params,
    world: World,
    mine: Int64[Array, " pair"],
    theirs: Int64[Array, " pair"],
) -> Float64[Array, " pair"]:
    """The probability that a dispute ends, or falls by a rung, given both postures."""
    xp, c, pair = world.stock.__array_namespace__(), params.rules.escalate, params.wiring.pair
    some = (mine == PRESS) | (theirs == PRESS)
    yields = (mine == CONCILIATE) | (theirs == CONCILIATE)
    tension = standing(params, world)
    calm = 1.0 - 0.5 * (tension + pair.back(tension))
    slower = xp.exp(-c.settle_steep * xp.maximum(number(world.level, calm) - 1.0, 0.0))
    chance = slower * xp.where(yields, c.settle_fast, c.settle * calm)
    both = (mine == CONCILIATE) & (theirs == CONCILIATE)
    chance = xp.where((some & yields) | both, 1.0, chance)
    return xp.where(some & ~yields, 0.0, chance)


def accident(
    params: Params, world: World, faced: Float64[Array, " pair"]
) -> Float64[Array, " pair"]:
    """The probability of an incident where nobody presses."""
    xp, c, pair = world.stock.__array_namespace__(), params.rules.escalate, params.wiring.pair
    acts = world.provocation + world.drill
    activity = c.incident_activity * (pair.of(acts) + pair.toward(acts))
    tension, stake = pair.from_table(world.tension), params.relations.stake
    hot = tension * pair.back(tension) * xp.maximum(stake, pair.back(stake))
    level = number(world.level, faced)
    hazard = c.incident * hot * (1.0 + activity) * xp.exp(-c.incident_steep * level)
    high = number(world.level >= DISPLAY, faced)
    deterred = c.incident_deterrence * xp.maximum(faced, pair.back(faced)) * high
    return (1.0 - xp.exp(-hazard)) * (1.0 - deterred)


def escalate(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Move every pair's level by what both do, and by accident."""
    xp = world.stock.__array_namespace__()
    c, pair, crisis = params.rules.escalate, params.wiring.pair, action.crisis
    climbs = c.climb > 0.5
    mine, theirs = crisis.posture, pair.back(crisis.posture)
    press, pressed = mine == PRESS, theirs == PRESS
    some = press | pressed
    met = some & (mine != CONCILIATE) & (theirs != CONCILIATE)
    open_ = world.level < WAR

    unweighed = c.ladder * seen.deterrence * (1.0 - crisis.weighed)
    unweighed = xp.maximum(
        number(press, unweighed) * unweighed, number(pressed, unweighed) * pair.back(unweighed)
    )
    high = xp.where(climbs, number(world.level >= DISPLAY, unweighed), 1.0)
    through = xp.where(press & pressed, c.both, c.one) * (1.0 - unweighed * high)
    to_war = climbs & (world.level == FORCE)
    halted = restrained(params, world, press, pressed)
    through = through * (1.0 - xp.where(to_war, halted, 0.0))
    anyone = xp.ones_like(press)
    slipped = accident(params, world, seen.deterrence)
    slipped = slipped * (1.0 - xp.where(to_war, restrained(params, world, anyone, anyone), 0.0))

    rise = open_ & met & (noise["level"] < through)
    incident = open_ & ~some & (noise["incident"] < slipped)
    fall = open_ & ~rise & ~incident & (world.level > NO_DISPUTE)
    fall = fall & (noise["level"] > 1.0 - ends(params, world, mine, theirs))

    done = xp.where(rise & press, act(params, seen, noise), NO_DISPUTE)
    claimed = open_ & ~fall & (crisis.demand > 0.0) & (theirs != CONCILIATE)
    done = xp.where(incident, FORCE, xp.maximum(done, DISPUTE * xp.astype(claimed, xp.int64)))
    hostility = xp.where(fall, NO_DISPUTE, xp.maximum(world.hostility, done))
    drawn = xp.maximum(hostility, pair.back(hostility))
    force = xp.maximum(done, pair.back(done)) == FORCE
    halted = restrained(params, world, done == FORCE, pair.back(done) == FORCE)
    begins = open_ & force & (noise["war"] < c.war * (1.0 - unweighed) * (1.0 - halted))
    drawn = xp.where(begins, WAR, drawn)

    rung = world.level + xp.astype(rise | incident, xp.int64) - xp.astype(fall, xp.int64)
    level = xp.where(open_, xp.where(climbs, rung, drawn), WAR)
    onset = open_ & (level == WAR)
    struck = (onset & (press | incident)) | ((world.week == 0) & (world.level == WAR))
    bound = called_by(params, world, struck)
    joined = (level < WAR) & (pair.of(noise["join"]) < bound)
    level = xp.where(joined | pair.back(joined), WAR, level)
    hostility = xp.where(climbs | (level == WAR), level, hostility)
    return after(world, level=level, hostility=hostility), {
        "incident": pair.once * number(incident, through),
        "level_up": pair.once * number(xp.maximum(level - world.level, 0), through),
        "level_down": pair.once * number(xp.maximum(world.level - level, 0), through),
        "joined": number(joined, through),
    }
