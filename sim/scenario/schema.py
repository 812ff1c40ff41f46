"""What a scenario file may say: pydantic models with the bounds of `sim.params`.

Traits and coefficients are not listed here: their models are made from the dataclasses of
`sim.params`, `start.Start` and the desks, so that no unit and no bound stands twice. A trait of
each state by munition is a mapping munition -> number in the state's entry, and so on.
"""

from dataclasses import Field, fields
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    create_model,
    model_validator,
)
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from .. import params
from ..world import EXERCISES, FORCE, NO_DISPUTE, TIMETABLE, YEAR
from .parameters import Parameters
from .problems import CODE, NAME, TITLE
from .start import Start
from .values import as_date, bounded, name_of, one_or_many, real_number, whole_number

MOST = {
    "states": 512,
    "munitions": 64,
    "technologies": 64,
    "infrastructure": 512,
    "routes": 10_000,
    "exercises": 1_000,
    "timetable": 10_000,
    "observations": 10_000,
    "priors": 200,
    "doctrines": 512,
    "headline": 20,
}
"""How many of each a scenario may have: more is a mistake, and would take minutes to report."""
HEADLINE = "list: metrics that table and page show first, in this order (list=metrics)"
OBSERVED = ("claim", "truth", "bound")
"""What an observation is: what somebody says, what is known, or what a quantity keeps to."""
POLICY = "policy"
"""The kind of a dated change of policy, which is no event of a week."""
COUNCIL = ("member", "permanent")
"""Traits of a state that `council` decides."""


class Entry(BaseModel):
    """Any part of a scenario: frozen, with no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


StateCode = name_of("state", "states")
MunitionName = name_of("munition", "munitions")
TechnologyName = name_of("technology", "technologies")
Way = name_of("infrastructure", "infrastructure")
Text = Annotated[str, StringConstraints(max_length=1000)]
Amount = real_number("in the unit of the quantity", -1e30, 1e30)
NewState = Annotated[str, StringConstraints(pattern=CODE)]
NewName = Annotated[str, StringConstraints(pattern=NAME)]
Day = Annotated[date, BeforeValidator(as_date)]
Share = real_number("share", 0.0, 1.0)
Size = real_number("size", 0.0, 10.0)
_KEYS = {"munition": MunitionName, "technology": TechnologyName, "kind": Literal[EXERCISES]}


def axes(field: "Field[Any]") -> tuple[str, ...]:
    """Return the axes of a dataclass field, from its jaxtyping annotation."""
    annotation: Any = field.type  # jaxtyping's: no string
    array, *_ = get_args(annotation) or (annotation,)  # what may be left out is `array | None`
    return tuple(array.dim_str.split())


def _trait(field: "Field[Any]", inner: tuple[str, ...], one_for_all: bool) -> tuple[Any, Any]:
    """Return annotation and default of a field's key; `inner`: its axes but the owner's."""
    meta = field.metadata
    number = real_number(meta["unit"], meta["low"], meta["high"])
    default = ... if meta["default"] is None else meta["default"]
    if not inner:
        return number, default
    if inner == ("kind",):
        kinds: Any = dict.fromkeys(EXERCISES, (number, default))
        return create_model("Kinds", __base__=Entry, **kinds), ...
    mapping: Any = dict[_KEYS[inner[0]], number]
    if one_for_all:
        return one_or_many(number, mapping), default
    return mapping, {}


def _traits(
    *dataclasses: Any, owner: str = "", without: tuple[str, ...] = (), one_for_all: bool = False
) -> Any:
    """Make a model with one key for each coefficient of the dataclasses."""
    found: dict[str, Any] = {}
    for field in (field for dataclass in dataclasses for field in fields(dataclass)):
        first, inner = (axes(field)[:1], axes(field)[1:]) if owner else ((owner,), axes(field))
        settable = "unit" in field.metadata and first == (owner,) and inner != ("state",)
        if settable and field.name not in without:
            found[field.name] = _trait(field, inner, one_for_all)
    return create_model("Traits", __base__=Entry, **found)


@cache
def coefficients(dataclass: type) -> type[Entry]:
    """Return the model of a desk rule's coefficients; by technology: a mapping or one number."""
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
    """A state. `capacity` is what industry makes per week, at the start and without a surge.

    An importer needs a `war_plan`, or a war and a `fire_rate`: else it wants nothing, which loading
    warns of.
    """

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
    ship: bounded(params.Routes, "ship") = 0.0
    agreed: bool = Key(False, strict=True, description="the two have agreed on deals at the start")


class Alliance(Entry):
    """Who defends whom; `mutual` makes it both ways."""

    protector: StateCode
    protege: StateCode
    commitment: bounded(params.Relations, "commitment")
    stake: bounded(params.Relations, "at_stake") = 0.0
    mutual: bool = Key(False, strict=True)
    signed: bool = Key(True, strict=True, description="false: it is in force from a treaty on")


_Stake: Any = bounded(params.Relations, "stake")


