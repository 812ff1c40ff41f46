"""What a scenario file may say: pydantic models with the bounds of `sim.params`.

Traits and coefficients are not listed here: their models are made from the dataclasses of
`sim.params`, `start.Start` and the desks, so that no unit and no bound stands twice. A trait of
each state by munition is a mapping munition -> number in the state's entry, and so on.
"""

from collections.abc import Callable
from dataclasses import Field, fields
from datetime import date
from functools import cache
from math import isinf
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    StringConstraints,
    Tag,
    create_model,
    model_validator,
)
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from .. import params
from ..world import EXERCISES, TIMETABLE
from .problems import MANY, ONE
from .start import Start

CODE = r"^[A-Z][A-Z0-9]{1,5}$"
NAME = r"^[a-z][a-z0-9_]{0,31}$"
TITLE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
MOST = {
    "states": 512,
    "munitions": 64,
    "technologies": 64,
    "infrastructure": 512,
    "routes": 10_000,
    "exercises": 1_000,
    "timetable": 10_000,
    "priors": 200,
    "doctrines": 512,
}
"""How many of each a scenario may have: more is a mistake, and would take minutes to tell."""
COUNCIL = ("member", "permanent")
"""Traits of a state that `council` tells."""


class Entry(BaseModel):
    """Any part of a scenario: frozen, with no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


def _known(kind: str, group: str) -> Callable[[str, Any], str]:
    """A validator for names of that kind; the context holds those that exist, by group."""

    def check(name: str, info: Any) -> str:
        existing = (info.context or {}).get(group)
        if existing is not None and name not in existing:
            context = {"kind": kind, "name": name, "group": group}
            raise PydanticCustomError("unknown", "there is no {kind} '{name}'", context)
        return name

    return check


def _day(value: Any) -> Any:
    """Text and dates; pydantic would read a number as seconds since 1970."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("refused", "must be a date such as 2023-05-01") from None


def _as_number(value: Any) -> Any:
    return float(value) if isinstance(value, bool) else value


def span(low: float, high: float) -> str:
    """Closed bounds in words: `from 0 to 1`, `0 or more`."""
    if isinf(low) or isinf(high):
        return f"{low:g} or more" if isinf(high) else f"{high:g} or less"
    return f"from {low:g} to {high:g}"


def _within(low: float, high: float) -> tuple[Any, Any]:
    """Closed bounds: a validator that tells both of them, and their place in a JSON Schema."""

    def check(value: float) -> float:
        if not low <= value <= high:
            raise PydanticCustomError("bounds", "must be {span}", {"span": span(low, high)})
        return value

    bounds = {"minimum": low, "maximum": high}
    told: Any = {name: bound for name, bound in bounds.items() if not isinf(bound)}
    return AfterValidator(check), Key(json_schema_extra=told)


def _number(unit: str, low: float, high: float) -> Any:
    """A real number within bounds; true and false do where the unit is 0/1."""
    checks: Any = (Key(strict=True, allow_inf_nan=False, description=unit), *_within(low, high))
    if unit.startswith("0/1"):
        either = Key(json_schema_extra={"type": ["number", "boolean"]})
        checks = (*checks, BeforeValidator(_as_number), either)
    return Annotated[float, *checks]


def _whole(unit: str, low: int, high: int) -> Any:
    """A whole number within bounds."""
    return Annotated[int, Key(strict=True, description=unit), *_within(low, high)]


def _either(one: Any, many: Any) -> Any:
    """One number, or several in a mapping or a list; what is wrong is told of the one meant."""
    tags = Annotated[one, Tag(ONE)], Annotated[many, Tag(MANY)]
    chosen = Discriminator(lambda value: MANY if isinstance(value, dict | list | tuple) else ONE)
    return Annotated[tags[0] | tags[1], chosen]


def bounded(dataclass: type, name: str) -> Any:
    """The number that a coefficient of a dataclass may be."""
    (found,) = (field for field in fields(dataclass) if field.name == name)
    return _number(found.metadata["unit"], found.metadata["low"], found.metadata["high"])


def _name_of(kind: str, group: str) -> Any:
    """The name of a thing that the scenario holds."""
    return Annotated[str, Key(description=f"a {kind}"), AfterValidator(_known(kind, group))]


