"""A recorded answer as the client library gets it again."""

from __future__ import annotations

import json

from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Failure,
    HttpResponse,
    JsonBody,
    StreamBody,
)

__all__ = ["playback_of"]

_NO_ANSWER = 599
_ERROR = 400
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def playback_of(response: HttpResponse | Failure) -> Playback:
    """What to hand to the client: a stream in the pieces in which it came, all else whole."""
    if isinstance(response, Failure):
        return Playback(status=_NO_ANSWER, headers=(), chunks=(), ended="cut", failure=response)
    headers = tuple(response.headers.items())
    if response.status >= _ERROR:
        # The recorded error was the last attempt; both SDKs obey this header and do not wait.
        headers = (
            *((name, value) for name, value in headers if name != "x-should-retry"),
            ("x-should-retry", "false"),
        )
    return Playback(
        status=response.status,
        headers=headers,
        chunks=_chunks(response.body),
        ended=response.ended,
    )


def _chunks(body: Body | StreamBody | None) -> tuple[bytes, ...]:
    if body is None:
        return ()
    if isinstance(body, StreamBody):
        return tuple(chunk.data for chunk in body.chunks)
    if isinstance(body, JsonBody):
        return (_encoded(body),)
    return (body.data if isinstance(body, BinaryBody) else body.text.encode(),)


def _encoded(body: JsonBody) -> bytes:
    try:
        return _ENCODER.encode(body.value).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair is valid JSON only as an escape.
        return json.dumps(body.value, separators=(",", ":")).encode()
