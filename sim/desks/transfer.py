"""The transfer desk: what is offered, wanted, charged, taught and hidden."""

from dataclasses import dataclass

from jaxtyping import Bool, Float64

from ..arrays import between, clip, each, firepower, fold, number, ratio, sigma
from ..params import Params, PerState, coefficient
from ..world import Array, Noise, Observation, Transfer
from .registry import desk

MOST_BENEFIT = 3.0
"""Beyond it a benefit, or a loss, moves no offer further."""


def cover(
    seen: Observation, params: Params
) -> tuple[Float64[Array, "state munition"], Float64[Array, "state munition"]]:
    """What each state holds or awaits and what it needs per week, over the whole calibre family."""
    weight, family = firepower(params.munitions.lethality), params.wiring.family
    return fold(seen.stock + seen.inbound, weight, family), fold(seen.need, weight, family)


def shortfall(
    seen: Observation, params: Params, target: PerState, horizon: PerState
) -> Float64[Array, "state munition"]:
    """Units per week that would bring supply to `target` weeks within `horizon` weeks.

    The wish is split as the need is.
    """
    xp = seen.stock.__array_namespace__()
    held, needed = cover(seen, params)
    short = xp.maximum(target[:, None] * needed - held, 0.0) / horizon[:, None]
    return short * ratio(seen.need, needed)


def nothing(seen: Observation, params: Params) -> dict[str, Array]:
    """The fields of a desk that neither gives nor takes."""
    xp = seen.stock.__array_namespace__()
    zero = 0.0 * seen.treasury
    return {
        "offer": 0.0 * seen.contract,
        "want": 0.0 * seen.stock,
        "mix": xp.stack([zero + 1.0, zero, zero], axis=1),
        "grant": zero,
        "teach": 0.0 * seen.tech,
        "secrecy": zero,
    }


def free_stock(seen: Observation, params: Params) -> Float64[Array, "route munition"]:
    """What each route's supplier holds above its reserve."""
    xp = seen.stock.__array_namespace__()
    return xp.take(xp.maximum(seen.stock - seen.reserve, 0.0), params.wiring.source, axis=0)


def requests(seen: Observation, params: Params) -> Float64[Array, "route munition"]:
    """What each route's recipient wants, substitutes included, in units of each munition."""
    xp = seen.stock.__array_namespace__()
    wanted = fold(seen.want, firepower(params.munitions.lethality), params.wiring.family)
    return xp.take(wanted, params.wiring.target, axis=0)


@desk("transfer")
def none(own: object, seen: Observation, noise: Noise, params: Params) -> Transfer:
    """Neither offer nor want anything."""
    return Transfer(**nothing(seen, params))


@dataclass(frozen=True)
class Opportunist:
    """Sells above its reserve to the best terms and discounts the legal risk."""

    release: PerState = coefficient("share of the free stock per week", 0, 1, 0.02)
    willingness: PerState = coefficient("log-odds of selling at no terms", -20, 20, -1.0)
    by_affinity: PerState = coefficient("log-odds per unit of affinity", 0, 20, 2.0)
    by_benefit: PerState = coefficient(
        "log-odds per week's income gained from the buyer", 0, 20, 1.0
    )
    legal_risk: PerState = coefficient("log-odds lost on a monitored unlawful sale", 0, 20, 1.0)
    cash: PerState = coefficient("weight in payment", 0, 1, 0.3)
    goods: PerState = coefficient("weight in payment", 0, 1, 0.4)
    technology: PerState = coefficient("weight in payment", 0, 1, 0.3)
    secrecy: PerState = coefficient("share of traffic hidden", 0, 1, 0.3)


@dataclass(frozen=True)
class Terms:
    """What a supplier weighs on each route, in log-odds; the sum is its terms."""

    willingness: Float64[Array, " route"]
    affinity: Float64[Array, " route"]
    benefit: Float64[Array, " route"]
    legal_risk: Float64[Array, " route"]  # never above 0


