"""Checks a scenario in its normal form and tells everything that is wrong at once."""

from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from typing import Any

from pydantic import ValidationError

from ..desks.registry import REGISTRY
from ..world import DESKS
from .compose import entries
from .files import names
from .problems import MOST_TOLD, ScenarioError, lines, nearest
from .schema import Spec, coefficients

SYMMETRIC = ("affinity", "wars", "levels", "tension", "interop", "rivalries")
DIRECTED = ("alliances", "sanctions", "debts")
AIMED = ("visit", "draft", "ceasefire")
"""Kinds of the timetable that need a target."""

Context = dict[str, list[str]]


def checked(data: dict[str, Any]) -> Spec:
    """The scenario that the data describes.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    groups = ("states", "munitions", "technologies", "infrastructure")
    context = {group: list(data[group]) for group in groups if isinstance(data.get(group), dict)}
    spec, wrong = None, []
    try:
        spec = Spec.model_validate(data, context=context)
    except ValidationError as error:
        wrong = lines(error, Spec, existing=context)
    for found in (*(check(data) for check in CHECKS), _desks(data, context)):
        wrong += islice(found, MOST_TOLD)
    if spec is None or wrong:
        raise ScenarioError(_telling(wrong, data))
    return spec


def _telling(wrong: list[str], data: dict[str, Any]) -> list[str]:
    """The lines, where an entry that lacks nearly all is one line: its name is the mistake."""
    told = dict.fromkeys(wrong)
    for group in ("states", "munitions", "technologies"):
        known = entries(data, group)
        for code in known:
            line = next((line for line in told if line.startswith(f"{group}.{code}: lacks")), None)
            others = [other for other in known if other != code]
            if line is not None and nearest(code, others):
                told = {(x + nearest(code, others) if x == line else x): None for x in told}
    return list(told)


def _desks(data: dict[str, Any], context: Context) -> Iterator[str]:
    """Unknown doctrines, desks, rules and coefficients; a doctrine's own mistakes only once."""
    doctrines = entries(data, "doctrines")
    sound = set()
    for name, doctrine in doctrines.items():
        desks = entries(doctrine, "desks")
        lacking = [desk for desk in DESKS if desk not in desks]
        found = [f"doctrines.{name}.desks: lacks {', '.join(lacking)}"] if lacking else []
        whole = {desk: {"rule": e} if isinstance(e, str) else e for desk, e in desks.items()}
        found += _rules(whole, f"doctrines.{name}.desks", {})
        yield from found
        if not found:
            sound.add(name)
    for code, state in entries(data, "states").items():
        followed = state.get("doctrine") if isinstance(state, dict) else None
        if not isinstance(followed, str):
            continue
        if followed in sound:
            yield from _rules(entries(state, "desks"), f"states.{code}.desks", context)
        elif followed not in doctrines:
            hint = nearest(followed, [*doctrines, *names("doctrine")])
            yield f"states.{code}.doctrine: there is no doctrine '{followed}'{hint}"


def _rules(desks: Mapping[str, Any], path: str, context: Context) -> Iterator[str]:
    for desk, entry in desks.items():
        here = f"{path}.{desk}"
        if desk not in REGISTRY:
            yield f"{here}: no such desk{nearest(desk, REGISTRY)}"
            continue
        rule = entry.get("rule") if isinstance(entry, dict) else None
        if not isinstance(rule, str):
            yield f"{here}: must name a rule"
        elif rule not in REGISTRY[desk]:
            yield f"{here}: there is no rule '{rule}'{nearest(rule, REGISTRY[desk])}"
        else:
            model = coefficients(REGISTRY[desk][rule].coefficients)
            own = {key: value for key, value in entry.items() if key != "rule"}
            try:
                entered = model.model_validate(own, context=context)
            except ValidationError as error:
                yield from lines(error, model, here, context)
            else:
                yield from _falling(entered, REGISTRY[desk][rule].coefficients, here)


def _falling(chosen: Any, coefficients: type, path: str) -> Iterator[str]:
    """Coefficients that must not rise in the order in which the rule names them."""
    for order in getattr(coefficients, "FALLING", ()):
        for higher, lower in pairwise(order):
            if getattr(chosen, lower) > getattr(chosen, higher):
                yield f"{path}.{lower}: must not be above {higher}"


def _items(data: Any, *path: str) -> list[Any]:
    """The list at a path of unchecked data, [] where there is none."""
    found = entries(data, *path[:-1]).get(path[-1])
    return found if isinstance(found, list) else []


