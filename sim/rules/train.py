"""Train: exercises make ready and work forces together, and rivals feel them.

    held_ijx     = min(wanted_ijx, wanted_jix) where the partners get on
    rested_i     = R_i - decay (1 - experience at_war_i) (R_i - floor)
    R_i          = rested_i + (1 - rested_i) (1 - exp(-sum_x gain_x held_ix))
    interop_ij  += (1 - I_ij) (1 - exp(-sum_x joint_x held_ijx)) - decay I_ij
    drill_i      = sum_x weight_x held_ix (1 + partners n_ix)

held_ix is the state's largest part in kind x this week, alone or with another: one exercise with
two partners is one. What a rival makes of `drill` is one coefficient in `escalate` (D'Orazio 2012:
nothing; Bernhardt & Sukin 2021: a provocation), zero included.
"""

from ..arrays import number
from ..params import Params
from ..world import WAR, Action, Array, World, after


def train(params: Params, world: World, action: Action) -> tuple[World, dict[str, Array]]:
    """Hold this week's exercises."""
    xp = world.stock.__array_namespace__()
    c, pair = params.rules.train, params.wiring.pair
    wanted, alone = action.training.exercise, action.training.alone
    willing = number(pair.from_table(world.affinity) >= c.accepts, wanted)
    held = xp.minimum(wanted, pair.back(wanted)) * willing[:, None]
    part = xp.maximum(alone, pair.highest(held))
    partners = pair.each(number(held > 0.0, held))
    at_war = pair.highest(number(world.level == WAR, held))
    decay = c.readiness_decay * (1.0 - c.experience * at_war)
    rested = world.readiness - decay * (world.readiness - c.readiness_floor)
    readiness = rested + (1.0 - rested) * (1.0 - xp.exp(-(part @ c.readiness)))
    joint = (1.0 - world.interop) * (1.0 - xp.exp(-(held @ c.interop)))
    meetings = xp.concat([alone, pair.once[:, None] * held], axis=0)  # all alone, then pairs once
    return after(
        world,
        readiness=readiness,
        interop=world.interop + joint - c.interop_decay * world.interop,
        drill=(part * (1.0 + c.partners * partners)) @ c.weight,
    ), {"exercise": xp.sum(number(meetings > 0.0, meetings), axis=1)}
