"""What week 0 holds beside the traits of Params, and the World that begins with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from jaxtyping import Float64, Int64

from ..arrays import clip, number
from ..params import Params, PerState, coefficient
from ..rules.deterrence import stake_at_risk
from ..rules.perceive import made_quality, strength
from ..world import MEANS, WAR, Array, World

TENSION = 0.1
"""Of a pair that a scenario does not list."""
UNDECIDED = 0.5
"""Doubt before anything is published: half of non-aligned opinion."""


@dataclass(frozen=True)
class Start:
    """The numbers of a scenario that only the first week reads."""

    level: Int64[Array, " pair"]
    embargo: PerState
    pact: Float64[Array, " alliance"]  # 1 where the alliance is in force
    agreed: Float64[Array, " route"]  # 0/1
    stock: Float64[Array, "state munition"] = coefficient("units", 0, 1e12, 0.0)
    tech: Float64[Array, "state technology"] = coefficient("level", 0, 1, 0.0)
    trials: Float64[Array, "state technology"] = coefficient("trials", 0, 1e6, 0.0)
    spending: PerState = coefficient("USD bn per year", 0, 1e9)
    gdp: PerState = coefficient("USD bn per year, 0: not given", 0, 1e9, 0.0)
    treasury: PerState = coefficient("USD bn", 0, 1e9, 0.0)
    force: PerState = coefficient("thousand soldiers", 0, 1e9)
    manpower: PerState = coefficient("thousand soldiers that can be mobilised", 0, 1e9, 0.0)
    readiness: PerState = coefficient("index", 0, 1, 0.5)
    interop: Float64[Array, " pair"] = coefficient("index, symmetric", 0, 1, 0.0)
    tension: Float64[Array, "state state"] = coefficient("index", 0, 1, TENSION)
    sanctions: Float64[Array, "state state"] = coefficient("level, by the actor", 0, 1, 0.0)
    debt: Float64[Array, " route"] = coefficient("USD bn", 0, 1e9, 0.0)
    mandate: PerState = coefficient("weeks left", 0, 5200, 0.0)


def opening(
    params: Params, start: Start, is_hard: Callable[[Float64[Array, " pair"]], Array]
) -> World:
    """Return the World of week 0.

    Args:
        params: The parameters of the world.
        start: What it starts with.
        is_hard: From each state's probability of being a hard type against each other, its type.
    """
    xp = start.stock.__array_namespace__()
    states, munitions = start.stock.shape
    (observers,), (legs, routes) = params.wiring.observer.shape, params.wiring.leg.shape
    pair, of_state, of_route = params.wiring.pair, xp.zeros(states), xp.zeros(routes)
    of_pair = 0.0 * params.relations.stake
    by_munition, shipping = xp.zeros((states, munitions)), xp.zeros((routes, munitions))
    published = xp.zeros((observers, routes))
    watch, escalate = params.rules.watch, params.rules.escalate

    warm = pair.from_table(params.relations.affinity)
    fighting = pair.highest(number(start.level == WAR, start.stock))
    firing = fighting * start.force * params.states.tempo
    world = World(
        week=xp.asarray(0, dtype=xp.int64),
        stock=start.stock,
        grade=0.0 * start.stock,
        expenditure=params.states.fire_rate * firing[:, None],
        capacity=params.states.base_capacity,
        treasury=start.treasury,
        spending=start.spending,
        gdp=start.gdp,
        price=params.munitions.price,
        want=by_munition,
        transit=xp.zeros((legs, routes, munitions)),
        transit_grade=xp.zeros((legs, routes, munitions)),
        contract=shipping,
        agreed=start.agreed,
        talks=of_route,
        advance=shipping,
        loading=shipping,
        debt=start.debt,
        settled=xp.zeros((routes, len(MEANS))),
        shipment=shipping,
        delivery=shipping,
        cargo=of_route,
        cargo_delivery=of_route,
        cargo_transit=xp.zeros((legs, routes)),
        lessons=xp.zeros_like(start.tech),
        tech=start.tech,
        frontier=xp.ones(start.tech.shape[1]),
        trials=start.trials,
        failures=xp.zeros_like(start.trials),
        campaign=of_state,
        preparation=of_state,
        pause=of_state,
        readiness=start.readiness,
        interop=start.interop,
        convened=xp.zeros(params.agenda.first.shape[0]),
        alarm=of_state,
        force=start.force,
        manpower=start.manpower,
        losses=of_state,
        drive=of_state,
        front=of_pair,
        won=of_pair,
        affinity=params.relations.affinity,
        belief=of_pair,
        pact=start.pact,
        hard=of_pair,
        credence=of_pair,
        suspected=of_pair,
        trust=clip(escalate.trust_prior + escalate.trust_by_affinity * warm, 0.0, 1.0),
        benefit=of_pair,
        stage=0 * start.level,
        level=start.level,
        hostility=start.level,
        posture=0 * start.level,
        demand=of_pair,
        tension=start.tension,
        provocation=of_state,
        drill=of_state,
        exposure=watch.base + of_route,
        doubt=UNDECIDED + of_route,
        unseen=of_route,
        estimate=published,
        published=published,
        accused=of_route,
        noted=of_route,
        sanctions=start.sanctions,
        embargo=start.embargo,
        censured=of_state,
        monitor=number(start.mandate > 0.0, start.mandate),
        coalition=of_state,
        mandate=start.mandate,
        lapsed=of_state,
        produced=by_munition,
        retired=by_munition,
        expended=by_munition,
        shipped=shipping,
        delivered=shipping,
        unusable=shipping,
        interdicted=shipping,
        cargo_shipped=of_route,
        cargo_delivered=of_route,
        cargo_interdicted=of_route,
    )
    world = replace(world, grade=made_quality(params, world))
    own = strength(params, world)
    bias = params.states.perception_bias * params.rules.perceive.bias
    prior = escalate.hard_share * stake_at_risk(params, world)
    return replace(
        world,
        belief=pair.toward(own) + pair.of(bias),
        hard=is_hard(prior),
        credence=pair.back(prior),
        suspected=pair.back(prior),
    )
