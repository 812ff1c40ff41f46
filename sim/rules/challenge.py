"""Challenge: one game is three weeks, and credence and trust learn from it by Bayes.

    week 1  i presses a quiet j, or demands of it     challenge
    week 2  j conciliates: conceded, the game ends    P(resist | hard), P(resist | soft)
            j holds or presses: resisted
    week 3  i presses on: it stands                   else it backed down

    credence_ij: i's probability that j is hard, after what j did toward i this week, by the
    probabilities that its desk gives a hard and a soft type as things stand (doctrines are public,
    types are not), and after a week with or without j's tests and exercises.
    trust_ij: that j would not exploit i, after j pressed or did not (war counts as pressing) and
    held exercises or did not; in weeks of a dispute, a tension or an exercise of i's own.

A type is drawn anew with the hazard `forgetting` (governments change), and so credence, once it
has learnt from the old one, fades to its prior at that rate: believed at p, a share p is hard.
Likelihoods that are alike teach nothing. A sign is never quite certain (TREMBLE, Selten's
trembling hand). With by_desk = 0 credence learns in games alone, by fixed likelihoods of who
resists and who stands. The structure is Zagare & Kilgour's unilateral game (2000); trust is
Kydd's (2005) and not the same thing as credence.
"""

from jaxtyping import Bool, Float64

from ..arrays import clip, number, posterior
from ..params import Params
from ..world import (
    CHALLENGED,
    CONCILIATE,
    NO_DISPUTE,
    PRESS,
    QUIET,
    RESISTED,
    WAR,
    Action,
    Array,
    Crisis,
    Noise,
    World,
    after,
)
from .deterrence import stake_at_risk

TREMBLE = 1e-3
"""The share of acts that are any of the three, whatever a desk means to do."""


def likelihood(
    seen: Bool[Array, "*axes"], chance: Float64[Array, "..."]
) -> Float64[Array, "*axes"]:
    """The probability of what was seen, where `chance` is that of the act."""
    return chance.__array_namespace__().where(seen, chance, 1.0 - chance)


def signs(params: Params, world: World) -> Float64[Array, " pair"]:
    """Credence after this week's tests and exercises of the other, held or not held."""
    c, pair = params.rules.escalate, params.wiring.pair
    tests, drills = pair.toward(world.provocation > 0.0), pair.toward(world.drill > 0.0)
    if_hard = likelihood(tests, c.test_hard) * likelihood(drills, c.exercise_hard)
    if_soft = likelihood(tests, c.test_soft) * likelihood(drills, c.exercise_soft)
    return posterior(world.credence, if_hard, if_soft)


def faded(
    params: Params, world: World, credence: Float64[Array, " pair"]
) -> Float64[Array, " pair"]:
    """Credence in the types of next week, some drawn anew, from that in this week's."""
    c, pair = params.rules.escalate, params.wiring.pair
    prior = c.hard_share * pair.back(stake_at_risk(params, world))
    return credence + c.forgetting * (prior - credence)


def acted(crisis: Crisis, hard: bool) -> Float64[Array, " pair"]:
    """The probability of what the actor did, were it of that type."""
    xp = crisis.demand.__array_namespace__()
    press, gives = (
        (crisis.press_if_hard, crisis.yield_if_hard)
        if hard
        else (crisis.press_if_soft, crisis.yield_if_soft)
    )
    held = clip(1.0 - press - gives, 0.0, 1.0)
    chance = xp.where(
        crisis.posture == PRESS, press, xp.where(crisis.posture == CONCILIATE, gives, held)
    )
    return TREMBLE / 3.0 + (1.0 - TREMBLE) * chance


def renewed(params: Params, world: World, noise: Noise) -> Float64[Array, " pair"]:
    """Types after a week in which some governments changed."""
    xp, c = world.stock.__array_namespace__(), params.rules.escalate
    change = noise["government"] < c.forgetting
    chance = c.forgetting * c.hard_share * stake_at_risk(params, world)
    is_hard = noise["government"] < chance
    return xp.where(change, number(is_hard, world.hard), world.hard)


def trusted(params: Params, world: World, pressed: Bool[Array, " pair"]) -> Float64[Array, " pair"]:
    """Trust after the other's posture and its exercises, held or not, where it had occasion."""
    xp, c, pair = world.stock.__array_namespace__(), params.rules.escalate, params.wiring.pair
    drills = pair.toward(world.drill > 0.0)
    warm = c.trust_by_affinity * pair.from_table(world.affinity)
    prior = clip(c.trust_prior + warm, 0.0, 1.0)
    recalled = world.trust + c.forgetting * (prior - world.trust)
    if_so = likelihood(pressed, c.press_trusted) * likelihood(drills, c.drill_trusted)
    if_not = likelihood(pressed, c.press_exploiting) * likelihood(drills, c.drill_exploiting)
    tense = pair.back(pair.from_table(world.tension)) >= c.occasion
    occasion = tense | (world.level > NO_DISPUTE) | pair.of(world.drill > 0.0) | pressed
    return xp.where(occasion, posterior(recalled, if_so, if_not), recalled)


def challenge(
    params: Params, world: World, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Play a week of every game and learn from what was seen."""
    xp = world.stock.__array_namespace__()
    c, pair = params.rules.escalate, params.wiring.pair
    mine, theirs = action.crisis.posture, pair.back(action.crisis.posture)
    open_ = world.level < WAR
    moves = (mine == PRESS) | (action.crisis.demand > 0.0)
    begins = open_ & (world.stage == QUIET) & moves
    second, third = open_ & (world.stage == CHALLENGED), open_ & (world.stage == RESISTED)
    conceded = second & (theirs == CONCILIATE)
    resisted = second & ~conceded
    stood, backed = third & (mine == PRESS), third & (mine != PRESS)

    stage = CHALLENGED * xp.astype(begins, xp.int64) + RESISTED * xp.astype(resisted, xp.int64)
    # one act may answer a challenge and end another game: it is one sign, the answer
    firm = resisted | pair.back(stood)
    game = second | pair.back(third)
    if_hard = likelihood(firm, xp.where(second, c.resist_hard, c.deliver_hard))
    if_soft = likelihood(firm, xp.where(second, c.resist_soft, c.deliver_soft))
    desks = c.by_desk > 0.5
    hard, soft = (pair.back(acted(action.crisis, hard)) for hard in (True, False))
    credence = posterior(
        signs(params, world),
        xp.where(desks, hard, xp.where(game, if_hard, 0.5)),
        xp.where(desks, soft, xp.where(game, if_soft, 0.5)),
    )
    trust = trusted(params, world, (theirs == PRESS) | (world.level == WAR))
    return after(
        world,
        stage=xp.where(open_, stage, QUIET),
        hard=renewed(params, world, noise),
        credence=faded(params, world, credence),
        suspected=xp.where(pair.back(begins), world.credence, world.suspected),
        trust=trust,
        posture=mine,
        demand=action.crisis.demand,
    ), {
        "challenge": number(begins, trust),
        "resisted": pair.back(number(resisted, trust)),
        "conceded": pair.back(number(conceded, trust)),
        "backed_down": number(backed, trust),
    }
