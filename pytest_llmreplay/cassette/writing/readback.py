"""What was written is read again and compared before it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import (
    Body,
    Event,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    StreamBody,
)

__all__ = ["check_same"]

_HALF_A_MILLISECOND = 0.0005001


def check_same(written: Event, read: Event) -> None:
    """Raise CassetteError, naming the field, where a document would be read as another event."""
    field = next(_differences(written, read), None)
    if field is not None:
        raise CassetteError(
            f"event {written.number} would not be read back as it was recorded: {field} differs. "
            "Nothing was written. This is a fault of pytest-llmreplay: please report it"
        )


def _differences(written: Event, read: Event) -> Iterator[str]:
    for name in ("number", "name", "session", "provider", "api", "model", "checks", "origin"):
        if getattr(written, name) != getattr(read, name):
            yield name
    if dict(written.labels) != dict(read.labels):
        yield "labels"
    yield from _request(written.exchange.request, read.exchange.request)
    yield from _response(written.exchange.response, read.exchange.response)
    if not _same_measured(written.measured, read.measured):
        yield "measured"


def _request(written: HttpRequest, read: HttpRequest) -> Iterator[str]:
    if (written.method, written.url) != (read.method, read.url):
        yield "request.url"
    if dict(written.headers) != dict(read.headers):
        yield "request.headers"
    if not _same_body(written.body, read.body):
        yield "request.body"


def _response(written: HttpResponse | Failure, read: HttpResponse | Failure) -> Iterator[str]:
    if isinstance(written, Failure) or isinstance(read, Failure):
        if written != read:
            yield "response.error"
        return
    if (written.status, written.ended) != (read.status, read.ended):
        yield "response.status"
    if dict(written.headers) != dict(read.headers):
        yield "response.headers"
    if isinstance(written.body, StreamBody) or isinstance(read.body, StreamBody):
        if not _same_stream(written.body, read.body):
            yield "response.stream"
    elif not _same_body(written.body, read.body):
        yield "response.body"


def _same_body(written: Body | None, read: Body | None) -> bool:
    if isinstance(written, JsonBody) and isinstance(read, JsonBody):
        mine, theirs = written.value, read.value
        return _same_json(mine, theirs) or json.dumps(mine) == json.dumps(theirs)
    return written == read


def _same_json(written: Json, read: Json) -> bool:
    """Whether two values are the same JSON, the order of keys included; a no may be wrong."""
    if written.__class__ is not read.__class__:
        return False
    if isinstance(written, dict) and isinstance(read, dict):
        return [*written] == [*read] and all(map(_same_json, written.values(), read.values()))
    if isinstance(written, list) and isinstance(read, list):
        return len(written) == len(read) and all(map(_same_json, written, read))
    return repr(written) == repr(read) if isinstance(written, float) else written == read


def _same_stream(written: Body | StreamBody | None, read: Body | StreamBody | None) -> bool:
    if not isinstance(written, StreamBody) or not isinstance(read, StreamBody):
        return False
    return len(written.chunks) == len(read.chunks) and all(
        one.data == other.data and _close(one.at, other.at)
        for one, other in zip(written.chunks, read.chunks, strict=True)
    )


def _same_measured(written: Measured, read: Measured) -> bool:
    exact = ("at", "model", "request_id", "input_tokens", "output_tokens")
    if any(getattr(written, name) != getattr(read, name) for name in exact):
        return False
    mine, theirs = _durations(written), _durations(read)
    return len(mine) == len(theirs) and all(map(_close, mine, theirs))


def _durations(measured: Measured) -> list[float | None]:
    attempts = [attempt.duration for attempt in measured.attempts]
    return [measured.duration, measured.time_to_first_chunk, *attempts]


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _HALF_A_MILLISECOND
