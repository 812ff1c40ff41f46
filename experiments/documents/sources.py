"""The tables of `docs/sources.md`: every figure with its source, from the files' own comments."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from sim import params
from sim.desks.registry import REGISTRY
from sim.scenario.files import names, shipped
from sim.scenario.load import DEFAULT
from sim.scenario.start import Start

from .markdown import table
from .yaml_comments import Note, Path, commented_numbers

HEADING = ("key", "value", "unit", "source, or `chosen: why`", "conf.")
Row = tuple[str, str, str, str, str]

LABELS = ("name", "unit", "family", "technology", "role", "doctrine")
"""Keys that are no figures."""
LISTED = ("routes", "exercises", "timetable", "observations")


@cache
def _units() -> dict[str, str]:
    """Return the unit of each trait, by its name in a scenario file."""
    kinds = (params.Munitions, params.Technologies, params.States, Start)
    units = {f.name: f.metadata.get("unit", "") for kind in kinds for f in fields(kind)}
    return units | {"capacity": units["base_capacity"]}


def split_confidence(comment: str) -> tuple[str, str]:
    """Return a comment without its marks of confidence, and those, `-` if there is none."""
    marks = re.findall(r"\[([HML])\]", comment)
    return re.sub(r"\s*\[[HML]\]", "", comment), "/".join(dict.fromkeys(marks)) or "-"


@cache
def _units_of_phase(phase: str) -> dict[str, str]:
    """Return the unit of each coefficient of a phase."""
    (kind,) = (found.type for found in fields(params.Rules) if found.name == phase)
    of_phase: Any = kind  # a dataclass
    return {f.name: f.metadata["unit"] for f in fields(of_phase)}


def _row(key: str, value: str, unit: str, comment: str) -> Row:
    text, mark = split_confidence(comment)
    if mark == "-" and "chosen" not in text and not text.startswith("see "):
        text = f"chosen: {text}"
    return key, value, unit, text, mark


def _bold(key: str, comment: str = "") -> Row:
    text, mark = split_confidence(comment)
    return f"**{key}**", "", "", text, mark if mark != "-" else ""


def scenario() -> list[str]:
    """Return the tables of the default scenario, a section for each key."""
    data, notes = shipped("scenario", DEFAULT), commented_numbers("scenario", DEFAULT)
    lines: list[str] = []
    for key, value in data.items():
        if key == "headline":  # what is shown first, not a figure
            continue
        note = notes[key,]
        if not isinstance(value, dict | list):
            if key != "title":
                lines += [f"{key}: {note.text}. {_sentence(note.comment)}", ""]
            continue
        lines += [f"### {key}", ""] + ([_sentence(note.comment), ""] if note.comment else [])
        lines += [*table(HEADING, _section(key, value, notes)), ""]
    return lines[:-1]


def _sentence(comment: str) -> str:
    return f"{comment[:1].upper()}{comment[1:]}."


def _section(name: str, value: Any, notes: Mapping[Path, Note]) -> Iterator[Row]:
    """Yield the rows of what stands at a root key."""
    if name in LISTED:
        for n, item in enumerate(value):
            own = notes[name, str(n)]
            yield _item(name, item, own.comment or own.above or notes[name,].comment)
    elif name == "relations":
        for kind, entries in value.items():
            yield _bold(kind, notes[name, kind].comment or notes[name, kind].above)
            yield from _related(kind, entries, notes)
    elif name == "priors":
        for path, law in value.items():
            ((named, (a, b)),) = law.items()
            yield _row(path, f"{named} {_plain(a)}, {_plain(b)}", "", notes[name, path].comment)
    else:
        for key, entry in value.items():
            first = next((note for path, note in notes.items() if path[:-1] == (name, key)), None)
            if first is not None and first.line != notes[name, key].line:
                yield _bold(key, notes[name, key].comment)
            yield from _leaves((name, key), entry, notes)


def _plain(number: float) -> str:
    """Format a number as people write it."""
    return f"{number:g}" if abs(number) < 1e5 else f"{number:.0f}"


def _related(kind: str, entries: Any, notes: Mapping[Path, Note]) -> Iterator[Row]:
    """Yield the rows of a kind of relation."""
    if isinstance(entries, dict):
        for code, value in entries.items():
            yield _row(code, str(value), "", notes["relations", kind].comment)
        return
    for n, item in enumerate(entries):
        comment = notes["relations", kind, str(n)].comment
        if isinstance(item, str):
            yield _row(item, "1", "", notes["relations", kind].comment)
        else:
            yield _item(kind, item, comment or "see the heading")


def _item(name: str, item: Any, comment: str) -> Row:
    """Return the row of an item of a list."""
    if isinstance(item, list):
        return _row(" ".join(map(str, item[:2])), str(item[2]) if item[2:] else "war", "", comment)
    if name == "routes":
        legs = ", ".join(map(_leg, item["legs"]))
        return _row(f"{item['from']} to {item['to']}", legs, "", comment)
    if name == "alliances":
        return _row(
            f"{item['protector']} for {item['protege']}", str(item["commitment"]), "", comment
        )
    if name == "rivalries":
        return _row(" and ".join(item["states"]), str(item["stake"]), "", comment)
    if name == "exercises":
        weeks = f"week {item['week_of_year']}, {item['weeks']} wk; size {item['size']}"
        return _row(
            item["name"], f"{' '.join(item['states'])}; {item['kind']}; {weeks}", "", comment
        )
    if name == "observations":
        subject = " to ".join(item["route"]) if "route" in item else item.get("state", "the world")
        number = f"{item['value']:,}" if "value" in item else str(item.get("range"))
        seen = f"{item['quantity']}, {subject}: {number}"
        who = f"{item['date']} {item.get('issuer', '')}".strip()
        return _row(who, seen, "", f"{_origin(item)} [L]")
    who = " ".join(str(item[key]) for key in ("actor", "target", "value") if key in item)
    source = f"{item['note']}; press of the day [H], weight chosen"
    return _row(f"{item['date']} {item['kind']}", who, "", source)


def _origin(claim: Mapping[str, Any]) -> str:
    """Return who made a claim, and where it was reported."""
    return "; ".join(str(claim[key]) for key in ("office", "source") if key in claim)


def _leg(leg: Mapping[str, Any]) -> str:
    danger = f", vulnerability {leg['vulnerability']}" if leg.get("vulnerability") else ""
    return f"{leg['name']} {leg['weeks']} wk{danger}" + (
        f", over {leg['over']}" if "over" in leg else ""
    )


def _leaves(path: Path, value: Any, notes: Mapping[Path, Note]) -> Iterator[Row]:
    """Yield the rows of the figures below a path."""
    if isinstance(value, dict):
        if not value and path[-1] != "desks":
            yield _row(".".join(path[1:]), "none", _unit(path), notes[path].comment)
        for key, inner in value.items():
            yield from _leaves((*path, key), inner, notes)
    elif path[-1] not in LABELS:
        comment = _of_this(path[-1], notes[path].comment)
        yield _row(".".join(path[1:]), notes[path].text, _unit(path), comment)


def _of_this(key: str, comment: str) -> str:
    """Return what a comment on several figures says of one: `nuclear: 715 tests; others chosen`."""
    one = re.match(r"(\w+): .*chosen$", comment)
    return "chosen: an order of magnitude" if one and one[1] != key else comment


def _unit(path: Path) -> str:
    if path[0] == "infrastructure":
        return "containers per week"
    if path[0] == "rules":
        return _units_of_phase(path[1]).get(path[2], "") if path[2:] else ""
    return _units().get(path[2], "") if path[2:] else ""


def rules() -> list[str]:
    """Return the tables of the coefficients of the rules, a section for each phase."""
    lines: list[str] = []
    for phase in fields(params.Rules):
        lines += [
            f"### rules.{phase.name}",
            "",
            *table(HEADING, _phase(phase.name, phase.type)),
            "",
        ]
    return lines[:-1]


def coefficient_source(phase: str, name: str) -> str:
    """Return what the file of a phase says of a coefficient, behind its unit.

    Args:
        phase: `watch`.
        name: Of the coefficient.
    """
    comment = commented_numbers("rules", phase)[name,].comment
    head, _, tail = comment.partition("; ")
    return tail or head


def _phase(phase: str, kind: Any) -> Iterator[Row]:
    notes, units = (
        commented_numbers("rules", phase),
        {f.name: f.metadata["unit"] for f in fields(kind)},
    )
    for path, note in notes.items():
        if note.text:
            source = coefficient_source(phase, path[0])
            yield _row(".".join(path), note.text, units[path[0]], source)


def doctrines() -> list[str]:
    """Return the tables of the settings of the shipped doctrines."""
    lines: list[str] = []
    for name in names("doctrine"):
        data = shipped("doctrine", name)
        lines += [f"### {name}", "", f"{data['title']}.", ""]
        lines += [*table(HEADING, _doctrine(name, data["desks"])), ""]
    return lines[:-1]


def _doctrine(name: str, desks: Mapping[str, Any]) -> Iterator[Row]:
    notes = commented_numbers("doctrine", name)
    for desk, entry in desks.items():
        rule = entry if isinstance(entry, str) else entry["rule"]
        yield _bold(f"{desk}: {rule}")
        units = {f.name: f.metadata["unit"] for f in fields(REGISTRY[desk][rule].coefficients)}
        for path, note in notes.items():
            if path[:2] != ("desks", desk) or not note.text or path[2:3] in ((), ("rule",)):
                continue
            own = notes[path[:3]]
            comment = note.comment or own.comment or own.above or notes[path[:2]].comment
            yield _row(".".join(path[1:]), note.text, units[path[2]], comment)
