"""Score: what is measured every week, one line a metric.

`Metric.axes` says how its array becomes columns: by state, by munition or technology (the name is
joined on), by route or dyad (rows of the table of dyads), or one number a week. Cumulative
quantities say so. `point` is the point of the source report that the metric mirrors, 0 for none.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .arrays import number, sigma
from .events import SCALE_NAMES, SCALES
from .measures import (
    Week,
    containers,
    count,
    escalation,
    everywhere,
    held,
    new_level,
    nuclear_risk,
    onsets,
    pairs_at,
    pressed,
    tempted,
    unlawful_share,
    weeks_of_supply,
)
from .world import Array


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


LAST, MEAN, MAX, SUM = ("last",), ("mean",), ("max",), ("sum",)

METRICS: tuple[Metric, ...] = (
    # state munition
    Metric("stock", "state munition", "units", "on hand", 2, LAST, held("stock")),
    Metric(
        "supply",
        "state munition",
        "weeks",
        "stock over the larger of use and plan, to 520",
        2,
        LAST,
        weeks_of_supply,
    ),
    Metric("produced", "state munition", "units, cumulative", "made", 0, LAST, held("produced")),
    Metric("expended", "state munition", "units, cumulative", "fired", 2, LAST, held("expended")),
    Metric(
        "retired",
        "state munition",
        "units, cumulative",
        "gone out of use",
        0,
        (),
        held("retired"),
    ),
    Metric("capacity", "state munition", "units a week", "of industry", 0, (), held("capacity")),
    Metric("want", "state munition", "units a week", "posted requests", 1, (), held("want")),
    # state technology
    Metric("tech", "state technology", "level", "1 = frontier at start", 10, LAST, held("tech")),
    Metric(
        "lessons",
        "state technology",
        "levels",
        "received and not yet absorbed",
        3,
        LAST,
        held("lessons"),
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
    Metric("treasury", "state", "USD bn", "for procurement", 0, LAST, held("treasury")),
    Metric("spending", "state", "USD bn a year", "on the military", 0, LAST, held("spending")),
    Metric("readiness", "state", "index", "of the forces", 11, MEAN, held("readiness")),
    Metric("force", "state", "thousand", "soldiers", 2, LAST, held("force")),
    Metric("losses", "state", "thousand, cumulative", "casualties", 2, LAST, held("losses")),
    Metric("campaign", "state", "0/1", "in a test campaign", 8, MEAN, held("campaign")),
    Metric("preparation", "state", "share", "of a launch", 9, (), held("preparation")),
    Metric(
        "provocation", "state", "weighted acts", "tests and launches", 8, (), held("provocation")
    ),
    Metric("drill", "state", "weighted acts", "exercises", 11, SUM, held("drill")),
    Metric("tests", "state", "a week", "tests", 8, SUM, count("test")),
    Metric("test_failures", "state", "a week", "failed tests", 8, SUM, count("test_failed")),
    Metric(
        "launches",
        "state",
        "a week",
        "satellite launches",
        9,
        SUM,
        lambda w: count("launch_succeeded")(w) + count("launch_failed")(w),
    ),
    Metric("launch_failures", "state", "a week", "failed ones", 9, SUM, count("launch_failed")),
    Metric("disclosures", "state", "a week", "published evidence", 4, SUM, count("disclosure")),
    Metric(
        "joint_statements",
        "state",
        "a week",
        "as one of two allied voices",
        4,
        SUM,
        count("joint_statement"),
    ),
    Metric("denials", "state", "a week", "of what was published", 5, SUM, count("denial")),
    Metric("vetoes", "state", "a week", "cast in the Council", 6, SUM, count("vetoed")),
    Metric("embargo", "state", "0/1", "by the Council", 6, LAST, held("embargo")),
    Metric("monitor", "state", "0/1", "the Council's body alive", 6, LAST, held("monitor")),
    Metric("coalition", "state", "0/1", "the coalition's body alive", 6, LAST, held("coalition")),
    # route
    Metric(
        "containers", "route", "containers, cumulative", "shipped", 1, LAST, containers("shipped")
    ),
    Metric(
        "containers_delivered",
        "route",
        "containers, cumulative",
        "arrived usable",
        1,
        LAST,
        containers("delivered"),
    ),
    Metric(
        "containers_unusable",
        "route",
        "containers, cumulative",
        "arrived unusable",
        1,
        LAST,
        containers("unusable"),
    ),
    Metric(
        "containers_interdicted",
        "route",
        "containers, cumulative",
        "taken on the way",
        6,
        LAST,
        containers("interdicted"),
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
    Metric("doubt", "route", "share", "of non-aligned opinion unpersuaded", 5, MEAN, held("doubt")),
    Metric("debt", "route", "USD bn", "owed for deliveries", 3, LAST, held("debt")),
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
    Metric("shipped", "route munition", "units, cumulative", "sent", 1, (), held("shipped")),
    Metric("delivered", "route munition", "units, cumulative", "usable", 1, (), held("delivered")),
    Metric(
        "estimate",
        "observer route",
        "containers, cumulative",
        "as the observer holds it",
        4,
        (),
        held("estimate"),
    ),
    Metric(
        "published",
        "observer route",
        "containers, cumulative",
        "as last published",
        4,
        LAST,
        held("published"),
    ),
    # dyad
    Metric("level", "dyad", "COW 0-5", "dispute level", 12, (), held("level")),
    Metric("tension", "dyad", "index", "of the actor toward the target", 12, (), held("tension")),
    Metric("affinity", "dyad", "-1 to 1", "symmetric", 7, (), held("affinity")),
    Metric("credence", "dyad", "probability", "that the target is hard", 12, (), held("credence")),
    Metric("trust", "dyad", "probability", "that it would not exploit", 12, (), held("trust")),
    Metric("sanctions", "dyad", "index", "by the actor on the target", 6, (), held("sanctions")),
    Metric("interop", "dyad", "index", "interoperability", 11, (), held("interop")),
    Metric("front", "dyad", "km", "gained by the actor", 2, (), held("front")),
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
    Metric("unlawful_share", "world", "share", "of containers shipped", 6, MEAN, unlawful_share),
    Metric("exercises_held", "world", "a week", "in all", 11, SUM, everywhere("exercise")),
    Metric("disputes", "world", "pairs", "new, at level 1 or more", 12, MEAN, pairs_at(1)),
    Metric(
        "militarised",
        "world",
        "pairs",
        "new, at a display of force or more",
        12,
        MEAN,
        pairs_at(3),
    ),
    Metric(
        "level_new",
        "world",
        "COW 0-5",
        "highest level of a new dispute",
        12,
        MAX,
        lambda w: w.world.stock.__array_namespace__().max(new_level(w)),
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
    Metric("incidents", "world", "a week", "nobody pressed", 12, SUM, everywhere("incident")),
    Metric("level_ups", "world", "a week", "rises of a level", 12, SUM, everywhere("level_up")),
    Metric("challenges", "world", "a week", "begun", 12, SUM, everywhere("challenge")),
    Metric(
        "presses",
        "world",
        "a week",
        "presses on a quiet or disputed rival",
        12,
        SUM,
        lambda w: w.world.stock.__array_namespace__().sum(pressed(w)),
    ),
    Metric(
        "deterred",
        "world",
        "a week",
        "presses that deterrence stopped",
        12,
        SUM,
        lambda w: w.world.stock.__array_namespace__().sum(
            number(tempted(w) > pressed(w), w.world.stock)
        ),
    ),
    Metric(
        "war_onsets",
        "world",
        "a week",
        "pairs that came to war",
        12,
        SUM,
        lambda w: onsets(w, nuclear=False),
    ),
    Metric(
        "nuclear_war_onsets",
        "world",
        "a week",
        "of them both with nuclear arms",
        12,
        SUM,
        lambda w: onsets(w, nuclear=True),
    ),
    Metric(
        "nuclear_risk",
        "world",
        "0/1",
        "a pair with nuclear arms at level 4 or 5",
        12,
        SUM,
        nuclear_risk,
    ),
    *(
        Metric(
            f"escalation_{scale}",
            "world",
            "weight a week",
            f"events, {SCALE_NAMES[scale]}",
            12,
            MEAN,
            escalation(scale),
        )
        for scale in SCALES
    ),
    *(
        Metric(
            f"escalation_{scale}_third",
            "world",
            "weight a week",
            "of it, acts that fall on third parties",
            12,
            MEAN,
            escalation(scale, third_party=True),
        )
        for scale in SCALES
    ),
)


def measure(week: Week) -> dict[str, Array]:
    """All metrics of a week, by name; arrays with the axes that the table says."""
    return {metric.name: metric.value(week) for metric in METRICS}