class Rivalry(Entry):
    """What two states stand to gain or lose against each other: one stake, or each one's."""

    states: tuple[StateCode, StateCode]
    stake: one_or_many(_Stake, tuple[_Stake, _Stake]) = Key(description="for both, or each one's")


_Level: Any = whole_number("COW hostility, less than war", NO_DISPUTE, FORCE)
_Weeks: Any = bounded(Start, "mandate")
Pair = tuple[StateCode, StateCode]


def _all(word: Any) -> Any:
    """Refuse any word but `all`."""
    if word != "all":
        raise PydanticCustomError("refused", "must be a list of pairs, or all")
    return word


_Every: Any = Annotated[Literal["all"], BeforeValidator(_all)]


class Relations(Entry):
    """What stands between states at the start. Unlisted pairs: 0, tension 0.1.

    Conduct is simulated between states that something here, a route or an exercise names together;
    `relevant` names more pairs, or all. `armsflow list=pairs scenario=NAME` shows which, and why.
    """

    affinity: list[tuple[StateCode, StateCode, bounded(params.Relations, "affinity")]] = []
    alliances: list[Alliance] = []
    rivalries: list[Rivalry] = []
    wars: list[Pair] = []
    levels: list[tuple[StateCode, StateCode, _Level]] = []
    tension: list[tuple[StateCode, StateCode, Share]] = []
    embargoes: Annotated[list[StateCode], Key(max_length=MOST["states"])] = []
    monitors: Annotated[dict[StateCode, _Weeks], Key(max_length=MOST["states"])] = {}
    sanctions: list[tuple[StateCode, StateCode, Share]] = []
    debts: list[tuple[StateCode, StateCode, bounded(Start, "debt")]] = []
    interop: list[tuple[StateCode, StateCode, Share]] = []
    reach: list[tuple[StateCode, StateCode, bounded(params.Relations, "reach")]] = []
    unenforceable: list[
        tuple[StateCode, StateCode, bounded(params.Relations, "unenforceable")]
    ] = []
    relevant: one_or_many(_Every, list[Pair]) = []


class Exercise(Entry):
    """A yearly exercise: of one state alone, or of every pair of two or more."""

    name: Text = ""
    states: list[StateCode] = Key(min_length=1, max_length=12)
    kind: Literal[EXERCISES]
    week_of_year: whole_number("1 for 1 to 7 January", 1, YEAR)
    weeks: whole_number("how many", 1, YEAR) = 1
    size: Size = 1.0
    terms: real_number("lowest affinity between any two of its states", -1.0, 1.0) = -1.0


class Dated(Entry):
    """An entry of the timetable: an event, or from then on a change of the actor's policy."""

    day: Day = Key(alias="date")
    kind: Literal[(*TIMETABLE, POLICY)]
    actor: StateCode
    target: StateCode | None = None
    value: Size = 1.0
    set_: dict[str, Any] | None = Key(
        None,
        alias="set",
        description="of a policy: `{doctrine: restraint}`, `{desks.crisis: hold}`",
    )
    note: Text = ""


class Observed(Entry):
    """What was seen or said of a quantity. Drawn beside the runs and scored, never simulated."""

    day: Day = Key(alias="date")
    kind: Literal[OBSERVED] = "claim"
    issuer: StateCode | None = None
    office: Text = ""
    quantity: Annotated[str, StringConstraints(max_length=100)] = Key(
        description="a metric by state, by route or of the world, with its munition, technology "
        "or observer: `containers`, `stock_shell_152`"
    )
    state: StateCode | None = None
    route: Pair | None = None
    value: Amount | None = None
    range: tuple[Amount | None, Amount | None] | None = None
    source: Text


def _real(unit: str) -> Any:
    return real_number(unit, -1e30, 1e30)


def _shape(unit: str) -> Any:
    return real_number(unit, 0.01, 1e4)


class Prior(Entry):
    """The law of an uncertain number: one of the four, with its two parameters."""

    lognormal: (
        tuple[real_number("median", 1e-30, 1e30), real_number("sd of the log", 0, 20)] | None
    ) = None
    uniform: tuple[_real("low"), _real("high")] | None = None
    normal: tuple[_real("mean"), real_number("sd", 0, 1e30)] | None = None
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
        """Return the law and its two parameters."""
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
    weeks: whole_number("how many", 1, 5200)
    munitions: dict[NewName, Munition] = Key(min_length=1)
    technologies: dict[NewName, Technology] = Key(min_length=1)
    infrastructure: dict[NewName, Infrastructure] = {}
    routes: list[Route] = []
    states: dict[NewState, State] = Key(min_length=2)
    relations: Relations = Relations()
    exercises: list[Exercise] = []
    timetable: list[Dated] = []
    observations: list[Observed] = []
    priors: dict[str, Prior] = {}
    parameters: Parameters | None = None
    rules: Rules
    doctrines: dict[str, Doctrine] = {}
    headline: list[str] = Key([], max_length=MOST["headline"], description=HEADLINE)
