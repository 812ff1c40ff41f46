"""Checks of a scenario in its normal form, which report everything that is wrong at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import islice, pairwise
from typing import Any

from pydantic import ValidationError

from ..desks.registry import REGISTRY
from ..metrics import METRICS
from ..world import DESKS
from . import stages
from .compose import entries
from .files import names
from .observed import number_problems, subjects
from .priors import quantile
from .problems import CODE, MAX_PROBLEMS, NAME, ScenarioError, lines, nearest
from .schema import Spec, coefficients

SYMMETRIC = (
    "affinity",
    "wars",
    "levels",
    "tension",
    "interop",
    "rivalries",
    "relevant",
    "unenforceable",
)
DIRECTED = ("alliances", "sanctions", "debts")
AIMED = ("visit", "draft", "ceasefire", "treaty")
"""Kinds of the timetable that need a target."""

FEW = 2
"""Keys of an entry that may have been made by an override with a wrong name."""
MOST_SHOWN = 8
"""How many names a message lists."""

Context = dict[str, list[str]]


def checked(data: dict[str, Any]) -> Spec:
    """Return the scenario that data in its normal form describes.

    Raises:
        ScenarioError: All that is wrong with it.
    """
    groups = ("states", "munitions", "technologies", "infrastructure")
    named = {"infrastructure": {}, **data}  # a scenario may lack that section, not the others
    context = {group: list(named[group]) for group in groups if isinstance(named.get(group), dict)}
    spec, wrong = None, []
    try:
        spec = Spec.model_validate(data, context=context)
    except ValidationError as error:
        wrong = lines(error, Spec, existing=context)
    for found in (*(check(data) for check in CHECKS), _desks(data, context)):
        wrong += islice(found, MAX_PROBLEMS)
    if spec is None or wrong:
        raise ScenarioError(_with_hints(wrong, data))
    return spec


def at_medians(spec: Spec) -> Spec:
    """Return the scenario with the median of every prior at its path; they must be lawful there."""
    if not spec.priors:
        return spec
    data, wrong = spec.model_dump(mode="json", by_alias=True), []
    for path, prior in spec.priors.items():
        *way, last = path.split(".")
        holder = _holder(data, way)
        if isinstance(holder, dict):
            holder[last] = quantile(prior, 0.5)
        elif isinstance(holder, list) and last.isdecimal() and int(last) < len(holder):
            holder[int(last)] = quantile(prior, 0.5)
        else:
            wrong.append(f"priors.{path}: no such path")
    try:
        spec = checked(data)
    except ScenarioError as error:
        wrong += [f"priors.{problem}" for problem in error.problems]
    if wrong:
        raise ScenarioError(wrong)
    return spec


def _holder(data: Any, way: list[str]) -> Any:
    """Return the mapping or the list at a path, None where there is none."""
    for part in way:
        if isinstance(data, list):
            data = data[int(part)] if part.isdecimal() and int(part) < len(data) else None
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def _with_hints(wrong: list[str], data: dict[str, Any]) -> list[str]:
    """Return the lines; one about an entry that seems a mistake says which entries there are."""
    hinted = []
    for line in dict.fromkeys(wrong):
        path, _, message = line.partition(": ")
        group, _, code = path.partition(".")
        known = entries(data, group) if group in ("states", "munitions", "technologies") else {}
        if code not in known or "." in code:
            hinted.append(line)
        elif not message.startswith("lacks "):
            hinted.append(line + nearest(code.upper(), [name for name in known if name != code]))
        elif not re.fullmatch(CODE if group == "states" else NAME, code):
            continue  # its name is wrong, which is said
        else:
            hinted.append(line + _others(group, code, known))
    return hinted


def _others(group: str, code: str, known: Mapping[str, Any]) -> str:
    """Return what else could be meant by an entry that lacks most of what it needs."""
    near = nearest(code, [name for name in known if name != code])
    if near or len(known[code]) > FEW or not isinstance(known[code], dict):
        return near
    others = [name for name in known if name != code]
    shown = ", ".join(others[:MOST_SHOWN]) + (", ..." if len(others) > MOST_SHOWN else "")
    return f"; it is none of the {group} of the scenario, {shown}"


def _desks(data: dict[str, Any], context: Context) -> Iterator[str]:
    """Find unknown doctrines, desks, rules and coefficients; a doctrine's own mistakes once."""
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
                found = lines(error, model, here, context)
                yield from (line + _owner(line, here, desk, rule) for line in found)
            else:
                yield from _falling(entered, REGISTRY[desk][rule].coefficients, here)


