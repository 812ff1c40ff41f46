"""Fight: shells are fired, forces are worn down, the line moves.

    wanted_ik = rate_ik force_i tempo_i
    fired_ik  = wanted stock / (stock + ration wanted), never more than the stock
    fire_i    = alpha_i (sum_k lethality_k fired_ik quality_ik + baseline_i force_i)
    losses_j  = sum over its fronts of fire_i force_j^omega, never more than there is
    front_ij += advance ln(fire_ij / fire_ji), the log ratio held in [-3, 3]

omega = 0 is aimed fire (Lanchester's square law), 1 area fire (linear law). Thousand soldiers,
units a week, km. At `ration` weeks of supply fire is halved; ration = 0 fires until it is gone.
A ceasefire comes by timetable or by exhaustion: hazard = exhaustion x_i x_j, with x the share of a
state's manpower that is lost.
"""

from ..arrays import clip, number, ratio, share
from ..params import Params
from ..world import THREAT, TIMETABLE, WAR, Array, Noise, Observation, World, after
from .perceive import volley

AFTER_WAR = THREAT
"""The level that a ceasefire leaves."""


def fight(
    params: Params, world: World, seen: Observation, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """One week of all wars."""
    xp = world.stock.__array_namespace__()
    c, states = params.rules.fight, params.states
    war = number(world.level == WAR, world.stock)
    fronts = xp.sum(war, axis=1)
    fighting = number(fronts > 0.0, fronts)

    fired, fire = volley(params, world, fighting)
    toward = war * ratio(fire, fronts)[:, None] * (world.force**c.omega)[None, :]
    losses = xp.minimum(xp.sum(toward, axis=0), world.force)

    left = world.force - losses
    gap = fighting * xp.maximum(states.force_target - left, 0.0)
    joined = xp.minimum(c.mobilisation * gap, world.manpower)
    joined = joined * share(world.treasury, c.soldier_cost * joined)

    log_fire = xp.log(xp.maximum(toward, 1e-12))
    pushed = c.advance * war * clip(log_fire - xp.matrix_transpose(log_fire), -3.0, 3.0)

    worn = ratio(world.losses + losses, world.losses + losses + left + world.manpower)
    tired = 1.0 - xp.exp(-c.exhaustion * worn[:, None] * worn[None, :])
    called = seen.summons[TIMETABLE.index("ceasefire"), ...]
    ends = (called + xp.matrix_transpose(called) > 0.0) | (noise["ceasefire"] < tired)
    ends = ends & (world.level == WAR)
    return after(
        world,
        stock=world.stock - fired,
        expended=world.expended + fired,
        expenditure=world.expenditure + c.memory * (fired - world.expenditure),
        force=left + joined,
        manpower=world.manpower - joined,
        treasury=xp.maximum(world.treasury - c.soldier_cost * joined, 0.0),
        losses=world.losses + losses,
        front=world.front + pushed,
        level=xp.where(ends, AFTER_WAR, world.level),
    ), {"ceasefire": params.wiring.upper * number(ends, world.stock)}
