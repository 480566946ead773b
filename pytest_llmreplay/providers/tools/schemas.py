"""JSON Schemas as providers take them."""

from __future__ import annotations

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list

__all__ = ["EMPTY_PARAMETERS", "is_strict"]

EMPTY_PARAMETERS: dict[str, Json] = {"type": "object", "properties": {}}
"""Parameters of a function that takes none."""

_UNSUPPORTED = frozenset(
    {
        *("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"),
        *("patternProperties", "unevaluatedProperties", "oneOf", "prefixItems", "contains"),
    }
)
_DEEPEST = 10


def is_strict(schema: Json) -> bool:
    """Whether a schema is of the subset that OpenAI takes as strict: it is followed to the letter.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if not isinstance(schema, dict) or "anyOf" in schema:
        return False
    return schema.get("type") == "object" and _fits(schema, 0)


def _fits(schema: Json, depth: int) -> bool:
    if not isinstance(schema, dict) or depth > _DEEPEST or _UNSUPPORTED & schema.keys():
        return False
    if _is_object(schema) and not _is_closed(schema):
        return False
    return all(_fits(inner, depth + 1) for inner in _inner(schema))


def _is_object(schema: dict[str, Json]) -> bool:
    kind = schema.get("type")
    return (
        "properties" in schema or kind == "object" or (isinstance(kind, list) and "object" in kind)
    )


def _is_closed(schema: dict[str, Json]) -> bool:
    """Whether an object has all properties that are named, and no others."""
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return False
    return schema.get("additionalProperties") is False and all(
        name in required for name in properties
    )


def _inner(schema: dict[str, Json]) -> list[Json]:
    found: list[Json] = []
    for key in ("properties", "$defs", "definitions"):
        named = schema.get(key)
        found += named.values() if isinstance(named, dict) else []
    found += as_list(schema.get("anyOf"))
    return found + ([schema["items"]] if "items" in schema else [])
