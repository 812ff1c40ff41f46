"""What a seat sees and decides, as arrays for learners: labels, bounds, orders.

A seat sees what its policy would see (`sim.policy.views`), as one vector with a label for each
number. It decides by *levers*, fields of the Action in units of the state's own size: an offer as a
share of its stock, an order as multiples of its industry. What is no lever its desks decide.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ..desks.decide import UNSAID
from ..scenario.problems import nearest
from ..world import MEANS
from .deliberation import DECIDED, LIMITS, Deliberation
from .state import State
from .views import PRIVATE, Figures, Other, Route

POSTURES = 3
"""Conciliate, hold, press: 0, 1, 2."""
USUAL = ("posture", "offer", "sanction", "alone", "exercise")
"""The levers of a seat for which none are named."""


@dataclass(frozen=True)
class Scale:
    """How a number of a lever becomes an order: its bounds, and times what."""

    low: float
    high: float
    times: Callable[[State, tuple[str, ...]], float] | None = None
    meaning: str = ""


OWN: Mapping[str, Scale] = {
    "offer": Scale(0.0, 1.0, lambda me, at: me.stock[at[1]], "share of the own stock per week"),
    "build": Scale(-1.0, 2.0, lambda me, at: me.capacity[at[0]], "times the own industry"),
    "want": Scale(0.0, 2.0, lambda me, at: me.need[at[0]], "times the own need"),
    "research": Scale(0.0, 3.0, None, "effort, 1 the usual"),
    "teach": Scale(0.0, 2.0, None, "highest level taught"),
    "exercise": Scale(0.0, 3.0, None, "size, 1 the usual"),
    "alone": Scale(0.0, 3.0, None, "size, 1 the usual"),
}
"""The scale of what has no bounds of its own."""
LEVERS = tuple(name for name in DECIDED if name not in ("weighed", *UNSAID))
"""All that a seat may decide."""


def scale(lever: str) -> Scale:
    """Return the scale of a lever."""
    return OWN.get(lever) or Scale(*LIMITS[lever], None, "as the desk would decide it")


def cells(me: State, lever: str) -> list[tuple[str, ...]]:
    """Return what each number of a lever is of: `("RUS", "shell_152")` of an offer.

    Args:
        me: The state that decides.
        lever: One of LEVERS.
    """
    owner, *axes = DECIDED[lever]
    first: list[tuple[str, ...]] = [()]
    if owner == "route":
        first = [(code,) for code in me.customers]
    elif owner == "pair":
        first = [(code,) for code in me.partners]
    elif owner == "observer" and me.code not in me.codes("observer"):
        return []
    if axes[:1] == ["state"]:
        first, axes = [(code,) for code in me.others], axes[1:]
    if lever == "mix":
        return [(name,) for name in MEANS]
    inner = list(product(*(me.codes(axis) for axis in axes)))
    return [(*start, *rest) for start in first for rest in inner]


def order(me: State, lever: str, values: np.ndarray) -> None:
    """Decide a lever of a state, within its bounds.

    Args:
        me: The state.
        lever: One of LEVERS.
        values: A number for each of its cells; of a posture 0, 1 or 2.
    """
    if lever == "posture":
        poses = (me.conciliate, me.hold, me.press)
        for (other,), value in zip(cells(me, lever), values, strict=True):
            poses[int(value)](other)
        return
    bounds = scale(lever)
    numbers = np.clip(np.asarray(values, np.float64), bounds.low, bounds.high)
    if lever == "mix":
        if numbers.sum() > 0.0:
            me.payment(*numbers.tolist())
        return
    for at, number in zip(cells(me, lever), numbers.tolist(), strict=True):
        me.order(lever, number * bounds.times(me, at) if bounds.times else number, *at)


def check_levers(levers: tuple[str, ...]) -> None:
    """Refuse what is no lever.

    Raises:
        ValueError: The message names all that are none.
    """
    wrong = [f"{name!r}{nearest(name, LEVERS)}" for name in levers if name not in LEVERS]
    if wrong or not levers:
        raise ValueError(f"levers: there is no {', '.join(wrong)}" if wrong else "levers: none")


def seen_numbers(me: State, table: Deliberation) -> Iterator[tuple[str, float]]:
    """Yield all that a state sees this week, each number with its label, in one order.

    Args:
        me: The state.
        table: The deliberations of the run.
    """
    yield from _flat(me, State.FIELDS, "me")
    for other in me.others:
        yield from _flat(me.of(other), Other.FIELDS, other)
    for source, target in table.scenario.routes:
        hidden = () if me.code in (source, target) else PRIVATE
        known = [name for name in Route.FIELDS if name not in hidden]
        if me.code not in me.codes("observer"):
            known.remove("estimate")
        yield from _flat(me.route(source, target), tuple(known), f"{source}>{target}")


def _flat(view: Any, names: tuple[str, ...], of: str) -> Iterator[tuple[str, float]]:
    for name in names:
        value = view.read(name)
        if isinstance(value, Figures):
            for code, number in value.items():
                yield f"{of}.{name}.{code}", float(number)
        else:
            yield f"{of}.{name}", float(value)
