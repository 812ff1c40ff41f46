"""Train: exercises make ready and work forces together, and rivals feel them.

    convened_n   = 1 with probability `held`, in the week in which exercise n of the calendar is
                   due, if a_ij >= terms_n between all of its states i and j; else 0
    held_ijx     = min(wanted_ijx, wanted_jix) where the partners get on
    rested_i     = R_i - decay (1 - experience at_war_i) (R_i - floor)
    R_i          = rested_i + (1 - rested_i) (1 - exp(-sum_x gain_x held_ix))
    interop_ij  += (1 - I_ij) (1 - exp(-sum_x joint_x held_ijx)) - decay I_ij
    drill_i      = sum_x weight_x held_ix (1 + partners n_ix)
    alarm_i     += memory (max_j risk_ij (provocation_j + dispute min(level_ij, 4) / 4) - alarm_i)

held_ix is the state's largest part in kind x this week, alone or with another: one exercise with
two partners is one. It is called off as a whole, by one draw of the state that calls it. Alarm is
what plans of exercises answer; level is 0 in it where the two are at war. What a rival makes of
`drill` is one coefficient in `escalate` (D'Orazio 2012: nothing; Bernhardt & Sukin 2021: a
provocation), zero included.
"""

from jaxtyping import Float64, Int64

from ..arrays import listed, number
from ..params import Params
from ..world import FORCE, WAR, YEAR, Action, Array, Noise, World, after
from .deterrence import stake_at_risk


def convene(
    params: Params, world: World, week_of_year: Int64[Array, ""], noise: Noise
) -> Float64[Array, " drill"]:
    """Which exercises of the calendar are held: those that open this week are decided on.

    Args:
        params: The parameters of the world.
        world: The world; in its first week those under way are decided on too.
        week_of_year: From 0.
        noise: The week's draws.
    """
    xp, agenda, pair = world.affinity.__array_namespace__(), params.agenda, params.wiring.pair
    since = (week_of_year - agenda.first) % YEAR
    opens = ((since == 0) | (world.week == 0)) & (since < agenda.length)
    get_on = listed(pair.from_table(world.affinity), agenda.partners, 1.0) >= agenda.terms
    together = xp.min(listed(number(get_on, agenda.terms), agenda.parts, 1.0), axis=1)
    kept = xp.take(number(noise["convene"] < params.rules.train.held, together), agenda.opener)
    return xp.where(opens, together * kept, world.convened)


def alarm(params: Params, world: World) -> Float64[Array, " state"]:
    """What rivals did of late, in weighted tests and launches, at full stake: next week's."""
    c, pair = params.rules.train, params.wiring.pair
    xp = world.alarm.__array_namespace__()
    quarrel = number(xp.where(world.level < WAR, world.level, 0), world.alarm) / FORCE
    acts = pair.toward(world.provocation) + c.dispute * quarrel
    worst = pair.highest(stake_at_risk(params, world) * acts)
    return world.alarm + c.memory * (worst - world.alarm)


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
        alarm=alarm(params, world),
    ), {"exercise": xp.sum(number(meetings > 0.0, meetings), axis=1)}