def _owner(line: str, path: str, desk: str, rule: str) -> str:
    """Return whose coefficient a key is that a desk's rule lacks, to end a line about it."""
    if not line.startswith(f"{path}.") or not line.endswith(": no such key"):
        return ""
    key = line.removeprefix(f"{path}.").removesuffix(": no such key")
    names = {
        each: [f.name for f in fields(REGISTRY[desk][each].coefficients)] for each in REGISTRY[desk]
    }
    has = f"has {', '.join(names[rule])}" if names[rule] else "has no coefficients"
    owners = [each for each, own in names.items() if key in own]
    return f"; the rule {rule} {has}" + (f"; {key} is of {', '.join(owners)}" if owners else "")


def _falling(chosen: Any, coefficients: type, path: str) -> Iterator[str]:
    """Find coefficients that rise in an order in which the rule lets them fall only."""
    for order in getattr(coefficients, "FALLING", ()):
        for higher, lower in pairwise(order):
            if getattr(chosen, lower) > getattr(chosen, higher):
                yield f"{path}.{lower}: must not be above {higher}"


def _items(data: Any, *path: str) -> list[Any]:
    """Return the list at a path of unchecked data, [] where there is none."""
    found = entries(data, *path[:-1]).get(path[-1])
    return found if isinstance(found, list) else []


def _repeated(codes: list[Any]) -> Iterator[int]:
    """Yield the places of codes that stand earlier in the list too."""
    seen = set()
    for i, code in enumerate(codes):
        if isinstance(code, str):
            if code in seen:
                yield i
            seen.add(code)


def _pair(item: Any) -> tuple[str, str] | None:
    """Return the two states of an entry about two states, if it can be read."""
    if isinstance(item, dict):
        ends = item.get("states") or [item.get("protector"), item.get("protege")]
        return _pair(ends)
    if isinstance(item, list) and len(item) >= 2 and all(isinstance(end, str) for end in item[:2]):
        return item[0], item[1]
    return None


def _pairs(data: dict[str, Any]) -> Iterator[str]:
    """Find states in a relation to themselves, and pairs that stand twice in a list."""
    for name in SYMMETRIC + DIRECTED:
        seen: set[tuple[str, str]] = set()
        for i, item in enumerate(_items(data, "relations", name)):
            pair = _pair(item)
            if pair is None:
                continue
            if pair[0] == pair[1]:
                yield f"relations.{name}.{i}: {pair[0]} and itself"
            mutual = isinstance(item, dict) and item.get("mutual") is True
            both = {pair, pair[::-1]} if name in SYMMETRIC or mutual else {pair}
            if seen & both:
                yield f"relations.{name}.{i}: {pair[0]} and {pair[1]} stand twice"
            seen |= both
    wars = {frozenset(pair) for pair in map(_pair, _items(data, "relations", "wars")) if pair}
    for i, pair in enumerate(map(_pair, _items(data, "relations", "wars"))):
        for code in pair or ():
            if entries(data, "states", code).get("force") == 0:
                yield f"relations.wars.{i}: {code} has no force to wage it with"
    for i, item in enumerate(_items(data, "relations", "levels")):
        if frozenset(_pair(item) or ()) in wars:
            yield f"relations.levels.{i}: {item[0]} and {item[1]} are at war already"


def _routes(data: dict[str, Any]) -> Iterator[str]:
    """Find routes to their own start, routes that stand twice, and debts without a route."""
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
    """Find monitors without an embargo."""
    embargoes = _items(data, "relations", "embargoes")
    for i in _repeated(embargoes):
        yield f"relations.embargoes.{i}: {embargoes[i]} stands twice"
    for code in entries(data, "relations", "monitors"):
        if code not in embargoes:
            yield f"relations.monitors.{code}: there is no embargo on {code} to monitor"


