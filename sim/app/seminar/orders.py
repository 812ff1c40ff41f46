"""What a seat may order and agree on: forms of the verbs of `sim.Policy`, checked and applied.

An order is plain data: `{"verb": "offer", "where": ["RUS", "shell_152"], "value": 5000}`. It stands
in each week of its turn. What a seat does not order its doctrine decides.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ...policy.state import State
from ...world import EXERCISES, MEANS

LARGEST = 1e7
"""Of any amount; what leaves is limited by stocks and needs long before."""
MOST_ORDERS = 60
LONGEST_TEXT = 500
"""Characters of a statement."""
ALONE = "alone"


class RefusedError(ValueError):
    """A seat or the teacher wanted what cannot be; the message is for them."""


@dataclass(frozen=True)
class Verb:
    """A form: what it orders, of what, and how much.

    - `label`: as it is shown.
    - `of`: what it may be about, as a seat sees it: a tuple of codes for each choice.
    - `low`, `high`, `unit`: of the number; no unit, no number.
    - `apply`: gives the order.
    """

    label: str
    of: Callable[[State], list[tuple[str, ...]]]
    apply: Callable[[State, tuple[str, ...], float], None]
    low: float = 0.0
    high: float = 1.0
    unit: str = ""


def _partners(me: State) -> list[tuple[str, ...]]:
    return [(code,) for code in me.partners]


def _others(me: State) -> list[tuple[str, ...]]:
    return [(code,) for code in me.others]


def _customers(me: State) -> list[tuple[str, ...]]:
    return list(product(me.customers, me.codes("munition")))


def _along(axis: str) -> Callable[[State], list[tuple[str, ...]]]:
    return lambda me: [(code,) for code in me.codes(axis)]


def _exercises(me: State) -> list[tuple[str, ...]]:
    return list(product((ALONE, *me.partners), EXERCISES))


def _published(me: State) -> list[tuple[str, ...]]:
    return [(code,) for code in me.codes("route")] if me.code in me.codes("observer") else []


def _nothing(me: State) -> list[tuple[str, ...]]:
    return [()]


def _exercise(me: State, at: tuple[str, ...], size: float) -> None:
    me.exercise(at[1], None if at[0] == ALONE else at[0], size)


def _ordered(name: str) -> Callable[[State, tuple[str, ...], float], None]:
    return lambda me, at, value: me.order(name, value, *at)


VERBS: Mapping[str, Verb] = {
    "press": Verb("Press", _partners, lambda me, at, _: me.press(at[0])),
    "hold": Verb("Hold", _partners, lambda me, at, _: me.hold(at[0])),
    "conciliate": Verb("Give way", _partners, lambda me, at, _: me.conciliate(at[0])),
    "offer": Verb(
        "Offer arms",
        _customers,
        lambda me, at, x: me.offer(at[0], at[1], x),
        0,
        LARGEST,
        "units a week",
    ),
    "want": Verb(
        "Ask for arms",
        _along("munition"),
        lambda me, at, x: me.want(at[0], x),
        0,
        LARGEST,
        "units a week",
    ),
    "build": Verb(
        "Build",
        _along("munition"),
        lambda me, at, x: me.build(at[0], x),
        -LARGEST,
        LARGEST,
        "units a week",
    ),
    "exercise": Verb("Exercise", _exercises, _exercise, 0, 3, "size, 1 the usual"),
    "sanction": Verb(
        "Sanction", _others, lambda me, at, x: me.sanction(at[0], x), 0, 1, "0 none, 1 full"
    ),
    "condemn": Verb("Condemn", _others, lambda me, at, _: me.condemn(at[0])),
    "payment": Verb(
        "Want to be paid in",
        lambda me: [(name,) for name in MEANS],
        lambda me, at, _: me.payment(**{at[0]: 1.0}),
    ),
    "research": Verb(
        "Research", _along("technology"), _ordered("research"), 0, 3, "effort, 1 the usual"
    ),
    "teach": Verb("Teach up to", _along("technology"), _ordered("teach"), 0, 2, "level"),
    "campaign": Verb(
        "Test weapons in a campaign",
        _nothing,
        lambda me, at, x: _campaign(me, x),
        0,
        1,
        "0 end, 1 go",
    ),
    "launch": Verb("Prepare a launch", _nothing, lambda me, at, _: me.order("launch", 1.0)),
    "secrecy": Verb("Hide shipments", _nothing, _ordered("secrecy"), 0, 1, "0 open, 1 hidden"),
    "publish": Verb("Publish what you know of", _published, lambda me, at, _: _publish(me, at)),
}
"""The forms of a seat, in the order in which they are shown."""
POSTURES = ("press", "hold", "conciliate")


def _campaign(me: State, going: float) -> None:
    me.order("campaign_on", going)
    me.order("campaign_off", 1.0 - going)


def _publish(me: State, at: tuple[str, ...]) -> None:
    me.order("publish", 1.0, *at)


def described(order: Mapping[str, Any]) -> str:
    """Return an order as a line of text: `Offer arms RUS, shell_152: 5,000 units a week`."""
    verb = VERBS[order["verb"]]
    text = " ".join((verb.label, ", ".join(order["where"]))).strip()
    return f"{text}: {order['value']:,g} {verb.unit}" if verb.unit else text


def checked_orders(me: State, given: Any) -> tuple[dict[str, Any], ...]:
    """Return the orders of a seat, of the same thing the last.

    Args:
        me: The state of the seat, in an open week.
        given: What came from outside.

    Raises:
        RefusedError: They are none that this state can give; the message names the first fault.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_ORDERS:
        raise RefusedError(f"orders: a list of at most {MOST_ORDERS} is needed")
    found: dict[Any, dict[str, Any]] = {}
    for order in given:
        clean = checked_order(me, order)
        kind = "posture" if clean["verb"] in POSTURES else clean["verb"]
        at = () if kind == "payment" else tuple(clean["where"])
        found[kind, at] = clean
    return tuple(found.values())


