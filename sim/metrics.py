"""Score: what is measured every week, one line per metric.

`Metric.axes` determines how its array becomes columns: by state, by munition or technology (the
name is joined on), by dyad or by route (rows of a table of its own), or one number per week. A
dyad is a listed pair of states, [pair].
Cumulative quantities are marked so. `point` is the point of the source report that the metric
mirrors, 0 for none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .arrays import sigma
from .events import SCALE_NAMES, SCALES
from .quantities import Week as Week
from .quantities import (
    between,
    cargo_in_transit,
    containers,
    count,
    deterred_presses,
    escalation,
    everywhere,
    gdp_share,
    held,
    highest_new_level,
    highest_tension,
    in_transit,
    joint_exercises,
    mean_tension,
    nuclear_risk,
    onsets,
    paid,
    pairs_at,
    presses,
    unlawful_share,
)
from .rules.fight import payoff
from .rules.perceive import supply
from .world import (
    DISPUTE,
    THREAT,
    Array,
)

FIELD_OF_THAT_NAME: Any = None


@dataclass(frozen=True)
class Metric:
    """A measured quantity.

    - `axes`: what it is measured for, such as `state munition`.
    - `point`: the point of the source report that it mirrors, 0 for none.
    - `reduce`: how a run is summarised: last, mean, max, min, sum.
    - `value`: reads it off a week; if not given, the field of the world with its name.
    - `source`: the function that a user registered; None if the metric is shipped.
    """

    name: str
    axes: str
    unit: str
    definition: str
    point: int = 0
    reduce: tuple[str, ...] = ()
    value: Callable[[Week], Array] = FIELD_OF_THAT_NAME
    source: Callable[[Week], Array] | None = None

    def __post_init__(self) -> None:
        if self.value is None:
            object.__setattr__(self, "value", held(self.name))


LAST, MEAN, MAX, SUM = ("last",), ("mean",), ("max",), ("sum",)

# fmt: off
METRICS: list[Metric] = [
    # state munition
    Metric("stock", "state munition", "units", "on hand", point=2, reduce=LAST),
    Metric("supply", "state munition", "weeks", "stock over the larger of use and plan, to 520",
           point=2, reduce=LAST, value=lambda w: supply(w.params, w.world)),
    Metric("produced", "state munition", "units, cumulative", "made", reduce=LAST),
    Metric("expended", "state munition", "units, cumulative", "fired", point=2, reduce=LAST),
    Metric("retired", "state munition", "units, cumulative", "gone out of use"),
    Metric("capacity", "state munition", "units per week", "of industry"),
    Metric("want", "state munition", "units per week", "posted requests", point=1),
    # state technology
    Metric("tech", "state technology", "level", "1 = frontier at start", point=10, reduce=LAST),
    Metric("lessons", "state technology", "levels", "received and not yet absorbed", point=3,
           reduce=LAST),
    # state
    Metric("stock_value", "state", "USD bn", "stock at base prices", point=2, reduce=LAST,
           value=lambda w: w.world.stock @ w.params.munitions.price),
    Metric("treasury", "state", "USD bn", "for procurement", reduce=LAST),
    Metric("spending", "state", "USD bn per year", "on the military", reduce=LAST),
    Metric("gdp", "state", "USD bn per year", "output; 0 where it is not given"),
    Metric("gdp_share", "state", "share", "military spending over output", reduce=LAST,
           value=gdp_share),
    Metric("readiness", "state", "index", "of the forces", point=11, reduce=MEAN),
    Metric("force", "state", "thousand", "soldiers", point=2, reduce=LAST),
    Metric("losses", "state", "thousand, cumulative", "casualties", point=2, reduce=LAST),
    Metric("payoff", "state", "stakes", "held, less losses and spending", point=12, reduce=MEAN,
           value=lambda w: payoff(w.params, w.world, w.seen)),
    Metric("campaign", "state", "0/1", "in a test campaign", point=8, reduce=MEAN),
    Metric("preparation", "state", "share", "of a launch", point=9),
    Metric("provocation", "state", "weighted acts", "tests and launches", point=8),
    Metric("drill", "state", "weighted acts", "exercises", point=11, reduce=SUM),
    Metric("tests", "state", "per week", "tests", point=8, reduce=SUM, value=count("test")),
    Metric("test_days", "state", "per week", "days with one test or more", point=8, reduce=SUM,
           value=count("test_day")),
    Metric("test_failures", "state", "per week", "failed tests", point=8, reduce=SUM,
           value=count("test_failed")),
    Metric("launches", "state", "per week", "satellite launches", point=9, reduce=SUM,
           value=lambda w: count("launch_succeeded")(w) + count("launch_failed")(w)),
    Metric("launch_postponements", "state", "per week", "put off or called off when ready",
           point=9, reduce=SUM, value=count("launch_postponed")),
    Metric("launch_failures", "state", "per week", "failed ones", point=9, reduce=SUM,
           value=count("launch_failed")),
    Metric("disclosures", "state", "per week", "published evidence", point=4, reduce=SUM,
           value=count("disclosure")),
    Metric("joint_statements", "state", "per week", "as one of two allied voices", point=4,
           reduce=SUM, value=count("joint_statement")),
    Metric("denials", "state", "per week", "of what was published", point=5, reduce=SUM,
           value=count("denial")),
    Metric("vetoes", "state", "per week", "cast in the Council", point=6, reduce=SUM,
           value=count("vetoed")),
    Metric("embargo", "state", "0/1", "by the Council", point=6, reduce=LAST),
    Metric("monitor", "state", "0/1", "the Council's body alive", point=6, reduce=LAST),
    Metric("coalition", "state", "share", "of the willing in a coalition's body", point=6,
           reduce=LAST),
    # route
    Metric("containers", "route", "containers, cumulative", "shipped", point=1, reduce=LAST,
           value=containers("shipped")),
    Metric("containers_delivered", "route", "containers, cumulative", "arrived usable", point=1,
           reduce=LAST, value=containers("delivered")),
    Metric("containers_unusable", "route", "containers, cumulative", "arrived unusable", point=1,
           reduce=LAST, value=containers("unusable")),
    Metric("containers_interdicted", "route", "containers, cumulative", "taken on the way",
           point=6, reduce=LAST, value=containers("interdicted")),
    Metric("containers_in_transit", "route", "containers", "on the way", point=1,
           value=in_transit),
    Metric("cargo", "route", "containers, cumulative", "of goods in payment, departed", point=3,
           reduce=LAST, value=held("cargo_shipped")),
    Metric("cargo_delivered", "route", "containers, cumulative", "of goods in payment, arrived",
           point=3, reduce=LAST),
    Metric("cargo_interdicted", "route", "containers, cumulative",
           "of goods in payment, taken on the way", point=6, reduce=LAST),
    Metric("cargo_in_transit", "route", "containers", "of goods in payment on the way", point=3,
           value=cargo_in_transit),
    Metric("unlawful", "route", "0/1", "an embargo covers an end", point=6,
           value=lambda w: w.seen.unlawful),
    Metric("exposure", "route", "probability", "that the dealings are unlawful, as observers hold",
           point=4, reduce=MEAN, value=lambda w: sigma(w.world.exposure)),
    Metric("doubt", "route", "share", "of non-aligned opinion unpersuaded", point=5, reduce=MEAN),
    Metric("debt", "route", "USD bn", "owed for deliveries", point=3, reduce=LAST),
    Metric("paid_cash", "route", "USD bn, cumulative", "settled in cash", point=3, reduce=LAST,
           value=paid("cash")),
    Metric("paid_goods", "route", "USD bn, cumulative", "settled in food and oil", point=3,
           reduce=LAST, value=paid("goods")),
    Metric("paid_technology", "route", "USD bn, cumulative", "settled in technology", point=3,
           reduce=LAST, value=paid("technology")),
    # route munition
    Metric("shipped", "route munition", "units, cumulative", "sent", point=1),
    Metric("delivered", "route munition", "units, cumulative", "usable", point=1),
    # observer route
    Metric("estimate", "observer route", "containers, cumulative", "as the observer holds it",
           point=4),
    Metric("published", "observer route", "containers, cumulative", "as last published", point=4,
           reduce=LAST),
    # dyad
    Metric("level", "dyad", "COW 0-5", "dispute level", point=12),
    Metric("hostility", "dyad", "COW 0-5", "the actor's highest act in it", point=12),
    Metric("tension", "dyad", "index", "of the actor toward the target", point=12,
           value=between("tension")),
    Metric("affinity", "dyad", "-1 to 1", "symmetric", point=7, value=between("affinity")),
    Metric("hard", "dyad", "0/1", "the actor's type toward the target", point=12),
    Metric("credence", "dyad", "probability", "that the target is hard", point=12),
    Metric("trust", "dyad", "probability", "that it would not exploit", point=12),
    Metric("sanctions", "dyad", "index", "by the actor on the target", point=6,
           value=between("sanctions")),
    Metric("interop", "dyad", "index", "interoperability", point=11),
    Metric("front", "dyad", "km", "gained by the actor", point=2),
    Metric("won", "dyad", "share", "of what is at stake, by the actor in war", point=2),
    Metric("deterrence", "dyad", "probability", "to be resisted in vain, as the actor reckons",
           point=12, value=lambda w: w.seen.deterrence),
    Metric("exercises", "dyad", "per week", "held together", point=11, value=joint_exercises),
    # world
    Metric("unlawful_share", "world", "share", "of containers shipped", point=6, reduce=MEAN,
           value=unlawful_share),
    Metric("exercises_held", "world", "per week", "in all", point=11, reduce=SUM,
           value=everywhere("exercise")),
    Metric("disputes", "world", "pairs", "new, at level 1 or more", point=12, reduce=MEAN,
           value=pairs_at(DISPUTE)),
    Metric("militarised", "world", "pairs", "new, with a threat or more (COW)", point=12,
           reduce=MEAN, value=pairs_at(THREAT)),
    Metric("level_new", "world", "COW 0-5", "highest level of a new dispute", point=12, reduce=MAX,
           value=highest_new_level),
    Metric("tension_mean", "world", "index", "mean over ordered dyads", point=12, reduce=MEAN,
           value=mean_tension),
    Metric("tension_max", "world", "index", "highest of a dyad without a given war", point=12,
           reduce=MAX, value=highest_tension),
    Metric("incidents", "world", "per week", "nobody pressed", point=12, reduce=SUM,
           value=everywhere("incident")),
    Metric("level_ups", "world", "levels per week", "risen", point=12, reduce=SUM,
           value=everywhere("level_up")),
    Metric("challenges", "world", "per week", "begun", point=12, reduce=SUM,
           value=everywhere("challenge")),
    Metric("presses", "world", "per week", "presses on a quiet or disputed rival", point=12,
           reduce=SUM, value=presses),
    Metric("deterred", "world", "per week", "presses that deterrence stopped", point=12, reduce=SUM,
           value=deterred_presses),
    Metric("war_onsets", "world", "per week", "pairs that came to war", point=12, reduce=SUM,
           value=lambda w: onsets(w, nuclear=False)),
    Metric("nuclear_war_onsets", "world", "per week", "of them both with nuclear arms", point=12,
           reduce=SUM, value=lambda w: onsets(w, nuclear=True)),
    Metric("nuclear_risk", "world", "0/1", "a pair with nuclear arms at level 4 or 5", point=12,
           reduce=SUM, value=nuclear_risk),
    *(
        Metric(f"escalation_{scale}", "world", "weight per week", f"events, {SCALE_NAMES[scale]}",
               point=12, reduce=MEAN, value=escalation(scale))
        for scale in SCALES
    ),
    *(
        Metric(f"escalation_{scale}_third", "world", "weight per week",
               "of it, acts that fall on third parties", point=12, reduce=MEAN,
               value=escalation(scale, third_party=True))
        for scale in SCALES
    ),
]
# fmt: on
"""Every metric: the shipped ones, then those that a user registers. All readers see it as it is."""


def measure(week: Week) -> dict[str, Array]:
    """Return all metrics of a week, by name; arrays with the axes that the table gives."""
    return {metric.name: metric.value(week) for metric in METRICS}
