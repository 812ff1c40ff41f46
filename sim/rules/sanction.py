"""Sanction: the Council votes, bodies live and lapse, states sanction on their own.

    P(i votes yes on j) = sigma(support + by_exposure X_j - by_affinity a_ij - by_benefit b_ij)
    P(i vetoes)         = willing_ij sigma(veto + by_affinity a_ij + by_benefit b_ij)   permanent i
    outside members     ~ Binomial(seats - members, sigma(logit(outside_yes) + shift (X_j - D_j)))
    adopted             = yes >= needed and no veto
    P(i drafts a lift)  = relief willing_ij       where j is embargoed and there is no other draft
    lifted              = no >= needed and no permanent member wants sanctions on j
    sanctions_ij       += speed (1 - hesitation D_j) (wanted - sanctions)      D_j = 0 as they fall
    coalition_j         = 1 - disunity D_j          while it stands in for the Council's body

X_j and D_j are the exposure and the doubt about the state's unlawful dealings, b_ij the net benefit
that i draws from j in weeks of its income. A body's mandate is voted on `renewal` weeks before it
ends; whether it goes on is an outcome of votes. The coalition's own body follows after a lag.

What an adopted draft does is its content: it *imposes* an embargo where there is none; else it
*renews* a mandate that is up for it or has run out; else it *condemns*. Any of them is a finding
that lowers doubt (`watch`). A draft to *lift* has the votes of all that would not have voted for
another draft on j (`no`): at most one of the two is put to the vote in a week.
"""

from jaxtyping import Float64

from ..arrays import binomial, highest, listed, number, sigma
from ..params import Params
from ..world import Action, Array, Noise, Observation, World, after

HALF = 0.5
"""The level of sanctions whose passing is an event."""


def standing(
    params: Params, world: World, seen: Observation
) -> tuple[Float64[Array, " state"], Float64[Array, " state"]]:
    """Exposure and doubt about each state: of its most exposed unlawful route, in [0, 1]."""
    ends = params.wiring.ends
    exposed = highest(seen.unlawful * sigma(world.exposure), ends)
    return exposed, highest(seen.unlawful * world.doubt, ends)


def vote(
    params: Params,
    world: World,
    seen: Observation,
    action: Action,
    noise: Noise,
) -> tuple[Float64[Array, " state"], Float64[Array, "member state"]]:
    """Yes votes that a draft on each state would get, and which member would veto it."""
    xp = world.stock.__array_namespace__()
    c, states, wiring = params.rules.sanction, params.states, params.wiring
    exposed, doubted = standing(params, world, seen)
    affinity = xp.take(world.affinity, wiring.member, axis=0)
    tie = c.by_affinity * affinity + c.by_benefit * listed(world.benefit, wiring.tie)
    yes = noise["vote"] < sigma(c.support + c.by_exposure * exposed - tie)
    seated = xp.take(states.member, wiring.member)[:, None] * wiring.sitting
    inside = xp.sum(seated * number(yes, exposed), axis=0)
    share = xp.minimum(xp.maximum(c.outside_yes, 1e-6), 1.0 - 1e-6)
    lean = xp.log(share) - xp.log1p(-share) + c.outside_shift * (exposed - doubted)
    seats = xp.maximum(c.seats - xp.sum(states.member), 0.0)
    outside = binomial(noise["outside_vote"], xp.astype(seats + 0.0 * lean, xp.int64), sigma(lean))
    willing = xp.take(action.diplomacy.veto, wiring.member, axis=0)
    vetoes = number(noise["veto"] < willing * sigma(c.veto + tie), tie)
    against = xp.where(wiring.sitting > 0.0, vetoes, 1.0)  # nobody sanctions itself
    veto = xp.take(states.permanent, wiring.member)[:, None] * against
    return inside + number(outside, inside), veto


