"""Fight: shells are fired, forces are worn down, the line moves.

    drive_i   = persistence drive_i + sqrt(1 - persistence^2) eps_i        at week 0: eps_i
    pace_i    = exp(swing drive_i - swing^2 / 2 + scatter eta_i - scatter^2 / 2)       mean 1
    wanted_ik = rate_ik force_i tempo_i pace_i
    fired_ik  = wanted stock / (stock + ration wanted), never more than the stock
    fire_i    = alpha_i (sum_k lethality_k fired_ik quality_ik + pace_i small_i)
    fire_ij   = fire_i E_i^omega (force_j / E_i),  E_i = sum of force_j over i's fronts
    losses_j  = sum_i fire_ij (1 + assault max(0, swing (drive_j - drive_i))), within force_j
    front_ij += advance ln(gain_ij / gain_ji), the log ratio held in [-3, 3]
    gain_ij  = fire_ij, of fire without shells the share `without_shells` alone

omega = 0 is aimed fire (Lanchester's square law), 1 area fire (linear law); fire goes where the
enemy is, so neither law changes when a belligerent is split. Thousand soldiers, units per week, km.
Each side has offensives and lulls of its own, a slow AR(1) of its log fire; who leads in tempo is
on the offensive against the other, and loses more. swing = scatter = 0 is war at one pace.
At `ration` weeks of supply fire is halved; ration = 0 fires until it is gone. A war ends

    by defeat        where force_i, with the week's recruits, <= defeat force_target_i; x_ji = 1
    by bargaining    hazard `settlement` while p_ij + p_ji - 1 + unenforceable_ij < c_ij + c_ji;
                     i then has the share x_ij = (p_ij + 1 - p_ji + c_ji - c_ij) / 2
    by exhaustion    hazard exhaustion worn_i worn_j, worn the share of a state's men that is lost
    by timetable

    won_ij = x_ij - 1/2      half is what each held before; as it was where surplus <= 0

    p_ij = sigma(S_i - belief_ij)      i's chance to win, as it believes
    c_ij = burden (losses_i / force_i) / stake at risk_ij      what a week costs, in shares of it

Mutual optimism ends as fighting shows who is strong (`battle` of *perceive*): Blainey (1988),
Slantchev (2003). What cannot be secured by any settlement is a commitment problem (Powell 2006).
"""

from dataclasses import dataclass

from jaxtyping import Float64

from ..arrays import clip, number, ratio, share, sigma
from ..params import Params
from ..world import THREAT, WAR, YEAR, Array, Noise, Observation, World, after
from .deterrence import stake_at_risk
from .perceive import small_fire, volley

AFTER_WAR = THREAT
"""The level that a ceasefire leaves."""


LEAST_STAKE = 1e-3
"""What a state has at stake at the least in a war that it fights."""


@dataclass(frozen=True)
class Terms:
    """What two belligerents would settle on."""

    surplus: Float64[Array, " pair"]  # what a settlement is worth to both together, in stakes
    won: Float64[Array, " pair"]  # of what is at stake, that the actor would gain


