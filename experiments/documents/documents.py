"""The documents that are made from the code: metrics, events, configuration, tables of others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from math import inf
from pathlib import Path
from textwrap import wrap
from typing import Any

from experiments.documents import sources
from sim import params
from sim.desks.registry import REGISTRY, Desk
from sim.events import SCALE_NAMES, SCALES, TABLE, Event
from sim.metrics import METRICS
from sim.scenario.file_schema import file_schema
from sim.scenario.files import shipped
from sim.scenario.schema import axes

from .markdown import between, filled, table
from .yaml_comments import commented_numbers

MADE = "<!-- Made by `python -m experiments.documents`: change the code, not this file. -->"
TRAITS = {
    "munitions": params.Munitions,
    "technologies": params.Technologies,
    "states": params.States,
    "relations": params.Relations,
    "routes": params.Routes,
}
MODELS = {
    "munitions.<name>": "Munition",
    "technologies.<name>": "Technology",
    "infrastructure.<name>": "Infrastructure",
    "routes.<place>": "Route",
    "routes.<place>.legs.<place>": "Leg",
    "states.<CODE>": "State",
    "relations": "Relations",
    "relations.alliances.<place>": "Alliance",
    "relations.rivalries.<place>": "Rivalry",
    "exercises.<place>": "Exercise",
    "timetable.<place>": "Dated",
    "observations.<place>": "Observed",
    "priors.<path>": "Prior",
    "parameters": "Parameters",
    "doctrines.<name>": "Doctrine",
}
"""Where each model of the schema stands in a file."""
WIDTH = 100
OR_GENERATED = "needed, or `generate`"
"""Of a key that a scenario needs unless it is generated."""
JOB_AT_FIRST = {
    "scenario": "what is simulated: `armsflow list=scenarios`",
    "runs": "how many runs",
    "cluster": "who runs it: local, tcp or slurm, workers of Dask ([cluster.md](cluster.md))",
}


def metrics() -> list[str]:
    """Return the page of metrics: names of columns, definitions, how a run is summarised."""
    lines = _opened(
        "Metrics",
        "A metric is measured every week. *State*, *state munition* and *state technology* metrics "
        "are columns of `results.weeks` (`stock_shell_152`, `tech_satellite`), *world* metrics "
        "too, in every row; *dyad* metrics are columns of `results.dyads`, *route*, *route "
        "munition* and *observer route* metrics of `results.routes` (`shipped_shell_152`, "
        "`estimate_KOR`), where `state` is the supplier and `target` the recipient. A summary is "
        "a column of `results.runs`, with the state or route and the way of "
        "summing up in its name: `tests_PRK_sum`, `containers_PRK_RUS_last`. *Point* is the point "
        "of the source report that the metric mirrors "
        "([report_coverage.md](report_coverage.md)).",
    )
    heading = ("name", "unit", "definition", "summary of a run", "point")
    for kind in dict.fromkeys(metric.axes for metric in METRICS):
        rows = [
            (f"`{m.name}`", m.unit, m.definition, ", ".join(m.reduce), m.point or "")
            for m in METRICS
            if m.axes == kind
        ]
        lines += ["", f"## By {kind}" if kind != "world" else "## Of the world", ""]
        lines += table(heading, rows)
    return lines


def events() -> list[str]:
    """Return the page of events: every kind, with its weights."""
    lines = _opened(
        "Events",
        "A row of `results.events` is a kind, an actor, a target, a date and a count. Events that "
        "concern one state alone have it as actor and target; those of a pair stand once. What "
        "each weighs: COW hostility of the act (0 to 5), Goldstein's scale of its CAMEO code (-10 "
        "conflict to +10 cooperation) and the severity of Rivera et al. (-2 to 60). The scales "
        "disagree, even in sign; an act is scored once, and its outcome weighs nothing. What it "
        "falls on is the target, or third parties that the event does not name. What the index is "
        "and is not: [escalation.md](escalation.md); sources and choices: `sim/events.py`.",
    )
    rows = [(f"`{e.name}`", e.definition, e.cameo, *_weights(e), _falls_on(e)) for e in TABLE]
    heading = ("kind", "what happened", "CAMEO", "MID", "Goldstein", "Rivera", "falls on")
    return [*lines, "", *table(heading, rows)]


def _weights(event: Event) -> tuple[str, ...]:
    return tuple(f"{event.weight(scale):g}" for scale in SCALES)


def _falls_on(event: Event) -> str:
    weighs = any(event.weight(scale) for scale in SCALES)
    return ("third parties" if event.third_party else "the target") if weighs else ""


def configuration() -> list[str]:
    """Return the page of keys: unit, range, default, source."""
    lines = _opened(
        "Configuration",
        "Every key, as it stands in a scenario file and on the command line: a dot leads inward, "
        "a number stands for the place in a list (`relations.alliances.0.commitment=0.5`). Where "
        "the figures of the default scenario come from is in [sources.md](sources.md). "
        "`armsflow list=schema` gives the JSON Schema of scenario files.",
    )
    desks = wrap(
        "A state follows its doctrine's desks. `states.<CODE>.desks.<desk>=<rule>` takes another "
        "rule with its defaults; `states.<CODE>.desks.<desk>.<coefficient>` sets one coefficient.",
        WIDTH,
    )
    lines += ["", "## The job", "", *_job(), "", "## The scenario", "", *_scenario_keys()]
    return [*lines, "## Rules", "", *_rule_keys(), "## Desks", "", *desks, "", *_desk_keys()]


def _opened(title: str, text: str) -> list[str]:
    """Return the first lines of a document."""
    return [f"# {title}", "", MADE, "", *wrap(text, WIDTH)]


def _job() -> list[str]:
    notes = commented_numbers("", "config")
    rows = [("`scenario`", "`northeast_asia_2023`", JOB_AT_FIRST["scenario"])]
    for path, note in notes.items():
        if len(path) == 1 and note.text:
            comment = note.comment or JOB_AT_FIRST.get(path[0], "")
            rows.append((f"`{path[0]}`", f"`{note.text}`", comment))
    rows.append(("`cluster`", "`none`", JOB_AT_FIRST["cluster"]))
    for kind in ("tcp", "slurm"):
        for (key,), note in commented_numbers("cluster", kind).items():
            if key != "kind":
                rows.append((f"`cluster.{key}`", f"`{note.text}`", f"{kind}: {note.comment}"))
    return table(("key", "default", "what it is"), rows)


def _scenario_keys() -> Iterator[str]:
    """Yield a table for each model of the schema, the root first."""
    schema = file_schema()
    whole = schema["else"]
    yield from _model("the root", schema, whole["required"], OR_GENERATED)
    for where, model in MODELS.items():
        found = schema["$defs"][model]
        group = whole["properties"].get(where.removesuffix(".<name>").removesuffix(".<CODE>"), {})
        named = group.get("additionalProperties")
        needed = (named or found).get("required", ())
        yield from _model(where, found, needed, "needed" if named is None else OR_GENERATED)


def _model(where: str, found: Mapping[str, Any], needed: Sequence[str], when: str) -> Iterator[str]:
    yield from (f"### {where}", "")
    if "description" in found:
        yield from (found["description"], "")
    rows = [
        _key(name, one, when if name in needed else "") for name, one in found["properties"].items()
    ]
    yield from table(("key", "unit, or what it is", "range", "default"), rows)
    yield ""


def _key(name: str, one: Mapping[str, Any], needed: str) -> tuple[str, str, str, str]:
    """Return the row of a key."""
    number = _number(one)
    low, high = number.get("minimum", -inf), number.get("maximum", inf)
    default = one.get("default")
    shown = "" if default in (None, "") or isinstance(default, dict | list) else f"`{default}`"
    span = between(low, high) if number else ""
    return f"`{name}`", _form(one), span, needed or shown


def _number(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the number that a key holds, alone, in a mapping or a list; {} if there is none."""
    if found.get("type") in ("number", "integer", ["number", "boolean"]):
        return found
    inner = [found.get(key) for key in ("additionalProperties", "items")]
    inner += [*found.get("prefixItems", ()), *found.get("anyOf", ()), *found.get("oneOf", ())]
    numbers = [_number(one) for one in inner if isinstance(one, Mapping)]
    return next(filter(None, numbers), {})


