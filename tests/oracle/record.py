"""What the oracle records: all that the engines measure for `record="summary"`, as a row a run.

What needs every week is collected weekly; what counts at the end alone is collected once.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import mesa

from sim.events import TABLE

from .arithmetic import sigmoid
from .crisis import PRESS, WAR

if TYPE_CHECKING:
    from .agents import Route, StateAgent
    from .model import OracleModel

Summary = dict[tuple[str, str], Any]
"""By metric and way to summarise it: a number, or lists with the metric's axes."""

REDUCE: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": lambda series: sum(series) / len(series),
    "sum": sum,
    "max": max,
}
GOLDSTEIN = {event.name: -event.goldstein for event in TABLE}
MID, RIVERA = ({event.name: event.weight(scale) for event in TABLE} for scale in ("mid", "rivera"))
BESIDE = [event.name for event in TABLE if event.third_party]
"""Kinds of events that fall on third parties."""


def _happened(kind: str) -> Callable[["OracleModel"], float]:
    """How many events of a kind the last week had."""
    return lambda model: sum(model.events[kind].values())


def _did(*kinds: str) -> Callable[["StateAgent"], float]:
    """How many events of some kinds a state was the actor of last week."""
    if len(kinds) == 1:
        return lambda state: state.acts.get(kinds[0], 0)
    return lambda state: sum(state.acts.get(kind, 0) for kind in kinds)


def _weighed(weights: dict[str, float]) -> Callable[["OracleModel"], float]:
    """The sum of the week's events on a scale of escalation."""
    return lambda model: sum(
        weights[kind] * sum(counts.values()) for kind, counts in model.events.items() if counts
    )


def _weighed_beside(weights: dict[str, float]) -> Callable[["OracleModel"], float]:
    """The same of what falls on third parties."""
    return lambda model: sum(weights[kind] * sum(model.events[kind].values()) for kind in BESIDE)


def _unlawful_share(model: "OracleModel") -> float:
    """The share of this week's containers that an embargo forbids."""
    boxes = sum(route.containers for route in model.routes)
    return sum(r.containers for r in model.routes if r.unlawful) / boxes if boxes else 0.0


def _pairs_at(least: int) -> Callable[["OracleModel"], int]:
    """How many new disputes stand at that level or higher."""
    return lambda model: sum(level >= least for _, _, level in model.disputes)


def _tension_mean(model: "OracleModel") -> float:
    """The mean over ordered pairs."""
    size = len(model.states)
    return sum(sum(state.tension) for state in model.states) / (size * (size - 1))


def _tension_max(model: "OracleModel") -> float:
    """The highest between two that the scenario does not begin at war."""
    return max(
        max(state.tension)
        if not state.given_wars
        else max(t for j, t in enumerate(state.tension) if j not in state.given_wars)
        for state in model.states
    )


def _onsets(nuclear: bool) -> Callable[["OracleModel"], float]:
    """Pairs that came to war last week; of those with nuclear arms on both sides."""

    def value(model: "OracleModel") -> float:
        states = model.states
        return sum(
            1
            for i, j in model.events["level_up"]
            if states[i].level[j] == WAR
            and not (nuclear and not (states[i].nuclear and states[j].nuclear))
        )

    return value


def _nuclear_risk(model: "OracleModel") -> float:
    """1 while two with nuclear arms use force."""
    return float(any(v >= WAR - 1 and a.nuclear and b.nuclear for a, b, v in model.disputes))


OF_WORLD: dict[tuple[str, str], Callable[["OracleModel"], float]] = {
    ("unlawful_share", "mean"): _unlawful_share,
    ("exercises_held", "sum"): _happened("exercise"),
    ("disputes", "mean"): _pairs_at(1),
    ("militarised", "mean"): _pairs_at(2),
    ("level_new", "max"): lambda model: max((level for *_, level in model.disputes), default=0),
    ("tension_mean", "mean"): _tension_mean,
    ("tension_max", "max"): _tension_max,
    ("incidents", "sum"): _happened("incident"),
    ("level_ups", "sum"): _happened("level_up"),
    ("challenges", "sum"): _happened("challenge"),
    ("presses", "sum"): lambda model: sum(state.posture.count(PRESS) for state in model.states),
    ("deterred", "sum"): lambda model: sum(state.deterred for state in model.states),
    ("war_onsets", "sum"): _onsets(nuclear=False),
    ("nuclear_war_onsets", "sum"): _onsets(nuclear=True),
    ("nuclear_risk", "sum"): _nuclear_risk,
    ("escalation_mid", "mean"): _weighed(MID),
    ("escalation_goldstein", "mean"): _weighed(GOLDSTEIN),
    ("escalation_rivera", "mean"): _weighed(RIVERA),
    ("escalation_mid_third", "mean"): _weighed_beside(MID),
    ("escalation_goldstein_third", "mean"): _weighed_beside(GOLDSTEIN),
    ("escalation_rivera_third", "mean"): _weighed_beside(RIVERA),
}
"""Collected every week, of the world."""