StateCode = _name_of("state", "states")
MunitionName = _name_of("munition", "munitions")
TechnologyName = _name_of("technology", "technologies")
Way = _name_of("infrastructure", "infrastructure")
Text = Annotated[str, StringConstraints(max_length=1000)]
NewState = Annotated[str, StringConstraints(pattern=CODE)]
NewName = Annotated[str, StringConstraints(pattern=NAME)]
Day = Annotated[date, BeforeValidator(_day)]
Share = _number("share", 0.0, 1.0)
Size = _number("size", 0.0, 10.0)
Amount = _number("amount", 0.0, float("inf"))
_KEYS = {"munition": MunitionName, "technology": TechnologyName, "kind": Literal[EXERCISES]}


def axes(field: "Field[Any]") -> tuple[str, ...]:
    """The axes of a dataclass field, from its jaxtyping annotation."""
    annotation: Any = field.type  # jaxtyping's: no string
    return tuple(annotation.dim_str.split())


def _trait(field: "Field[Any]", inner: tuple[str, ...], one_for_all: bool) -> tuple[Any, Any]:
    """Annotation and default of the key that a field becomes; `inner`: its axes but the owner's."""
    meta = field.metadata
    number = _number(meta["unit"], meta["low"], meta["high"])
    default = ... if meta["default"] is None else meta["default"]
    if not inner:
        return number, default
    if inner == ("kind",):
        kinds: Any = dict.fromkeys(EXERCISES, (number, default))
        return create_model("Kinds", __base__=Entry, **kinds), ...
    mapping: Any = dict[_KEYS[inner[0]], number]
    if one_for_all:
        return _either(number, mapping), default
    return mapping, {}


def _traits(
    *dataclasses: Any, owner: str = "", without: tuple[str, ...] = (), one_for_all: bool = False
) -> Any:
    """A model with one key a coefficient of the dataclasses."""
    found: dict[str, Any] = {}
    for field in (field for dataclass in dataclasses for field in fields(dataclass)):
        first, inner = (axes(field)[:1], axes(field)[1:]) if owner else ((owner,), axes(field))
        settable = "unit" in field.metadata and first == (owner,) and inner != ("state",)
        if settable and field.name not in without:
            found[field.name] = _trait(field, inner, one_for_all)
    return create_model("Traits", __base__=Entry, **found)


@cache
def coefficients(dataclass: type) -> type[Entry]:
    """The model of a desk rule's coefficients; by technology: a mapping, or one number for all."""
    model: type[Entry] = _traits(dataclass, owner="state", one_for_all=True)
    return model


_Munition: Any = _traits(params.Munitions, owner="munition")
_Technology: Any = _traits(
    params.Technologies, owner="technology", without=("first", "by_tech", "by_trials")
)
_State: Any = _traits(
    params.States,
    Start,
    owner="state",
    without=(*COUNCIL, "base_capacity", "force_target", "mandate"),
)


class Munition(_Munition):
    """A munition; those of one family substitute each other in wants."""

    unit: Text = ""
    family: NewName | None = None
    technology: TechnologyName


class Technology(_Technology):
    """A technology; log-odds of success only count where there are trials."""

    role: Literal["none", "tested", "launched", "watching"] = "none"
    first: bounded(params.Technologies, "first") = 0.0
    by_tech: bounded(params.Technologies, "by_tech") = 0.0
    by_trials: bounded(params.Technologies, "by_trials") = 0.0


class State(_State):
    """A state. `capacity` is what industry makes a week, at the start and without a surge."""

    name: Text = ""
    doctrine: str
    desks: dict[str, Any]
    observer: bool = Key(False, strict=True)
    council: Literal["permanent", "elected", "none"] = "none"
    capacity: dict[MunitionName, bounded(params.States, "base_capacity")] = Key({})
    force_target: bounded(params.States, "force_target") | None = None


class Infrastructure(Entry):
    """A port, a railway: what routes share."""

    capacity: bounded(params.Routes, "capacity")


class Leg(Entry):
    """A leg of a route; without `over` its capacity has no limit."""

    name: Text = ""
    weeks: bounded(params.Routes, "time")
    vulnerability: bounded(params.Routes, "vulnerability") = 0.0
    over: Way | None = None


class Route(Entry):
    """A supplier -> recipient pair that may trade."""

    source: StateCode = Key(alias="from")
    target: StateCode = Key(alias="to")
    legs: list[Leg] = Key(min_length=1, max_length=12)


class Alliance(Entry):
    """Who defends whom; `mutual` makes it both ways."""

    protector: StateCode
    protege: StateCode
    commitment: bounded(params.Relations, "commitment")
    mutual: bool = Key(False, strict=True)


