"""Parts of a JSON Schema, by their places."""

from __future__ import annotations

from pytest_llmreplay.event import Json

__all__ = ["at", "referred"]

_DEPTH = 60


def at(schema: Json, path: tuple[str | int, ...]) -> Json:
    """The schema of a place inside a value; none where it is not plain to find."""
    root = schema
    try:
        for step in path:
            here = _plain(schema, root)
            inner = here.get("items") if isinstance(step, int) else here.get("properties")
            schema = inner.get(step) if isinstance(step, str) and isinstance(inner, dict) else inner
        return _plain(schema, root)
    except (LookupError, RecursionError):
        return None


def referred(reference: str, root: Json) -> Json:
    """What a JSON pointer such as `#/$defs/order` leads to.

    Raises:
        LookupError: It leads nowhere, or out of the schema.
    """
    first, *steps = reference.split("/")
    if first != "#" or "%" in reference:
        raise LookupError(reference)
    here = root
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or name not in here:
            raise LookupError(reference)
        here = here[name]
    return here


def _plain(schema: Json, root: Json) -> dict[str, Json]:
    """The only alternative to null, where a schema has no other.

    Raises:
        LookupError: A reference leads nowhere.
    """
    schema = _resolved(schema, root)
    if not isinstance(schema, dict):
        return {}
    for keyword in ("anyOf", "oneOf", "allOf"):
        options = schema.get(keyword)
        if isinstance(options, list):
            some = [one for one in options if one != {"type": "null"}]
            return _plain(some[0], root) if len(some) == 1 and some != [schema] else schema
    return schema


def _resolved(schema: Json, root: Json) -> Json:
    for _ in range(_DEPTH):
        if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
            return schema
        schema = referred(str(schema["$ref"]), root)
    raise LookupError("a reference that refers to itself")
