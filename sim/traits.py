"""The traits of a world's things: munitions, technologies, states, their relations, routes.

A field made with `coefficient` carries its unit and its bounds, from which the schema of
configuration files is built.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any

from jaxtyping import Float64

Array = Any
Scalar = Float64[Array, ""]
PerState = Float64[Array, " state"]
Table = Float64[Array, "state state"]


def coefficient(unit: str, low: float = -inf, high: float = inf, default: Any = None) -> Any:
    """Return a dataclass field that a configuration may set, with its unit and bounds.

    Args:
        unit: Its unit, such as `share per week`.
        low: The least it may be.
        high: The most it may be.
        default: What it is where a configuration does not set it; None if it must.
    """
    return field(metadata={"unit": unit, "low": low, "high": high, "default": default})


@dataclass(frozen=True)
class Munitions:
    """Traits of each munition."""

    value: Float64[Array, " munition"] = coefficient("strength points per unit", 0, 1e9)
    containers: Float64[Array, " munition"] = coefficient("containers per unit", 0, 1e6)
    price: Float64[Array, " munition"] = coefficient("USD bn per unit", 0, 1e6)
    lethality: Float64[Array, " munition"] = coefficient(
        "thousand casualties per unit fired", 0, 1e6
    )


@dataclass(frozen=True)
class Technologies:
    """Traits of each technology."""

    growth: Float64[Array, " technology"] = coefficient("frontier growth per year", 0, 1, 0.0)
    research: Float64[Array, " technology"] = coefficient("share of the gap per year", 0, 5, 0.05)
    threshold: Float64[Array, " technology"] = coefficient("0 Nelson-Phelps, 1 logistic", 0, 1, 0.5)
    lesson_cost: Float64[Array, " technology"] = coefficient("USD bn per level taught", 1e-6, 1e9)
    first: Float64[Array, " technology"] = coefficient("log-odds of success, first trial", -20, 20)
    by_tech: Float64[Array, " technology"] = coefficient("log-odds per level", -20, 20)
    by_trials: Float64[Array, " technology"] = coefficient("log-odds per log trial", -20, 20)
    per_trial: Float64[Array, " technology"] = coefficient("share of the gap per trial", 0, 1, 0.0)
    salvo: Float64[Array, " technology"] = coefficient(
        "mean number of trials on a test day beyond the first", 0, 10, 0.0
    )
    kept: Float64[Array, " technology"] = coefficient("share of trials kept at redesign", 0, 1, 0.3)
    provocation: Float64[Array, " technology"] = coefficient("weight of one trial", 0, 10, 1.0)
    deterrent: Float64[Array, " technology"] = coefficient(
        "share of nuclear retaliation that needs it", 0, 1, 0.0
    )


@dataclass(frozen=True)
class States:
    """Traits of each state."""

    perception_bias: PerState = coefficient("log strength, worst case > 0", -5, 5, 0.0)
    estimate_bias: PerState = coefficient("log of published over true flow", -5, 5, 0.0)
    procurement_share: PerState = coefficient("share of military spending", 0, 1, 0.25)
    credit: PerState = coefficient("USD bn that a buyer may owe", 0, 1e9, 5.0)
    reserve_weeks: PerState = coefficient("weeks of need kept back", 0, 520, 8.0)
    unusable_share: PerState = coefficient("share of its shipments unusable", 0, 1, 0.0)
    alpha: PerState = coefficient("casualties it inflicts, multiplier", 0, 100, 1.0)
    baseline_fire: PerState = coefficient(
        "thousand casualties per thousand soldiers per week", 0, 1
    )
    baseline_growth: PerState = coefficient("log growth of baseline_fire per year", -1, 1, 0.0)
    tempo: PerState = coefficient("share of the full rate of fire", 0, 10, 1.0)
    force_target: PerState = coefficient("thousand soldiers wanted", 0, 1e9)
    nuclear: PerState = coefficient("0/1", 0, 1, 0.0)
    member: PerState = coefficient("0/1 sits on the Council", 0, 1, 0.0)
    permanent: PerState = coefficient("0/1 may veto", 0, 1, 0.0)
    thrift: PerState = coefficient("stakes that a USD bn of military spending costs", 0, 1e6, 1e-3)
    surge_limit: PerState = coefficient("capacity at full surge over base", 1, 20, 1.5)
    base_capacity: Float64[Array, "state munition"] = coefficient("units per week", 0, 1e12, 0.0)
    war_plan: Float64[Array, "state munition"] = coefficient("units per week of need", 0, 1e12, 0.0)
    fire_rate: Float64[Array, "state munition"] = coefficient(
        "units per week per thousand soldiers", 0, 1e9, 0.0
    )


@dataclass(frozen=True)
class Relations:
    """Traits of pairs and alliances."""

    affinity: Table = coefficient("base, symmetric", -1, 1)
    stake: Float64[Array, " pair"] = coefficient("of the actor against the target", 0, 1)
    reach: Float64[Array, " pair"] = coefficient(
        "share of the actor's power that it can bring to bear on the target", 0, 1, 1.0
    )
    war: Float64[Array, " pair"] = coefficient("0/1 given by the scenario, symmetric", 0, 1)
    unenforceable: Float64[Array, " pair"] = coefficient(
        "share of what is at stake that no settlement of a war can secure, symmetric", 0, 10, 0.0
    )
    commitment: Float64[Array, " alliance"] = coefficient("of the protector", 0, 1)
    at_stake: Float64[Array, " alliance"] = coefficient(
        "of the protector in the protege", 0, 1, 0.0
    )


@dataclass(frozen=True)
class Routes:
    """Traits of routes and of what they run over."""

    time: Float64[Array, "leg route"] = coefficient("weeks", 1, 104, 1.0)
    vulnerability: Float64[Array, "leg route"] = coefficient("exposure to interdiction", 0, 1, 0.0)
    ship: Float64[Array, " route"] = coefficient("containers of a ship, 0: any number", 0, 1e6, 0.0)
    capacity: Float64[Array, " infrastructure"] = coefficient("containers per week", 0, 1e12)
