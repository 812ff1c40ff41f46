"""What a user may add without a fork, in one module: a desk, a phase, a metric, a figure."""

from dataclasses import dataclass

from matplotlib.figure import Figure

import sim
from sim.metrics import Week
from sim.params import Params, PerState, coefficient
from sim.plots.axes import amount_axis, date_axis
from sim.plots.runs import Runs
from sim.plots.style import INK, band, grid
from sim.rules.train import train as shipped
from sim.world import CONCILIATE, HOLD, Action, Array, Crisis, Noise, Observation, World, after


@dataclass(frozen=True)
class Patience:
    """What the desk `patient` may be set to."""

    limit: PerState = coefficient("tension that it bears", 0, 1, 0.1)


@sim.desk("crisis", Patience)
def patient(own: Patience, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Conciliate where tension is above a limit, hold elsewhere."""
    xp, pair = seen.tension.__array_namespace__(), params.wiring.pair
    afraid = pair.from_table(seen.tension) > pair.of(own.limit)
    posture = xp.where(afraid, CONCILIATE, HOLD * seen.posture)
    return Crisis(posture=posture, demand=0.0 * seen.stake)


def train(params: Params, world: World, action: Action) -> tuple[World, dict[str, Array]]:
    """Exercises tire: a tenth of readiness is lost in every week of them."""
    world, events = shipped(params, world, action)
    return after(world, readiness=0.9 * world.readiness), events


@sim.metric("state", unit="USD bn", definition="worth of arms seen", reduce=("last", "mean"))
def arsenal(week: Week) -> Array:
    """What a state's munitions are worth, less its tension; it looks at more than the world."""
    worth = week.world.stock @ week.params.munitions.price
    return worth - week.seen.tension.sum(axis=1)


@sim.figure("What the weapons of the first state are worth.")
def arsenals(runs: Runs) -> Figure:
    """The worth of the first state's weapons over time."""
    figure, axes = grid(1, 1, 5.0, "Arsenals")
    band(axes[0, 0], runs.dates, runs.of_states("arsenal")[:, :, 0], INK)
    amount_axis(axes[0, 0], "USD bn")
    date_axis(axes[0, 0], runs.dates)
    return figure
