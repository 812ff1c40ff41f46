"""Challenge: one game is three weeks, and credence and trust learn from it by Bayes.

    week 1  i presses a quiet j, or demands of it     challenge
    week 2  j conciliates: conceded, the game ends    P(resist | hard), P(resist | soft)
            j holds or presses: resisted
    week 3  i presses on: it stands                   else it backed down

    credence_ij: i's probability that j is hard, after a week with or without j's tests and
    exercises, and after j resisted or conceded (and of i by j, after it delivered or backed down).
    trust_ij: that j would not exploit i, after j pressed or did not (war counts as pressing) and
    held exercises or did not.

Both fade to their priors. Likelihoods of 1/2 on both sides teach nothing. The structure is Zagare &
Kilgour's unilateral game (2000); trust is Kydd's (2005) and not the same thing as credence.
"""

from jaxtyping import Bool, Float64

from ..arrays import number, posterior
from ..params import Params
from ..world import CHALLENGED, CONCILIATE, PRESS, QUIET, RESISTED, WAR, Action, Array, World, after


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
    prior = c.hard_share * pair.back(params.relations.stake)
    faded = world.credence + c.forgetting * (prior - world.credence)
    return posterior(faded, if_hard, if_soft)


def trusted(params: Params, world: World, pressed: Bool[Array, " pair"]) -> Float64[Array, " pair"]:
    """Trust after the other's posture and its exercises, held or not held."""
    c, drills = params.rules.escalate, params.wiring.pair.toward(world.drill > 0.0)
    faded = world.trust + c.forgetting * (c.trust_prior - world.trust)
    if_so = likelihood(pressed, c.press_trusted) * likelihood(drills, c.drill_trusted)
    if_not = likelihood(pressed, c.press_exploiting) * likelihood(drills, c.drill_exploiting)
    return posterior(faded, if_so, if_not)


def challenge(params: Params, world: World, action: Action) -> tuple[World, dict[str, Array]]:
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
    if_hard = likelihood(firm, xp.where(second, c.resist_hard, c.deliver_hard))
    if_soft = likelihood(firm, xp.where(second, c.resist_soft, c.deliver_soft))
    credence = signs(params, world)
    learnt = posterior(credence, if_hard, if_soft)
    credence = xp.where(second | pair.back(third), learnt, credence)
    trust = trusted(params, world, (theirs == PRESS) | (world.level == WAR))
    return after(
        world,
        stage=xp.where(open_, stage, QUIET),
        credence=credence,
        trust=trust,
        posture=mine,
        demand=action.crisis.demand,
    ), {
        "challenge": number(begins, trust),
        "resisted": pair.back(number(resisted, trust)),
        "conceded": pair.back(number(conceded, trust)),
        "backed_down": number(backed, trust),
    }
