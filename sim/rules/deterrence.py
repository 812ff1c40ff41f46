"""What a challenger must reckon with.

    deterrence_ij = w_d (1 - (1 - credence_ij) prod_k (1 - commitment_kj credence_ik help_kj))
    help_kj       = readiness_k (1 - w + w interop_kj)

over the alliances k -> j. w_d is the share of it that challengers reckon with: 0 switches it off,
in the desks and on the ladder alike. A protector that is itself the challenger gives no help.
Dimensionless, in [0, 1]. Extended deterrence after Huth (1988), as independent refusals.
"""

from jaxtyping import Float64

from ..arrays import highest, listed, number
from ..params import Params
from ..world import CHALLENGED, Array, World


def promises(params: Params, world: World) -> Float64[Array, " alliance"]:
    """The protection that each alliance gives, in [0, 1]: commitment times ready help."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = xp.take(world.interop, wiring.bond)
    help_ = xp.take(world.readiness, wiring.protector) * (1.0 - weight + weight * interop)
    return params.relations.commitment * help_


def deterrence(params: Params, world: World) -> Float64[Array, " pair"]:
    """The probability, as i believes, that pressing j meets resistance by j or its protectors."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    promised = wiring.pair.toward(listed(promises(params, world), wiring.guards))
    believed = listed(world.credence, wiring.toward_guard)  # 0 where the guard is the challenger
    met = 1.0 - (1.0 - world.credence) * xp.prod(1.0 - promised * believed, axis=1)
    return params.rules.escalate.deterrence * met


def allied_help(params: Params, world: World) -> Float64[Array, " state"]:
    """The protection that each state enjoys, in [0, 1]: its surest protector's ready help."""
    return highest(promises(params, world), params.wiring.guards)


def called(params: Params, world: World) -> Float64[Array, " pair"]:
    """How far a protector's promise to those whom the other challenges is called in, in [0, 1]."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    promised = wiring.pair.of(listed(promises(params, world), wiring.wards))
    challenged = number(world.stage == CHALLENGED, world.stock)
    due = promised * listed(challenged, wiring.toward_ward)
    return xp.minimum(xp.sum(due, axis=1), 1.0)