OF_STATE: dict[tuple[str, str], Callable[["StateAgent"], float]] = {
    ("readiness", "mean"): attrgetter("readiness"),
    ("campaign", "mean"): attrgetter("campaign"),
    ("drill", "sum"): attrgetter("drill"),
    ("payoff", "mean"): lambda state: state.payoff(),
    ("tests", "sum"): _did("test"),
    ("test_days", "sum"): _did("test_day"),
    ("test_failures", "sum"): _did("test_failed"),
    ("launches", "sum"): _did("launch_succeeded", "launch_failed"),
    ("launch_postponements", "sum"): _did("launch_postponed"),
    ("launch_failures", "sum"): _did("launch_failed"),
    ("disclosures", "sum"): _did("disclosure"),
    ("joint_statements", "sum"): _did("joint_statement"),
    ("denials", "sum"): _did("denial"),
    ("vetoes", "sum"): _did("vetoed"),
}
"""Collected every week, of each state."""

OF_ROUTE: dict[tuple[str, str], Callable[["Route"], float]] = {
    ("exposure", "mean"): lambda route: sigmoid(route.exposure),
    ("doubt", "mean"): attrgetter("doubt"),
}
"""Collected every week, of each route."""

TABLES: dict[str, dict[tuple[str, str], Callable[[Any], float]]] = {
    "states": OF_STATE,
    "routes": OF_ROUTE,
}


def _of_states(value: Callable[["StateAgent"], Any]) -> Callable[["OracleModel"], list[Any]]:
    return lambda model: [value(state) for state in model.states]


def _of_routes(value: Callable[["Route"], float]) -> Callable[["OracleModel"], list[float]]:
    return lambda model: [value(route) for route in model.routes]


def _held(name: str) -> Callable[["OracleModel"], list[Any]]:
    return _of_states(attrgetter(name))


def _containers(ledger: str) -> Callable[["OracleModel"], list[float]]:
    """Containers in a ledger of each route."""

    def value(route: "Route") -> float:
        boxes = route.supplier.model.munitions.containers
        return sum(a * b for a, b in zip(getattr(route, ledger), boxes, strict=True))

    return _of_routes(value)


def _stock_value(state: "StateAgent") -> float:
    """A stock at base prices, in USD bn."""
    prices = state.model.munitions.price
    return sum(held * price for held, price in zip(state.stock, prices, strict=True))


AT_THE_END: dict[str, Callable[["OracleModel"], Any]] = {
    **{name: _held(name) for name in ("stock", "produced", "expended", "tech", "lessons")},
    **{name: _held(name) for name in ("treasury", "spending", "force", "losses")},
    **{name: _held(name) for name in ("embargo", "monitor", "coalition")},
    "gdp_share": _of_states(lambda state: state.spending / state.gdp if state.gdp > 0.0 else 0.0),
    "supply": _of_states(lambda state: state.weeks_of_supply()),
    "stock_value": _of_states(_stock_value),
    "containers": _containers("shipped"),
    "containers_delivered": _containers("delivered"),
    "containers_unusable": _containers("unusable"),
    "containers_interdicted": _containers("interdicted"),
    "cargo": _of_routes(attrgetter("cargo_shipped")),
    "cargo_delivered": _of_routes(attrgetter("cargo_delivered")),
    "cargo_interdicted": _of_routes(attrgetter("cargo_interdicted")),
    "debt": _of_routes(attrgetter("debt")),
    "paid_cash": _of_routes(lambda route: route.settled[0]),
    "paid_goods": _of_routes(lambda route: route.settled[1]),
    "paid_technology": _of_routes(lambda route: route.settled[2]),
    "published": lambda model: [observer.published for observer in model.observers],
}
"""Collected after the last week alone."""


class Record:
    """A run's record: two collectors, and the row that they become.

    States and routes have tables, a row a week: a data frame would cost a tenth of a run.
    """

    def __init__(self) -> None:
        self.weekly = mesa.DataCollector(
            model_reporters={name: reporter for (name, _), reporter in OF_WORLD.items()},
            tables={name: [metric for metric, _ in columns] for name, columns in TABLES.items()},
        )
        self.last = mesa.DataCollector(model_reporters=AT_THE_END)

    def week(self, model: "OracleModel") -> None:
        """Collects a week."""
        model.disputes = list(_disputes(model))
        self.weekly.collect(model)
        for table, columns in TABLES.items():
            who = getattr(model, table)
            row = {name: list(map(value, who)) for (name, _), value in columns.items()}
            self.weekly.add_table_row(table, row)

    def summary(self, model: "OracleModel") -> Summary:
        """The row of the run, once its last week was played."""
        weekly = self.weekly
        row: Summary = {key: REDUCE[key[1]](weekly.model_vars[key[0]]) for key in OF_WORLD}
        for table, columns in TABLES.items():
            for name, how in columns:
                weeks = zip(*weekly.tables[table][name], strict=True)
                row[name, how] = list(map(REDUCE[how], weeks))
        self.last.collect(model)
        return row | {(name, "last"): value[-1] for name, value in self.last.model_vars.items()}


def _disputes(model: "OracleModel") -> Iterable[tuple["StateAgent", "StateAgent", int]]:
    """Pairs with a dispute that the scenario does not begin at war, and its level."""
    for state in model.states:
        if any(state.level):
            for other in model.states[state.index + 1 :]:
                level = state.level[other.index]
                if level and other.index not in state.given_wars:
                    yield state, other, level
