"""Schemas of the Gemini API, as JSON Schema.

They are a dialect of OpenAPI's: types in capitals, `nullable` instead of a type `null`, counts as
strings. https://ai.google.dev/api/caching#Schema
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.google_format import camel

__all__ = ["json_schema"]

_DEEPEST = 64
_COUNTS = frozenset(
    {"maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"}
)


def json_schema(value: Json, depth: int = 0) -> Json:
    """The JSON Schema that says the same; one that is JSON Schema already stays as it is."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return value

    def inner(item: Json) -> Json:
        return json_schema(item, depth + 1)

    schema = {camel(key): _standard(camel(key), item, inner) for key, item in value.items()}
    if schema.pop("nullable", None) is True and isinstance(kind := schema.get("type"), str):
        schema["type"] = [kind, "null"]
    order = schema.pop("propertyOrdering", None)
    if isinstance(order, list) and isinstance(named := schema.get("properties"), dict):
        first = {name: named[name] for name in order if isinstance(name, str) and name in named}
        schema["properties"] = first | named
    return schema


def _standard(key: str, value: Json, inner: Callable[[Json], Json]) -> Json:
    if key == "type" and isinstance(value, str):
        return value.lower()
    if key in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key in {"properties", "defs", "$defs"} and isinstance(value, dict):
        return {name: inner(item) for name, item in value.items()}
    if key in {"anyOf", "prefixItems"} and isinstance(value, list):
        return [inner(item) for item in value]
    return inner(value) if key in {"items", "additionalProperties"} else value
