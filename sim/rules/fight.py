"""Fight: shells are fired, forces are worn down, the line moves.

    wanted_ik = rate_ik force_i tempo_i
    fired_ik  = wanted stock / (stock + ration wanted), never more than the stock
    fire_i    = alpha_i (sum_k lethality_k fired_ik quality_ik + baseline_i force_i)
    fire_ij   = fire_i / fronts_i force_j^omega
    losses_j  = sum_i fire_ij, never more than there is
    front_ij += advance ln(fire_ij / fire_ji), the log ratio held in [-3, 3]

omega = 0 is aimed fire (Lanchester's square law), 1 area fire (linear law). Thousand soldiers,
units a week, km. At `ration` weeks of supply fire is halved; ration = 0 fires until it is gone.
A ceasefire comes by timetable or by exhaustion: hazard = exhaustion x_i x_j, with x the share of a
state's manpower that is lost.
"""

from ..arrays import clip, number, ratio, share
from ..params import Params
from ..world import THREAT, WAR, Array, Noise, Observation, World, after
from .perceive import volley

AFTER_WAR = THREAT
"""The level that a ceasefire leaves."""


def fight(
    params: Params, world: World, seen: Observation, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """One week of all wars."""
    xp = world.stock.__array_namespace__()
    c, states, pair = params.rules.fight, params.states, params.wiring.pair
    war = number(world.level == WAR, world.stock)
    fronts = pair.each(war)
    fighting = number(fronts > 0.0, fronts)

    fired, fire = volley(params, world, fighting)
    inflicted = war * pair.of(ratio(fire, fronts)) * pair.toward(world.force**c.omega)
    suffered = pair.back(inflicted)
    losses = xp.minimum(pair.each(suffered), world.force)

    left = world.force - losses
    gap = fighting * xp.maximum(states.force_target - left, 0.0)
    joined = xp.minimum(c.mobilisation * gap, world.manpower)
    joined = joined * share(world.treasury, c.soldier_cost * joined)

    log_fire = xp.log(xp.maximum(inflicted, 1e-12))
    pushed = c.advance * war * clip(log_fire - pair.back(log_fire), -3.0, 3.0)

    worn = ratio(world.losses + losses, world.losses + losses + left + world.manpower)
    tired = 1.0 - xp.exp(-c.exhaustion * pair.of(worn) * pair.toward(worn))
    called = pair.from_table(params.agenda.table(seen.summons, "ceasefire"))
    ends = (called + pair.back(called) > 0.0) | (noise["ceasefire"] < tired)
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
    ), {"ceasefire": pair.once * number(ends, world.stock)}
