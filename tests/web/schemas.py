"""Checking JSON against the schemas of an OpenAPI 3.1 description: as much of JSON Schema as ours uses.

A keyword that is not known here fails, so that no part of a schema goes unchecked by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
SAYING = {"title", "description", "default", "examples", "format", "discriminator"}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where `value` is not what `schema` says; references are looked up in `root`."""
    found: list[str] = []
    for keyword, rule in schema.items():
        if keyword in _NESTED:
            for part, one, where in _NESTED[keyword](value, rule, schema):
                found += faults(part, one, root, at + where)
        elif keyword == "$ref":
            found += faults(value, resolved(rule, root), root, at)
        elif keyword in ("anyOf", "oneOf"):
            fitting = sum(not faults(value, one, root, at) for one in rule)
            if fitting == 0 or (keyword == "oneOf" and fitting > 1):
                found.append(f"{at}: fits {fitting} of {keyword}")
        elif keyword in _SIMPLE:
            if not _SIMPLE[keyword](value, rule):
                found.append(f"{at}: {keyword} {rule}")
        else:
            assert keyword in SAYING, f"{at}: the schema uses {keyword!r}, which is not checked"
    return found


def resolved(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    found: Any = root
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    assert isinstance(found, dict)
    return found


Parts = Iterator[tuple[Any, dict[str, Any], str]]  # value, its schema, where it is


def _properties(value: Any, rule: dict[str, Any], schema: dict[str, Any]) -> Parts:
    if isinstance(value, dict):
        yield from ((value[key], one, f".{key}") for key, one in rule.items() if key in value)


def _patterns(value: Any, rule: dict[str, Any], schema: dict[str, Any]) -> Parts:
    if isinstance(value, dict):
        for pattern, one in rule.items():
            yield from ((part, one, f".{key}") for key, part in value.items() if re.search(pattern, key))


def _others(value: Any, rule: Any, schema: dict[str, Any]) -> Parts:
    patterns = schema.get("patternProperties", {})
    for key, part in value.items() if isinstance(value, dict) else ():
        if key not in schema.get("properties", {}) and not any(re.search(pattern, key) for pattern in patterns):
            yield part, {"enum": []} if rule is False else rule if isinstance(rule, dict) else {}, f".{key}"


def _entries(value: Any, rule: dict[str, Any], schema: dict[str, Any]) -> Parts:
    if isinstance(value, list):
        yield from ((part, rule, f"[{number}]") for number, part in enumerate(value))


_NESTED: dict[str, Callable[[Any, Any, dict[str, Any]], Parts]] = {
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _others,
    "items": _entries,
}
_SIMPLE: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, rule: (
        isinstance(value, JSON_TYPES[rule]) and (rule == "boolean" or not isinstance(value, bool))
    ),
    "enum": lambda value, rule: value in rule,
    "const": lambda value, rule: value == rule,
    "required": lambda value, rule: not isinstance(value, dict) or set(rule) <= set(value),
    "minItems": lambda value, rule: not isinstance(value, list) or len(value) >= rule,
    "maxItems": lambda value, rule: not isinstance(value, list) or len(value) <= rule,
    "minLength": lambda value, rule: not isinstance(value, str) or len(value) >= rule,
    "maxLength": lambda value, rule: not isinstance(value, str) or len(value) <= rule,
    "pattern": lambda value, rule: not isinstance(value, str) or bool(re.search(rule, value)),
    "minimum": lambda value, rule: not isinstance(value, int | float) or value >= rule,
    "maximum": lambda value, rule: not isinstance(value, int | float) or value <= rule,
}
