"""From an event to its document, key by key.

document.py reads what is written here. The order of keys is part of the format: what ids and
filters need stands before `request`, so that they are read without the bodies.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.cassette.short_names.ids import Names
from pytest_llmreplay.cassette.side_files.extractor import INLINE, MediaExtractor
from pytest_llmreplay.cassette.streams.block import write_stream
from pytest_llmreplay.cassette.yaml_text.emitter import block, flow, member, scalar
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Event,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    Response,
    StreamBody,
)

from .answer import answer_of
from .header import Header, session_value
from .like import Abridged

__all__ = ["END", "event_text", "outcome_text"]

END = "...\n"


def event_text(
    event: Event,
    *,
    header: Header,
    key: str | None = None,
    abridged: Abridged | None = None,
    names: Names | None = None,
    extractor: MediaExtractor = INLINE,
) -> str:
    """The document of an event, from its `---` to its `...`.

    Args:
        event: The call.
        header: Header of the cassette; what equals it is not repeated.
        key: Rules fingerprint and match key, as `r1:5c1f0e9a41d2b7c3`.
        abridged: The request without what an earlier one holds too, where that is written.
        names: What the short names in the answer stand for.
        extractor: Puts media and vectors into files of their own.
    """
    parts = [f"--- # key {key}\n" if key else "---\n", f"event: {event.number}\n"]
    parts += [_head(event, header)]
    parts += [
        _abridged(abridged, extractor) if abridged else _request(event.exchange.request, extractor)
    ]
    response = event.exchange.response
    decoded = event.response if _is_stream(response) else None
    parts += [outcome_text(response, decoded, event.measured, names, extractor), END]
    return "".join(parts)


def outcome_text(
    response: HttpResponse | Failure,
    decoded: Response | None,
    measured: Measured,
    names: Names | None = None,
    extractor: MediaExtractor = INLINE,
) -> str:
    """`answer` where it helps, `response` and `measured`."""
    parts = []
    if decoded and _is_stream(response):
        items = answer_of(decoded)
        parts += ["answer:\n", *[f"- {block(item, 2)[2:]}" for item in items]] if items else []
    parts.append("response:\n")
    parts.append(
        _failure(response) if isinstance(response, Failure) else _response(response, extractor)
    )
    line = _measured(measured) | ({"ids": dict(names)} if names else {})
    parts += [f"measured: {flow(line)}\n"] if line else []
    return "".join(parts)


def _is_stream(response: HttpResponse | Failure) -> bool:
    return isinstance(response, HttpResponse) and isinstance(response.body, StreamBody)


def _head(event: Event, header: Header) -> str:
    lines: list[tuple[str, str | None]] = [
        ("name", None if event.name is None else scalar(event.name)),
        (
            "session",
            None if event.session == header.session else flow(session_value(event.session)),
        ),
        ("labels", flow(dict(event.labels)) if event.labels else None),
        ("provider", scalar(event.provider)),
        ("api", scalar(event.api)),
        ("model", None if event.model is None else scalar(event.model)),
        ("checks", None if event.checks is None else flow(list(event.checks))),
        ("origin", event.origin),
    ]
    return "".join([f"{key}: {text}\n" for key, text in lines if text is not None])


def _request(request: HttpRequest, extractor: MediaExtractor) -> str:
    return (
        f"request:\n  method: {scalar(request.method)}\n  url: {scalar(request.url)}\n"
        + (_headers(request.headers) if request.headers else "")
        + _body(request.body, request.headers, extractor)
    )


def _abridged(request: Abridged, extractor: MediaExtractor) -> str:
    lines = [f"request:\n  like: {request.like}\n"]
    if request.method is not None:
        lines.append(f"  method: {scalar(request.method)}\n")
    if request.url is not None:
        lines.append(f"  url: {scalar(request.url)}\n")
    if request.headers is not None:
        lines.append(_headers(request.headers))
    if request.without:
        lines.append(f"  without: {flow(list(request.without))}\n")
    if request.order:
        lines.append(f"  order: {flow(list(request.order))}\n")
    body = extractor.value(request.body)
    assert isinstance(body, dict)
    return "".join(lines) + (f"  body:\n{block(body, 4)}" if body else "")


def _response(response: HttpResponse, extractor: MediaExtractor) -> str:
    parts = [f"  status: {response.status}\n"]
    parts += [_headers(response.headers)] if response.headers else []
    parts += [f"  ended: {response.ended}\n"] if response.ended != "complete" else []
    if isinstance(response.body, StreamBody):
        text, framing = write_stream(response.body)
        parts += [f"  framing: {flow([*framing.names])}\n"] if framing.names else []
        parts += [f"  stream:{member(text, 2)}"]
    else:
        parts.append(_body(response.body, response.headers, extractor))
    return "".join(parts)


def _failure(failure: Failure) -> str:
    error: dict[str, Json] = {"kind": failure.kind}
    if failure.message:
        error["message"] = failure.message
    return f"  error: {flow(error)}\n"


def _headers(headers: Mapping[str, str]) -> str:
    return f"  headers: {flow(dict(headers))}\n"


def _body(body: Body | None, headers: Mapping[str, str], extractor: MediaExtractor) -> str:
    if body is None:
        return ""
    if isinstance(body, BinaryBody):
        return f"  base64:{member(extractor.base64(body.data, headers.get('content-type')), 2)}"
    if not isinstance(body, JsonBody):
        return f"  text:{member(body.text, 2)}"
    value = extractor.value(body.value)
    if not value or not isinstance(value, dict | list):
        return f"  body:{member(value, 2)}"
    return f"  body:\n{block(value, 4 if isinstance(value, dict) else 2)}"


def _measured(measured: Measured) -> dict[str, Json]:
    figures: dict[str, Json] = {
        "at": measured.at,
        "model": measured.model,
        "request_id": measured.request_id,
        "input_tokens": measured.input_tokens,
        "output_tokens": measured.output_tokens,
        "duration": _seconds(measured.duration),
        "time_to_first_chunk": _seconds(measured.time_to_first_chunk),
        "attempts": [
            {"status": attempt.status, "duration": _seconds(attempt.duration)}
            for attempt in measured.attempts
        ]
        or None,
    }
    return {key: value for key, value in figures.items() if value is not None}


def _seconds(duration: float | None) -> float | None:
    return None if duration is None else round(duration, 3)
