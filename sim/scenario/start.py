"""What week 0 holds beside the traits of Params, and the World that begins with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64

from ..params import Params, PerState, coefficient
from ..rules.perceive import strength
from ..world import MEANS, WAR, Array, World


@dataclass(frozen=True)
class Start:
    """The numbers of a scenario that only the first week reads."""

    stock: Float64[Array, "state munition"] = coefficient("units", 0, default=0.0)
    tech: Float64[Array, "state technology"] = coefficient("level", 0, 1, 0.0)
    trials: Float64[Array, "state technology"] = coefficient("trials", 0, default=0.0)
    spending: PerState = coefficient("USD bn a year", 0)
    treasury: PerState = coefficient("USD bn", 0, default=0.0)
    force: PerState = coefficient("thousand soldiers", 0)
    manpower: PerState = coefficient("thousand soldiers that can be mobilised", 0, default=0.0)
    readiness: PerState = coefficient("index", 0, 1, 0.5)
    interop: Float64[Array, "state state"] = coefficient("index, symmetric", 0, 1, 0.0)
    level: Int64[Array, "state state"]
    tension: Float64[Array, "state state"] = coefficient("index", 0, 1, 0.1)
    sanctions: Float64[Array, "state state"] = coefficient("level, by the actor", 0, 1, 0.0)
    debt: Float64[Array, " route"] = coefficient("USD bn", 0, default=0.0)
    embargo: PerState
    mandate: PerState = coefficient("weeks left", 0, 5200, 0.0)