_Stake: Any = bounded(params.Relations, "stake")


class Rivalry(Entry):
    """What two states stand to gain or lose against each other: one stake, or each one's."""

    states: tuple[StateCode, StateCode]
    stake: _either(_Stake, tuple[_Stake, _Stake]) = Key(description="for both, or each one's")


_Level: Any = _whole("COW hostility, less than war", 0, 4)
_Weeks: Any = bounded(Start, "mandate")
Pair = tuple[StateCode, StateCode]


class Relations(Entry):
    """What stands between states at the start. Unlisted pairs: 0, tension 0.1."""

    affinity: list[tuple[StateCode, StateCode, bounded(params.Relations, "affinity")]] = []
    alliances: list[Alliance] = []
    rivalries: list[Rivalry] = []
    wars: list[Pair] = []
    levels: list[tuple[StateCode, StateCode, _Level]] = []
    tension: list[tuple[StateCode, StateCode, Share]] = []
    embargoes: Annotated[list[StateCode], Key(max_length=MOST["states"])] = []
    monitors: Annotated[dict[StateCode, _Weeks], Key(max_length=MOST["states"])] = {}
    sanctions: list[tuple[StateCode, StateCode, Share]] = []
    debts: list[tuple[StateCode, StateCode, Amount]] = []
    interop: list[tuple[StateCode, StateCode, Share]] = []


class Exercise(Entry):
    """A yearly exercise: of one state alone, or of every pair of two or more."""

    name: Text = ""
    states: list[StateCode] = Key(min_length=1, max_length=12)
    kind: Literal[EXERCISES]
    week_of_year: _whole("1 for 1 to 7 January", 1, 52)
    weeks: _whole("how many", 1, 52) = 1
    size: Size = 1.0


class Dated(Entry):
    """An entry of the timetable."""

    day: Day = Key(alias="date")
    kind: Literal[TIMETABLE]
    actor: StateCode
    target: StateCode | None = None
    value: Size = 1.0
    note: Text = ""


def _real(unit: str) -> Any:
    return _number(unit, -1e30, 1e30)


def _shape(unit: str) -> Any:
    return _number(unit, 0.01, 1e4)


class Prior(Entry):
    """The law of an uncertain number: one of the four, with its two parameters."""

    lognormal: tuple[_number("median", 1e-30, 1e30), _number("sd of the log", 0, 20)] | None = None
    uniform: tuple[_real("low"), _real("high")] | None = None
    normal: tuple[_real("mean"), _number("sd", 0, 1e30)] | None = None
    beta: tuple[_shape("a"), _shape("b")] | None = None

    @model_validator(mode="after")
    def _one_law(self) -> "Prior":
        if len(self._named) != 1:
            laws = ", ".join(type(self).model_fields)
            raise PydanticCustomError("refused", f"must name one law of {laws}")
        if self.uniform is not None and self.uniform[0] > self.uniform[1]:
            raise PydanticCustomError("refused", "a uniform law is [low, high]")
        return self

    @property
    def _named(self) -> list[str]:
        return [name for name in type(self).model_fields if getattr(self, name) is not None]

    @property
    def law(self) -> tuple[str, float, float]:
        """The law and its two parameters."""
        return self._named[0], *getattr(self, self._named[0])


_phases: Any = {field.name: (_traits(field.type), ...) for field in fields(params.Rules)}
Rules: Any = create_model("Rules", __base__=Entry, **_phases)


class Doctrine(Entry):
    """A named bundle of six desks, each a rule with what it sets."""

    title: Text = ""
    desks: dict[str, Any]


class Spec(Entry):
    """A whole scenario, its desks resolved."""

    name: Annotated[str, StringConstraints(pattern=TITLE)] = "custom"
    title: Text = ""
    start: Day = Key(ge=date(1800, 1, 1), le=date(2200, 1, 1))
    weeks: _whole("how many", 1, 5200)
    munitions: dict[NewName, Munition] = Key(min_length=1)
    technologies: dict[NewName, Technology] = Key(min_length=1)
    infrastructure: dict[NewName, Infrastructure] = {}
    routes: list[Route] = []
    states: dict[NewState, State] = Key(min_length=2)
    relations: Relations = Relations()
    exercises: list[Exercise] = []
    timetable: list[Dated] = []
    priors: dict[str, Prior] = {}
    rules: Rules
    doctrines: dict[str, Doctrine] = {}
