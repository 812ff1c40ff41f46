"""Relate: affinity drifts, tension follows threat, provocation and exposure.

    a_ij += return (base - a) + by_trade benefit + by_visit visit (1 - a) + by_common_rival R_ij
            - by_dispute level_ij - by_condemnation c_ij                     symmetric, in [-1, 1]
    R_ij  = max_k T_ik T_jk      over the rivals k that both have a stake against
    T_ij += speed (sigma(b0 + threat + rivalry + provocation + exposure + dispute - affinity
                         - reassurance) - T_ij)
    threat_ij = coefficient stake_ij (belief_ij - S_i), held in [-4, 4] log points

Threat reads BELIEVED strengths. A rival's exercises provoke, the help of one's own protectors
reassures: each by its own coefficient. Walt (1987) for threat; common rivals draw states together.
"""

from jaxtyping import Float64

from ..arrays import clip, col, number, row, sigma
from ..params import Params
from ..world import TIMETABLE, Action, Array, Observation, World, after
from .deterrence import allied_help


def common_rival(params: Params, world: World) -> Float64[Array, "state state"]:
    """How much each pair shares a rival: the smooth maximum over k of T_ik T_jk, in [0, 1].

    A rival is a state that one has a stake against: strangers' little tension makes no friends.
    The norm of order 8 stands for the maximum: a matmul, no [state, state, state] array.
    """
    xp = world.tension.__array_namespace__()
    tense = world.tension * number(params.relations.stake > 0.0, world.tension)
    eighth = xp.square(xp.square(xp.square(tense)))
    both = eighth @ xp.matrix_transpose(eighth)
    return xp.minimum(xp.sqrt(xp.sqrt(xp.sqrt(both))), 1.0)


def affinity(
    params: Params, world: World, seen: Observation, action: Action
) -> Float64[Array, "state state"]:
    """Next week's affinity."""
    xp = world.stock.__array_namespace__()
    c, off = params.rules.escalate, params.wiring.off
    visit = seen.summons[TIMETABLE.index("visit"), ...]
    visit = xp.minimum(visit + xp.matrix_transpose(visit), 1.0)
    gain = clip(world.benefit, 0.0, 1.0)
    condemned = xp.maximum(action.diplomacy.condemn, xp.matrix_transpose(action.diplomacy.condemn))
    drift = (
        c.affinity_return * (params.relations.affinity - world.affinity)
        + c.by_trade * xp.maximum(gain, xp.matrix_transpose(gain)) * (1.0 - world.affinity)
        + c.by_visit * visit * (1.0 - world.affinity)
        + c.by_common_rival * common_rival(params, world) * (1.0 - world.affinity)
        - c.by_dispute * number(world.level, gain)
        - c.by_condemnation * condemned
    )
    return off * clip(world.affinity + drift, -1.0, 1.0)


def tension(params: Params, world: World, seen: Observation) -> Float64[Array, "state state"]:
    """Next week's tension of the actor toward the target."""
    c, stake = params.rules.escalate, params.relations.stake
    hostile = 0.5 - 0.5 * clip(world.affinity, -1.0, 1.0)
    log_odds = (
        c.base
        + c.threat * stake * clip(seen.believed - row(seen.strength), -4.0, 4.0)
        + c.rivalry * stake
        + c.test_provocation * stake * col(world.provocation)
        + c.exercise_provocation * stake * col(world.drill)
        + c.exposure * hostile * seen.suspicion
        + c.dispute * number(world.level, stake)
        - c.affinity * world.affinity
        - c.reassurance * row(allied_help(params, world))
    )
    return params.wiring.off * (world.tension + c.speed * (sigma(log_odds) - world.tension))


def relate(
    params: Params, world: World, seen: Observation, action: Action
) -> tuple[World, dict[str, Array]]:
    """Move affinity and tension by one week."""
    return after(
        world,
        affinity=affinity(params, world, seen, action),
        tension=tension(params, world, seen),
    ), {"visit": seen.summons[TIMETABLE.index("visit"), ...]}