def _repeated(codes: list[Any]) -> Iterator[int]:
    """The places of the codes that stood before."""
    seen = set()
    for i, code in enumerate(codes):
        if isinstance(code, str):
            if code in seen:
                yield i
            seen.add(code)


def _pair(item: Any) -> tuple[str, str] | None:
    """The two states of an entry about two states, if it can be read."""
    if isinstance(item, dict):
        ends = item.get("states") or [item.get("protector"), item.get("protege")]
        return _pair(ends)
    if isinstance(item, list) and len(item) >= 2 and all(isinstance(end, str) for end in item[:2]):
        return item[0], item[1]
    return None


def _pairs(data: dict[str, Any]) -> Iterator[str]:
    """No state stands in a relation to itself, and no pair twice in a list."""
    for name in SYMMETRIC + DIRECTED:
        seen: set[tuple[str, str]] = set()
        for i, item in enumerate(_items(data, "relations", name)):
            pair = _pair(item)
            if pair is None:
                continue
            if pair[0] == pair[1]:
                yield f"relations.{name}.{i}: {pair[0]} and itself"
            if pair in seen:
                yield f"relations.{name}.{i}: {pair[0]} and {pair[1]} stand twice"
            seen.add(pair)
            mutual = isinstance(item, dict) and item.get("mutual") is True
            if name in SYMMETRIC or mutual:
                seen.add((pair[1], pair[0]))
    wars = {frozenset(pair) for pair in map(_pair, _items(data, "relations", "wars")) if pair}
    for i, item in enumerate(_items(data, "relations", "levels")):
        if frozenset(_pair(item) or ()) in wars:
            yield f"relations.levels.{i}: {item[0]} and {item[1]} are at war already"


def _routes(data: dict[str, Any]) -> Iterator[str]:
    """No route to its own start, none twice; debts stand on routes."""
    seen: set[tuple[Any, Any]] = set()
    for i, route in enumerate(_items(data, "routes")):
        ends = (route.get("from"), route.get("to")) if isinstance(route, dict) else (None, None)
        if not all(isinstance(end, str) for end in ends):
            continue
        if ends[0] == ends[1]:
            yield f"routes.{i}: from {ends[0]} to itself"
        if ends in seen:
            yield f"routes.{i}: {ends[0]} to {ends[1]} stands twice"
        seen.add(ends)
    for i, item in enumerate(_items(data, "relations", "debts")):
        pair = _pair(item)
        if pair is not None and pair not in seen:
            yield f"relations.debts.{i}: there is no route from {pair[0]} to {pair[1]}"


def _council(data: dict[str, Any]) -> Iterator[str]:
    """A body monitors an embargo."""
    embargoes = _items(data, "relations", "embargoes")
    for i in _repeated(embargoes):
        yield f"relations.embargoes.{i}: {embargoes[i]} stands twice"
    for code in entries(data, "relations", "monitors"):
        if code not in embargoes:
            yield f"relations.monitors.{code}: there is no embargo on {code} to monitor"


def _technologies(data: dict[str, Any]) -> Iterator[str]:
    """One technology of launches and one of reconnaissance at the most; trials need their odds."""
    found = [(n, t) for n, t in entries(data, "technologies").items() if isinstance(t, dict)]
    for role in ("launched", "watching"):
        named = [name for name, technology in found if technology.get("role") == role]
        for name in named[1:]:
            yield f"technologies.{name}.role: {named[0]} is {role} already"
    for name, technology in found:
        if technology.get("role") in ("launched", "tested"):
            lacking = [key for key in ("first", "by_tech", "by_trials") if key not in technology]
            if lacking:
                yield f"technologies.{name}: lacks {', '.join(lacking)}"


def _agenda(data: dict[str, Any]) -> Iterator[str]:
    """Acts upon another state name it; nobody takes part twice."""
    for i, entry in enumerate(_items(data, "timetable")):
        if not isinstance(entry, dict) or entry.get("kind") not in AIMED:
            continue
        if entry.get("target") in (None, entry.get("actor")):
            yield f"timetable.{i}: a {entry['kind']} needs a target other than its actor"
    for i, exercise in enumerate(_items(data, "exercises")):
        if any(_repeated(_items(exercise, "states"))):
            yield f"exercises.{i}.states: a state stands twice"


CHECKS = (_pairs, _routes, _council, _technologies, _agenda)
