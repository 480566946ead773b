"""OTLP in JSON: the spans of a document, with their attributes as plain values.

https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.records.moments import moment_of
from pytest_llmreplay.providers.fields import as_object, as_objects, as_text

from .jaeger import jaeger_spans
from .phoenix import plain_span
from .tempo import plain_id, tempo_resources

__all__ = ["Span", "SpanEvent", "spans_of"]

_NANOSECONDS = 1e9
_LATEST = 2**64
"""Moments are unsigned counts of 64 bits."""
_DEEPEST = 50
_ERROR = (2, "STATUS_CODE_ERROR", "ERROR")
_VALUE = ("_value", "Value")
"""How the names of types end, of which Phoenix tells all, with nothing in all but one."""
_LOGGED_AT = (
    *("timeUnixNano", "time_unix_nano", "timestamp"),
    *("observedTimeUnixNano", "observed_time_unix_nano", "observed_timestamp"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEvent:
    """Something that happened during a span."""

    name: str
    attributes: Mapping[str, Json]
    at: float | None
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation."""

    id: str | None
    trace: str | None
    parent: str | None
    name: str
    attributes: Mapping[str, Json]
    events: Sequence[SpanEvent]
    start: float | None
    """Seconds since 1970."""
    end: float | None
    failure: str | None
    """What its status says, where that is an error; may be empty."""
    scope: str = ""
    """Who wrote it."""
    logged: bool = False
    """Whether it is a record of a log, which may belong to the span of the same ids."""

    @property
    def key(self) -> str | None:
        """Its ids, as a name of the call."""
        return f"{self.trace}/{self.id}" if self.trace and self.id else None


def spans_of(document: Mapping[str, Json]) -> Iterator[Span]:
    """The spans of a document; one that is a single span gives itself.

    Older collectors write `instrumentationLibrarySpans`, and some writers snake case. A record of
    a log, as which the conventions can tell a call too, is a span that took no time. Frameworks
    keep spans as a console prints them in an object.
    """
    resources = _list(document, "resourceSpans", "resource_spans") or tempo_resources(document)
    alone = [document, *as_objects(document.get("spans"))] if not resources else []
    yield from filter(None, map(_alone, alone))
    yield from (_span(span, writer) for span, writer in jaeger_spans(document))
    for resource in as_objects(resources):
        scopes = _list(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans")
        for scope in as_objects(scopes):
            writer = _scope(scope)
            yield from (_span(span, writer) for span in as_objects(_list(scope, "spans")))
    for resource in as_objects(_list(document, "resourceLogs", "resource_logs")):
        for scope in as_objects(_list(resource, "scopeLogs", "scope_logs")):
            yield from map(_logged, as_objects(_list(scope, "logRecords", "log_records")))


def _alone(document: Mapping[str, Json]) -> Span | None:
    """The only span of a document, or the only record of a log, as OpenTelemetry prints them.

    https://opentelemetry-python.readthedocs.io/en/latest/sdk/trace.export.html
    """
    document = plain_span(document) or document
    context = document.get("context")
    record = {**document, **context} if isinstance(context, dict) else document
    if "spanId" not in record and "span_id" not in record:
        return None
    return _logged(record) if "observed_timestamp" in record else _span(record)


def _scope(holder: Mapping[str, Json]) -> str:
    scope = holder.get("scope")
    return (as_text(scope.get("name")) if isinstance(scope, dict) else None) or ""


def _logged(record: Mapping[str, Json]) -> Span:
    """A record of a log, whose values stand in its attributes, or in its body."""
    attributes = {**as_object(_value(record.get("body"))), **_attributes(record.get("attributes"))}
    return Span(
        id=_id(record, "spanId", "span_id"),
        trace=_id(record, "traceId", "trace_id"),
        parent=None,
        name=_text(record, "eventName", "event_name")
        or as_text(attributes.get("event.name"))
        or "",
        attributes=attributes,
        events=(),
        start=_seconds(record, *_LOGGED_AT),
        end=None,
        failure="" if "error.type" in attributes else None,
        logged=True,
    )


def _span(span: Mapping[str, Json], scope: str = "") -> Span:
    known = as_object(span.get("status"))
    failed = known.get("code", known.get("status_code")) in _ERROR
    return Span(
        id=_id(span, "spanId", "span_id"),
        trace=_id(span, "traceId", "trace_id"),
        parent=_id(span, "parentSpanId", "parent_span_id", "parent_id"),
        name=_text(span, "name") or "",
        attributes=_attributes(span.get("attributes")),
        events=tuple(_event(event) for event in as_objects(_list(span, "events"))),
        start=_seconds(span, "startTimeUnixNano", "start_time_unix_nano", "start_time"),
        end=_seconds(span, "endTimeUnixNano", "end_time_unix_nano", "end_time"),
        failure=(_text(known, "message", "description") or "") if failed else None,
        scope=scope,
    )


def _event(event: Mapping[str, Json]) -> SpanEvent:
    return SpanEvent(
        name=_text(event, "name") or "",
        attributes=_attributes(event.get("attributes")),
        at=_seconds(event, "timeUnixNano", "time_unix_nano", "timestamp"),
    )


def _attributes(value: Json) -> dict[str, Json]:
    """Attributes by name; an object of plain values is taken as it is."""
    if isinstance(value, dict):
        return value
    return {
        key: _value(pair.get("value"))
        for pair in as_objects(value)
        if (key := as_text(pair.get("key")))
    }


def _value(wrapped: Json, depth: int = 0) -> Json:
    """The value that OTLP names by its type; whole numbers are texts there, and `{}` is null.

    What a console prints has no types.
    """
    if not isinstance(wrapped, dict) or not all(name.endswith(_VALUE) for name in wrapped):
        return wrapped
    typed = {name: value for name, value in wrapped.items() if value is not None}
    if len(typed) > 1 or depth > _DEEPEST:
        return wrapped
    for kind, inner in typed.items():
        return _of_kind(kind.replace("_", "").lower(), inner, depth + 1)
    return None


def _of_kind(kind: str, inner: Json, depth: int) -> Json:
    match kind:
        case "intvalue":
            return _whole(inner)
        case "arrayvalue":
            return [_value(item, depth) for item in _list(inner, "values")]
        case "kvlistvalue":
            pairs = as_objects(_list(inner, "values"))
            return {str(pair.get("key")): _value(pair.get("value"), depth) for pair in pairs}
        case _:
            return inner


def _whole(value: Json) -> Json:
    try:
        return int(str(value))
    except ValueError:
        return None


def _seconds(holder: Mapping[str, Json], *names: str) -> float | None:
    """A moment, which OTLP counts, and a console prints."""
    found = next((holder[name] for name in names if holder.get(name)), None)
    count = _whole(found)
    if isinstance(count, int):
        return count / _NANOSECONDS if abs(count) < _LATEST else None
    moment = moment_of(found) if isinstance(found, str) else None
    return moment.timestamp() if moment else None


def _id(holder: Mapping[str, Json], *names: str) -> str | None:
    """An id in hexadecimal; one of zeros is none."""
    text = plain_id((_text(holder, *names) or "").removeprefix("0x"))
    return text if text.strip("0") else None


def _text(holder: Mapping[str, Json], *names: str) -> str | None:
    return next((text for text in (as_text(holder.get(name)) for name in names) if text), None)


def _list(holder: Json | Mapping[str, Json], *names: str) -> list[Json]:
    known = holder if isinstance(holder, Mapping) else {}
    found = (known.get(name) for name in names)
    return next((inner for inner in found if isinstance(inner, list)), [])
