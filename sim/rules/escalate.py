"""Escalate: dispute levels move by postures, and by accident.

    both press: up with `both`; one presses, one holds: up with `one`; one presses, one
    conciliates: down (it gave way); both hold: down with settle (1 - T); one conciliates: down with
    settle_fast; both: down
    P(incident) = 1 - exp(-incident z_ij T_ij T_ji (1 + activity_ij) exp(-steep level)), with z the
    larger stake (no incidents where neither has any), and only where nobody presses
    a rise from display on   x (1 - deterrence d),  d: of the riser (of the more deterred of two)
    a rise to war            x (1 - nuclear_restraint) where both have the weapon

Levels follow COW hostility 0 .. 5 (`world.WAR`); a pair and its reverse share level and draw. A war
ends only by ceasefire (`fight`). Stability-instability: restraint acts on the last rung alone
(Snyder 1965).
"""

from jaxtyping import Bool, Float64

from ..arrays import number
from ..params import Params
from ..world import CONCILIATE, DISPLAY, FORCE, HOLD, PRESS, WAR, Action, Array, Noise, World, after
from .deterrence import deterrence


def damping(
    params: Params,
    world: World,
    faced: Float64[Array, " pair"],
    rises_i: Bool[Array, " pair"],
    rises_j: Bool[Array, " pair"],
) -> Float64[Array, " pair"]:
    """The share of rises that go through, given what each faces and who would be the riser."""
    xp = world.stock.__array_namespace__()
    c, pair, nuclear = params.rules.escalate, params.wiring.pair, params.states.nuclear
    deterred = xp.maximum(number(rises_i, faced) * faced, number(rises_j, faced) * pair.back(faced))
    held = 1.0 - deterred * number(world.level >= DISPLAY, faced)
    both = pair.of(nuclear) * pair.toward(nuclear) * number(world.level == FORCE, faced)
    return held * (1.0 - c.nuclear_restraint * both)


def escalate(
    params: Params, world: World, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Move every pair's level by at most one rung."""
    xp = world.stock.__array_namespace__()
    c, pair = params.rules.escalate, params.wiring.pair
    mine = action.crisis.posture
    theirs = pair.back(mine)
    press, pressed = mine == PRESS, theirs == PRESS
    some = press | pressed
    gave_way = (press & (theirs == CONCILIATE)) | (pressed & (mine == CONCILIATE))
    both_hold = (mine == HOLD) & (theirs == HOLD)
    both_yield = (mine == CONCILIATE) & (theirs == CONCILIATE)

    faced = deterrence(params, world)
    up = xp.where(press & pressed, c.both, xp.where(some & ~gave_way, c.one, 0.0))
    up = up * damping(params, world, faced, press, pressed)
    tension = pair.from_table(world.tension)
    mean_tension = 0.5 * (tension + pair.back(tension))
    down = xp.where(both_hold, c.settle * (1.0 - mean_tension), c.settle_fast)
    down = xp.where(gave_way | both_yield, 1.0, down)
    down = xp.where(some & ~gave_way, 0.0, down)

    acts = world.provocation + world.drill
    activity = c.incident_activity * (pair.of(acts) + pair.toward(acts))
    level = number(world.level, up)
    stake = params.relations.stake
    hot = tension * pair.back(tension) * xp.maximum(stake, pair.back(stake))
    hazard = c.incident * hot * (1.0 + activity) * xp.exp(-c.incident_steep * level)
    anyone = xp.ones_like(world.level, dtype=xp.bool)
    chance = (1.0 - xp.exp(-hazard)) * damping(params, world, faced, anyone, anyone)
    open_ = world.level < WAR
    incident = (noise["incident"] < chance) & open_ & ~some
    rise = open_ & ((noise["level"] < up) | incident)
    fall = open_ & ~rise & (world.level > 0) & (noise["level"] > 1.0 - down)
    next_level = world.level + xp.astype(rise, xp.int64) - xp.astype(fall, xp.int64)
    return after(world, level=next_level), {
        "incident": pair.once * number(incident, up),
        "level_up": pair.once * number(next_level > world.level, up),
        "level_down": pair.once * number(next_level < world.level, up),
    }
