"""A pipeline: Little's law, thinning and conservation on a route.

Industry makes `made` per week, of which the supplier ships the share r of what it holds; leg l
takes T_l weeks and interdiction takes the share theta_l of its outflow on average. Expected stock
and contents obey a linear map, since noise is drawn anew each week, and come to rest at

    flow = made      contents_l = flow T_l prod over the legs before l of (1 - theta)
    delivered = flow (1 - unusable) prod over all legs of (1 - theta) = flow (1 - q)
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...arrays import sigma
from ...results.intervals import skewed_mean_interval
from ...scenario import Scenario
from .limit import EXACT, LEVEL, Check, Limit, Runner, SimulatedRuns, Sweep, along, desk, exactly

RUNS = 40


@dataclass(frozen=True)
class Pipe:
    """The pipeline that a scenario describes, in containers."""

    made: float  # per week
    share: float  # of the stock that is shipped in a week
    time: Float[np.ndarray, " leg"]  # weeks
    taken: Float[np.ndarray, " leg"]  # theta: expected share of the outflow that is taken
    unusable: float
    start: float  # in stock

    @property
    def arriving(self) -> float:
        """Return 1 - q: the share of the flow that arrives and can be used."""
        return float((1.0 - self.unusable) * np.prod(1.0 - self.taken))

    @property
    def contents(self) -> float:
        """Return what is under way in the long run: each leg's time x the flow that enters it."""
        entering = np.cumprod(np.append(1.0, 1.0 - self.taken))[:-1]
        return float(self.made * np.sum(entering * self.time))

    def path(self, weeks: int) -> dict[str, Float[np.ndarray, " week"]]:
        """Return expected contents, and all that was shipped and delivered, after each week."""
        stock, legs, shipped, delivered = self.start, np.zeros(len(self.time)), 0.0, 0.0
        found: dict[str, list[float]] = {"in_transit": [], "shipped": [], "delivered": []}
        for _ in range(weeks):
            flow, out = self.share * stock, legs / self.time
            through = out * (1.0 - self.taken)
            legs = legs - out + np.append(flow, through[:-1])
            stock = stock - flow + self.made
            shipped, delivered = shipped + flow, delivered + through[-1] * (1.0 - self.unusable)
            for name, value in (("in_transit", legs.sum()), ("shipped", shipped)):
                found[name].append(float(value))
            found["delivered"].append(float(delivered))
        return {name: np.asarray(values) for name, values in found.items()}


def pipe(scenario: Scenario) -> Pipe:
    """Return the pipeline that the scenario's numbers make: its first route and munition."""
    params, world = scenario.params(), scenario.world()
    source = int(params.wiring.source[0])
    seller = desk(scenario, "transfer", "opportunist")
    maker = desk(scenario, "procurement", "surge_in_war")
    move, legs = params.rules.move, params.wiring.leg[:, 0] > 0.0
    unlawful = max(world.embargo[source], world.embargo[params.wiring.target[0]])
    hunt = move.by_embargo + move.by_exposure * sigma(world.exposure)[0]
    hazard = move.interdiction * params.routes.vulnerability[legs, 0] * unlawful * min(1.0, hunt)
    unit = params.munitions.containers[0]
    return Pipe(
        made=float(maker.peace[source] * params.states.base_capacity[source, 0] * unit),
        share=float(seller.release[source] * sigma(seller.willingness)[source]),
        time=params.routes.time[legs, 0],
        taken=move.taken * (1.0 - np.exp(-hazard)),
        unusable=float(params.states.unusable_share[source]),
        start=float(world.stock[source, 0] * unit),
    )


def ledgers(found: SimulatedRuns) -> dict[str, Float[np.ndarray, "run week"]]:
    """Return the first route's ledgers and contents, containers."""
    names = {
        "shipped": "containers",
        "delivered": "containers_delivered",
        "unusable": "containers_unusable",
        "interdicted": "containers_interdicted",
        "in_transit": "containers_in_transit",
    }
    return {name: found.by_route(metric)[:, :, 0] for name, metric in names.items()}


def theory(scenario: Scenario) -> float:
    """Return containers under way in the long run."""
    return pipe(scenario).contents


def share_arriving(scenario: Scenario) -> float:
    """Return the share of the flow that arrives and can be used."""
    return pipe(scenario).arriving


