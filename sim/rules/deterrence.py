"""What a challenger must reckon with.

    deterrence_ij = w_d (1 - (1 - credence_ij) prod_k (1 - commitment_kj credence_ik help_kj))
    help_kj       = readiness_k (1 - w + w interop_kj)

over the alliances k -> j. w_d is the share of it that challengers reckon with: 0 switches it off,
in the desks and on the ladder alike. A protector that is itself the challenger gives no help.
Dimensionless, in [0, 1]. Extended deterrence after Huth (1988), as independent refusals.
"""

from jaxtyping import Float64

from ..params import Params
from ..world import Array, World


def deterrence(params: Params, world: World) -> Float64[Array, "state state"]:
    """The probability, as i believes, that pressing j meets resistance by j or its protectors."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = xp.sum((wiring.protects @ world.interop) * wiring.protected, axis=1)
    help_ = (wiring.protects @ world.readiness) * (1.0 - weight + weight * interop)
    believed = xp.take(world.credence, wiring.protector, axis=1)  # [challenger, alliance]
    others = 1.0 - xp.matrix_transpose(wiring.protects)
    joins = others * believed * (params.relations.commitment * help_)
    refused = xp.log1p(-xp.minimum(joins, 1.0 - 1e-12)) @ wiring.protected
    met = 1.0 - (1.0 - world.credence) * xp.exp(refused)
    return params.rules.escalate.deterrence * wiring.off * met


def allied_help(params: Params, world: World) -> Float64[Array, " state"]:
    """The protection that each state enjoys, in [0, 1]: its surest protector's ready help."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = xp.sum((wiring.protects @ world.interop) * wiring.protected, axis=1)
    help_ = (wiring.protects @ world.readiness) * (1.0 - weight + weight * interop)
    return xp.max((params.relations.commitment * help_)[:, None] * wiring.protected, axis=0)
