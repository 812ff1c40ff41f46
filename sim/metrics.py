"""Score: what is measured every week, one line a metric.

`Metric.axes` says how its array becomes columns: by state, by munition or technology (the name is
joined on), by route or dyad (rows of the table of dyads), or one number a week. Cumulative
quantities say so. `point` is the point of the source report that the metric mirrors, 0 for none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .arrays import number, ratio, sigma
from .desks.registry import REGISTRY
from .events import TABLE, Scale
from .params import Params
from .rules.perceive import supply
from .world import DESKS, PRESS, WAR, Action, Array, Events, Noise, Observation, World


@dataclass(frozen=True)
class Week:
    """Everything that a metric may read: a week and what it left."""

    params: Params
    world: World
    seen: Observation
    action: Action
    events: Events
    noise: Noise


@dataclass(frozen=True)
class Metric:
    """A measured quantity: `reduce` names how a run is summarised (last, mean, max, min, sum)."""

    name: str
    axes: str
    unit: str
    definition: str
    point: int
    reduce: tuple[str, ...]
    value: Callable[[Week], Array]


def _containers(flow: str) -> Callable[[Week], Array]:
    return lambda w: getattr(w.world, flow) @ w.params.munitions.containers


def _held(name: str) -> Callable[[Week], Array]:
    return lambda w: getattr(w.world, name)


def _count(kind: str) -> Callable[[Week], Array]:
    """Events of a kind that week, by actor."""

    def value(w: Week) -> Array:
        return w.world.stock.__array_namespace__().sum(w.events[kind], axis=1)

    return value


def _all(*kinds: str) -> Callable[[Week], Array]:
    """Events of some kinds that week, in the whole world."""

    def value(w: Week) -> Array:
        xp = w.world.stock.__array_namespace__()
        return sum((xp.sum(w.events[kind]) for kind in kinds[1:]), xp.sum(w.events[kinds[0]]))

    return value


def fresh(w: Week) -> Array:
    """1 for each pair once, without the wars that the scenario gives: [state, state]."""
    return w.params.wiring.upper * (1.0 - w.params.relations.war)


def _new_level(w: Week) -> Array:
    return fresh(w) * number(w.world.level, w.world.stock)


def _pairs_at(least: int) -> Callable[[Week], Array]:
    def value(w: Week) -> Array:
        xp = w.world.stock.__array_namespace__()
        return xp.sum(fresh(w) * number(w.world.level >= least, w.world.stock))

    return value


def _onsets(w: Week, nuclear: bool) -> Array:
    xp = w.world.stock.__array_namespace__()
    begun = w.events["level_up"] * number(w.world.level == WAR, w.world.stock)
    arms = w.params.states.nuclear
    return xp.sum(begun * arms[:, None] * arms[None, :]) if nuclear else xp.sum(begun)


def _nuclear_risk(w: Week) -> Array:
    xp = w.world.stock.__array_namespace__()
    arms = w.params.states.nuclear
    hot = number(w.world.level >= WAR - 1, w.world.stock)
    return xp.max(fresh(w) * hot * arms[:, None] * arms[None, :])


def _supply(w: Week) -> Array:
    return supply(w.params, w.world)


def _pressed(w: Week) -> Array:
    return number(w.action.crisis.posture == PRESS, w.world.stock)


def tempted(w: Week) -> Array:
    """1 where the crisis desk would press if nobody were believed to resist."""
    desk = DESKS.index("crisis")
    bold = replace(w.seen, credence=0.0 * w.seen.credence, deterrence=0.0 * w.seen.deterrence)
    xp = w.world.stock.__array_namespace__()
    press = 0.0 * w.seen.credence
    for index, (rule, own) in enumerate(w.params.desks["crisis"].items()):
        part = REGISTRY["crisis"][rule].function(own, bold, w.noise, w.params)
        mine = (w.params.choice[desk, :] == index)[:, None]
        press = xp.where(mine, number(part.posture == PRESS, press), press)
    return press


def _index(scale: Scale) -> Callable[[Week], Array]:
    """The sum of the week's event weights, escalation positive on every scale."""
    sign = -1.0 if scale == "goldstein" else 1.0
    weights = {event.name: sign * event.weight(scale) for event in TABLE if event.weight(scale)}

    def value(w: Week) -> Array:
        xp = w.world.stock.__array_namespace__()
        kinds = xp.stack([w.events[kind] for kind in weights])
        return xp.sum(kinds * xp.asarray(list(weights.values()))[:, None, None])

    return value


def _unlawful_share(w: Week) -> Array:
    xp = w.world.stock.__array_namespace__()
    containers = w.world.shipment @ w.params.munitions.containers
    return ratio(xp.sum(containers * w.seen.unlawful), xp.sum(containers))


LAST, MEAN, MAX, SUM = ("last",), ("mean",), ("max",), ("sum",)