def _technologies(data: dict[str, Any]) -> Iterator[str]:
    """Find a second technology of launches or of reconnaissance, and trials without odds."""
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
    """Find acts upon a state that is not named, and exercises that name a state twice."""
    seen: set[tuple[str, ...]] = set()
    for i, entry in enumerate(_items(data, "timetable")):
        if not isinstance(entry, dict):
            continue
        yield from stages.problems(i, entry)
        aimed = entry.get("kind") in AIMED
        if aimed and entry.get("target") in (None, entry.get("actor")):
            yield f"timetable.{i}: a {entry['kind']} needs a target other than its actor"
        elif entry.get("kind") == "treaty" and not _awaited(data, entry):
            yield f"timetable.{i}: the two have no alliance with signed: false"
        act = tuple(str(entry.get(key)) for key in ("date", "kind", "actor", "target"))
        act += tuple(sorted(map(str, entries(entry, "set"))))
        if act in seen:
            yield f"timetable.{i}: {' '.join(act[:3])} stands twice"
        seen.add(act)
    for i, exercise in enumerate(_items(data, "exercises")):
        if any(_repeated(_items(exercise, "states"))):
            yield f"exercises.{i}.states: a state stands twice"


def _awaited(data: dict[str, Any], treaty: dict[str, Any]) -> bool:
    """Return whether an alliance of the two that a treaty names waits for one."""
    both = [treaty.get("actor"), treaty.get("target")]
    return any(
        alliance.get("signed") is False and list(_pair(alliance) or ()) in (both, both[::-1])
        for alliance in map(entries, _items(data, "relations", "alliances"))
    )


def _observations(data: dict[str, Any]) -> Iterator[str]:
    """Find observations of what is not measured, not of what they name, or without a number."""
    states = entries(data, "states").items()
    known = subjects(
        {
            "munition": list(entries(data, "munitions")),
            "technology": list(entries(data, "technologies")),
            "observer": [code for code, state in states if entries(state).get("observer")],
        }
    )
    routes = [(r.get("from"), r.get("to")) for r in map(entries, _items(data, "routes"))]
    for i, seen in enumerate(map(entries, _items(data, "observations"))):
        yield from (f"observations.{i}{problem}" for problem in number_problems(seen))
        quantity, route = seen.get("quantity"), _pair(seen.get("route"))
        if not isinstance(quantity, str):
            continue
        if quantity not in known:
            hint = nearest(quantity, known)
            yield f"observations.{i}.quantity: there is no quantity '{quantity}'{hint}"
            continue
        for key in ("state", "route"):
            if key == known[quantity] and seen.get(key) is None:
                yield f"observations.{i}: lacks {key}: '{quantity}' is measured by {key}"
            elif key != known[quantity] and seen.get(key) is not None:
                yield f"observations.{i}.{key}: '{quantity}' is not measured by {key}"
            elif key == "route" and route is not None and route not in routes:
                yield f"observations.{i}.route: there is no route from {route[0]} to {route[1]}"


def _columns(data: dict[str, Any]) -> Iterator[str]:
    """Find names whose column in the tables of results would be that of something else."""
    observers = [
        c for c, state in entries(data, "states").items() if entries(state).get("observer")
    ]
    named = {
        "munition": ("munitions", list(entries(data, "munitions"))),
        "technology": ("technologies", list(entries(data, "technologies"))),
        "observer": ("states", observers),
    }
    owners: dict[str, str] = {}
    made = []
    for metric in METRICS:
        inner = [axis for axis in metric.axes.split() if axis in named]
        if not inner:
            owners[metric.name] = f"the metric {metric.name}"
        for axis in inner:
            group, codes = named[axis]
            made += [(f"{metric.name}_{c}", f"{group}.{c}", metric.name) for c in codes]
    for column, path, metric_name in made:
        if column in owners:
            yield f"{path}: its column {column} is that of {owners[column]}; choose another name"
        owners[column] = f"{metric_name} of {path}"


def _headline(data: dict[str, Any]) -> Iterator[str]:
    """Find headlines that are no metric, that no run is summarised by, or that stand twice."""
    named = _items(data, "headline")
    summarised = {metric.name for metric in METRICS if metric.reduce}
    for i in _repeated(named):
        yield f"headline.{i}: {named[i]} stands twice"
    for i, name in enumerate(named):
        if not isinstance(name, str):
            continue
        if name not in {metric.name for metric in METRICS}:
            yield f"headline.{i}: there is no metric '{name}'{nearest(name, summarised)}"
        elif name not in summarised:
            yield f"headline.{i}: no run is summarised by '{name}' (docs/metrics.md)"


CHECKS = (
    *(_pairs, _routes, _council, _technologies, _agenda, _observations, _columns),
    _headline,
)
