"""What can be read off a finished week: the functions that metrics are made of.

Each takes a `Week` and returns an array, or makes such a function of a name. `metrics` is the
table that gives them names, axes and units.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from jaxtyping import Float64

from .arrays import listed, number, ratio
from .desks.registry import REGISTRY
from .events import AXES, EVENTS, TABLE, Scale
from .params import Params
from .world import (
    DESKS,
    FORCE,
    MEANS,
    PRESS,
    WAR,
    Action,
    Array,
    Events,
    Noise,
    Observation,
    World,
)


@dataclass(frozen=True)
class Week:
    """Everything that a metric may read: a week and what it left."""

    params: Params
    world: World
    seen: Observation
    action: Action
    events: Events
    noise: Noise

    @cached_property
    def totals(self) -> Float64[Array, " event"]:
        """Return events of each kind that week, in the whole world."""
        xp = self.world.stock.__array_namespace__()
        return xp.stack([xp.sum(self.events[kind]) for kind in EVENTS])

    def by_actor(self, kind: str) -> Float64[Array, " state"]:
        """Return the events of a kind that week, by actor."""
        counts, pair = self.events[kind], self.params.wiring.pair
        xp, states = counts.__array_namespace__(), self.world.force.shape[0]
        match AXES[kind]:
            case "state":
                return counts
            case "pair":
                return pair.each(counts)
            case "meeting":
                return counts[:states] + pair.each(counts[states:])
            case "member state":
                return listed(xp.sum(counts, axis=1), self.params.wiring.seat)
            case _:
                return xp.sum(counts, axis=1)


def containers(flow: str) -> Callable[[Week], Array]:
    """Return a metric: containers of a ledger of routes, over all munitions, [route]."""
    return lambda w: getattr(w.world, flow) @ w.params.munitions.containers


def held(name: str) -> Callable[[Week], Array]:
    """Return a metric: a field of the world as it stands."""
    return lambda w: getattr(w.world, name)


def between(name: str) -> Callable[[Week], Array]:
    """Return a metric: what a field of the world between all states holds for each pair."""
    return lambda w: w.params.wiring.pair.from_table(getattr(w.world, name))


def count(kind: str) -> Callable[[Week], Array]:
    """Return a metric: the events of a kind that week, by actor, [state]."""
    return lambda w: w.by_actor(kind)


def everywhere(kind: str) -> Callable[[Week], Array]:
    """Return a metric: the events of a kind that week, in the whole world."""
    return lambda w: w.totals[EVENTS.index(kind)]


def paid(means: str) -> Callable[[Week], Array]:
    """Return a metric: what buyers have paid by one of MEANS, since the start, [route]."""
    return lambda w: w.world.settled[:, MEANS.index(means)]


def fresh(w: Week) -> Array:
    """Return 1 for each pair once, without the wars that the scenario gives: [pair]."""
    return w.params.wiring.pair.once * (1.0 - w.params.relations.war)


def new_level(w: Week) -> Array:
    """Return levels of pairs once, 0 where the war was given: [pair]."""
    return fresh(w) * number(w.world.level, w.world.stock)


def highest_new_level(w: Week) -> Array:
    """Return the highest level of a dispute that is not a given war."""
    return w.world.stock.__array_namespace__().max(new_level(w))


def pairs_at(least: int) -> Callable[[Week], Array]:
    """Return a metric: how many new disputes stand at that level or higher."""

    def value(w: Week) -> Array:
        xp = w.world.stock.__array_namespace__()
        return xp.sum(fresh(w) * number(w.world.level >= least, w.world.stock))

    return value


def onsets(w: Week, nuclear: bool) -> Array:
    """Return how many pairs came to war this week.

    Args:
        w: The week.
        nuclear: Whether only pairs with nuclear arms on both sides count.
    """
    xp = w.world.stock.__array_namespace__()
    begun = number((w.events["level_up"] > 0.0) & (w.world.level == WAR), w.world.stock)
    return xp.sum(begun * both_nuclear(w)) if nuclear else xp.sum(begun)


def both_nuclear(w: Week) -> Array:
    """Return 1 where both states of a pair have nuclear arms: [pair]."""
    pair, arms = w.params.wiring.pair, w.params.states.nuclear
    return pair.of(arms) * pair.toward(arms)


def nuclear_risk(w: Week) -> Array:
    """Return 1 while a pair with nuclear arms on both sides uses force."""
    xp = w.world.stock.__array_namespace__()
    hot = number(w.world.level >= FORCE, w.world.stock)
    return xp.max(fresh(w) * hot * both_nuclear(w))


def pressed(w: Week) -> Array:
    """Return 1 where the actor presses the target: [pair]."""
    return number(w.action.crisis.posture == PRESS, w.world.stock)


def tempted(w: Week) -> Array:
    """Return 1 where the crisis desk would press if nobody were believed to resist."""
    desk = DESKS.index("crisis")
    xp, press = w.world.stock.__array_namespace__(), 0.0 * w.seen.credence
    bold = replace(w.seen, **dict.fromkeys(("credence", "suspected", "deterrence"), press))
    for index, (rule, own) in enumerate(w.params.desks["crisis"].items()):
        part = REGISTRY["crisis"][rule].function(own, bold, w.noise, w.params)
        mine = w.params.wiring.pair.of(w.params.choice[desk, :]) == index
        press = xp.where(mine, number(part.posture == PRESS, press), press)
    return press


def joint_exercises(w: Week) -> Array:
    """Return exercises held together, each once: [pair]."""
    return w.events["exercise"][w.world.force.shape[0] :]


def presses(w: Week) -> Array:
    """Return how many pairs are pressed."""
    return w.world.stock.__array_namespace__().sum(pressed(w))


def deterred_presses(w: Week) -> Array:
    """Return how many more pairs would be pressed if nobody were believed to resist."""
    xp = w.world.stock.__array_namespace__()
    return xp.sum(number(tempted(w) > pressed(w), w.world.stock))


def mean_tension(w: Week) -> Array:
    """Return tension, the mean over ordered pairs."""
    xp = w.world.stock.__array_namespace__()
    return xp.sum(w.world.tension) / xp.sum(w.params.wiring.off)


def highest_tension(w: Week) -> Array:
    """Return the highest tension of a pair that was not at war from the start."""
    xp = w.world.stock.__array_namespace__()
    at_war = w.params.wiring.pair.to_table(w.params.relations.war)
    return xp.max(w.world.tension * (1.0 - at_war))


def in_transit(w: Week) -> Array:
    """Return containers on the way: [route]."""
    xp = w.world.transit.__array_namespace__()
    return xp.sum(w.world.transit, axis=0) @ w.params.munitions.containers


def escalation(scale: Scale, third_party: bool = False) -> Callable[[Week], Array]:
    """Return a metric: the sum of the week's event weights.

    Args:
        scale: The scale of the weights.
        third_party: Whether only acts that fall on third parties count.
    """
    counted = [event.third_party or not third_party for event in TABLE]
    weights = [event.escalation(scale) * own for event, own in zip(TABLE, counted, strict=True)]
    return lambda w: w.totals @ w.totals.__array_namespace__().asarray(weights)


def gdp_share(w: Week) -> Array:
    """Return military spending over output; 0 where no output is given: [state]."""
    return ratio(w.world.spending, w.world.gdp)


def cargo_in_transit(w: Week) -> Array:
    """Return containers of goods in payment on the way: [route]."""
    return w.world.stock.__array_namespace__().sum(w.world.cargo_transit, axis=0)


def unlawful_share(w: Week) -> Array:
    """Return the share of this week's containers that an embargo forbids."""
    xp = w.world.stock.__array_namespace__()
    containers = w.world.shipment @ w.params.munitions.containers
    return ratio(xp.sum(containers * w.seen.unlawful), xp.sum(containers))
