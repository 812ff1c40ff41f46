"""What a person has chosen on the pages: as a link, as scenarios, as a command line, as YAML.

What may be chosen stands in `configs/explore/levers.yaml`. Nothing else is accepted, whatever a
link says: no path that is not listed there, no number out of its range.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

import yaml

from ..scenario import Scenario
from ..scenario.files import names, shipped
from ..scenario.grammar import override_text
from ..scenario.load import DEFAULT, loaded
from ..scenario.problems import brief, nearest
from ..scenario.shipped import shipped_value

RUNS = (8, 16, 32, 64, 128, 256)
"""How many runs may be chosen."""
USUAL_RUNS = 32
LARGEST_SEED = 10**9
SIDES = ("a", "b")
MOST_PAIRS = 100
"""Entries of a link that are read."""
Value = float | str


class SettingError(ValueError):
    """A link that says what cannot be chosen: a line for each problem."""


@dataclass(frozen=True)
class Lever:
    """A number that may be chosen.

    - `path`: where it stands in the scenario.
    - `label`, `unit`: what it is, in plain words.
    - `low`, `high`: the range that is accepted.
    - `shipped`: what the scenario has; the median of a prior where `drawn`, whose range over nine
      runs of ten it then is.
    - `whole`: whether it is a whole number.
    """

    path: str
    label: str
    unit: str
    low: float
    high: float
    shipped: float
    drawn: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Setting:
    """A choice: a scenario, what two worlds change of it, and how it is simulated.

    - `scenario`: its name.
    - `a`, `b`: what each world sets, by path; what is not there is as shipped.
    - `compared`: whether there is a world B.
    - `runs`, `seed`: of the ensemble.
    """

    scenario: str = DEFAULT
    a: Mapping[str, Value] = field(default_factory=dict)
    b: Mapping[str, Value] = field(default_factory=dict)
    compared: bool = False
    runs: int = USUAL_RUNS
    seed: int = 0

    @property
    def sides(self) -> tuple[str, ...]:
        """Return the worlds that are simulated: `a`, or `a` and `b`."""
        return SIDES if self.compared else SIDES[:1]

    def of(self, side: str) -> Mapping[str, Value]:
        """Return what a world sets, by path."""
        return self.b if side == "b" else self.a

    def with_value(self, side: str, path: str, value: Value | None) -> "Setting":
        """Return this setting with a value of a world; None is as shipped.

        Args:
            side: `a` or `b`.
            path: A lever's, or `states.<CODE>.doctrine`.
            value: What it is set to.
        """
        left = {key: old for key, old in self.of(side).items() if key != path}
        changed = left if value is None else {**left, path: value}
        return replace(self, b=changed) if side == "b" else replace(self, a=changed)

    def overrides(self, side: str) -> list[str]:
        """Return what a world changes, as on a command line, doctrines first: they settle most."""
        chosen = sorted(self.of(side).items(), key=lambda item: not _is_doctrine(item[0]))
        return [f"{path}={override_text(value)}" for path, value in chosen]

    def world(self, side: str) -> Scenario:
        """Return a world as a scenario.

        Raises:
            ScenarioError: Its values do not go together.
        """
        overrides, scenario = self.overrides(side), shipped_world(self.scenario)
        return scenario.with_(*overrides) if overrides else scenario

    def query(self) -> str:
        """Return the setting as the query of a link."""
        pairs: list[tuple[str, Any]] = [("scenario", self.scenario)]
        pairs += [("runs", self.runs), ("seed", self.seed)]
        pairs += [("compare", 1)] if self.compared else []
        for side in self.sides:
            pairs += [(f"{side}.{path}", value) for path, value in self.of(side).items()]
        return urlencode(pairs)

    def command(self, side: str) -> str:
        """Return the command that simulates a world."""
        chosen = [f"scenario={self.scenario}", *self.overrides(side)]
        return " ".join(["armsflow", *chosen, f"runs={self.runs}", f"seed={self.seed}"])

    def yaml(self, side: str) -> str:
        """Return a world as the text of a scenario file.

        Raises:
            ScenarioError: Its values do not go together.
        """
        head = (
            "# @package _global_\n# Chosen in armsflow-app. It is simulated again by\n"
            f"#   armsflow scenario_file=FILE runs={self.runs} seed={self.seed}\n"
            f"# and so by\n#   {self.command(side)}\n"
        )
        mapping = self.world(side).mapping
        return head + yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True, width=120)


def offered() -> dict[str, str]:
    """Return the scenarios that are offered: the title of each, by its name."""
    return {name: str(shipped("scenario", name).get("title") or name) for name in _worlds()}


@cache
def shipped_world(name: str) -> Scenario:
    """Return a scenario as it is shipped."""
    return loaded(name)


@cache
def levers(name: str) -> dict[str, Lever]:
    """Return the numbers of a scenario that may be chosen, by path: its own first.

    Args:
        name: Of a scenario that is offered.
    """
    listed = {**_worlds()[name]["levers"], **_listed()["common"]}
    scenario = shipped_world(name)
    return {path: _lever(scenario, path, given) for path, given in listed.items()}


def common_levers() -> frozenset[str]:
    """Return the paths of the numbers that may be chosen in every world."""
    return frozenset(_listed()["common"])


def headline(name: str) -> dict[str, str]:
    """Return the measures of a scenario that are drawn: what each is called, by column.

    Args:
        name: Of a scenario that is offered.
    """
    return dict(_worlds()[name]["headline"])


@cache
def doctrines(name: str) -> tuple[str, ...]:
    """Return the doctrines that a state of a scenario may follow: its own, then the shipped.

    Args:
        name: Of a scenario that is offered.
    """
    own = shipped("scenario", name).get("doctrines", {})
    return tuple(dict.fromkeys([*own, *names("doctrine")]))


def doctrine_path(state: str) -> str:
    """Return where the doctrine of a state stands."""
    return f"states.{state}.doctrine"


def setting_of(pairs: Iterable[tuple[str, str]]) -> Setting:
    """Return the setting that the query of a link says.

    Args:
        pairs: Keys and values as text, whatever they are.

    Raises:
        SettingError: With a line for each thing that cannot be chosen.
    """
    given = list(pairs)[: MOST_PAIRS + 1]
    if len(given) > MOST_PAIRS:
        raise SettingError(f"it has more than {MOST_PAIRS} entries")
    problems: list[str] = []
    keys = [key for key, _ in given]
    problems += [
        f"{_shown(key)} stands twice" for key in sorted({k for k in keys if keys.count(k) > 1})
    ]
    query = dict(given)
    name = query.pop("scenario", DEFAULT)
    if name not in _worlds():
        raise SettingError(f"there is no scenario {_shown(name)}{nearest(name, _worlds())}")
    runs = whole_number("runs", query.pop("runs", str(USUAL_RUNS)), RUNS[-1], problems)
    if runs not in RUNS:
        problems.append(f"runs is none of {', '.join(map(str, RUNS))}")
    seed = whole_number("seed", query.pop("seed", "0"), LARGEST_SEED, problems)
    compare = query.pop("compare", "0")
    if compare not in ("0", "1"):
        problems.append("compare is neither 0 nor 1")
    chosen: dict[str, dict[str, Value]] = {side: {} for side in SIDES}
    for key, text in query.items():
        side, _, path = key.partition(".")
        if side not in SIDES:
            problems.append(f"there is no key {_shown(key)}")
            continue
        try:
            chosen[side][path] = checked_value(name, path, text)
        except SettingError as error:
            problems.append(str(error))
    if problems:
        raise SettingError("\n".join(problems))
    return Setting(name, chosen["a"], chosen["b"], compare == "1", runs, seed)


def checked_value(name: str, path: str, text: str) -> Value:
    """Return a value that may be chosen.

    Args:
        name: Of a scenario that is offered.
        path: Where the value stands.
        text: The value as it was written.

    Raises:
        SettingError: Nothing can be chosen there, or not this.
    """
    if _is_doctrine(path) and path.split(".")[1] in shipped_world(name).states:
        if text not in doctrines(name):
            raise SettingError(
                f"there is no doctrine {_shown(text)}{nearest(text, doctrines(name))}"
            )
        return text
    lever = levers(name).get(path)
    if lever is None:
        raise SettingError(f"{_shown(path)} cannot be chosen in {name}")
    try:
        value = float(text) if len(text) <= 40 else math.nan
    except ValueError:
        value = math.nan
    if not lever.low <= value <= lever.high:
        raise SettingError(f"{path} is not a number from {lever.low:g} to {lever.high:g}")
    if not lever.whole:
        return value
    if value != int(value):
        raise SettingError(f"{path} is not a whole number")
    return int(value)


def whole_number(name: str, text: str, high: int, problems: list[str]) -> int:
    """Return a whole number; what is none adds a problem and is 0.

    Args:
        name: What the problem calls it.
        text: The number as it was written.
        high: The largest that is accepted; the least is 0.
        problems: Where a problem is added.
    """
    if re.fullmatch(r"[0-9]{1,10}", text) and int(text) <= high:
        return int(text)
    problems.append(f"{name} is not a whole number from 0 to {high:,}")
    return 0


def one_sentence(error: ValueError) -> str:
    """Return what is wrong with a link, in a sentence."""
    first, *more = str(error).splitlines()
    rest = f" (and {len(more)} more)" if more else ""
    return f"This link cannot be followed: {first}{rest}. Shown is the default world as shipped."


def _is_doctrine(path: str) -> bool:
    return re.fullmatch(r"states\.[A-Z0-9]+\.doctrine", path) is not None


def _shown(text: str) -> str:
    """Return what somebody wrote, short and in quotes."""
    return repr(brief(text[:60]))


def _listed() -> dict[str, Any]:
    return shipped("explore", "levers")


def _worlds() -> dict[str, Any]:
    worlds: dict[str, Any] = _listed()["worlds"]
    return worlds


def _lever(scenario: Scenario, path: str, given: Mapping[str, Any]) -> Lever:
    drawn = path in scenario.priors
    value = float(shipped_value(scenario, path))
    return Lever(path=path, shipped=value, drawn=drawn, **given)
