"""Challenge: one game is three weeks, and credence and trust learn from it by Bayes.

    week 1  i presses a quiet j                       challenge
    week 2  j conciliates: conceded, the game ends    P(resist | hard), P(resist | soft)
            j holds or presses: resisted
    week 3  i presses on: it stands                   else it backed down

    credence_ij: i's probability that j is hard, after j resisted or conceded (and of i by j, after
    it stood or backed down). trust_ij: that j would not exploit i, after j pressed or did not (war
    counts as pressing).

Both fade to their priors. The structure is Zagare & Kilgour's unilateral game (2000); trust is
Kydd's (2005) and not the same thing as credence.
"""

from ..arrays import number, posterior
from ..params import Params
from ..world import (
    CHALLENGED,
    CONCILIATE,
    PRESS,
    QUIET,
    RESISTED,
    WAR,
    Action,
    Array,
    World,
    after,
)


def challenge(params: Params, world: World, action: Action) -> tuple[World, dict[str, Array]]:
    """Play a week of every game and learn from what was seen."""
    xp = world.stock.__array_namespace__()
    c, off = params.rules.escalate, params.wiring.off
    mine, theirs = action.crisis.posture, xp.matrix_transpose(action.crisis.posture)
    open_ = (world.level < WAR) & (off > 0.0)
    begins = open_ & (world.stage == QUIET) & (mine == PRESS)
    second, third = world.stage == CHALLENGED, world.stage == RESISTED
    conceded = second & (theirs == CONCILIATE)
    resisted = second & ~conceded
    stood, backed = third & (mine == PRESS), third & (mine != PRESS)

    stage = CHALLENGED * xp.astype(begins, xp.int64) + RESISTED * xp.astype(resisted, xp.int64)
    showed_hard = resisted | xp.matrix_transpose(stood)
    showed_soft = conceded | xp.matrix_transpose(backed)
    prior = c.hard_share * xp.matrix_transpose(params.relations.stake)
    credence = world.credence + c.forgetting * (prior - world.credence)
    learnt = posterior(credence, c.resist_hard, c.resist_soft)
    credence = xp.where(showed_hard, learnt, credence)
    learnt = posterior(credence, 1.0 - c.resist_hard, 1.0 - c.resist_soft)
    credence = xp.where(showed_soft & ~showed_hard, learnt, credence)

    trust = world.trust + c.forgetting * (c.trust_prior - world.trust)
    pressed = (theirs == PRESS) | (world.level == WAR)
    if_so = xp.where(pressed, c.press_trusted, 1.0 - c.press_trusted)
    if_not = xp.where(pressed, c.press_exploiting, 1.0 - c.press_exploiting)
    trust = posterior(trust, if_so, if_not)
    return after(
        world,
        stage=xp.where(open_, stage, QUIET),
        credence=off * credence,
        trust=off * trust,
        posture=mine,
    ), {
        "challenge": number(begins, trust),
        "resisted": xp.matrix_transpose(number(resisted, trust)),
        "conceded": xp.matrix_transpose(number(conceded, trust)),
        "backed_down": number(backed, trust),
    }
