"""From an exchange to a neutral answer: what is the same in every API format."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from pytest_llmreplay.event import (
    FIRST_ERROR,
    BinaryBody,
    Exchange,
    Failure,
    HttpResponse,
    Json,
    JsonBody,
    Response,
    ResponseError,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_int, as_object, as_text
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.streams.aws_frames import is_aws_stream
from pytest_llmreplay.providers.streams.sse import looks_like_sse

__all__ = ["error_in", "failed", "request_body", "response_of"]

_STATUSES = range(FIRST_ERROR, 600)
_SHOWN = 500

Assemble: TypeAlias = Callable[[Sequence[bytes]], Assembled]
Read: TypeAlias = Callable[[dict[str, Json]], Response | None]
IsStream: TypeAlias = Callable[[bytes], bool]


def request_body(exchange: Exchange) -> dict[str, Json]:
    """The object that was sent; empty where the body is something else."""
    body = exchange.request.body
    return body.value if isinstance(body, JsonBody) and isinstance(body.value, dict) else {}


def response_of(
    exchange: Exchange, *, assemble: Assemble, read: Read, is_stream: IsStream = looks_like_sse
) -> Response:
    """Decode what came of a request; never raises.

    Args:
        exchange: The call.
        assemble: Puts a stream together.
        read: Decodes a plain body; `None` when it is no answer of the format.
        is_stream: Whether bytes are a stream of the format.
    """
    answer = exchange.response
    if isinstance(answer, Failure):
        return failed(answer)
    if isinstance(answer.body, JsonBody):
        return _read_plain(answer, answer.body.value, read)
    data = _bytes_of(answer)
    if is_stream(data) or is_aws_stream(answer.headers.get("content-type", ""), data):
        assembled = assemble([data])
        response = _read_plain(answer, assembled.body, read)
        if assembled.broken is not None and response.error is None:
            response = replace(response, error=_broken(assembled.broken))
        return response if assembled.complete else replace(response, truncated=True)
    return _read_unparsed(answer, data, read)


def _broken(event: str) -> ResponseError:
    """What a client makes of a stream with an event that it cannot read."""
    shown = event if len(event) <= _SHOWN else event[:_SHOWN] + "…"
    message = f"an event of the stream is no JSON: {shown}"
    return ResponseError(status=None, type="damaged_stream", message=message)


def failed(failure: Failure) -> Response:
    """The answer that never came, as an error."""
    message = failure.message or f"no answer: {failure.kind}"
    return Response(error=ResponseError(status=None, type=failure.kind, message=message))


def error_in(status: int | None, body: Json) -> ResponseError | None:
    """The error that a body tells, in the shape of any provider.

    Args:
        status: HTTP status; from 400 on everything is an error.
        body: The parsed body; text where it is no JSON.
    """
    refused = status is not None and status >= FIRST_ERROR
    error = _error_in_body(body)
    if error is None:
        return _unexplained(status, body) if refused else None
    inner = as_object(error)
    return ResponseError(
        status=status if refused else _status_in(inner),
        type=_type_in(inner),
        message=_message_in(error),
        raw=body,
    )


def _bytes_of(answer: HttpResponse) -> bytes:
    match answer.body:
        case StreamBody() as stream:
            return stream.data
        case TextBody(text=text):
            return text.encode("utf-8", errors="surrogatepass")
        case BinaryBody(data=data):
            return data
        case _:
            return b""


def _read_plain(answer: HttpResponse, body: Json, read: Read) -> Response:
    error = _error_of(answer, body)
    response = read(body) if isinstance(body, dict) else None
    if response is not None:
        return replace(response, error=error) if error else response
    return Response(error=error or _not_an_answer(body))


def _error_of(answer: HttpResponse, body: Json) -> ResponseError | None:
    """The error that an answer tells; of Bedrock's, a header tells the type."""
    error = error_in(answer.status, body)
    if error is None or error.type is not None:
        return error
    named, _, _ = answer.headers.get("x-amzn-errortype", "").partition(":")
    return replace(error, type=named or None)


def _read_unparsed(answer: HttpResponse, data: bytes, read: Read) -> Response:
    cut = answer.ended != "complete"
    try:
        body = parse_json(data)
    except ValueError:
        text = data.decode("utf-8", errors="replace")
        error = _error_of(answer, text) or _not_json(text)
        return Response(error=error, truncated=cut)
    return _read_plain(answer, body, read)


def _error_in_body(body: Json) -> Json:
    """The part of a body that tells an error; `None` where there is none."""
    if not isinstance(body, dict):
        return None
    if body.get("error"):
        return body["error"]
    choices = body.get("choices")
    if isinstance(choices, list):
        errors = (choice.get("error") for choice in choices if isinstance(choice, dict))
        return next((error for error in errors if error), None)
    if body.get("status") == "failed" and isinstance(failures := body.get("errors"), list):
        return failures[0] if failures else None  # an interaction of Google's
    return body if body.get("object") == "error" or body.get("type") == "error" else None


def _unexplained(status: int | None, body: Json) -> ResponseError:
    inner = as_object(body)
    message = _message_in(body) if body else ""
    return ResponseError(
        status=status, type=_type_in(inner), message=message or f"HTTP status {status}", raw=body
    )


def _not_an_answer(body: Json) -> ResponseError:
    message = f"the body is no answer of this API: {_shown(body)}"
    return ResponseError(status=None, type="unexpected_body", message=message, raw=body)


def _not_json(text: str) -> ResponseError:
    message = f"the answer is not JSON: {text[:_SHOWN]!r}" if text else "the answer is empty"
    return ResponseError(status=None, type="not_json", message=message, raw=text)


def _status_in(error: dict[str, Json]) -> int | None:
    """The status of an error that came inside a stream, under HTTP 200."""
    found = (as_int(error.get(key)) for key in ("status_code", "code", "status"))
    return next((status for status in found if status in _STATUSES), None)


def _type_in(error: dict[str, Json]) -> str | None:
    found = (as_text(error.get(key)) for key in ("type", "status", "__type", "code"))
    return next((word for word in found if word and word != "error"), None)


def _message_in(error: Json) -> str:
    if isinstance(error, dict):
        found = (as_text(error.get(key)) for key in ("message", "detail", "error", "msg"))
        return next((words for words in found if words), _shown(error))
    return error[:_SHOWN] if isinstance(error, str) else _shown(error)


def _shown(value: Json) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:_SHOWN]
    except RecursionError:
        return f"a {type(value).__name__}"
