"""JSON values: from text and to text."""

from __future__ import annotations

import json

from pytest_llmreplay.event import Json

from .fields import as_object

__all__ = ["compact_json", "json_object", "json_text", "parse_json"]


def parse_json(data: bytes | str) -> Json:
    """The JSON value of a text.

    Raises:
        ValueError: It is none, or too deeply nested to be one.
    """
    try:
        parsed: Json = json.loads(data)
    except RecursionError:
        raise ValueError("too deeply nested") from None
    return parsed


def json_object(data: bytes | str) -> dict[str, Json]:
    """The JSON object of a text; an empty one where it is anything else."""
    try:
        value = parse_json(data)
    except ValueError:
        return {}
    return as_object(value)


def compact_json(value: Json) -> str:
    """JSON without spaces, in the order of its keys."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def json_text(value: Json) -> str:
    """JSON as `compact_json` writes it; of a value nested too deep for that, its type."""
    try:
        return compact_json(value)
    except RecursionError:
        return f"a {type(value).__name__}"