def lifting(
    params: Params, world: World, action: Action, noise: Noise, free: Float64[Array, " state"]
) -> tuple[Float64[Array, "member state"], Float64[Array, "member state"]]:
    """Which member drafts a lift of the embargo on a state, and which would veto it.

    Args:
        params: The parameters of the world.
        world: The world.
        action: What the states decided.
        noise: The draws of the week.
        free: 1 where no other draft on the state is put to the vote.
    """
    xp, wiring = world.stock.__array_namespace__(), params.wiring
    member = xp.take(params.states.member, wiring.member)[:, None] * wiring.sitting
    permanent = xp.take(params.states.permanent, wiring.member)[:, None] * wiring.sitting
    willing = xp.take(action.diplomacy.veto, wiring.member, axis=0)
    wanted = xp.take(action.diplomacy.sanction, wiring.member, axis=0)
    asks = number(noise["relief"] < params.rules.sanction.relief * willing, willing)
    tabled = member * asks * world.embargo * free
    return tabled, permanent * number(wanted > 0.0, wanted) * xp.max(tabled, axis=0)


def opposed(params: Params, yes: Float64[Array, " state"]) -> Float64[Array, " state"]:
    """The votes that a draft on each state would not get, those of the state itself left out.

    Args:
        params: The parameters of the world.
        yes: The votes that it would get.
    """
    xp, states, wiring = yes.__array_namespace__(), params.states, params.wiring
    inside = xp.sum(xp.take(states.member, wiring.member)[:, None] * wiring.sitting, axis=0)
    outside = xp.floor(xp.maximum(params.rules.sanction.seats - xp.sum(states.member), 0.0))
    return inside + outside - yes


def sanction(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Vote on drafts and mandates, and move single states' sanctions."""
    xp = world.stock.__array_namespace__()
    c, off, desk = params.rules.sanction, params.wiring.off, action.diplomacy
    alive = world.monitor > 0.0
    comes = (world.mandate > c.renewal - 1.0) | (world.week == 0)
    renewal = alive & (world.mandate <= c.renewal) & comes
    summoned = params.agenda.table(seen.summons, "draft")
    proposed = off * xp.maximum(desk.propose * params.states.member[:, None], summoned)
    drafted = number(renewal | (xp.max(proposed, axis=0) > 0.0), world.stock)
    yes, veto = vote(params, world, seen, action, noise)
    veto = veto * drafted
    adopted = drafted * number((yes >= c.needed) & (xp.max(veto, axis=0) == 0.0), yes)

    tabled, upheld = lifting(params, world, action, noise, 1.0 - drafted)
    passes = (opposed(params, yes) >= c.needed) & (xp.max(upheld, axis=0) == 0.0)
    lifted = xp.max(tabled, axis=0) * number(passes, yes)

    imposed = adopted * (1.0 - world.embargo)
    embargo = xp.maximum(world.embargo, adopted) * (1.0 - lifted)
    left = xp.maximum(world.mandate - number(alive, yes), 0.0)
    mandate = xp.where(adopted > 0.0, left + c.term * number(renewal, yes), left)
    mandate = xp.where((adopted > 0.0) & (mandate <= 0.0), c.term, mandate) * (1.0 - lifted)
    renewed = adopted * world.embargo * number(mandate > left, yes)
    monitor = number((mandate > 0.0) & (embargo > 0.0), yes)
    ended = world.monitor * (1.0 - monitor)
    lapsed = xp.where((embargo > 0.0) & (monitor == 0.0), world.lapsed + 1.0, 0.0)
    doubted = standing(params, world, seen)[1]
    begun = number(lapsed > c.coalition_lag, yes)
    coalition = begun * (1.0 - c.disunity * doubted)
    gap = desk.sanction - world.sanctions
    pace = 1.0 - c.hesitation * xp.where(gap > 0.0, doubted, 0.0)
    sanctions = off * (world.sanctions + c.speed * pace * gap)
    events = {
        "draft": proposed + (1.0 - off) * number(renewal, yes)[:, None],
        "adopted": adopted,
        "imposed": imposed,
        "renewed": renewed,
        "condemned": adopted - imposed - renewed,
        "relief": listed(tabled, params.wiring.seat),
        "lifted": lifted,
        "upheld": upheld,
        "vetoed": veto,
        "monitor_ended": ended,
        "coalition_monitor": begun * number(world.lapsed <= c.coalition_lag, yes),
        "sanction": number((sanctions >= HALF) & (world.sanctions < HALF), yes),
    }
    return after(
        world,
        embargo=embargo,
        censured=adopted,
        mandate=mandate,
        monitor=monitor,
        lapsed=lapsed,
        coalition=coalition,
        sanctions=sanctions,
    ), events