def _form(found: Mapping[str, Any]) -> str:
    """Return what stands at a key: its unit, and whether it is one, a list or a mapping."""
    variants = [*found.get("anyOf", ()), *found.get("oneOf", ())]
    if "description" in found:
        return str(found["description"])
    if variants:
        forms = [_form(one) for one in variants if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "prefixItems" in found:
        return f"[{', '.join(map(_form, found['prefixItems']))}]"
    if "enum" in found:
        return ", ".join(str(value) for value in found["enum"] if value is not None)
    if "$ref" in found or "properties" in found or "patternProperties" in found:
        return "see below"
    if "items" in found:
        return f"list: {_form(found['items'])}"
    if isinstance(found.get("additionalProperties"), Mapping):
        return f"by name: {_form(found['additionalProperties'])}"
    kind = str(found.get("format", found["type"]))
    return {"string": "text", "boolean": "true or false"}.get(kind, kind)


def _rule_keys() -> Iterator[str]:
    """Yield a table for each phase: the source is what its file says."""
    heading = ("key", "unit", "range", "default", "source")
    for phase in fields(params.Rules):
        yield from (f"### rules.{phase.name}", "")
        yield from table(heading, _phase_rows(phase.name, phase.type))
        yield ""


def _phase_rows(phase: str, kind: Any) -> Iterator[tuple[str, ...]]:
    for field in fields(kind):
        default = shipped("rules", phase)[field.name]
        origin, mark = sources.split_confidence(sources.coefficient_source(phase, field.name))
        source = origin if mark == "-" else f"{origin} [{mark}]"
        meta = field.metadata
        bounds = between(meta["low"], meta["high"])
        for kind_of, value in default.items() if isinstance(default, dict) else [("", default)]:
            name = f"{field.name}.{kind_of}" if kind_of else field.name
            yield f"`{name}`", meta["unit"], bounds, f"`{value}`", source


def _desk_keys() -> Iterator[str]:
    for desk, rules in REGISTRY.items():
        yield from (f"### {desk}", "")
        for rule, found in rules.items():
            yield from (f"`{rule}`: {found.summary}", "")
            if fields(found.coefficients):
                yield from table(("key", "unit", "range", "default"), _desk_rows(found))
                yield ""


def _desk_rows(found: Desk) -> Iterator[tuple[str, ...]]:
    for field in fields(found.coefficients):
        meta = field.metadata
        one = f"{field.name}.<{axes(field)[1]}>" if len(axes(field)) > 1 else field.name
        default = "" if meta["default"] is None else f"`{meta['default']}`"
        yield f"`{one}`", meta["unit"], between(meta["low"], meta["high"]), default


def model_tables() -> dict[str, list[str]]:
    """Return the tables of `docs/odd.md` by marker: traits, coefficients of rules and desks."""
    parts = {
        name: table(
            ("coefficient", "axes", "unit and meaning", "bounds"),
            [
                (f"`{f.name}`", " ".join(axes(f)), f.metadata["unit"], _bounds(f))
                for f in fields(kind)
            ],
        )
        for name, kind in TRAITS.items()
    }
    rules = {f"rules.{phase.name}": phase.type for phase in fields(params.Rules)}
    desks = {
        f"desks.{desk}.{rule}": found.coefficients
        for desk, held in REGISTRY.items()
        for rule, found in held.items()
        if fields(found.coefficients)
    }
    coefficients: dict[str, Any] = rules | desks  # a dataclass each
    for name, kind in coefficients.items():
        rows = [(f"`{f.name}`", f.metadata["unit"], _bounds(f)) for f in fields(kind)]
        parts[name] = table(("coefficient", "unit and meaning", "bounds"), rows)
    return parts


def _bounds(field: Any) -> str:
    return between(field.metadata["low"], field.metadata["high"])


def source_tables() -> dict[str, list[str]]:
    """Return the tables of `docs/sources.md` by marker."""
    return {
        "the default scenario": sources.scenario(),
        "the rules": sources.rules(),
        "the doctrines": sources.doctrines(),
    }


def escalation_tables() -> dict[str, list[str]]:
    """Return the tables of `docs/escalation.md` by marker, escalation positive on every scale."""
    rows = [
        (
            SCALE_NAMES[scale],
            f"{weight:g}",
            _kinds(e for e in TABLE if e.escalation(scale) == weight),
        )
        for scale in SCALES
        for weight in sorted({e.escalation(scale) for e in TABLE} - {0.0}, reverse=True)
    ]
    opposed = [
        (f"`{e.name}`", *(f"{e.escalation(scale):g}" for scale in SCALES), _falls_on(e))
        for e in TABLE
        if min(e.escalation(scale) for scale in SCALES) < 0.0
        and max(e.escalation(scale) for scale in SCALES) > 0.0
    ]
    return {
        "weights": table(("scale", "weight", "kinds of events"), rows),
        "disagreement": table(("kind", *SCALE_NAMES.values(), "falls on"), opposed),
    }


def _kinds(some: Iterable[Event]) -> str:
    return ", ".join(f"`{event.name}`" for event in some)


WHOLE: dict[str, Callable[[], list[str]]] = {
    "metrics.md": metrics,
    "events.md": events,
    "configuration.md": configuration,
}
PARTS: dict[str, Callable[[], dict[str, list[str]]]] = {
    "odd.md": model_tables,
    "sources.md": source_tables,
    "escalation.md": escalation_tables,
}


def documents(folder: Path) -> dict[Path, str]:
    """Return every document as it should be: those made whole, and those whose tables are.

    Args:
        folder: Where the documents stand.

    Raises:
        ValueError: A document has markers for other tables than there are.
    """
    made = {folder / name: "\n".join([*lines(), ""]) for name, lines in WHOLE.items()}
    for name, parts in PARTS.items():
        path = folder / name
        made[path] = filled(path.read_text(encoding="utf-8"), parts())
    return made
