"""Types of single values in a scenario file: each is checked and described in the JSON Schema."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from math import isinf
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Tag,
)
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from .problems import MANY, ONE


def existing_name(kind: str, group: str) -> Callable[[str, Any], str]:
    """Return a validator of names that a scenario defines.

    Args:
        kind: What such a name is of, for the message: `munition`.
        group: The key of the validation context that lists the names there are.
    """

    def check(name: str, info: Any) -> str:
        existing = (info.context or {}).get(group)
        if existing is not None and name not in existing:
            context = {"kind": kind, "name": name, "group": group}
            raise PydanticCustomError("unknown", "there is no {kind} '{name}'", context)
        return name

    return check


def as_date(value: Any) -> Any:
    """Read text as a date; pydantic would read a number as seconds since 1970."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("refused", "must be a date such as 2023-05-01") from None


def as_number(value: Any) -> Any:
    """Read true and false as 1 and 0; anything else stays as it is."""
    return float(value) if isinstance(value, bool) else value


def span(low: float, high: float) -> str:
    """Format closed bounds for a message: `from 0 to 1`, `0 or more`.

    Args:
        low: The lower bound, -inf for none.
        high: The upper bound, inf for none.
    """
    if isinf(low) or isinf(high):
        return f"{low:g} or more" if isinf(high) else f"{high:g} or less"
    return f"from {low:g} to {high:g}"


def within(low: float, high: float) -> tuple[Any, Any]:
    """Return a validator of closed bounds that names both, and their JSON Schema.

    Args:
        low: The lower bound, -inf for none.
        high: The upper bound, inf for none.
    """

    def check(value: float) -> float:
        if not low <= value <= high:
            raise PydanticCustomError("bounds", "must be {span}", {"span": span(low, high)})
        return value

    bounds = {"minimum": low, "maximum": high}
    finite: Any = {name: bound for name, bound in bounds.items() if not isinf(bound)}
    return AfterValidator(check), Key(json_schema_extra=finite)


def _either(value: float) -> float:
    if value not in (0.0, 1.0):
        raise PydanticCustomError("bounds", "must be 0 or 1")
    return value


def real_number(unit: str, low: float, high: float) -> Any:
    """Return the type of a real number; true and false are numbers where the unit is 0/1.

    Args:
        unit: Its unit, shown in the documents and the JSON Schema.
        low: The least value, -inf for none.
        high: The greatest value, inf for none.
    """
    checks: Any = (Key(strict=True, allow_inf_nan=False, description=unit), *within(low, high))
    if unit.startswith("0/1"):
        switch = Key(json_schema_extra={"type": ["number", "boolean"]})
        checks = (*checks, AfterValidator(_either), BeforeValidator(as_number), switch)
    return Annotated[float, *checks]


def whole_number(unit: str, low: int, high: int) -> Any:
    """Return the type of a whole number.

    Args:
        unit: Its unit, shown in the documents and the JSON Schema.
        low: The least value.
        high: The greatest value.
    """
    return Annotated[int, Key(strict=True, description=unit), *within(low, high)]


def one_or_many(one: Any, many: Any) -> Any:
    """Return the type of a number or of several, whose problems are those of the one meant.

    Args:
        one: The type of a single number.
        many: The type of a mapping or a list of numbers.
    """
    tags = Annotated[one, Tag(ONE)], Annotated[many, Tag(MANY)]
    chosen = Discriminator(lambda value: MANY if isinstance(value, dict | list | tuple) else ONE)
    return Annotated[tags[0] | tags[1], chosen]


def bounded(dataclass: type, name: str) -> Any:
    """Return the type of the number that a field of a dataclass takes.

    Args:
        dataclass: Of `sim.params` or `start.Start`: its fields hold unit and bounds.
        name: Of the field.
    """
    (found,) = (field for field in fields(dataclass) if field.name == name)
    return real_number(found.metadata["unit"], found.metadata["low"], found.metadata["high"])


def name_of(kind: str, group: str) -> Any:
    """Return the type of a name that the scenario itself defines.

    Args:
        kind: What it is of, for messages and documents: `munition`.
        group: The root key of a scenario file that holds all of them: `munitions`.
    """
    article = "an" if kind[0] in "aeiou" else "a"
    validator = AfterValidator(existing_name(kind, group))
    return Annotated[str, Key(description=f"{article} {kind}"), validator]
