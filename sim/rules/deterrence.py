"""What a challenger must reckon with.

    deterrence_ij = w_d (1 - (1 - credence_ij) prod_k (1 - commitment_kj credence_ik help_kj))
    help_kj       = readiness_k (1 - w + w interop_kj)

over the alliances k -> j. w_d is the share of it that challengers reckon with: 0 switches it off,
in the desks and on the ladder alike. A protector that is itself the challenger gives no help.
Dimensionless, in [0, 1]. Extended deterrence after Huth (1988), as independent refusals.
"""

from jaxtyping import Float64

from ..arrays import between, each, highest, listed, number
from ..params import Params
from ..world import CHALLENGED, Array, World


def promises(params: Params, world: World) -> Float64[Array, " alliance"]:
    """The protection that each alliance gives, in [0, 1]: commitment times ready help."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = between(world.interop, wiring.bond)
    help_ = xp.take(world.readiness, wiring.protector) * (1.0 - weight + weight * interop)
    return params.relations.commitment * help_


def deterrence(params: Params, world: World) -> Float64[Array, "state state"]:
    """The probability, as i believes, that pressing j meets resistance by j or its protectors."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    of_others = xp.matrix_transpose(wiring.off * world.credence)
    believed = xp.take(of_others, wiring.protector, axis=0)
    stays_out = 1.0 - believed * promises(params, world)[:, None]  # [alliance, challenger]
    let_off = xp.prod(listed(stays_out, wiring.guards, fill=1.0), axis=1)
    met = 1.0 - (1.0 - world.credence) * xp.matrix_transpose(let_off)
    return params.rules.escalate.deterrence * wiring.off * met


def allied_help(params: Params, world: World) -> Float64[Array, " state"]:
    """The protection that each state enjoys, in [0, 1]: its surest protector's ready help."""
    return highest(promises(params, world), params.wiring.guards)


def called(params: Params, world: World) -> Float64[Array, "state state"]:
    """How far a protector's promise to those whom the other challenges is called in, in [0, 1]."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    against = xp.take(xp.matrix_transpose(world.stage), wiring.protege, axis=0) == CHALLENGED
    due = number(against, world.stock) * promises(params, world)[:, None]  # [alliance, challenger]
    return wiring.off * xp.minimum(each(due, wiring.wards), 1.0)