METRICS: tuple[Metric, ...] = (
    # state munition
    Metric("stock", "state munition", "units", "on hand", 2, LAST, _held("stock")),
    Metric(
        "supply",
        "state munition",
        "weeks",
        "stock over the larger of use and plan, to 520",
        2,
        LAST,
        _supply,
    ),
    Metric("produced", "state munition", "units, cumulative", "made", 0, LAST, _held("produced")),
    Metric("expended", "state munition", "units, cumulative", "fired", 2, LAST, _held("expended")),
    Metric(
        "retired",
        "state munition",
        "units, cumulative",
        "gone out of use",
        0,
        (),
        _held("retired"),
    ),
    Metric("capacity", "state munition", "units a week", "of industry", 0, (), _held("capacity")),
    Metric("want", "state munition", "units a week", "posted requests", 1, (), _held("want")),
    # state technology
    Metric("tech", "state technology", "level", "1 = frontier at start", 10, LAST, _held("tech")),
    Metric(
        "lessons",
        "state technology",
        "levels",
        "received and not yet absorbed",
        3,
        LAST,
        _held("lessons"),
    ),
    # state
    Metric(
        "stock_value",
        "state",
        "USD bn",
        "stock at base prices",
        2,
        LAST,
        lambda w: w.world.stock @ w.params.munitions.price,
    ),
    Metric("treasury", "state", "USD bn", "for procurement", 0, LAST, _held("treasury")),
    Metric("spending", "state", "USD bn a year", "on the military", 0, LAST, _held("spending")),
    Metric("readiness", "state", "index", "of the forces", 11, MEAN, _held("readiness")),
    Metric("force", "state", "thousand", "soldiers", 2, LAST, _held("force")),
    Metric("losses", "state", "thousand, cumulative", "casualties", 2, LAST, _held("losses")),
    Metric("campaign", "state", "0/1", "in a test campaign", 8, MEAN, _held("campaign")),
    Metric("preparation", "state", "share", "of a launch", 9, (), _held("preparation")),
    Metric(
        "provocation", "state", "weighted acts", "tests and launches", 8, (), _held("provocation")
    ),
    Metric("drill", "state", "weighted acts", "exercises", 11, SUM, _held("drill")),
    Metric("tests", "state", "a week", "tests", 8, SUM, _count("test")),
    Metric("test_failures", "state", "a week", "failed tests", 8, SUM, _count("test_failed")),
    Metric(
        "launches",
        "state",
        "a week",
        "satellite launches",
        9,
        SUM,
        lambda w: _count("launch_succeeded")(w) + _count("launch_failed")(w),
    ),
    Metric("launch_failures", "state", "a week", "failed ones", 9, SUM, _count("launch_failed")),
    Metric("disclosures", "state", "a week", "published evidence", 4, SUM, _count("disclosure")),
    Metric(
        "joint_statements",
        "state",
        "a week",
        "as one of two allied voices",
        4,
        SUM,
        _count("joint_statement"),
    ),
    Metric("denials", "state", "a week", "of what was published", 5, SUM, _count("denial")),
    Metric("vetoes", "state", "a week", "cast in the Council", 6, SUM, _count("vetoed")),
    Metric("embargo", "state", "0/1", "by the Council", 6, LAST, _held("embargo")),
    Metric("monitor", "state", "0/1", "the Council's body alive", 6, LAST, _held("monitor")),
    Metric("coalition", "state", "0/1", "the coalition's body alive", 6, LAST, _held("coalition")),
    # route
    Metric(
        "containers", "route", "containers, cumulative", "shipped", 1, LAST, _containers("shipped")
    ),
    Metric(
        "containers_delivered",
        "route",
        "containers, cumulative",
        "arrived usable",
        1,
        LAST,
        _containers("delivered"),
    ),
    Metric(
        "containers_unusable",
        "route",
        "containers, cumulative",
        "arrived unusable",
        1,
        LAST,
        _containers("unusable"),
    ),
    Metric(
        "containers_interdicted",
        "route",
        "containers, cumulative",
        "taken on the way",
        6,
        LAST,
        _containers("interdicted"),
    ),
    Metric(
        "containers_in_transit",
        "route",
        "containers",
        "on the way",
        1,
        (),
        lambda w: (
            w.world.transit.__array_namespace__().sum(w.world.transit, axis=0)
            @ w.params.munitions.containers
        ),
    ),
    Metric(
        "unlawful", "route", "0/1", "an embargo covers an end", 6, (), lambda w: w.seen.unlawful
    ),
    Metric(
        "exposure",
        "route",
        "probability",
        "that the dealings are unlawful, as observers hold",
        4,
        MEAN,
        lambda w: sigma(w.world.exposure),
    ),
    Metric(
        "doubt", "route", "share", "of non-aligned opinion unpersuaded", 5, MEAN, _held("doubt")
    ),
    Metric("debt", "route", "USD bn", "owed for deliveries", 3, LAST, _held("debt")),
    Metric(
        "paid_cash",
        "route",
        "USD bn, cumulative",
        "settled in cash",
        3,
        LAST,
        lambda w: w.world.settled[:, 0],
    ),
    Metric(
        "paid_goods",
        "route",
        "USD bn, cumulative",
        "settled in food and oil",
        3,
        LAST,
        lambda w: w.world.settled[:, 1],
    ),
    Metric(
        "paid_technology",
        "route",
        "USD bn, cumulative",
        "settled in technology",
        3,
        LAST,
        lambda w: w.world.settled[:, 2],
    ),
    Metric("shipped", "route munition", "units, cumulative", "sent", 1, (), _held("shipped")),
    Metric("delivered", "route munition", "units, cumulative", "usable", 1, (), _held("delivered")),
    Metric(
        "estimate",
        "observer route",
        "containers, cumulative",
        "as the observer holds it",
        4,
        (),
        _held("estimate"),
    ),
    Metric(
        "published",
        "observer route",
        "containers, cumulative",
        "as last published",
        4,
        LAST,
        _held("published"),
    ),
    # dyad
    Metric("level", "dyad", "COW 0-5", "dispute level", 12, (), _held("level")),
    Metric("tension", "dyad", "index", "of the actor toward the target", 12, (), _held("tension")),
    Metric("affinity", "dyad", "-1 to 1", "symmetric", 7, (), _held("affinity")),
    Metric("credence", "dyad", "probability", "that the target is hard", 12, (), _held("credence")),
    Metric("trust", "dyad", "probability", "that it would not exploit", 12, (), _held("trust")),
    Metric("sanctions", "dyad", "index", "by the actor on the target", 6, (), _held("sanctions")),
    Metric("interop", "dyad", "index", "interoperability", 11, (), _held("interop")),
    Metric("front", "dyad", "km", "gained by the actor", 2, (), _held("front")),
    Metric(
        "deterrence",
        "dyad",
        "probability",
        "of resistance that the actor reckons with",
        12,
        (),
        lambda w: w.seen.deterrence,
    ),
    Metric("exercises", "dyad", "a week", "held together", 11, (), lambda w: w.events["exercise"]),
    # world
    Metric("unlawful_share", "world", "share", "of containers shipped", 6, MEAN, _unlawful_share),
    Metric("exercises_held", "world", "a week", "in all", 11, SUM, _all("exercise")),
    Metric("disputes", "world", "pairs", "new, at level 1 or more", 12, MEAN, _pairs_at(1)),
    Metric(
        "militarised",
        "world",
        "pairs",
        "new, at a display of force or more",
        12,
        MEAN,
        _pairs_at(3),
    ),
    Metric(
        "level_new",
        "world",
        "COW 0-5",
        "highest level of a new dispute",
        12,
        MAX,
        lambda w: w.world.stock.__array_namespace__().max(_new_level(w)),
    ),
    Metric(
        "tension_mean",
        "world",
        "index",
        "mean over ordered dyads",
        12,
        MEAN,
        lambda w: (
            w.world.stock.__array_namespace__().sum(w.world.tension)
            / w.world.stock.__array_namespace__().sum(w.params.wiring.off)
        ),
    ),
    Metric(
        "tension_max",
        "world",
        "index",
        "highest of a dyad without a given war",
        12,
        MAX,
        lambda w: w.world.stock.__array_namespace__().max(
            w.world.tension * (1.0 - w.params.relations.war)
        ),
    ),
    Metric("incidents", "world", "a week", "nobody pressed", 12, SUM, _all("incident")),
    Metric("level_ups", "world", "a week", "rises of a level", 12, SUM, _all("level_up")),
    Metric("challenges", "world", "a week", "begun", 12, SUM, _all("challenge")),
    Metric(
        "presses",
        "world",
        "a week",
        "presses on a quiet or disputed rival",
        12,
        SUM,
        lambda w: w.world.stock.__array_namespace__().sum(_pressed(w)),
    ),
    Metric(
        "deterred",
        "world",
        "a week",
        "presses that deterrence stopped",
        12,
        SUM,
        lambda w: w.world.stock.__array_namespace__().sum(
            number(tempted(w) > _pressed(w), w.world.stock)
        ),
    ),
    Metric(
        "war_onsets",
        "world",
        "a week",
        "pairs that came to war",
        12,
        SUM,
        lambda w: _onsets(w, nuclear=False),
    ),
    Metric(
        "nuclear_war_onsets",
        "world",
        "a week",
        "of them both with nuclear arms",
        12,
        SUM,
        lambda w: _onsets(w, nuclear=True),
    ),
    Metric(
        "nuclear_risk",
        "world",
        "0/1",
        "a pair with nuclear arms at level 4 or 5",
        12,
        SUM,
        _nuclear_risk,
    ),
    Metric(
        "escalation_mid", "world", "weight a week", "events, MID scale", 12, MEAN, _index("mid")
    ),
    Metric(
        "escalation_goldstein",
        "world",
        "weight a week",
        "events, CAMEO-Goldstein scale, sign turned",
        12,
        MEAN,
        _index("goldstein"),
    ),
    Metric(
        "escalation_rivera",
        "world",
        "weight a week",
        "events, Rivera et al. 2024",
        12,
        MEAN,
        _index("rivera"),
    ),
)


def measure(week: Week) -> dict[str, Array]:
    """All metrics of a week, by name; arrays with the axes that the table says."""
    return {metric.name: metric.value(week) for metric in METRICS}