def conservation(found: SimulatedRuns) -> list[Check]:
    """Check that nothing is lost: shipments are somewhere, and stocks are what moved."""
    book = ledgers(found)
    parts = book["in_transit"] + book["delivered"] + book["unusable"] + book["interdicted"]
    scenario = found.scenario
    unit = scenario.params().munitions.containers[0]
    munition = scenario.munitions[0]
    source, target = (scenario.states.index(code) for code in scenario.routes[0])
    held, made = (found.by_state(f"{name}_{munition}") * unit for name in ("stock", "produced"))
    begun = scenario.world().stock[:, 0] * unit
    given = begun[source] + made[:, :, source] - book["shipped"]
    got = begun[target] + made[:, :, target] + book["delivered"]
    return [
        along("shipped is in transit, delivered, unusable or taken", book["shipped"], parts),
        along("the supplier's stock is what was made and not shipped", given, held[:, :, source]),
        along("the buyer's stock is what was delivered", got, held[:, :, target]),
    ]


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check Little's law, the share that arrives, the path, and conservation.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model = pipe(scenario)
    if np.any(model.taken > 0.0):
        return thinned(scenario, runner)
    found = runner.run_once(scenario, "full")
    book, own = ledgers(found), model.path(scenario.weeks)
    weekly = np.diff(book["delivered"][0])[-1] / np.diff(book["shipped"][0])[-1]
    lacking = np.diff(own["delivered"])[-1] / np.diff(own["shipped"])[-1] - model.arriving
    short = abs(own["in_transit"][-1] - model.contents)  # what the map itself lacks yet
    return [
        exactly(
            "in transit = flow x time, containers",
            model.contents,
            float(book["in_transit"][0, -1]),
            EXACT * model.contents + short,
        ),
        exactly(
            "delivered / flow = 1 - q", model.arriving, float(weekly), EXACT + abs(float(lacking))
        ),
        *(along(f"{name}, to the map's own", own[name], book[name][0]) for name in own),
        *conservation(found),
    ]


def thinned(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check the same where noise decides what is taken: means over runs.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    model = pipe(scenario)
    found = runner.run_many(scenario, RUNS, "full")
    book, own = ledgers(found), model.path(scenario.weeks)
    shipped = own["shipped"][-1]
    arrived = book["delivered"][:, -1]
    low, high = skewed_mean_interval(arrived, level=LEVEL)
    # what is still under way, and the stock that has not settled, are the same in both
    scale = model.arriving / own["delivered"][-1]
    under_way = book["in_transit"].mean(axis=1)
    contents = model.contents / own["in_transit"].mean()
    span = skewed_mean_interval(under_way, level=LEVEL)
    return [
        Check(
            "delivered / flow = 1 - q",
            model.arriving,
            float(arrived.mean()) * scale,
            low * scale,
            high * scale,
            chance=True,
        ),
        Check(
            "in transit = flow x time, containers",
            model.contents,
            float(under_way.mean()) * contents,
            span[0] * contents,
            span[1] * contents,
            chance=True,
        ),
        exactly("shipped, containers", shipped, float(book["shipped"][0, -1]), EXACT * shipped),
        *conservation(found),
    ]


def describe(scenario: Scenario) -> str:
    """Return flow, times and q as text."""
    model = pipe(scenario)
    times = "+".join(f"{time:g}" for time in model.time)
    return f"flow={model.made:g} per week, time={times} weeks, q={1.0 - model.arriving:.4g}"


_ROUTE = {"routes.0.legs.0.weeks": (1.0, 12.0), "routes.0.legs.1.weeks": (1.0, 12.0)}
_DEAL = {
    "states.SUP.unusable_share": (0.0, 1.0),
    "states.SUP.desks.transfer.release": (0.1, 1.0),
    "states.SUP.desks.procurement.peace": (0.1, 1.0),
}
_FREE = (
    "states.SUP.capacity.shell",
    "states.SUP.stock.shell",
    "states.SUP.desks.transfer.willingness",
    "munitions.shell.containers",
    "routes.0.legs.*",
    "relations.embargoes*",
    "rules.move.interdiction",
    "rules.move.taken",
    "rules.move.by_embargo",
)

PIPELINE = Limit(
    name="pipeline",
    model="Little's law and thinning",
    result="in transit = flow x time, delivered = flow (1 - q), nothing lost",
    theory=theory,
    checks=checks,
    describe=describe,
    sweep=Sweep("routes.0.legs.1.weeks", 1.0, 16.0, "weeks by rail", "in transit, containers"),
    drawn=_ROUTE | _DEAL,
    free=_FREE,
    usual=("weeks=78",),
)

INTERDICTION = Limit(
    name="interdiction",
    model="Thinning by interdiction",
    result="delivered = flow (1 - q), q with what is taken on the way",
    theory=share_arriving,
    checks=checks,
    describe=describe,
    sweep=Sweep("rules.move.interdiction", 0.0, 1.5, "hazard per week", "delivered / flow"),
    drawn=_ROUTE
    | {
        "rules.move.interdiction": (0.05, 2.0),
        "rules.move.taken": (0.1, 1.0),
        "routes.0.legs.0.vulnerability": (0.1, 1.0),
        "routes.0.legs.1.vulnerability": (0.0, 1.0),
        "states.SUP.unusable_share": (0.0, 0.5),
    },
    free=_FREE,
    usual=("weeks=78",),
    few=10,
)
