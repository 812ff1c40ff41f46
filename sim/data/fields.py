"""From tidy frames to fields of a scenario."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pandas as pd

from ..scenario.problems import ScenarioError

OLDEST = 5
"""Years by which a figure may be older than the year that is asked for."""


def filled(
    mapping: Mapping[str, Any],
    year: int,
    *,
    spending: pd.DataFrame | None = None,
    transfers: pd.DataFrame | None = None,
    capabilities: pd.DataFrame | None = None,
    alliances: pd.DataFrame | None = None,
    munition: str = "major_arms",
    kept: float = 0.95,
    cover: float = 40.0,
    window: int = 5,
    weeks: float = 8.0,
    commitment: float = 0.7,
) -> dict[str, Any]:
    """Return a scenario's mapping with fields filled from data; what it holds already stays.

    - `spending`: `spending` of each state, USD bn per year, from the latest year.
    - `capabilities`: `force`, thousand soldiers, from `milper` of the latest year.
    - `transfers`: the arms that a state received and still has, as its `stock` of one munition, in
      TIV millions; its need per week, the `war_plan` for which the stock is meant, so that a state
      whose transfer desk is an `importer` goes on wanting what grows old; and a route for each
      supplier and recipient of the last years.
    - `alliances`: a mutual alliance for each pact of defence.

    Args:
        mapping: A scenario as plain data; its `states` say whom the world has.
        year: The last year that is used.
        spending: As `sipri_spending` returns it, in millions of US dollars.
        transfers: As `sipri_transfers` returns it.
        capabilities: As `cow_capabilities` returns it.
        alliances: As `atop_alliances` returns it.
        munition: The munition that stands for major arms, a unit being a million of TIV.
        kept: The share of the arms of a year that is left a year later.
        cover: For how many weeks of need a stock is meant; an importer wants 40 by default.
        window: How many of the last years make routes.
        weeks: How long a delivery takes on a new route.
        commitment: Of each alliance; no data says it.

    Raises:
        ScenarioError: A frame has no figure for a state that lacks the field.

    Examples:
        >>> world = {"states": {"ONE": {"force": 50}, "TWO": {"spending": 2}}}
        >>> rows = {"state": ["ONE", "ONE"], "year": [2009, 2010], "spending": [900.0, 1500.0]}
        >>> sim.data.filled(world, 2010, spending=pd.DataFrame(rows))["states"]["ONE"]
        {'force': 50, 'spending': 1.5}
    """
    made = deepcopy(dict(mapping))
    states: dict[str, dict[str, Any]] = made.get("states") or {}
    wrong: list[str] = []
    if not states:
        wrong.append("states: the mapping names none; data fills the states that it names")
    for frame, column, field, unit in (
        (spending, "spending", "spending", 1e-3),
        (capabilities, "milper", "force", 1.0),
    ):
        if frame is not None:
            wrong += _latest(frame, column, field, unit, states, year)
    if transfers is not None and not wrong:
        past = transfers[transfers["year"] <= year]
        stock = _left(past, year, kept)
        _arms(made["states"], munition, stock, cover)
        _routes(made, past[past["year"] > year - window], weeks)
    if alliances is not None and not wrong:
        _pacts(made, alliances, year, commitment)
    if wrong:
        raise ScenarioError(wrong)
    return made


def _latest(
    frame: pd.DataFrame,
    column: str,
    field: str,
    unit: float,
    states: dict[str, dict[str, Any]],
    year: int,
) -> list[str]:
    """Fill a field of the states from their latest rows; return what is missing."""
    wrong = []
    for code, state in states.items():
        if field in state:
            continue
        rows = frame[(frame["state"] == code) & frame["year"].between(year - OLDEST, year)]
        rows = rows[rows[column].notna()].sort_values("year")
        if rows.empty:
            wrong.append(
                f"states.{code}.{field}: the data has no {column} of {code} from {year - OLDEST} to"
                f" {year}; give it in the mapping"
            )
        else:
            state[field] = round(float(rows[column].iloc[-1]) * unit, 6)
    return wrong


def _left(transfers: pd.DataFrame, year: int, kept: float) -> "pd.Series[float]":
    """Return what is left in a year of all that each state received."""
    left = transfers["tiv"] * kept ** (year - transfers["year"])
    return left.groupby(transfers["recipient"]).sum()


def _arms(
    states: dict[str, dict[str, Any]], munition: str, stock: "pd.Series[float]", cover: float
) -> None:
    """Fill stocks, and the need for which they are meant."""
    for code, state in states.items():
        held = state.setdefault("stock", {})
        if code in stock:
            held.setdefault(munition, round(float(stock[code]), 3))
        if munition in held:
            need = round(float(held[munition]) / cover, 3)
            state.setdefault("war_plan", {}).setdefault(munition, need)


def _routes(made: dict[str, Any], late: pd.DataFrame, weeks: float) -> None:
    """Fill a route for each supplier and recipient among the states."""
    states, late = made["states"], late[late["tiv"] > 0.0]
    routes = made.setdefault("routes", [])
    there = {(route.get("from"), route.get("to")) for route in routes}
    pairs = sorted({*zip(late["supplier"], late["recipient"], strict=True)} - there)
    routes += [
        {"from": supplier, "to": recipient, "legs": [{"weeks": weeks}], "agreed": True}
        for supplier, recipient in pairs
        if supplier in states and recipient in states and supplier != recipient
    ]


def _pacts(made: dict[str, Any], alliances: pd.DataFrame, year: int, commitment: float) -> None:
    """Fill alliances from pacts of defence in the latest year that the data has."""
    rows = alliances[alliances["defense"] & alliances["year"].between(year - OLDEST, year)]
    rows = rows[rows["year"] == rows["year"].max()]
    relations = made.setdefault("relations", {})
    listed = relations.setdefault("alliances", [])
    there = {frozenset((each["protector"], each["protege"])) for each in listed}
    for a, b in sorted({tuple(sorted(ends)) for ends in zip(rows["a"], rows["b"], strict=True)}):
        known = a in made["states"] and b in made["states"]
        if known and a != b and frozenset((a, b)) not in there:
            listed.append({"protector": a, "protege": b, "commitment": commitment, "mutual": True})