def terms(own: Opportunist, seen: Observation, params: Params) -> Terms:
    """willingness, by_affinity a_ij, by_benefit b_ij within 3, - legal_risk unlawful_e.

    The risk is halved where no body monitors either end.
    """
    xp = seen.stock.__array_namespace__()
    wiring = params.wiring
    source, target = wiring.source, wiring.target
    affinity = between(seen.affinity, wiring.cell)
    benefit = xp.take(seen.beneficiary, wiring.dealing)
    watched = xp.maximum(xp.take(seen.monitored, source), xp.take(seen.monitored, target))
    return Terms(
        willingness=xp.take(own.willingness, source),
        affinity=xp.take(own.by_affinity, source) * affinity,
        benefit=xp.take(own.by_benefit, source) * clip(benefit, -MOST_BENEFIT, MOST_BENEFIT),
        legal_risk=-xp.take(own.legal_risk, source) * seen.unlawful * (0.5 + 0.5 * watched),
    )


@desk("transfer", Opportunist)
def opportunist(own: Opportunist, seen: Observation, noise: Noise, params: Params) -> Transfer:
    """Offer a share of the free stock to those who want it, best terms first.

    Buyers share what is released as exp(terms) weighs them, and each gets sigma(terms) of its
    share.
    """
    xp = seen.stock.__array_namespace__()
    wiring = params.wiring
    term = terms(own, seen, params)
    best = term.willingness + term.affinity + term.benefit + term.legal_risk
    weight = number(requests(seen, params) > 0.0, best) * xp.exp(best)[:, None]
    part = ratio(weight, xp.take(each(weight, wiring.exports), wiring.source, axis=0))
    release = (xp.take(own.release, wiring.source) * sigma(best))[:, None]
    mix = xp.stack([own.cash, own.goods, own.technology], axis=1)
    total = xp.sum(mix, axis=1)[:, None]
    plain = nothing(seen, params)
    return Transfer(
        **plain
        | {
            "offer": release * part * free_stock(seen, params),
            "mix": xp.where(total > 0.0, ratio(mix, total + 0.0 * mix), plain["mix"]),
            "secrecy": own.secrecy,
        }
    )


@dataclass(frozen=True)
class Importer:
    """Wants the shortfall in weeks of supply, and may pay in technology up to a ceiling."""

    target_weeks: PerState = coefficient("weeks of supply wanted", 0, 520, 40.0)
    horizon: PerState = coefficient("weeks to get there", 1, 520, 20.0)
    teach: Float64[Array, "state technology"] = coefficient("highest level taught", 0, 10, 0.0)
    secrecy: PerState = coefficient("share of traffic hidden", 0, 1, 0.3)


@desk("transfer", Importer)
def importer(own: Importer, seen: Observation, noise: Noise, params: Params) -> Transfer:
    """Want what brings supply to its target within the horizon."""
    want = shortfall(seen, params, own.target_weeks, own.horizon)
    return Transfer(
        **nothing(seen, params) | {"want": want, "teach": own.teach, "secrecy": own.secrecy}
    )


@dataclass(frozen=True)
class AllyAid:
    """Gives to friends at war, as a grant, and keeps its own stores."""

    release: PerState = coefficient("share of the free stock per week", 0, 1, 0.05)
    friend: PerState = coefficient("lowest affinity of whom it helps", -1, 1, 0.2)
    target_weeks: PerState = coefficient("weeks of its own supply wanted", 0, 520, 0.0)
    horizon: PerState = coefficient("weeks to get there", 1, 520, 52.0)


def helped(own: AllyAid, seen: Observation, params: Params) -> Bool[Array, " route"]:
    """Whether each route leads to a friend at war."""
    xp = seen.stock.__array_namespace__()
    source, target = params.wiring.source, params.wiring.target
    affinity = between(seen.affinity, params.wiring.cell)
    return (affinity >= xp.take(own.friend, source)) & (xp.take(seen.at_war, target) > 0.0)


@desk("transfer", AllyAid)
def ally_aid(own: AllyAid, seen: Observation, noise: Noise, params: Params) -> Transfer:
    """Grant a share of the free stock to friends at war, split as they want it."""
    xp = seen.stock.__array_namespace__()
    wiring = params.wiring
    wanted = requests(seen, params)
    weight = number(helped(own, seen, params), wanted)[:, None] * wanted
    part = ratio(weight, xp.take(each(weight, wiring.exports), wiring.source, axis=0))
    plain = nothing(seen, params)
    return Transfer(
        **plain
        | {
            "offer": xp.take(own.release, wiring.source)[:, None] * part * free_stock(seen, params),
            "want": shortfall(seen, params, own.target_weeks, own.horizon),
            "grant": plain["grant"] + 1.0,
        }
    )
