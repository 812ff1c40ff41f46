"""What a challenger must reckon with.

    deterrence_ij = w_d (1 - (1 - credence_ij) prod_k (1 - commitment_kj credence_ik help_kj))
    help_kj       = readiness_k (1 - w + w interop_kj)

over the alliances k -> j. w_d is the share of it that challengers reckon with: 0 switches it off,
in the desks and on the ladder alike. A protector that is itself the challenger gives no help.
Dimensionless, in [0, 1]. Extended deterrence after Huth (1988), as independent refusals.
"""

from jaxtyping import Float64

from ..arrays import number
from ..params import Params
from ..world import CHALLENGED, Array, World


def promises(params: Params, world: World) -> Float64[Array, " alliance"]:
    """The protection that each alliance gives, in [0, 1]: commitment times ready help."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = xp.sum((wiring.protects @ world.interop) * wiring.protected, axis=1)
    help_ = (wiring.protects @ world.readiness) * (1.0 - weight + weight * interop)
    return params.relations.commitment * help_


def deterrence(params: Params, world: World) -> Float64[Array, "state state"]:
    """The probability, as i believes, that pressing j meets resistance by j or its protectors."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    believed = xp.take(world.credence, wiring.protector, axis=1)  # [challenger, alliance]
    others = 1.0 - xp.matrix_transpose(wiring.protects)
    joins = others * believed * promises(params, world)
    stays_out = xp.concat([1.0 - joins, xp.ones_like(world.credence[:, :1])], axis=1)
    of_each = xp.take(stays_out, xp.reshape(wiring.guards, (-1,)), axis=1)
    let_off = xp.prod(xp.reshape(of_each, (-1, *wiring.guards.shape)), axis=2)
    met = 1.0 - (1.0 - world.credence) * let_off
    return params.rules.escalate.deterrence * wiring.off * met


def allied_help(params: Params, world: World) -> Float64[Array, " state"]:
    """The protection that each state enjoys, in [0, 1]: its surest protector's ready help."""
    xp = world.stock.__array_namespace__()
    return xp.max(promises(params, world)[:, None] * params.wiring.protected, axis=0)


def called(params: Params, world: World) -> Float64[Array, "state state"]:
    """How far a protector's promise to those whom the other challenges is called in, in [0, 1]."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    challenged = xp.take(world.stage, wiring.protege, axis=1) == CHALLENGED
    due = number(challenged, world.stock) * promises(params, world)  # [challenger, alliance]
    return wiring.off * xp.minimum(xp.matrix_transpose(due @ wiring.protects), 1.0)
