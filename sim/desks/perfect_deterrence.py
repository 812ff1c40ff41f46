"""The crisis desk of Zagare & Kilgour's unilateral deterrence game (2000), played over three weeks.

    c_t = (d_cd - d_dc) / (d_cd - d_dd_soft)       up to which credence of i a soft j resists
    d1  = (c_dc - q_soft) / (c_dc - c_cd)          up to which resistance a soft i challenges
    d2  = (c_dc - q_hard) / (c_dc - c_dd_hard)     and a hard one
    p   = deterrence_ij: what a challenge meets if the soft concede; w_d balance_ij if they never do

    p >= d2         nobody challenges              d1 <= p < d2   the hard do; the soft concede
    p < d1, credence of i >= c_t    both challenge; the soft concede
    p < d1, credence of i <  c_t    the soft bluff so often that c_t is believed of a challenger,
                                    and resist so often that a challenge meets d1

Quiet is worth q = c_sq where j has nothing to gain; else (mutual) q = (1 - z) c_sq + z V, z the
chance that j challenges, V what it is worth to the own type to be challenged. A protege (extended)
counts on the help h of its surest protector: soft, its conflict is h d_dd_hard + (1 - h) d_dd_soft.
Hard protectors press who challenges their proteges. A challenge off the path is taken for a hard
one's, so that no threat nobody believes keeps the quiet.

A nuclear pair at level 4: j keeps i from the last rung if (M_j - f_i M_i) v_j >= C_i, in strength
points: what a first strike leaves to answer with (Intriligator & Brito 1984).
"""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Bool, Float64

from ..arrays import clip, number, ratio
from ..params import Params, PerState, coefficient
from ..world import CHALLENGED, FORCE, QUIET, RESISTED, Array, Crisis, Noise, Observation
from .crisis import Chances, shown, taken
from .registry import desk


@dataclass(frozen=True)
class PerfectDeterrence:
    """Payoffs, in Zagare & Kilgour's letters: what the challenger chose, then the defender.

    Both roles' are on one scale. FALLING: what must not rise.
    """

    FALLING: ClassVar = (
        ("c_dc", "c_sq", "c_dd_hard", "c_cd", "c_dd_soft"),
        ("d_cd", "d_dd_hard", "d_dc", "d_dd_soft"),
    )
    occasion: PerState = coefficient("probability per week that a challenge is weighed", 0, 1, 0.05)
    c_dc: PerState = coefficient("as challenger: the other concedes", -100, 100, 1.0)
    c_sq: PerState = coefficient("as challenger: nobody challenges", -100, 100, 0.6)
    c_dd_hard: PerState = coefficient("as challenger: conflict, if hard", -100, 100, 0.3)
    c_cd: PerState = coefficient("as challenger: it backs down", -100, 100, 0.1)
    c_dd_soft: PerState = coefficient("as challenger: conflict, if soft", -100, 100, -0.5)
    d_cd: PerState = coefficient("as defender: the other backs down", -100, 100, 0.6)
    d_dd_hard: PerState = coefficient("as defender: conflict, if hard", -100, 100, 0.3)
    d_dc: PerState = coefficient("as defender: it concedes", -100, 100, 0.0)
    d_dd_soft: PerState = coefficient("as defender: conflict, if soft", -100, 100, -0.5)
    counterforce: PerState = coefficient(
        "f: strength points that one of its own destroys in a first strike", 0, 100, 0.5
    )
    damage: PerState = coefficient("v: harm that a strength point left does", 0, 1e6, 1.0)
    unacceptable: PerState = coefficient("C: harm that keeps it from war", 0, 1e12, 10.0)


@dataclass(frozen=True)
class Play:
    """How a challenger and a defender play each other, as either sees it."""

    met: Float64[Array, " pair"]  # p
    soft_bound: Float64[Array, " pair"]  # d1
    hard_bound: Float64[Array, " pair"]  # d2
    doubt: Float64[Array, " pair"]  # c_t
    hard: Bool[Array, " pair"]  # a hard challenger challenges
    soft: Float64[Array, " pair"]  # probability that a soft one does
    resists: Float64[Array, " pair"]  # probability that a soft defender resists


def quiet(
    own: PerfectDeterrence, seen: Observation, params: Params, mine: bool, conflict: PerState
) -> Float64[Array, " pair"]:
    """What it is worth to the challenger, of the type with that conflict, not to challenge."""
    xp, c, pair = seen.stock.__array_namespace__(), params.rules.escalate, params.wiring.pair
    i, j = (pair.of, pair.toward) if mine else (pair.toward, pair.of)
    held = seen.credence if mine else seen.repute
    z = seen.trust * c.press_trusted + (1.0 - seen.trust) * c.press_exploiting
    z = z * j(number(own.c_dc > own.c_sq, z))
    resisting = held * i(conflict) + (1.0 - held) * i(own.d_cd)
    return (1.0 - z) * i(own.c_sq) + z * xp.maximum(i(own.d_dc), resisting)


