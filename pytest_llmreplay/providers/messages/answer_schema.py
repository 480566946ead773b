"""The schema of an answer, as Anthropic takes it: closed objects, and no bounds.

Its own SDKs close objects and tell bounds in the description, too:
https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
"""

from __future__ import annotations

import json

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_text

__all__ = ["answer_schema"]

_BOUNDS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minProperties", "maxProperties"),
    }
)
_TAKEN: tuple[Json, ...] = (0, 1)
"""Values of `minItems` that are taken."""

_NAMED = frozenset({"properties", "$defs", "definitions"})
_LISTED = frozenset({"anyOf", "allOf", "oneOf"})


def answer_schema(schema: Json, losses: Losses) -> Json:
    """The schema that is taken and says the same, as far as one can."""
    if not isinstance(schema, dict):
        return schema
    written = {key: _inner(key, value, losses) for key, value in schema.items()}
    if _is_object(schema) and schema.get("additionalProperties") is not False:
        losses.add(_closing(schema))
        written["additionalProperties"] = False
    if bounds := {key: value for key, value in schema.items() if _is_bound(key, value)}:
        losses.add("response_format.bounds")
        written = {key: value for key, value in written.items() if key not in bounds}
        told = as_text(written.get("description")) or ""
        written["description"] = f"{told} {json.dumps(bounds)}".lstrip()
    return written


def _inner(key: str, value: Json, losses: Losses) -> Json:
    if key in _NAMED and isinstance(value, dict):
        return {name: answer_schema(item, losses) for name, item in value.items()}
    if key in _LISTED and isinstance(value, list):
        return [answer_schema(item, losses) for item in value]
    return answer_schema(value, losses) if key == "items" else value


def _is_object(schema: dict[str, Json]) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _closing(schema: dict[str, Json]) -> str:
    """What it does to an object to have the named properties alone."""
    as_named = "additionalProperties" not in schema and bool(schema.get("properties"))
    return "~response_format.closed" if as_named else "response_format.additionalProperties"


def _is_bound(key: str, value: Json) -> bool:
    return key in _BOUNDS and not (key == "minItems" and value in _TAKEN)
