"""Perceive: what each state believes and sees.

    S_j        = ln(power_j / point + sum over arms k not fired of value_k stock_jk quality_jk)
    power_j    = alpha_j (sum_k lethality_k lasting_jk f_jk + small_j)
    f_jk       = min(fire_rate_jk force_j tempo_j, stock_jk / sustained + capacity_jk)
    lasting_jk = mean of quality and made, weighed by stock_jk / sustained and capacity_jk
    small_j    = baseline_j exp(growth_j week / 52) force_j     fire without shells: drones, mines
    quality_jk = (1 - by_maker) made_jk + by_maker grade_jk             its makers made the stock
    made_jk    = q0 + (1 - q0) tech of the munition's own technology
    belief_ij += kappa (S_j + bias_i + s_i eps_ij - belief_ij),   s_i = s0 exp(-gamma tech_i,recon)
    belief_ij += battle (S_j - belief_ij)     in a week of war between the two

Power is what one can do in a war: the casualties per week of `fight`, sustained for so many weeks,
so that stocks, shells from abroad, technology and industry count, and a stock beyond that need does
not. Arms are fired where they have a lethality and a rate; others count by their value. Log points;
the least is that of one soldier. Observers differ in noise and in bias (worst-case estimates:
Jervis 1976). With s0 = bias = 0 and kappa = 1 a state knows all.
"""

from jaxtyping import Float64

from ..arrays import blend, each, highest, listed, number, ratio, row, share, sigma
from ..params import Params
from ..world import BARE, CHALLENGED, WAR, YEAR, Array, Noise, Observation, World, after
from .deterrence import allied_help, balance, called, deterrence
from .relate import resentment, visits
from .train import convene

LONGEST_SUPPLY = 520.0


def made_quality(params: Params, world: World) -> Float64[Array, "state munition"]:
    """Quality of what each state makes: 1 at the frontier of the start."""
    xp, floor = world.stock.__array_namespace__(), params.rules.perceive.quality_floor
    return floor + (1.0 - floor) * xp.take(world.tech, params.wiring.domain, axis=1)


def quality(params: Params, world: World) -> Float64[Array, "state munition"]:
    """Quality of what each state holds: its makers', or as if it had made all itself."""
    own = made_quality(params, world)
    return own + params.rules.perceive.by_maker * (world.grade - own)


def reconnaissance(params: Params, world: World) -> Float64[Array, " state"]:
    """The level of each state's reconnaissance; 0 where no technology is one of it."""
    return world.stock.__array_namespace__().sum(world.tech * params.wiring.watching, axis=1)


def sustained_fire(params: Params, world: World) -> Float64[Array, "state munition"]:
    """Units per week that each state could fire for so many weeks, all its forces at war."""
    xp = world.stock.__array_namespace__()
    rate = params.states.fire_rate * (world.force * params.states.tempo)[:, None]
    return xp.minimum(rate, world.stock / params.rules.perceive.sustained + world.capacity)


def small_fire(params: Params, world: World) -> Float64[Array, " state"]:
    """Thousand casualties per week that each state could inflict without shells."""
    growth = world.stock.__array_namespace__().exp(
        params.states.baseline_growth * number(world.week, world.stock) / YEAR
    )
    return params.states.baseline_fire * growth * world.force


def power(params: Params, world: World) -> Float64[Array, " state"]:
    """Thousand casualties per week that each state could inflict, all its forces at war."""
    xp = world.stock.__array_namespace__()
    held, made = quality(params, world), made_quality(params, world)
    lasting = blend(held, world.stock / params.rules.perceive.sustained, made, world.capacity)
    shells = params.munitions.lethality * lasting * sustained_fire(params, world)
    return params.states.alpha * (xp.sum(shells, axis=1) + small_fire(params, world))


def strength(params: Params, world: World) -> Float64[Array, " state"]:
    """True strength of each state, in log points."""
    xp = world.stock.__array_namespace__()
    fired = params.munitions.lethality * params.states.fire_rate > 0.0
    worth = params.munitions.value * world.stock * quality(params, world)
    held_back = xp.sum(xp.where(fired, 0.0, worth), axis=1)
    points = power(params, world) / params.rules.perceive.point + held_back
    return xp.log(xp.maximum(points, BARE))


def volley(
    params: Params, world: World, pace: Float64[Array, " state"]
) -> tuple[Float64[Array, "state munition"], Float64[Array, " state"]]:
    """What states fire in a week, and the casualties (thousand) that it inflicts.

    Args:
        params: The parameters of the world.
        world: The world.
        pace: Of each state's fire: 1 as planned, 0 none.
    """
    xp = world.stock.__array_namespace__()
    states = params.states
    wanted = states.fire_rate * (world.force * states.tempo * pace)[:, None]
    kept = ratio(world.stock, world.stock + params.rules.fight.ration * wanted)
    fired = xp.minimum(wanted * kept, world.stock)
    shells = xp.sum(params.munitions.lethality * fired * quality(params, world), axis=1)
    return fired, states.alpha * (shells + pace * small_fire(params, world))


def need(params: Params, world: World) -> Float64[Array, "state munition"]:
    """Units per week that a state plans for: the larger of its use and its war plan."""
    return world.stock.__array_namespace__().maximum(world.expenditure, params.states.war_plan)


