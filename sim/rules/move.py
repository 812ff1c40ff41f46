"""Move: shipments travel leg by leg, some are interdicted, some arrive unusable.

    outflow_l  = contents_l before arrivals / time_l, within the infrastructure's containers a week
    P(interdicted) = 1 - exp(-hazard vulnerability_l enforcement)        unlawful routes only
    enforcement    = by_embargo + by_monitor M + by_sanctions S + by_exposure sigma(exposure)
    in transit + delivered + unusable + interdicted = shipped            (exactly)
    grade      = that of the supplier's stock, mixed with what lies on the leg or in the depot

In a steady state the contents are flow times time (Little's law). Weeks; native units.
"""

from jaxtyping import Float64

from ..arrays import blend, each, listed, number, ratio, share, sigma
from ..params import Params
from ..world import Array, Noise, Observation, World, after
from .perceive import at_either_end, sanctioned


def enforcement(params: Params, world: World, seen: Observation) -> Float64[Array, " route"]:
    """How hard unlawful traffic on each route is hunted, in [0, 1]."""
    xp, c = world.stock.__array_namespace__(), params.rules.move
    alive = xp.maximum(world.monitor, params.rules.sanction.coalition_reach * world.coalition)
    hunt = (
        c.by_embargo
        + c.by_monitor * at_either_end(params, alive)
        + c.by_sanctions * at_either_end(params, sanctioned(world))
        + c.by_exposure * sigma(world.exposure)
    )
    return seen.unlawful * xp.minimum(hunt, 1.0)


def move(
    params: Params, world: World, seen: Observation, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Carry what is in transit one week on and take this week's shipments on board."""
    xp = world.stock.__array_namespace__()
    c, wiring, routes = params.rules.move, params.wiring, params.routes
    ready = world.transit / routes.time[:, :, None]
    load = xp.reshape(ready @ params.munitions.containers, (-1,))
    fits = share(routes.capacity, each(load, wiring.traffic))
    # a leg over no infrastructure is never held back
    out = ready * listed(fits, wiring.way, fill=1.0)[:, :, None]

    hazard = c.interdiction * routes.vulnerability * enforcement(params, world, seen)
    caught = number(noise["interdiction"] < 1.0 - xp.exp(-hazard), hazard)
    lost = out * (c.taken * caught * wiring.leg)[:, :, None]
    through = out - lost
    arrived = xp.sum(through * wiring.last[:, :, None], axis=0)
    onward = through * (1.0 - wiring.last)[:, :, None]
    entering = xp.concat([world.shipment[None, ...], onward[:-1, ...]], axis=0)
    spoiled = arrived * xp.take(params.states.unusable_share, wiring.source)[:, None]
    usable = arrived - spoiled
    boarding = xp.take(world.grade, wiring.source, axis=0)[None, ...]
    coming = xp.concat([boarding, world.transit_grade[:-1, ...]], axis=0)
    landed = xp.sum(world.transit_grade * wiring.last[:, :, None], axis=0)
    received, left = each(usable, wiring.imports), xp.maximum(world.transit - out, 0.0)
    landed = ratio(each(usable * landed, wiring.imports), received)
    taken = xp.sum(lost, axis=0)
    events = {
        "delivered": listed(
            number(usable @ params.munitions.containers >= 1.0, usable), wiring.route
        ),
        "interdicted": listed(
            number(taken @ params.munitions.containers > 0.0, usable), wiring.route
        ),
    }
    return after(
        world,
        transit=left + entering,
        transit_grade=blend(world.transit_grade, left, coming, entering),
        delivery=usable,
        stock=world.stock + received,
        grade=blend(world.grade, world.stock, landed, received),
        delivered=world.delivered + usable,
        unusable=world.unusable + spoiled,
        interdicted=world.interdicted + taken,
    ), events
