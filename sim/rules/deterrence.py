"""What a challenger must reckon with.

    deterrence_ij = w_d will_ij balance_ij
    will_ij       = 1 - (1 - credence_ij) prod_k (1 - promise_kj credence_ik)
    balance_ij    = (R_ij / (1 + R_ij))^beta           1 for a challenger without reach
    R_ij          = (e^{S_j} + sum_k promise_kj credence_ik reach_ki e^{S_k}) / (reach_ij e^{S_i})
    promise_kj    = pact_kj commitment_kj readiness_k (1 - w + w interop_kj)

over the alliances k -> j but those of i itself. Will: does resistance come, by independent
refusals (Huth 1988)? Balance: would it prevail, in a contest of the powers that i believes (its
own it knows)? j is at home, all others fight as far as they reach (Boulding 1962). w_d is the
share that challengers reckon with: 0 switches all off, beta = 0 the balance. Dimensionless, in
[0, 1].

    stake at risk_ki = max(stake_ki, max over k's proteges j with stake_ij > 0 of its stake in j)

over the alliances in force (pact = 1), is what k's type toward i is about: a protector may be hard
for its protege's sake.
"""

from jaxtyping import Bool, Float64

from ..arrays import clip, highest, listed, number
from ..params import Params
from ..world import CHALLENGED, Array, World

MOST_ODDS = 50.0
"""Log points beyond which one power is as good as none beside the other."""


def promises(params: Params, world: World) -> Float64[Array, " alliance"]:
    """The protection that each alliance gives, in [0, 1]: commitment times ready help."""
    xp = world.stock.__array_namespace__()
    wiring, weight = params.wiring, params.rules.escalate.interop_weight
    interop = xp.take(world.interop, wiring.bond)
    help_ = xp.take(world.readiness, wiring.protector) * (1.0 - weight + weight * interop)
    return params.relations.commitment * world.pact * help_


def expected_help(params: Params, world: World) -> Float64[Array, "pair guard"]:
    """The probability, as the actor believes, that each protector of the target resists it."""
    wiring = params.wiring
    promised = wiring.pair.toward(listed(promises(params, world), wiring.guards))
    return promised * listed(world.credence, wiring.toward_guard)  # 0 where it is the actor itself


def will(params: Params, world: World) -> Float64[Array, " pair"]:
    """The probability, as i believes, that pressing j meets resistance by j or its protectors."""
    xp = world.stock.__array_namespace__()
    return 1.0 - (1.0 - world.credence) * xp.prod(1.0 - expected_help(params, world), axis=1)


def balance(params: Params, world: World, own: Float64[Array, " state"]) -> Float64[Array, " pair"]:
    """The chance, as i believes, that j and who helps it prevail over i; 1 at weight 0.

    Args:
        params: The parameters of the world.
        world: The world, its beliefs renewed.
        own: True strengths, in log points.
    """
    xp, wiring, relations = own.__array_namespace__(), params.wiring, params.relations
    odds = xp.exp(clip(world.belief - wiring.pair.of(own), -MOST_ODDS, MOST_ODDS))
    brought = listed(wiring.pair.back(relations.reach) * odds, wiring.toward_guard)
    theirs = odds + xp.sum(expected_help(params, world) * brought, axis=1)
    return (theirs / (theirs + relations.reach)) ** params.rules.escalate.balance


def deterrence(
    params: Params, world: World, own: Float64[Array, " state"]
) -> Float64[Array, " pair"]:
    """What i must reckon with if it presses j: that it is resisted, and does not prevail.

    Args:
        params: The parameters of the world.
        world: The world, its beliefs renewed.
        own: True strengths, in log points.
    """
    weight = params.rules.escalate.deterrence
    return weight * will(params, world) * balance(params, world, own)


def stake_at_risk(params: Params, world: World) -> Float64[Array, " pair"]:
    """What the actor's type toward the target is about: its own stake, or that in a protege."""
    xp, wiring = params.relations.stake.__array_namespace__(), params.wiring
    threatened = listed(params.relations.stake, wiring.toward_ward) > 0.0
    in_wards = wiring.pair.of(listed(params.relations.at_stake * world.pact, wiring.wards))
    at_risk = in_wards * number(threatened, in_wards)
    return xp.maximum(params.relations.stake, xp.max(at_risk, axis=1))


def allied_help(params: Params, world: World) -> Float64[Array, " state"]:
    """The protection that each state enjoys, in [0, 1]: its surest protector's ready help."""
    return highest(promises(params, world), params.wiring.guards)


def called(params: Params, world: World) -> Float64[Array, " pair"]:
    """How far a protector's promise to those whom the other challenges is called in, in [0, 1]."""
    return called_by(params, world, world.stage == CHALLENGED)


def called_by(
    params: Params, world: World, against: Bool[Array, " pair"]
) -> Float64[Array, " pair"]:
    """How far the actor's promises are called in by what the target does to its proteges.

    Args:
        params: The parameters of the world.
        world: The world.
        against: Whether each actor does to its target what calls for help.
    """
    xp, wiring = world.stock.__array_namespace__(), params.wiring
    promised = wiring.pair.of(listed(promises(params, world), wiring.wards))
    due = promised * listed(number(against, world.stock), wiring.toward_ward)
    return xp.minimum(xp.sum(due, axis=1), 1.0)
