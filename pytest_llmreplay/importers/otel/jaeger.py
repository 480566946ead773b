"""Spans as Jaeger gives them: the JSON of its browser, and of `GET /api/traces`.

Moments count microseconds, and what OpenTelemetry tells beside attributes is a tag too.
https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import Fields, as_list, as_objects, as_text

__all__ = ["jaeger_spans"]

_NANOSECONDS: Final = 1000
"""In a microsecond."""


def jaeger_spans(trace: Mapping[str, Json]) -> Iterator[tuple[dict[str, Json], str]]:
    """The spans of a trace by the names of OTLP, each with who wrote it; none of other things."""
    for span in as_objects(trace.get("spans")):
        if "spanID" in span:
            tags = _by_key(span.get("tags"))
            writer = as_text(tags.get("otel.scope.name")) or as_text(tags.get("otel.library.name"))
            yield _plain(span, tags), writer or ""


def _plain(span: dict[str, Json], tags: Mapping[str, Json]) -> dict[str, Json]:
    fields = Fields(span)
    start, lasted = fields.integer("startTime") or 0, fields.integer("duration") or 0
    failed = "ERROR" if tags.get("error") is True else None
    return {
        "traceId": fields.text("traceID"),
        "spanId": fields.text("spanID"),
        "parentSpanId": _parent(span),
        "name": fields.text("operationName"),
        "startTimeUnixNano": start * _NANOSECONDS,
        "endTimeUnixNano": (start + lasted) * _NANOSECONDS,
        "attributes": dict(tags),
        "status": {
            "code": tags.get("otel.status_code", failed),
            "message": tags.get("otel.status_description"),
        },
        "events": [*_events(span)],
    }


def _parent(span: Mapping[str, Json]) -> str | None:
    around = map(Fields, as_list(span.get("references")))
    return next((one.text("spanID") for one in around if one.text("refType") == "CHILD_OF"), None)


def _events(span: Mapping[str, Json]) -> Iterator[Json]:
    for log in map(Fields, as_list(span.get("logs"))):
        fields = _by_key(log.rest.get("fields"))
        at = (log.integer("timestamp") or 0) * _NANOSECONDS
        yield {"name": fields.get("event"), "timeUnixNano": at, "attributes": fields}


def _by_key(pairs: Json) -> dict[str, Json]:
    named = map(Fields, as_list(pairs))
    return {key: pair.rest.get("value") for pair in named if (key := pair.text("key"))}
