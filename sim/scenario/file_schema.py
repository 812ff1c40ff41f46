"""The JSON Schema of scenario files, so that an editor completes and checks them.

It is made from the models that judge a file, and says of form what they say. What hangs together
(a war names two states that exist, nobody has two routes to the same buyer) they alone check.
"""

from dataclasses import fields
from typing import Any

from .. import params
from ..desks.registry import REGISTRY
from ..world import DESKS
from .compose import NOTHING
from .files import names, shipped
from .generate import Generate
from .schema import MOST, Rules, Spec, coefficients

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMED = {"munitions": "Munition", "technologies": "Technology", "states": "State"}
"""What `generate` brings along, each with its model: beside it a file may say a part of each."""


def file_schema() -> Schema:
    """Return the schema of a scenario file, as plain data."""
    schema = _untitled(Spec.model_json_schema(by_alias=True))
    keys = {name: _place(found, name) for name, found in schema["properties"].items()}
    keys |= {"generate": _untitled(Generate.model_json_schema()), "rules": _rules()}
    parts = {name: found for name, found in schema["$defs"].items() if "__" not in name}
    del parts["Rules"]
    for holder in ("State", "Doctrine"):
        parts[holder]["properties"]["desks"] = {"$ref": "#/$defs/Desks"}
    parts["State"]["required"].remove("desks")
    parts["State"]["properties"]["doctrine"] = {
        "description": "a shipped one (list=doctrines), or one of `doctrines`",
        "anyOf": [{"enum": list(names("doctrine"))}, {"type": "string"}],
    }
    parts["Prior"] |= {"minProperties": 1, "maxProperties": 1}
    whole = {
        "required": [name for name in schema["required"] if name != "rules"],
        "properties": {
            name: {
                "minProperties": keys[name].pop("minProperties"),
                "additionalProperties": {"required": parts[model].pop("required")},
            }
            for name, model in NAMED.items()
        },
    }
    return {
        "$schema": DIALECT,
        "title": "A scenario of armsflow",
        "type": "object",
        "additionalProperties": False,
        "properties": keys,
        "if": {"required": ["generate"]},
        "else": whole,
        "$defs": parts | {"Desks": _desks()},
    }


def _untitled(found: Any) -> Any:
    """Return a schema without the titles that pydantic makes of every name."""
    if isinstance(found, list):
        return [_untitled(item) for item in found]
    if not isinstance(found, dict):
        return found
    kept = {k: v for k, v in found.items() if k != "title" or isinstance(v, dict)}
    return {key: _untitled(value) for key, value in kept.items()}


def _place(found: Schema, name: str) -> Schema:
    """Return the schema of a root key: names alone where it takes names, and no more than MOST."""
    if "patternProperties" in found:
        found = found | {"additionalProperties": False, "maxProperties": MOST[name]}
    if name in ("timetable", "priors"):
        return {"anyOf": [found, {"enum": list(NOTHING)}]}
    if name == "parameters":
        return {"anyOf": [*found["anyOf"], {"type": "string"}]}
    return found


def _rules() -> Schema:
    """Return the coefficients of all phases: a file gives those that differ from the shipped."""
    return _mapping({field.name: _phase(field.name) for field in fields(params.Rules)})


def _phase(phase: str) -> Schema:
    found = _untitled(Rules.model_fields[phase].annotation.model_json_schema())
    return _mapping(
        {
            name: _with_default(found, found["properties"][name], default)
            for name, default in shipped("rules", phase).items()
        }
    )


def _with_default(phase: Schema, one: Schema, default: Any) -> Schema:
    """Return a coefficient with its default, by kind of exercise where it is so."""
    if "$ref" not in one:
        return one | {"default": default}
    kinds = phase["$defs"][one["$ref"].rpartition("/")[2]]["properties"]
    return _mapping({kind: found | {"default": default[kind]} for kind, found in kinds.items()})


def _mapping(properties: Schema) -> Schema:
    """Return a mapping with those keys and no others, none of them required."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _desks() -> Schema:
    return _mapping({desk: _desk(desk) for desk in DESKS})


def _desk(desk: str) -> Schema:
    """Return a rule's name, a rule with its settings, or settings of the doctrine's own rule."""
    sets = {rule: _coefficients(found.coefficients) for rule, found in REGISTRY[desk].items()}
    rules = [
        _mapping({"rule": {"const": rule}} | sets[rule])
        | {"required": ["rule"], "description": found.summary}
        for rule, found in REGISTRY[desk].items()
    ]
    any_rule = _mapping({name: {} for coefficients in sets.values() for name in coefficients})
    return {"anyOf": [{"enum": list(sets)}, *rules, any_rule]}


def _coefficients(kind: type) -> Schema:
    """Return the coefficients of a desk's rule: none is required, each has a default."""
    found: Schema = _untitled(coefficients(kind).model_json_schema()).get("properties", {})
    return found
