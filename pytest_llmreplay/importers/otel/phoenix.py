"""Spans as Arize Phoenix exports them: answers of its API, and rows of its data frame in JSON.

An API gives `{name, context, span_kind, status_code, attributes}`; a row of the frame has columns
such as `context.span_id` and `attributes.llm.input_messages`, whose lists hold objects with names
such as `message.role`. https://arize.com/docs/phoenix/tracing/how-to-tracing/importing-and-exporting-traces
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.records.moments import at_of, moment_of
from pytest_llmreplay.providers.fields import as_object

__all__ = ["plain_span"]

_KIND: Final = "openinference.span.kind"
_WHOLE: Final = ("invocation_parameters", "json_schema", "arguments", "value", "metadata")
"""How names end whose values are the application's own, and stay as they are."""
_DEEPEST: Final = 20


def plain_span(columns: Mapping[str, Json]) -> dict[str, Json] | None:
    """The span with its attributes by their flat names; none where it is none of Phoenix."""
    if "span_kind" not in columns or "status_code" not in columns:
        return None
    span = {**columns, **_under(columns, "context.")}
    attributes = {**as_object(columns.get("attributes")), **_under(columns, "attributes.")}
    flat = dict(pair for name, value in attributes.items() for pair in _flat(name, value))
    return span | {
        "attributes": {_KIND: columns["span_kind"], **flat},
        "status": {"code": columns["status_code"], "message": columns.get("status_message")},
        "start_time": at_of(moment_of(columns.get("start_time"))),
        "end_time": at_of(moment_of(columns.get("end_time"))),
    }


def _under(columns: Mapping[str, Json], prefix: str) -> dict[str, Json]:
    """What stands in columns; the empty ones are those of other spans."""
    return {
        name.removeprefix(prefix): value
        for name, value in columns.items()
        if name.startswith(prefix) and value is not None
    }


def _flat(name: str, value: Json, depth: int = 0) -> Iterator[tuple[str, Json]]:
    """A value by its name, or what is in it, each by the way there."""
    if not isinstance(value, dict | list) or name.endswith(_WHOLE) or depth > _DEEPEST:
        yield name, value
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in inner:
        yield from _flat(f"{name}.{key}", held, depth + 1)
