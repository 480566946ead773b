"""Requests and answers as a document tells them: from parsed YAML to the exchange.

The text that is parsed here is written by layout.py.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from pytest_llmreplay.cassette.streams.block import read_stream
from pytest_llmreplay.cassette.streams.framing import Framing
from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import (
    STATUSES,
    Attempt,
    BinaryBody,
    Body,
    Ended,
    Failure,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    StreamBody,
    TextBody,
)

__all__ = ["body_of", "measured_of", "response_of"]

ENDINGS: tuple[Ended, ...] = ("complete", "left", "cut", "cancelled", "timeout")

_RESPONSE = frozenset(
    ["status", "headers", "body", "text", "base64", "stream", "framing", "ended", "error"]
)
_ERROR = frozenset(["kind", "message"])
_BODIES = frozenset(["body", "text", "base64", "stream"])
_MEASURED = frozenset(
    [
        "at",
        "model",
        "request_id",
        "input_tokens",
        "output_tokens",
        "duration",
        "time_to_first_chunk",
        "attempts",
        "ids",
    ]
)
_ATTEMPT = frozenset(["status", "duration"])
_SOME_MOMENT = "2026-11-20T17:00:00.412Z"


def response_of(value: Json) -> HttpResponse | Failure:
    """What came of a request: the value under `response`."""
    fields = Fields(value, ("response",), _RESPONSE)
    if "error" in fields:
        return _failure_of(fields)
    status = fields.integer("status")
    if status not in STATUSES:
        problem = f"expected a status of HTTP, as 200 or 429, found {status}"
        raise WrongField((*fields.path, "status"), problem)
    return HttpResponse(
        status=status,
        headers=fields.texts_by_name("headers"),
        body=_stream_of(fields) if "stream" in fields else body_of(fields),
        ended=fields.choice("ended", ENDINGS, "complete"),
    )


def body_of(fields: Fields) -> Body | None:
    """The body of a request or of an answer in one piece, under the key that says its kind."""
    given = _BODIES & fields.value.keys()
    if len(given) > 1:
        raise WrongField(fields.path, f"only one of {' and '.join(sorted(given))} can be the body")
    if "body" in given:
        return JsonBody(value=fields.value["body"])
    if "text" in given:
        return TextBody(text=fields.text("text"))
    if "base64" in given:
        return BinaryBody(data=_bytes_of(fields))
    return None


def measured_of(value: Json) -> Measured:
    """What differs on every recording: the value under `measured`."""
    fields = Fields(value, ("measured",), _MEASURED)
    return Measured(
        at=_moment_of(fields),
        model=fields.text_or_none("model"),
        request_id=fields.text_or_none("request_id"),
        input_tokens=fields.integer_or_none("input_tokens"),
        output_tokens=fields.integer_or_none("output_tokens"),
        duration=fields.number_or_none("duration"),
        time_to_first_chunk=fields.number_or_none("time_to_first_chunk"),
        attempts=tuple(_attempts_of(fields.value.get("attempts", []))),
    )


def _moment_of(fields: Fields) -> str | None:
    given = fields.text_or_none("at")
    try:
        datetime.fromisoformat(given or _SOME_MOMENT)
    except ValueError:
        problem = f"expected a moment as {_SOME_MOMENT!r}, found {given!r}"
        raise WrongField((*fields.path, "at"), problem) from None
    return given


def _attempts_of(value: Json) -> list[Attempt]:
    path: Path = ("measured", "attempts")
    if not isinstance(value, list):
        raise WrongField(path, "expected a list")
    attempts = []
    for place, given in enumerate(value):
        fields = Fields(given, (*path, place), _ATTEMPT)
        duration = fields.number_or_none("duration")
        attempts.append(Attempt(status=fields.integer_or_none("status"), duration=duration or 0.0))
    return attempts


def _failure_of(fields: Fields) -> Failure:
    if len(fields.value) > 1:
        raise WrongField(fields.path, "where no answer came, `error` stands alone")
    error = Fields(fields.value["error"], ("response", "error"), _ERROR)
    kind = error.choice("kind", ("connect", "timeout", "cut", "cancelled"), "")
    message = error.text_or_none("message") or ""
    return Failure(kind=kind, message=message)  # type: ignore[arg-type]  # one of these words


def _stream_of(fields: Fields) -> StreamBody:
    if given := (_BODIES - {"stream"}) & fields.value.keys():
        raise WrongField(fields.path, f"only one of stream and {min(given)} can be the body")
    try:
        framing = Framing.named(fields.texts("framing"))
    except KeyError as unknown:
        raise WrongField((*fields.path, "framing"), f"unknown framing {unknown}") from None
    try:
        return read_stream(fields.text("stream"), framing)
    except CassetteDamaged as problem:
        path = (*fields.path, "stream", problem.line or 1)
        raise WrongField(path, problem.problem) from problem


def _bytes_of(fields: Fields) -> bytes:
    try:
        return base64.b64decode(fields.text("base64"), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise WrongField((*fields.path, "base64"), f"not base64: {problem}") from problem
