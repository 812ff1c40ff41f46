"""Watch: shipments are detected, estimated, published and denied.

    P(detected_e) = 1 - exp(-rho containers_e (1 - secrecy_e) watch_e)
    watch_e       = A_i + A_j - A_ij,  A_ij = sum_k recon_k hostile_ki hostile_kj
    exposure_e   += evidence detected (1 - (x - base) / (bound - base)) - fading (x - base)
    estimate_oe  += unseen_e exp(bias_o + s eps_oe)             at a detection
    doubt_e: a publication lowers it, a denial raises it, with time it returns to 1/2

Exposure x is the log-odds that the route's dealings are unlawful; evidence diminishes and fades,
so that a steady flow does not saturate it. `unseen` are the containers since the last detection:
depots and trains are counted then. Two allied voices on one state in a week are a joint statement.
"""

from jaxtyping import Float64

from ..arrays import number, ratio
from ..params import Params
from ..world import Action, Array, Noise, Observation, World, after


def watchers(params: Params, world: World) -> Float64[Array, " route"]:
    """The reconnaissance of the states hostile to either end of each route."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    eyes = world.tech @ wiring.watching
    hostile = xp.maximum(-world.affinity, 0.0)
    shared = (xp.matrix_transpose(hostile) * eyes) @ hostile
    alone = eyes @ hostile
    both = xp.take(xp.reshape(shared, (-1,)), wiring.pair)
    return xp.take(alone, wiring.source) + xp.take(alone, wiring.target) - both


def detection(
    params: Params, world: World, action: Action
) -> tuple[Float64[Array, " route"], Float64[Array, " route"]]:
    """This week's containers on each route, and the probability that they are seen."""
    xp = world.stock.__array_namespace__()
    wiring, secrecy = params.wiring, action.transfer.secrecy
    containers = world.shipment @ params.munitions.containers
    open_ = (1.0 - xp.take(secrecy, wiring.source)) * (1.0 - xp.take(secrecy, wiring.target))
    hazard = params.rules.watch.detection * containers * open_ * watchers(params, world)
    return containers, 1.0 - xp.exp(-hazard)


def watch(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Detect, estimate, publish, deny."""
    xp = world.stock.__array_namespace__()
    c, wiring, desk = params.rules.watch, params.wiring, action.diplomacy
    ends = wiring.outof + wiring.into
    containers, chance = detection(params, world, action)
    detected = number(noise["detection"] < chance, chance)
    # at the most all the way to the bound, however strong the evidence
    evidence = xp.minimum(c.evidence, c.bound - c.base)
    diminishing = 1.0 - ratio(world.exposure - c.base, c.bound - c.base)
    exposure = world.exposure + evidence * detected * seen.unlawful * diminishing
    exposure = exposure - c.fading * (world.exposure - c.base)

    bias = xp.take(params.states.estimate_bias, wiring.observer)[:, None]
    unseen = world.unseen + containers
    factor = xp.exp(bias + c.estimate_noise * noise["estimate"]) * wiring.real_observer[:, None]
    estimate = world.estimate + detected * unseen * factor

    publish = desk.publish
    named = number(wiring.observer[:, None] == xp.arange(ends.shape[0]), publish)
    disclosed = xp.matrix_transpose(named) @ publish  # [state, route]
    voice = number(disclosed @ xp.matrix_transpose(ends) + desk.condemn > 0.0, publish) * wiring.off
    joint = voice * number(wiring.allied @ voice > 0.0, publish)
    jointly = number((xp.max(joint, axis=0) @ ends) > 0.0, publish)
    publications = xp.sum(publish, axis=0)
    accused = ends @ number(world.accused > 0.0, publish) > 0.0
    denies = number((noise["denial"] < desk.deny) & accused, publish)
    denied = number(((denies @ ends) > 0.0) & (world.accused > 0.0), publish)

    doubt = world.doubt + c.doubt_return * (0.5 - world.doubt)
    doubt = doubt * (1.0 - c.persuasion * number(publications > 0.0, publish))
    doubt = doubt * (1.0 - c.joint_persuasion * jointly * number(publications > 0.0, publish))
    doubt = doubt + c.denial * denied * (1.0 - doubt)
    events = {
        "disclosure": disclosed @ xp.matrix_transpose(wiring.outof),
        "joint_statement": joint,
        "denial": denies[:, None] * (1.0 - wiring.off),
    }
    return after(
        world,
        exposure=exposure,
        doubt=doubt,
        unseen=unseen * (1.0 - detected),
        estimate=estimate,
        published=xp.where(publish > 0.0, estimate, world.published),
        accused=publications,
    ), events
