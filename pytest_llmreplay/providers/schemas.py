"""JSON Schemas as providers take them."""

from __future__ import annotations

from pytest_llmreplay.event import Json

__all__ = ["EMPTY_PARAMETERS", "is_closed"]

EMPTY_PARAMETERS: dict[str, Json] = {"type": "object", "properties": {}}
"""Parameters of a function that takes none."""

_DEEPEST = 40


def is_closed(schema: Json, depth: int = 0) -> bool:
    """Whether every object of a schema names all its keys, requires each and allows no other.

    OpenAI's strict mode takes no other schema
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
    """
    if depth > _DEEPEST:
        return False
    if isinstance(schema, list):
        return all(is_closed(item, depth + 1) for item in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        names = set(properties) if isinstance(properties, dict) else set()
        required = schema.get("required")
        listed = (
            {name for name in required if isinstance(name, str)}
            if isinstance(required, list)
            else set()
        )
        if schema.get("additionalProperties") is not False or listed != names:
            return False
    inner = [*properties.values()] if isinstance(properties, dict) else []
    inner += [value for key, value in schema.items() if key in _HOLDERS]
    for key in ("$defs", "definitions"):
        if isinstance(defined := schema.get(key), dict):
            inner += defined.values()
    return all(is_closed(item, depth + 1) for item in inner)


_HOLDERS = frozenset({"items", "anyOf", "oneOf", "allOf", "prefixItems", "not"})
