"""Build: industry works within its capacity and its money; budgets follow tension.

    produced = min(wanted, capacity), scaled to what the treasury pays for; below 0 it is scrapped
    capacity += (base (1 + (limit - 1) surge) - capacity) / lag
    retired  = retirement / 52 stock
    d ln spending = h (g + by_tension T_i) + noise sqrt(h) eps exp(tail eta - tail^2)
                    h = budget / 52, in a week with a budget; else 0
    d ln gdp = gdp_growth / 52
    grade    = mean of what is left and, by the maker's technology, of what is produced

T_i is the state's highest tension; the shock has unit variance and fat tails (spending growth is
leptokurtic: SIPRI). A budget lasts for `budget` weeks: 1 is every
week, 52 at the new year. With `richardson` wanted output is the reaction to a rival's believed
stock.
"""

from ..arrays import blend, clip, number, share
from ..params import Params
from ..world import YEAR, Action, Array, Noise, Observation, World, after
from .perceive import made_quality


def build(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, dict[str, Array]]:
    """Produce, retire, move capacity and grant the week's income."""
    xp = world.stock.__array_namespace__()
    c, desk = params.rules.build, action.procurement
    output = clip(desk.build, 0.0, world.capacity)
    cost = output @ (c.unit_cost * params.munitions.price)
    output = output * share(world.treasury, cost)[:, None]
    spent = xp.minimum(cost, world.treasury)
    goal = (
        params.states.base_capacity
        * (1.0 + (params.states.surge_limit - 1.0) * desk.surge)[:, None]
    )
    retired = c.retirement / YEAR * world.stock
    scrapped = xp.minimum(xp.maximum(-desk.build, 0.0), world.stock - retired)
    retired = retired + scrapped
    left = xp.maximum(world.stock - retired, 0.0)

    shock = noise["spending"] * xp.exp(c.tail * noise["spending_tail"] - c.tail * c.tail)
    span = c.budget / YEAR
    growth = span * (c.spending_growth + c.by_tension * xp.max(world.tension, axis=1))
    growth = growth + c.spending_noise * xp.sqrt(span) * shock
    day = number(seen.week_of_year, shock)
    due = number(xp.remainder(day, c.budget) < 1.0, shock)
    return after(
        world,
        stock=left + output,
        grade=blend(world.grade, left, made_quality(params, world), output),
        produced=world.produced + output,
        retired=world.retired + retired,
        capacity=world.capacity + (goal - world.capacity) / c.lag,
        treasury=world.treasury - spent + seen.income,
        spending=world.spending * xp.exp(due * growth),
        gdp=world.gdp * xp.exp(c.gdp_growth / YEAR),
    ), {}
