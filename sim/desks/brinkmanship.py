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

from ..arrays import clip, number, ratio, share, sigma
from ..params import Params, PerState, coefficient
from ..world import CHALLENGED, QUIET, RESISTED, WAR, Array, Crisis, Noise, Observation
from .crisis import Chances, shown, taken
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


def accepts(seen: Observation, reckoned: War) -> Float64[Array, " pair"]:
    """The probability that what is left is worth a war at the cost that it may have now.

    The cost is drawn from 0 to twice what it is reckoned at; a press asks for all that is at stake.
    """
    xp = seen.stock.__array_namespace__()
    demanded = xp.where(seen.demanded > 0.0, seen.demanded, 1.0)
    short = reckoned.chance - 1.0 + demanded
    refuses = share(xp.maximum(short, 0.0), 2.0 * reckoned.cost)
    return xp.where(short > 0.0, 1.0 - refuses, 1.0)


def stands(
    own: Brinkmanship, seen: Observation, reckoned: War, params: Params
) -> Bool[Array, " pair"]:
    """Whether a soft state carries on: war is no worse than to back down in public."""
    shame = params.wiring.pair.of(own.audience) * number(seen.level, reckoned.cost)
    return reckoned.chance - reckoned.cost >= -shame


def urge(own: Brinkmanship, seen: Observation, params: Params) -> Float64[Array, " pair"]:
    """The probability of a press, or of an offer, where no game is on."""
    pair = params.wiring.pair
    bold = 1.0 - pair.of(own.caution) * seen.deterrence
    return pair.of(own.nerve) * seen.stake * pair.from_table(seen.tension) * bold


@desk("crisis", Brinkmanship)
def brinkmanship(own: Brinkmanship, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Press up to a rung, then demand; stand where to back down would cost more than war."""
    xp, reckoned = seen.stock.__array_namespace__(), war(own, seen, params)
    low = number(seen.level, seen.stake) < params.wiring.pair.of(own.rung)
    idle = (seen.stage == QUIET) & (seen.against == QUIET) & (seen.level < WAR)
    nerve = number(idle, reckoned.chance) * urge(own, seen, params)
    hard, soft = (
        _chances(own, seen, params, reckoned, nerve * number(low, nerve), is_hard)
        for is_hard in (True, False)
    )
    is_hard, draw = seen.hard > 0.0, noise["posture"]
    yields = noise["cost"] >= 1.0 - xp.where(is_hard, hard.gives, soft.gives)
    wants = xp.where(is_hard, _wants(hard), _wants(soft))
    press = ~yields & (draw < wants)
    demanded = number((draw < nerve) & ~low, nerve) * offer(reckoned)
    crisis = replace(taken(seen, press, yields), demand=demanded)
    return shown(seen, crisis, hard, soft)


def _wants(kind: Chances) -> Float64[Array, " pair"]:
    """The probability of a press where it does not give way."""
    return ratio(kind.press, 1.0 - kind.gives)


def _chances(
    own: Brinkmanship,
    seen: Observation,
    params: Params,
    reckoned: War,
    acts: Float64[Array, " pair"],
    is_hard: bool,
) -> Chances:
    """The probabilities of a press and of conciliation of one type.

    Args:
        own: The coefficients.
        seen: What each state sees.
        params: The parameters of the world.
        reckoned: What a war is expected to bring.
        acts: The probability that it presses where no game is on.
        is_hard: The type: a hard state never bows to a plain press, and always stands.
    """
    xp = seen.stock.__array_namespace__()
    low = number(seen.level, acts) < params.wiring.pair.of(own.rung)
    resisted, challenged = seen.stage == RESISTED, seen.against == CHALLENGED
    bows = challenged & (seen.demanded > 0.0) if is_hard else challenged
    gives = number(bows, acts) * accepts(seen, reckoned)
    stays = resisted if is_hard else resisted & stands(own, seen, reckoned, params)
    gives = xp.where(resisted & ~stays, 1.0, gives)
    sure = ((seen.stage == CHALLENGED) & low) | stays
    return Chances(press=(1.0 - gives) * xp.where(sure, 1.0, acts), gives=gives)
