"""The diplomacy desk: publish, condemn, sanction, propose, veto, deny, comply."""

from dataclasses import dataclass

from jaxtyping import Bool, Float64

from ..arrays import col, highest, number, row, sigma
from ..params import Params, PerState, coefficient
from ..world import Array, Diplomacy, Noise, Observation
from .registry import desk


@dataclass(frozen=True)
class Passive:
    """Says nothing and keeps the law."""

    comply: PerState = coefficient("share of unlawful shipments forgone", 0, 1, 1.0)


@desk("diplomacy", Passive)
def passive(own: Passive, seen: Observation, noise: Noise, params: Params) -> Diplomacy:
    """Do nothing but comply."""
    return Diplomacy(
        publish=0.0 * seen.estimate,
        condemn=0.0 * seen.affinity,
        sanction=0.0 * seen.affinity,
        propose=0.0 * seen.affinity,
        veto=0.0 * seen.affinity,
        deny=0.0 * seen.treasury,
        comply=own.comply,
    )


@dataclass(frozen=True)
class Enforcer:
    """Publishes what it sees, condemns, sanctions, and brings drafts to the Council."""

    news: PerState = coefficient(
        "containers since its last publication that are news", 0, 1e6, 500.0
    )
    growth: PerState = coefficient("growth of the estimate that is news", 0, 10, 0.15)
    publishes: PerState = coefficient("probability per week, with news", 0, 1, 0.2)
    sure: PerState = coefficient("exposure needed to publish", 0, 1, 0.3)
    condemns: PerState = coefficient(
        "probability per week after a test or a publication", 0, 1, 0.1
    )
    unfriendly: PerState = coefficient("affinity below which it sanctions", -1, 1, -0.1)
    sanctions: PerState = coefficient(
        "level wanted on an embargoed, exposed or warring state", 0, 1, 0.8
    )
    proposes: PerState = coefficient(
        "probability per week of a draft, exposed or testing", 0, 1, 0.01
    )
    scepticism: PerState = coefficient(
        "share of condemnations and drafts that full doubt stops", 0, 1, 0.0
    )
    penalty: PerState = coefficient(
        "level wanted at full resentment for arming a friend's enemy", 0, 1, 0.0
    )
    reproach: PerState = coefficient(
        "probability per week of condemning at full resentment for it", 0, 1, 0.0
    )


@dataclass(frozen=True)
class Story:
    """What an enforcer could publish."""

    due: Float64[Array, "observer route"]  # containers of growth that would be news
    grown: Float64[Array, "observer route"]  # containers since its last publication
    clear: Bool[Array, "observer route"]  # the route is exposed beyond `sure`


def story(own: Enforcer, seen: Observation, params: Params) -> Story:
    """News is growth by `news` containers and by the share `growth` of what was published."""
    xp = seen.stock.__array_namespace__()
    who = params.wiring.observer
    share = xp.take(own.growth, who)[:, None] * seen.published
    return Story(
        due=xp.maximum(xp.take(own.news, who)[:, None], share),
        grown=seen.estimate - seen.published,
        clear=sigma(seen.exposure) >= xp.take(own.sure, who)[:, None],
    )


@dataclass(frozen=True)
class Charge:
    """What an enforcer holds against each other state."""

    unfriendly: Bool[Array, "state state"]
    guilty: Bool[Array, "state state"]  # embargoed, or exposed beyond `sure`
    acted: Bool[Array, "one state"]  # tested, or was named in a publication, last week


def charge(own: Enforcer, seen: Observation, params: Params) -> Charge:
    """A culprit is unfriendly and guilty; one that acted is condemned."""
    named = highest(seen.accused, params.wiring.ends)
    return Charge(
        unfriendly=(seen.affinity < row(own.unfriendly)) & (params.wiring.off > 0.0),
        guilty=(col(seen.suspicion) >= row(own.sure)) | (col(seen.embargoed) > 0.0),
        acted=col((seen.test >= 1.0) | (named > 0.0)),
    )


def doubted(seen: Observation, params: Params) -> PerState:
    """The doubt about each state's unlawful dealings: of its most doubted route; 0 without any."""
    return highest(seen.unlawful * seen.doubt, params.wiring.ends)


@desk("diplomacy", Enforcer)
def enforcer(own: Enforcer, seen: Observation, noise: Noise, params: Params) -> Diplomacy:
    """Publish news of unlawful dealings; condemn, sanction and bring drafts on unfriendly states.

    Sanctions fall on culprits, and on unfriendly states at war; on who arms a friend's enemy by the
    resentment for it, though it is lawful.
    """
    xp = seen.stock.__array_namespace__()
    tale, held = story(own, seen, params), charge(own, seen, params)
    speaks = xp.take(noise["publish"] < own.publishes, params.wiring.observer)[:, None]
    publish = (tale.grown >= tale.due) & tale.clear & speaks & (seen.unlawful > 0.0)
    shunned = held.unfriendly & (held.guilty | (col(seen.at_war) > 0.0))
    called = held.unfriendly & held.guilty & held.acted
    resented = number(held.unfriendly, seen.affinity) * seen.resentment
    sure = number(called, resented) * (1.0 - row(own.scepticism) * col(doubted(seen, params)))
    chance = xp.maximum(sure * row(own.condemns), row(own.reproach) * resented)
    level = xp.maximum(number(shunned, resented) * row(own.sanctions), row(own.penalty) * resented)
    plain = passive(Passive(comply=0.0 * own.news + 1.0), seen, noise, params)
    return Diplomacy(
        publish=number(publish, seen.estimate),
        condemn=number(noise["condemn"] < chance, seen.affinity),
        sanction=level,
        propose=number(noise["condemn"] < sure * row(own.proposes), seen.affinity),
        veto=plain.veto,
        deny=plain.deny,
        comply=plain.comply,
    )


@dataclass(frozen=True)
class Shield:
    """Denies, shields its friends in the Council, complies as far as it must."""

    deny: PerState = coefficient("probability that an accusation is denied", 0, 1, 0.7)
    friend: PerState = coefficient("lowest affinity of whom it shields", -1, 1, 0.0)
    comply: PerState = coefficient("share of unlawful shipments forgone", 0, 1, 0.0)
    excuse: PerState = coefficient("share of that which full doubt excuses", 0, 1, 0.0)


@desk("diplomacy", Shield)
def shield(own: Shield, seen: Observation, noise: Noise, params: Params) -> Diplomacy:
    """Be willing to veto for friends; deny what is said of its own dealings."""
    kept = own.comply * (1.0 - own.excuse * doubted(seen, params))
    plain = passive(Passive(comply=kept), seen, noise, params)
    return Diplomacy(
        publish=plain.publish,
        condemn=plain.condemn,
        sanction=plain.sanction,
        propose=plain.propose,
        veto=number(seen.affinity >= row(own.friend), seen.affinity),
        deny=own.deny,
        comply=kept,
    )
