"""How each metric is read off a week.

Each function takes a `Week` and gives an array; those that take something else make one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from jaxtyping import Float64

from .arrays import number, ratio
from .desks.registry import REGISTRY
from .events import EVENTS, TABLE, Scale
from .params import Params
from .rules.perceive import supply
from .world import DESKS, PRESS, WAR, Action, Array, Events, Noise, Observation, World


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
    def acts(self) -> Float64[Array, "event state"]:
        """Events of each kind that week, by actor: added up once for all who ask."""
        xp = self.world.stock.__array_namespace__()
        return xp.sum(xp.stack([self.events[kind] for kind in EVENTS]), axis=2)

    @cached_property
    def totals(self) -> Float64[Array, " event"]:
        """Events of each kind that week, in the whole world."""
        return self.acts.__array_namespace__().sum(self.acts, axis=1)


def containers(flow: str) -> Callable[[Week], Array]:
    """Containers of a ledger of routes, over all munitions: [route]."""
    return lambda w: getattr(w.world, flow) @ w.params.munitions.containers


def held(name: str) -> Callable[[Week], Array]:
    """A field of the world as it stands."""
    return lambda w: getattr(w.world, name)


def count(kind: str) -> Callable[[Week], Array]:
    """Events of a kind that week, by actor."""
    return lambda w: w.acts[EVENTS.index(kind), :]


def everywhere(kind: str) -> Callable[[Week], Array]:
    """Events of a kind that week, in the whole world."""
    return lambda w: w.totals[EVENTS.index(kind)]


def fresh(w: Week) -> Array:
    """1 for each pair once, without the wars that the scenario gives: [state, state]."""
    return w.params.wiring.upper * (1.0 - w.params.relations.war)


def new_level(w: Week) -> Array:
    """Levels of pairs once, 0 where the war was given: [state, state]."""
    return fresh(w) * number(w.world.level, w.world.stock)


def pairs_at(least: int) -> Callable[[Week], Array]:
    """How many new disputes stand at that level or higher."""

    def value(w: Week) -> Array:
        xp = w.world.stock.__array_namespace__()
        return xp.sum(fresh(w) * number(w.world.level >= least, w.world.stock))

    return value


def onsets(w: Week, nuclear: bool) -> Array:
    """Pairs that came to war this week; of those with nuclear arms on both sides."""
    xp = w.world.stock.__array_namespace__()
    begun = w.events["level_up"] * number(w.world.level == WAR, w.world.stock)
    arms = w.params.states.nuclear
    return xp.sum(begun * arms[:, None] * arms[None, :]) if nuclear else xp.sum(begun)


def nuclear_risk(w: Week) -> Array:
    """1 while a pair with nuclear arms on both sides uses force."""
    xp = w.world.stock.__array_namespace__()
    arms = w.params.states.nuclear
    hot = number(w.world.level >= WAR - 1, w.world.stock)
    return xp.max(fresh(w) * hot * arms[:, None] * arms[None, :])


def weeks_of_supply(w: Week) -> Array:
    """Weeks of supply: [state, munition]."""
    return supply(w.params, w.world)


def pressed(w: Week) -> Array:
    """1 where the actor presses the target: [state, state]."""
    return number(w.action.crisis.posture == PRESS, w.world.stock)


def tempted(w: Week) -> Array:
    """1 where the crisis desk would press if nobody were believed to resist."""
    desk = DESKS.index("crisis")
    bold = replace(w.seen, credence=0.0 * w.seen.credence, deterrence=0.0 * w.seen.deterrence)
    xp = w.world.stock.__array_namespace__()
    press = 0.0 * w.seen.credence
    for index, (rule, own) in enumerate(w.params.desks["crisis"].items()):
        part = REGISTRY["crisis"][rule].function(own, bold, w.noise, w.params)
        mine = (w.params.choice[desk, :] == index)[:, None]
        press = xp.where(mine, number(part.posture == PRESS, press), press)
    return press


def escalation(scale: Scale, third_party: bool = False) -> Callable[[Week], Array]:
    """The sum of the week's event weights; of those alone that fall on third parties."""
    counted = [event.third_party or not third_party for event in TABLE]
    weights = [event.escalation(scale) * own for event, own in zip(TABLE, counted, strict=True)]
    return lambda w: w.totals @ w.totals.__array_namespace__().asarray(weights)


def unlawful_share(w: Week) -> Array:
    """The share of this week's containers that an embargo forbids."""
    xp = w.world.stock.__array_namespace__()
    containers = w.world.shipment @ w.params.munitions.containers
    return ratio(xp.sum(containers * w.seen.unlawful), xp.sum(containers))