def terms(params: Params, world: World, seen: Observation, worn: Float64[Array, " state"]) -> Terms:
    """Whether both would rather settle than fight on, and on what.

    Args:
        params: The parameters of the world.
        world: The world.
        seen: What each state sees.
        worn: The share of each state's force that this week took.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    chance = sigma(clip(pair.of(seen.strength) - seen.believed, -20.0, 20.0))
    stake = xp.maximum(stake_at_risk(params, world), LEAST_STAKE)
    cost = params.rules.fight.burden * pair.of(worn) / stake
    other, theirs = pair.back(chance), pair.back(cost)
    optimism = chance + other - 1.0 + params.relations.unenforceable
    return Terms(
        surplus=cost + theirs - optimism,
        won=clip(0.5 * ((chance - other) + (theirs - cost)), -0.5, 0.5),
    )


def payoff(params: Params, world: World, seen: Observation) -> Float64[Array, " state"]:
    """What a finished week is worth to each state, in stakes.

    payoff_i = sum_j stake_ij (1/2 + won_ij) - burden losses_i / force_i - thrift_i spending_i / 52

    Args:
        params: The parameters of the world.
        world: The world after the week.
        seen: What each state saw in it: its force and its losses before.
    """
    pair, won = params.wiring.pair, 0.5 + world.won
    worn = ratio(world.losses - seen.losses, seen.force)
    cost = params.rules.fight.burden * worn + params.states.thrift * world.spending / YEAR
    return pair.each(params.relations.stake * won) - cost


def drives(params: Params, world: World, noise: Noise) -> Float64[Array, " state"]:
    """How far each state's offensive (above 0) or lull has come, in standard deviations.

    In week 0 it is drawn from the long run, so that no war begins at a set point of it.
    """
    xp, kept = world.stock.__array_namespace__(), params.rules.fight.persistence
    shock = noise["drive"]
    going_on = kept * world.drive + xp.sqrt(1.0 - kept**2) * shock
    return xp.where(world.week > 0, going_on, shock)


def fight(
    params: Params, world: World, seen: Observation, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """One week of all wars."""
    xp = world.stock.__array_namespace__()
    c, states, pair = params.rules.fight, params.states, params.wiring.pair
    war = number(world.level == WAR, world.stock)
    fighting = pair.highest(war)

    drive = drives(params, world, noise)
    slow, quick = c.swing * drive, c.scatter * noise["scatter"]
    pace = fighting * xp.exp(slow + quick - 0.5 * (c.swing**2 + c.scatter**2))
    fired, fire = volley(params, world, pace)
    enemy = pair.each(war * pair.toward(world.force))
    part = ratio(war * pair.toward(world.force), pair.of(enemy))  # at most 1, however few are left
    inflicted = pair.of(fire * enemy**c.omega) * part
    lead = xp.maximum(pair.of(slow) - pair.toward(slow), 0.0)
    suffered = pair.back(inflicted) * (1.0 + c.assault * lead)
    losses = xp.minimum(pair.each(suffered), world.force)

    left = world.force - losses
    gap = fighting * xp.maximum(states.force_target - left, 0.0)
    joined = xp.minimum(c.mobilisation * gap, world.manpower)
    joined = joined * share(world.treasury, c.soldier_cost * joined)

    mines = states.alpha * pace * small_fire(params, world)
    gaining = inflicted * pair.of(ratio(fire - (1.0 - c.without_shells) * mines, fire))
    log_fire = xp.log(xp.maximum(gaining, 1e-12))
    pushed = c.advance * war * clip(log_fire - pair.back(log_fire), -3.0, 3.0)

    worn = ratio(world.losses + losses, world.losses + losses + left + world.manpower)
    deal = terms(params, world, seen, ratio(losses, world.force))
    settling = c.settlement * number(deal.surplus > 0.0, worn)
    tired = 1.0 - xp.exp(-(c.exhaustion * pair.of(worn) * pair.toward(worn) + settling))
    called = pair.from_table(params.agenda.table(seen.summons, "ceasefire"))
    at_war = world.level == WAR
    ends = ((called + pair.back(called) > 0.0) | (noise["ceasefire"] < tired)) & at_war
    beaten = left + joined <= c.defeat * states.force_target
    loses, wins = (at_war & side(beaten) for side in (pair.of, pair.toward))
    decided = loses | wins
    won = xp.where(ends & (deal.surplus > 0.0), deal.won, world.won)
    won = xp.where(decided, 0.5 * (number(wins, won) - number(loses, won)), won)
    over = ends | decided
    return after(
        world,
        stock=world.stock - fired,
        expended=world.expended + fired,
        expenditure=world.expenditure + c.memory * (fired - world.expenditure),
        force=left + joined,
        manpower=world.manpower - joined,
        treasury=xp.maximum(world.treasury - c.soldier_cost * joined, 0.0),
        losses=world.losses + losses,
        drive=drive,
        front=world.front + pushed,
        won=won,
        level=xp.where(over, AFTER_WAR, world.level),
        hostility=xp.where(over, AFTER_WAR, world.hostility),
    ), {
        "ceasefire": pair.once * number(ends & ~decided, world.stock),
        "defeated": number(loses, world.stock),
    }
