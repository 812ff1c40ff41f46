"""Relate: affinity drifts, tension follows threat, provocation and exposure.

    a_ij += return (base - a) + (by_trade benefit + by_visit visit + by_common_rival R_ij) (1 - a)
            - by_dispute level_ij - by_condemnation c_ij                     symmetric, in [-1, 1]
    R_ij  = max_k T_ik T_jk      over the rivals k that both have a stake against
    visit_ij = dated_ij          while the timetable has a visit of the two, now or later; then
               1 with probability 1 - exp(-visits max(0, a_ij + R_ij))
    T_ij += speed (sigma(b0 + stake_ij (threat lead_ij + rivalry + provocation) + exposure + dispute
                         - affinity - reassurance) - T_ij)
    lead_ij = belief_ij - S_i, held in [-4, 4] log points
    resentment_ij = min(1, sum over j's lawful routes e, to k, and over the l at war with k,
                           of noted_e max(0, a_il)),  with a_ii = 1

    P(treaty_ij) = 1 - exp(-treaty max(0, a_ij) R_ij)      of an alliance that is not in force yet

A treaty brings an alliance of the scenario into force, for good: on its date where the timetable
has one, else by affinity and a common rival.

Arms for whoever is at war with a friend, or with oneself, estrange without any embargo: resentment
adds `partisan (1 - a_ij) / 2 resentment_ij` to the log-odds of tension.

Visits follow common interest: leaders' travel follows stable interests, crises hardly change it
(Lebovic & Saunders 2016). A visit that arises is as good as a dated one of size 1.

Threat reads BELIEVED strengths. A rival's exercises provoke, the help of one's own protectors
reassures: each by its own coefficient. Benefit, level and stake are 0 where no pair is listed. Walt
(1987) for threat; common rivals draw states together.
"""

from jaxtyping import Float64

from ..arrays import clip, col, each, listed, number, row, sigma
from ..params import Params
from ..world import WAR, Action, Array, Noise, Observation, World, after
from .deterrence import allied_help


def common_rival(params: Params, world: World) -> Float64[Array, "state state"]:
    """How much any two share a rival: the smooth maximum over k of T_ik T_jk, in [0, 1].

    A rival is a state that one has a stake against: the little tension of others makes no friends.
    The norm of order 8 stands for the maximum.
    """
    xp, wiring, stake = world.tension.__array_namespace__(), params.wiring, params.relations.stake
    tense = wiring.pair.from_table(world.tension) * number(stake > 0.0, stake)
    eighth = xp.square(xp.square(xp.square(tense)))
    ours, theirs = listed(eighth, wiring.our_rival), listed(eighth, wiring.their_rival)
    both = xp.sum(ours * theirs, axis=1)  # over the rivals k, for each two states that share any
    return listed(xp.minimum(xp.sqrt(xp.sqrt(xp.sqrt(both))), 1.0), wiring.shared)


def resentment(
    params: Params, world: World, unlawful: Float64[Array, " route"]
) -> Float64[Array, "state state"]:
    """How far the actor holds against the target that it arms an enemy of the actor's friends.

    Args:
        params: The parameters of the world.
        world: The world.
        unlawful: 1 on routes that an embargo covers: what goes there counts as exposure instead.
    """
    xp, wiring = world.affinity.__array_namespace__(), params.wiring
    friend = xp.maximum(world.affinity, 0.0) + 1.0 - wiring.off  # each is its own friend
    fought = wiring.pair.to_table(number(world.level == WAR, world.noted))
    against = fought @ friend  # by whom, whose friends
    known = world.noted * (1.0 - unlawful)
    harm = each(known[:, None] * xp.take(against, wiring.target, axis=0), wiring.exports)
    return wiring.off * xp.matrix_transpose(xp.minimum(harm, 1.0))