def equilibrium(own: PerfectDeterrence, seen: Observation, params: Params, mine: bool) -> Play:
    """The game in which the seer challenges the other (`mine`), or the other the seer.

    Payoffs are common knowledge, and so are credences, which public acts have made.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    i, j = (pair.of, pair.toward) if mine else (pair.toward, pair.of)
    suspected = seen.repute if mine else seen.suspected  # as it was when the game began
    held = j(seen.backing)
    conflict = held * j(own.d_dd_hard) + (1.0 - held) * j(own.d_dd_soft)
    firm = conflict >= j(own.d_dc)  # a soft protege that its protector makes resist
    doubt = ratio(j(own.d_cd - own.d_dc), j(own.d_cd) - conflict)
    met = seen.deterrence if mine else seen.cover
    power = seen.balance if mine else pair.back(seen.balance)
    met = xp.where(firm, params.rules.escalate.deterrence * power, met)

    gain_hard = i(own.c_dc) - quiet(own, seen, params, mine, own.d_dd_hard)
    gain_soft = i(own.c_dc) - quiet(own, seen, params, mine, own.d_dd_soft)
    d2 = ratio(gain_hard, i(own.c_dc - own.c_dd_hard))
    d1 = xp.minimum(ratio(gain_soft, i(own.c_dc - own.c_cd)), d2)
    bluffs = suspected < doubt
    mix = clip(ratio(suspected * (1.0 - doubt), (1.0 - suspected) * doubt), 0.0, 1.0)
    likely = clip(ratio(d1 - met, 1.0 - met), 0.0, 1.0)
    return Play(
        met=met,
        soft_bound=d1,
        hard_bound=d2,
        doubt=doubt + 0.0 * met,
        hard=met < d2,
        soft=number(met < d1, met) * xp.where(bluffs, mix, 1.0),
        resists=xp.where(firm, 1.0, number(bluffs, met) * likely),
    )


def answered(own: PerfectDeterrence, seen: Observation, params: Params) -> Bool[Array, " pair"]:
    """Whether the next step is a nuclear war that the other could still answer."""
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    arms = params.states.nuclear
    left = xp.exp(seen.believed) - pair.of(own.counterforce * xp.exp(seen.strength))
    brink = (pair.of(arms) * pair.toward(arms) > 0.0) & (seen.level == FORCE)
    return brink & (left * pair.toward(own.damage) >= pair.of(own.unacceptable))


@desk("crisis", PerfectDeterrence)
def perfect_deterrence(
    own: PerfectDeterrence, seen: Observation, noise: Noise, params: Params
) -> Crisis:
    """Challenge, resist and stand as Zagare and Kilgour's equilibria say, by type and credence."""
    xp = seen.stock.__array_namespace__()
    draw, stopped = noise["posture"], answered(own, seen, params)
    hard, soft = (_chances(own, seen, params, is_hard, ~stopped) for is_hard in (True, False))
    is_hard = seen.hard > 0.0
    # who concedes with a probability draws high, who challenges low: the two never meet
    yields = xp.where(is_hard, draw >= 1.0 - hard.gives, draw >= 1.0 - soft.gives)
    press = xp.where(is_hard, draw < hard.press, draw < soft.press)
    return shown(seen, taken(seen, press, yields), hard, soft)


def _chances(
    own: PerfectDeterrence,
    seen: Observation,
    params: Params,
    is_hard: bool,
    free: Bool[Array, " pair"],
) -> Chances:
    """The probabilities of a press and of conciliation of one type.

    Args:
        own: The payoffs.
        seen: What each state sees.
        params: The parameters of the world.
        is_hard: The type.
        free: Where no second strike forbids a press.
    """
    xp, pair = seen.stock.__array_namespace__(), params.wiring.pair
    mine, theirs = (equilibrium(own, seen, params, side) for side in (True, False))
    idle = (seen.stage == QUIET) & (seen.against == QUIET) & (seen.stake > 0.0)
    wants = number(mine.hard, mine.soft) if is_hard else mine.soft
    begins = number(idle, wants) * wants * pair.of(own.occasion)
    begins = xp.maximum(begins, seen.called) if is_hard else begins
    conflict = pair.of(own.c_dd_hard if is_hard else own.c_dd_soft)
    resisted, stands = seen.stage == RESISTED, conflict > pair.of(own.c_cd)
    upholds = (seen.stage == CHALLENGED) | (resisted & stands)
    concedes = 0.0 * wants if is_hard else 1.0 - theirs.resists
    gives = number(seen.against == CHALLENGED, wants) * concedes
    gives = xp.where(resisted & ~stands, 1.0, gives)
    press = xp.minimum(xp.where(upholds, 1.0, begins), 1.0 - gives)
    return Chances(press=press * number(free, press), gives=gives)
