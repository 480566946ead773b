"""Spans as OTLP writes them in JSON."""

from __future__ import annotations

from typing import Any

__all__ = ["START", "TRACE", "document", "logs", "pairs", "span", "value"]

TRACE = "5b8efff798038103d269b633813fc60c"
START = 1_764_451_200_000_000_000


def value(told: Any) -> dict[str, Any]:
    """A value as OTLP writes it."""
    kinds = {bool: "boolValue", float: "doubleValue", str: "stringValue"}
    match told:
        case None:
            return {}
        case bool() | float() | str():
            return {kinds[type(told)]: told}
        case int():
            return {"intValue": str(told)}
        case list():
            return {"arrayValue": {"values": [value(item) for item in told]}}
        case _:
            return {"kvlistValue": {"values": pairs(told)}}


def pairs(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP writes them."""
    return [{"key": key, "value": value(inner)} for key, inner in told.items()]


def span(attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A span of 2.5 seconds."""
    events = [{"name": name, "attributes": pairs(told)} for name, told in more.pop("events", ())]
    return {
        "traceId": TRACE,
        "spanId": "eee19b7ec3c1b174",
        "parentSpanId": "eee19b7ec3c1b173",
        "name": "chat gpt-4o-mini",
        "kind": 3,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 2_500_000_000),
        "attributes": pairs(attributes),
        "events": events,
        **more,
    }


def document(*spans: dict[str, Any]) -> dict[str, Any]:
    """An export of one scope."""
    scope = {"scope": {"name": "instrumentation"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]}


def logs(*told: tuple[str, dict[str, Any]], span_id: str = "eee19b7ec3c1b174") -> dict[str, Any]:
    """Records of a log that belong to a span, with what they tell in their bodies."""
    known = {"traceId": TRACE, "spanId": span_id, "observedTimeUnixNano": str(START)}
    records = [{**known, "eventName": name, "body": value(body)} for name, body in told]
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