def visits(
    params: Params,
    world: World,
    summons: Float64[Array, "call event"],
    ahead: Float64[Array, "call event"],
    noise: Noise,
) -> Float64[Array, "state state"]:
    """The sizes of this week's visits of the actor to the target, dated ones and others.

    None arises between two states that the timetable brings together this week or later: so far it
    is the record of their visits, and nothing is counted twice.

    Args:
        params: The parameters of the world.
        world: The world.
        summons: What the timetable has this week.
        ahead: What it has from this week on.
        noise: The draws of the week.
    """
    xp, agenda = world.affinity.__array_namespace__(), params.agenda
    later = agenda.table(ahead, "visit")
    free = params.wiring.off * number(later + xp.matrix_transpose(later) == 0.0, later)
    interest = xp.maximum(world.affinity + common_rival(params, world), 0.0)
    chance = 1.0 - xp.exp(-params.rules.escalate.visits * interest)
    return agenda.table(summons, "visit") + free * number(noise["visit"] < chance, free)


def affinity(
    params: Params, world: World, seen: Observation, action: Action
) -> Float64[Array, "state state"]:
    """Next week's affinity."""
    xp = world.stock.__array_namespace__()
    c, off, pair = params.rules.escalate, params.wiring.off, params.wiring.pair
    visit = xp.minimum(seen.visits + xp.matrix_transpose(seen.visits), 1.0)
    gain = clip(world.benefit, 0.0, 1.0)
    traded = pair.to_table(xp.maximum(gain, pair.back(gain)))
    condemned = xp.maximum(action.diplomacy.condemn, xp.matrix_transpose(action.diplomacy.condemn))
    drift = (
        c.affinity_return * (params.relations.affinity - world.affinity)
        + c.by_trade * traded * (1.0 - world.affinity)
        + c.by_visit * visit * (1.0 - world.affinity)
        + c.by_common_rival * common_rival(params, world) * (1.0 - world.affinity)
        - c.by_dispute * pair.to_table(number(world.level, gain))
        - c.by_condemnation * condemned
    )
    return off * clip(world.affinity + drift, -1.0, 1.0)


def tension(params: Params, world: World, seen: Observation) -> Float64[Array, "state state"]:
    """Next week's tension of the actor toward the target."""
    c, stake, pair = params.rules.escalate, params.relations.stake, params.wiring.pair
    hostile = 0.5 - 0.5 * clip(world.affinity, -1.0, 1.0)
    lead = clip(seen.believed - pair.of(seen.strength), -4.0, 4.0)
    acts = c.test_provocation * world.provocation + c.exercise_provocation * world.drill
    at_stake = stake * (c.threat * lead + c.rivalry + pair.toward(acts))
    dispute = c.dispute * number(world.level, stake)
    log_odds = (
        c.base
        + pair.to_table(at_stake + dispute)
        + hostile * (c.exposure * col(seen.suspicion) + c.partisan * seen.resentment)
        - c.affinity * world.affinity
        - c.reassurance * row(allied_help(params, world))
    )
    return params.wiring.off * (world.tension + c.speed * (sigma(log_odds) - world.tension))


def signed(
    params: Params, world: World, seen: Observation, noise: Noise
) -> Float64[Array, " alliance"]:
    """1 where a treaty brings the alliance into force this week.

    Two for whom the timetable has a treaty wait for its date.
    """
    xp, agenda, pair = world.pact.__array_namespace__(), params.agenda, params.wiring.pair
    now, ahead = (
        pair.from_table(xp.maximum(table, xp.matrix_transpose(table))) > 0.0
        for table in (
            agenda.table(seen.summons, "treaty"),
            agenda.table(agenda.ahead(world.week), "treaty"),
        )
    )
    common = xp.maximum(world.affinity, 0.0) * common_rival(params, world)
    chance = 1.0 - xp.exp(-params.rules.escalate.treaty * pair.from_table(common))
    made = number(now | (~ahead & (noise["treaty"] < chance)), chance)
    return xp.take(made, params.wiring.bond) * (1.0 - world.pact)


def relate(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Move affinity and tension by one week; bring alliances into force."""
    xp, pair = world.pact.__array_namespace__(), params.wiring.pair
    new = signed(params, world, seen, noise)
    bound = listed(new, params.wiring.alliance)
    return after(
        world,
        affinity=affinity(params, world, seen, action),
        tension=tension(params, world, seen),
        pact=world.pact + new,
    ), {"visit": seen.visits, "treaty": pair.once * xp.maximum(bound, pair.back(bound))}
