"""The crisis desk of brinkmanship: press up to a rung, then make an offer (Schelling 1966).

    P(acts)  = nerve stake_ij T_ij (1 - caution deterrence_ij)        a week, where no game is on
    demand   x* = min(1, p + max(0, cbar - c_i) / 2)                  from `rung` on, else a press
    accepted iff 1 - x >= 1 - p - c_j                                 by j's own beliefs
    stands   iff hard or p - c_i >= - audience level                  after resistance

Fearon's take-it-or-leave-it offer (1995): p is the chance to win, c what war costs, in shares of
what is at stake. i knows c_i, and of c_j that it lies anywhere from 0 to cbar, so that war comes
with probability (cbar - c_i) / (2 cbar). Who backs down in public pays its audience, the more the
higher the crisis (Fearon 1994). The costs come from `fight`:

    p    = sigma(S_i - belief_ij);  r = exp(belief_ij - S_i)
    c_i  = burden_i fire_i r force_i^(omega - 1)         the other fires as its strength is to mine
    cbar = 2 burden_j fire_i (r force_i)^(omega - 1);  c_j is drawn from 0 to twice what j reckons
"""

from dataclasses import dataclass, replace

from jaxtyping import Bool, Float64

from ..arrays import clip, number, sigma
from ..params import Params, PerState, coefficient
from ..world import CHALLENGED, QUIET, RESISTED, WAR, Array, Crisis, Noise, Observation
from .crisis import taken
from .registry import desk


@dataclass(frozen=True)
class Brinkmanship:
    """Climbs, demands, and cannot well climb down."""

    nerve: PerState = coefficient("probability per week at full stake and tension", 0, 1, 0.1)
    caution: PerState = coefficient("share of that which full deterrence stops", 0, 1, 0.5)
    rung: PerState = coefficient("level from which it makes an offer instead", 0, 5, 3.0)
    burden: PerState = coefficient(
        "cost of war in stakes, if all of the force were lost per week", 0, 1e6, 30.0
    )
    audience: PerState = coefficient("cost of backing down in stakes, per level", 0, 100, 0.1)


@dataclass(frozen=True)
class War:
    """What a war over the stake is expected to bring."""

    chance: Float64[Array, " pair"]  # p
    cost: Float64[Array, " pair"]  # c_i
    bound: Float64[Array, " pair"]  # cbar


def war(own: Brinkmanship, seen: Observation, params: Params) -> War:
    """The chance to win and the costs, from the fight rule and believed strengths."""
    xp, omega = seen.stock.__array_namespace__(), params.rules.fight.omega
    pair = params.wiring.pair
    lead = clip(pair.of(seen.strength) - seen.believed, -20.0, 20.0)
    odds, force = xp.exp(-lead), pair.of(xp.maximum(seen.force, 1e-9))
    fire = pair.of(seen.fire)
    return War(
        chance=sigma(lead),
        cost=pair.of(own.burden) * fire * odds * force ** (omega - 1.0),
        bound=2.0 * pair.toward(own.burden) * fire * (odds * force) ** (omega - 1.0),
    )


def offer(reckoned: War) -> Float64[Array, " pair"]:
    """The share demanded: what is best against a cost that may lie anywhere up to the bound."""
    xp = reckoned.chance.__array_namespace__()
    premium = 0.5 * xp.maximum(reckoned.bound - reckoned.cost, 0.0)
    return xp.minimum(reckoned.chance + premium, 1.0)


def accepts(seen: Observation, noise: Noise, reckoned: War) -> Bool[Array, " pair"]:
    """Whether what is left is worth a war at the cost it would have now; a press asks for all."""
    xp = seen.stock.__array_namespace__()
    demanded = xp.where(seen.demanded > 0.0, seen.demanded, 1.0)
    cost = 2.0 * noise["cost"] * reckoned.cost
    bows = 1.0 - demanded >= reckoned.chance - cost
    return bows & ((seen.demanded > 0.0) | (seen.hard == 0.0))


def stands(
    own: Brinkmanship, seen: Observation, reckoned: War, params: Params
) -> Bool[Array, " pair"]:
    """Whether a resisted challenge is carried on: war is no worse than to back down in public."""
    shame = params.wiring.pair.of(own.audience) * number(seen.level, reckoned.cost)
    return (seen.hard > 0.0) | (reckoned.chance - reckoned.cost >= -shame)


def urge(own: Brinkmanship, seen: Observation, params: Params) -> Float64[Array, " pair"]:
    """The probability of a press, or of an offer, where no game is on."""
    pair = params.wiring.pair
    bold = 1.0 - pair.of(own.caution) * seen.deterrence
    return pair.of(own.nerve) * seen.stake * pair.from_table(seen.tension) * bold


@desk("crisis", Brinkmanship)
def brinkmanship(own: Brinkmanship, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Press up to a rung, then demand; stand where to back down would cost more than war."""
    reckoned = war(own, seen, params)
    low = number(seen.level, seen.stake) < params.wiring.pair.of(own.rung)
    idle = (seen.stage == QUIET) & (seen.against == QUIET) & (seen.level < WAR)
    acts = idle & (noise["posture"] < urge(own, seen, params))
    stays = stands(own, seen, reckoned, params)
    resisted = seen.stage == RESISTED
    yields = (resisted & ~stays) | ((seen.against == CHALLENGED) & accepts(seen, noise, reckoned))
    press = (acts & low) | ((seen.stage == CHALLENGED) & low) | (resisted & stays)
    demanded = number(acts & ~low, seen.stake) * offer(reckoned)
    return replace(taken(seen, press & ~yields, yields), demand=demanded)
