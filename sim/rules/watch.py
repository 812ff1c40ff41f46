"""Watch: shipments are detected, estimated, published and denied.

    P(detected_e) = 1 - exp(-rho containers_e (1 - secrecy_e) watch_e)
    watch_e       = A_i + A_j - A_ij,  A_ij = sum_k recon_k hostile_ki hostile_kj
    exposure_e   += evidence detected (1 - (x - base) / (bound - base)) - fading (x - base)
    noted_e      += notice detected lawful_e (1 - noted_e) - fading noted_e
    estimate_oe  += unseen_e exp(bias_o + s eps_oe)             at a detection
    doubt_e: a publication lowers it, and a draft that the Council adopted on either end last week
             (`finding`); a denial raises it, with time it returns to 1/2

Exposure x is the log-odds that the route's dealings are unlawful; evidence diminishes and fades,
so that a steady flow does not saturate it. What is seen of lawful dealings (`noted`) is no evidence
of a breach; who is armed is another matter (`relate.resentment`). `unseen` are the containers since
the last detection: depots and trains are counted then. Two allied voices on one state in a week are
a joint statement.
"""

from jaxtyping import Float64, Int64

from ..arrays import each, highest, listed, number, ratio
from ..params import Params
from ..world import Action, Array, Noise, Observation, World, after
from .perceive import at_either_end, reconnaissance


def watchers(params: Params, world: World) -> Float64[Array, " route"]:
    """The reconnaissance of the states hostile to either end of each route."""
    xp = world.stock.__array_namespace__()
    wiring = params.wiring
    eyes = reconnaissance(params, world)
    hostile = xp.matrix_transpose(xp.maximum(-world.affinity, 0.0))  # [of whom, by whom]
    to_source, to_target = (xp.take(hostile, end, axis=0) for end in (wiring.source, wiring.target))
    return (to_source + to_target - to_source * to_target) @ eyes


def detection(
    params: Params, world: World, action: Action
) -> tuple[Float64[Array, " route"], Float64[Array, " route"]]:
    """This week's containers on each route, and the probability that they are seen."""
    xp = world.stock.__array_namespace__()
    wiring, secrecy = params.wiring, action.transfer.secrecy
    containers = world.shipment @ params.munitions.containers + world.cargo
    open_ = (1.0 - xp.take(secrecy, wiring.source)) * (1.0 - xp.take(secrecy, wiring.target))
    hazard = params.rules.watch.detection * containers * open_ * watchers(params, world)
    return containers, 1.0 - xp.exp(-hazard)


def named(
    params: Params,
    publish: Float64[Array, "observer route"],
    routes: Int64[Array, "state listed"],
) -> Float64[Array, "state state"]:
    """Return how many estimates the actor publishes of the routes listed for the target."""
    xp = publish.__array_namespace__()
    by_observer = xp.matrix_transpose(each(xp.matrix_transpose(publish), routes))
    return listed(by_observer, params.wiring.voice)


def jointly(
    params: Params, world: World, voice: Float64[Array, "state state"]
) -> Float64[Array, "state state"]:
    """Where the actor voices the target, and so does one that an alliance in force binds it to.

    Args:
        params: The parameters of the world.
        world: The world.
        voice: 1 where the actor voices the target.
    """
    xp, wiring = voice.__array_namespace__(), params.wiring
    both = xp.take(voice, wiring.protector, axis=0) * xp.take(voice, wiring.protege, axis=0)
    both = both * world.pact[:, None]
    return xp.maximum(highest(both, wiring.guards), highest(both, wiring.wards))


def watch(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Detect, estimate, publish, deny."""
    xp = world.stock.__array_namespace__()
    c, wiring, desk = params.rules.watch, params.wiring, action.diplomacy
    containers, chance = detection(params, world, action)
    detected = number(noise["detection"] < chance, chance)
    # at the most all the way to the bound, however strong the evidence
    evidence = xp.minimum(c.evidence, c.bound - c.base)
    diminishing = 1.0 - ratio(world.exposure - c.base, c.bound - c.base)
    exposure = world.exposure + evidence * detected * seen.unlawful * diminishing
    exposure = exposure - c.fading * (world.exposure - c.base)

    shown = c.notice * detected * (1.0 - seen.unlawful) * (1.0 - world.noted)
    bias = xp.take(params.states.estimate_bias, wiring.observer)[:, None]
    unseen = world.unseen + containers
    factor = xp.exp(bias + c.estimate_noise * noise["estimate"]) * wiring.real_observer[:, None]
    estimate = world.estimate + detected * unseen * factor

    publish = desk.publish
    spoken = named(params, publish, wiring.ends) + desk.condemn
    voice = number(spoken > 0.0, publish) * wiring.off
    joint = jointly(params, world, voice)
    united = at_either_end(params, xp.max(joint, axis=0))
    publications = xp.sum(publish, axis=0)
    accused = highest(world.accused, wiring.ends) > 0.0
    denies = number((noise["denial"] < desk.deny) & accused, publish)
    denied = at_either_end(params, denies) * number(world.accused > 0.0, publish)

    doubt = world.doubt + c.doubt_return * (0.5 - world.doubt)
    doubt = doubt * (1.0 - c.persuasion * number(publications > 0.0, publish))
    doubt = doubt * (1.0 - c.joint_persuasion * united * number(publications > 0.0, publish))
    doubt = doubt * (1.0 - c.finding * at_either_end(params, world.censured))
    doubt = doubt + c.denial * denied * (1.0 - doubt)
    events = {
        "disclosure": named(params, publish, wiring.exports),
        "joint_statement": joint,
        "denial": denies,
    }
    return after(
        world,
        exposure=exposure,
        doubt=doubt,
        unseen=unseen * (1.0 - detected),
        estimate=estimate,
        published=xp.where(publish > 0.0, estimate, world.published),
        accused=publications,
        noted=world.noted + shown - c.fading * world.noted,
    ), events