def checked_order(me: State, given: Any) -> dict[str, Any]:
    """Return one order in its plain form.

    Args:
        me: The state of the seat, in an open week.
        given: What came from outside.

    Raises:
        RefusedError: It is none that this state can give.
    """
    if not isinstance(given, Mapping) or not {"verb", "where"} <= set(given) <= {
        *("verb", "where", "value"),
    }:
        raise RefusedError("an order has a verb, of what it is, and a value")
    name, where, value = given["verb"], given["where"], given.get("value")
    if not isinstance(name, str) or name not in VERBS:
        raise RefusedError("an order has a verb that does not exist")
    verb = VERBS[name]
    if not isinstance(where, list | tuple) or tuple(where) not in verb.of(me):
        raise RefusedError(f"{verb.label}: {me.code} cannot do that toward what is named")
    if not verb.unit:
        return {"verb": name, "where": list(where), "value": 1.0}
    return {"verb": name, "where": list(where), "value": _number(verb, value)}


def _number(verb: Verb, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError(f"{verb.label}: a number is needed, {verb.unit}")
    if not (math.isfinite(value) and verb.low <= value <= verb.high):
        raise RefusedError(f"{verb.label}: a number from {verb.low:,g} to {verb.high:,g} is needed")
    return float(value)


def apply_order(me: State, order: Mapping[str, Any]) -> None:
    """Give an order in an open week.

    Args:
        me: The state that orders.
        order: As `checked_order` returns it.
    """
    VERBS[order["verb"]].apply(me, tuple(order["where"]), order["value"])


SUPPLY, EXERCISE, RESTRAINT = "supply", "exercise", "restraint"
STATEMENT = "statement"
DEALS = {
    SUPPLY: "I supply",
    EXERCISE: "We exercise together",
    RESTRAINT: "We both hold",
    STATEMENT: "We say to all together",
}
LONGEST_DEAL = 12
"""Turns."""


def checked_deal(me: State, seats: Sequence[str], given: Any) -> dict[str, Any]:
    """Return the terms of a deal that a seat proposes, in their plain form.

    Args:
        me: The state that proposes.
        seats: The states that are seats, and so can answer.
        given: `type`, `to`; `turns`, but of a statement `text`; of a supply `munition`, `amount`,
            `means`; of an exercise `exercise`, `size`.

    Raises:
        RefusedError: The state cannot propose it.
    """
    if not isinstance(given, Mapping) or str(given.get("type")) not in DEALS:
        raise RefusedError("a deal is a supply, an exercise, restraint or a statement")
    kind, to, turns = given["type"], given.get("to"), given.get("turns", 1)
    if to not in seats or to == me.code:
        raise RefusedError("a deal is proposed to the seat of another state")
    if kind == STATEMENT:
        return {"type": kind, "to": to, "turns": 1, "text": checked_text(given.get("text"))}
    if isinstance(turns, bool) or not isinstance(turns, int) or not 1 <= turns <= LONGEST_DEAL:
        raise RefusedError(f"a deal holds for 1 to {LONGEST_DEAL} turns")
    deal = {"type": kind, "to": to, "turns": turns}
    if kind == SUPPLY:
        offer = checked_order(
            me,
            {
                "verb": "offer",
                "where": [to, given.get("munition")],
                "value": given.get("amount"),
            },
        )
        means = given.get("means")
        if means not in MEANS:
            raise RefusedError(f"a supply is paid in {', '.join(MEANS)}")
        return deal | {"munition": offer["where"][1], "amount": offer["value"], "means": means}
    if kind == EXERCISE:
        held = checked_order(
            me,
            {
                "verb": "exercise",
                "where": [to, given.get("exercise")],
                "value": given.get("size", 1.0),
            },
        )
        return deal | {"exercise": held["where"][1], "size": held["value"]}
    if (to,) not in _partners(me):
        raise RefusedError(f"{me.code} and {to} have nothing between them to press for")
    return deal


def checked_text(text: Any) -> str:
    """Return what somebody says, on one line and without what cannot be printed.

    Args:
        text: What came from outside.

    Raises:
        RefusedError: It is no text, says nothing, or is too long.
    """
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
        raise RefusedError(f"a statement has 1 to {LONGEST_TEXT} characters")
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not clean:
        raise RefusedError("a statement says something")
    return clean


def deal_text(deal: Mapping[str, Any]) -> str:
    """Return the terms of a deal as a line of text."""
    if deal["type"] == STATEMENT:
        return f"{both(deal)} say to all: {deal['text']}"
    rest = f"for {deal['turns']} turn{'s' if deal['turns'] > 1 else ''}"
    if deal["type"] == SUPPLY:
        return (
            f"{deal['by']} supplies {deal['to']} with {deal['amount']:,g} {deal['munition']} a"
            f" week, paid in {deal['means']}, {rest}"
        )
    if deal["type"] == EXERCISE:
        return f"{both(deal)} hold a {deal['exercise']} exercise of size {deal['size']:g}, {rest}"
    return f"{both(deal)} both hold toward each other, {rest}"


def both(deal: Mapping[str, Any]) -> str:
    """Return the two ends of a deal, as one name."""
    return f"{deal['by']} and {deal['to']}"


def apply_deal(by: State, to: State, deal: Mapping[str, Any]) -> None:
    """Let both ends do in an open week what they agreed on; own orders that follow may break it.

    What two say together moves nothing by itself.

    Args:
        by: The state that proposed.
        to: The state that accepted.
        deal: As `checked_deal` returns it.
    """
    if deal["type"] == SUPPLY:
        by.offer(to.code, deal["munition"], deal["amount"])
        by.payment(**{deal["means"]: 1.0})
        standing = to.decided("want", deal["munition"])
        to.want(deal["munition"], max(standing, deal["amount"]))
    elif deal["type"] == EXERCISE:
        by.exercise(deal["exercise"], to.code, deal["size"])
        to.exercise(deal["exercise"], by.code, deal["size"])
    elif deal["type"] == RESTRAINT:
        by.hold(to.code)
        to.hold(by.code)
