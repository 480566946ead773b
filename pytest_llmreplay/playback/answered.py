"""A recorded answer as the client library gets it again."""

from __future__ import annotations

from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Ended,
    Failure,
    HttpResponse,
    JsonBody,
    StreamBody,
)

__all__ = ["playback_of", "playback_of_head"]

_NO_ANSWER = 599
_ERROR = 400


def playback_of(response: HttpResponse | Failure) -> Playback:
    """What to hand to the client: a stream in the pieces in which it came, all else whole."""
    if isinstance(response, Failure):
        return Playback(status=_NO_ANSWER, headers=(), chunks=(), ended="cut", failure=response)
    return playback_of_head(
        response.status,
        tuple(response.headers.items()),
        chunks=_chunks(response.body),
        ended=response.ended,
    )


def playback_of_head(
    status: int, headers: tuple[tuple[str, str], ...], *, chunks: tuple[bytes, ...], ended: Ended
) -> Playback:
    """What to hand to the client, of an answer whose body is known in its pieces."""
    if status >= _ERROR:
        # The recorded error was the last attempt; both SDKs obey this header and do not wait.
        headers = (
            *((name, value) for name, value in headers if name != "x-should-retry"),
            ("x-should-retry", "false"),
        )
    return Playback(status=status, headers=headers, chunks=chunks, ended=ended)


def _chunks(body: Body | StreamBody | None) -> tuple[bytes, ...]:
    if body is None:
        return ()
    if isinstance(body, StreamBody):
        return tuple([chunk.data for chunk in body.chunks])
    if isinstance(body, JsonBody):
        return (json_bytes(body.value),)
    return (body.data if isinstance(body, BinaryBody) else body.text.encode(),)
