"""Haul: goods in payment travel leg by leg on the route back, seen and taken as munitions are.

    outflow_l  = contents_l before arrivals / time_l, within what munitions leave of the
                 infrastructure's containers per week
    P(interdicted), its draw and the share taken are those of `move`: one search stops both
    in transit + delivered + interdicted = shipped                                   (exactly)

Munitions go first. Containers. The phase comes before `move`, which moves the munitions on.
"""

from ..arrays import each, listed, number, share
from ..params import Params
from ..world import Array, Noise, Observation, World, after
from .move import enforcement


def haul(
    params: Params, world: World, seen: Observation, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Carry goods in payment one week on and take this week's on board."""
    xp = world.stock.__array_namespace__()
    c, wiring, routes = params.rules.move, params.wiring, params.routes
    munitions = (world.transit / routes.time[:, :, None]) @ params.munitions.containers
    ready = world.cargo_transit / routes.time
    ahead, load = (each(xp.reshape(x, (-1,)), wiring.traffic) for x in (munitions, ready))
    fits = share(xp.maximum(routes.capacity - ahead, 0.0), load)
    out = ready * listed(fits, wiring.way, fill=1.0)

    hazard = c.interdiction * routes.vulnerability * enforcement(params, world, seen)
    caught = number(noise["interdiction"] < 1.0 - xp.exp(-hazard), hazard)
    lost = out * c.taken * caught * wiring.leg
    through = out - lost
    arrived = xp.sum(through * wiring.last, axis=0)
    onward = through * (1.0 - wiring.last)
    entering = xp.concat([world.cargo[None, ...], onward[:-1, ...]], axis=0)
    return after(
        world,
        cargo_transit=xp.maximum(world.cargo_transit - out, 0.0) + entering,
        cargo_delivery=arrived,
        cargo_delivered=world.cargo_delivered + arrived,
        cargo_interdicted=world.cargo_interdicted + xp.sum(lost, axis=0),
    ), {}