def supply(params: Params, world: World) -> Float64[Array, "state munition"]:
    """Weeks of supply at that need, at the most ten years; ten years of what nobody needs."""
    return LONGEST_SUPPLY * share(world.stock, LONGEST_SUPPLY * need(params, world))


def at_either_end(params: Params, x: Float64[Array, " state"]) -> Float64[Array, " route"]:
    """The larger of the two values that the ends of each route have."""
    xp = x.__array_namespace__()
    return xp.maximum(xp.take(x, params.wiring.source), xp.take(x, params.wiring.target))


def unlawful(params: Params, world: World) -> Float64[Array, " route"]:
    """1 while an embargo covers either end of the route."""
    return params.wiring.real_route * at_either_end(params, world.embargo)


def sanctioned(world: World) -> Float64[Array, " state"]:
    """How far all others sanction each state, weighed by what they spend: 1 if all do in full."""
    xp = world.stock.__array_namespace__()
    others = xp.sum(world.spending) - world.spending
    return xp.minimum(ratio(world.spending @ world.sanctions, others), 1.0)


def income(params: Params, world: World) -> Float64[Array, " state"]:
    """USD bn a week for procurement, after what sanctions cost."""
    burden = params.rules.sanction.cost * sanctioned(world)
    return params.states.procurement_share * world.spending / YEAR * (1.0 - burden)


def perceive(params: Params, world: World, noise: Noise) -> tuple[World, Observation]:
    """Update beliefs and build what the desks may read."""
    xp = world.stock.__array_namespace__()
    c, wiring, pair, agenda = (
        params.rules.perceive,
        params.wiring,
        params.wiring.pair,
        params.agenda,
    )
    own = strength(params, world)
    spread = c.noise * xp.exp(-c.by_reconnaissance * reconnaissance(params, world))
    bias = pair.of(params.states.perception_bias * c.bias)
    seen = pair.toward(own) + bias + pair.of(spread) * noise["belief"]
    belief = world.belief + c.learning * (seen - world.belief)
    fought = c.battle * number(world.level == WAR, own)
    belief = belief + fought * (pair.toward(own) - belief)
    world = after(world, belief=belief)

    use = need(params, world)
    law = unlawful(params, world)
    due = number(agenda.week == world.week, own) * agenda.entry
    summons, ahead = each(xp.matrix_transpose(due), agenda.dated), agenda.ahead(world.week)
    threat = deterrence(params, world, own)
    week_of_year = (agenda.week_of_year + world.week) % YEAR
    on = number((week_of_year - agenda.first) % YEAR < agenda.length, own)
    world = after(world, convened=convene(params, world, week_of_year, noise))
    held = each((on * world.convened)[:, None] * agenda.drill, agenda.drills)
    dealings = highest(law * sigma(world.exposure), wiring.ends)
    return world, Observation(
        week=world.week,
        week_of_year=week_of_year,
        stock=world.stock,
        capacity=world.capacity,
        expenditure=world.expenditure,
        need=use,
        supply=supply(params, world),
        reserve=row(params.states.reserve_weeks) * use,
        inbound=each(xp.sum(world.transit, axis=0), wiring.imports),
        treasury=world.treasury,
        income=income(params, world),
        debts=each(world.debt, wiring.imports),
        at_war=pair.highest(number(world.level == WAR, own)),
        tech=world.tech,
        lessons=world.lessons,
        trials=world.trials,
        failures=world.failures,
        campaign=world.campaign,
        preparation=world.preparation,
        pause=world.pause,
        scheduled=number(agenda.of(ahead, "launch") > 0.0, own),
        readiness=world.readiness,
        force=world.force,
        losses=world.losses,
        fire=volley(params, world, 0.0 * own + 1.0)[1],
        strength=own,
        believed=belief,
        hard=world.hard,
        credence=world.credence,
        suspected=xp.where(pair.back(world.stage) == CHALLENGED, world.suspected, world.credence),
        repute=pair.back(world.credence),
        trust=world.trust,
        affinity=world.affinity,
        commitment=listed(params.relations.commitment * world.pact, wiring.alliance),
        backing=allied_help(params, world),
        called=called(params, world),
        stake=params.relations.stake,
        balance=balance(params, world, own),
        deterrence=threat,
        cover=pair.back(threat),
        tension=world.tension,
        level=world.level,
        stage=world.stage,
        against=pair.back(world.stage),
        posture=pair.back(world.posture),
        demanded=pair.back(world.demand),
        drill=world.drill,
        test=world.provocation,
        alarm=world.alarm,
        suspicion=dealings,
        resentment=resentment(params, world, law),
        sanctions=xp.matrix_transpose(world.sanctions),
        beneficiary=world.benefit,
        embargoed=world.embargo,
        monitored=xp.maximum(world.monitor, world.coalition),
        announced=number(world.preparation >= params.rules.learn.announcement, own),
        summons=summons,
        visits=visits(params, world, summons, ahead, noise),
        calendar=listed(held, agenda.joint),
        alone=listed(held, agenda.alone),
        want=world.want,
        delivery=world.delivery,
        contract=world.contract,
        agreed=world.agreed,
        talks=world.talks,
        advance=world.advance,
        loading=world.loading,
        debt=world.debt,
        price=world.price,
        unlawful=law,
        exposure=world.exposure,
        doubt=world.doubt,
        accused=world.accused,
        estimate=world.estimate,
        published=world.published,
    )
